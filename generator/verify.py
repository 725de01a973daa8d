"""Verifying: an edition against the store, and a finished form against its edition.

Facts are computed again from what the store knew at the edition's moment; every claim is said again from them; the
guard reads the words between; and where the edition was written with the same Capline and the same prose, the whole
letter is composed again, so that a fact swapped for another true one is found too.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from generator import __version__, composing, guard, reading
from generator import facts as of_facts
from generator.errors import CaplineError
from generator.render import render
from generator.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from generator.edition import Edition, Sentence
    from generator.model import Fact, Universe
    from generator.reading import Piece, Reading
    from generator.store import View

RENDERED = {".html": ("web", "index.html"), ".eml": ("mail", "letter.eml"), ".txt": ("text", "letter.txt")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as the store, or the edition, says it must be."""

    where: str
    fact: str
    printed: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found, and what was looked at."""

    differences: tuple[Difference, ...]
    facts: int
    claims: int
    notes: tuple[str, ...] = ()


def order_of(edition: Edition, universe: Universe) -> composing.Order:
    """What the edition was made to order from, read out of it."""
    notices = tuple(notice for notice in edition.notices if notice != universe.notice)
    return composing.Order(
        kind=edition.kind,
        session=edition.as_of,
        today=date.fromisoformat(edition.id[:10]),
        masthead=edition.masthead,
        universe=universe,
        source=edition.provenance.source,
        only=edition.provenance.only,
        notices=notices,
        memory=edition.provenance.memory,
        settings=edition.provenance.settings,
    )


def check_edition(edition: Edition, view: View, universe: Universe) -> Verdict:
    """Check an edition against the store as it was known at its moment.

    `view` must be the store's view of `edition.moment`. A fact that can no longer be computed is a difference.
    """
    order = order_of(edition, universe)
    findings = of_facts.gather(view, session=order.session, today=order.today, universe=universe)
    differences = [
        *_facts(edition, findings.facts),
        *_claims(edition, findings.facts, order.today),
        *(
            Difference(where=found.where, fact="", printed=found.words, expected=f"no {found.kind} without a fact")
            for found in guard.findings(edition)
        ),
    ]
    notes: list[str] = []
    prose = composing.prose_digest()
    if (edition.provenance.version, edition.provenance.prose) == (__version__, prose):
        differences += _letter(edition, view, order, known={(one.where, one.fact) for one in differences})
    else:
        notes.append(
            f"written by Capline {edition.provenance.version} with other prose: each claim was checked, "
            "the choice of words around them was not"
        )
    return Verdict(
        differences=tuple(differences),
        facts=len(edition.facts),
        claims=sum(1 for _ in edition.claims()),
        notes=tuple(notes),
    )


def _facts(edition: Edition, found: Mapping[str, Fact]) -> Iterator[Difference]:
    """Every fact of the edition beside the one computed again, field by field."""
    for key, fact in edition.facts.items():
        if key not in found:
            yield Difference(where="facts", fact=key, printed=repr(fact.value), expected="a gap: it cannot be computed")
            continue
        for field in fields(fact):
            mine, theirs = getattr(fact, field.name), getattr(found[key], field.name)
            if mine != theirs:
                yield Difference(where=f"facts, {field.name}", fact=key, printed=_short(mine), expected=_short(theirs))
    for key in found.keys() - edition.facts.keys():
        yield Difference(where="facts", fact=key, printed="nothing", expected=repr(found[key].value))


def _claims(edition: Edition, found: Mapping[str, Fact], today: date) -> Iterator[Difference]:
    """Every claim said again from the fact computed again."""
    for where, claim in edition.claims():
        if claim.fact not in found:
            yield Difference(where=where, fact=claim.fact, printed=claim.text, expected="no such fact")
            continue
        try:
            again = say(found[claim.fact], claim.say, dict(claim.args), facts=found, today=today)
        except (CaplineError, KeyError, ValueError) as problem:
            again = f"nothing ({problem})"
        if again != claim.text:
            yield Difference(where=where, fact=claim.fact, printed=claim.text, expected=again)


def _letter(
    edition: Edition, view: View, order: composing.Order, *, known: set[tuple[str, str]]
) -> Iterator[Difference]:
    """The whole letter composed again and compared part by part; what is known to differ is not told twice."""
    again = composing.compose(view, order)
    mine, theirs = _sentences(edition), _sentences(again)
    for where in dict.fromkeys((*mine, *theirs)):
        if mine.get(where) == theirs.get(where):
            continue
        yield from (
            one for one in _sentence(where, mine.get(where), theirs.get(where)) if (one.where, one.fact) not in known
        )
    for field in fields(edition):
        if field.name in ("headline", "standfirst", "preheader", "sections", "facts", "method"):
            continue
        left, right = getattr(edition, field.name), getattr(again, field.name)
        if left != right:
            yield from _parts(field.name, left, right, known)


def _sentences(edition: Edition) -> dict[str, Sentence]:
    found = {"preheader": edition.preheader}
    found |= {f"title of {section.story}": section.title for section in edition.sections}
    return found | {f"sentence {number} ({where})": sentence for number, where, sentence in edition.sentences()}


def _sentence(where: str, mine: Sentence | None, theirs: Sentence | None) -> Iterator[Difference]:
    if mine is None or theirs is None:
        yield Difference(
            where=where,
            fact="",
            printed=mine.text if mine else "nothing",
            expected=theirs.text if theirs else "nothing",
        )
        return
    if len(mine.pieces) != len(theirs.pieces):
        yield Difference(where=where, fact="", printed=mine.text, expected=theirs.text)
        return
    for left, right in zip(mine.pieces, theirs.pieces, strict=True):
        if left != right:
            yield Difference(
                where=where,
                fact=getattr(right, "fact", "") or getattr(left, "fact", ""),
                printed=getattr(left, "text", str(left)),
                expected=getattr(right, "text", str(right)),
            )


def _parts(name: str, left: object, right: object, known: set[tuple[str, str]]) -> Iterator[Difference]:
    """Where two values of one field differ: by item if they are sequences of equal length, else as a whole."""
    if name == "tables" and isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        for mine, theirs in zip(left, right, strict=True):
            for one, other in zip(mine.rows, theirs.rows, strict=False):
                for before, after in zip(one.cells, other.cells, strict=False):
                    where, fact = f"table {mine.id}, {one.label}", getattr(after, "fact", "")
                    if before != after and (where, fact) not in known:
                        yield Difference(where=where, fact=fact, printed=_short(before), expected=_short(after))
            if (mine.title, mine.columns, mine.note, len(mine.rows)) != (
                theirs.title, theirs.columns, theirs.note, len(theirs.rows),
            ) or any(one.label != other.label for one, other in zip(mine.rows, theirs.rows, strict=False)):  # fmt: skip
                yield Difference(where=f"table {mine.id}", fact="", printed="its heads or rows", expected="as composed")
        return
    yield Difference(where=name, fact="", printed=_short(left), expected=_short(right))


def _short(value: object) -> str:
    text = getattr(value, "text", None) or repr(value)
    return text if len(text) <= 90 else f"{text[:87]}..."  # noqa: PLR2004 -- a table cell


def check_form(path: Path, content: bytes, edition: Edition) -> Verdict:
    """Compare a page, mail, text or PDF with what its edition renders to; every difference names its fact."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return _check_pdf(path, content, edition)
    form, name = RENDERED[suffix]
    expected = render(edition, (form,))[name]
    mine, theirs = reading.form(name, content), reading.form(name, expected)
    if mine is None or theirs is None:  # RENDERED names only what reading reads
        raise AssertionError(name)
    differences = tuple(_compare(mine, theirs))
    notes = () if differences or content == expected else ("the words are the same; the markup around them is not",)
    return Verdict(differences=differences, facts=len(edition.facts), claims=_count(theirs), notes=notes)


