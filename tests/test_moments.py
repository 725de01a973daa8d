"""When what was fetched became known: seen when it came, stated by its source, or derived from a rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from generator.sources.catalogue import followed
from generator.sources.moments import Stamped, stamp

SPECS = {series_id: one.spec for series_id, one in followed().items()}
NOW = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # a Tuesday, 18:00 in New York


def rows(series_id: str, *said: tuple[str, float] | tuple[str, float, str]) -> pd.DataFrame:
    """What an edge gives: date, value, and perhaps a stated moment."""
    return pd.DataFrame(
        {
            "series_id": pd.Series([series_id] * len(said), dtype="str"),
            "date": pd.DatetimeIndex([one[0] for one in said]).as_unit("us"),
            "value": [one[1] for one in said],
            "known_at": pd.Series(
                [pd.Timestamp(one[2], tz="UTC") if len(one) > 2 else pd.NaT for one in said],
                dtype="datetime64[us, UTC]",
            ),
        }
    )


def held(series_id: str, *known: tuple[str, float]) -> pd.DataFrame:
    """What the store has."""
    return rows(series_id, *known).drop(columns="known_at")


def stamped(fetched: pd.DataFrame, have: pd.DataFrame | None = None, *, source: str = "yahoo") -> Stamped:
    """Stamp as of NOW."""
    return stamp(fetched, fetched.iloc[:0] if have is None else have, SPECS, source=source, now=NOW)


def told(found: Stamped) -> list[tuple[str, float, str, bool]]:
    """Date, value, moment in UTC, whether it was observed."""
    return [
        (f"{row.date:%Y-%m-%d}", row.value, f"{row.known_at:%Y-%m-%d %H:%M}", row.observed)
        for row in found.rows.itertuples()
    ]


def test_what_is_fetched_within_half_a_day_was_seen() -> None:
    """Tuesday's close, two hours after the bell, is known at the fetch; Monday's, filled in, at its own bell."""
    found = stamped(rows("price.RUT", ("2026-11-23", 2440.0), ("2026-11-24", 2450.0)))

    assert told(found) == [
        ("2026-11-23", 2440.0, "2026-11-23 21:00", False),
        ("2026-11-24", 2450.0, "2026-11-24 23:00", True),
    ]
    assert set(found.rows["source"]) == {"yahoo"}


def test_what_comes_early_was_seen() -> None:
    """The rule for consumer prices says the 15th; on 24 November those of November are early, not derived."""
    found = stamped(rows("prices.CPIAUCSL", ("2026-11-01", 330.0)), source="bls")

    assert told(found) == [("2026-11-01", 330.0, "2026-11-24 23:00", True)]


def test_a_revision_is_known_when_it_is_found() -> None:
    """Whatever the rule says of its month; what is said again has no row."""
    have = held("prices.CPIAUCSL", ("2026-08-01", 327.0), ("2026-09-01", 328.0))
    found = stamped(rows("prices.CPIAUCSL", ("2026-08-01", 327.0), ("2026-09-01", 328.5)), have, source="bls")

    assert told(found) == [("2026-09-01", 328.5, "2026-11-24 23:00", True)]
    assert found.rows["revises"].tolist() == [True]
    assert found.unchanged["prices.CPIAUCSL"] == 1


def test_a_stated_moment_is_taken_as_it_is() -> None:
    """A day alone has the hour of the series' release, or ends in New York; never later than now."""
    cpi = rows("prices.CPIAUCSL", ("2026-09-01", 328.0, "2026-10-14 12:31"), ("2026-09-01", 328.1, "2026-11-13"))
    claims_today = rows("rates.EFFR", ("2026-11-20", 3.88, "2026-11-23"), ("2026-11-23", 3.88, "2026-11-24"))

    assert told(stamped(cpi, source="fred")) == [
        ("2026-09-01", 328.0, "2026-10-14 12:31", True),
        ("2026-09-01", 328.1, "2026-11-13 13:30", True),
    ]
    assert told(stamped(claims_today, source="fred")) == [
        ("2026-11-20", 3.88, "2026-11-24 05:00", True),
        ("2026-11-23", 3.88, "2026-11-24 23:00", True),
    ]


