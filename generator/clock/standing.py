"""How things stand: letters, what comes next, data, readers, deliveries, and what is held. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import pipeline
from generator.clock import journal, making, outlook
from generator.clock.agenda import KINDS, agenda
from generator.deliver import ledger
from generator.deliver.book import opened
from generator.deliver.listing import tally
from generator.errors import BookError, Busy, ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from generator.clock.agenda import Agenda, Due
    from generator.clock.journal import Record
    from generator.config import Settings
    from generator.survey import Surveyed


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A letter that is held: where, by what, since when, and what mends it."""

    edition: str
    step: str
    error: str
    words: str
    code: int
    hint: str
    tries: int
    at: datetime

    @property
    def command(self) -> str:
        """What tries again."""
        return f"capline run --date {self.edition[:10]} --kind {self.edition[11:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All of it at a moment."""

    now: datetime
    last: tuple[Record, ...]  # the newest letter of each kind; one that was made by hand has no steps
    open: tuple[Due, ...]  # due, and not finished
    agenda: Agenda
    held: tuple[Stopped, ...]
    series: tuple[Surveyed, ...]
    reach: date | None
    readers: Mapping[str, int]  # by why nothing is sent to them; "": they get letters
    deliveries: Mapping[str, Mapping[str, int]]  # of the newest letters, by state
    notes: tuple[str, ...]


def standing(settings: Settings, now: datetime) -> Standing:
    """Look at everything; what cannot be read is in the notes."""
    runs, notes = settings.build.output / "runs", []
    plan = agenda(now, outlook.events(settings, now), settings.clock, journal.own(runs).begun)
    records = journal.every(runs)
    known = {one.edition: one for one in records}
    last = tuple(_newest(settings, known, now))
    unread = journal.damaged(runs, [one.id for one in plan.due])
    notes += [f"{path} cannot be read; the next run begins it anew" for path in unread]
    gone = [one for one in plan.lapsed if not (making.folder(settings, one.id) / making.JSON).exists()]
    notes += [f"{one.id} was never made, and is no more made up for: {one.command}" for one in gone]
    series: tuple[Surveyed, ...] = ()
    reach = None
    if settings.store.exists():
        try:
            series, reach = pipeline.surveyed(settings, None, now=now)
        except (Busy, StoreError) as problem:
            notes.append(f"the store cannot be looked at: {problem}")
    readers: Mapping[str, int] = {}
    deliveries: Mapping[str, Mapping[str, int]] = {}
    try:
        readers, deliveries = _mailed(settings, [one.edition for one in last])
    except (BookError, ConfigError) as problem:
        notes.append(f"readers and deliveries cannot be looked at: {problem}")
    return Standing(
        now=now,
        last=last,
        open=tuple(one for one in plan.due if one.id not in known or not known[one.id].is_done()),
        agenda=plan,
        held=tuple(stopped(one) for one in records if one.held),
        series=series,
        reach=reach,
        readers=readers,
        deliveries=deliveries,
        notes=tuple(notes),
    )


def stopped(record: Record) -> Stopped:
    """What holds a letter that is held."""
    if record.held is None:
        raise AssertionError(record.edition)
    name, step = record.held
    return Stopped(
        edition=record.edition, step=name, error=step.error, words=step.words, code=step.code, hint=step.hint,
        tries=step.tries, at=step.at,
    )  # fmt: skip


def _newest(settings: Settings, known: Mapping[str, Record], now: datetime) -> list[Record]:
    editions = settings.build.output / "editions"
    names = [path.parent.name for path in editions.glob("*/edition.json")]
    newest = (max((name for name in names if name[11:] == kind), default="") for kind in KINDS)
    return [known.get(name) or journal.Record(edition=name, due=now) for name in newest if name]


def _mailed(
    settings: Settings, editions: list[str]
) -> tuple[Mapping[str, int], Mapping[str, Mapping[str, int]]]:  # fmt: skip
    if not (settings.mail.database or settings.mail.readers.exists()):
        return {}, {}
    with opened(settings.mail.book) as book:
        return tally(book), {name: ledger.of_edition(book, name) for name in editions}