def _check_pdf(path: Path, content: bytes, edition: Edition) -> Verdict:
    paper = "letter" if path.stem.endswith("-letter") else "a4"
    expected = render(edition, ("pdf",), papers=(paper,))[f"letter-{paper}.pdf"]
    if content == expected:
        return Verdict(
            differences=(), facts=len(edition.facts), claims=0, notes=("byte for byte as its edition prints",)
        )
    changed = Difference(where=path.name, fact="", printed="other bytes", expected="the bytes its edition prints to")
    return Verdict(differences=(changed,), facts=len(edition.facts), claims=0)


def _count(found: Reading) -> int:
    return sum(1 for piece in found.pieces if piece.fact)


def _compare(mine: Reading, theirs: Reading) -> Iterator[Difference]:
    left, right = mine.pieces, theirs.pieces
    matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
    for tag, start, stop, other, end in matcher.get_opcodes():
        if tag != "equal":
            yield from _changed(left[start:stop], right[other:end])
    for name in ("edition", "source"):
        if mine.meta.get(name) != theirs.meta.get(name):
            yield Difference(
                where=f"capline:{name}", fact="", printed=str(mine.meta.get(name)), expected=str(theirs.meta.get(name))
            )


def _changed(left: Sequence[Piece], right: Sequence[Piece]) -> Iterator[Difference]:
    if len(left) == len(right):
        for one, other in zip(left, right, strict=True):
            if one != other:
                yield _difference(one, other)
        return
    printed, expected = " ".join(map(str, left)) or "nothing", " ".join(map(str, right)) or "nothing"
    known = next((piece for piece in (*right, *left) if piece.fact), (*right, *left)[0])
    yield Difference(where=_where(known), fact=known.fact, printed=_short_text(printed), expected=_short_text(expected))


def _difference(one: Piece, other: Piece) -> Difference:
    printed, expected = one.text, other.text
    if printed == expected:  # the words are the same, what they stand for is not
        printed, expected = (f"{p.text} ({p.fact} {p.say} {p.value})" for p in (one, other))
    return Difference(
        where=_where(other), fact=other.fact or one.fact, printed=_short_text(printed), expected=_short_text(expected)
    )


def _where(piece: Piece) -> str:
    return f"sentence {piece.sentence}" if piece.sentence else "table or frame"


def _short_text(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}..."  # noqa: PLR2004 -- a table cell
