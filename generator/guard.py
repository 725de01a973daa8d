"""The guard: it reads what no fact supplied and refuses what only a fact may say.

Plain words between claims may hold no digit, number word, rank, "since", direction, size, date or cause, no advice, no
hype and no name that is not declared here; and no word at all that templates/prose/words.txt does not hold, and no
clause of reason without a fact. What a claim is said of must be what the words beside it name. The lists of what is
refused stand in this module, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from generator import stationery
from generator.edition import Claim, Edition, Sentence
from generator.errors import UnprovenText
from generator.units import number

if TYPE_CHECKING:
    from generator.model import Fact

CLAIM = "\ufffc"  # stands for a claim while the words around it are read


def _words(text: str) -> re.Pattern[str]:
    items = (re.sub(r"\s+", r"\\s+", one.strip()) for one in text.split(","))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(items)})(?![\w-])", re.IGNORECASE)


# What may be printed although it looks like a figure, a rank or a foreign name: read and removed first, longest first.
NAMES: tuple[str, ...] = tuple(
    sorted(
        (
            *(f"{years}-year" for years in (1, 2, 3, 5, 7, 10, 20, 30)),
            *(f"{years}-year" for years in ("one", "two", "Two", "three", "five", "seven", "ten", "Ten")),
            "three-month", "3-month", "6-month", "2s10s", "3m10y", "H.15", "90% interval",
            "95% confidence", "RFC", "first cut",
            "first cuts", "all cuts", "those cuts", "all increases", "first increase", "second-smallest fifth",
            "largest fifth", "small and large caps", "small against large caps", "Small against large caps",
            "Small and large caps",
            "of the two", "between the two", "the two", "small caps", "large caps", "Small caps", "Large caps",
            "small firm", "large firm", "Federal Reserve", "Federal Open Market Committee", "Board of Governors",
            "Fed", "Treasury", "Treasuries", "Bureau of Labor Statistics", "European Central Bank",
            "Kenneth R. French Data Library", "Kenneth French", "CRSP", "NYSE", "New York", "US", "Capline",
            "DuckDB", "SHA-256", "Politis and Romano", "FRED", "of record", "for the record", "point of view",
            "turning point", "no claim", "relative strength", "over three months", "small-cap stocks",
            "large-cap stocks", "small stocks", "large stocks", "the average large firm",
            "the average small firm", "over a year", "ten-year trend", "over the year", "small over large",
            "a short letter", "small over large caps", "the smaller stocks", "the larger stocks", "The smaller stocks",
            "The larger stocks", "above all", "up to date", "as low as", "set out",
            "Bitcoin", "Ether", "VIX", "S&P 500", "ICE", "Baa", "Federal Reserve Bank of Chicago", "two parts",
            "over ten years", "four weeks", "mean of three months", "loans to small firms", "The economy",
            "Gold, oil and coins",
        ),
        key=len,
        reverse=True,
    )
)  # fmt: skip

KINDS: Mapping[str, re.Pattern[str]] = {
    "digit": re.compile(r"[+−-]?\d[\d.,]*%?"),
    "number word": _words(
        "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, "
        "fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fifty, sixty, seventy, eighty, "
        "ninety, hundred, hundreds, thousand, thousands, million, millions, billion, billions, trillion, dozen, "
        "dozens, half, halves, thirds, quarters, fifths, tenths, twice, thrice, double, doubled, doubles, "
        "doubling, triple, tripled, tripling, quadrupled, halved, halving, tenfold, first, second, third, fourth, "
        "fifth, sixth, seventh, eighth, ninth, tenth"
    ),
    "unit": _words("percent, per cent, percentage points?, basis points?, bps?, bp, points?"),
    "rank": _words(
        "largest, biggest, greatest, smallest, highest, lowest, widest, narrowest, steepest, flattest, deepest, "
        "longest, shortest, strongest, weakest, best, worst, most, least, fewest, record, records, all-time, "
        "ever, never, always, since, no other, any other, every other, without precedent, unprecedented, "
        "historic, percentile, top, bottom, peak, trough"
    ),
    "direction": _words(
        "rise, rises, rose, risen, rising, fall, falls, fell, fallen, falling, gain, gains, gained, gaining, "
        "lose, loses, lost, losing, loss, losses, climb, climbed, climbing, climbs, slide, slid, sliding, slides, "
        "jump, jumped, jumps, jumping, tumble, tumbled, tumbles, edge, edged, edging, slip, slipped, slips, "
        "slipping, drop, dropped, drops, decline, declined, declines, declining, increase, increased, increases, "
        "increasing, decrease, decreased, decreases, advance, advanced, advances, retreat, retreated, rally, "
        "rallied, rebound, rebounded, recover, recovered, add, added, shed, beat, beats, beating, beaten, trail, "
        "trails, trailed, trailing, lead, leads, led, leading, lag, lags, lagged, outperform, outperformed, "
        "outperforms, underperform, underperformed, widen, widened, widens, narrow, narrowed, narrows, steepen, "
        "steepened, flatten, flattened, strengthen, strengthened, weaken, weakened, ahead, behind, above, below, "
        "up, down, upward, downward, higher, lower, larger, smaller, wider, narrower, steeper, flatter, deeper, "
        "shallower, stronger, weaker, more, less, fewer, greater, better, worse, exceed, exceeds, exceeded, "
        "positive, negative, inverted, inversion, unchanged, little changed, flat, matched, surplus, shortfall, "
        "easing, tightening, eased, tightened, on hold, cut, cuts, hike, hikes, raised, lowered, bull, bear, "
        "steepener, flattener"
    ),
    "size": _words(
        "sharply, sharp, strongly, slightly, slight, modestly, modest, significantly, significant, dramatically, "
        "hugely, barely, marginally, marginal, broadly, steeply, heavily, considerably, substantially, "
        "substantial, notably, remarkably, clearly, arguably, huge, massive, tiny, large, small, big, great, "
        "major, minor, key"
    ),
    "date": _words(
        "January, February, March, April, May, June, July, August, September, October, November, December, "
        "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday, today, yesterday, tomorrow, this week, "
        "this month, this quarter, this year, last week, last month, last quarter, last year, next week, next "
        "month, next year"
    ),
    "cause": _words(
        "because, due to, caused, causes, cause, causing, driven by, drove, drives, driving, led to, leads to, "
        "thanks to, fuelled, fueled, on hopes, on fears, prompted, triggered, spurred, boosted, as a result, "
        "result of, resulted, owing to, on the back of, helped by, hurt by, weighed on, supported by"
    ),
    "likelihood": _words(
        "likely, unlikely, probably, probable, certainly, certain, surely, inevitable, inevitably, tends, tend, "
        "tended, typically, typical, historically, usually, usual, normally, normal, often, rarely, rare, "
        "unusual, unusually, generally, frequently, seldom, appears, appeared, seems, seemed, suggests, "
        "suggested, poised, expected, will"
    ),
    "advice": _words(
        "should, must, ought, buy, sell, recommend, recommended, attractive, compelling, opportunity, bargain"
    ),
    "hype": _words(
        "soar, soared, soaring, surge, surged, surging, plunge, plunged, plummet, plummeted, skyrocket, sank, "
        "sink, bloodbath, carnage, stunning, spectacular, explosive, tailwinds?, headwinds?, catalyst, robust, "
        "stellar, jitters, amid, tepid, sluggish, roller coaster, cautious optimism, dry powder, underscores?, "
        "highlights?, landscape, all eyes, took a breather, shrugged off, profit-taking, bargain hunters?, "
        "sidelines, risk-on, risk-off, remains to be seen, time will tell, in conclusion, key takeaway, navigate, "
        "perfect storm, game-changer, unlock"
    ),
    "span": re.compile(
        r"\b(?:a|one) (?:day|week|month|quarter|year|decade) (?:ago|earlier|later|before)\b", re.IGNORECASE
    ),
    "turned": re.compile(
        r"\b(?:not|no longer|hardly|barely|scarcely|far from|supposedly|about|nearly|almost|roughly|around|at least|"
        r"at most|up to|as much as|close to|some|approximately|virtually|practically)\s+\ufffc",
        re.IGNORECASE,
    ),
    "question": re.compile(r"\?"),
}
UNLISTED = "unlisted word"
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
# What a claim may be said of, by the names that stand right beside it
SUBJECTS: Mapping[str, str] = {
    "small caps": "small caps", "small-cap stocks": "small caps", "small stocks": "small caps",
    "the smaller stocks": "small caps", "the larger stocks": "large caps",
    "large caps": "large caps", "large-cap stocks": "large caps", "large stocks": "large caps",
    "two-year yield": "the two-year yield", "two-year yields": "the two-year yield",
    "ten-year yield": "the ten-year yield", "ten-year yields": "the ten-year yield",
    "two-year": "the two-year yield", "ten-year": "the ten-year yield",
    "two-year Treasury yield": "the two-year yield", "ten-year Treasury yield": "the ten-year yield",
    "euro": "the euro", "sterling": "sterling",
    "Bitcoin": "Bitcoin", "Ether": "Ether", "gold": "gold", "crude oil": "crude oil", "VIX": "VIX",
    "dollar index": "the dollar", "dollar index of ICE": "the dollar", "broad dollar": "the broad dollar",
    "high-yield spread": "the high-yield spread", "Baa spread": "the Baa spread",
    "ten-year real yield": "the ten-year real yield", "real yield": "the ten-year real yield",
    "breakeven inflation": "ten-year breakeven inflation", "unemployment rate": "the unemployment rate",
    "regional banks": "regional banks", "employers": "employers",
}  # fmt: skip
NAMED = "|".join(sorted(SUBJECTS, key=len, reverse=True))
HELD = "are|were|is|was|have|has|had|ended|stand|stands|stood"  # words that may stand between a name and its claim
BEFORE = re.compile(
    rf"(?<![\w-])(?<!to )(?<!than )(?<!over )(?<!small and )(?<!against )({NAMED})(?:\s+(?:{HELD}))?\s*$", re.IGNORECASE
)
AFTER = re.compile(rf"\s*(?:for|of) ({NAMED})(?![\w-])", re.IGNORECASE)
STOP = re.compile(r"[,;:.]")
BESIDE = frozenset({"by_size", "over", "when", "on"})  # forms that say nothing of the name before them
# Clauses without a claim that tell of a reason or a circumstance; a name stands as a dot. No others are let through.
CLAUSE = re.compile(
    r"(?:[,;:.]\s+|\ufffc\s+)((?:as|after|with|so|for|given|while|when|until|unless)\s+[^\ufffc,;:.\s]+\s+[^\ufffc,;:.]+)"
    r"(?=[,;:.]|$)",
    re.IGNORECASE,
)
CLAUSES = frozenset(
    {
        "with the cycles of the \u00b7 shaded", "for either group", "so are \u00b7", "while \u00b7 closed",
        "for the sample carries none of its own", "with the web page and stands in edition", "as much as \u00b7",
        "so few cases settle little", "so the count says little alone", "for a quiet session",
        "for so was the day's news", "so this letter is short", "after an earlier \u00b7", "as of this letter",
        "unless the target changes before", "with their median",
        "after this letter", "as well as \u00b7", "after each \u00b7", "after a \u00b7",
    }
)  # fmt: skip
# Spans that a template may type, and what facts have them by their definition
SPANS: Mapping[str, tuple[str, ...]] = {
    "over three months": ("size.volatility.", "inflation.", "labour."),
    "over a year": ("size.correlation", "size.beta"),
    "over the year": ("inflation.",),
}
DECLARED = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, NAMES))})(?![\w])")
CAPITAL = re.compile(r"(?<![.!?:]\s)(?<!^)(?<![\w'’-])[A-Z][\w'’-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Words that only a fact may say."""

    where: str
    kind: str
    words: str

    def __str__(self) -> str:
        """As an error prints it."""
        return f"{self.words!r} ({self.kind})"


