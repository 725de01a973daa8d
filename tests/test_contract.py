"""The contract of all sources: whoever gives a series gives it in the same form, and an error rather than nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from errand import Errand
from market.loopback import NOW, Loopback

from generator.sources.catalogue import followed
from generator.sources.feeds import EDGES
from generator.sources.sample import Sample
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.model import SeriesSpec

SINCE, TODAY = date(2025, 8, 1), date(2026, 11, 24)
BOUNDS = {  # what no value of a unit has ever been beyond
    Unit.PERCENT: (-60, 110), Unit.YIELD: (-2, 25), Unit.RATIO: (-5, 300), Unit.COUNT: (1, 20_000),
    Unit.DOLLARS: (0.3, 3), Unit.MILLION_DOLLARS: (0.01, 1e7), Unit.SHARE: (0, 2_000), Unit.OUNCE: (30, 10_000),
    Unit.BARREL: (-40, 200), Unit.COIN: (0.01, 1e6), Unit.INDEX: (1, 1_000), Unit.INDEX_POINTS: (1, 20_000),
    Unit.PERSONS: (1e5, 1e7), Unit.THOUSANDS: (1e4, 2.5e5), Unit.STATE: (0, 10),
}  # fmt: skip
SOURCES = [*(name for name in EDGES if name != "csv"), "csv", "sample"]
HOSTS = {
    "treasury": "home.treasury.gov", "nyfed": "markets.newyorkfed.org", "ecb": "www.ecb.europa.eu",
    "bls": "api.bls.gov", "french": "mba.tuck.dartmouth.edu", "cboe": "cdn.cboe.com",
    "fredcsv": "fred.stlouisfed.org", "fred": "api.stlouisfed.org", "yahoo": "query2.finance.yahoo.com",
}  # fmt: skip


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Errand]:
    """A child with every client in it, and its market."""
    with Loopback(now=NOW) as loopback, Errand(loopback, tmp_path_factory.mktemp("contract")) as errand:
        yield errand


@pytest.fixture
def errand(child: Errand) -> Errand:
    """The child, its market without faults."""
    child.loopback.clear()
    return child


def offered(source: str, folder: Path) -> dict[str, SeriesSpec]:
    """What a source calls the series that it offers, with what each of them is."""
    if source == "csv":
        file = folder / "own.csv"
        file.write_text("date,value\n2026-11-20,4.25\n2026-11-23,4.5\n", encoding="utf-8")
        return {f"{file}::date::value::": followed()["rates.DGS10"].spec}
    return {offer.code: one.spec for one in followed().values() for offer in one.offers if offer.source == source}


def given(source: str, errand: Errand, folder: Path) -> Iterator[tuple[SeriesSpec, pd.DataFrame]]:
    """Each series of a source: date, value, known_at."""
    if source == "sample":
        sample = Sample()
        rows, specs = sample.observations(), {one.id: one for one in sample.specs()}
        for series_id, found in rows.groupby("series_id", observed=True):
            yield specs[str(series_id)], found[["date", "value", "known_at"]].reset_index(drop=True)
        return
    series = offered(source, folder)
    answer = errand.ask(source, *series, since=SINCE, seconds=30.0, budget=300.0, together=True)
    assert answer["errors"] == {}
    for code, spec in series.items():
        found = pd.DataFrame(answer["rows"][code], columns=["date", "value", "known_at"])
        yield spec, found.assign(date=pd.to_datetime(found["date"]))


@pytest.mark.parametrize("source", SOURCES)
def test_every_series_comes_in_one_form(source: str, errand: Errand, tmp_path: Path) -> None:
    """Ascending days, one value each, none of the future nor from before the day asked for, of the right size."""
    count = 0
    for spec, found in given(source, errand, tmp_path):
        count += 1
        assert len(found) or spec.frequency == "event", spec.id
        assert found["date"].is_monotonic_increasing, spec.id
        assert found["date"].is_unique, spec.id
        assert (found["date"] <= pd.Timestamp(TODAY)).all() or spec.id.startswith("calendar."), spec.id
        if source != "sample":
            assert (found["date"] >= pd.Timestamp(SINCE) - pd.Timedelta(days=100)).all(), spec.id  # NFCI
        low, high = BOUNDS[spec.unit]
        assert found["value"].between(low, high).all(), (spec.id, spec.unit, found["value"].describe())
    assert count


@pytest.mark.parametrize("source", SOURCES[:-1])
def test_an_unknown_name_is_an_error_with_that_name(source: str, errand: Errand, tmp_path: Path) -> None:
    """Not an empty answer."""
    code = f"{tmp_path}/gone.csv" if source == "csv" else "NOSUCHSERIES"
    told = errand.ask(source, code, since=SINCE, seconds=30.0, budget=60.0)

    assert "error" in told, told
    assert (told["source"], told["code"]) == (source, code)
    assert told["hint"]


@pytest.mark.parametrize("source", HOSTS)
def test_a_history_without_a_value_is_an_error(source: str, errand: Errand, tmp_path: Path) -> None:
    """A well-formed answer with nothing in it is named, and nothing is taken for it."""
    codes = offered(source, tmp_path)
    code = next(iter(codes))
    for host in {HOSTS[source], "data-api.ecb.europa.eu" if source == "ecb" else HOSTS[source]}:
        errand.loopback.fault("empty", host=host)
    told = errand.ask(source, code, seconds=30.0, budget=60.0)

    assert told.get("error") in {"EmptyAnswer", "NotData"}, told
