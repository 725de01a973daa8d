"""Forms for small beside large caps and for how a gap or level stands: further ways of saying what is so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, Unit, quantity, rounded
from generator.wording.days import when
from generator.wording.figures import places
from generator.wording.gaps import GAPS, below_high
from generator.wording.moves import is_zero, magnitude, plain_move
from generator.wording.saying import Saying, form
from generator.wording.standing import superlative
from generator.wording.terms import MULTIPLES, PARTS, SHORT, day_words, long_date, ordinal, past_date, share_words

if TYPE_CHECKING:
    from generator.model import Fact

HALF = 0.5


def _lead(value: float) -> str:
    return GAPS["up" if value > 0 else "down"][2]


def _smaller(s: Saying) -> float:
    """Percent of the history strictly nearer to zero."""
    equal = 2.0 * (100.0 - s.context.size_above - s.context.size_percentile)
    return round(100.0 - s.context.size_above - equal, 9)


def _share(s: Saying, percent: float, observations: str) -> str:
    return f"{share_words(percent, observations=s.args.get('of', observations))}{_since(s)}"


def _since(s: Saying) -> str:
    """The start of the history, unless it has been named in the sentences before (`brief`)."""
    return "" if s.args.get("brief") else f" since {s.context.first.year}"


# --- where a move or a level stands -------------------------------------------------------------------------------


@form
def been_wider(s: Saying) -> str:
    """How often a gap, or a move, of either sign went further: "wider on fewer than one session in five since 1926"."""
    word = "wider" if s.fact.unit is Unit.POINTS else "larger"
    return f"{word} {_share(s, s.context.size_above, 'sessions')}" if s.context.count >= SHORT else "too new to rank"


@form
def within(s: Saying) -> str:
    """The part of its history that a move or gap belongs to: "among the widest fifth of gaps since 1926"."""
    if s.context.count < SHORT:
        return "with too short a history to rank"
    wide, near, of = ("wid", "narrow", "gaps") if s.fact.unit is Unit.POINTS else ("larg", "small", "moves")
    less = _smaller(s)
    stem, share = (wide, s.context.size_above) if s.context.size_above < less else (near, less)
    part = next(word for limit, word in PARTS if share < limit)
    end = "er" if part == "half" else "est"
    return f"among the {stem}{end} {part} of {s.args.get('of', of)}{_since(s)}"


@form
def higher_on(s: Saying) -> str:
    """How often a level was higher, or, of a low one, lower: "higher on fewer than one day in five since 1962"."""
    high = s.context.percentile >= 50  # noqa: PLR2004 -- the median
    words = s.args.get("high", "higher") if high else s.args.get("low", "lower")
    share = s.context.above if high else s.context.below
    return f"{words} {_share(s, share, 'days')}" if s.context.count >= SHORT else "too new to rank"


@form
def changed_from(s: Saying) -> str:
    """The level a month (21 observations) before and now: "has risen from 1.41 to 1.52 in a month"."""
    if s.context.earlier is None:
        raise UnsupportedSaying(s.fact.key, "changed_from", "its history is too short")
    digits = places(s)
    shown = DIGITS[s.fact.unit] if digits is None else digits
    mine, theirs = rounded(s.fact.value, shown), rounded(s.context.earlier, shown)
    now = quantity(s.fact.value, s.fact.unit, digits=digits)
    if mine == theirs:
        return f"is unchanged from a month earlier at {now}"
    was = quantity(s.context.earlier, s.fact.unit, digits=digits)
    return f"has {'risen' if mine > theirs else 'fallen'} from {was} to {now} in a month"


@form
def ranked(s: Saying) -> str:
    """A move's place among those of its sign: "the 34th-largest rise since 1926"; test `context.rank` first."""
    noun = s.args.get("up", "rise") if s.fact.value > 0 else s.args.get("down", "fall")
    if s.context.rank == 1:
        return f"the largest {noun} in data that start in {s.context.first.year}"
    return f"the {ordinal(s.context.rank)}-largest {noun} since {s.context.first.year}"


# --- a move beside another ----------------------------------------------------------------------------------------


@form
def beside_before(s: Saying) -> str:
    """Beside a gap or return of the same sign a session earlier, `with`: "a wider lead than Monday's"."""
    if s.fact.value * s.other.value <= 0:
        raise UnsupportedSaying(s.fact.key, "beside_before", "the signs differ")
    gap = s.fact.unit is Unit.POINTS
    noun = _lead(s.fact.value).removeprefix("a ") if gap else "gain" if s.fact.value > 0 else "loss"
    mine, theirs = (rounded(abs(one.value), DIGITS[one.unit]) for one in (s.fact, s.other))
    day = day_words(s.other.as_of, s.today)
    if mine == theirs:
        return f"as {'wide' if gap else 'large'} a {noun} as {day}"
    words = ("wider", "narrower") if gap else ("larger", "smaller")
    return f"a {words[0 if mine > theirs else 1]} {noun} than {day}"


