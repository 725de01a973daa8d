"""The file of rows that were not taken: which line, which address, and why."""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Reject(NamedTuple):
    """A row that was not taken, and why."""

    line: int
    address: str
    reason: str


@contextmanager
def rejected(path: Path) -> Iterator[Callable[[Reject], None]]:
    """A place for rejects: a CSV file that only its owner may read; an empty one does not stay. CannotWrite."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    except OSError as problem:
        raise CannotWrite(path, problem.strerror or str(problem)) from None
    count = 0
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file)
        table.writerow(Reject._fields)

        def add(reject: Reject) -> None:
            nonlocal count
            count += 1
            table.writerow(reject)

        yield add
    if not count:
        path.unlink()
