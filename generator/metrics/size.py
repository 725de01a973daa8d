"""Small caps against large caps: relative return, relative strength, its trend, and their shares of the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import Misaligned, UnknownName
from generator.metrics.histories import check, check_pair, check_window
from generator.metrics.returns import SESSIONS_A_YEAR, to_date, total_return

if TYPE_CHECKING:
    from collections.abc import Mapping

QUINTILES = ("q1", "q2", "q3", "q4", "q5")  # by market value, smallest first; together the whole market
LEAST_TREND = 63  # sessions; below a quarter the sums over the whole history lose digits the slope needs


def relative_return(small: pd.Series, large: pd.Series, *, sessions: int) -> pd.Series:
    """Small-cap less large-cap total return over a number of sessions, in percentage points.

    Both are levels, one per session; 5 sessions are an ordinary week. Raises Misaligned.

    >>> days = pd.date_range("2024-01-02", periods=2)
    >>> relative_return(pd.Series([128.0, 132.0], days), pd.Series([256.0, 260.0], days), sessions=1).tolist()
    [1.5625]
    """
    check_pair(small=small, large=large)
    return total_return(small, sessions=sessions) - total_return(large, sessions=sessions)


def relative_to_date(small: pd.Series, large: pd.Series, *, period: str) -> pd.Series:
    """Small-cap less large-cap total return since the month, quarter or year before ended, in percentage points."""
    check_pair(small=small, large=large)
    return to_date(small, period=period) - to_date(large, period=period)


def relative_strength(small: pd.Series, large: pd.Series) -> pd.Series:
    """Level of small over level of large caps, 100 at the first date both have; rising while small caps lead.

    Outside their common span either may go further; within it their dates must be the same (Misaligned).
    """
    check(positive=True, small=small, large=large)
    if small.empty or large.empty:
        raise Misaligned("small", "large")
    first, last = max(small.index[0], large.index[0]), min(small.index[-1], large.index[-1])
    small, large = small.loc[first:last], large.loc[first:last]
    if small.empty or not small.index.equals(large.index):
        raise Misaligned("small", "large")
    ratio = small / large
    return 100.0 * ratio / float(ratio.iloc[0])


def trend(line: pd.Series, *, sessions: int = 2520) -> pd.Series:
    """Growth of a line along its least-squares fit over a window, in percent a year; 2,520 sessions are ten years.

    The slope b of ln(line) on the session number, annualised as 100·(e^(252·b) − 1). In closed form
    b = 12·Σ(k − k̄)·y / (n³ − n), with the sums of all windows from two cumulative sums over centred values. Windows
    shorter than LEAST_TREND are refused (ValueError).
    """
    check(positive=True, line=line)
    check_window("sessions", sessions, least=LEAST_TREND)
    if len(line) < sessions:
        return line.iloc[:0]
    log = np.log(line.to_numpy())
    log -= log.mean()
    row = np.arange(len(log)) - (len(log) - 1) / 2
    plain = np.concatenate(([0.0], np.cumsum(log)))
    weighted = np.concatenate(([0.0], np.cumsum(row * log)))
    middle = row[sessions - 1 :] - (sessions - 1) / 2
    moment = (weighted[sessions:] - weighted[:-sessions]) - middle * (plain[sessions:] - plain[:-sessions])
    slope = 12.0 * moment / (float(sessions) ** 3 - sessions)
    return pd.Series(100.0 * np.expm1(SESSIONS_A_YEAR * slope), index=line.index[sessions - 1 :])


def market_share(firms: Mapping[str, pd.Series], average: Mapping[str, pd.Series], *, of: str = "q2") -> pd.Series:
    """Market value of one size quintile in percent of all five, by month.

    Market value is the number of firms times their average size (million dollars), each given for q1 to q5. A mapping
    may hold more (deciles), which is not counted twice. Raises UnknownName for a quintile that is missing, Misaligned.
    """
    known = set(QUINTILES) & set(firms) & set(average)
    for name in (of, *QUINTILES):
        if name not in known:
            raise UnknownName("size quintile", name, known)
    check_pair(
        positive=True,
        **{f"firms {name}": firms[name] for name in QUINTILES},
        **{f"average {name}": average[name] for name in QUINTILES},
    )
    total = sum((firms[name] * average[name] for name in QUINTILES[1:]), firms["q1"] * average["q1"])
    return 100.0 * firms[of] * average[of] / total


def size_ratio(average_large: pd.Series, average_small: pd.Series) -> pd.Series:
    """How many times larger the average large cap is, by market value, by month. Raises Misaligned."""
    check_pair(positive=True, average_large=average_large, average_small=average_small)
    return average_large / average_small
