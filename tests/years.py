"""Years in minutes: `capline run` driven by a made-up clock through a span of days, with all that goes wrong in years.

    PYTHONPATH=. python tests/years.py 2024-01-02 2025-12-31 --jobs 2

Each day has its triggers: none at all, one, three, one the next morning, two at once; on some the run is killed with
SIGKILL at a step, on one the disk is full. Letters, journal, archive, ledger, SMTP server, webhook and child processes
are real; only time is made up. What must be there in the end is worked out here from the exchange's published calendar
and the schedule of the Federal Reserve, not by the code under test.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import mailroom

from generator import config
from generator.clock import course, journal
from generator.clock.shift import Shift, Wish
from generator.deliver import ledger
from generator.deliver.book import opened as book
from generator.errors import Busy
from generator.pipeline import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.clock.shift import Event

ROOT = Path(__file__).parents[1]
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
READERS = 3
NEWS = 4  # days for which a letter is mailed
CATCH_UP = 14  # days

# The New York Stock Exchange's own lists for 2024 and 2025, the day of mourning of 9 January 2025 among them
CLOSED = {
    date.fromisoformat(day)
    for day in (
        "2023-12-25", "2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27", "2024-06-19",
        "2024-07-04", "2024-09-02", "2024-11-28", "2024-12-25", "2025-01-01", "2025-01-09", "2025-01-20",
        "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-11-27",
        "2025-12-25", "2026-01-01", "2026-01-19",
    )
}  # fmt: skip
EARLY = {
    date.fromisoformat(day)
    for day in ("2024-07-03", "2024-11-29", "2024-12-24", "2025-07-03", "2025-11-28", "2025-12-24")
}
# The days of the Federal Reserve's decisions, by its published calendars
MEETINGS = {
    date.fromisoformat(day)
    for day in (
        "2023-12-13", "2024-01-31", "2024-03-20", "2024-05-01", "2024-06-12", "2024-07-31", "2024-09-18",
        "2024-11-07", "2024-12-18", "2025-01-29", "2025-03-19", "2025-05-07", "2025-06-18", "2025-07-30",
        "2025-09-17", "2025-10-29", "2025-12-10",
    )
}  # fmt: skip
HOURS = {"EST": 5, "EDT": 4}  # behind UTC


def trades(day: date) -> bool:
    """Whether New York trades."""
    return day.weekday() < 5 and day not in CLOSED


def expected(first: date, last: date) -> list[str]:
    """Every letter of a span, by key."""
    found = []
    day = first
    while day <= last:
        if trades(day):
            found.append(f"{day}-daily")
            rest = [day + DAY * ahead for ahead in range(1, 7 - day.weekday())]
            if not any(trades(one) for one in rest):
                found.append(f"{day}-weekly")
            if day in MEETINGS:
                found.append(f"{day}-decision")
        day += DAY
    return found


# --- what goes on on a day -----------------------------------------------------------------------------------------

PLAINLY = ("one", "one", "one", "three", "late", "overlapping", "one", "none")
KILLED = ("build", "verify", "archive", "publish", "wait", "send")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A run at a moment: plain, one that another run meets, one killed at a step, or one on a full disk."""

    at: datetime
    how: str = "plain"  # "overlapped", "full", or the step at whose begin it is killed


def triggers(day: date, chance: random.Random, kills: Iterator[str]) -> list[Trigger]:
    """The runs that belong to a day; those of the evening in New York, by the hour that holds there."""

    def at(hour: int, minute: int, *, days: int = 0) -> datetime:
        return datetime.combine(day + DAY * days, clock_time(hour, minute), tzinfo=NEW_YORK).astimezone(UTC)

    kind = chance.choice(PLAINLY)
    if trades(day) and chance.random() < 0.05:
        step = next(kills)
        return [Trigger(at=at(18, 7), how=step), Trigger(at=at(19, 37))]
    if kind == "one":
        return [Trigger(at=at(18, chance.randrange(1, 59)))]
    if kind == "three":
        return [Trigger(at=at(12, 3)), Trigger(at=at(18, 7)), Trigger(at=at(21, 43))]
    if kind == "late":
        return [Trigger(at=at(4 + chance.randrange(4), 23, days=1))]
    if kind == "overlapping":
        return [Trigger(at=at(18, 7), how="overlapped")]
    return []


