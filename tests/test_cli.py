"""The command line: what it makes, what it prints, its exit codes, and that nothing it refuses is half-written."""

from __future__ import annotations

import fcntl
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from newsroom import ROOT, TODAY, capline, settings_file

from generator import cli
from generator.cli import FORMS, KINDS, commands, parser
from generator.commentary import KINDS as PLANNED
from generator.render import FORMS as RENDERED

if TYPE_CHECKING:
    from collections.abc import Callable

HEAVY = ("pandas", "numpy", "duckdb", "pydantic", "jinja2", "weasyprint", "vl_convert", "exchange_calendars")
COMMANDS = ("fetch", "build", "show", "verify", "archive", "sources", "explain", "run", "status", "watch")


@pytest.fixture
def office(tmp_path: Path, store_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with settings that name the loaded store and `out`, and stand in it on 2 November 2026."""
    settings_file(tmp_path, store_file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_today", lambda: TODAY)
    return tmp_path


@pytest.fixture
def call(office: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process; gives its exit code and what it printed."""
    assert office.exists()

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.run(list(arguments))
        except SystemExit as stop:
            code = int(str(stop.code))
        found = capsys.readouterr()
        return code, found.out, found.err

    return run


def files(folder: Path) -> set[str]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# --- help -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",), *((name, "--help") for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither an engine nor a library beyond the standard one, whichever command is asked for help."""
    code = (
        "import sys\nfrom generator import cli\n"
        f"try:\n    cli.run({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stderr.strip() == "[]"
    assert len(ran.stdout) > 10


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_written_for_a_person(call: Callable[..., tuple[int, str, str]], name: str) -> None:
    """Each option has its words, and a line fits a terminal."""
    code, out, _ = call(name, "--help")

    assert code == 0
    assert all(len(line) <= 100 for line in out.splitlines())
    for action in parser()._subparsers._group_actions[0].choices[name]._actions:  # type: ignore[union-attr, index]  # noqa: SLF001
        assert action.help


def test_the_command_line_knows_the_kinds_and_forms_there_are() -> None:
    """It names them itself, so that help need not load who makes them."""
    assert (KINDS, FORMS) == (PLANNED, RENDERED)


# --- what it makes ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the one command in an empty folder: no settings, no store, no key."""
    folder = tmp_path_factory.mktemp("fresh")
    return folder, capline(folder, "build", PYTHONHASHSEED="1")


def test_a_fresh_folder_has_its_letter_with_one_command(
    fresh: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """The newest session in every form, and where each lies; no draft and no lock stays."""
    folder, ran = fresh
    named = re.findall(r"output/editions/\S+", ran.stdout)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("2026-03-31-daily: ")
    assert {Path(name).name for name in named} == {
        "index.html", "letter.eml", "letter.txt", "letter-a4.pdf", "letter-letter.pdf", "edition.json",
    }  # fmt: skip
    assert all((folder / name).is_file() for name in named)
    assert not [name for name in files(folder) if Path(name).name.startswith(".")]


def test_a_second_run_gives_the_same_bytes(fresh: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """In another process, another time zone and language, with another seed for hashes."""
    folder, _ = fresh
    other = {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}

    assert capline(folder, "build", "--output", "two", **other).returncode == 0

    assert len(files(folder / "two")) > 6
    for name in files(folder / "two"):
        assert (folder / "two" / name).read_bytes() == (folder / "output" / name).read_bytes(), name


def test_the_same_letter_again_is_the_same_file(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """A letter does not remember itself."""
    call("build", "--as-of", "1960-05-02", "--format", "json")
    before = (office / "out/editions/1960-05-02-daily/edition.json").read_bytes()
    call("build", "--as-of", "1960-05-02", "--format", "json")

    assert (office / "out/editions/1960-05-02-daily/edition.json").read_bytes() == before


@pytest.mark.parametrize("form", FORMS)
def test_only_the_forms_asked_for_are_made(office: Path, call: Callable[..., tuple[int, str, str]], form: str) -> None:
    """One form alone, each once; the list of the chain lies beside the folders of editions."""
    code, out, _ = call("build", "--as-of", "1960-05-02", "--format", form, form)
    made = {Path(name).name for name in files(office / "out") if "fonts" not in name} - {"chain.json"}

    assert code == 0
    assert made == {
        "web": {"index.html", "evidence.html"}, "mail": {"letter.eml"}, "text": {"letter.txt"},
        "json": {"edition.json"}, "pdf": {"letter-a4.pdf", "letter-letter.pdf"},
    }[form]  # fmt: skip
    assert all(name in out for name in made - {"evidence.html"})


@pytest.mark.parametrize(
    ("arguments", "edition"),
    [
        (("--kind", "weekly"), "2026-03-27-weekly"),
        (("--kind", "decision", "--as-of", "2020-03-15"), "2020-03-15-decision"),
        (("--only", "slope", "policy"), "2026-03-31-daily-slope-policy"),
        (("--as-of", "2024-09-21"), "2024-09-20-daily"),
        (("--source", "sample", "--as-of", "1960-05-02"), "1960-05-02-daily"),
    ],
)
def test_build_makes_what_is_asked_for(
    office: Path, call: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], edition: str
) -> None:
    """A kind, a day, some stories, a source: the folder has the edition's name."""
    code, out, _ = call("build", "--format", "json", *arguments)

    assert (code, out.partition(":")[0]) == (0, edition)
    found = json.loads((office / "out" / "editions" / edition / "edition.json").read_bytes())
    assert found["id"] == edition


def test_show_prints_the_letter_and_writes_nothing(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """The text form, as build writes it."""
    code, out, _ = call("show", "--as-of", "1960-05-02")
    assert not (office / "out").exists()
    call("build", "--as-of", "1960-05-02", "--format", "text")

    assert code == 0
    assert out == (office / "out/editions/1960-05-02-daily/letter.txt").read_text(encoding="utf-8")


def test_a_moved_day_is_said_in_the_letter(call: Callable[..., tuple[int, str, str]]) -> None:
    """A holiday: the session before, and a notice that says so."""
    _, out, _ = call("show", "--as-of", "2024-07-04")

    assert "4 July 2024 was no session; this letter is about the session before," in " ".join(out.split())


def test_verify_finds_a_changed_digit_and_exits_with_one(
    office: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    """The whole way: build, verify, change, verify; a table names fact, place, what is printed and expected."""
    call("build", "--as-of", "1960-05-02", "--format", "text", "json")
    folder = office / "out" / "editions" / "1960-05-02-daily"
    good = call("verify", str(folder / "letter.txt"))
    changed = re.sub(r"\+0\.\d", "+7.7", (folder / "letter.txt").read_text(encoding="utf-8"), count=1)
    (folder / "letter.txt").write_text(changed, encoding="utf-8")
    bad = call("verify", str(folder / "letter.txt"))

    assert good[0] == 0
    assert "no difference" in good[1]
    assert bad[0] == 1
    assert re.search(r"WHERE +FACT +PRINTED +EXPECTED", bad[1])
    assert "+7.7" in bad[1]


def test_sources_lists_every_series_and_how_fresh_it_is(call: Callable[..., tuple[int, str, str]]) -> None:
    """From where, through when, known when; as of an evening only what was known then."""
    code, out, _ = call("sources", "--as-of", "2024-09-18")
    table, rules, terms = out.split("\n\n")
    rows = {line.split()[0]: line for line in table.splitlines()[2:]}

    assert code == 0
    assert "2024-09-17" in rows["rates.DGS10"]
    assert "1 d" in rows["rates.DGS10"]
    assert "Kenneth R. French" in rows["size.vw_q2"]
    assert len(rows) == 40
    assert "  h15\n    published at 16:15 in New York" in rules
    assert "public domain" in terms


def test_live_data_without_a_fetch_is_told(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """There is no store of live data yet, and nothing is made up: the hint names the command that makes one."""
    assert office.exists()
    for command in (("show", "--source", "live"), ("sources", "--source", "live")):
        code, _, err = call(*command)
        assert code == 4
        assert "there is no store here" in err
        assert "capline fetch" in err


def test_fetch_refuses_what_is_none_before_it_asks(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """An unknown series or source is wrong use, with the nearest name; a date that is none too."""
    (office / "newsletter.toml").write_text('[fetch]\nstore = "live.duckdb"\n', encoding="utf-8")
    for wish, near in ((("--series", "rates.DGS01"), "rates.DGS"), (("--source", "yaho"), "yahoo")):
        code, _, err = call("fetch", *wish)
        assert code == 2
        assert f"did you mean '{near}" in err
    assert call("fetch", "--since", "yesterday")[0] == 2


def test_a_key_that_others_can_read_is_not_used(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """The hint mends it; the key is in no message."""
    secret = office / ".env"
    secret.write_text("FRED_API_KEY=0123456789abcdef0123456789abcdef\n", encoding="utf-8")
    secret.chmod(0o644)
    code, out, err = call("fetch", "--series", "rates.DGS10")

    assert code == 2
    assert "chmod 600" in err
    assert "0123456789abcdef" not in out + err


def test_explain_tells_a_fact(call: Callable[..., tuple[int, str, str]]) -> None:
    """Its value, formula, evidence with digest, standing and history."""
    code, out, _ = call("explain", "rates.slope.2s10s", "--as-of", "2026-03-31")

    assert code == 0
    for word in ("53 basis points", "formula", "rates.DGS10", "2026-03-30", "percentile", "latest values"):
        assert word in out
    assert re.search(r"\b[0-9a-f]{64}\b", out)


def test_explain_tells_a_sentence_a_fact_and_the_scores_of_an_edition(
    office: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    """Everything sentence 1 rests on; a fact of that edition; how newsworthy each story was."""
    call("build", "--format", "json")
    edition = str(office / "out/editions/2026-03-31-daily/edition.json")

    sentence, fact, scores = (
        call("explain", "--edition", edition, *more) for more in (("--sentence", "1"), ("size.beta",), ())
    )

    assert [sentence[0], fact[0], scores[0]] == [0, 0, 0]
    assert "2026-03-31-daily, sentence 1 (headline)" in sentence[1]
    assert "size.return.small.1s" in sentence[1]
    assert fact[1].startswith("size.beta: ")
    assert re.search(r"gap +6\.8", scores[1])


def test_explain_says_why_there_is_no_such_fact(call: Callable[..., tuple[int, str, str]]) -> None:
    """A gap has its reason."""
    code, _, err = call("explain", "fx.eurusd", "--as-of", "1989-12-29")

    assert code == 4
    assert "4 January 1999" in err


# --- what it refuses --------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[tuple[str, ...], int, tuple[str, ...]]] = {
    "no command": (("bild",), 2, ("bild", "--help")),
    "no date": (("build", "--as-of", "18.9.2024"), 2, ("'18.9.2024'", "2024-09-18")),
    "before the data": (("build", "--as-of", "1920-01-02"), 2, ("1920-01-02", "before the data", "1927-05-0")),
    "in the future": (("build", "--as-of", "2031-01-02"), 2, ("2031-01-02", "future", "2026-03-31")),
    "beyond the sample": (("build", "--as-of", "2026-06-15"), 4, ("2026-06-15", "--as-of 2026-03-31")),
    "a source": (("build", "--source", "sampel"), 2, ("sampel", "did you mean 'sample'")),
    "a kind": (("build", "--kind", "weekely"), 2, ("weekely", "did you mean 'weekly'")),
    "a form": (("build", "--format", "web", "pfd"), 2, ("pfd", "did you mean 'pdf'")),
    "a story": (("build", "--as-of", "1960-05-02", "--only", "gep"), 2, ("gep", "did you mean 'gap'")),
    "a story without its facts": (("build", "--as-of", "1960-05-02", "--only", "policy"), 2, ("policy", "gap")),
    "a decision before the first": (("build", "--as-of", "1960-05-02", "--kind", "decision"), 4, ("13 July 1990",)),
    "a fact": (("explain", "rates.slope.2s10"), 2, ("did you mean 'rates.slope.2s10s'",)),
    "no fact": (("explain",), 2, ("FACT_KEY", "--edition")),
    "a missing edition": (("explain", "--edition", "gone.json"), 2, ("gone.json",)),
    "a missing file": (("verify", "gone.html"), 2, ("gone.html",)),
    "a file of no kind": (("verify", "newsletter.toml"), 2, (".toml", ".html")),
    "a missing settings file": (("build", "--config", "gone.toml"), 2, ("gone.toml", "No such file")),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_wrong_is_named_with_the_nearest_right_and_nothing_is_written(
    office: Path, call: Callable[..., tuple[int, str, str]], what: str
) -> None:
    """An exit code for the reaction, a line that names the thing, a hint; no file."""
    arguments, code, words = WRONG[what]

    found = call(*arguments)

    assert (found[0], found[1]) == (code, "")
    for word in words:
        assert word in found[2]
    assert "hint: " in found[2]
    assert files(office) == {"newsletter.toml"}


SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "no TOML": ("[build\n", ("newsletter.toml", "TOML")),
    "a section": ("[biuld]\n", ("biuld", "did you mean 'build'")),
    "a key": ("[build]\nformat = ['web']\n", ("format", "did you mean 'formats'")),
    "a key at the top": ("source = 'sample'\n", ("source",)),
    "a section that is none": ("build = 3\n", ("[build] is not a table",)),
    "a form": ("[build]\nformats = ['wbe']\n", ("build.formats", "'wbe'")),
    "no forms": ("[build]\nformats = []\n", ("build.formats",)),
    "a paper": ("[build]\npapers = ['a5']\n", ("build.papers", "'a5'")),
    "a number": ("[build]\nmemory = -1\n", ("build.memory", "-1")),
    "a kind of value": ("[letter]\nname = 7\n", ("letter.name", "7")),
    "a sender": ("[letter]\nsender = 'nobody'\n", ("letter.sender", "'nobody'")),
    "a second header": ('[letter]\nname = "A\\r\\nBcc: x@y.example"\n', ("letter.name",)),
    "a source": ("[build]\nsource = 'bloomberg'\n", ("bloomberg", "sample")),
}


@pytest.mark.parametrize("what", sorted(SETTINGS))
def test_a_setting_that_does_not_fit_is_named(
    office: Path, call: Callable[..., tuple[int, str, str]], what: str
) -> None:
    """With its place, its value and, for a name, the nearest."""
    text, words = SETTINGS[what]
    (office / "newsletter.toml").write_text(text, encoding="utf-8")

    code, _, err = call("build")

    assert code == 2
    for word in words:
        assert word in err
    assert files(office) == {"newsletter.toml"}


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : len(content) // 2] = b"\0" * (len(content) // 2 - 4096)
    file.write_bytes(content)


def _other_version(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE meta SET version = 99")


def _other_tables(file: Path) -> None:
    file.unlink()
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE mine (x INTEGER)")


STORES: dict[str, tuple[Callable[[Path], object], str]] = {
    "damaged": (_damage, "damaged"),
    "cut off": (lambda file: os.truncate(file, 5_000), ""),
    "not a store": (lambda file: file.write_text("my notes", encoding="utf-8"), "not a store"),
    "of another version": (_other_version, "version 99"),
    "another database": (_other_tables, "not a store"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), ""),
}


@pytest.mark.parametrize("what", sorted(STORES))
def test_a_store_that_cannot_be_used_is_named_and_left_as_it_is(
    office: Path, store_file: Path, call: Callable[..., tuple[int, str, str]], what: str
) -> None:
    """Exit code 4, its path, what is wrong; not one byte of it changed, and no letter."""
    file = office / "mine.duckdb"
    shutil.copy(store_file, file)
    harm, word = STORES[what]
    harm(file)
    before = file.read_bytes() if file.is_file() else b""
    settings_file(office, file)

    code, _, err = call("build", "--as-of", "2024-09-18", "--format", "json")

    assert code == 4
    assert "mine.duckdb" in err
    assert word in err
    assert (file.read_bytes() if file.is_file() else b"") == before
    assert not files(office / "out")


@pytest.mark.parametrize("place", ["out", "out/editions", "out/editions/1960-05-02-daily/letter.txt/x"])
def test_an_output_folder_that_cannot_be_written_is_named(
    office: Path, call: Callable[..., tuple[int, str, str]], place: str
) -> None:
    """A file in its place, or a folder in a file's: exit code 5, and no other file is there after it than before."""
    path = office / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("here I am", encoding="utf-8")
    before = files(office)

    code, _, err = call("build", "--as-of", "1960-05-02", "--format", "text", "json")

    assert code == 5
    assert "out" in err
    assert files(office) == before


def test_a_full_disk_leaves_the_letter_of_before(office: Path) -> None:
    """No room for a file: exit code 5, the folder as it was, no draft left behind."""
    assert capline(office, "build", "--as-of", "1960-05-02", "--format", "text").returncode == 0
    before = {name: (office / name).read_bytes() for name in files(office)}
    small = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, {resource.RLIM_INFINITY})); "
    code = small + "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from generator.cli import run; "
    code += "sys.exit(run(['build', '--as-of', '1960-05-02', '--format', 'text', 'json']))"

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=office, env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 5
    assert "File too large" in ran.stderr
    assert {name: (office / name).read_bytes() for name in files(office)} == before


def test_a_disk_too_small_for_the_store_leaves_none_that_is_half_loaded(office: Path) -> None:
    """Exit code 4 and the place; once there is room, the same command goes through."""
    settings_file(office, office / "new.duckdb")
    small = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, {resource.RLIM_INFINITY})); "
    code = small + "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from generator.cli import run; "
    code += "sys.exit(run(['show', '--as-of', '1960-05-02']))"

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=office, env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 4
    assert "new.duckdb" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert capline(office, "show", "--as-of", "1960-05-02").returncode == 0


def test_two_builds_at_once_do_not_mix(office: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    """The second says who is in its way, with exit code 6, and writes nothing."""
    (office / "out").mkdir()
    with (office / "out" / ".capline.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, _, err = call("build", "--as-of", "1960-05-02", "--format", "text")

    assert code == 6
    assert "another run" in err
    assert files(office / "out") == {".capline.lock"}


def test_a_reader_that_has_had_enough_is_no_error(office: Path) -> None:
    """`capline sources | head -1` ends in peace."""
    shell = shutil.which("sh")
    assert shell is not None
    ran = subprocess.run(
        [shell, "-c", f"'{sys.executable}' -m generator sources | head -1"],
        cwd=office, env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert ran.stderr == ""
    assert ran.stdout.startswith("As of 2026-03-31")


def test_the_clock_is_that_of_new_york() -> None:
    """The day of the letter is asked of one clock only."""
    assert isinstance(commands._today(), date)  # noqa: SLF001
