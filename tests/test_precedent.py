"""The event study of relative returns after changes of the funds rate, and how strongly it may be worded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from observed import history, level, on

from generator.errors import Misaligned, NoClosedEvent, UnfitHistory
from generator.metrics import policy, precedent, verdict

LAST = date(2026, 3, 31)
FIRST_CUTS = (
    date(1990, 7, 13),
    date(1995, 7, 6),
    date(1998, 9, 29),
    date(2001, 1, 3),
    date(2007, 9, 18),
    date(2019, 7, 31),
    date(2024, 9, 18),
)


def of_sample(
    events: tuple[date, ...], sessions: int, *, as_of: date = LAST, swap: bool = False
) -> precedent.EventStudy:
    """Study the sample's small against large caps."""
    legs = (level("q5"), level("q2")) if swap else (level("q2"), level("q5"))
    return precedent.study(*legs, events, sessions=sessions, as_of=as_of, seed=1990, replications=2000)


def cuts() -> tuple[date, ...]:
    """All 58 cuts since 1990."""
    return policy.all_cuts(policy.changes(history("policy.target_upper"), before=policy.TARGET_BEFORE_JULY_1990))


def test_first_cuts_63_sessions_on() -> None:
    """Small less large caps after the seven first cuts since 1990, in points; small trailed in six of seven."""
    found = of_sample(FIRST_CUTS, 63)

    assert [round(outcome.points, 1) for outcome in found.outcomes] == [-10.2, -0.8, -6.9, 13.2, -5.2, -1.3, -1.4]
    assert [outcome.base for outcome in found.outcomes] == list(FIRST_CUTS)
    assert (found.n, found.hits, round(found.median, 1)) == (7, 1, -1.4)
    assert (found.best.event.year, found.worst.event.year) == (2001, 1990)


def test_all_cuts_252_sessions_on() -> None:
    """Small led after 39 of the 55 cuts whose year had closed; of all windows of those years in about half."""
    found = of_sample(cuts(), 252)

    assert (found.n, found.hits) == (55, 39)
    assert found.still_open == (date(2025, 9, 17), date(2025, 10, 29), date(2025, 12, 10))
    assert found.base_rate == pytest.approx(49.7, abs=0.05)
    assert found.independent == 11


def test_outcomes_by_hand() -> None:
    """From 64 to 80 is +25 percent, from 64 to 72 is +12.5: 12.5 points; the second window is still open."""
    small, large = on(64, 70, 80, 80), on(64, 64, 72, 70)

    found = precedent.study(
        small, large, [date(2024, 1, 2), date(2024, 1, 4)], sessions=2, as_of=date(2024, 1, 5), seed=1
    )

    outcome = precedent.Outcome(
        event=date(2024, 1, 2), base=date(2024, 1, 2), end=date(2024, 1, 4), small=25.0, large=12.5, points=12.5
    )
    assert found.outcomes == (outcome,)
    assert found.best == found.worst == outcome
    assert found.still_open == (date(2024, 1, 4),)
    assert (found.base_n, found.base_first, found.base_last) == (2, date(2024, 1, 2), date(2024, 1, 3))
    assert found.base_rate == 100.0  # the windows of 2 and 3 January: 12.5 and 80/70 − 70/64 = 4.9 points
    assert found.interval is None


def test_a_sunday_is_measured_from_the_monday() -> None:
    """The cut of Sunday 15 March 2020 runs from the close of the 16th; on the Sunday itself it is still open."""
    found = of_sample((date(2020, 3, 3), date(2020, 3, 15)), 5)
    assert found.outcomes[1].base == date(2020, 3, 16)

    assert of_sample((date(2020, 3, 3), date(2020, 3, 15)), 5, as_of=date(2020, 3, 15)).still_open == (
        date(2020, 3, 15),
    )


def test_only_what_had_closed_by_the_day_counts() -> None:
    """As of the eve of the 63rd session after the cut of 2024, six events count; with that session, seven."""
    end = of_sample(FIRST_CUTS, 63).outcomes[-1].end

    assert of_sample(FIRST_CUTS, 63, as_of=end).n == 7
    before = of_sample(FIRST_CUTS, 63, as_of=date.fromordinal(end.toordinal() - 1))
    assert (before.n, before.still_open) == (6, (date(2024, 9, 18),))


def test_nothing_after_the_day_is_used() -> None:
    """A study as of a day is the same whether the sessions and events after it are there or not."""
    day = date(2008, 6, 30)
    small, large = level("q2")[: str(day)], level("q5")[: str(day)]

    cut = precedent.study(
        small, large, [event for event in cuts() if event <= day], sessions=63, as_of=day, seed=1990, replications=2000
    )

    assert of_sample(cuts(), 63, as_of=day) == cut


