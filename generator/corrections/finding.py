"""Finding what later values change in one edition: every place that would read otherwise, in prose and tables."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from generator import restatements
from generator.corrections.values import Correction, Figure
from generator.corrections.words import notice
from generator.edition import Claim, Edition, Sentence, from_plain
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from generator.model import Universe
    from generator.restatements import Changed
    from generator.store import Later, Restated


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An edition to look at: its file, and the places of its slices with other values."""

    path: Path
    places: tuple[int, ...]
    universes: tuple[tuple[str, Universe], ...] = ()  # of sources that only a store can tell: live data


def corrections(task: Task, later: Later) -> tuple[Correction, ...]:
    """What in an edition would read otherwise with later values, in the order of reading; DamagedEdition."""
    content = task.path.read_bytes()

    @cache
    def read() -> Edition:
        return from_plain(plain, path=task.path)

    try:
        plain = json.loads(content)
        universe = restatements.universe_of(plain, task.universes)
        found = restatements.changed(plain, task.places, later, universe, lambda: read().facts)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as problem:
        raise DamagedEdition(task.path, f"cannot be read for what it rests on ({problem!r})") from problem
    if not found:
        return ()
    edition = read()
    sheet = Proof(
        edition=edition,
        sha256=hashlib.sha256(content).hexdigest(),
        changed={one.claim: one for one in found},
        view=later.as_of(edition.moment, restatements.day_of(plain)),
        moment=later.moment,
    )
    return tuple(
        _correction(sheet, place, number, sentence)
        for place, number, sentence in places(edition)
        if any(claim in sheet.changed for claim in sentence.claims)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An edition, its claims that read otherwise, and the view that says so."""

    edition: Edition
    sha256: str
    changed: Mapping[Claim, Changed]
    view: Restated
    moment: datetime  # of what is known later


def places(edition: Edition) -> Iterator[tuple[str, int | None, Sentence]]:
    """Every place of an edition that prints something: where, its number if it has one, and its words."""
    yield "preheader", None, edition.preheader
    for section in edition.sections:
        yield f"title of {section.story}", None, section.title
    for number, where, sentence in edition.sentences():
        yield f"sentence {number} ({where})", number, sentence
    for table in edition.tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=False):
                if isinstance(cell, Claim):
                    yield f"table {table.id}, {row.label}, {column}", None, Sentence(pieces=(cell,))


def _correction(sheet: Proof, place: str, number: int | None, sentence: Sentence) -> Correction:
    those = [sheet.changed[claim] for claim in dict.fromkeys(sentence.claims) if claim in sheet.changed]
    refused = any(one.now is None for one in those)
    again = {one.claim: one.now or "" for one in those}
    words = (piece if isinstance(piece, str) else again.get(piece, piece.text) for piece in sentence.pieces)
    meaning = any(one.kind == restatements.MEANING for one in those)
    found = Correction(
        edition=sheet.edition.id,
        sha256=sheet.sha256,
        place=place,
        sentence=number,
        printed=sentence.text,
        known=stamp(sheet.edition.moment),
        now=None if refused else "".join(words),
        revised=stamp(_revised(sheet, those) or sheet.moment),
        found=stamp(sheet.moment),
        kind=restatements.MEANING if meaning else restatements.DIGIT,
        notice="",
        figures=tuple(_figure(sheet.edition, one) for one in those),
    )
    return replace(found, notice=notice(found))


def _figure(edition: Edition, one: Changed) -> Figure:
    fact = edition.facts[one.claim.fact]
    return Figure(
        fact=fact.key,
        label=fact.label,
        say=one.claim.say,
        args=one.claim.args,
        printed=one.claim.text,
        now=one.now,
        why=one.why,
        was=fact.value,
        value=one.fact.value if one.fact else None,
    )


def _revised(sheet: Proof, those: list[Changed]) -> datetime | None:
    """When the newest of the values behind some claims became known; None if the store does not tell."""
    facts = sheet.edition.facts
    keys = {one.claim.fact for one in those} | {value for one in those for _, value in one.claim.args}
    slices = {one for key in keys if key in facts for one in facts[key].evidence}
    found = [
        one.known_at
        for slice_ in slices
        for one in sheet.view.restatements(slice_.series_id, slice_.first, slice_.last)
    ]
    return max(found, default=None)


def stamp(moment: datetime) -> str:
    """A moment as an edition writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
