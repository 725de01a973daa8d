"""The agenda: which letters are due at a moment, and which come next. Pure: calendar, settings, moment in, letters out.

A daily letter belongs to each session, a weekly one to the last session of a week, Monday to Sunday, a decision letter
to the day of a decision of the Federal Reserve. Live data tell a decision late: the New York Fed publishes the range in
force on the day after it on the morning of the day after that, so that letter belongs to the session of that morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from generator.sessions import NEW_YORK, closing, decision_days, evening, is_session, next_session
from generator.sources.releases import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from generator.config import ClockSettings

KINDS = ("daily", "weekly", "decision")
DAY = timedelta(days=1)
LAPSED = timedelta(days=90)  # looked back beyond the days that are made up for
AHEAD = 75  # days looked ahead for the next letter of a kind; meetings are up to eight weeks apart
LAST_RULE = "treasury"  # of the values that live data bring on the evening of a day, the last by its rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What a source knows of the Federal Reserve by a moment, and how far it reaches."""

    meetings: tuple[date, ...]  # scheduled decisions
    changes: tuple[date, ...]  # days that changes of the target are dated
    end: date | None  # the last day of a source that comes with Capline; None: it goes on
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Due:
    """A letter, and when it is due (UTC): from `since` on if its data are there, from `latest` on whatever is there."""

    day: date
    rank: int  # of its kind
    since: datetime
    latest: datetime

    @property
    def kind(self) -> str:
        """The kind of letter."""
        return KINDS[self.rank]

    @property
    def id(self) -> str:
        """The edition's key, which names its folder."""
        return f"{self.day}-{self.kind}"

    @property
    def command(self) -> str:
        """What makes this letter and no other, whenever it is run."""
        return f"capline run --date {self.day} --kind {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The letters of a moment, each tuple in order of day and kind."""

    due: tuple[Due, ...]  # within the days that are made up for, made already or not
    coming: tuple[Due, ...]  # the next of each kind
    lapsed: tuple[Due, ...]  # due since the clock was first run, but some months to weeks ago: not made up for


def agenda(now: datetime, events: Events, settings: ClockSettings, begun: Mapping[str, date]) -> Agenda:
    """What is due at a moment. `begun` is the day from which on the clock answers for each kind of letter.

    Of a kind that it was never asked for, only the newest is due: what lies before was not missed.
    """
    today = now.astimezone(NEW_YORK).date()
    window = today - DAY * settings.catch_up_days
    found = [one for one in letters(window, today, events, settings) if one.since <= now]
    last = {kind: newest(found, kind) for kind in KINDS}
    due = [one for one in found if (one.day >= begun[one.kind] if one.kind in begun else one == last[one.kind])]
    before = letters(max(min(begun.values(), default=window), window - LAPSED), window - DAY, events, settings)
    lapsed = [one for one in before if one.kind in begun and one.day >= begun[one.kind]]
    later = letters(today, today + DAY * AHEAD, events, settings)
    coming = [next((one for one in later if one.kind == kind and one.since > now), None) for kind in KINDS]
    return Agenda(due=tuple(due), coming=tuple(one for one in coming if one), lapsed=tuple(lapsed))


def newest(those: Collection[Due], kind: str) -> Due | None:
    """The newest letter of a kind."""
    return max((one for one in those if one.kind == kind), default=None)


def is_news(one: Due, those: Collection[Due], now: datetime, *, max_age_days: int) -> bool:
    """Whether a letter is still to be mailed: the newest of its kind, and not too old for news (0: at any age)."""
    age = (now.astimezone(NEW_YORK).date() - one.day).days
    return one == newest((*those, one), one.kind) and (not max_age_days or age <= max_age_days)


def letters(first: date, last: date, events: Events, settings: ClockSettings) -> tuple[Due, ...]:
    """All letters of a span of days, in order of day and kind; none beyond the end of the source."""
    if events.end:
        last = min(last, events.end)
    return tuple(_letters(first, last, events, settings))


def _letters(first: date, last: date, events: Events, settings: ClockSettings) -> Iterator[Due]:
    decided = frozenset(decision_days(events.meetings, events.changes, live=events.live))
    day = first
    while day <= last:
        trades = is_session(day)
        kinds = {
            "daily": trades,
            "weekly": trades and next_session(day) > day + timedelta(days=6 - day.weekday()),
            "decision": day in decided,
        }
        for rank, kind in enumerate(KINDS):
            if kinds[kind] and kind in settings.kinds:
                since, latest = _moments(day, events, settings, trades=trades)
                yield Due(day=day, rank=rank, since=since, latest=latest)
        day += DAY


def _moments(day: date, events: Events, settings: ClockSettings, *, trades: bool) -> tuple[datetime, datetime]:
    """From when on a letter of a day may be made, and from when on it is made whatever is missing."""
    if not trades:  # a decision on a day without trade
        return evening(day), evening(day)
    ready = closing(day) + timedelta(minutes=settings.ready_minutes)
    if not events.live:  # its values carry the moments of their rules: a letter of the sample speaks from the evening
        since = max(ready, evening(day))
        return since, since
    return ready, max(ready, last_value(day))


def last_value(day: date) -> datetime:
    """When the last of a day's live values is published that a letter of its evening waits for, in UTC.

    >>> last_value(date(2026, 11, 24)).isoformat()
    '2026-11-24T23:30:00+00:00'
    """
    import pandas as pd  # noqa: PLC0415 -- release rules are told in its terms

    dates = pd.DatetimeIndex([pd.Timestamp(day)]).as_unit("us")
    moment: datetime = RULES[LAST_RULE].known_at(dates, dates)[0].to_pydatetime()
    return moment
