"""Commentary: the letter in words, tables and charts, composed from facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.commentary import heads, variety
from generator.commentary.desk import Desk
from generator.commentary.graphics import graphics
from generator.commentary.tables import tables
from generator.edition import Score, Section, Sentence
from generator.errors import UnknownName
from generator.stories import BODY, SHARE, quiet, rare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.stories import Contrary, Ranked

UNSCORED = Score(surprise=0.0, state_change=0.0, relevance=0.0, freshness=0.0, evidence=0.0, novelty=0.0)
SIZE, RATES = "Small and large caps", "Rates and policy"
THEMES = {  # of a daily letter
    **dict.fromkeys(("gap", "trend", "drawdown", "risk", "share", "sectors"), SIZE),
    **dict.fromkeys(("yields", "slope", "policy", "inflation", "precedent", "breakevens"), RATES),
    **dict.fromkeys(("currencies", "dollar"), "Currencies"),
    **dict.fromkeys(("labour", "claims", "spending"), "The economy"),
    **dict.fromkeys(("credit", "volatility"), "Credit and volatility"),
    **dict.fromkeys(("commodities", "crypto"), "Gold, oil and coins"),
}
STALE = 0.3  # freshness below which a daily letter has nothing to add to a story
BESIDE = ("rare", "contrary")  # what follows the lead at once, under its title
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
    "daily": Plan(least=255, enough=290, most=430),
    "weekly": Plan(least=500, enough=600, most=790, always=("gap", "policy", "precedent")),
    "decision": Plan(
        least=700,
        enough=1100,
        most=1090,
        order=("since", "gap", "trend", "policy", "yields", "slope", "precedent", "inflation", "sectors", "labour",
               "breakevens", "credit", "currencies", "risk", "volatility", "drawdown", "share", "spending", "dollar",
               "commodities", "crypto", "claims"),
        close=("view", "watch"),
    ),
}  # fmt: skip
QUIET_PLAN = Plan(least=125, enough=150, most=215)  # of a daily letter on a quiet day
KINDS = tuple(PLANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What was written."""

    headline: Sentence
    standfirst: Sentence
    preheader: Sentence
    sections: tuple[Section, ...]
    method: tuple[Sentence, ...]
    scores: Mapping[str, Score]  # of every story considered, and of what was told beside the lead


def compose(  # noqa: PLR0913 -- what a letter is made of
    desk: Desk,
    ranked: Sequence[Ranked],
    *,
    kind: str,
    only: Sequence[str] = (),
    earlier: Sequence[str] = (),
    contrary: Mapping[str, Sequence[Contrary]] = MappingProxyType({}),
) -> Letter:
    """Write the letter of a kind; `only` limits it to some stories, for a one-off report (UnknownName if not told).

    `earlier` are the masked headlines of earlier letters, newest first; `contrary` are the facts that speak against
    each story, should it lead.
    """
    scored = {one.story.name: one for one in ranked}
    _require(only, scored, desk)
    lead = _lead(desk, ranked, kind, only)
    calm = kind == "daily" and not only and quiet(desk.facts, (one.score for one in ranked))
    plan = QUIET_PLAN if calm else PLANS[kind]
    order = _order(desk, plan, kind=kind, lead=lead, scored=scored, only=only)
    headline = heads.headline(desk, lead, ranked, earlier, daily=kind == "daily")
    standfirst = heads.standfirst(desk, lead, quiet=calm)
    sections: list[Section] = []
    closing = [_section(desk, name, lead, scored, kind) for name in order if name in plan.close]
    words = len(standfirst.text.split()) + sum(_length(section) for section in closing if section)
    for stale in (False, True):  # what is old fills a daily letter that would be too short without it
        for name in order:
            if name in plan.close or name in {section.story for section in sections}:
                continue
            if kind == "daily" and not only and _idle(name, lead, sections, scored, stale=stale):
                continue
            if not only and words >= plan.least and (stale or words >= plan.enough or not _worth(name, lead, scored)):
                continue
            section = _section(desk, name, lead, scored, kind)
            if section is not None and (only or words + _length(section) <= plan.most):
                sections.append(section)
                words += _length(section)
            if section is not None and name == lead and not only and not calm:
                beside = _beside(desk, lead, kind, contrary.get(lead, ()))
                sections += beside
                words += sum(_length(one) for one in beside)
    if kind == "daily" and not only:
        sections = _grouped(sections, lead)
    return Letter(
        headline=headline,
        standfirst=standfirst,
        preheader=heads.preheader(desk, lead, headline, standfirst),
        sections=(*sections, *(section for section in closing if section)),
        method=desk.sentences(desk.write("letter", "method", lead=lead), where="method"),
        scores={one.story.name: one.score for one in ranked}
        | {section.story: section.score for section in sections if section.story in BESIDE},
    )


