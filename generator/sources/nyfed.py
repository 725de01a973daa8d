"""The New York Fed's reference rates (EFFR, SOFR), in percent, and the target range that the FOMC set.

The range is an event series: a value only on the days on which it changes, dated when it took effect, as the bank
dates it. Before 16 December 2008 the target was one number: then it is both bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from generator.errors import UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import Values, answered, asked, day, not_data, number, put, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from generator.sources.feeds import Wanted

HOST = "markets.newyorkfed.org"
RATES = {"EFFR": ("unsecured/effr", date(2000, 7, 3)), "SOFR": ("secured/sofr", date(2018, 4, 2))}
RATE, BOUNDS = "percentRate", {"target_lower": "targetRateFrom", "target_upper": "targetRateTo"}  # fields
RANGE_SINCE = date(2008, 12, 16)
MARGIN = timedelta(days=14)  # read before the first day wanted: a well-formed answer then always has rows


@dataclass(frozen=True, slots=True)
class NewYorkFed:
    """The edge to the markets API of the New York Fed."""

    name: str = "nyfed"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch for EFFR and the target range, one for SOFR."""
        found = []
        for rate, (_, begins) in RATES.items():
            asking = tuple(one for one in wanted if _rate(one.code) == rate)
            if asking:
                starts = [begins if one.since is None else max(begins, one.since - MARGIN) for one in asking]
                found.append(Batch(source=self.name, label=rate, wanted=asking, first=min(starts), last=today))
        return found

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The rates in percent, and the range on the days it changed. Raises FetchErrors."""
        rate = _rate(batch.wanted[0].code)
        params = {"startDate": f"{batch.first or RATES[rate][1]}", "endDate": f"{batch.last}"}
        url = f"https://{HOST}/api/rates/{RATES[rate][0]}/search.json"
        ask = Ask(source=self.name, code=asked(batch), url=url, params=params, expects="JSON")
        return access.ask(ask, partial(parse_rates, batch=batch))


EDGE = NewYorkFed()


def parse_rates(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of an answer about one rate; fields that are missing or null are left out."""
    answer = tree(body, batch)
    rows = answer.get("refRates")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise not_data(batch, "the answer has no list of refRates", came=body)
    rate = _rate(batch.wanted[0].code)
    fields: dict[str, Values] = {code: {} for code in (rate, *BOUNDS)}
    for row in rows:
        if row.get("type") != rate:
            raise not_data(batch, f"asked for {rate}, and {row.get('type')!r} came")
        when = day(str(row.get("effectiveDate")), batch)
        cells = {rate: row.get(RATE), **_bounds(row, when)}
        for code, cell in cells.items():
            if cell not in {None, "", "NA"}:
                put(fields[code], when, number(str(cell), batch, where=(code, when)), batch, code=code)
    codes = [wanted.code for wanted in batch.wanted]
    answered(batch, fields, required=codes)  # the range must be there, though it may not change
    return answered(
        batch, {code: _changes(fields[code]) if code in BOUNDS else fields[code] for code in codes}, required=()
    )


def _bounds(row: dict[str, Any], when: date) -> dict[str, Any]:
    lower, upper = (row.get(field) for field in BOUNDS.values())
    if when < RANGE_SINCE:  # one number, in one field or in both
        lower, upper = (lower if upper is None else upper), (upper if lower is None else lower)
    return {"target_lower": lower, "target_upper": upper}


def _changes(values: Values) -> Values:
    """The values that differ from the one before; the first one shows no change."""
    days = sorted(values)
    return {when: values[when] for before, when in pairwise(days) if values[when] != values[before]}


def _rate(code: str) -> str:
    """The rate whose answer holds a code."""
    rate = "EFFR" if code in BOUNDS else code
    if rate not in RATES:
        raise UnknownCode(EDGE.name, code)
    return rate
