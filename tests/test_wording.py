"""Forms of words: verb, sign, size, rank and day come out of the fact, so that no template can get them wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from handmade import FIVE, TODAY, context, fact
from observed import on
from test_wording_markets import SAYINGS as MARKETS

from generator.commentary.desk import _environment
from generator.errors import UnknownName, UnsupportedSaying
from generator.facts.context import context as standing
from generator.units import Unit
from generator.wording import FORMS, say
from generator.wording.terms import SHARES, SMALL_SHARES, WORDS, share_words

if TYPE_CHECKING:
    from generator.model import Fact


def percent(value: float, **changed: object) -> Fact:
    """A return."""
    return fact(value, Unit.PERCENT, **changed)


def points(value: float, **changed: object) -> Fact:
    """A gap between returns."""
    return fact(value, Unit.POINTS, **changed)


def basis(value: float, **changed: object) -> Fact:
    """A change of the ten-year yield from 4.35 percent."""
    ends: dict[str, Any] = {"base": 4.35, "end": 4.35 + value / 100, "level_unit": Unit.YIELD}
    return fact(value, Unit.BASIS_POINTS, **{"subject": "the ten-year yield"} | ends | changed)


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
LOWER = context(percentile=9.0, below=8.5, above=90.5)
SPELL = fact(
    388, Unit.DAYS, state="positive", marks=(("first", date(2022, 7, 5)), ("ended", date(2024, 9, 6))), context=None
)
TWO = basis(-6, subject="the two-year yield")
LARGE = percent(2, subject="large caps")
LEAD = points(1.4, as_of=date(2026, 3, 30))  # of the Monday before
CUT = basis(-25, state="cut")
MOVES = fact(6, Unit.COUNT, state="cut", marks=(("start", date(2024, 9, 18)),), context=None)
GOING = replace(FIVE, words="so far in 2026")
BEFORE_RISE = basis(6, as_of=date(2026, 3, 30))
LOW, HIGH = fact(3.5, Unit.YIELD), fact(3.75, Unit.YIELD)


def watched(share: float, key: str = "day.larger.all") -> Fact:
    """On how many sessions, in percent, some measure moved further."""
    return fact(share, Unit.PERCENT, key=key, context=None, marks=(("first", date(1999, 1, 5)),))


SAYINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # days
    ("on", "on Tuesday", {"about": percent(1)}),
    ("on", "on 12 March", {"about": OTHER_DAY}),
    ("on", "on 10 December 2025", {"about": OTHER_YEAR}),
    ("day", "31 March 2026", {"about": percent(1)}),
    ("day", "29 April 2026", {"about": MARKED, "mark": "meeting"}),
    ("month", "March", {"about": percent(1)}),
    ("month", "December 2025", {"about": OTHER_YEAR}),
    ("over", "over one session", {"about": percent(1)}),
    ("over", "Over one session", {"about": percent(1), "cap": "1"}),
    ("when", "on Tuesday", {"about": percent(1)}),
    ("when", "over five sessions", {"about": percent(1, horizon=FIVE)}),
    ("day_name", "Tuesday", {"about": percent(1)}),
    ("day_words_of", "Tuesday's", {"about": percent(1)}),
    ("day_words_of", "12 March's", {"about": OTHER_DAY}),
    ("adjective", "five-session", {"about": percent(1, horizon=FIVE)}),
    ("spans_defined", "A month means 21 sessions or published days, three months 63, six months 126 and a year 252",
     {"about": percent(1)}),
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
    ("beat", "did better than large-cap stocks by 1.4 percentage points", {"about": points(1.4), "v": "7"}),
    ("beat", "came in behind large stocks by 1.4 percentage points", {"about": points(-1.4), "v": "10"}),
    ("beating", "beating large caps by 1.4 percentage points", {"about": points(1.4)}),
    ("beating", "lagging large-cap stocks by 1.4 percentage points", {"about": points(-1.4), "v": "5"}),
    ("beating", "matching large caps", {"about": points(0.04)}),
    ("who", "small caps", {"about": percent(1)}),
    ("who", "small stocks", {"about": percent(1), "v": "2"}),
    ("who", "Large-cap stocks", {"about": LARGE, "v": "1", "cap": "1"}),
    ("better_day", "a better day for small caps than for large caps", {"about": points(1)}),
    ("better_day", "a worse week for small caps than for large caps", {"about": points(-1), "span": "week"}),
    ("better_day", "as good a day for small caps as for large caps", {"about": points(0)}),
    ("ahead_of", "2.1 percentage points ahead of large caps", {"about": points(2.1)}),
    ("ahead_of", "2.1 points behind large caps", {"about": points(-2.1), "short": "1"}),
    ("ahead_of", "level with large caps", {"about": points(0)}),
    ("undid", "undid more than half of the lead of 1.4 percentage points on Monday",
     {"about": points(-0.8), "other": LEAD}),
    ("undid", "undid all of the lead of 1.4 percentage points on Monday", {"about": points(-1.4), "other": LEAD}),
    ("undid", "undid all of Monday's shortfall",
     {"about": points(3), "other": replace(LEAD, value=-1.4), "short": "1"}),
    ("led_again", "led again", {"about": points(1)}),
    ("led_again", "trailed again", {"about": points(-1)}),
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
    # pairs
    ("been_wider", "wider on fewer than half of sessions since 1962", {"about": points(1)}),
    ("been_wider", "larger in fewer than half of such spans", {"about": percent(1), "of": "such spans", "brief": "1"}),
    ("been_wider", "too new to rank", {"about": points(1, context=context(count=59))}),
    ("within", "among the widest fifth of gaps since 1962",
     {"about": points(1, context=context(size_percentile=82.0, size_above=18.0))}),
    ("within", "among the larger half of moves since 1962", {"about": percent(1)}),
    ("within", "among the narrowest tenth of daily gaps",
     {"about": points(0.1, context=context(size_percentile=6.0, size_above=94.0)), "of": "daily gaps", "brief": "1"}),
    ("within", "with too short a history to rank", {"about": points(1, context=context(count=59))}),
    ("higher_on", "higher on fewer than one day in three since 1962", {"about": percent(2)}),
    ("higher_on", "lower on fewer than one session in ten",
     {"about": percent(2, context=LOWER), "of": "sessions", "brief": "1"}),
    ("higher_on", "too new to rank", {"about": percent(2, context=context(count=59))}),
    ("changed_from", "has fallen from 0.9% to 0.5% in a month", {"about": percent(0.5)}),
    ("changed_from", "has risen from 0.90 to 1.20 in a month", {"about": fact(1.2, Unit.RATIO)}),
    ("changed_from", "is unchanged from a month earlier at 1", {"about": fact(1.2, Unit.RATIO), "digits": "0"}),
    ("ranked", "the 40th-largest lead since 1962",
     {"about": points(4, context=context(rank=40)), "up": "lead", "down": "shortfall"}),
    ("ranked", "the second-largest fall since 1962", {"about": percent(-4, context=context(rank=2))}),
    ("ranked", "the largest rise in data that start in 1962", {"about": percent(4, context=context(rank=1))}),
    ("not_since", "not since 12 February has the lead been as wide", {"about": points(4)}),
    ("not_since", "never in data that start in 1962 has the loss been as large",
     {"about": percent(-4, context=RECORD)}),
    ("often_wider", "on fewer than half of sessions since 1962 the gap between the two was wider",
     {"about": points(1)}),
    ("often_wider", "in fewer than half of such spans small caps moved more",
     {"about": percent(1), "of": "such spans", "brief": "1"}),
    ("often_wider", "the history is too short to rank the day", {"about": points(1, context=context(count=59))}),
    ("beside_before", "a narrower lead than Monday's", {"about": points(0.3), "other": LEAD}),
    ("beside_before", "a wider shortfall than Monday's", {"about": points(-3), "other": replace(LEAD, value=-1.4)}),
    ("beside_before", "as wide a lead as Monday's", {"about": points(1.42), "other": LEAD}),
    ("beside_before", "a larger loss than 12 March's", {"about": percent(-3), "other": replace(OTHER_DAY, value=-1.0)}),
    ("as_much", "more than twice as much as large caps", {"about": percent(4.2), "other": LARGE}),
    ("as_much", "less than half as much as large caps", {"about": percent(0.9), "other": LARGE}),
    ("both_moved", "both rose on Tuesday, small caps by 1.0% and large caps by 2.0%",
     {"about": percent(1), "other": LARGE}),
    ("both_moved", "small caps fell 1.0% on Tuesday and large caps rose 2.0%", {"about": percent(-1), "other": LARGE}),
    ("both_moved", "small caps did not move on Tuesday and large caps rose 2.0%",
     {"about": percent(0.01), "other": LARGE}),
    ("lead_earlier", "a lead of 0.9 points a month earlier", {"about": points(-2)}),
    ("lead_earlier", "no gap a month earlier", {"about": points(-2, context=context(earlier=0.02))}),
    ("down_from_high", "have lost 11.8% since their high of 25 November 2024", {"about": MARKED}),
    ("down_from_high", "are at a new high", {"about": percent(0, marks=(("high", TODAY),))}),
    ("back_to_high", "a gain of 13.4%", {"about": MARKED}),
    ("goes_with", "goes with one of 1.4 percentage points over one session", {"about": points(2), "other": LEAD}),
    ("goes_with", "goes against a lead of 1.4 percentage points over one session",
     {"about": points(-2), "other": LEAD}),
    ("span_left", "five sessions have left", {"about": points(2, horizon=FIVE)}),
    ("span_left", "the first quarter so far has left",
     {"about": points(2, horizon=replace(FIVE, words="so far in the first quarter", sessions=None))}),
    ("span_left", "2025 has left", {"about": points(2, horizon=replace(FIVE, words="in 2025", sessions=None))}),
    ("span_name", "five sessions", {"about": points(2, horizon=FIVE)}),
    # moves
    ("moved", "rose 1.9%", {"about": percent(1.94)}),
    ("moved", "fell 3 bp", {"about": basis(-3), "short": "1"}),
    ("moved", "edged up 0.2%", {"about": percent(0.2, context=context(size_percentile=20.0))}),
    ("moved", "slid 4.0%", {"about": percent(-4, context=context(size_percentile=95.0))}),
    ("moved", "tumbled 9.0%", {"about": percent(-9, context=context(size_percentile=99.5))}),
    ("moved", "were little changed (+0.1%)", {"about": percent(0.06, context=context(size_percentile=3.0))}),
    ("moved", "was little changed", {"about": basis(0)}),
    ("moved", "rose 1.9%", {"about": percent(1.94, context=None)}),
    ("moved", "advanced 1.9%", {"about": percent(1.94), "v": "3"}),
    ("moved", "rose 14 basis points", {"about": basis(14), "v": "3"}),  # a yield does not gain
    ("moved", "inched up 2 basis points", {"about": basis(2, context=context(size_percentile=20.0)), "v": "1"}),
    ("from_to", "from 4.35% to 4.21%", {"about": basis(-14)}),
    ("from_to", "unchanged at 4.35%", {"about": basis(0)}),
    ("to_level", "to 4.21%", {"about": basis(-14)}),
    ("to_level", "at 4.35%", {"about": basis(0)}),
    ("because_curve", "because the ten-year yield rose 9 basis points while the two-year yield fell 6 basis points",
     {"about": basis(15), "other": TWO, "long": basis(9)}),
    ("because_curve", "because the ten-year yield fell more than the two-year, 9 basis points against 6",
     {"about": basis(-3), "other": TWO, "long": basis(-9)}),
    ("because_curve", "because the two-year yield fell 6 basis points while the ten-year yield did not move",
     {"about": basis(6), "other": TWO, "long": basis(0)}),
    ("legs", "the two-year yield fell more than the ten-year, 6 basis points against 5",
     {"about": basis(1), "other": TWO, "long": basis(-5)}),
    ("driver_name", "two-year yield fell", {"about": basis(1), "other": TWO, "long": basis(-5)}),
    ("driver_name", "ten-year yield rose", {"about": basis(15), "other": TWO, "long": basis(9)}),
    ("a_gain", "a gain of 2.9%", {"about": percent(2.9)}),
    ("a_gain", "a loss of 0.4%", {"about": percent(-0.4)}),
    ("a_gain", "no change", {"about": percent(0.04)}),
    ("a_move", "a rise of 9 basis points", {"about": basis(9)}),
    ("a_move", "a fall of 9 basis points", {"about": basis(-9)}),
    ("a_move", "no change", {"about": basis(0)}),
    ("moved_to", "fell to 4.21%", {"about": basis(-14)}),
    ("moved_to", "rose to 4.49%", {"about": basis(14)}),
    ("moved_to", "held at 4.35%", {"about": basis(0)}),
    ("end_level", "4.21%", {"about": basis(-14)}),
    ("plain_verb", "rose", {"about": basis(14)}),
    ("plain_verb", "fell", {"about": percent(-9, context=context(size_percentile=99.5))}),
    ("steeper_verb", "steepened", {"about": basis(3)}),
    ("steeper_verb", "flattened", {"about": basis(-3)}),
    ("steeper_verb", "kept its slope", {"about": basis(0)}),
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
    ("set_target_short", "cut 25 bp", {"about": CUT}),
    ("set_target_short", "raised 50 bp", {"about": basis(50)}),
    ("after_days", "111 days after a cut", {"about": CUT, "other": fact(111, Unit.DAYS)}),
    ("after_days", "1 day after an increase", {"about": basis(25), "other": fact(1, Unit.DAYS)}),
    # standing
    ("largest_since", "the largest gain since 12 February", {"about": percent(4), "up": "gain"}),
    ("largest_since", "the largest fall since 12 February", {"about": percent(-4)}),
    ("largest_since", "the largest rise in data that start in 1962", {"about": percent(4, context=RECORD)}),
    ("highest_since", "the highest since 12 February", {"about": basis(53)}),
    ("highest_since", "the flattest since 12 February",
     {"about": basis(53, context=context(high=False)), "low": "flattest"}),
    ("larger_than", "a larger move than on three sessions in five since 1962", {"about": percent(2)}),
    ("larger_than", "with too short a history to rank", {"about": percent(2, context=context(count=59))}),
    ("higher_than", "higher than on more than two days in three since 1962", {"about": percent(2)}),
    ("higher_than", "lower than on nine days in ten since 1962", {"about": percent(2, context=LOWER)}),
    ("higher_than", "higher than in 99 out of 100 months since 1962",
     {"about": percent(2, context=context(percentile=99.9, below=99.8, above=0.0)), "of": "months"}),
    ("deeper_than", "deeper than on three sessions in five since 1962", {"about": percent(-5)}),
    ("wider_than", "wider than on fewer than one session in 100 since 1962",
     {"about": points(0.1, context=context(size_percentile=0.2, size_above=99.7))}),
    ("exceeded", "exceeded on fewer than half of sessions since 1962", {"about": points(1)}),
    ("exceeded", "topped on fewer than one day in 20 since 1962",
     {"about": points(3, context=context(size_percentile=97.0, size_above=3.0)), "of": "days", "v": "1"}),
    ("exceeded", "with too short a history to rank", {"about": points(1, context=context(count=59))}),
    ("share_larger", "on fewer than half of sessions since 1962", {"about": points(1)}),
    ("quieter", "smaller than on four sessions in five since 1962",
     {"about": points(0.1, context=context(size_percentile=19.0, size_above=81.0))}),
    ("any_further", ("on fewer than one session in 20 since 1999 did any of the eight one-day moves measured here go "
     "further in its own history"), {"about": watched(4.0), "other": count(8)}),
    ("some_further", ("at least one of the eight daily moves followed here went further on four sessions in five of "
     "the past three months"), {"about": watched(80.0, key="day.larger.quarter"), "other": count(8), "v": "1"}),
    ("often_further", ("on four sessions in five of the past three months one or more of the eight one-day moves "
     "measured here went further"), {"about": watched(80.0, key="day.larger.quarter"), "other": count(8)}),
    ("rarity", "rare", {"about": watched(10.0)}),
    ("than_earlier", "down from 0.9% a month earlier", {"about": percent(0.5)}),
    ("than_earlier", "up from 0.90 a month earlier", {"about": fact(1.2, Unit.RATIO), "digits": "2"}),
    ("than_earlier", "the same as a month earlier", {"about": percent(0.94)}),
    ("median_figure", "0.4%", {"about": percent(0.5)}),
    ("median_words", "of 0.4% since 1962", {"about": percent(0.5)}),
    ("against_median", "above its median of 0.4% since 1962", {"about": percent(0.5)}),
    ("against_median", "below its median of 0.4% since 1962", {"about": percent(0.3)}),
    ("against_median", "above its median since 1962", {"about": percent(0.5), "bare": "1"}),
    ("against_median", "equal to its median of 0.4% since 1962", {"about": percent(0.41)}),
    ("in_a_row", "for a third session in a row", {"about": points(1, context=RUN)}),
    ("spell", "has been positive for 388 published days, since 6 September 2024", {"about": SPELL}),
    ("spell", "has been inverted for 1 published day, since 5 July 2022",
     {"about": replace(SPELL, value=1.0, state="inverted")}),
    ("spell", "has not been inverted for 1 published day, since 6 September 2024",
     {"about": replace(SPELL, value=1, state="level")}),
    ("spell", "has been positive for 388 published days, as long as the data go back",
     {"about": replace(SPELL, marks=())}),
    # rates and policy
    ("among", "in the highest third of its readings since 1962", {"about": basis(5)}),
    ("among", "in the lowest tenth of its readings since 1962", {"about": basis(5, context=LOWER)}),
    ("among", "in the steepest hundredth of its readings since 1962",
     {"about": basis(5, context=context(percentile=99.8, below=99.6, above=0.0)), "high": "steepest"}),
    ("among", "in the flatter half of its readings since 1962",
     {"about": basis(5, context=context(percentile=45.0, below=40.0, above=55.0)), "low": "flattest"}),
    ("among", "at the median of its readings since 1962",
     {"about": basis(5, context=context(percentile=50.0, below=40.0, above=40.0))}),
    ("among", "in a history too short to rank", {"about": basis(5, context=context(count=59))}),
    ("off_median", "34 basis points below the median since 1962",
     {"about": fact(4.27, Unit.YIELD, context=context(median=4.61))}),
    ("off_median", "12 basis points above the median since 1962", {"about": basis(20, context=context(median=8.0))}),
    ("off_median", "0.5 percentage points above the median since 1962", {"about": percent(0.9)}),
    ("off_median", "at the median since 1962", {"about": percent(0.42)}),
    ("a_month_earlier", "a month earlier", {"about": percent(0.5)}),
    ("earlier_figure", "0.9%", {"about": percent(0.5)}),
    ("has_moved", "has risen 14 basis points", {"about": basis(14, horizon=GOING)}),
    ("has_moved", "has fallen 0.4%", {"about": percent(-0.4, subject="the euro", horizon=GOING)}),
    ("has_moved", "have fallen 0.4%", {"about": percent(-0.4, subject="consumer prices", horizon=GOING)}),
    ("has_moved", "has not moved", {"about": basis(0, horizon=GOING)}),
    ("has_moved", "rose 14 basis points", {"about": basis(14)}),
    ("has_steepened", "has steepened by 7 basis points", {"about": basis(7, horizon=GOING)}),
    ("has_steepened", "has kept its slope", {"about": basis(0, horizon=GOING)}),
    ("has_steepened", "flattened by 7 basis points", {"about": basis(-7)}),
    ("has_steepened", "kept its slope", {"about": basis(0)}),
    ("took_back", "took back all of Monday's rise", {"about": basis(-6), "other": BEFORE_RISE}),
    ("took_back", "taking back more than half of Monday's steepening",
     {"about": basis(-4), "other": BEFORE_RISE, "ing": "1", "up": "steepening"}),
    ("took_back", "took back all of Monday's fall", {"about": basis(6), "other": replace(BEFORE_RISE, value=-6.0)}),
    ("nth_in_a_row", "a third rise in a row", {"about": basis(4, context=RUN)}),
    ("nth_in_a_row", "an eighth flattening in a row",
     {"about": basis(-4, context=context(streak=-8)), "down": "flattening"}),
    ("by", "by 7 basis points", {"about": basis(-7)}),
    ("by", "by nothing", {"about": basis(0)}),
    ("side", "above", {"about": basis(7)}),
    ("side", "below", {"about": basis(-7)}),
    ("side", "level with", {"about": basis(0.2)}),
    ("yields_more", "28 basis points less than", {"about": basis(-28)}),
    ("yields_more", "28 basis points more than", {"about": basis(28)}),
    ("yields_more", "as much as", {"about": basis(0)}),
    ("spell_since", "has been positive since 6 September 2024", {"about": SPELL}),
    ("spell_since", "has been positive as long as the data go back", {"about": replace(SPELL, marks=())}),
    ("spell_since", "turned positive on 6 September 2024", {"about": replace(SPELL, value=1.0)}),
    ("spell_day", "the 388th published day in a row on which it was positive", {"about": SPELL}),
    ("last_inversion", "the last inversion lasted 388 published days and ended on 6 September 2024", {"about": SPELL}),
    ("last_inversion", "the last inversion lasted 1 published day and ended on 6 September 2024",
     {"about": replace(SPELL, value=1.0)}),
    ("cycle_sum", "the cycle's six cuts have taken 175 basis points off the target since 18 September 2024",
     {"about": MOVES, "other": basis(-175)}),
    ("cycle_sum", "the cycle's only increase so far added 25 basis points to the target on 18 September 2024",
     {"about": replace(MOVES, value=1.0, state="increase"), "other": basis(25)}),
    ("ago", "on the day of this letter", {"about": CUT}),
    ("ago", "a day ago", {"about": replace(CUT, as_of=date(2026, 3, 30))}),
    ("ago", "nine days ago", {"about": replace(CUT, as_of=date(2026, 3, 22))}),
    ("ago", "two weeks ago", {"about": replace(CUT, as_of=date(2026, 3, 17))}),
    ("ago", "more than eight weeks ago", {"about": replace(CUT, as_of=date(2026, 2, 1))}),
    ("ago", "more than three months ago", {"about": replace(CUT, as_of=date(2025, 12, 10))}),
    ("ago", "five months ago", {"about": replace(CUT, as_of=date(2025, 10, 31))}),
    ("ago", "a year ago", {"about": replace(CUT, as_of=date(2025, 3, 31))}),
    ("ago", "more than two years ago", {"about": replace(CUT, marks=(("change", date(2023, 7, 26)),))}),
    ("away", "a day away", {"about": fact(1, Unit.DAYS)}),
    ("away", "twelve days away", {"about": fact(12, Unit.DAYS)}),
    ("away", "two weeks away", {"about": fact(14, Unit.DAYS)}),
    ("away", "more than six weeks away", {"about": fact(48, Unit.DAYS)}),
)  # fmt: skip


@pytest.mark.parametrize(("form", "words", "call"), SAYINGS, ids=[f"{form}: {words}" for form, words, _ in SAYINGS])
def test_a_form_says(form: str, words: str, call: dict[str, Any]) -> None:
    """Each form in each of its cases: both signs, zero, a record, a short history."""
    assert said(form, **call) == words


def test_every_form_is_in_that_table() -> None:
    """Or in that of test_wording_markets.py, so that no form goes into print untested."""
    assert set(FORMS) == {form for form, _, _ in (*SAYINGS, *MARKETS)}


# --- shares -----------------------------------------------------------------------------------------------------

GRID = sorted({*(one / 100 for one in range(10_001)), 100 / 3, 200 / 3, 1 / 3, 99.999, 1e-9, 100 - 1e-9,
               *(limit + sign * 1e-9 for limit, _ in (*SHARES, *SMALL_SHARES) for sign in (-1, 0, 1))})  # fmt: skip
NUMBERS = {word: number for number, word in enumerate(WORDS)}
SHARE = re.compile(r"on (more than |fewer than |)(?:half of sessions|(\w+) sessions? in (\w+))")


def claimed(words: str) -> tuple[str, float]:
    """What a share in words says: its bound, and the percent."""
    found = SHARE.fullmatch(words)
    assert found, words
    count, of = ((NUMBERS[one] if one in NUMBERS else int(one)) for one in (found[2] or "one", found[3] or "two"))
    return found[1], 100 * count / of


def test_a_share_in_words_is_true_for_every_percent() -> None:
    """From 0 to 100: more than, fewer than, or at least that fraction and at most a point and a half more."""
    for percent_ in GRID:
        bound, stated = claimed(share_words(percent_, observations="sessions"))
        if bound == "more than ":
            assert percent_ > stated, percent_
        elif bound == "fewer than ":
            assert percent_ < stated, percent_
        else:
            assert -1e-9 <= percent_ - stated <= 1.5 + 1e-9, percent_


def test_a_share_in_words_is_near() -> None:
    """The fraction lies at most ten points from the truth."""
    for percent_ in GRID:
        assert abs(percent_ - claimed(share_words(percent_, observations="sessions"))[1]) <= 10.1, percent_


@pytest.mark.parametrize("seed", range(8))
def test_shares_are_strict_in_histories_with_ties(seed: int) -> None:
    """What is equal was not exceeded: the words are true of a count of the observations, made by hand."""
    values = np.random.default_rng(seed).integers(-6 if seed % 2 else -3, 7, size=400).astype(float)
    about = points(values[-1], context=standing(on(*values), move=True))
    sizes, size = np.abs(values), abs(values[-1])
    counts = {
        "exceeded": (sizes > size), "larger_than": (sizes < size), "wider_than": (sizes < size),
        "quieter": (sizes > size),
        "higher_than": (values < values[-1]) if about.context and about.context.percentile >= 50 else
                       (values > values[-1]),
    }  # fmt: skip
    for form, those in counts.items():
        words = re.search(r"\bon .*(?= since)", said(form, about, of="sessions"))
        assert words, form
        bound, stated = claimed(words[0])
        actual = 100 * np.count_nonzero(those) / len(values)
        assert actual > stated if bound == "more than " else actual < stated if bound else actual >= stated - 1e-9


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


NOT_SO = (("any_further", 10.1), ("rarity", 10.1), ("some_further", 49.9), ("often_further", 49.9))


@pytest.mark.parametrize(("form", "share"), NOT_SO)
def test_no_day_is_called_what_it_was_not(form: str, share: float) -> None:
    """Rare above one session in ten, ordinary below half of them."""
    with pytest.raises(UnsupportedSaying, match="sessions went further"):
        said(form, about=watched(share), other=count(8))


NEEDS_CONTEXT = (
    "larger_than", "higher_than", "deeper_than", "wider_than", "against_median", "largest_since", "highest_since",
    "in_a_row", "led_in_a_row", "after_run", "percentile_cell", "start_year", "exceeded", "share_larger", "quieter",
    "than_earlier", "median_figure", "median_words",
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
        ("than_earlier", percent(1, context=context(earlier=None))),
        ("moved_to", percent(1)),
        ("end_level", percent(1)),
        ("state", percent(1)),
        ("from_to", percent(1)),
        ("to_level", percent(1)),
        ("than_before", percent(1)),
        ("off_median", fact(1.2, Unit.RATIO)),
        ("earlier_figure", percent(1, context=context(earlier=None))),
        ("a_month_earlier", percent(1, context=context(earlier=None))),
        ("nth_in_a_row", basis(1, context=context(streak=1))),
        ("spell_day", replace(SPELL, value=1.0)),
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


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (1.4, 0.9, None), (1.4, -0.7, None), (1.4, -0.71, "more than half"), (1.4, -1.39, "more than half"),
        (1.4, -1.4, "all"), (-1.4, 5.0, "all"), (-1.4, -5.0, None), (0.0, 1.0, None), (1.4, 0.0, None),
    ],
)  # fmt: skip
def test_a_gap_undoes_another_only_from_more_than_half_and_the_other_way(
    before: float, now: float, words: str | None
) -> None:
    """Half is not more than half; of the same sign, or of nothing, nothing is undone. The template's test agrees."""
    about, other = points(now), points(before, key="before")
    assert _environment().tests["undoing"](about, other) is (words is not None)
    if words is None:
        with pytest.raises(UnsupportedSaying):
            said("undid", about, other)
    else:
        assert said("undid", about, other).startswith(f"undid {words} of the {'lead' if before > 0 else 'shortfall'}")


@pytest.mark.parametrize("value", [-3.0, 0.0, 4.0])
def test_a_move_takes_another_back_only_from_more_than_half_and_the_other_way(value: float) -> None:
    """Half of a rise of six is not more than half, and what rose again took nothing back."""
    with pytest.raises(UnsupportedSaying):
        said("took_back", basis(value), BEFORE_RISE)
