"""A remote: what every place that keeps a state can do.

    state            one line that anybody may read, then the sealed manifest
    parts/ab/cdef…   sealed parts, by their names

A push replaces `state` in one step, and only if it is still the one that the push started from; parts that no state
names any more go with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

STATE = "state"


def part_path(name: str) -> str:
    """Where a part lies at a remote."""
    return f"parts/{name[:2]}/{name[2:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is at a remote: a token that tells this very state from all others, and the file `state`."""

    token: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What is to be there: the file `state`, all names of parts, and those parts that are new."""

    content: bytes
    parts: frozenset[str]
    fresh: Iterable[tuple[str, bytes]]
    made: datetime


class Remote(Protocol):
    """What a remote can do. Each raises StateUnreachable if the place cannot be read or written."""

    name: str

    def latest(self) -> Found | None:
        """What is there now; None if nothing is."""

    def sizes(self) -> Mapping[str, int]:
        """The parts that are there, and their sizes in bytes."""

    def read(self, names: Iterable[str]) -> Iterator[bytes]:
        """Some parts, in the order of the names; StateDamaged if one is not there."""

    def replace(self, before: Found | None, offered: Offered) -> None:
        """Put another state in the place of the one that was found; StateMoved if that is not there any more."""
