"""Euro and sterling in dollars."""

from __future__ import annotations

import pytest
from observed import history, on

from generator.errors import Misaligned, UnfitHistory
from generator.metrics import currencies


def test_dollars_per_pound_from_two_euro_rates() -> None:
    """18 September 2024: 1.1124 dollars and 0.84225 pounds per euro make 1.3207 dollars per pound."""
    found = currencies.cross(history("fx.usd_per_eur"), history("fx.gbp_per_eur"))

    assert found["2024-09-18"] == pytest.approx(1.3207, abs=0.00005)


def test_cross_of_a_currency_with_itself_is_one_and_swapped_legs_invert() -> None:
    """The law of one price: a/b times b/a is one."""
    dollars, pounds = on(1.25, 1.0), on(0.5, 0.8)

    assert currencies.cross(dollars, dollars).tolist() == [1, 1]
    assert (currencies.cross(dollars, pounds) * currencies.cross(pounds, dollars)).tolist() == pytest.approx([1, 1])


def test_change_over_an_ordinary_week() -> None:
    """From 1.00 to 1.25 dollars in five observations the euro gained 25 percent."""
    assert currencies.change(on(1, 1.1, 1.1, 1.1, 1.1, 1.25), observations=5).tolist() == [25]


def test_change_counts_observations_over_the_holidays() -> None:
    """No rate on 25 and 26 December 2024: three observations to the 30th (1.0444) start on the 23rd (1.0393)."""
    found = currencies.change(history("fx.usd_per_eur"), observations=3)["2024-12-30"]

    assert found == pytest.approx(100 * (1.0444 / 1.0393 - 1))


def test_change_of_the_year_starts_from_its_last_rate() -> None:
    """The euro ended 2024 at 1.0389 dollars; 1.0321 on 2 January 2025 is 0.6545 percent less."""
    assert currencies.change_to_date(history("fx.usd_per_eur"))["2025-01-02"] == pytest.approx(-0.6545, abs=0.00005)


def test_a_hole_in_one_leg_and_a_rate_of_zero_are_refused() -> None:
    """Rates of other days make no cross, and nothing costs nothing."""
    with pytest.raises(Misaligned):
        currencies.cross(on(1, 1), on(1, 1, start="2024-01-03"))
    with pytest.raises(UnfitHistory):
        currencies.change(on(1, 0), observations=1)
