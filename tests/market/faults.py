"""The switch for everything that can go wrong: which fault, at which host, for which code, how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import pandas as pd

KINDS = {
    # of the answer
    "429": "Too Many Requests; `seconds` is the Retry-After (none given: no header)",
    "401": "the crumb is refused (Yahoo), or access is (others)",
    "500": "Internal Server Error with a page of HTML; `size` may name another status",
    "hang": "nothing is said for `seconds` (30)",
    "drip": "the answer comes byte by byte, one every half second",
    "cut": "the connection is closed without an answer",
    "html": "200 with a page of HTML",
    "truncated": "the first half of the answer, with a matching length",
    "short": "the first half of the answer, with the length of the whole",
    "nothing": "200 with an empty body",
    "error": "an error body in the source's own words",
    "certificate": "a certificate of an authority nobody knows",
    "huge": "50 MB of the answer's own kind (`size` in MB)",
    "bomb": "an XML document whose entities grow to gigabytes",
    "zip": "a zip whose member unpacks to 1 GB (`size` in MB)",
    # of the data
    "empty": "a well-formed answer without a row",
    "yesterday": "the answer of `days` (1) earlier",
    "early": "the answer of `days` (1) later",
    "unfinished": "a last row for today that is no close (Yahoo)",
    "nulls": "`days` (3) rows without values, the newest among them",
    "duplicate": "the newest row twice, equal; with `size` the second differs by that factor",
    "jump": "the newest value times `size` (1.4)",
    "hole": "`days` (3) rows before the newest are missing",
    "split-unseen": "the newest `days` (1) rows at half their price, without a split event",
    "unit": "all values times `size` (100)",
    "negative": "the newest value is negative",
    "impossible": "the newest value is `size` (412)",
    "weekend": "a row on the Saturday after the newest row",
    "revision": "the value `days` (5) rows back times `size` (1.02)",
    "disagree": "the newest `days` (1) values times `size` (1.01)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong. `host` and `code` None: everywhere; `times` None: until it is cleared."""

    kind: str
    host: str | None = None
    code: str | None = None
    path: str | None = None
    times: int | None = None
    seconds: float | None = None
    size: float | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; known: {', '.join(KINDS)}")

    def fits(self, host: str, codes: frozenset[str], path: str) -> bool:
        """Whether it concerns a request for these codes (each under all its names)."""
        return (
            (self.host is None or self.host == host)
            and (self.code is None or self.code in codes)
            and (self.path is None or self.path in path)
        )


@dataclass(slots=True)
class Switchboard:
    """The faults that are on, and how often each may still happen."""

    _on: list[list[object]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Switch one on."""
        with self._lock:
            self._on.append([fault, fault.times])

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._on.clear()

    def all(self) -> list[Fault]:
        """Those that are on."""
        with self._lock:
            return [fault for fault, left in self._on if left is None or left > 0]

    def take(self, host: str, codes: frozenset[str], path: str) -> list[Fault]:
        """Those that happen to this request; each counts one down."""
        taken = []
        with self._lock:
            for entry in self._on:
                fault, left = entry
                if fault.kind == "certificate":
                    continue
                if (left is None or left > 0) and fault.fits(host, codes, path):
                    entry[1] = None if left is None else left - 1
                    taken.append(fault)
        return taken

    def take_kind(self, kind: str, host: str) -> bool:
        """Whether a fault of the connection itself happens to a host; counts it down."""
        with self._lock:
            for entry in self._on:
                fault, left = entry
                if fault.kind == kind and (left is None or left > 0) and fault.host in {None, host}:
                    entry[1] = None if left is None else left - 1
                    return True
        return False


def distorted(values: pd.Series, faults: list[Fault]) -> pd.Series:
    """A published series (values by day) after the faults of data."""
    for fault in faults:
        change = DISTORTIONS.get(fault.kind)
        if change is not None and len(values):
            values = change(values.copy(), fault)
    return values


def _newest_times(values: pd.Series, factor: float, days: int) -> pd.Series:
    values.iloc[-days:] = values.iloc[-days:] * factor
    return values


def _newest_is(values: pd.Series, value: float) -> pd.Series:
    values.iloc[-1] = value
    return values


def _back_times(values: pd.Series, factor: float, days: int) -> pd.Series:
    back = min(days, len(values) - 1)
    values.iloc[-1 - back] = values.iloc[-1 - back] * factor
    return values


def _without(values: pd.Series, days: int) -> pd.Series:
    return pd.concat([values.iloc[: -1 - days], values.iloc[-1:]])


def _with_nulls(values: pd.Series, days: int) -> pd.Series:
    values.iloc[np.arange(len(values) - 1, -1, -2)[:days]] = np.nan
    return values


def _doubled(values: pd.Series, factor: float) -> pd.Series:
    return pd.concat([values, values.iloc[-1:] * factor])


def _on_saturday(values: pd.Series) -> pd.Series:
    newest = values.index[-1]
    saturday = newest + pd.Timedelta(days=(5 - newest.day_of_week) % 7 or 7)
    return pd.concat([values, pd.Series([values.iloc[-1]], index=pd.DatetimeIndex([saturday]))])


DISTORTIONS = {
    "empty": lambda values, _: values.iloc[:0],
    "nulls": lambda values, fault: _with_nulls(values, fault.days or 3),
    "duplicate": lambda values, fault: _doubled(values, fault.size or 1.0),
    "jump": lambda values, fault: _newest_times(values, fault.size or 1.4, 1),
    "hole": lambda values, fault: _without(values, fault.days or 3),
    "split-unseen": lambda values, fault: _newest_times(values, 0.5, fault.days or 1),
    "unit": lambda values, fault: values * (fault.size or 100.0),
    "negative": lambda values, _: _newest_is(values, -abs(float(values.iloc[-1]) or 1.0)),
    "impossible": lambda values, fault: _newest_is(values, fault.size or 412.0),
    "weekend": lambda values, _: _on_saturday(values),
    "revision": lambda values, fault: _back_times(values, fault.size or 1.02, fault.days or 5),
    "disagree": lambda values, fault: _newest_times(values, fault.size or 1.01, fault.days or 1),
}
