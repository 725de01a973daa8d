"""Stories: what is worth telling, by a score whose parts are kept apart; the rule stands in docs/newsworthiness.md."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import livedesk
import pytest
from handmade import FIVE, TODAY, context, fact

from generator import stories
from generator.edition import Told
from generator.stories import STORIES, Day, Story, rank, score, surprise
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsroom import Newsroom

    from generator.model import Fact

STORY = {story.name: story for story in STORIES}
ORDINARY = context(percentile=50.0, beyond_count=4)


def gap(value: float = 0.7, **standing: object) -> Fact:
    """A gap between small and large caps over one session."""
    return fact(value, Unit.POINTS, key="size.relative.1s", context=replace(ORDINARY, **standing))


def day(*, decided: bool = False, memory: Sequence[Told] = (), age: int = 0) -> Day:
    """A daily letter of 31 March 2026; what it tells became known `age` sessions before."""
    return Day(
        session=TODAY, span="1s", rates_span="1s", decided=decided, sessions_between=lambda _a, _b: age, memory=memory
    )


def told(state: str, *, letter: str = "2026-03-30-daily", story: str = "gap") -> Told:
    """An earlier letter that told one story."""
    return Told(edition=letter, lead=story, stories=((story, state),), sentences=(), digest="0" * 64)


# --- surprise ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percentile", "bits"), [(50.0, 0.0), (75.0, 1.0), (25.0, 1.0), (97.5, 4.3219), (2.5, 4.3219), (99.9999, 8.0)]
)
def test_a_percentile_gives_bits(percentile: float, bits: float) -> None:
    """How many coins must fall the same way for as rare a value, capped at eight."""
    assert surprise([gap(percentile=percentile)]) == pytest.approx(bits, abs=1e-4)


@pytest.mark.parametrize(("sessions", "bits"), [(21, 0.0), (42, 1.0), (168, 3.0), (10_000, 8.0)])
def test_since_gives_bits(sessions: int, bits: float) -> None:
    """Each doubling of the time beyond a month is one bit."""
    assert surprise([gap(beyond_count=sessions)]) == pytest.approx(bits)


def test_a_run_gives_bits_for_one_session_only() -> None:
    """A third lead in a row is two coins; a third five-session lead is the same days counted again."""
    assert surprise([gap(streak=3)]) == 2.0
    assert surprise([replace(gap(streak=3), horizon=FIVE)]) == 0.0


def test_the_second_surprise_counts_a_third() -> None:
    """The example of docs/newsworthiness.md: 5.83 bits and 2.85 bits make 6.83."""
    relative = gap(percentile=90.68)
    small = gap(percentile=99.12, beyond_count=151)

    assert surprise([relative, small]) == pytest.approx(6.83, abs=0.01)


def test_a_probability_is_its_own_surprise() -> None:
    """One in eight by chance is three bits."""
    assert surprise([fact(12.5, Unit.PERCENT, key="precedent.first_cuts.63s.chance", context=None)]) == 3.0


def test_nothing_is_no_surprise() -> None:
    """A story without a nucleus has no bits."""
    assert surprise([]) == 0.0


# --- the other parts --------------------------------------------------------------------------------------------


def slope(streak: int, before: int) -> dict[str, Fact]:
    """The facts of the slope story, with the run of its sign."""
    standing = replace(ORDINARY, streak=streak, streak_before=before)
    return {key.replace("{r}", "1s"): fact(5, Unit.BASIS_POINTS, context=standing) for key in STORY["slope"].needs}


@pytest.mark.parametrize(("before", "worth"), [(400, 4.0), (60, 4.0), (59, 2.0), (20, 2.0), (5, 0.5)])
def test_the_end_of_a_long_state_is_news(before: int, worth: float) -> None:
    """A curve that turns positive after 400 inverted days, and one that flickers."""
    assert score(STORY["slope"], slope(1, before), day(), "up").state_change == worth


def test_a_state_that_goes_on_is_no_change() -> None:
    """The second day after the turn is not a turn."""
    assert score(STORY["slope"], slope(2, 0), day(), "up").state_change == 0.0


def test_a_record_is_a_change_of_state() -> None:
    """Nothing beyond it in its whole history."""
    facts = {key.replace("{h}", "1s"): gap() for key in STORY["gap"].needs}
    facts["size.relative.1s"] = gap(beyond=None)

    assert score(STORY["gap"], facts, day(), "up").state_change == stories.RECORD


def test_a_decision_of_the_day_makes_policy_news(room: Newsroom) -> None:
    """And keeps it fresh whatever the age of the yields."""
    facts = room.findings("2024-09-18").facts

    decided, quiet = (score(STORY["policy"], facts, day(decided=one, age=5), "x") for one in (True, False))

    assert (decided.state_change, decided.freshness) == (stories.DECISION, 1.0)
    assert quiet.freshness == 1 / 32


@pytest.mark.parametrize(("name", "age", "freshness"), [("gap", 0, 1.0), ("gap", 2, 0.25), ("inflation", 5, 0.5)])
def test_news_ages_by_its_half_life(name: str, age: int, freshness: float) -> None:
    """One session for daily figures, five for monthly ones."""
    facts = {key: gap() for key in (*STORY[name].needs, *STORY[name].nucleus)}
    facts |= {key.replace("{h}", "1s"): one for key, one in facts.items()}

    assert score(STORY[name], facts, day(age=age), "up").freshness == freshness


def test_few_cases_carry_less(room: Newsroom) -> None:
    """Seven cuts weigh 7/17, a century of days nearly one."""
    facts = room.findings("2026-03-31").facts

    assert score(STORY["precedent"], facts, day(), "x").evidence == 7 / 17
    assert score(STORY["gap"], facts, day(), "x").evidence > 0.999


@pytest.mark.parametrize(
    ("memory", "alike"),
    [
        ((), 0.0),
        ((told("up"),), math.exp(-0.2)),
        ((told("down"),), math.exp(-0.2) * 0.3),
        ((told("up", story="yields"), told("up")), math.exp(-0.4)),
        ((told("up", story="yields"),), 0.0),
    ],
)
@pytest.mark.parametrize(("name", "share"), [("gap", 0.4), ("drawdown", 1.0)])
def test_what_was_told_lately_is_less_new(name: str, share: float, memory: tuple[Told, ...], alike: float) -> None:
    """The same after one letter, the opposite after one, the same after two; never told. A day's own move: less so."""
    facts = {key.replace("{h}", "1s"): gap() for key in STORY[name].needs}
    memory = tuple(replace(one, stories=((name, state),)) if story == "gap" else one
                   for one in memory for story, state in one.stories)  # fmt: skip

    found = score(STORY[name], facts, day(memory=memory), "up").novelty

    assert found == pytest.approx(1 - 0.7 * share * alike)


