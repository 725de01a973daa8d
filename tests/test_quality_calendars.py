"""The calendars of the gates: New York's sessions and early closes, the bond market's days, the euro's fixings."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from newsroom import TODAY

from generator.quality.calendars import EPOCH, calendar_of, due_days, last_session, next_due, session_end
from generator.sessions import NEW_YORK

if TYPE_CHECKING:
    import pandas as pd
    from newsroom import Newsroom
    from numpy.typing import NDArray

SETTLE = timedelta(minutes=15)


def number(day: str) -> int:
    """A day as the gates count it, from 1970."""
    return date.fromisoformat(day).toordinal() - EPOCH


def days(index: pd.DatetimeIndex) -> NDArray[np.int32]:
    """The days of an index, counted from 1970."""
    return index.to_numpy().astype("datetime64[D]").astype(np.int32)


@pytest.fixture(scope="module")
def exchange() -> tuple[NDArray[np.int32], set[date]]:
    """Sessions of New York from 1990 to 2098 by exchange_calendars, and those that end early."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        from exchange_calendars import get_calendar  # noqa: PLC0415 -- warns on import with some versions of pandas

        found = get_calendar("XNYS", start="1990-01-01", end="2098-12-31")
        return days(found.sessions), {day.date() for day in found.early_closes}


def test_sessions_are_those_of_the_exchange(exchange: tuple[NDArray[np.int32], set[date]]) -> None:
    """Day for day from 1990 to 2098, days of mourning and storms included."""
    must, may = due_days("stocks", number("1990-01-01"), number("2098-12-31"))

    assert np.array_equal(must, exchange[0])
    assert np.array_equal(may, exchange[0])


def test_early_closes_are_those_of_the_exchange(exchange: tuple[NDArray[np.int32], set[date]]) -> None:
    """13:00 or 16:00 in New York, from 2013 on."""
    for day in exchange[0][exchange[0] >= number("2013-01-01")].tolist():
        session = date.fromordinal(day + EPOCH)
        assert session_end(session).hour == (13 if session in exchange[1] else 16), session
        assert session_end(session).tzinfo is NEW_YORK


def test_the_days_of_the_sample_keep_their_calendars(room: Newsroom) -> None:
    """Each series of the sample since 1990 has all days that it must have and none that it cannot have.

    The 20-year yield did not exist from 1987 to September 1993.
    """
    view = room.view("2026-03-31")
    for series_id, spec in room.store.specs().items():
        name = calendar_of(spec)
        if name is None:
            continue
        known = days(view.history(series_id).loc["1993-10" if series_id == "rates.DGS20" else "1990" :].index)
        must, may = due_days(name, int(known[0]), int(known[-1]))
        assert np.isin(must, known).all(), series_id
        assert np.isin(known, may).all(), series_id


@pytest.mark.parametrize(
    ("day", "stocks", "bonds"),
    [
        ("2025-10-13", True, False),  # Columbus Day
        ("2025-11-11", True, False),  # Veterans Day
        ("2025-01-09", False, True),  # mourning for President Carter
        ("2026-04-03", False, True),  # Good Friday, on which the 10-year yield was 4.35
        ("2024-03-29", False, True),  # Good Friday, on which only the overnight rate was published: it may be missing
        ("2026-07-03", False, True),  # the Friday before a Saturday's holiday: the Federal Reserve works
        ("2026-12-24", True, True),
    ],
)
def test_stocks_and_bonds_rest_on_different_days(day: str, stocks: bool, bonds: bool) -> None:  # noqa: FBT001 -- both
    """As the exchange and the Treasury have published."""
    found = [number(day) in due_days(name, number(day), number(day))[1] for name in ("stocks", "bonds")]

    assert found == [stocks, bonds]


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-03-31T20:10", "2026-03-30"),  # 16:10 in New York: the close is not yet final
        ("2026-03-31T20:15", "2026-03-31"),
        ("2026-11-27T18:15", "2026-11-27"),  # the day after Thanksgiving ends at 13:00
        ("2026-11-26T23:00", "2026-11-25"),  # Thanksgiving
        ("2026-04-05T12:00", "2026-04-02"),  # Easter Sunday
    ],
)
def test_a_session_counts_when_its_close_is_final(moment: str, session: str) -> None:
    """A quarter of an hour after it, in UTC."""
    asked = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert last_session(asked, settle=SETTLE) == date.fromisoformat(session)


def test_the_next_day_due_skips_what_is_unsure() -> None:
    """After Maundy Thursday 2026 the bond market must have a value on Monday, and may have one on Good Friday."""
    assert next_due("bonds", number("2026-04-02")) == number("2026-04-06")
    assert next_due("every day", number("2026-04-02")) == number("2026-04-03")
    assert number(f"{TODAY}") in due_days("weekdays", number("2026-11-01"), number("2026-11-03"))[0]
