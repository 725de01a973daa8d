"""When each value becomes public at each source, and what was said before it was revised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from market import calendars as days_of
from market.calendars import CHICAGO, FRANKFURT, after, at, bond_days, fed_days
from market.economy import NEVER_PUBLISHED, OCTOBER_2025
from market.instruments import INSTRUMENTS
from market.revisions import REVISED, revised
from market.truth import BLS, market

if TYPE_CHECKING:
    import numpy as np

FRED_MONTHLY = {"CPIAUCSL", "CPILFESL", "PCEPILFE", "UNRATE", "PAYEMS"}
FRED_YIELDS = {"DGS1MO", "DGS3MO", "DGS6MO", "DGS1", "DGS2", "DGS3", "DGS5", "DGS7", "DGS10", "DGS20", "DGS30"}
FRED_IDS = (
    FRED_MONTHLY
    | FRED_YIELDS
    | {
        "DFEDTARU",
        "DFEDTARL",
        "EFFR",
        "SOFR",
        "DFII5",
        "DFII7",
        "DFII10",
        "DFII20",
        "DFII30",
        "DRTSCIS",
        "T10YIE",
        "T5YIE",
        "ICSA",
        "NFCI",
        "BAMLH0A0HYM2",
        "BAMLC0A0CM",
    }
    | {"BAA10Y", "DTWEXBGS", "DEXUSEU", "DEXUSUK", "VIXCLS", "DCOILWTICO", "SP500"}
)
NEXT_DAY = {"BAMLH0A0HYM2": time(10, 15), "BAMLC0A0CM": time(10, 15), "BAA10Y": time(16, 20), "VIXCLS": time(9, 36)}


@dataclass(frozen=True, slots=True)
class Releases:
    """What was said of each date and when: aligned arrays, by date and then by moment (UTC seconds, naive)."""

    dates: np.ndarray
    known: np.ndarray
    numbers: np.ndarray

    def newest(self, now: np.datetime64) -> pd.Series:
        """The last value said of each date by a moment, by date."""
        said = self.known <= now
        return pd.Series(self.numbers[said], index=pd.DatetimeIndex(self.dates[said])).groupby(level=0).last()


@cache
def releases(source: str, code: str) -> Releases:
    """All releases of a code at a source; KeyError where that source has no such code."""
    truth_code = BLS.get(code, code)
    values = market().series[code].dropna()
    if source in {"fred", "bls"}:
        values = _with_gaps(truth_code, values)
    dates = pd.DatetimeIndex(values.index)
    known = first_known(source, truth_code, dates)
    if truth_code in REVISED:
        said = revised(truth_code, values, known)
        return Releases(said["date"].to_numpy(), said["known"].to_numpy(), said["value"].to_numpy())
    return Releases(dates.to_numpy(), known, values.to_numpy())


def _with_gaps(code: str, values: pd.Series) -> pd.Series:
    """FRED names the days without a value, and the BLS the month never published."""
    if code in NEVER_PUBLISHED:
        return values.reindex(values.index.union([OCTOBER_2025]))
    if code in FRED_MONTHLY or code in {"ICSA", "NFCI", "DRTSCIS", "DFEDTARU", "DFEDTARL"}:
        return values
    return values.reindex(pd.bdate_range(values.index[0], values.index[-1]))


def first_known(source: str, code: str, dates: pd.DatetimeIndex) -> np.ndarray:
    """The moment of the first release of each date at a source: UTC seconds, naive."""
    simple = {
        "treasury": lambda: at(dates, time(18)),
        "nyfed": lambda: at(after(dates, fed_days()), time(9)),
        "ecb": lambda: at(dates, time(16), FRANKFURT),
        "cboe": lambda: at(dates, time(19)),
        "french": lambda: at(dates + pd.offsets.MonthBegin(1) + pd.Timedelta(days=24), time(12)),
    }
    if source in simple:
        return simple[source]()
    if source == "yahoo":
        return _yahoo(code, dates)
    if source in {"fred", "bls"} and code in FRED_IDS:
        return _fred(code, dates)
    raise KeyError(f"{source} has no {code}")


def _yahoo(code: str, dates: pd.DatetimeIndex) -> np.ndarray:
    """When the day is over: the close of the session, midnight UTC, 17:00 New York for currencies and futures."""
    symbol, _, kind = code.partition(":")
    if kind:  # dividends and splits are there when the session opens
        return days_of.sessions()["open"].reindex(dates).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    of = INSTRUMENTS[symbol]
    if of.kind == "CRYPTOCURRENCY":
        return (dates + pd.Timedelta(days=1)).to_numpy().astype("datetime64[s]")
    if of.kind == "ETF" or symbol in {"^GSPC", "^RUT", "^RUI"}:
        return days_of.sessions()["close"].reindex(dates).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    if symbol == "^VIX":
        return at(dates, time(15, 15), CHICAGO)
    return at(dates, time(17))  # traded on until midnight, says Yahoo; nothing moves after that here


def _fred(code: str, dates: pd.DatetimeIndex) -> np.ndarray:
    """FRED's own moments, New York time."""
    if code in FRED_YIELDS or code.startswith("DFII"):
        return at(after(dates, bond_days()), time(16, 15))
    if code in NEXT_DAY:
        return at(after(dates, fed_days()), NEXT_DAY[code])
    if code in {"CPIAUCSL", "CPILFESL"}:
        return at(days_of.cpi_days(dates), time(8, 30))
    if code in {"UNRATE", "PAYEMS"}:
        return at(days_of.jobs_days(dates), time(8, 30))
    if code in {"DTWEXBGS", "DEXUSEU", "DEXUSUK"}:  # Monday, for the week to Friday
        monday = dates + pd.to_timedelta(7 - dates.day_of_week, unit="D")
        return at(after(monday - pd.Timedelta(days=1), fed_days()), time(16, 15))
    rest = {
        "PCEPILFE": lambda: at(days_of.pce_days(dates), time(8, 30)),
        "ICSA": lambda: at(days_of.on_or_before(dates + pd.Timedelta(days=5), fed_days()), time(8, 30)),
        "NFCI": lambda: at(after(dates + pd.Timedelta(days=4), fed_days()), time(8, 30)),
        "EFFR": lambda: at(after(dates, fed_days()), time(9, 5)),
        "SOFR": lambda: at(after(dates, fed_days()), time(8, 5)),
        "DRTSCIS": lambda: at(after(dates + pd.DateOffset(months=1, days=8), fed_days()), time(14, 30)),
        "DFEDTARU": lambda: at(dates, time(8)),
        "DFEDTARL": lambda: at(dates, time(8)),
        "T10YIE": lambda: at(dates, time(17, 5)),
        "T5YIE": lambda: at(dates, time(17, 5)),
        "SP500": lambda: at(dates, time(20, 10)),
        "DCOILWTICO": lambda: at(
            after(dates + pd.to_timedelta(8 - dates.day_of_week, unit="D"), fed_days()), time(13, 10)
        ),
    }
    return rest[code]()