def test_the_score_is_the_product_of_its_parts(room: Newsroom) -> None:
    """Relevance, freshness, evidence and novelty times surprise and change of state."""
    for one in rank(room.findings("2024-09-18").facts, day()):
        parts = one.score
        weight = parts.relevance * parts.freshness * parts.evidence * parts.novelty
        assert parts.total == weight * (parts.surprise + parts.state_change)


# --- quiet days, and rare ones ----------------------------------------------------------------------------------


def day_facts(quarter: float, everything: float = 50.0) -> dict[str, Fact]:
    """On how many sessions, in percent, some measure moved further."""
    larger = {"day.larger.quarter": quarter, "day.larger.all": everything}
    return {key: fact(value, Unit.PERCENT, key=key, context=None) for key, value in larger.items()}


@pytest.mark.parametrize(("share", "is_quiet"), [(90.0, True), (66.7, True), (66.6, False), (0.0, False)])
def test_a_day_is_quiet_if_two_sessions_in_three_moved_further(share: float, is_quiet: bool) -> None:  # noqa: FBT001
    """Of the last three months: what was ordinary in 2008 is not what was ordinary in 2017."""
    assert stories.quiet(day_facts(share), []) is is_quiet


def test_the_end_of_a_long_state_makes_no_quiet_day() -> None:
    """A curve that turns after 400 days is news though it moved by a basis point."""
    turned = score(STORY["slope"], slope(1, 400), day(), "up")

    assert not stories.quiet(day_facts(90.0), [turned])


def test_a_day_that_no_figure_ranks_is_not_quiet() -> None:
    """Nothing stands in for what is missing."""
    assert not stories.quiet({}, [])
    assert not stories.rare({})


@pytest.mark.parametrize(("share", "is_rare"), [(0.1, True), (10.0, True), (10.1, False)])
def test_a_day_is_rare_by_all_that_is_measured(share: float, is_rare: bool) -> None:  # noqa: FBT001
    """One day in ten by all measures together: with eight of them a tenth of days would not do for each alone."""
    assert stories.rare(day_facts(50.0, share)) is is_rare


# --- what speaks against the lead -------------------------------------------------------------------------------


def against(value: float, percentile: float, *, told_lately: tuple[Told, ...] = ()) -> list[str]:
    """The facts against a lead of +0.7 points at the 75th percentile, if small caps moved so over three months."""
    facts = {key.replace("{h}", "1s"): gap(percentile=75.0) for key in STORY["gap"].needs}
    facts["size.relative.63s"] = replace(gap(value, percentile=percentile), key="size.relative.63s", horizon=FIVE)
    today = day(memory=told_lately)
    return [one.key for one in stories.contrary(facts, rank(facts, today), today).get("gap", ())]


def test_a_long_shortfall_speaks_against_a_days_lead() -> None:
    """The fifth percentile of three-month gaps: 3.3 bits beside the one bit of the lead."""
    assert against(-9.0, 5.0) == ["size.relative.63s"]


