"""The state of each series that is fetched: when it was last read, from which source, and instead of which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A series as it was last read without an error."""

    series_id: str
    source: str
    at: datetime  # UTC
    whole: bool  # whether its whole history has been read once
    instead_of: str = ""  # the preferred source, where that one failed


def record(connection: duckdb.DuckDBPyConnection, fetched: Iterable[Fetch]) -> None:
    """Write down what was fetched, in the place of what was said of those series before."""
    new = {one.series_id: one for one in fetched}
    if not new:
        return
    columns = {
        "ids": list(new),
        "sources": [one.source for one in new.values()],
        "moments": [one.at.astimezone(UTC).replace(tzinfo=None) for one in new.values()],
        "wholes": [one.whole for one in new.values()],
        "others": [one.instead_of for one in new.values()],
    }
    connection.execute("DELETE FROM fetches WHERE series_id IN (SELECT unnest($ids))", {"ids": columns["ids"]})
    connection.execute(
        "INSERT INTO fetches SELECT unnest($ids), unnest($sources), unnest($moments), unnest($wholes), unnest($others)",
        columns,
    )


def read_fetches(connection: duckdb.DuckDBPyConnection) -> dict[str, Fetch]:
    """What was last fetched, by series."""
    rows = connection.execute("SELECT series_id, source, fetched_at, whole, instead_of FROM fetches").fetchall()
    return {
        series_id: Fetch(series_id=series_id, source=source, at=at.replace(tzinfo=UTC), whole=whole, instead_of=other)
        for series_id, source, at, whole, other in rows
    }
