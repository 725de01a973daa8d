"""Writing files so that none is ever half-written, and holding a folder against a second run."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator.errors import Busy, CannotWrite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for this run: raises Busy if another run holds it, CannotWrite if it cannot be made."""
    lock = folder / ".capline.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = lock.open("a")
    except OSError as problem:
        raise CannotWrite(folder, problem.strerror or str(problem)) from problem
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(folder) from None
        yield


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder: all are staged and synced first, then each is renamed into its place.

    If anything fails before the first rename (no room, no right to write), the folder is as it was: CannotWrite.
    """
    staged: dict[Path, Path] = {}
    try:
        try:
            for name, content in files.items():
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                staged[place] = place.with_name(f".{place.name}.{os.getpid()}")
                with staged[place].open("wb") as handle:
                    handle.write(content)
                    handle.flush()
                    os.fsync(handle.fileno())
            for place, draft in staged.items():
                draft.replace(place)
            for parent in {place.parent for place in staged}:
                _sync(parent)
        finally:
            for draft in staged.values():
                draft.unlink(missing_ok=True)
    except OSError as problem:
        raise CannotWrite(folder, problem.strerror or str(problem)) from problem


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
