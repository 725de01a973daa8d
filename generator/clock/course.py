"""The course of a run: fetch, then each letter that is due from step to step, each step written down when it is done.

Letters are built and verified one by one, oldest first; the site is built and published once for all of them; then each
page is waited for, and its letter sent. An error holds its letter where it stands and no other, unless that other needs
the same step; the next run goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from generator import archive, config, files, intake
from generator.clock import journal, making, outlook, posting, telling, trust
from generator.clock.agenda import KINDS, agenda, is_news, letters
from generator.clock.journal import Record
from generator.clock.shift import Event
from generator.errors import Busy, CaplineError, Unverified
from generator.sessions import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.clock.agenda import Agenda, Due
    from generator.clock.shift import Shift, Wish

Order = tuple["Due", ...]
SHOWN = 6  # series that a line of the log names


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended: the letters it worked on, those whose data are still to come, and the agenda it went by."""

    records: tuple[Record, ...]
    waiting: tuple[Due, ...]
    agenda: Agenda
    lost: tuple[Due, ...]  # too long ago to be made up for, and not there

    @property
    def code(self) -> int:
        """The exit code: that of the first letter that is held; 0 if none is."""
        return next((one.held[1].code for one in self.records if one.held), 0)


def run(shift: Shift, wish: Wish) -> Outcome:
    """Do whatever is due.

    Raises Busy while another run is at work, ClockWrong, and what concerns no single letter (a store that cannot be
    read); the operator is told of those but Busy. What holds a letter is in the outcome.
    """
    with files.held(shift.runs):
        try:
            done = _run(shift, wish)
        except Busy:
            raise
        except CaplineError as problem:
            telling.whole(shift, problem)
            raise
        mine = journal.own(shift.runs)
        if mine.begun or mine.told:  # something was due once, or told
            journal.keep(shift.runs, replace(mine, last=shift.now() if mine.begun else None, told=()))
        return done


def _run(shift: Shift, wish: Wish) -> Outcome:
    trust.by_what_lies_here(shift.settings, shift.now())
    plan = _plan(shift)
    for path in journal.damaged(shift.runs, [one.id for one in plan.due]):
        shift.say("", "run", "note", f"{path} cannot be read; it is begun anew")
    wanted = _wanted(shift, wish, plan)
    if any(not _record(shift, one).is_done("build") for one in wanted) and _fetch(shift):
        plan = _plan(shift)  # a decision may have become known
        wanted = _wanted(shift, wish, plan)
    _begin(shift, plan)
    lost = tuple(one for one in plan.lapsed if not _there(shift, one))
    if not shift.reaches("build"):
        return Outcome(records=tuple(_record(shift, one) for one in wanted), waiting=(), agenda=plan, lost=lost)
    records, waiting = _made(shift, wanted, missed=wish.day is None and journal.own(shift.runs).last is not None)
    records = _published(shift, records)
    news = {one.id for one in wanted if is_news(one, plan.due, shift.now(), max_age_days=_age(shift))}
    records = _sent(shift, [one for one in wanted if one not in waiting], records, news)
    return Outcome(records=tuple(records.values()), waiting=waiting, agenda=plan, lost=lost)


def _age(shift: Shift) -> int:
    return shift.settings.mail.max_age_days


# --- what is to be done -----------------------------------------------------------------------------------------


def _plan(shift: Shift) -> Agenda:
    known = outlook.events(shift.settings, shift.now())
    return agenda(shift.now(), known, shift.settings.clock, _begun(shift))


def _begun(shift: Shift) -> Mapping[str, date]:
    """From which day on the clock answers for each kind; where its journal is lost, from its oldest letter lately."""
    mine = journal.own(shift.runs).begun
    if mine:
        return mine
    first = shift.now().astimezone(NEW_YORK).date() - timedelta(days=shift.settings.clock.catch_up_days)
    there = [path.parent.name for path in (shift.settings.build.output / "editions").glob("*/edition.json")]
    found = {kind: [name[:10] for name in there if name[11:] == kind and name[:10] >= f"{first}"] for kind in KINDS}
    return {kind: date.fromisoformat(min(days)) for kind, days in found.items() if days}


