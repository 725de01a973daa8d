"""Work: changes of monthly figures by calendar month, never by row, as a month may never have been published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.metrics.histories import check, check_window, days


def change(level: pd.Series, *, months: int) -> pd.Series:
    """Change of a monthly level over so many calendar months, in its own unit; left out where one was not published.

    >>> found = pd.Series([4.25, 4.5, 4.75], index=pd.DatetimeIndex(["2025-08-01", "2025-09-01", "2025-11-01"]))
    >>> change(found, months=1).tolist()
    [0.25]
    """
    check(level=level)
    check_window("months", months)
    number = days(level.index).astype("datetime64[M]").astype(np.int64)
    base = np.searchsorted(number, number - months)
    there = number[base] == number - months
    values = level.to_numpy()
    return pd.Series(values[there] - values[base[there]], index=level.index[there])


def mean(level: pd.Series, *, rows: int) -> pd.Series:
    """Mean of so many values in a row, by the last of them."""
    check(level=level)
    check_window("rows", rows)
    return level.rolling(rows).mean().iloc[rows - 1 :]
