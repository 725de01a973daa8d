"""The docs: commands, settings, errors, codes, facts and forms of words stand there as they are, and no others."""

from __future__ import annotations

import argparse
import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator import errors
from generator.cli import parser
from generator.config import Settings
from generator.edition import json_schema
from generator.errors import CaplineError
from generator.facts.day import QUARTER
from generator.stories import APART, CALM
from generator.wording import FORMS
from generator.wording.terms import RARE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsroom import Newsroom

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def text(name: str) -> str:
    """Read a page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    """Give the commands and their parsers."""
    (found,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    return dict(found.choices)


# --- commands ---------------------------------------------------------------------------------------------------


def calls() -> Iterator[tuple[str, str]]:
    """Every call of the command in the docs, in code spans and blocks, with its page."""
    for page in PAGES:
        code = re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL)
        for one in code:
            yield from ((page.name, call) for call in re.findall(r"(?:capline|-m generator) ([a-z]+[^\n`#]*)", one))


def test_every_command_named_in_the_docs_exists_with_its_options() -> None:
    """No page tells of a command or option that there is not."""
    for page, call in calls():
        name, *words = call.split()
        if name not in commands():
            pytest.fail(f"{page}: capline {name}")
        known = set(commands()[name]._option_string_actions)  # noqa: SLF001
        assert {word.strip("[]|,.;)") for word in words if word.startswith("--")} <= known, f"{page}: {call}"


def test_the_readme_names_every_command_and_every_option() -> None:
    """So that a person can find it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"capline {name}" in readme
        for option in command._option_string_actions:  # noqa: SLF001
            assert option in readme or option in {"-h", "--help"}, f"{name} {option}"


# --- settings ---------------------------------------------------------------------------------------------------


def test_newsletter_toml_holds_every_setting_with_its_default() -> None:
    """And none that there is not. Series of the user's own, of which there are none by default, stand in comments."""
    text = (ROOT / "newsletter.toml").read_text(encoding="utf-8")
    examples = re.sub(r"^#   ", "", text, flags=re.MULTILINE)

    assert tomllib.loads(text) == Settings().model_dump(mode="json", exclude={"series"})
    own = Settings.model_validate(tomllib.loads(examples)).series
    assert [(one.id, one.file, one.yahoo) for one in own] == [
        ("survey.orders", "orders.csv", ""),
        ("price.NVDA", "", "NVDA"),
    ]


def test_every_setting_is_explained_above_it() -> None:
    """By a comment of its own."""
    lines = (ROOT / "newsletter.toml").read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"[a-z]+ = ", line):
            assert before.startswith("# "), line


# --- errors -----------------------------------------------------------------------------------------------------


def test_every_error_stands_in_the_table_with_its_code() -> None:
    """docs/exit-codes.md names each class once more than none, and no class that there is not."""
    told = {
        name: int(code)
        for code, names in re.findall(r"^\| (\d+) \| (`[^|]*`) \|", text("exit-codes.md"), re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    classes = {
        name: one.exit_code
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, CaplineError) and one is not CaplineError
    }

    assert told == classes


def test_every_code_is_told() -> None:
    """In the table of codes, and in `capline --help`."""
    codes = {one.exit_code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, CaplineError)}
    for code in codes:
        assert re.search(rf"^\| {code} \|", text("exit-codes.md"), re.MULTILINE)
        assert re.search(rf"\b{code} ", parser().epilog or "")


# --- facts ------------------------------------------------------------------------------------------------------

PARTS = {
    "n": r"\d+", "p": r"(?:mtd|qtd|ytd)", "leg": r"(?:small|large)", "tenor": r"\d+[my]", "slope": r"(?:2s10s|3m10y)",
    "kind": r"(?:first_cuts|all_cuts|hikes)", "day": r"\d{4}-\d{2}-\d{2}", "index": r"(?:cpi|core)",
}  # fmt: skip


def patterns() -> set[str]:
    """The keys in the first column of the tables of docs/facts.md, as patterns."""
    found = set()
    keys = text("facts.md").split("## Evidence")[0]
    for column in re.findall(r"^\| (`[^|]*`) \|", keys, re.MULTILINE):
        first = ""
        for key in re.findall(r"`([^`]+)`", column):
            first = first if key.startswith(".") else key
            whole = first.rpartition(".")[0] + key if key.startswith(".") else key
            found.add(re.sub(r"\\\{(\w+)\\\}", lambda part: PARTS[part[1]], re.escape(whole)))
    found |= {rf"fx\.{pair}\.ytd" for pair in ("eurusd", "gbpusd")}  # told in the words beside them
    return found


def test_every_fact_is_in_the_docs_and_every_pattern_there_is_a_fact(room: Newsroom) -> None:
    """docs/facts.md and the facts of the newest letter have the same keys."""
    keys = room.findings("2026-03-31").facts.keys()

    assert [key for key in keys if not any(re.fullmatch(pattern, key) for pattern in patterns())] == []
    assert [one for one in patterns() if not any(re.fullmatch(one, key) for key in keys)] == []


def test_every_key_of_a_gap_is_in_the_docs(room: Newsroom) -> None:
    """The second table names each that some day has."""
    section = text("facts.md").split("## Gaps")[1]
    told = [
        re.sub(r"\\\{(\w+)\\\}", lambda part: PARTS[part[1]], re.escape(key))
        for key in re.findall(r"`([^`]+)`", section)
    ]
    for day in ("1928-06-01", "1960-05-02", "1989-12-29", "2024-09-18", "2026-02-27"):
        for key in room.findings(day).gaps:
            assert any(re.fullmatch(pattern, key) for pattern in told), f"{day}: {key}"


def test_the_docs_say_which_days_are_quiet_and_rare() -> None:
    """As the code has it."""
    section = " ".join(text("newsworthiness.md").split("## Quiet days")[1].split("\n## Headlines")[0].split())

    assert pytest.approx(200 / 3) == CALM
    assert "above two thirds" in section
    assert f"at most {RARE:g}%" in section
    assert f"at least {APART:g} percentile points" in section
    assert f"the last {QUARTER} sessions" in section


# --- the rest ---------------------------------------------------------------------------------------------------


def test_every_form_of_words_is_in_the_docs_and_no_other() -> None:
    """docs/prose.md has a row for each form."""
    section = text("prose.md").split("## Forms of words")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(FORMS)


def test_the_schema_is_that_of_the_code() -> None:
    """docs/edition.schema.json is what edition.json is checked against."""
    assert json.loads(text("edition.schema.json")) == json_schema()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Every link to another page, file or folder of the repository."""
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_in_the_docs_runs(page: Path) -> None:
    """Every Python block of a page, in order."""
    known: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        exec(compile(block, page.name, "exec"), known)  # noqa: S102 -- our own pages
