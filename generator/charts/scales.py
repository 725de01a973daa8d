"""The scales of a chart: thinned lines, round ticks, and moments as the engine counts them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

COLUMNS = 200  # of a thinned line: at most two points in each


def thinned(line: pd.Series, *, columns: int = COLUMNS) -> pd.Series:
    """Keep the first and last point, and the lowest and highest of each column of equal width.

    >>> thinned(pd.Series([0.0, 5.0, 1.0, 2.0, 9.0, 3.0]), columns=2).to_list()
    [0.0, 5.0, 2.0, 9.0, 3.0]
    """
    if len(line) <= 2 * columns:
        return line
    index = line.index
    where = index.as_unit("s").asi8 if isinstance(index, pd.DatetimeIndex) else np.asarray(index, dtype=float)
    column = np.minimum((where - where[0]) * columns // (where[-1] - where[0]), columns - 1)
    starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
    values = line.to_numpy()
    kept = {0, len(line) - 1}
    for first, after in zip(starts, [*starts[1:], len(line)], strict=True):
        kept |= {int(first + values[first:after].argmin()), int(first + values[first:after].argmax())}
    return line.iloc[sorted(kept)]


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round ticks around a span, the outer ones at or beyond its ends.

    >>> ticks(-11.2, 14.9, 6)
    [-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0]
    """
    raw = (high - low or abs(high) or 1.0) / count
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= raw * 0.999)
    return [round(i * step, 10) for i in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round ticks within the span of a log axis.

    >>> log_ticks(55.0, 153.0), log_ticks(3.0, 400.0)
    ([60.0, 80.0, 100.0, 120.0, 140.0], [5.0, 10.0, 20.0, 50.0, 100.0, 200.0])
    """
    if high / low < 8:  # noqa: PLR2004 -- within a factor of eight, steps of equal size still read well
        return [tick for tick in ticks(low, high, 5) if low <= tick <= high]
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for power in powers for part in (1, 2, 5) if low <= (tick := float(part * 10**power)) <= high]


def span(line: pd.Series) -> tuple[float, float]:
    """First and last moment of a line."""
    when = pd.DatetimeIndex(line.index)
    return moment(when[0]), moment(when[-1])


def dates(line: pd.Series) -> list[str]:
    """The days of a line, as the engine reads them."""
    return list(pd.DatetimeIndex(line.index).strftime("%Y-%m-%d"))


def moment(day: date) -> float:
    """Milliseconds since 1970 at the start of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000
