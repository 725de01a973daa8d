"""The prose of what only live data have: every branch written and guarded, letters within their length."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import jinja2
import pytest
from livedesk import STORIES
from test_prose import MACROS, WORDS, Watched, every_phrasing, standing

from generator import guard, stationery
from generator.commentary import Desk, variety
from generator.commentary import desk as of_desk
from generator.stories import DAYS, Story
from generator.stories import STORIES as ALL
from generator.stories import quiet as is_quiet
from generator.units import Unit
from generator.wording import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livedesk import LiveDesk

    from generator.model import Fact

NEWEST = "2026-11-24"
SPANS = {"daily": "1s", "weekly": "5s", "decision": "63s"}
MOVES = (Unit.PERCENT, Unit.POINTS, Unit.BASIS_POINTS, Unit.VOLATILITY, Unit.PERSONS)
OWN = {story.name: story for story in ALL if story.name in STORIES}


def keys(found: tuple[str, ...], span: str) -> list[str]:
    """Keys of a story in a kind of letter."""
    return [key.replace("{h}", span).replace("{r}", span).replace("{d}", DAYS[span]) for key in found]


def can_be_told(story: Story, facts: Mapping[str, Fact], span: str) -> bool:
    """Whether the facts that it needs are there."""
    either = not story.any_of or any(key in facts for key in keys(story.any_of, span))
    return either and all(key in facts for key in keys(story.needs, span))


def flipped(one: Fact) -> Fact:
    """Turn a move round: the other sign, the other end."""
    if one.unit not in MOVES or one.horizon is None or one.key.startswith("labour.claims"):
        return one
    context = one.context and replace(one.context, high=not one.context.high, streak=-one.context.streak)
    return replace(one, value=-one.value, base=one.end, end=one.base, context=context)


def still(one: Fact) -> Fact:
    """Let nothing have moved."""
    if one.unit not in MOVES or one.horizon is None:
        return one
    return replace(one, value=0.0, base=one.end, context=one.context and replace(one.context, size_percentile=0.1))


VARIANTS: dict[str, Callable[[Fact], Fact]] = {
    "as it was": lambda one: one,
    "the other way": flipped,
    "nothing moved": still,
    "a record": standing(beyond=None, beyond_count=9_000, count=9_000),
    "nothing since long": standing(beyond=date(2026, 11, 20), beyond_count=2),
    "a short history": standing(count=30, beyond_count=3),
    "low": standing(percentile=3.0, below=2.5, above=97.0, high=False),
    "at its high": lambda one: (
        replace(one, value=0.0, marks=(("high", one.as_of),)) if one.key.endswith("drawdown") else one
    ),
    "parts of other days": lambda one: (
        replace(one, as_of=one.as_of - timedelta(days=1)) if one.key.startswith("rates.change.10y") else one
    ),
    "no month before": lambda one: replace(one, base=None) if one.key.startswith(("labour.pay", "inflation")) else one,
}  # fmt: skip
MISSING = {
    "high yield": r"credit\.hy",
    "Baa": r"credit\.baa",
    "conditions": r"credit\.(conditions|standards)",
    "Bitcoin": r"asset\.btc",
    "Ether": r"asset\.eth",
    "gold": r"asset\.gold",
    "oil": r"asset\.oil",
    "payrolls": r"labour\.payrolls",
    "three months of payrolls": r"labour\.payrolls\.3m",
    "unemployment": r"labour\.unemployment",
    "unemployment of the month before": r"labour\.unemployment\.1m",
    "the dollar index": r"fx\.dxy",
    "the broad dollar": r"fx\.broad",
    "funds of small sectors": r"sectors\.small",
    "the fund of all sectors": r"sectors\.large\.(whole|ahead)",
    "the cycle": r"sectors\..*since_first",
    "small sectors since the cycle began": r"sectors\.small\..*since_first",
    "regional banks": r"sectors\.banks",
    "the year": r".*\.ytd",
    "three months of prices": r"inflation\.pce\.3m",
}


def facts_of(desk: LiveDesk) -> dict[str, Fact]:
    """The facts of the newest letter, with what the market lacks made from what it has."""
    found = dict(desk.findings(NEWEST).facts)
    survey = replace(found["credit.conditions"], key="credit.standards", value=8.2, unit=Unit.PERCENT)
    year = replace(found["labour.unemployment.1m"], key="labour.unemployment.12m", value=0.3)
    return found | {one.key: one for one in (survey, year)}


def write_everything(found: Watched, facts: Mapping[str, Fact], today: date) -> dict[str, str]:
    """Write every story that some facts can bear, in every kind; what the guard refuses, with its sentence."""
    refused: dict[str, str] = {}
    for kind, span in SPANS.items():
        for story in STORIES:
            if not can_be_told(OWN[story], facts, span):
                continue
            given = {"kind": kind, "h": span, "rows": "", "decided": False, "lead": story}
            desk = Desk(facts=facts, gaps={}, today=today, given=given)
            found.filters |= {name: functools.partial(desk.claim, name) for name in FORMS}
            found.filters["capital"] = of_desk._capital  # noqa: SLF001
            found.globals |= {"f": desk.find, "has": desk.has, "one_of": functools.partial(every_phrasing, desk)}
            desk.environments.append(found)
            for macro in MACROS:
                text = desk.write(story, macro, lead=story)
                parts = variety.combinations(text) if macro in {"headline", "aside"} else text.split("¶")
                for part in parts:
                    for one in desk.sentences(part, where=f"{story}, {macro}"):
                        refused |= {f"{problem}": one.text for problem in guard.refusals(one, facts, where=story)}
    return refused


@pytest.fixture(scope="module")
def watched() -> Watched:
    """Give the desk's environment, watched."""
    found = Watched(loader=jinja2.FileSystemLoader(stationery.folder("prose")), undefined=jinja2.StrictUndefined)
    found.written, found.known = set(), set()
    found.tests |= of_desk._environment().tests  # noqa: SLF001 -- what templates may ask stands there alone
    found.globals["written"] = lambda branch: found.written.add(branch) or ""
    return found