def test_events_before_the_data_are_listed_and_not_measured() -> None:
    """Without sessions before 1996, the cuts of 1990 and 1995 are left out by name."""
    small, large = level("q2")["1996":], level("q5")["1996":]

    found = precedent.study(small, large, FIRST_CUTS, sessions=63, as_of=LAST, seed=1)

    assert found.before_data == FIRST_CUTS[:2]
    assert found.n == 5


def test_an_event_in_a_hole_is_refused() -> None:
    """With no session for two weeks after an event, its base would be another day's close."""
    gappy = pd.Series([1.0, 2.0, 3.0], index=pd.DatetimeIndex(["2024-01-02", "2024-01-22", "2024-01-23"]))
    with pytest.raises(UnfitHistory, match="no session from the event of 2024-01-03"):
        precedent.study(gappy, gappy, [date(2024, 1, 3)], sessions=1, as_of=date(2024, 2, 1), seed=1)


def test_no_closed_event_is_an_error_not_a_zero() -> None:
    """Without a closed window there is no mean to print; legs of other dates are no legs."""
    walk = on(1, 2, 3)
    with pytest.raises(NoClosedEvent) as refused:
        precedent.study(walk, walk, [date(2024, 1, 4)], sessions=1, as_of=date(2024, 1, 4), seed=1)
    assert refused.value.sessions == 1
    with pytest.raises(NoClosedEvent):
        precedent.study(walk, walk, [date(2024, 1, 4)], sessions=1, as_of=date(2023, 1, 4), seed=1)
    with pytest.raises(Misaligned):
        precedent.study(walk, on(1, 2, 3, start="2024-01-03"), [], sessions=1, as_of=LAST, seed=1)


def test_swapped_legs_turn_the_study_round() -> None:
    """Large less small: the same size with the other sign, hits for misses, best for worst."""
    there, back = of_sample(cuts(), 126), of_sample(cuts(), 126, swap=True)

    assert back.mean == pytest.approx(-there.mean)
    assert back.hits == there.n - there.hits
    assert back.best.event == there.worst.event
    assert back.base_rate == pytest.approx(100 - there.base_rate)
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]))


def test_overlap_is_measured() -> None:
    """Events on rows 0, 1, 2 and 10 with windows of 5: three that overlap, two that do not; blocks of 1 + 3/4."""
    walk = on(*(100.0 + k for k in range(20)))
    events = [walk.index[row].date() for row in (0, 1, 2, 10)]

    found = precedent.study(walk, walk, events, sessions=5, as_of=LAST, seed=1)

    assert found.independent == 2
    assert found.block == 1.75


def test_windows_that_touch_do_not_overlap() -> None:
    """A window that starts from the close at which another ends shares no session with it."""
    walk = on(*(100.0 + k for k in range(20)))
    events = [walk.index[row].date() for row in (0, 5, 10)]

    found = precedent.study(walk, walk, events, sessions=5, as_of=LAST, seed=1)

    assert (found.independent, found.block, found.hits) == (3, 1.0, 0)


def test_bootstrap_has_the_variance_of_its_inventors() -> None:
    """Politis and Romano (1994), Lemma 1: the variance of a resampled mean in closed form, for blocks of 1 and of 4."""
    outcomes = np.cumsum(np.random.default_rng(3).normal(size=40))
    centred = outcomes - outcomes.mean()
    for block in (1.0, 4.0):
        stay = 1 - 1 / block
        circular = [float(np.mean(centred * np.roll(centred, -lag))) for lag in range(40)]
        known = (circular[0] + 2 * sum((1 - lag / 40) * stay**lag * circular[lag] for lag in range(1, 40))) / 40

        means = precedent.stationary_bootstrap_means(outcomes, block=block, seed=5, replications=40_000)

        assert means.var() == pytest.approx(known, rel=0.04)
        assert means.mean() == pytest.approx(outcomes.mean(), abs=4 * np.sqrt(known / 40_000))


def test_bootstrap_is_seeded() -> None:
    """The same seed, the same interval; another seed, another, but close."""
    first, again = of_sample(cuts(), 63), of_sample(cuts(), 63)
    other = precedent.study(level("q2"), level("q5"), cuts(), sessions=63, as_of=LAST, seed=7, replications=2000)

    assert first == again
    assert first.interval != other.interval
    assert first.interval == pytest.approx(other.interval, abs=0.3)
    assert first.interval[0] < first.mean < first.interval[1]


def test_paths_end_where_the_outcomes_do() -> None:
    """Each path starts at zero, and after 63 sessions stands at the outcome of the study; an open one is shorter."""
    paths = precedent.paths(level("q2"), level("q5"), FIRST_CUTS, as_of=date(2025, 3, 31))
    outcomes = of_sample(FIRST_CUTS, 63).outcomes

    assert all(path.iloc[0] == 0 for path in paths.values())
    assert [paths[outcome.event][63] for outcome in outcomes] == pytest.approx([outcome.points for outcome in outcomes])
    assert [len(path) for path in paths.values()] == [253] * 6 + [len(level("q2")["2024-09-18":"2025-03-31"])]
    median = precedent.median_path(paths)
    assert (median.iloc[0], len(median)) == (0, 253)


