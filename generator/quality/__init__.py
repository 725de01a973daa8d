"""The gates between store and facts: each series is doubted by named rules before a letter may speak of it.

A rule says what it found; the settings say how far is too far, and what a person has looked at and accepted. What is
doubted of a series that the letter cannot be without holds the letter; any other series is withheld, and the facts made
of it become gaps that give the rule's reason. docs/quality.md tells each rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator.errors import Held
from generator.quality import days, pairs, rows, values
from generator.quality.days import session_needed
from generator.quality.lines import since_1970
from generator.quality.material import View, material

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    import pandas as pd

    from generator.config import QualitySettings
    from generator.model import SeriesSpec
    from generator.quality.lines import Doubt
    from generator.quality.material import Material
    from generator.store import Fetch

__all__ = ["RULES", "Verdict", "View", "beside", "judge", "require", "session_needed", "withheld"]

RULES = (
    "stale", "yesterday", "hole", "calendar", "unfinished", "impossible", "null", "unit", "split", "jump", "doubled",
    "revision", "disagreement",
)  # fmt: skip
ALONE = (  # rules that look at series one by one
    values.impossible, values.null, values.jump, days.hole, days.calendar, days.unfinished, rows.doubled, rows.revision,
)  # fmt: skip
TELLS = frozenset({"impossible", "null", "unit", "split", "jump"})  # a day at fault by them needs no second opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule found of a series. What passed without a word has none; `pass` is a doubt that was explained."""

    rule: str
    series_id: str
    level: Literal["pass", "gap", "hold"]
    reason: str
    remedy: str
    day: date | None
    value: float | None


def judge(  # noqa: PLR0913 -- each is part of what is judged, and named at the call
    view: View,
    specs: Mapping[str, SeriesSpec],
    limits: QualitySettings,
    *,
    session: date,
    critical: Collection[str],
    today: date | None = None,
    fetches: Mapping[str, Fetch] | None = None,
    second: Mapping[str, pd.Series[float]] | None = None,
    window: int | None = None,
) -> tuple[Verdict, ...]:
    """Doubt each of some series of a view; in order of series and rule, at most one verdict of each rule and day.

    `session` is the one the letter must be about, `today` its day, `critical` the series it cannot be without;
    `fetches` tells when each was last read, `second` what another source says of a series (by day, in its unit).
    `window` is how many of the newest values are looked at (the settings say how many; a large one is all).
    """
    seen = material(
        view, specs, session=session, today=today or session, window=window or limits.window,
        fetches=fetches or {}, second=second or {},
    )  # fmt: skip
    doubts = [doubt for rule in ALONE for doubt in rule(seen, limits)]
    doubts += days.newest(seen, limits, critical)
    doubts += pairs.disagreement(seen, limits, _at_fault(doubts, seen))
    found = [_verdict(doubt, limits, critical) for doubt in doubts]
    return tuple(sorted(found, key=lambda one: (one.series_id, RULES.index(one.rule), one.day or session)))


def beside(limits: QualitySettings) -> tuple[str, ...]:
    """The series that others are compared with, to be judged though no fact is made of them."""
    return pairs.names(limits)


def require(verdicts: Iterable[Verdict]) -> None:
    """Raise Held if a letter must not be made."""
    held = [one for one in verdicts if one.level == "hold"]
    if held:
        first, *others = held
        raise Held(
            first.rule, first.series_id, first.reason, remedy=first.remedy, day=first.day,
            others=[f"{one.series_id} ({one.rule})" for one in others],
        )  # fmt: skip


def withheld(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """The series that a letter goes without, each with the reason that its gaps give."""
    found: dict[str, str] = {}
    for one in verdicts:
        if one.level != "pass":
            for series_id in (one.series_id, *_closes(one.series_id)):
                found.setdefault(series_id, f"withheld ({one.rule}): {one.reason}")
    return found


def _closes(series_id: str) -> tuple[str, ...]:
    """The closes that cannot be told without a series of dividends or splits."""
    kind, _, name = series_id.partition(".")
    return (f"price.{name}",) if kind in {"dividend", "split"} else ()


def _verdict(doubt: Doubt, limits: QualitySettings, critical: Collection[str]) -> Verdict:
    excuse = doubt.excuse
    if f"{doubt.rule} {doubt.series_id} {doubt.day}" in limits.accepted:
        excuse = "accepted in the settings"
    needed = any(one in critical for one in (doubt.series_id, *_closes(doubt.series_id)))
    level: Literal["pass", "gap", "hold"] = "pass" if excuse else "hold" if needed else "gap"
    return Verdict(
        rule=doubt.rule,
        series_id=doubt.series_id,
        level=level,
        reason=f"{doubt.reason}; {excuse}" if excuse else doubt.reason,
        remedy=doubt.remedy,
        day=doubt.day,
        value=doubt.value,
    )


def _at_fault(doubts: Iterable[Doubt], seen: Material) -> dict[str, frozenset[int]]:
    """The days on which a series is at fault already, and those after them, whose change starts there."""
    found: dict[str, set[int]] = {}
    for doubt in doubts:
        if doubt.rule in TELLS:
            line = seen.lines[doubt.series_id]
            place = int(line.days.searchsorted(since_1970(doubt.day)))
            found.setdefault(doubt.series_id, set()).update(line.days[place : place + 2].tolist())
    return {series_id: frozenset(several) for series_id, several in found.items()}
