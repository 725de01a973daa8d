"""Forms for sectors, spreads, jobs and prices: who came first, what a yield is made of, how long a history is."""

from __future__ import annotations

from generator.errors import UnsupportedSaying
from generator.units import DIGITS, Unit, number, rounded
from generator.wording.figures import of_count
from generator.wording.moves import a_gain, is_zero, level_words, magnitude, plain_move
from generator.wording.saying import Saying, form
from generator.wording.terms import in_words, past_date

YEAR = 365.25  # days
THOUSAND = 1000.0
EXACT = 1e-6


@form
def came_first(s: Saying) -> str:
    """The best of several: "technology came first, with a gain of 2.1%"."""
    return f"{s.fact.subject} came first, with {a_gain(s)}"


@form
def came_last(s: Saying) -> str:
    """The worst of several: "utilities came last, with a loss of 1.1%"."""
    return f"{s.fact.subject} came last, with {a_gain(s)}"


@form
def first_of(s: Saying) -> str:
    """The best of several for a headline: "technology came first"."""
    return f"{s.fact.subject} came first"


@form
def beat_the_whole(s: Saying) -> str:
    """How many of all ("with") beat the whole: "five of eleven large-cap sector funds beat the fund of all sectors"."""
    return f"{of_count(s)} {s.fact.subject} beat the fund of all sectors"


@form
def spread_move(s: Saying) -> str:
    """A spread's move with its end: "widened 6 basis points to 312", "held at 309 basis points"."""
    level_words(s.fact, s.fact.end, "spread_move")
    end = number(s.fact.end or 0.0, DIGITS[Unit.BASIS_POINTS])
    if is_zero(s.fact):
        return f"held at {end} basis points"
    return f"{_widened(s)} {magnitude(s.fact, short=bool(s.args.get('short')))} to {end}"


@form
def spread_verb(s: Saying) -> str:
    """A spread's move without its end: "widened 6 basis points", "narrowed 3 basis points", "did not move"."""
    if is_zero(s.fact):
        return "did not move"
    return f"{_widened(s)} {magnitude(s.fact, short=bool(s.args.get('short')))}"


def _widened(s: Saying) -> str:
    return "widened" if s.fact.value > 0 else "narrowed"


@form
def within_history(s: Saying) -> str:
    """How long the history is that a rank stands in, in whole years: "in a history of three years"."""
    years = round((s.fact.as_of - s.context.first).days / YEAR)
    return f"in a history of {in_words(years) if years else 'less than one'} year{'' if years <= 1 else 's'}"


@form
def below_peak(s: Saying) -> str:
    """A price's drawdown with its date: "11.8% below its high of 6 October 2025", "at a new high"."""
    if is_zero(s.fact):
        return "at a new high" if s.fact.mark("high") == s.fact.as_of else "level with its high"
    return f"{magnitude(s.fact)} below its high of {past_date(s.fact.mark('high'), s.today)}"


@form
def because_parts(s: Saying) -> str:
    """Why a yield moved, which is arithmetic: its real yield ("with") and its breakeven ("breakeven").

    UnsupportedSaying if the yield did not move, or the parts are of other days and do not add up to it.
    """
    if is_zero(s.fact):
        raise UnsupportedSaying(s.fact.key, "because_parts", "it did not move")
    return f"because {yield_parts(s)}"


@form
def yield_parts(s: Saying) -> str:
    """The two parts of a yield's move, the larger first: "the real yield rose 5 basis points while ...".

    UnsupportedSaying if the parts are of other days and do not add up to it.
    """
    real, breakeven = s.other, s.facts[s.args["breakeven"]]
    same = {(one.as_of, one.horizon.start if one.horizon else None) for one in (s.fact, real, breakeven)}
    if len(same) > 1 or abs(s.fact.value - real.value - breakeven.value) > EXACT:
        raise UnsupportedSaying(s.fact.key, "yield_parts", f"{real.key} and {breakeven.key} are not its parts")
    names = {real.key: "the real yield", breakeven.key: "breakeven inflation"}
    first, second = sorted((real, breakeven), key=lambda one: -abs(one.value))
    link = "and" if first.value * second.value > 0 else "while"
    move = plain_move(second).removesuffix("s").removesuffix(" basis point")
    return f"{names[first.key]} {plain_move(first)} {link} {names[second.key]} {move}"


@form
def jobs(s: Saying) -> str:
    """A change of payrolls, in whole thousands: "added 187,000 jobs", "neither added nor cut jobs"."""
    return _jobs(s.fact.value)


def _jobs(value: float) -> str:
    shown = _thousands(value)
    if shown == number(0.0, 0):
        return "neither added nor cut jobs"
    return f"{'added' if value > 0 else 'cut'} {shown} jobs"


def _thousands(value: float) -> str:
    return number(THOUSAND * float(rounded(abs(value) / THOUSAND, 0)), 0)


@form
def jobs_before(s: Saying) -> str:
    """The change a month earlier, as now published: "after adding 139,000 a month earlier".

    UnsupportedSaying where the month before has none.
    """
    if s.fact.base is None:
        raise UnsupportedSaying(s.fact.key, "jobs_before", "the month before has none")
    shown = _thousands(s.fact.base)
    if shown == number(0.0, 0):
        return "after no change a month earlier"
    return f"after {'adding' if s.fact.base > 0 else 'cutting'} {shown} a month earlier"


@form
def jobs_average(s: Saying) -> str:
    """A mean of changes of payrolls: "140,000 jobs a month", "12,000 jobs lost a month", "no jobs a month"."""
    shown = _thousands(s.fact.value)
    if shown == "0":
        return "no jobs a month"
    return f"{shown} jobs {'lost ' if s.fact.value < 0 else ''}a month"


@form
def jobs_median(s: Saying) -> str:
    """A change of payrolls beside the median of its history: "below the median of 151,000 since 1996"."""
    mine, theirs = (rounded(value / THOUSAND, 0) for value in (s.fact.value, s.context.median))
    side = "above" if mine > theirs else "below" if mine < theirs else "equal to"
    return f"{side} the median of {number(THOUSAND * float(theirs), 0)} since {s.context.first.year}"


@form
def week(s: Saying) -> str:
    """The week a figure is about, by its last day: "the week to 21 March"."""
    return f"the week to {past_date(s.fact.as_of, s.today)}"


@form
def standards(s: Saying) -> str:
    """How banks lend: "a net 8.2% of banks tightened", "as many banks tightened as eased"."""
    if is_zero(s.fact):
        return "as many banks tightened as eased"
    return f"a net {magnitude(s.fact)} of banks {'tightened' if s.fact.value > 0 else 'eased'}"


@form
def tighter(s: Saying) -> str:
    """Where an index of conditions lies: "looser than on average", "tighter than on average", "as on average"."""
    if is_zero(s.fact):
        return "as on average"
    return f"{'tighter' if s.fact.value > 0 else 'looser'} than on average"
