"""What the parsers share: text, tables, archives and numbers out of an answer, and observations into a frame.

Whatever does not fit raises NotData with what was found; half an answer is marked as such, so that it is asked again.
"""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from generator.errors import EmptyAnswer, NotData, TooLarge
from generator.sources.feeds import COLUMNS
from generator.sources.redaction import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.sources.feeds import Batch, Wanted

LARGEST_UNPACKED = 100_000_000  # bytes of an archive: the largest we know, French's, has about 10 MB
MEMBERS = 20  # files in an archive
NOTHING = {"", ".", "N/A", "NaN"}  # a cell without a value, as one source or another writes it


def asked(batch: Batch) -> str:
    """What messages call a batch: its only series, or its label."""
    return batch.wanted[0].code if len(batch.wanted) == 1 else batch.label


def not_data(batch: Batch, problem: str, *, came: bytes | str = b"", truncated: bool = False) -> NotData:
    """The error for an answer to a batch that is not what it should be."""
    return NotData(batch.source, asked(batch), problem, came=beginning(came), truncated=truncated)


def text(body: bytes, batch: Batch) -> str:
    """The text of an answer in UTF-8, its byte order mark left out."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_data(batch, "the answer is no text", came=body) from None


def tree(body: bytes, batch: Batch) -> dict[str, Any]:
    """The object of an answer in JSON."""
    try:
        found = json.loads(text(body, batch))
    except json.JSONDecodeError as problem:
        cut = problem.pos >= len(problem.doc.rstrip()) or problem.msg.startswith("Unterminated")
        raise not_data(batch, f"the answer is no JSON ({problem.msg})", came=body, truncated=cut) from None
    except RecursionError:
        raise not_data(batch, "the answer is JSON nested without end", came=body) from None
    if not isinstance(found, dict):
        raise not_data(batch, "the answer is no JSON object", came=body)
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text: the names of its columns, and rows of at least as many cells."""

    names: list[str]
    rows: list[list[str]]


def table(body: bytes, batch: Batch, *, first: Sequence[str]) -> Table:
    """The table of an answer in CSV; empty lines are left out.

    `first` are the names the first column may have. A row that is too short ends a truncated answer; a surplus empty
    cell (a comma at the end) is allowed.
    """
    content = text(body, batch)
    try:
        lines = [row for row in csv.reader(io.StringIO(content), strict=True) if any(map(str.strip, row))]
    except csv.Error as problem:
        cut = "unexpected end" in str(problem)  # within quotes
        raise not_data(batch, f"the answer is no CSV ({problem})", came=body, truncated=cut) from None
    if not lines or lines[0][0].strip().casefold() not in {name.casefold() for name in first}:
        raise not_data(batch, f"the first column is not named {' or '.join(first)}", came=body)
    head, *rows = lines
    names = [name.strip() for name in (head if head[-1].strip() else head[:-1])]
    width = len(names)
    for number, row in enumerate(rows, start=2):
        if not width <= len(row) <= len(head) + 1:
            last = number == len(lines)
            raise not_data(
                batch, f"line {number} has {len(row)} cells, not {width}", came=",".join(row), truncated=last
            )
    if not content.endswith("\n") and _shortened([row[width - 1] for row in rows]):
        raise not_data(batch, "the last number is cut off", came=",".join(lines[-1]), truncated=True)
    return Table(names, rows)


def _shortened(cells: Sequence[str]) -> bool:
    """Whether the last cell has fewer decimals than all those before it, which all have as many."""
    decimals = [len(cell.strip().partition(".")[2]) for cell in cells if cell.strip()]
    return len(decimals) > 1 and len(set(decimals[:-1])) == 1 and decimals[-1] < decimals[0]