def plain(sentence: Sentence) -> str:
    """The words of a sentence that no claim printed, each claim replaced by one neutral sign."""
    return "".join(CLAIM if isinstance(piece, Claim) else piece for piece in sentence.pieces)


def read(text: str, *, where: str) -> Iterator[Finding]:
    """What in plain words only a fact may say."""
    rest = DECLARED.sub("\u00b7", text)
    for kind, pattern in KINDS.items():
        for match in pattern.finditer(rest):
            yield Finding(where=where, kind=kind, words=match.group().strip(f" {CLAIM}"))
    for match in CAPITAL.finditer(rest):
        if not any(pattern.fullmatch(match.group()) for pattern in KINDS.values()):
            yield Finding(where=where, kind="name not declared", words=match.group())


def unknown(text: str, *, where: str) -> Iterator[Finding]:
    """Words that no template is known to use: each has to be entered in templates/prose/words.txt."""
    for match in WORD.finditer(DECLARED.sub("\u00b7", text)):
        if match.group().lower() not in vocabulary():
            yield Finding(where=where, kind=UNLISTED, words=match.group())


def reasons(text: str, *, where: str) -> Iterator[Finding]:
    """Clauses that tell of a reason or a circumstance, without a claim."""
    for match in CLAUSE.finditer(DECLARED.sub("\u00b7", text)):
        words = " ".join(match[1].split())
        if words.lower() not in CLAUSES:
            yield Finding(where=where, kind="unproven clause", words=words)


