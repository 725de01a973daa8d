"""Returns, drawdown and volatility of one portfolio, and how two move together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from observed import history, level, on

from generator.errors import Misaligned, UnfitHistory, UnknownName
from generator.metrics import returns


def test_index_compounds_from_100_before_the_first_session() -> None:
    """Returns of 50, −50 and 100 percent take 100 to 150, 75 and 150."""
    assert returns.total_return_index(on(50, -50, 100)).tolist() == [150, 75, 150]


def test_index_refuses_a_total_loss() -> None:
    """After a return of −100 percent there is no level to go on from."""
    with pytest.raises(UnfitHistory, match="2024-01-03 has"):
        returns.total_return_index(on(1, -100, 5))


def test_total_return_of_an_ordinary_week() -> None:
    """From one Friday to the next are five sessions: 128 to 132 is 3.125 percent."""
    week = on(128, 129, 127, 130, 131, 132, start="2024-06-07")

    found = returns.total_return(week, sessions=5)

    assert found.index.tolist() == [pd.Timestamp("2024-06-14")]
    assert found.tolist() == [3.125]


def test_total_return_counts_sessions_not_days_in_a_holiday_week() -> None:
    """Labor Day 2024: five sessions to Tuesday 3 September run from Monday 26 August, not from Tuesday the 27th."""
    factors = (0.9913, 0.9925, 1.0074, 1.0054, 0.9708)  # small caps, 27, 28, 29, 30 August and 3 September

    found = returns.total_return(level("q2"), sessions=5)["2024-09-03"]

    assert found == pytest.approx(100 * (math.prod(factors) - 1), abs=1e-9)


def test_total_return_is_the_same_for_levels_at_any_scale() -> None:
    """A level of half the size has the same returns (powers of two stay exact)."""
    walk = on(100, 103, 99, 104)

    pd.testing.assert_series_equal(returns.total_return(walk, sessions=2), returns.total_return(walk / 2, sessions=2))


def test_total_return_of_a_short_history_is_empty() -> None:
    """Five sessions back from the third session there is nothing, and nothing stands in for it."""
    assert returns.total_return(on(1, 2, 3), sessions=5).empty


def test_year_2025_and_summer_2024_of_the_sample() -> None:
    """Small and large caps: +12.24 and +18.66 percent in 2025; +8.99 and +3.21 from 28 June to 30 August 2024."""
    for portfolio, year, summer in (("q2", 12.24, 8.99), ("q5", 18.66, 3.21)):
        closes = level(portfolio)
        assert returns.to_date(closes, period="year")["2025-12-31"] == pytest.approx(year, abs=0.005)
        sessions = len(closes["2024-07-01":"2024-08-30"])
        assert returns.total_return(closes, sessions=sessions)["2024-08-30"] == pytest.approx(summer, abs=0.005)


def test_to_date_starts_from_the_last_session_of_the_period_before() -> None:
    """Base is Friday 29 December 2023 (64) for month, quarter and year: 72 on 2 January is 12.5 percent."""
    turn = on(60, 64, 72, 80, start="2023-12-28")

    for period in ("month", "quarter", "year"):
        found = returns.to_date(turn, period=period)
        assert found["2024-01-01":].tolist() == [12.5, 25.0]
        assert found.index[0] == pd.Timestamp("2024-01-01")  # December has no base: it opens the history


def test_to_date_leaves_out_what_follows_an_empty_period() -> None:
    """With no session in February, March has no base of the month before; the year still has one."""
    gappy = pd.Series([50.0, 60.0, 75.0], index=pd.DatetimeIndex(["2023-12-29", "2024-01-31", "2024-03-28"]))

    assert returns.to_date(gappy, period="month").to_dict() == {pd.Timestamp("2024-01-31"): pytest.approx(20.0)}
    assert returns.to_date(gappy, period="year").tolist() == pytest.approx([20.0, 50.0])


def test_to_date_names_the_periods_it_knows() -> None:
    """An unknown period is refused with the nearest known one."""
    with pytest.raises(UnknownName) as refused:
        returns.to_date(on(1, 2), period="years")
    assert refused.value.nearest == "year"


def test_drawdown_and_the_date_of_the_high() -> None:
    """From a high of 64, 48 is 25 percent below; a close equal to the high is the new high."""
    walk = on(32, 64, 48, 64, 56)

    assert returns.drawdown(walk).tolist() == [0, 0, -25, 0, -12.5]
    assert [day.day for day in returns.high_dates(walk)] == [2, 3, 3, 5, 5]


def test_large_caps_lost_five_sixths_to_1932() -> None:
    """The deepest drawdown of the sample's large caps ended in the summer of 1932, as the Dow's and the S&P's did."""
    depth = returns.drawdown(level("q5"))

    assert depth.min() == pytest.approx(-83.7, abs=1.5)  # S&P composite with dividends: about −84 percent
    assert f"{depth.idxmin():%Y-%m}" in {"1932-06", "1932-07"}
    assert returns.high_dates(level("q5"))[depth.idxmin()].year == 1929


