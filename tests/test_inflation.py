"""Consumer prices by calendar month, and the real policy rate."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from observed import history, on

from generator.errors import UnfitHistory
from generator.metrics import inflation


def test_twelve_months_of_an_ordinary_month() -> None:
    """August 2024: 314.062 (as in the sample) over 306.082 a year before is 2.607 percent."""
    assert inflation.change_12m(history("prices.CPIAUCSL"))["2024-08-01"] == pytest.approx(2.607, abs=0.0005)


def test_three_months_at_a_yearly_rate() -> None:
    """August 2024: 314.062 over 313.175 in May is 0.28323 percent, to the fourth power 1.138 percent a year."""
    assert inflation.annualised_3m(history("prices.CPIAUCSL"))["2024-08-01"] == pytest.approx(1.138, abs=0.0005)


def test_october_2025_leaves_out_exactly_what_needs_it() -> None:
    """Never published, it takes with it its own changes, three months on (January 2026) and a year on (October)."""
    prices = history("prices.CPIAUCSL")
    twelve, three = (
        set(found.index.strftime("%Y-%m")) for found in (inflation.change_12m(prices), inflation.annualised_3m(prices))
    )

    assert {"2025-09", "2025-11", "2025-12", "2026-01"} <= twelve
    assert "2025-10" not in twelve
    assert {"2025-09", "2025-11", "2025-12", "2026-02"} <= three
    assert not {"2025-10", "2026-01"} & three


def test_months_are_matched_by_calendar_not_by_row() -> None:
    """December 2025 over September, 326.031 / 324.245, though September is only two rows back."""
    growth = 326.031 / 324.245

    assert inflation.annualised_3m(history("prices.CPIAUCSL"))["2025-12-01"] == pytest.approx(100 * (growth**4 - 1))


def test_a_missing_month_is_named() -> None:
    """The reason of a gap: which month was never published, the earlier first."""
    prices = history("prices.CPIAUCSL")

    assert inflation.missing_months(prices, date(2026, 1, 1), back=3) == (date(2025, 10, 1),)
    assert inflation.missing_months(prices, date(2026, 10, 1), back=12) == (date(2025, 10, 1), date(2026, 10, 1))
    assert inflation.missing_months(prices, date(2025, 12, 1), back=12) == ()


def test_the_base_of_an_index_does_not_matter() -> None:
    """Rebased to another year, an index has the same changes."""
    prices = history("prices.CPIAUCSL")

    np.testing.assert_allclose(inflation.change_12m(prices), inflation.change_12m(prices / 3), rtol=1e-9)


def test_a_month_is_dated_by_its_first_day() -> None:
    """A value dated within the month is refused, so that no month can be taken for another."""
    with pytest.raises(UnfitHistory, match="2024-01-15 is not the first day"):
        inflation.change_12m(on(100, start="2024-01-15"))


def test_real_rate_takes_the_latest_of_both() -> None:
    """Target 5.375 then 4.875 percent, prices 2.5 then 2.25 percent: a value whenever one of them changed."""
    target = pd.Series([5.375, 4.875], index=pd.DatetimeIndex(["2024-08-01", "2024-09-18"]))
    prices = pd.Series([2.5, 2.25], index=pd.DatetimeIndex(["2024-09-11", "2024-10-10"]))

    found = inflation.real_rate(target, prices)

    assert found.to_dict() == {
        pd.Timestamp("2024-09-11"): 2.875,
        pd.Timestamp("2024-09-18"): 2.375,
        pd.Timestamp("2024-10-10"): 2.625,
    }


def test_real_rate_moves_against_prices_one_for_one() -> None:
    """A point more inflation is a point less of real rate."""
    target, prices = on(4, 4.5), on(2, 3)

    assert (inflation.real_rate(target, prices) - inflation.real_rate(target, prices + 1)).tolist() == [1, 1]