# --- the office -----------------------------------------------------------------------------------------------------


class Hook(BaseHTTPRequestHandler):
    """A webhook that keeps what it is told."""

    told: list[dict[str, object]]

    def do_POST(self) -> None:
        """Take a notice."""
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hook() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Run a webhook on this machine: its address, and what it was told."""
    told: list[dict[str, object]] = []
    handler = type("Here", (Hook,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", told
        finally:
            server.shutdown()


class Quiet:
    """Nobody is told how far a fetch is."""

    def asking(self, source: str, count: int) -> None:
        """Nothing."""

    def answered(self, source: str, label: str, problem: str) -> None:
        """Nothing."""


@dataclass
class Office:
    """An output folder with its settings, and a clock of its own."""

    place: Path
    settings: config.Settings
    forms: tuple[str, ...]
    now: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    events: list[Event] = field(default_factory=list)

    @classmethod
    def made(cls, place: Path, store: Path, port: int, hook: str, **more: str) -> Office:
        """Write settings as a person would; a relay and a webhook on this machine."""
        place.mkdir(parents=True, exist_ok=True)
        (place / "hook").write_text(hook)
        (place / "hook").chmod(0o600)
        clock = "\n".join(f"{name} = {value}" for name, value in more.items())
        (place / "newsletter.toml").write_text(
            '[letter]\nsender = "Capline <letter@capline.test>"\n'
            f'[build]\nstore = "{store}"\noutput = "{place}/out"\n'
            f'[mail]\nreaders = "{place}/out/private/readers.sqlite"\nkey_file = "{place}/out/private/key"\n'
            'unsubscribe_mailto = "leave@example.org"\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nretry_after = [0.1]\n'
            f'[site]\nfolder = "{place}/out/site"\n'
            f'[notice]\nurl_file = "{place}/hook"\n'
            f"[clock]\n{clock}\n"
        )
        mailroom.fill(place / "out/private/readers.sqlite", READERS)
        return cls(place=place, settings=config.load(place / "newsletter.toml"), forms=("text", "json"))

    @property
    def editions(self) -> set[str]:
        """The letters that are there."""
        return {path.parent.name for path in (self.place / "out/editions").glob("*/edition.json")}

    @property
    def records(self) -> dict[str, journal.Record]:
        """The journal."""
        return {one.edition: one for one in journal.every(self.place / "out/runs")}

    def run(self, *, meet: bool = False, through: str = "send") -> course.Outcome:
        """Run in this process; with `meet` another run comes at each step that begins, and must find it busy."""
        met = []

        def log(event: Event) -> None:
            self.events.append(event)
            if meet and event.state == "begins":
                try:
                    course.run(self._shift(self.events.append, through), Wish())
                except Busy:
                    met.append(event)
                else:
                    raise AssertionError("two runs at once")

        done = course.run(self._shift(log, through), Wish())
        assert not meet or met or not done.records
        return done

    def resolve(self, editions: list[str], inbox: mailroom.Inbox) -> None:
        """Say of the readers that a kill left uncertain what is so: those who have their letter have it."""
        for edition in editions:
            had = {address for address, _, content in inbox.taken if edition.encode() in content}
            with book(self.settings.mail.readers) as held:
                (number,) = held.execute("SELECT number FROM edition WHERE id = ?", (edition,)).fetchone()
                unsure = {address for address, _, _ in ledger.in_state(held, number, "uncertain")}
                assert unsure <= had or not unsure & had, "one answer for all"
                ledger.resolve(held, number, "done" if unsure <= had else "again")

    def _shift(self, log: object, through: str) -> Shift:
        return Shift(
            settings=self.settings, now=lambda: self.now, sleep=self._sleep, log=log, fetching=Quiet(),
            forms=self.forms, through=through, rehearsal=True,
        )  # fmt: skip

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def child(self, *, kill: str = "", room: int = 0) -> int:
        """Run the command in a process of its own; `kill`: when it begins that step; `room`: bytes a file may have."""

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        ran = subprocess.Popen(
            [sys.executable, "-m", "generator", "run", "--config", str(self.place / "newsletter.toml"), "--log", "json",
             "--now", self.now.isoformat(), "--format", *self.forms],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1" if room else ""},
            cwd=self.place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            preexec_fn=limited if room else None,  # noqa: PLW1509 -- no threads
        )  # fmt: skip
        assert ran.stderr is not None
        for line in ran.stderr:
            told = json.loads(line) if line.startswith("{") else {}
            if kill and (told.get("step"), told.get("state")) == (kill, "begins"):
                ran.send_signal(signal.SIGKILL)
        ran.stderr.close()
        return ran.wait()


# --- a span of days ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a span came to."""

    first: date
    last: date
    letters: int
    runs: int
    kills: Counter[str]
    mailed: int
    notices: int
    seconds: float  # of processors, children included
    dearest: tuple[float, float]  # seconds of a letter, median of the first and of the last twenty


