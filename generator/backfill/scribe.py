"""The scribe: it writes the letters in order, each with what those before it told, and their chain.

It knows the letters of this run from having written them, those of earlier runs from their files: what a letter costs
does not grow with the archive.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator import chain, composing, memory, pipeline
from generator.backfill.tasks import JSON
from generator.edition import Link, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from pathlib import Path

    from generator.backfill.tasks import Job, Prepared
    from generator.edition import Memory
    from generator.pipeline import Holdings
    from generator.store import Later


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter of this run: what the next of its kind has to know of it."""

    id: str
    moment: datetime
    content: bytes  # edition.json
    memory: Memory  # of the letter after it


class Scribe:
    """Of one run, over a folder that nobody else writes to meanwhile."""

    def __init__(self, job: Job, found: Holdings) -> None:
        """Look at what lies in the folder; raises DamagedEdition."""
        self._job, self._found = job, found
        entries = chain.read(job.editions)
        self.links = {one.id: one for one in entries}
        self._last = entries[-1] if entries else None
        self._days: dict[str, list[str]] = {}  # of the letters that are there, by kind, ascending
        for path in sorted(job.editions.glob(f"????-??-??-*/{JSON}")):
            if chain.FOLDER.fullmatch(path.parent.name):
                self._days.setdefault(path.parent.name[11:], []).append(path.parent.name[:10])
        self._written: dict[str, Written] = {}  # the newest of each kind

    def before(self, kind: str, day: date) -> Path | None:
        """The edition.json of the newest letter of a kind before a day, if it is no older than what is remembered."""
        days = self._days.get(kind, [])
        place = bisect_left(days, f"{day}")
        if not place or days[place - 1] < f"{day - timedelta(days=memory.LAPSE)}":
            return None
        return self._job.editions / f"{days[place - 1]}-{kind}" / JSON

    def write(self, letter: Prepared) -> Written:
        """Choose the words of a letter on its groundwork; raises as `composed` does."""
        order = self._order(letter)
        edition = composing.write(letter.ground, order, later=self._later(order))
        content = to_json(edition)
        digest = hashlib.sha256(content).hexdigest()
        entry = chain.Entry(id=edition.id, sha256=digest, previous=order.previous)
        known = self.links.get(edition.id)
        self.links[edition.id] = chain.again(known, entry) if known else entry
        if known is None or (self._last and self._last.id == edition.id):
            self._last = self.links[edition.id]
        days = self._days.setdefault(order.kind, [])
        if days[bisect_left(days, f"{order.today}") :][:1] != [f"{order.today}"]:
            insort(days, f"{order.today}")
        letters = self._job.settings.build.memory
        remembered = memory.following(edition, digest, letters=letters) if letters else memory.NONE
        self._written[order.kind] = Written(id=edition.id, moment=edition.moment, content=content, memory=remembered)
        return self._written[order.kind]

    def _order(self, letter: Prepared) -> composing.Order:
        """The order of a letter with memory, restatements and chain."""
        order, letters = letter.order, self._job.settings.build.memory
        known = self.links.get(order.id)
        previous = known.previous if known else self._end()
        path, own = self.before(order.kind, order.today), self._written.get(order.kind)
        if path is not None and own is not None and own.id == path.parent.name:
            if letter.calm == own.moment:
                return replace(order, previous=previous, memory=own.memory)
            earlier: tuple[Path, bytes] | None = (path, own.content)
        else:
            earlier = (path, pipeline.read(path)) if path else None
        return replace(pipeline.following(order, earlier, self._later(order), letters=letters), previous=previous)

    def _end(self) -> Link | None:
        """The last edition of the chain."""
        return Link(id=self._last.id, sha256=self._last.sha256) if self._last else None

    def _later(self, order: composing.Order) -> Callable[[], Later]:
        """What is known at the moment of a letter, once somebody asks."""
        return lambda: self._found.view_of(order.today).later()
