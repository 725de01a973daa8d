"""Forms for days: the day, month or span a fact is about, and dates it proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.wording.saying import Saying, form
from generator.wording.terms import MONTHS, day_words, long_date, on_date, past_date

if TYPE_CHECKING:
    from datetime import date


@form
def on(s: Saying) -> str:
    """The day the fact is about: "on Tuesday"."""
    return on_date(day_of(s), s.today)


@form
def day_name(s: Saying) -> str:
    """The day without a preposition, as in "from Monday"."""
    return on_date(day_of(s), s.today).removeprefix("on ")


@form
def day_words_of(s: Saying) -> str:
    """The day as an owner of a thing: "Monday's"."""
    return day_words(day_of(s), s.today)


@form
def adjective(s: Saying) -> str:
    """The span before a noun: "63-session"."""
    return s.horizon.adjective


@form
def day(s: Saying) -> str:
    """The day in full: "31 March 2026"."""
    return long_date(day_of(s))


@form
def month(s: Saying) -> str:
    """The month of the fact: "February", with its year once that differs."""
    found = day_of(s)
    return MONTHS[found.month] + (f" {found.year}" if found.year != s.today.year else "")


def day_of(s: Saying) -> date:
    """The mark that the form names, else the day of the fact."""
    return s.fact.mark(s.args["mark"]) if "mark" in s.args else s.fact.as_of


@form
def over(s: Saying) -> str:
    """The span of the change: "over five sessions", "so far in 2026"."""
    return s.horizon.words.removesuffix(" of the cycle") if s.args.get("short") else s.horizon.words


@form
def when(s: Saying) -> str:
    """The day of a one-day move, "on Tuesday", or the span of a longer one, "over five sessions"."""
    if s.horizon.sessions == 1:
        return on_date(s.fact.as_of, s.today)
    return s.horizon.words


@form
def spans_defined(s: Saying) -> str:
    """What the letter's spans are, in sessions; the same in every letter."""
    del s
    return "A month means 21 sessions or published days, three months 63, six months 126 and a year 252"


@form
def hold_date(s: Saying) -> str:
    """The day from which the rule calls policy on hold: "on hold from 9 June on"."""
    return f"on hold from {past_date(s.fact.mark('hold'), s.today)} on"


@form
def start_year(s: Saying) -> str:
    """The year the history behind the fact starts in."""
    return str(s.context.first.year)
