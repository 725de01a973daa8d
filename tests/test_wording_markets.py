"""Forms of words for sectors, spreads, jobs and prices: as in test_wording.py, each in each of its cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from handmade import FIVE, TODAY, context, fact

from generator.errors import UnsupportedSaying
from generator.units import Unit
from generator.wording import say

if TYPE_CHECKING:
    from generator.model import Fact


def percent(value: float, **changed: object) -> Fact:
    """A return of technology."""
    return fact(value, Unit.PERCENT, **{"subject": "technology"} | changed)


def spread(value: float, **changed: object) -> Fact:
    """A change of a spread to 312 basis points."""
    ends = {"base": 312.0 - value, "end": 312.0, "level_unit": Unit.BASIS_POINTS}
    return fact(value, Unit.BASIS_POINTS, **{"subject": "the high-yield spread"} | ends | changed)


def moved(value: float, key: str, **changed: object) -> Fact:
    """A change of a yield or of one of its parts."""
    return fact(value, Unit.BASIS_POINTS, **{"key": key} | changed)


def persons(value: float, **changed: object) -> Fact:
    """A change of payrolls."""
    return fact(value, Unit.PERSONS, **{"subject": "employers"} | changed)


def said(form: str, about: Fact, other: Fact | None = None, breakeven: Fact | None = None, **args: str) -> str:
    """Say a form in a letter of 31 March 2026."""
    facts = {"other": other or about, "breakeven": breakeven or about}
    given = args | ({"with": "other"} if other else {}) | ({"breakeven": "breakeven"} if breakeven else {})
    return say(about, form, given, facts=facts, today=TODAY)


SECTORS = fact(5.0, Unit.COUNT, subject="large-cap sector funds", context=None)
ELEVEN = fact(11.0, Unit.COUNT, context=None)
BELOW = percent(-11.8, subject="Bitcoin", marks=(("high", date(2025, 10, 6)),))
THREE_YEARS = spread(6, context=context(first=date(2023, 3, 30)))
SURVEY = percent(8.2, subject="the net share of banks")

SAYINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("came_first", "technology came first, with a gain of 2.1%", {"about": percent(2.1)}),
    ("came_first", "technology came first, with a loss of 0.4%", {"about": percent(-0.4)}),
    ("came_first", "technology came first, with no change", {"about": percent(0.04)}),
    ("came_last", "technology came last, with a loss of 1.1%", {"about": percent(-1.1)}),
    ("first_of", "technology came first", {"about": percent(2.1)}),
    ("beat_the_whole", "five of eleven large-cap sector funds beat the fund of all sectors",
     {"about": SECTORS, "other": ELEVEN}),
    ("beat_the_whole", "none of eleven large-cap sector funds beat the fund of all sectors",
     {"about": replace(SECTORS, value=0.0), "other": ELEVEN}),
    ("beat_the_whole", "all eleven large-cap sector funds beat the fund of all sectors",
     {"about": replace(SECTORS, value=11.0), "other": ELEVEN}),
    ("spread_move", "widened 6 basis points to 312", {"about": spread(6)}),
    ("spread_move", "narrowed 1 basis point to 312", {"about": spread(-1)}),
    ("spread_move", "narrowed 14 bp to 312", {"about": spread(-14), "short": "1"}),
    ("spread_move", "held at 312 basis points", {"about": spread(0)}),
    ("spread_verb", "widened 6 basis points", {"about": spread(6)}),
    ("spread_verb", "narrowed 6 bp", {"about": spread(-6), "short": "1"}),
    ("spread_verb", "did not move", {"about": spread(0.2)}),
    ("within_history", "in a history of three years", {"about": THREE_YEARS}),
    ("within_history", "in a history of one year", {"about": spread(6, context=context(first=date(2025, 4, 30)))}),
    ("within_history", "in a history of 64 years", {"about": spread(6)}),
    ("within_history", "in a history of less than one year",
     {"about": spread(6, context=context(first=date(2025, 12, 30)))}),
    ("below_peak", "11.8% below its high of 6 October 2025", {"about": BELOW}),
    ("below_peak", "2.0% below its high of 12 March",
     {"about": percent(-2.0, marks=(("high", date(2026, 3, 12)),))}),
    ("below_peak", "at a new high", {"about": percent(0, marks=(("high", TODAY),))}),
    ("below_peak", "level with its high", {"about": percent(-0.01, marks=(("high", date(2026, 3, 12)),))}),
    ("because_parts", "because the real yield rose 5 basis points while breakeven inflation fell 2",
     {"about": moved(3, "k"), "other": moved(5, "other"), "breakeven": moved(-2, "breakeven")}),
    ("because_parts", "because breakeven inflation fell 12 basis points and the real yield fell 1",
     {"about": moved(-13, "k"), "other": moved(-1, "other"), "breakeven": moved(-12, "breakeven")}),
    ("yield_parts", "the real yield rose 1 basis point while breakeven inflation did not move",
     {"about": moved(1, "k"), "other": moved(1, "other"), "breakeven": moved(0, "breakeven")}),
    ("yield_parts", "the real yield rose 4 basis points while breakeven inflation fell 4",
     {"about": moved(0, "k"), "other": moved(4, "other"), "breakeven": moved(-4, "breakeven")}),
    ("jobs", "added 187,000 jobs", {"about": persons(187_400)}),
    ("jobs", "cut 12,000 jobs", {"about": persons(-12_000)}),
    ("jobs", "neither added nor cut jobs", {"about": persons(-400)}),
    ("jobs_before", "after adding 139,000 a month earlier", {"about": persons(187_000, base=139_000.0)}),
    ("jobs_before", "after cutting 9,000 a month earlier", {"about": persons(187_000, base=-9_000.0)}),
    ("jobs_before", "after no change a month earlier", {"about": persons(187_000, base=0.0)}),
    ("jobs_average", "140,000 jobs a month", {"about": persons(139_666.7)}),
    ("jobs_average", "4,000 jobs lost a month", {"about": persons(-4_333.3)}),
    ("jobs_average", "no jobs a month", {"about": persons(-333.3)}),
    ("jobs_median", "above the median of 151,000 since 1962",
     {"about": persons(187_000, context=context(median=151_333.0))}),
    ("jobs_median", "below the median of 151,000 since 1962",
     {"about": persons(-12_000, context=context(median=151_333.0))}),
    ("jobs_median", "equal to the median of 151,000 since 1962",
     {"about": persons(151_000, context=context(median=151_333.0))}),
    ("week", "the week to 21 March", {"about": persons(219_000, as_of=date(2026, 3, 21))}),
    ("week", "the week to 27 December 2025", {"about": persons(219_000, as_of=date(2025, 12, 27))}),
    ("standards", "a net 8.2% of banks tightened", {"about": SURVEY}),
    ("standards", "a net 3.1% of banks eased", {"about": replace(SURVEY, value=-3.1)}),
    ("standards", "as many banks tightened as eased", {"about": replace(SURVEY, value=0.0)}),
    ("tighter", "looser than on average", {"about": fact(-0.58, Unit.RATIO)}),
    ("tighter", "tighter than on average", {"about": fact(0.2, Unit.RATIO)}),
    ("tighter", "as on average", {"about": fact(0.001, Unit.RATIO)}),
)  # fmt: skip


@pytest.mark.parametrize(("form", "words", "call"), SAYINGS, ids=[f"{form}: {words}" for form, words, _ in SAYINGS])
def test_a_form_says(form: str, words: str, call: dict[str, Any]) -> None:
    """Each form in each of its cases: both signs, zero, a short history, another year."""
    assert said(form, **call) == words


@pytest.mark.parametrize(
    ("form", "call"),
    [
        ("spread_move", {"about": fact(6.0, Unit.BASIS_POINTS)}),
        ("jobs_before", {"about": persons(1_000)}),
        ("because_parts", {"about": moved(0, "k"), "other": moved(4, "other"), "breakeven": moved(-4, "breakeven")}),
        ("yield_parts", {"about": moved(3, "k"), "other": moved(5, "other"), "breakeven": moved(-1, "breakeven")}),
        ("yield_parts", {"about": moved(3, "k"), "other": moved(5, "other", horizon=FIVE),
                         "breakeven": moved(-2, "breakeven")}),
        ("yield_parts", {"about": moved(3, "k"), "other": moved(5, "other", as_of=date(2026, 3, 30)),
                         "breakeven": moved(-2, "breakeven")}),
        ("within_history", {"about": spread(6, context=None)}),
    ],
)  # fmt: skip
def test_what_a_fact_cannot_bear_is_not_said(form: str, call: dict[str, Any]) -> None:
    """A spread without its ends, jobs without a month before, parts that do not add up or are of other days."""
    with pytest.raises(UnsupportedSaying):
        said(form, **call)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (2.16, Unit.VOLATILITY, "rose 2.16 points"),
        (-1.0, Unit.VOLATILITY, "fell 1.00 point"),
        (91_204.4, Unit.COIN, "rose $91,204"),
        (4_136.4, Unit.OUNCE, "rose $4,136"),
        (71.459, Unit.BARREL, "rose $71.46"),
    ],
)
def test_units_of_markets(value: float, unit: Unit, words: str) -> None:
    """Points of VIX with two decimals; coins and ounces without any, barrels with two."""
    assert said("plainly", fact(value, unit)) == words
