"""Facts on a reader's own series: the newest value of each, and its change since the value before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.facts.levels import Level, enter_level, stale
from generator.metrics.returns import fund_returns
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet
    from generator.model import SeriesSpec, Universe

LATE = {"session": 7, "business day": 7, "day": 7, "week": 21, "month": 75, "quarter": 200}  # calendar days
DIFFERENCES = {  # units whose change is a difference: in which unit, and times what
    Unit.YIELD: (Unit.BASIS_POINTS, 100.0),
    Unit.PERCENT: (Unit.POINTS, 1.0),
    Unit.POINTS: (Unit.POINTS, 1.0),
    Unit.BASIS_POINTS: (Unit.BASIS_POINTS, 1.0),
    Unit.RATIO: (Unit.RATIO, 1.0),
}
TOTAL = "100 × ((close + dividend) × split / close before − 1)"


def parts(universe: Universe) -> dict[str, tuple[str, ...]]:
    """The series of dividends and splits that belong to the closes of a share, by series of closes."""
    return {
        one.id: tuple(f"{kind}.{one.id.partition('.')[2]}" for kind in ("dividend", "split"))
        for one in universe.own
        if one.unit is Unit.SHARE
    }


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter `own.ID` and `own.ID.change` for each of the reader's series."""
    for one in sheet.universe.own:
        key = f"own.{one.id}"
        if one.id not in histories:
            sheet.gap(key, one.label, "nothing of it was known by then")
            continue
        history = histories[one.id]
        last = stale(
            history, sheet.session, days=LATE.get(one.frequency, (sheet.session - history.index[0].date()).days)
        )
        if last is not None:
            sheet.gap(key, one.label, f"the newest value is for {last}")
            continue
        level = Level(
            key=key,
            label=one.label,
            subject=one.label,
            formula=f"as {one.publisher} has it",
            unit=one.unit,
            history=history,
            series=(one.id,),
        )
        enter_level(sheet, level)
        if len(history) > 1:
            _change(sheet, level, one, histories)


def _change(sheet: Sheet, level: Level, one: SeriesSpec, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter the change since the value before: in percent where a level has no zero of its own, else a difference."""
    history = level.history
    start = level.index[-2].date()
    events = [histories.get(name, history.iloc[:0]) for name in parts(sheet.universe).get(one.id, ())]
    if events:
        unit, formula, changes = (
            Unit.PERCENT,
            TOTAL,
            fund_returns(history, *(e.loc[history.index[1] :] for e in events)),
        )
    elif one.unit in DIFFERENCES or history.min() <= 0:
        unit, factor = DIFFERENCES.get(one.unit, (one.unit, 1.0))
        changes = history.diff().iloc[1:] * factor
        formula = "value less the value before" + (", times 100" if factor != 1 else "")
    else:
        unit, formula = Unit.PERCENT, "100 × (value over the value before − 1)"
        changes = 100.0 * (history / history.shift(1) - 1.0).iloc[1:]
    sheet.enter(
        f"{level.key}.change",
        changes.iloc[-1],
        unit,
        as_of=level.index[-1].date(),
        label=f"{one.label}, change since the value before",
        formula=formula,
        slices=level.slices(-2),
        over=level.slices(0),
        subject=one.label,
        history=changes,
        move=True,
        horizon=Horizon(words="since the value before", adjective="latest", sessions=None, start=start),
        base=float(history.iloc[-2]),
        end=float(history.iloc[-1]),
        level_unit=one.unit,
    )
