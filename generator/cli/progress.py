"""How far a fetch is: a bar where there is a terminal, else a line for each source, both on the error stream."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from generator.fetching import Tell


@contextmanager
def telling() -> Iterator[Tell]:
    """Who tells a person of a fetch for as long as it takes."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console  # noqa: PLC0415 -- only where there is a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)


class Lines:
    """A line for each source, when its last request has been answered."""

    def __init__(self) -> None:
        self.asked, self.done, self.failed = Counter[str](), Counter[str](), Counter[str]()

    def asking(self, source: str, count: int) -> None:
        """So many requests more will go to a source."""
        self.asked[source] += count

    def answered(self, source: str, label: str, problem: str) -> None:  # noqa: ARG002 -- as Tell has it
        """One of them is done."""
        self.done[source] += 1
        self.failed[source] += bool(problem)
        if self.done[source] == self.asked[source]:
            failed = f", {self.failed[source]} failed" if self.failed[source] else ""
            sys.stderr.write(f"{source}: {self.done[source]} requests answered{failed}\n")
            sys.stderr.flush()


class Bar:
    """A bar for each source."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.tasks: dict[str, TaskID] = {}

    def asking(self, source: str, count: int) -> None:
        """So many requests more will go to a source."""
        if source not in self.tasks:
            self.tasks[source] = self.progress.add_task(source, total=0)
        task = self.tasks[source]
        self.progress.update(task, total=(self.progress.tasks[task].total or 0) + count)

    def answered(self, source: str, label: str, problem: str) -> None:
        """One of them is done."""
        self.progress.advance(self.tasks[source])
        if problem:
            self.progress.console.print(f"{source}, {label}: {problem}", markup=False, highlight=False)
