"""The observation store: append-only and bitemporal, in one DuckDB file.

Each row is an observation: what was true on a date, and the moment that became known. Rows are only ever added, each
append in one transaction. A `View` shows what was known by a moment; every computation sees only a view.
docs/store.md has the schema, the digests, and what happens in a crash.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import duckdb

from generator.errors import StoreError
from generator.store.appending import Appended, append_checked, checked
from generator.store.file import connect, create_file, reactions
from generator.store.view import Coverage, View, read_specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path
    from types import TracebackType

    import pandas as pd

    from generator.model import Observation, SeriesSpec

__all__ = ["Appended", "Coverage", "Store", "View"]

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


class Store:
    """An open store, to be used in a `with`: `with Store.open(path) as store: ...`."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap a connection; call `Store.create` or `Store.open` instead."""
        self.path = path
        self._connection = connection

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

    def append(self, observations: pd.DataFrame | Iterable[Observation]) -> Appended:
        """Add observations in one transaction, all or none; what says nothing new is left out.

        A frame has the columns series_id, date, known_at (with a time zone), value, source. Raises BadObservation,
        ConflictingObservation and, if the disk is full, StoreError; in each case nothing is written.
        """
        incoming = checked(observations, known=self.specs())
        with self._transaction():
            return append_checked(self._connection, incoming)

    def view(self, moment: datetime) -> View:
        """Show what was known by a moment (with a time zone; the moment itself included); BadDate without a zone."""
        return View(self._connection, self.path, moment)

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
                yield
                done = True
            finally:
                if not done:
                    with suppress(duckdb.Error):  # an error of the disk has rolled it back already
                        self._connection.execute("ROLLBACK")
            self._connection.execute("COMMIT")
