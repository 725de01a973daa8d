"""Kenneth French's library: US stocks sorted by size, daily returns in percent, firms and their average size by month.

The series are those of the sample, under the names of its columns: "vw_q2" is the value-weighted return of the second
quintile, "firms_q2" and "avg_musd_q2" (million dollars) stand at the start of the month, dated its first day. Each
file holds several tables below a preamble; the whole history is built anew every month, so all of it is read.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.errors import UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import Values, answered, archive, asked, not_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from generator.sources.feeds import Wanted

HOST = "mba.tuck.dartmouth.edu"
FOLDER = f"https://{HOST}/pages/faculty/ken.french/ftp"
PORTFOLIOS = {"q1": "Lo 20", "q2": "Qnt 2", "q3": "Qnt 3", "q4": "Qnt 4", "q5": "Hi 20", "d10": "Hi 10"}
MISSING = (-99.99, -999.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a file: how its heading begins (small letters), and the form of its dates."""

    file: str
    heading: str  # a regular expression
    dates: str  # for strptime
    digits: int


DAILY, MONTHLY = "Portfolios_Formed_on_ME_Daily_CSV.zip", "Portfolios_Formed_on_ME_CSV.zip"
TABLES = {
    "vw": Table(file=DAILY, heading=r"(average )?value[ -]weight(ed)? returns -- daily", dates="%Y%m%d", digits=8),
    "ew": Table(file=DAILY, heading=r"(average )?equal[ -]weight(ed)? returns -- daily", dates="%Y%m%d", digits=8),
    "firms": Table(file=MONTHLY, heading=r"number of firms", dates="%Y%m", digits=6),
    "avg_musd": Table(file=MONTHLY, heading=r"average (firm size|market cap)", dates="%Y%m", digits=6),
}


@dataclass(frozen=True, slots=True)
class French:
    """The edge to the library."""

    name: str = "french"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch a file."""
        found = []
        for file, label in ((DAILY, "size portfolios, daily"), (MONTHLY, "size portfolios, monthly")):
            asking = tuple(one for one in wanted if _table(one.code)[0].file == file)
            if asking:
                found.append(Batch(source=self.name, label=label, wanted=asking, first=None, last=today))
        return found

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """Returns in percent, firms as a count, sizes in million dollars. Raises FetchErrors."""
        file = _table(batch.wanted[0].code)[0].file
        ask = Ask(source=self.name, code=asked(batch), url=f"{FOLDER}/{file}", expects="a zip archive")
        return access.ask(ask, partial(parse_portfolios, batch=batch))


EDGE = French()


def parse_portfolios(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of a file; -99.99 and -999 mean missing."""
    files = list(archive(body, batch).values())
    if len(files) != 1:
        raise not_data(batch, f"the archive holds {len(files)} files, not one")
    lines = files[0].decode("latin-1").splitlines()
    tables: dict[str, pd.DataFrame] = {}
    found: dict[str, Values] = {}
    for wanted in batch.wanted:
        table, column = _table(wanted.code)
        if table.heading not in tables:
            tables[table.heading] = _rows(lines, table, batch)
        rows = tables[table.heading]
        if column not in rows.columns:
            raise not_data(batch, f"no column {column!r}", came=", ".join(map(str, rows.columns)))
        found[wanted.code] = dict(_present(rows[column], batch))
    return answered(batch, found)


def _rows(lines: list[str], table: Table, batch: Batch) -> pd.DataFrame:
    """A table: its heading, the names of the columns, and rows as long as they begin with a date."""
    starts = [at for at, line in enumerate(lines) if re.match(table.heading, line.strip().casefold())]
    if len(starts) != 1:
        raise not_data(batch, f"{len(starts)} tables of the heading {table.heading!r}, not one", came="\n".join(lines))
    head = next((at for at in range(starts[0] + 1, len(lines)) if lines[at].startswith(",")), len(lines))
    end = head + 1
    while end < len(lines) and re.match(rf"\s*\d{{{table.digits}}}\s*,", lines[end]):
        end += 1
    if end <= head + 1:
        raise not_data(batch, f"an empty table {lines[starts[0]].strip()!r}", came="\n".join(lines[starts[0] :]))
    try:
        rows = pd.read_csv(io.StringIO("\n".join(lines[head:end])), index_col=0, skipinitialspace=True, dtype=str)
        rows.index = pd.to_datetime(rows.index.str.strip(), format=table.dates)
        numbers = rows.rename(columns=str.strip).astype("float64")
    except ValueError as problem:
        raise not_data(batch, f"a table that cannot be read: {problem}", came="\n".join(lines[head:end])) from None
    if numbers.index.has_duplicates:
        raise not_data(batch, f"the same day twice in {lines[starts[0]].strip()!r}")
    return numbers


def _present(column: pd.Series[float], batch: Batch) -> Iterator[tuple[date, float]]:
    kept = column[column.notna() & ~column.isin(MISSING)]
    if not np.isfinite(kept.to_numpy()).all():
        raise not_data(batch, f"a number without end in {column.name}")
    yield from zip(pd.DatetimeIndex(kept.index).date, kept.tolist(), strict=True)


def _table(code: str) -> tuple[Table, str]:
    """The table and the column of a code."""
    kind, _, portfolio = code.rpartition("_")
    if kind not in TABLES or portfolio not in PORTFOLIOS:
        raise UnknownCode(EDGE.name, code)
    return TABLES[kind], PORTFOLIOS[portfolio]
