"""How a value stands in its own history: one general mechanism for every fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.model import Context

if TYPE_CHECKING:
    import pandas as pd


def context(history: pd.Series[float]) -> Context:
    """Percentiles, run, rank and "since" of the last value of a history.

    `history` is indexed by day, ascending, without holes; its last value is the one that is put in context. Percentiles
    are mid-ranks: the share strictly below plus half of what is equal, in percent.
    """
    values = history.to_numpy()
    last = values[-1]
    streak, before = _runs(values)
    beyond = _beyond(values)
    return Context(
        first=history.index[0].date(),
        count=len(values),
        percentile=_mid_rank(values, last),
        size_percentile=_mid_rank(np.abs(values), abs(last)),
        streak=streak,
        streak_before=before,
        rank=int((values > last).sum() if last >= np.median(values) else (values < last).sum()) + 1,
        beyond=None if beyond is None else history.index[beyond].date(),
        beyond_value=None if beyond is None else float(values[beyond]),
        beyond_count=len(values) - 1 - beyond if beyond is not None else len(values),
        median=float(np.median(values)),
    )


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


def _beyond(values: np.ndarray) -> int | None:
    """Where the last earlier value lies that is at least as far out, on the last value's side.

    For a history of both signs the side is the sign; for one of a single sign (a level) it is the side of the median.
    """
    last, earlier = values[-1], values[:-1]
    two_sided = values.min() < 0 < values.max()
    high = last > 0 if two_sided else last >= np.median(values)
    found = np.flatnonzero(earlier >= last) if high else np.flatnonzero(earlier <= last)
    return int(found[-1]) if len(found) else None
