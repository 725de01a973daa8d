"""What is asked again, and from which day on."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from generator.due import due_at, is_due, since
from generator.sources.catalogue import Followed, followed
from generator.store import Fetch


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def state(series_id: str, moment: str, *, source: str = "yahoo", whole: bool = True) -> Fetch:
    """A series as it was last read."""
    return Fetch(series_id=series_id, source=source, at=at(moment), whole=whole)


def series(series_id: str) -> Followed:
    """A series of the catalogue."""
    return followed()[series_id]


@pytest.mark.parametrize(
    ("series_id", "last", "due"),
    [
        ("price.RUT", date(2026, 11, 25), "2026-11-27 21:00"),  # Thanksgiving: the next session is Friday
        ("rates.DGS10", date(2026, 11, 25), "2026-11-27 23:30"),
        ("rates.DGS10", date(2026, 10, 9), "2026-10-13 22:30"),  # Columbus Day: stocks trade, bonds do not
        ("rates.EFFR", date(2026, 11, 20), "2026-11-24 15:00"),  # Monday's is published on Tuesday
        ("price.BTC", date(2026, 11, 21), "2026-11-23 00:00"),  # Sunday's day ends at midnight UTC
        ("prices.CPIAUCSL", date(2026, 10, 1), "2026-12-15 13:30"),
        ("labour.ICSA", date(2026, 11, 14), "2026-11-27 13:30"),
    ],
)
def test_a_value_is_due_by_calendar_and_rule(series_id: str, last: date, due: str) -> None:
    """The day after the last one by the calendar of its kind, at the moment of its release rule."""
    assert due_at(series(series_id).spec, last) == at(due)


def test_nothing_is_due_of_an_event() -> None:
    """No day has to bring a dividend or a decision."""
    assert due_at(series("dividend.IWM").spec, date(2026, 9, 15)) is None


def test_what_was_never_read_whole_is_due() -> None:
    """A first fetch that was stopped goes on."""
    one = series("price.RUT")

    assert is_due(one, None, None, at("2026-11-24 22:00"))
    assert is_due(one, state("price.RUT", "2026-11-24 21:59", whole=False), date(2026, 11, 24), at("2026-11-24 22:00"))


def test_what_was_read_today_is_due_once_a_value_may_have_come() -> None:
    """Read at noon: not again before the bell, again after it, and not any more when the close is there."""
    one, noon = series("price.RUT"), state("price.RUT", "2026-11-24 17:00")

    assert not is_due(one, noon, date(2026, 11, 23), at("2026-11-24 20:59"))
    assert is_due(one, noon, date(2026, 11, 23), at("2026-11-24 21:00"))
    assert not is_due(one, state("price.RUT", "2026-11-24 22:00"), date(2026, 11, 24), at("2026-11-25 03:00"))


def test_a_close_is_not_looked_for_before_the_bell() -> None:
    """On the next morning there can be none; from the bell on it is asked for again and again until it is there."""
    one, read = series("price.RUT"), state("price.RUT", "2026-11-24 22:00")

    assert not is_due(one, read, date(2026, 11, 24), at("2026-11-25 20:59"))
    assert is_due(one, read, date(2026, 11, 24), at("2026-11-25 21:00"))


def test_a_figure_of_a_month_is_looked_for_daily_while_its_rule_may_be_late() -> None:
    """October's prices are due by 15 December; from 24 November on they are looked for, once a day of New York."""
    one = series("prices.CPIAUCSL")

    def look(read: str, now: str) -> bool:
        return is_due(one, state("prices.CPIAUCSL", read, source="bls"), date(2026, 10, 1), at(now))

    assert not look("2026-11-20 22:00", "2026-11-23 22:00")
    assert look("2026-11-23 22:00", "2026-11-24 22:00")
    assert not look("2026-11-24 20:00", "2026-11-24 22:00")
    assert look("2026-12-15 13:00", "2026-12-15 13:31")


def test_what_was_not_read_for_a_week_is_read_again_for_revisions() -> None:
    """Although the next quarter's survey is far off."""
    one = series("lending.DRTSCIS")

    def look(now: str) -> bool:
        return is_due(one, state("lending.DRTSCIS", "2026-11-02 22:00", source="fredcsv"), date(2026, 10, 1), at(now))

    assert not look("2026-11-09 21:59")
    assert look("2026-11-09 22:00")


def test_decisions_are_looked_for_every_day_and_dividends_with_their_fund() -> None:
    """The Federal Reserve may move on any day; a dividend comes in the answer that has the close."""
    bounds, dividend = series("policy.target_upper"), series("dividend.IWM")
    evening, morning = "2026-11-24 22:00", at("2026-11-25 13:00")

    assert is_due(bounds, state("policy.target_upper", evening, source="nyfed"), date(2025, 12, 10), morning)
    assert not is_due(bounds, state("policy.target_upper", evening, source="nyfed"), None, at("2026-11-25 02:00"))
    assert not is_due(dividend, state("dividend.IWM", evening), date(2026, 9, 15), morning)


def test_the_french_library_is_not_asked_every_day() -> None:
    """It puts out a month at a time."""
    one = series("size.vw_q2")
    read = state("size.vw_q2", "2026-11-24 22:00", source="french")

    assert not is_due(one, read, date(2026, 9, 30), at("2026-11-30 21:00"))
    assert is_due(one, read, date(2026, 9, 30), at("2026-12-01 22:00"))


@pytest.mark.parametrize(
    ("series_id", "last", "first"),
    [
        ("price.RUT", date(2026, 11, 24), date(2026, 11, 14)),
        ("labour.ICSA", date(2026, 11, 14), date(2026, 9, 19)),
        ("prices.CPIAUCSL", date(2026, 10, 1), date(2025, 7, 28)),
        ("dividend.IWM", date(2026, 9, 15), date(2026, 11, 14)),
    ],
)
def test_a_window_is_read_again_for_revisions(series_id: str, last: date, first: date) -> None:
    """Ten days, eight weeks, fourteen months; of events ten days before the last look, however old the last one."""
    read = state(series_id, "2026-11-24 22:00", source="elsewhere")

    assert since(series(series_id), "elsewhere", read, last, full=False) == first
    assert since(series(series_id), "elsewhere", read, last, full=True) is None
    assert since(series(series_id), "elsewhere", None, None, full=False) is None


def test_the_target_goes_on_from_the_table_of_decisions() -> None:
    """Its history is typed, with the decisions between meetings on their own day: no source overrules it."""
    one = series("policy.target_upper")

    assert since(one, "nyfed", None, date(2025, 12, 10), full=True) == date(2025, 12, 10)


def test_of_an_archive_the_releases_since_the_last_look_are_asked() -> None:
    """Whole, if the series came from elsewhere before."""
    one = series("labour.PAYEMS")

    assert (
        since(one, "fred", state("labour.PAYEMS", "2026-11-24 22:00", source="bls"), date(2026, 10, 1), full=False)
        is None
    )
    assert since(
        one, "fred", state("labour.PAYEMS", "2026-11-24 22:00", source="fred"), date(2026, 10, 1), full=False
    ) == date(2026, 11, 14)
