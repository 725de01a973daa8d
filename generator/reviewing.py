"""Letters that were made, looked at again: corrected, compared, checked as a chain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator import chain, changes, corrections, files, pipeline
from generator.edition import from_json
from generator.errors import Unreadable

if TYPE_CHECKING:
    from datetime import date, datetime

    from generator.config import Settings
    from generator.differences import Difference
    from generator.model import Universe
    from generator.store import Store


def chained(editions: Path) -> tuple[tuple[Difference, ...], int]:
    """What in a folder of editions does not fit its chain, and how many editions that lists; DamagedEdition."""
    if not editions.is_dir():
        raise Unreadable(editions, "there is no folder of editions")
    return tuple(chain.check(editions)), len(chain.read(editions))


def corrected(settings: Settings, moment: datetime, *, since: date | None, record: bool) -> corrections.Found:
    """What is known at a moment that changes printed figures, over all editions; `record` adds what is new to records.

    With `since`, only what rests on values that became known on that day or later.
    """
    editions = settings.build.output / "editions"
    if not editions.is_dir():
        raise Unreadable(editions, "there is no folder of editions")
    with files.held(settings.build.output), pipeline.opened(settings) as store:
        found = corrections.find(editions, store, moment, _universes(settings, store))
        if since:
            found = corrections.later_than(found, f"{since}")
        if record:
            corrections.write(editions, found.news)
    return found


def compared(settings: Settings, first: str, second: str) -> changes.Changes:
    """What changed from one edition to another; each is named by its id or by its file."""
    editions = []
    for name in (first, second):
        path = settings.build.output / "editions" / name / "edition.json" if pipeline.ID.fullmatch(name) else Path(name)
        editions.append(from_json(pipeline.read(path), path=path))
    with pipeline.opened(settings) as store:
        earlier, later = sorted(editions, key=lambda one: one.moment)
        return changes.between(earlier, later, store, _universes(settings, store))


def _universes(settings: Settings, store: Store) -> tuple[tuple[str, Universe], ...]:
    """The two indices of live data, which only settings and store can tell; the sample tells its own."""
    source = pipeline.source_of(settings, store)
    return ((source.name, source.universe),)
