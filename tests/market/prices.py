"""Prices: equities and funds as traded, with dividends and splits; volatility, currencies, metals, oil, crypto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from market.calendars import END, START, euro_days, fed_days, sessions
from market.instruments import EQUITIES, INSTRUMENTS
from market.weather import persistent, weather

if TYPE_CHECKING:
    from market.instruments import Instrument

LEVEL_ON = pd.Timestamp("2026-10-30")  # the day on which levels come to their `end`


def _shocks(seed: int, *name: str) -> np.random.Generator:
    return np.random.default_rng([seed, *(int.from_bytes(part.encode(), "big") % 2**31 for part in name)])


def _bridge(path: np.ndarray, days: pd.DatetimeIndex, start: float, end: float) -> pd.Series:
    """A path of logs, tilted so that its level is `start` on the first day and `end` on LEVEL_ON."""
    last = int(days.searchsorted(LEVEL_ON))
    steps = np.arange(len(days)) / last
    tilt = (np.log(end / start) - (path[last] - path[0])) * steps
    return pd.Series(start * np.exp(path - path[0] + tilt), index=days)


def adjusted_level(seed: int, each: Instrument) -> pd.Series:
    """The split-adjusted price of an equity index or fund by session, unrounded."""
    sky = weather(seed)
    days = pd.DatetimeIndex(sessions().index)[sessions().index >= each.first]
    at = sky.days.searchsorted(days)
    own = _shocks(seed, each.symbol).normal(0, each.noise, len(days)) * (0.5 + 0.5 * sky.risk[at])
    small = 0.45 * sky.small[at] * (0.4 + 0.6 * sky.risk[at])
    returns = each.beta * sky.market[at] + (each.small * small + own) / 100
    returns[0] = 0.0
    return _bridge(np.cumsum(returns), days, each.start, each.end)


def equities(seed: int) -> tuple[dict[str, pd.Series], dict[str, pd.Series], dict[str, pd.Series]]:
    """Closes as traded, dividends as paid, and ratios of splits, each by symbol and then by session."""
    closes: dict[str, pd.Series] = {}
    dividends, splits, levels = {}, {}, {}
    for each in EQUITIES:
        if each.follows is None:
            level = adjusted_level(seed, each)
        else:
            index = levels[each.follows][each.first :] * each.scale
            level = index * np.exp(_shocks(seed, each.symbol).normal(0, 0.00012, len(index)))
        levels[each.symbol] = level
        ratios = pd.Series({pd.Timestamp(day): top / bottom for day, top, bottom in each.splits}, dtype=float)
        later = _later(ratios, level.index)
        if each.payout:
            level, paid = _with_income(level, each.payout)
            dividends[each.symbol] = (paid * later.reindex(paid.index)).round(3)
        closes[each.symbol] = (level * later).round(2)
        splits[each.symbol] = ratios
    return closes, dividends, splits


def _later(ratios: pd.Series, days: pd.DatetimeIndex) -> pd.Series:
    """For each day the product of the ratios of later splits."""
    product = pd.Series(1.0, index=days)
    for day, ratio in ratios.items():
        product[product.index < day] *= ratio
    return product


def _with_income(level: pd.Series, payout: float) -> tuple[pd.Series, pd.Series]:
    """Income gathers in the price until the fund goes without dividend: a Monday late in the quarter's last month."""
    days = pd.DatetimeIndex(level.index)
    late = days[(days.month % 3 == 0) & (days.day >= 15)]
    going = pd.DatetimeIndex(late.to_series().groupby([late.year, late.month]).first())
    going = going[going > days[0] + pd.Timedelta(days=20)]
    previous = going[np.maximum(going.searchsorted(days, side="right") - 1, 0)]
    since = np.where(days >= going[0], (days - previous).days, (days - days[0]).days)
    gathered = payout / 100 * since / 365
    before = days[days.searchsorted(going) - 1]
    spans = (going - pd.DatetimeIndex([days[0], *going[:-1]])).days.to_numpy()
    paid = pd.Series(level.reindex(before).to_numpy() * payout / 100 * spans / 365, index=going)
    return level * (1 + gathered), paid


