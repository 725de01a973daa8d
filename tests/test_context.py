"""Context: how a value stands in its own history. Percentile, run, rank and "since" come from one mechanism."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from observed import history, on

from generator.facts.context import context


def test_percentiles_are_mid_ranks() -> None:
    """Of 1, −2, 3, 2 two lie below 2, and half of itself counts: 62.5; by size one is smaller, two are equal: 50."""
    found = context(on(1, -2, 3, 2), move=True)

    assert (found.percentile, found.size_percentile, found.median) == (62.5, 50.0, 1.5)


def test_a_run_counts_values_of_one_sign_with_its_sign() -> None:
    """Two falls in a row after a rise; the run that was broken before them is no news any more."""
    found = context(on(1, -2, -1), move=True)

    assert (found.streak, found.streak_before) == (-2, 0)


def test_a_run_that_ended_is_remembered_on_its_last_day() -> None:
    """A fall after three rises ends a run of three."""
    found = context(on(-1, 1, 2, 3, -1), move=True)

    assert (found.streak, found.streak_before) == (-1, 3)


@pytest.mark.parametrize(
    ("values", "streak", "before"), [((1, 0), 0, 0), ((1, 0, -1), -1, 0), ((5,), 1, 0), ((2, 3), 2, 0)]
)
def test_zero_belongs_to_no_run(values: tuple[float, ...], streak: int, before: int) -> None:
    """A zero has no sign: it ends a run, and a run after it ended none."""
    found = context(on(*values), move=True)

    assert (found.streak, found.streak_before) == (streak, before)


def test_since_is_the_last_value_at_least_as_far_on_the_same_side() -> None:
    """−3 of Thursday lies beyond −2 of Monday; the 5 between them is on the other side."""
    found = context(on(-3, 5, -2), move=True)

    assert (found.beyond, found.beyond_value, found.beyond_count) == (date(2024, 1, 2), -3.0, 2)


def test_a_tie_is_as_far() -> None:
    """An equal value ends "since": the letter says nothing of a rank that is shared."""
    assert context(on(2, 1, 2), move=True).beyond == date(2024, 1, 2)


def test_a_record_has_nothing_beyond_it() -> None:
    """It counts its whole history, itself included."""
    found = context(on(-1, 2, 3), move=True)

    assert (found.beyond, found.beyond_count, found.rank) == (None, 3, 1)


def test_a_level_is_ranked_from_the_side_of_its_median() -> None:
    """4, 5, 3: the last lies below the median and is the lowest, rank 1 from below."""
    found = context(on(4, 5, 3), move=False)

    assert (found.beyond, found.rank, found.high) == (None, 1, False)


def test_a_level_above_its_median_is_high_whatever_its_sign() -> None:
    """A slope of −10 after −30 and −20 is the steepest of three; as a move it would be the smallest fall."""
    assert context(on(-30, -20, -10), move=False).beyond is None
    assert context(on(-30, -20, -10), move=True).beyond == date(2024, 1, 3)


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_history_has_the_mirrored_context(seed: int) -> None:
    """Change all signs: run and percentile turn round, size and "since" stay."""
    values = np.round(np.random.default_rng(seed).normal(size=60), 1)
    mine, mirrored = context(on(*values), move=True), context(on(*-values), move=True)

    assert mirrored.streak == -mine.streak
    assert mirrored.percentile == pytest.approx(100 - mine.percentile)
    assert (mirrored.size_percentile, mirrored.beyond, mirrored.beyond_count) == (
        mine.size_percentile,
        mine.beyond,
        mine.beyond_count,
    )


def test_a_slow_second_method_agrees_on_every_day_of_an_autumn() -> None:
    """Walk back day by day from each session of the last quarter of 2008, as one would by hand."""
    returns = history("size.vw_q2")[:"2008-12-31"]
    for row in range(len(returns) - 64, len(returns)):
        before, value = returns.iloc[:row], float(returns.iloc[row])
        if value == 0:
            continue
        found = context(returns.iloc[: row + 1], move=True)
        earlier = zip(before.index[::-1], before[::-1], strict=True)
        beyond = next((day for day, one in earlier if one * value > 0 and abs(one) >= abs(value)), None)
        assert found.beyond == (beyond.date() if isinstance(beyond, pd.Timestamp) else beyond)


@pytest.mark.parametrize(("frequency", "earlier"), [("B", 9.0), ("D", None), ("W", None), ("MS", None), ("QS", None)])
def test_a_month_earlier_is_told_where_21_observations_are_one(frequency: str, earlier: float | None) -> None:
    """Of weekdays the 31st value has the 10th a month before it; of every day, weeks and months 21 are none."""
    days = pd.date_range("2024-01-01", periods=31, freq=frequency, name="date")
    found = context(pd.Series(np.arange(31.0), index=days), move=False)

    assert found.earlier == earlier