@cache
def vocabulary() -> frozenset[str]:
    """The plain words of the prose, in lower case."""
    return frozenset((stationery.folder("prose") / "words.txt").read_text(encoding="utf-8").split())


def misplaced(sentence: Sentence, facts: Mapping[str, Fact], *, where: str) -> Iterator[Finding]:
    """Claims beside a name that they are not about, and typed spans that no fact of the sentence has."""
    said = {name.lower(): subject for name, subject in SUBJECTS.items()}
    for left, claim, right in _named(sentence):
        subject = facts[claim.fact].subject if claim.fact in facts else ""
        for match in (BEFORE.search(left), AFTER.match(right)):
            if match and claim.say not in BESIDE and subject in said.values() and said[match[1].lower()] != subject:
                yield Finding(where=where, kind=f"name beside {subject}", words=match[1])
    for span, keys in SPANS.items():
        if span in plain(sentence).lower() and not any(claim.fact.startswith(keys) for claim in sentence.claims):
            yield Finding(where=where, kind="unproven span", words=span)


def _named(sentence: Sentence) -> Iterator[tuple[str, Claim, str]]:
    """Each claim with the plain words before and after it; those before a span or day stand before what follows too.

    In "the lead of small caps over a year is among the widest" the name is that of the lead and of its rank.
    """
    runs = plain(sentence).split(CLAIM)
    carried = ""
    for left, claim, right in zip(runs, sentence.claims, runs[1:], strict=False):
        yield left, claim, right
        if carried and not STOP.search(left) and not BEFORE.search(left):
            yield carried, claim, ""
        carried = left if claim.say in BESIDE else ""


