"""Whether this machine's clock can be right: by what lies here, and by what others tell. ClockWrong if it cannot."""

from __future__ import annotations

import re
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from generator.clock import journal
from generator.errors import ClockWrong
from generator.sessions import NEW_YORK
from generator.sources.catalogue import NEEDS_KEY
from generator.sources.feeds import edge
from generator.sources.live import Live
from generator.sources.reach import reach
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from generator.config import Settings

GRACE = timedelta(minutes=10)  # clocks of two machines that share a folder differ by less
APART = timedelta(hours=1)  # from those of others
ASKED = 4  # hosts; they are asked beside each other
PATIENCE = 5.0  # seconds for each
FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+(?:-[a-z_]+)*")
SET = "set it by the network (`capline doctor` compares it with others)"
REHEARSE = "; to rehearse a day of the past, name an output folder of its own"


def by_what_lies_here(settings: Settings, now: datetime) -> None:
    """Refuse a clock that is behind: a run, an edition or a fetch lies in its future."""
    runs = settings.build.output / "runs"
    last = journal.own(runs).last
    if last and last > now + GRACE:
        raise ClockWrong(
            now, f"the last run was at {last:%Y-%m-%d %H:%M} UTC",
            hint=f"{SET}; if it is right now, and was wrong then, take {runs / journal.OWN} away{REHEARSE}",
        )  # fmt: skip
    if (edition := _newest(settings.build.output / "editions"))[:10] > f"{now.astimezone(NEW_YORK).date()}":
        raise ClockWrong(
            now, f"there is an edition of {edition[:10]} already ({edition})",
            hint=f"{SET}; if it is right, take that folder away{REHEARSE}",
        )  # fmt: skip
    if settings.build.source == Live.name and settings.store.exists():
        with Store.open(settings.store) as store:
            read = max((one.at for one in store.fetches().values()), default=now)
        if read > now + GRACE:
            raise ClockWrong(
                now, f"the store was last fetched at {read:%Y-%m-%d %H:%M} UTC",
                hint=f"{SET}; if it is right now, and was wrong then, the moments of that fetch are wrong: begin the "
                f"store anew (move {settings.store} away, `capline fetch`)",
            )  # fmt: skip


def _newest(editions: Path) -> str:
    if not editions.is_dir():
        return ""
    return max((path.name for path in editions.iterdir() if FOLDER.fullmatch(path.name)), default="")


def by_the_sources(settings: Settings, keyed: frozenset[str], clock: Callable[[], datetime]) -> None:
    """Refuse a clock that is far from those of the hosts that live data come from, by their median."""
    names = [name for name in settings.sources.order if name not in NEEDS_KEY or name in keyed]
    hosts = list(dict.fromkeys(host for name in names for host in edge(name).hosts))[:ASKED]
    ahead = [one.ahead for one in reach(hosts, timeout=PATIENCE, clock=clock) if one.ahead is not None]
    if ahead:
        theirs = timedelta(seconds=median(one.total_seconds() for one in ahead))
        compare(clock() + theirs, clock(), "the sources")


def compare(theirs: datetime, ours: datetime, whose: str) -> None:
    """Refuse our clock if another's is far from it."""
    if abs(theirs - ours) > APART:
        raise ClockWrong(ours, f"by the clock of {whose} it is {theirs:%Y-%m-%d %H:%M} UTC", hint=SET)
