"""The shelf: finished letters go to the disk in order, by a thread that waits for the disk so that nobody else does.

The chain is written every so many letters and at the end. Letters that it lacks after a crash are found in the folder
and entered by whoever reads it next.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from generator import chain, files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from generator.chain import Entry

STEP = 64  # letters after which the chain is written
MOST = 8  # letters that may wait for the disk


class Shelf:
    """The folder of editions, open to write. Leaving the `with` waits for the disk, and writes the chain."""

    def __init__(self, editions: Path, links: Iterable[Entry]) -> None:
        """`links` is the chain as it is on the disk, or would be read from there."""
        self._editions = editions
        self._links = {one.id: one for one in links}
        self._fresh = 0  # letters that the chain on the disk lacks
        self._whole = True  # every letter so far is on the disk; behind one that is not, none is put
        self._waiting: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shelf")

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish; what the disk refused is raised, unless an error is under way already."""
        self._thread.submit(self._enter_all)
        self._thread.shutdown()
        while self._waiting:
            failed = self._waiting.popleft().exception()
            if failed is not None and kind is None:
                raise failed

    def put(self, id_: str, made: Mapping[str, bytes], entry: Entry | None) -> None:
        """Put a letter behind those before it; `entry` is its link, None if it has one already. Raises CannotWrite.

        An error may be that of a letter put before.
        """
        while len(self._waiting) > MOST or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._write, id_, made, entry))

    def _write(self, id_: str, made: Mapping[str, bytes], entry: Entry | None) -> None:
        if not self._whole:
            return
        self._whole = False
        folder = self._editions / id_
        for place in (folder / name for name in made):
            for draft in place.parent.glob(f".{place.name}.*"):  # what a run that was killed had staged
                draft.unlink(missing_ok=True)
        files.write(folder, made)
        if entry is not None:
            self._links[id_] = entry
            self._fresh += 1
            if self._fresh >= STEP:
                self._enter_all()
        self._whole = True

    def _enter_all(self) -> None:
        """Write the chain, if it lacks a letter."""
        if self._fresh:
            chain.write(self._editions, tuple(self._links.values()))
            self._fresh = 0
