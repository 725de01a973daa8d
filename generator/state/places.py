"""The places: which files here are the state, under which names, and copies of them that nobody writes to meanwhile."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import files, opinions, scrapbook
from generator.deliver.book import book_errors
from generator.errors import BookError, CannotWrite, StoreError, Unreadable
from generator.state.manifest import FILE
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from generator.config import Settings

STORE, APART, NEWS = "store/live.duckdb", "store/apart.json", "store/news.json"
BOOK, KEY = "readers/readers.sqlite", "readers/key"
OWN = {BOOK, KEY}  # for their owner's eyes only
BESIDE = ("-wal", "-shm", ".wal")  # what databases keep beside a file; it belongs to that very file
CHUNK = 1 << 20  # bytes that are read at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file of the state as it is now: where it can be read, its size in bytes, and its digest."""

    path: Path
    size: int
    sha256: str


def folder(settings: Settings) -> Path:
    """Where this machine keeps what it knows of the state."""
    return settings.build.output / "state"


def place(settings: Settings, name: str) -> Path:
    """Where a file of the state lies here."""
    named = {
        STORE: settings.fetch.store,
        APART: opinions.place(settings.fetch.store),
        NEWS: scrapbook.place(settings.fetch.store),
        BOOK: settings.mail.readers,
        KEY: settings.mail.key_file,
    }
    return named.get(name) or settings.build.output / name


def present(settings: Settings) -> dict[str, Path]:
    """The files of the state that are here, by name."""
    found = {name: place(settings, name) for name in (STORE, APART, NEWS, BOOK, KEY)}
    for part in ("editions", "runs"):
        root = settings.build.output / part
        for path in root.rglob("*"):
            name = path.relative_to(settings.build.output).as_posix()
            if FILE.fullmatch(name) and path.is_file():
                found[name] = path
    return {name: path for name, path in sorted(found.items()) if path.is_file()}


@contextmanager
def quiet(settings: Settings) -> Iterator[None]:
    """Nobody builds or sends here meanwhile; Busy if somebody does."""
    with files.held(settings.build.output), files.held(settings.mail.readers.with_suffix(".sending")):
        yield


@contextmanager
def copies(settings: Settings) -> Iterator[dict[str, Copy]]:
    """Every file of the state, databases as they are between two transactions; nobody builds or sends meanwhile."""
    drafts = folder(settings) / "outgoing"
    with quiet(settings):
        shutil.rmtree(drafts, ignore_errors=True)
        try:
            try:
                drafts.mkdir(parents=True, mode=0o700)
                found = {name: _copied(name, path, drafts) for name, path in present(settings).items()}
            except OSError as problem:
                raise CannotWrite(drafts, problem.strerror or str(problem)) from problem
            yield found
        finally:
            shutil.rmtree(drafts, ignore_errors=True)


def _copied(name: str, path: Path, drafts: Path) -> Copy:
    try:
        if name == BOOK:
            return described(copy_book(path, drafts / path.name))
        if name == STORE:
            return described(_copy_store(path, drafts / path.name))
    except (BookError, StoreError):  # it is damaged, which the look at it tells
        pass
    return described(path)


def described(path: Path) -> Copy:
    """A file with its size and digest."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces(path):
        digest.update(piece)
        size += len(piece)
    return Copy(path=path, size=size, sha256=digest.hexdigest())


def pieces(path: Path) -> Iterator[bytes]:
    """A file, a megabyte at a time."""
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None


def copy_book(path: Path, draft: Path) -> Path:
    """The book as it is between two transactions, journal included; equal books give equal bytes."""
    with book_errors(path):
        source = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
        target = sqlite3.connect(draft)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
    return draft


def _copy_store(path: Path, draft: Path) -> Path:
    """The store, which nobody writes to while it is copied; what its journal holds is put into the file first."""
    journal = path.with_name(f"{path.name}.wal")
    with Store.open(path, read_only=not journal.exists()):
        pass
    with Store.open(path):
        shutil.copyfile(path, draft)
    return draft


def unlike(known: Mapping[str, str], found: Mapping[str, Copy]) -> list[str]:
    """Files that are not as they were when last pushed or pulled: changed, new or gone."""
    names = sorted(known.keys() | found.keys())
    return [name for name in names if known.get(name) != (found[name].sha256 if name in found else None)]
