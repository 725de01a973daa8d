"""Forms for rates and policy: where a level lies among its readings, runs, spells of a curve, and days to and from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, Unit, number, quantity, rounded
from generator.wording.figures import places
from generator.wording.moves import is_zero, magnitude, plain_move
from generator.wording.saying import Saying, form
from generator.wording.terms import SHORT, a_place, day_words, in_words, on_date, ordinal, past_date

if TYPE_CHECKING:
    from datetime import date

TIERS: tuple[tuple[float, str], ...] = (  # percent of the readings, and the fraction they are
    (1.0, "hundredth"), (5.0, "twentieth"), (10.0, "tenth"), (20.0, "fifth"), (25.0, "quarter"), (100 / 3, "third"),
    (50.0, "half"),
)  # fmt: skip
HALVES = {"highest": "upper", "lowest": "lower", "steepest": "steeper", "flattest": "flatter"}
WEEK, YEAR = 7, 12  # days, months
FEW = 12  # days that are counted; more are told in weeks
PERFECT = {"rose": "risen", "fell": "fallen"}


@form
def among(s: Saying) -> str:
    """A level among its readings: "in the highest tenth of its readings since 1976"."""
    if s.context.count < SHORT:
        return "in a history too short to rank"
    upper = 100.0 - s.context.below <= 100.0 - s.context.above
    share = 100.0 - (s.context.below if upper else s.context.above)
    word = s.args.get("high", "highest") if upper else s.args.get("low", "lowest")
    of = f"{s.args.get('of', 'its readings')} since {s.context.first.year}"
    found = next((name for limit, name in TIERS if share <= limit), None)
    if found is None:
        return f"at the median of {of}"
    return f"in the {HALVES.get(word, word) if found == 'half' else word} {found} of {of}"


@form
def off_median(s: Saying) -> str:
    """The distance from the median: "34 basis points below the median since 1976", "at the median since 1976"."""
    units = {Unit.YIELD: (100.0, Unit.BASIS_POINTS), Unit.BASIS_POINTS: (1.0, Unit.BASIS_POINTS),
             Unit.PERCENT: (1.0, Unit.POINTS)}  # fmt: skip
    if s.fact.unit not in units:
        raise UnsupportedSaying(s.fact.key, "off_median", f"its unit is {s.fact.unit}")
    factor, unit = units[s.fact.unit]
    apart = factor * (s.fact.value - s.context.median)
    since = f"the median since {s.context.first.year}"
    if rounded(apart, DIGITS[unit]) == 0:
        return f"at {since}"
    return f"{quantity(abs(apart), unit)} {'above' if apart > 0 else 'below'} {since}"


@form
def a_month_earlier(s: Saying) -> str:
    """The day 21 observations before, as a day: "a month earlier", beside `earlier_figure`."""
    _earlier(s)
    return "a month earlier"


@form
def earlier_figure(s: Saying) -> str:
    """The value 21 observations before: "4.23%"."""
    return quantity(_earlier(s), s.fact.unit, digits=places(s))


def _earlier(s: Saying) -> float:
    if s.context.earlier is None:
        raise UnsupportedSaying(s.fact.key, "earlier_figure", "its history is too short")
    return s.context.earlier


@form
def has_moved(s: Saying) -> str:
    """A move of a span that goes on: "has risen 14 basis points", "has not moved"; of one that has ended, "rose"."""
    said = plain_move(s.fact)
    if s.fact.horizon is None or not s.fact.horizon.words.startswith("so far"):
        return said
    has = "have" if s.fact.subject.endswith(("caps", "prices")) else "has"
    verb, _, size = said.partition(" ")
    return f"{has} {PERFECT[verb]} {size}" if verb in PERFECT else f"{has} not moved"


@form
def took_back(s: Saying) -> str:
    """How much of the move before, `with`, was undone: "took back all of Monday's rise"; with `ing`, "taking back"."""
    ratio = -s.fact.value / s.other.value if s.other.value else 0.0
    if ratio <= 0.5:  # noqa: PLR2004 -- half
        raise UnsupportedSaying(s.fact.key, "took_back", f"it undid {ratio:.2f} of {s.other.key}")
    noun = s.args.get("up", "rise") if s.other.value > 0 else s.args.get("down", "fall")
    share = "more than half" if ratio < 1 else "all"
    verb = "taking back" if s.args.get("ing") else "took back"
    return f"{verb} {share} of {day_words(s.other.as_of, s.today)} {noun}"


@form
def nth_in_a_row(s: Saying) -> str:
    """A run as a noun: "a third rise in a row"."""
    run = abs(s.context.streak)
    if run < 2:  # noqa: PLR2004 -- one is no run
        raise UnsupportedSaying(s.fact.key, "nth_in_a_row", "the run is one long")
    return f"{a_place(run)} {s.args.get('up', 'rise') if s.fact.value > 0 else s.args.get('down', 'fall')} in a row"


@form
def by(s: Saying) -> str:
    """The size of a move after its verb: "by 7 basis points", "by nothing"."""
    return "by nothing" if is_zero(s.fact) else f"by {magnitude(s.fact)}"


@form
def side(s: Saying) -> str:
    """The side of zero alone: "above", "below", "level with"."""
    return "level with" if is_zero(s.fact) else "above" if s.fact.value > 0 else "below"


@form
def yields_more(s: Saying) -> str:
    """A slope as one yield beside the other: "28 basis points less than", "as much as"."""
    if is_zero(s.fact):
        return "as much as"
    return f"{magnitude(s.fact)} {'more' if s.fact.value > 0 else 'less'} than"


@form
def spell_since(s: Saying) -> str:
    """How long a curve has had its sign, by the day alone: "has been inverted since 6 July 2022"; "turned level"."""
    start = dict(s.fact.marks).get("first" if s.fact.state == "inverted" else "ended")
    if start and round(s.fact.value) == 1:
        return f"turned {s.fact.state} {on_date(start, s.today)}"
    return f"has been {s.fact.state} {f'since {past_date(start, s.today)}' if start else 'as long as the data go back'}"


@form
def spell_day(s: Saying) -> str:
    """The same as a count: "the 394th published day in a row on which it was inverted"."""
    if round(s.fact.value) < 2:  # noqa: PLR2004 -- one is no row
        raise UnsupportedSaying(s.fact.key, "spell_day", "the spell is a day long")
    return f"the {ordinal(round(s.fact.value))} published day in a row on which it was {s.fact.state}"


@form
def last_inversion(s: Saying) -> str:
    """An inversion that is over: "the last inversion lasted 566 published days and ended on 6 September 2024"."""
    days = f"{number(s.fact.value, 0)} published day{'' if round(s.fact.value) == 1 else 's'}"
    return f"the last inversion lasted {days} and ended {on_date(s.fact.mark('ended'), s.today)}"


@form
def cycle_sum(s: Saying) -> str:
    """A cycle in a clause; `with` is its sum: "the cycle's six cuts have taken 175 basis points off the target".

    Of one move it says when: "the cycle's only cut so far took 50 basis points off the target on Wednesday".
    """
    count, size = round(s.fact.value), magnitude(s.other)
    off = s.other.value < 0
    tail = f"{size} {'off' if off else 'to'} the target"
    start = s.fact.mark("start")
    if count == 1:
        return f"the cycle's only {s.fact.state} so far {'took' if off else 'added'} {tail} {on_date(start, s.today)}"
    deed = f"have {'taken' if off else 'added'} {tail}"
    return f"the cycle's {in_words(count)} {s.fact.state}s {deed} since {past_date(start, s.today)}"


@form
def ago(s: Saying) -> str:
    """How long ago a change was, in whole units: "nine days ago", "more than six weeks ago", "more than a year ago"."""
    day = dict(s.fact.marks).get("change", s.fact.as_of)
    days = (s.today - day).days
    if days <= 0:
        return "on the day of this letter"
    if days <= FEW:
        return f"{_some(days, 'day')} ago"
    months = _months(day, s.today)
    if months < 2:  # noqa: PLR2004 -- weeks say more
        weeks, rest = divmod(days, WEEK)
        return f"{'more than ' if rest else ''}{_some(weeks, 'week')} ago"
    whole = day.day == s.today.day
    if months < YEAR:
        return f"{'' if whole else 'more than '}{_some(months, 'month')} ago"
    exact = whole and months % YEAR == 0
    return f"{'' if exact else 'more than '}{_some(months // YEAR, 'year')} ago"


@form
def away(s: Saying) -> str:
    """How far a day to come is, in whole units: "nine days away", "more than six weeks away"."""
    days = round(s.fact.value)
    if days <= FEW:
        return f"{_some(days, 'day')} away"
    weeks, rest = divmod(days, WEEK)
    return f"{'more than ' if rest else ''}{_some(weeks, 'week')} away"


def _some(count: int, noun: str) -> str:
    return f"a {noun}" if count == 1 else f"{in_words(count)} {noun}s"


def _months(first: date, last: date) -> int:
    """Whole months from one day to another."""
    return 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)


@form
def has_steepened(s: Saying) -> str:
    """A slope's move over a span that goes on: "has steepened by 7 basis points"; of one that ended, "steepened"."""
    going = s.horizon.words.startswith("so far")
    if is_zero(s.fact):
        return "has kept its slope" if going else "kept its slope"
    verb = "steepened" if s.fact.value > 0 else "flattened"
    return f"{'has ' if going else ''}{verb} by {magnitude(s.fact)}"
