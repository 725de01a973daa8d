"""Earlier moments seen with later knowledge: the dates a view had, with the values that are known for them now.

A fact computed from such a view differs from the printed one by what was restated since, and by nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from generator.errors import UnknownSeries
from generator.model import Evidence
from generator.store.known import EPOCH, Known

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from generator.store.known import Rows

START = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A series as it is known at the later moment: `first` is when each of its days became known (microseconds)."""

    known: Known
    first: NDArray[np.int64]
    ordered: bool  # whether days became known in the order of their dates
    starts: NDArray[np.intp]  # of the rows of each day, and the number of rows
    unsettled: NDArray[np.intp]  # places of the days with more than one value, or known later than a day after them

    @property
    def days(self) -> NDArray[np.int32]:
        """Its dates, as days since 1970."""
        return self.known.newest.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A date that was known by the earlier moment under another value, or was filled in later."""

    series_id: str
    date: date
    was: float | None  # None: a hole that was filled later
    value: float
    known_at: datetime  # when the newest value became known


class Later:
    """All that is known at a moment, to be looked at as of earlier ones. Series are read once."""

    def __init__(self, rows: dict[str, Rows], moment: datetime, lines: dict[str, Line] | None = None) -> None:
        """Call `View.later` instead."""
        self.moment = moment
        self._rows, self._lines = rows, dict(lines or {})
        self._originals: dict[tuple[int, ...], Later] = {}  # the newest
        self._texts: dict[str, tuple[bytes, NDArray[np.int64]]] = {}
        self._digests: dict[tuple[str, int, int], str] = {}
        self._hashes: dict[tuple[str, int], tuple[int, Any]] = {}  # the longest slice from a row so far

    def as_of(self, moment: datetime, day: date) -> Restated:
        """What a letter of a moment and day would have seen with today's values."""
        return Restated(self, moment, day)

    def original(self, moment: datetime, day: date) -> Restated:
        """What was known by an earlier moment, as it was known then."""
        at = (moment - START) // MICROSECOND
        kept = tuple(
            int(((found.moments <= at) & _again(found)).sum()) for found in self._rows.values()
        )  # values restated by then, by series: while they are the same, moments share what is made of them
        if kept not in self._originals:
            rows = {name: found[(found.moments <= at) | ~_again(found)] for name, found in self._rows.items()}
            same = {name: self._line(name) for name, found in rows.items() if len(found) == len(self._rows[name])}
            self._originals = {kept: Later(rows, self.moment, same)}
        return Restated(self._originals[kept], moment, day, filled=False)

    def line(self, series_id: str) -> Line | None:
        """What is known of a series; None: nothing."""
        return self._line(series_id) if series_id in self._rows else None

    @property
    def series(self) -> tuple[str, ...]:
        """The series of which anything is known, in order."""
        return tuple(sorted(self._rows))

    def _line(self, series_id: str) -> Line:
        if series_id not in self._lines:
            self._lines[series_id] = _line(series_id, self._rows[series_id])
        return self._lines[series_id]

    def digest(self, series_id: str, start: int, stop: int) -> str:
        """SHA-256 of the lines of some rows; a slice that begins as an earlier one did goes on from it."""
        key = (series_id, start, stop)
        if key not in self._digests:
            if series_id not in self._texts:
                self._texts[series_id] = self._line(series_id).known.lines()
            text, ends = self._texts[series_id]
            done, before = self._hashes.get((series_id, start), (start, None))
            if before is None or done > stop:
                done, before = start, hashlib.sha256()
            sum_ = before.copy()
            sum_.update(text[ends[done] : ends[stop]])
            self._hashes[series_id, start] = (stop, sum_)
            self._digests[key] = sum_.hexdigest()
        return self._digests[key]


