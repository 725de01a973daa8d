"""Readers: taken in from a file and given out again, and the suppression that no file can undo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from generator.deliver import addresses
from generator.deliver.book import book_errors, written
from generator.deliver.rejects import Reject, rejected
from generator.deliver.rows import columns, rows
from generator.deliver.segments import FREQUENCIES, LANGUAGE, TAG
from generator.errors import BadAddress, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from generator.deliver.book import Book
    from generator.deliver.rows import Row

REASONS = ("unsubscribed", "bounced", "complained")
BATCH = 10_000  # rows
KEEP = "CASE WHEN reader.{0} = '' THEN excluded.{0} ELSE reader.{0} END"  # the first proof of consent stands
SETS = {
    "language": "excluded.language", "frequency": "excluded.frequency", "tags": "excluded.tags",
    "joined": KEEP.format("joined"), "proof": KEEP.format("proof"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file: counts of rows, and of the book's readers who stay suppressed."""

    rows: int
    added: int
    updated: int
    rejected: int
    suppressed: int


def take_in(book: Book, path: Path, rejects: Path, *, now: datetime) -> Imported:
    """Take in a file of readers, whole or not at all; what is wrong in it goes to the file `rejects`, by line.

    A reader who is there already keeps number and proof and gets the file's language, frequency and tags, if it has
    such columns. Suppression stays; a `status` in the file adds to it. Raises Unreadable, UnknownName, BookError,
    CannotWrite.
    """
    given = columns(path)
    count = refused = 0
    with book_errors("the book"), written(book), rejected(rejects) as out:
        before = _count(book, "reader")
        cursor = book.execute("INSERT INTO import (file, at) VALUES (?, ?)", (path.name, now.isoformat()))
        base = int(cursor.lastrowid or 0) << 32
        every = rows(path)
        while batch := list(islice(every, BATCH)):
            count += len(batch)
            for reject in _taken(book, batch, given, base, now):
                out(reject)
                refused += 1
        added = _count(book, "reader") - before
        held = "SELECT count(*) FROM reader WHERE origin >= ? AND key IN (SELECT key FROM suppression)"
        suppressed = int(book.execute(held, (base,)).fetchone()[0])
    return Imported(rows=count, added=added, updated=count - refused - added, rejected=refused, suppressed=suppressed)


def _count(book: Book, table: str) -> int:
    return int(book.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 -- our own word


def _taken(book: Book, batch: list[Row], given: tuple[str, ...], base: int, now: datetime) -> Iterator[Reject]:
    """Enter a batch; gives what was not taken."""
    good: list[tuple[object, ...]] = []
    marked: list[tuple[str, str]] = []
    for row in batch:
        try:
            entry = _entry(row, base)
        except ValueError as problem:
            yield Reject(row.line, row.address, str(problem))
        except BadAddress as problem:
            yield Reject(row.line, row.address, problem.problem)
        else:
            good.append(entry)
            if row.status:
                marked.append((str(entry[1]), row.status.strip()))
    sets = ", ".join(f"{name} = {SETS[name]}" for name in given if name in SETS)
    changes = book.total_changes
    book.executemany(
        "INSERT INTO reader"  # noqa: S608 -- made of our own words
        " (address, key, language, frequency, tags, joined, proof, origin)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET origin = excluded.origin"
        f"{', ' if sets else ''}{sets} WHERE reader.origin < {base}",
        sorted(good, key=itemgetter(1)),  # neighbours in the index come together
    )
    if book.total_changes - changes < len(good):
        yield from _doubled(book, good, base)
    for key, reason in marked:
        suppress(book, key, reason, now=now, detail="import")


def _doubled(book: Book, good: list[tuple[object, ...]], base: int) -> Iterator[Reject]:
    """Rows whose mailbox stands further up in the same file."""
    for address, key, *_, origin in good:
        (held,) = book.execute("SELECT origin FROM reader WHERE key = ?", (key,)).fetchone()
        if held != origin:
            line = held - base
            yield Reject(int(str(origin)) - base, str(address), f"the same mailbox as line {line}")


def _entry(row: Row, base: int) -> tuple[object, ...]:
    """A row as the book keeps it; ValueError or BadAddress says what is wrong with it."""
    if row.broken:
        raise ValueError(row.broken)
    text = row.address.strip(" \t")
    written = addresses.plain(text)
    if written is not None:
        key = written.lower()
    else:
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise ValueError("is not UTF-8")
        found = addresses.address(text)
        written, key = found.written, found.key
    language, frequency, tags = _wishes(row.language, row.frequency, row.tags, row.status)
    return written, key, language, frequency, tags, row.joined, row.proof, base + row.line


@lru_cache(maxsize=4096)
def _wishes(language: str, frequency: str, tags: str, status: str) -> tuple[str, str, str]:
    """Language, frequency and tags as the book keeps them; ValueError says what is wrong."""
    language, frequency = language.strip().lower(), frequency.strip().lower() or "daily"
    if language and not LANGUAGE.fullmatch(language):
        raise ValueError(f"language {language!r} is no tag such as en or pt-br")
    if frequency not in FREQUENCIES:
        raise ValueError(f"frequency {frequency!r} is none of {', '.join(FREQUENCIES)}")
    found = tags.lower().replace(",", " ").replace(";", " ").split()
    for tag in found:
        if not TAG.fullmatch(tag):
            raise ValueError(f"tag {tag!r} has other signs than letters, digits, dots, dashes and underscores")
    if status.strip() not in ("", *REASONS):
        raise ValueError(f"status {status!r} is none of {', '.join(REASONS)}")
    return language, frequency, f" {' '.join(dict.fromkeys(found))} " if found else " "


def suppress(book: Book, mailbox: str, reason: str, *, now: datetime, detail: str = "") -> bool:
    """Send nothing more to a mailbox, by its key (`Address.key`), in the book or not; whether that is news.

    A complaint stands above the other reasons. UnknownName for a reason that is none.
    """
    if reason not in REASONS:
        raise UnknownName("reason", reason, REASONS)
    done = book.execute(
        "INSERT INTO suppression (key, reason, at, detail) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET reason = excluded.reason, at = excluded.at, detail = excluded.detail"
        " WHERE excluded.reason = 'complained' AND suppression.reason <> 'complained'",
        (mailbox, reason, now.isoformat(), detail),
    )
    return done.rowcount > 0


def lift(book: Book, mailbox: str) -> bool:
    """Take a suppression away, since the reader asked for the letter again; whether there was one."""
    return book.execute("DELETE FROM suppression WHERE key = ?", (mailbox,)).rowcount > 0
