"""The gates in a letter on live data: what holds it, what it goes without and says so, and what verify makes of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from doubts import FOLLOWED, SESSION, Market, utc

from generator import gates, pipeline
from generator.cli import tell
from generator.config import BuildSettings, FetchSettings, QualitySettings, Settings
from generator.edition import from_json, to_json
from generator.errors import Held
from generator.pipeline import Asked
from generator.sources.sample import Sample
from generator.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from generator.edition import Edition

NOW = utc("2026-03-31T22:00")


@pytest.fixture
def made() -> Market:
    """Make two years of a market without a fault."""
    return Market()


def composed(made: Market, folder: Path, *, asked: Asked | None = None, **limits: Any) -> tuple[Edition, Settings]:  # noqa: ANN401 -- settings
    """Compose the letter of the evening from a live store that holds it, with the Federal Reserve's decisions."""
    path = folder / "live.duckdb"
    with Store.create(path) as store:
        store.register(one.spec for one in FOLLOWED.values())
        store.append(made.frame())
        rows = Sample().observations()
        own = rows["series_id"].isin(["policy.target_upper", "policy.target_lower", "calendar.fomc"])
        store.append(rows[own].astype({"series_id": "str"}))
    settings = Settings(
        build=BuildSettings(source="live", output=folder / "out"),
        fetch=FetchSettings(store=path),
        quality=QualitySettings(**limits),
    )
    with Store.open(path) as store:
        letter = pipeline.composed(store, settings, asked or Asked(), today=SESSION, now=NOW)
    return letter, settings


def test_a_live_letter_without_a_fault_withholds_nothing(made: Market, tmp_path: Path) -> None:
    """And its JSON does not speak of it."""
    letter, _ = composed(made, tmp_path)

    assert letter.as_of == SESSION
    assert letter.provenance.withheld == ()
    assert b"withheld" not in to_json(letter)


def test_a_letter_goes_without_a_series_that_is_doubted_and_says_why(made: Market, tmp_path: Path) -> None:
    """The 10-year yield of 412 is no fact; the gap gives rule and value, and verify finds no difference."""
    made.put("rates.DGS10", "2026-03-30", 412.0)

    letter, settings = composed(made, tmp_path)

    assert not [one for fact in letter.facts.values() for one in fact.evidence if one.series_id == "rates.DGS10"]
    (gap,) = (one for one in letter.gaps if one.key == "rates.yield.10y")
    assert gap.reason == "withheld (impossible): the value of 2026-03-30, 412, cannot be"
    assert dict(letter.provenance.withheld)["rates.DGS10"] == gap.reason
    file = tmp_path / "edition.json"
    file.write_bytes(to_json(letter))
    assert from_json(file.read_bytes(), path=file) == letter
    verdict, _ = pipeline.verified(settings, file, edition_file=None, today=SESSION)
    assert verdict.differences == ()


def test_a_fault_of_an_index_holds_the_letter(made: Market, tmp_path: Path) -> None:
    """Nothing is written; once a person has accepted it, the letter is made."""
    made.scale("price.RUT", "2026-03-31", 1.3)
    with pytest.raises(Held) as held:
        composed(made, tmp_path)
    assert (held.value.rule, held.value.series_id) == ("jump", "price.RUT")
    (tmp_path / "live.duckdb").unlink()

    accepted = ("jump price.RUT 2026-03-31", "disagreement price.RUT 2026-03-31")

    assert composed(made, tmp_path, accepted=accepted)[0].as_of == SESSION


def test_the_letter_of_the_day_is_held_until_the_day_is_there(made: Market, tmp_path: Path) -> None:
    """In the evening without the day's closes; the day before may be asked for."""
    for name in ("price.RUT", "price.RUI"):
        made.drop(name, "2026-03-31")
    with pytest.raises(Held) as held:
        composed(made, tmp_path)
    assert (held.value.rule, held.value.day) == ("stale", date(2026, 3, 30))
    assert "--as-of 2026-03-30" in held.value.hint
    (tmp_path / "live.duckdb").unlink()

    assert composed(made, tmp_path, asked=Asked(day=date(2026, 3, 30)))[0].as_of == date(2026, 3, 30)


def test_a_fetch_tells_of_what_is_doubted(made: Market, tmp_path: Path) -> None:
    """Of the newest values each time; of the whole history where much has come."""
    made.put("rates.DGS10", "2024-05-07", 6.2)
    _, settings = composed(made, tmp_path)

    assert gates.doubted(settings, now=NOW, whole=False) == ()
    found = gates.doubted(settings, now=NOW, whole=True)

    assert {(one.rule, one.series_id, one.day) for one in found} == {
        ("jump", "rates.DGS10", date(2024, 5, 7)),
    }
    assert "    hint: compare it with another source" in tell.doubted(found)
