"""The public CSV behind FRED's graphs, without a key: the latest vintage of series, by FRED's ids.

FRED's terms are those of its API, and hold here too (docs/sources.md). Several series may come as one table or,
if they differ in frequency, as an archive of tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from generator.errors import UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import Values, answered, archive, asked, by_column, not_data, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.sources.feeds import Wanted

HOST = "fred.stlouisfed.org"
URL = f"https://{HOST}/graph/fredgraph.csv"
TOGETHER = 6  # series of one request
DATES = ("observation_date", "DATE")  # since December 2024, and before
UNKNOWN = (400, 404)


@dataclass(frozen=True, slots=True)
class FredGraph:
    """The edge to the public CSV."""

    name: str = "fredcsv"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """Six series a request: whole histories apart from those wanted from a day on, the earliest of theirs."""
        ordered = sorted(wanted, key=lambda one: str(one.since or ""))
        parts = [
            tuple(group[at : at + TOGETHER])
            for group in ([one for one in ordered if (one.since is None) is whole] for whole in (True, False))
            for at in range(0, len(group), TOGETHER)
        ]
        return [
            Batch(
                source=self.name,
                label=", ".join(one.code for one in part),
                wanted=part,
                first=part[0].since,
                last=today,
            )
            for part in parts
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The values as FRED shows them. Raises FetchErrors; UnknownCode names the one series that is unknown."""
        codes = [one.code for one in batch.wanted]
        params = {"id": ",".join(codes)}
        if batch.first is not None:
            params["cosd"] = str(batch.first)
        ask = Ask(source=self.name, code=asked(batch), url=URL, params=params, expects="CSV", unknown=UNKNOWN)
        try:
            return access.ask(ask, partial(parse_graph, batch=batch))
        except UnknownCode:
            if len(codes) == 1:
                raise
        alone = [self.fetch(replace(batch, wanted=(one,), label=one.code), access) for one in batch.wanted]
        return pd.concat(alone, ignore_index=True)


EDGE = FredGraph()


def parse_graph(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of a table, or of an archive of tables; empty cells and "." are left out.

    Series asked for as a whole must have values; of those asked from a day on there may be none since.
    """
    tables = [body]
    if body.startswith(b"PK"):
        tables = [content for name, content in archive(body, batch).items() if name.casefold().endswith(".csv")]
    found: dict[str, Values] = {}
    for one in tables:
        graph = table(one, batch, first=DATES)
        codes = {name: name for name in graph.names[1:]}
        if codes.keys() & found.keys():
            raise not_data(batch, "the same series twice in the archive", came=", ".join(codes))
        found |= by_column(graph, batch, codes)
    for wanted in batch.wanted:
        if wanted.code not in found:
            raise not_data(batch, f"no column {wanted.code}", came=", ".join(found))
    return answered(batch, found, required=[one.code for one in batch.wanted if one.since is None])
