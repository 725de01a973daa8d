"""Rules on what was said again of a day: two values at once, and revisions larger than any before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.quality.lines import Doubt, as_date
from generator.quality.values import remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from generator.config import QualitySettings
    from generator.quality.lines import Kind, Line
    from generator.quality.material import Material

MINUTE = 60_000_000  # microseconds
DAY = 24 * 60 * MINUTE
NONE = np.empty(0, dtype=np.intp)


def doubled(seen: Material, limits: QualitySettings) -> Iterator[Doubt]:
    """Two values for one day that became known at once: the source does not know itself."""
    for line in seen.lines.values():
        again, before = _said_again(line)
        if not len(again):
            continue
        gap = line.rows.moments[again] - line.rows.moments[before]
        seen_both = line.rows.observed[again] & line.rows.observed[before]
        seen_both &= line.rows.days[again] >= line.days[line.start]
        apart = line.rows.figures[again] != line.rows.figures[before]
        for row in again[(gap < limits.doubled_minutes * MINUTE) & seen_both & apart][-1:].tolist():
            day, values = as_date(int(line.rows.days[row])), line.rows.figures[[row - 1, row]].tolist()
            yield Doubt(
                rule="doubled",
                series_id=line.id,
                day=day,
                value=values[1],
                reason=f"two values for {day} came at once, {values[0]:g} and {values[1]:g}",
                remedy=remedy("doubled", line.id, day),
            )


def revision(seen: Material, limits: QualitySettings) -> Iterator[Doubt]:
    """A value replaced by one farther off than any was before, and than a series of its kind is usually revised.

    One that takes back a jump is a correction, and welcome.
    """
    for line in seen.lines.values():
        again, before = _said_again(line)
        if not len(again) or line.spec.frequency == "event":
            continue
        old, new = line.rows.figures[before], line.rows.figures[again]
        sizes = _sizes(line.kind, old, new)
        moments = line.rows.moments[again]
        recent = moments > int(seen.moment.timestamp() * 1e6) - limits.window * 7 // 5 * DAY
        largest = float(sizes[~recent].max(initial=0.0))
        floor = {"price": limits.revision_percent, "yield": limits.revision_bp}.get(line.kind, limits.revision_points)
        bound = max(largest, floor)
        for which in np.flatnonzero(recent & (sizes > bound))[-1:].tolist():
            day = as_date(int(line.rows.days[again[which]]))
            excuse = "it takes back a jump" if _mends(line, int(again[which]), limits) else ""
            yield Doubt(
                rule="revision",
                series_id=line.id,
                day=day,
                value=float(new[which]),
                reason=f"the value of {day} was revised from {old[which]:g} to {new[which]:g}, more than any before",
                remedy=remedy("revision", line.id, day),
                excuse=excuse,
            )


def _said_again(line: Line) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows that follow another of the same day, and those others."""
    if len(line.rows) == len(line.figures):
        return NONE, NONE
    again = np.flatnonzero(line.rows.days[1:] == line.rows.days[:-1]) + 1
    return again, again - 1


def _sizes(kind: Kind, old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each revision goes: percent of a price, basis points of a yield, points of others."""
    if kind == "price":
        with np.errstate(divide="ignore", invalid="ignore"):
            found: NDArray[np.float64] = 100.0 * np.abs(new / old - 1.0)
        return found
    return np.abs(new - old) * (100.0 if kind == "yield" else 1.0)


def _mends(line: Line, row: int, limits: QualitySettings) -> bool:
    """Whether the value revised stood off from the day before it, and the new one stands much nearer."""
    place = int(line.days.searchsorted(line.rows.days[row]))
    if not place:
        return False
    level = float(line.figures[place - 1])
    off, now = (abs(float(line.rows.figures[one]) - level) for one in (row - 1, row))
    return now * limits.mends <= off
