"""Levels and their changes: the two kinds of fact that most series give, from a yield to a rate of exchange.

A series that is new to Capline becomes facts by a `Level` of it, `enter_level` and `enter_changes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from generator.facts.sheet import Sheet, Slice
    from generator.facts.spans import Span
    from generator.units import Unit

    Measure = Callable[[pd.Series[float], Span], pd.Series[float]]  # the history of a change over a span


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level through time: its words, its history (by published day) and the series it is made of."""

    key: str  # "rates.yield.10y"
    label: str  # "10-year Treasury yield"
    subject: str  # the name prose uses: "the 10-year yield"
    formula: str
    unit: Unit
    history: pd.Series[float]
    series: tuple[str, ...]

    @property
    def index(self) -> pd.DatetimeIndex:
        """Its days."""
        return pd.DatetimeIndex(self.history.index)

    def slices(self, first: int) -> list[Slice]:
        """Its series from a row (negative: from the end) to the last."""
        index = self.index
        return [(one, index[first].date(), index[-1].date()) for one in self.series]


def enter_level(sheet: Sheet, level: Level) -> None:
    """Enter the newest value of a level."""
    sheet.enter(
        level.key,
        level.history.iloc[-1],
        level.unit,
        as_of=level.index[-1].date(),
        label=level.label,
        formula=level.formula,
        slices=level.slices(-1),
        over=level.slices(0),
        subject=level.subject,
        history=level.history,
    )


def enter_changes(  # noqa: PLR0913 -- a change has its own words beside those of its level
    sheet: Sheet,
    level: Level,
    measure: Measure,
    *,
    counts: Iterable[int],
    key: str,
    label: str,
    unit: Unit,
    formula: str,
) -> None:
    """Enter the change of a level over each span its history covers: `counts` of published days, the year to date."""
    index = level.index
    for span in spans.covered(index, counts):
        if not sheet.wants(f"{key}.{span.key}"):
            continue
        changes = measure(level.history, span)
        sheet.enter(
            f"{key}.{span.key}",
            changes.iloc[-1],
            unit,
            as_of=index[-1].date(),
            label=f"{label}, {span.horizon.adjective} change",
            formula=formula,
            slices=level.slices(span.row),
            over=level.slices(0),
            subject=level.subject,
            history=changes,
            move=True,
            horizon=span.horizon,
            base=float(level.history.iloc[span.row]),
            end=float(level.history.iloc[-1]),
            level_unit=level.unit,
        )


def stale(history: pd.Series[float], session: date, *, days: int) -> date | None:
    """The day of the newest value, if it lies more than so many calendar days behind the session."""
    last: date = history.index[-1].date()
    return last if (session - last).days > days else None
