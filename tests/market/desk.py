"""What a wire module works with: the request, the reply, and the published series as of the market's now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from market.faults import distorted
from market.publication import releases

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from market.faults import Fault
    from market.publication import Releases


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came: `query` holds the first value of each parameter."""

    method: str
    host: str
    path: str
    query: dict[str, str] = field(default_factory=dict, hash=False)
    body: bytes = b""

    @property
    def url(self) -> str:
        """Host, path and query as one text."""
        text = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"https://{self.host}{self.path}" + (f"?{text}" if text else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back."""

    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The market as published by `now` (aware, UTC), with the faults of this request."""

    now: datetime
    faults: tuple[Fault, ...] = ()

    @property
    def moment(self) -> np.datetime64:
        """Now as UTC seconds, naive: to compare with moments of publication."""
        return np.datetime64(self.now.astimezone(UTC).replace(tzinfo=None), "s")

    def today(self, zone: str = "America/New_York") -> date:
        """The day it is somewhere."""
        return self.now.astimezone(ZoneInfo(zone)).date()

    def fault(self, kind: str) -> Fault | None:
        """The fault of a kind, if it is on for this request."""
        return next((each for each in self.faults if each.kind == kind), None)

    def without_faults(self) -> Desk:
        """The same desk when nothing goes wrong."""
        return Desk(now=self.now)

    def for_code(self, *names: str) -> Desk:
        """The desk with the faults that concern a code (under any of its names) or all codes."""
        return Desk(now=self.now, faults=tuple(each for each in self.faults if each.code is None or each.code in names))

    def releases(self, source: str, code: str) -> Releases:
        """All that a source ever said of a code (also later than now)."""
        return releases(source, code)

    def series(self, source: str, code: str) -> pd.Series:
        """Values by day as published by now, newest saying of each, after the faults of data; KeyError if unknown."""
        return distorted(newest(source, code, self.moment), list(self.faults))


@lru_cache(maxsize=2000)
def newest(source: str, code: str, moment: np.datetime64) -> pd.Series:
    """The newest saying of each date by a moment; do not change it."""
    return releases(source, code).newest(moment)


def moved(desk: Desk) -> Desk:
    """The desk of another day, if a source is to answer with yesterday's file or before its time."""
    for kind, way in (("yesterday", -1), ("early", 1)):
        fault = desk.fault(kind)
        if fault is not None:
            return Desk(now=desk.now + way * timedelta(days=fault.days or 1), faults=desk.faults)
    return desk
