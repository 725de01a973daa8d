"""Corrections: what later data change in what was printed, found over all editions; what was printed stays.

An index of slices says which editions hold other values now; only facts that rest on those are computed again, with
the later values but no later dates, and every claim of them is said again. docs/corrections.md tells the rules.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.corrections import index, record
from generator.corrections.finding import Task, corrections, stamp
from generator.corrections.values import WITHDRAWN, Correction, Figure
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from generator.model import Universe
    from generator.store import Later

WORTH = 24  # editions to look at that are worth a second process
PIECE = 8  # editions handed out at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a comparison found: by edition what would read otherwise, and of that what is not recorded yet."""

    editions: int  # looked through
    touched: int  # with a slice of other values
    standing: tuple[Correction, ...]
    news: Mapping[str, tuple[Correction, ...]]  # by folder


def find(editions: Path, store: Store, moment: datetime, universes: Sequence[tuple[str, Universe]] = ()) -> Found:
    """Compare every edition of a folder with what the store knows at a moment. DamagedEdition, DamagedRecord."""
    held = index.survey(editions)
    later = store.view(moment).later()
    tasks = {
        folder: Task(path=editions / folder / "edition.json", places=places, universes=tuple(universes))
        for folder, places in index.touched(held, later).items()
    }
    standing = dict(zip(tasks, _each(list(tasks.values()), later, store.path), strict=True))
    at = stamp(later.moment)
    news = {}
    for one in held:
        recorded = record.read(editions / one.folder)
        mine = [entry for entry in recorded if entry.sha256 == one.sha256]
        fresh = record.news(mine, standing.get(one.folder, ()), moment=at)
        if fresh:
            news[one.folder] = fresh
    return Found(
        editions=len(held),
        touched=len(tasks),
        standing=tuple(one for found in standing.values() for one in found),
        news=news,
    )


def later_than(found: Found, day: str) -> Found:
    """What of it rests on values that became known on a day, as `2026-03-31`, or after it."""
    news = {folder: tuple(one for one in those if one.revised >= day) for folder, those in found.news.items()}
    return replace(
        found,
        standing=tuple(one for one in found.standing if one.revised >= day),
        news={folder: those for folder, those in news.items() if those},
    )


def write(editions: Path, news: Mapping[str, Sequence[Correction]]) -> None:
    """Add what is new to the records, each whole; CannotWrite."""
    for folder, entries in news.items():
        record.add(editions / folder, entries)


def _each(tasks: list[Task], later: Later, store: Path) -> list[tuple[Correction, ...]]:
    """Look at editions, with all cores if there are many; in the order given."""
    processes = min(os.cpu_count() or 1, len(tasks) // WORTH + 1)
    if processes == 1:
        return [corrections(task, later) for task in tasks]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=_opened, initargs=(store, later.moment)) as crew:
        return list(crew.map(_found, tasks, chunksize=PIECE))


SHARED: list[Later] = []  # of a process of the crew


def _opened(store: Path, moment: datetime) -> None:
    with Store.open(store) as opened:
        SHARED[:] = [opened.view(moment).later()]


def _found(task: Task) -> tuple[Correction, ...]:
    return corrections(task, SHARED[0])


__all__ = ["WITHDRAWN", "Correction", "Figure", "Found", "find", "later_than", "record", "write"]
