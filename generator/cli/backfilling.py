"""`capline backfill`: its arguments, what it does with them, and what it prints meanwhile and at the end."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from generator.errors import UnknownName

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from generator.backfill import Done, Hands, Period, Progress, Refusal

EVERY = 10.0  # seconds between two lines where there is no terminal
DATA = 4  # the exit code for days that the data do not reach


def add(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    """Add the command; `command` makes one from its name, its line of help and what more there is to say."""
    found = command(
        "backfill", "make every letter of a period as it would have read on its day",
        "PERIOD is 2015-01-01..2025-12-31, or one day. Daily letters are of each session, weekly ones of\n"
        "each week, decisions of each change of the Fed's target and each scheduled meeting. What lies\n"
        "there as it would be made again is kept; it may be stopped at any moment and run again.\n"
        "A letter that cannot be made is named, and the others go on (exit code 4, 5 or 7).",
    )  # fmt: skip
    found.add_argument("period", metavar="PERIOD", help="first and last day, with .. between")
    found.add_argument(
        "--kind", nargs="+", metavar="KIND", help="only these kinds: daily, weekly, decision (default: all)"
    )
    found.add_argument(
        "--format", nargs="+", metavar="FORM", help="forms beside edition.json (default: the setting, all)"
    )
    found.add_argument("--workers", type=int, metavar="N", help="processes (default: one for each processor)")
    found.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786, instead")


def run(chosen: argparse.Namespace) -> int:
    """Make the letters; 0 if all are there."""
    from generator import config  # noqa: PLC0415 -- help must not load them
    from generator.cli import FORMS, KINDS  # noqa: PLC0415 -- as above
    from generator.cli.commands import NEW_YORK, settings_of  # noqa: PLC0415 -- as above

    gc.enable()  # this is no short command
    settings = settings_of(chosen)
    kinds = tuple(dict.fromkeys(chosen.kind or KINDS))
    forms = tuple(dict.fromkeys(chosen.format or settings.build.formats))
    for what, names, known in (("kind of letter", kinds, KINDS), ("form", forms, FORMS)):
        for name in names:
            if name not in known:
                raise UnknownName(what, name, known)
    config.help_pango()
    from generator.backfill import Period, backfill  # noqa: PLC0415 -- as above

    period, now = Period.of(chosen.period), datetime.now(UTC)
    with _telling() as tell:
        done = backfill(
            settings,
            period,
            kinds=kinds,
            forms=forms,
            hands=partial(_hands, chosen.workers, chosen.scheduler),
            today=now.astimezone(NEW_YORK).date(),
            now=now,
            tell=tell,
        )
    sys.stdout.write(words(period, done))
    return code(done)


def _hands(workers: int | None, scheduler: str | None) -> Hands:
    """Who makes the letters: a cluster, this process, or a pool."""
    from generator.backfill import Alone, Cluster, Pool, processors  # noqa: PLC0415 -- as above

    if scheduler:
        return Cluster(scheduler)
    size = max(1, processors() if workers is None else workers)
    return Alone() if size == 1 else Pool(size)


def code(done: Done) -> int:
    """The highest exit code of what could not be made; a day out of the data's reach counts as that."""
    return max((max(one.error.exit_code, DATA) for one in done.refused), default=0)


def words(period: Period, done: Done) -> str:
    """How many letters were made and kept, and which could not be made."""
    parts = [f"{_letters(done.made)} made", f"{done.kept:,} kept as they were"]
    if done.completed:
        parts.append(f"{done.completed:,} of these with forms added")
    if done.refused:
        parts.append(f"{len(done.refused):,} not made")
    return f"{period.first} to {period.last}: {', '.join(parts)}\n{''.join(_refused(done.refused))}"


def _refused(refused: Sequence[Refusal]) -> Iterator[str]:
    """One entry for letters of a kind that were refused for one kind of reason, with the first reason in full."""

    def alike(one: Refusal) -> tuple[str, str]:
        return one.kind, type(one.error).__name__

    for (kind, _), those in groupby(sorted(refused, key=alike), alike):
        few = list(those)
        first, last = few[0], few[-1]
        which = f"{first.day}-{kind}" if len(few) == 1 else f"{len(few):,} {kind} letters, {first.day} to {last.day}"
        yield f"  not made: {which}: {first.error}\n    hint: {first.error.hint}\n"


def _letters(count: int) -> str:
    return f"{count:,} letter{'' if count == 1 else 's'}"


@contextmanager
def _telling() -> Iterator[Callable[[Progress], None]]:
    """Tell a person how far it is: a bar on a terminal, else a line every so often, both on the error stream."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console  # noqa: PLC0415 -- only where there is a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415
    from rich.progress import TimeRemainingColumn as Remaining  # noqa: PLC0415

    columns = (TextColumn("letters"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Remaining())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("letters", total=None)
        yield lambda progress: bars.update(task, total=progress.total, completed=progress.settled)


class Lines:
    """A line every so often: what is done, and how long the rest will take at the pace so far."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._next = self._start + EVERY
        self._making: tuple[float, int] | None = None  # when the first letter that was not there was settled

    def __call__(self, progress: Progress) -> None:
        """Tell, if it is time to."""
        now = time.monotonic()
        if progress.made and self._making is None:
            self._making = now, progress.settled
        if now < self._next:
            return
        self._next = now + EVERY
        sys.stderr.write(f"capline: {line(progress, self._pace(now, progress))}\n")
        sys.stderr.flush()

    def _pace(self, now: float, progress: Progress) -> float:
        """Letters a second, those kept left out once others are made."""
        since, before = self._making or (self._start, 0)
        return (progress.settled - before) / (now - since) if now > since else 0.0


def line(progress: Progress, pace: float) -> str:
    """How far it is, in words; `pace` in letters a second."""
    parts = [f"{progress.settled:,} of {progress.total:,} letters"]
    parts += [f"{count:,} {what}" for count, what in ((progress.kept, "kept"), (progress.refused, "not made")) if count]
    if pace:
        minutes, seconds = divmod(round((progress.total - progress.settled) / pace), 60)
        parts.append(f"{pace:.2g} a second, {minutes}:{seconds:02} left")
    return ", ".join(parts)
