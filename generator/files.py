"""Writing files so that none is ever half-written, and holding a folder against a second run."""

from __future__ import annotations

import errno
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
    """Hold a folder for this run: raises Busy if another run holds it, CannotWrite if it cannot be made.

    Nothing of the holding stays: neither the lock nor a folder that was made for it and is still empty.
    """
    lock = folder / ".capline.lock"
    made: list[Path] = []
    try:
        try:
            made += _made(folder)
            handle = lock.open("a")
        except OSError as problem:
            raise CannotWrite(folder, problem.strerror or str(problem)) from problem
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                ours = lock.stat().st_ino == os.fstat(handle.fileno()).st_ino
            except (BlockingIOError, FileNotFoundError):
                raise Busy(folder) from None
            if not ours:  # the run before took its lock away while we opened it
                raise Busy(folder)
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    finally:
        _tidy(made)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder: all are staged and synced first, then each is renamed into its place.

    If anything fails before the first rename (no room, no right to write), the folder is as it was: CannotWrite.
    """
    staged: dict[Path, Path] = {}
    made: list[Path] = []
    done = False
    try:
        try:
            for name, content in files.items():
                place = folder / name
                made += _made(place.parent)
                staged[place] = _staged(place, content)
            for place, draft in staged.items():
                draft.replace(place)
            for parent in {place.parent for place in staged}:
                _sync(parent)
            done = True
        finally:
            for draft in staged.values():
                draft.unlink(missing_ok=True)
            if not done:
                _tidy(made)
    except OSError as problem:
        raise CannotWrite(folder, problem.strerror or str(problem)) from problem


def _made(folder: Path) -> list[Path]:
    """Make a folder; gives those that were not there, outermost first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _tidy(made: list[Path]) -> None:
    """Take away those of some folders, outermost first, that are empty."""
    for folder in reversed(made):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _staged(place: Path, content: bytes) -> Path:
    """Write a file under another name beside its place, to the disk; it is gone again if that fails."""
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, f"{place.name} is a folder")
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    done = False
    try:
        with draft.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        done = True
    finally:
        if not done:
            draft.unlink(missing_ok=True)
    return draft


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
