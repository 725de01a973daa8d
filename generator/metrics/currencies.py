"""Euro and sterling in dollars, from reference rates quoted per euro."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.metrics.histories import change_percent, check, check_pair, check_window, period_bases

if TYPE_CHECKING:
    import pandas as pd


def cross(usd_per_eur: pd.Series, gbp_per_eur: pd.Series) -> pd.Series:
    """Dollars per pound, from dollars per euro and pounds per euro of the same dates. Raises Misaligned."""
    check_pair(positive=True, usd_per_eur=usd_per_eur, gbp_per_eur=gbp_per_eur)
    return usd_per_eur / gbp_per_eur


def change(rate: pd.Series, *, observations: int) -> pd.Series:
    """Change of a currency over a number of observations, in percent; up means that it buys more dollars."""
    check(positive=True, rate=rate)
    check_window("observations", observations)
    return change_percent(rate, observations)


def change_to_date(rate: pd.Series, *, period: str = "year") -> pd.Series:
    """Change of a currency since the last observation of the month, quarter or year before, in percent."""
    check(positive=True, rate=rate)
    current, base = period_bases(rate, period)
    return 100.0 * (current / base - 1.0)
