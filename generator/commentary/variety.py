"""Variety without chance: of the phrasings of a statement the one is taken that was used least recently.

What was used is known from the letters before, whose sentences are kept with figures and dates masked; so the same
letters and facts always give the same words. A template offers phrasings as alternatives (`‖`) of parts (`※`): three
openings and four contexts make twelve sentences.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALTERNATIVE, PART = "‖", "※"
NEAR = 0.7  # share of three-word runs in common from which two sentences are near repeats
MOST = 240  # combinations a template may offer
TRIED = 60  # of them, so many are weighed
WHOLE = 3.0  # what a sentence said again costs, beside runs of three words said again, which cost 1 at most
RECENT = 5  # letters whose runs of words count
HERE = 1.5  # and what a run costs that this letter has had
BEAT, LONGEST = 0.012, 20  # what a word of difference to the length of the sentence before is worth, and how many count
STEP = 0.03  # costs nearer to each other than this are equal, and the day's turn decides
FULL, WORDS = 0.006, 30  # what a word of a sentence is worth, and how many count: it is to say something
FIGURE = re.compile(r"(?<!\w)[-+−]?[$€£]?\d[\d,]*(?:[.\-/–]\d+)*(?:%|bp)?")
DATE = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b|\b(?:19|20)\d\d\b"
)
END = re.compile(r"(?<=[.!?])\s+(?=\S)")


def mask(sentence: str) -> str:
    """A sentence with its figures and dates masked: two that differ in these alone read as the same.

    >>> mask("Small caps rose 1.9% on Tuesday.")
    'small caps rose num on d'
    """
    marked = FIGURE.sub(" num ", DATE.sub(" D ", sentence))
    return re.sub(r"\W+", " ", marked).strip().lower()


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [one for one in END.split(" ".join(text.split())) if one]


def _runs(masked: str) -> frozenset[tuple[str, ...]]:
    words = masked.split()
    return frozenset(tuple(words[start : start + 3]) for start in range(max(len(words) - 2, 0)))


@dataclass(slots=True)
class Used:
    """Masked sentences of the letters before, newest letter first, and of this letter so far."""

    letters: Sequence[Sequence[str]] = ()
    own: set[str] = field(default_factory=set)
    length: int = 18  # words of the sentence before
    own_runs: set[tuple[str, ...]] = field(default_factory=set)
    _ages: dict[str, int] = field(default_factory=dict)  # letters ago, of the newest use
    _lengths: list[tuple[int, int]] = field(default_factory=list)  # of each sentence: letters ago, runs
    _index: dict[tuple[str, ...], list[int]] = field(default_factory=dict)  # run: sentences that hold it

    def __post_init__(self) -> None:
        """Index the sentences by their runs, once."""
        for age, letter in enumerate(self.letters):
            for one in letter:
                self._ages.setdefault(one, age)
                runs = _runs(one)
                for run in runs:
                    self._index.setdefault(run, []).append(len(self._lengths))
                self._lengths.append((age, len(runs)))

    def stale(self, masked: str) -> float:
        """How much of a sentence has been read lately: the mean over its runs of three words.

        A run that one of the last RECENT letters had counts 1, one that this letter has had HERE.
        """
        runs = _runs(masked)
        worth = (HERE if run in self.own_runs else float(self._lately(run)) for run in runs)
        return sum(worth) / len(runs) if runs else 0.0

    def _lately(self, run: tuple[str, ...]) -> bool:
        found = self._index.get(run)
        return found is not None and self._lengths[found[0]][0] < RECENT

    def cost(self, masked: str) -> float:
        """From 0, never used, to 1, used in the letter before; a near repeat costs four fifths; in this letter, 2."""
        if masked in self.own:
            return 2.0
        span = len(self.letters)
        if masked in self._ages:
            return (span - self._ages[masked]) / span
        mine = _runs(masked)
        shared = Counter(one for run in mine for one in self._index.get(run, ()))
        near = [
            age
            for one, common in shared.items()
            for age, length in (self._lengths[one],)
            if common >= NEAR * (len(mine) + length - common)
        ]
        return 0.8 * (span - min(near)) / span if near else 0.0


def combinations(text: str) -> list[str]:
    """The phrasings a template offers: one alternative of each part, blank ones left out unless all are blank."""
    parts = []
    for part in text.split(PART):
        offered = [one.strip() for one in part.split(ALTERNATIVE)]
        parts.append([one for one in offered if one] or [""])
    return [" ".join(filter(None, chosen)) for chosen in itertools.islice(itertools.product(*parts), MOST)]


def choose(offered: Sequence[str], used: Used, *, turn: int) -> int:
    """Which of some phrasings to take: the least worn, as a whole and in its runs of words; a change of length counts.

    `turn` is a number that goes up by one a letter: of equals it says whose turn it is.
    """
    step = max(len(offered) // TRIED, 1)
    tried = [(turn * 7 + step * one) % len(offered) for one in range(min(len(offered), TRIED))]
    costs = {at: _cost(offered[at], used) for at in dict.fromkeys(tried)}
    least = min(costs.values())
    equals = [at for at, cost in costs.items() if cost == least]
    if len(offered) <= TRIED:  # all were weighed, in an order that turns with the day: take it out again
        equals.sort()
    return equals[turn % len(equals)]


def _cost(text: str, used: Used) -> float:
    masked = [mask(one) for one in sentences(text)]
    worn = sum(WHOLE * used.cost(one) for one in masked) + sum(used.stale(one) for one in masked) / max(len(masked), 1)
    length = _length(text)
    said = BEAT * min(abs(length - used.length), LONGEST) + FULL * min(length, WORDS)
    return round((worn - said) / STEP) * STEP


def _length(text: str) -> int:
    """Words of the first sentence of a text."""
    return len(next(iter(sentences(text)), "").split())


def remember(texts: Iterable[str], used: Used) -> None:
    """Note what this letter has said."""
    for text in texts:
        for one in sentences(text):
            used.own.add(mask(one))
            used.own_runs |= _runs(mask(one))
            used.length = len(one.split())
