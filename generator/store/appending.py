"""Adding observations: what is refused, what is new, what is a revision and what was known already."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import BadObservation, ConflictingObservation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import duckdb

    from generator.model import Observation

NAMES = ("series_id", "source")
FEW = 5_000  # rows: as many texts are read as fast as they are put into categories
COLUMNS = ["series_id", "date", "known_at", "value", "source", "observed"]
STAGE = """
    CREATE OR REPLACE TEMP TABLE staged AS
    SELECT series_id::VARCHAR AS series_id, date::DATE AS date, known_at::TIMESTAMP AS known_at, value,
           min(source::VARCHAR) AS source, bool_or(observed) AS observed
    FROM incoming GROUP BY ALL
"""
HELD = """
    CREATE OR REPLACE TEMP TABLE held AS
    SELECT * FROM observations SEMI JOIN staged USING (series_id, date)
    WHERE date BETWEEN (SELECT min(date) FROM staged) AND (SELECT max(date) FROM staged)
"""
CONFLICT = """
    SELECT series_id, date, known_at, min(value), max(value)
    FROM (SELECT series_id, date, known_at, observed, value FROM staged
          UNION ALL
          SELECT series_id, date, known_at, observed, value FROM held)
    GROUP BY series_id, date, known_at, observed HAVING min(value) <> max(value) ORDER BY ALL LIMIT 1
