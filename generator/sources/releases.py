"""Release rules: the moment an observation became known, where its source does not say.

None of the sample's files carries publication times, so each moment is derived by the rule named in the `release` of
its series. Where a rule cannot be exact it errs on the late side: an edition may miss a figure that a reader had, it
never uses one that no reader had. docs/release-rules.md holds the same table with sources and doubts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar
from pandas.tseries.offsets import CustomBusinessDay

NEW_YORK = ZoneInfo("America/New_York")
FRANKFURT = ZoneInfo("Europe/Berlin")

FOMC_SINCE_2013 = date(2013, 3, 20)  # the first statement at 14:00; before, about 14:15
FOMC_EXCEPTIONS: dict[date, time] = {  # statements between meetings, New York time
    date(1998, 10, 15): time(15, 15),
    date(2001, 1, 3): time(13, 15),
    date(2001, 4, 18): time(10, 55),
    date(2001, 9, 17): time(8, 20),
    date(2008, 1, 22): time(8, 20),
    date(2008, 10, 8): time(7, 0),
    date(2020, 3, 3): time(10, 0),
    date(2020, 3, 15): time(17, 0),  # a Sunday
}
CPI_EXCEPTIONS: dict[date, date] = {  # reference month: day of release; shutdowns of the government
    date(1995, 12, 1): date(1996, 2, 1),
    date(1996, 1, 1): date(1996, 2, 28),
    date(2013, 9, 1): date(2013, 10, 30),
    date(2025, 9, 1): date(2025, 10, 24),
    date(2025, 11, 1): date(2025, 12, 18),
}
Moments = Callable[[pd.DatetimeIndex, pd.DatetimeIndex], pd.DatetimeIndex]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When observations of a kind become known: in a sentence for people, and as a function.

    `known_at(dates, calendar)` takes the dates the observations are about (naive, ascending) and the days the source
    has values for (sessions for returns, days of H.15 for yields), and gives one moment a date, in UTC.
    """

    sentence: str
    known_at: Moments


def at(days: pd.DatetimeIndex, clock: time, zone: ZoneInfo) -> pd.DatetimeIndex:
    """The moment of a clock time on each day in a zone, in UTC to the microsecond."""
    local = days.as_unit("us") + pd.Timedelta(hours=clock.hour, minutes=clock.minute)
    return local.tz_localize(zone).tz_convert("UTC").as_unit("us")


def equity_close(dates: pd.DatetimeIndex, _sessions: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:00 New York on the session."""
    return at(dates, time(16), NEW_YORK)


def month_before(dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:00 New York on the last session before each date; before all sessions, on the last weekday."""
    positions: list[int] = (sessions.searchsorted(dates) - 1).tolist()
    days = [
        sessions[position] if position >= 0 else day - pd.offsets.BDay(1)
        for day, position in zip(dates, positions, strict=True)
    ]
    return at(pd.DatetimeIndex(days), time(16), NEW_YORK)


def next_publication(dates: pd.DatetimeIndex, published: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:15 New York on the next day H.15 has values for; after its last day, on the next federal working day."""
    positions: list[int] = published.searchsorted(dates, side="right").tolist()
    workday = CustomBusinessDay(calendar=USFederalHolidayCalendar())
    days = [
        published[position] if position < len(published) else day + workday
        for day, position in zip(dates, positions, strict=True)
    ]
    return at(pd.DatetimeIndex(days), time(16, 15), NEW_YORK)


def fomc_statement(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The time of the statement in New York on the day of the decision."""
    clocks = [_fomc_clock(day.date()) for day in dates]
    moments = [at(pd.DatetimeIndex([day]), clock, NEW_YORK)[0] for day, clock in zip(dates, clocks, strict=True)]
    return pd.DatetimeIndex(moments, tz="UTC").as_unit("us")


def _fomc_clock(day: date) -> time:
    return FOMC_EXCEPTIONS.get(day, time(14) if day >= FOMC_SINCE_2013 else time(14, 15))


def cpi_release(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """08:30 New York on the latest day of the following month on which CPI was published in that era."""
    days = [_cpi_day(month.date()) for month in dates]
    return at(pd.DatetimeIndex(days), time(8, 30), NEW_YORK)


def _cpi_day(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    latest = 15 if month >= date(2017, 1, 1) else 26
    return CPI_EXCEPTIONS.get(month, following.replace(day=latest))


def ecb_fixing(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:00 in Frankfurt on the day."""
    return at(dates, time(16), FRANKFURT)


def september_before(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Midnight in New York at the start of September of the year before."""
    return at(pd.DatetimeIndex([date(day.year - 1, 9, 1) for day in dates]), time(0), NEW_YORK)


RULES: dict[str, Rule] = {
    "equity-close": Rule(
        sentence="known at 16:00 in New York on the session, when the prices behind the return were public",
        known_at=equity_close,
    ),
    "size-weights": Rule(
        sentence="known at 16:00 in New York on the last session before the month: the row of a month holds the "
        "market values at the end of the month before",
        known_at=month_before,
    ),
    "h15": Rule(
        sentence="published at 16:15 in New York on the next business day (the next day H.15 has values for)",
        known_at=next_publication,
    ),
    "fomc": Rule(
        sentence="announced at 14:00 in New York on the day of the decision (14:15 before 20 March 2013; decisions "
        "between meetings at their own time)",
        known_at=fomc_statement,
    ),
    "cpi": Rule(
        sentence="published by 08:30 in New York on the 15th of the following month (the 26th for months before "
        "2017; releases delayed by a shutdown on their own day)",
        known_at=cpi_release,
    ),
    "fomc-calendar": Rule(
        sentence="taken as known from 1 September of the year before; the Federal Reserve announced each year's "
        "tentative schedule in August or earlier",
        known_at=september_before,
    ),
    "ecb": Rule(sentence="published at 16:00 in Frankfurt on the day", known_at=ecb_fixing),
}
