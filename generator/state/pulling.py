"""Pulling: what is at the remote comes here; checked to the last byte before anything here is replaced.

Each file arrives beside its place. When all are whole, what is to be done is written down and done; killed at any
moment, either nothing has changed or the next command does the rest.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import files
from generator.errors import CannotWrite, StateDamaged, StateMissing, StateMoved, StateUnpushed
from generator.state import manifest, places, remotes, witness
from generator.state.checking import contents
from generator.state.seal import Broken, seal_of
from generator.state.witness import Arriving, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.config import Settings
    from generator.state.manifest import Kept, Manifest, Sending
    from generator.state.remote import Remote
    from generator.state.seal import Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull did: the number of the state (0: there is none yet), and files that came and went.

    `sending` is the edition that some run began to send and never told the end of; `unpushed` are files here that were
    not pushed yet, and stay as they are.
    """

    remote: str
    number: int
    came: int = 0
    went: int = 0
    sending: Sending | None = None
    unpushed: tuple[str, ...] = ()


def pull(settings: Settings, *, new: bool = False, force: bool = False) -> Pulled:
    """Bring what is here to what is at the remote. `new`: there may be none yet; `force`: give up what was not pushed.

    Raises StateMissing, StateDamaged, StateKey, StateMoved, StateUnpushed, StateUnreachable, Busy; what is here is then
    as it was.
    """
    witness.finish(settings)
    known, seal = witness.read(settings), seal_of(settings)
    with places.copies(settings) as copies:
        found = {name: one.sha256 for name, one in copies.items()}
        differ = tuple(places.unlike(known.known if known else {}, copies))
    with remotes.opened(settings) as remote:
        latest = remote.latest()
        if latest is None:
            if not new or (known and known.number):
                raise StateMissing(remote.name)
            witness.write(settings, Witness(remote=settings.state.remote, begun=True))
            return Pulled(remote=remote.name, number=0, unpushed=differ)
        there = manifest.opened(latest.content, seal, where=remote.name)
        same = known is not None and there.id in {known.id, known.offered}
        if known and there.id == known.offered:  # a push whose end was not seen came through
            digests = {name: one.sha256 for name, one in there.files.items()}
            witness.write(settings, Witness(remote=known.remote, number=there.number, id=there.id, known=digests))
        if same and not force:
            return Pulled(remote=remote.name, number=there.number, unpushed=differ)
        lost = tuple(name for name in differ if name not in there.files or there.files[name].sha256 != found.get(name))
        _require_newer(remote, known, there, lost, force=force)
        return _arrived(settings, remote, there, seal, found)


def _require_newer(
    remote: Remote, known: Witness | None, there: Manifest, lost: tuple[str, ...], *, force: bool
) -> None:
    """Refuse what would lose something here."""
    if force:
        return
    if known and there.number <= known.number:
        raise StateMoved(
            remote.name,
            f"it went back: number {there.number} is there, this folder has seen number {known.number}",
            hint="who pushed an old state? What was sent since would be sent again; `--force` takes it all the same",
        )
    if lost:
        raise StateUnpushed(lost)


def _arrived(settings: Settings, remote: Remote, there: Manifest, seal: Seal, found: dict[str, str]) -> Pulled:
    """Fetch what differs beside its place, then put all of it in place."""
    wanted = {name: one for name, one in there.files.items() if found.get(name) != one.sha256}
    gone = tuple(sorted(found.keys() - there.files.keys()))
    moves: dict[str, str] = {}
    settled = False
    with files.held(settings.build.output / "runs"), places.quiet(settings):  # nor is a run at work
        try:
            for name, file in wanted.items():
                draft = witness.draft_of(places.place(settings, name))
                moves[name] = draft.name
                _fetch(remote, name, file, seal, draft)
            settled = True  # from here on the rest is done, now or by the next command
            witness.arrive(settings, Arriving(moves=moves, gone=gone, witness=Witness(
                remote=settings.state.remote, number=there.number, id=there.id,
                known={name: one.sha256 for name, one in there.files.items()},
            )))  # fmt: skip
        finally:
            if not settled:
                _clear(places.place(settings, name).with_name(draft) for name, draft in moves.items())
    return Pulled(remote=remote.name, number=there.number, came=len(wanted), went=len(gone), sending=there.sending)


def _fetch(remote: Remote, name: str, file: Kept, seal: Seal, draft: Path) -> None:
    """Write a file beside its place, to the disk; StateDamaged if it is not what was pushed."""
    mode = 0o600 if name in places.OWN else 0o644
    try:
        draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if name in places.OWN else 0o777)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as target:
            for piece in contents(remote, file, seal):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
    except Broken:
        raise StateDamaged(remote.name, [f"{name}: it is not what was pushed"]) from None
    except OSError as problem:
        raise CannotWrite(draft, problem.strerror or str(problem)) from problem


def _clear(drafts: Iterable[Path]) -> None:
    for draft in drafts:
        draft.unlink(missing_ok=True)
        if draft.parent.is_dir() and not any(draft.parent.iterdir()):
            draft.parent.rmdir()
