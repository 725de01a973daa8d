"""A small market for the tests of the gates: two years that no rule finds fault with, and ways to spoil it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from generator import quality
from generator.config import QualitySettings
from generator.quality.calendars import EPOCH, due_days
from generator.sessions import evening
from generator.sources.catalogue import followed
from generator.sources.releases import RULES
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from generator.quality import Verdict
    from generator.store import Fetch

FOLLOWED = followed()
SESSION = date(2026, 3, 31)
CRITICAL = ("price.RUT", "price.RUI")
SHARES = {"RUT": 2400.0, "RUI": 3600.0, "GSPC": 6600.0, "IWM": 240.0, "IWB": 360.0, "SPY": 660.0, "XLF": 50.0}
TWINS = {"IWM": "RUT", "IWB": "RUI", "SPY": "GSPC"}


def sessions(name: str, first: str = "2024-01-02", last: str = "2026-03-31") -> pd.DatetimeIndex:
    """The days of a calendar."""
    must, _ = due_days(name, *(date.fromisoformat(day).toordinal() - EPOCH for day in (first, last)))
    return pd.DatetimeIndex(must.astype("datetime64[D]"), name="date").as_unit("us")


def market() -> dict[str, pd.Series[float]]:
    """Indices, their funds, yields, breakevens, currencies, coins, prices: seeded, and consistent with each other."""
    random = np.random.default_rng(20260331)
    days = sessions("stocks")
    common = random.normal(0.0003, 0.008, len(days))
    found: dict[str, pd.Series[float]] = {}
    for name, level in SHARES.items():
        own = common + random.normal(0.0, 0.003, len(days))
        if name in TWINS:  # its index's move, and what a fund's price adds
            index = found[f"price.{TWINS[name]}"]
            own = (index.pct_change().fillna(0.0) + random.normal(0.0, 0.0003, len(days))).to_numpy()
        found[f"price.{name}"] = pd.Series(level * np.exp(np.cumsum(own)), index=days).round(2)
    found["price.VIX"] = (18.0 * np.exp(pd.Series(random.normal(0.0, 0.03, len(days)), index=days))).round(2)
    found["vix.cboe"] = found["price.VIX"]
    bonds = sessions("bonds", last="2026-03-30")
    for name, level in {"DGS2": 3.9, "DGS10": 4.3, "DFII10": 1.9}.items():
        found[f"rates.{name}"] = (level + pd.Series(random.normal(0.0, 0.04, len(bonds)), index=bonds)).round(2)
    found["rates.T10YIE"] = (found["rates.DGS10"] - found["rates.DFII10"]).round(2)
    euro = sessions("euro")
    found["price.EURUSD"] = (1.1 * np.exp(pd.Series(random.normal(0.0, 0.003, len(euro)), index=euro))).round(4)
    before = found["price.EURUSD"].shift(fill_value=1.1)
    found["fx.usd_per_eur"] = ((found["price.EURUSD"] + before) / 2).round(4)
    always = sessions("every day", last="2026-03-30")
    found["price.BTC"] = (90_000.0 * np.exp(pd.Series(random.normal(0.0, 0.03, len(always)), index=always))).round(2)
    found["price.OIL"] = (65.0 + pd.Series(random.normal(0.0, 1.0, len(days)), index=days)).round(2)
    months = pd.date_range("2024-01-01", "2026-02-01", freq="MS").as_unit("us")
    found["prices.CPIAUCSL"] = pd.Series(310.0 * 1.002 ** np.arange(len(months)), index=months).round(3)
    weeks = pd.date_range("2024-01-06", "2026-03-21", freq="7D").as_unit("us")
    found["labour.ICSA"] = pd.Series(220_000.0 + random.integers(-8, 9, len(weeks)) * 1_000, index=weeks)
    return found


@dataclass(slots=True)
class Market:
    """Values by series, rows said beside them (series, day, value, moment), and what else is known."""

    series: dict[str, pd.Series[float]] = field(default_factory=market)
    more: list[tuple[str, str, float, str]] = field(default_factory=list)
    limits: dict[str, Any] = field(default_factory=dict)

    def put(self, series_id: str, day: str, value: float) -> None:
        """Set the value of a day, which may be a new one."""
        changed = self.series[series_id].copy() if series_id in self.series else pd.Series(dtype=float)
        changed.loc[pd.Timestamp(day)] = value
        changed.index = pd.DatetimeIndex(changed.index).as_unit("us")
        self.series[series_id] = changed.sort_index()

    def repeat(self, series_id: str, day: str, other: str) -> None:
        """Give a day the value of another."""
        self.put(series_id, day, float(self.series[series_id][other]))

    def scale(self, series_id: str, day: str, by: float) -> None:
        """Multiply the value of a day."""
        self.put(series_id, day, float(self.series[series_id][day]) * by)

    def rescale(self, series_id: str, day: str, by: float) -> None:
        """Multiply all values from a day on."""
        changed = self.series[series_id].copy()
        changed.loc[day:] *= by
        self.series[series_id] = changed

    def drop(self, series_id: str, first: str, last: str | None = None) -> None:
        """Take away the values from a day to another."""
        held = self.series[series_id]
        self.series[series_id] = held.drop(held.loc[first : last or first].index)

    def say(self, series_id: str, day: str, by: float, known_at: str) -> None:
        """Say so many times the value of a day, or of the last one before it, as seen at a moment (UTC)."""
        self.more.append((series_id, day, by * float(self.series[series_id].loc[:day].iloc[-1]), known_at))

    def stammer(self, series_id: str, day: str, by: float, first: str, second: str) -> None:
        """Say two values of a day, at two moments."""
        self.say(series_id, day, (1 + by) / 2, first)
        self.say(series_id, day, by, second)

    def frame(self) -> pd.DataFrame:
        """All of it as the store takes it; moments follow from the rule of each series."""
        parts = []
        for series_id, values in self.series.items():
            dates = pd.DatetimeIndex(values.index).as_unit("us")
            known = RULES[FOLLOWED[series_id].spec.release].known_at(dates, dates)
            part = {
                "series_id": series_id,
                "date": dates,
                "known_at": known,
                "value": values.to_numpy(),
                "source": "made",
            }
            parts.append(pd.DataFrame(part).assign(observed=False))
        for series_id, day, value, moment in self.more:
            known = pd.Timestamp(moment, tz="UTC").as_unit("us")
            part = {
                "series_id": series_id,
                "date": pd.Timestamp(day),
                "known_at": known,
                "value": value,
                "source": "made",
            }
            parts.append(pd.DataFrame([part]).assign(observed=True))
        return pd.concat(parts, ignore_index=True)

    def judged(  # noqa: PLR0913 -- as `quality.judge` takes it
        self,
        folder: Path,
        *,
        moment: datetime | None = None,
        session: date = SESSION,
        critical: Collection[str] = CRITICAL,
        fetches: Mapping[str, Fetch] | None = None,
        second: Mapping[str, pd.Series[float]] | None = None,
    ) -> tuple[Verdict, ...]:
        """What the gates say of it on an evening."""
        with Store.create(folder / f"{len(list(folder.iterdir()))}.duckdb") as store:
            store.register(FOLLOWED[series_id].spec for series_id in {*self.series, *(one[0] for one in self.more)})
            store.append(self.frame())
            return quality.judge(
                store.view(moment or evening(SESSION)),
                store.specs(),
                QualitySettings(**self.limits),
                session=session,
                critical=critical,
                fetches=fetches,
                second=second,
            )


def fired(verdicts: Collection[Verdict]) -> set[tuple[str, str, str]]:
    """Level, rule and series of each verdict."""
    return {(one.level, one.rule, one.series_id) for one in verdicts}


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
