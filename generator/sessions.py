"""Exchange sessions, and the moments of a day that an edition speaks from.

The calendar is NYSE's, from exchange_calendars. Its import costs more than a whole build, so it happens on first
use; what holds the sessions already (any daily history does) asks `session_on_or_before` and never pays.
"""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.errors import BadDate

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from exchange_calendars import ExchangeCalendar  # type: ignore[import-untyped]

NEW_YORK = ZoneInfo("America/New_York")
CLOSE = time(16)
EVENING = time(18)

# exchange_calendars leaves out the Saturday sessions (to 1952) and the holidays before 1970. From 1970 on its
# sessions are those of the daily file of the French library, day for day; tests/test_sessions.py holds this.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2098, 12, 31)


def close(day: date) -> datetime:
    """16:00 in New York on a day, in UTC. An early close (13:00) is not told apart: 16:00 is the later bound.

    >>> close(date(2024, 9, 18)).isoformat()
    '2024-09-18T20:00:00+00:00'
    """
    return datetime.combine(day, CLOSE, tzinfo=NEW_YORK).astimezone(UTC)


def evening(day: date) -> datetime:
    """18:00 in New York on a day, in UTC: the moment an edition of that day speaks from.

    >>> evening(date(2026, 1, 15)).isoformat()
    '2026-01-15T23:00:00+00:00'
    """
    return datetime.combine(day, EVENING, tzinfo=NEW_YORK).astimezone(UTC)


def session_on_or_before(sessions: pd.DatetimeIndex, day: date) -> date:
    """The last of some sessions (ascending, naive) that is not after a day; BadDate if all of them are."""
    position = int(sessions.searchsorted(datetime.combine(day, time()), side="right"))
    if position == 0:
        first = f"{sessions[0]:%Y-%m-%d}" if len(sessions) else "none"
        raise BadDate(f"{day} lies before the first session (first: {first})", hint="choose a later date")
    return date.fromisoformat(f"{sessions[position - 1]:%Y-%m-%d}")


def is_session(day: date) -> bool:
    """Whether New York trades on a day; BadDate outside FIRST_DAY to LAST_DAY."""
    return last_session(day) == day


def last_session(day: date) -> date:
    """The session of a day or the last one before it; BadDate outside FIRST_DAY to LAST_DAY."""
    return session_on_or_before(_sessions_around(day), day)


def next_session(day: date) -> date:
    """The first session after a day; BadDate outside FIRST_DAY to LAST_DAY."""
    sessions = _sessions_around(day)
    following = sessions[int(sessions.searchsorted(datetime.combine(day, time()), side="right"))]
    return date.fromisoformat(f"{following:%Y-%m-%d}")


def closing(day: date) -> datetime:
    """The close of a session in UTC, early closes minded; BadDate for a day without trade, or outside the calendar.

    >>> closing(date(2024, 11, 29)).isoformat(), closing(date(2024, 11, 27)).isoformat()
    ('2024-11-29T18:00:00+00:00', '2024-11-27T21:00:00+00:00')
    """
    if not is_session(day):
        raise BadDate(f"{day} is no session of New York", hint="choose a day on which it trades")
    found: pd.Timestamp = _calendar(day.year // 10 * 10 + 10).closes[f"{day}"]
    return found.to_pydatetime().astimezone(UTC)


def _sessions_around(day: date) -> pd.DatetimeIndex:
    """All sessions from just before FIRST_DAY to well after a day."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadDate(
            f"{day} lies outside the calendar of New York sessions, {FIRST_DAY} to {LAST_DAY}",
            hint="choose a date within it; for earlier days take the sessions of a daily history",
        )
    sessions: pd.DatetimeIndex = _calendar(day.year // 10 * 10 + 10).sessions
    return sessions


@lru_cache(maxsize=16)
def _calendar(last_year: int) -> ExchangeCalendar:
    # Imported on first use: 0.4 s that a build does without.
    from exchange_calendars import get_calendar  # noqa: PLC0415

    start, end = FIRST_DAY - timedelta(days=1), min(date(last_year, 12, 31), LAST_DAY + timedelta(days=31))
    with warnings.catch_warnings():
        # exchange_calendars 4.13 uses what pandas 3.1 calls deprecated; neither is ours to mend.
        warnings.filterwarnings("ignore", message="Series.values returning", category=DeprecationWarning)
        return get_calendar("XNYS", start=start.isoformat(), end=end.isoformat())


def decision_days(meetings: Iterable[date], changes: Iterable[date], *, live: bool) -> tuple[date, ...]:
    """The days of decision letters, by meetings and changes: that of the decision; of live data, two sessions after it.

    Live data tell a decision late: the bank publishes the range in force on the day after a meeting on the morning of
    the day after that. The history in the package, which they start from, dates a change as decided, the bank as in
    force: a change belongs to a meeting if it has the date of either.

    >>> decision_days([date(2024, 9, 18)], [date(2020, 3, 15), date(2024, 9, 18), date(2024, 9, 19)], live=True)
    (datetime.date(2020, 3, 16), datetime.date(2024, 9, 20))
    """
    if not live:
        return tuple(sorted({*meetings, *changes}))
    in_force = {one: next_session(one) for one in meetings if one >= FIRST_DAY}
    dated = {*in_force, *in_force.values()}
    alone = (one for one in changes if one >= FIRST_DAY and one not in dated)
    return tuple(sorted({next_session(one) for one in (*in_force.values(), *alone)}))
