"""Sending: connections in parallel, each with one message at a time, the ledger before and after each.

What can happen to a message, and what follows:

the relay takes it              accepted
it refuses for good (5xx)       rejected, never tried again by itself
it puts it off (4xx)            deferred, tried again later
the line breaks before its end  deferred, tried again
the line breaks after its end   uncertain, held
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.deliver import smtp
from generator.deliver.connection import Connection
from generator.deliver.pace import SHORTEST, Pace
from generator.deliver.waiting import Waiting
from generator.errors import BreakerOpen, RelayFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from generator.deliver.door import Door, Line
    from generator.deliver.ledger import Ledger, Reader
    from generator.deliver.post import Post
    from generator.errors import DeliveryError

LOOK = 0.2  # seconds between two looks at the progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come: readers to send to at its start, and what came of them so far."""

    total: int
    outcomes: Mapping[str, int]
    seconds: float

    @property
    def done(self) -> int:
        """Readers for whom this run need do nothing more; one who was put off and comes again is "retried"."""
        return sum(count for state, count in self.outcomes.items() if state != "retried")


class Sending:
    """One run of sending an edition."""

    def __init__(  # noqa: PLR0913 -- the parts of a run
        self, post: Post, ledger: Ledger, door: Door, *, now: datetime, total: int, shortest: float = SHORTEST
    ) -> None:
        settings = door.settings
        self.post, self.ledger, self.door, self._total = post, ledger, door, total
        self._began = time.monotonic()
        self._epoch = now.timestamp() - self._began
        self.pace = Pace(settings.connections, settings.give_up_after, shortest)
        self.waiting = Waiting(
            ledger, self.pace, self.now, rate=settings.rate, rate_per_domain=settings.rate_per_domain
        )
        self.lock = threading.Lock()  # of what follows, and of the pace
        self._tally: Counter[str] = Counter()
        self._tries: Counter[int] = Counter()
        self.stop = threading.Event()
        self._failed: DeliveryError | None = None

    def now(self) -> float:
        """Seconds since 1970, by a clock that nobody sets meanwhile."""
        return self._epoch + time.monotonic()

    def run(self, report: Callable[[Progress], None]) -> Progress:
        """Send until all are done, put off beyond this run, or the relay fails for good; report from time to time.

        Raises RelayFailed, BreakerOpen or BookError; the ledger then holds all that is known.
        """
        first = self._first_line()
        count = self.door.settings.connections
        with ThreadPoolExecutor(count, thread_name_prefix="line") as pool:
            try:
                lines = [first, *[None] * (count - 1)]
                running = [pool.submit(Connection(self, number, line).work) for number, line in enumerate(lines)]
                left = set(running)
                while left:
                    done, left = wait(left, LOOK, FIRST_EXCEPTION)
                    if any(one.exception() for one in done):
                        break
                    report(self._progress())
            finally:
                self.stop.set()
        for one in running:
            one.result()
        if self._failed:
            raise self._failed
        return self._progress()

    def _progress(self) -> Progress:
        with self.lock:
            return Progress(
                total=self._total, outcomes=dict(self._tally), seconds=max(time.monotonic() - self._began, 1e-9)
            )

    def _first_line(self) -> Line:
        """Open one line before anything else, so that what is set wrong is said at once."""
        try:
            line = self.door.dial()
        except smtp.Dropped as problem:
            raise RelayFailed(
                self.door.name, str(problem).removeprefix(f"{self.door.name}: "),
                hint="is host and port in [smtp] right, and does the relay run? Nothing was sent",
            ) from None  # fmt: skip
        size = self.post.compiled.size
        if 0 < line.largest < size:
            line.close()
            raise RelayFailed(
                self.door.name, f"it takes {line.largest:,} octets, the letter has {size:,}",
                hint="use another relay; nothing was sent",
            )  # fmt: skip
        return line

    # --- for the connections ------------------------------------------------------------------------------------

    def count(self, state: str) -> None:
        """Enter an outcome in the tally."""
        with self.lock:
            self._tally[state] += 1

    @property
    def trusted(self) -> bool:
        """Whether the relay has taken a message in this run: before that, what it says of mailboxes counts little."""
        return bool(self._tally["accepted"])

    def tries(self, reader: Reader) -> int:
        """How often a reader has been put off in this run, this time included."""
        with self.lock:
            self._tries[reader.number] += 1
            return self._tries[reader.number]

    def trouble(self, problem: str) -> None:
        """The relay failed: slow down, and stop when it has failed too often in a row."""
        with self.lock:
            self.pace.trouble(problem, self.now())
        self._watch()

    def refusal(self, problem: str) -> None:
        """A reader was put off or refused."""
        with self.lock:
            self.pace.refusal(problem)
        self._watch()

    def _watch(self) -> None:
        if self.pace.open:
            self.fail(BreakerOpen(round(self.pace.failures), smtp.without_mailboxes(self.pace.last)))

    def fail(self, problem: DeliveryError) -> None:
        """End the run, with the first problem as its reason."""
        with self.lock:
            self._failed = self._failed or problem
        self.stop.set()
