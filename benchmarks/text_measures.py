"""Measures of prose, over one text or over a series of texts in order of time; standard library only.

What each measure is, and what it gives for wire texts, stands in docs/writing.md. Syllables are counted by a rule that
reads about one school grade above a dictionary: compare the reading grade only with itself.
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ABBREVIATIONS = ("U.S", "vs", "St", "Mr", "Ms", "Dr", "Inc", "Co", "Corp", "No", "e.g", "i.e")
NO_STOP = "".join(rf"(?<!\b{re.escape(one)})" for one in ABBREVIATIONS) + r"(?<!\b[A-Z])"
SPLIT = re.compile(NO_STOP + r"[.!?][\"”']?\s+(?=[\"“A-Z0-9(])")
FIGURE = re.compile(r"(?<!\w)[-+−]?[$€£]?\d[\d,]*(?:[.\-/–]\d+)*(?:%|x|bp|bn|m)?")
DATE = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b|\b(?:19|20)\d\d\b"
)
WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*")
SHORTEST = 4  # words: less is no sentence
LONG, CROWDED = 35, 4  # words, and figures, above which a sentence is too much
NEAR, ALIKE = 0.7, 0.5  # shares in common: a near repeat, and two sentences that say the same
WINDOW, BEFORE = 20, 5  # letters within which a repeat counts, and those that self-BLEU compares with
ORDER = 4  # longest run of words in BLEU


def _any_of(items: str) -> re.Pattern[str]:
    joined = "|".join(re.sub(r"\s+", r"\\s+", one.strip()) for one in items.split(","))
    return re.compile(rf"\b(?:{joined})\b", re.IGNORECASE)


CONTEXT = _any_of(
    r"since, than, compared with, compared to, compares with, versus, against, "
    r"(?:high|low|larg|bigg|small|strong|weak|wid|narrow|steep|flatt|deep)est, record, average, median, percentile, "
    r"straight, in a row, from \$?\d[\d.]*, a year ago, a year earlier, earlier, previous, prior, so far this, out of, "
    r"one of, only, usual, typical, times as, more than half, pace of"
)
HYPE = _any_of(
    r"soar\w*, skyrocket\w*, plummet\w*, plung\w*, surg\w*, crater\w*, rocket\w*, bloodbath, carnage, massive\w*, "
    r"huge\w*, dramatic\w*, stunning\w*, spectacular\w*, explosive\w*, unprecedented, historic, game.changer, "
    r"perfect storm, tectonic, seismic, paradigm, revolution, unlock\w*, ignit\w*, reignit\w*, catalyst, tailwinds?, "
    r"headwinds?, dry powder, compelling, rare opportunity, fertile ground, poised to, cornerstone, landscape, "
    r"underscor\w*, highlight\w*, robust, stellar, jitters, jittery, shrug\w* off, took a breather, profit.taking, "
    r"on the sidelines, all eyes, risk.on, risk.off, bargain hunt\w*, dead cat, roller.?coaster, cautious optimism, "
    r"climb\w* the wall, sea of red, fasten, wild ride, bloodied, battered, languish\w*, beyond the headlines, "
    r"the question is no longer, perhaps nowhere, navigat\w*, delv\w*, key takeaway, in conclusion, "
    r"it is worth noting, needless to say, remains to be seen, time will tell"
)
HEDGE = _any_of(
    r"may, might, could, would, likely, unlikely, possibl[ey], probabl[ey], perhaps, suggest\w*, appear\w*, seem\w*, "
    r"expect\w*, about, around, roughly, rough, nearly, almost, approximately, uncertain\w*, tend\w*, on average, "
    r"in part, partly, often"
)
CERTAIN = _any_of(
    r"clear, clearly, certain, certainly, will, inevitabl[ey], undoubtedly, definite\w*, prove[sdn]?, proof, always, "
    r"never, must, guarantee\w*, no doubt, obvious\w*, unsustainable"
)
CAUSE = _any_of(
    r"because, due to, caus\w+, driven by, driv\w+, led to, leads? to, thanks to, prompt\w*, spurr?\w*, trigger\w*, "
    r"fuel\w*, boost\w*, result\w* (?:in|from), as a result, benefit\w* from"
)
ADVERB = re.compile(
    r"\b(?!(?:only|early|daily|weekly|monthly|quarterly|yearly|family|supply|rally|july|apply|likely|unlikely|italy|"
    r"reply|imply|assembly|friendly)\b)[a-z]{3,}ly\b",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of a text; headings and other scraps are left out."""
    cut = (one.strip() for one in SPLIT.split(" ".join(text.split())))
    return [one for one in cut if len(WORD.findall(one)) >= SHORTEST]


def mask(sentence: str) -> str:
    """A sentence with figures and dates masked, in lower case and without stops.

    >>> mask("Small caps rose 1.9% on Tuesday.")
    'small caps rose num on d'
    """
    return re.sub(r"\W+", " ", FIGURE.sub(" num ", DATE.sub(" D ", sentence))).strip().lower()


