"""The book: readers, suppressed addresses and deliveries, for its owner's eyes only.

One SQLite file by default; a PostgreSQL database by its URL, which `postgres` makes look like one. What is asked of it
is written in the SQL that both know; the few words that differ are translated there.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from generator.errors import BookError, Busy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Given = Sequence[Any] | Mapping[str, Any]

VERSION = 1
PATIENCE = 60.0  # seconds to wait for another writer; an import of a million readers is one transaction
SCHEMA = """
CREATE TABLE reader (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, so that no link and no delivery changes its reader
    address TEXT NOT NULL,                 -- as it is written to
    key TEXT NOT NULL UNIQUE,              -- the same for all spellings of one mailbox
    language TEXT NOT NULL DEFAULT '',     -- '': any
    frequency TEXT NOT NULL DEFAULT 'daily',
    tags TEXT NOT NULL DEFAULT ' ',        -- ' early vip '
    joined TEXT NOT NULL DEFAULT '',       -- ISO 8601; '': when its import says
    proof TEXT NOT NULL DEFAULT '',        -- how consent was given
    origin INTEGER NOT NULL DEFAULT 0      -- import << 32 | line
);
CREATE TABLE import (number INTEGER PRIMARY KEY, file TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE suppression (
    key TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE edition (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,                  -- of letter.eml
    dated TEXT NOT NULL                    -- the Date of every message of it
);
CREATE TABLE delivery (
    edition INTEGER NOT NULL,
    reader INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    ready REAL NOT NULL DEFAULT 0,         -- seconds since 1970: not before
    answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (edition, reader)
) WITHOUT ROWID;
"""


class Found(Protocol):
    """What a statement found, or did."""

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""

    @property
    def lastrowid(self) -> int | None:
        """The number that the row entered last was given."""

    def fetchone(self) -> Any:  # noqa: ANN401 -- a row, or None
        """The next row."""

    def fetchall(self) -> list[Any]:
        """All rows."""

    def __iter__(self) -> Iterator[Any]:
        """Row after row."""


class Book(Protocol):
    """An open book, as sqlite3 has a connection."""

    @property
    def in_transaction(self) -> bool:
        """Whether what is done is not yet for good."""

    @property
    def total_changes(self) -> int:
        """Rows changed since it was opened."""

    def execute(self, statement: str, given: Given = (), /) -> Found:
        """Do one thing."""

    def executemany(self, statement: str, given: Sequence[Given], /) -> Found:
        """Do one thing for many."""

    def close(self) -> None:
        """Close it."""


@contextmanager
def opened(place: Path | str) -> Iterator[Book]:
    """The book, made on first use, for readers of one process; it may be used from several threads, one at a time.

    `place` is a file, or the URL of a PostgreSQL database. Every statement outside `written` stands alone. Raises
    BookError for what is no book or cannot be used, MissingExtra and BadSetting for a database.
    """
    if not isinstance(place, Path):
        from generator.deliver import postgres  # noqa: PLC0415 -- its library is an extra

        with postgres.opened(place) as book:
            yield book
        return
    path = place
    with book_errors(path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        book = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        with book_errors(path):
            _prepare(book, path)
        try:
            yield book
        except sqlite3.Error as problem:
            raise BookError(path, str(problem)) from problem
    finally:
        book.close()


@contextmanager
def alone(book: Book, place: Path | str, what: str) -> Iterator[None]:
    """Let nobody else on any machine do the same with this book meanwhile: Busy. A file is held by `files.held`."""
    if isinstance(place, Path):
        yield
        return
    from generator.deliver import postgres  # noqa: PLC0415 -- as above

    if not postgres.hold(book, what):
        raise Busy(Path(postgres.shown(place)))
    try:
        yield
    finally:
        postgres.let_go(book, what)


def _prepare(book: sqlite3.Connection, path: Path) -> None:
    book.execute("PRAGMA journal_mode=WAL")
    book.execute("PRAGMA synchronous=FULL")  # what is committed is on the disk, whatever happens to the machine
    book.execute("PRAGMA cache_size=-65536")  # kilobytes
    book.execute("PRAGMA temp_store=FILE")
    with written(book):
        found = int(book.execute("PRAGMA user_version").fetchone()[0])
        if found == 0 and not book.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in SCHEMA.split(";\n"):
                book.execute(statement)
            book.execute(f"PRAGMA user_version={VERSION}")
        elif found != VERSION:
            raise BookError(path, f"it is of version {found}, this Capline knows version {VERSION}")


@contextmanager
def written(book: Book) -> Iterator[None]:
    """One transaction: all of it or nothing is in the book, and on the disk, when it ends."""
    book.execute("BEGIN IMMEDIATE")
    try:
        yield
        book.execute("COMMIT")
    finally:
        if book.in_transaction:
            book.execute("ROLLBACK")


@contextmanager
def book_errors(path: Path | str) -> Iterator[None]:
    """Say of what goes wrong with the file which file it is."""
    try:
        yield
    except sqlite3.Error as problem:
        raise BookError(path, str(problem)) from problem
    except OSError as problem:
        raise BookError(path, problem.strerror or str(problem)) from problem
