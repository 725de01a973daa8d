"""Back-filling: several processes make the letters that one would have made, whatever happens to them meanwhile."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from newsroom import ROOT, TODAY, capline, settings_file

from generator import backfill, chain, composing, pipeline
from generator.backfill import Alone, Period, Pool, agenda, tasks
from generator.backfill.shelf import Shelf
from generator.cli import backfilling
from generator.config import BuildSettings, Settings
from generator.edition import from_json, to_json
from generator.errors import BadDate, CannotWrite, Held, StaleSeries, StrangeWorker, UnprovenText, WorkersLost
from generator.render.workshop import Workshop
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsroom import Newsroom

    from generator.backfill import Done, Hands, Progress

FIRST, LAST = "2024-09-11", "2024-09-20"  # with the end of two weeks, and a decision on the 18th
IDS = (
    "2024-09-11-daily", "2024-09-12-daily", "2024-09-13-daily", "2024-09-13-weekly", "2024-09-16-daily",
    "2024-09-17-daily", "2024-09-18-daily", "2024-09-18-decision", "2024-09-19-daily", "2024-09-20-daily",
    "2024-09-20-weekly",
)  # fmt: skip
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
PATIENCE = 120.0  # seconds


@pytest.fixture(scope="module")
def store(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that learns on the morning of the 20th that a yield of the 18th was another one."""
    path = tmp_path_factory.mktemp("backfill") / "store.duckdb"
    shutil.copy(room.store.path, path)
    rows = {"series_id": ["rates.DGS10"], "date": pd.to_datetime(["2024-09-18"]), "value": [3.75], "source": ["sample"],
            "known_at": [pd.Timestamp("2024-09-20T14:00Z")]}  # fmt: skip
    with Store.open(path, read_only=False) as found:
        found.append(pd.DataFrame(rows))
    return path


