"""The European Central Bank's reference rates: units of a currency per euro, by its code ("USD").

The whole history comes as one archive, recent days from the data portal as CSV.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from generator.errors import UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import (
    NOTHING,
    Values,
    answered,
    archive,
    asked,
    by_column,
    day,
    not_data,
    number,
    put,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from generator.sources.feeds import Wanted

BANK, PORTAL = "www.ecb.europa.eu", "data-api.ecb.europa.eu"
ARCHIVE = f"https://{BANK}/stats/eurofxref/eurofxref-hist.zip"
DATA = f"https://{PORTAL}/service/data/EXR"
RECENT = timedelta(days=120)  # further back the archive is the smaller answer
MARGIN = timedelta(days=14)  # read before the first day wanted: a well-formed answer then always has rows


@dataclass(frozen=True, slots=True)
class EuropeanCentralBank:
    """The edge to the reference rates."""

    name: str = "ecb"
    hosts: tuple[str, ...] = (BANK, PORTAL)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """A batch for each currency of which recent days are wanted, and one for all that are wanted whole."""
        recent = tuple(one for one in wanted if one.since is not None and one.since >= today - RECENT)
        whole = tuple(one for one in wanted if one not in recent)
        found = []
        if whole:
            found.append(Batch(source=self.name, label="euro rates", wanted=whole, first=None, last=today))
        for one in recent:
            first = one.since - MARGIN if one.since else None
            found.append(Batch(source=self.name, label=f"{one.code} per euro", wanted=(one,), first=first, last=today))
        return found

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The rates, in units per euro. Raises FetchErrors."""
        if batch.first is None:
            ask = Ask(source=self.name, code=asked(batch), url=ARCHIVE, expects="a zip archive")
            return access.ask(ask, partial(parse_archive, batch=batch))
        ask = Ask(
            source=self.name,
            code=asked(batch),
            url=f"{DATA}/D.{batch.wanted[0].code}.EUR.SP00.A",
            params={"format": "csvdata", "startPeriod": f"{batch.first}"},
            expects="CSV",
            unknown=(404,),
        )
        return access.ask(ask, partial(parse_portal, batch=batch))


EDGE = EuropeanCentralBank()


def parse_archive(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of the archive: a table with a column for each currency; N/A and empty cells are left out."""
    files = [content for name, content in archive(body, batch).items() if name.casefold().endswith(".csv")]
    if len(files) != 1:
        raise not_data(batch, f"the archive holds {len(files)} tables, not one")
    rates = table(files[0], batch, first=("Date",))
    for wanted in batch.wanted:
        if wanted.code not in rates.names:
            raise UnknownCode(batch.source, wanted.code)
    return answered(batch, by_column(rates, batch, {wanted.code: wanted.code for wanted in batch.wanted}))


def parse_portal(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of the portal's CSV: a line for each currency and day; days without a value are left out."""
    found: dict[str, Values] = {wanted.code: {} for wanted in batch.wanted}
    lines = table(body, batch, first=("KEY",))
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(lines.names):
        raise not_data(batch, "no columns TIME_PERIOD and OBS_VALUE", came=",".join(lines.names))
    days, values = lines.names.index("TIME_PERIOD"), lines.names.index("OBS_VALUE")
    for row in lines.rows:
        code = row[0].split(".")[2] if row[0].startswith("EXR.D.") else ""
        if code not in found:
            raise not_data(batch, "a line that was not asked for", came=",".join(row))
        when = day(row[days], batch)
        if row[values] not in NOTHING:
            put(found[code], when, number(row[values], batch, where=(code, when)), batch, code=code)
    return answered(batch, found)
