"""Who does the tasks of a back-fill: this process, a pool of processes on this machine, or a Dask cluster.

A task is a function of plain values that may be done again, so a process that dies costs time and nothing else. Only
the cluster uses the network, and Dask's own client does that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from generator.errors import MissingExtra, WorkersLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
PATIENCE = 20  # seconds in which a scheduler has to answer
DEATHS = 3  # times that a pool may break without anything done between


@dataclass(slots=True, eq=False)
class Errand(Generic[T]):
    """A task on its way, or what came out of it."""

    task: Callable[..., T]
    arguments: tuple[object, ...]
    future: Any = None  # of concurrent.futures or of Dask, which has no types


class Hands(Protocol):
    """Does tasks in any order; leaving the `with` lets go of those that are not done."""

    @property
    def size(self) -> int:
        """How many tasks are done at once."""

    def __enter__(self) -> Self:
        """Start the work."""

    def __exit__(self, *_: object) -> None:
        """End it."""

    def submit(self, task: Callable[..., T], *arguments: object) -> Errand[T]:
        """Have a task done; task, arguments and what comes out must be able to travel (pickle)."""

    def done(self, errand: Errand[Any]) -> bool:
        """Whether waiting for an errand would take no time."""

    def result(self, errand: Errand[T]) -> T:
        """Wait for what comes out of a task, or raise what it raised; WorkersLost if nobody can do it."""


class Alone:
    """This process, which does a task when its result is asked for."""

    size = 1

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def submit(self, task: Callable[..., T], *arguments: object) -> Errand[T]:
        """Keep the task."""
        return Errand(task, arguments)

    def done(self, errand: Errand[Any]) -> bool:  # noqa: ARG002 -- as Hands has it
        """Nothing is done before it is asked for."""
        return False

    def result(self, errand: Errand[T]) -> T:
        """Do it."""
        return errand.task(*errand.arguments)


class Pool:
    """Processes on this machine. If one dies, all are started anew, and what they had not done is done again."""

    def __init__(self, size: int) -> None:
        """So many processes."""
        self.size = size
        self._executor = _executor(size)
        self._open: list[Errand[Any]] = []
        self._deaths = 0

    def __enter__(self) -> Self:
        """The processes start with the first tasks."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the tasks under way, no others."""
        self._executor.shutdown(cancel_futures=True)

    def submit(self, task: Callable[..., T], *arguments: object) -> Errand[T]:
        """Hand a task to the pool."""
        errand = Errand(task, arguments)
        self._send(errand)
        self._open.append(errand)
        return errand

    def done(self, errand: Errand[Any]) -> bool:
        """Whether it is done, or has failed."""
        return bool(errand.future.done())

    def result(self, errand: Errand[T]) -> T:
        """Wait for a task; WorkersLost if the processes die again and again."""
        while isinstance(problem := errand.future.exception(), BrokenProcessPool):
            self._renew(errand, problem)
        self._deaths = 0
        self._open = [one for one in self._open if one is not errand]
        found: T = errand.future.result()
        return found

    def _renew(self, errand: Errand[Any], problem: BrokenProcessPool) -> None:
        """Start other processes, unless that was done for another errand already, and hand them what is not done."""
        self._deaths += 1
        if self._deaths > DEATHS:
            raise WorkersLost(
                f"a process ended {self._deaths} times in a row, last at {errand.task.__name__}",
                hint="look for what ends them (often memory: try fewer `--workers`), then run it again",
            ) from problem
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = _executor(self.size)
        for one in self._open:
            if not one.future.done() or one.future.cancelled() or isinstance(one.future.exception(), BrokenProcessPool):
                self._send(one)

    def _send(self, errand: Errand[Any]) -> None:
        with _deaf():  # processes start here; Ctrl-C is for this one alone, which ends them
            try:
                errand.future = self._executor.submit(errand.task, *errand.arguments)
            except BrokenProcessPool:  # it broke since it was last looked at: the next result asked for mends it
                errand.future = _broken()


class Cluster:
    """The workers of a Dask scheduler. What a worker that dies had not done, Dask gives to another."""

    def __init__(self, address: str) -> None:
        """Connect to "tcp://host:port"; MissingExtra without Dask, WorkersLost if nobody answers there."""
        try:
            import distributed  # noqa: PLC0415 -- an extra that most do without
        except ModuleNotFoundError:
            raise MissingExtra("backfill --scheduler", "dask", "distributed") from None
        self.address = address
        try:
            self._client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError) as problem:
            raise self._lost(f"no worker of a Dask scheduler at {address} ({problem})") from None

    @property
    def size(self) -> int:
        """How many workers there are now; each does one task at a time."""
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def __enter__(self) -> Self:
        """It is connected."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave; the cluster stays."""
        self._client.close(timeout=PATIENCE)

    def submit(self, task: Callable[..., T], *arguments: object) -> Errand[T]:
        """Hand a task to the scheduler."""
        return Errand(task, arguments, self._client.submit(task, *arguments, pure=False))

    def done(self, errand: Errand[Any]) -> bool:
        """Whether it is done, or has failed."""
        return bool(errand.future.done())

    def result(self, errand: Errand[T]) -> T:
        """Wait for a task; WorkersLost if it ended several workers, they cannot import Capline, or nobody is there."""
        from distributed import KilledWorker  # noqa: PLC0415 -- as above

        try:
            found: T = errand.future.result()
        except KilledWorker as problem:
            raise self._lost(f"{errand.task.__name__} ended several workers ({problem})") from None
        except ImportError as problem:
            raise self._lost(f"a worker cannot load this Capline ({problem})") from None
        except (CancelledError, OSError) as problem:
            raise self._lost(f"the scheduler at {self.address} is gone ({problem!r})") from None
        return found

    def _lost(self, problem: str) -> WorkersLost:
        return WorkersLost(problem, hint="see to the cluster (docs/backfill.md), then run it again")


def _executor(size: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")  # no copy of our threads and open files
    return ProcessPoolExecutor(size, mp_context=spawn, initializer=_attend)


def _broken() -> Any:  # noqa: ANN401 -- a future
    from concurrent.futures import Future  # noqa: PLC0415 -- rare

    future: Future[Any] = Future()
    future.set_exception(BrokenProcessPool("it ended before the task was handed over"))
    return future


@contextmanager
def _deaf() -> Iterator[None]:
    """Hold back Ctrl-C; processes that start meanwhile never hear it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _attend() -> None:
    """End this process when the one that started it ends, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    """Wait for the end of a process, and end."""
    parent.join()
    os._exit(1)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
