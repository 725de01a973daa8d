"""The economy: prices, work, conditions, each as it stands at last; and the returns of portfolios by size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.calendars import months, weekly
from market.weather import path_of, persistent, slack, weather

NEVER_PUBLISHED = {"CPIAUCSL", "CPILFESL", "UNRATE"}  # for October 2025: the shutdown of the government
OCTOBER_2025 = pd.Timestamp("2025-10-01")
INFLATION = {"1996-01-01": 2.6, "2000-06-01": 3.2, "2002-02-01": 1.6, "2005-10-01": 3.8, "2008-07-01": 4.6,
             "2009-05-01": -0.9, "2011-09-01": 3.5, "2015-06-01": 0.3, "2018-06-01": 2.6, "2020-05-01": 0.6,
             "2021-04-01": 5.0, "2022-03-01": 9.2, "2022-10-01": 4.8, "2023-06-01": 3.0, "2024-09-01": 2.5,
             "2026-06-01": 3.4, "2027-12-31": 2.9}  # fmt: skip


def monthly(seed: int) -> dict[str, pd.Series]:
    """Final values by month: price indices, the rate of unemployment in percent, payrolls in thousands."""
    days = months()
    rng = np.random.default_rng([seed, 5])
    pace = path_of(INFLATION, days)
    headline = np.cumsum(np.log1p((pace + rng.normal(0, 1.1, len(days))) / 1200))
    core = np.cumsum(np.log1p((2.3 + 0.55 * (pace - 2.5) + rng.normal(0, 0.5, len(days))) / 1200))
    spend = np.cumsum(np.log1p((1.9 + 0.5 * (pace - 2.5) + rng.normal(0, 0.5, len(days))) / 1200))
    below = slack().reindex(days).to_numpy()
    best = path_of(
        {"1996-01-01": 5.2, "2000-01-01": 4.0, "2007-01-01": 4.5, "2019-12-01": 3.5, "2027-12-31": 4.4}, days
    )
    jobs = 118_300 * np.exp(np.cumsum(np.full(len(days), 0.00095))) * (1 - 0.018 * below)
    found = {
        "CPIAUCSL": pd.Series(154.7 * np.exp(headline), index=days).round(3),
        "CPILFESL": pd.Series(164.5 * np.exp(core), index=days).round(3),
        "PCEPILFE": pd.Series(74.0 * np.exp(spend), index=days).round(3),
        "UNRATE": pd.Series(best + 2.4 * below + rng.normal(0, 0.08, len(days)), index=days).round(1),
        "PAYEMS": pd.Series(jobs + rng.normal(0, 45, len(days)), index=days).round(0),
    }
    return {name: each.drop(OCTOBER_2025) if name in NEVER_PUBLISHED else each for name, each in found.items()}


def by_week(seed: int) -> dict[str, pd.Series]:
    """Claims in persons by the Saturday that ends the week, and financial conditions by the Friday."""
    rng = np.random.default_rng([seed, 6])
    saturdays, fridays = weekly(5, "1996-01-06"), weekly(4, "1996-01-05")
    below = slack().reindex(saturdays).to_numpy()
    claims = 225_000 + 125_000 * below + rng.normal(0, 6_000, len(saturdays))
    crash = (saturdays >= "2020-03-21") & (saturdays <= "2020-06-27")
    claims[crash] += np.linspace(5_500_000, 900_000, int(crash.sum()))
    sky = weather(seed)
    fear = pd.Series(sky.risk, index=sky.days).ewm(halflife=25).mean().reindex(fridays).to_numpy()
    stress = -0.95 + 0.55 * fear + persistent(rng.normal(0, 0.004, len(fridays)), 0.97)
    return {
        "ICSA": pd.Series(claims, index=saturdays).round(-3),
        "NFCI": pd.Series(stress, index=fridays).round(5),
    }


def by_quarter(seed: int) -> dict[str, pd.Series]:
    """Banks that tighten their standards for small firms, net, in percent by the quarter they are asked in."""
    days = months()[::3]
    rng = np.random.default_rng([seed, 8])
    sky = weather(seed)
    at = np.clip(sky.days.searchsorted(days), 0, len(sky.days) - 1)
    fear = pd.Series(sky.risk, index=sky.days).ewm(halflife=60).mean().to_numpy()[at]
    return {"DRTSCIS": pd.Series(-18 + 28 * fear + rng.normal(0, 4, len(days)), index=days).clip(-40, 85).round(1)}


def size_portfolios(seed: int) -> dict[str, pd.DataFrame]:
    """Daily returns in percent of the library's size portfolios, value- and equal-weighted, and firms by month."""
    sky = weather(seed)
    days = pd.DatetimeIndex(sky.days[sky.market != 0.0])
    at = sky.days.searchsorted(days)
    found = {}
    for weighting, lift in (("vw", 0.0), ("ew", 0.012)):
        columns = {"<= 0": np.full(len(days), -99.99)}
        for name, rank in PORTFOLIOS.items():
            rng = np.random.default_rng([seed, 7, int(rank * 100), len(weighting), int(lift * 1000)])
            own = rng.normal(0, 0.12, len(days))
            small = 0.5 * (1 - rank) * sky.small[at] * (0.4 + 0.6 * sky.risk[at])
            columns[name] = (100 * sky.market[at] * (1.12 - 0.12 * rank) + small + own + 0.03 + lift).round(2)
        found[weighting] = pd.DataFrame(columns, index=days)
    return found


PORTFOLIOS = {"Lo 30": 0.1, "Med 40": 0.45, "Hi 30": 0.95, "Lo 20": 0.07, "Qnt 2": 0.3, "Qnt 3": 0.5, "Qnt 4": 0.7,
              "Hi 20": 0.98, "Lo 10": 0.03} | {
    f"Dec {k}": k / 10 - 0.05 for k in range(2, 10)} | {"Hi 10": 1.0}  # fmt: skip
