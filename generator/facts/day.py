"""How rare the day was among all that a letter watches: with several measures, some move is far out on most days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.metrics.extremes import furthest
from generator.units import Unit

if TYPE_CHECKING:
    from generator.facts.sheet import Sheet

MEASURES = (
    "size.relative.1s",
    "size.return.small.1s",
    "size.return.large.1s",
    "rates.change.2y.1s",
    "rates.change.10y.1s",
    "rates.slope.2s10s.1s",
    "fx.eurusd.1s",
    "fx.gbpusd.1s",
)
QUARTER = 63  # sessions: what a reader remembers as ordinary
LABEL = "Sessions on which a measure moved further than any did today"
FORMULA = (
    "percent of the sessions on which the furthest move lay further out than that of the letter's session; a move is "
    "ranked by its size in its own whole history, and the furthest of {count} one-day moves counts: {keys}"
)


def enter(sheet: Sheet) -> None:
    """Enter how many one-day moves are watched, and the share of days (all, and of three months) that moved more."""
    if not sheet.wants("day."):
        return
    keys = [key for key in MEASURES if key in sheet.lines]
    size = sheet.lines.get(MEASURES[0])
    if size is None:
        sheet.gap("day.larger.quarter", f"{LABEL}, three months", "no one-day move is known")
        return
    outermost = furthest([sheet.lines[key] for key in keys], sessions=pd.DatetimeIndex(size.index))
    if len(outermost) < QUARTER:
        reason = f"needs {QUARTER} sessions with all of {len(keys)} measures, {len(outermost)} known"
        sheet.gap("day.larger.quarter", f"{LABEL}, three months", reason)
        return
    slices = list(
        dict.fromkeys((one.series_id, one.first, one.last) for key in keys for one in sheet.facts[key].evidence)
    )
    formula = FORMULA.format(count=len(keys), keys=", ".join(keys))
    for key, label, rows in (("quarter", "the last 63", outermost.iloc[-QUARTER:]), ("all", "all", outermost)):
        values = rows.to_numpy()
        sheet.enter(
            f"day.larger.{key}",
            100.0 * float((values > values[-1]).mean()),
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{LABEL}, of {label} sessions",
            formula=formula,
            slices=slices,
            subject="the day",
            marks=(("first", rows.index[0].date()),),
        )
    sheet.enter(
        "day.measures",
        len(keys),
        Unit.COUNT,
        as_of=sheet.session,
        label="One-day moves that a letter watches",
        formula=f"number of the moves that are known: {', '.join(keys)}",
        slices=slices,
        subject="the day",
    )
