"""How long and how often sources are asked: the time of a whole fetch, turns at a host, and what is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import stamina
from stamina.instrumentation import set_on_retry_hooks

from generator.errors import NotData, OutOfTime, RateLimited, RefusedBySource, TimedOut, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LOG = logging.getLogger(__name__)
ATTEMPTS = 3
LONGEST_PAUSE = 2.0  # seconds between attempts, where the source does not name a time
SERVER_FAULT = 500  # HTTP: from this status on the fault is the server's, and may pass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a whole fetch has to be done, on a clock that never goes back."""

    ends: float  # as time.monotonic() has it, in seconds

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left; 0 when it has passed."""
        return max(0.0, self.ends - time.monotonic())


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a host is asked at most: requests at a time, and how many may start within how many seconds.

    `interval` is the seconds from the start of one to that of the next, on an average over `burst` of them: those may
    start at once, the next one when the time of all has passed.
    """

    concurrent: int = 4
    interval: float = 0.0
    burst: int = 1


LIMITS: dict[str, Limit] = {
    "api.bls.gov": Limit(concurrent=2),
    "api.stlouisfed.org": Limit(concurrent=2, interval=0.6),  # 120 a minute, and bursts above 2 a second are refused
    "fred.stlouisfed.org": Limit(concurrent=2, interval=0.5, burst=2),  # two in any second
    "mba.tuck.dartmouth.edu": Limit(concurrent=2),
}


class Turns:
    """Whose turn it is at each host; threads share it, and a host that asks for rest gets it from all of them."""

    def __init__(
        self,
        limits: Mapping[str, Limit] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = LIMITS if limits is None else limits
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._doors: dict[str, threading.Semaphore] = {}
        self._rest: defaultdict[str, float] = defaultdict(float)  # host: before which no request may start
        self._begun: defaultdict[str, list[float]] = defaultdict(list)  # host: when the last requests started

    @contextmanager
    def turn(self, host: str, deadline: Deadline, *, source: str, code: str) -> Iterator[None]:
        """Wait for a turn at a host and keep it inside the block; OutOfTime if none comes before the deadline."""
        limit = self._limits.get(host, Limit())
        with self._lock:
            door = self._doors.setdefault(host, threading.Semaphore(limit.concurrent))
        if not door.acquire(timeout=deadline.left()):
            raise OutOfTime(source, code)
        try:
            with self._lock:
                start = max(self._clock(), self._rest[host])
                begun = self._begun[host]
                if len(begun) == limit.burst:
                    start = max(start, begun[0] + limit.burst * limit.interval)
                if start >= deadline.ends:
                    raise OutOfTime(source, code)
                self._begun[host] = [*begun, start][-limit.burst :]
            self._sleep(max(0.0, start - self._clock()))
            yield
        finally:
            door.release()

    def rest(self, host: str, seconds: float) -> None:
        """Let nobody ask a host for so many seconds."""
        with self._lock:
            self._rest[host] = max(self._rest[host], self._clock() + seconds)


def patiently(call: Callable[[], T], deadline: Deadline) -> T:
    """Call, and after an error that may pass call again: at most three times, and never beyond the deadline."""
    set_on_retry_hooks(())  # stamina's own warnings would go to the terminal; `pause` logs
    caller = stamina.RetryingCaller(
        attempts=ATTEMPTS, timeout=None, wait_initial=0.25, wait_max=LONGEST_PAUSE, wait_jitter=0.25
    )
    return caller(partial(pause, deadline=deadline), call)


def pause(error: Exception, *, deadline: Deadline) -> bool | float:
    """Whether to try again after an error; the seconds to wait first, where the source names them.

    What passes: no connection, silence, a limit, a server's own fault, half an answer. Not what would be the same
    again, and nothing if the wait does not fit into the time left.
    """
    match error:
        case Unreachable() | TimedOut() | NotData(truncated=True):
            wait = None
        case RateLimited():
            wait = error.retry_after
        case RefusedBySource() if error.status >= SERVER_FAULT:
            wait = error.retry_after
        case _:
            return False
    if deadline.left() <= (LONGEST_PAUSE if wait is None else wait):
        return False
    LOG.info("%s; trying again", error)
    return True if wait is None else wait