@pytest.fixture(scope="module")
def one_by_one(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The letters as `capline build` makes them, one after the other."""
    output = tmp_path_factory.mktemp("serial")
    for id_ in IDS:
        asked = pipeline.Asked(day=date.fromisoformat(id_[:10]), kind=id_[11:])
        with Workshop(("text", "json")) as workshop:
            pipeline.build(settings(store, output), asked, ("text", "json"), today=TODAY, workshop=workshop)
    return lying(output)


def settings(store: Path, output: Path, **build: object) -> Settings:
    """Settings of the sample in a store."""
    return Settings(build=BuildSettings(store=store, output=output, **build))  # type: ignore[arg-type]


def lying(output: Path) -> dict[str, bytes]:
    """What lies in the folder of editions, by name."""
    editions = output / "editions"
    return {f"{path.relative_to(editions)}": path.read_bytes() for path in editions.rglob("*") if path.is_file()}


def quietly(_: Progress) -> None:
    """Tell nobody."""


def made(  # noqa: PLR0913 -- what may be asked for
    settings: Settings,
    first: str,
    last: str,
    *,
    kinds: tuple[str, ...] = agenda.KINDS,
    forms: tuple[str, ...] = ("json",),
    hands: Callable[[], Hands] = Alone,
    tell: Callable[[Progress], None] = quietly,
) -> Done:
    """Back-fill a period in this process, if nobody else is named."""
    period = Period.of(f"{first}..{last}")
    return backfill.backfill(
        settings, period, kinds=kinds, forms=forms, hands=hands, today=TODAY, now=NOW, tell=tell
    )  # fmt: skip


class Running:
    """The command under way."""

    def __init__(self, folder: Path, store: Path, *arguments: str) -> None:
        settings_file(folder, store)
        self.editions = folder / "out" / "editions"
        words = [sys.executable, "-m", "generator", "backfill", f"{FIRST}..{LAST}", "--format", "text", *arguments]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        self.process = subprocess.Popen(
            words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip

    def wait_for(self, letters: int) -> None:
        """Wait until so many letters lie there."""
        end = time.monotonic() + PATIENCE
        while len(list(self.editions.glob("*/edition.json"))) < letters:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)

    def workers(self) -> list[int]:
        """Give the processes that make letters."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [pid for pid in map(int, children.split()) if b"spawn_main" in words_of(pid)]

    def end(self) -> tuple[int, str, str]:
        """Wait for the end: code, output and errors."""
        said, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said, errors


def words_of(pid: int) -> bytes:
    """Give the command line of a process; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def gone(pids: list[int]) -> bool:
    """Whether processes end within the time that is allowed."""
    end = time.monotonic() + PATIENCE
    while any(b"spawn_main" in words_of(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(b"spawn_main" in words_of(pid) for pid in pids)


# --- the same letters -------------------------------------------------------------------------------------------


def test_every_form_is_that_of_a_build(room: Newsroom, tmp_path: Path) -> None:
    """Page, mail, text, PDF and edition, though their tools are kept from letter to letter."""
    letter, forms = room.letter("2024-09-18"), room.forms("2024-09-18")
    output = tmp_path / "out"
    job = job_of(settings(room.store.path, output, papers=("a4",)), room.store)

    tasks.print_forms(job, to_json(room.letter("2024-09-20")), ("mail", "json"))
    again = tasks.print_forms(job, to_json(letter), ("web", "mail", "text", "pdf", "json"))

    assert again == forms
    assert list(again)[-1] == "edition.json"  # where it lies, the others lie


def job_of(settings: Settings, held: Store, **other: str) -> tasks.Job:
    """Give a job as a back-fill makes it."""
    given = {"version": backfill.making.__version__, "prose": composing.prose_digest(), "store": held.fingerprint()}
    return tasks.Job(settings=settings, today=TODAY, now=NOW, forms=("json",), **{**given, **other})


# --- stopping and going on --------------------------------------------------------------------------------------


def test_several_processes_make_what_one_would_though_stopped_and_killed(
    tmp_path: Path, store: Path, one_by_one: dict[str, bytes]
) -> None:
    """Byte for byte: words that depend on the letters before, a notice of what was restated, and the chain.

    Ctrl-C ends it with 130, kill -9 at once, and no process stays; what is finished then is kept as it lies. A worker
    that is killed costs no letter: what it had not done is done again.
    """
    stopped = Running(tmp_path, store, "--workers", "2")
    stopped.wait_for(2)
    workers = stopped.workers()
    os.killpg(stopped.process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    code, said, errors = stopped.end()
    assert (code, said) == (130, "")
    assert errors.endswith("capline: stopped\n")
    assert "Traceback" not in errors
    assert gone(workers)
    lie = lying(tmp_path / "out")
    ids = [one["id"] for one in json.loads(lie["chain.json"])["editions"]]
    assert 2 <= len(ids) < len(IDS)
    assert tuple(ids) == IDS[: len(ids)]

    killed = Running(tmp_path, store, "--workers", "2")
    killed.wait_for(len(ids) + 1)
    workers = killed.workers()
    assert workers
    killed.process.kill()
    killed.end()
    assert gone(workers)
    there = sorted(path.parent.name for path in killed.editions.glob("*/edition.json"))
    times = {id_: (killed.editions / id_ / "edition.json").stat().st_mtime_ns for id_ in there}

    last = Running(tmp_path, store, "--workers", "2")
    last.wait_for(len(there) + 1)
    os.kill(last.workers()[0], signal.SIGKILL)
    code, said, errors = last.end()
    assert code == 0, errors
    assert said == f"{FIRST} to {LAST}: {len(IDS) - len(there)} letters made, {len(there)} kept as they were\n"
    assert lying(tmp_path / "out") == one_by_one
    for id_ in there:
        assert (killed.editions / id_ / "edition.json").stat().st_mtime_ns == times[id_]
    assert b"Restated since the letter of" in one_by_one["2024-09-20-daily/letter.txt"]
    assert list(chain.check(killed.editions)) == []


def last_words() -> None:
    """End the process that does this."""
    os._exit(3)


def test_workers_that_die_again_and_again_are_given_up() -> None:
    """With how often, and what to look for."""
    with Pool(1) as hands, pytest.raises(WorkersLost, match="ended 4 times in a row, last at last_words") as raised:
        hands.result(hands.submit(last_words))

    assert "--workers" in raised.value.hint
    assert raised.value.exit_code == 5


def test_a_cluster_makes_them_though_one_worker_is_killed(
    tmp_path: Path, store: Path, one_by_one: dict[str, bytes]
) -> None:
    """Workers in processes of their own, in other folders than ours; no letter is lost, none is made twice."""
    with cluster(tmp_path, workers=2) as (address, workers):
        running = Running(tmp_path, store, "--scheduler", address)
        running.wait_for(2)
        workers[0].kill()
        code, said, errors = running.end()

    assert code == 0, errors
    assert said == f"{FIRST} to {LAST}: 11 letters made, 0 kept as they were\n"
    assert lying(tmp_path / "out") == one_by_one


class cluster:  # noqa: N801 -- used as a function is
    """A Dask scheduler and its workers on the loopback, each a process of its own."""

    def __init__(self, folder: Path, *, workers: int) -> None:
        self.folder, self.count = folder / "cluster", workers
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> tuple[str, list[subprocess.Popen[bytes]]]:
        """Start them; the scheduler writes down where it listens."""
        self.folder.mkdir()
        file = self.folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", f"{file}")
        end = time.monotonic() + PATIENCE
        while not file.exists() or not file.read_text(encoding="utf-8"):
            assert time.monotonic() < end
            time.sleep(0.05)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        for _ in range(self.count):
            self._start("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")
        return address, self.processes[1:]

    def _start(self, *words: str) -> None:
        command = [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1"]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        with (self.folder / "log").open("ab") as log:
            child = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.processes.append(child)

    def __exit__(self, *_: object) -> None:
        """End them."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()


def test_without_dask_a_scheduler_is_refused(tmp_path: Path, store: Path) -> None:
    """The extra is named; so is a scheduler that does not answer."""
    settings_file(tmp_path, store)
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError('no dask')\n", encoding="utf-8")
    environment = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}

    done = capline(tmp_path, "backfill", FIRST, "--scheduler", "tcp://127.0.0.1:1", **environment)

    assert done.returncode == 2
    assert "needs distributed, which is not installed" in done.stderr
    assert "'.[dask]'" in done.stderr