def archive(body: bytes, batch: Batch) -> dict[str, bytes]:
    """The files of an answer that is a zip archive; TooLarge if they unpack to more than is read."""
    files: dict[str, bytes] = {}
    room = LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            if len(members) > MEMBERS:
                raise not_data(batch, f"the archive holds {len(members)} files", came=members[0].filename)
            for member in members:
                with packed.open(member) as opened:
                    files[member.filename] = opened.read(room + 1)
                room -= len(files[member.filename])
                if room < 0:
                    raise TooLarge(batch.source, asked(batch), limit=LARGEST_UNPACKED)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as problem:
        cut = body.startswith(b"PK")
        raise not_data(batch, f"the archive cannot be read: {problem}", came=body, truncated=cut) from None
    if not files:
        raise not_data(batch, "the archive is empty", came=body)
    return files


def number(cell: str, batch: Batch, *, where: tuple[str, object]) -> float:
    """A finite number out of a cell; `where` says which: column and day."""
    try:
        found = float(cell)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise not_data(batch, f"no number in {where[0]} of {where[1]}", came=cell)
    return found


def day(cell: str, batch: Batch) -> date:
    """A date out of a cell: 2026-11-24, or as Americans write it, 11/24/2026."""
    month, _, rest = cell.partition("/")
    written = f"{rest[-4:]}-{month:0>2}-{rest[:-5]:0>2}" if rest else cell
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise not_data(batch, "no date where one belongs", came=cell) from None


Values = dict[date, float]


def put(values: Values, when: date, value: float, batch: Batch, *, code: str) -> None:
    """Note a value for a day; the same one twice is one, two different ones are refused."""
    if values.setdefault(when, value) != value:
        raise not_data(batch, f"two values of {code} for {when}: {values[when]!r} and {value!r}")


def by_column(found: Table, batch: Batch, columns: Mapping[str, str]) -> dict[str, Values]:
    """The values of each code out of its column, by the day in the first; cells that say there is none are left out."""
    values: dict[str, Values] = {}
    days = [day(row[0], batch) for row in found.rows]
    for code, column in columns.items():
        place = found.names.index(column)
        cells = [row[place].strip() for row in found.rows]
        there = [(when, cell) for when, cell in zip(days, cells, strict=True) if cell not in NOTHING]
        known = dict(zip((when for when, _ in there), _numbers(there, batch, column), strict=True))
        if len(known) < len(there):  # a day comes twice
            known = {}
            for when, cell in there:
                put(known, when, float(cell), batch, code=code)
        values[code] = known
    return values


def _numbers(there: Sequence[tuple[date, str]], batch: Batch, column: str) -> list[float]:
    """The numbers of a column; only where one is none is each looked at, to name it."""
    with suppress(ValueError):
        found = [float(cell) for _, cell in there]
        if all(map(math.isfinite, found)):
            return found
    return [number(cell, batch, where=(column, when)) for when, cell in there]


def answered(batch: Batch, found: Mapping[str, Values], *, required: Iterable[str] | None = None) -> pd.DataFrame:
    """The frame of a batch out of the values of each of its codes, from the first day wanted on.

    Each code of `required` (None: every one) must have a value somewhere in the answer; EmptyAnswer names one that has
    none.
    """
    for code in [wanted.code for wanted in batch.wanted] if required is None else required:
        if not found.get(code):
            raise EmptyAnswer(batch.source, code)
    return frame((wanted, found.get(wanted.code, {})) for wanted in batch.wanted)


def frame(parts: Iterable[tuple[Wanted, Values]]) -> pd.DataFrame:
    """Observations as a frame of COLUMNS, ascending by series and date; when they became known is not stated."""
    ids: list[str] = []
    days: list[date] = []
    numbers: list[float] = []
    for wanted, values in parts:
        own = sorted(when for when in values if wanted.since is None or when >= wanted.since)
        ids += [wanted.series_id] * len(own)
        days += own
        numbers += [values[when] for when in own]
    columns = {
        "series_id": pd.Series(ids, dtype="str"),
        "date": np.array(days, dtype="datetime64[D]").astype("datetime64[us]"),
        "value": np.array(numbers, dtype="float64"),
        "known_at": pd.Series(pd.NaT, index=range(len(ids)), dtype="datetime64[us, UTC]"),
    }
    return pd.DataFrame(columns)[list(COLUMNS)]
