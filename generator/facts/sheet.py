"""The sheet on which facts are entered: it attaches evidence and context, and turns what is missing into gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from generator.facts.context import context
from generator.model import Evidence, Fact, Gap, Horizon, Universe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from generator.units import Unit

DERIVED = "each observation's moment of publication follows from its source's release rule (docs/release-rules.md)"

DERIVED_BEFORE = (
    "its own moments of publication were observed; those of the history it stands in follow from its source's release "
    "rule (docs/release-rules.md)"
)
Slice = tuple[str, date, date]  # series, first and last day


class View(Protocol):
    """What the facts need of the store as it was known at a moment."""

    moment: datetime

    def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """The newest value known for each day, by series, of those series that have any."""

    def evidence(self, series_id: str, first: date, last: date) -> Evidence:
        """A slice with its count and digest."""

    def known_at(self, series_id: str, day: date) -> datetime:
        """When the value of a day became known."""

    def observed(self, series_id: str, first: date, last: date) -> bool:
        """Whether every moment in a slice was seen when it came, none derived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Facts and gaps of one view, by key."""

    view: View
    session: date
    universe: Universe
    derived: str = DERIVED  # of a fact with a moment that was not observed
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # series that belong to the slices of another
    wanted: frozenset[str] | None = None  # the keys asked for; None: all
    facts: dict[str, Fact] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)
    lines: dict[str, pd.Series[float]] = field(default_factory=dict)  # the history of each fact that has one
    slices: dict[Slice, Evidence] = field(default_factory=dict)  # many facts rest on the same: each is looked up once
    seen: dict[Slice, bool] = field(default_factory=dict)  # whether the moments of a slice were observed

    def wants(self, *starts: str) -> bool:
        """Whether a fact is asked for whose key begins in one of these ways."""
        return self.wanted is None or any(key.startswith(starts) for key in self.wanted)

    def gap(self, key: str, label: str, reason: str, *, of: Iterable[str] = ()) -> None:
        """Enter a gap; where one of the series that the fact is made `of` is withheld, that is the reason."""
        held = dict(self.universe.withheld)
        reason = next((held[series] for series in of if series in held), reason)
        self.gaps[key] = Gap(key=key, label=label, reason=reason)

    def enter(  # noqa: PLR0913 -- a fact has that many parts
        self,
        key: str,
        value: float,
        unit: Unit,
        *,
        as_of: date,
        label: str,
        formula: str,
        slices: Iterable[Slice],
        subject: str = "",
        history: pd.Series[float] | None = None,
        move: bool = False,
        over: Iterable[Slice] = (),
        horizon: Horizon | None = None,
        state: str | None = None,
        base: float | None = None,
        end: float | None = None,
        level_unit: Unit | None = None,
        marks: Iterable[tuple[str, date]] = (),
    ) -> None:
        """Enter a fact from the slices it was computed from.

        `history` (its last value is the fact's) gives the context, and `over` the slices that history was made of;
        `move` says that it is one of changes or returns, not of levels. What nobody asked for is not entered.
        """
        if self.wanted is not None and key not in self.wanted:
            return
        slices = tuple(slices)
        evidence = tuple(self._evidence(one) for one in self._whole((*slices, *over)))
        if history is not None:
            self.lines[key] = history
        self.facts[key] = Fact(
            key=key,
            value=float(value),
            unit=unit,
            as_of=as_of,
            label=label,
            formula=formula,
            known_at=max(self.view.known_at(*end) for end in {(series, last) for series, _, last in slices}),
            evidence=evidence,
            subject=subject,
            context=None if history is None else context(history, move=move),
            horizon=horizon,
            state=state,
            base=base,
            end=end,
            level_unit=level_unit,
            marks=tuple(marks),
            derived=self._derived(evidence, slices),
        )

    def _whole(self, slices: Iterable[Slice]) -> Iterable[Slice]:
        """Each slice once, with those of what belongs to its series."""
        for series, first, last in dict.fromkeys(slices):
            yield series, first, last
            for part in self.beside.get(series, ()):
                yield part, first, last

    def _evidence(self, one: Slice) -> Evidence:
        if one not in self.slices:
            self.slices[one] = self.view.evidence(*one)
        return self.slices[one]

    def _observed(self, one: Slice) -> bool:
        if one not in self.seen:
            self.seen[one] = self.view.observed(*one)
        return self.seen[one]

    def _derived(self, evidence: Iterable[Evidence], slices: Iterable[Slice]) -> str:
        """Which moments of a fact follow from a rule: none, those of its history only, or some of its own."""
        if all(self._observed((one.series_id, one.first, one.last)) for one in evidence):
            return ""
        return DERIVED_BEFORE if all(self._observed(one) for one in self._whole(slices)) else self.derived
