"""A reader's own series become facts: the newest value, and its change since the value before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from generator.config import OwnSeries
from generator.facts import own
from generator.facts.sheet import Sheet
from generator.model import Observation
from generator.sources.catalogue import own as of_tables
from generator.sources.live import universe
from generator.store import Store

if TYPE_CHECKING:
    from pathlib import Path

LATER = datetime(2100, 1, 1, tzinfo=UTC)
SESSION = date(2026, 11, 24)


def entered(path: Path, table: dict[str, str], values: dict[str, dict[str, float]]) -> Sheet:
    """Enter the facts of one table [[series]] from values by series and day."""
    given: Any = table
    found = of_tables([OwnSeries(**given).model_dump()])
    about = universe(own=[found[table["id"]].spec])
    with Store.create(path / "live.duckdb") as store:
        store.register(one.spec for one in found.values())
        store.append(
            Observation(
                series_id=series_id,
                date=date.fromisoformat(day),
                known_at=datetime.fromisoformat(day).replace(hour=22, tzinfo=UTC),
                value=value,
                source="csv",
            )
            for series_id, of_day in values.items()
            for day, value in of_day.items()
        )
        view = store.view(LATER)
        histories = view.available(values)
        owned = own.parts(about).items()
        parts = {series: tuple(one for one in several if one in histories) for series, several in owned}
        sheet = Sheet(view=view, session=SESSION, universe=about, beside=parts)
        own.enter(sheet, histories)
    return sheet


@pytest.mark.parametrize(
    ("unit", "change", "said"),
    [("index", 25.0, "percent"), ("yield", 12.5, "basis points"), ("percent", 0.125, "percentage points")],
)
def test_a_change_is_in_percent_or_in_points(tmp_path: Path, unit: str, change: float, said: str) -> None:
    """From 0.5 to 0.625: a quarter more, twelve and a half basis points, an eighth of a point."""
    table = {"id": "survey.orders", "file": "a.csv", "unit": unit, "frequency": "month", "label": "Orders"}
    sheet = entered(tmp_path, table, {"survey.orders": {"2026-09-01": 0.5, "2026-10-01": 0.625}})
    fact = sheet.facts["own.survey.orders.change"]

    assert (sheet.facts["own.survey.orders"].value, fact.value, fact.unit.value) == (0.625, change, said)
    assert fact.label == "Orders, change since the value before"
    assert fact.evidence[0].count == 2


def test_a_level_that_may_be_negative_has_a_difference(tmp_path: Path) -> None:
    """A percentage of minus one is no number to print."""
    table = {"id": "survey.balance", "file": "a.csv", "frequency": "month"}
    sheet = entered(tmp_path, table, {"survey.balance": {"2026-09-01": -4.0, "2026-10-01": 2.0}})

    assert sheet.facts["own.survey.balance.change"].value == 6.0


def test_a_share_has_its_total_return(tmp_path: Path) -> None:
    """128 to two of 65 with a dollar each: 3.125 percent; dividend and split are evidence."""
    table = {"id": "price.XYZ", "yahoo": "XYZ"}
    values = {
        "price.XYZ": {"2026-11-23": 128.0, "2026-11-24": 65.0},
        "dividend.XYZ": {"2026-11-24": 1.0},
        "split.XYZ": {"2026-11-24": 2.0},
    }
    fact = entered(tmp_path, table, values).facts["own.price.XYZ.change"]

    assert fact.value == pytest.approx(3.125)
    assert {one.series_id for one in fact.evidence} == set(values)


def test_a_series_that_is_not_there_or_late_is_a_gap(tmp_path: Path) -> None:
    """Each with its reason."""
    table = {"id": "survey.orders", "file": "a.csv", "frequency": "month"}
    missing = entered(tmp_path, table, {})
    late = entered(tmp_path / "late", table, {"survey.orders": {"2026-06-01": 1.0}})

    assert missing.gaps["own.survey.orders"].reason == "nothing of it was known by then"
    assert late.gaps["own.survey.orders"].reason == "the newest value is for 2026-06-01"
