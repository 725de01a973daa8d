"""What the letter of the session before could say: the value of some facts one observation earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.facts.sheet import Sheet

KEYS = (
    "size.relative.1s",
    "size.return.small.1s",
    "rates.change.2y.1s",
    "rates.change.10y.1s",
    "rates.slope.2s10s.1s",
)
LEAST = 100  # observations of a history that is looked back into


def enter(sheet: Sheet) -> None:
    """Enter `<key>.before` for each one-day move that is there: its value a day earlier."""
    for key in KEYS:
        history = sheet.lines.get(key)
        fact = sheet.facts.get(key)
        if history is None or fact is None or len(history) < LEAST or fact.horizon is None:
            continue
        day, start = history.index[-2].date(), history.index[-3].date()
        single = key.startswith("size.") and sheet.universe.kind == "returns"
        first = day if single else start  # a return is one observation, a change of a yield or a close two
        parts = {part for several in sheet.beside.values() for part in several}
        series = dict.fromkeys(one.series_id for one in fact.evidence if one.series_id not in parts)
        sheet.enter(
            f"{key}.before",
            history.iloc[-2],
            fact.unit,
            as_of=day,
            label=f"{fact.label}, a day before",
            formula=fact.formula,
            slices=[(one, first, day) for one in series],
            over=[
                (one.series_id, one.first, day)
                for one in fact.evidence
                if one.first < first and one.series_id in series
            ],
            subject=fact.subject,
            history=history.iloc[:-1],
            move=True,
            horizon=fact.horizon,
        )
