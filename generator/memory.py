"""What earlier letters told and how they said it, handed on from letter to letter inside their editions.

Each edition carries the memory of those before it, so that the newest earlier one is all that has to be read.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from generator.commentary.variety import mask
from generator.edition import Memory, Told
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from generator.edition import Edition

LAPSE = 31  # days: a letter older than this is no news any more, and its words are not remembered
HEADLINES = 250  # headlines that are not to be repeated: about a year of daily letters
NONE = Memory()


def remembered(editions: Path, kind: str, day: date, *, letters: int) -> Memory:
    """The memory a letter of a kind and day starts from: the newest earlier edition in the folder, and what it knew.

    Raises DamagedEdition if that edition cannot be read.
    """
    path = newest(editions, kind, day)
    return after(path.read_bytes(), path=path, letters=letters) if path else NONE


def after(content: bytes, *, path: Path, letters: int) -> Memory:
    """The memory that the letter after an edition starts from, read from its JSON; DamagedEdition names the path."""
    if not letters:
        return NONE
    try:
        plain = json.loads(content)
        own, headline = _told(plain, hashlib.sha256(content).hexdigest())
        known = plain["provenance"]["memory"]
        before = [Told(**{**one, **_tuples(one)}) for one in known["letters"]]
        return Memory(
            letters=(own, *before)[:letters],
            headlines=(headline, *known["headlines"])[:HEADLINES],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DamagedEdition(path, f"cannot be read for what it told ({problem!r})") from problem


def newest(editions: Path, kind: str, day: date) -> Path | None:
    """The newest edition of a kind before a day, if it is no older than what is remembered."""
    earliest = f"{day - timedelta(days=LAPSE)}"
    found = sorted(editions.glob(f"????-??-??-{kind}/edition.json"), reverse=True)
    return next((path for path in found if earliest <= path.parent.name[:10] < f"{day}"), None)


def following(edition: Edition, digest: str, *, letters: int) -> Memory:
    """The memory that the letter after an edition starts from, without reading it back from a file."""
    before = edition.provenance.memory
    sections = edition.sections
    own = Told(
        edition=edition.id,
        lead=next((section.story for section in sections if section.place == "lead"), ""),
        stories=tuple((section.story, section.state) for section in sections),
        sentences=(mask(edition.standfirst.text), *(mask(one.text) for one in _prose(edition))),
        digest=digest,
    )
    return Memory(
        letters=(own, *before.letters)[:letters],
        headlines=(mask(edition.headline.text), *before.headlines)[:HEADLINES],
    )


def _prose(edition: Edition) -> list[Any]:
    return [one for section in edition.sections for paragraph in section.paragraphs for one in paragraph]


def _told(plain: dict[str, Any], digest: str) -> tuple[Told, str]:
    """What an edition, as read from JSON, told; and its masked headline."""
    paragraphs = [paragraph for section in plain["sections"] for paragraph in section["paragraphs"]]
    prose = [plain["standfirst"], *(sentence for paragraph in paragraphs for sentence in paragraph)]
    told = Told(
        edition=plain["id"],
        lead=next((one["story"] for one in plain["sections"] if one["place"] == "lead"), ""),
        stories=tuple((one["story"], one["state"]) for one in plain["sections"]),
        sentences=tuple(mask(_text(sentence)) for sentence in prose),
        digest=digest,
    )
    return told, mask(_text(plain["headline"]))


def _text(sentence: dict[str, Any]) -> str:
    return "".join(piece if isinstance(piece, str) else piece["text"] for piece in sentence["pieces"])


def _tuples(one: dict[str, Any]) -> dict[str, Any]:
    return {"stories": tuple((name, state) for name, state in one["stories"]), "sentences": tuple(one["sentences"])}
