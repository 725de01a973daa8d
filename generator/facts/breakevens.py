"""Facts on real yields and breakeven inflation: what the two parts of a Treasury yield did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.facts import listed
from generator.facts.levels import Level, enter_changes, enter_level
from generator.facts.rates import TENORS, spoken
from generator.metrics import rates as of_rates
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet
    from generator.facts.spans import Span

COUNTS = (1, 5, 21, 63)
EXACT = 6
PARTS = {"5y": ("rates.DFII5", "rates.T5YIE"), "10y": ("rates.DFII10", "rates.T10YIE")}  # real yield, breakeven
SERIES = tuple(series for parts in PARTS.values() for series in parts)
DAILY = 7  # calendar days by which the newest yield may lie behind the session
REAL = "par yield of inflation-protected Treasuries, as published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a yield: its key, its words, and the series it is made of."""

    key: str
    label: str
    subject: str
    formula: str
    series: tuple[str, ...]


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter both parts of each yield. The breakeven is nominal less real yield; without one of them, as published."""
    for tenor, (series, published) in PARTS.items():
        nominal, name = TENORS[tenor]
        real = Part(
            key=f"rates.real.{tenor}",
            label=f"{name} Treasury real yield",
            subject=f"the {spoken(name)} real yield",
            formula=REAL,
            series=(series,),
        )
        rest = Part(
            key=f"rates.breakeven.{tenor}",
            label=f"{name} breakeven inflation",
            subject=f"{spoken(name)} breakeven inflation",
            formula=f"{name} Treasury yield less {name} real yield, which is an identity",
            series=(nominal, series),
        )
        found = listed.history(sheet, histories, series, key=real.key, label=real.label, days=DAILY)
        if found is not None:
            _enter(sheet, real, found)
        if found is not None and f"rates.yield.{tenor}" in sheet.facts:
            common = histories[nominal].index.intersection(found.index)
            _enter(sheet, rest, (histories[nominal].loc[common] - found.loc[common]).round(EXACT))
            continue
        rate = listed.history(sheet, histories, published, key=rest.key, label=rest.label, days=DAILY)
        if rate is not None:
            _enter(sheet, replace(rest, formula="as published by FRED", series=(published,)), rate)


def _enter(sheet: Sheet, part: Part, found: pd.Series[float]) -> None:
    level = Level(
        key=part.key,
        label=part.label,
        subject=part.subject,
        formula=part.formula,
        unit=Unit.YIELD,
        history=found,
        series=part.series,
    )
    enter_level(sheet, level)
    enter_changes(
        sheet,
        level,
        _change,
        counts=COUNTS,
        key=part.key,
        label=part.label,
        unit=Unit.BASIS_POINTS,
        formula=f"100 × (rate at the end less rate at the start); rate: {part.formula}",
    )


def _change(level: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a yield in basis points."""
    if span.count is None:
        return of_rates.change_to_date(level, period=span.period).round(EXACT)
    return of_rates.change(level, observations=span.count).round(EXACT)
