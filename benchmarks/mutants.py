"""False sentences made of true letters, and who finds them: the guard, verify, and a check of values within 1 %.

Three ways of attack:

- **typed**: false words stand in the text around claims, as a careless template or a writer would leave them. The
  guard has to refuse them, for a letter composed again from the same template would say the same.
- **edited**: what a claim prints was changed in the finished edition. Saying the claim again has to find it.
- **exchanged**: a claim, or a sentence, was exchanged for another true one of the letter, with its fact and arguments;
  or a fact was changed together with its words. Computing the facts and composing the letter again has to find it.

    python benchmarks/mutants.py                10,000 false sentences from 100 days; some minutes
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import falsehoods
import replay

from generator import composing, guard, memory, verify
from generator.edition import Claim, Sentence
from generator.errors import CaplineError, UnprovenText
from generator.sessions import evening
from generator.sources import open_source
from generator.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.edition import Edition
    from generator.store import Store

FIRST = date(1990, 1, 1)
DAYS, MUTANTS = 100, 10_000
KINDS_OF_LETTERS = ("daily",) * 8 + ("weekly", "decision")
CAUGHT, REFUSED = 99.5, 0.5  # percent: at least, at most
WITHIN = 0.01  # the baseline takes a figure this near to any value it was handed
CONTEXT = ("exceeded", "share_larger", "larger_than", "higher_than", "wider_than", "deeper_than", "against_median",
           "led_share", "interval", "quieter", "than_earlier", "median_words")  # fmt: skip
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
CHECKS = ("guard", "claims said again", "facts and letter made again", "guard and verify", "values within 1 %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A false sentence: how it was made, where it stands, and the edition that holds it."""

    attack: str
    kind: str
    true: Sentence
    false: Sentence
    edition: Edition


@dataclass(slots=True)
class Tally:
    """What was found, by attack and kind; the true sentences that were refused; and mutants that slipped through."""

    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    caught: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    true: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slipped: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another tally in."""
        self.made += other.made
        self.caught += other.caught
        self.true += other.true
        self.refused += other.refused
        self.slipped += other.slipped


def places(edition: Edition) -> list[tuple[int, ...]]:
    """Where the sentences of the sections stand; () is the headline and (0,) the standfirst."""
    return [(), (0,)] + [
        (number, at, one)
        for number, section in enumerate(edition.sections)
        for at, paragraph in enumerate(section.paragraphs)
        for one in range(len(paragraph))
    ]


def at(edition: Edition, place: tuple[int, ...]) -> Sentence:
    """The sentence of a place."""
    if len(place) < 2:  # noqa: PLR2004 -- headline or standfirst
        return edition.standfirst if place else edition.headline
    number, paragraph, one = place
    return edition.sections[number].paragraphs[paragraph][one]


def holding(edition: Edition, place: tuple[int, ...], sentence: Sentence) -> Edition:
    """The edition with another sentence in a place."""
    if len(place) < 2:  # noqa: PLR2004 -- headline or standfirst
        return replace(edition, standfirst=sentence) if place else replace(edition, headline=sentence)
    number, paragraph, one = place
    section = edition.sections[number]
    said = [*section.paragraphs[paragraph]]
    said[one] = sentence
    paragraphs = (*section.paragraphs[:paragraph], tuple(said), *section.paragraphs[paragraph + 1 :])
    changed = replace(section, paragraphs=paragraphs)
    return replace(edition, sections=(*edition.sections[:number], changed, *edition.sections[number + 1 :]))


def put(sentence: Sentence, number: int, piece: str | Claim) -> Sentence:
    """The sentence with another piece."""
    return Sentence(pieces=(*sentence.pieces[:number], piece, *sentence.pieces[number + 1 :]))


def mutants(edition: Edition, today: date, random: Random) -> Iterator[Mutant]:
    """Every false sentence that the ways of `falsehoods` and of exchange make of an edition, in order."""
    pool = [one.group() for _, claim in edition.claims() for one in falsehoods.AMOUNT.finditer(claim.text)]
    changes = falsehoods.changes(pool, random)
    for place in places(edition):
        true = at(edition, place)
        for number, piece in enumerate(true.pieces):
            if not isinstance(piece, Claim):
                continue
            for kind, change in changes.items():
                text = change(piece.text)
                if text and text != piece.text:
                    yield _made(edition, place, "typed", kind, put(true, number, text))
                    yield _made(edition, place, "edited", kind, put(true, number, replace(piece, text=text)))
            yield from _worded(edition, place, true, number, random)
            yield from _exchanged(edition, place, true, number, today=today, random=random)
        for kind, phrases in falsehoods.ADDED.items():
            ended = f", {random.choice(phrases)}."
            last = true.pieces[-1]
            if isinstance(last, str) and last.endswith("."):
                false = put(true, len(true.pieces) - 1, last[:-1] + ended)
            else:
                false = Sentence(pieces=(*true.pieces, ended[:-1]))
            yield _made(edition, place, "typed", kind, false)
        others = [one for one in places(edition) if one != place and at(edition, one).claims]
        yield _made(edition, place, "exchanged", "sentence of another story", at(edition, random.choice(others)))


def _worded(edition: Edition, place: tuple[int, ...], true: Sentence, number: int, random: Random) -> Iterator[Mutant]:
    """Words typed before a claim that turn or blur it; and what gives a figure its base rate left out."""
    piece = true.pieces[number]
    if not isinstance(piece, Claim):
        return
    for kind, phrases in falsehoods.BEFORE.items():
        if kind == "denied" or falsehoods.AMOUNT.match(piece.text):
            pieces = (*true.pieces[:number], random.choice(phrases), *true.pieces[number:])
            yield _made(edition, place, "typed", kind, Sentence(pieces=pieces))
    if piece.say in CONTEXT and number:
        left = true.pieces[number - 1]
        kept = left.rpartition(",")[0] if isinstance(left, str) else left
        pieces = (*true.pieces[: number - 1], kept, *true.pieces[number + 1 :])
        yield _made(edition, place, "exchanged", "base rate dropped", Sentence(pieces=pieces))


def _exchanged(  # noqa: PLR0913 -- where, what and how
    edition: Edition, place: tuple[int, ...], true: Sentence, number: int, *, today: date, random: Random
) -> Iterator[Mutant]:
    """The same form said of another fact; other arguments; and the fact itself changed with its words."""
    piece = true.pieces[number]
    if not isinstance(piece, Claim):
        return
    keys = random.sample(sorted(edition.facts), 30)
    other = next((found for key in keys if (found := _said(edition, piece, key, today))), None)
    if other:
        yield _made(edition, place, "exchanged", "claim of another fact", put(true, number, other))
    rivals = [one for _, one in edition.claims() if one.say == piece.say and one.text != piece.text]
    if rivals:
        yield _made(edition, place, "exchanged", "claim of another sentence", put(true, number, random.choice(rivals)))
    fact = edition.facts[piece.fact]
    false = replace(fact, value=-1.5 * fact.value - 1)
    changed = replace(edition, facts={**edition.facts, piece.fact: false})
    told = _said(changed, piece, piece.fact, today)
    if told:
        yield _made(changed, place, "exchanged", "fact changed with its words", put(true, number, told))


def _said(edition: Edition, piece: Claim, key: str, today: date) -> Claim | None:
    """The claim's form said of a fact, if that gives other words."""
    try:
        text = say(edition.facts[key], piece.say, dict(piece.args), facts=edition.facts, today=today)
    except (CaplineError, LookupError, ValueError, TypeError, ArithmeticError):
        return None
    return replace(piece, fact=key, text=text) if text != piece.text else None


