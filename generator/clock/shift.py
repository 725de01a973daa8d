"""A shift: what a run works with. Time comes in here and nowhere else, so that a year can be run through in minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from pathlib import Path

    from generator.config import Settings
    from generator.fetching import Tell

STEPS = ("fetch", "build", "verify", "archive", "publish", "wait", "send")  # of a run, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a run, for its log. It holds neither addresses nor secrets."""

    at: datetime
    edition: str  # "": of the whole run
    step: str
    state: Literal["begins", "done", "waits", "held", "notice", "note"]
    words: str
    error: str = ""
    code: int = 0
    hint: str = ""


class Log(Protocol):
    """Who is told what happens, as it happens."""

    def __call__(self, event: Event) -> None:
        """Tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the call asks for: one day, one kind; None: whatever is due."""

    day: date | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The settings, the clock, and what the call says of the whole run."""

    settings: Settings
    now: Callable[[], datetime]  # UTC
    sleep: Callable[[float], None]  # seconds
    log: Log
    fetching: Tell  # who is told how far a fetch is
    forms: tuple[str, ...]
    through: str = STEPS[-1]
    offline: bool = False
    rehearsal: bool = False  # the moment is made up: other clocks are not asked, and only this machine gets mail

    @property
    def runs(self) -> Path:
        """Where the journal lies."""
        return self.settings.build.output / "runs"

    def reaches(self, step: str) -> bool:
        """Whether the run goes as far as a step."""
        return STEPS.index(step) <= STEPS.index(self.through)

    def say(self, edition: str, step: str, state: Literal["begins", "done", "waits", "note"], words: str) -> None:
        """Tell the log."""
        self.log(Event(at=self.now(), edition=edition, step=step, state=state, words=words))
