"""The witness: which state this folder was last brought together with, and the finishing of what was interrupted.

It lies in `<output>/state/` and never leaves this machine. `known` has the digest of each file at that moment, so that
later changes are seen; `offered` is the id of a push whose end was not seen.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from generator import files
from generator.errors import CannotWrite, StateDamaged
from generator.state import places

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Settings

FILE, ARRIVING = "witness.json", "arriving.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What this folder knows: the last state's number and id ("": none yet), what was here then, what was offered."""

    remote: str
    number: int = 0
    id: str = ""
    known: dict[str, str] = field(default_factory=dict)
    offered: str = ""
    begun: bool = False  # nothing was there when this folder asked, and that was as it should be


def read(settings: Settings) -> Witness | None:
    """What is known of this folder; None if it was never brought together with the remote that is set."""
    path = places.folder(settings) / FILE
    try:
        found = Witness(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as problem:
        raise StateDamaged(str(path), [f"cannot be read ({problem}); take it away and pull"]) from None
    return found if found.remote == settings.state.remote else None


def write(settings: Settings, witness: Witness) -> None:
    """Write it down."""
    files.write(places.folder(settings), {FILE: json.dumps(asdict(witness), indent=1).encode()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """Files that have arrived whole beside their places, what is to go, and what this folder then knows."""

    moves: dict[str, str]  # name to the draft beside its place
    gone: tuple[str, ...]
    witness: Witness


def arrive(settings: Settings, arriving: Arriving) -> None:
    """Put everything in its place. Killed in the middle, `finish` does the rest."""
    files.write(places.folder(settings), {ARRIVING: json.dumps(asdict(arriving)).encode()})
    _finish(settings)


def finish(settings: Settings) -> None:
    """Do the rest of a pull that was interrupted while it replaced files, if there was one; Busy if one is at work."""
    if (places.folder(settings) / ARRIVING).exists():
        with places.quiet(settings):
            _finish(settings)


def _finish(settings: Settings) -> None:
    journal = places.folder(settings) / ARRIVING
    try:
        plain = json.loads(journal.read_bytes())
    except ValueError as problem:
        raise StateDamaged(str(journal), [f"cannot be read ({problem})"]) from None
    try:
        for name, draft in plain["moves"].items():
            _put(places.place(settings, name), draft)
        for name in plain["gone"]:
            _gone(places.place(settings, name))
    except OSError as problem:
        raise CannotWrite(journal.parent, problem.strerror or str(problem)) from problem
    write(settings, Witness(**plain["witness"]))
    journal.unlink()


def draft_of(place: Path) -> Path:
    """Where a file arrives, beside its place."""
    return place.with_name(f".{place.name}.arriving")


def _put(place: Path, draft: str) -> None:
    arrived = place.with_name(draft)
    if arrived.exists():
        for end in places.BESIDE:  # a journal of the file that goes must not be played into the one that comes
            place.with_name(place.name + end).unlink(missing_ok=True)
        arrived.replace(place)


def _gone(place: Path) -> None:
    for end in ("", *places.BESIDE):
        place.with_name(place.name + end).unlink(missing_ok=True)
    with suppress(OSError):  # another file is in there
        place.parent.rmdir()
