"""What was known by a moment: histories, slices with their digests, and how far each series reaches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from generator.errors import BadDate, UnknownSeries
from generator.model import Evidence, SeriesSpec
from generator.store.file import reactions
from generator.store.known import EPOCH, Known, Rows
from generator.store.later import Later
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    import pandas as pd
    from numpy.typing import NDArray

ROWS = """
    SELECT list_position($ids, series_id)::INTEGER AS code, date, known_at, value, {observed} AS observed
    FROM observations WHERE series_id IN (SELECT unnest($ids)) AND known_at <= $moment
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far a series reaches in a view."""

    spec: SeriesSpec
    first: date
    last: date
    known_at: datetime  # the newest moment, by that of the view, at which anything of it became known
    count: int  # of dates


class View:
    """The store as it was known at a moment. A series is read once and kept: it cannot change."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, path: Path, moment: datetime, *, old: bool = False
    ) -> None:
        """Call `Store.view` instead."""
        if moment.tzinfo is None:
            raise BadDate(f"{moment} has no time zone", hint="give the moment in UTC")
        self.moment = moment.astimezone(UTC)
        self._connection, self._path = connection, path
        self._rows = ROWS.format(observed="false" if old else "observed")
        self._known: dict[str, Known] = {}
        self._asked: set[str] = set()  # series that were looked for, of which nothing may be known
        self._lines: dict[str, tuple[bytes, NDArray[np.int64]]] = {}
        self._digests: dict[tuple[str, int, int], str] = {}

    def history(self, series_id: str) -> pd.Series[float]:
        """Give the latest value known for each date; UnknownSeries if nothing was known.

        float64, not writeable, ascending; the index holds naive days and is called "date".
        """
        return self._of(series_id).history

    def histories(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """Give the histories of several series, in one query; UnknownSeries names the first that is not known."""
        wanted = list(dict.fromkeys(series_ids))
        self._load(wanted)
        return {series_id: self.history(series_id) for series_id in wanted}

    def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """Give the histories of those of the series of which anything is known, in one query."""
        wanted = list(dict.fromkeys(series_ids))
        self._load(wanted)
        return {series_id: self._known[series_id].history for series_id in wanted if series_id in self._known}

    def known_at(self, series_id: str, day: date) -> datetime:
        """Give the moment at which the value now known for a date became known; UnknownSeries if it has none."""
        known = self._of(series_id)
        row = known.row(day)
        if row == known.row(day, after=True):
            raise UnknownSeries(series_id)
        return _moment(known.newest.moments[row])

    def first_known_at(self, series_id: str, day: date) -> datetime:
        """Give the moment at which any value for a date first became known; UnknownSeries if it has none."""
        rows = self._of(series_id).rows
        of_day = rows.moments[rows.days == np.int32(day.toordinal() - EPOCH)]
        if not len(of_day):
            raise UnknownSeries(series_id)
        return _moment(of_day.min())

    def observed(self, series_id: str, first: date, last: date) -> bool:
        """Whether every moment in a slice was seen when it came, none derived from a rule; UnknownSeries.

        An empty slice holds nothing that was derived.
        """
        known = self._of(series_id)
        return bool(known.newest.observed[known.row(first) : known.row(last, after=True)].all())

    def rows(self, series_id: str) -> Rows:
        """Give every row known of a series, revised ones included, in order of day and moment; UnknownSeries."""
        return self._of(series_id).rows

    def newest(self, series_id: str) -> date:
        """Give the last date a series has a value for; UnknownSeries if none."""
        return _day(self._of(series_id).newest.days[-1])

    def evidence(self, series_id: str, first: date, last: date) -> Evidence:
        """Give the slice of a history from one date to another, both included, with its count and digest.

        The digest is SHA-256 over a line `YYYY-MM-DD,value` for each date, the value as Python's repr of the float,
        each line ended by a newline. Raises UnknownSeries.
        """
        known = self._of(series_id)
        start = known.row(first)
        stop = max(start, known.row(last, after=True))
        return Evidence(
            series_id=series_id,
            first=first,
            last=last,
            known_by=self.moment,
            count=stop - start,
            digest=self._digest(series_id, start, stop),
        )

    def coverage(self) -> tuple[Coverage, ...]:
        """Give each series of which anything was known, in order of id."""
        specs = read_specs(self._connection, self._path)
        self._load(specs)
        return tuple(
            Coverage(
                spec=spec,
                first=_day(known.newest.days[0]),
                last=_day(known.newest.days[-1]),
                known_at=_moment(known.rows.moments.max()),
                count=len(known.newest),
            )
            for series_id, spec in specs.items()
            if (known := self._known.get(series_id))
        )

    def origins(self) -> dict[str, tuple[str, ...]]:
        """Give the sources that each series has rows of, by id; the one of its newest day first."""
        query = (
            "SELECT series_id, list(source ORDER BY last DESC, source) FROM "
            "(SELECT series_id, source, max(date) AS last FROM observations WHERE known_at <= $moment GROUP BY ALL) "
            "GROUP BY series_id"
        )
        with reactions(self._path):
            rows = self._connection.execute(query, {"moment": self.moment.replace(tzinfo=None)}).fetchall()
        return {series_id: tuple(sources) for series_id, sources in rows}

    def fingerprint(self) -> str:
        """SHA-256 of every observation known by the moment, revised ones included; docs/store.md says over what."""
        series_ids = sorted(read_specs(self._connection, self._path))
        self._load(series_ids)
        digest = hashlib.sha256()
        for series_id in series_ids:
            if series_id in self._known:
                rows = self._known[series_id].rows
                digest.update(f"{series_id} {len(rows)}\n".encode())
                digest.update(rows.days.astype("<i4", copy=False).tobytes())
                digest.update(rows.moments.astype("<i8", copy=False).tobytes())
                digest.update(rows.figures.astype("<f8", copy=False).tobytes())
        return digest.hexdigest()

    def later(self) -> Later:
        """Give all that is known by now, to look at earlier moments with it."""
        self._load(read_specs(self._connection, self._path))
        return Later({name: known.rows for name, known in self._known.items()}, self.moment)

    def _of(self, series_id: str) -> Known:
        """What is known of a series; UnknownSeries if nothing."""
        self._load([series_id])
        if series_id not in self._known:
            raise UnknownSeries(series_id)
        return self._known[series_id]

    def _digest(self, series_id: str, start: int, stop: int) -> str:
        key = (series_id, start, stop)
        if key not in self._digests:
            if series_id not in self._lines:
                self._lines[series_id] = self._known[series_id].lines()
            text, ends = self._lines[series_id]
            self._digests[key] = hashlib.sha256(text[ends[start] : ends[stop]]).hexdigest()
        return self._digests[key]

    def _load(self, series_ids: Iterable[str]) -> None:
        """Read what is known of series that were not looked for yet, in one query."""
        fresh = sorted(set(series_ids) - self._asked)
        if not fresh:
            return
        with reactions(self._path):
            parameters = {"ids": fresh, "moment": self.moment.replace(tzinfo=None)}
            found = self._connection.execute(self._rows, parameters).fetchnumpy()
        code, rows = _in_order({name: np.asarray(column) for name, column in found.items()})
        self._asked.update(fresh)
        bounds = np.searchsorted(code, np.arange(1, len(fresh) + 2)).tolist()
        for series_id, start, stop in zip(fresh, bounds[:-1], bounds[1:], strict=True):
            if stop > start:
                self._known[series_id] = Known.of(series_id, rows[start:stop])


def read_specs(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, SeriesSpec]:
    """Read all series described, by id, in order of id."""
    with reactions(path):
        rows = connection.execute("SELECT * FROM series ORDER BY id").fetchall()
    return {
        row[0]: SeriesSpec(
            id=row[0],
            label=row[1],
            unit=Unit(row[2]),
            frequency=row[3],
            publisher=row[4],
            release=row[5],
            terms=row[6],
        )
        for row in rows
    }


def _in_order(found: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], Rows]:
    """Sort rows by series, date and known_at, unless they are so already, as after a first load they are.

    The codes tell the series: 1 for the first of those asked for, 2 for the next, and so on.
    """
    code, rows = found["code"], Rows(
        found["date"].astype("datetime64[D]").astype(np.int32),
        found["known_at"].astype("datetime64[us]").astype(np.int64),
        found["value"].astype(np.float64, copy=False),
        found["observed"].astype(bool, copy=False),
    )  # fmt: skip
    days, moments = rows.days, rows.moments
    later = (days[1:] > days[:-1]) | ((days[1:] == days[:-1]) & (moments[1:] > moments[:-1]))
    if ((code[1:] > code[:-1]) | ((code[1:] == code[:-1]) & later)).all():
        return code, rows
    order = np.lexsort((~rows.observed, moments, days, code))  # seen before guessed, where both claim one moment
    return code[order], rows[order]


def _day(days: np.int32) -> date:
    return date.fromordinal(int(days) + EPOCH)


def _moment(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
