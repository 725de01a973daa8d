"""What Yahoo trades in this market: each symbol's names, first day, level at the end, risk, dividends and splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["INDEX", "ETF", "CURRENCY", "FUTURE", "CRYPTOCURRENCY"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A symbol. `beta` is to the market, `noise` its own daily risk in percent; `follows` names an index it tracks.

    `start` and `end` are levels of its split-adjusted price on the first day and near the end of 2026; `payout` the
    yearly dividend yield in percent; `splits` pairs of day and ratio.
    """

    symbol: str
    name: str
    kind: Kind
    first: str = "1996-01-02"
    start: float = 100.0
    end: float = 100.0
    beta: float = 1.0
    noise: float = 0.5
    small: float = 0.0
    follows: str | None = None
    scale: float = 1.0
    payout: float = 0.0
    splits: tuple[tuple[str, int, int], ...] = ()
    exchange: str = "PCX"
    zone: str = "America/New_York"
    decimals: int = 2


TWO_FOR_ONE = (("2025-12-05", 2, 1),)


def _index(symbol: str, name: str, start: float, end: float, **more: object) -> Instrument:
    return Instrument(symbol=symbol, name=name, kind="INDEX", start=start, end=end, noise=0.08, exchange="SNP", **more)


def _sector(symbol: str, name: str, levels: tuple[float, float], **more: object) -> Instrument:
    start, end = levels
    full = f"State Street {name} Select Sector SPDR ETF"
    wish = {"first": "1998-12-22", "payout": 1.7} | more
    return Instrument(symbol=symbol, name=full, kind="ETF", start=start, end=end, **wish)


def _small_sector(symbol: str, name: str, end: float, beta: float, *splits: tuple[str, int, int]) -> Instrument:
    return Instrument(
        symbol=symbol, name=f"Invesco S&P SmallCap {name} ETF", kind="ETF", start=end / 3.2, end=end, beta=beta,
        small=0.9, noise=0.55, first="2010-04-07", payout=1.0, exchange="NGM", splits=splits,
    )  # fmt: skip


def _tracker(symbol: str, name: str, follows: str, **more: object) -> Instrument:
    return Instrument(symbol=symbol, name=name, kind="ETF", follows=follows, **more)