def test_volatility_is_the_sample_deviation_times_root_252() -> None:
    """Returns of 1 and −1 percent in turn, 4 of them: deviation √(4/3), times √252 is 18.3303 percent."""
    assert returns.volatility(on(1, -1, 1, -1), sessions=4).tolist() == pytest.approx([math.sqrt(336)])


def test_volatility_ratio_of_a_portfolio_that_moves_three_times_as_much() -> None:
    """Three times the returns, three times the volatility; where large caps stand still there is no ratio."""
    large = on(0, 0, 0, 1, -1, 2)

    found = returns.volatility_ratio(3 * large, large, sessions=3)

    assert found.tolist() == pytest.approx([3.0, 3.0, 3.0])
    assert found.index[0] == large.index[3]


def test_beta_and_correlation_by_hand() -> None:
    """Large 1, 2, 3 and small 2, 3, 7: covariance 2.5, variances 7 and 1; beta 2.5, correlation 2.5/√7."""
    small, large = on(2, 3, 7), on(1, 2, 3)

    assert returns.beta(small, large, sessions=3).tolist() == pytest.approx([2.5])
    assert returns.correlation(small, large, sessions=3).tolist() == pytest.approx([2.5 / math.sqrt(7)])


def test_beta_and_correlation_agree_with_a_second_method() -> None:
    """On the sample, the last window's beta is the least-squares slope and its correlation numpy's."""
    small, large = history("size.vw_q2"), history("size.vw_q5")
    last_small, last_large = small.to_numpy()[-252:], large.to_numpy()[-252:]

    assert returns.beta(small, large).iloc[-1] == pytest.approx(np.polyfit(last_large, last_small, 1)[0])
    assert returns.correlation(small, large).iloc[-1] == pytest.approx(np.corrcoef(last_small, last_large)[0, 1])


def test_beta_obeys_its_laws() -> None:
    """Twice the small-cap returns, twice the beta and the same correlation; correlation does not know its legs."""
    small, large = on(0.5, -1, 2, 0.3, 1), on(0.2, -0.7, 1.1, 0.4, 0.2)

    assert (2 * returns.beta(small, large, sessions=4)).tolist() == pytest.approx(
        returns.beta(2 * small, large, sessions=4).tolist()
    )
    assert returns.correlation(small, large, sessions=4).tolist() == pytest.approx(
        returns.correlation(large, 2 * small, sessions=4).tolist()
    )


def test_two_legs_with_different_sessions_are_refused() -> None:
    """A session missing in one leg (a hole) makes the two incomparable, even if the counts are equal."""
    with pytest.raises(Misaligned):
        returns.beta(on(1, 2, 3), on(1, 2, 3, start="2024-01-03"), sessions=2)


@pytest.mark.parametrize(
    ("unfit", "problem"),
    [
        (on(1, math.nan, 3), "2024-01-03 has no finite value"),
        (on(1, 0, 3), "a level is above zero"),
        (on(1, 2, 3)[::-1], "not ascending"),
        (on(1, 2, 3).astype("int64"), "not float64"),
        (on(1, 2, 3).tz_localize("UTC"), "without a time zone"),
        (on(1, 2, 3).reset_index(drop=True), "not one of days"),
    ],
)
def test_what_is_no_level_is_refused(unfit: pd.Series, problem: str) -> None:
    """Holes, zeros, disorder, whole numbers, time zones and rows without a day are named, and nothing is guessed."""
    with pytest.raises(UnfitHistory, match=problem):
        returns.total_return(unfit, sessions=1)


def test_a_window_of_no_sessions_is_a_mistake_of_the_caller() -> None:
    """Zero sessions have no return, and one session no deviation."""
    with pytest.raises(ValueError, match="at least 1"):
        returns.total_return(on(1, 2), sessions=0)
    with pytest.raises(ValueError, match="at least 2"):
        returns.volatility(on(1, 2), sessions=1)
