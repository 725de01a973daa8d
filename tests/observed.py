"""Histories of the committed sample, for tests that need real numbers."""

from __future__ import annotations

from functools import cache

import pandas as pd

from generator.metrics.returns import total_return_index
from generator.sources.sample import Sample


@cache
def _observations() -> dict[str, pd.Series]:
    table = Sample().observations()
    return {
        str(name): pd.Series(rows["value"].to_numpy(), index=pd.DatetimeIndex(rows["date"], name="date"))
        for name, rows in table.groupby("series_id", observed=True)
    }


def history(series_id: str) -> pd.Series:
    """All observations of one series of the sample, in order of date."""
    return _observations()[series_id]


@cache
def level(portfolio: str) -> pd.Series:
    """Total return index of a portfolio of the sample: "q2" is small caps, "q5" large caps."""
    return total_return_index(history(f"size.vw_{portfolio}"))


def on(*values: float, start: str = "2024-01-02", freq: str = "B") -> pd.Series:
    """Build a history of the given values on successive business days (or months, `freq="MS"`)."""
    return pd.Series(list(values), index=pd.date_range(start, periods=len(values), freq=freq), dtype="float64")
