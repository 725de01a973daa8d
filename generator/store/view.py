"""What was known by a moment: histories, slices with their digests, and how far each series reaches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from generator.errors import BadDate, UnknownSeries
from generator.model import Evidence, SeriesSpec
from generator.store.file import reactions
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

Rows: TypeAlias = "dict[str, NDArray[Any]]"  # code, date, known_at, value: one entry a row

ROWS = """
    SELECT list_position($ids, series_id)::INTEGER AS code, date, known_at, value
    FROM observations WHERE series_id IN (SELECT unnest($ids)) AND known_at <= $moment
"""
COVERAGE = """
    SELECT series_id, min(date), max(date), max(known_at), count(DISTINCT date)
    FROM observations WHERE known_at <= ? GROUP BY series_id ORDER BY series_id
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
    """The store as it was known at a moment. Histories are read once and kept: they cannot change."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, moment: datetime) -> None:
        """Call `Store.view` instead."""
        if moment.tzinfo is None:
            raise BadDate(f"{moment} has no time zone", hint="give the moment in UTC")
        self.moment = moment.astimezone(UTC)
        self._connection, self._path = connection, path
        self._histories: dict[str, pd.Series[float]] = {}
        self._moments: dict[str, NDArray[np.int64]] = {}  # microseconds since 1970, UTC
        self._lines: dict[str, tuple[bytes, NDArray[np.int64]]] = {}
        self._digests: dict[tuple[str, int, int], str] = {}

    def history(self, series_id: str) -> pd.Series[float]:
        """Give the latest value known for each date; UnknownSeries if nothing was known.

        float64, not writeable, ascending; the index holds naive days and is called "date".
        """
        return self.histories([series_id])[series_id]

    def histories(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """Give the histories of several series, in one query; UnknownSeries names the first that is not known."""
        wanted = list(dict.fromkeys(series_ids))
        self._load(sorted(set(wanted) - set(self._histories)))
        for series_id in wanted:
            if series_id not in self._histories:
                raise UnknownSeries(series_id)
        return {series_id: self._histories[series_id] for series_id in wanted}

    def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """Give the histories of those of the series of which anything is known, in one query."""
        wanted = list(dict.fromkeys(series_ids))
        self._load(sorted(set(wanted) - set(self._histories)))
        return {series_id: self._histories[series_id] for series_id in wanted if series_id in self._histories}

    def known_at(self, series_id: str, day: date) -> datetime:
        """Give the moment at which the value now known for a date became known; UnknownSeries if it has none."""
        index = self.history(series_id).index
        row = int(index.searchsorted(datetime.combine(day, time())))
        if row == len(index) or index[row].date() != day:
            raise UnknownSeries(series_id)
        return datetime.fromtimestamp(int(self._moments[series_id][row]) / 1e6, tz=UTC)

    def newest(self, series_id: str) -> date:
        """Give the last date a series has a value for; UnknownSeries if none."""
        return date.fromisoformat(f"{self.history(series_id).index[-1]:%Y-%m-%d}")

    def evidence(self, series_id: str, first: date, last: date) -> Evidence:
        """Give the slice of a history from one date to another, both included, with its count and digest.

        The digest is SHA-256 over a line `YYYY-MM-DD,value` for each date, the value as Python's repr of the float,
        each line ended by a newline. Raises UnknownSeries.
        """
        index = self.history(series_id).index
        start = int(index.searchsorted(datetime.combine(first, time())))
        stop = max(start, int(index.searchsorted(datetime.combine(last, time()), side="right")))
        key = (series_id, start, stop)
        if key not in self._digests:
            text, ends = self._text(series_id)
            self._digests[key] = hashlib.sha256(text[ends[start] : ends[stop]]).hexdigest()
        return Evidence(
            series_id=series_id,
            first=first,
            last=last,
            known_by=self.moment,
            count=stop - start,
            digest=self._digests[key],
        )

    def coverage(self) -> tuple[Coverage, ...]:
        """Give each series of which anything was known, in order of id."""
        specs = read_specs(self._connection, self._path)
        with reactions(self._path):
            rows = self._connection.execute(COVERAGE, [_naive(self.moment)]).fetchall()
        return tuple(
            Coverage(spec=specs[name], first=first, last=last, known_at=known_at.replace(tzinfo=UTC), count=count)
            for name, first, last, known_at, count in rows
        )

    def fingerprint(self) -> str:
        """SHA-256 of every observation known by the moment, revised ones included; docs/store.md says over what."""
        series_ids = sorted(read_specs(self._connection, self._path))
        found = self._rows(series_ids)
        days = found["date"].astype("datetime64[D]").astype("<i4")
        moments = found["known_at"].astype("datetime64[us]").astype("<i8")
        values = found["value"].astype("<f8")
        digest = hashlib.sha256()
        for series_id, rows in _by_series(series_ids, found["code"]):
            digest.update(f"{series_id} {rows.stop - rows.start}\n".encode())
            for column in (days, moments, values):
                digest.update(column[rows].tobytes())
        return digest.hexdigest()

    def _load(self, series_ids: list[str]) -> None:
        """Read histories that are not held yet."""
        if not series_ids:
            return
        found = self._rows(series_ids)
        code, day = found["code"], found["date"]
        latest = np.ones(len(code), dtype=bool)  # of its series and date
        latest[:-1] = (code[1:] != code[:-1]) | (day[1:] != day[:-1])
        day, value = day[latest], found["value"][latest]
        moments = found["known_at"][latest].astype("datetime64[us]").astype(np.int64)
        value.flags.writeable = False
        for series_id, rows in _by_series(series_ids, code[latest]):
            index = pd.DatetimeIndex(day[rows], name="date").as_unit("us")
            self._moments[series_id] = moments[rows]
            self._histories[series_id] = pd.Series(value[rows], index=index, name=series_id, copy=False)

    def _rows(self, series_ids: list[str]) -> Rows:
        """Every row of some series (ascending) known by the moment, in order of series, date and known_at.

        `code` is 1 for the first of the series, 2 for the next, and so on.
        """
        with reactions(self._path):
            parameters = {"ids": series_ids, "moment": _naive(self.moment)}
            found = self._connection.execute(ROWS, parameters).fetchnumpy()
        return _in_order({name: np.asarray(column) for name, column in found.items()})

    def _text(self, series_id: str) -> tuple[bytes, NDArray[np.int64]]:
        """The lines of a whole history, and where each ends (0 first)."""
        if series_id not in self._lines:
            history = self.history(series_id)
            days = np.datetime_as_string(history.index.to_numpy(), unit="D").tolist()
            lines = [f"{day},{value!r}\n" for day, value in zip(days, history.tolist(), strict=True)]
            self._lines[series_id] = ("".join(lines).encode("ascii"), np.cumsum([0, *map(len, lines)]))
        return self._lines[series_id]


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


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _in_order(found: Rows) -> Rows:
    """Sort rows by series, date and known_at, unless they are so already, as after a first load they are."""
    code, day, known_at = found["code"], found["date"], found["known_at"]
    same_code, same_day = code[1:] == code[:-1], day[1:] == day[:-1]
    later = (day[1:] > day[:-1]) | (same_day & (known_at[1:] > known_at[:-1]))
    if ((code[1:] > code[:-1]) | (same_code & later)).all():
        return found
    order = np.lexsort((known_at, day, code))
    return {name: column[order] for name, column in found.items()}


def _by_series(series_ids: list[str], code: NDArray[Any]) -> list[tuple[str, slice]]:
    """Which rows are those of which series, for rows in order of code; series without rows are left out."""
    bounds = np.searchsorted(code, np.arange(1, len(series_ids) + 2)).tolist()
    spans = zip(series_ids, bounds[:-1], bounds[1:], strict=True)
    return [(series_id, slice(start, stop)) for series_id, start, stop in spans if stop > start]
