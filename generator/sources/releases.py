"""Release rules: the moment an observation became known, where its source does not say.

None of the sample's files carries publication times, nor do most live sources: what is filled in after the event has
its moment derived by the rule named in the `release` of its series. Where a rule cannot be exact it errs on the late
side: an edition may miss a figure that a reader had, it never uses one that no reader had. docs/release-rules.md holds
the same table with sources and doubts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar
from pandas.tseries.offsets import CustomBusinessDay

NEW_YORK = ZoneInfo("America/New_York")
FRANKFURT = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")

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
JOBS_EXCEPTIONS: dict[date, date] = {  # reference month: day of the Employment Situation; shutdowns
    date(2013, 9, 1): date(2013, 10, 22),
    date(2025, 9, 1): date(2025, 11, 20),
    date(2025, 10, 1): date(2025, 12, 16),
    date(2025, 11, 1): date(2025, 12, 16),
}
PCE_EXCEPTIONS: dict[date, date] = {  # reference month: day of Personal Income and Outlays; shutdowns
    date(2018, 12, 1): date(2019, 3, 1),
    date(2019, 1, 1): date(2019, 3, 29),
    date(2025, 10, 1): date(2026, 1, 22),
    date(2025, 11, 1): date(2026, 1, 22),
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
    hour: time | None = None  # New York: at which a source that states the day only is taken to have published


def at(days: pd.DatetimeIndex, clock: time, zone: ZoneInfo) -> pd.DatetimeIndex:
    """The moment of a clock time on each day in a zone, in UTC to the microsecond."""
    local = days.as_unit("us") + pd.Timedelta(hours=clock.hour, minutes=clock.minute)
    return local.tz_localize(zone).tz_convert("UTC").as_unit("us")


def equity_close(dates: pd.DatetimeIndex, _sessions: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:00 New York on the session."""
    return at(dates, time(16), NEW_YORK)


