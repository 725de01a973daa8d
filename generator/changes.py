"""What changed from one edition to another: new data, restated data, another method, another configuration.

New data are dates that the earlier edition did not have; restated data are dates that it had under another value. The
rest is told by what an edition says of how it was made.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from generator import restatements
from generator.edition import to_json
from generator.store.known import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.edition import Edition
    from generator.model import Universe
    from generator.store import Later, Restated, Restatement, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """The dates of a series that one edition has and the other has not."""

    series_id: str
    first: date
    last: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """A figure of the earlier edition that reads otherwise by what the later one knew."""

    fact: str
    printed: str
    now: str | None  # None: it could no longer be said
    kind: str  # "digit" or "meaning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something of the method or the configuration that is another."""

    what: str
    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed from one edition to another."""

    first: str
    second: str
    new: tuple[New, ...]
    restated: tuple[Restatement, ...]
    figures: tuple[Reads, ...]  # of the first edition, where the restated data change them
    method: tuple[Setting, ...]
    configuration: tuple[Setting, ...]
    notes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON has it; days and moments as an edition writes them."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=lambda day: day.isoformat()))
        return found


def between(first: Edition, second: Edition, store: Store, universes: Sequence[tuple[str, Universe]] = ()) -> Changes:
    """Compare two editions, the earlier first; the store tells which values are new and which restated.

    `universes` are those of live sources, by name.
    """
    later = store.view(second.moment).later()
    view = later.as_of(first.moment, _day(first))
    used = sorted({one.series_id for edition in (first, second) for one in edition.sources})
    restated = tuple(one for name in used for one in view.restatements(name))
    return Changes(
        first=first.id,
        second=second.id,
        new=tuple(one for name in used if (one := _new(name, later, view, first))),
        restated=restated,
        figures=_figures(first, later, universes),
        method=tuple(_method(first, second)),
        configuration=tuple(_configuration(first, second)),
        notes=tuple(_notes(first, second, store, {one.series_id for one in restated})),
    )


def _day(edition: Edition) -> date:
    return date.fromisoformat(edition.id[:10])


def _new(series_id: str, later: Later, view: Restated, first: Edition) -> New | None:
    """The dates of a series that became known after an edition, those filled in among known ones left out."""
    line = later.line(series_id)
    if line is None or first.moment >= later.moment:
        return None
    seen = view.available((series_id,)).get(series_id)
    held = np.empty(0, np.int32) if seen is None else seen.index.to_numpy().astype("datetime64[D]").astype(np.int32)
    days = np.setdiff1d(line.days, held)
    if not len(days):
        return None
    start, stop = (date.fromordinal(EPOCH) + timedelta(days=int(days[place])) for place in (0, -1))
    return New(series_id=series_id, first=start, last=stop, count=len(days))


def _figures(first: Edition, later: Later, universes: Sequence[tuple[str, Universe]]) -> tuple[Reads, ...]:
    plain = json.loads(to_json(first))
    places = restatements.revised(plain, later.as_of(first.moment, _day(first)))
    if not places:
        return ()
    universe = restatements.universe_of(plain, universes)
    return tuple(
        Reads(fact=one.claim.fact, printed=one.claim.text, now=one.now, kind=one.kind)
        for one in restatements.changed(plain, places, later, universe, lambda: first.facts)
    )


def _method(first: Edition, second: Edition) -> Iterator[Setting]:
    """Version, prose, and the formulas of facts that both have, and the kinds of facts that one has alone."""
    yield from _differs("version of Capline", first.provenance.version, second.provenance.version)
    yield from _differs("prose (SHA-256)", first.provenance.prose, second.provenance.prose)
    for key in sorted(first.facts.keys() & second.facts.keys()):
        yield from _differs(f"formula of {key}", first.facts[key].formula, second.facts[key].formula)
    if first.provenance.version == second.provenance.version:
        return  # what one has alone comes from the data: a gap, a new case
    for key in sorted(first.facts.keys() ^ second.facts.keys()):
        yield from _differs(f"fact {key}", *("there" if key in one.facts else "none" for one in (first, second)))


def _configuration(first: Edition, second: Edition) -> Iterator[Setting]:
    yield from _differs("settings (SHA-256)", first.provenance.settings, second.provenance.settings)
    yield from _differs("source", first.provenance.source, second.provenance.source)
    yield from _differs("kind", first.kind, second.kind)
    yield from _differs("stories asked for", *(" ".join(one.provenance.only) for one in (first, second)))
    for field in fields(first.masthead):
        yield from _differs(field.name, *(str(getattr(one.masthead, field.name)) for one in (first, second)))


def _differs(what: str, first: str, second: str) -> Iterator[Setting]:
    if first != second:
        yield Setting(what=what, first=first, second=second)


def _notes(first: Edition, second: Edition, store: Store, restated: set[str]) -> Iterator[str]:
    """Where the store is not the one that the editions were made from, and what their own digests say of that."""
    for one in (first, second):
        if store.view(one.moment).fingerprint() != one.provenance.store:
            yield f"the store is not as {one.id} saw it: its values may not be those of that letter"
    mine, theirs = (
        {(one.series_id, one.first, one.last): one.digest for fact in edition.facts.values() for one in fact.evidence}
        for edition in (first, second)
    )
    other = {place[0] for place in mine.keys() & theirs.keys() if mine[place] != theirs[place]} - restated
    for series in sorted(other):
        yield f"{series}: the editions had other values for the same dates, and the store tells of no restatement"
