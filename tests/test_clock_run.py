"""A run: each step once, held where an error holds it, gone on with by the next run, and told to the operator once."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import archives
import mailroom
import pytest
import years
from market.loopback import Loopback
from years import Office, hook

from generator import archive, chain
from generator.clock import journal, posting, trust
from generator.clock.agenda import Due
from generator.config import Settings, load
from generator.deliver.looking import look
from generator.deliver.notices import Notice, give
from generator.errors import Busy, ClockWrong, DamagedArchive, PublishFailed
from generator.files import held

if TYPE_CHECKING:
    from collections.abc import Iterator

FRIDAY = datetime(2024, 11, 29, 23, 20, tzinfo=UTC)  # 18:20 in New York, on the half day after Thanksgiving
DAILY, WEEKLY = "2024-11-29-daily", "2024-11-29-weekly"
KINDS = 'kinds = ["daily"]\n'


@pytest.fixture
def told() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """A webhook."""
    with hook() as running:
        yield running


@pytest.fixture
def inbox() -> mailroom.Inbox:
    """What the relay took."""
    return mailroom.Inbox()


@pytest.fixture
def office(
    tmp_path: Path, store_file: Path, inbox: mailroom.Inbox, told: tuple[str, list[dict[str, object]]]
) -> Iterator[Office]:
    """An office with readers, a relay and a webhook, on the evening of a Friday; no site."""
    with mailroom.serving(inbox) as port:
        made = Office.made(tmp_path, store_file, port, told[0], site="false", kinds='["daily"]')
        made.now = FRIDAY
        yield made


def change(office: Office, section: str, **settings: str) -> None:
    """Add settings to a section, as a person would."""
    file = office.place / "newsletter.toml"
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    text = file.read_text()
    kept = [line for line in text.splitlines() if line.partition(" =")[0] not in settings]
    file.write_text("\n".join(kept).replace(f"[{section}]\n", f"[{section}]\n{lines}") + "\n")
    office.settings = load(file)


def steps(office: Office, edition: str = DAILY) -> dict[str, str]:
    """How each step of a letter stands."""
    return {name: step.state for name, step in office.records[edition].steps.items()}


# --- published pages --------------------------------------------------------------------------------------------------


@contextmanager
def pages(folder: Path, now: Office | None = None, age: str = "0") -> Iterator[str]:
    """A web server over a folder on this machine; with an office, it tells that office's time, `age` seconds later."""

    class Pages(SimpleHTTPRequestHandler):
        def __init__(self, *given: object) -> None:
            super().__init__(*given, directory=str(folder))  # type: ignore[arg-type]

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(now.now.timestamp() if now and timestamp is None else timestamp)

        def end_headers(self) -> None:
            self.send_header("Age", age)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_run_killed_at_each_step_goes_on_where_it_was(office: Office, inbox: mailroom.Inbox, tmp_path: Path) -> None:
    """Six runs are killed, one at the begin of each step; the seventh ends: one letter, one page, one mail a reader."""
    served = tmp_path / "served"
    served.mkdir()
    with pages(served) as url:
        change(office, "clock", site="true", publish=f'["cp", "-rL", "{{site}}/.", "{served}"]', wait_minutes="1")
        change(office, "mail", archive=f'"{url}/{{path}}/"')
        office.forms = ("text", "json", "mail")
        ended = [office.child(kill=step) for step in years.KILLED]
        digests = {(office.place / "out/editions" / DAILY / "edition.json").read_bytes()}
        last = office.child()
        digests.add((office.place / "out/editions" / DAILY / "edition.json").read_bytes())

    assert ended == [-9] * 6
    assert last == 0
    assert office.editions == {DAILY}
    assert steps(office) == dict.fromkeys(journal.STEPS, "done")
    assert len(digests) == 1
    assert sorted(inbox.copies.values()) == [1] * years.READERS
    assert (served / "2024/11/29-daily/index.html").is_file()


