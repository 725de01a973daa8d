"""Who is next: readers in the order they came, those put off when their time has come, none faster than the limits."""

from __future__ import annotations

import heapq
import threading
from itertools import count
from typing import TYPE_CHECKING

from generator.deliver.pace import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.deliver.ledger import Ledger, Reader
    from generator.deliver.pace import Pace

AHEAD = 500  # readers read from the ledger at once
KEPT = 10_000  # readers who wait in memory for their domain's turn
SHORT = 0.05  # seconds after which to ask again


class Waiting:
    """The readers of an edition who have not had it, for several threads."""

    def __init__(
        self, ledger: Ledger, pace: Pace, clock: Callable[[], float], *, rate: float, rate_per_domain: float
    ) -> None:
        self._ledger, self._pace, self._clock = ledger, pace, clock
        self._all, self._per_domain = Bucket(rate), rate_per_domain
        self._domains: dict[str, Bucket] = {}
        self._lock = threading.Lock()
        self._order = count()
        self._ahead: list[Reader] = []
        self._after = 0
        self._more = True
        self._out = 0
        self._later = [(one.ready, next(self._order), False, one) for one in ledger.deferred()]
        heapq.heapify(self._later)

    def take(self, connection: int) -> Reader | float | None:
        """The next reader for a connection, seconds to wait, or None when all are done.

        Whoever was taken comes `back` or is `finished`.
        """
        with self._lock:
            now = self._clock()
            if connection >= self._pace.allowed and (self._more or self._ahead or self._later):
                return SHORT * 4
            if (wait := max(self._pace.until - now, self._all.wait(now))) > 0:
                return wait
            chosen = self._choose(now)
            if chosen is None:
                if self._later:
                    return max(min(self._later[0][0] - now, 1.0), SHORT)
                return SHORT if self._out else None
            self._all.reserve(now)
            self._out += 1
            return chosen

    def _choose(self, now: float) -> Reader | None:
        while True:
            if self._later and self._later[0][0] <= now:
                _, _, reserved, reader = heapq.heappop(self._later)
            elif len(self._later) < KEPT and self._read():
                reserved, reader = False, self._ahead.pop()
            else:
                return None
            if reserved or not self._per_domain:
                return reader
            domain = reader.address.rpartition("@")[2]
            place = self._domains.setdefault(domain, Bucket(self._per_domain)).reserve(now)
            if place <= now:
                return reader
            heapq.heappush(self._later, (place, next(self._order), True, reader))

    def _read(self) -> bool:
        """Whether a reader is at hand, read from the ledger if need be."""
        if not self._ahead and self._more:
            self._ahead = self._ledger.planned(after=self._after, limit=AHEAD)[::-1]
            self._more = bool(self._ahead)
            if self._ahead:
                self._after = self._ahead[0].number
        return bool(self._ahead)

    def back(self, reader: Reader) -> None:
        """A reader who was taken is to be tried again, not before `reader.ready`."""
        with self._lock:
            self._out -= 1
            heapq.heappush(self._later, (reader.ready, next(self._order), False, reader))

    def finished(self) -> None:
        """A reader who was taken needs nothing more in this run."""
        with self._lock:
            self._out -= 1
