"""Checking: whether what is here, and what is at the remote, can be relied on. Looked at before every push."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import chain, opinions, scrapbook
from generator.deliver.book import VERSION
from generator.edition import from_json
from generator.errors import CaplineError
from generator.state import manifest, places, witness
from generator.state.remotes import opened
from generator.state.seal import Broken, seal_of
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from generator.config import Settings
    from generator.state.manifest import Manifest
    from generator.state.places import Copy
    from generator.state.remote import Remote
    from generator.state.seal import Seal
    from generator.state.witness import Witness

NEWEST = 3  # editions that are read whole; of the others, what the chain holds
SOME = 10  # problems of one kind that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; no problems: it is well. Notes are what there is to know beside."""

    name: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


NOWHERE = "no remote is set, so only what is here was looked at; [state] remote in newsletter.toml names one"


def check(settings: Settings, *, full: bool = False) -> Iterator[Finding]:
    """Look at everything here, then at the remote, if one is set; with `full`, open every part there."""
    witness.finish(settings)
    known = witness.read(settings)
    with places.copies(settings) as found:
        yield from local(settings, found)
        differ = places.unlike(known.known, found) if known else []
    if not settings.state.remote:
        yield Finding(name="state elsewhere", notes=(NOWHERE,))
        return
    seal = seal_of(settings)
    with opened(settings) as remote:
        latest = remote.latest()
        if latest is None:
            yield Finding(name=f"state at {remote.name}", problems=("there is none",))
            return
        there = manifest.opened(latest.content, seal, where=remote.name)
        yield Finding(name=f"state at {remote.name}", notes=tuple(_about(there)))
        yield _together(known, there, differ)
        yield Finding(name="parts", problems=tuple(_parts(remote, there, seal, full=full)))


def local(settings: Settings, found: Mapping[str, Copy]) -> Iterator[Finding]:
    """Look at copies of the files here."""
    looks: dict[str, tuple[str, Callable[[Path], Iterator[str]]]] = {
        places.STORE: ("store", _store),
        places.BOOK: ("readers and ledger", _book),
        places.APART: ("second opinions", lambda _: _beside(opinions.opened, settings.fetch.store)),
        places.NEWS: ("headlines", lambda _: _beside(scrapbook.opened, settings.fetch.store)),
    }
    for name, (words, look) in looks.items():
        if name in found:
            yield Finding(name=words, problems=tuple(look(found[name].path)))
    if any(name.startswith("editions/") for name in found):
        yield Finding(name="editions and their chain", problems=tuple(_editions(settings.build.output / "editions")))


def _store(path: Path) -> Iterator[str]:
    try:
        with Store.open(path) as store:
            store.fingerprint()  # reads every block, and so its checksum
    except CaplineError as problem:
        yield str(problem)


def _book(path: Path) -> Iterator[str]:
    book = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        found = [str(row[0]) for row in book.execute(f"PRAGMA integrity_check({SOME})")]
        if found != ["ok"]:
            yield from found
            return
        version = int(book.execute("PRAGMA user_version").fetchone()[0])
        if version != VERSION:
            yield f"it is of version {version}, this Capline knows version {VERSION}"
            return
        stray = "SELECT count(*) FROM delivery WHERE edition NOT IN (SELECT number FROM edition)"
        if count := book.execute(stray).fetchone()[0]:
            yield f"{count:,} deliveries are of no edition"
    except sqlite3.Error as problem:
        yield str(problem)
    finally:
        book.close()


def _beside(read: Callable[[Path], object], store: Path) -> Iterator[str]:
    """What is kept beside the store."""
    try:
        read(store)
    except CaplineError as problem:
        yield str(problem)


def _editions(editions: Path) -> Iterator[str]:
    try:
        for one in chain.check(editions):
            yield f"{one.where}: found {one.printed}, expected {one.expected}"
        newest = sorted(editions.glob("*/edition.json"))[-NEWEST:]
        for path in newest:
            from_json(path.read_bytes(), path=path)
    except CaplineError as problem:
        yield str(problem)


def _about(there: Manifest) -> Iterator[str]:
    size = sum(file.size for file in there.files.values())
    yield f"number {there.number}, of {there.made:%Y-%m-%d %H:%M} UTC: {len(there.files):,} files, {size / 1e6:,.1f} MB"
    if there.sending:
        yield (
            f"a run began to send {there.sending.edition} at {there.sending.since:%Y-%m-%d %H:%M} UTC and has not told"
            " what became of it; its readers are uncertain there"
        )


def _together(known: Witness | None, there: Manifest, differ: list[str]) -> Finding:
    """How what is here stands to what is there."""
    name = "here and there"
    if known is None or not known.id:
        return Finding(name=name, problems=("this folder was never brought together with it: `capline state pull`",))
    notes = (f"{len(differ):,} files here are not pushed yet",) if differ else ()
    if there.id in {known.id, known.offered}:
        return Finding(name=name, notes=notes)
    if there.number <= known.number:
        problem = f"it went back: number {there.number} is there, this folder has seen number {known.number}"
    else:
        problem = f"it is ahead of this folder, which has seen number {known.number}: `capline state pull`"
    return Finding(name=name, problems=(problem,), notes=notes)


def _parts(remote: Remote, there: Manifest, seal: Seal, *, full: bool) -> Iterator[str]:
    """Parts that are missing; with `full`, files that cannot be opened or are not what they were."""
    sizes = remote.sizes()
    missing = {part for part in there.parts if part not in sizes}
    for name, file in there.files.items():
        if gone := missing.intersection(file.parts):
            yield f"{name}: {len(gone)} of {len(file.parts)} parts are missing"
        elif full:
            try:
                for _ in contents(remote, file, seal):
                    pass
            except Broken:
                yield f"{name}: it is not what was pushed"


def contents(remote: Remote, file: manifest.Kept, seal: Seal) -> Iterator[bytes]:
    """The content of a file at a remote, part by part; Broken, at the latest at its end, if it was altered."""
    digest, size = hashlib.sha256(), 0
    for name, sealed in zip(file.parts, remote.read(file.parts), strict=True):
        content = seal.open(name, sealed, limit=manifest.PART + 1)
        digest.update(content)
        size += len(content)
        yield content
    if (digest.hexdigest(), size) != (file.sha256, file.size):
        raise Broken(file.sha256)