def _made(edition: Edition, place: tuple[int, ...], attack: str, kind: str, false: Sentence) -> Mutant:
    true = at(edition, place)
    return Mutant(attack=attack, kind=kind, true=true, false=false, edition=holding(edition, place, false))


def found(mutant: Mutant, true: Edition, today: date, handed: Sequence[float]) -> set[str]:
    """Which checks find a mutant; `true` is the letter as it is composed again, with the facts computed again."""
    by = set()
    if refused(mutant.false, mutant.edition):
        by.add("guard")
    if any(verify.said_again(mutant.edition, true.facts, today)):
        by.add("claims said again")
    if any(verify.computed_again(mutant.edition, true.facts)) or any(verify.beside(mutant.edition, true)):
        by.add("facts and letter made again")
    # a letter composed again from a template says what was typed into the template, so typed words are the guard's
    if by if mutant.attack != "typed" else "guard" in by:
        by.add("guard and verify")
    if not near(mutant.false, handed):
        by.add("values within 1 %")
    return by


def refused(sentence: Sentence, edition: Edition) -> bool:
    """Whether the guard refuses a sentence."""
    return any(guard.refusals(sentence, edition.facts, where=""))


def near(sentence: Sentence, handed: Sequence[float]) -> bool:
    """The baseline: whether each figure lies within 1 % of some value that was handed over."""
    figures = (float(one.replace(",", "").rstrip(".")) for one in FIGURE.findall(sentence.text))
    return all(any(abs(one - value) <= WITHIN * value for value in handed) for one in figures)


def values(edition: Edition) -> list[float]:
    """All that the baseline is handed: every value of every fact and its context, and the figures of every date."""
    numbers: set[float] = set()
    for fact in edition.facts.values():
        context = fact.context
        days = [fact.as_of, *dict(fact.marks).values(), *([fact.horizon.start] if fact.horizon else [])]
        some = [fact.value, fact.base, fact.end]
        if context:
            days += [context.first, *([context.beyond] if context.beyond else [])]
            some += [context.percentile, context.below, context.above, context.size_above, context.earlier,
                     context.streak, context.streak_before, context.beyond_value, context.median,
                     context.count]  # fmt: skip
        numbers |= {abs(one) for one in some if one is not None}
        numbers |= {float(one) for day in days for one in (day.day, day.year)}
    return sorted(numbers)


