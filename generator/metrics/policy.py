"""The federal funds target: what is in force on a day, its changes, its cycles and the phase of the cycle.

The target is an event series: one value for each announced change, dated by the day of the announcement. Until October
2008 it was one number (lower equals upper), since then a range. A change is measured on the upper bound, which makes
16 December 2008 (1 percent to the range of 0 to ¼ percent) a cut of 75 basis points; everywhere else both bounds move
by the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from generator.errors import UnfitHistory
from generator.metrics.histories import as_of, check, check_pair, days, runs

if TYPE_CHECKING:
    from datetime import date

PHASES = ("easing", "on hold", "tightening")
HOLD_AFTER = 180  # days without a change, about four scheduled meetings, after which policy is on hold
TARGET_BEFORE_JULY_1990 = 8.25  # percent, in force from 20 December 1989 (FRED DFEDTAR) until the cut of 13 July 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A maximal run of changes of the target in one direction."""

    direction: Literal["easing", "tightening"]
    first: date
    last: date
    moves: int
    total: float  # basis points, with its sign


def midpoint(lower: pd.Series, upper: pd.Series) -> pd.Series:
    """Middle of the target range, in percent, by day of announcement. Raises Misaligned, UnfitHistory if inverted."""
    check_pair(lower=lower, upper=upper)
    if (lower > upper).any():
        raise UnfitHistory("lower", f"{(lower > upper).idxmax():%Y-%m-%d} lies above the upper bound")
    return (lower + upper) / 2.0


def target_on(events: pd.Series, dates: pd.DatetimeIndex) -> pd.Series:
    """Join the target in force at the end of each date: a step function, as of the day of announcement.

    Dates before the first event are left out: nothing is known of them.
    """
    return as_of(events, dates)


def changes(upper: pd.Series, *, before: float) -> pd.Series:
    """Measure the changes of the target in basis points, by day of announcement, on its upper bound.

    `before` is the target (percent) in force before the first event, without which the first change has no size.
    Events that left the target where it was are left out.

    >>> upper = pd.Series([8.0, 7.75], index=pd.DatetimeIndex(["1990-07-13", "1990-10-29"]))
    >>> changes(upper, before=TARGET_BEFORE_JULY_1990).tolist()
    [-25.0, -25.0]
    """
    check(upper=upper)
    found = pd.Series(100.0 * np.diff(upper.to_numpy(), prepend=before), index=upper.index)
    return found[found != 0]


def all_cuts(changes: pd.Series) -> tuple[date, ...]:
    """Days on which a cut was announced."""
    check(changes=changes)
    return _dates(changes[changes < 0])


def hikes(changes: pd.Series) -> tuple[date, ...]:
    """Days on which a rise was announced."""
    check(changes=changes)
    return _dates(changes[changes > 0])


def first_cuts(changes: pd.Series) -> tuple[date, ...]:
    """Days on which a cycle of cuts began: the cut follows a rise, or opens the table."""
    return tuple(cycle.first for cycle in cycles(changes) if cycle.direction == "easing")


def cycles(changes: pd.Series) -> tuple[Cycle, ...]:
    """Find the cycles, oldest first: maximal runs of changes in the same direction, however long the pauses within."""
    check(changes=changes)
    starts = np.unique(runs(changes.to_numpy() > 0))
    parts = [changes.iloc[start:stop] for start, stop in zip(starts, np.append(starts, len(changes))[1:], strict=True)]
    return tuple(
        Cycle(
            direction="tightening" if part.iloc[0] > 0 else "easing",
            first=part.index[0].date(),
            last=part.index[-1].date(),
            moves=len(part),
            total=float(part.sum()),
        )
        for part in parts
    )


def phase(changes: pd.Series, dates: pd.DatetimeIndex, *, hold_after: int = HOLD_AFTER) -> pd.Series:
    """Phase of the cycle on each date: a categorical series over PHASES.

    Easing or tightening by the sign of the newest change, on hold once it lies more than `hold_after` days back. Dates
    before the first change are left out.
    """
    newest = as_of(changes, dates)
    codes = np.where(newest.to_numpy() < 0, PHASES.index("easing"), PHASES.index("tightening"))
    waited = days_since_change(changes, dates).to_numpy()
    codes = np.where(waited > hold_after, PHASES.index("on hold"), codes)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(PHASES)), index=newest.index)


def cycle_change(changes: pd.Series) -> pd.Series:
    """Sum of the changes since the cycle began, in basis points, by day of announcement.

    `target_on(cycle_change(...), dates)` gives it for any date.
    """
    check(changes=changes)
    moves = changes.to_numpy()
    total = np.concatenate(([0.0], np.cumsum(moves)))
    return pd.Series(total[1:] - total[runs(moves > 0)], index=changes.index)


def days_since_change(changes: pd.Series, dates: pd.DatetimeIndex) -> pd.Series:
    """Calendar days from the announcement of the newest change to each date; earlier dates are left out."""
    check(changes=changes)
    row = pd.Series(np.arange(len(changes), dtype=np.float64), index=changes.index)
    newest = as_of(row, dates)
    waited = days(newest.index) - days(changes.index)[newest.to_numpy().astype(np.int64)]
    return pd.Series(waited.astype(np.float64), index=newest.index)


def _dates(history: pd.Series) -> tuple[date, ...]:
    return tuple(day.date() for day in pd.DatetimeIndex(history.index))
