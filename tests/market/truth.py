"""The truth: every series of the market as it is in the end, made once per process from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from market import economy, prices, rates
from market.calendars import months

if TYPE_CHECKING:
    from datetime import date

SEED = 1996
BLS = {"CUSR0000SA0": "CPIAUCSL", "CUSR0000SA0L1E": "CPILFESL", "LNS14000000": "UNRATE", "CES0000000001": "PAYEMS"}


@dataclass(frozen=True, slots=True)
class Market:
    """Values by code and day. Prices and dividends are as traded and paid on their day, yields in percent.

    Codes are Yahoo's symbols ("^RUT", "IWM", with "IWM:dividends" and "IWM:splits"), FRED's ids ("DGS10"; payrolls in
    thousands), "EFFR", "SOFR", "target_lower", "target_upper", "VIX", euro rates "USD", "GBP", "JPY", BLS's ids, and
    the library's portfolios as "vw Qnt 2" and "ew Hi 20" (daily, percent).
    """

    seed: int
    series: dict[str, pd.Series]

    def truth(self, code: str, day: date | str) -> float | None:
        """The final value of a day; None if the series has none."""
        value = self.series[code].get(pd.Timestamp(day))
        return None if value is None else float(value)

    def codes(self) -> list[str]:
        """All codes, in order."""
        return sorted(self.series)


@cache
def market(seed: int = SEED) -> Market:
    """The market of a seed; the same for the same seed, everywhere."""
    closes, dividends, splits = prices.equities(seed)
    vix = prices.volatility(seed)
    values = closes | {f"{code}:dividends": paid for code, paid in dividends.items()}
    values |= {f"{code}:splits": ratios for code, ratios in splits.items() if len(ratios)}
    values |= rates.treasury(seed) | rates.overnight(seed) | rates.credit(seed)
    values |= prices.currencies(seed) | prices.commodities(seed) | prices.crypto(seed)
    values |= economy.monthly(seed) | economy.by_week(seed) | economy.by_quarter(seed)
    values |= {"^VIX": vix, "VIXCLS": vix, "VIX": vix, "SP500": closes["^GSPC"]}
    values |= {code: values[twin] for code, twin in BLS.items()}
    for weighting, table in economy.size_portfolios(seed).items():
        values |= {f"{weighting} {name}": table[name] for name in table.columns}
    return Market(seed=seed, series=values)


def month_of(day: date | str) -> pd.Timestamp:
    """The month a day lies in, as the market dates it."""
    return months()[months().searchsorted(pd.Timestamp(day), side="right") - 1]
