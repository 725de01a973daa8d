"""Facts: metrics over an as-of view, each with evidence and context; what could not be made is a gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.facts import before, calendar, day, fx, policy, precedent, prices, rates, size
from generator.facts.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from generator.facts.policy import Policy
    from generator.facts.precedent import Precedent
    from generator.facts.sheet import View
    from generator.facts.size import Pair
    from generator.model import Fact, Gap, Universe

NEEDED = (
    *(f"size.{kind}.q{quintile}" for kind in ("firms", "average") for quintile in range(1, 6)),
    *(series for series, _ in rates.TENORS.values()),
    policy.UPPER,
    policy.LOWER,
    *(series for series, _ in prices.INDICES.values()),
    fx.USD,
    fx.GBP,
    calendar.MEETINGS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a view gave: facts, gaps, and the histories that charts draw."""

    facts: Mapping[str, Fact]
    gaps: Mapping[str, Gap]
    pair: Pair
    policy: Policy | None
    precedents: tuple[Precedent, ...]
    histories: Mapping[str, pd.Series[float]]  # of the series, by id
    lines: Mapping[str, pd.Series[float]]  # of the facts, by key


def needed(universe: Universe) -> tuple[str, ...]:
    """The series that the facts are made of."""
    return (universe.small, universe.large, *NEEDED)


def gather(view: View, *, session: date, today: date, universe: Universe) -> Findings:
    """All facts of a view about a session; `today` is the day of the letter (later than the session on a Sunday).

    Raises StaleSeries when the returns do not reach the session.
    """
    histories = view.available(needed(universe))
    sheet = Sheet(view=view, session=session, universe=universe)
    both = size.pair(sheet, histories)
    size.enter(sheet, both, histories)
    target = policy.policy(histories)
    policy.enter(sheet, target, both, today)
    rates.enter(sheet, histories, target)
    prices.enter(sheet, histories, target)
    fx.enter(sheet, histories)
    calendar.enter(sheet, histories, today)
    before.enter(sheet)
    day.enter(sheet)
    studies = precedent.enter(sheet, both, target)
    return Findings(
        facts=sheet.facts,
        gaps=sheet.gaps,
        pair=both,
        policy=target,
        precedents=studies,
        histories=histories,
        lines=sheet.lines,
    )


__all__ = ["Findings", "Sheet", "gather", "needed"]
