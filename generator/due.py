"""What to ask again, and from which day on: by the rule of each series and by when it was last read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from generator.sessions import next_session
from generator.sources.releases import RULES, federal_holidays

if TYPE_CHECKING:
    from generator.model import SeriesSpec
    from generator.sources.catalogue import Followed
    from generator.store import Fetch

NEW_YORK = ZoneInfo("America/New_York")
AGAIN = {  # how far back a later run reads again, for revisions
    "session": timedelta(days=10),
    "business day": timedelta(days=10),
    "day": timedelta(days=10),
    "event": timedelta(days=10),
    "week": timedelta(weeks=8),
    "month": timedelta(days=430),
    "quarter": timedelta(days=430),
}
REVISED = timedelta(days=7)  # after so long the window is read again, though no value is due
EARLY = {  # how long before it is due, by its rule, a value is looked for: rules err on the late side
    "session": timedelta(0),
    "business day": timedelta(hours=6),
    "day": timedelta(0),
    "week": timedelta(days=3),
    "month": timedelta(days=21),
    "quarter": timedelta(days=42),
}
REST = {"french": timedelta(days=6)}  # sources that put out nothing new for weeks: not asked again before that
STEPS = {"day": pd.DateOffset(days=1), "week": pd.DateOffset(weeks=1), "month": pd.DateOffset(months=1),
         "quarter": pd.DateOffset(months=3)}  # fmt: skip


def due_at(spec: SeriesSpec, last: date) -> datetime | None:
    """The moment by which a value after the last one is due; None for events, which are due on no day.

    Weeks, months and quarters count from the last value, sessions by the calendar of New York, business days by the
    federal one.
    """
    return _due_at(spec.frequency, spec.release, last)


@lru_cache(maxsize=256)
def _due_at(frequency: str, release: str, last: date) -> datetime | None:
    if frequency == "event":
        return None
    if frequency == "session":
        following = pd.Timestamp(next_session(last))
    elif frequency == "business day":
        free = federal_holidays(last.year, last.year + 1)
        following = pd.Timestamp(np.busday_offset(np.datetime64(last, "D"), 1, roll="backward", holidays=free))
    else:
        following = pd.Timestamp(last) + STEPS[frequency]
    dates = pd.DatetimeIndex([following]).as_unit("us")
    moment: datetime = RULES[release].known_at(dates, dates)[0].to_pydatetime()
    return moment.astimezone(UTC)


def is_due(one: Followed, state: Fetch | None, last: date | None, now: datetime) -> bool:
    """Whether to ask for a series: its next value is due, may have come early, or it was not read for a week.

    Before it is due a value is looked for once a day (New York) for as long as its rule may be late: not at all for a
    close, three weeks for the figure of a month. Events, which are due on no day, are looked for once a day; those that
    come in the answer of another series, with that one.
    """
    if state is None or not state.whole:
        return True
    if now - state.at < REST.get(state.source, timedelta(0)):
        return False
    if now - state.at >= REVISED:
        return True
    due = None if last is None else due_at(one.spec, last)
    if due is not None and due <= now:
        return True
    early = not one.beside if due is None else due - EARLY[one.spec.frequency] <= now
    return early and _day(state.at) != _day(now)


def since(one: Followed, source: str, state: Fetch | None, last: date | None, *, full: bool) -> date | None:
    """The first day to ask a source for; None: all. The bounds of the target go on from the table of decisions."""
    if one.base == "always":
        return last
    archive = one.vintages and source == "fred"  # asked by day of release, not by what values are about
    if full or state is None or not state.whole or (archive and state.source != source):
        return None
    if archive:
        return state.at.date() - AGAIN["event"]
    newest = state.at.date() if last is None or one.spec.frequency == "event" else min(last, state.at.date())
    return newest - AGAIN[one.spec.frequency]


def _day(moment: datetime) -> date:
    return moment.astimezone(NEW_YORK).date()
