"""Facts on the euro and sterling in dollars, from the European Central Bank's reference rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans
from generator.metrics import currencies
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.facts.sheet import Sheet

USD, GBP = "fx.usd_per_eur", "fx.gbp_per_eur"
COUNTS = (1, 5, 21, 63)
STALE = 7


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on currencies."""
    rates: dict[str, tuple[pd.Series[float], str, tuple[str, ...], str]] = {}
    if USD in histories:
        euro = histories[USD]
        rates["eurusd"] = (euro, "the euro", (USD,), "dollars per euro")
        if GBP in histories:
            common = euro.index.intersection(histories[GBP].index)
            pound = currencies.cross(euro.loc[common], histories[GBP].loc[common])
            rates["gbpusd"] = (pound, "sterling", (USD, GBP), "dollars per euro over pounds per euro")
    for key, label in (("eurusd", "Euro in dollars"), ("gbpusd", "Sterling in dollars")):
        if key not in rates:
            sheet.gap(f"fx.{key}", label, "the source has no reference rate before 4 January 1999")
            continue
        history, subject, series, formula = rates[key]
        last = history.index[-1].date()
        if (sheet.session - last).days > STALE:
            sheet.gap(f"fx.{key}", label, f"the newest reference rate is for {last}")
            continue
        _rate(sheet, key, label, history=history, subject=subject, series=series, formula=formula)


def _rate(  # noqa: PLR0913 -- a rate and its words
    sheet: Sheet,
    key: str,
    label: str,
    *,
    history: pd.Series[float],
    subject: str,
    series: tuple[str, ...],
    formula: str,
) -> None:
    first, last = history.index[0].date(), history.index[-1].date()
    whole = [(one, first, last) for one in series]
    sheet.enter(
        f"fx.{key}",
        history.iloc[-1],
        Unit.DOLLARS,
        as_of=last,
        label=label,
        formula=formula,
        slices=[(one, last, last) for one in series],
        over=whole,
        subject=subject,
        history=history,
    )
    index = pd.DatetimeIndex(history.index)
    spans_of = [(f"{count}s", spans.counted(count, index[-1 - count].date(), noun="day"), len(index) - 1 - count)
                for count in COUNTS if len(index) > count]  # fmt: skip
    row = spans.period_start(index, "year")
    if row >= 0:
        spans_of.append(("ytd", spans.to_date("year", index[row].date(), last), row))
    for short, horizon, base in spans_of:
        changes = (
            currencies.change_to_date(history)
            if short == "ytd"
            else currencies.change(history, observations=int(short.removesuffix("s")))
        )
        sheet.enter(
            f"fx.{key}.{short}",
            changes.iloc[-1],
            Unit.PERCENT,
            as_of=last,
            label=f"{label}, {horizon.adjective} change",
            formula=f"100 × (rate at the end over rate at the start − 1); rate: {formula}",
            slices=[(one, index[base].date(), last) for one in series],
            over=whole,
            subject=subject,
            history=changes,
            move=True,
            horizon=horizon,
            base=float(history.iloc[base]),
            end=float(history.iloc[-1]),
            level_unit=Unit.DOLLARS,
        )
