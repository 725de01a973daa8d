"""run, status and watch as a person or a workflow calls them: what they print, where, and their exit codes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import archives
import mailroom
import pytest
from newsroom import settings_file
from test_clock_run import pages

from generator.cli import run
from generator.clock import journal
from generator.errors import StaleSeries
from generator.files import held

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRIDAY = "2024-11-29T23:20+00:00"
DAILY, WEEKLY, BEFORE = "2024-11-29-daily", "2024-11-29-weekly", "2024-11-27-daily"
AT = datetime(2024, 11, 29, 23, 20, tzinfo=UTC)
Said = tuple[int, str, str]


@pytest.fixture
def office(tmp_path: Path, store_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, the loaded store, and a letter of Wednesday made by hand."""
    file = settings_file(tmp_path, store_file, 'formats = ["text", "json"]')
    with file.open("a", encoding="utf-8") as more:
        more.write(
            '[clock]\nkinds = ["daily", "weekly"]\nsite = false\n[mail]\nreaders = "out/private/readers.sqlite"\n'
        )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    archives.put(tmp_path / "out/editions", BEFORE)
    journal.keep(tmp_path / "out/runs", journal.Own(begun={"daily": date(2024, 11, 29), "weekly": date(2024, 11, 29)}))
    return tmp_path


