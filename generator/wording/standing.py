"""Forms for how a fact stands in its own history: "since", shares of days, medians and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, number, quantity, rounded
from generator.wording.figures import places
from generator.wording.saying import Saying, form
from generator.wording.terms import EXCEEDED, RARE, SHORT, SINCE, a_place, in_words, past_date, share_words

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
    return _unless_short(s, f"a larger move than {_share(s, _smaller(s), 'sessions')}")


@form
def higher_than(s: Saying) -> str:
    """A level in its history: "higher than on 83% of days since 1962", "lower than on 90% of days since 1962"."""
    high = s.context.percentile >= 50  # noqa: PLR2004 -- the median
    words = s.args.get("high", "higher") if high else s.args.get("low", "lower")
    return _unless_short(s, f"{words} than {_share(s, s.context.below if high else s.context.above, 'days')}")


@form
def deeper_than(s: Saying) -> str:
    """A drawdown in its history: "deeper than on 64% of sessions since 1926"."""
    return _unless_short(s, f"deeper than {_share(s, _smaller(s), 'sessions')}")


@form
def wider_than(s: Saying) -> str:
    """A gap in its history, either way: "wider than on 81% of sessions since 1926"."""
    return _unless_short(s, f"wider than {_share(s, _smaller(s), 'sessions')}")


def _smaller(s: Saying) -> float:
    """Percent of the history strictly nearer to zero: what is neither farther out nor equal."""
    equal = 2.0 * (100.0 - s.context.size_above - s.context.size_percentile)
    return round(100.0 - s.context.size_above - equal, 9)


@form
def than_earlier(s: Saying) -> str:
    """Beside the value a month (21 observations) before: "up from 1.41 a month earlier"."""
    if s.context.earlier is None:
        raise UnsupportedSaying(s.fact.key, "than_earlier", "its history is too short")
    digits = places(s)
    shown = DIGITS[s.fact.unit] if digits is None else digits
    mine, theirs = rounded(s.fact.value, shown), rounded(s.context.earlier, shown)
    if mine == theirs:
        return "the same as a month earlier"
    was = quantity(s.context.earlier, s.fact.unit, digits=digits)
    return f"{'up' if mine > theirs else 'down'} from {was} a month earlier"


def _share(s: Saying, percent: float, observations: str) -> str:
    since = "" if s.args.get("brief") else f" since {s.context.first.year}"
    return f"{share_words(percent, observations=s.args.get('of', observations))}{since}"


def _unless_short(s: Saying, words: str) -> str:
    """The words, or, of a history too short for a share to mean anything, that it is."""
    return words if s.context.count >= SHORT else "with too short a history to rank"


@form
def exceeded(s: Saying) -> str:
    """How often a move or gap of that size, either way, was exceeded: "exceeded on fewer than one session in five"."""
    return _unless_short(s, f"{s.synonym(*EXCEEDED)} {_share(s, s.context.size_above, 'sessions')}")


@form
def share_larger(s: Saying) -> str:
    """How often a move was larger: "on fewer than one day in five since 1962"."""
    return _unless_short(s, _share(s, s.context.size_above, "sessions"))


def _all_watched(s: Saying) -> tuple[str, str]:
    """How often some move of all that are watched went further ("with" is their number), and what they are called."""
    first = s.fact.mark("first")
    span = "of the past three months" if s.fact.key.endswith(".quarter") else f"since {first.year}"
    nouns = ("one-day moves measured here", "daily moves followed here")
    return (
        f"{share_words(s.fact.value, observations='sessions')} {span}",
        f"{in_words(s.other.value)} {s.synonym(*nouns)}",
    )


@form
def any_further(s: Saying) -> str:
    """How rare a day was among all that is watched: "on fewer than one session in 20 since 1999 did any of ...".

    UnsupportedSaying unless it is rare however many measures are looked at (RARE).
    """
    if s.fact.value > RARE:
        raise UnsupportedSaying(s.fact.key, "any_further", f"{s.fact.value:.1f}% of sessions went further")
    often, watched = _all_watched(s)
    return f"{often} did any of the {watched} go further in its own history"


@form
def some_further(s: Saying) -> str:
    """How ordinary a day was: "at least one of the eight one-day moves measured here went further on ...".

    UnsupportedSaying if it was not: if fewer than half of the sessions went further.
    """
    if s.fact.value < 50.0:  # noqa: PLR2004 -- half
        raise UnsupportedSaying(s.fact.key, "some_further", f"only {s.fact.value:.1f}% of sessions went further")
    often, watched = _all_watched(s)
    return f"at least one of the {watched} went further {often}"


@form
def often_further(s: Saying) -> str:
    """The same from the sessions: "on more than two sessions in three of the past three months one or more ...".

    UnsupportedSaying as for `some_further`.
    """
    if s.fact.value < 50.0:  # noqa: PLR2004 -- half
        raise UnsupportedSaying(s.fact.key, "often_further", f"only {s.fact.value:.1f}% of sessions went further")
    often, watched = _all_watched(s)
    return f"{often} one or more of the {watched} went further"


@form
def rarity(s: Saying) -> str:
    """The word for a day on which something went so far: "rare"; UnsupportedSaying if it was not."""
    if s.fact.value > RARE:
        raise UnsupportedSaying(s.fact.key, "rarity", f"{s.fact.value:.1f}% of sessions went further")
    return "rare"


@form
def median_figure(s: Saying) -> str:
    """The median of the history: "1.9%"."""
    return quantity(s.context.median, s.fact.unit, digits=places(s))


@form
def median_words(s: Saying) -> str:
    """The median of the history: "of 1.9% since 1934"."""
    return f"of {quantity(s.context.median, s.fact.unit)} since {s.context.first.year}"


@form
def quieter(s: Saying) -> str:
    """How small a move was: "smaller than on four sessions in five since 1926"."""
    return _unless_short(s, f"smaller than {_share(s, s.context.size_above, 'sessions')}")


@form
def against_median(s: Saying) -> str:
    """The value beside the median of its history: "above its median of 0.4 since 1990"."""
    median = "" if s.args.get("bare") else f" of {quantity(s.context.median, s.fact.unit, digits=places(s))}"
    shown = DIGITS[s.fact.unit] if places(s) is None else places(s)
    mine, theirs = rounded(s.fact.value, shown or 0), rounded(s.context.median, shown or 0)
    side = "above" if mine > theirs else "below" if mine < theirs else "equal to"
    return f"{side} its median{median} since {s.context.first.year}"


@form
def in_a_row(s: Saying) -> str:
    """A run: "a third session in a row"; for a first, "after five sessions the other way"."""
    run = abs(s.context.streak)
    if run > 1:
        return f"for {a_place(run)} {s.args.get('of', 'session')} in a row"
    raise UnsupportedSaying(s.fact.key, "in_a_row", "the run is one long")


@form
def spell(s: Saying) -> str:
    """How long a curve has had its sign: "has been positive for 393 published days, since 6 September 2024".

    A slope of nothing is neither: it "has not been inverted for …".
    """
    start = dict(s.fact.marks).get("first" if s.fact.state == "inverted" else "ended")
    days = f"for {number(s.fact.value, 0)} published day{'' if s.fact.value == 1 else 's'}"
    since = f", since {past_date(start, s.today)}" if start else ", as long as the data go back"
    state = "not been inverted" if s.fact.state == "level" else f"been {s.fact.state}"
    return f"has {state} {days}{since}"
