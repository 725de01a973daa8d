"""What other processes do for a back-fill: functions of plain values, which need only the store, and give plain values.

A process opens the store once and keeps it, with the chart engine; it does one thing at a time.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import __version__, chain, composing, guard, pipeline
from generator.edition import from_json
from generator.errors import DamagedEdition, StrangeWorker
from generator.render import render
from generator.render.sheets import short
from generator.render.studio import Studio
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from generator.config import Settings
    from generator.pipeline import Asked, Holdings

JSON = "edition.json"
_working = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all letters of a back-fill share. Paths are absolute: a worker may run in another folder."""

    settings: Settings
    today: date
    now: datetime
    forms: tuple[str, ...]
    version: str
    prose: str  # digest
    store: str  # fingerprint of all that it holds

    @property
    def editions(self) -> Path:
        """The folder of the editions."""
        return self.settings.build.output / "editions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A letter without its words."""

    order: composing.Order
    ground: composing.Groundwork
    calm: datetime | None  # the moment of the letter before, if nothing that was known then has been restated since


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What lies in the folder of a letter that may have been made before."""

    id: str
    kept: bool  # it is as it would be made again
    missing: tuple[str, ...] = ()  # forms that are asked for and not there, or are of another edition


def prepare(job: Job, asked: Asked, before: date | None) -> Prepared:
    """Lay the groundwork of a letter; `before` is the day of that of its kind before it. Raises as `composed` does."""
    with _working:
        found = _opened(job)
        view, order = pipeline.ordered(found, job.settings, asked, today=job.today)
        ground = composing.groundwork(view, order)
        calm = None
        if before is not None:
            now = view.later()
            then = now.as_of(found.view_of(before).moment, before)
            calm = None if any(then.restatements(series) for series in now.series) else then.moment
        return Prepared(order=order, ground=ground, calm=calm)


def print_forms(job: Job, content: bytes, forms: tuple[str, ...]) -> Mapping[str, bytes]:
    """Make forms of an edition.json, and have the guard read them; RenderError and UnprovenText.

    The edition itself comes last: where it lies, the others lie.
    """
    with _working:
        _opened(job)  # what a stranger makes is not taken
        edition = from_json(content, path=job.editions / JSON)
        made = render(edition, forms, papers=job.settings.build.papers, workshop=_studio, json=content)
        pipeline.check_forms(made, guard.supplied(edition), guard.quoted(edition))
        last = {JSON: made.pop(JSON)} if JSON in made else {}
        return made | last


def look(job: Job, asked: Asked, before: Path | None, link: chain.Entry | None) -> Looked:
    """Whether a letter lies there as it would be made again from what is known; its words are not made for that.

    `before` is the edition.json of the letter of its kind before it, `link` its place in the chain. Headlines of others
    do not count: those that an old letter quotes may be forgotten by now. Raises as `composed` does.
    """
    with _working:
        found = _opened(job)
        view, order = pipeline.ordered(found, job.settings, asked, today=job.today)
        path = job.editions / order.id / JSON
        if link is None or not path.exists():
            return Looked(id=order.id, kept=False)
        content = pipeline.read(path)
        if hashlib.sha256(content).hexdigest() != link.sha256:
            return Looked(id=order.id, kept=False)
        letters = job.settings.build.memory
        try:
            earlier = (before, pipeline.read(before)) if before else None
            order = pipeline.following(order, earlier, view.later, letters=letters)
            edition = from_json(content, path=path)
        except DamagedEdition:
            return Looked(id=order.id, kept=False)
        made_of, now = edition.provenance, (job.version, job.prose, view.fingerprint(), order.settings, order.source)
        then = (made_of.version, made_of.prose, made_of.store, made_of.settings, made_of.source)
        same = (
            (order.universe.withheld, order.memory, order.restated, link.previous, view.moment)
            == (made_of.withheld, made_of.memory, made_of.restated, made_of.previous, edition.moment)
        )  # fmt: skip
        if then != now or not same:
            return Looked(id=order.id, kept=False)
        return Looked(id=order.id, kept=True, missing=_missing(job, path.parent, link.sha256))


def _missing(job: Job, folder: Path, digest: str) -> tuple[str, ...]:
    """The forms asked for that are not in a folder, or name another edition. Of a PDF only that it is there is seen."""
    marks = {
        "web": {"index.html": digest, "evidence.html": digest},
        "mail": {"letter.eml": digest},
        "text": {"letter.txt": short(digest)},
        "pdf": {f"letter-{paper}.pdf": "" for paper in job.settings.build.papers},
    }
    return tuple(
        form
        for form in job.forms
        if any(
            not (folder / name).is_file() or mark.encode() not in (folder / name).read_bytes()
            for name, mark in marks.get(form, {}).items()
        )
    )


_rooms: list[tuple[Job, Holdings]] = []  # of the job that this process works at
_studio = Studio()


def _opened(job: Job) -> Holdings:
    """The store of a job, opened once in a process; StrangeWorker if letters would come out differently here."""
    if not _rooms or _rooms[0][0] != job:
        while _rooms:
            _rooms.pop()[1].store.close()
        _same("version of Capline", job.version, __version__)
        _same("prose", job.prose, composing.prose_digest())
        store = Store.open(job.settings.store)
        _same("store", job.store, store.fingerprint())
        _rooms.append((job, pipeline.holdings(store, job.settings, now=job.now)))
    return _rooms[0][1]


def _same(what: str, ours: str, theirs: str) -> None:
    if ours != theirs:
        raise StrangeWorker(what, ours=ours, theirs=theirs)
