"""Days on which a source should have a value: New York's sessions, the federal, the European and other calendars.

`generator.sessions` asks exchange_calendars, whose import costs more than a build. The gates run in every build and
look at three months, so they have the rules themselves; tests/test_quality_calendars.py holds them to
exchange_calendars and to the days of the sample, day for day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from generator.sessions import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from generator.model import SeriesSpec

EPOCH = date(1970, 1, 1).toordinal()
SINCE = date(1990, 1, 1)  # before it the gates hold no series to a calendar
MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6
JUNETEENTH_STOCKS, JUNETEENTH, KING_STOCKS = 2022, 2021, 1998  # the first years they were kept
CLOSED_STOCKS = frozenset(  # mourning, terror and storms
    date.fromisoformat(day)
    for day in (
        "1994-04-27", "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2004-06-11", "2007-01-02", "2012-10-29",
        "2012-10-30", "2018-12-05", "2025-01-09",
    )
)  # fmt: skip
CLOSED_BONDS = frozenset(
    date.fromisoformat(day)
    for day in ("1994-04-27", "2001-09-11", "2001-09-12", "2004-06-11", "2012-10-30", "2018-12-05")
)
QUIET_EURO = frozenset((date(1999, 12, 31), date(2001, 12, 31)))


def calendar_of(spec: SeriesSpec) -> str | None:
    """The calendar a series keeps: a name in CALENDARS, or None for events, weeks and months, and for a reader's own.

    >>> from generator.sources.sample import Sample
    >>> sorted({f"{calendar_of(spec)}" for spec in Sample().specs()})
    ['None', 'bonds', 'euro', 'stocks']
    """
    if spec.release == "own":
        return None
    if spec.frequency == "business day":
        return {"ecb": "euro", "futures": "weekdays", "utc-day": "weekdays"}.get(spec.release, "bonds")
    return {"session": "stocks", "day": "every day"}.get(spec.frequency)


@lru_cache(maxsize=1024)
def due_days(calendar: str, first: int, last: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The days from one to another (since 1970, both included) that must have a value, and those that may have one."""
    days = np.arange(first, last + 1, dtype=np.int32)
    if calendar == "every day":
        return days, days
    closed, loose = CALENDARS[calendar]
    years = range(date.fromordinal(first + EPOCH).year, date.fromordinal(last + EPOCH).year + 2)
    free, unsure = (
        np.fromiter((day.toordinal() - EPOCH for year in years for day in kind(year)), np.int32)
        for kind in (closed, loose)
    )
    weekdays = days[(days + THURSDAY) % 7 < SATURDAY]
    may = weekdays[~np.isin(weekdays, free)]
    return may[~np.isin(may, unsure)], may


def last_session(moment: datetime, *, settle: timedelta) -> date:
    """The newest session of New York that had closed so long before a moment, early closes minded."""
    local = moment.astimezone(NEW_YORK)
    today = local.date().toordinal() - EPOCH
    must, _ = due_days("stocks", today - 14, today)
    for day in must[::-1].tolist():
        session = date.fromordinal(day + EPOCH)
        if session_end(session) + settle <= moment:
            return session
    raise AssertionError(moment)  # New York is never closed for two weeks


def session_end(day: date) -> datetime:
    """The close of a session of New York: 13:00 on the days before and after a holiday that end early, else 16:00."""
    return datetime.combine(day, time(13 if _ends_early(day) else 16), tzinfo=NEW_YORK)


def next_due(calendar: str, last: int) -> int:
    """The first day after another (since 1970) that must have a value."""
    must, _ = due_days(calendar, last + 1, last + 21)
    return int(must[0])


def _ends_early(day: date) -> bool:
    """13:00 on 3 July and 24 December, if the holiday after it is another weekday, and after Thanksgiving."""
    if (day.month, day.day) in {(7, 3), (12, 24)}:
        return day.weekday() <= THURSDAY
    return day == _nth(day.year, 11, THURSDAY, 4) + timedelta(days=1)


# --- holidays -----------------------------------------------------------------------------------------------------


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The first, second, ... of a weekday in a month; 0: the last of the month before."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _easter(year: int) -> date:
    """Easter Sunday, by the rule of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    epact = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _good_friday(year: int) -> date:
    return _easter(year) - timedelta(days=2)


def _kept(day: date, *, friday: bool) -> tuple[date, ...]:
    """The weekday on which a holiday of a date is kept: the Monday after a Sunday, perhaps the Friday before."""
    if day.weekday() == SUNDAY:
        return (day + timedelta(days=1),)
    if day.weekday() == SATURDAY:
        return (day - timedelta(days=1),) if friday else ()
    return (day,)


@cache
def _stocks(year: int) -> frozenset[date]:
    days = {
        *_kept(date(year, 1, 1), friday=False),
        _nth(year, 2, MONDAY, 3),
        _good_friday(year),
        _nth(year, 6, MONDAY, 0),  # Memorial Day, the last Monday of May
        *_kept(date(year, 7, 4), friday=True),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 11, THURSDAY, 4),
        *_kept(date(year, 12, 25), friday=True),
    }
    if year >= KING_STOCKS:
        days.add(_nth(year, 1, MONDAY, 3))
    if year >= JUNETEENTH_STOCKS:
        days.update(_kept(date(year, 6, 19), friday=True))
    return frozenset(days) | {day for day in CLOSED_STOCKS if day.year == year}


@cache
def _bonds(year: int) -> frozenset[date]:
    """Federal holidays, which the Federal Reserve does not move to a Friday."""
    days = {
        *_kept(date(year, 1, 1), friday=False),
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _nth(year, 6, MONDAY, 0),
        *_kept(date(year, 7, 4), friday=False),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2),
        *_kept(date(year, 11, 11), friday=False),
        _nth(year, 11, THURSDAY, 4),
        *_kept(date(year, 12, 25), friday=False),
    }
    if year >= JUNETEENTH:
        days.update(_kept(date(year, 6, 19), friday=False))
    return frozenset(days)


@cache
def _bonds_unsure(year: int) -> frozenset[date]:
    """Days on which dealers stay at home in some years: Good Friday, the Friday before a holiday, days of mourning."""
    days = {_good_friday(year)}
    for month, day in ((7, 4), (12, 25)):
        days.update(_kept(date(year, month, day), friday=True))
    return frozenset(days) | {day for day in CLOSED_BONDS if day.year == year}


@cache
def _euro(year: int) -> frozenset[date]:
    """Holidays of the system of European central banks, whole since 2000."""
    days = {date(year, 1, 1), date(year, 12, 25)}
    if year >= 2000:  # noqa: PLR2004 -- TARGET's long list of holidays begins with that year
        easter = _easter(year)
        days |= {easter - timedelta(days=2), easter + timedelta(days=1), date(year, 5, 1), date(year, 12, 26)}
    return frozenset(days)


@cache
def _euro_unsure(_year: int) -> frozenset[date]:
    return QUIET_EURO


@cache
def _nowhere(_year: int) -> frozenset[date]:
    return frozenset()


@cache
def _somewhere(year: int) -> frozenset[date]:
    """Any of the holidays above."""
    return _stocks(year) | _bonds(year) | _bonds_unsure(year) | _euro(year) | QUIET_EURO


CALENDARS: dict[str, tuple[Callable[[int], frozenset[date]], Callable[[int], frozenset[date]]]] = {
    "stocks": (_stocks, _nowhere),  # closed, and those on which a value may be there or not
    "bonds": (_bonds, _bonds_unsure),
    "euro": (_euro, _euro_unsure),
    "weekdays": (_nowhere, _somewhere),
}
