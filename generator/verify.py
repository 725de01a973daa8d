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

from generator import __version__, composing, guard, reading, restatements
from generator import facts as of_facts
from generator.differences import Difference, both, fact_of, parts, short
from generator.errors import CaplineError, DataError
from generator.render import render
from generator.sessions import close, evening
from generator.sources.quoting import identity, link_of, plain
from generator.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from generator.edition import Edition, Sentence
    from generator.model import Fact, Universe
    from generator.reading import Piece, Reading
    from generator.render import Workshop
    from generator.store import View

EVIDENCE = "evidence.html"
RENDERED = {".html": ("web", "index.html"), ".eml": ("mail", "letter.eml"), ".txt": ("text", "letter.txt")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found, and what was looked at."""

    differences: tuple[Difference, ...]
    facts: int
    claims: int
    notes: tuple[str, ...] = ()


def order_of(edition: Edition, universe: Universe) -> composing.Order:
    """What the edition was made to order from, read out of it."""
    told = restatements.NOTICE  # these are made again
    notices = tuple(one for one in edition.notices if one != universe.notice and not told.fullmatch(one))
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
        headlines=edition.headlines,
        unread=edition.unread,
        settings=edition.provenance.settings,
        previous=edition.provenance.previous,
        restated=edition.provenance.restated,
    )


def check_edition(edition: Edition, view: View, universe: Universe) -> Verdict:
    """Check an edition against the store as it was known at its moment.

    `view` must be the store's view of `edition.moment`. A fact that can no longer be computed is a difference.
    """
    misplaced = _frame(edition)
    if misplaced:
        return Verdict(differences=(misplaced,), facts=len(edition.facts), claims=0)
    order = order_of(edition, universe)
    try:
        findings = of_facts.gather(view, session=order.session, today=order.today, universe=universe)
    except DataError as problem:
        stale = Difference(where="as_of", fact="", printed=f"{edition.as_of}", expected=f"a session: {problem}")
        return Verdict(differences=(stale,), facts=len(edition.facts), claims=0)
    same_prose = (edition.provenance.version, edition.provenance.prose) == (__version__, composing.prose_digest())
    differences = [
        *computed_again(edition, findings.facts),
        *said_again(edition, findings.facts, order.today),
        *quoted(edition),
        *(
            Difference(where=found.where, fact="", printed=found.words, expected=f"no {found.kind} without a fact")
            for found in guard.findings(edition)
            if same_prose or found.kind != guard.UNLISTED  # other prose may have had other words
        ),
    ]
    notes: list[str] = []
    if same_prose:
        known = {(one.where, one.fact) for one in differences}
        try:
            again = composing.compose(view, order, findings=findings)
        except CaplineError as problem:
            expected = f"nothing ({problem})"
            differences.append(Difference(where="letter", fact="", printed=edition.id, expected=expected))
        else:
            differences += [one for one in beside(edition, again) if (one.where, one.fact) not in known]
    else:
        notes.append(
            f"written by Capline {edition.provenance.version} with other prose: each fact and claim was checked, "
            "the words, table heads, cases and charts around them were not"
        )
    if edition.headlines:
        notes.append("the store holds no headlines: those quoted were checked to be plain words and links, and dated")
    return Verdict(
        differences=tuple(differences),
        facts=len(edition.facts),
        claims=sum(1 for _ in edition.claims()),
        notes=tuple(notes),
    )


def _frame(edition: Edition) -> Difference | None:
    """What keeps an edition from being composed again: its name, its kind or its moment."""
    if edition.kind not in composing.SPANS:
        kinds = " or ".join(composing.SPANS)
        return Difference(where="kind", fact="", printed=edition.kind, expected=kinds)
    try:
        today = date.fromisoformat(edition.id[:10])
    except ValueError:
        return Difference(where="id", fact="", printed=edition.id, expected="a name that starts with its day")
    live = edition.provenance.source == "live"  # speaks from when it was made, or from when the closes were seen
    if edition.moment != evening(today) and not (live and edition.moment >= close(edition.as_of)):
        return Difference(where="moment", fact="", printed=f"{edition.moment}", expected=f"{evening(today)}")
    return None


def computed_again(edition: Edition, found: Mapping[str, Fact]) -> Iterator[Difference]:
    """Every fact of the edition beside the one computed again, field by field."""
    for key, fact in edition.facts.items():
        if key not in found:
            yield Difference(where="facts", fact=key, printed=repr(fact.value), expected="a gap: it cannot be computed")
            continue
        for field in fields(fact):
            mine, theirs = getattr(fact, field.name), getattr(found[key], field.name)
            if mine != theirs:
                yield Difference(where=f"facts, {field.name}", fact=key, printed=short(mine), expected=short(theirs))


def said_again(edition: Edition, found: Mapping[str, Fact], today: date) -> Iterator[Difference]:
    """Every claim said again from the fact computed again."""
    for where, claim in edition.claims():
        if claim.fact not in found:
            yield Difference(where=where, fact=claim.fact, printed=claim.text, expected="no such fact")
            continue
        try:
            again = say(found[claim.fact], claim.say, dict(claim.args), facts=found, today=today)
        except (CaplineError, LookupError, ValueError, TypeError, ArithmeticError) as problem:
            again = f"nothing ({problem})"
        if again != claim.text:
            yield Difference(where=where, fact=claim.fact, printed=claim.text, expected=again)


def quoted(edition: Edition) -> Iterator[Difference]:
    """Headlines that hold more than plain words, lead to what is no page, or were not published by the moment."""
    for one in edition.headlines:
        where = f"headline {one.key}"
        for mine, clean in (
            (one.title, plain(one.title, len(one.title))),
            (one.publisher, plain(one.publisher, len(one.publisher))),
            (one.link, link_of(one.link)),
            (one.key, f"news.{identity(one.link)}"),
        ):
            if mine != clean:
                yield Difference(where=where, fact="", printed=short(mine), expected=short(clean or "nothing"))
        if one.published > edition.moment:
            moment = f"by {edition.moment}"
            yield Difference(where=where, fact="", printed=f"published {one.published}", expected=moment)
    for name in edition.unread:
        if name != plain(name, len(name)):
            yield Difference(where="feeds", fact="", printed=short(name), expected=short(plain(name, len(name))))


def beside(edition: Edition, again: Edition) -> Iterator[Difference]:
    """The whole letter compared, part by part, with the one composed again."""
    mine, theirs = _sentences(edition), _sentences(again)
    for where in dict.fromkeys((*mine, *theirs)):
        yield from _sentence(where, mine.get(where), theirs.get(where))
    for key in again.facts.keys() - edition.facts.keys():
        yield Difference(where="facts", fact=key, printed="nothing", expected=repr(again.facts[key].value))
    for field in fields(edition):
        if field.name not in ("headline", "standfirst", "preheader", "facts", "method"):
            yield from parts(field.name, getattr(edition, field.name), getattr(again, field.name))


def _sentences(edition: Edition) -> dict[str, Sentence]:
    found = {"preheader": edition.preheader}
    found |= {f"title of {section.story}": section.title for section in edition.sections}
    return found | {f"sentence {number} ({where})": sentence for number, where, sentence in edition.sentences()}


def _sentence(where: str, mine: Sentence | None, theirs: Sentence | None) -> Iterator[Difference]:
    if mine == theirs:
        return
    if mine is None or theirs is None or len(mine.pieces) != len(theirs.pieces):
        printed, expected = (one.text if one else "nothing" for one in (mine, theirs))
        yield Difference(where=where, fact="", printed=printed, expected=expected)
        return
    for left, right in zip(mine.pieces, theirs.pieces, strict=True):
        if left != right:
            yield Difference(where=where, fact=fact_of(right) or fact_of(left), **both(left, right))


def form_of(suffix: str) -> str:
    """The form that is told by the end of a file's name."""
    return RENDERED[suffix][0] if suffix in RENDERED else "pdf"


def check_form(path: Path, content: bytes, edition: Edition, *, workshop: Workshop | None = None) -> Verdict:
    """Compare a page, mail, text or PDF with what its edition renders to; every difference names its fact.

    A `workshop` must have been opened for its form.
    """
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return _check_pdf(path, content, edition, workshop)
    form, name = RENDERED[suffix]
    mine = reading.form(name, content)
    if suffix == ".html" and mine and not any(piece.sentence for piece in mine.pieces):
        name = EVIDENCE  # of the two pages the one without sentences
    expected = render(edition, (form,), workshop=workshop)[name]
    theirs = reading.form(name, expected)
    if mine is None or theirs is None:  # RENDERED names only what reading reads
        raise AssertionError(name)
    differences = tuple(_compare(mine, theirs))
    notes = () if differences or content == expected else ("the words are the same; the markup around them is not",)
    return Verdict(differences=differences, facts=len(edition.facts), claims=_count(theirs), notes=notes)


def _check_pdf(path: Path, content: bytes, edition: Edition, workshop: Workshop | None) -> Verdict:
    paper = "letter" if path.stem.endswith("-letter") else "a4"
    expected = render(edition, ("pdf",), papers=(paper,), workshop=workshop)[f"letter-{paper}.pdf"]
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
    for name in dict.fromkeys((*theirs.drawings, *mine.drawings)):
        if mine.drawings.get(name) != theirs.drawings.get(name):
            printed = "another drawing" if name in mine.drawings else "nothing"
            expected = "the drawing of its data" if name in theirs.drawings else "nothing"
            yield Difference(where=f"chart {name}", fact="", printed=printed, expected=expected)
    for name in ("edition", "digest", "source"):
        if mine.meta.get(name) != theirs.meta.get(name):
            printed, expected = (short(one.meta.get(name)) for one in (mine, theirs))
            yield Difference(where=f"capline:{name}", fact="", printed=printed, expected=expected)


def _changed(left: Sequence[Piece], right: Sequence[Piece]) -> Iterator[Difference]:
    if len(left) == len(right):
        for one, other in zip(left, right, strict=True):
            if one != other:
                yield _difference(one, other)
        return
    printed, expected = " ".join(map(str, left)) or "nothing", " ".join(map(str, right)) or "nothing"
    known = next((piece for piece in (*right, *left) if piece.fact), (*right, *left)[0])
    yield Difference(where=known.place, fact=known.fact, printed=short(printed), expected=short(expected))


def _difference(one: Piece, other: Piece) -> Difference:
    printed, expected = one.text, other.text
    if printed == expected:  # the words are the same, what they stand for is not
        printed, expected = (f"{p.text} ({p.fact} {p.say} {p.value})" for p in (one, other))
    return Difference(where=other.place, fact=other.fact or one.fact, printed=short(printed), expected=short(expected))
