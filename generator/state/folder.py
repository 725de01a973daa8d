"""A folder as a remote: on another disk, on another machine that is mounted here, or a mounted bucket."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator import files
from generator.errors import CannotWrite, StateDamaged, StateMoved, StateUnreachable
from generator.state.remote import STATE, Found, part_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.state.remote import Offered


class Folder:
    """A folder that this run alone uses while it is open."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Folder]:
        """Hold the folder; Busy if another run does."""
        try:
            with files.held(path):
                yield cls(path)
        except CannotWrite as problem:
            if problem.path == path:
                raise StateUnreachable(str(path), str(problem).partition(": ")[2]) from None
            raise

    def latest(self) -> Found | None:
        """What is there now; None if nothing is."""
        try:
            content = (self._path / STATE).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise StateUnreachable(self.name, problem.strerror or str(problem)) from problem
        return Found(token=hashlib.sha256(content).hexdigest(), content=content)

    def sizes(self) -> Mapping[str, int]:
        """The parts that are there, and their sizes in bytes."""
        return {f"{one.parent.name}{one.name}": one.stat().st_size for one in self._path.glob("parts/??/[!.]*")}

    def read(self, names: Iterable[str]) -> Iterator[bytes]:
        """Some parts, in the order of the names."""
        for name in names:
            try:
                yield (self._path / part_path(name)).read_bytes()
            except FileNotFoundError:
                raise StateDamaged(self.name, [f"part {name[:12]} is not there"]) from None
            except OSError as problem:
                raise StateUnreachable(self.name, problem.strerror or str(problem)) from problem

    def replace(self, before: Found | None, offered: Offered) -> None:
        """Write what is new, then `state` in one step, then take away what is no part of it."""
        now = self.latest()
        if (now and now.token) != (before and before.token):
            raise StateMoved(
                self.name,
                "another run has pushed meanwhile",
                hint="nothing was written; `capline state pull`, then again",
            )
        for name, content in offered.fresh:
            files.write(self._path, {part_path(name): content})
        files.write(self._path, {STATE: offered.content})
        for left in self.sizes().keys() - offered.parts:
            (self._path / part_path(left)).unlink(missing_ok=True)