# --- what is there already --------------------------------------------------------------------------------------


def test_what_would_come_out_the_same_is_kept_and_completed(store: Path, tmp_path: Path) -> None:
    """Nothing is written twice; a form that is missing, or of another edition, is made from the edition."""
    there = settings(store, tmp_path)
    first = made(there, "2024-09-12", "2024-09-13", kinds=("daily",))
    edition = tmp_path / "editions" / "2024-09-12-daily" / "edition.json"
    before = edition.stat().st_mtime_ns
    (edition.parent / "letter.txt").write_text("another letter's text\n", encoding="utf-8")

    again = made(there, "2024-09-12", "2024-09-13", kinds=("daily",), forms=("text",))

    assert (first.made, first.kept, first.completed) == (2, 0, 0)
    assert (again.made, again.kept, again.completed) == (0, 2, 2)
    assert edition.stat().st_mtime_ns == before
    assert "12 September 2024" in (edition.parent / "letter.txt").read_text(encoding="utf-8")
    assert made(there, "2024-09-12", "2024-09-13", kinds=("daily",), forms=("text",)).completed == 0


def test_a_letter_that_was_altered_is_made_again_and_what_was_not_stays(store: Path, tmp_path: Path) -> None:
    """By hand, or by other settings; what comes after it is looked at by its words."""
    there = settings(store, tmp_path)
    made(there, "2024-09-12", "2024-09-13", kinds=("daily",))
    lie = lying(tmp_path)
    edition = tmp_path / "editions" / "2024-09-12-daily" / "edition.json"
    edition.write_bytes(edition.read_bytes().replace(b"Small", b"Large"))

    assert made(there, "2024-09-12", "2024-09-13", kinds=("daily",)).made == 2
    assert lying(tmp_path) == lie

    other = there.model_copy(update={"letter": there.letter.model_copy(update={"name": "Caplet"})})
    assert made(other, "2024-09-12", "2024-09-13", kinds=("daily",)).made == 2
    assert from_json(edition.read_bytes(), path=edition).masthead.name == "Caplet"


def test_a_letter_in_between_is_remembered(store: Path, tmp_path: Path) -> None:
    """One of another day that lies there already counts as the letter before, as it does for a build."""
    filled, built = settings(store, tmp_path / "filled"), settings(store, tmp_path / "built")
    for one in (filled, built):
        make(one, "2024-09-13", "weekly")
    for day in ("2024-09-06", "2024-09-20"):
        make(built, day, "weekly")
    assert made(filled, "2024-09-06", "2024-09-06", kinds=("weekly",)).made == 1
    assert made(filled, "2024-09-20", "2024-09-20", kinds=("weekly",)).made == 1

    assert lying(tmp_path / "filled") == lying(tmp_path / "built")


def make(settings: Settings, day: str, kind: str) -> None:
    """Make a letter as `capline build` does."""
    asked = pipeline.Asked(day=date.fromisoformat(day), kind=kind)
    with Workshop(("json",)) as workshop:
        pipeline.build(settings, asked, ("json",), today=TODAY, workshop=workshop)


