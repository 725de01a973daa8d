"""Forms for how a fact stands in its own history: "since", shares of days, medians and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, number, quantity, rounded
from generator.wording.figures import places
from generator.wording.saying import Saying, form
from generator.wording.terms import SHORT, SINCE, ordinal, past_date, share_words

if TYPE_CHECKING:
    from generator.model import Context


def superlative(context: Context) -> bool:
    """Whether a dated "since", or a record, may be said."""
    return context.count > 2 * SINCE and (context.beyond is None or context.beyond_count >= SINCE)


def _history(s: Saying) -> str:
    return f"in data that start in {s.context.first.year}"


def _since(s: Saying) -> str:
    if s.context.beyond is None:
        return _history(s)
    return f"since {past_date(s.context.beyond, s.today)}"


@form
def largest_since(s: Saying) -> str:
    """A move's rank in time: "the largest gain since 12 March 2025", "the largest fall in data that start in 1926"."""
    if not superlative(s.context):
        raise UnsupportedSaying(s.fact.key, "largest_since", f"only {s.context.beyond_count} observations")
    noun = s.args.get("up", "rise") if s.fact.value > 0 else s.args.get("down", "fall")
    return f"the largest {noun} {_since(s)}"


@form
def highest_since(s: Saying) -> str:
    """A level's rank in time, in the direction it lies from its median: "the highest since 3 May 2025"."""
    if not superlative(s.context):
        raise UnsupportedSaying(s.fact.key, "highest_since", f"only {s.context.beyond_count} observations")
    word = s.args.get("high", "highest") if s.context.high else s.args.get("low", "lowest")
    return f"the {word} {_since(s)}"


@form
def larger_than(s: Saying) -> str:
    """A move's size in its history: "a larger move than on 74% of sessions since 1926"."""
    return _unless_short(s, f"a larger move than {_share(s, s.context.size_percentile, 'sessions')}")


@form
def higher_than(s: Saying) -> str:
    """A level in its history: "higher than on 83% of days since 1962", "lower than on 90% of days since 1962"."""
    high = s.context.percentile >= 50  # noqa: PLR2004 -- the median
    words = s.args.get("high", "higher") if high else s.args.get("low", "lower")
    return _unless_short(
        s, f"{words} than {_share(s, s.context.percentile if high else 100 - s.context.percentile, 'days')}"
    )


@form
def deeper_than(s: Saying) -> str:
    """A drawdown in its history: "deeper than on 64% of sessions since 1926"."""
    return _unless_short(s, f"deeper than {_share(s, s.context.size_percentile, 'sessions')}")


@form
def wider_than(s: Saying) -> str:
    """A gap in its history, either way: "wider than on 81% of sessions since 1926"."""
    return _unless_short(s, f"wider than {_share(s, s.context.size_percentile, 'sessions')}")


def _share(s: Saying, percent: float, observations: str) -> str:
    return f"{share_words(percent, observations=s.args.get('of', observations))} since {s.context.first.year}"


def _unless_short(s: Saying, words: str) -> str:
    """The words, or, of a history too short for a share to mean anything, that it is."""
    return words if s.context.count >= SHORT else "with too short a history to rank"


@form
def against_median(s: Saying) -> str:
    """The value beside the median of its history: "above its median of 0.4 since 1990"."""
    median = quantity(s.context.median, s.fact.unit, digits=places(s))
    mine = rounded(s.fact.value, DIGITS[s.fact.unit])
    theirs = rounded(s.context.median, DIGITS[s.fact.unit])
    side = "above" if mine > theirs else "below" if mine < theirs else "equal to"
    return f"{side} its median of {median} since {s.context.first.year}"


@form
def in_a_row(s: Saying) -> str:
    """A run: "a third session in a row"; for a first, "after five sessions the other way"."""
    run = abs(s.context.streak)
    if run > 1:
        return f"for a {ordinal(run)} {s.args.get('of', 'session')} in a row"
    raise UnsupportedSaying(s.fact.key, "in_a_row", "the run is one long")


@form
def spell(s: Saying) -> str:
    """How long a curve has had its sign: "has been positive for 393 published days, since 6 September 2024"."""
    start = dict(s.fact.marks).get("first" if s.fact.state == "inverted" else "ended")
    days = f"for {number(s.fact.value, 0)} published day{'' if s.fact.value == 1 else 's'}"
    since = f", since {past_date(start, s.today)}" if start else ", as long as the data go back"
    return f"has been {s.fact.state} {days}{since}"
