"""Words for dates, counts and sizes, and the tables they come from. Each table stands here once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

SHORT = 60  # fewer observations than this, and a share of them says nothing
LITTLE = 10.0  # percentile of size below which nothing is said to have moved
# Verbs by the percentile of the move's size within its own history, up and down; any of a row says the same size.
# Source: medians of 5,100 index moves in wire reports; "rose" and "fell" serve any size, the others are claims.
VERBS: tuple[tuple[float, tuple[str, ...], tuple[str, ...]], ...] = (
    (35.0, ("edged up", "inched up"), ("slipped", "dipped")),
    (90.0, ("rose", "gained", "added", "advanced"), ("fell", "lost", "declined", "dropped")),
    (98.0, ("climbed",), ("slid",)),
    (101.0, ("jumped",), ("tumbled",)),
)
PLAIN = ("rose", "fell")  # what a yield or a rate does: it neither gains nor loses
# One against the other: past, participle and noun
LEADS = (
    ("beat", "beating"),
    ("outdid", "outdoing"),
    ("outran", "outrunning"),
    ("did better than", "doing better than"),
)
TRAILS = (
    ("trailed", "trailing"), ("lagged", "lagging"), ("came in behind", "coming in behind"),
    ("did worse than", "doing worse than"),
)  # fmt: skip
SMALL_NAMES = ("small caps", "small-cap stocks", "small stocks")  # what a letter calls them, by turns
LARGE_NAMES = ("large caps", "large-cap stocks", "large stocks")
EXCEEDED = ("exceeded", "topped", "surpassed")
RARE = 10.0  # percent of sessions: a day is rare if the furthest of all measures went further on no more than these
SINCE = 21  # fewer observations than this, and "since" says nothing
DAYS = ("days", "sessions")  # a share of these is "on one day in five", of others "in one out of five months"
NEAR_SHARE = 1.5  # percentage points
SHARES: tuple[tuple[float, tuple[str, str]], ...] = (  # percent, and the fraction it is at least
    (50.0, ("", "")), (60.0, ("three", "five")), (200 / 3, ("two", "three")), (75.0, ("three", "four")),
    (80.0, ("four", "five")), (90.0, ("nine", "ten")), (95.0, ("19", "20")), (98.0, ("49", "50")),
    (99.0, ("99", "100")),
)  # fmt: skip
SMALL_SHARES: tuple[tuple[float, tuple[str, str]], ...] = (  # percent, and the fraction it stays below
    (1.0, ("one", "100")), (2.0, ("one", "50")), (5.0, ("one", "20")), (10.0, ("one", "ten")), (20.0, ("one", "five")),
    (25.0, ("one", "four")), (100 / 3, ("one", "three")), (40.0, ("two", "five")), (50.0, ("", "")),
)  # fmt: skip
PARTS: tuple[tuple[float, str], ...] = (  # percent, and the part of a history that a smaller share lies in
    (1.0, "hundredth"), (2.0, "fiftieth"), (5.0, "twentieth"), (10.0, "tenth"), (20.0, "fifth"), (25.0, "quarter"),
    (100 / 3, "third"), (100.1, "half"),
)  # fmt: skip
MULTIPLES = (  # a move over another, and how many times as much it is
    (10.0, "more than ten times"), (5.0, "more than five times"), (4.0, "more than four times"),
    (3.0, "more than three times"), (2.0, "more than twice"),
)  # fmt: skip
WORDS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
ORDINALS = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
MONTHS = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def long_date(day: date) -> str:
    """31 March 2026."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def on_date(day: date, today: date) -> str:
    """The day as a letter of `today` names it: by weekday within a week, with its year once that differs."""
    if abs((today - day).days) < 7:  # noqa: PLR2004 -- a week
        return f"on {WEEKDAYS[day.weekday()]}"
    return f"on {day.day} {MONTHS[day.month]}" + (f" {day.year}" if day.year != today.year else "")


def day_words(day: date, today: date) -> str:
    """The day as an owner: "Monday's", "17 March's"."""
    return f"{on_date(day, today).removeprefix('on ')}'s"


def past_date(day: date, today: date) -> str:
    """A day in the past after "since": the year only if it is another, the month alone is never enough."""
    return f"{day.day} {MONTHS[day.month]}" + (f" {day.year}" if day.year != today.year else "")


def in_words(count: float) -> str:
    """A count, in words up to twelve."""
    whole = round(count)
    return WORDS[whole] if whole < len(WORDS) else f"{whole:,}"


def ordinal(count: int) -> str:
    """A place in a row, in words up to twelfth."""
    if count < len(ORDINALS):
        return ORDINALS[count]
    tail = {1: "st", 2: "nd", 3: "rd"}.get(count % 10 if count % 100 not in (11, 12, 13) else 0, "th")
    return f"{count:,}{tail}"


def a_place(count: int) -> str:
    """A place with its article: "a third", "an eighth"."""
    word = ordinal(count)
    return f"{'an' if word.startswith(('eigh', 'elev', '8', '11th', '18th')) else 'a'} {word}"


def share_words(percent: float, *, observations: str) -> str:
    """A share of observations, by the largest plain fraction that it reaches: "on more than four sessions in five".

    The fraction alone is said of a share at most NEAR_SHARE above it; both are true of every share they are said of.
    """
    place = "on" if observations in DAYS else "in"
    if percent < SHARES[0][0]:
        limit, (count, of) = next((limit, words) for limit, words in SMALL_SHARES if percent < limit)
        return f"{place} fewer than {_in(count, of, observations)}"
    limit, (count, of) = next((limit, words) for limit, words in reversed(SHARES) if percent >= limit)
    return f"{place} {'' if percent <= limit + NEAR_SHARE else 'more than '}{_in(count, of, observations)}"


def _in(count: str, of: str, observations: str) -> str:
    if not count:
        return f"half of {observations}"
    if observations not in DAYS:
        return f"{count} out of {of} {observations}"
    noun = observations.removesuffix("s") if count == "one" else observations
    return f"{count} {noun} in {of}"
