"""The days the market lives by: sessions, days of bonds and of the euro, decisions, releases of statistics."""

from __future__ import annotations

import warnings
from datetime import date, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pandas as pd
from pandas.tseries.holiday import EasterMonday, GoodFriday, USFederalHolidayCalendar

if TYPE_CHECKING:
    from collections.abc import Iterable

START, END = date(1996, 1, 2), date(2027, 12, 31)
NEW_YORK = ZoneInfo("America/New_York")
CHICAGO = ZoneInfo("America/Chicago")
FRANKFURT = ZoneInfo("Europe/Berlin")
FED_DAYS_KEPT = {pd.Timestamp("2021-06-18")}  # the first Juneteenth came too late for the calendars
NO_BONDS = {pd.Timestamp("2001-09-11"), pd.Timestamp("2001-09-12")}
CPI_EXCEPTIONS = {"2013-09": "2013-10-30", "2025-09": "2025-10-24", "2025-11": "2025-12-18"}
JOBS_EXCEPTIONS = {"2025-09": "2025-11-20", "2025-10": "2025-12-16", "2025-11": "2025-12-16"}


@cache
def sessions() -> pd.DataFrame:
    """Sessions of the New York exchange: index naive days, columns `open` and `close` in UTC."""
    with warnings.catch_warnings():  # of the library's own use of pandas
        warnings.simplefilter("ignore")
        calendar = exchange_calendars.get_calendar("XNYS", start=str(START), end=str(END))
    return calendar.schedule[["open", "close"]]


@cache
def weekdays() -> pd.DatetimeIndex:
    """Monday to Friday, holidays too."""
    return pd.bdate_range(START, END)


@cache
def fed_days() -> pd.DatetimeIndex:
    """Days on which the Federal Reserve Banks are open, more or less: weekdays less federal holidays."""
    holidays = set(USFederalHolidayCalendar().holidays(START, END)) - FED_DAYS_KEPT
    return weekdays()[[day not in holidays for day in weekdays()]]


@cache
def bond_days() -> pd.DatetimeIndex:
    """Days with Treasury yields: Good Friday only when the payrolls came out on it; the exchange's mourning too."""
    good = set(GoodFriday.dates(START, END))
    closed = {day for day in good if day.day > 7} | NO_BONDS
    return fed_days()[[day not in closed for day in fed_days()]]


@cache
def euro_days() -> pd.DatetimeIndex:
    """Days of TARGET since the euro began."""
    days = weekdays()[weekdays() >= "1999-01-04"]
    easter = set(GoodFriday.dates(START, END)) | set(EasterMonday.dates(START, END))
    fixed = {(1, 1), (5, 1), (12, 25), (12, 26)}
    return days[[(day.month, day.day) not in fixed and day not in easter for day in days]]


@cache
def months() -> pd.DatetimeIndex:
    """The first of each month; also how FRED dates a month."""
    return pd.date_range("1996-01-01", END, freq="MS")


def at(days: pd.DatetimeIndex | Iterable[date], clock: time, zone: ZoneInfo = NEW_YORK) -> np.ndarray:
    """A clock time on each day, as UTC in seconds: `datetime64[s]`, naive."""
    local = pd.DatetimeIndex(days).normalize() + pd.Timedelta(hours=clock.hour, minutes=clock.minute)
    moments = local.tz_localize(zone, ambiguous=False, nonexistent="shift_forward").tz_convert("UTC")
    return moments.tz_localize(None).to_numpy().astype("datetime64[s]")


def iso(days: pd.DatetimeIndex | pd.Series | np.ndarray) -> list[str]:
    """Days as 2026-11-24, quickly."""
    return np.datetime_as_string(np.asarray(days, dtype="datetime64[D]"), unit="D").tolist()


def on_or_before(days: pd.DatetimeIndex, calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """For each day the last day of a calendar that is not after it."""
    return calendar[calendar.searchsorted(days, side="right") - 1]


def after(days: pd.DatetimeIndex, calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """For each day the next later day of a calendar (its last, where it ends)."""
    return calendar[np.minimum(calendar.searchsorted(days, side="right"), len(calendar) - 1)]


def cpi_days(reference: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Consumer prices of a month come on the 13th of the next, or on the working day before."""
    days = on_or_before(reference + pd.DateOffset(months=1) + pd.Timedelta(days=12), fed_days())
    return _except(days, reference, CPI_EXCEPTIONS)


def jobs_days(reference: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The labour market of a month comes on the first Friday of the next, or on the working day before."""
    first = reference + pd.DateOffset(months=1)
    days = first + pd.to_timedelta((4 - first.day_of_week) % 7, unit="D")
    opened = on_or_before(days, fed_days())
    late = opened < first  # a Friday that is New Year's Day
    opened = opened.where(~late, on_or_before(days + pd.Timedelta(days=7), fed_days()))
    return _except(opened, reference, JOBS_EXCEPTIONS)


def pce_days(reference: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Personal consumption of a month comes on the last working Friday of the next."""
    last = reference + pd.DateOffset(months=2) - pd.Timedelta(days=1)
    friday = last - pd.to_timedelta((last.day_of_week - 4) % 7, unit="D")
    return on_or_before(friday, fed_days())


def weekly(weekday: int, first: str) -> pd.DatetimeIndex:
    """Every such weekday (0 is Monday) from a day on."""
    days = pd.date_range(first, END)
    return days[days.day_of_week == weekday]


def _except(days: pd.DatetimeIndex, reference: pd.DatetimeIndex, moved: dict[str, str]) -> pd.DatetimeIndex:
    found = [pd.Timestamp(moved.get(f"{month:%Y-%m}", day)) for month, day in zip(reference, days, strict=True)]
    return pd.DatetimeIndex(found)


def day_before(day: date) -> date:
    """Yesterday."""
    return day - timedelta(days=1)
