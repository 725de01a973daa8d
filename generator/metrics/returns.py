"""Returns of one portfolio: total return, drawdown, volatility; and how two move together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from generator.errors import UnfitHistory
from generator.metrics.histories import change_percent, check, check_pair, check_window, period_bases

SESSIONS_A_YEAR = 252
TOTAL_LOSS = -100.0  # percent


def total_return_index(returns: pd.Series) -> pd.Series:
    """Level of one portfolio with all income reinvested: 100 before the first session, then compounded.

    Daily total returns in percent, one per session, give a level per session. Raises UnfitHistory for a return of
    −100 percent or less, after which there is no level.

    >>> total_return_index(pd.Series([50.0, -50.0], index=pd.date_range("2024-01-02", periods=2))).tolist()
    [150.0, 75.0]
    """
    check(returns=returns)
    values = returns.to_numpy()
    if len(values) and values.min() <= TOTAL_LOSS:
        raise UnfitHistory("returns", f"{returns.idxmin():%Y-%m-%d} has {values.min()!r} percent; nothing is left")
    return pd.Series(100.0 * np.cumprod(1.0 + values / 100.0), index=returns.index)


def price_returns(closes: pd.Series) -> pd.Series:
    """Daily returns of an index or a share from its closes, in percent, without income; none for the first session.

    >>> price_returns(pd.Series([128.0, 132.0], index=pd.date_range("2024-01-02", periods=2))).tolist()
    [3.125]
    """
    check(positive=True, closes=closes)
    return change_percent(closes, 1)


def fund_returns(closes: pd.Series, dividends: pd.Series, splits: pd.Series) -> pd.Series:
    """Daily total returns of a fund or share, in percent: 100 × ((close + dividend) × split / close before − 1).

    All as they were on their day, never adjusted for what came later: the dividend by its ex-dividend day, for one
    share of that day, a split as new shares for one (both may be empty). What falls on a day without a close counts on
    the next session. Raises UnfitHistory for a split that is not positive or a dividend below zero.

    >>> days = pd.date_range("2024-01-02", periods=2)
    >>> paid, split = pd.Series([1.0], index=days[1:]), pd.Series([2.0], index=days[1:])
    >>> fund_returns(pd.Series([128.0, 65.0], index=days), paid, split).tolist()
    [3.125]
    """
    check(positive=True, closes=closes)
    if (dividends < 0).any() or (splits <= 0).any():
        raise UnfitHistory("dividends or splits", "a dividend below zero or a split that is not positive")
    days = closes.index
    paid, ratio = np.zeros(len(days)), np.ones(len(days))
    for events, onto, join in ((dividends, paid, np.add), (splits, ratio, np.multiply)):
        rows = days.searchsorted(pd.DatetimeIndex(events.index))
        there = rows < len(days)
        join.at(onto, rows[there], events.to_numpy()[there])
    values = closes.to_numpy()
    growth = (values[1:] + paid[1:]) * ratio[1:] / values[:-1]
    return pd.Series(100.0 * (growth - 1.0), index=days[1:], name=closes.name)


def total_return(level: pd.Series, *, sessions: int) -> pd.Series:
    """Total return over a number of sessions, in percent, by the session on which it ends.

    >>> total_return(pd.Series([128.0, 132.0], index=pd.date_range("2024-01-02", periods=2)), sessions=1).tolist()
    [3.125]
    """
    check(positive=True, level=level)
    check_window("sessions", sessions)
    return change_percent(level, sessions)


def to_date(level: pd.Series, *, period: str) -> pd.Series:
    """Total return since the last session of the month, quarter or year before, in percent.

    `period` is "month", "quarter" or "year" (UnknownName otherwise). Sessions of the first period, and of a period
    after one without any session, have no base and are left out.
    """
    check(positive=True, level=level)
    current, base = period_bases(level, period)
    return 100.0 * (current / base - 1.0)


def drawdown(level: pd.Series) -> pd.Series:
    """Distance below the highest close so far, in percent: zero at a high, else negative.

    >>> drawdown(pd.Series([64.0, 48.0, 64.0], index=pd.date_range("2024-01-02", periods=3))).tolist()
    [0.0, -25.0, 0.0]
    """
    check(positive=True, level=level)
    values = level.to_numpy()
    return pd.Series(100.0 * (values / np.maximum.accumulate(values) - 1.0), index=level.index)


def high_dates(level: pd.Series) -> pd.Series:
    """Day of the highest close so far (the latest one of equals), for each session: a series of days."""
    check(positive=True, level=level)
    values = level.to_numpy()
    at_high = values == np.maximum.accumulate(values)
    row = np.maximum.accumulate(np.where(at_high, np.arange(len(values)), 0))
    return pd.Series(level.index[row], index=level.index)


def volatility(returns: pd.Series, *, sessions: int = 63) -> pd.Series:
    """Sample standard deviation of daily returns over a window, times √252: percent a year."""
    check(returns=returns)
    check_window("sessions", sessions, least=2)
    return returns.rolling(sessions).std().iloc[sessions - 1 :] * math.sqrt(SESSIONS_A_YEAR)


def volatility_ratio(small: pd.Series, large: pd.Series, *, sessions: int = 63) -> pd.Series:
    """Volatility of small over that of large caps, from daily returns in percent; none where large did not move."""
    check_pair(small=small, large=large)
    below = volatility(large, sessions=sessions)
    moved = below > 0
    return volatility(small, sessions=sessions)[moved] / below[moved]


def beta(small: pd.Series, large: pd.Series, *, sessions: int = 252) -> pd.Series:
    """Slope of small-cap on large-cap daily returns: covariance over variance of the window; no risk-free rate taken.

    Windows in which large caps did not move have none and are left out.
    """
    check_pair(small=small, large=large)
    check_window("sessions", sessions, least=2)
    variance = large.rolling(sessions).var()
    moved = variance > 0
    return small.rolling(sessions).cov(large)[moved] / variance[moved]


def correlation(small: pd.Series, large: pd.Series, *, sessions: int = 252) -> pd.Series:
    """Pearson correlation of daily returns over a window, −1 to 1; windows in which one did not move are left out."""
    check_pair(small=small, large=large)
    check_window("sessions", sessions, least=2)
    spread = np.sqrt(small.rolling(sessions).var() * large.rolling(sessions).var())
    moved = spread > 0
    return (small.rolling(sessions).cov(large)[moved] / spread[moved]).clip(-1.0, 1.0)
