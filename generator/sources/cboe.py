"""Cboe's own history of its volatility indices: the close of each session, by the name of the index ("VIX")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from generator.sources.feeds import Batch
from generator.sources.http import Access, Ask
from generator.sources.payloads import answered, asked, by_column, not_data, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd

    from generator.sources.feeds import Wanted

HOST = "cdn.cboe.com"
FOLDER = f"https://{HOST}/api/global/us_indices/daily_prices"


@dataclass(frozen=True, slots=True)
class Cboe:
    """The edge to the files of history."""

    name: str = "cboe"
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch an index: each has a file, with all its history."""
        return [
            Batch(source=self.name, label=f"{one.code} history", wanted=(one,), first=None, last=today)
            for one in wanted
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """The closes of an index. Raises FetchErrors."""
        url = f"{FOLDER}/{batch.wanted[0].code}_History.csv"
        ask = Ask(source=self.name, code=asked(batch), url=url, expects="CSV", unknown=(404,))
        return access.ask(ask, partial(parse_history, batch=batch))


EDGE = Cboe()


def parse_history(body: bytes, batch: Batch) -> pd.DataFrame:
    """The closes of a file: DATE, OPEN, HIGH, LOW, CLOSE, with the month before the day."""
    code = batch.wanted[0].code
    sessions = table(body, batch, first=("DATE",))
    if "CLOSE" not in sessions.names:
        raise not_data(batch, "no column CLOSE", came=",".join(sessions.names))
    return answered(batch, by_column(sessions, batch, {code: "CLOSE"}))