@form
def as_much(s: Saying) -> str:
    """A return beside another, `with`, of the same sign: "more than twice as much as large caps"."""
    ratio = s.fact.value / s.other.value if s.other.value else 0.0
    words = next((word for limit, word in MULTIPLES if ratio > limit), "less than half" if 0 < ratio < HALF else "")
    if not words:
        raise UnsupportedSaying(s.fact.key, "as_much", f"it is {ratio:.2f} of {s.other.key}")
    return f"{words} as much as {s.other.subject}"


@form
def both_moved(s: Saying) -> str:
    """Two returns, the second `with`: "both rose on Tuesday, small caps by 1.2% and large caps by 0.8%"."""
    first, second = s.fact, s.other
    if is_zero(first) or is_zero(second) or first.value * second.value < 0:
        return f"{first.subject} {plain_move(first)} {when(s)} and {second.subject} {plain_move(second)}"
    verb = plain_move(first).split()[0]
    return f"both {verb} {when(s)}, {first.subject} by {magnitude(first)} and {second.subject} by {magnitude(second)}"


@form
def lead_earlier(s: Saying) -> str:
    """The gap 21 observations before: "a lead of 1.2 points a month earlier", "no gap a month earlier"."""
    if s.context.earlier is None:
        raise UnsupportedSaying(s.fact.key, "lead_earlier", "its history is too short")
    was: Fact = replace(s.fact, value=s.context.earlier)
    noun = "no gap" if is_zero(was) else f"{_lead(was.value)} of {magnitude(was, short=True)}"
    return f"{noun} a month earlier"


# --- below the high -----------------------------------------------------------------------------------------------


@form
def down_from_high(s: Saying) -> str:
    """A drawdown as a loss: "have lost 11.8% since their high of 25 November 2024", "are at a new high"."""
    if is_zero(s.fact):
        return f"are {below_high(s)}"
    return f"have lost {magnitude(s.fact)} since their high of {long_date(s.fact.mark('high'))}"


@form
def back_to_high(s: Saying) -> str:
    """What would undo a drawdown: "a gain of 13.4%"."""
    return f"a gain of {quantity(100.0 * (100.0 / (100.0 + s.fact.value) - 1.0), s.fact.unit)}"


# --- a day within a longer span -----------------------------------------------------------------------------------


@form
def goes_with(s: Saying) -> str:
    """A gap beside one over a longer span, `with`: "goes against a lead of 3.2 percentage points over three months"."""
    longer = s.other
    if is_zero(longer) or is_zero(s.fact):
        raise UnsupportedSaying(s.fact.key, "goes_with", "one of the two is level")
    span = replace(s, fact=longer).horizon.words
    way = "with" if s.fact.value * longer.value > 0 else "against"
    noun = "one" if way == "with" else _lead(longer.value)
    return f"goes {way} {noun} of {magnitude(longer)} {span}"


@form
def span_left(s: Saying) -> str:
    """A span as what brought something about: "three months have left", "the year 2024 so far has left"."""
    words = s.horizon.words
    if words.startswith("so far in "):
        return f"{words.removeprefix('so far in ')} so far has left"
    span = words.removeprefix("over ").removeprefix("in ")
    return f"{span} {'have' if span.endswith('s') else 'has'} left"


@form
def span_name(s: Saying) -> str:
    """A span without its preposition: "three months", "2024 so far"."""
    return span_left(s).rsplit(" ", 2)[0]


@form
def not_since(s: Saying) -> str:
    """A gap's or move's rank in time, as a sentence: "not since 12 March has the lead been as wide"."""
    if not superlative(s.context):
        raise UnsupportedSaying(s.fact.key, "not_since", f"only {s.context.beyond_count} observations")
    gap = s.fact.unit is Unit.POINTS
    noun = _lead(s.fact.value).removeprefix("a ") if gap else "gain" if s.fact.value > 0 else "loss"
    first, beyond = s.context.first.year, s.context.beyond
    begun = f"never in data that start in {first}" if beyond is None else f"not since {past_date(beyond, s.today)}"
    return f"{begun} has the {noun} been as {'wide' if gap else 'large'}"


@form
def often_wider(s: Saying) -> str:
    """How often it went further, as a clause: "on fewer than one session in five since 1926 the gap was wider"."""
    gap = s.fact.unit is Unit.POINTS
    said = "the gap between the two was wider" if gap else f"{s.fact.subject} moved more"
    if s.context.count < SHORT:
        return "the history is too short to rank the day"
    return f"{_share(s, s.context.size_above, 'sessions')} {said}"
