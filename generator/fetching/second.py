"""A second opinion: what FRED says of the days that others have just told of. It is compared, never stored.

FRED is asked only where its user has chosen it: with a key, or with its public CSV named in the settings' order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from generator.errors import FetchError
from generator.sources.feeds import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from concurrent.futures import Future

    from generator.fetching.run import Reading
    from generator.sources.feeds import Batch, Edge
    from generator.sources.http import Access

NEW_YORK = ZoneInfo("America/New_York")
FRED = ("fredcsv", "fred")  # the first asks for several series in one request
SPAN = timedelta(days=21)
# FRED's names of what is compared: what else comes in the same answers of the Treasury and the New York Fed stands or
# falls with them. FRED allows two requests a second, and has six series of its public CSV in one.
COMPARED = {
    "rates.DGS3MO": "DGS3MO",
    "rates.DGS2": "DGS2",
    "rates.DGS10": "DGS10",
    "rates.DFII10": "DFII10",
    "rates.EFFR": "EFFR",
    "price.GSPC": "SP500",
}
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What another source says, by series and day, from a day on; and the errors of questions without an answer."""

    said: pd.DataFrame  # series_id, date, value
    failures: tuple[FetchError, ...] = ()


NONE = Opinions(said=pd.DataFrame({"series_id": [], "date": pd.DatetimeIndex([]), "value": []}))


def wanted(readings: Sequence[Reading], *, order: Sequence[str], keys: Collection[str], access: Access) -> list[Wanted]:
    """The series to ask FRED of: those compared that somebody else is asked for."""
    if chosen(order, keys) is None:
        return []
    since = access.now.astimezone(NEW_YORK).date() - SPAN
    return [
        Wanted(series_id=one.id, code=COMPARED[one.id], since=since)
        for one in readings
        if one.id in COMPARED and one.offers[0].source not in FRED
    ]


def chosen(order: Sequence[str], keys: Collection[str]) -> str | None:
    """Which of FRED's two doors is open to the user, if one is."""
    return next((name for name in FRED if name in order and (name in keys or name == FRED[0])), None)


@contextmanager
def asking(
    asked: Sequence[Wanted], source: str | None, access: Access, edges: Callable[[str], Edge]
) -> Iterator[Callable[[], Opinions]]:
    """Ask beside whatever goes on; what is given waits for the answers."""
    if source is None or not asked:
        yield lambda: NONE
        return
    edge = edges(source)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="second")
    try:
        batches = edge.batches(asked, today=access.now.astimezone(NEW_YORK).date())
        answers = [pool.submit(_tried, edge, batch, access) for batch in batches]
        yield lambda: _opinions(answers)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _tried(edge: Edge, batch: Batch, access: Access) -> pd.DataFrame | FetchError:
    try:
        return edge.fetch(batch, access)
    except FetchError as failure:
        return failure


def _opinions(answers: Sequence[Future[pd.DataFrame | FetchError]]) -> Opinions:
    found = [one.result() for one in answers]
    frames = [one[["series_id", "date", "value"]] for one in found if not isinstance(one, FetchError) and len(one)]
    failures = tuple(one for one in found if isinstance(one, FetchError))
    return Opinions(said=pd.concat(frames, ignore_index=True) if frames else NONE.said, failures=failures)
