"""The gates and the sample: it passes them, so they need not run on it; and what a withheld series leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from newsroom import UNIVERSE

from generator import facts as of_facts
from generator import quality
from generator.config import QualitySettings
from generator.facts import NEEDED
from generator.sessions import evening

if TYPE_CHECKING:
    from newsroom import Newsroom

    from generator.quality import Verdict

DECLARED = {
    ("pass", "hole", "prices.CPIAUCSL", date(2025, 10, 1)),
    ("pass", "hole", "prices.CPILFESL", date(2025, 10, 1)),
}
# Days people remember, for crashes, attacks, storms, decisions and records, and plain ones; sessions all
KNOWN = (
    "1990-08-06", "1991-01-17", "1994-02-04", "1994-11-16", "1995-07-06", "1997-10-27", "1998-08-31", "1998-10-15",
    "1999-12-31", "2000-04-14", "2001-01-03", "2001-09-10", "2001-09-17", "2002-07-24", "2003-06-25", "2004-06-30",
    "2006-06-29", "2007-02-27", "2007-09-18", "2008-01-22", "2008-09-15", "2008-10-15", "2008-12-16", "2009-03-09",
    "2010-05-06", "2011-08-08", "2012-10-31", "2013-06-19", "2014-10-15", "2015-08-24", "2015-12-16", "2016-06-24",
    "2017-12-13", "2018-12-19", "2019-07-31", "2020-03-16", "2020-11-09", "2022-06-15", "2023-03-13", "2024-08-05",
    "2024-09-18", "2025-04-09",
)  # fmt: skip
TRUE = {  # what a person would look at and accept: the one-month bill, which the letter does not tell of, in two crises
    ("gap", "jump", "rates.DGS1MO", date(2008, 9, 30)),
    ("gap", "stale", "rates.DGS20", date(1986, 12, 31)),  # it was not issued until October 1993
}


def judged(room: Newsroom, day: str, *, window: int | None = None) -> tuple[Verdict, ...]:
    """What the gates say of every series of the sample on an evening."""
    session = date.fromisoformat(day)
    return quality.judge(
        room.store.view(evening(session)),
        room.store.specs(),
        QualitySettings(),
        session=session,
        critical=(UNIVERSE.small, UNIVERSE.large),
        window=window,
    )


def short(verdicts: tuple[Verdict, ...]) -> set[tuple[object, ...]]:
    """Level, rule, series and day of each."""
    return {(one.level, one.rule, one.series_id, one.day) for one in verdicts}


def test_the_newest_session_passes_every_gate(room: Newsroom) -> None:
    """All that is said of it are the two months that were never published, as declared."""
    assert short(judged(room, "2026-03-31")) == DECLARED


@pytest.mark.parametrize("day", KNOWN)
def test_a_known_day_passes_every_gate(room: Newsroom, day: str) -> None:
    """Crashes included: what the market did as a whole is explained by its parts."""
    assert {one for one in short(judged(room, day)) if one[0] != "pass"} <= TRUE


def test_the_whole_since_1990_has_one_jump_to_look_at(room: Newsroom) -> None:
    """One quarter's end of 2008, in the one-month bill; and the years without a 20-year yield."""
    found = {one for one in short(judged(room, "2026-03-31", window=9_200)) if one[0] != "pass"}

    assert found == {
        ("gap", "jump", "rates.DGS1MO", date(2008, 9, 30)),
        ("gap", "hole", "rates.DGS20", date(1993, 9, 30)),
    }


@pytest.mark.parametrize("series_id", NEEDED)
def test_a_withheld_series_leaves_gaps_with_its_reason(room: Newsroom, series_id: str) -> None:
    """No fact rests on it, every fact that is not there any more is a gap, and each new gap says why."""
    if series_id not in room.store.specs():
        return
    reason = "withheld (jump): the value of 2026-03-30, 9, moved by +40%, more than its history explains"
    whole = room.findings("2026-03-31")
    session = date(2026, 3, 31)
    universe = replace(UNIVERSE, withheld=((series_id, reason),))

    found = of_facts.gather(room.view("2026-03-31"), session=session, today=session, universe=universe)

    assert not [fact.key for fact in found.facts.values() if series_id in {one.series_id for one in fact.evidence}]
    fresh = {key: gap for key, gap in found.gaps.items() if key not in whole.gaps}
    assert {gap.reason for gap in fresh.values()} <= {reason}
    lost = {key for key, fact in whole.facts.items() if key not in found.facts}
    assert bool(lost) == bool(fresh)