def _begin(shift: Shift, plan: Agenda) -> None:
    """Write down from which day on the clock answers for a kind, the first time a letter of it is due."""
    mine = journal.own(shift.runs)
    first = {one.kind: one.day for one in reversed(plan.due)}
    begun = {**first, **_begun(shift)}
    if begun != mine.begun:
        journal.keep(shift.runs, replace(mine, begun=begun))


def _wanted(shift: Shift, wish: Wish, plan: Agenda) -> Order:
    """The letters of the agenda that are not finished; with a wish, those asked for, however old."""
    due: Sequence[Due] = plan.due
    if wish.day:
        known = outlook.events(shift.settings, shift.now())
        due = [one for one in letters(wish.day, wish.day, known, shift.settings.clock) if one.since <= shift.now()]
    asked = [one for one in due if wish.kind in {None, one.kind}]
    return tuple(one for one in asked if not _record(shift, one).is_done())


def _record(shift: Shift, one: Due) -> Record:
    """The record of a letter; a new one if there is none, or if the letter that it tells of was taken away."""
    found = journal.read(shift.runs, one.id)
    if found is None or (found.is_done("build") and not _there(shift, one)):
        return Record(edition=one.id, due=one.latest)
    return found


def _there(shift: Shift, one: Due) -> bool:
    return (making.folder(shift.settings, one.id) / making.JSON).exists()


def _fetch(shift: Shift) -> bool:
    """Bring the store of live data up to date, if the run has one; whether it did."""
    settings = shift.settings
    if settings.build.source != "live" or shift.offline:
        return False
    keys = config.keys()
    if not shift.rehearsal:
        trust.by_the_sources(settings, keys.sources, shift.now)
    shift.say("", "fetch", "begins", "what is new from live sources")
    report = intake.fetched(settings, None, keys=keys, now=shift.now(), tell=shift.fetching)
    failed = [one.series_id for one in report.failed]
    new = sum(one.new + one.revised for one in report.outcomes)
    words = f"{len(report.outcomes)} series asked for, {new:,} new values"
    if failed:
        words += f"; not read from any source: {_some(failed)}"
    shift.say("", "fetch", "done", words)
    return True


