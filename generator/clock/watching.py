"""The watch: whether a letter that has been due for a while is missing, here or on the published site."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.clock import journal, making, outlook, trust
from generator.clock.agenda import KINDS, agenda
from generator.clock.standing import stopped
from generator.deliver.looking import look

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from generator.clock.agenda import Due
    from generator.clock.standing import Stopped
    from generator.config import Settings

ID = re.compile(r"/(\d{4}-\d{2}-\d{2}-[a-z]+)$")  # at the end of an entry's identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A letter that is due and not there, and what holds it, if that is known here."""

    due: Due
    held: Stopped | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was looked at, what is missing, and what kept us from looking ("": nothing)."""

    place: str
    missing: tuple[Missing, ...]
    problem: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.problem


def here(settings: Settings, now: datetime) -> Watched:
    """Look at the output folder: letters that are not there, or not in the archive."""
    runs = settings.build.output / "runs"
    begun = journal.own(runs).begun

    def is_there(one: Due) -> bool:
        record = journal.read(runs, one.id)
        made = (making.folder(settings, one.id) / making.JSON).exists()
        return made and (record is None or not settings.clock.site or record.is_done("archive"))

    missing = _missing(settings, now, begun, lambda one: not is_there(one))
    return Watched(place=f"{settings.build.output}", missing=missing)


def on_site(settings: Settings, now: datetime, url: str) -> Watched:
    """Look at the feed of a published site. Raises ClockWrong if its server's clock is far from ours."""
    address = f"{url.rstrip('/')}/feed.json"
    seen = look(address)
    if seen.clock:
        trust.compare(seen.clock, now, address)
    if seen.problem:
        return Watched(place=address, missing=(), problem=f"{address} {seen.problem}")
    try:
        entries = json.loads(seen.content)["items"]
        found = [name[1] for one in entries if (name := ID.search(str(one["id"])))]
    except (ValueError, KeyError, TypeError) as problem:
        return Watched(place=address, missing=(), problem=f"{address} is no feed of Capline's ({problem!r})")
    begun = journal.own(settings.build.output / "runs").begun or _oldest(found)
    first = min(found, default="")[:10]  # a feed holds the newest letters only
    missing = _missing(settings, now, begun, lambda one: one.id not in found and f"{one.day}" >= first)
    return Watched(place=address, missing=missing)


def _oldest(found: Collection[str]) -> dict[str, date]:
    days = {kind: [name[:10] for name in found if name[11:] == kind] for kind in KINDS}
    return {kind: date.fromisoformat(min(several)) for kind, several in days.items() if several}


def _missing(
    settings: Settings, now: datetime, begun: Mapping[str, date], is_missing: Callable[[Due], bool]
) -> tuple[Missing, ...]:
    plan = agenda(now, outlook.events(settings, now), settings.clock, begun)
    grace = timedelta(hours=settings.clock.late_hours)
    found = []
    for one in plan.due:
        if one.latest + grace <= now and is_missing(one):
            record = journal.read(settings.build.output / "runs", one.id)
            found.append(Missing(due=one, held=stopped(record) if record and record.held else None))
    return tuple(found)
