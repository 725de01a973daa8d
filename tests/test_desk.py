"""The desk: it runs a prose template over facts and cuts what was written into sentences of plain words and claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from handmade import TODAY, fact

from generator import stationery
from generator.commentary import Desk
from generator.edition import Claim
from generator.errors import RenderError, UnprovenText, UnsupportedSaying
from generator.model import Gap
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GAP = fact(0.7, Unit.POINTS, key="size.relative.1s")
MISSING = Gap(key="fx.eurusd", label="Euro in dollars", reason="not before 1999")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Desk]:
    """Give a desk whose only template is the one given, with one fact and one gap."""

    def opened(source: str) -> Desk:
        (tmp_path / "story.jinja").write_text(source, encoding="utf-8")
        monkeypatch.setattr(stationery, "folder", lambda *_: tmp_path)
        return Desk(
            facts={GAP.key: GAP},
            gaps={MISSING.key: MISSING},
            today=TODAY,
            given={"kind": "daily", "h": "1s", "lead": ""},
        )

    return opened


def told(desk: Desk, source: str = "told") -> tuple[str, ...]:
    """Write a macro and give its sentences as they are read."""
    return tuple(one.text for one in desk.sentences(desk.write("story", source), where="story.jinja"))


def test_what_a_form_prints_becomes_a_claim(desk: Callable[[str], Desk]) -> None:
    """With its fact, its form and its arguments; the words around it stay plain."""
    made = desk('{% macro told() %}Small caps {{ f("size.relative", h) | by_size(short=1) }} it is.{% endmacro %}')

    (sentence,) = made.sentences(made.write("story", "told"), where="story.jinja")

    claim = Claim(fact="size.relative.1s", say="by_size", text="by 0.7 points", args=(("short", "1"),))
    assert sentence.pieces == ("Small caps ", claim, " it is.")


def test_a_stop_inside_a_claim_ends_no_sentence(desk: Callable[[str], Desk]) -> None:
    """Neither "0.7" nor the words of a claim are cut; a stop before a space is where sentences part."""
    made = desk('{% macro told() %}They {{ f("size.relative.1s") | beat_by }}.  So it\nwas.{% endmacro %}')

    assert told(made) == ("They led by 0.7 percentage points.", "So it was.")


def test_blanks_and_line_breaks_do_not_matter(desk: Callable[[str], Desk]) -> None:
    """One blank between words, none before a stop."""
    assert told(desk("{% macro told() %}\n  So   it\n was , here .\n{% endmacro %}")) == ("So it was, here.",)


def test_a_pilcrow_parts_paragraphs_and_an_empty_one_is_none(desk: Callable[[str], Desk]) -> None:
    """So that a condition may leave a paragraph out."""
    made = desk("{% macro told() %}So it is.¶{% if kind == 'weekly' %}Not here.{% endif %}¶And so.{% endmacro %}")

    found = made.paragraphs(made.write("story", "told"), where="story.jinja")

    assert [[one.text for one in paragraph] for paragraph in found] == [["So it is."], ["And so."]]


def test_a_line_is_one_sentence_whatever_stops_it_holds(desk: Callable[[str], Desk]) -> None:
    """A headline or title is never cut."""
    made = desk("")

    assert made.line("The Fed. And so on", where="title").text == "The Fed. And so on"


def test_a_macro_that_a_story_does_not_have_is_empty(desk: Callable[[str], Desk]) -> None:
    """Not every story has a headline."""
    assert desk("{% macro told() %}So.{% endmacro %}").write("story", "headline") == ""


def test_typed_words_cannot_pass_for_a_claim(desk: Callable[[str], Desk]) -> None:
    """The same words, typed, are read by the guard and refused with the template's name."""
    made = desk("{% macro told() %}Small caps beat large caps by 0.7 percentage points.{% endmacro %}")

    with pytest.raises(UnprovenText, match=r"story\.jinja.*'beat' \(direction") as caught:
        told(made)
    assert any("0.7" in finding for finding in caught.value.findings)


def test_a_gap_cannot_be_said(desk: Callable[[str], Desk]) -> None:
    """A template must ask first whether there is a fact."""
    with pytest.raises(UnsupportedSaying, match=r"fx\.eurusd"):
        told(desk('{% macro told() %}{{ f("fx.eurusd") | figure }}{% endmacro %}'))


def test_a_key_that_is_neither_fact_nor_gap_is_a_gap(desk: Callable[[str], Desk]) -> None:
    """So that `is fact` can be asked of any key."""
    found = desk("").find("no", "such", "key")

    assert isinstance(found, Gap)
    assert found.key == "no.such.key"


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("{% macro told() %}{{ nothing }}{% endmacro %}", "'nothing' is undefined"),
        ("{% macro told() %}{{ f('size.relative.1s') | rose }}{% endmacro %}", "No filter named 'rose'"),
        ("{% macro told() %}{% if %}{% endmacro %}", "story.jinja"),
    ],
)
def test_a_mistake_in_a_template_names_it(desk: Callable[[str], Desk], source: str, named: str) -> None:
    """A RenderError with the file, the macro and what is wrong."""
    with pytest.raises(RenderError, match=named) as caught:
        told(desk(source))

    assert "templates/prose/story.jinja, told" in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("one is fact", True), ("gone is gap", True), ("one is up", True), ("one is down", False),
        ("one is still", False), ("one is level", False), ("one is above_zero", True), ("one is below_zero", False),
        ("one is high", True), ("one is superlative", True), ("one is run", False), ("one is run_ended", False),
        ("one is same_sign_as(one)", True), ("has('size.relative.1s')", True), ("has('fx.eurusd')", False),
    ],
)  # fmt: skip
def test_a_template_can_ask(desk: Callable[[str], Desk], asked: str, answer: bool) -> None:  # noqa: FBT001
    """What can be tested of a fact of +0.7 points, 74th percentile, the largest in 32 sessions."""
    source = (
        "{% set one = f('size.relative.1s') %}{% set gone = f('fx.eurusd') %}"
        "{% macro told() %}{% if " + asked + " %}Yes.{% else %}No.{% endif %}{% endmacro %}"
    )

    assert told(desk(source)) == ("Yes." if answer else "No.",)
