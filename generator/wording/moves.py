"""Forms for what moved: verbs by the percentile of the move, both ends of a change, and the arithmetic of a slope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, Unit, quantity, rounded
from generator.wording.saying import Saying, form
from generator.wording.terms import LITTLE, PLAIN, VERBS

if TYPE_CHECKING:
    from generator.model import Fact

FEW_SESSIONS = 5  # up to so many, a small move "edged" or "slipped"


def is_zero(fact: Fact) -> bool:
    """Whether the figure is printed as zero."""
    return rounded(fact.value, DIGITS[fact.unit]) == 0


def moves_of(fact: Fact) -> str:
    """'up', 'down' or 'still': still if the printed figure is zero, or (one session) the move is among the smallest."""
    if rounded(fact.value, DIGITS[fact.unit]) == 0:
        return "still"
    if fact.context is not None and fact.context.size_percentile < LITTLE:
        return "still"
    return "up" if fact.value > 0 else "down"


def _verb(s: Saying) -> str:
    size = s.fact.context.size_percentile if s.fact.context else 50.0
    if not _short(s.fact):
        size = max(size, VERBS[0][0])  # "edged up 11% over a year" is no English: a long span only rises or falls
    for limit, up, down in VERBS:
        if size < limit:
            words = up if s.fact.value > 0 else down
            plain = PLAIN[0] if s.fact.value > 0 else PLAIN[1]
            return plain if s.fact.level_unit is not None and plain in words else s.synonym(*words)
    raise UnsupportedSaying(s.fact.key, "verb", f"size percentile {size}")


def _short(fact: Fact) -> bool:
    """Whether a move is one of days, which may be small; that of a longer span has no word for it."""
    return fact.horizon is None or (fact.horizon.sessions is not None and fact.horizon.sessions <= FEW_SESSIONS)


def _was(fact: Fact) -> str:
    return "were" if fact.subject.endswith("caps") else "was"


def magnitude(fact: Fact, *, digits: int | None = None, short: bool = False) -> str:
    """The size without its sign, with its unit; `short` is for headlines ("0.7 points", "14 bp")."""
    text = quantity(abs(fact.value), fact.unit, digits=digits)
    return (
        text.replace("percentage point", "point").replace("basis points", "bp").replace("basis point", "bp")
        if short
        else text
    )


@form
def moved(s: Saying) -> str:
    """Verb and size: "rose 1.9%", "slipped 3 basis points", "was little changed"."""
    if moves_of(s.fact) == "still":
        still = f"{_was(s.fact)} little changed"
        return still if s.fact.level_unit else f"{still} ({quantity(s.fact.value, s.fact.unit, signed=True)})"
    return f"{_verb(s)} {magnitude(s.fact, short=bool(s.args.get('short')))}"


@form
def a_gain(s: Saying) -> str:
    """A return as a noun: "a gain of 2.9%", "a loss of 0.4%", "no change"."""
    if is_zero(s.fact):
        return "no change"
    return f"a {'gain' if s.fact.value > 0 else 'loss'} of {magnitude(s.fact)}"


@form
def a_move(s: Saying) -> str:
    """A change of a yield or rate as a noun: "a rise of 9 basis points", "a fall of 0.4%", "no change"."""
    if is_zero(s.fact):
        return "no change"
    return f"a {'rise' if s.fact.value > 0 else 'fall'} of {magnitude(s.fact)}"


@form
def moved_to(s: Saying) -> str:
    """Verb and the level reached: "fell to 4.21%", "held at 4.21%"."""
    level = level_words(s.fact, s.fact.end, "moved_to")
    return f"held at {level}" if is_zero(s.fact) else f"{'rose' if s.fact.value > 0 else 'fell'} to {level}"


@form
def from_to(s: Saying) -> str:
    """Both ends of a change of a level: "from 4.35% to 4.21%"."""
    first, last = (level_words(s.fact, value, "from_to") for value in (s.fact.base, s.fact.end))
    return f"unchanged at {last}" if first == last else f"from {first} to {last}"


@form
def to_level(s: Saying) -> str:
    """The end of a change: "to 4.21%", "at 4.21%" when it did not move."""
    return f"{'at' if moves_of(s.fact) == 'still' else 'to'} {level_words(s.fact, s.fact.end, 'to_level')}"


def level_words(fact: Fact, value: float | None, name: str) -> str:
    """A base or end with its unit; UnsupportedSaying if the fact has none."""
    if value is None or fact.level_unit is None:
        raise UnsupportedSaying(fact.key, name, "it has no base and end")
    return quantity(value, fact.level_unit)


@form
def because_curve(s: Saying) -> str:
    """Why a slope moved, which is arithmetic: its two yields ("with" is the short one, "long" the long one)."""
    return f"because {_compared(s)}"


@form
def legs(s: Saying) -> str:
    """The two yields of a slope's move, without the because."""
    return _compared(s)


