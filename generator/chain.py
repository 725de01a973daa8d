"""The chain: each edition holds the name and digest of the one made before it, so that none can be altered quietly.

Its order is that in which editions were made, whatever their dates: a letter of long ago that is made today stands
last. `chain.json` beside the editions lists them in that order, for who publishes it and for who checks. It is made
from the editions, and made again if it is gone; it alone knows which digests an edition had before it was made again.
One-off reports are no links of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator import files
from generator.differences import Difference
from generator.edition import Link
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE = "chain.json"
SCHEMA = "capline-chain/1"
FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+")  # of a letter; a one-off report has its stories after that


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A link: an edition, the one before it, and the digests it had before it was made again."""

    id: str
    sha256: str
    previous: Link | None
    was: tuple[str, ...] = ()


def read(editions: Path) -> tuple[Entry, ...]:
    """The chain of a folder of editions, in order; editions that it does not list yet are read and entered.

    Raises DamagedEdition for a chain.json that is none, and for an edition that cannot be read.
    """
    listed = {one.id: one for one in _listed(editions)}
    there = sorted(path.parent.name for path in editions.glob("*/edition.json") if FOLDER.fullmatch(path.parent.name))
    fresh = [entry(editions / name / "edition.json") for name in there if name not in listed]
    return (*listed.values(), *_in_order(fresh, set(listed)))


def place(chain: Sequence[Entry], id_: str) -> Link | None:
    """What an edition holds as the one before it: where it stood before, if it is made again, else the last."""
    for one in chain:
        if one.id == id_:
            return one.previous
    return Link(id=chain[-1].id, sha256=chain[-1].sha256) if chain else None


def grown(chain: Sequence[Entry], made: Entry) -> tuple[Entry, ...]:
    """The chain with an edition that has just been made; one that is made again keeps its place and what it was."""
    if made.id not in {one.id for one in chain}:
        return (*chain, made)
    return tuple(again(one, made) if one.id == made.id else one for one in chain)


def again(one: Entry, made: Entry) -> Entry:
    """The entry of an edition that was made again: it keeps the digests that it had."""
    if one.sha256 == made.sha256:
        return one
    was = tuple(digest for digest in dict.fromkeys((*one.was, one.sha256)) if digest != made.sha256)
    return replace(made, was=was)


def broken(chain: Sequence[Entry], id_: str) -> str:
    """What to say of an edition that was made again with other content, of which letters after it hold the digest."""
    own = next(one for one in chain if one.id == id_)
    after = [one.id for one in chain if one.previous and one.previous.id == id_ and one.previous.sha256 != own.sha256]
    if not after:
        return ""
    return f"it is not what it was: {after[0]} holds the digest of the one before, and the chain is broken there"


def written(chain: Sequence[Entry]) -> bytes:
    """The bytes of chain.json."""
    rows = [
        {"id": one.id, "sha256": one.sha256, "previous": _plain(one.previous), **({"was": one.was} if one.was else {})}
        for one in chain
    ]
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return f'{{"schema": "{SCHEMA}", "editions": [\n{lines}\n]}}\n'.encode()


def write(editions: Path, chain: Sequence[Entry]) -> None:
    """Write chain.json, whole; CannotWrite."""
    files.write(editions, {FILE: written(chain)})


