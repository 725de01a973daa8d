"""What the session before could say: `<key>.before` is the fact of that evening's letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from handmade import MOMENT

from generator.facts import before
from generator.facts.before import KEYS

if TYPE_CHECKING:
    from newsroom import Newsroom

DAY, YESTERDAY = "2026-03-31", "2026-03-30"


@pytest.mark.parametrize("key", KEYS)
def test_yesterday_is_what_yesterdays_letter_said(room: Newsroom, key: str) -> None:
    """Value, day, sign of its run and standing are those of the letter of the day before."""
    found, then = room.fact(DAY, f"{key}.before"), room.fact(YESTERDAY, key)

    assert (found.value, found.as_of, found.unit) == (then.value, then.as_of, then.unit)
    assert found.context == then.context
    assert found.subject == then.subject


@pytest.mark.parametrize("key", KEYS)
def test_its_evidence_ends_with_its_day(room: Newsroom, key: str) -> None:
    """And its first slices are those that the fact of that evening was computed from."""
    found, then = room.fact(DAY, f"{key}.before"), room.fact(YESTERDAY, key)
    wanted = [replace(one, known_by=MOMENT) for one in then.evidence]

    assert [replace(one, known_by=MOMENT) for one in found.evidence][: len(wanted)] == wanted
    assert all(one.last == found.as_of for one in found.evidence)


def test_the_figures_of_a_known_day(room: Newsroom) -> None:
    """Small caps fell 1.4% on Monday 30 March 2026; that Friday the two-year yield had gone from 3.96% to 3.88%."""
    assert room.fact(DAY, "size.return.small.1s.before").value == pytest.approx(-1.39, abs=0.05)
    assert room.fact(DAY, "size.return.small.1s.before").as_of == date(2026, 3, 30)
    assert room.fact(DAY, "rates.change.2y.1s.before").value == pytest.approx(-8)
    assert room.fact(DAY, "rates.change.2y.1s.before").as_of == date(2026, 3, 27)


def test_a_move_that_is_missing_has_no_day_before(room: Newsroom) -> None:
    """In 1960 there is no two-year yield; without a fact of today there is none of yesterday either."""
    facts = room.findings("1960-05-02").facts

    assert {key for key in KEYS if key in facts} == {
        key.removesuffix(".before") for key in facts if key.endswith(".before")
    }
    assert "rates.change.2y.1s.before" not in facts
    assert before.LEAST > 2
