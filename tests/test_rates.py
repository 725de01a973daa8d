"""Yields: changes, slopes, inversions, the name of a move of the curve, and the distance from policy."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from observed import history, on

from generator.errors import Misaligned
from generator.metrics import policy, rates


def move(short: float, long: float, *, observations: int = 1) -> str:
    """Name the move of one pair of changes."""
    return str(rates.curve_move(on(short), on(long), observations=observations).iloc[0])


def test_change_of_an_ordinary_week_is_in_basis_points() -> None:
    """The ten-year yield went from 3.72 to 3.66 percent in five observations to Friday 13 September 2024."""
    assert rates.change(history("rates.DGS10"), observations=5)["2024-09-13"] == pytest.approx(-6)


def test_change_counts_observations_not_days_in_a_holiday_week() -> None:
    """Without Labor Day, five observations to 4 September 2024 (3.77) start on 27 August (3.83), not on the 28th."""
    assert rates.change(history("rates.DGS10"), observations=5)["2024-09-04"] == pytest.approx(-6)


def test_change_of_the_year_starts_from_its_last_observation_before() -> None:
    """The two-year yield ended 2023 at 4.23 percent; 4.33 on 2 January 2024 is ten basis points more."""
    assert rates.change_to_date(history("rates.DGS2"))["2024-01-02"] == pytest.approx(10)


def test_change_over_a_hole_has_no_base() -> None:
    """With no observation in 2003 to 2005, 2006 has no year to date; it is left out and not measured from 2002."""
    thirty_year = pd.Series([5.0, 4.5, 4.75], index=pd.DatetimeIndex(["2002-02-15", "2006-02-09", "2007-01-03"]))

    assert rates.change_to_date(thirty_year).to_dict() == {pd.Timestamp("2007-01-03"): 25.0}


def test_change_of_a_yield_turned_round_is_turned_round() -> None:
    """Adding a constant to a yield changes no change; negative yields are yields."""
    walk = on(0.5, 0.25, -0.25)

    assert rates.change(walk, observations=1).tolist() == [-25, -50]
    assert rates.change(walk + 2, observations=1).tolist() == [-25, -50]
    assert rates.change(-walk, observations=1).tolist() == [25, 50]


def test_slope_is_taken_on_common_dates_and_flips_with_its_legs() -> None:
    """A date that only one yield has is left out; no common date at all is refused."""
    long, short = on(4.5, 4.25, 4.0), on(4.5, 4.75, start="2024-01-03")

    assert rates.slope(long, short).to_dict() == {pd.Timestamp("2024-01-03"): -25, pd.Timestamp("2024-01-04"): -75}
    assert rates.slope(short, long).tolist() == [25, 75]
    with pytest.raises(Misaligned):
        rates.slope(long, on(1, start="2030-01-01"))


def test_inversion_counts_in_a_row() -> None:
    """Zero is not inverted: −1, −2, 0, 3, −1 count −1, −2, 1, 2, −1."""
    assert rates.inversion(on(-1, -2, 0, 3, -1)).tolist() == [-1, -2, 1, 2, -1]


def test_spells_name_first_last_end_and_length() -> None:
    """Two inversions, the second not ended; none for a slope that was never below zero."""
    first, second = rates.spells(on(1, -1, -2, 0, -3))

    assert (first.first, first.last, first.ended) == (date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5))
    assert (first.observations, second.observations, second.ended) == (2, 1, None)
    assert rates.spells(on(1, 0)) == ()


def test_the_long_inversion_of_2022_to_2024() -> None:
    """Two-year yields stood above ten-year yields from 6 July 2022 to 26 August 2024, and again on two days later."""
    slope = rates.slope(history("rates.DGS10"), history("rates.DGS2"))[:"2026-03-31"]
    *_, long, brief, last = rates.spells(slope)

    assert (long.first, long.last, long.ended) == (date(2022, 7, 6), date(2024, 8, 26), date(2024, 8, 27))
    assert (brief.first, last.first, last.ended) == (date(2024, 9, 3), date(2024, 9, 5), date(2024, 9, 6))
    assert rates.inversion(slope)["2024-08-26"] == -long.observations


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-09-03", "bull flattener"),  # two-year −3, ten-year −7
        ("2024-09-04", "bull steepener"),  # −12, −7
        ("2024-09-18", "bear steepener"),  # +2, +5
        ("2024-09-19", "twist steepener"),  # −2, +3
        ("2024-08-29", "parallel shift up"),  # +4, +3
        ("2024-08-28", "little changed"),  # 0, +1
    ],
)
def test_moves_of_the_curve_in_2024(day: str, name: str) -> None:
    """Single days of late summer 2024, named from the two changes in the comment."""
    two, ten = history("rates.DGS2"), history("rates.DGS10")
    common = two.index.intersection(ten.index)
    legs = (rates.change(leg.loc[common], observations=1) for leg in (two, ten))

    assert rates.curve_move(*legs, observations=1)[day] == name


def test_every_name_of_a_move_can_be_reached() -> None:
    """Up or down by the same, one leg more than the other, apart, together, hardly."""
    pairs = [(-9, -4), (4, 9), (-4, -9), (9, 4), (-4, 4), (4, -4), (5, 5), (-5, -5), (1, 0)]

    assert [move(short, long) for short, long in pairs] == list(rates.CURVE_MOVES)


def test_the_threshold_belongs_to_the_move_and_grows_with_the_root_of_the_horizon() -> None:
    """Two basis points name a one-day move (also as 4.21 less 4.19); 4 are none over 5 observations, 4.5 are."""
    assert move(0, 100 * (4.21 - 4.19)) == "bear steepener"
    assert move(0, 1.99) == "little changed"
    assert rates.move_threshold(4) == 4
    assert move(0, 4, observations=5) == "little changed"
    assert move(0, 4.5, observations=5) == "bear steepener"


def test_a_small_move_the_other_way_makes_no_twist() -> None:
    """Short −6 and long +0.9: the long leg moved by less than half the threshold, so the short leg names the move."""
    assert move(-6, 0.9) == "bull steepener"
    assert move(-6, 1) == "twist steepener"


def test_mirrored_moves_have_mirrored_names() -> None:
    """With all signs turned, bull is bear, steepener is flattener and up is down."""
    mirror = {"bull": "bear", "bear": "bull", "steepener": "flattener", "flattener": "steepener"}
    mirror |= {"up": "down", "down": "up"}
    rng = np.random.default_rng(7)
    short, long = (on(*rng.normal(0, 6, 500).round(1)) for _ in range(2))

    there = rates.curve_move(short, long, observations=1).astype(str)
    back = rates.curve_move(-short, -long, observations=1).astype(str)

    turned = [" ".join(mirror.get(word, word) for word in name.split()) for name in there]
    assert turned == back.tolist()


def test_moves_need_the_same_dates() -> None:
    """Changes over different dates cannot name one move."""
    with pytest.raises(Misaligned):
        rates.curve_move(on(1, 2), on(1, 2, start="2024-01-03"), observations=1)


def test_policy_gap_joins_the_target_as_of_the_day() -> None:
    """18 September 2024: 3.61 less 4.875 percent; the day before 3.59 less 5.375; Monday after a Sunday's cut too."""
    middle = policy.midpoint(history("policy.target_lower"), history("policy.target_upper"))
    two_year = history("rates.DGS2")

    found = rates.policy_gap(two_year, middle)

    assert found["2024-09-18"] == pytest.approx(-126.5)
    assert found["2024-09-17"] == pytest.approx(-178.5)
    assert found["2020-03-16"] == pytest.approx(100 * (two_year["2020-03-16"] - 0.125))
    assert found.index[0] == pd.Timestamp("1990-07-13")