@pytest.fixture
def call(office: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process: exit code, stdout, stderr."""
    assert office.is_dir()

    def called(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = run(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *capsys.readouterr()

    return called


def write(office: Path, edition: str, *done: str, stopped: bool = False) -> None:
    """Write the record of a letter, with a step that is held after those that are done."""
    record = journal.Record(edition=edition, due=AT)
    for name in done:
        record = record.done(name, "3 accepted", AT)
    if stopped:
        problem = StaleSeries("price.RUT", newest=date(2024, 11, 27), needed=date(2024, 11, 29))
        record = record.stopped("build", problem, AT)
    journal.write(office / "out/runs", record)


# --- run ------------------------------------------------------------------------------------------------------------


def test_what_is_due_is_made_once_and_a_second_run_finds_nothing(call: Callable[..., Said], office: Path) -> None:
    """Lines on the error stream, one for each letter on the other; then what comes next."""
    code, out, err = call("run", "--now", FRIDAY, "--kind", "daily", "--log", "json")
    events = [json.loads(line) for line in err.splitlines()]

    assert (code, out) == (0, f"{DAILY}: finished; no relay set ([smtp]): not mailed\n")
    assert [one["step"] for one in events if one["state"] == "done"] == list(journal.STEPS)
    assert {one["edition"] for one in events if "edition" in one} == {DAILY}
    assert all(datetime.fromisoformat(one["at"]) for one in events)
    assert (office / "out/editions" / DAILY / "letter.txt").is_file()
    assert not (office / "out/editions" / DAILY / "index.html").exists()
    code, out, _ = call("run", "--now", FRIDAY, "--kind", "daily")
    assert (code, out) == (0, "nothing is due; next: 2024-12-02-daily, from 2024-12-02 18:00 in New York\n")


def test_a_run_may_stop_after_a_step_and_another_goes_on(call: Callable[..., Said], office: Path) -> None:
    """As a workflow does, whose pages somebody else publishes in between."""
    (office / "out/editions" / DAILY).mkdir(parents=True)
    for name in ("edition.json",):
        (office / "out/editions" / DAILY / name).write_bytes(b"")
    write(office, DAILY, "build", "verify")
    assert call("run", "--now", FRIDAY, "--kind", "daily", "--through", "archive")[1] == f"{DAILY}: archive done\n"
    assert list(json.loads((office / f"out/runs/{DAILY}.json").read_text())["steps"]) == ["build", "verify", "archive"]
    assert call("run", "--now", FRIDAY, "--kind", "daily")[1].startswith(f"{DAILY}: finished; ")


def test_a_run_that_only_fetches_says_what_it_left(call: Callable[..., Said], office: Path) -> None:
    """The sample has nothing to fetch; no letter is begun."""
    out = call("run", "--now", FRIDAY, "--through", "fetch")[1]

    assert out == f"{DAILY}: not begun\n{WEEKLY}: not begun\n"
    assert not (office / "out/editions" / DAILY).exists()


def test_nothing_is_due_on_a_holiday_and_after_the_end_of_the_sample(call: Callable[..., Said]) -> None:
    """Exit code 0, in one line."""
    assert call("run", "--now", FRIDAY, "--date", "2024-11-28")[:2] == (
        0, "nothing is due on 2024-11-28; next: 2024-12-02-daily, from 2024-12-02 18:00 in New York\n",
    )  # fmt: skip
    code, out, _ = call("run", "--now", "2026-11-25T12:00+00:00")
    assert (code, out.count("\n")) == (0, 1)
    assert "the source ends before the next letter" in out


def test_what_cannot_be_asked_for_is_refused(call: Callable[..., Said]) -> None:
    """Exit code 2, with what is right."""
    for wrong in (
        ("--kind", "monthly"), ("--format", "docx"), ("--through", "mail"), ("--now", "2024-11-29T23:20"),
        ("--now", "soon"), ("--date", "yesterday"), ("--log", "xml"),
    ):  # fmt: skip
        code, _, err = call("run", *wrong)
        assert code == 2, wrong
        assert "hint:" in err


def test_a_run_that_finds_another_at_work_says_so(call: Callable[..., Said], office: Path) -> None:
    """Exit code 6; as JSON too."""
    with held(office / "out/runs"):
        code, _, err = call("run", "--now", FRIDAY, "--log", "json")
    line = json.loads(err.splitlines()[0])

    assert code == 6
    assert (line["error"], line["code"], line["state"]) == ("Busy", 6, "held")


def test_the_page_of_a_job_has_a_table(
    call: Callable[..., Said], office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each run and what holds a letter; added to what stands there."""
    page = office / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    archives.put(office / "out/editions", BEFORE, folder=DAILY)
    assert call("run", "--now", FRIDAY, "--kind", "daily")[0] == 5
    call("run", "--now", FRIDAY, "--date", "2024-11-28")
    text = page.read_text()

    assert text.startswith("before\n### Capline\n")
    assert f"| {DAILY} | held at build (DamagedEdition) | build held |" in text
    assert "two editions with one key" in text
    assert "Nothing is due; next: 2024-12-02-daily" in text


# --- status ---------------------------------------------------------------------------------------------------------


def test_status_tells_letters_next_data_readers_deliveries_and_what_mends_what_is_held(
    call: Callable[..., Said], office: Path
) -> None:
    """For a person, and for a program."""
    archives.put(office / "out/editions", WEEKLY)
    write(office, WEEKLY, *journal.STEPS)
    write(office, DAILY, stopped=True)
    mailroom.fill(office / "out/private/readers.sqlite", 4)
    code, out, _ = call("status", "--now", FRIDAY)

    assert code == 0
    for told in (
        f"  {BEFORE}: made by hand\n", f"  {WEEKLY}: finished; 3 accepted\n",
        "  2024-12-02-daily, from 2024-12-02 18:00 in New York\n",
        f"Due, and not finished\n  {DAILY}, since 2024-11-29 18:00 in New York\n",
        f"  {DAILY} at build, StaleSeries (exit code 4, tried once): price.RUT: the newest value is for 2024-11-27",
        "    then: capline run --date 2024-11-29 --kind daily\n",
        "  40 series, ", "  4 get letters\n", f"  {WEEKLY}: nobody\n",
    ):  # fmt: skip
        assert told in out, told
    found = json.loads(call("status", "--now", FRIDAY, "--json")[1])
    assert found["schema"] == "capline-status/1"
    (stopped,) = found["held"]
    assert (stopped["edition"], stopped["code"]) == (DAILY, 4)
    assert stopped["command"] == "capline run --date 2024-11-29 --kind daily"
    assert found["readers"] == {"active": 4}
    assert "@" not in out


def test_status_of_an_empty_folder_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does the watch, which misses nothing before the first letter was due."""
    monkeypatch.chdir(tmp_path)
    codes = [run(["status"]), run(["status", "--json"]), run(["watch"])]

    assert codes == [0, 0, 0]
    assert "none yet" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


# --- watch ----------------------------------------------------------------------------------------------------------


def test_the_watch_misses_what_was_due_hours_ago_and_says_what_mends_it(
    call: Callable[..., Said], office: Path
) -> None:
    """Twelve hours are forgiven. Exit code 9, in Markdown."""
    assert call("watch", "--now", "2024-11-30T10:59+00:00")[0] == 0
    archives.put(office / "out/editions", WEEKLY)
    write(office, DAILY, stopped=True)
    code, out, _ = call("watch", "--now", "2024-11-30T11:00+00:00")

    assert code == 9
    assert out.splitlines() == [
        "1 letter that is due is missing (out, 2024-11-30 06:00 in New York).",
        "",
        f"- **{DAILY}**, due since 2024-11-29 18:00 in New York",
        "  - held at build by StaleSeries: price.RUT: the newest value is for 2024-11-27, the edition needs 2024-11-29",
        "  - what to do: build with `--as-of 2024-11-27` or use a source that reaches further (`capline sources`)",
        "  - then: `capline run --date 2024-11-29 --kind daily`",
    ]
    archives.put(office / "out/editions", DAILY)
    assert call("watch", "--now", "2024-11-30T11:00+00:00")[0] == 0


def test_the_watch_looks_at_the_published_feed(call: Callable[..., Said], office: Path) -> None:
    """Whatever lies here. A site that does not answer, or has no feed of ours, is an alarm too."""
    for name in (DAILY, WEEKLY):
        archives.put(office / "out/editions", name)
    served = office / "served"
    served.mkdir()
    later = "2024-11-30T15:00+00:00"

    class Moment:
        now = datetime.fromisoformat(later)

    def feed(*ids: str) -> None:
        items = [{"id": f"tag:example.org,2026:capline/{one}"} for one in ids]
        (served / "feed.json").write_text(json.dumps({"items": items}))

    with pages(served, Moment()) as url:  # type: ignore[arg-type]
        nothing = call("watch", "--now", later, "--site", f"{url}/")
        (served / "feed.json").write_text("<html>")
        none = call("watch", "--now", later, "--site", url)
        feed(BEFORE, WEEKLY)
        missing = call("watch", "--now", later, "--site", url)
        feed(BEFORE, WEEKLY, DAILY)
        well = call("watch", "--now", later, "--site", url)
        wrong = call("watch", "--now", "2024-12-01T15:00+00:00", "--site", url)
    gone = call("watch", "--now", later, "--site", url)

    assert [nothing[0], none[0], missing[0], well[0], gone[0]] == [9, 9, 9, 0, 9]
    assert "answers 404" in nothing[1]
    assert "is no feed of Capline's" in none[1]
    assert f"- **{DAILY}**" in missing[1]
    assert WEEKLY not in missing[1]
    assert "does not answer" in gone[1]
    assert wrong[0] == 2
    assert "by the clock of" in wrong[2]
