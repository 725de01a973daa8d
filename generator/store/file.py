"""The file of a store: making it, opening it, and what DuckDB's errors mean for the person who asked.

A file is opened to read first, whatever is wanted of it, so that one that is no store of ours is never touched.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from generator.errors import Busy, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = "capline.observations"
VERSION = 2
READABLE = (1, VERSION)  # version 1 knows no `observed` and no `fetches`; the first write to it brings both
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
TABLES = """
    CREATE TABLE meta (schema_name VARCHAR NOT NULL, version INTEGER NOT NULL);
    CREATE TABLE series (
        id VARCHAR NOT NULL, label VARCHAR NOT NULL, unit VARCHAR NOT NULL, frequency VARCHAR NOT NULL,
        publisher VARCHAR NOT NULL, release VARCHAR NOT NULL, terms VARCHAR NOT NULL
    );
    CREATE TABLE observations (
        series_id VARCHAR NOT NULL, date DATE NOT NULL, known_at TIMESTAMP NOT NULL, -- UTC, to the microsecond
        value DOUBLE NOT NULL, source VARCHAR NOT NULL, observed BOOLEAN DEFAULT false
    );
"""
FETCHES = """
    CREATE TABLE fetches (
        series_id VARCHAR NOT NULL, source VARCHAR NOT NULL, fetched_at TIMESTAMP NOT NULL, -- UTC
        whole BOOLEAN NOT NULL, instead_of VARCHAR NOT NULL
    );
"""
MIGRATION = (
    "ALTER TABLE observations ADD COLUMN observed BOOLEAN DEFAULT false",
    FETCHES,
    "UPDATE meta SET version = 2",
)
NO_ROOM = ("No space left", "File too large", "Disk quota exceeded", "Could not write", "Permission denied")
START_AGAIN = "move it away and load the sources again, or choose another place for the store in newsletter.toml"


def create_file(path: Path) -> None:
    """Make an empty store under another name and link it into place."""
    for found in (path, path.with_name(f"{path.name}.wal")):
        if found.exists():
            raise StoreError(found, "there is a file here already", hint="open it, or move it out of the way")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritable(path, problem.strerror or str(problem)) from problem
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with reactions(path), duckdb.connect(str(fresh), config=OFFLINE) as connection:
            connection.execute(TABLES + FETCHES)
            connection.execute("INSERT INTO meta VALUES (?, ?)", [SCHEMA, VERSION])
        os.link(fresh, path)  # unlike a rename, never over a store that another run has just made
    except FileExistsError as problem:
        raise Busy(path) from problem
    except OSError as problem:
        raise _unwritable(path, problem.strerror or str(problem)) from problem
    finally:
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open a store that exists, after a look at what it is; StoreError and Busy as `Store.open` says."""
    _require_database(path)
    with reactions(path):
        connection = duckdb.connect(str(path), read_only=True, config=OFFLINE)
        try:
            _require_version(path, connection)
        except (StoreError, duckdb.Error):
            connection.close()
            raise
        if read_only:
            return connection
        connection.close()
        return duckdb.connect(str(path), config=OFFLINE)


@contextmanager
def reactions(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of a file into what a person can do about it."""
    try:
        yield
    except (duckdb.BinderException, duckdb.ParserException):
        raise  # a fault of ours, not of the file
    except duckdb.Error as problem:
        words = str(problem).splitlines()[0]
        if "lock on file" in words or "different configuration" in words:
            raise Busy(path) from problem
        if any(sign in words for sign in NO_ROOM):
            raise _unwritable(path, words) from problem
        raise StoreError(path, f"the store is damaged or cannot be read: {words}", hint=START_AGAIN) from problem


def is_old(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file is of a version before `observed` and `fetches`."""
    ((version,),) = connection.execute("SELECT version FROM meta").fetchall()
    return bool(version < VERSION)


def _unwritable(path: Path, words: str) -> StoreError:
    return StoreError(
        path,
        f"the store cannot be written, and is as it was before: {words}",
        hint="make room on the disk, or choose a place for the store that you may write in newsletter.toml",
    )


def _require_database(path: Path) -> None:
    """Refuse what is no DuckDB file, by its first bytes."""
    try:
        with path.open("rb") as file:
            opening = file.read(12)
    except FileNotFoundError as problem:
        raise StoreError(
            path, "there is no store here", hint="`capline build` makes one, of live data `capline fetch`"
        ) from problem
    except OSError as problem:
        raise StoreError(path, f"cannot be read: {problem.strerror}", hint=START_AGAIN) from problem
    if opening[8:12] != b"DUCK":
        raise StoreError(path, "this is not a store of capline (no DuckDB file)", hint=START_AGAIN)


def _require_version(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a database that is no store of this version."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not {"meta", "series", "observations"} <= tables:
        raise StoreError(path, "this is not a store of capline (a DuckDB file with other tables)", hint=START_AGAIN)
    found = connection.execute("SELECT * FROM meta").fetchall()
    if found not in [[(SCHEMA, version)] for version in READABLE]:
        said = ", ".join(f"{schema} version {version}" for schema, version in found) or "nothing"
        problem = f"this capline reads {SCHEMA} up to version {VERSION}; the file says {said}"
        raise StoreError(path, problem, hint=f"use the capline that made it, or {START_AGAIN}")
