"""The series as they stand: from whom, through when, how late, known when, on what terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.due import due_at
from generator.sources.catalogue import hidden
from generator.sources.listing import TERMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from generator.model import SeriesSpec
    from generator.sources.catalogue import Followed
    from generator.store import Coverage, Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """A series as it stands at a moment; what is not held at all has no dates."""

    spec: SeriesSpec
    source: str  # that it was last read from, or would be
    instead_of: str  # the preferred source, if that one failed
    fallbacks: tuple[str, ...]
    held: Coverage | None
    late: int  # days since its next value was due
    shown: bool  # whether its terms, or a licence, let the letter print figures of it
    terms: str


def survey(  # noqa: PLR0913 -- each is a part of how things stand
    coverage: Collection[Coverage],
    follow: Mapping[str, Followed],
    states: Mapping[str, Fetch],
    *,
    name: str,
    moment: datetime,
    licensed: Collection[str] = (),
) -> tuple[Surveyed, ...]:
    """Every series that is held or followed, by id. `name` is the source of what is followed by nobody."""
    held = {one.spec.id: one for one in coverage}
    silent = hidden(follow.values(), licensed)
    found = []
    for series_id in sorted({*held, *follow}):
        one, state, known = follow.get(series_id), states.get(series_id), held.get(series_id)
        spec = one.spec if one else held[series_id].spec
        offers = [offer.source for offer in one.offers] if one else []
        source = state.source if state else offers[0] if offers else name
        due = due_at(spec, known.last) if known else None
        found.append(
            Surveyed(
                spec=spec,
                source=source,
                instead_of=state.instead_of if state else "",
                fallbacks=tuple(offer for offer in offers if offer != source),
                held=known,
                late=max((moment - due).days, 0) if due else 0,
                shown=series_id not in silent,
                terms=TERMS[source] if one and source in TERMS else spec.terms,
            )
        )
    return tuple(found)
