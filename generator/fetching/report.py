"""What is asked of a fetch and what it tells: its scope, its progress, its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from generator.fetching.second import NONE, Opinions

if TYPE_CHECKING:
    from datetime import date

    from generator.errors import CaplineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which of the series to fetch, and how far back; as it stands, all that are due."""

    series: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None
    full: bool = False

    @property
    def named(self) -> bool:
        """Whether the person asked for something of their own: then it is read though it may not be due."""
        return bool(self.series or self.sources or self.since or self.full)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a series: the source that gave it (empty: none did), what was new, and what failed on the way."""

    series_id: str
    source: str = ""
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    failures: tuple[CaplineError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole fetch: each series that was asked for, those not due, and those that no source may be asked for."""

    outcomes: tuple[Outcome, ...]
    not_due: tuple[str, ...]
    left_out: tuple[str, ...]  # none of their sources is in the settings' order, or a key is missing
    second: Opinions = NONE  # what FRED says of the same days
    headlines: int | None = None  # that are kept now; None: no feed was read
    unread: tuple[CaplineError, ...] = ()  # why a feed of headlines could not be read

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Those that could not be read from any source."""
        return tuple(one for one in self.outcomes if not one.source)


class Tell(Protocol):
    """Who is told how far a fetch is."""

    def asking(self, source: str, count: int) -> None:
        """So many requests more will go to a source."""

    def answered(self, source: str, label: str, problem: str) -> None:
        """One of them is done, perhaps with a problem."""
