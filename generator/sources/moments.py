"""When what was fetched became known, and whether that moment was seen or follows from a rule.

A moment is *observed* where the source states it or Capline was there: it asked within half a day of the moment at
which the value was due, or before it, or found another value than it held. It is *derived*, from the release rule of
the series, where a value was filled in later. docs/release-rules.md has the table.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.sources.releases import NEW_YORK, RULES, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.model import SeriesSpec

WITNESSED = timedelta(hours=12)  # a value fetched so soon after it was due was seen when it came
DAY_ONLY = time(0)  # a stated moment of midnight UTC is a day without an hour
WEEK = 7  # days
POLICY = "policy."
DATED_ON_DECISION = {  # FRED dates these on the day of the decision, all others on the day they took effect
    np.datetime64("2008-12-16"),
    np.datetime64("2015-12-16"),
    np.datetime64("2016-12-14"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """What a fetch adds to the store, as `Store.append` takes it; and how many rows it only said again."""

    rows: pd.DataFrame  # series_id, date, known_at (UTC), value, source, observed, revises
    unchanged: Counter[str]  # by series


def stamp(
    fetched: pd.DataFrame, held: pd.DataFrame, specs: Mapping[str, SeriesSpec], *, source: str, now: datetime
) -> Stamped:
    """Give each row that says something new its moment.

    `fetched` is what an edge gave (series_id, date, value, known_at or NaT), `held` the newest value that the store has
    for each series and date (series_id, date, value), from before the first fetched date on.
    """
    said = decisions(fetched, held, source=source)
    parts, unchanged = [_nothing()], Counter[str]()
    for series_id, rows in said.groupby("series_id"):
        part = _of_series(rows, held, specs[str(series_id)], now)
        unchanged[str(series_id)] = len(rows) - len(part)
        parts.append(part)
    parts = [part for part in parts if len(part)] or parts[:1]
    return Stamped(rows=pd.concat(parts, ignore_index=True).assign(source=source), unchanged=unchanged)


def _of_series(said: pd.DataFrame, held: pd.DataFrame, spec: SeriesSpec, now: datetime) -> pd.DataFrame:
    """The rows of one series that say something new, with their moments."""
    own = held[held["series_id"] == spec.id] if len(held) else held
    dates = pd.DatetimeIndex(said["date"])
    before = own.set_index("date")["value"].reindex(dates).to_numpy() if len(own) else np.full(len(said), np.nan)
    stated = said["known_at"].notna().to_numpy()
    # What an archive does not date is how its past once stood: no news of a day that is held.
    fresh = stated | (np.isnan(before) if stated.any() else before != said["value"].to_numpy())
    said, before, stated = said[fresh], before[fresh], stated[fresh]
    if said.empty:
        return _nothing()
    moment = pd.Timestamp(now).tz_convert("UTC").as_unit("us")
    due = _due(said, spec)
    late = (due < moment - WITNESSED) & np.isnan(before) & ~stated
    known = due.where(late, moment)
    if stated.any():
        known = known.where(~stated, pd.DatetimeIndex(_stated(said["known_at"], spec, moment)))
    revises = ~np.isnan(before)
    if not (dates := pd.DatetimeIndex(said["date"])).is_unique:
        revises |= dates.duplicated()
    return said.assign(known_at=known.as_unit("us"), observed=~late, revises=revises)


def _due(said: pd.DataFrame, spec: SeriesSpec) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex(said["date"]).as_unit("us")
    calendar = pd.DatetimeIndex(dates.unique()).sort_values()
    if spec.frequency == "month":  # what is known before its month counts weekdays, not months
        calendar = pd.bdate_range(calendar[0] - pd.Timedelta(days=WEEK), calendar[-1]).as_unit("us")
    return RULES[spec.release].known_at(dates, calendar)


def _stated(said: pd.Series, spec: SeriesSpec, now: pd.Timestamp) -> pd.Series:
    """Moments as the source states them; a day without an hour is that of the series' rule, else the end of the day."""
    known: pd.Series = pd.Series(pd.DatetimeIndex(said).as_unit("us"), index=said.index)
    bare = known.notna() & (known == known.dt.normalize())
    hour = RULES[spec.release].hour
    days = pd.DatetimeIndex(known[bare].dt.tz_localize(None))
    filled = at(days, hour, NEW_YORK) if hour else at(days + pd.Timedelta(days=1), DAY_ONLY, NEW_YORK)
    known.loc[bare] = filled
    return known.where(~(known > now), now)


def decisions(fetched: pd.DataFrame, held: pd.DataFrame, *, source: str) -> pd.DataFrame:
    """Turn the bounds of the funds target, by the day each took effect, into decisions: the day before, changes only.

    Other series pass unchanged. What is held tells which bound was in force before the first row; without it the first
    row stands for what was found in force, not for a change.
    """
    bounds = [series_id for series_id in fetched["series_id"].unique() if series_id.startswith(POLICY)]
    if not bounds:
        return fetched
    policy = fetched["series_id"].isin(bounds)
    parts = [fetched[~policy]]
    for series_id, rows in fetched[policy].sort_values("date", kind="stable").groupby("series_id"):
        days = rows["date"].to_numpy().astype("datetime64[D]")
        own = np.isin(days, list(DATED_ON_DECISION)) & (source in {"fred", "fredcsv"})
        moved = rows.assign(date=pd.DatetimeIndex(np.where(own, days, days - np.timedelta64(1, "D"))).as_unit("us"))
        known = held[(held["series_id"] == series_id) & (held["date"] < moved["date"].iloc[0])]
        start = np.nan if known.empty else known.sort_values("date")["value"].iloc[-1]
        changed = np.diff(moved["value"].to_numpy(), prepend=start) != 0
        parts.append(moved[changed])
    return pd.concat(parts)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "series_id": pd.Series(dtype="str"),
            "date": pd.Series(dtype="datetime64[us]"),
            "value": pd.Series(dtype="float64"),
            "known_at": pd.Series(dtype="datetime64[us, UTC]"),
            "observed": pd.Series(dtype="bool"),
            "revises": pd.Series(dtype="bool"),
        }
    )
