"""Making a letter once: built if it is not there, completed if a run ended before it was whole, and verified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from generator import chain, files, guard, pipeline, verify
from generator.edition import from_json
from generator.errors import DamagedEdition, DataError, Unverified
from generator.render import Workshop, render
from generator.sessions import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from generator.clock.agenda import Due
    from generator.config import Settings
    from generator.edition import Edition

JSON, MAIL = "edition.json", "letter.eml"
READ = (*(name for _, name in verify.RENDERED.values()), "letter-a4.pdf", "letter-letter.pdf")
SHOWN = 5  # differences that an error names


def folder(settings: Settings, edition: str) -> Path:
    """Where a letter lies."""
    return settings.build.output / "editions" / edition


def read(settings: Settings, edition: str) -> tuple[Edition, bytes]:
    """A letter that lies in its folder, and its edition.json.

    Raises DamagedEdition if it is no edition, or another one than its folder is named for; Unreadable.
    """
    path = folder(settings, edition) / JSON
    content = pipeline.read(path)
    found = from_json(content, path=path)
    if found.id != edition:
        raise DamagedEdition(path, f"holds the edition {found.id}: two editions with one key, or a folder renamed")
    return found, content


def build(settings: Settings, one: Due, forms: Sequence[str], now: datetime) -> str:
    """Make a letter, or what is missing of one that lies there; gives its headline.

    An edition is never made twice: what is missing is rendered from its edition.json. Raises as `pipeline.build` does.
    """
    forms = tuple(dict.fromkeys((*forms, "json")))
    if (folder(settings, one.id) / JSON).exists():
        return _completed(settings, one.id, forms)
    asked = pipeline.Asked(day=one.day, kind=one.kind)
    with Workshop(forms) as workshop:
        today = now.astimezone(NEW_YORK).date()
        made = pipeline.build(settings, asked, forms, today=today, now=now, workshop=workshop)
    if made.edition.id != one.id:
        raise DataError(f"{one.id} was asked for, and {made.edition.id} came", hint="tell the authors of Capline")
    return made.edition.headline.text


def _completed(settings: Settings, id_: str, forms: Sequence[str]) -> str:
    with files.held(settings.build.output):
        edition, _ = read(settings, id_)
        place = folder(settings, id_)
        made = render(edition, forms, papers=settings.build.papers)
        missing = {name: content for name, content in made.items() if not (place / name).exists()}
        if missing:
            pipeline.check_forms(missing, guard.supplied(edition), guard.quoted(edition))
            files.write(place, missing)
        known = chain.read(place.parent)
        if chain.written(known) != _listed(place.parent):
            chain.write(place.parent, known)
    return edition.headline.text


def seal(settings: Settings, edition: str) -> str:
    """SHA-256 over a letter's edition.json and mail as they lie there."""
    place = folder(settings, edition)
    digest = hashlib.sha256()
    for name in (JSON, MAIL):
        content = pipeline.read(place / name) if (place / name).exists() else b""
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _listed(editions: Path) -> bytes:
    path = editions / chain.FILE
    return path.read_bytes() if path.exists() else b""


def verified(settings: Settings, one: Due, now: datetime) -> str:
    """Check a letter against the store, and each of its forms against it; Unverified if anything differs."""
    edition, _ = read(settings, one.id)
    place = folder(settings, one.id)
    today = now.astimezone(NEW_YORK).date()
    verdict, _ = pipeline.verified(settings, place / JSON, edition_file=None, today=today)
    found = [(JSON, difference) for difference in verdict.differences]
    there = [name for name in READ if (place / name).exists()]
    for name in there:
        outer = verify.check_form(place / name, (place / name).read_bytes(), edition)
        found += [(name, difference) for difference in outer.differences]
    if found:
        said = [f"{name}, {each.where}: printed {each.printed}, expected {each.expected}" for name, each in found]
        more = [f"and {len(said) - SHOWN} more"] if len(said) > SHOWN else []
        raise Unverified(one.id, (*said[:SHOWN], *more))
    return f"{verdict.facts} facts, {verdict.claims} claims, {len(there) + 1} forms agree"