def month_before(dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:00 New York on the last session before each date; before all sessions, on the last weekday."""
    positions = sessions.searchsorted(dates) - 1
    early = positions < 0
    days = sessions.to_numpy()[np.maximum(positions, 0)]
    days[early] = dates[early] - pd.offsets.BDay(1)
    return at(pd.DatetimeIndex(days), time(16), NEW_YORK)


def next_publication(dates: pd.DatetimeIndex, published: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:15 New York on the next day H.15 has values for; after its last day, on the next federal working day."""
    positions = published.searchsorted(dates, side="right")
    late = positions >= len(published)
    days = published.to_numpy()[np.minimum(positions, len(published) - 1)]
    if late.any():
        workday = CustomBusinessDay(calendar=USFederalHolidayCalendar())
        days[late] = [(day + workday).to_datetime64() for day in dates[late]]
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


def same_day(clock: time) -> Moments:
    """A rule: a clock time in New York on the day itself."""
    return lambda dates, _calendar: at(dates, clock, NEW_YORK)


def days_after(count: int, clock: time) -> Moments:
    """A rule: so many calendar days after the date, at a clock time in New York."""
    return lambda dates, _calendar: at(dates + pd.Timedelta(days=count), clock, NEW_YORK)


def federal_holidays(first: int, last: int) -> np.ndarray:
    """The days on which federal offices are closed, of at least the years named, as datetime64[D]."""
    return _of_decades(first // 10, last // 10)


@lru_cache(maxsize=32)  # one call of the calendar costs as much as all its years
def _of_decades(first: int, last: int) -> np.ndarray:
    free = USFederalHolidayCalendar().holidays(pd.Timestamp(10 * first, 1, 1), pd.Timestamp(10 * last + 9, 12, 31))
    return free.to_numpy().astype("datetime64[D]")


def workday_after(clock: time) -> Moments:
    """A rule: the next federal working day, at a clock time in New York."""

    def known(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
        if dates.empty:
            return at(dates, clock, NEW_YORK)
        free = federal_holidays(dates.min().year, dates.max().year + 1)
        on = dates.to_numpy().astype("datetime64[D]")
        following = np.busday_offset(on, 1, roll="backward", holidays=free)
        return at(pd.DatetimeIndex(following), clock, NEW_YORK)

    return known


def tuesday_after(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """16:15 New York on the Tuesday after the week of each day."""
    return at(dates + pd.to_timedelta(8 - dates.day_of_week, unit="D"), time(16, 15), NEW_YORK)


def month_after(months: int, day: int, clock: time, exceptions: dict[date, date] | None = None) -> Moments:
    """A rule: a day of the month so many months after the one a value is about, at a clock time in New York."""
    known = exceptions or {}

    def moment(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
        later = dates.to_period("M").to_timestamp() + pd.DateOffset(months=months) + pd.Timedelta(days=day - 1)
        ordinary = pd.DatetimeIndex(later)
        days = [pd.Timestamp(known.get(about.date(), then.date())) for about, then in zip(dates, ordinary, strict=True)]
        return at(pd.DatetimeIndex(days), clock, NEW_YORK)

    return moment


def utc_day(dates: pd.DatetimeIndex, _calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Midnight UTC at the end of the day."""
    return at(dates + pd.Timedelta(days=1), time(0), UTC)


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
        hour=time(8, 30),
    ),
    "fomc-calendar": Rule(
        sentence="taken as known from 1 September of the year before; the Federal Reserve announced each year's "
        "tentative schedule in August or earlier",
        known_at=september_before,
    ),
    "ecb": Rule(sentence="published at 16:00 in Frankfurt on the day", known_at=ecb_fixing),
    "treasury": Rule(
        sentence="published by the Treasury by 18:30 in New York on the day (usually an hour earlier)",
        known_at=same_day(time(18, 30)),
    ),
    "nyfed": Rule(
        sentence="published by 10:00 in New York on the next business day (usually at 09:00)",
        known_at=workday_after(time(10)),
    ),
    "vix": Rule(
        sentence="known by 16:15 in New York on the session, when the index stops", known_at=same_day(time(16, 15))
    ),
    "futures": Rule(
        sentence="known at midnight in New York at the end of the day, when the source closes its day",
        known_at=days_after(1, time(0)),
    ),
    "utc-day": Rule(sentence="known at midnight UTC, when the day ends", known_at=utc_day),
    "jobs": Rule(
        sentence="published by 08:30 in New York on the 11th of the following month (usually its first Friday; "
        "releases delayed by a shutdown on their own day)",
        known_at=month_after(1, 11, time(8, 30), JOBS_EXCEPTIONS),
        hour=time(8, 30),
    ),
    "pce": Rule(
        sentence="published by 08:30 in New York on the 15th of the second following month (usually at the end of the "
        "first; releases delayed by a shutdown on their own day)",
        known_at=month_after(2, 15, time(8, 30), PCE_EXCEPTIONS),
        hour=time(8, 30),
    ),
    "claims": Rule(
        sentence="published by 08:30 in New York on the Friday after the week (usually the Thursday)",
        known_at=days_after(6, time(8, 30)),
        hour=time(8, 30),
    ),
    "nfci": Rule(
        sentence="published by 08:30 in New York on the Thursday after the week (usually the Wednesday)",
        known_at=days_after(6, time(8, 30)),
        hour=time(8, 30),
    ),
    "sloos": Rule(
        sentence="published by 14:30 in New York on the 20th of the second month of the quarter",
        known_at=month_after(1, 20, time(14, 30)),
        hour=time(14, 30),
    ),
    "h10": Rule(
        sentence="published by 16:15 in New York on the Tuesday after the week (usually the Monday)",
        known_at=tuesday_after,
        hour=time(16, 15),
    ),
    "next-day": Rule(
        sentence="published by 12:00 in New York on the next business day", known_at=workday_after(time(12))
    ),
    "own": Rule(
        sentence="a series of the reader's own; taken as known at the end of the day in New York, where its file does "
        "not say when",
        known_at=days_after(1, time(0)),
    ),
}