def runs(masked: str, length: int) -> Counter[tuple[str, ...]]:
    """The runs of so many words in a masked sentence, with how often each stands there."""
    words = masked.split()
    return Counter(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def bleu(text: str, others: Sequence[str]) -> float:
    """BLEU-4 of a masked text against others, in percent; add-one smoothing from pairs on, closest-length penalty."""
    logs = 0.0
    for length in range(1, ORDER + 1):
        mine, best = runs(text, length), Counter[tuple[str, ...]]()
        for other in others:
            best |= runs(other, length)
        hits, everything = sum(min(count, best[run]) for run, count in mine.items()), max(sum(mine.values()), 1)
        smooth = int(length > 1)
        logs += math.log((hits + smooth) / (everything + smooth) or 1e-9) / ORDER
    size = len(text.split())
    closest = min((len(other.split()) for other in others), key=lambda other: (abs(other - size), other))
    return 100 * math.exp(logs + min(0.0, 1 - closest / max(size, 1)))


def syllables(word: str) -> int:
    """Groups of vowels, less a silent end: good to a few per cent over a whole text."""
    spoken = re.sub(r"(?<=[^aeiouylt])es?$|(?<=[^aeiouytd])ed$|(?<=[aeiou].)e$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", spoken)))


def figures(sentence: str) -> int:
    """How many figures a sentence holds, dates left out."""
    return len(FIGURE.findall(DATE.sub("", sentence)))


def length(sentence: str) -> int:
    """Words of a sentence, figures counted as words."""
    return len(WORD.findall(sentence)) + len(FIGURE.findall(sentence))


def one(text: str) -> dict[str, float]:
    """The measures of a single text."""
    told = sentences(text)
    lengths, held = [length(one) for one in told], [figures(one) for one in told]
    words, count = sum(lengths), len(told)
    spoken = sum(map(syllables, WORD.findall(text))) + 2 * len(FIGURE.findall(text))  # a figure reads as two syllables
    context = [bool(CONTEXT.search(one)) for one in told]
    pairs = [set(runs(mask(one), 2)) for one in told]
    alike = [len(a & b) / max(1, min(len(a), len(b))) for at, a in enumerate(pairs) for b in pairs[at + 1 :]]
    with_figure = [found for found, figure in zip(context, held, strict=True) if figure]
    undated = DATE.sub("", text)  # May is no doubt
    rates = {"hype": HYPE, "hedges": HEDGE, "certainty words": CERTAIN, "cause words": CAUSE, "-ly adverbs": ADVERB}
    return {
        "words": words,
        "sentences": count,
        "words a sentence": words / count,
        "spread of that": statistics.pstdev(lengths),
        "sentences > 35 words, %": 100 * sum(one > LONG for one in lengths) / count,
        "reading grade": 0.39 * words / count + 11.8 * spoken / words - 15.59,
        "figures / 100 words": 100 * sum(held) / words,
        "sentences > 4 figures, %": 100 * sum(one > CROWDED for one in held) / count,
        "context, % of sentences": 100 * sum(context) / count,
        "context, % with a figure": 100 * sum(with_figure) / max(1, len(with_figure)),
        **{f"{name} / 1,000": 1000 * len(pattern.findall(undated)) / words for name, pattern in rates.items()},
        "redundancy, most": max(alike, default=0.0),
        "pairs alike": sum(one >= ALIKE for one in alike),
    }


def series(texts: Sequence[str], heads: Sequence[str]) -> dict[str, float]:
    """The measures of a series of texts and their headlines, oldest first."""
    masked = [[mask(one) for one in sentences(text)] for text in texts]
    exact, near, total = _repeats(masked)
    whole = [" ".join(letter) for letter in masked]
    alike = [bleu(whole[at], whole[max(0, at - BEFORE) : at]) for at in range(1, len(whole))]
    joined = "\n".join(whole).encode()
    openings = [" ".join(letter[0].split()[:4]) for letter in masked if letter]
    return {
        "masked repeats, %": 100 * exact / total,
        "near repeats, %": 100 * near / total,
        "self-BLEU-5": statistics.mean(alike),
        "zlib": len(joined) / len(zlib.compress(joined, 9)),
        "headlines unique, %": 100 * len({mask(one) for one in heads}) / len(heads),
        "openings unique, %": 100 * len(set(openings)) / len(openings),
    }


def _repeats(masked: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """Sentences that stood, masked, in one of the letters before; those near to one that did; all."""
    exact = near = total = 0
    cut = [[frozenset(runs(one, 3)) for one in letter] for letter in masked]
    for at in range(1, len(masked)):
        first = max(0, at - WINDOW)
        said = {one for letter in masked[first:at] for one in letter}
        said_runs = [one for letter in cut[first:at] for one in letter]
        for one, mine in zip(masked[at], cut[at], strict=True):
            total += 1
            exact += one in said
            near += one in said or any(len(mine & other) >= NEAR * max(1, len(mine | other)) for other in said_runs)
    return exact, near, total


def main() -> None:
    """Measure text files, or folders of them, sorted by name: medians, then the series."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("paths", nargs="+", type=Path)
    asked.add_argument("--headline", action="store_true", help="the first line is a headline")
    given = asked.parse_args()
    files = sorted(file for path in given.paths for file in (path.rglob("*") if path.is_dir() else [path]))
    raw = [file.read_text(errors="replace") for file in files if file.is_file()]
    heads = [text.split("\n", 1)[0] for text in raw]
    texts = [text.split("\n", 1)[-1] if given.headline else text for text in raw]
    rows = [one(text) for text in texts if sentences(text)]
    for name in rows[0]:
        print(f"{name:28}{statistics.median(row[name] for row in rows):9.2f}")
    for name, value in (series(texts, heads) if len(texts) > 1 else {}).items():
        print(f"{name:28}{value:9.2f}")


if __name__ == "__main__":
    main()
