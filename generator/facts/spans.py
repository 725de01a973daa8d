"""The spans a change is measured over, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.model import Horizon

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

FRIDAY = 4

SESSIONS = (1, 5, 21, 63, 126, 252)
PERIODS = {"mtd": "month", "qtd": "quarter", "ytd": "year"}
NUMBERS = {1: "one", 2: "two", 3: "three", 5: "five", 6: "six", 7: "seven", 10: "ten", 30: "30", 90: "90"}
SPOKEN = {21: ("a month", "one-month"), 63: ("three months", "three-month"), 126: ("six months", "six-month"),
          252: ("a year", "one-year")}  # fmt: skip
QUARTERS = ("first", "second", "third", "fourth")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span that ends with the last observation of a history: a number of observations, or a period to date."""

    key: str  # how the keys of facts end: "5s", "ytd"
    horizon: Horizon
    row: int  # of the base: the last observation before the span
    count: int | None = None
    period: str = ""


def back(index: pd.DatetimeIndex, count: int, *, noun: str = "session") -> Span | None:
    """The span of the last `count` observations; None if the history has no base for it."""
    row = len(index) - 1 - count
    if row < 0:
        return None
    return Span(key=f"{count}s", horizon=counted(count, index[row].date(), noun=noun), row=row, count=count)


def since(index: pd.DatetimeIndex, key: str) -> Span | None:
    """The span of a key of PERIODS, to the last observation; None if the history has no base for it."""
    period = PERIODS[key]
    row = period_start(index, period)
    if row < 0:
        return None
    return Span(key=key, horizon=to_date(period, index[row].date(), index[-1].date()), row=row, period=period)


def covered(index: pd.DatetimeIndex, counts: Iterable[int]) -> list[Span]:
    """The spans of so many published days, and the year to date, as far as the history covers them."""
    found = [*(back(index, count, noun="day") for count in counts), since(index, "ytd")]
    return [span for span in found if span is not None]


def counted(count: int, start: date, *, noun: str = "session") -> Horizon:
    """A span of so many observations: 21 are called a month, 63 three months, 126 six months and 252 a year."""
    words, adjective = SPOKEN.get(count) or (
        f"{NUMBERS[count]} {noun}{'' if count == 1 else 's'}",
        f"{NUMBERS[count]}-{noun}",
    )
    return Horizon(words=f"over {words}", adjective=adjective, sessions=count, start=start)


def to_date(period: str, start: date, end: date) -> Horizon:
    """A span from the last observation of the period before to the day `end`, in words."""
    words = {
        "month": f"in {MONTHS[end.month - 1]}",
        "quarter": f"in the {QUARTERS[(end.month - 1) // 3]} quarter",
        "year": f"in {end.year}",
    }[period]
    whole = ended(period, end)
    return Horizon(
        words=words if whole else f"so far {words}", adjective=f"{period}-to-date", sessions=None, start=start
    )


def ended(period: str, end: date) -> bool:
    """Whether no weekday of the period follows its day `end`."""
    after = end + timedelta(days=3 if end.weekday() == FRIDAY else 1)
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return (after.year, (after.month - 1) // months) != (end.year, (end.month - 1) // months)


def period_start(index: pd.DatetimeIndex, period: str) -> int:
    """Row of the last observation before the period that holds the last one; −1 if there is none."""
    end = index[-1]
    first = {
        "month": end.replace(day=1),
        "quarter": end.replace(month=3 * ((end.month - 1) // 3) + 1, day=1),
        "year": end.replace(month=1, day=1),
    }[period]
    return int(index.searchsorted(first)) - 1
