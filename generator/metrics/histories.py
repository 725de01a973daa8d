"""What a history is, what of it is refused, and the two joins that are not by row: by period and as of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import Misaligned, UnfitHistory, UnknownName

if TYPE_CHECKING:
    import numpy.typing as npt

MONTHS = {"month": 1, "quarter": 3, "year": 12}  # the periods of "to date", in months


def check(*, positive: bool = False, **histories: pd.Series) -> None:
    """Refuse what is no history: float64, ascending naive days, finite, and above zero where asked.

    Raises UnfitHistory with the name of the argument and what is wrong with it.
    """
    for name, history in histories.items():
        check_index(name, history.index)
        if history.dtype != np.float64:
            raise UnfitHistory(name, f"holds {history.dtype}, not float64")
        values = history.to_numpy()
        unknown = np.flatnonzero(~np.isfinite(values))
        if len(unknown):
            raise UnfitHistory(name, f"{history.index[unknown[0]]:%Y-%m-%d} has no finite value ({len(unknown)} such)")
        if positive and len(values) and values.min() <= 0:
            raise UnfitHistory(name, f"{history.idxmin():%Y-%m-%d} has {values.min()!r}; a level is above zero")


def check_index(name: str, index: pd.Index) -> None:
    """Refuse an index that is not one of ascending naive days, each once."""
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None:
        raise UnfitHistory(name, "its index is not one of days without a time zone")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise UnfitHistory(name, "its days are not ascending, each once")


def check_pair(*, positive: bool = False, **histories: pd.Series) -> None:
    """Refuse histories that do not have the same dates (Misaligned) or are none (UnfitHistory)."""
    check(positive=positive, **histories)
    (first, one), *others = histories.items()
    for name, other in others:
        if not one.index.equals(other.index):
            raise Misaligned(first, name)


def check_window(name: str, rows: int, *, least: int = 1) -> None:
    """Refuse a window below the least that has a meaning: a mistake of the caller, hence ValueError."""
    if rows < least:
        raise ValueError(f"{name} must be at least {least}, not {rows}")


def days(index: pd.Index) -> npt.NDArray[np.datetime64]:
    """Read the days of an index, whatever resolution pandas gave it."""
    return index.to_numpy().astype("datetime64[D]")


def change_percent(level: pd.Series, rows: int) -> pd.Series:
    """Change over a number of rows, in percent of the value at its start."""
    values = level.to_numpy()
    return pd.Series(100.0 * (values[rows:] / values[:-rows] - 1.0), index=level.index[rows:])


def difference(history: pd.Series, rows: int) -> pd.Series:
    """Change over a number of rows, in the unit of the history."""
    values = history.to_numpy()
    return pd.Series(values[rows:] - values[:-rows], index=history.index[rows:])


def period_bases(history: pd.Series, period: str) -> tuple[pd.Series, npt.NDArray[np.float64]]:
    """Pick the values that have a base, and their bases: the last value of the month, quarter or year before.

    A period that follows an empty one has no base, and so no value here. Raises UnknownName for another period.
    """
    if period not in MONTHS:
        raise UnknownName("period", period, MONTHS)
    number = days(history.index).astype("datetime64[M]").astype(np.int64) // MONTHS[period]
    rows = np.arange(len(number))
    opens = np.ones(len(number), dtype=bool)
    opens[1:] = number[1:] != number[:-1]
    base = np.maximum.accumulate(np.where(opens, rows, 0)) - 1
    usable = (base >= 0) & (number[base] == number - 1)
    return history[usable], history.to_numpy()[base[usable]]


def as_of(events: pd.Series, dates: pd.DatetimeIndex) -> pd.Series:
    """Take the newest value on or before each date; dates before the first event are left out.

    >>> moves = pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2020-03-03", "2020-03-15"]))
    >>> as_of(moves, pd.DatetimeIndex(["2020-03-02", "2020-03-13", "2020-03-16"])).tolist()
    [1.0, 2.0]
    """
    check(events=events)
    check_index("dates", dates)
    row = np.searchsorted(days(events.index), days(dates), side="right") - 1
    known = row >= 0
    return pd.Series(events.to_numpy()[row[known]], index=dates[known])


def runs(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """For each row, the row at which the run of equal values it belongs to began."""
    rows = np.arange(len(mask))
    opens = np.ones(len(mask), dtype=bool)
    opens[1:] = mask[1:] != mask[:-1]
    return np.maximum.accumulate(np.where(opens, rows, 0))