"""
# A staged row is kept if it says something else than what was known just before it for the same series and date. A row
# whose moment is derived says nothing after (or with) one that was observed: it was a guess at the first publication.
KEEP = """
    CREATE OR REPLACE TEMP TABLE kept AS
    SELECT series_id, date, known_at, value, source, observed, place > 1 OR was_held AS revises
    FROM (SELECT *, row_number() OVER line AS place, lag(value) OVER line AS before
          FROM (SELECT *, bool_or(old) OVER (PARTITION BY series_id, date) AS was_held,
                       NOT observed AND coalesce(bool_or(observed) OVER earlier, false) AS idle
                FROM (SELECT *, true AS old FROM held
                      UNION ALL BY NAME
                      SELECT *, false AS old FROM staged ANTI JOIN held USING (series_id, date, known_at, value))
                WINDOW earlier AS (PARTITION BY series_id, date ORDER BY known_at, observed DESC
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
          WHERE NOT idle
          WINDOW line AS (PARTITION BY series_id, date ORDER BY known_at, observed DESC))
    WHERE NOT old AND before IS DISTINCT FROM value
"""
INSERT = """
    INSERT INTO observations BY NAME
    SELECT series_id, date, known_at, value, source, observed FROM kept ORDER BY series_id, date, known_at
"""
# The common case, a new day: a look at the dates, then at dates and series, and the rows are added as they come.
ANY = "SELECT 1 FROM observations WHERE date BETWEEN $1 AND $2 LIMIT 1"
SAME = """
    SELECT 1 FROM observations SEMI JOIN
    (SELECT series_id::VARCHAR AS series_id, date::DATE AS date FROM incoming) USING (series_id, date) LIMIT 1
"""
INSERT_NEW = """
    INSERT INTO observations BY NAME
    SELECT series_id, date, known_at, value, source, observed FROM incoming
"""
LATEST = "SELECT max(date) FROM observations"
COUNT = "SELECT series_id, count(*) FILTER (WHERE NOT revises), count(*) FILTER (WHERE revises) FROM kept GROUP BY 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What an append did: rows for dates not held before, rows that revise one, and observations known already.

    `of` has the first two by series, where there are any.
    """

    new: int
    revised: int
    unchanged: int
    of: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)


def latest(connection: duckdb.DuckDBPyConnection) -> date:
    """The last date that any series has an observation for; of an empty store, the first of all days."""
    found: date | None = connection.execute(LATEST).fetchall()[0][0]
    return found or date.min


def append_checked(connection: duckdb.DuckDBPyConnection, incoming: pd.DataFrame, *, held_to: date) -> Appended:
    """Add a checked frame within the transaction of the caller; ConflictingObservation leaves it to be rolled back.

    `held_to` is the last date that the store has.
    """
    if incoming.empty:
        return Appended(new=0, revised=0, unchanged=0)
    if _all_new(connection, incoming, held_to):
        connection.execute(INSERT_NEW)  # DuckDB finds the frame by the name of its variable
        counts = Counter(incoming["series_id"].tolist())
        return Appended(new=len(incoming), revised=0, unchanged=0, of={one: (new, 0) for one, new in counts.items()})
    connection.execute(STAGE)
    connection.execute(HELD)
    for series_id, day, known_at, low, high in connection.execute(CONFLICT).fetchall():
        raise ConflictingObservation(series_id, day=day, known_at=known_at, values=(low, high))
    connection.execute(KEEP)
    connection.execute(INSERT)
    rows = connection.execute(COUNT).fetchall()
    connection.execute("DROP TABLE staged; DROP TABLE held; DROP TABLE kept")
    of = {series_id: (new, revised) for series_id, new, revised in rows}
    new, revised = (sum(counts[place] for counts in of.values()) for place in (0, 1))
    return Appended(new=new, revised=revised, unchanged=len(incoming) - new - revised, of=of)


def _all_new(connection: duckdb.DuckDBPyConnection, incoming: pd.DataFrame, held_to: date) -> bool:
    """Whether nothing is held for any series and date that comes, and none comes twice: then all of it is new."""
    if _doubled(incoming):
        return False
    dates = incoming["date"].to_numpy()
    ends = [dates.min().item().date(), dates.max().item().date()]
    if ends[0] > held_to:
        return True
    if not connection.execute(ANY, ends).fetchall():
        return True
    return not connection.execute(SAME).fetchall()


def _doubled(incoming: pd.DataFrame) -> bool:
    """Whether a series and date come twice; of few rows Python's own set tells sooner."""
    if len(incoming) < FEW:
        pairs = set(zip(incoming["series_id"].tolist(), incoming["date"].to_numpy().tolist(), strict=True))
        return len(pairs) < len(incoming)
    return bool(incoming.duplicated(["series_id", "date"]).any())


def checked(observations: pd.DataFrame | Iterable[Observation], *, known: Collection[str]) -> pd.DataFrame:
    """Give the observations as DuckDB reads them fastest, moments as naive UTC; BadObservation if one does not fit."""
    frame = observations if isinstance(observations, pd.DataFrame) else _framed(observations)
    for series_id in frame["series_id"].unique():
        if series_id not in known:
            raise BadObservation(str(series_id), "an observation of a series that was never described")
    if not isinstance(frame["known_at"].dtype, pd.DatetimeTZDtype):
        raise BadObservation(str(frame["series_id"].iloc[0]), "`known_at` has no time zone")
    dates = frame["date"].to_numpy(dtype="datetime64[us]")
    moments = frame["known_at"].to_numpy(dtype="datetime64[us]")  # in UTC
    values = frame["value"].to_numpy(dtype=np.float64) + 0.0  # no negative zero: the digests print values
    unfit = ~np.isfinite(values) | np.isnat(moments) | (dates != dates.astype("datetime64[D]"))
    if unfit.any():
        row = frame[unfit].iloc[0]
        problem = f"value {row['value']!r} for {row['date']}, known at {row['known_at']}, is no observation"
        raise BadObservation(str(row["series_id"]), problem)
    few = len(frame) < FEW
    names = {name: frame[name].to_numpy(dtype=object) if few else frame[name].astype("category") for name in NAMES}
    return pd.DataFrame(
        {
            "series_id": names["series_id"],
            "date": dates,
            "known_at": moments,
            "value": values,
            "source": names["source"],
            "observed": frame["observed"].to_numpy(dtype=bool) if "observed" in frame else False,
        }
    )


def _framed(observations: Iterable[Observation]) -> pd.DataFrame:
    rows = list(observations)
    for row in rows:
        if row.known_at.tzinfo is None:
            raise BadObservation(row.series_id, "`known_at` has no time zone")
    frame = pd.DataFrame([astuple(row) for row in rows], columns=COLUMNS)
    return frame.assign(known_at=pd.to_datetime(frame["known_at"], utc=True))
