"""Interest rates: the curve of Treasury yields around the Fed's target, real yields, overnight rates, spreads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.calendars import bond_days, fed_days
from market.policy import target_lower
from market.weather import path_of, persistent, weather

MATURITIES = {  # FRED's id: years, first day
    "DGS1MO": (1 / 12, "2001-07-31"),
    "DGS1H": (1.5 / 12, "2025-02-18"),
    "DGS2MO": (2 / 12, "2018-10-16"),
    "DGS3MO": (0.25, "1996-01-02"),
    "DGS4MO": (4 / 12, "2022-10-19"),
    "DGS6MO": (0.5, "1996-01-02"),
    "DGS1": (1, "1996-01-02"),
    "DGS2": (2, "1996-01-02"),
    "DGS3": (3, "1996-01-02"),
    "DGS5": (5, "1996-01-02"),
    "DGS7": (7, "1996-01-02"),
    "DGS10": (10, "1996-01-02"),
    "DGS20": (20, "1996-01-02"),
    "DGS30": (30, "1996-01-02"),
}
REAL = {"DFII5": 5, "DFII7": 7, "DFII10": 10, "DFII20": 20, "DFII30": 30}
REAL_SINCE = {"DFII20": "2004-07-27", "DFII30": "2010-02-22"}
NO_THIRTY = ("2002-02-19", "2006-02-08")
NEUTRAL = {"1996-01-01": 5.6, "2003-01-01": 4.9, "2009-01-01": 3.6, "2016-01-01": 2.4, "2020-08-01": 1.3,
           "2023-10-01": 3.9, "2027-12-31": 4.1}  # fmt: skip


def treasury(seed: int) -> dict[str, pd.Series]:
    """Nominal and real yields and breakevens, in percent with two decimals."""
    days = bond_days()
    sky = weather(seed)
    at = sky.days.searchsorted(days)
    level = persistent(sky.rates[at] * 0.055, 0.985)
    rng = np.random.default_rng([seed, 2])
    bend = persistent(rng.normal(0, 0.02, len(days)), 0.98)
    found = {}
    for name, (years, first) in MATURITIES.items():
        noise = rng.normal(0, 0.004, len(days))
        found[name] = (
            pd.Series(_nominal(years, days, level, bend) + noise, index=days).clip(lower=0.01).round(2)[first:]
        )
    thirty = found["DGS30"]
    found["DGS30"] = thirty[(thirty.index < NO_THIRTY[0]) | (thirty.index > NO_THIRTY[1])]
    inflation = (
        2.25
        + persistent(rng.normal(0, 0.02, len(days)), 0.985)
        - 1.2 * np.exp(-(((days - pd.Timestamp("2008-12-15")).days.to_numpy() / 90) ** 2))
    )
    for name, years in REAL.items():
        twin = pd.Series(_nominal(years, days, level, bend) - inflation - 0.01 * (years - 10) / 10, index=days)
        found[name] = twin.round(2)[REAL_SINCE.get(name, "2003-01-02") :]
    for name, nominal, real in (("T10YIE", "DGS10", "DFII10"), ("T5YIE", "DGS5", "DFII5")):
        found[name] = (found[nominal] - found[real]).dropna().round(2)
    return found


def _nominal(years: float, days: pd.DatetimeIndex, level: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """The target as half foreseen over at most three years, then what is taken as neutral, and a premium."""
    target = target_lower() + 0.1
    horizon = max(int(min(years, 3.0) * 365), 1)
    ahead = target[::-1].rolling(horizon, min_periods=1).mean()[::-1].reindex(days).to_numpy()
    now = target.reindex(days).to_numpy()
    expected = 0.35 * now + 0.65 * ahead
    weight = min(1.0, 2.2 / years)
    neutral = path_of(NEUTRAL, days) + 0.12 * np.log(max(years, 1.0))
    free = weight * expected + (1 - weight) * neutral + level * min(1.0, 0.08 + years / 4) + bend * (years > 2)
    return np.log1p(np.exp(5 * free)) / 5  # hardly changed above half a percent, never negative


def overnight(seed: int) -> dict[str, pd.Series]:
    """EFFR, SOFR and the bounds of the target, in percent: in force on each business day, and as FRED dates them."""
    days = fed_days()
    rng = np.random.default_rng([seed, 3])
    target = target_lower().reindex(days)
    inside = np.where(days >= "2008-12-16", 0.13, 0.0)
    effr = (target + inside + rng.normal(0, 0.008, len(days))).clip(lower=0.04).round(2)
    sofr = (effr + 0.02 + np.abs(rng.normal(0, 0.03, len(days)))).round(2)
    bounds = target_lower(as_fred_dates=True)["2008-12-16":]
    return {
        "EFFR": effr["2000-07-03":],
        "SOFR": sofr["2018-04-02":],
        "DFEDTARL": bounds,
        "DFEDTARU": bounds + 0.25,
        "target_lower": target["2000-07-03":],
        "target_upper": target["2008-12-17":] + 0.25,
    }


def credit(seed: int) -> dict[str, pd.Series]:
    """Spreads of corporate bonds over Treasuries, in percent: they follow the storms with a delay."""
    days = bond_days()
    sky = weather(seed)
    fear = pd.Series(sky.risk, index=sky.days).ewm(halflife=15).mean().reindex(days).to_numpy()
    rng = np.random.default_rng([seed, 4])
    wander = persistent(rng.normal(0, 0.02, len(days)), 0.99)
    high = pd.Series(1.0 + 3.1 * fear**1.25 + 2 * wander + rng.normal(0, 0.02, len(days)), index=days)
    return {
        "BAMLH0A0HYM2": high.clip(lower=2.2).round(2)["1996-12-31":],
        "BAMLC0A0CM": pd.Series(0.35 + 0.95 * fear + 0.5 * wander, index=days).clip(lower=0.5).round(2)["1996-12-31":],
        "BAA10Y": pd.Series(1.0 + 1.05 * fear + 0.5 * wander, index=days).clip(lower=1.2).round(2),
    }