def test_the_chain_that_a_killed_run_left_behind_is_completed(store: Path, tmp_path: Path) -> None:
    """It is written every so often only; what it lacks is entered, though no letter is made."""
    there = settings(store, tmp_path)
    made(there, "2024-09-12", "2024-09-13", kinds=("daily",))
    file = tmp_path / "editions" / chain.FILE
    whole = file.read_bytes()
    chain.write(file.parent, chain.read(file.parent)[:1])

    assert made(there, "2024-09-12", "2024-09-13", kinds=("daily",)).kept == 2
    assert file.read_bytes() == whole


# --- what cannot be made ----------------------------------------------------------------------------------------


def test_days_beyond_the_data_are_named_and_the_others_made(store: Path, tmp_path: Path) -> None:
    """The sample ends on 31 March 2026: the days after it are refused together, the exit code is 4."""
    done = made(settings(store, tmp_path), "2026-03-31", "2026-04-06", kinds=("daily", "weekly"))

    assert done.made == 1
    assert [f"{one.day}-{one.kind}" for one in done.refused] == [
        "2026-04-01-daily", "2026-04-02-daily", "2026-04-02-weekly", "2026-04-06-daily",
    ]  # fmt: skip
    assert {type(one.error) for one in done.refused} == {StaleSeries}
    text = backfilling.words(Period.of("2026-03-31..2026-04-06"), done)
    assert text.startswith("2026-03-31 to 2026-04-06: 1 letter made, 0 kept as they were, 4 not made\n")
    assert "not made: 3 daily letters, 2026-04-01 to 2026-04-06: size." in text
    assert "not made: 2026-04-02-weekly: size." in text
    assert backfilling.code(done) == 4


def test_days_before_the_data_are_named_too(store: Path, tmp_path: Path) -> None:
    """A letter needs a year behind it."""
    found = agenda_of(store, "1927-05-01..1927-05-07")

    done = made(settings(store, tmp_path), "1927-05-04", "1927-05-06", kinds=("daily",))

    assert found[:2] == ["1927-05-02-daily", "1927-05-03-daily"]
    assert [f"{one.day}" for one in done.refused] == ["1927-05-04", "1927-05-05"]
    assert {type(one.error) for one in done.refused} == {BadDate}
    assert (done.made, backfilling.code(done)) == (1, 4)


