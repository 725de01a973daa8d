"""Rules on values: impossible ones, jumps, and the jumps of a certain size: splits and wrong units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.quality.lines import MONTHLY, QUARTERLY, Doubt, as_date, near
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.config import QualitySettings
    from generator.quality.lines import Line
    from generator.quality.material import Material

LONGER = 2.0  # the thresholds are for a day; over a week or more, and of volatility, they are so much wider
SPLITS = tuple(ratio for shares in (1.5, 2, 3, 4, 5, 6, 7, 8, 15, 20, 25, 30, 50) for ratio in (1 / shares, shares))
UNITS = tuple(10.0**power for power in (-6, -3, -2, -1, 1, 2, 3, 6))
LOOK = "compare it with another source; `capline fetch --series {0} --since {1}` reads it again"
TRUE = 'if it is true, add "{2} {0} {1}" to `accepted` in [quality]'
REMEDY = f"{LOOK}; {TRUE}"
MOVED = {"price": "%", "return": "%", "yield": " basis points", "rate": " points", "score": ""}


def remedy(rule: str, series_id: str, day: object) -> str:
    """What may be done about a value that is not believed."""
    return REMEDY.format(series_id, day, rule)


def impossible(seen: Material, limits: QualitySettings) -> Iterator[Doubt]:
    """A price of nothing or less (oil may have one), a yield beyond what there ever was, a loss of more than all."""
    for line in seen.lines.values():
        wrong = np.flatnonzero(_impossible(line, limits))
        if len(wrong):
            place = int(wrong[-1])
            value, day = float(line.figures[place]), line.day(place)
            yield Doubt(
                rule="impossible",
                series_id=line.id,
                day=day,
                value=value,
                reason=f"the value of {day}, {value:g}, cannot be",
                remedy=remedy("impossible", line.id, day),
            )


def _impossible(line: Line, limits: QualitySettings) -> np.ndarray:
    values = line.figures
    if line.kind == "yield":
        return (values < limits.yield_low) | (values > limits.yield_high)
    if line.kind == "return":
        return values <= -100.0  # noqa: PLR2004 -- percent: all of it
    if line.kind == "rate":
        return np.abs(values) > 100.0  # noqa: PLR2004 -- percent
    if line.spec.unit in {Unit.BARREL, Unit.COUNT} or line.kind == "score":
        return np.zeros(len(values), dtype=bool)
    return values <= 0.0


def null(seen: Material, _limits: QualitySettings) -> Iterator[Doubt]:
    """A row without a number: the store refuses such rows, so that this fires only where something went round it."""
    for line in seen.lines.values():
        wrong = np.flatnonzero(~np.isfinite(line.figures))
        if len(wrong):
            day = line.day(int(wrong[-1]))
            yield Doubt(
                rule="null",
                series_id=line.id,
                day=day,
                value=None,
                reason=f"the row of {day} holds no number",
                remedy=f"`capline fetch --series {line.id} --full` reads the series anew",
            )


def jump(seen: Material, limits: QualitySettings) -> Iterator[Doubt]:
    """A change beyond what the series and its peers explain: of a certain size a unit or a split, else a jump."""
    for line in seen.lines.values():
        if line.spec.frequency == "event" or len(line.figures) - line.start < 1:
            continue
        sizes = np.abs(line.changes)
        if not (sizes > (floor := _floor(line, limits))).any():
            continue
        far = np.flatnonzero(sizes > max(floor, limits.jump_sigmas * line.usual))
        bad = _impossible(line, limits) | ~np.isfinite(line.figures)
        for found in far.tolist():
            place = line.place(found)
            if bad[place] or (bad[place - 1] and line.kind != "return") or _held(line, place, limits):
                continue
            yield _doubt(line, place, line.changes[found], seen, limits)


def _floor(line: Line, limits: QualitySettings) -> float:
    """The change that is no jump yet, however quiet the series was."""
    floors = {
        "price": limits.jump_percent,
        "return": limits.jump_percent,
        "yield": limits.jump_yield_bp,
        "rate": limits.jump_points,
        "score": limits.jump_points,
    }
    wide = line.spec.frequency in {MONTHLY, QUARTERLY, "week"} or line.group == "volatility"
    return floors[line.kind] * (LONGER if wide else 1.0)


def _held(line: Line, place: int, limits: QualitySettings) -> bool:
    """Whether the values that followed confirm a new level. A level that looks like another unit or split is none."""
    after = line.figures[place + 1 : place + 1 + limits.jump_confirmed]
    if line.kind == "return" or len(after) < limits.jump_confirmed or _size(line, place, limits)[0] != "jump":
        return False
    middle = float(np.median(after))
    return abs(middle - float(line.figures[place])) < abs(middle - float(line.figures[place - 1]))


def _size(line: Line, place: int, limits: QualitySettings) -> tuple[str, str]:
    """What a change looks like by its size: the rule it belongs to, and in words."""
    if line.kind in {"return", "rate", "score"}:
        return "jump", ""
    plain = line.kind == "yield"
    ratio = line.figures[place] / line.figures[place - 1] if plain else line.ratios[place - line.opening]
    power = near(ratio, UNITS, percent=limits.unit_percent)
    if power is not None:
        times = f"{power:g} times" if power > 1 else f"a {1 / power:g}th of"
        return "unit", f"about {times} the one before, as if its unit had changed"
    split = near(ratio, SPLITS, percent=limits.split_percent) if line.spec.unit == Unit.SHARE else None
    if split is not None:
        shares = f"one share into {1 / split:g}" if split < 1 else f"{split:g} shares into one"
        return "split", f"as after a split of {shares}, and none is known that day"
    return "jump", ""


def _doubt(line: Line, place: int, moved: float, seen: Material, limits: QualitySettings) -> Doubt:
    rule, words = _size(line, place, limits)
    day, value = line.day(place), float(line.figures[place])
    said = f"moved by {moved:+.4g}{MOVED[line.kind]}" if line.kind != "return" else f"is {moved:+.4g}%"
    tail = f", {words}" if words else ", more than its history explains"
    return Doubt(
        rule=rule,
        series_id=line.id,
        day=day,
        value=value,
        reason=f"the value of {day}, {value:g}, {said}{tail}",
        remedy=remedy(rule, line.id, day),
        excuse="" if rule == "unit" else _peers(line, place, moved, seen, limits),
    )


def _peers(line: Line, place: int, moved: float, seen: Material, limits: QualitySettings) -> str:
    """Those of its group that moved at least so much in proportion, in the same direction (currencies: in any)."""
    day = int(line.days[place])
    alike = []
    for other in seen.lines.values():
        if other.group != line.group or other.id == line.id or other.spec.frequency == "event":
            continue
        theirs = other.moves.get(day)
        if theirs is None or not np.isfinite(theirs):
            continue
        along = abs(theirs) if line.group == "currencies" else theirs * np.sign(moved)
        if along >= limits.peer_share * abs(moved):
            alike.append(other.id)
    return f"{', '.join(sorted(alike)[:3])} moved alike on {as_date(day)}" if alike else ""
