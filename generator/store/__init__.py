"""The observation store: append-only and bitemporal, in one DuckDB file.

Each row is an observation: what was true on a date, and the moment that became known. Rows are only ever added, each
append in one transaction. A `View` shows what was known by a moment; every computation sees only a view.
docs/store.md has the schema, the digests, and what happens in a crash.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

import duckdb

from generator.errors import StoreError
from generator.store.appending import Appended, append_checked, checked, latest
from generator.store.fetches import Fetch, read_fetches, record
from generator.store.file import MIGRATION, connect, create_file, is_old, reactions
from generator.store.later import Later, Restated, Restatement
from generator.store.view import Coverage, View, read_specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    import pandas as pd

    from generator.model import Observation, SeriesSpec

__all__ = ["END_OF_TIME", "Appended", "Coverage", "Fetch", "Later", "Restated", "Restatement", "Store", "View"]

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


class Store:
    """An open store, to be used in a `with`: `with Store.open(path) as store: ...`."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap a connection; call `Store.create` or `Store.open` instead."""
        self.path = path
        self._connection = connection
        with reactions(path):
            self._old = is_old(connection)  # until something is written
        self._described: frozenset[str] | None = None  # the ids of all series, once they were asked for
        self._latest: date | None = None  # the last date of any series, once it was asked for: nobody else writes

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make an empty store, open to write. The file appears whole or not at all.

        Raises StoreError if there is a file of that name already or it cannot be written, Busy if another run makes
        the same store at this moment.
        """
        create_file(path)
        return cls.open(path, read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = True) -> Store:
        """Open a store that exists. Many may read at once; one may write, while nobody else reads.

        Raises StoreError (missing, not a store, another version, damaged: the file is left as it is) and Busy.
        """
        return cls(path, connect(path, read_only=read_only))

    @property
    def outdated(self) -> bool:
        """Whether the file is of an older version, which the next write brings up to date."""
        return self._old

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Give the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def register(self, specs: Iterable[SeriesSpec]) -> None:
        """Describe series, before observations of them are appended; the words of a known one may change.

        Raises StoreError if a series is held in another unit.
        """
        held = self.specs()
        changed = [spec for spec in specs if held.get(spec.id) != spec]
        for spec in changed:
            if spec.id in held and held[spec.id].unit != spec.unit:
                problem = f"{spec.id} is held in {held[spec.id].unit.value}, not in {spec.unit.value}"
                raise StoreError(self.path, problem, hint="give the series in its new unit another name")
        if changed:
            self._described = None
            with self._transaction():
                for spec in changed:
                    self._connection.execute("DELETE FROM series WHERE id = ?", [spec.id])
                    self._connection.execute("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?)", list(astuple(spec)))

    def specs(self) -> dict[str, SeriesSpec]:
        """All series described, by id, in order of id."""
        return read_specs(self._connection, self.path)

    def reach(self) -> dict[str, date]:
        """Give the last date that each series has an observation for, whenever it became known."""
        with reactions(self.path):
            rows = self._connection.execute("SELECT series_id, max(date) FROM observations GROUP BY series_id")
            return dict(rows.fetchall())

    def append(self, observations: pd.DataFrame | Iterable[Observation], *, fetched: Iterable[Fetch] = ()) -> Appended:
        """Add observations in one transaction, all or none; what says nothing new is left out.

        A frame has the columns series_id, date, known_at (with a time zone), value, source and, where moments were
        observed, `observed`. `fetched` is written down in the same transaction. Raises BadObservation,
        ConflictingObservation and, if the disk is full, StoreError; in each case nothing is written.
        """
        if self._described is None:
            self._described = frozenset(self.specs())
        incoming = checked(observations, known=self._described)
        with reactions(self.path):
            held_to = self._latest or latest(self._connection)
        with self._transaction():
            record(self._connection, fetched)
            appended = append_checked(self._connection, incoming, held_to=held_to)
        if len(incoming):
            self._latest = max(held_to, incoming["date"].to_numpy().max().item().date())
        return appended

    def fetches(self) -> dict[str, Fetch]:
        """When each series was last read, and from which source: those that were ever fetched, by id."""
        with reactions(self.path):
            return {} if self._old else read_fetches(self._connection)

    def newest(self, series_ids: Iterable[str], *, since: date | None = None) -> pd.DataFrame:
        """Give the newest value held for each date of some series from a day on: series_id, date, value."""
        query = (
            "SELECT series_id, date, arg_max(value, known_at) AS value FROM observations "
            "WHERE series_id IN (SELECT unnest($ids)) AND date >= $since GROUP BY ALL"
        )
        with reactions(self.path):
            found = self._connection.execute(query, {"ids": list(series_ids), "since": since or date.min})
            return found.df().astype({"date": "datetime64[us]"})

    def view(self, moment: datetime) -> View:
        """Show what was known by a moment (with a time zone; the moment itself included); BadDate without a zone."""
        return View(self._connection, self.path, moment, old=self._old)

    def fingerprint(self) -> str:
        """SHA-256 of all that is held, whatever the layout of the file and the order of the appends."""
        return self.view(END_OF_TIME).fingerprint()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit all of it or nothing."""
        with reactions(self.path):
            self._connection.execute("BEGIN")
            done = False
            try:
                if self._old:
                    for step in MIGRATION:
                        self._connection.execute(step)
                yield
                done = True
            finally:
                if not done:
                    with suppress(duckdb.Error):  # an error of the disk has rolled it back already
                        self._connection.execute("ROLLBACK")
            self._connection.execute("COMMIT")
            self._old = False