def test_the_page_is_waited_for_and_then_the_letter_is_sent(
    office: Office, inbox: mailroom.Inbox, tmp_path: Path, told: tuple[str, list[dict[str, object]]]
) -> None:
    """It comes in the fourth minute; before that nothing is mailed. Without it the letter is held, and told of once."""
    served = tmp_path / "served"
    served.mkdir()
    made = archives.put(tmp_path / "out/editions", DAILY)
    mail = mailroom.letter().replace(b"2026-11-24-daily", DAILY.encode())
    (made / "letter.eml").write_bytes(mail)
    skip(office, "build", "verify")
    with pages(served, office) as url:
        change(office, "mail", archive=f'"{url}/{{path}}/"')
        first = office.run(through="wait")
        assert not inbox.taken
        held_ = first.records[0].held
        assert held_ is not None
        assert (held_[0], held_[1].error, first.code) == ("wait", "PageMissing", 8)
        assert office.now >= FRIDAY + timedelta(minutes=20)
        office.run(through="wait")
        begun = office.now

        def publish(seconds: float) -> None:
            office.now += timedelta(seconds=seconds)
            if office.now >= begun + timedelta(minutes=3) and not (served / "2024").exists():
                shutil.copytree(made, served / "2024/11/29-daily")

        office._sleep = publish  # type: ignore[method-assign]  # noqa: SLF001 -- our own
        found = office.run(through="wait")

    assert steps(office)["wait"] == "done"
    assert timedelta(minutes=3) <= office.now - begun <= timedelta(minutes=5)
    assert not found.code
    assert [one["error"] for one in told[1]] == ["PageMissing"]
    assert told[1][0]["code"] == 8


def test_what_the_relay_refuses_is_told_without_addresses_and_held_until_it_is_mended(
    office: Office, inbox: mailroom.Inbox, told: tuple[str, list[dict[str, object]]]
) -> None:
    """One reader is refused for good, one put off: the others have it; the next run tries that one again."""
    answers = {"r1@example.org": "550 5.1.1 <r1@example.org> unknown", "r2@example.org": "451 4.3.0 later"}
    inbox.greet = answers.get
    office.forms = ("text", "json", "mail")
    first = office.run()
    del answers["r2@example.org"]
    office.now += timedelta(hours=1)
    second = office.run()

    assert (first.code, second.code) == (8, 0)
    assert office.records[DAILY].steps["send"].words == "2 accepted, 1 rejected"
    assert dict(inbox.copies) == {"r2@example.org": 1, "r3@example.org": 1}
    notes = {event.words for event in office.events if event.state == "note"}
    assert "rejected: 1 x 550 5.1.1 <…> unknown" in notes
    assert "@" not in "".join(event.words for event in office.events)
    assert [one["error"] for one in told[1]] == ["Unfinished"]


def skip(office: Office, *names: str) -> None:
    """Write down that steps of the letter are done, for a test of those after them."""
    record = journal.Record(edition=DAILY, due=FRIDAY)
    for name in names:
        record = record.done(name, "for the test", FRIDAY)
    journal.write(office.place / "out/runs", record)


# --- the clock of the machine ----------------------------------------------------------------------------------------


def test_a_clock_that_is_a_day_behind_is_refused(office: Office, told: tuple[str, list[dict[str, object]]]) -> None:
    """An edition or a run of tomorrow lies here already; nothing is made, and the operator is told, once."""
    archives.put(office.place / "out/editions", "2024-12-02-daily")
    for _ in range(2):
        with pytest.raises(ClockWrong, match="there is an edition of 2024-12-02 already"):
            office.run()
    assert [(one["edition"], one["step"], one["error"]) for one in told[1]] == [("", "run", "ClockWrong")]
    shutil.rmtree(office.place / "out/editions")
    journal.keep(office.place / "out/runs", journal.Own(last=FRIDAY + timedelta(days=1)))
    with pytest.raises(ClockWrong, match="the last run was at 2024-11-30 23:20 UTC"):
        office.run()

    assert not office.editions
    assert not office.records


