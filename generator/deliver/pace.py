"""Pace: how fast the relay is asked to take messages, when to slow down, and when to stop.

Times are seconds of one clock that only goes forward; the same for all threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import SystemRandom
from typing import TYPE_CHECKING

from generator.deliver.reports import standing

if TYPE_CHECKING:
    from generator.deliver.smtp import Answer

SHORTEST, LONGEST = (
    1.0,
    60.0,
)  # seconds that everything holds after a failure of the relay; doubled from one to the next
CALM = 20  # messages taken in a row, after which the hold is halved and one connection more may work
PART = 0.1  # of a failure: a reader put off or refused; so many in a row are the relay's failure too
BURST = 0.1  # seconds of messages that may go at once after a pause
_CHANCE = SystemRandom()


class Bucket:
    """At most so many a second, evenly spaced; a rate of 0 knows no limit."""

    def __init__(self, rate: float) -> None:
        self._space = 1 / rate if rate else 0.0
        self._next = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next may go; 0 or less: now."""
        return self._next - now

    def reserve(self, now: float) -> float:
        """Take the next place; gives its moment, which may have come already."""
        place = max(self._next, now - BURST)
        self._next = place + self._space
        return place


def jittered(seconds: float) -> float:
    """About so many seconds, so that what failed together does not come back together: from 0.75 to 1.25 of them."""
    return seconds * _CHANCE.uniform(0.75, 1.25)


@dataclass(slots=True)
class Pace:
    """How the relay bears us: failures slow everything down, and too many in a row open the breaker."""

    connections: int  # that may work at most
    give_up_after: int
    shortest: float = SHORTEST
    until: float = 0.0  # nothing is begun before
    failures: float = 0.0  # in a row
    last: str = ""
    allowed: int = 0  # connections that may work now
    _hold: float = 0.0
    _taken: int = 0

    def __post_init__(self) -> None:
        """At first all connections may work."""
        self.allowed = self.connections

    @property
    def open(self) -> bool:
        """Whether going on would only do harm."""
        return self.failures >= self.give_up_after

    def fine(self) -> None:
        """A message was taken."""
        self.failures = 0.0
        self._taken += 1
        if self._taken % CALM == 0:
            self._hold /= 2
            self.allowed = min(self.allowed + 1, self.connections)

    def trouble(self, problem: str, now: float) -> None:
        """The relay failed or is busy: everything holds for a while, and half as many connections go on."""
        self.failures += 1
        self.last, self._taken = problem, 0
        if now >= self.until:  # connections that fail together are one sign, not many
            self._hold = min(max(self._hold * 2, self.shortest), LONGEST)
            self.allowed = max(self.allowed // 2, 1)
            self.until = now + jittered(self._hold)

    def refusal(self, problem: str) -> None:
        """A reader was put off or refused."""
        self.failures += PART
        self.last = problem


def is_trouble(answer: Answer) -> bool:
    """Whether a refusal is about us or the relay rather than the reader: 421, system (x.3.x), policy (x.7.x).

    RFC 3463 has the numbers; what the relay says of our sender is about us too.
    """
    subject = answer.text[2:4] if answer.text[1:2] == "." and answer.text[0] in "45" else ""
    return answer.code in (421, 552) or answer.stage == "mail" or subject in ("3.", "7.")


def refused_for_good(answer: Answer) -> bool:
    """Whether a refusal says that there is no such mailbox, by the number that a bounce by mail would have had."""
    status = answer.text.partition(" ")[0]
    return answer.stage in ("rcpt", "content") and standing(status) == "hard"
