"""The federal funds target: changes, cycles, phase."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from observed import history, on

from generator.errors import Misaligned, UnfitHistory
from generator.metrics import policy


@pytest.fixture(scope="module")
def moves() -> pd.Series:
    """Compute the changes of the target from 1990 to 2025, in basis points."""
    return policy.changes(history("policy.target_upper"), before=policy.TARGET_BEFORE_JULY_1990)


def test_first_cuts_of_a_cycle_since_1990(moves: pd.Series) -> None:
    """Seven: each follows a rise, or opens the table as the cut from 8.25 percent of 13 July 1990 does."""
    assert policy.first_cuts(moves) == (
        date(1990, 7, 13),
        date(1995, 7, 6),
        date(1998, 9, 29),
        date(2001, 1, 3),
        date(2007, 9, 18),
        date(2019, 7, 31),
        date(2024, 9, 18),
    )


def test_cuts_and_rises_are_counted(moves: pd.Series) -> None:
    """58 cuts in seven cycles and 51 rises in six make up the table of 109 announcements."""
    by_cycle = [(cycle.direction, cycle.moves) for cycle in policy.cycles(moves)]

    assert [count for direction, count in by_cycle if direction == "easing"] == [18, 3, 3, 13, 10, 5, 6]
    assert [count for direction, count in by_cycle if direction == "tightening"] == [7, 1, 6, 17, 9, 11]
    assert len(policy.all_cuts(moves)) == 58
    assert len(policy.hikes(moves)) == 51


def test_the_change_to_a_range_is_measured_on_the_upper_bound(moves: pd.Series) -> None:
    """16 December 2008, from 1 percent to 0 to ¼ percent, is a cut of 75 basis points; the first rise after it 25."""
    assert moves["2008-12-16"] == -75
    assert moves["2015-12-16"] == 25


def test_the_cut_of_an_ordinary_meeting_and_of_a_sunday(moves: pd.Series) -> None:
    """50 basis points on 18 September 2024; 100 on Sunday 15 March 2020."""
    assert moves["2024-09-18"] == -50
    assert moves["2020-03-15"] == -100


def test_an_event_without_a_change_is_no_change() -> None:
    """A target confirmed at 2 percent counts neither as cut nor as rise."""
    assert policy.changes(on(2, 2, 2.25), before=2.25).tolist() == [-25, 25]


def test_target_is_a_step_function_of_days() -> None:
    """The day of the announcement has the new target, the day before the old one, days before the first event none."""
    upper = history("policy.target_upper")
    dates = pd.DatetimeIndex(["1990-07-12", "2024-09-17", "2024-09-18", "2024-11-06"])

    assert policy.target_on(upper, dates).to_dict() == {dates[1]: 5.5, dates[2]: 5.0, dates[3]: 5.0}


def test_midpoint_refuses_what_is_no_range() -> None:
    """Bounds of other days, or a lower bound above the upper one, have no middle."""
    assert policy.midpoint(on(4.75), on(5.0)).tolist() == [4.875]
    with pytest.raises(Misaligned):
        policy.midpoint(on(1), on(1, start="2024-01-03"))
    with pytest.raises(UnfitHistory, match="above the upper"):
        policy.midpoint(on(1, 3), on(2, 2))


def test_cycle_change_adds_up_within_a_cycle(moves: pd.Series) -> None:
    """−50 on 18 September 2024, −175 after 10 December 2025; 525 for the rises of 2022 and 2023."""
    summed = policy.cycle_change(moves)

    assert summed["2024-09-18"] == -50
    assert summed["2025-12-10"] == -175
    assert summed["2023-07-26"] == 525
    assert policy.target_on(summed, pd.DatetimeIndex(["2026-03-31"])).tolist() == [-175]


def test_cycle_changes_and_cycles_agree(moves: pd.Series) -> None:
    """The last sum of each cycle is its total, and the totals add up to the way from 8.25 to 3.75 percent."""
    totals = {pd.Timestamp(cycle.last): cycle.total for cycle in policy.cycles(moves)}

    assert policy.cycle_change(moves).loc[list(totals)].tolist() == list(totals.values())
    assert sum(totals.values()) == 100 * (3.75 - 8.25)


def test_phase_turns_to_on_hold_after_180_days() -> None:
    """A cut on 1 January 2024 eases through 29 June (180 days later) and is on hold from the 30th."""
    cut = on(-25, start="2024-01-01")
    dates = pd.date_range("2023-12-31", "2024-07-01")

    found = policy.phase(cut, dates)

    assert found.index[0] == pd.Timestamp("2024-01-01")
    assert (found[:"2024-06-29"] == "easing").all()
    assert (found["2024-06-30":] == "on hold").all()


def test_phases_of_known_years(moves: pd.Series) -> None:
    """Easing in 2001 and on 31 March 2026, tightening in 2005 and 2022, on hold in 2010, June 2024 and July 2025."""
    known = {
        "2001-06-29": "easing",
        "2005-06-30": "tightening",
        "2010-06-30": "on hold",
        "2022-12-30": "tightening",
        "2024-06-28": "on hold",
        "2024-09-17": "on hold",
        "2024-09-18": "easing",
        "2025-07-31": "on hold",
        "2026-03-31": "easing",
    }

    assert policy.phase(moves, pd.DatetimeIndex(list(known))).tolist() == list(known.values())


def test_turned_round_changes_turn_the_phase_round(moves: pd.Series) -> None:
    """Cuts for rises, easing for tightening; on hold stays."""
    dates = pd.date_range("1990-07-13", "2026-03-31")
    turned = policy.phase(-moves, dates).astype(str).replace({"easing": "tightening", "tightening": "easing"})

    assert turned.tolist() == policy.phase(moves, dates).tolist()


def test_days_since_the_last_change(moves: pd.Series) -> None:
    """From 10 December 2025 to 31 March 2026 are 111 days, on the day itself none."""
    found = policy.days_since_change(moves, pd.DatetimeIndex(["2025-12-10", "2026-03-31"]))

    assert found.tolist() == [0, 111]


def test_a_table_without_changes_has_no_cycle() -> None:
    """Nothing known, nothing said."""
    nothing = on(2, 2)[:0]

    assert policy.cycles(nothing) == ()
    assert policy.phase(nothing, pd.DatetimeIndex(["2024-01-02"])).empty
    assert policy.cycle_change(nothing).empty
