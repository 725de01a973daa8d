"""Facts on what is traded besides shares and bonds: coins, gold, oil, the dollar against all, and VIX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.facts import listed, spans
from generator.facts.levels import Level, enter_changes, enter_level
from generator.metrics import assets as of_assets
from generator.metrics import histories as of_histories
from generator.metrics import returns as of_returns
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet
    from generator.facts.spans import Span

COUNTS = (1, 5, 21, 63)
EVERY_DAY = (1, 7, 30, 90)  # of what has a price on every day of the week
MARKET, WEEKLY = 5, 14  # calendar days by which the newest value may lie behind the session
PRICE = "100 × (price at the end over price at the start − 1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A price that is followed: its key, its series, its words."""

    key: str
    series: str
    label: str
    subject: str
    formula: str
    unit: Unit
    counts: tuple[int, ...] = COUNTS
    days: int = MARKET
    highs: bool = False  # whether its distance from its high is a fact


ASSETS = (
    Asset(key="asset.btc", series="price.BTC", label="Bitcoin", subject="Bitcoin", unit=Unit.COIN, counts=EVERY_DAY,
          formula="price at midnight UTC, when the day ends", highs=True),
    Asset(key="asset.eth", series="price.ETH", label="Ether", subject="Ether", unit=Unit.COIN, counts=EVERY_DAY,
          formula="price at midnight UTC, when the day ends", highs=True),
    Asset(key="asset.gold", series="price.GOLD", label="Gold", subject="gold", unit=Unit.OUNCE,
          formula="close of the front-month future", highs=True),
    Asset(key="asset.oil", series="price.OIL", label="Crude oil", subject="crude oil", unit=Unit.BARREL,
          formula="close of the front-month future on West Texas Intermediate"),
    Asset(key="fx.dxy", series="price.DXY", label="ICE dollar index", subject="the dollar", unit=Unit.INDEX_POINTS,
          formula="close of the dollar index of ICE, of six currencies"),
    Asset(key="fx.broad", series="dollar.DTWEXBGS", label="Broad dollar index", subject="the broad dollar",
          unit=Unit.INDEX, formula="nominal broad dollar index of the H.10 release, January 2006 = 100", days=WEEKLY),
)  # fmt: skip
VIX = ("vix.cboe", "price.VIX")  # from Cboe itself, whose file is a day late in the evening, or through Yahoo
SERIES = (*(one.series for one in ASSETS), *VIX)


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on them."""
    for asset in ASSETS:
        found = listed.history(sheet, histories, asset.series, key=asset.key, label=asset.label, days=asset.days)
        if found is not None:
            _asset(sheet, asset, found)
    _vix(sheet, histories)


def _asset(sheet: Sheet, asset: Asset, found: pd.Series[float]) -> None:
    """Enter a price, its changes and how far it lies below its high."""
    level = Level(
        key=asset.key,
        label=asset.label,
        subject=asset.subject,
        formula=asset.formula,
        unit=asset.unit,
        history=found,
        series=(asset.series,),
    )
    enter_level(sheet, level)
    enter_changes(
        sheet,
        level,
        _change,
        counts=[count for count in asset.counts if _sound(found, count)],
        key=asset.key,
        label=asset.label,
        unit=Unit.PERCENT,
        formula=f"{PRICE}; price: {asset.formula}",
    )
    if asset.highs:
        high = of_returns.high_dates(found).iloc[-1].date()
        sheet.enter(
            f"{asset.key}.drawdown",
            of_returns.drawdown(found).iloc[-1],
            Unit.PERCENT,
            as_of=level.index[-1].date(),
            label=f"{asset.label}, drawdown from the high",
            formula=f"100 × (price over its highest earlier price − 1); price: {asset.formula}",
            slices=level.slices(0),
            subject=asset.subject,
            history=of_returns.drawdown(found),
            marks=(("high", high),),
        )


def _sound(price: pd.Series[float], count: int) -> bool:
    """Whether the change over so many observations to the last means something in percent."""
    values = price.to_numpy()
    return len(values) > count and values[-1] > 0 and values[-1 - count] > 0


def _change(price: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a price in percent."""
    if span.count is None:
        return of_assets.change_to_date(price)
    return of_assets.change(price, observations=span.count)


def _vix(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter VIX and its changes in points, from the publisher that has the newest day; of equals, the first."""
    key, label = "vix.level", "VIX"
    tried = {one: listed.history(sheet, histories, one, key=key, label=label, days=MARKET) for one in VIX}
    there = {series: found for series, found in tried.items() if found is not None}
    if not there:
        return
    sheet.gaps.pop(key, None)  # of the other publisher
    series = max(there, key=lambda one: there[one].index[-1])
    level = Level(
        key=key,
        label=label,
        subject="VIX",
        formula="close of the index, the volatility of the S&P 500 that options imply, in percent a year",
        unit=Unit.INDEX_POINTS,
        history=there[series],
        series=(series,),
    )
    enter_level(sheet, level)
    for span in spans.covered(level.index, COUNTS):
        if span.count is not None:
            _vix_change(sheet, level, span, span.count)


def _vix_change(sheet: Sheet, level: Level, span: Span, count: int) -> None:
    changes = of_histories.difference(level.history, count).round(6)
    sheet.enter(
        f"vix.change.{span.key}",
        changes.iloc[-1],
        Unit.VOLATILITY,
        as_of=level.index[-1].date(),
        label=f"VIX, {span.horizon.adjective} change",
        formula="index at the end less index at the start",
        slices=level.slices(span.row),
        over=level.slices(0),
        subject="VIX",
        history=changes,
        move=True,
        horizon=span.horizon,
        base=float(level.history.iloc[span.row]),
        end=float(level.history.iloc[-1]),
        level_unit=Unit.INDEX_POINTS,
    )