def volatility(seed: int) -> pd.Series:
    """The VIX by session: what risk the days ahead seem to hold, in percent a year."""
    sky = weather(seed)
    seen = pd.Series(sky.risk, index=sky.days).ewm(halflife=3).mean()
    fright = pd.Series(-sky.market * 100, index=sky.days).ewm(halflife=3).mean()
    noise = _shocks(seed, "vix").normal(0, 0.03, len(sky.days))
    level = (5.5 + 14.5 * seen + 5.0 * fright.clip(lower=-0.6)) * np.exp(noise)
    return level.clip(lower=9.2).reindex(sessions().index).round(2)


def currencies(seed: int) -> dict[str, pd.Series]:
    """Dollars, pounds and yen per euro at the ECB's hour, at New York's noon, and at Yahoo's end of day."""
    days = pd.bdate_range("1998-12-31", END)
    found = {}
    for code, start, end, risk in (
        ("USD", 1.17, 1.158, 0.55),
        ("GBP", 0.705, 0.872, 0.45),
        ("JPY", 133.0, 178.0, 0.65),
    ):
        walk = _shocks(seed, code).normal(0, risk / 100, len(days))
        found[code] = _bridge(persistent(walk, 0.9985), days, start, end)
    euro, pound = found["USD"], found["USD"] / found["GBP"]
    ecb = {
        code: rate.reindex(euro_days()).round(2 if code == "JPY" else 5 if code == "GBP" else 4)
        for code, rate in found.items()
    }
    hour = _shocks(seed, "hours")
    return ecb | {
        "DEXUSEU": _near(euro, hour, 0.0007)[euro.index.isin(fed_days())].round(4),
        "DEXUSUK": _near(pound, hour, 0.0007)[euro.index.isin(fed_days())].round(4),
        "EURUSD=X": _near(euro, hour, 0.0009)["2003-12-01":].round(6),
        "GBPUSD=X": _near(pound, hour, 0.0009)["2003-12-01":].round(6),
        "DX-Y.NYB": (99.5 * (euro / 1.158) ** -0.75).reindex(days).round(3),
        "DTWEXBGS": (121.0 * (euro / 1.158) ** -0.5).reindex(fed_days())["2006-01-02":].round(4),
    }


def _near(rate: pd.Series, draw: np.random.Generator, spread: float) -> pd.Series:
    return rate * np.exp(draw.normal(0, spread, len(rate)))


def commodities(seed: int) -> dict[str, pd.Series]:
    """Gold and oil of the front month, and the spot price of oil with the day on which it was negative."""
    days = pd.DatetimeIndex(sessions().index)
    sky = weather(seed)
    at = sky.days.searchsorted(days)
    gold_path = np.cumsum(_shocks(seed, "gold").normal(0, 0.0095, len(days)))
    gold = _bridge(gold_path, days, 387.0, 4080.0)
    wild = _shocks(seed, "oil").normal(0, 0.018, len(days)) * (0.5 + 0.5 * sky.risk[at])
    oil = _bridge(persistent(wild, 0.997) + 0.3 * np.cumsum(sky.market[at]), days, 19.8, 71.0).clip(
        lower=11.0, upper=145.0
    )
    spot = (oil + _shocks(seed, "spot").normal(0, 0.15, len(days))).round(2)
    spot[pd.Timestamp("2020-04-20")] = -36.98
    front = oil.copy()
    front[pd.Timestamp("2020-04-20")] = -37.63
    return {"GC=F": gold["2000-08-30":].round(1), "CL=F": front["2000-08-23":].round(2), "DCOILWTICO": spot}


def crypto(seed: int) -> dict[str, pd.Series]:
    """Bitcoin and Ether, on every day of the year."""
    found = {}
    common = _shocks(seed, "crypto").normal(0, 0.022, 40_000)
    for symbol, start, end, own in (("BTC-USD", 457.3, 86_400.0, 0.01), ("ETH-USD", 320.9, 2_930.0, 0.025)):
        days = pd.date_range(INSTRUMENTS[symbol].first, END)
        offset = (days - pd.Timestamp(START)).days.to_numpy()
        steps = common[offset] * (1.0 + 0.3 * np.sin(offset / 230)) + _shocks(seed, symbol).normal(0, own, len(days))
        found[symbol] = _bridge(np.cumsum(steps), days, start, end).round(2)
    return found
