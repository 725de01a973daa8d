"""Facts: numbers of the market with evidence, known by the moment; what cannot be made is a gap with its reason."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from newsroom import UNIVERSE

from generator import facts
from generator.errors import StaleSeries
from generator.sessions import evening
from generator.sources.sample import Sample
from generator.store import Store
from generator.units import DIGITS, Unit, rounded

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from newsroom import Newsroom

NEWEST = "2026-03-31"


# --- known numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "key", "percent"),
    [
        ("2024-08-30", "size.return.small.qtd", 8.99),  # the quarter began at the close of 28 June
        ("2024-08-30", "size.return.large.qtd", 3.21),
        ("2025-12-31", "size.return.small.ytd", 12.24),
        ("2025-12-31", "size.return.large.ytd", 18.66),
    ],
)
def test_returns_of_known_spans(room: Newsroom, day: str, key: str, percent: float) -> None:
    """The summer of 2024 and the year 2025, as published with the sample."""
    assert float(rounded(room.fact(day, key).value, 2)) == percent


@pytest.mark.parametrize(
    ("announced", "points"),
    [
        ("1990-07-13", -10.2),
        ("1995-07-06", -0.8),
        ("1998-09-29", -6.9),
        ("2001-01-03", 13.2),
        ("2007-09-18", -5.2),
        ("2019-07-31", -1.3),
        ("2024-09-18", -1.4),
    ],
)
def test_what_followed_each_first_cut(room: Newsroom, announced: str, points: float) -> None:
    """Small less large caps over 63 sessions from the close of the announcement."""
    assert float(rounded(room.fact(NEWEST, f"precedent.first_cuts.63s.{announced}").value, 1)) == points


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("policy.cycle_change", -175),  # six cuts from 5.50 to 3.75 percent
        ("policy.cycle_moves", 6),
        ("policy.last_change", -25),
        ("policy.days_since_change", 111),  # from 10 December to 31 March
        ("policy.target.upper", 3.75),
        ("rates.slope.2s10s", 53),  # 4.35 less 3.82 percent
        ("rates.hint", 19.5),  # 3.82 less the middle of 3.50 to 3.75 percent
        ("calendar.fomc", 29),  # to 29 April
        ("fx.eurusd", 1.1498),
        ("precedent.first_cuts.63s.n", 7),
        ("precedent.first_cuts.63s.hits", 1),
    ],
)
def test_levels_of_the_newest_session(room: Newsroom, key: str, value: float) -> None:
    """As worked by hand from the published files."""
    assert room.fact(NEWEST, key).value == value


def test_sterling_is_crossed_through_the_euro(room: Newsroom) -> None:
    """Dollars per euro over pounds per euro on 31 March 2026: 1.1498 over 0.86833 is 1.3242."""
    assert float(rounded(room.fact(NEWEST, "fx.gbpusd").value, DIGITS[Unit.DOLLARS])) == 1.3242


# --- what an evening knew ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "about"),
    [
        ("policy.last_change", date(2024, 9, 18)),  # the announcement of that afternoon
        ("size.relative.1s", date(2024, 9, 18)),
        ("rates.yield.10y", date(2024, 9, 17)),  # that day's yields came a business day later
        ("inflation.cpi.12m", date(2024, 8, 1)),
        ("fx.eurusd", date(2024, 9, 18)),
    ],
)
def test_an_evening_knows_what_was_out(room: Newsroom, key: str, about: date) -> None:
    """18 September 2024, 18:00 in New York."""
    assert room.fact("2024-09-18", key).as_of == about


def test_an_afternoon_before_the_statement_does_not_know_it(room: Newsroom) -> None:
    """On the evening of 17 September the last change is the rise of July 2023."""
    last = room.fact("2024-09-17", "policy.last_change")

    assert (last.value, last.as_of) == (25, date(2023, 7, 26))


def test_a_window_counts_only_once_it_has_closed(room: Newsroom) -> None:
    """The cut of 18 September 2024 is no case on its day; 63 sessions later, on 17 December, it is."""
    key = "precedent.first_cuts.63s.n"

    assert [room.fact(day, key).value for day in ("2024-09-18", "2024-12-16", "2024-12-17")] == [6, 6, 7]


@pytest.mark.parametrize("day", ["2024-09-18", "1994-02-04"])
def test_nothing_later_bears_on_a_fact(room: Newsroom, tmp_path: Path, day: str) -> None:
    """A store that holds only what was published by that evening gives the very same facts and gaps."""
    moment = evening(date.fromisoformat(day))
    observed = Sample().observations()
    with Store.create(tmp_path / "then.duckdb") as then:
        then.register(Sample().specs())
        then.append(observed[observed["known_at"] <= moment])
        session = date.fromisoformat(day)
        again = facts.gather(then.view(moment), session=session, today=session, universe=UNIVERSE)

    assert again.facts == room.findings(day).facts
    assert again.gaps == room.findings(day).gaps


def test_every_fact_is_known_by_the_moment(room: Newsroom) -> None:
    """And no slice of its evidence reaches past it."""
    for fact in room.findings("2024-09-18").facts.values():
        assert fact.known_at <= datetime(2024, 9, 18, 22, tzinfo=UTC), fact.key
        assert all(one.known_by == datetime(2024, 9, 18, 22, tzinfo=UTC) for one in fact.evidence)


# --- evidence ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def observed() -> dict[str, pd.DataFrame]:
    """Take the observations of the sample by series."""
    table = Sample().observations()
    return {str(name): rows for name, rows in table.groupby("series_id", observed=True)}


def test_a_digest_can_be_checked_without_our_store(room: Newsroom, observed: dict[str, pd.DataFrame]) -> None:
    """SHA-256 over the lines `YYYY-MM-DD,value` of the slice, each ended by a newline, from the bare observations."""
    slices = {one for fact in room.findings(NEWEST).facts.values() for one in fact.evidence}
    chosen = sorted(slices, key=lambda one: one.digest)[:60]
    for one in chosen:
        rows = observed[one.series_id]
        rows = rows[rows["date"].between(str(one.first), str(one.last)) & (rows["known_at"] <= one.known_by)]
        lines = [f"{day:%Y-%m-%d},{value!r}\n" for day, value in zip(rows["date"], rows["value"].tolist(), strict=True)]
        assert one.count == len(lines)
        assert one.digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_a_fact_says_that_its_moments_are_derived(room: Newsroom) -> None:
    """The sample carries no times of publication: every fact made from it says so."""
    assert all("release rule" in fact.derived for fact in room.findings(NEWEST).facts.values())


def test_every_fact_has_words_for_what_it_is(room: Newsroom) -> None:
    """A label, a formula, and evidence with observations in it."""
    for fact in room.findings(NEWEST).facts.values():
        assert fact.label
        assert fact.formula
        assert all(one.count > 0 for one in fact.evidence), fact.key


def test_the_history_of_a_fact_ends_with_its_value(room: Newsroom) -> None:
    """So that its context is its own."""
    found = room.findings(NEWEST)
    for key, line in found.lines.items():
        assert float(line.iloc[-1]) == found.facts[key].value, key


def test_a_gap_of_returns_is_that_of_the_unrounded_ones(room: Newsroom) -> None:
    """Small less large, by key, for every span."""
    found = room.findings(NEWEST).facts
    for key in [key for key in found if key.startswith("size.relative.")]:
        span = key.removeprefix("size.relative.")
        if span == "1s.before":
            continue  # its legs are not facts of the letter; tests/test_before.py has it
        legs = [found[f"size.return.{leg}.{span}"].value for leg in ("small", "large")]
        assert found[key].value == pytest.approx(legs[0] - legs[1], abs=1e-9)


# --- gaps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "key", "reason"),
    [
        ("1989-12-29", "policy.target", "before 13 July 1990"),
        ("1989-12-29", "precedent.first_cuts.63s.hits", "before 13 July 1990"),
        ("1989-12-29", "fx.eurusd", "4 January 1999"),
        ("1975-06-30", "rates.slope.2s10s", "one of its yields is missing"),
        ("1928-06-01", "rates.yield.10y", "no value by then"),
        ("1928-06-01", "size.trend", "needs 2520 sessions"),
        ("2026-02-27", "inflation.cpi.3m", "October 2025 was never published"),
        ("2026-02-27", "inflation.core.3m", "October 2025 was never published"),
        ("2024-09-18", "size.relative.since_change", "no session has closed since"),
        ("2015-06-30", "calendar.fomc", "no schedule that was public"),
    ],
)
def test_a_gap_says_why(room: Newsroom, day: str, key: str, reason: str) -> None:
    """What cannot be made is named with its reason, and there is no fact of that key."""
    found = room.findings(day)

    assert reason in found.gaps[key].reason
    assert key not in found.facts


def test_a_gap_closes_when_its_month_is_out_of_the_window(room: Newsroom) -> None:
    """November's three months reach back to August 2025: the missing October lies between the two, and is not used."""
    assert "inflation.cpi.3m" in room.findings("2025-12-31").facts
    assert "inflation.cpi.3m" in room.findings(NEWEST).facts


def test_returns_that_do_not_reach_the_session_hold_the_letter(room: Newsroom) -> None:
    """No letter of 1 April 2026 from data that end on 31 March."""
    day = date(2026, 4, 1)
    with pytest.raises(StaleSeries) as caught:
        facts.gather(room.store.view(evening(day)), session=day, today=day, universe=UNIVERSE)

    assert (caught.value.newest, caught.value.needed) == (day - timedelta(days=1), day)