@pytest.mark.parametrize(("value", "percentile"), [(9.0, 95.0), (-1.0, 40.0), (0.01, 5.0)])
def test_what_is_of_the_same_sign_or_ordinary_does_not(value: float, percentile: float) -> None:
    """A lead over three months too; a gap near the middle of its history; none."""
    assert against(value, percentile) == []


def test_what_has_less_than_half_the_leads_score_is_not_told() -> None:
    """A lead at the 75th percentile has one bit; the 30th percentile 0.7, told the day before 0.3."""
    before = (Told(edition="e", lead="gap", stories=(("contrary", "size.relative.63s"),), sentences=(), digest=""),)

    assert against(-3.0, 30.0) == ["size.relative.63s"]
    assert against(-3.0, 30.0, told_lately=before) == []


def test_the_strongest_comes_first(room: Newsroom) -> None:
    """Ordered by their scores, each with the sign that the lead has not."""
    facts = room.findings("2001-04-12").facts
    found = stories.contrary(facts, rank(facts, day()), day())["gap"]

    assert found
    assert [one.score.total for one in found] == sorted((one.score.total for one in found), reverse=True)
    assert all(facts[one.key].value * facts["size.relative.1s"].value < 0 for one in found)


# --- the ranking ------------------------------------------------------------------------------------------------


def test_a_story_without_its_facts_is_not_told(room: Newsroom) -> None:
    """In 1960 there is neither a funds target nor a 2-year yield."""
    names = {one.story.name for one in rank(room.findings("1960-05-02").facts, day())}

    assert "gap" in names
    assert not names & {"policy", "precedent", "slope", "currencies"}


def test_the_best_story_is_first_and_ties_keep_the_order_of_the_list(room: Newsroom) -> None:
    """So that the same facts give the same letter."""
    ranked = rank(room.findings("2026-03-31").facts, day())
    order = [story.name for story in STORIES]
    totals = [(-one.score.total, order.index(one.story.name)) for one in ranked]

    assert totals == sorted(totals)


OF_SAMPLE = [story for story in STORIES if story.name not in livedesk.STORIES]  # the others: test_facts_live.py


@pytest.mark.parametrize("story", OF_SAMPLE, ids=[story.name for story in OF_SAMPLE])
def test_the_keys_of_a_story_exist(room: Newsroom, story: Story) -> None:
    """Every fact that a story names is computed for the newest session, over every span of a letter."""
    facts = room.findings("2026-03-31").facts
    for key in (*story.nucleus, *story.needs, *story.states, *filter(None, (story.sample,))):
        for span in ("1s", "5s", "63s"):
            assert key.replace("{h}", span).replace("{r}", span) in facts


@pytest.mark.parametrize(
    ("session", "lead"),
    [
        ("2024-09-18", "policy"),  # the first cut of a cycle
        ("1995-07-06", "policy"),  # another, on which the two-year yield lay just above the target's middle
        ("1987-10-19", "gap"),  # the largest fall of the sample
        ("2026-03-31", "gap"),
    ],
)
def test_the_lead_of_a_day(room: Newsroom, session: str, lead: str) -> None:
    """What anyone who was there would have led with."""
    assert room.letter(session).sections[0].story == lead


def test_the_scores_stand_in_the_edition(room: Newsroom) -> None:
    """Those of stories left out too; the lead of 31 March 2026 has the 6.82 of docs/newsworthiness.md."""
    letter = room.letter("2026-03-31")

    assert set(letter.considered) >= {section.story for section in letter.sections if section.story in STORY}
    assert letter.considered["gap"].total == pytest.approx(6.82, abs=0.005)


def test_a_state_is_a_word_or_a_direction() -> None:
    """What later letters compare with: the word of a coded state, else up, down or still."""
    facts = {key.replace("{h}", "1s"): gap(-0.7, size_percentile=60.0) for key in STORY["gap"].needs}

    assert stories.state_of(STORY["gap"], facts, day()) == "down"
    assert stories.state_of(STORY["gap"], {}, day()) == "none"


def test_the_moment_of_a_case_is_the_day_its_window_closed() -> None:
    """The base rate grows by a day every day; a precedent is news only when a case is added."""
    closed = datetime(2024, 12, 17, 21, tzinfo=UTC)
    asked: list[date] = []
    one = fact(
        6.0, Unit.PERCENT, key="precedent.first_cuts.63s.chance", marks=(("closed", closed.date()),), context=None
    )
    facts = {key: replace(one, value=7.0) for key in STORY["precedent"].needs} | {one.key: one}

    def between(known: date, _session: date) -> int:
        asked.append(known)
        return 10

    found = score(STORY["precedent"], facts, replace(day(), sessions_between=between), "x")

    assert asked == [closed.date()]
    assert found.freshness == 0.25
