"""The manifest: which files the state has, of which parts; sealed as a part is, behind one line that anybody may read.

That line holds the form, the number of the state and the id of the key, so that a wrong key is told from damage.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from generator.errors import StateDamaged, StateKey
from generator.state.seal import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.state.seal import Seal

SCHEMA = "capline-state/1"
NAME = "manifest"
LARGEST = 256_000_000  # bytes of a manifest when it is opened
PART = 1 << 20  # bytes of a file in one part: far below what any remote takes, and four blocks of DuckDB
FILE = re.compile(r"(editions|runs|store|readers)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of the state: its size in bytes, its digest, and the names of its parts in order."""

    size: int
    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An edition that a run is about to send, or was when it was last heard of."""

    edition: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A state: its number, counted up by each push, its own id, and its files by name."""

    number: int
    id: str
    made: datetime
    sending: Sending | None
    files: Mapping[str, Kept]

    @property
    def parts(self) -> set[str]:
        """The names of all parts."""
        return {part for file in self.files.values() for part in file.parts}


def sealed(manifest: Manifest, seal: Seal) -> bytes:
    """The bytes of the file `state` at a remote."""
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "number": manifest.number,
        "id": manifest.id,
        "made": manifest.made.isoformat(),
        "sending": manifest.sending
        and {"edition": manifest.sending.edition, "since": manifest.sending.since.isoformat()},
        "files": {name: [one.size, one.sha256, *one.parts] for name, one in sorted(manifest.files.items())},
    }
    head = json.dumps({"schema": SCHEMA, "number": manifest.number, "key": seal.id})
    return head.encode() + b"\n" + seal.close(NAME, json.dumps(plain, separators=(",", ":")).encode())


def opened(content: bytes, seal: Seal, *, where: str) -> Manifest:
    """The state that bytes are; StateKey if another key sealed them, StateDamaged if they are none."""
    line, _, rest = content.partition(b"\n")
    try:
        head = json.loads(line)
        schema, theirs, number = head["schema"], head["key"], head["number"]
    except (ValueError, KeyError, TypeError):
        raise StateDamaged(where, ["its first line is none of ours"]) from None
    if schema != SCHEMA:
        raise StateDamaged(where, [f"its form is {schema!r}, this Capline reads {SCHEMA!r}"])
    if theirs != seal.id:
        raise StateKey(where, theirs=str(theirs), ours=seal.id)
    try:
        found = _manifest(json.loads(seal.open(NAME, rest, limit=LARGEST)))
    except (Broken, ValueError, KeyError, TypeError):
        raise StateDamaged(where, ["its list of files was altered or is cut short"]) from None
    if found.number != number:
        raise StateDamaged(where, [f"its first line says number {number}, its list of files {found.number}"])
    return found


def _manifest(plain: dict[str, Any]) -> Manifest:
    sending = plain["sending"]
    files = {
        name: Kept(size=int(size), sha256=str(digest), parts=tuple(map(str, parts)))
        for name, (size, digest, *parts) in plain["files"].items()
    }
    if odd := [name for name in files if not FILE.fullmatch(name)]:
        raise ValueError(odd[0])
    return Manifest(
        number=int(plain["number"]),
        id=str(plain["id"]),
        made=datetime.fromisoformat(plain["made"]),
        sending=Sending(edition=sending["edition"], since=datetime.fromisoformat(sending["since"]))
        if sending
        else None,
        files=files,
    )
