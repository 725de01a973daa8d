"""The weather all series share: how rough the days are, the market's own returns, and how well the economy does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from market.calendars import END, sessions, weekdays

STORMS = (  # first day, last day, daily risk in percent
    ("1998-07-20", "1998-10-08", 1.6),
    ("2000-03-27", "2002-10-09", 1.3),
    ("2007-10-10", "2008-09-12", 1.3),
    ("2008-09-15", "2009-03-09", 2.7),
    ("2010-05-04", "2010-07-02", 1.5),
    ("2011-07-25", "2011-10-04", 2.0),
    ("2015-08-18", "2016-02-11", 1.2),
    ("2018-10-04", "2018-12-24", 1.5),
    ("2020-02-20", "2020-03-23", 4.2),
    ("2020-03-24", "2020-06-08", 2.0),
    ("2022-01-04", "2022-10-12", 1.4),
    ("2025-02-20", "2025-04-08", 1.8),
)
LEVELS = {  # of the whole market, relative to the first day: between them chance has its way
    "1996-01-02": 1.0, "2000-03-24": 2.4, "2002-10-09": 1.27, "2007-10-09": 2.5, "2009-03-09": 1.1, "2020-02-19": 5.4,
    "2020-03-23": 3.6, "2022-01-03": 7.7, "2022-10-12": 5.8, "2025-02-19": 9.9, "2025-04-08": 8.2, "2026-10-30": 11.8,
    "2027-12-31": 12.6,
}  # fmt: skip
SLUMPS = (("2001-03-01", "2003-06-01", 1.0), ("2007-12-01", "2010-02-01", 2.2), ("2020-03-01", "2021-03-01", 3.0))


@dataclass(frozen=True, slots=True)
class Weather:
    """By weekday: `risk` (daily, percent), `market` (log return), `small` and `rates` (standard normal shocks)."""

    days: pd.DatetimeIndex
    risk: np.ndarray
    market: np.ndarray
    small: np.ndarray
    rates: np.ndarray


@cache
def weather(seed: int) -> Weather:
    """The market's days; only sessions have a return."""
    days = weekdays()
    rng = np.random.default_rng([seed, 1])
    base = np.full(len(days), 0.75)
    for first, last, risk in STORMS:
        base[(days >= first) & (days <= last)] = risk
    base = pd.Series(base).ewm(halflife=8).mean().to_numpy()
    wobble = pd.Series(rng.normal(0, 0.12, len(days))).ewm(halflife=15).mean().to_numpy() * 5
    risk = base * np.exp(wobble)
    shock = np.clip(rng.standard_t(6, len(days)) / np.sqrt(1.5), -4.5, 4.5)
    traded = np.asarray(days.isin(sessions().index))
    market = np.where(traded, risk * shock / 100, 0.0)
    market = market + np.where(traded, _drift(market, traded, days), 0.0)
    small = np.where(traded, rng.normal(0, 1, len(days)), 0.0)
    return Weather(days=days, risk=risk, market=market, small=small, rates=rng.normal(0, 1, len(days)))


def _drift(chance: np.ndarray, traded: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
    """What each session must add so that the market passes through LEVELS."""
    drift = np.zeros(len(days))
    knots = [int(days.searchsorted(pd.Timestamp(day))) for day in LEVELS]
    logs = np.log(list(LEVELS.values()))
    for first, last, rise in zip(knots, knots[1:], np.diff(logs), strict=False):
        between = slice(first + 1, last + 1)
        drift[between] = (rise - chance[between].sum()) / traded[between].sum()
    return drift


def path_of(points: dict[str, float], days: pd.DatetimeIndex) -> np.ndarray:
    """Straight lines between points by day."""
    knots = pd.DatetimeIndex(list(points)).to_numpy().astype("datetime64[D]").astype(float)
    return np.interp(days.to_numpy().astype("datetime64[D]").astype(float), knots, list(points.values()))


def persistent(shocks: np.ndarray, phi: float) -> np.ndarray:
    """An autoregression of the first order that starts at nought: y = phi * y before + shock."""
    scaled = shocks / (1 - phi)
    scaled[0] = 0.0
    return pd.Series(scaled).ewm(alpha=1 - phi, adjust=False).mean().to_numpy()


@cache
def slack() -> pd.Series:
    """How far the economy is below its best, by day, from 0 up to about 3."""
    days = pd.date_range("1995-01-01", END)
    depth = np.zeros(len(days))
    for first, last, worst in SLUMPS:
        length = (pd.Timestamp(last) - pd.Timestamp(first)).days
        since = (days - pd.Timestamp(first)).days.to_numpy() / length
        rise = np.clip(since / (0.15 if worst > 2.5 else 0.9), 0, 1)
        decay = np.exp(
            -np.clip(since - (0.15 if worst > 2.5 else 1.0), 0, None) * length / (260 if worst > 2.5 else 700)
        )
        depth += np.where(since >= 0, worst * rise * decay, 0.0)
    return pd.Series(depth, index=days)