def _compared(s: Saying) -> str:
    """The two yields, the larger move first: "the ten-year yield fell more than the two-year, 8 bp against 2"."""
    first, second = sorted((s.other, s.facts[s.args["long"]]), key=lambda leg: -abs(leg.value))
    if is_zero(second) or first.value * second.value < 0:
        return f"{first.subject} {plain_move(first)} while {second.subject} {plain_move(second)}"
    verb = PLAIN[0] if first.value > 0 else PLAIN[1]
    other = second.subject.removesuffix(" yield")
    smaller = quantity(abs(second.value), Unit.COUNT)
    return f"{first.subject} {verb} more than {other}, {magnitude(first)} against {smaller}"


def plain_move(fact: Fact, *, short: bool = False) -> str:
    """Rose, fell or did not move, with the size: the verb that makes no claim about the size."""
    if rounded(fact.value, DIGITS[fact.unit]) == 0:
        return "did not move"
    return f"{'rose' if fact.value > 0 else 'fell'} {magnitude(fact, short=short)}"


@form
def plainly(s: Saying) -> str:
    """The move without a graded verb: "rose 3 basis points", "fell 0.2%", "did not move"."""
    return plain_move(s.fact, short=bool(s.args.get("short")))


@form
def steeper_verb(s: Saying) -> str:
    """A slope's move without its size: "steepened", "flattened", "kept its slope"."""
    if is_zero(s.fact):
        return "kept its slope"
    return "steepened" if s.fact.value > 0 else "flattened"


@form
def steeper(s: Saying) -> str:
    """A slope's move: "steepened by 3 basis points", "flattened by 2 basis points", "kept its slope"."""
    if is_zero(s.fact):
        return "kept its slope"
    verb_of = "steepened" if s.fact.value > 0 else "flattened"
    return f"{verb_of} by {magnitude(s.fact, short=bool(s.args.get('short')))}"


@form
def prices(s: Saying) -> str:
    """A rate of inflation: "rose 2.8%", "fell 0.4%", "did not change"."""
    return plain_move(s.fact).replace("did not move", "did not change")


@form
def than_before(s: Saying) -> str:
    """Beside the rate a month earlier: "up from 2.7% a month earlier", "the same as a month earlier"."""
    earlier = level_words(s.fact, s.fact.base, "than_before")
    mine, theirs = (rounded(v, DIGITS[s.fact.unit]) for v in (s.fact.value, float(s.fact.base or 0)))
    if mine == theirs:
        return "the same as a month earlier"
    return f"{'up' if mine > theirs else 'down'} from {earlier} a month earlier"


@form
def policy_move(s: Saying) -> str:
    """A change of the target: "a cut of 25 basis points", "an increase of 50 basis points"."""
    return f"{'a cut' if s.fact.value < 0 else 'an increase'} of {magnitude(s.fact)}"


@form
def driver_name(s: Saying) -> str:
    """Which yield moved the slope more, and how: "10-year yield fell"."""
    leg = max(s.other, s.facts[s.args["long"]], key=lambda one: abs(one.value))
    return f"{leg.subject.removeprefix('the ')} {plain_move(leg).split()[0]}"


@form
def plain_verb(s: Saying) -> str:
    """The verb that makes no claim about the size, alone: "rose", "fell"."""
    return plain_move(s.fact).split(" ", maxsplit=1)[0]


@form
def end_level(s: Saying) -> str:
    """The level reached: "4.21%"."""
    return level_words(s.fact, s.fact.end, "end_level")


@form
def set_target_short(s: Saying) -> str:
    """A change of the target, shorter: "cut 25 bp", "raised 50 bp"."""
    return f"{'cut' if s.fact.value < 0 else 'raised'} {magnitude(s.fact, short=True)}"


@form
def set_target(s: Saying) -> str:
    """A change of the target for a headline: "cut its target 25 bp to", "raised its target 50 bp to"."""
    return f"{'cut' if s.fact.value < 0 else 'raised'} its target {magnitude(s.fact, short=True)} to"


@form
def after_days(s: Saying) -> str:
    """The last change with the days since ("with"): "111 days after a cut"."""
    return f"{quantity(s.other.value, s.other.unit)} after {'a cut' if s.fact.value < 0 else 'an increase'}"
