"""The prose of whole years of daily letters, measured: beside wire texts and targets, and the worst sentences first.

    python benchmarks/prose.py 1995 2008 2020 2024

The first run computes the facts of each day (a few minutes a year), later ones only write.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import replay
import text_measures

from generator.stories import STORIES
from generator.stories import quiet as is_quiet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.edition import Edition

YEARS = (1995, 2008, 2020, 2024)
HUNDRED = 100
TOP = 5  # stories of the day that a letter should not miss
TELLS = {story.name: story.tells for story in STORIES}


NO_LIMIT = math.inf


@dataclass(frozen=True, slots=True)
class Line:
    """A measure as wire texts had it, and the least and the most that a letter is to reach."""

    daily: str  # wire, daily
    agency: str  # wire, three excerpts
    book: str  # regional survey of a central bank
    least: float = -NO_LIMIT
    most: float = NO_LIMIT

    @property
    def target(self) -> str:
        """In words."""
        if self.least == self.most:
            return f"{self.least:g}"
        if self.most == NO_LIMIT:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.least == -NO_LIMIT else f"{self.least:g} to {self.most:g}"

    def met(self, value: float) -> bool:
        """Whether a value, as it is printed, lies within."""
        return self.least <= float(_shown(value).replace(",", "")) <= self.most


# Medians of 264 daily market wraps of 2012, three agency excerpts, and 44 issues of the Beige Book
LINES: Mapping[str, Line] = {
    "words": Line("630", "273", "1,127", 250, 450),
    "words a sentence": Line("22", "19", "15", 16, 21),
    "spread of that": Line("9.7", "8.5", "6.9", 7),
    "sentences > 35 words, %": Line("9", "6", "0.3", most=4),
    "reading grade": Line("11.7", "9.0", "12.6", 9, 11.5),
    "figures / 100 words": Line("6.1", "6.3", "0.1", 4, 7),
    "sentences > 4 figures, %": Line("0.7", "", "", 0, 0),
    "context, % of sentences": Line("30", "31", "12", 45),
    "context, % with a figure": Line("36", "57", "", 70),
    "hype / 1,000": Line("1.7", "3.5", "1.8", 0, 0),
    "hedges / 1,000": Line("17", "20", "8", most=15),
    "certainty words / 1,000": Line("2.2", "0", "0", most=1),
    "cause words / 1,000": Line("1.8", "7.3", "3.6", most=1.5),
    "-ly adverbs / 1,000": Line("6.8", "6.9", "27", most=7),
    "redundancy, most": Line("0.60", "0.46", "0.67", most=0.45),
    "masked repeats, %": Line("10.5", "", "4.6", most=10),
    "near repeats, %": Line("12.2", "", "5.6", most=15),
    "self-BLEU-5": Line("32", "", "37", most=40),
    "zlib": Line("3.8", "", "4.7", most=5.5),
    "headlines unique, %": Line("96", "", "", 98),
    "openings unique, %": Line("56", "", "7", 60),
    "coverage of the top five": Line("", "", "", 0.90),
    "quiet letters, %": Line("", "", "", 25, 45),
    "words on a quiet day": Line("", "", "", 120, 220),
    "letters refused": Line("", "", "", 0, 0),
}


def prose(letter: Edition) -> str:
    """The standfirst and the sections, as they are read."""
    paragraphs = (" ".join(one.text for one in part) for section in letter.sections for part in section.paragraphs)
    return "\n".join((letter.standfirst.text, *paragraphs))


def quiet(letter: Edition) -> bool:
    """Whether the letter is about a quiet day, by the rule of the stories."""
    return is_quiet(letter.facts, letter.considered.values())


def coverage(letter: Edition) -> float:
    """Of the scores of the day's five best stories, the share that the letter tells.

    A story counts as told if another one has told its matter at length (the slope, by its two yields).
    """
    told = {section.story for section in letter.sections}
    matter = {one for name in told for one in TELLS.get(name, ())}
    best = sorted(letter.considered.items(), key=lambda one: -one[1].total)[:TOP]
    covered = [score.total for name, score in best if name in told or (TELLS[name] and TELLS[name] <= matter)]
    return sum(covered) / sum(score.total for _, score in best)


def measured(year: replay.Year) -> dict[str, float]:
    """All measures of a year: medians of its letters, then of the series."""
    letters = year.letters
    texts = [prose(letter) for letter in letters]
    rows = [text_measures.one(text) for text in texts]
    calm = [row["words"] for row, letter in zip(rows, letters, strict=True) if quiet(letter)]
    busy = [row["words"] for row, letter in zip(rows, letters, strict=True) if not quiet(letter)]
    found = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    found["words"] = statistics.median(busy or calm)
    found |= text_measures.series(texts, [letter.headline.text for letter in letters])
    return found | {
        "coverage of the top five": statistics.mean(coverage(letter) for letter in letters),
        "quiet letters, %": 100 * len(calm) / len(letters),
        "words on a quiet day": statistics.median(calm or busy),
        "letters refused": len(year.refused),
    }


def table(found: Mapping[int, Mapping[str, float]]) -> str:
    """The measures of each year beside wire texts and the target; what misses it is marked."""
    heads = ["measure", *map(str, found), "wire, daily", "agency", "Beige Book", "target"]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    for name, line in LINES.items():
        cells = [_cell(year[name], line) for year in found.values()]
        lines.append(f"| {' | '.join((name, *cells, line.daily, line.agency, line.book, line.target))} |")
    return "\n".join(lines)


def _cell(value: float, line: Line) -> str:
    return f"{_shown(value)}{'' if line.met(value) else ' ✗'}"


def _shown(value: float) -> str:
    """Three figures at most."""
    return f"{value:,.{0 if value >= HUNDRED or not value else 2 if value < 1 else 1}f}"


def worst(letters: Sequence[Edition], most: int) -> str:
    """The sentences to read first: the most repeated, the longest, and those whose figure stands alone."""
    said = [one for letter in letters for one in text_measures.sentences(prose(letter))]
    repeated = Counter(map(text_measures.mask, said)).most_common(most)
    shapes = {text_measures.mask(one): one for one in said}.values()
    longest = sorted(shapes, key=text_measures.length, reverse=True)[:most]
    alone = Counter(
        text_measures.mask(one) for one in said if text_measures.figures(one) and not text_measures.CONTEXT.search(one)
    ).most_common(most)
    loud = Counter(
        f"{match.group().lower()} ({name})"
        for one in said
        for name, pattern in (("hype", text_measures.HYPE), ("cause", text_measures.CAUSE),
                              ("certainty", text_measures.CERTAIN), ("hedge", text_measures.HEDGE))
        for match in pattern.finditer(text_measures.DATE.sub("", one))
    )  # fmt: skip
    parts = [
        ("Said most often, figures masked", [f"{count:4} {one}" for one, count in repeated]),
        ("Longest", [f"{text_measures.length(one):4} {one}" for one in longest]),
        ("A figure and nothing beside it", [f"{count:4} {one}" for one, count in alone]),
        ("Words of hype, cause, certainty and doubt", [f"{count:4} {one}" for one, count in loud.most_common(most)]),
    ]
    return "\n\n".join("\n".join((title, *lines)) for title, lines in parts)


def leads(letters: Sequence[Edition]) -> str:
    """Which stories led, and how often."""
    found = Counter(section.story for letter in letters for section in letter.sections if section.place == "lead")
    return ", ".join(f"{name} {count}" for name, count in found.most_common())


def main() -> None:
    """Write the years, measure and print; exit code 1 if a letter was refused."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("years", nargs="*", type=int, default=YEARS, help="default: 1995 2008 2020 2024")
    asked.add_argument("--kept", type=Path, default=replay.KEPT, help="folder for facts (default: output/benchmarks)")
    asked.add_argument("--sessions", type=int, default=replay.YEAR, help="letters a year (default: 250)")
    asked.add_argument("--worst", type=int, default=20, help="sentences of each list (default: 20)")
    given = asked.parse_args()
    with ProcessPoolExecutor(max_workers=2) as pool:
        write = partial(replay.year, kept=given.kept, limit=given.sessions)
        years = dict(zip(given.years, pool.map(write, given.years), strict=True))
        found = dict(zip(years, pool.map(measured, years.values()), strict=True))
    print(table(found), end="\n\n")
    for number, year in years.items():
        print(f"{number}: {len(year.letters)} letters; led by {leads(year.letters)}")
        for day, problem in year.refused:
            print(f"  {day} refused: {problem}")
    print(f"\n{worst([letter for year in years.values() for letter in year.letters], given.worst)}")
    sys.exit(1 if any(year.refused for year in years.values()) else 0)


if __name__ == "__main__":
    main()