def test_median_path_needs_a_closed_one() -> None:
    """Of paths that are all open there is no median."""
    with pytest.raises(UnfitHistory):
        precedent.median_path({date(2024, 1, 2): on(0, 1)}, sessions=5)


@pytest.mark.parametrize(("hits", "low", "high"), [(5, 36, 92), (6, 49, 97), (7, 65, 100)])
def test_wilson_interval_of_seven_cases(hits: int, low: int, high: int) -> None:
    """Published values: 5 of 7 is 36 to 92 percent, 6 of 7 is 49 to 97, 7 of 7 is 65 to 100."""
    assert [round(bound) for bound in verdict.wilson(hits, 7)] == [low, high]


def test_wilson_interval_is_symmetric() -> None:
    """Misses have the mirrored interval of hits."""
    low, high = verdict.wilson(5, 7)

    assert verdict.wilson(2, 7) == pytest.approx((100 - high, 100 - low))


def test_chance_of_hits_at_a_base_rate() -> None:
    """Where a window is a hit in 60 percent, chance gives 5 or more of 7 in 42 percent, 6 or more in 16."""
    assert verdict.binomial_tail(5, 7, 0.6, tail="at least") == pytest.approx(0.42, abs=0.005)
    assert verdict.binomial_tail(6, 7, 0.6, tail="at least") == pytest.approx(0.16, abs=0.005)
    assert verdict.binomial_tail(4, 7, 0.6, tail="at most") == pytest.approx(1 - 0.42, abs=0.005)


@pytest.mark.parametrize(("screened", "chance"), [(1, 0.0625), (12, 0.54), (20, 0.72)])
def test_patterns_screened_make_a_find_less_rare(screened: int, chance: float) -> None:
    """Of 12 coin-toss patterns one or more reach 6 of 7 with probability 54 percent, of 20 with 72."""
    tossed = replace(of_sample(FIRST_CUTS, 63), hits=6, base_rate=50.0)

    found = verdict.verdict(tossed, screened=screened)

    assert (found.side, found.count, found.tail, found.chance) == ("led", 6, "at least", 0.0625)
    assert found.chance_screened == pytest.approx(chance, abs=0.006)


def test_few_cases_are_listed_and_some_are_counted() -> None:
    """Four closed first cuts by the end of 2001 are cases; seven by 2026 are counts, of which six trailed."""
    few = verdict.verdict(of_sample(FIRST_CUTS, 63, as_of=date(2001, 12, 31)), screened=12)
    some = verdict.verdict(of_sample(FIRST_CUTS, 63), screened=12)

    assert (few.kind, few.n) == ("cases", 4)
    assert (some.kind, some.side, some.count, some.n) == ("counts", "trailed", 6, 7)
    assert some.base_share == pytest.approx(100 - of_sample(FIRST_CUTS, 63).base_rate)
    assert (some.overlap, some.usually) == (False, False)


def test_many_cases_have_a_share_but_overlap_widens_it() -> None:
    """39 of 55 is 71 percent; with 11 windows that do not overlap its interval is 42 to 89, not 58 to 81."""
    found = verdict.verdict(of_sample(cuts(), 252), screened=12)

    assert (found.kind, found.overlap, found.independent, found.usually) == ("share", True, 11, False)
    assert [round(value) for value in (found.share, found.share_low, found.share_high)] == [71, 42, 89]
    assert [round(bound) for bound in verdict.wilson(39, 55)] == [58, 81]
    assert found.chance < 0.01
    assert found.chance_independent > 0.2


@pytest.mark.parametrize(("hits", "usually"), [(40, False), (41, True)])
def test_usually_needs_fifty_windows_and_a_lower_bound_above_60(hits: int, *, usually: bool) -> None:
    """Of 55 that do not overlap, 41 have a lower bound of 61.7 percent, 40 one of 59.8."""
    apart = replace(of_sample(cuts(), 252), hits=hits, independent=55)

    assert verdict.verdict(apart, screened=1).usually is usually
    assert not verdict.verdict(replace(apart, hits=55, independent=49), screened=1).usually


def test_fewer_hits_than_the_base_rate_are_measured_from_below() -> None:
    """4 of 7 where 80 percent is the rule: at most four by chance in 14.8 percent."""
    found = verdict.verdict(replace(of_sample(FIRST_CUTS, 63), hits=4, base_rate=80.0), screened=1)

    assert (found.side, found.tail) == ("led", "at most")
    assert found.chance == pytest.approx(0.148, abs=0.0005)


def test_half_and_half_is_no_side() -> None:
    """Two of four: evenly split."""
    four = of_sample(FIRST_CUTS[:4], 63)

    assert verdict.verdict(replace(four, hits=2), screened=1).side == "evenly split"
