"""The Bureau of Labor Statistics: monthly series by their own ids, dated the first of the month.

Without a key the bureau answers 25 requests a day, of 25 series and 10 years each; with BLS_API_KEY 500 of 50 and 20.
What is asked fits the smaller limits. Errors come with the status of success and are found in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from generator.errors import RateLimited, RefusedBySource, UnknownCode
from generator.sources.feeds import Batch
from generator.sources.http import OK, Access, Ask
from generator.sources.payloads import Values, answered, asked, not_data, number, put, tree
from generator.sources.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from generator.sources.feeds import Wanted

HOST = "api.bls.gov"
SERIES, YEARS = 25, 10  # of one request
BEGINS = {"CUSR0000SA0": 1947, "CUSR0000SA0L1E": 1957, "LNS14000000": 1948, "CES0000000001": 1939}
EARLIEST = 1939
A_DAY = 86_400.0  # seconds: the quota is counted by the day
MONTHS = {f"M{month:02}": month for month in range(1, 13)}
MEANS = {"M13", "S01", "S02", "S03", "A01", "Q01", "Q02", "Q03", "Q04", "Q05"}  # of several months


@dataclass(frozen=True, slots=True)
class LaborStatistics:
    """The edge to the bureau's public API."""

    name: str = "bls"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """Series together by 25, years by 10; those of a decade are counted back from this year."""
        found = []
        for first, last in _decades(min((_start(one) for one in wanted), default=today.year + 1), today.year):
            asking = [one for one in wanted if _start(one) <= last]
            for group in (tuple(asking[at : at + SERIES]) for at in range(0, len(asking), SERIES)):
                label = f"{len(group)} series {first}-{last}"
                ends = min(today, date(last, 12, 31))
                found.append(Batch(source=self.name, label=label, wanted=group, first=date(first, 1, 1), last=ends))
        return found

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The values of up to ten years. Raises FetchErrors."""
        first = batch.last.year - YEARS + 1 if batch.first is None else batch.first.year
        question = {
            "seriesid": list(dict.fromkeys(one.code for one in batch.wanted)),
            "startyear": f"{first}",
            "endyear": f"{batch.last.year}",
        }
        key = access.bls_key
        ask = Ask(
            source=self.name,
            code=asked(batch),
            url=f"https://{HOST}/publicAPI/{'v1' if key is None else 'v2'}/timeseries/data/",
            json=question,
            key=None if key is None else ("registrationkey", key),
            expects="JSON",
        )
        return access.ask(ask, partial(parse_series, batch=batch))


EDGE = LaborStatistics()


def parse_series(body: bytes, batch: Batch) -> pd.DataFrame:
    """The observations of an answer; months with "-" (never published) and means of several months are left out.

    Only the newest years must have values: a series may begin later than the years asked for.
    """
    answer = tree(body, batch)
    said = _said(answer)
    if answer.get("status") != "REQUEST_SUCCEEDED":
        raise _refusal(said or str(answer.get("status")), batch)
    for wanted in batch.wanted:
        if any(wanted.code in one and ("not exist" in one or "nvalid" in one) for one in said.split("; ")):
            raise UnknownCode(batch.source, wanted.code)
    outer = answer.get("Results")
    series = outer.get("series") if isinstance(outer, dict) else None
    if not isinstance(series, list):
        raise not_data(batch, "the answer has no list of series", came=body)
    found: dict[str, Values] = {wanted.code: {} for wanted in batch.wanted}
    for one in series:
        code, rows = (one.get("seriesID"), one.get("data")) if isinstance(one, dict) else (None, None)
        if code not in found or not isinstance(rows, list):
            raise not_data(batch, f"a series that was not asked for: {code!r}", came=body)
        for when, cell in _months(rows, batch):
            put(found[code], when, number(cell, batch, where=(code, when)), batch, code=code)
    newest = batch.last < date(batch.last.year, 12, 31)
    return answered(batch, found, required=None if newest else ())


def _months(rows: list[Any], batch: Batch) -> Iterator[tuple[date, str]]:
    for row in rows:
        if not isinstance(row, dict):
            raise not_data(batch, "a row that is none", came=str(row))
        year, period, value = (str(row.get(name, "")).strip() for name in ("year", "period", "value"))
        if period in MEANS or value == "-":
            continue
        if period not in MONTHS or not year.isdecimal():
            raise not_data(batch, "a row that is no month's", came=str(row))
        yield date(int(year), MONTHS[period], 1), value.replace(",", "")


def _said(answer: dict[str, Any]) -> str:
    messages = answer.get("message")
    return redacted("; ".join(str(one) for one in messages)) if isinstance(messages, list) else ""


def _refusal(said: str, batch: Batch) -> RateLimited | RefusedBySource:
    if "threshold" in said or "limit" in said:
        return RateLimited(batch.source, asked(batch), retry_after=A_DAY)
    return RefusedBySource(batch.source, asked(batch), status=OK, said=said)


def _start(wanted: Wanted) -> int:
    """The first year to ask for: the one before the first day wanted, so that a good answer is never empty."""
    begins = BEGINS.get(wanted.code, EARLIEST)
    return begins if wanted.since is None else max(begins, wanted.since.year - 1)


def _decades(first: int, last: int) -> Iterator[tuple[int, int]]:
    while last >= first:
        yield max(first, last - YEARS + 1), last
        last -= YEARS