def test_a_clock_that_is_off_by_a_day_is_refused_before_anything_is_sent(office: Office, tmp_path: Path) -> None:
    """The server of the page tells another day. A rehearsal, whose day is made up, is not compared."""
    archives.put(tmp_path / "out/editions", DAILY)
    served = tmp_path / "served"
    shutil.copytree(tmp_path / "out/editions" / DAILY, served / "2024/11/29-daily")
    other = replace(office)
    other.now = FRIDAY + timedelta(days=1)
    one = Due(day=date(2024, 11, 29), rank=0, since=FRIDAY, latest=FRIDAY)
    with pages(served, other) as url:
        change(office, "mail", archive=f'"{url}/{{path}}/"')
        shift = office._shift(office.events.append, "send")  # noqa: SLF001 -- our own
        with pytest.raises(ClockWrong, match=r"by the clock of http.* it is 2024-11-30 23:20 UTC"):
            posting.wait(replace(shift, rehearsal=False), one, FRIDAY)
        assert "shows it" in posting.wait(shift, one, FRIDAY)


def test_the_time_of_an_answer_that_was_kept_for_a_while_is_counted_on(office: Office, tmp_path: Path) -> None:
    """A page that a cache has had for a day, and one whose age nobody can read."""
    with pages(tmp_path, office, age="86400") as url:
        assert look(url).clock == FRIDAY + timedelta(days=1)
    with pages(tmp_path, office, age="unknown") as url:
        assert look(url).clock is None


