"""Small caps against large caps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from observed import history, level, on

from generator.errors import Misaligned, UnknownName
from generator.metrics import size

QUINTILES = ("q1", "q2", "q3", "q4", "q5")


def test_relative_return_of_an_ordinary_week() -> None:
    """Small caps from 128 to 132, large from 256 to 260 in five sessions: 3.125 − 1.5625 points."""
    small = on(128, 120, 121, 122, 123, 132, start="2024-06-07")
    large = on(256, 250, 251, 252, 253, 260, start="2024-06-07")

    assert size.relative_return(small, large, sessions=5).tolist() == [1.5625]


def test_relative_return_counts_sessions_not_days_in_a_holiday_week() -> None:
    """Labor Day 2024: five sessions to 3 September are those of 27 August to 3 September, in both legs."""
    small = math.prod((0.9913, 0.9925, 1.0074, 1.0054, 0.9708))
    large = math.prod((1.0016, 0.9935, 1.0000, 1.0106, 0.9779))

    found = size.relative_return(level("q2"), level("q5"), sessions=5)["2024-09-03"]

    assert found == pytest.approx(100 * (small - large), abs=1e-9)


def test_relative_return_refuses_a_hole_in_one_leg() -> None:
    """Without the same sessions in both legs there is no comparison."""
    large = on(1, 2, 3)
    with pytest.raises(Misaligned):
        size.relative_return(large.drop(large.index[1]), large, sessions=1)


def test_swapped_legs_flip_the_sign() -> None:
    """Large less small is minus small less large, by sessions and to date."""
    small, large = level("q2"), level("q5")

    for one, other in (
        (size.relative_return(small, large, sessions=21), size.relative_return(large, small, sessions=21)),
        (size.relative_to_date(small, large, period="year"), size.relative_to_date(large, small, period="year")),
    ):
        np.testing.assert_allclose(one, -other, atol=1e-10)


def test_relative_to_date_of_2025() -> None:
    """In 2025 small caps returned 12.24 percent and large caps 18.66: 6.41 points less (unrounded −6.414)."""
    found = size.relative_to_date(level("q2"), level("q5"), period="year")["2025-12-31"]

    assert found == pytest.approx(-6.414, abs=0.001)


def test_relative_strength_is_100_at_the_first_common_date() -> None:
    """Small 64, 96, 96 against large 4, 4, 8 from the second day on: 100, 150, 75."""
    small, large = on(50, 64, 96, 96), on(4, 4, 8, start="2024-01-03")

    found = size.relative_strength(small, large)

    assert found.tolist() == [100, 150, 75]
    assert found.index[0] == pd.Timestamp("2024-01-03")


def test_relative_strength_refuses_a_hole_and_histories_that_never_meet() -> None:
    """Within the common span the dates must be the same; without a common span there is no line."""
    large = on(1, 2, 3, 4)
    for small in (large.drop(large.index[2]), on(1, 2, start="2030-01-01"), large.iloc[:0]):
        with pytest.raises(Misaligned):
            size.relative_strength(small, large)


def test_trend_of_steady_growth_is_the_growth() -> None:
    """A line that grows by 0.01 percent a session grows by 100·(1.0001²⁵² − 1) = 2.5519 percent a year."""
    line = on(*(100 * 1.0001**k for k in range(83)))

    found = size.trend(line, sessions=63)

    assert len(found) == 21
    assert found.to_numpy() == pytest.approx(2.5519, abs=5e-5)


@pytest.mark.parametrize("sessions", [63, 252, 2520])
def test_trend_agrees_with_a_fit_of_each_window(sessions: int) -> None:
    """On the sample, numpy's fit of the logarithms of single windows gives the same trend, short or long."""
    line = size.relative_strength(level("q2"), level("q5"))
    logs = np.log(line.to_numpy())

    found = size.trend(line, sessions=sessions)

    for first in range(0, len(found), 2999):
        slope = np.polyfit(np.arange(sessions), logs[first : first + sessions], 1)[0]
        assert found.iloc[first] == pytest.approx(100 * (math.exp(252 * slope) - 1), abs=1e-6)


def test_trend_does_not_know_the_scale_of_the_line() -> None:
    """Rebasing the line changes no trend; a line shorter than the window has none, nor has a window below a quarter."""
    line = size.relative_strength(level("q2"), level("q5")).iloc[-3000:]

    np.testing.assert_allclose(size.trend(line), size.trend(7 * line), atol=1e-9)
    assert size.trend(line.iloc[:2519]).empty
    with pytest.raises(ValueError, match="at least 63"):
        size.trend(line, sessions=62)


def test_market_share_by_hand() -> None:
    """With 1, 2, 3, 4 and 5 firms of average size 10, the second quintile holds 2 in 15."""
    firms = {name: on(k, freq="MS") for k, name in enumerate(QUINTILES, start=1)}
    average = {name: on(10, freq="MS") for name in QUINTILES}

    assert size.market_share(firms, average).tolist() == pytest.approx([100 * 2 / 15])


def test_market_shares_of_the_sample_add_up_and_meet_the_last_row() -> None:
    """March 2026: 520 firms of 2,154.48 million are 1.702 percent of the whole; the five shares are 100 percent."""
    firms = {name: history(f"size.firms.{name}") for name in QUINTILES}
    average = {name: history(f"size.average.{name}") for name in QUINTILES}
    shares = [size.market_share(firms, average, of=name) for name in QUINTILES]

    whole = 1643 * 301.85 + 520 * 2154.48 + 405 * 5308.51 + 351 * 14309.03 + 339 * 168245.08
    assert shares[1].iloc[-1] == pytest.approx(100 * 520 * 2154.48 / whole)
    assert shares[1].iloc[-1] == pytest.approx(1.702, abs=0.0005)
    np.testing.assert_allclose(sum(shares), 100.0)


def test_market_share_names_what_is_missing() -> None:
    """A quintile that is not there, or a month missing in one of them, is no share of the whole."""
    firms = {name: on(1, 1, freq="MS") for name in QUINTILES}
    with pytest.raises(UnknownName, match="q9"):
        size.market_share(firms, firms, of="q9")
    with pytest.raises(UnknownName, match="q5"):
        size.market_share(firms, {name: firms[name] for name in QUINTILES[:4]})
    with pytest.raises(Misaligned):
        size.market_share(firms, firms | {"q4": firms["q4"].iloc[:1]})


def test_size_ratio_of_the_last_month() -> None:
    """March 2026: 168,245.08 over 2,154.48 million dollars is 78.09."""
    found = size.size_ratio(history("size.average.q5"), history("size.average.q2"))

    assert found["2026-03-01"] == pytest.approx(78.09, abs=0.005)
