"""Forms for figures: quantities, table cells, counts, cases, ranges and states."""

from __future__ import annotations

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, Unit, number, quantity
from generator.wording.moves import magnitude
from generator.wording.saying import Saying, form
from generator.wording.terms import in_words, ordinal


@form
def times(s: Saying) -> str:
    """A ratio as a multiple: "1.3 times"."""
    return f"{number(s.fact.value, int(s.args.get('digits', 2)))} times"


@form
def figure(s: Saying) -> str:
    """The value with its unit and sign as it is: "4.21%", "−3 basis points"."""
    return quantity(s.fact.value, s.fact.unit, digits=places(s))


@form
def size(s: Saying) -> str:
    """The size without its sign, for a sentence whose verb comes from the same fact."""
    return magnitude(s.fact, digits=places(s), short=bool(s.args.get("short")))


@form
def signed(s: Saying) -> str:
    """The value with its unit, a plus when it is positive; with `brief` without a unit that a table names."""
    return quantity(s.fact.value, s.fact.unit, signed=True, digits=places(s), brief=bool(s.args.get("brief")))


@form
def cell(s: Saying) -> str:
    """A table cell: without the unit that its column or title names."""
    return number(s.fact.value, places(s) or DIGITS[s.fact.unit])


@form
def signed_cell(s: Saying) -> str:
    """A table cell with a sign."""
    return number(s.fact.value, places(s) or DIGITS[s.fact.unit], signed=True)


@form
def percentile_cell(s: Saying) -> str:
    """A table cell: the percentile of the value in its own history."""
    return number(s.context.percentile, 0)


def places(s: Saying) -> int | None:
    """Decimals asked for; None: those of the unit."""
    return int(s.args["digits"]) if "digits" in s.args else None


@form
def count(s: Saying) -> str:
    """A count in words up to twelve: "seven"."""
    return in_words(s.fact.value)


@form
def of_count(s: Saying) -> str:
    """Hits of cases: "one of seven", "none of seven", "all seven"."""
    hits, cases = round(s.fact.value), round(s.other.value)
    if hits == cases:
        return f"all {in_words(cases)}"
    return f"{in_words(hits) if hits else 'none'} of {in_words(cases)}"


@form
def cases(s: Saying) -> str:
    """A number of cases: "three cases"."""
    return f"{in_words(s.fact.value)} case{'' if round(s.fact.value) == 1 else 's'}"


@form
def led_in(s: Saying) -> str:
    """Hits of cases: "led in one of seven", "led in none of seven"."""
    return f"led in {of_count(s)}"


@form
def led_share(s: Saying) -> str:
    """A base rate: "led in 48% of all windows"."""
    return f"led in {quantity(s.fact.value, Unit.PERCENT, digits=0)} of all {s.horizon.adjective} windows"


@form
def interval(s: Saying) -> str:
    """From a lower end to the higher one ("with"): "−3.1 to +2.4 percentage points"."""
    low = quantity(s.fact.value, s.fact.unit, signed=True, brief=True)
    return f"{low} to {quantity(s.other.value, s.fact.unit, signed=True)}"


@form
def range_to(s: Saying) -> str:
    """The target from its lower bound ("with") to this upper one; one number while it was one."""
    low, high = quantity(s.other.value, Unit.YIELD), quantity(s.fact.value, Unit.YIELD)
    if low == high:
        return high
    return f"{low.removesuffix('%')}–{high}" if s.args.get("short") else f"{low} to {high}"


@form
def moves(s: Saying) -> str:
    """How many changes: "six cuts", "one increase"."""
    return f"{in_words(s.fact.value)} {s.fact.state}{'' if round(s.fact.value) == 1 else 's'}"


@form
def nth_move(s: Saying) -> str:
    """The place of the last change in its cycle: "the second cut"."""
    return f"the {ordinal(round(s.fact.value))} {s.fact.state}"


@form
def state(s: Saying) -> str:
    """The word of a coded state: "easing", "bull steepener"."""
    if s.fact.state is None:
        raise UnsupportedSaying(s.fact.key, "state", "it has none")
    return s.fact.state


@form
def a_state(s: Saying) -> str:
    """The state with its article: "a bull steepener", "an easing"."""
    word = state(s)
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
