"""The record of an edition, `corrections.json` beside its edition.json: entries are added, never changed or removed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from generator import files
from generator.corrections.values import WITHDRAWN, correction
from generator.corrections.words import notice
from generator.errors import DamagedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.corrections.values import Correction

FILE = "corrections.json"
SCHEMA = "capline-corrections/1"


def read(folder: Path) -> tuple[Correction, ...]:
    """What is recorded of the edition in a folder, oldest first; DamagedRecord."""
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        plain = json.loads(path.read_bytes())
        if plain["schema"] != SCHEMA:
            raise DamagedRecord(path, f"its schema is {plain['schema']!r}, this Capline reads {SCHEMA!r}")
        return tuple(correction(one) for one in plain["corrections"])
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DamagedRecord(path, f"{problem!r}") from problem


def every(editions: Path) -> tuple[Correction, ...]:
    """What is recorded of all editions of a folder, by edition."""
    return tuple(one for path in sorted(editions.glob(f"*/{FILE}")) for one in read(path.parent))


def news(recorded: Sequence[Correction], found: Sequence[Correction], *, moment: str) -> tuple[Correction, ...]:
    """What is to be added for one edition: what reads otherwise than it was recorded last, and what was taken back.

    `found` is all that reads otherwise now, of the edition.json that lies there now.
    """
    last = {(one.sha256, one.place): one for one in recorded}
    fresh = [
        one for one in found if (one.sha256, one.place) not in last or last[one.sha256, one.place].says != one.says
    ]
    current = {(one.sha256, one.place) for one in found}
    here = {one.sha256 for one in found}
    back = [
        _withdrawn(one, moment)
        for key, one in last.items()
        if key not in current and one.kind != WITHDRAWN and (one.sha256 in here or not found)
    ]
    return (*fresh, *back)


def add(folder: Path, entries: Sequence[Correction]) -> None:
    """Write the record with some entries at its end: the whole file, or nothing of it. CannotWrite, DamagedRecord."""
    if entries:
        files.write(folder, {FILE: written((*read(folder), *entries))})


def written(entries: Sequence[Correction]) -> bytes:
    """The bytes of corrections.json."""
    rows = ",\n".join(json.dumps(one.plain(), ensure_ascii=False, sort_keys=True, indent=1) for one in entries)
    return f'{{"schema": "{SCHEMA}", "corrections": [\n{rows}\n]}}\n'.encode()


def _withdrawn(one: Correction, moment: str) -> Correction:
    figures = tuple(replace(figure, now=figure.printed, why="", value=figure.was) for figure in one.figures)
    back = replace(one, now=one.printed, kind=WITHDRAWN, found=moment, revised=moment, figures=figures)
    return replace(back, notice=notice(back))