def test_a_letter_whose_forms_cannot_be_made_is_left_out_of_those_after_it(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next does not hold its digest: it is written again as if that one had never been."""
    print_forms = tasks.print_forms

    def refusing(job: tasks.Job, content: bytes, forms: tuple[str, ...]) -> Mapping[str, bytes]:
        if b'"id": "2024-09-13-daily"' in content:
            raise UnprovenText("index.html", ["17"])
        return print_forms(job, content, forms)

    monkeypatch.setattr(tasks, "print_forms", refusing)
    done = made(settings(store, tmp_path / "filled"), "2024-09-12", "2024-09-16", kinds=("daily",))

    assert [f"{one.day}: {type(one.error).__name__}" for one in done.refused] == ["2024-09-13: UnprovenText"]
    assert (done.made, backfilling.code(done)) == (2, 5)
    for day in ("2024-09-12", "2024-09-16"):
        make(settings(store, tmp_path / "built"), day, "daily")
    assert lying(tmp_path / "filled") == lying(tmp_path / "built")


def test_behind_a_letter_that_the_disk_refused_none_is_put(tmp_path: Path) -> None:
    """Else the next run would find a letter that holds the digest of one that is not there."""
    (tmp_path / "second").write_text("a file where a folder should be", encoding="utf-8")
    entries = {id_: chain.Entry(id=id_, sha256="0" * 64, previous=None) for id_ in ("first", "second", "third")}

    def put() -> None:
        with Shelf(tmp_path, ()) as shelf:
            for id_, entry in entries.items():
                shelf.put(id_, {"edition.json": b"{}"}, entry)

    with pytest.raises(CannotWrite):
        put()
    assert not (tmp_path / "third").exists()
    assert [one["id"] for one in json.loads((tmp_path / chain.FILE).read_bytes())["editions"]] == ["first"]


def test_drafts_of_a_run_that_was_killed_are_swept(tmp_path: Path) -> None:
    """They would lie there for good."""
    folder = tmp_path / "2024-09-12-daily"
    folder.mkdir()
    (folder / ".edition.json.4711").write_bytes(b"{")
    with Shelf(tmp_path, ()) as shelf:
        shelf.put("2024-09-12-daily", {"edition.json": b"{}"}, None)

    assert sorted(path.name for path in folder.iterdir()) == ["edition.json"]


@pytest.mark.parametrize("what", ["version", "prose", "store"])
def test_a_worker_that_would_make_other_letters_is_refused(room: Newsroom, tmp_path: Path, what: str) -> None:
    """Another Capline, other prose, or another store under the same name."""
    job = job_of(settings(room.store.path, tmp_path), room.store, **{what: "another"})

    with pytest.raises(StrangeWorker, match=f"has another {what}"):
        tasks.prepare(job, pipeline.Asked(day=date(2024, 9, 18)), None)


# --- which letters ----------------------------------------------------------------------------------------------


def agenda_of(store: Path, period: str, kinds: tuple[str, ...] = agenda.KINDS) -> list[str]:
    """Name the letters of a period."""
    chosen = settings(store, Path("nowhere"))
    with Store.open(store) as found:
        wanted = agenda.letters(pipeline.holdings(found, chosen), Period.of(period), kinds)
    return [f"{one.day}-{one.kind}" for one in wanted]


def test_a_period_has_its_sessions_weeks_and_decisions(store: Path) -> None:
    """In the order in which they are made."""
    assert agenda_of(store, f"{FIRST}..{LAST}") == list(IDS)


def test_holidays_and_sundays_are_as_they_were(store: Path) -> None:
    """Good Friday ends the week on Thursday; the Fed moved on a Sunday in March 2020; a year has about 250 sessions."""
    assert agenda_of(store, "2024-03-27..2024-03-31") == ["2024-03-27-daily", "2024-03-28-daily", "2024-03-28-weekly"]
    assert "2020-03-15-decision" in agenda_of(store, "2020-03-14..2020-03-16")
    assert len(agenda_of(store, "2015-01-01..2025-12-31", ("daily",))) == 2766
    assert len(agenda_of(store, "2015-01-01..2025-12-31", ("weekly",))) == 574


def test_a_meeting_without_a_move_is_a_decision(store: Path) -> None:
    """31 January 2024: the schedule of that year is in the sample."""
    assert agenda_of(store, "2024-01-29..2024-02-02", ("decision",)) == ["2024-01-31-decision"]


@pytest.mark.parametrize(
    "period", ["2024", "2024-09-20..2024-09-11", "2024-09-14..2024-09-15", "1900-01-01..1900-02-01"]
)
def test_a_period_without_letters_is_refused(store: Path, period: str) -> None:
    """No period, one that ends before it begins, a weekend, one before all data."""
    with pytest.raises(BadDate):
        agenda_of(store, period)


# --- the command and what it prints -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("2024-09",), "is no period"),
        ((FIRST, "--kind", "daly"), "did you mean 'daily'"),
        ((FIRST, "--format", "pfd"), "did you mean 'pdf'"),
    ],
)
def test_a_wrong_call_is_refused(tmp_path: Path, store: Path, words: tuple[str, ...], problem: str) -> None:
    """With exit code 2, before anything is written."""
    settings_file(tmp_path, store)

    done = capline(tmp_path, "backfill", *words)

    assert done.returncode == 2
    assert problem in done.stderr
    assert not (tmp_path / "out").exists()


def test_progress_is_told_in_letters(store: Path, tmp_path: Path) -> None:
    """Every letter counts once, whatever became of it."""
    told: list[Progress] = []

    made(settings(store, tmp_path), "2026-03-31", "2026-04-02", kinds=("daily",), tell=told.append)

    assert [(one.settled, one.made, one.refused) for one in told] == [(1, 0, 1), (2, 0, 2), (3, 1, 2)]
    assert backfilling.line(told[-2], 0.5) == "2 of 3 letters, 2 not made, 0.5 a second, 0:02 left"


def test_errors_travel_between_processes() -> None:
    """As what they are, with their hints and fields."""
    error = Held("late", "price.RUT", "three days late", remedy="fetch again", day=date(2024, 9, 18), others=["x"])

    back = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own

    assert (type(back), str(back), back.hint, back.exit_code) == (Held, str(error), error.hint, 7)
    assert (back.rule, back.day, back.others) == ("late", date(2024, 9, 18), ("x",))
