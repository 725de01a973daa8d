"""How far out the furthest of several moves lies, day by day: what "rare" means when many measures are watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from generator.metrics.histories import check, check_index, days

if TYPE_CHECKING:
    from collections.abc import Sequence


def size_percentile(moves: pd.Series) -> pd.Series:
    """Each move's size among all sizes of its own history: percent nearer to zero plus half of what is equal.

    >>> moves = pd.Series([1.0, -4.0, 2.0, 0.0], index=pd.date_range("2024-01-01", periods=4))
    >>> size_percentile(moves).tolist()
    [37.5, 87.5, 62.5, 12.5]
    """
    check(moves=moves)
    sizes = np.abs(moves.to_numpy())
    ordered = np.sort(sizes)
    below, through = np.searchsorted(ordered, sizes, side="left"), np.searchsorted(ordered, sizes, side="right")
    return pd.Series(50.0 * (below + through) / len(sizes), index=moves.index)


def furthest(moves: Sequence[pd.Series], *, sessions: pd.DatetimeIndex) -> pd.Series:
    """The largest size percentile among several moves, on each session on which all of them have a history.

    A move is ranked in its own whole history (percent). On a session the newest move of each counts: that of the day
    itself, if its history reaches the last session, else that of an earlier day, as with yields published a day later.
    """
    check_index("sessions", sessions)
    wanted = days(sessions)
    ranks = np.zeros(len(wanted))
    known = np.ones(len(wanted), dtype=bool)
    for one in moves:
        own = days(one.index)
        side: Literal["left", "right"] = "right" if own[-1] >= wanted[-1] else "left"
        row = np.searchsorted(own, wanted, side=side) - 1
        known &= row >= 0
        ranks = np.maximum(ranks, size_percentile(one).to_numpy()[np.maximum(row, 0)])
    return pd.Series(ranks[known], index=sessions[known])
