"""Pushing: what is here goes to the remote, sealed, if the remote still has what this folder last saw there.

Before a letter is sent, `reserve` pushes a book in which everyone who is about to get it is uncertain. What a push says
afterwards is better. So whoever pulls after a run that never came to that push holds those readers, and asks.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.deliver import carrying, ledger
from generator.deliver.book import opened as book_of
from generator.errors import Busy, StateDamaged, StateKey, StateMissing, StateMoved, StateShrunk
from generator.state import checking, manifest, places, remotes, witness
from generator.state.manifest import PART, Kept, Manifest, Sending
from generator.state.remote import Offered
from generator.state.seal import seal_of
from generator.state.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from generator.config import Settings
    from generator.deliver.dispatch import Letter
    from generator.state.places import Copy
    from generator.state.remote import Found, Remote
    from generator.state.seal import Seal

PASSING = "runs/"  # files that may go without a word
NONE = "there is no state"
UNTOLD = "the run that was to send it never told what became of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did: the number of the state, files in it, how many changed, and bytes that had to be sent."""

    remote: str
    number: int
    files: int
    changed: int
    sent: int


def push(settings: Settings, *, now: datetime, new: bool = False, force: bool = False) -> Pushed:
    """Push what is here. `new`: begin a state where there is none; `force`: whatever is there, and gone here.

    Raises StateMissing, StateMoved, StateShrunk, StateDamaged (here or there), StateKey, StateUnreachable, Busy.
    """
    return _pushed(settings, now, None, lambda found: found, new=new, force=force)


def reserve(settings: Settings, letter: Letter, *, tag: str, now: datetime) -> Pushed:
    """Push that a letter is about to be sent, before its first byte goes out; raises what `push` does.

    Until this folder pushes again, the state at the remote holds every reader of the letter as uncertain who has not
    had it for certain.
    """
    sending = Sending(edition=letter.id, since=now)

    def doubted(found: dict[str, Copy]) -> dict[str, Copy]:
        book = found.get(places.BOOK)
        if book is None or carrying.by_campaign(settings):  # what has gone out is known elsewhere
            return found
        draft = book.path.with_name("doubted.sqlite")
        _doubt(places.copy_book(book.path, draft), letter, tag, now)
        return {**found, places.BOOK: places.described(draft)}

    return _pushed(settings, now, sending, doubted, new=False, force=False)


def _doubt(path: Path, letter: Letter, tag: str, now: datetime) -> None:
    """Plan a letter in a copy of the book, and take everyone who is to get it for uncertain."""
    with book_of(path) as book:
        plan = ledger.plan(book, letter.id, hashlib.sha256(letter.content).hexdigest(), letter.segment(tag), now=now)
        ledger.doubt(book, plan.number, UNTOLD)
        book.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _pushed(  # noqa: PLR0913 -- what the two above differ in
    settings: Settings, now: datetime, sending: Sending | None, change: Callable[[dict[str, Copy]], dict[str, Copy]],
    *, new: bool, force: bool,
) -> Pushed:  # fmt: skip
    witness.finish(settings)
    seal, known = seal_of(settings), witness.read(settings) or Witness(remote=settings.state.remote)
    with places.copies(settings) as found, remotes.opened(settings) as remote:
        _require_sound(settings, found)
        latest = remote.latest()
        before = _before(remote, latest, seal, force=force)
        if not (latest and force):
            _require_ours(remote, known, before, new=new)
        there = frozenset() if force else frozenset(remote.sizes())
        files, parts = _divided(change(found), before, seal, there)
        gone = sorted(before.files.keys() - files.keys()) if before else []
        if not force and (lost := [name for name in gone if not name.startswith(PASSING)]):
            raise StateShrunk(lost)
        changed = [name for name, one in files.items() if not before or before.files.get(name) != one] + gone
        now_known = {name: one.sha256 for name, one in found.items()}
        if before and not (changed or sending or before.sending):
            witness.write(settings, _met(known, before, now_known))
            return Pushed(remote=remote.name, number=before.number, files=len(files), changed=0, sent=0)
        made = Manifest(
            number=max(known.number, before.number if before else 0) + 1, id=secrets.token_hex(16), made=now,
            sending=sending, files=files,
        )  # fmt: skip
        fresh = _Fresh({name: parts[name] for name in made.parts - there}, seal)
        content = manifest.sealed(made, seal)
        witness.write(settings, replace(known, offered=made.id))  # if the end of the push is not seen
        remote.replace(latest, Offered(content=content, parts=frozenset(made.parts), fresh=fresh, made=now))
        witness.write(settings, _met(known, made, now_known))
    return Pushed(
        remote=remote.name, number=made.number, files=len(files), changed=len(changed), sent=fresh.sent + len(content)
    )


