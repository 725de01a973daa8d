"""Earlier moments seen with later knowledge: the dates of then, the values of now, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from generator.errors import UnknownSeries
from generator.model import Observation, SeriesSpec
from generator.store import Restatement, Store
from generator.units import Unit

if TYPE_CHECKING:
    from pathlib import Path

THEN = datetime(2024, 1, 10, 22, tzinfo=UTC)
NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = THEN.date()


def held(folder: Path, *rows: tuple[str, int, float]) -> Store:
    """A store of one series with rows of day, days until it is known (from 1 January on) and value."""
    store = Store.create(folder / "store.duckdb")
    spec = SeriesSpec(
        id="x", label="X", unit=Unit.PERCENT, frequency="session", publisher="P", release="R", terms="T"
    )  # fmt: skip
    store.register([spec])
    start = datetime(2024, 1, 1, 12, tzinfo=UTC)
    store.append(
        Observation(
            series_id="x", date=date.fromisoformat(day), known_at=start + timedelta(days=after), value=value, source="s"
        )
        for day, after, value in rows
    )
    return store


BASE = (("2024-01-02", 2, 1.0), ("2024-01-04", 4, 2.0), ("2024-01-08", 8, 3.0))


def seen(store: Store) -> list[float]:
    """The values of then as they are known now."""
    return store.view(NOW).later().as_of(THEN, DAY).available(["x", "none"])["x"].tolist()


def test_later_dates_are_not_seen_and_later_values_are(tmp_path: Path) -> None:
    """A restated value stands in its place; what happened after the moment does not."""
    with held(tmp_path, *BASE, ("2024-01-04", 60, 2.5), ("2024-01-12", 12, 9.0)) as store:
        assert seen(store) == [1.0, 2.5, 3.0]


def test_a_hole_filled_later_is_seen_and_told(tmp_path: Path) -> None:
    """A date among those of then; it had no value."""
    with held(tmp_path, *BASE, ("2024-01-03", 60, 7.0)) as store:
        view = store.view(NOW).later().as_of(THEN, DAY)

        assert seen(store) == [1.0, 7.0, 2.0, 3.0]
        (told,) = view.restatements("x")
        assert (told.date, told.was, told.value) == (date(2024, 1, 3), None, 7.0)
        assert view.known_at("x", date(2024, 1, 3)) == datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_a_date_added_to_a_schedule_is_news_and_no_restatement(tmp_path: Path) -> None:
    """A meeting called after the letter, before one that was scheduled then."""
    with held(tmp_path, *BASE, ("2024-03-20", 5, 1.0), ("2024-02-01", 30, 1.0)) as store:
        view = store.view(NOW).later().as_of(THEN, DAY)

        assert seen(store) == [1.0, 2.0, 3.0, 1.0]
        assert view.restatements("x") == []
        assert view.evidence("x", date(2024, 1, 2), date(2024, 3, 20)).count == 4


def test_a_restatement_tells_what_was_what_is_and_since_when(tmp_path: Path) -> None:
    """The newest of several; one that was taken back is none."""
    rows = (("2024-01-04", 60, 2.5), ("2024-01-04", 70, 2.6), ("2024-01-08", 60, 4.0), ("2024-01-08", 70, 3.0))
    with held(tmp_path, *BASE, *rows) as store:
        view = store.view(NOW).later().as_of(THEN, DAY)

        assert view.restatements("x") == [
            Restatement(
                series_id="x",
                date=date(2024, 1, 4),
                was=2.0,
                value=2.6,
                known_at=datetime(2024, 3, 11, 12, tzinfo=UTC),
            )
        ]
        assert view.restatements("x", date(2024, 1, 5), date(2024, 1, 9)) == []
        assert view.restatements("none") == []


def test_the_moment_of_a_value_is_that_of_then(tmp_path: Path) -> None:
    """A letter that tells when a figure was released tells the same after a restatement."""
    with held(tmp_path, *BASE, ("2024-01-04", 6, 2.1), ("2024-01-04", 60, 2.5)) as store:
        view = store.view(NOW).later().as_of(THEN, DAY)

        assert view.known_at("x", date(2024, 1, 4)) == datetime(2024, 1, 7, 12, tzinfo=UTC)
        with pytest.raises(UnknownSeries):
            view.known_at("x", date(2024, 1, 5))
        with pytest.raises(UnknownSeries):
            view.known_at("none", date(2024, 1, 5))


def test_what_was_known_then_can_still_be_had(tmp_path: Path) -> None:
    """The original is the store's own view of that moment, digests included."""
    rows = (("2024-01-04", 6, 2.1), ("2024-01-04", 60, 2.5), ("2024-01-03", 60, 7.0), ("2024-01-12", 12, 9.0))
    with held(tmp_path, *BASE, *rows) as store:
        original, view = store.view(NOW).later().original(THEN, DAY), store.view(THEN)

        assert original.available(["x"])["x"].equals(view.history("x"))
        for first, last in (("2024-01-02", "2024-01-08"), ("2024-01-03", "2024-01-05"), ("2024-01-05", "2024-01-07")):
            slice_ = date.fromisoformat(first), date.fromisoformat(last)
            assert original.digest("x", *slice_) == view.evidence("x", *slice_).digest


def test_digests_are_those_of_the_view_in_whatever_order_they_are_asked_for(tmp_path: Path) -> None:
    """A slice that begins as another did goes on from it, forwards and backwards."""
    with held(tmp_path, *BASE, ("2024-01-09", 9, 4.0)) as store:
        view, now = store.view(THEN), store.view(NOW).later().as_of(THEN, DAY)
        days = [date(2024, 1, day) for day in (4, 9, 2, 8, 3)]

        for last in days:
            assert now.digest("x", date(2024, 1, 2), last) == view.evidence("x", date(2024, 1, 2), last).digest
        assert now.digest("none", date(2024, 1, 2), days[0]) == ""


def test_a_schedule_with_a_date_left_out_has_the_digest_of_the_rest(tmp_path: Path) -> None:
    """The dates that were known then, though others lie between them now."""
    with held(tmp_path, *BASE, ("2024-03-20", 5, 1.0), ("2024-02-01", 30, 1.0)) as store:
        now, slice_ = store.view(NOW).later().as_of(THEN, DAY), (date(2024, 1, 2), date(2024, 3, 20))

        assert now.digest("x", *slice_) == store.view(THEN).evidence("x", *slice_).digest
