"""The corrections recorded beside the editions (`corrections.json`, which `capline corrections --write` keeps)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generator.archive.values import Correction
from generator.errors import DamagedRecord

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "capline-corrections/1"
LETTER = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+")  # the id of a letter; one-off reports are not archived


def recorded(editions: Path) -> tuple[Correction, ...]:
    """All corrections of the letters in a folder, by edition; of one place and day the last. DamagedRecord."""
    found = {}
    for path in sorted(editions.glob("*/corrections.json")):
        try:
            plain = json.loads(path.read_bytes())
            if plain["schema"] != SCHEMA:
                raise DamagedRecord(path, f"its schema is {plain['schema']!r}, this Capline reads {SCHEMA!r}")
            those = [_correction(one) for one in plain["corrections"] if LETTER.fullmatch(one["edition"])]
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as problem:
            raise DamagedRecord(path, f"{problem!r}") from problem
        found.update({one.id: one for one in those})
    return tuple(found.values())


def _correction(one: dict[str, Any]) -> Correction:
    refused = next((figure["why"] for figure in one["figures"] if figure["now"] is None), "")
    return Correction(
        edition=one["edition"],
        sentence=one["sentence"] or 0,
        fact=one["figures"][0]["fact"],
        printed=one["printed"],
        known=one["known"],
        now=f"it can no longer be said: {refused}" if one["now"] is None else one["now"],
        revised=one["revised"],
        meaning=one["kind"] == "meaning",
        notice=one["notice"],
        place=one["place"],
        withdrawn=one["kind"] == "withdrawn",
    )