def test_a_clock_that_is_far_from_the_sources_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the median of some of their hosts; an hour is forgiven."""
    with Loopback() as market:
        for name, value in market.settings().items():
            monkeypatch.setenv(name, value)
        here = datetime.now(UTC)
        trust.by_the_sources(Settings(), frozenset(), lambda: here + timedelta(minutes=30))
        with pytest.raises(ClockWrong, match="by the clock of the sources"):
            trust.by_the_sources(Settings(), frozenset(), lambda: here + timedelta(days=1))


# --- bad input --------------------------------------------------------------------------------------------------------


def test_a_damaged_edition_is_named_and_held_and_so_is_the_one_chained_to_it(
    office: Office, told: tuple[str, list[dict[str, object]]]
) -> None:
    """Nothing is made in its place; what mends it is told, once, however often the clock runs."""
    place = archives.put(office.place / "out/editions", DAILY)
    chain.write(place.parent, chain.read(place.parent))
    (place / "edition.json").write_text("{")
    change(office, "clock", kinds='["daily", "weekly"]')
    first, second = office.run(), office.run()

    assert (first.code, second.code) == (5, 5)
    assert (place / "edition.json").read_text() == "{"
    assert steps(office)["build"] == "held"
    chained = office.records[WEEKLY].steps["verify"]
    assert (chained.error, DAILY in chained.words) == ("Unverified", True)
    assert office.records[DAILY].steps["build"].tries == 2
    notice, other = told[1]
    assert (notice["edition"], notice["step"], notice["error"]) == (DAILY, "build", "DamagedEdition")
    assert other["edition"] == WEEKLY
    assert "capline run --date 2024-11-29 --kind daily" in str(notice["text"])


def test_an_edition_under_the_key_of_another_is_refused(office: Office) -> None:
    """A folder that holds another edition than it is named for."""
    archives.put(office.place / "out/editions", "2024-11-27-daily", folder=DAILY)
    done = office.run()

    assert done.code == 5
    assert "two editions with one key" in office.records[DAILY].steps["build"].words


def test_a_letter_that_does_not_verify_is_neither_archived_nor_sent(office: Office, inbox: mailroom.Inbox) -> None:
    """It is named; its folder taken away, the next run makes it anew."""
    archives.put(office.place / "out/editions", DAILY)
    skip(office, "build")
    done = office.run()

    assert done.code == 5
    assert office.records[DAILY].steps["verify"].error == "Unverified"
    assert list(steps(office)) == ["build", "verify"]
    assert not inbox.taken
    shutil.rmtree(office.place / "out/editions" / DAILY)
    (office.place / "out/editions/chain.json").unlink(missing_ok=True)
    assert office.run().code == 0
    assert office.records[DAILY].is_done()


def test_an_archive_that_cannot_be_built_holds_all_letters_that_wait_for_it(office: Office) -> None:
    """An older edition was damaged by hand: named, nothing is mailed."""
    archives.put(office.place / "out/editions", DAILY)
    skip(office, "build", "verify")
    damaged = archives.put(office.place / "out/editions", "2024-11-27-daily") / "edition.json"
    damaged.write_text("{}")
    change(office, "clock", site="true")
    done = office.run()

    assert done.code == DamagedArchive.exit_code
    assert office.records[DAILY].steps["archive"].error == "DamagedArchive"
    assert "2024-11-27-daily" in office.records[DAILY].steps["archive"].words


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,  # noqa: S108
    reason="there is no second file system",
)
def test_a_site_on_another_file_system_is_built_there(tmp_path: Path) -> None:
    """Files that cannot be linked are copied; the site is replaced in one step all the same."""
    archives.put(tmp_path / "editions", DAILY, 1.0)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other, archives.undrawn():
        made = archive.publish(tmp_path / "editions", Path(other) / "site", archives.SITE)
        page = Path(other) / "site/2024/11/29-daily/edition.json"

        assert made.editions == 1
        assert page.read_bytes() == (tmp_path / "editions" / DAILY / "edition.json").read_bytes()
        assert page.stat().st_dev != tmp_path.stat().st_dev


def test_a_damaged_journal_is_said_and_begun_anew(office: Office) -> None:
    """The editions and the ledger know what was done."""
    archives.put(office.place / "out/editions", DAILY)
    runs = office.place / "out/runs"
    runs.mkdir()
    (runs / f"{DAILY}.json").write_text("nonsense")
    (runs / "clock.json").write_text("[]")
    office.run(through="build")

    notes = [event.words for event in office.events if event.state == "note"]
    assert [Path(note.partition(" ")[0]).name for note in notes] == [f"{DAILY}.json", "clock.json"]
    assert steps(office) == {"build": "done"}


def test_a_run_gives_way_to_who_works_in_the_folder_by_hand(
    office: Office, told: tuple[str, list[dict[str, object]]]
) -> None:
    """As `capline build` does: exit code 6, no hold, no notice."""
    with held(office.place / "out"), pytest.raises(Busy):
        office.run()

    assert not office.records
    assert not told[1]


def test_two_runs_at_once_are_one(office: Office) -> None:
    """The second finds the first at work: exit code 6, and no notice."""
    with held(office.place / "out/runs"), pytest.raises(Busy):
        office.run()


def test_forms_that_are_missing_are_made_from_the_edition(office: Office) -> None:
    """A run that was cut between two files, or a letter made by hand without its text: the edition stays as it is."""
    place = archives.put(office.place / "out/editions", DAILY)
    content = (place / "edition.json").read_bytes()
    text = (place / "letter.txt").read_text()
    (place / "letter.txt").unlink()
    office.run(through="build")

    assert (place / "edition.json").read_bytes() == content
    made = (place / "letter.txt").read_text().splitlines()
    assert made[0] == text.splitlines()[0]
    assert "Friday, 29 November 2024" in made
    assert DAILY in (place.parent / "chain.json").read_text()


# --- publishing ------------------------------------------------------------------------------------------------------


def settings(*command: str, minutes: float = 1.0) -> Settings:
    """Settings with a command that publishes."""
    plain = Settings()
    return plain.model_copy(
        update={"clock": plain.clock.model_copy(update={"publish": command, "publish_minutes": minutes})}
    )


def test_the_command_that_publishes_gets_the_folder_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the place of {site}, else last; the environment is there without what is ours."""
    monkeypatch.setenv("CAPLINE_SMTP_PASSWORD", "never to be seen")
    monkeypatch.setenv("MY_TOKEN", "mine")
    out = tmp_path / "out"
    assert posting.publish(settings("sh", "-c", f'echo "$1" > {out}; env >> {out}', "sh")).startswith("by sh")
    said = out.read_text()

    assert said.splitlines()[0] == "output/site"
    assert "MY_TOKEN=mine" in said
    assert "never to be seen" not in said
    posting.publish(settings("sh", "-c", f"echo {{site}}/there > {out}"))
    assert out.read_text() == "output/site/there\n"


