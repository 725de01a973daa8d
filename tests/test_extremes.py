"""How far out the furthest of several moves lies: the measure behind quiet days and rare ones."""

from __future__ import annotations

import pandas as pd
import pytest

from generator.errors import UnfitHistory
from generator.metrics.extremes import furthest, size_percentile

DAYS = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], name="date")


def line(*values: float, days: pd.DatetimeIndex = DAYS) -> pd.Series[float]:
    """Moves on the last of some days."""
    return pd.Series([*values], index=days[len(days) - len(values) :])


def test_a_size_is_ranked_whatever_its_sign() -> None:
    """Four sizes 4, 3, 2, 1: the largest stands above three and half of itself, 87.5%."""
    assert size_percentile(line(-4.0, 3.0, -2.0, 1.0)).tolist() == [87.5, 62.5, 37.5, 12.5]


def test_equal_sizes_share_a_rank() -> None:
    """Two of four are equal: each has one below it and half of the two, 50%."""
    assert size_percentile(line(1.0, -2.0, 2.0, 3.0)).tolist() == [12.5, 50.0, 50.0, 87.5]


def test_the_furthest_of_two_counts() -> None:
    """By hand: ranks 12.5, 37.5, 62.5, 87.5 against 87.5, 62.5, 37.5, 12.5."""
    found = furthest([line(1.0, 2.0, 3.0, 4.0), line(-9.0, 8.0, 7.0, 6.0)], sessions=DAYS)

    assert found.tolist() == [87.5, 62.5, 62.5, 87.5]


def test_a_yield_published_a_day_later_counts_a_day_later() -> None:
    """Its history ends the day before: each session sees the newest move of an earlier day."""
    late = pd.Series([9.0, 1.0, 2.0], index=DAYS[:3])  # ranks 83.3, 16.7, 50
    found = furthest([line(1.0, 2.0, 3.0, 4.0), late], sessions=DAYS)

    assert found.index.tolist() == DAYS[1:].tolist()
    assert found.tolist() == pytest.approx([250 / 3, 62.5, 87.5])


def test_sessions_before_the_youngest_measure_are_left_out() -> None:
    """With fewer measures less is far out: such days do not compare."""
    assert furthest([line(1.0, 2.0, 3.0, 4.0), line(1.0, 2.0)], sessions=DAYS).index.tolist() == DAYS[2:].tolist()


def test_a_hole_is_refused() -> None:
    """As by every metric."""
    with pytest.raises(UnfitHistory, match="no finite value"):
        furthest([line(1.0, float("nan"), 3.0, 4.0)], sessions=DAYS)