def span(first: date, last: date, *, seed: int = 7, mail: range = range(0), site: bool = False) -> Report:
    """Run through a span and hold it to account; raises AssertionError where anything is not as it must be.

    `mail` are the ISO weeks whose letters have a mail. One letter before the span starts the clock.
    """
    gc.freeze()
    chance, begun = random.Random(seed), _processors()  # noqa: S311 -- no secrets
    inbox, kills, runs, costs = mailroom.Inbox(), Counter[str](), 0, []
    complete: list[datetime] = []
    full = False
    with tempfile.TemporaryDirectory(prefix="years-") as name, mailroom.serving(inbox) as port, hook() as (url, told):
        place = Path(name)
        opened(config.Settings(build=config.BuildSettings(store=place / "store.duckdb"))).close()
        office = Office.made(place / "office", place / "store.duckdb", port, url, site=f"{site}".lower())
        steps = _turns(("build", "verify", "archive", "publish", "send") if site else ("build", "verify", "send"))
        planned = sorted(_planned(first, last, chance, steps), key=lambda one: one.at)
        for one in planned:
            office.now = one.at
            office.forms = ("text", "json", "mail") if one.at.isocalendar().week in mail else ("text", "json")
            before, cpu = len(office.editions), time.process_time()
            if one.how in KILLED:
                ended = office.child(kill=one.how)
                assert ended in {-signal.SIGKILL, 0}, ended
                kills[one.how] += ended == -signal.SIGKILL
                if ended == 0:
                    complete.append(one.at)
            elif one.how == "full":
                assert office.child(room=40_000) == 5
                full = True
            else:
                done = office.run(meet=one.how == "overlapped")
                if done.code == 8:  # killed while it sent: the operator looks into the relay's log
                    office.resolve([each.edition for each in done.records if each.held], inbox)
                    done = office.run()
                assert done.code == 0, [each.held for each in done.records]
                complete.append(one.at)
                made = len(office.editions) - before
                if made:
                    costs.append((time.process_time() - cpu) / made)
                if runs % 5 == 0:
                    assert not office.run().records, "nothing was left to do"
            runs += 1
        _account(office, first, last, complete, inbox)
        held = {(each["edition"], each["step"], each["error"]) for each in told if each["error"]}
        assert len(held) == len([each for each in told if each["error"]]), "no notice twice"
        assert full == any(error == "CannotWrite" for _, _, error in held)
        return Report(
            first=first, last=last, letters=len(office.editions), runs=runs, kills=kills, mailed=len(inbox.taken),
            notices=len(told), seconds=_processors() - begun, dearest=(_median(costs[:20]), _median(costs[-20:])),
        )  # fmt: skip


