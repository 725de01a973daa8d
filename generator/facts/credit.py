"""Facts on credit: spreads of corporate bonds, financial conditions, and how banks lend to small firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.facts import listed
from generator.facts.levels import Level, enter_changes, enter_level
from generator.metrics import rates as of_rates
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet
    from generator.facts.spans import Span

COUNTS = (1, 5, 21, 63)
EXACT = 6  # decimals of a basis point: spreads have two decimals
SPREADS = {  # key: series, label, subject
    "hy": ("spread.BAMLH0A0HYM2", "High-yield spread", "the high-yield spread"),
    "ig": ("spread.BAMLC0A0CM", "Investment-grade spread", "the investment-grade spread"),
    "baa": ("spread.BAA10Y", "Baa spread", "the Baa spread"),
}
FORMULAS = {
    "hy": "100 × the option-adjusted spread of US high-yield bonds over Treasuries, ICE BofA index",
    "ig": "100 × the option-adjusted spread of US investment-grade bonds over Treasuries, ICE BofA index",
    "baa": "100 × (Moody's yield of Baa corporate bonds less the 10-year Treasury yield)",
}
DAILY = 7  # calendar days by which the newest value may lie behind the session


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A level that comes by the week or the quarter and is told as it is."""

    key: str
    series: str
    label: str
    subject: str
    formula: str
    unit: Unit
    days: int


GAUGES = (
    Gauge(key="credit.conditions", series="conditions.NFCI", label="Financial conditions", days=21, unit=Unit.RATIO,
          subject="the index of financial conditions",
          formula="National Financial Conditions Index of the Federal Reserve Bank of Chicago; above zero is tighter "
          "than on average since 1971"),
    Gauge(key="credit.standards", series="lending.DRTSCIS", label="Banks tightening standards for small firms, net",
          days=250, unit=Unit.PERCENT, subject="the net share of banks",
          formula="banks that tightened standards for loans to small firms less those that eased them, in percent"),
)  # fmt: skip
SERIES = (*(series for series, _, _ in SPREADS.values()), *(one.series for one in GAUGES))


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on credit."""
    for name, (series, label, subject) in SPREADS.items():
        key = f"credit.{name}"
        found = listed.history(sheet, histories, series, key=key, label=label, days=DAILY)
        if found is None:
            continue
        level = Level(
            key=key,
            label=label,
            subject=subject,
            formula=FORMULAS[name],
            unit=Unit.BASIS_POINTS,
            history=(of_rates.BASIS_POINTS * found).round(EXACT),
            series=(series,),
        )
        enter_level(sheet, level)
        enter_changes(
            sheet,
            level,
            _change,
            counts=COUNTS,
            key=key,
            label=label,
            unit=Unit.BASIS_POINTS,
            formula=f"spread at the end less spread at the start; spread: {FORMULAS[name]}",
        )
    for gauge in GAUGES:
        found = listed.history(sheet, histories, gauge.series, key=gauge.key, label=gauge.label, days=gauge.days)
        if found is not None:
            enter_level(
                sheet,
                Level(
                    key=gauge.key,
                    label=gauge.label,
                    subject=gauge.subject,
                    formula=gauge.formula,
                    unit=gauge.unit,
                    history=found,
                    series=(gauge.series,),
                ),
            )


def _change(spread: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a spread (basis points) in basis points."""
    percent = spread / of_rates.BASIS_POINTS
    if span.count is None:
        return of_rates.change_to_date(percent, period=span.period).round(EXACT)
    return of_rates.change(percent, observations=span.count).round(EXACT)
