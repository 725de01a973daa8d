"""Forms of words: verb, sign, size, rank and day come out of the fact, so that no template can get them wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from handmade import FIVE, TODAY, context, fact

from generator.errors import UnknownName, UnsupportedSaying
from generator.units import Unit
from generator.wording import FORMS, say

if TYPE_CHECKING:
    from generator.model import Fact


def percent(value: float, **changed: object) -> Fact:
    """A return."""
    return fact(value, Unit.PERCENT, **changed)


def points(value: float, **changed: object) -> Fact:
    """A gap between returns."""
    return fact(value, Unit.POINTS, **changed)


def basis(value: float, **changed: object) -> Fact:
    """A change of the 10-year yield from 4.35 percent."""
    ends: dict[str, Any] = {"base": 4.35, "end": 4.35 + value / 100, "level_unit": Unit.YIELD}
    return fact(value, Unit.BASIS_POINTS, **{"subject": "the 10-year yield"} | ends | changed)


def count(value: float, **changed: object) -> Fact:
    """A number of cases."""
    return fact(value, Unit.COUNT, **changed)


def said(form: str, about: Fact, other: Fact | None = None, long: Fact | None = None, **args: str) -> str:
    """Say a form in a letter of 31 March 2026."""
    facts = {"other": other or about, "long": long or about}
    given = args | ({"with": "other"} if other else {}) | ({"long": "long"} if long else {})
    return say(about, form, given, facts=facts, today=TODAY)


OTHER_DAY = percent(1, as_of=date(2026, 3, 12))
OTHER_YEAR = percent(1, as_of=date(2025, 12, 10))
MARKED = percent(
    -11.8, marks=(("high", date(2024, 11, 25)), ("hold", date(2026, 6, 9)), ("meeting", date(2026, 4, 29)))
)
RECORD = context(beyond=None, beyond_count=16_000)
RUN = context(streak=3)
SPELL = fact(
    388, Unit.DAYS, state="positive", marks=(("first", date(2022, 7, 5)), ("ended", date(2024, 9, 6))), context=None
)
TWO = basis(-6, subject="the 2-year yield")
CUT = basis(-25, state="cut")
LOW, HIGH = fact(3.5, Unit.YIELD), fact(3.75, Unit.YIELD)

SAYINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # days
    ("on", "on Tuesday", {"about": percent(1)}),
    ("on", "on 12 March", {"about": OTHER_DAY}),
    ("on", "on 10 December 2025", {"about": OTHER_YEAR}),
    ("day", "31 March 2026", {"about": percent(1)}),
    ("day", "29 April 2026", {"about": MARKED, "mark": "meeting"}),
    ("month", "March", {"about": percent(1)}),
    ("month", "December 2025", {"about": OTHER_YEAR}),
    ("next_month", "April", {"about": percent(1)}),
    ("next_month", "January", {"about": OTHER_YEAR}),
    ("over", "over one session", {"about": percent(1)}),
    ("over", "Over one session", {"about": percent(1), "cap": "1"}),
    ("when", "on Tuesday", {"about": percent(1)}),
    ("when", "over five sessions", {"about": percent(1, horizon=FIVE)}),
    ("hold_date", "on hold from 9 June on", {"about": MARKED}),
    ("start_year", "1962", {"about": percent(1)}),
    # figures
    ("figure", "−3.2%", {"about": percent(-3.2)}),
    ("figure", "4.21%", {"about": fact(4.21, Unit.YIELD)}),
    ("figure", "0.0%", {"about": percent(-0.04)}),
    ("size", "3.2%", {"about": percent(-3.2)}),
    ("signed", "+3.2%", {"about": percent(3.2)}),
    ("signed", "−14 basis points", {"about": basis(-14)}),
    ("cell", "−14", {"about": basis(-14)}),
    ("signed_cell", "+14", {"about": basis(14)}),
    ("percentile_cell", "74", {"about": basis(14)}),
    ("times", "1.51 times", {"about": fact(1.51, Unit.RATIO)}),
    ("count", "seven", {"about": count(7)}),
    ("count", "58", {"about": count(58)}),
    ("of_count", "one of seven", {"about": count(1), "other": count(7)}),
    ("of_count", "none of seven", {"about": count(0), "other": count(7)}),
    ("of_count", "all seven", {"about": count(7), "other": count(7)}),
    ("cases", "one case", {"about": count(1)}),
    ("cases", "three cases", {"about": count(3)}),
    ("led_in", "led in none of seven", {"about": count(0), "other": count(7)}),
    ("led_share", "led in 48% of all five-session windows", {"about": percent(48.2, horizon=FIVE)}),
    ("interval", "−3.1 to +2.4 percentage points", {"about": points(-3.1), "other": points(2.4)}),
    ("range_to", "3.50% to 3.75%", {"about": HIGH, "other": LOW}),
    ("range_to", "3.50–3.75%", {"about": HIGH, "other": LOW, "short": "1"}),
    ("range_to", "3.75%", {"about": HIGH, "other": HIGH}),
    ("moves", "one increase", {"about": count(1, state="increase")}),
    ("moves", "six cuts", {"about": count(6, state="cut")}),
    ("nth_move", "the second cut", {"about": count(2, state="cut")}),
    ("nth_move", "the 13th cut", {"about": count(13, state="cut")}),
    ("state", "bull steepener", {"about": fact(1, Unit.STATE, state="bull steepener")}),
    ("a_state", "an easing", {"about": fact(-1, Unit.STATE, state="easing")}),
    ("a_state", "a bull steepener", {"about": fact(1, Unit.STATE, state="bull steepener")}),
    # small against large
    ("beat", "beat large caps by 1.4 percentage points", {"about": points(1.4)}),
    ("beat", "trailed large caps by 1.0 percentage point", {"about": points(-1.0)}),
    ("beat", "matched large caps", {"about": points(-0.04)}),
    ("beat_by", "led by 1.4 percentage points", {"about": points(1.4)}),
    ("beat_by", "trailed by 1.4 points", {"about": points(-1.4), "short": "1"}),
    ("beat_by", "matched them", {"about": points(0)}),
    ("beat_verb", "beat", {"about": points(1)}),
    ("beat_verb", "trailed", {"about": points(-1)}),
    ("beat_verb", "matched", {"about": points(0.04)}),
    ("by_size", "by 0.7 points", {"about": points(-0.7), "short": "1"}),
    ("by_size", "to the decimal", {"about": points(0)}),
    ("lead_of", "a lead of 2.0 percentage points", {"about": points(2)}),
    ("lead_of", "a shortfall of 2.0 percentage points", {"about": points(-2)}),
    ("lead_of", "no gap", {"about": points(0)}),
    ("lead", "lead", {"about": points(2)}),
    ("lead", "shortfall", {"about": points(-2)}),
    ("lead", "gap", {"about": points(0)}),
    ("led_in_a_row", "led for a third session in a row", {"about": points(1, context=RUN)}),
    ("led_in_a_row", "trailed for a third session in a row", {"about": points(-1, context=context(streak=-3))}),
    ("after_run", "after five sessions of shortfalls", {"about": points(1, context=context(streak_before=5))}),
    ("after_run", "after five sessions of leads", {"about": points(-1, context=context(streak_before=5))}),
    ("above", "60 basis points above", {"about": basis(60)}),
    ("above", "12 bp below", {"about": basis(-12), "short": "1"}),
    ("above", "level with", {"about": basis(0)}),
    ("slopes", "slopes up by 51 basis points", {"about": basis(51)}),
    ("slopes", "slopes down by 1 basis point", {"about": basis(-1)}),
    ("slopes", "is level", {"about": basis(0.4)}),
    ("below_high", "11.8% below their high of 25 November 2024", {"about": MARKED}),
    ("below_high", "at a new high", {"about": percent(0, marks=(("high", TODAY),))}),
    ("below_high", "level with their high", {"about": percent(0, marks=(("high", date(2026, 3, 1)),))}),
    ("off_high", "11.8% below", {"about": MARKED}),
    # moves
    ("moved", "rose 1.9%", {"about": percent(1.94)}),
    ("moved", "fell 3 bp", {"about": basis(-3), "short": "1"}),
    ("moved", "edged up 0.2%", {"about": percent(0.2, context=context(size_percentile=20.0))}),
    ("moved", "slid 4.0%", {"about": percent(-4, context=context(size_percentile=95.0))}),
    ("moved", "tumbled 9.0%", {"about": percent(-9, context=context(size_percentile=99.5))}),
    ("moved", "were little changed, at +0.1%,", {"about": percent(0.06, context=context(size_percentile=3.0))}),
    ("moved", "was little changed", {"about": basis(0)}),
    ("moved", "rose 1.9%", {"about": percent(1.94, context=None)}),
    ("from_to", "from 4.35% to 4.21%", {"about": basis(-14)}),
    ("from_to", "unchanged at 4.35%", {"about": basis(0)}),
    ("to_level", "to 4.21%", {"about": basis(-14)}),
    ("to_level", "at 4.35%", {"about": basis(0)}),
    ("because_curve", "because the 2-year yield fell 6 basis points and the 10-year yield rose 9 basis points",
     {"about": basis(15), "other": TWO, "long": basis(9)}),
    ("plainly", "fell 9.0%", {"about": percent(-9, context=context(size_percentile=99.5))}),
    ("plainly", "did not move", {"about": basis(0.3)}),
    ("steeper", "steepened by 3 basis points", {"about": basis(3)}),
    ("steeper", "flattened by 3 bp", {"about": basis(-3), "short": "1"}),
    ("steeper", "kept its slope", {"about": basis(0)}),
    ("prices", "rose 2.8%", {"about": percent(2.8)}),
    ("prices", "fell 0.4%", {"about": percent(-0.4)}),
    ("prices", "did not change", {"about": percent(0)}),
    ("than_before", "up from 2.7% a month earlier", {"about": percent(2.8, base=2.7, level_unit=Unit.PERCENT)}),
    ("than_before", "down from 2.9% a month earlier", {"about": percent(2.8, base=2.9, level_unit=Unit.PERCENT)}),
    ("than_before", "the same as a month earlier", {"about": percent(2.81, base=2.79, level_unit=Unit.PERCENT)}),
    ("policy_move", "a cut of 25 basis points", {"about": CUT}),
    ("policy_move", "an increase of 50 basis points", {"about": basis(50)}),
    ("set_target", "cut its target 25 bp to", {"about": CUT}),
    ("set_target", "raised its target 50 bp to", {"about": basis(50)}),
    ("after_days", "111 days after a cut", {"about": CUT, "other": fact(111, Unit.DAYS)}),
    ("after_days", "1 day after an increase", {"about": basis(25), "other": fact(1, Unit.DAYS)}),
    # standing
    ("largest_since", "the largest gain since 12 February", {"about": percent(4), "up": "gain"}),
    ("largest_since", "the largest fall since 12 February", {"about": percent(-4)}),
    ("largest_since", "the largest rise in data that start in 1962", {"about": percent(4, context=RECORD)}),
    ("highest_since", "the highest since 12 February", {"about": basis(53)}),
    ("highest_since", "the flattest since 12 February",
     {"about": basis(53, context=context(high=False)), "low": "flattest"}),
    ("larger_than", "a larger move than on 60% of sessions since 1962", {"about": percent(2)}),
    ("larger_than", "with too short a history to rank", {"about": percent(2, context=context(count=59))}),
    ("higher_than", "higher than on 74% of days since 1962", {"about": percent(2)}),
    ("higher_than", "lower than on 90% of days since 1962", {"about": percent(2, context=context(percentile=10.0))}),
    ("higher_than", "higher than on more than 99% of months since 1962",
     {"about": percent(2, context=context(percentile=99.9)), "of": "months"}),
    ("deeper_than", "deeper than on 60% of sessions since 1962", {"about": percent(-5)}),
    ("wider_than", "wider than on fewer than 1% of sessions since 1962",
     {"about": points(0.1, context=context(size_percentile=0.2))}),
    ("against_median", "above its median of 0.4% since 1962", {"about": percent(0.5)}),
    ("against_median", "below its median of 0.4% since 1962", {"about": percent(0.3)}),
    ("against_median", "equal to its median of 0.4% since 1962", {"about": percent(0.41)}),
    ("in_a_row", "for a third session in a row", {"about": points(1, context=RUN)}),
    ("spell", "has been positive for 388 published days, since 6 September 2024", {"about": SPELL}),
    ("spell", "has been inverted for 1 published day, since 5 July 2022",
     {"about": replace(SPELL, value=1.0, state="inverted")}),
    ("spell", "has been positive for 388 published days, as long as the data go back",
     {"about": replace(SPELL, marks=())}),
)  # fmt: skip


@pytest.mark.parametrize(("form", "words", "call"), SAYINGS, ids=[f"{form}: {words}" for form, words, _ in SAYINGS])
def test_a_form_says(form: str, words: str, call: dict[str, Any]) -> None:
    """Each form in each of its cases: both signs, zero, a record, a short history."""
    assert said(form, **call) == words


def test_every_form_is_in_that_table() -> None:
    """So that no form goes into print untested."""
    assert set(FORMS) == {form for form, _, _ in SAYINGS}


# --- laws -------------------------------------------------------------------------------------------------------

UP = {
    "moved": "rose", "plainly": "rose", "prices": "rose", "steeper": "steepened", "beat": "beat", "beat_by": "led",
    "beat_verb": "beat", "lead_of": "a lead", "lead": "lead", "above": "above", "slopes": "up", "largest_since": "rise",
    "policy_move": "an increase", "set_target": "raised", "signed": "+", "signed_cell": "+",
}  # fmt: skip
DOWN = {
    "moved": "fell", "plainly": "fell", "prices": "fell", "steeper": "flattened", "beat": "trailed",
    "beat_by": "trailed", "beat_verb": "trailed", "lead_of": "a shortfall", "lead": "shortfall", "above": "below",
    "slopes": "down", "largest_since": "fall", "policy_move": "a cut", "set_target": "cut", "signed": "−",
    "signed_cell": "−",
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(UP))
@pytest.mark.parametrize("value", [0.6, 3.0, 47.0])
def test_swapping_the_sign_swaps_the_verb_and_keeps_the_figure(form: str, value: float) -> None:
    """Whatever the size: the words of the other direction, and the same figure."""
    rise, fall = said(form, basis(value)), said(form, basis(-value))

    assert rise != fall
    assert rise.replace(UP[form], DOWN[form], 1) == fall


@pytest.mark.parametrize("percentile", [12.0, 50.0, 93.0, 99.0])
@pytest.mark.parametrize("value", [0.2, 5.0])
def test_the_verb_follows_the_size_in_its_own_history_not_the_figure(percentile: float, value: float) -> None:
    """A move of 0.2 percent can be a jump and one of 5 percent an edge up: the history decides."""
    verbs = {12.0: "edged up", 50.0: "rose", 93.0: "climbed", 99.0: "jumped"}

    found = said("moved", percent(value, context=context(size_percentile=percentile)))

    assert found.startswith(verbs[percentile])


@pytest.mark.parametrize(
    "form", ["moved", "beat", "lead_of", "above", "slopes", "steeper", "prices", "plainly", "by_size"]
)
def test_what_prints_as_zero_has_no_direction(form: str) -> None:
    """0.04 points print as 0.0: neither a lead nor a rise."""
    for value in (0.0, 0.04, -0.04):
        assert not {"rose", "fell", "beat", "trailed", "above", "below", "lead", "shortfall"} & set(
            said(form, points(value)).split()
        )


# --- refusals ---------------------------------------------------------------------------------------------------

NEEDS_CONTEXT = (
    "larger_than", "higher_than", "deeper_than", "wider_than", "against_median", "largest_since", "highest_since",
    "in_a_row", "led_in_a_row", "after_run", "percentile_cell", "start_year",
)  # fmt: skip


@pytest.mark.parametrize("form", NEEDS_CONTEXT)
def test_a_fact_without_history_has_no_standing(form: str) -> None:
    """Ranks, shares and runs need a history; UnsupportedSaying names fact and form."""
    with pytest.raises(UnsupportedSaying) as caught:
        said(form, percent(1, context=None))

    assert caught.value.key == "k"


@pytest.mark.parametrize("form", ["over", "when", "led_share"])
def test_a_fact_without_span_has_no_words_for_it(form: str) -> None:
    """A level is not over anything."""
    with pytest.raises(UnsupportedSaying):
        said(form, percent(1, horizon=None))


@pytest.mark.parametrize(
    ("form", "about"),
    [
        ("largest_since", percent(1, context=context(beyond_count=20))),
        ("largest_since", percent(1, context=replace(RECORD, count=42))),
        ("highest_since", percent(1, context=context(beyond_count=20))),
        ("in_a_row", percent(1, context=context(streak=1))),
        ("led_in_a_row", points(1, context=context(streak=-1))),
        ("after_run", points(1, context=context(streak_before=1))),
        ("state", percent(1)),
        ("from_to", percent(1)),
        ("to_level", percent(1)),
        ("than_before", percent(1)),
    ],
)
def test_a_fact_that_cannot_bear_it_is_not_said(form: str, about: Fact) -> None:
    """A "since" of a month ago, a run of one, a state or an end it does not have."""
    with pytest.raises(UnsupportedSaying):
        said(form, about)


def test_a_date_that_a_fact_does_not_prove_is_not_printed() -> None:
    """Asking for a mark of another name is a mistake of the template."""
    with pytest.raises(KeyError):
        said("day", percent(1), mark="high")


def test_an_unknown_form_is_named_with_the_nearest() -> None:
    """So that a slip in a template is mended at once."""
    with pytest.raises(UnknownName) as caught:
        said("movd", percent(1))

    assert caught.value.nearest == "moved"