def _planned(first: date, last: date, chance: random.Random, kills: Iterator[str]) -> Iterator[Trigger]:
    """The triggers of a span: the first day has one, the last two, a full disk comes once, no gap is too long."""
    day, quiet, full = first, 0, False
    while day <= last:
        found = triggers(day, chance, kills)
        if day == first or quiet > 5:
            found = [Trigger(at=datetime.combine(day, clock_time(18, 30), tzinfo=NEW_YORK).astimezone(UTC))]
        elif not full and trades(day) and (day - first).days > 2:
            full = True
            evening = datetime.combine(day, clock_time(18, 7), tzinfo=NEW_YORK).astimezone(UTC)
            found = [Trigger(at=evening, how="full"), Trigger(at=evening + timedelta(hours=2))]
        quiet = 0 if found else quiet + 1
        yield from found
        day += DAY
    yield Trigger(at=datetime.combine(last + DAY, clock_time(9, 11), tzinfo=NEW_YORK).astimezone(UTC))


def _turns(steps: tuple[str, ...]) -> Iterator[str]:
    while True:
        yield from steps


def due(key: str) -> datetime:
    """When a letter of the sample may be made: at 18:00 in New York, by the hours that hold on its day."""
    day = date.fromisoformat(key[:10])
    zone = datetime.combine(day, clock_time(18), tzinfo=NEW_YORK).tzname() or ""
    return datetime.combine(day, clock_time(18), tzinfo=UTC) + timedelta(hours=HOURS[zone])


def _account(office: Office, first: date, last: date, complete: list[datetime], inbox: mailroom.Inbox) -> None:
    """Exactly one letter for each due day and kind, none else; each finished; mailed once to each reader if at all."""
    wanted = expected(first, last)
    before = expected(first - DAY * CATCH_UP, first - DAY)
    newest = {kind: [key for key in before if key[11:] == kind][-1:] for kind in ("daily", "weekly", "decision")}
    there = {key[11:] for key in wanted if due(key) <= complete[0]}
    earlier = {key for kind, keys in newest.items() if kind not in there for key in keys}  # the clock begins with those
    assert office.editions == {*wanted, *earlier}
    assert all(record.is_done() for record in office.records.values())
    assert set(office.records) == office.editions
    mailed: Counter[tuple[str, str]] = Counter()
    for address, _, content in inbox.taken:
        edition = next(line for line in content.split(b"\r\n") if line.lower().startswith(b"x-capline-edition:"))
        mailed[edition.split(b":", 1)[1].strip().decode(), address] += 1
    assert set(mailed.values()) <= {1}
    for key in wanted:
        made = min(at for at in complete if at >= due(key))
        newer = [one for one in wanted if one[11:] == key[11:] and one > key and due(one) <= made]
        young = (made.astimezone(NEW_YORK).date() - date.fromisoformat(key[:10])).days <= NEWS
        has_mail = (office.place / "out/editions" / key / "letter.eml").exists()
        readers = READERS if has_mail and young and not newer else 0
        assert sum(1 for edition, _ in mailed if edition == key) == readers, (key, made)


def _processors() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _median(those: list[float]) -> float:
    return sorted(those)[len(those) // 2] if those else 0.0


def parts(first: date, last: date, days: int = 61) -> list[tuple[date, date]]:
    """Spans that follow each other and together are the whole."""
    found = []
    while first <= last:
        found.append((first, min(first + DAY * (days - 1), last)))
        first = found[-1][1] + DAY
    return found


def main() -> None:
    """Run through a span in parts, each with an output folder of its own."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("first", type=date.fromisoformat)
    given.add_argument("last", type=date.fromisoformat)
    given.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given.add_argument("--days", type=int, default=61, help="days of a part")
    given.add_argument("--site", action="store_true", help="with the archive")
    chosen = given.parse_args()
    weeks = range(9, 54, 20)
    with ProcessPoolExecutor(chosen.jobs) as pool:
        running = [
            pool.submit(span, *part, seed=number, mail=weeks, site=chosen.site)
            for number, part in enumerate(parts(chosen.first, chosen.last, chosen.days), start=1)
        ]
        for one in as_completed(running):
            print(one.result(), flush=True)  # noqa: T201 -- a command


if __name__ == "__main__":
    main()
