"""How far the calendars reach: the meetings of the Federal Reserve, the sessions of New York."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from generator.doctor.check import Check
from generator.errors import CaplineError
from generator.quality.calendars import EPOCH, due_days
from generator.sessions import is_session
from generator.sources.catalogue import followed
from generator.sources.sample import Sample
from generator.store import END_OF_TIME, Store

MEETINGS = "calendar.fomc"
AHEAD = 60  # days that the calendar of the Federal Reserve should reach
OLD = timedelta(days=400)  # after so long a calendar of holidays should be renewed


def meetings(path: Path, today: date) -> Check:
    """How far the known meetings of the Federal Reserve reach: those of the store, else those in the package."""
    days: list[date] = []
    if path.exists():
        try:
            with Store.open(path) as held:
                known = held.view(END_OF_TIME).available([MEETINGS])
        except CaplineError:
            known = {}  # the store has its own line above
        days = [day.date() for day in known[MEETINGS].index] if MEETINGS in known else []
    if not days:
        days = [day.date() for day in Sample().observations([MEETINGS])["date"]]
    last = max(days)
    words = f"the last meeting of the Federal Reserve that is known is that of {last}"
    if (last - today).days >= AHEAD:
        return Check(name="meetings", level="ok", words=words)
    fetch, update = f"run `capline fetch --series {MEETINGS}`", "update Capline, which has those that are announced"
    return Check(name="meetings", level="warn", words=words, mend=fetch if followed()[MEETINGS].offers else update)


def exchange(today: date) -> Check:
    """How old the calendar of New York's sessions is, and whether it knows the closures that Capline knows."""
    mend = "run `pip install --upgrade exchange_calendars`"
    try:
        found = distribution("exchange_calendars")
    except PackageNotFoundError:
        return Check(name="exchange_calendars", level="fail", words="is not installed", mend=mend)
    installed = Path(str(found.locate_file("exchange_calendars/__init__.py"))).stat().st_mtime
    age = datetime.combine(today, datetime.min.time(), UTC) - datetime.fromtimestamp(installed, UTC)
    first, last = (today + timedelta(days=count) for count in (-730, 365))
    must, _ = due_days("stocks", first.toordinal() - EPOCH, last.toordinal() - EPOCH)
    every = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    theirs = np.array([day.toordinal() - EPOCH for day in every if is_session(day)], dtype=np.int32)
    differing = [f"{date.fromordinal(int(day) + EPOCH)}" for day in np.setxor1d(must, theirs)]
    words = f"version {found.version}, installed {max(age.days, 0)} days ago"
    if differing:
        words += f"; it differs from Capline's own calendar on {', '.join(differing)}"
        return Check(name="exchange_calendars", level="warn", words=words, mend=mend)
    return Check(
        name="exchange_calendars", level="warn" if age > OLD else "ok", words=words, mend=mend if age > OLD else ""
    )