class Restated:
    """A view of an earlier moment with later values: it serves the facts as a `store.View` does.

    It has every date that was known by the moment, and those up to the newest of them (and the day of the letter) that
    were filled in later. When a value became known is told as of the earlier moment. Slices carry no digest: ask
    `digest`.
    """

    def __init__(self, later: Later, moment: datetime, day: date, *, filled: bool = True) -> None:
        """Call `Later.as_of` instead; `filled`: with the dates among the known ones that were filled in later."""
        self._filled = filled
        self.moment, self.day = moment, day
        self._later = later
        self._at = (moment - START) // MICROSECOND
        self._kept: dict[str, int | NDArray[np.intp] | None] = {}

    def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """The values for each date, by series, of those series that have any."""
        found = {}
        for series_id in dict.fromkeys(series_ids):
            kept = self._rows(series_id)
            line = self._later.line(series_id)
            if kept is not None and line is not None:
                history = line.known.history
                found[series_id] = history.iloc[:kept] if isinstance(kept, int) else history.iloc[kept]
        return found

    def evidence(self, series_id: str, first: date, last: date) -> Evidence:
        """A slice without its digest; UnknownSeries if nothing was known."""
        places = self._places(series_id, first, last)
        return Evidence(series_id=series_id, first=first, last=last, known_by=self.moment, count=len(places), digest="")

    def digest(self, series_id: str, first: date, last: date) -> str:
        """The digest of a slice, as `store.View.evidence` gives it; empty if nothing of the series was known."""
        if self._rows(series_id) is None:
            return ""
        places = self._places(series_id, first, last)
        if not len(places):
            return hashlib.sha256().hexdigest()
        if isinstance(places, range) or len(places) == places[-1] - places[0] + 1:
            return self._later.digest(series_id, int(places[0]), int(places[-1]) + 1)
        return hashlib.sha256(Known.of(series_id, self._known(series_id).newest[places]).lines()[0]).hexdigest()

    def known_at(self, series_id: str, day: date) -> datetime:
        """When the value of a day became known as the letter knew it; UnknownSeries if the day has none."""
        rows = self._known(series_id).rows
        number = np.int32(day.toordinal() - EPOCH)
        start, stop = (int(rows.days.searchsorted(number, side=side)) for side in ("left", "right"))
        if start == stop:
            raise UnknownSeries(series_id)
        by_then = int(rows.moments[start:stop].searchsorted(self._at, side="right"))
        return START + int(rows.moments[start + by_then - 1 if by_then else stop - 1]) * MICROSECOND

    def observed(self, series_id: str, first: date, last: date) -> bool:
        """Whether every moment of a slice was seen when it came; UnknownSeries if nothing was known."""
        places = self._places(series_id, first, last)
        return bool(self._known(series_id).newest.observed[np.asarray(places, dtype=np.intp)].all())

    def restatements(self, series_id: str, first: date | None = None, last: date | None = None) -> list[Restatement]:
        """Where a series, or a slice of it, has another value than it had by the moment, oldest first."""
        kept, line = self._rows(series_id), self._later.line(series_id)
        if kept is None or line is None:
            return []
        places = line.unsettled
        places = places[places < kept] if isinstance(kept, int) else np.intersect1d(places, kept)
        found = []
        for place in places.tolist():
            day = date.fromordinal(int(line.days[place]) + EPOCH)
            if (first and day < first) or (last and day > last):
                continue
            mine = line.known.rows[int(line.starts[place]) : int(line.starts[place + 1])]
            by_then = int(mine.moments.searchsorted(self._at, side="right"))
            was, value = float(mine.figures[by_then - 1]) if by_then else None, float(mine.figures[-1])
            if was != value:
                known_at = START + int(mine.moments[-1]) * MICROSECOND
                found.append(Restatement(series_id=series_id, date=day, was=was, value=value, known_at=known_at))
        return found

    def _known(self, series_id: str) -> Known:
        line = self._later.line(series_id)
        if line is None:
            raise UnknownSeries(series_id)
        return line.known

    def _places(self, series_id: str, first: date, last: date) -> range | NDArray[np.intp]:
        """The rows of a slice among the days of the later moment."""
        kept, line = self._rows(series_id), self._later.line(series_id)
        if kept is None or line is None:
            raise UnknownSeries(series_id)
        start = line.known.row(first)
        stop = max(start, line.known.row(last, after=True))
        if isinstance(kept, int):
            return range(start, max(start, min(stop, kept)))
        return kept[(kept >= start) & (kept < stop)]

    def _rows(self, series_id: str) -> int | NDArray[np.intp] | None:
        """Which of the days are seen: the first so many, or those at some places; None: none."""
        if series_id not in self._kept:
            line = self._later.line(series_id)
            self._kept[series_id] = None if line is None else self._seen(line)
        return self._kept[series_id]

    def _seen(self, line: Line) -> int | NDArray[np.intp] | None:
        if line.ordered:
            return int(line.first.searchsorted(self._at, side="right")) or None
        seen = line.first <= self._at
        if not seen.any():
            return None
        if self._filled:
            seen |= line.days <= min(int(line.days[seen][-1]), self.day.toordinal() - EPOCH)
        places = np.flatnonzero(seen)
        return len(places) if int(places[-1]) + 1 == len(places) else places


def _again(rows: Rows) -> NDArray[np.bool_]:
    """Which rows of a series are not the first of their day."""
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = rows.days[1:] == rows.days[:-1]
    return again


def _line(series_id: str, rows: Rows) -> Line:
    starts = np.append(np.flatnonzero(~_again(rows)), len(rows))
    first = rows.moments[starts[:-1]]
    after = np.minimum.accumulate(first[::-1])[::-1]  # the earliest at which a day or any after it became known
    return Line(
        known=Known.of(series_id, rows),
        first=first,
        ordered=bool((first == after).all()),
        starts=starts,
        unsettled=np.flatnonzero((np.diff(starts) > 1) | (first > after)),
    )
