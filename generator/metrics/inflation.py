"""Consumer prices by calendar month, never by row: a month that was not published leaves its changes out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from generator.errors import UnfitHistory
from generator.metrics.histories import as_of, check, days

JANUARY_1970 = 1970 * 12
MONTHS_A_YEAR = 12


def change_12m(index: pd.Series) -> pd.Series:
    """Change of a monthly index over twelve months, in percent, by reference month.

    A month is dated by its first day (UnfitHistory otherwise). It is left out where it or the month twelve before
    was never published; `missing_months` says which.
    """
    return 100.0 * (_growth(index, months=12) - 1.0)


def annualised_3m(index: pd.Series) -> pd.Series:
    """Change of a monthly index over three months at a yearly rate, 100·(growth⁴ − 1) percent, by reference month.

    >>> months = pd.DatetimeIndex(["2024-01-01", "2024-04-01"])
    >>> annualised_3m(pd.Series([2.0, 3.0], index=months)).tolist()
    [406.25]
    """
    return 100.0 * (_growth(index, months=3) ** 4 - 1.0)


def missing_months(index: pd.Series, month: date, *, back: int) -> tuple[date, ...]:
    """Of the two months that the change to `month` over `back` months needs, those never published, oldest first.

    >>> published = pd.Series([1.0], index=pd.DatetimeIndex(["2025-09-01"]))
    >>> missing_months(published, date(2025, 12, 1), back=3)
    (datetime.date(2025, 12, 1),)
    """
    published = set(_months(index).tolist())
    end = month.year * MONTHS_A_YEAR + month.month - 1
    return tuple(
        date(needed // MONTHS_A_YEAR, needed % MONTHS_A_YEAR + 1, 1)
        for needed in (end - back, end)
        if needed not in published
    )


def real_rate(target: pd.Series, cpi_12m: pd.Series) -> pd.Series:
    """Midpoint of the funds target less the latest twelve-month change of prices, in percentage points.

    Both are event series, each value holding until the next, and the result has a value for every day on which one of
    them changed. `target` is dated by announcement; date `cpi_12m` by the day of its release, so that no value uses a
    month that was not out (dated by reference month it does, for all but the newest value).
    """
    check(target=target, cpi_12m=cpi_12m)
    dates = pd.DatetimeIndex(target.index.union(cpi_12m.index))
    policy, prices = as_of(target, dates), as_of(cpi_12m, dates)
    both = policy.index.intersection(prices.index)
    return policy.loc[both] - prices.loc[both]


def _months(index: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Count the months: years times twelve plus months, January as zero."""
    check(positive=True, index=index)
    dates = days(index.index)
    months = dates.astype("datetime64[M]")
    off = np.flatnonzero(months.astype("datetime64[D]") != dates)
    if len(off):
        raise UnfitHistory("index", f"{dates[off[0]]} is not the first day of a month")
    numbered: np.ndarray[tuple[int], np.dtype[np.int64]] = months.astype(np.int64) + JANUARY_1970
    return numbered


def _growth(index: pd.Series, *, months: int) -> pd.Series:
    """Value over the value a number of calendar months before, where both were published."""
    number = _months(index)
    base = np.searchsorted(number, number - months)
    published = number[base] == number - months
    values = index.to_numpy()
    return pd.Series(values[published] / values[base[published]], index=index.index[published])
