"""Facts on size from closes: of two indices, and of two funds with their dividends and splits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from generator.errors import UnfitHistory
from generator.facts import size
from generator.facts.sheet import DERIVED, DERIVED_BEFORE, Sheet
from generator.metrics.returns import fund_returns, price_returns
from generator.model import Observation, Universe
from generator.sources.catalogue import followed
from generator.sources.live import universe
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DAYS = ("2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
FUNDS = replace(universe(), small="price.IWM", large="price.IWB", kind="fund")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store that knows every series."""
    with Store.create(tmp_path / "live.duckdb") as made:
        made.register(one.spec for one in followed().values())
        yield made


def put(store: Store, series_id: str, values: Mapping[str, float], *, observed: bool = False) -> None:
    """Hold values, each known at 21:00 UTC of its day."""
    store.append(
        Observation(
            series_id=series_id,
            date=date.fromisoformat(day),
            known_at=datetime.fromisoformat(day).replace(hour=21, tzinfo=UTC),
            value=value,
            source="yahoo",
            observed=observed,
        )
        for day, value in values.items()
    )


def sheet(store: Store, about: Universe, *, moment: datetime = LATER) -> Sheet:
    """Enter the facts on size of 24 November 2026."""
    view = store.view(moment)
    parts = size.parts(about)
    histories = view.available([about.small, about.large, *(one for several in parts.values() for one in several)])
    there = {series: tuple(one for one in several if one in histories) for series, several in parts.items()}
    made = Sheet(view=view, session=date(2026, 11, 24), universe=about, beside=there)
    size.enter(made, size.pair(made, histories), histories)
    return made


def of(*values: float) -> dict[str, float]:
    """Values of the four days."""
    return dict(zip(DAYS, values, strict=True))


# --- two indices -------------------------------------------------------------------------------------------------


def test_the_return_of_an_index_is_its_close_over_the_close_before(store: Store) -> None:
    """128 to 132 is 3.125 percent; large caps did not move. The slice holds the base, too."""
    put(store, "price.RUT", of(100.0, 125.0, 128.0, 132.0))
    put(store, "price.RUI", of(200.0, 256.0, 250.0, 250.0))
    found = sheet(store, universe())
    small, gap = found.facts["size.return.small.1s"], found.facts["size.relative.1s"]

    assert (small.value, gap.value) == (3.125, 3.125)
    assert small.label == "Small caps, price return, one-session"
    assert "close at the end of the span over the close before it" in small.formula
    first, *_ = small.evidence
    assert (first.series_id, first.first, first.last, first.count) == (
        "price.RUT", date(2026, 11, 23), date(2026, 11, 24), 2,
    )  # fmt: skip
    assert {one.series_id for one in gap.evidence} == {"price.RUT", "price.RUI"}


def test_the_first_close_is_a_base_and_no_session(store: Store) -> None:
    """Four closes are three returns: the line of relative strength begins with the second."""
    put(store, "price.RUT", of(100.0, 125.0, 128.0, 132.0))
    put(store, "price.RUI", of(200.0, 250.0, 250.0, 250.0))
    found = sheet(store, universe())

    assert found.facts["size.strength"].value == pytest.approx(100 * (132 / 250) / (125 / 250))
    assert found.facts["size.strength"].evidence[0].count == 4
    assert found.facts["size.drawdown.small"].value == 0.0


def test_the_market_value_of_an_index_is_a_gap(store: Store) -> None:
    """The groups of the French library are not the Russell indices."""
    put(store, "price.RUT", of(1.0, 1.0, 1.0, 1.0))
    put(store, "price.RUI", of(1.0, 1.0, 1.0, 1.0))

    assert sheet(store, universe()).gaps["size.share"].reason == "no market value of the Russell 2000 is known"


