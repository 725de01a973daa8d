"""FRED and its archive ALFRED through fredapi: latest values, and for revised series every release there was.

A code is the id FRED has, "DGS10". All releases are asked of what the catalogue calls revised, and of "ID:vintages";
each value bears the moment it was published. ALFRED states the day; the hour is that of the series' release rule, or
the end of that day in New York. What was in the archive on its first day is no release, only history as it stood then:
it gets no moment. Values in the unit of FRED.

This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.catalogue import followed
from generator.sources.feeds import COLUMNS, Batch, Wanted
from generator.sources.fred_door import HOST, SOURCE, Answer, ask
from generator.sources.releases import NEW_YORK, RULES, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fredapi import Fred

    from generator.sources.http import Access

ONE_DAY = timedelta(days=1)
MOST_VINTAGES = 1900  # in one request; FRED refuses more than 2000
SURELY_FEWER = timedelta(days=5 * 365)  # even a series revised every working day has fewer vintages in it
VINTAGES = "vintages"
REWRITTEN = frozenset({"NFCI", "ANFCI"})  # the whole history changes every week: its vintages are millions of rows,
REREAD = timedelta(weeks=13)  # so that what changes most of it is read again instead


@dataclass(frozen=True, slots=True)
class FredEdge:
    """The edge to FRED, for who has a key."""

    name: str = SOURCE
    hosts: tuple[str, ...] = (HOST,)

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch a series."""
        return [
            Batch(source=SOURCE, label=one.code.partition(":")[0], wanted=(one,), first=one.since, last=today)
            for one in wanted
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """Ask for the series of a batch; see Edge. For vintages `since` is the first day of release, not of value."""
        found = [_asked(one, batch.last, access) for one in batch.wanted]
        return pd.concat(found, ignore_index=True)


EDGE = FredEdge()


def _asked(wanted: Wanted, today: date, access: Access) -> pd.DataFrame:
    fred_id, _, kind = wanted.code.partition(":")
    if kind not in {"", VINTAGES}:
        raise UnknownCode(SOURCE, wanted.code)
    series = followed().get(wanted.series_id)
    if kind or (series is not None and series.vintages and fred_id not in REWRITTEN):
        hour = RULES[series.spec.release].hour if series is not None else None
        rows = releases(fred_id, wanted.since, today, access).pipe(with_hour, hour)
    else:
        back = REREAD if fred_id in REWRITTEN else timedelta(0)
        rows = latest(fred_id, wanted.since and wanted.since - back, access)
    if rows.empty and wanted.since is None:
        raise EmptyAnswer(SOURCE, fred_id)
    if np.isinf(rows["value"]).any():
        raise NotData(SOURCE, fred_id, "a value without end came")
    return rows.assign(series_id=wanted.series_id)[list(COLUMNS)]


# --- latest values ----------------------------------------------------------------------------------------------


def latest(fred_id: str, since: date | None, access: Access) -> pd.DataFrame:
    """The values as they stand today: date, value, known_at (NaT). Raises FetchErrors."""
    values, answer = ask(fred_id, access, lambda client: client.get_series(fred_id, observation_start=since))
    came, promised = counted(answer)
    if came != promised:
        raise NotData(SOURCE, fred_id, f"{came} of {promised} observations came", truncated=True)
    if len(set(re.findall(rb"\sdate=\"([^\"]*)\"\s+value=\"([^\"]*)\"", answer.body))) > len(values):
        raise NotData(SOURCE, fred_id, "two values came for one day")  # fredapi would keep the last
    return parse_latest(values)


def parse_latest(values: pd.Series[float]) -> pd.DataFrame:
    """FRED's values by date, those that FRED leaves out ('.') dropped."""
    there = values.astype("float64").dropna()
    unknown = pd.Series(pd.NaT, index=range(len(there)), dtype="datetime64[us, UTC]")
    days = pd.DatetimeIndex(there.index).as_unit("us")
    return pd.DataFrame({"date": days, "value": there.to_numpy(), "known_at": unknown})


def counted(answer: Answer) -> tuple[int, int]:
    """How many observations came, and how many FRED says there are; beyond 100 000 it sends no more."""
    told = re.search(rb"<observations\b[^>]*\bcount\s*=\s*\"(\d+)\"", answer.body)
    came = len(re.findall(rb"<observation\s", answer.body))
    return came, int(told[1]) if told else came


# --- every release ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """Days of release asked for in one request, the vintages it holds, and whether it begins where ALFRED does."""

    first: date
    last: date | None  # None: to the newest
    vintages: tuple[date, ...]
    beginning: bool


def releases(fred_id: str, since: date | None, today: date, access: Access) -> pd.DataFrame:
    """Every value ever published, or those released on or after a day: date, value, released (a day, or NaT).

    Raises FetchErrors.
    """
    if since is not None and today - since < SURELY_FEWER:
        asked = [Window(min(since, today) - ONE_DAY, None, (), beginning=False)]
    else:
        dates, _ = ask(fred_id, access, lambda client: client.get_series_vintage_dates(fred_id))
        asked = windows([day.date() for day in dates], since)
    found = [_window(fred_id, window, access) for window in asked]
    return pd.concat(found, ignore_index=True) if found else _none()


def with_hour(rows: pd.DataFrame, hour: time | None) -> pd.DataFrame:
    """The rows with known_at: an hour of the day of release in New York, without one the end of that day.

    >>> rows = pd.DataFrame({"released": pd.to_datetime(["2026-01-09", None])})
    >>> [str(moment) for moment in with_hour(rows, time(8, 30))["known_at"]]
    ['2026-01-09 13:30:00+00:00', 'NaT']
    """
    days = pd.DatetimeIndex(rows["released"])
    moments = at(days, hour, NEW_YORK) if hour else at(days + ONE_DAY, time(0), NEW_YORK)
    return rows.assign(known_at=moments)


def _none() -> pd.DataFrame:
    days = pd.Series(dtype="datetime64[us]")
    return pd.DataFrame({"date": days, "value": pd.Series(dtype="float64"), "released": days})


def windows(vintages: Sequence[date], since: date | None, most: int = MOST_VINTAGES) -> list[Window]:
    """Windows that hold no more vintages than FRED allows and together all of them.

    Each but the first begins on the day before its first vintage: what bears that day has been cut off there by FRED
    and is no release.

    >>> [(w.first.day, w.last and w.last.day) for w in windows([date(2026, 5, day) for day in (4, 9, 15)], None, 2)]
    [(4, 14), (14, None)]
    """
    dates = sorted(day for day in vintages if since is None or day >= since)
    parts = [tuple(dates[start : start + most]) for start in range(0, len(dates), most)]
    ends = [part[0] - ONE_DAY for part in parts[1:]]
    return [
        Window(part[0] if first else part[0] - ONE_DAY, last, part, first)
        for number, (part, last) in enumerate(zip(parts, [*ends, None], strict=True))
        for first in [number == 0 and since is None]
    ]


def _window(fred_id: str, window: Window, access: Access) -> pd.DataFrame:
    def question(client: Fred) -> Any:  # noqa: ANN401 -- fredapi has no types
        last = None if window.last is None else window.last.isoformat()
        return client.get_series_all_releases(fred_id, window.first.isoformat(), last)

    table, answer = ask(fred_id, access, question)
    came, promised = counted(answer)
    if came == promised:
        return parse_releases(table, window)
    if len(window.vintages) < 2:  # noqa: PLR2004 -- one cannot be halved
        raise NotData(SOURCE, fred_id, f"{came} of {promised} observations came", truncated=True)
    return pd.concat([_window(fred_id, half, access) for half in halved(window)], ignore_index=True)


def halved(window: Window) -> tuple[Window, Window]:
    """Two windows that hold what one held."""
    middle = len(window.vintages) // 2
    earlier, later = window.vintages[:middle], window.vintages[middle:]
    cut = later[0] - ONE_DAY
    return Window(window.first, cut, earlier, window.beginning), Window(cut, window.last, later, beginning=False)


def parse_releases(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Values with the day of their release, oldest release first; what FRED cut off at the window's start is none.

    Where the window begins with the archive itself, what bears its first day is kept, without a day of release.
    """
    if table.empty:
        return _none()
    rows = pd.DataFrame(
        {
            "date": pd.to_datetime(table["date"]).dt.as_unit("us"),
            "value": table["value"].where(table["value"].notna()).astype("float64"),  # fredapi makes dots into NaT
            "released": pd.to_datetime(table["realtime_start"]).dt.as_unit("us"),
        }
    )
    rows = rows.dropna(subset=["value"]).drop_duplicates()
    start = pd.Timestamp(window.first)
    kept = rows[rows["released"] >= start] if window.beginning else rows[rows["released"] > start]
    kept = kept.sort_values(["released", "date"], ignore_index=True)
    return kept.assign(released=kept["released"].where(kept["released"] > start))
