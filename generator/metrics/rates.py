"""Yields: their changes, the slope of the curve, its inversions, the name of its move, and its distance from policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import Misaligned
from generator.metrics.histories import (
    as_of,
    check,
    check_pair,
    check_window,
    difference,
    period_bases,
    runs,
)

if TYPE_CHECKING:
    from datetime import date

BASIS_POINTS = 100.0  # in one percent
CURVE_MOVES = (
    "bull steepener",
    "bear steepener",
    "bull flattener",
    "bear flattener",
    "twist steepener",
    "twist flattener",
    "parallel shift up",
    "parallel shift down",
    "little changed",
)
ONE_DAY_BP = 2.0  # the least that counts as a move over one observation
EXACT_BP = 6  # decimals kept before a change is compared, so that 4.21 − 4.19 is 2 bp and not less


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A run of observations in a row on which a slope was below zero."""

    first: date
    last: date
    ended: date | None  # the first observation that was not below zero again; None: it has not ended
    observations: int


def change(yields: pd.Series, *, observations: int) -> pd.Series:
    """Change of a yield over a number of observations, in basis points; a row is a business day of the H.15 release.

    >>> change(pd.Series([4.25, 4.0], index=pd.date_range("2024-01-02", periods=2)), observations=1).tolist()
    [-25.0]
    """
    check(yields=yields)
    check_window("observations", observations)
    return BASIS_POINTS * difference(yields, observations)


def change_to_date(yields: pd.Series, *, period: str = "year") -> pd.Series:
    """Change of a yield since the last observation of the month, quarter or year before, in basis points."""
    check(yields=yields)
    current, base = period_bases(yields, period)
    return BASIS_POINTS * (current - base)


def slope(long: pd.Series, short: pd.Series) -> pd.Series:
    """Long less short yield on their common dates, in basis points; Misaligned if there is none."""
    check(long=long, short=short)
    common = long.index.intersection(short.index)
    if common.empty:
        raise Misaligned("long", "short")
    return BASIS_POINTS * (long.loc[common] - short.loc[common])


def inversion(slope: pd.Series) -> pd.Series:
    """Observations in a row with the slope below zero, as a negative count, or at or above zero, as a positive one."""
    check(slope=slope)
    inverted = slope.to_numpy() < 0
    length = np.arange(len(inverted)) - runs(inverted) + 1.0
    return pd.Series(np.where(inverted, -length, length), index=slope.index)


def spells(slope: pd.Series) -> tuple[Spell, ...]:
    """All inversions, oldest first; none if the slope was never below zero."""
    check(slope=slope)
    inverted = slope.to_numpy() < 0
    edges = np.flatnonzero(np.diff(inverted.astype(np.int8), prepend=0, append=0))
    dates = slope.index
    return tuple(
        Spell(
            first=dates[start].date(),
            last=dates[stop - 1].date(),
            ended=dates[stop].date() if stop < len(dates) else None,
            observations=int(stop - start),
        )
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    )


def move_threshold(observations: int) -> float:
    """Give the least move that is named, in basis points: 2 for a day, growing with the root of the horizon."""
    check_window("observations", observations)
    return ONE_DAY_BP * float(np.sqrt(observations))


def curve_move(short_change: pd.Series, long_change: pd.Series, *, observations: int) -> pd.Series:
    """Name of the move of the curve, from the changes of a short and a long yield over the same observations (bp).

    A categorical series over CURVE_MOVES. With t = `move_threshold(observations)`, the slope's change Δ = long − short:

    - |Δ| < t: a parallel shift if the mean of the two changes is at least t up or down, else little changed;
    - Δ ≥ t steepener, Δ ≤ −t flattener: a twist if the two moved in opposite directions by at least t/2 each, else
      bull if the larger of the two moves was down (bond prices up), bear if it was up.

    The terms are the desk's (docs/metrics.md). Raises Misaligned.
    """
    check_pair(short_change=short_change, long_change=long_change)
    least = round(move_threshold(observations), EXACT_BP)
    short, long = (np.round(leg.to_numpy(), EXACT_BP) for leg in (short_change, long_change))
    tilt, level = np.round(long - short, EXACT_BP), np.round((long + short) / 2, EXACT_BP)
    steeper, flatter = tilt >= least, tilt <= -least
    twist = (short * long < 0) & (np.minimum(abs(short), abs(long)) >= least / 2)
    named = [
        (steeper & ~twist & (level < 0), "bull steepener"),
        (steeper & ~twist, "bear steepener"),
        (flatter & ~twist & (level < 0), "bull flattener"),
        (flatter & ~twist, "bear flattener"),
        (steeper, "twist steepener"),
        (flatter, "twist flattener"),
        (level >= least, "parallel shift up"),
        (level <= -least, "parallel shift down"),
    ]
    codes = np.select(
        [where for where, _ in named],
        [CURVE_MOVES.index(name) for _, name in named],
        default=CURVE_MOVES.index("little changed"),
    )
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(CURVE_MOVES)), index=short_change.index)


def policy_gap(two_year: pd.Series, target: pd.Series) -> pd.Series:
    """Two-year yield less the midpoint of the funds target in force, in basis points: the market's hint of what comes.

    `target` is an event series by the day of announcement, joined as of each date; dates before it are left out.
    """
    check(two_year=two_year)
    in_force = as_of(target, pd.DatetimeIndex(two_year.index))
    return BASIS_POINTS * (two_year.loc[in_force.index] - in_force)
