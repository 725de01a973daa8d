"""Commentary: the letter in words, tables and charts, composed from facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.commentary.desk import Desk
from generator.commentary.graphics import graphics
from generator.commentary.tables import tables
from generator.edition import Chart, Score, Section, Sentence, Table
from generator.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.stories import Ranked

HEADLINE_WORDS, HEADLINE_LENGTH = range(4, 13), 64
UNSCORED = Score(surprise=0.0, state_change=0.0, relevance=0.0, freshness=0.0, evidence=0.0, novelty=0.0)
FIXED = ("since", "view", "watch")  # sections with a place of their own, told without a score


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a kind of letter is laid out: words of prose, the order, and what closes it."""

    least: int
    enough: int  # no further story once this is reached
    most: int
    order: tuple[str, ...] = ()  # a fixed order; else by score
    always: tuple[str, ...] = ()  # told after the lead whatever its score
    close: tuple[str, ...] = ("watch",)


PLANS = {
    "daily": Plan(least=250, enough=330, most=440),
    "weekly": Plan(least=500, enough=600, most=790, always=("gap", "policy", "precedent")),
    "decision": Plan(
        least=700,
        enough=1100,
        most=1090,
        order=("since", "gap", "trend", "policy", "yields", "slope", "precedent", "inflation", "currencies", "risk",
               "drawdown", "share"),
        close=("view", "watch"),
    ),
}  # fmt: skip
KINDS = tuple(PLANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What was written."""

    headline: Sentence
    standfirst: Sentence
    preheader: Sentence
    sections: tuple[Section, ...]
    method: tuple[Sentence, ...]


def compose(desk: Desk, ranked: Sequence[Ranked], *, kind: str, only: Sequence[str] = ()) -> Letter:
    """Write the letter of a kind; `only` limits it to some stories, for a one-off report (UnknownName if not told)."""
    plan = PLANS[kind]
    scored = {one.story.name: one for one in ranked}
    _require(only, scored, desk)
    lead = _lead(desk, ranked, kind, only)
    order = [name for name in plan.order if name in scored or name in FIXED] or [one.story.name for one in ranked]
    always = ("policy", "gap", "precedent") if kind == "daily" and desk.given["decided"] else plan.always
    front = [lead, *(name for name in always if name in scored)]
    order = list(dict.fromkeys((*front, *order, *plan.close)))
    if only:
        order = [name for name in order if name in only] + [name for name in only if name not in order]
    sections: list[Section] = []
    closing = [_section(desk, name, lead, scored) for name in order if name in plan.close]
    words = sum(_length(section) for section in closing if section)
    for name in order:
        if name in plan.close or (kind == "daily" and not only and _told_already(name, sections, scored)):
            continue
        section = _section(desk, name, lead, scored)
        if section is None:
            continue
        length = _length(section)
        if only or words < plan.least or (words < plan.enough and words + length <= plan.most):
            sections.append(section)
            words += length
    headline, standfirst = _head(desk, lead)
    return Letter(
        headline=headline,
        standfirst=standfirst,
        preheader=desk.line(desk.write("letter", "preheader", lead=lead), where="preheader"),
        sections=(*sections, *(section for section in closing if section)),
        method=desk.sentences(desk.write("letter", "method", lead=lead), where="method"),
    )


def _told_already(name: str, sections: Sequence[Section], scored: dict[str, Ranked]) -> bool:
    """Whether what a story would tell has been told by one before it."""
    told = {one for section in sections if section.story in scored for one in scored[section.story].story.tells}
    return name in scored and bool(scored[name].story.tells & told)


def _require(only: Sequence[str], scored: dict[str, Ranked], desk: Desk) -> None:
    known = {*scored, *(name for name in FIXED if _tellable(desk, name))}
    for name in only:
        if name not in known:
            raise UnknownName("story", name, known)


def _tellable(desk: Desk, name: str) -> bool:
    needs = {"since": ("size.relative.since_first", "policy.phase"), "view": ("size.relative.1s",), "watch": ()}
    return desk.has(*needs[name])


def _lead(desk: Desk, ranked: Sequence[Ranked], kind: str, only: Sequence[str]) -> str:
    if only:
        return only[0]
    if kind == "decision":
        if desk.given["decided"]:
            return "policy"
        return "since" if _tellable(desk, "since") else "policy" if desk.has("policy.phase") else "gap"
    return next(one.story.name for one in ranked if one.story.leads and (one.score.state_change or one.story.moves))


def _section(desk: Desk, name: str, lead: str, scored: dict[str, Ranked]) -> Section | None:
    if name in FIXED and not _tellable(desk, name):
        return None
    paragraphs = desk.paragraphs(desk.write(name, "told", lead=lead), where=f"templates/prose/{name}.jinja")
    if not paragraphs:
        return None
    one = scored.get(name)
    return Section(
        story=name,
        title=desk.line(desk.write(name, "title", lead=lead), where=f"title of {name}"),
        place="lead" if name == lead else "body",
        score=one.score if one else UNSCORED,
        state=one.state if one else "told",
        paragraphs=paragraphs,
    )


def _length(section: Section) -> int:
    return sum(len(sentence.text.split()) for paragraph in section.paragraphs for sentence in paragraph)


def _head(desk: Desk, lead: str) -> tuple[Sentence, Sentence]:
    """The first headline that fits, and the standfirst; of a story without them, those of the letter's span."""
    name = lead if desk.write(lead, "headline", lead=lead).strip() else "gap"
    variants = [line for line in desk.write(name, "headline", lead=lead).split("\n") if line.strip()]
    fitting = [line for line in variants if _fits(desk.text(line))]
    headline = desk.line((fitting or variants)[0], where=f"headline of {name}")
    standfirst = desk.line(desk.write(name, "standfirst", lead=lead), where=f"standfirst of {name}")
    return headline, standfirst


def _fits(text: str) -> bool:
    return len(text) <= HEADLINE_LENGTH and len(text.split()) in HEADLINE_WORDS


__all__ = [
    "KINDS", "PLANS", "Chart", "Desk", "Letter", "Plan", "Sentence", "Table", "compose", "graphics", "tables",
]  # fmt: skip