def tried(store: Store, day: date, kind: str, wanted: int) -> Tally:
    """Make a letter, verify it, make mutants of it in even shares of kinds, and look for each."""
    tally = Tally()
    view = store.view(evening(day))
    try:
        letter = composing.compose(view, replay.order(day, memory.NONE, kind))
    except UnprovenText as problem:  # a true letter that is never sent
        tally.refused["guard and verify"] += 1
        tally.slipped.append(f"true, {day} {kind}: {problem}")
        return tally
    verdict = verify.check_edition(letter, view, open_source("sample").universe)
    handed = values(letter)
    sentences = [one for _, _, one in letter.sentences()]
    tally.true = len(sentences)
    if verdict.differences:
        tally.refused["guard and verify"] += len({one.where for one in verdict.differences})
    tally.refused["guard"] += sum(refused(one, letter) for one in sentences)
    tally.refused["values within 1 %"] += sum(not near(one, handed) for one in sentences)
    random = Random(day.toordinal())  # noqa: S311 -- the same mutants every time
    by_kind: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in mutants(letter, day, random):
        if mutant.false.text != mutant.true.text:
            by_kind.setdefault((mutant.attack, mutant.kind), []).append(mutant)
    chosen: list[Mutant] = []
    for group in by_kind.values():
        random.shuffle(group)
    while len(chosen) < wanted and any(by_kind.values()):
        groups = [group for group in by_kind.values() if group]
        random.shuffle(groups)
        chosen += [group.pop() for group in groups][: wanted - len(chosen)]
    for mutant in chosen:
        by = found(mutant, letter, day, handed)
        tally.made[mutant.attack, mutant.kind] += 1
        for check in by:
            tally.caught[mutant.attack, mutant.kind, check] += 1
        if "guard and verify" not in by:
            tally.slipped.append(f"{mutant.attack}, {mutant.kind}: {mutant.false.text}")
    return tally


def many(numbered: Sequence[tuple[int, date]], *, kept: Path, each: int) -> Tally:
    """Try some days, in a process of its own."""
    total = Tally()
    with replay.store_of(kept / f"mutants-{numbered[0][0] % 2}") as store, replay.compiled_once():
        for number, day in numbered:
            total.add(tried(store, day, KINDS_OF_LETTERS[number % len(KINDS_OF_LETTERS)], each))
    return total


def table(tally: Tally) -> str:
    """What each check caught of each attack and kind, in percent."""
    lines = [f"| attack | kind | made | {' | '.join(CHECKS)} |", f"|---|---|{'---:|' * (1 + len(CHECKS))}"]
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {one: [one] for one in sorted(tally.made)}
    for attack in dict.fromkeys(attack for attack, _ in sorted(tally.made)):
        groups[attack, "**all**"] = [one for one in tally.made if one[0] == attack]
    groups["all", "**all**"] = [*tally.made]
    for (attack, kind), members in groups.items():
        made = sum(tally.made[one] for one in members)
        shares = [100 * sum(tally.caught[*one, check] for one in members) / made for check in CHECKS]
        lines.append(f"| {attack} | {kind} | {made:,} | {' | '.join(f'{one:.1f}' for one in shares)} |")
    return "\n".join(lines)


def main() -> None:
    """Make, look and print; exit code 1 if too few are caught or too many true sentences refused."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kept", type=Path, default=replay.KEPT, help="folder for stores (default: output/benchmarks)")
    asked.add_argument("--days", type=int, default=DAYS, help="default: 100")
    asked.add_argument("--mutants", type=int, default=MUTANTS, help="default: 10,000")
    asked.add_argument("--slipped", type=int, default=40, help="how many that slipped through are shown (default: 40)")
    given = asked.parse_args()
    with replay.store_of(given.kept / "mutants-0") as store:
        days = [day for day in replay.sessions(store) if day >= FIRST]
    step = len(days) / given.days
    numbered = list(enumerate(days[int((one + 0.5) * step)] for one in range(given.days)))
    total = Tally()
    with ProcessPoolExecutor(max_workers=2) as pool:
        try_ = partial(many, kept=given.kept, each=given.mutants // given.days)
        for tally in pool.map(try_, (numbered[::2], numbered[1::2])):
            total.add(tally)
    print(table(total), end="\n\n")
    caught = sum(number for (*_, check), number in total.caught.items() if check == "guard and verify")
    share, false = 100 * caught / total.made.total(), 100 * total.refused["guard and verify"] / total.true
    print(f"Guard and verify: {share:.2f} % of {total.made.total():,} false sentences caught (at least {CAUGHT})")
    print(f"{false:.2f} % of {total.true:,} true sentences refused (at most {REFUSED}); ", end="")
    print(f"by the check of values {100 * total.refused['values within 1 %'] / total.true:.1f} %")
    for line in Random(0).sample(total.slipped, min(given.slipped, len(total.slipped))):  # noqa: S311 -- a sample to read
        print(f"  slipped: {line}")
    sys.exit(0 if share >= CAUGHT and false <= REFUSED else 1)


if __name__ == "__main__":
    main()