@pytest.mark.parametrize(
    ("command", "minutes", "said"),
    [
        (("sh", "-c", "echo no right to write >&2; exit 3"), 1.0, "ended with code 3: no right to write"),
        (("nothing-of-this-name",), 1.0, "No such file or directory"),
        (("sh", "-c", "sleep 9"), 0.005, "did not end within 0.005 minutes"),
    ],
)
def test_a_command_that_fails_is_told(command: tuple[str, ...], minutes: float, said: str) -> None:
    """With its code and its last words."""
    with pytest.raises(PublishFailed, match=said):
        posting.publish(settings(*command, minutes=minutes))


# --- notices ---------------------------------------------------------------------------------------------------------


def test_the_operator_is_told_by_mail_and_webhook_once_and_a_way_that_fails_is_said(
    office: Office, inbox: mailroom.Inbox, told: tuple[str, list[dict[str, object]]]
) -> None:
    """Neither address nor answer of a webhook stands in a log; the run goes on."""
    change(office, "notice", mail_to='"operator@example.org"')
    archives.put(office.place / "out/editions", "2024-11-27-daily", folder=DAILY)
    office.run()
    office.run()

    assert [address for address, *_ in inbox.taken] == ["operator@example.org"]
    content = inbox.taken[0][2].decode()
    assert "Subject: Capline: 2024-11-29-daily is held at build (DamagedEdition)" in content
    assert "Auto-Submitted: auto-generated" in content
    assert len(told[1]) == 1
    said = [event.words for event in office.events if event.state == "notice"]
    assert [words.partition(":")[0] for words in said] == ["told by mail", "told by webhook"]


def test_a_notice_that_cannot_be_given_is_said_and_tried_again(office: Office) -> None:
    """Its address, which may hold a token, is nowhere."""
    (office.place / "hook").write_text("http://127.0.0.1:9/token-never-to-be-seen")
    archives.put(office.place / "out/editions", "2024-11-27-daily", folder=DAILY)
    done = [office.run(), office.run()]

    said = [event for event in office.events if event.state == "notice"]
    assert [one.code for one in done] == [5, 5]
    assert [one.error for one in said] == ["NoticeFailed", "NoticeFailed"]
    assert "token" not in "".join(f"{one}" for one in office.events)


def test_a_webhook_whose_file_others_may_read_is_not_used(office: Office) -> None:
    """That is said, and holds nothing."""
    (office.place / "hook").chmod(0o644)
    archives.put(office.place / "out/editions", "2024-11-27-daily", folder=DAILY)
    assert office.run().code == 5

    (said,) = [event.words for event in office.events if event.state == "notice"]
    assert "others than its owner may use this secret" in said


def test_a_webhook_in_clear_beyond_this_machine_is_refused(office: Office) -> None:
    """Only https:// leaves it; and a rehearsal tells nobody else at all."""
    (office.place / "hook").write_text("http://hooks.example.org/x")
    notice = Notice(subject="s", text="t", edition="", step="run", error="", code=0, hint="")
    ((way, failed),) = give(office.settings, notice, FRIDAY)

    assert (way, str(failed)) == ("webhook", "the notice by webhook failed: its address does not begin with https://")
    assert not list(give(office.settings, notice, FRIDAY, only_here=True))


def test_a_letter_made_long_after_it_was_due_is_told_of(
    office: Office, told: tuple[str, list[dict[str, object]]]
) -> None:
    """A day later: the slots of the schedule were dropped."""
    office.now = FRIDAY + timedelta(hours=20)
    begun = {"daily": FRIDAY.date()}
    journal.keep(office.place / "out/runs", journal.Own(begun=begun, last=FRIDAY - timedelta(days=1)))
    office.run(through="build")

    (notice,) = told[1]
    assert (notice["edition"], notice["step"]) == (DAILY, "late")
    assert "20 hours ago" in json.dumps(notice)