def test_a_fact_says_which_of_its_moments_are_derived(store: Store) -> None:
    """None, where all that it rests on was seen; its history's only, where that was filled in; else its own."""
    put(store, "price.RUI", of(1.0, 1.0, 1.0, 1.0), observed=True)
    put(store, "price.RUT", dict.fromkeys(DAYS[:2], 1.0))
    put(store, "price.RUT", dict.fromkeys(DAYS[2:], 1.0), observed=True)
    facts = sheet(store, universe()).facts

    assert facts["size.return.large.1s"].derived == ""
    assert facts["size.return.small.1s"].derived == DERIVED_BEFORE
    assert facts["size.strength"].derived == DERIVED


# --- two funds ---------------------------------------------------------------------------------------------------


def test_the_return_of_a_fund_counts_its_dividend_and_its_split(store: Store) -> None:
    """128 to two shares of 65 and one dollar for each: 132 for 128, 3.125 percent; both are in the evidence."""
    put(store, "price.IWM", of(126.0, 127.0, 128.0, 65.0))
    put(store, "dividend.IWM", {"2026-11-24": 1.0})
    put(store, "split.IWM", {"2026-11-24": 2.0})
    put(store, "price.IWB", of(250.0, 250.0, 250.0, 250.0))
    fact = sheet(store, FUNDS).facts["size.return.small.1s"]

    assert fact.value == pytest.approx(3.125)
    assert fact.label == "Small caps, total return, one-session"
    assert {one.series_id: one.count for one in fact.evidence if one.first == date(2026, 11, 23)} == {
        "price.IWM": 2, "dividend.IWM": 1, "split.IWM": 1,
    }  # fmt: skip


def test_a_dividend_that_was_not_known_yet_is_not_counted(store: Store) -> None:
    """As of the evening; made again later, with it, the total return is another one: that is what happened."""
    put(store, "price.IWM", of(100.0, 100.0, 100.0, 99.0))
    put(store, "price.IWB", of(250.0, 250.0, 250.0, 250.0))
    late = datetime(2026, 11, 25, 12, tzinfo=UTC)
    store.append(
        [Observation(series_id="dividend.IWM", date=date(2026, 11, 24), known_at=late, value=1.0, source="yahoo")]
    )
    evening = datetime(2026, 11, 24, 23, tzinfo=UTC)

    assert sheet(store, FUNDS, moment=evening).facts["size.return.small.1s"].value == pytest.approx(-1.0)
    assert sheet(store, FUNDS).facts["size.return.small.1s"].value == pytest.approx(0.0)


# --- the metrics -------------------------------------------------------------------------------------------------


def closes(*values: float) -> pd.Series:
    """Closes of successive business days."""
    return pd.Series(list(values), index=pd.date_range("2026-11-16", periods=len(values), freq="B"))


def test_without_events_a_fund_is_an_index() -> None:
    """A law: no dividend and no split leave the price return."""
    history, none = closes(100.0, 101.0, 99.0, 104.0), closes()

    assert fund_returns(history, none, none).tolist() == pytest.approx(price_returns(history).tolist())


def test_a_split_alone_returns_nothing() -> None:
    """Three shares of a third of the price; one share of three times the price the other way round."""
    for ratio, price in ((3.0, 40.0), (1 / 3, 360.0)):
        history = closes(120.0, price)
        found = fund_returns(history, closes().astype("float64"), pd.Series([ratio], index=history.index[1:]))
        assert found.tolist() == pytest.approx([0.0])


def test_what_falls_on_a_day_without_a_close_counts_on_the_next() -> None:
    """A dividend dated on a Saturday; one after the last close does not count yet."""
    history = closes(100.0, 100.0, 100.0, 100.0, 100.0, 99.0)
    paid = pd.Series([1.0, 5.0], index=pd.DatetimeIndex(["2026-11-21", "2026-11-28"]))

    assert fund_returns(history, paid, closes()).tolist() == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.0])


def test_a_dividend_below_zero_is_refused() -> None:
    """And a split into nothing."""
    history = closes(100.0, 100.0)
    bad = pd.Series([-1.0], index=history.index[1:])
    for paid, split in ((bad, closes()), (closes(), bad)):
        with pytest.raises(UnfitHistory):
            fund_returns(history, paid, split)
