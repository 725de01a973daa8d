"""A user's own series: a CSV file with a date and a value in each row, and perhaps when it became known.

A code is `path::date column::value column::known_at column`, the last empty where there is none. A date is written as
2026-09-18 or, for a month, 2026-09; a moment as 2026-09-18T14:00:00-04:00, or as a day.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from generator.errors import EmptyAnswer, NotData, UnknownCode, Unreachable
from generator.sources.feeds import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.sources.feeds import Wanted
    from generator.sources.http import Access

LARGEST = 20_000_000  # bytes
NOTHING = {"", ".", "NA", "N/A"}
SHORT = {4: "{}-01-01", 7: "{}-01"}  # a year or a month alone is its first day


@dataclass(frozen=True, slots=True)
class Csv:
    """The edge to files on this machine."""

    name: str = "csv"
    hosts: tuple[str, ...] = ()

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch a series."""
        return [
            Batch(source=self.name, label=one.code.split("::")[0], wanted=(one,), first=one.since, last=today)
            for one in wanted
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:  # noqa: ARG002 -- as every edge is called
        """Read a file whole. Raises Unreachable, NotData, UnknownCode for a column that is not there, EmptyAnswer."""
        (wanted,) = batch.wanted
        path = Path(wanted.code.split("::")[0])
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as problem:
            raise Unreachable(self.name, str(path), problem.strerror or "it cannot be read") from None
        if len(content) > LARGEST:
            raise NotData(self.name, str(path), f"the file is larger than {LARGEST / 1e6:.0f} MB")
        return parse_file(content, wanted)


EDGE = Csv()


def parse_file(content: bytes, wanted: Wanted) -> pd.DataFrame:
    """The observations of a file; rows without a value are left out. Raises NotData with the line that is at fault."""
    path, date_column, value_column, known_column = wanted.code.split("::")
    try:
        rows = list(csv.reader(content.decode("utf-8-sig").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise NotData("csv", path, f"this is no CSV in UTF-8: {problem}") from None
    head = [name.strip() for name in rows[0]] if rows else []
    for column in filter(None, (date_column, value_column, known_column)):
        if column not in head:
            raise UnknownCode("csv", f"{path}, column {column!r} (there: {', '.join(head)})")
    found: dict[tuple[date, str], float] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        if cells.get(value_column, "") in NOTHING:
            continue
        line = _Line(path, number)
        place = line.day(cells.get(date_column, "")), cells.get(known_column, "") if known_column else ""
        value = line.value(cells[value_column])
        if found.setdefault(place, value) != value:
            raise line.error(f"a second value for {place[0]}")
        line.moment(place[1])
    if not found:
        raise EmptyAnswer("csv", path)
    moments = [_Line(path, 0).moment(known) or pd.NaT for _, known in found]
    return pd.DataFrame(
        {
            "series_id": pd.Series([wanted.series_id] * len(found), dtype="str"),
            "date": pd.DatetimeIndex([day for day, _ in found]).as_unit("us"),
            "value": list(found.values()),
            "known_at": pd.Series(pd.DatetimeIndex(moments, tz="UTC").as_unit("us")),
        }
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file, which its errors name."""

    path: str
    number: int

    def error(self, problem: str) -> NotData:
        return NotData("csv", self.path, f"line {self.number}: {problem}")

    def day(self, text: str) -> date:
        try:
            return date.fromisoformat(SHORT.get(len(text), "{}").format(text))
        except ValueError:
            raise self.error(f"{text!r} is no date (2026-09-18)") from None

    def moment(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise self.error(f"{text!r} is no moment (2026-09-18T14:00:00-04:00)") from None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    def value(self, text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise self.error(f"{text!r} is no number")
        return found
