"""How a value stands in its own history: one general mechanism for every fact."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from generator.model import Context

if TYPE_CHECKING:
    import pandas as pd


MONTH = 21  # observations
ABOUT = (timedelta(days=26), timedelta(days=45))  # how far back they reach where they are a month


def context(history: pd.Series[float], *, move: bool) -> Context:
    """Percentiles, run, rank and "since" of the last value of a history.

    A move (a change, a return, a gap between returns) lies on the side of its sign; a level, whatever its sign, on the
    side of its median. Rank and "since" look to that side: the steepest slope since, or the flattest.

    `history` is indexed by day, ascending, without holes; its last value is the one that is put in context. Percentiles
    are mid-ranks: the share strictly below plus half of what is equal, in percent.
    """
    values = history.to_numpy()
    last = values[-1]
    sizes = np.abs(values)
    streak, before = _runs(values)
    median = float(np.median(values))
    high = bool(last > 0 if move else last >= median)
    beyond = _beyond(values, high=high)
    return Context(
        first=history.index[0].date(),
        count=len(values),
        percentile=_mid_rank(values, last),
        size_percentile=_mid_rank(sizes, abs(last)),
        below=_share(values < last),
        above=_share(values > last),
        size_above=_share(sizes > abs(last)),
        earlier=_month_earlier(history),
        streak=streak,
        streak_before=before,
        high=high,
        rank=int(np.count_nonzero(values > last if high else values < last)) + 1,
        beyond=None if beyond is None else history.index[beyond].date(),
        beyond_value=None if beyond is None else float(values[beyond]),
        beyond_count=len(values) - 1 - beyond if beyond is not None else len(values),
        median=median,
    )


def _month_earlier(history: pd.Series[float]) -> float | None:
    """The value of 21 observations ago, where they are a month: those of weekly, monthly or daily coins are none."""
    if len(history) <= MONTH:
        return None
    days = history.index
    return float(history.iloc[-1 - MONTH]) if ABOUT[0] <= days[-1] - days[-1 - MONTH] <= ABOUT[1] else None


def _share(those: np.ndarray) -> float:
    return float(100.0 * np.count_nonzero(those) / len(those))


def _mid_rank(values: np.ndarray, value: float) -> float:
    below, equal = np.count_nonzero(values < value), np.count_nonzero(values == value)
    return float(100.0 * (below + equal / 2) / len(values))


def _runs(values: np.ndarray) -> tuple[int, int]:
    """Length of the run of one sign that ends the history (signed), and of the run before it if this one is new."""
    signs = np.sign(values)
    own = signs[-1]
    if own == 0:
        return 0, 0
    others = np.flatnonzero(signs != own)
    length = len(signs) - 1 - others[-1] if len(others) else len(signs)
    if length > 1 or not len(others) or signs[-2] == 0:
        return int(own * length), 0
    same = np.flatnonzero(signs[:-1] != signs[-2])
    return int(own), int(len(signs) - 2 - same[-1] if len(same) else len(signs) - 1)


def _beyond(values: np.ndarray, *, high: bool) -> int | None:
    """Where the last earlier value lies that is at least as far out on a side, if there is one."""
    last, earlier = values[-1], values[:-1]
    found = np.flatnonzero(earlier >= last if high else earlier <= last)
    return int(found[-1]) if len(found) else None
