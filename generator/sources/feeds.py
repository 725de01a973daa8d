"""What every live source is made of: what is asked (`Wanted`), what goes together (`Batch`), and who asks (`Edge`).

An edge is loaded only when it is used: `edge(name)` gives it, `EDGES` says where it lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from generator.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd

    from generator.sources.http import Access

COLUMNS = ("series_id", "date", "value", "known_at")  # of the frame that an edge gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A series asked of a source: our id for it, what the source calls it, and the first day wanted (None: all)."""

    series_id: str  # "rates.DGS10"
    code: str  # "10 Yr", "^RUT", "DGS10", "EXR/D.USD.EUR.SP00.A"
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one or a few requests answer together."""

    source: str  # "treasury"
    label: str  # "yield curve 2026": for progress and errors
    wanted: tuple[Wanted, ...]
    first: date | None  # None: from the beginning
    last: date  # today in the source's own zone is at most this day + 1


class Edge(Protocol):
    """A source that can be asked: it splits what is wanted into batches and fetches one at a time."""

    name: str  # "treasury"
    hosts: tuple[str, ...]  # for limits and `doctor`

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """Split what is wanted into requests that can run beside each other."""
        ...

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """Ask for a batch: a frame of COLUMNS, values in the unit of the catalogue, one row a day.

        date is datetime64 at midnight without a zone; known_at datetime64[us, UTC], NaT where the source does not
        state when a value became known. Raises the SourceErrors of generator.errors, among them EmptyAnswer for a
        series that should have values; an empty frame is a well-formed answer that there is nothing new.
        """
        ...


EDGES = {
    name: f"generator.sources.{name}"
    for name in ("treasury", "nyfed", "ecb", "bls", "french", "cboe", "fredcsv", "fred", "yahoo", "csv")
}  # each module has a constant EDGE


def edge(name: str) -> Edge:
    """The edge of a source by its name, loaded now; UnknownName for a name that is none."""
    if name not in EDGES:
        raise UnknownName("source", name, EDGES)
    return cast("Edge", import_module(EDGES[name]).EDGE)