def test_every_branch_of_every_template_is_written_and_guarded(live_desk: LiveDesk, watched: Watched) -> None:
    """With both signs, zero, records, short histories, at a high, and without each thing that a day may lack."""
    facts, today = facts_of(live_desk), date.fromisoformat(NEWEST)
    for variant in VARIANTS.values():
        assert write_everything(watched, {key: variant(one) for key, one in facts.items()}, today) == {}
    for pattern in MISSING.values():
        left = {key: one for key, one in facts.items() if not re.match(pattern, key)}
        assert len(left) < len(facts), pattern
        assert write_everything(watched, left, today) == {}
    shared = "_shapes.jinja"  # whose branches test_prose.py has

    assert sorted(one for one in watched.known - watched.written if not one.startswith(shared)) == []


@pytest.mark.parametrize("story", OWN.values(), ids=list(OWN))
def test_the_keys_of_a_story_exist(live_desk: LiveDesk, story: Story) -> None:
    """Every fact that a story names is computed, over every span of a letter."""
    facts = live_desk.findings(NEWEST).facts
    for span in SPANS.values():
        assert [key for key in keys((*story.nucleus, *story.needs, *story.any_of), span) if key not in facts] == []


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("kind", SPANS)
def test_a_story_alone_is_a_letter(live_desk: LiveDesk, story: str, kind: str) -> None:
    """`--only` has a headline that fits, a standfirst and the section."""
    letter = live_desk.letter(NEWEST, kind, only=(story,))

    assert [section.story for section in letter.sections] == [story]
    assert 3 <= len(letter.headline.text.split()) <= 12, letter.headline.text
    assert len(letter.headline.text) <= 70, letter.headline.text


LETTERS = [(day, kind) for day in (NEWEST, "2020-03-16", "2024-09-18", "2026-11-06") for kind in SPANS]


@pytest.mark.parametrize(("day", "kind"), LETTERS)
def test_a_letter_stays_within_its_length(live_desk: LiveDesk, day: str, kind: str) -> None:
    """What is newsworthy gets the room, what is not stands in the tables."""
    letter = live_desk.letter(day, kind)
    quiet = kind == "daily" and is_quiet(letter.facts, letter.considered.values())
    least, most = WORDS["quiet" if quiet else kind]

    assert least <= letter.words <= most


@pytest.mark.parametrize(("day", "kind"), LETTERS)
def test_sentences_are_sentences(live_desk: LiveDesk, day: str, kind: str) -> None:
    """A capital first, one stop last, no blank before it, no doubled stop or word; none twice."""
    letter = live_desk.letter(day, kind)
    told = [one.text for section in letter.sections for paragraph in section.paragraphs for one in paragraph]
    for one in (*told, letter.standfirst.text):
        assert re.match(r"[A-Z].*[.]$", one), one
        assert not re.search(r" [.,;:]|[.,;:]{2}|\b(\w+) \1\b", one), one

    assert len(told) == len(set(told))
