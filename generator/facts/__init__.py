"""Facts: metrics over an as-of view, each with evidence and context; what could not be made is a gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import (
    assets,
    before,
    breakevens,
    calendar,
    credit,
    day,
    fx,
    labour,
    own,
    policy,
    precedent,
    prices,
    rates,
    sectors,
    size,
)
from generator.facts.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

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
MORE = (  # what only some sources list
    *assets.SERIES,
    *breakevens.SERIES,
    *credit.SERIES,
    *labour.SERIES,
    *(series for series, _ in prices.LISTED.values()),
    *sectors.SERIES,
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
    parts = (part for several in size.parts(universe).values() for part in several)
    more = (one for one in MORE if one in universe.listed)
    others = (part for several in own.parts(universe).values() for part in several)
    mine = (*(one.id for one in universe.own), *others)
    wanted = dict.fromkeys((universe.small, universe.large, *parts, *NEEDED, *more, *mine))
    kept_back = universe.hidden | {series for series, _ in universe.withheld}
    return tuple(one for one in wanted if one not in kept_back)


def gather(
    view: View, *, session: date, today: date, universe: Universe, wanted: Iterable[str] | None = None
) -> Findings:
    """All facts of a view about a session; `today` is the day of the letter (later than the session on a Sunday).

    With `wanted`, only the facts of these keys, each as it is among all, and what they are made from; it is quicker.
    Raises StaleSeries when the returns do not reach the session.
    """
    histories = view.available(needed(universe))
    ahead = pd.Timestamp(today)
    for series, history in histories.items():  # a letter made later than its evening knows days that it is not about
        if series != calendar.MEETINGS and history.index[-1] > ahead:
            histories[series] = history.loc[:ahead]
    histories = {series: history for series, history in histories.items() if len(history)}
    owned = sectors.parts(universe) | size.parts(universe) | own.parts(universe)
    parts = {series: tuple(one for one in several if one in histories) for series, several in owned.items()}
    keys = None if wanted is None else _closed(wanted)
    sheet = Sheet(view=view, session=session, universe=universe, beside=parts, wanted=keys)
    both = size.pair(sheet, histories)
    size.enter(sheet, both, histories)
    target = policy.policy(histories)
    policy.enter(sheet, target, both, today)
    rates.enter(sheet, histories, target)
    prices.enter(sheet, histories, target)
    fx.enter(sheet, histories)
    breakevens.enter(sheet, histories)
    credit.enter(sheet, histories)
    labour.enter(sheet, histories)
    assets.enter(sheet, histories)
    sectors.enter(sheet, histories, both, target)
    own.enter(sheet, histories)
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


def _closed(wanted: Iterable[str]) -> frozenset[str]:
    """The keys and those of the facts that theirs are made from."""
    keys = set(wanted)
    if any(key.startswith("day.") for key in keys):
        keys.update(day.MEASURES)
    if "policy.real_rate" in keys:
        keys.add("inflation.cpi.12m")
    return frozenset(keys | {key.removesuffix(".before") for key in keys})


__all__ = ["Findings", "Sheet", "gather", "needed"]
