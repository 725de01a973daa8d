"""Which facts of which editions rest on which slices of the store: kept beside the editions, so that few are read.

`.slices.json.gz` holds of each edition its mark (size, time and inode of its edition.json), its moment, and its slices
with the first digits of their digests. Editions are read again when their mark changes; those that are gone leave it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from generator import files
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.store import Later

FILE = ".slices.json.gz"
SCHEMA = "capline-slices/1"
DIGITS = 16  # of a digest: 64 bits tell the few slices of one place apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An edition in the index."""

    folder: str
    mark: tuple[int, int, int]
    moment: str
    day: str
    source: str
    sha256: str
    slices: tuple[tuple[str, str, str, str], ...]  # series, first, last, digest; by their place in the edition


def survey(editions: Path) -> tuple[Held, ...]:
    """All editions of a folder, by name; the index is brought up to date. DamagedEdition, CannotWrite."""
    before = {one.folder: one for one in _read(editions / FILE)}
    found = []
    for path in sorted(editions.glob("*/edition.json")):
        stat = path.stat()
        mark = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        known = before.get(path.parent.name)
        found.append(known if known and known.mark == mark else _held(path, mark))
    if {one.folder: one for one in found} != before:
        files.write(editions, {FILE: _written(found)})
    return tuple(found)


def touched(held: Iterable[Held], later: Later) -> dict[str, tuple[int, ...]]:
    """The places of the slices that have another digest with what is known later, by folder, oldest edition first."""
    found = {}
    for one in sorted(held, key=lambda each: each.moment):
        moment = datetime.fromisoformat(one.moment)
        if moment >= later.moment:
            continue
        view = later.as_of(moment, date.fromisoformat(one.day))
        places = tuple(
            place
            for place, (series, first, last, digest) in enumerate(one.slices)
            if not view.digest(series, date.fromisoformat(first), date.fromisoformat(last)).startswith(digest)
        )
        if places:
            found[one.folder] = places
    return found


def _held(path: Path, mark: tuple[int, int, int]) -> Held:
    content = path.read_bytes()
    try:
        plain = json.loads(content)
        return Held(
            folder=path.parent.name,
            mark=mark,
            moment=str(plain["moment"]),
            day=date.fromisoformat(str(plain["id"])[:10]).isoformat(),
            source=str(plain["provenance"]["source"]),
            sha256=hashlib.sha256(content).hexdigest(),
            slices=tuple(
                (str(one["series_id"]), str(one["first"]), str(one["last"]), str(one["digest"])[:DIGITS])
                for one in plain["slices"]
            ),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DamagedEdition(path, f"cannot be read for what it rests on ({problem!r})") from problem


def _read(path: Path) -> tuple[Held, ...]:
    """The index as it was written; nothing if it is not there or cannot be read, which only costs time."""
    try:
        plain = json.loads(gzip.decompress(path.read_bytes()))
        if plain["schema"] != SCHEMA:
            return ()
        return tuple(
            Held(**{**one, "mark": tuple(one["mark"]), "slices": tuple(map(tuple, one["slices"]))})
            for one in plain["editions"]
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile):
        return ()


def _written(found: list[Held]) -> bytes:
    rows = [{name: getattr(one, name) for name in Held.__slots__} for one in found]
    text = json.dumps({"schema": SCHEMA, "editions": rows}, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=1, mtime=0)
