"""Words for dates, counts and sizes, and the tables they come from. Each table stands here once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.units import number

if TYPE_CHECKING:
    from datetime import date

SHORT = 60  # fewer observations than this, and a share of them says nothing
LITTLE = 10.0  # percentile of size below which nothing is said to have moved
# Verbs by the percentile of the move's size within its own history (past, participle), up and down.
# Source: medians of 5,100 index moves in wire reports; "rose" and "fell" serve any size, the others are claims.
VERBS: tuple[tuple[float, tuple[str, str], tuple[str, str]], ...] = (
    (35.0, ("edged up", "edging up"), ("slipped", "slipping")),
    (90.0, ("rose", "rising"), ("fell", "falling")),
    (98.0, ("climbed", "climbing"), ("slid", "sliding")),
    (101.0, ("jumped", "jumping"), ("tumbled", "tumbling")),
)
SINCE = 21  # fewer observations than this, and "since" says nothing
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
    if 0 <= (today - day).days < 7:  # noqa: PLR2004 -- a week
        return f"on {WEEKDAYS[day.weekday()]}"
    return f"on {day.day} {MONTHS[day.month]}" + (f" {day.year}" if day.year != today.year else "")


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


def share_words(percent: float, *, observations: str) -> str:
    """A share of days: "on 74% of days"; close to the ends as one day in so many."""
    if percent > 99.5:  # noqa: PLR2004 -- would print 100 %
        return f"on more than 99% of {observations}"
    if percent < 0.5:  # noqa: PLR2004 -- would print 0 %
        return f"on fewer than 1% of {observations}"
    return f"on {number(percent, 0)}% of {observations}"