def _some(names: Sequence[str]) -> str:
    """The first few of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


# --- steps of one letter ----------------------------------------------------------------------------------------


def _step(shift: Shift, record: Record, name: str, work: Callable[[], str]) -> Record:
    """Do a step that is not done, and write down how it ended."""
    if record.is_done(name):
        return record
    shift.say(record.edition, name, "begins", "")
    try:
        words = work()
    except Busy:  # somebody works here by hand: the whole run gives way
        raise
    except CaplineError as problem:
        return _stopped(shift, record, name, problem)
    return _ended(shift, record, name, words)


def _ended(shift: Shift, record: Record, name: str, words: str) -> Record:
    done = record.done(name, words, shift.now())
    journal.write(shift.runs, done)
    shift.say(record.edition, name, "done", words)
    return done


def _stopped(shift: Shift, record: Record, name: str, problem: CaplineError) -> Record:
    held = record.stopped(name, problem, shift.now())
    event = Event(
        at=shift.now(), edition=record.edition, step=name, state="held", words=f"{problem}",
        error=type(problem).__name__, code=problem.exit_code, hint=problem.hint,
    )  # fmt: skip
    shift.log(event)
    journal.write(shift.runs, held)
    return telling.held(shift, held, name, problem)


def _made(shift: Shift, wanted: Order, *, missed: bool) -> tuple[dict[str, Record], Order]:
    """Build and verify each; those whose data are still to come are left for the next run.

    `missed` says that a letter made late is one that earlier runs should have made.
    """
    records: dict[str, Record] = {}
    waiting = []
    for one in wanted:
        record = _record(shift, one)
        if not record.is_done("build") and (missing := _to_come(shift, one)):
            waiting.append(one)
            until = one.latest.astimezone(NEW_YORK)
            words = f"for {_some(missing)}, at most until {until:%Y-%m-%d %H:%M} in New York"
            shift.say(one.id, "build", "waits", words)
            continue
        record = _late(shift, one, record) if missed else record
        record = _step(shift, record, "build", partial(_built, shift, one))
        if record.is_done("build") and not record.is_done("verify") and shift.reaches("verify"):
            before = making.seal(shift.settings, one.id)
            record = _step(shift, replace(record, seal=before), "verify", partial(_verified, shift, one))
        records[one.id] = record
    return records, tuple(waiting)


def _built(shift: Shift, one: Due) -> str:
    if not _there(shift, one):
        outlook.require_decision(shift.settings, one)
    return making.build(shift.settings, one, shift.forms, shift.now())


def _verified(shift: Shift, one: Due) -> str:
    return making.verified(shift.settings, one, shift.now())


def _to_come(shift: Shift, one: Due) -> tuple[str, ...]:
    if shift.settings.build.source != "live" or shift.now() >= one.latest or _there(shift, one):
        return ()
    return outlook.lacking(shift.settings, one)


def _late(shift: Shift, one: Due, record: Record) -> Record:
    """Tell the operator of a letter that is only made so long after it was due."""
    hours = (shift.now() - one.latest).total_seconds() / 3600
    if record.steps or hours < shift.settings.clock.late_hours or _there(shift, one):
        return record
    return telling.said(shift, record, "late", f"was due {hours:,.0f} hours ago and is only made now")


# --- steps of all letters ---------------------------------------------------------------------------------------


def _published(shift: Shift, records: dict[str, Record]) -> dict[str, Record]:
    """Build the site and have it published, once for all letters that wait for it."""
    for name, work in (("archive", lambda: _archived(shift)), ("publish", lambda: _handed_over(shift))):
        if shift.reaches(name):
            records = _together(shift, records, name, work)
    return records


def _together(shift: Shift, records: dict[str, Record], name: str, work: Callable[[], str]) -> dict[str, Record]:
    before = journal.STEPS[: journal.STEPS.index(name)]
    mine = [one for one in records.values() if one.is_done(*before) and not one.is_done(name)]
    if not mine:
        return records
    for one in mine:
        shift.say(one.edition, name, "begins", "")
    try:
        words = work()
    except Busy:
        raise
    except CaplineError as problem:
        ended = {one.edition: _stopped(shift, one, name, problem) for one in mine}
    else:
        ended = {one.edition: _ended(shift, one, name, words) for one in mine}
    return records | ended


def _archived(shift: Shift) -> str:
    """Build the site, unless a letter in it is not to be believed: Unverified."""
    if not shift.settings.clock.site:
        return "no site (`site` in [clock] is off)"
    for one in journal.every(shift.runs):
        held = one.held
        if held and held[0] == "verify" and (shift.settings.build.output / "editions" / one.edition).exists():
            raise Unverified(one.edition, (f"so it cannot stand in the archive: {held[1].words}",))
    done = archive.built(shift.settings)
    notes = "".join(f"; {note}" for note in done.notes)
    return f"{done.editions} editions, {done.made} parts made, {done.kept} kept{notes}"


def _handed_over(shift: Shift) -> str:
    return posting.publish(shift.settings) if shift.settings.clock.site else "no site"


def _sent(shift: Shift, wanted: Sequence[Due], records: dict[str, Record], news: set[str]) -> dict[str, Record]:
    """Wait for each page and send each letter."""
    until = posting.end_of_waiting(shift)
    for one in wanted:
        record = records[one.id]
        if record.is_done(*journal.STEPS[:4]) and shift.reaches("wait"):
            record = _step(shift, record, "wait", partial(posting.wait, shift, one, until))
        if record.is_done(*journal.STEPS[:5]) and shift.reaches("send") and not record.is_done("send"):
            record = _mailed(shift, one, record, news=one.id in news)
        records[one.id] = record
    return records


def _mailed(shift: Shift, one: Due, record: Record, *, news: bool) -> Record:
    """Send a letter if it is to be mailed; the operator is told of one that was meant to be and no more is."""
    tried = record.steps.get("send")
    fresh = news or (tried is not None and tried.error == "Unfinished" and _is_young(shift, one))
    why = posting.hindrance(shift, one, news=fresh)
    if not why:
        return _step(shift, record, "send", lambda: posting.send(shift, one, seal=record.seal))
    if tried:
        why += f"; held before by: {tried.words}"
        record = telling.said(shift, record, "unsent", "was not mailed to all, and is no news any more")
    return _ended(shift, record, "send", why)


def _is_young(shift: Shift, one: Due) -> bool:
    """Whether a letter that some readers have had already may still go to the others."""
    age = (shift.now().astimezone(NEW_YORK).date() - one.day).days
    return not _age(shift) or age <= _age(shift)
