"""The lines above the letter: headline, standfirst, and the preheader that an inbox shows beside the subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commentary import variety

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commentary.desk import Desk
    from generator.edition import Sentence
    from generator.stories import Ranked

WORDS, LENGTH = range(5, 12), 64
ASIDES = 4  # stories beside the lead that a headline may mention
JOINED = ("{core}; {aside}", "{core}, and {aside}", "{aside}; {core}")
TOGETHER = ("{core} as {aside}", "{core} while {aside}")  # of two moves of one day: they share it, no more is said
SAME_DAY = ({"gap", "currencies"}, {"yields", "slope"})  # yields are published a day after stocks have closed


def headline(desk: Desk, lead: str, ranked: Sequence[Ranked], heads: Sequence[str], *, daily: bool) -> Sentence:
    """Of the headlines that fit, the one whose like was used least recently; `heads` are masked, newest first.

    In a daily letter the lead may share the line with what else the day brought.
    """
    offered = [one for one in variety.combinations(desk.write(lead, "headline", lead=lead)) if one]
    if daily:
        offered += _pairs(desk, lead, ranked, offered)
    fitting = [line for line in offered if _fits(desk.text(line))] or offered
    ages = {head: age for age, head in reversed(list(enumerate(heads)))}
    turn = desk.today.toordinal()
    order = [(turn + step) % len(fitting) for step in range(len(fitting))]
    best = max(order, key=lambda at: ages.get(variety.mask(desk.text(fitting[at])), len(heads) + 1))
    chosen = fitting[best].strip()
    return desk.line(chosen[:1].upper() + chosen[1:], where=f"headline of {lead}")


def _pairs(desk: Desk, lead: str, ranked: Sequence[Ranked], cores: Sequence[str]) -> list[str]:
    """The lead's headlines joined with the asides of other stories, never two on one subject."""
    found = []
    others = [one.story.name for one in ranked if one.story.name != lead]
    told = [(name, aside) for name in others if (aside := desk.write(name, "aside", lead=lead).strip())]
    for name, written in told[:ASIDES]:
        patterns = (*JOINED, *TOGETHER) if any({name, lead} <= day for day in SAME_DAY) else JOINED
        for aside in filter(None, variety.combinations(written)):
            found += [
                pattern.format(core=core, aside=aside)
                for core in cores
                for pattern in patterns
                if core.split()[:2] != aside.split()[:2]
            ]
    return found


def _fits(text: str) -> bool:
    return len(text) <= LENGTH and len(text.split()) in WORDS


def standfirst(desk: Desk, lead: str, *, quiet: bool) -> Sentence:
    """What the headline means; on a quiet day, that it was one."""
    text = desk.write("quiet", "told", lead=lead) if quiet else desk.write(lead, "standfirst", lead=lead)
    return desk.line(text, where=f"standfirst of {lead}")


def preheader(desk: Desk, lead: str, *above: Sentence) -> Sentence:
    """The line beside the subject: of those offered, the one that shares the fewest facts with the lines above."""
    said = {claim.fact for sentence in above for claim in sentence.claims}
    offered = [one for one in variety.combinations(desk.write("letter", "preheader", lead=lead)) if one]
    lines = [desk.line(one, where="preheader") for one in offered]
    return min(lines, key=lambda line: len({claim.fact for claim in line.claims} & said))
