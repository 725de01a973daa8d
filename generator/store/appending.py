"""Adding observations: what is refused, what is new, what is a revision and what was known already."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import BadObservation, ConflictingObservation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import duckdb

    from generator.model import Observation

COLUMNS = ["series_id", "date", "known_at", "value", "source"]
STAGE = """
    CREATE OR REPLACE TEMP TABLE staged AS
    SELECT series_id::VARCHAR AS series_id, date::DATE AS date, known_at::TIMESTAMP AS known_at, value,
           min(source::VARCHAR) AS source
    FROM incoming GROUP BY ALL
"""
CONFLICT = """
    SELECT series_id, date, known_at, min(value), max(value)
    FROM (SELECT series_id, date, known_at, value FROM staged
          UNION ALL
          SELECT series_id, date, known_at, value FROM observations SEMI JOIN staged USING (series_id, date))
    GROUP BY ALL HAVING min(value) <> max(value) ORDER BY ALL LIMIT 1
"""
# A staged row is kept if it says something else than what was known just before it for the same series and date.
KEEP = """
    CREATE OR REPLACE TEMP TABLE kept AS
    SELECT series_id, date, known_at, value, source, place > 1 OR held AS revises
    FROM (SELECT *, row_number() OVER line AS place, lag(value) OVER line AS before,
                 bool_or(old) OVER (PARTITION BY series_id, date) AS held
          FROM (SELECT *, true AS old FROM observations SEMI JOIN staged USING (series_id, date)
                UNION ALL
                SELECT *, false FROM staged ANTI JOIN observations USING (series_id, date, known_at))
          WINDOW line AS (PARTITION BY series_id, date ORDER BY known_at))
    WHERE NOT old AND before IS DISTINCT FROM value
"""
INSERT = """
    INSERT INTO observations
    SELECT series_id, date, known_at, value, source FROM kept ORDER BY series_id, date, known_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What an append did: rows for dates not held before, rows that revise one, and observations known already."""

    new: int
    revised: int
    unchanged: int


def append_checked(connection: duckdb.DuckDBPyConnection, incoming: pd.DataFrame) -> Appended:
    """Add a checked frame within the transaction of the caller; ConflictingObservation leaves it to be rolled back."""
    connection.register("incoming", incoming)
    try:
        connection.execute(STAGE)
    finally:
        connection.unregister("incoming")
    for series_id, day, known_at, low, high in connection.execute(CONFLICT).fetchall():
        raise ConflictingObservation(series_id, day=day, known_at=known_at, values=(low, high))
    connection.execute(KEEP)
    connection.execute(INSERT)
    ((added, revised),) = connection.execute("SELECT count(*), count(*) FILTER (WHERE revises) FROM kept").fetchall()
    connection.execute("DROP TABLE staged; DROP TABLE kept")
    return Appended(new=added - revised, revised=revised, unchanged=len(incoming) - added)


def checked(observations: pd.DataFrame | Iterable[Observation], *, known: Collection[str]) -> pd.DataFrame:
    """Give the observations as DuckDB reads them fastest, moments as naive UTC; BadObservation if one does not fit."""
    frame = observations if isinstance(observations, pd.DataFrame) else _framed(observations)
    dates = pd.to_datetime(frame["date"])
    for series_id in frame["series_id"].unique():
        if series_id not in known:
            raise BadObservation(str(series_id), "an observation of a series that was never described")
    if not isinstance(frame["known_at"].dtype, pd.DatetimeTZDtype):
        raise BadObservation(str(frame["series_id"].iloc[0]), "`known_at` has no time zone")
    moments = frame["known_at"].dt.tz_convert("UTC").dt.tz_localize(None)
    values = frame["value"].to_numpy(dtype=np.float64) + 0.0  # no negative zero: the digests print values
    unfit = ~np.isfinite(values) | moments.isna() | (dates != dates.dt.normalize())
    for row in frame[unfit.to_numpy()].itertuples():
        problem = f"value {row.value!r} for {row.date}, known at {row.known_at}, is no observation"
        raise BadObservation(str(row.series_id), problem)
    return pd.DataFrame(
        {
            "series_id": frame["series_id"].astype("category"),
            "date": dates,
            "known_at": moments,
            "value": pd.Series(values, index=frame.index),
            "source": frame["source"].astype("category"),
        }
    )


def _framed(observations: Iterable[Observation]) -> pd.DataFrame:
    rows = list(observations)
    for row in rows:
        if row.known_at.tzinfo is None:
            raise BadObservation(row.series_id, "`known_at` has no time zone")
    frame = pd.DataFrame([astuple(row) for row in rows], columns=COLUMNS)
    return frame.assign(known_at=pd.to_datetime(frame["known_at"], utc=True))
