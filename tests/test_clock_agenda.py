"""The agenda: which letters are due at a moment, over two years of holidays, half days and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import years

from generator.clock.agenda import Agenda, Due, Events, agenda, is_news, letters
from generator.config import ClockSettings

SAMPLE = Events(meetings=tuple(sorted(years.MEETINGS)), changes=(), end=date(2026, 3, 31), live=False)
LIVE = Events(meetings=(date(2026, 10, 28), date(2026, 12, 9)), changes=(), end=None, live=True)
SETTINGS = ClockSettings()
ALL = dict.fromkeys(("daily", "weekly", "decision"), date(2024, 1, 2))


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(moment: str, events: Events = SAMPLE, settings: ClockSettings = SETTINGS, **begun: str) -> Agenda:
    """The agenda of a moment; `begun`: the first day of each kind (none: the clock was never run)."""
    days = {kind: date.fromisoformat(day) for kind, day in begun.items()}
    return agenda(at(moment), events, settings, days)


def ids(those: tuple[Due, ...]) -> list[str]:
    """Their keys."""
    return [one.id for one in those]


# --- two years -----------------------------------------------------------------------------------------------------


def test_two_years_have_the_letters_of_the_exchange_and_of_the_federal_reserve() -> None:
    """By their own published lists: 502 sessions, 104 weeks, 16 decisions, and no letter on any other day."""
    first, last = date(2024, 1, 2), date(2025, 12, 31)
    found = ids(letters(first, last, SAMPLE, SETTINGS))

    assert sorted(found) == sorted(years.expected(first, last))
    assert [sum(1 for one in found if one.endswith(kind)) for kind in ALL] == [502, 104, 16]


def test_letters_of_the_sample_are_due_at_six_in_new_york_by_the_hours_of_the_day() -> None:
    """23:00 UTC in winter, 22:00 in summer; on half days too, since its values carry the moments of their rules."""
    found = letters(date(2024, 1, 2), date(2025, 12, 31), SAMPLE, SETTINGS)

    assert all(one.since == one.latest == years.due(one.id) for one in found)
    assert {one.since.hour for one in found} == {22, 23}


@pytest.mark.parametrize(
    ("moment", "daily"),
    [
        ("2024-03-08T22:59", "2024-03-07-daily"),  # winter: 17:59 in New York
        ("2024-03-08T23:00", "2024-03-08-daily"),
        ("2024-03-11T21:59", "2024-03-08-daily"),  # the clocks went forward on Sunday
        ("2024-03-11T22:00", "2024-03-11-daily"),
        ("2024-11-01T22:00", "2024-11-01-daily"),
        ("2024-11-04T22:00", "2024-11-01-daily"),  # and back
        ("2024-11-04T23:00", "2024-11-04-daily"),
        ("2025-01-09T23:30", "2025-01-08-daily"),  # a day of mourning
    ],
)
def test_the_newest_letter_at_a_moment(moment: str, daily: str) -> None:
    """A minute early is too early, whatever the clocks of New York do."""
    assert [one for one in ids(due(moment).due) if one.endswith("daily")] == [daily]


# --- what is caught up ---------------------------------------------------------------------------------------------


def test_the_first_run_makes_the_newest_of_each_kind() -> None:
    """What lies before was not missed."""
    assert ids(due("2024-11-08T12:00").due) == ["2024-11-01-weekly", "2024-11-07-daily", "2024-11-07-decision"]


def test_missed_letters_are_due_for_so_many_days_and_then_told_of() -> None:
    """From the day the clock answers for; a kind that was added later begins with its newest."""
    found = due("2024-12-03T12:00", daily="2024-11-11", weekly="2024-11-29")

    assert ids(found.due) == [
        "2024-11-19-daily", "2024-11-20-daily", "2024-11-21-daily", "2024-11-22-daily", "2024-11-25-daily",
        "2024-11-26-daily", "2024-11-27-daily", "2024-11-29-daily", "2024-11-29-weekly", "2024-12-02-daily",
    ]  # fmt: skip
    assert ids(found.lapsed) == [f"2024-11-{day}-daily" for day in (11, 12, 13, 14, 15, 18)]


def test_what_comes_next() -> None:
    """One of each kind; after the end of the sample, none."""
    assert ids(due("2024-11-27T23:30").coming) == ["2024-11-29-daily", "2024-11-29-weekly", "2024-12-18-decision"]
    assert ids(due("2026-11-25T12:00").coming) == []


def test_only_kinds_that_are_asked_for() -> None:
    """By the settings."""
    assert ids(due("2024-11-08T12:00", settings=ClockSettings(kinds=("weekly",))).due) == ["2024-11-01-weekly"]


def test_news_is_the_newest_of_its_kind_and_young() -> None:
    """A letter of Wednesday is news until Friday's comes; of a kind that rests, for four days."""
    found = due("2024-12-03T12:00", daily="2024-11-25", weekly="2024-11-22").due
    news = [one.id for one in found if is_news(one, found, at("2024-12-03T12:00"), max_age_days=4)]

    assert news == ["2024-11-29-weekly", "2024-12-02-daily"]
    (weekly,) = (one for one in found if one.id == "2024-11-29-weekly")
    assert not is_news(weekly, found, at("2024-12-04T12:00"), max_age_days=4)
    assert is_news(weekly, found, at("2024-12-04T12:00"), max_age_days=0)


