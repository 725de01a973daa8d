"""Sessions: which days New York trades, and the moments an edition of a day speaks from."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from generator import sessions
from generator.errors import BadDate
from generator.sources.sample import Sample

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("day", "session"),
    [
        (date(2024, 9, 18), date(2024, 9, 18)),  # an ordinary Wednesday
        (date(2024, 9, 2), date(2024, 8, 30)),  # Labor Day
        (date(2025, 1, 9), date(2025, 1, 8)),  # mourning for President Carter
        (date(2001, 9, 16), date(2001, 9, 10)),  # closed after the attacks
        (date(1987, 10, 19), date(1987, 10, 19)),
        (date(2027, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_without_trading_has_the_session_before(day: date, session: date) -> None:
    """Weekends, holidays and closures fall back on the last session; a session is its own."""
    assert sessions.last_session(day) == session
    assert sessions.is_session(day) == (day == session)


def test_the_next_session_skips_holidays() -> None:
    """After Christmas Eve 2024 comes the 26th; after 10 September 2001 the 17th; from year to year it goes on."""
    assert sessions.next_session(date(2024, 12, 24)) == date(2024, 12, 26)
    assert sessions.next_session(date(2001, 9, 10)) == date(2001, 9, 17)
    assert sessions.next_session(date(2029, 12, 31)) == date(2030, 1, 2)
    assert sessions.next_session(sessions.LAST_DAY) > sessions.LAST_DAY


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2099, 1, 1)])
def test_days_outside_the_calendar_are_refused(day: date) -> None:
    """The calendar says what it covers, instead of guessing."""
    with pytest.raises(BadDate, match="1970-01-01 to 2098-12-31"):
        sessions.last_session(day)


def test_the_calendar_agrees_with_the_days_that_have_returns() -> None:
    """A second source: from 1970 to March 2026 the French library has returns for just these days."""
    observed = Sample().observations()
    days = pd.DatetimeIndex(observed.loc[observed["series_id"] == "size.vw_q5", "date"])
    days = days[days >= "1970-01-01"]

    day, found = date(1970, 1, 1), []
    while (day := sessions.next_session(day)) <= date(2026, 3, 31):
        found.append(day)

    assert found == [stamp.date() for stamp in days]


def test_evening_and_close_follow_new_york_through_the_seasons() -> None:
    """18:00 and 16:00 in New York are four hours behind UTC in summer and five in winter."""
    assert sessions.evening(date(2024, 9, 18)) == datetime(2024, 9, 18, 22, tzinfo=UTC)
    assert sessions.evening(date(2026, 1, 15)) == datetime(2026, 1, 15, 23, tzinfo=UTC)
    assert sessions.close(date(2024, 9, 18)) == datetime(2024, 9, 18, 20, tzinfo=UTC)
    assert sessions.close(date(2026, 1, 15)) == datetime(2026, 1, 15, 21, tzinfo=UTC)


def test_sessions_at_hand_answer_without_the_calendar() -> None:
    """Whoever has a daily history asks it; a day before all of it is refused."""
    held = pd.DatetimeIndex(["2024-08-29", "2024-08-30", "2024-09-03"])

    assert sessions.session_on_or_before(held, date(2024, 9, 2)) == date(2024, 8, 30)
    assert sessions.session_on_or_before(held, date(2024, 9, 3)) == date(2024, 9, 3)
    with pytest.raises(BadDate, match="2024-08-28 lies before the first session"):
        sessions.session_on_or_before(held, date(2024, 8, 28))


def test_importing_sessions_loads_nothing_heavy() -> None:
    """Neither pandas nor exchange_calendars is imported before it is needed."""
    code = "import sys, generator.sessions; print({'pandas', 'exchange_calendars'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"