def refusals(sentence: Sentence, facts: Mapping[str, Fact], *, where: str) -> Iterator[Finding]:
    """All that is wrong with a sentence of an edition."""
    text = plain(sentence)
    yield from read(text, where=where)
    yield from unknown(text, where=where)
    yield from reasons(text, where=where)
    yield from misplaced(sentence, facts, where=where)


def check(sentences: Iterable[Sentence], *, where: str) -> None:
    """Refuse sentences whose plain words say what only a fact may say: raises UnprovenText."""
    findings = [finding for sentence in sentences for finding in read(plain(sentence), where=where)]
    if findings:
        raise UnprovenText(where, map(str, findings))


def findings(edition: Edition) -> list[Finding]:
    """All that the guard would refuse in an edition's sentences."""
    titles = ((f"title of {section.story}", section.title) for section in edition.sections)
    numbered = ((f"sentence {number} ({where})", sentence) for number, where, sentence in edition.sentences())
    everything = [("preheader", edition.preheader), *titles, *numbered]
    return [finding for where, sentence in everything for finding in refusals(sentence, edition.facts, where=where)]


FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?!\w)")  # no piece of a digest or a name


def supplied(edition: Edition) -> frozenset[str]:
    """Every figure that an edition gives a form to print: in its strings, days, moments, counts and values.

    Those of quoted headlines are not among them: `quoted` has them, for where a headline stands.
    """
    return _figures(replace(edition, headlines=(), unread=()))


def quoted(edition: Edition) -> frozenset[str]:
    """Every figure in the headlines that an edition quotes, and in the names of their feeds."""
    return _figures((edition.headlines, edition.unread))


def _figures(value: object) -> frozenset[str]:
    return frozenset(FIGURE.findall("\n".join(dict.fromkeys(_strings(value)))))  # no figure runs over a line


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, date):  # a datetime is one too
        yield f"{value} {value.day} {value:%H:%M}"
    elif isinstance(value, int | float):
        yield f"{value!r} {value:,} {value:.0f} {value:.1f} {number(value, 1)} {abs(value)!r}"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, tuple | list):
        yield str(len(value))
        for inner in value:
            yield from _strings(inner)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))


def check_form(texts: Iterable[str], known: frozenset[str], *, where: str) -> None:
    """Refuse a finished form that prints a figure the edition did not supply: raises UnprovenText."""
    orphans = [figure for one in texts for figure in FIGURE.findall(one) if figure not in known]
    if orphans:
        raise UnprovenText(where, dict.fromkeys(orphans))
