"""The outlook: what store and package know of decisions of the Federal Reserve, and whether a day's data are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.clock.agenda import DAY, Events
from generator.errors import StaleSeries, UnknownSeries
from generator.facts.calendar import MEETINGS
from generator.facts.policy import UPPER
from generator.sessions import last_session
from generator.sources import open_source
from generator.sources.live import LARGE, SMALL, Live, followed
from generator.sources.sample import Sample
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from generator.clock.agenda import Due
    from generator.config import Settings

RATE = "rates.EFFR"  # a rate that comes with the range in force on its day
THAT_EVENING = frozenset({"equity-close", "vix", "treasury"})  # rules by which values are known on the evening of a day


def events(settings: Settings, now: datetime) -> Events:
    """What is known by a moment of decisions of the Federal Reserve, and how far the source of the settings reaches."""
    live = settings.build.source == Live.name
    end = None if live else open_source(settings.build.source).complete_through
    if settings.store.exists():
        with Store.open(settings.store) as store:
            lines = store.view(now).available((MEETINGS, UPPER))
    else:
        lines = {}
    meetings, changes = (_days(lines[name]) if name in lines else _packaged(name, now) for name in (MEETINGS, UPPER))
    return Events(meetings=meetings, changes=changes, end=end, live=live)


def _days(line: pd.Series[float]) -> tuple[date, ...]:
    return tuple(day.date() for day in pd.DatetimeIndex(line.index))


def _packaged(name: str, now: datetime) -> tuple[date, ...]:
    """The days of a series that comes with Capline, as far as known."""
    rows = Sample().observations()
    known = rows.loc[(rows["series_id"] == name) & (rows["known_at"] <= pd.Timestamp(now)), "date"]
    return tuple(day.date() for day in known)


def lacking(settings: Settings, one: Due) -> tuple[str, ...]:
    """The series whose value for a letter of live data is still to come: those that were up to date the day before.

    A source that has been away for longer is not waited for; the two indices always are.
    """
    if not settings.store.exists():
        return (SMALL, LARGE)
    with Store.open(settings.store) as store:
        reach = store.reach()
    before = last_session(one.day - DAY)
    series = followed([own.model_dump() for own in settings.series], settings.sources.licensed)
    tonight = {name for name, each in series.items() if each.spec.release in THAT_EVENING}
    missing = {name for name in tonight if _is_behind(reach, name, before, one.day)}
    missing |= {name for name in (SMALL, LARGE) if name not in reach or reach[name] < one.day}
    if one.kind == "decision" and (RATE not in reach or reach[RATE] < before):
        missing.add(RATE)
    return tuple(sorted(missing))


def require_decision(settings: Settings, one: Due) -> None:
    """Refuse a decision letter of live data before it is known what was decided: StaleSeries, UnknownSeries."""
    if settings.build.source != Live.name or one.kind != "decision":
        return
    with Store.open(settings.store) as store:
        reach = store.reach()
    if RATE not in reach:
        raise UnknownSeries(RATE)
    in_force = last_session(one.day - DAY)
    if reach[RATE] < in_force:
        raise StaleSeries(RATE, newest=reach[RATE], needed=in_force)


def _is_behind(reach: Mapping[str, date], name: str, before: date, day: date) -> bool:
    return name in reach and before <= reach[name] < day