def _beside(desk: Desk, lead: str, kind: str, against: Sequence[Contrary]) -> list[Section]:
    """What follows the lead at once: how rare the day was among all measures, and the strongest fact against the lead.

    A fact that the lead's own paragraphs have told is not told again.
    """
    told = {claim.fact for claim in desk.claims}
    other = next((one for one in against if one.key not in told), None)
    wanted: list[tuple[str, str, Score]] = []
    if kind == "daily" and rare(desk.facts):
        wanted.append(("rare", "rare", UNSCORED))
    if other:
        wanted.append(("contrary", other.key, other.score))
    found = []
    for name, state, score in wanted:
        where = f"templates/prose/{name}.jinja"
        paragraphs = desk.paragraphs(desk.write(name, "told", lead=lead, against=state), where=where)
        if paragraphs:
            title = Sentence(pieces=())
            found.append(
                Section(story=name, title=title, place="body", score=score, state=state, paragraphs=paragraphs)
            )
    return found


def _grouped(sections: Sequence[Section], lead: str) -> list[Section]:
    """Sections by theme, the lead's first; only the first of a theme bears its title."""
    of = {section.story: THEMES.get(lead if section.story in BESIDE else section.story, "") for section in sections}
    themes = list(dict.fromkeys(of.values()))
    titled: list[Section] = []
    for section in sorted(sections, key=lambda section: themes.index(of[section.story])):
        shown = bool(titled) and of[titled[-1].story] == of[section.story]
        titled.append(replace(section, title=Sentence(pieces=() if shown else (of[section.story],))))
    return titled


def _order(  # noqa: PLR0913 -- all of it bears on the order
    desk: Desk, plan: Plan, *, kind: str, lead: str, scored: dict[str, Ranked], only: Sequence[str]
) -> list[str]:
    """Lead, what the kind always tells, what bears on the thesis, then by score, and what closes the letter."""
    order = [name for name in plan.order if name in scored or name in FIXED] or list(scored)
    always = plan.always
    if kind == "daily":
        always = ("policy", "gap", "precedent") if desk.given["decided"] else ("gap",)
    order = list(dict.fromkeys((lead, *(name for name in always if name in scored), *order, *plan.close)))
    if only:
        order = [name for name in order if name in only] + [name for name in only if name not in order]
    return order


def _worth(name: str, lead: str, scored: dict[str, Ranked]) -> bool:
    """Whether a story is worth telling once the letter is long enough."""
    if name not in scored or lead not in scored:
        return True
    return scored[name].score.total >= max(BODY, SHARE * scored[lead].score.total)


def _idle(name: str, lead: str, sections: Sequence[Section], scored: dict[str, Ranked], *, stale: bool) -> bool:
    """Whether a daily letter leaves a story out: what it would tell has been told, or is old."""
    if name not in scored:
        return False
    told = {one for section in sections if section.story in scored for one in scored[section.story].story.tells}
    return bool(scored[name].story.tells & told) or (
        not stale and name != lead and scored[name].score.freshness < STALE
    )


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
    able = [one for one in ranked if one.story.leads and (one.score.state_change or one.story.moves)]
    return next((one for one in able if one.state != "still" or one.score.state_change), able[0]).story.name


def _section(desk: Desk, name: str, lead: str, scored: dict[str, Ranked], kind: str) -> Section | None:
    if name in FIXED and not _tellable(desk, name):
        return None
    macro = "told" if kind != "daily" else "lede" if name == lead else "body"
    if name in ("since", "view"):
        macro = "told"
    paragraphs = desk.paragraphs(desk.write(name, macro, lead=lead), where=f"templates/prose/{name}.jinja")
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


__all__ = ["KINDS", "PLANS", "Desk", "Letter", "Plan", "compose", "graphics", "tables", "variety"]