def entry(path: Path) -> Entry:
    """The link that an edition.json is."""
    try:
        content = path.read_bytes()
        plain = json.loads(content)
        return Entry(
            id=str(plain["id"]),
            sha256=hashlib.sha256(content).hexdigest(),
            previous=_link(plain["provenance"].get("previous")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise DamagedEdition(path, f"cannot be read for its place in the chain ({problem!r})") from problem


def check(editions: Path) -> Iterator[Difference]:
    """Everything in a folder that does not fit its chain: altered, missing, unlisted and unlinked editions.

    Every edition is read; the order is that of the chain.
    """
    listed = _listed(editions) if (editions / FILE).exists() else read(editions)
    held = {one.id: one for one in listed}
    there: dict[str, Entry] = {}
    for path in sorted(editions.glob("*/edition.json")):
        if FOLDER.fullmatch(path.parent.name):
            try:
                there[path.parent.name] = entry(path)
            except DamagedEdition as problem:
                yield Difference(where=path.parent.name, fact="", printed="nothing to read", expected=f"{problem}")
    for name in sorted(there.keys() - held.keys()):
        yield Difference(where=name, fact="", printed="an edition", expected=f"none: {FILE} does not list it")
    before: Entry | None = None
    for one in listed:
        yield from _links(one, before, there.get(one.id), held)
        before = one


def _links(one: Entry, before: Entry | None, found: Entry | None, held: dict[str, Entry]) -> Iterator[Difference]:
    """What does not fit at one edition of the chain."""
    if found is None:
        yield Difference(where=one.id, fact="", printed="no edition.json", expected=one.sha256)
    elif (found.id, found.sha256) != (one.id, one.sha256):
        yield Difference(where=one.id, fact="", printed=found.sha256, expected=f"{one.sha256}, by {FILE}")
    elif found.previous != one.previous:
        yield Difference(where=one.id, fact="", printed=_words(found.previous), expected=_words(one.previous))
    wanted = before.id if before else None
    named = one.previous.id if one.previous else None
    if named != wanted:
        yield Difference(where=f"{one.id}, before it", fact="", printed=named or "none", expected=wanted or "none")
    elif one.previous and one.previous.sha256 != held[one.previous.id].sha256:
        own = held[one.previous.id]
        rebuilt = one.previous.sha256 in own.was
        expected = f"{own.sha256}{f', since {own.id} was made again' if rebuilt else ''}"
        yield Difference(where=f"{one.id}, before it", fact="", printed=one.previous.sha256, expected=expected)


def check_one(previous: Link | None, editions: Path) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The edition before one against what that holds of it, with what there is to say if it is not there."""
    if previous is None:
        return (), ()
    path = editions / previous.id / "edition.json"
    if not FOLDER.fullmatch(previous.id) or not path.exists():
        return (), (f"the edition before it, {previous.id}, is not here; its digest was not checked",)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found == previous.sha256:
        return (), ()
    where = "provenance, previous"
    return (Difference(where=where, fact="", printed=previous.sha256, expected=f"{found}, of {previous.id}"),), ()


def _listed(editions: Path) -> tuple[Entry, ...]:
    path = editions / FILE
    if not path.exists():
        return ()
    try:
        plain = json.loads(path.read_bytes())
        if plain["schema"] != SCHEMA:
            raise DamagedEdition(path, f"its schema is {plain['schema']!r}, this Capline reads {SCHEMA!r}")
        return tuple(
            Entry(id=one["id"], sha256=one["sha256"], previous=_link(one["previous"]), was=tuple(one.get("was", ())))
            for one in plain["editions"]
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DamagedEdition(path, f"is no chain ({problem!r}); take it away and it is made again") from problem


def _in_order(fresh: list[Entry], listed: set[str]) -> list[Entry]:
    """Editions so that each stands behind the one it names; those of one predecessor by name."""
    found: list[Entry] = []
    waiting = fresh
    while waiting:
        here = listed | {one.id for one in found}
        ready = [one for one in waiting if one.previous is None or one.previous.id in here]
        found += ready or waiting  # what names an edition that is gone comes last
        waiting = [one for one in waiting if one not in ready] if ready else []
    return found


def _link(plain: Any) -> Link | None:  # noqa: ANN401 -- JSON
    return Link(id=str(plain["id"]), sha256=str(plain["sha256"])) if plain else None


def _plain(link: Link | None) -> dict[str, str] | None:
    return {"id": link.id, "sha256": link.sha256} if link else None


def _words(link: Link | None) -> str:
    return f"{link.id} {link.sha256}" if link else "none before it"
