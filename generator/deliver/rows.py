"""Rows of readers as they stand in a file: a table with a head, a list of addresses, or JSON lines."""

from __future__ import annotations

import codecs
import csv
import json
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import UnknownName, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

COLUMNS = ("address", "language", "frequency", "tags", "joined", "proof", "status")
NAMES = {"email": "address", "e-mail": "address", "email address": "address", "mail": "address"}
LONGEST = 100_000  # characters of a cell or a line; beyond, a quotation mark was never closed
MOST = 4_000  # characters of a reader


class Row(NamedTuple):
    """A reader as a file has it; what the file does not say is empty. A broken row has its reason, else ""."""

    line: int
    address: str
    language: str = ""
    frequency: str = ""
    tags: str = ""
    joined: str = ""
    proof: str = ""
    status: str = ""
    broken: str = ""


def columns(path: Path) -> tuple[str, ...]:
    """Which of COLUMNS a file gives; UnknownName for a head without an address, Unreadable for no file of readers."""
    with _opened(path) as file:
        if _is_json(path):
            return COLUMNS
        return tuple(name for name in _head(path, _cells(path, file))[0] if name in COLUMNS)


def rows(path: Path) -> Iterator[Row]:
    """Every row of a file; raises as `columns` does. Bytes that are no text are kept as lone surrogates."""
    with _opened(path) as file:
        yield from _json_rows(file) if _is_json(path) else _csv_rows(path, file)


def _is_json(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".txt", ".tsv", ".jsonl", ".ndjson"}:
        raise UnknownName("kind of file of readers", path.suffix or path.name, (".csv", ".tsv", ".txt", ".jsonl"))
    return suffix in {".jsonl", ".ndjson"}


def _opened(path: Path) -> TextIO:
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        return path.open(encoding=_encoding(start), errors="surrogateescape", newline="")
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8-sig"


def _head(path: Path, cells: Iterator[tuple[int, list[str]]]) -> tuple[list[str], list[str]]:
    """The names of the columns, and the first row if that is a reader already."""
    _, first = next(cells, (0, []))
    if not first:
        raise Unreadable(path, "is empty")
    if "@" in first[0]:
        return ["address"], first
    names = [cell.strip().lower() for cell in first]
    names = [NAMES.get(name, name) for name in names]
    if "address" not in names:
        raise UnknownName(f"column for the address in {path.name}, whose first line is", ",".join(first)[:80], COLUMNS)
    return names, []


def _cells(path: Path, file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Each row and the line it ends on."""
    csv.field_size_limit(LONGEST)
    table = csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        for cells in table:
            yield table.line_num, cells
    except csv.Error as problem:
        raise Unreadable(path, f"{problem}; is there a quotation mark that is never closed?") from None
    except UnicodeError as problem:
        raise Unreadable(path, f"is no text ({problem})") from None


def _csv_rows(path: Path, file: TextIO) -> Iterator[Row]:
    table = _cells(path, file)
    names, first = _head(path, table)
    width = len(names)
    order = [names.index(name) if name in names else None for name in COLUMNS]
    if first:
        yield Row(1, first[0])
    for line, cells in table:
        if not cells:
            continue
        if sum(map(len, cells)) > MOST:
            yield Row(line, cells[0][:200], broken=f"more than {MOST:,} characters")
            continue
        if len(cells) > width and any(cells[width:]):
            yield Row(line, ",".join(cells)[:200], broken=f"{len(cells)} cells under a head of {width}")
            continue
        yield Row(line, *["" if place is None or place >= len(cells) else cells[place] for place in order])


def _json_rows(file: TextIO) -> Iterator[Row]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            found = json.loads(text) if len(text) <= MOST else "too long"
        except ValueError as problem:
            yield Row(line, text.strip()[:200], broken=f"not JSON ({problem})")
            continue
        if not isinstance(found, dict) or not isinstance(found.get("address", found.get("email")), str):
            yield Row(line, text.strip()[:200], broken="no object with an address")
            continue
        given = {NAMES.get(str(name), str(name)): value for name, value in found.items()}
        if isinstance(given.get("tags"), list):
            given["tags"] = " ".join(map(str, given["tags"]))
        yield Row(line, *[str(given.get(name) or "") for name in COLUMNS])
