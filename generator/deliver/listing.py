"""Readers given out: a segment listed, or written to a file with all that is kept of them."""

from __future__ import annotations

import csv
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from generator.deliver.rows import COLUMNS
from generator.errors import CannotWrite, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.deliver.book import Book
    from generator.deliver.segments import Segment


class Known(NamedTuple):
    """A reader as the book has it; `status` is "" or why nothing is sent."""

    address: str
    language: str
    frequency: str
    tags: str
    joined: str
    proof: str
    status: str


def every(book: Book, segment: Segment) -> Iterator[Known]:
    """The readers of a segment in the order they came, suppressed ones too."""
    condition, given = segment.condition
    found = book.execute(
        "SELECT"  # noqa: S608 -- made of our own words
        " address, language, frequency, trim(tags), coalesce(nullif(joined, ''), at, ''),"
        " coalesce(nullif(proof, ''), 'import of ' || file, ''), coalesce(reason, '') FROM reader"
        " LEFT JOIN (SELECT key AS held, reason FROM suppression) AS away ON held = reader.key"
        " LEFT JOIN import ON import.number = reader.origin >> 32"
        f" WHERE {condition} ORDER BY reader.id",
        given,
    )
    return (Known(*row) for row in found)


def tally(book: Book) -> dict[str, int]:
    """How many readers there are, by why nothing is sent to them; "": they get letters."""
    found = book.execute(
        "SELECT coalesce(reason, ''), count(*) FROM reader"
        " LEFT JOIN suppression ON suppression.key = reader.key GROUP BY 1 ORDER BY 1"
    )
    return {str(status): int(count) for status, count in found}


def give_out(book: Book, path: Path, segment: Segment) -> int:
    """Write a segment to a CSV or JSONL file that only its owner may read, with status and proof; gives the count."""
    lines = path.suffix.lower() in {".jsonl", ".ndjson"}
    if not lines and path.suffix.lower() != ".csv":
        raise UnknownName("kind of file of readers", path.suffix or path.name, (".csv", ".jsonl"))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", newline="") as file:
            table = csv.writer(file)
            if not lines:
                table.writerow(COLUMNS)
            for count, one in enumerate(every(book, segment), start=1):  # noqa: B007 -- the last is the count
                if lines:
                    file.write(json.dumps(one._asdict() | {"tags": one.tags.split()}, ensure_ascii=False) + "\n")
                else:
                    table.writerow(one)
        draft.replace(path)
    except OSError as problem:
        raise CannotWrite(path, problem.strerror or str(problem)) from problem
    finally:
        draft.unlink(missing_ok=True)
    return count
