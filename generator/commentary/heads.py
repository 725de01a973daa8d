"""The lines above the letter: headline, standfirst, and the preheader that an inbox shows beside the subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commentary import variety
from generator.wording.terms import VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commentary.desk import Desk
    from generator.edition import Sentence
    from generator.stories import Ranked

WORDS, LENGTH = range(5, 12), 64
OPENING = 4  # words by which a reader knows a beginning again
STRIDE = 31  # so that the turn of neighbouring days falls on distant alternatives
ASIDES = 4  # stories beside the lead that a headline may mention
JOINED = ("{core}; {aside}", "{core}, and {aside}")
TURNED = "{aside}; {core}"  # on an ordinary day; what moved much stands first
TOGETHER = ("{core} as {aside}", "{core} while {aside}")  # of two moves of one day: they share it, no more is said
LARGE = VERBS[1][0]  # percentile of a move's size from which it "climbs" or "slides"
SAME_DAY = ({"gap", "currencies"}, {"yields", "slope"})  # yields are published a day after stocks have closed


def headline(desk: Desk, lead: str, ranked: Sequence[Ranked], heads: Sequence[str], *, daily: bool) -> Sentence:
    """Of the headlines that fit, the one whose like was used least recently; `heads` are masked, newest first.

    In a daily letter the lead may share the line with what else the day brought. The macro `extreme` goes first, if the
    template has one that says something; what `quarterly` says replaces the headlines of a day that hardly moved.
    """
    turn = desk.today.toordinal()
    ages = {head: age for age, head in reversed(list(enumerate(heads)))}
    extreme = [one for one in variety.combinations(desk.write(lead, "extreme", lead=lead)) if one]
    unused = [one for one in extreme if _fits(desk.text(one)) and variety.mask(desk.text(one)) not in ages]
    if unused:
        return _line(desk, unused[turn % len(unused)], lead)
    offered = [one for one in variety.combinations(desk.write(lead, "headline", lead=lead)) if one]
    wide = [one for one in variety.combinations(desk.write(lead, "quarterly", lead=lead)) if one]
    if daily:
        offered = wide or offered
        offered += _pairs(desk, lead, ranked, offered, of_one_day=not wide)
    fitting = [line for line in offered if _fits(desk.text(line))] or offered
    order = [(turn + step) % len(fitting) for step in range(len(fitting))]
    best = max(order, key=lambda at: ages.get(variety.mask(desk.text(fitting[at])), len(heads) + 1))
    return _line(desk, fitting[best], lead)


def _line(desk: Desk, text: str, lead: str) -> Sentence:
    written = text.strip()
    return desk.line(written[:1].upper() + written[1:], where=f"headline of {lead}")


def _pairs(desk: Desk, lead: str, ranked: Sequence[Ranked], cores: Sequence[str], *, of_one_day: bool) -> list[str]:
    """The lead's headlines joined with the asides of other stories, never two on one subject."""
    found = []
    small = desk.facts.get("size.return.small.1s")
    ordinary = small is None or small.context is None or small.context.size_percentile < LARGE
    others = [one.story.name for one in ranked if one.story.name != lead]
    told = [(name, aside) for name in others if (aside := desk.write(name, "aside", lead=lead).strip())]
    for name, written in told[:ASIDES]:
        together = of_one_day and any({name, lead} <= day for day in SAME_DAY)
        patterns = (*JOINED, *TOGETHER) if together else JOINED
        if ordinary:
            patterns = (*patterns, TURNED)
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
    """What the headline means; on a quiet day, that it was one.

    Of the alternatives offered, one whose opening none of the letters remembered had, or had longest ago.
    """
    text = desk.write("quiet", "told", lead=lead) if quiet else desk.write(lead, "standfirst", lead=lead)
    offered = [one.strip() for one in text.split(variety.ALTERNATIVE) if one.strip()]
    alike: dict[str, list[str]] = {}
    for one in offered:
        alike.setdefault(_opening(variety.mask(desk.text(one))), []).append(one)
    ages = {_opening(told[0]): age for age, told in reversed(list(enumerate(desk.used.letters))) if told}
    longest = max(ages.get(opening, len(desk.used.letters)) for opening in alike)
    rested = [one for opening, one in alike.items() if ages.get(opening, len(desk.used.letters)) == longest]
    turn = desk.today.toordinal()
    same = rested[turn * STRIDE % len(rested)]
    chosen = same[variety.choose([desk.text(one) for one in same], desk.used, turn=turn)]
    variety.remember([desk.text(chosen)], desk.used)
    return desk.line(chosen, where=f"standfirst of {lead}")


def _opening(masked: str) -> str:
    return " ".join(masked.split()[:OPENING])


def preheader(desk: Desk, lead: str, *above: Sentence) -> Sentence:
    """The line beside the subject: of those offered, the one that shares the fewest facts with the lines above."""
    said = {claim.fact for sentence in above for claim in sentence.claims}
    offered = [one for one in variety.combinations(desk.write("letter", "preheader", lead=lead)) if one]
    lines = [desk.line(one, where="preheader") for one in offered]
    return min(lines, key=lambda line: len({claim.fact for claim in line.claims} & said))
