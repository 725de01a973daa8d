"""Ways to make a true sentence false: words changed, claims changed, things added that no fact supplied.

Each takes what a claim prints and gives false words, or nothing where it does not apply. All lists are of words a
writer might type; they were not drawn from the lists of the guard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.wording.terms import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

AMOUNT = re.compile(r"[−+]?\$?\d[\d,]*(?:\.\d+)?(?:%| basis points?| percentage points?| points?| bp)")
DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS[1:])})\b")
YEAR = re.compile(r"\b(19|20)\d\d\b")
SHARE = re.compile(r"\b(one|two|three|four|nine|19|49|99)\b(.*) in (three|four|five|ten|20|50|100)\b")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
SIDES = (
    ("rose", "fell"), ("gained", "lost"), ("added", "shed"), ("advanced", "declined"), ("climbed", "slid"),
    ("jumped", "tumbled"), ("edged up", "slipped"), ("inched up", "dipped"), ("above", "below"),
    ("ahead of", "behind"), ("beat", "trailed"), ("beating", "trailing"), ("outran", "lagged"), ("outdid", "lagged"),
    ("better", "worse"), ("steepened", "flattened"), ("lead", "shortfall"), ("led", "trailed"), ("up", "down"),
    ("higher", "lower"), ("highest", "lowest"), ("largest gain", "largest loss"), ("easing", "tightening"),
    ("cut", "increase"), ("positive", "inverted"), ("fewer than", "more than"), ("dropped", "rose"),
    ("lagged", "beat"), ("fell behind", "beat"), ("gain", "loss"), ("rise", "fall"), ("steeper", "flatter"),
)  # fmt: skip
GRADES = (
    ("edged up", "jumped"), ("inched up", "climbed"), ("slipped", "tumbled"), ("dipped", "slid"), ("rose", "jumped"),
    ("gained", "climbed"), ("added", "jumped"), ("advanced", "climbed"), ("fell", "tumbled"), ("lost", "tumbled"),
    ("declined", "slid"), ("dropped", "tumbled"), ("climbed", "edged up"), ("slid", "slipped"),
    ("jumped", "edged up"), ("tumbled", "slipped"), ("was little changed", "jumped"), ("were little changed", "slid"),
)  # fmt: skip
RANKS = (
    ("the largest", "the second-largest"), ("the highest", "the second-highest"), ("the lowest", "the next-lowest"),
    ("the steepest", "the second-steepest"), ("the flattest", "the second-flattest"),
)  # fmt: skip
SPANS = (
    ("over five sessions", "over three months"), ("over a month", "over three months"),
    ("over three months", "over six months"), ("over six months", "over a year"), ("over a year", "over three months"),
    ("a month earlier", "a year earlier"), ("three-month", "six-month"), ("one-month", "three-month"),
    ("so far in", "over the year to"), ("in the year to", "in the month of"),
)  # fmt: skip
UNITS = (
    ("percentage points", "percent"), ("percentage point", "percent"), ("basis points", "percentage points"),
    ("basis point", "percentage point"), (" points", "%"), (" bp", "%"), ("%", " percentage points"),
    ("%", " basis points"),
)  # fmt: skip
SUBJECTS = (
    ("small caps", "large caps"), ("small-cap stocks", "large-cap stocks"), ("small stocks", "large stocks"),
    ("two-year", "ten-year"), ("2-year", "10-year"), ("euro", "pound"),
)  # fmt: skip
CAUSES = (
    "as investors bet on cheaper credit", "as traders weighed the outlook for credit", "on hopes of a soft landing",
    "on fears of a recession", "because banks held back credit", "in response to the words of the Fed",
    "in reaction to the inflation report", "reflecting better earnings", "owing to demand for havens",
    "thanks to a calmer bond market", "driven by shares of banks", "fuelled by cheap credit", "spurred by merger talk",
    "in the wake of the auction", "on the heels of the auction", "following a weak auction",
    "under pressure from the dollar", "buoyed by retail buyers", "lifted by energy stocks", "dragged by banks",
    "weighed on by banks", "given the mood in credit markets", "with buyers encouraged by cheap oil",
    "which is why the curve moved", "on account of the budget", "as a consequence of tariffs",
    "after the jobs report calmed nerves", "amid worries over growth", "and investors took heart", "on profit-taking",
    "so money went to safer assets", "as sentiment soured", "helped by a pause in bond sales",
    "with risk appetite back",
)  # fmt: skip
HYPE = (
    "in a stunning turn", "in a bloodbath", "in a dramatic session", "with all eyes on the Fed", "in a wild ride",
    "amid jitters", "as headwinds mount", "in a historic move", "with momentum building", "in a perfect storm",
    "a remarkable showing", "in an impressive display", "with fireworks in credit", "in panic", "in euphoria",
)  # fmt: skip
DOUBTS = ("about ", "nearly ", "almost ", "roughly ", "around ", "at least ", "up to ", "as much as ", "close to ")
DENIALS = ("not ", "hardly ", "far from ", "no longer ", "supposedly ", "barely ", "scarcely ")
FORECASTS = (
    "and will go on doing so", "and more of it is likely", "which tends to last", "which usually bodes well",
    "and history points to a repeat", "which may not last", "and could turn soon", "a pattern that often returns",
    "and the trend looks set to go on", "which promises a calm spring", "as expected", "a sign of things to come",
    "and seems overdone", "and is bound to end", "and might well reverse",
)  # fmt: skip
ADVICE = (
    "so investors should buy", "a case for holding small caps", "a good time to buy", "an attractive entry point",
    "which argues for small caps", "time to sell", "and small caps look cheap", "a chance not to miss",
    "and belong in every portfolio", "which favours small caps",
)  # fmt: skip
NAMES = (
    "said analysts at Goldman Sachs", "with Nvidia in front", "in line with the Russell index", "as China reopened",
    "while the Nasdaq stood still", "according to Moody's", "with Brent crude calm", "as Powell spoke",
    "while Bitcoin stood still", "with Japan closed",
)  # fmt: skip
EXTREMES = (
    "a record", "the most in a decade", "the widest gap on record", "more than ever", "a once-in-a-generation move",
    "without precedent", "the worst since the war", "the best of all sessions", "an all-time high", "for good",
    "a multi-year high", "twice the usual size", "an extreme", "the biggest of its kind", "like no other session",
)  # fmt: skip
OWN = (  # of no word that the letters do not use themselves
    "as the market sees no risk", "after the meeting of the committee", "as the Fed held the rate",
    "for the market looked on", "as the committee decided", "after the policy meeting", "when the Fed made its call",
    "and the market made the call", "which the market made of the news", "as the news of the day came in",
    "with risk in view", "while the Fed looked away", "so the market is at rest", "as the dollar came apart",
    "with energy in view", "after days of calm",
)  # fmt: skip
ADDED: Mapping[str, Sequence[str]] = {
    "cause added": CAUSES, "hype added": HYPE, "forecast added": FORECASTS, "advice added": ADVICE,
    "name added": NAMES, "extreme added": EXTREMES,
    "reason in the letter's words": OWN,
}  # fmt: skip
BEFORE: Mapping[str, Sequence[str]] = {"doubt before a figure": DOUBTS, "denied": DENIALS}


def swapped(text: str, pairs: Sequence[tuple[str, str]], *, both: bool = False) -> str | None:
    """The text with the first pair that stands in it exchanged, whole words only."""
    for left, right in (*pairs, *((two, one) for one, two in pairs if both)):
        pattern = rf"(?<![\w-]){re.escape(left)}(?![\w-])" if left[0].isalpha() else re.escape(left)
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            new = right[:1].upper() + right[1:] if found.group()[:1].isupper() else right
            return text[: found.start()] + new + text[found.end() :]
    return None


def other_figure(text: str, pool: Sequence[str], random: Random) -> str | None:
    """A figure of another claim of the letter, in the same unit."""
    found = AMOUNT.search(text)
    if found is None:
        return None
    unit = found.group().lstrip("−+$0123456789,.").rstrip("s")
    others = [one for one in pool if one.lstrip("−+$0123456789,.").rstrip("s") == unit and one != found.group()]
    return text[: found.start()] + random.choice(others) + text[found.end() :] if others else None


def day_shifted(text: str, random: Random) -> str | None:
    """Another weekday, or the day before or after."""
    for name in WEEKDAYS:
        if name in text:
            return text.replace(name, WEEKDAYS[(WEEKDAYS.index(name) + random.choice((1, 6))) % 7])
    found = DAY.search(text)
    if found:
        day = int(found[1])
        return text[: found.start(1)] + str(day + 1 if day < 28 else day - 1) + text[found.end(1) :]  # noqa: PLR2004
    for name in MONTHS[1:]:
        if re.search(rf"\b{name}\b", text):
            return text.replace(name, MONTHS[MONTHS.index(name) % 12 + 1])
    return None


def sign(text: str) -> str | None:
    """The other direction, or the other sign of a figure."""
    return swapped(text, SIDES, both=True) or (text.replace("−", "", 1) if "−" in text else None)


def since(text: str, random: Random) -> str | None:
    """Another year, or another day, after "since" or "start in"."""
    at = max(text.find("since "), text.find("start in "))
    found = YEAR.search(text, at) if at >= 0 else None
    if found:
        return text[: found.start()] + str(int(found.group()) - random.randint(1, 9)) + text[found.end() :]
    return day_shifted(text, random) if at >= 0 else None


def rank(text: str, random: Random) -> str | None:
    """Another place, or another share of the history."""
    found = SHARE.search(text)
    if found:
        others = [one for one in ("three", "four", "five", "ten", "20", "50", "100") if one != found[3]]
        return text[: found.start(3)] + random.choice(others) + text[found.end(3) :]
    return swapped(text, RANKS)


def number_word(text: str) -> str | None:
    """The next number, or ordinal."""
    for words in (ORDINALS, NUMBERS):
        for at, word in enumerate(words[:-1]):
            found = re.search(rf"(?<![\w-]){word}(?![\w-])", text, re.IGNORECASE)
            if found:
                return text[: found.start()] + words[at + 1] + text[found.end() :]
    return None


def rounding(text: str) -> str | None:
    """The last digit of a figure, one more."""
    found = AMOUNT.search(text)
    if found is None:
        return None
    digits = re.search(r"\d(?=\D*$)", found.group())
    if digits is None:
        return None
    at = found.start() + digits.start()
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def changes(pool: Sequence[str], random: Random) -> dict[str, Callable[[str], str | None]]:
    """The ways to change what a claim prints, by name; `pool` holds the figures of the letter."""
    return {
        "figure of another subject": lambda text: other_figure(text, pool, random),
        "day shifted": lambda text: day_shifted(text, random),
        "sign or direction": sign,
        "unit": lambda text: swapped(text, UNITS),
        "verb": lambda text: swapped(text, GRADES),
        "rank or share": lambda text: rank(text, random),
        "date of since": lambda text: since(text, random),
        "number word": number_word,
        "rounding": rounding,
        "horizon": lambda text: swapped(text, SPANS),
        "subject": lambda text: swapped(text, SUBJECTS, both=True),
    }
