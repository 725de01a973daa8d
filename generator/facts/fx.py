"""Facts on the euro and sterling in dollars, from the European Central Bank's reference rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.facts.levels import Level, enter_changes, enter_level, stale
from generator.metrics import currencies
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet
    from generator.facts.spans import Span

USD, GBP = "fx.usd_per_eur", "fx.gbp_per_eur"
LABELS = {"eurusd": "Euro in dollars", "gbpusd": "Sterling in dollars"}
COUNTS = (1, 5, 21, 63)
STALE = 7  # calendar days by which the newest rate may lie behind the session


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on currencies."""
    rates = _rates(histories)
    for name, label in LABELS.items():
        key = f"fx.{name}"
        if name not in rates:
            reason = "the source has no reference rate before 4 January 1999"
            sheet.gap(key, label, reason, of=(USD, GBP) if name == "gbpusd" else (USD,))
            continue
        rate = rates[name]
        last = stale(rate.history, sheet.session, days=STALE)
        if last is not None:
            sheet.gap(key, label, f"the newest reference rate is for {last}")
            continue
        enter_level(sheet, rate)
        formula = f"100 × (rate at the end over rate at the start − 1); rate: {rate.formula}"
        enter_changes(sheet, rate, _change, counts=COUNTS, key=key, label=label, unit=Unit.PERCENT, formula=formula)


def _rates(histories: Mapping[str, pd.Series[float]]) -> dict[str, Level]:
    """The rates that can be made, in dollars."""
    if USD not in histories:
        return {}
    euro = histories[USD]
    found = {"eurusd": _rate("eurusd", "the euro", euro, (USD,), "dollars per euro")}
    if GBP in histories:
        common = euro.index.intersection(histories[GBP].index)
        pound = currencies.cross(euro.loc[common], histories[GBP].loc[common])
        found["gbpusd"] = _rate("gbpusd", "sterling", pound, (USD, GBP), "dollars per euro over pounds per euro")
    return found


def _rate(name: str, subject: str, history: pd.Series[float], series: tuple[str, ...], formula: str) -> Level:
    return Level(
        key=f"fx.{name}",
        label=LABELS[name],
        subject=subject,
        formula=formula,
        unit=Unit.DOLLARS,
        history=history,
        series=series,
    )


def _change(rate: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a rate in percent."""
    if span.count is None:
        return currencies.change_to_date(rate)
    return currencies.change(rate, observations=span.count)
