"""Funds of large and of small companies by line of business: their names, and their level, income reinvested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import listed
from generator.metrics import returns as of_returns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.facts.sheet import Sheet
    from generator.model import Universe

TOTAL = "100 × (product of (1 + r/100) − 1), r = 100 × ((close + dividend) × split / close before − 1)"
# key: words, fund of large companies, fund of small ones
SECTORS: Mapping[str, tuple[str, str, str]] = {
    "technology": ("technology", "XLK", "PSCT"),
    "financials": ("financials", "XLF", "PSCF"),
    "health": ("health care", "XLV", "PSCH"),
    "industrials": ("industrials", "XLI", "PSCI"),
    "discretionary": ("consumer discretionary", "XLY", "PSCD"),
    "staples": ("consumer staples", "XLP", "PSCC"),
    "energy": ("energy", "XLE", "PSCE"),
    "materials": ("materials", "XLB", "PSCM"),
    "utilities": ("utilities", "XLU", "PSCU"),
    "property": ("real estate", "XLRE", ""),
    "communication": ("communication services", "XLC", ""),
}
WHOLES = {"large": "SPY", "small": "IJR"}
BANKS = "KRE"
FUNDS = (*(fund for _, *pair in SECTORS.values() for fund in pair if fund), *WHOLES.values(), BANKS)
SERIES = tuple(f"{kind}.{fund}" for fund in FUNDS for kind in ("price", "dividend", "split"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a fund is called: its key, its words and its ticker."""

    key: str
    label: str
    subject: str
    ticker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund(Name):
    """A fund with its level, all income reinvested, 100 on its first close."""

    level: pd.Series[float]

    @property
    def series(self) -> str:
        """Its closes; its dividends and splits belong to their slices."""
        return f"price.{self.ticker}"


def parts(universe: Universe) -> dict[str, tuple[str, ...]]:
    """The dividends and splits that belong to the closes of each fund that the source lists."""
    return {
        f"price.{fund}": (f"dividend.{fund}", f"split.{fund}") for fund in FUNDS if f"price.{fund}" in universe.listed
    }


def follow(sheet: Sheet, histories: Mapping[str, pd.Series[float]], name: Name) -> Fund | None:
    """A fund with a close of the session, or None and the gap."""
    key, label, ticker = name.key, name.label, name.ticker
    closes = listed.history(sheet, histories, f"price.{ticker}", key=key, label=label, days=0)
    if closes is None:
        return None
    own = (f"dividend.{ticker}", f"split.{ticker}")
    if any(series in own for series, _ in sheet.universe.withheld):
        sheet.gap(key, label, "its dividends or splits are missing", of=own)
        return None
    closes = closes.loc[: pd.Timestamp(sheet.session)]
    if len(closes) < 2 or closes.index[-1] != pd.Timestamp(sheet.session):  # noqa: PLR2004 -- a pair
        sheet.gap(key, label, f"it has no closes up to {sheet.session}")
        return None
    none = closes.iloc[:0]
    events = [histories.get(one, none).loc[closes.index[1] : closes.index[-1]] for one in own]
    growth = of_returns.total_return_index(of_returns.fund_returns(closes, *events))
    level = pd.concat([pd.Series([100.0], index=closes.index[:1]), growth])
    return Fund(key=key, label=label, subject=name.subject, ticker=ticker, level=level)