# --- decisions -----------------------------------------------------------------------------------------------------


def test_a_decision_between_meetings_has_its_letter_even_on_a_sunday() -> None:
    """The cut of Sunday, 15 March 2020, is told at six that evening."""
    events = Events(meetings=(date(2020, 3, 18),), changes=(date(2020, 3, 15),), end=None, live=False)
    (found,) = letters(date(2020, 3, 14), date(2020, 3, 15), events, SETTINGS)

    assert (found.id, found.since) == ("2020-03-15-decision", at("2020-03-15T22:00"))


def test_a_change_on_the_day_of_a_meeting_is_one_decision() -> None:
    """It is not told twice."""
    events = Events(meetings=(date(2024, 9, 18),), changes=(date(2024, 9, 18),), end=None, live=False)

    found = [one for one in letters(date(2024, 9, 16), date(2024, 9, 20), events, SETTINGS) if one.kind == "decision"]
    assert ids(tuple(found)) == ["2024-09-18-decision"]


@pytest.mark.parametrize(
    "changes",
    [(), (date(2026, 10, 28),), (date(2026, 10, 29),), (date(2026, 10, 28), date(2026, 10, 29))],
    ids=["held", "dated as decided", "dated as in force", "both"],
)
def test_live_data_tell_a_decision_two_sessions_later(changes: tuple[date, ...]) -> None:
    """Decided on Wednesday, in force on Thursday, published by the New York Fed on Friday morning: one letter."""
    events = Events(meetings=LIVE.meetings, changes=changes, end=None, live=True)
    found = [one for one in letters(date(2026, 10, 20), date(2026, 11, 10), events, SETTINGS) if one.kind == "decision"]

    assert ids(tuple(found)) == ["2026-10-30-decision"]


def test_live_data_tell_a_change_between_meetings_after_the_day_from_which_it_holds() -> None:
    """In force on Thursday, so known on Friday."""
    events = Events(meetings=LIVE.meetings, changes=(date(2026, 11, 19),), end=None, live=True)

    found = [one for one in letters(date(2026, 11, 10), date(2026, 11, 25), events, SETTINGS) if one.kind == "decision"]
    assert ids(tuple(found)) == ["2026-11-20-decision"]


# --- live days -----------------------------------------------------------------------------------------------------


def test_live_letters_may_be_made_after_the_close_and_are_made_at_half_past_six() -> None:
    """The close is at 13:00 on the day after Thanksgiving; the yields of a day come by 18:30 in New York."""
    found = letters(date(2026, 11, 25), date(2026, 11, 27), LIVE, ClockSettings(kinds=("daily",)))

    assert [(one.id, one.since, one.latest) for one in found] == [
        ("2026-11-25-daily", at("2026-11-25T21:30"), at("2026-11-25T23:30")),
        ("2026-11-27-daily", at("2026-11-27T18:30"), at("2026-11-27T23:30")),
    ]


def test_minutes_after_the_close_are_a_setting() -> None:
    """Four hours after the close no value of the day is waited for."""
    settings = ClockSettings(kinds=("daily",), ready_minutes=240)
    (found,) = letters(date(2026, 11, 24), date(2026, 11, 24), LIVE, settings)

    assert found.since == found.latest == at("2026-11-25T01:00")


def test_an_agenda_costs_the_same_after_years() -> None:
    """What lies further back than some months is not looked at: the same letters, however long the clock has run."""
    short = due("2026-03-03T12:00", daily="2025-11-03", weekly="2025-11-03", decision="2025-11-03")
    long = due("2026-03-03T12:00", daily="1990-01-02", weekly="1990-01-02", decision="1990-01-02")

    assert long == short
    assert min(one.day for one in long.lapsed) >= date(2026, 3, 3) - timedelta(days=14 + 90)
