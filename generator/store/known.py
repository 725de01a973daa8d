"""What is known of one series by a moment: every row, the newest value of each day, and the lines of its digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import add, itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCH = date(1970, 1, 1).toordinal()
CENTURY = 36525  # days: calendars are written out in such pieces, so that series of any length share them


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Observations of one or several series, in order of series, day and moment: one entry of each array a row."""

    days: NDArray[np.int32]  # since 1970
    moments: NDArray[np.int64]  # microseconds since 1970, UTC
    figures: NDArray[np.float64]
    observed: NDArray[np.bool_]

    def __getitem__(self, which: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
        """Some of the rows."""
        return Rows(self.days[which], self.moments[which], self.figures[which], self.observed[which])

    def __len__(self) -> int:
        """How many rows."""
        return len(self.days)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A series as it was known at a moment."""

    rows: Rows  # revised ones included
    newest: Rows  # the last of each day
    history: pd.Series[float]  # of `newest`

    @classmethod
    def of(cls, series_id: str, rows: Rows) -> Known:
        """Find the newest value of each day; `rows` are of one series and not empty.

        A row whose moment is derived does not count after one of the same day that was observed: it was a guess at the
        first publication.
        """
        last = np.ones(len(rows), dtype=bool)
        last[:-1] = rows.days[1:] != rows.days[:-1]
        newest = rows if last.all() else _valid(rows)
        newest.figures.flags.writeable = False
        index = pd.DatetimeIndex(newest.days.astype("datetime64[D]"), name="date").as_unit("us")
        return cls(rows, newest, pd.Series(newest.figures, index=index, name=series_id, copy=False))

    def row(self, day: date, *, after: bool = False) -> int:
        """The first row of the newest values whose day is not before `day`, or (`after`) is later than it."""
        return int(self.newest.days.searchsorted(np.int32(day.toordinal() - EPOCH), side="right" if after else "left"))

    def lines(self) -> tuple[bytes, NDArray[np.int64]]:
        """A line `YYYY-MM-DD,value` for each of the newest values, and where each ends (0 first).

        Values are written as Python's repr. Many occur often, and each is written once.
        """
        days, bits = self.newest.days, self.newest.figures.view(np.int64)  # 0.0 and -0.0 are equal but read differently
        first, last = int(days[0]), int(days[-1])
        distinct, place = np.unique(bits, return_inverse=True)
        written = [repr(value) for value in distinct.view(np.float64).tolist()]
        dates = _each(_calendar(first // CENTURY, last // CENTURY), days - first // CENTURY * CENTURY)
        lines = list(map(add, dates, _each(written, place)))
        ends = np.zeros(len(lines) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, lines), np.int64, len(lines)) + 1, out=ends[1:])
        return ("\n".join(lines) + "\n").encode("ascii"), ends


def _valid(rows: Rows) -> Rows:
    """The last row of each day, derived ones after an observed one left out."""
    if rows.observed.any():
        seen = np.cumsum(rows.observed)
        starts = np.flatnonzero(np.r_[True, rows.days[1:] != rows.days[:-1]])
        before: NDArray[np.int64] = np.repeat(seen[starts] - rows.observed[starts], np.diff(np.r_[starts, len(rows)]))
        rows = rows[rows.observed | (seen == before)]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = rows.days[1:] != rows.days[:-1]
    return rows[last]


@lru_cache(maxsize=8)
def _calendar(first: int, last: int) -> list[str]:
    """Every day of some centuries since 1970, each followed by a comma."""
    days = np.arange(first * CENTURY, (last + 1) * CENTURY).astype("datetime64[D]")
    return [f"{day}," for day in np.datetime_as_string(days).tolist()]


def _each(texts: list[str], places: NDArray[Any]) -> tuple[str, ...]:
    """The texts at some places."""
    return itemgetter(*places.tolist())(texts) if len(places) > 1 else (texts[places[0]],)