def test_a_stated_vintage_is_kept_though_the_store_holds_its_value() -> None:
    """The store decides whether it says something new: it knows the moments."""
    found = stamped(
        rows("labour.PAYEMS", ("2026-09-01", 160.0, "2026-10-02 12:30")),
        held("labour.PAYEMS", ("2026-09-01", 160.0)),
        source="fred",
    )

    assert told(found) == [("2026-09-01", 160.0, "2026-10-02 12:30", True)]


def test_what_an_archive_does_not_date_never_revises() -> None:
    """How its past stood on the archive's first day is no news of what is held, and derived for what is not."""
    answer = rows(
        "labour.PAYEMS", ("1960-01-01", 54.0), ("1960-02-01", 54.2), ("2026-09-01", 160.0, "2026-10-02 12:30")
    )
    found = stamped(answer, held("labour.PAYEMS", ("1960-01-01", 54.5)), source="fred")

    assert told(found) == [
        ("1960-02-01", 54.2, "1960-03-11 13:30", False),
        ("2026-09-01", 160.0, "2026-10-02 12:30", True),
    ]


def test_a_decision_is_made_the_day_before_it_takes_effect() -> None:
    """The range of Thursday 17 September 2026 was decided on Wednesday at 14:00; days without a change have none."""
    have = held("policy.target_upper", ("2025-12-10", 3.75))
    found = stamped(
        rows("policy.target_upper", ("2025-12-11", 3.75), ("2026-09-17", 4.0), ("2026-10-29", 4.25)),
        have,
        source="nyfed",
    )

    assert told(found) == [
        ("2026-09-16", 4.0, "2026-09-16 18:00", False),
        ("2026-10-28", 4.25, "2026-10-28 18:00", False),
    ]


def test_a_cut_and_an_increase_are_treated_alike() -> None:
    """Nothing assumes that rates fall, or rise."""
    for change in (-0.5, 0.5):
        found = stamped(
            rows("policy.target_lower", ("2026-11-05", 3.5 + change)),
            held("policy.target_lower", ("2025-12-10", 3.5)),
            source="nyfed",
        )
        assert told(found)[0][:2] == ("2026-11-04", 3.5 + change)


@pytest.mark.parametrize(("source", "day"), [("fred", "2015-12-16"), ("nyfed", "2015-12-15")])
def test_fred_dates_two_increases_on_their_own_day(source: str, day: str) -> None:
    """16 December 2015 and 14 December 2016 bear the decision's day in FRED; the New York Fed has the day after."""
    found = stamped(
        rows("policy.target_upper", ("2015-12-16", 0.5)),
        held("policy.target_upper", ("2008-12-16", 0.25)),
        source=source,
    )

    assert told(found)[0][0] == day


def test_daily_levels_of_the_target_become_its_changes() -> None:
    """FRED has the range of each day; one row stays, that of the change."""
    daily = rows(
        "policy.target_upper", ("2026-09-15", 3.75), ("2026-09-16", 3.75), ("2026-09-17", 4.0), ("2026-09-18", 4.0)
    )
    found = stamped(daily, held("policy.target_upper", ("2025-12-10", 3.75)), source="fredcsv")

    assert [row[:2] for row in told(found)] == [("2026-09-16", 4.0)]


def test_sizes_filled_in_are_known_before_their_month() -> None:
    """The row of September 2026 holds the values at the close of August: 31 August was a Monday."""
    found = stamped(rows("size.firms.q2", ("2026-08-01", 700.0), ("2026-09-01", 699.0)), source="french")

    assert [row[2] for row in told(found)] == ["2026-07-31 20:00", "2026-08-31 20:00"]


def test_nothing_said_is_nothing_stamped() -> None:
    """An empty answer gives an empty frame that the store takes."""
    found = stamped(rows("price.RUT"))

    assert found.rows.empty
    assert {"series_id", "date", "known_at", "value", "source", "observed"} <= set(found.rows.columns)
