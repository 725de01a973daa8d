"""The US Treasury's par yield curves, nominal and real: one file of CSV a year, in percent.

Columns are found by name: the Treasury has added maturities (2 months in 2018, 4 in 2022, six weeks in 2025). A real
yield is asked for as "real:10 YR", a nominal one as "10 Yr".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from generator.errors import EmptyAnswer, UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import answered, asked, by_column, not_data, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.sources.feeds import Wanted

HOST = "home.treasury.gov"
PAGE = f"https://{HOST}/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv"
REAL = "real:"
SINCE = {  # the year in which each column begins; those not named here are looked for in every year
    "1 mo": 2001, "1.5 mo": 2025, "2 mo": 2018, "3 mo": 1990, "4 mo": 2022, "6 mo": 1990, "1 yr": 1990, "2 yr": 1990,
    "3 yr": 1990, "5 yr": 1990, "7 yr": 1990, "10 yr": 1990, "20 yr": 1993, "30 yr": 1990,
    "real:5 yr": 2003, "real:7 yr": 2003, "real:10 yr": 2003, "real:20 yr": 2004, "real:30 yr": 2010,
}  # fmt: skip
FIRST_YEAR = {"": 1990, REAL: 2003}
CURVES = {"": "yield curve", REAL: "real yield curve"}
TOGETHER = 8  # years of a batch, one request each
QUIET = 10  # a year may have no value yet for so many days of January


@dataclass(frozen=True, slots=True)
class Treasury:
    """The edge to the Treasury's curves."""

    name: str = "treasury"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """A batch for each curve and eight years; early in January always the year before, too."""
        found = []
        for curve, words in CURVES.items():
            of_curve = [one for one in wanted if one.code.startswith(REAL) == (curve == REAL)]
            begins = min((_start(one, today) for one in of_curve), default=today.year + 1)
            for first in range(begins, today.year + 1, TOGETHER):
                last = min(today, date(first + TOGETHER - 1, 12, 31))
                asking = tuple(one for one in of_curve if _start(one, today) <= last.year)
                label = f"{words} {first}" if first == last.year else f"{words} {first}-{last.year}"
                found.append(Batch(source=self.name, label=label, wanted=asking, first=date(first, 1, 1), last=last))
        return found

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The yields of some years, in percent. Raises FetchErrors.

        Years before the first that has any yield are those before the curve began; after it no year may be empty, but
        for the first days of January.
        """
        frames: list[pd.DataFrame] = []
        for one in _years(batch):
            frame = access.ask(_ask(one, fresh=f"{access.now:%Y%m%d%H%M%S}"), partial(parse_curve, batch=one))
            if frame is not None:
                frames.append(frame)
            elif (frames or one.last == batch.last) and one.last > date(one.last.year, 1, QUIET):
                raise EmptyAnswer(self.name, one.label)
        return pd.concat(frames, ignore_index=True) if frames else answered(batch, {}, required=())


EDGE = Treasury()


def parse_curve(body: bytes, batch: Batch) -> pd.DataFrame | None:
    """The observations of one year's file; empty and N/A cells are left out. None if it is a header alone.

    UnknownCode if a column that the year must have is not there, EmptyAnswer if there is nothing in it.
    """
    curve = table(body, batch, first=("Date",))
    year = batch.last.year
    if not curve.rows:
        return None
    known = {_plain(name): name for name in curve.names}
    columns = {one.code: _plain(one.code.removeprefix(REAL)) for one in batch.wanted}
    due = [code for code in columns if len(curve.rows) > QUIET and _due(code, batch)]
    for code in due:
        if columns[code] not in known:
            raise UnknownCode(batch.source, code)
    there = {code: known[column] for code, column in columns.items() if column in known}
    found = by_column(curve, batch, there)
    others = {when for values in found.values() for when in values if when.year != year}
    if others:
        raise not_data(batch, f"asked for {year}, and {min(others)} came")
    return answered(batch, found, required=due)


def _years(batch: Batch) -> list[Batch]:
    """The years of a batch, each with the columns that had begun by then; a year without any is left out."""
    found = []
    for year in range(batch.first.year if batch.first else batch.last.year, batch.last.year + 1):
        last = min(batch.last, date(year, 12, 31))
        wanted = tuple(one for one in batch.wanted if _start(one, last) <= year)
        if wanted:
            label = f"{batch.label.rpartition(' ')[0]} {year}"
            found.append(Batch(source=batch.source, label=label, wanted=wanted, first=date(year, 1, 1), last=last))
    return found


def _ask(batch: Batch, *, fresh: str) -> Ask:
    """The request for a year's file; `fresh` means nothing to the Treasury, but passes the cache in front of it."""
    real, year = batch.wanted[0].code.startswith(REAL), str(batch.last.year)
    params = {
        "type": "daily_treasury_real_yield_curve" if real else "daily_treasury_yield_curve",
        "field_tdr_date_value": year,
        "page": "",
        "_format": "csv",
        "fresh": fresh,
    }
    return Ask(source=batch.source, code=asked(batch), url=f"{PAGE}/{year}/all", params=params, expects="CSV")


def _due(code: str, batch: Batch) -> bool:
    """Whether a year's file must have values in a column: after its first year, and not while it was not issued.

    Of a column whose first year we do not know, only the file of the year that still runs.
    """
    year, first = batch.last.year, SINCE.get(_plain(code))
    if first is None:
        return batch.last < date(year, 12, 31)
    return first < year and not (_plain(code) == "30 yr" and 2002 <= year <= 2006)  # noqa: PLR2004 -- its pause


def _plain(name: str) -> str:
    """A column's name without the differences between years: "1.5 Month" and "1.5 Mo", "10 YR" and "10 Yr"."""
    return " ".join(name.casefold().replace("month", "mo").split())


def _start(wanted: Wanted, today: date) -> int:
    """The first year to be asked for a series."""
    first = SINCE.get(_plain(wanted.code), FIRST_YEAR[REAL if wanted.code.startswith(REAL) else ""])
    if wanted.since is None:
        return first
    return max(first, min(wanted.since.year, (today - timedelta(days=QUIET)).year))