def _met(known: Witness, there: Manifest, found: dict[str, str]) -> Witness:
    """What this folder knows when it and the remote have the same."""
    return Witness(remote=known.remote, number=there.number, id=there.id, known=found)


def _require_sound(settings: Settings, found: dict[str, Copy]) -> None:
    """Never push what is damaged over what is whole."""
    if problems := [f"{one.name}: {what}" for one in checking.local(settings, found) for what in one.problems]:
        raise StateDamaged(str(settings.build.output), problems)


def _before(remote: Remote, latest: Found | None, seal: Seal, *, force: bool) -> Manifest | None:
    """What is there; one that cannot be opened counts for nothing if it may be overwritten."""
    if latest is None:
        return None
    try:
        return manifest.opened(latest.content, seal, where=remote.name)
    except (StateDamaged, StateKey):
        if force:
            return None
        raise


def _require_ours(remote: Remote, known: Witness, before: Manifest | None, *, new: bool) -> None:
    """Push only over what this folder has seen; or over nothing, if a state is to begin."""
    if before is None:
        if not new and not (known.begun and not known.number):
            raise StateMissing(remote.name, f"number {known.number} was there, and is gone" if known.number else NONE)
        return
    if before.id in {known.id, known.offered}:
        return
    if known.id:
        went = "went back" if before.number <= known.number else "has moved on"
        problem = f"it {went}: number {before.number} is there, this folder has seen number {known.number}"
    else:
        problem = f"number {before.number} is there, which this folder has never seen"
    raise StateMoved(
        remote.name, problem,
        hint="`capline state pull` first; what another run has sent would be sent again from here (docs/state.md)",
    )  # fmt: skip


def _divided(
    found: Mapping[str, Copy], before: Manifest | None, seal: Seal, there: frozenset[str]
) -> tuple[dict[str, Kept], dict[str, tuple[Path, int]]]:
    """Files as parts; and for each part of a file that changed, where its content stands."""
    files, parts = {}, {}
    for name, copy in found.items():
        held = before.files.get(name) if before else None
        if held and held.sha256 == copy.sha256 and there.issuperset(held.parts):
            files[name] = held
            continue
        names = []
        for number, piece in enumerate(places.pieces(copy.path)):
            names.append(seal.name(piece))
            parts[names[-1]] = (copy.path, number)
        files[name] = Kept(size=copy.size, sha256=copy.sha256, parts=tuple(names))
    return files, parts


class _Fresh:
    """New parts, read and sealed one after the other; `sent` counts their bytes."""

    def __init__(self, parts: Mapping[str, tuple[Path, int]], seal: Seal) -> None:
        self._parts, self._seal, self.sent = parts, seal, 0

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Each with its name; Busy if a file changed since it was divided."""
        for name, (path, number) in self._parts.items():
            with path.open("rb") as file:
                file.seek(number * PART)
                content = file.read(PART)
            if self._seal.name(content) != name:
                raise Busy(path)
            sealed = self._seal.close(name, content)
            self.sent += len(sealed)
            yield name, sealed