EQUITIES = (
    _index("^GSPC", "S&P 500", 620.7, 7312.0),
    _index("^RUI", "Russell 1000", 328.9, 3998.0),
    _index("^RUT", "Russell 2000", 316.0, 2684.0, beta=1.1, small=1.0),
    _tracker("SPY", "State Street SPDR S&P 500 ETF Trust", "^GSPC", scale=0.1, first="1996-01-02", payout=1.2),
    _tracker("IWB", "iShares Russell 1000 ETF", "^RUI", scale=0.0995, first="2000-05-19", payout=1.1),
    _tracker(
        "IWM",
        "iShares Russell 2000 ETF",
        "^RUT",
        scale=0.0991,
        first="2000-05-26",
        payout=1.1,
        splits=(("2005-06-09", 2, 1),),
    ),
    Instrument(
        symbol="IJR",
        name="iShares Core S&P Small-Cap ETF",
        kind="ETF",
        first="2000-05-26",
        start=18.4,
        end=131.0,
        beta=1.08,
        small=0.95,
        noise=0.18,
        payout=1.5,
        splits=(("2005-06-09", 3, 1), ("2017-01-19", 2, 1)),
    ),
    Instrument(
        symbol="RSP",
        name="Invesco S&P 500 Equal Weight ETF",
        kind="ETF",
        first="2003-05-01",
        start=25.4,
        end=204.0,
        beta=1.02,
        small=0.3,
        noise=0.2,
        payout=1.6,
        splits=(("2006-04-27", 4, 1),),
    ),
    _sector("XLB", "Materials", (10.8, 52.6), beta=1.05, noise=0.65, splits=TWO_FOR_ONE),
    _sector("XLC", "Communication Services", (49.9, 119.4), beta=1.0, noise=0.55, first="2018-06-19", payout=1.0),
    _sector("XLE", "Energy", (11.5, 57.2), beta=1.0, noise=1.1, splits=TWO_FOR_ONE, payout=3.3),
    _sector(
        "XLF",
        "Financial",
        (9.15, 27.05),
        beta=1.15,
        noise=0.6,
        splits=(("2016-09-19", 1231, 1000), ("2026-12-07", 2, 1)),
    ),
    _sector("XLI", "Industrial", (23.4, 176.0), beta=1.03, noise=0.45),
    _sector("XLK", "Technology", (15.9, 158.0), beta=1.2, noise=0.6, splits=TWO_FOR_ONE, payout=0.7),
    _sector("XLP", "Consumer Staples", (27.1, 82.5), beta=0.6, noise=0.5, payout=2.5),
    _sector("XLRE", "Real Estate", (29.7, 43.1), beta=0.9, noise=0.7, first="2015-10-08", payout=3.3),
    _sector("XLU", "Utilities", (15.0, 45.7), beta=0.55, noise=0.7, splits=TWO_FOR_ONE, payout=2.9),
    _sector("XLV", "Health Care", (26.2, 148.3), beta=0.75, noise=0.5, payout=1.6),
    _sector("XLY", "Consumer Discretionary", (12.7, 121.0), beta=1.12, noise=0.5, splits=TWO_FOR_ONE, payout=0.8),
    Instrument(
        symbol="KRE",
        name="State Street SPDR S&P Regional Banking ETF",
        kind="ETF",
        first="2006-06-22",
        start=49.8,
        end=69.0,
        beta=1.15,
        small=0.8,
        noise=1.0,
        payout=2.6,
    ),
    _small_sector("PSCT", "Information Technology", 55.2, 1.25, ("2023-07-17", 3, 1)),
    _small_sector("PSCF", "Financials", 61.0, 1.05),
    _small_sector("PSCH", "Health Care", 44.7, 0.95, ("2023-07-17", 3, 1)),
    _small_sector("PSCI", "Industrials", 158.0, 1.12),
    _small_sector("PSCD", "Consumer Discretionary", 119.0, 1.25),
    _small_sector("PSCE", "Energy", 52.0, 1.4),
    _small_sector("PSCC", "Consumer Staples", 37.1, 0.75),
    _small_sector("PSCM", "Materials", 88.0, 1.15),
    _small_sector("PSCU", "Utilities & Communication Services", 61.5, 0.8),
)
OTHERS = (
    Instrument(symbol="^VIX", name="CBOE Volatility Index", kind="INDEX", exchange="CXI", zone="America/Chicago"),
    Instrument(
        symbol="EURUSD=X",
        name="EUR/USD",
        kind="CURRENCY",
        first="2003-12-01",
        exchange="CCY",
        zone="Europe/London",
        decimals=4,
    ),
    Instrument(
        symbol="GBPUSD=X",
        name="GBP/USD",
        kind="CURRENCY",
        first="2003-12-01",
        exchange="CCY",
        zone="Europe/London",
        decimals=4,
    ),
    Instrument(symbol="DX-Y.NYB", name="US Dollar Index", kind="INDEX", exchange="NYB", decimals=3),
    Instrument(symbol="GC=F", name="Gold Dec 26", kind="FUTURE", first="2000-08-30", exchange="CMX"),
    Instrument(symbol="CL=F", name="Crude Oil Jan 27", kind="FUTURE", first="2000-08-23", exchange="NYM"),
    Instrument(
        symbol="BTC-USD", name="Bitcoin USD", kind="CRYPTOCURRENCY", first="2014-09-17", exchange="CCC", zone="UTC"
    ),
    Instrument(
        symbol="ETH-USD", name="Ethereum USD", kind="CRYPTOCURRENCY", first="2017-11-09", exchange="CCC", zone="UTC"
    ),
)
INSTRUMENTS = {each.symbol: each for each in (*EQUITIES, *OTHERS)}
