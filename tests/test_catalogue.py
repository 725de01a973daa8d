"""What is followed live: every series with unit, rule, terms, and offers in their order."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.config import OwnSeries
from generator.errors import BadSetting, UnknownName
from generator.facts import needed
from generator.sources import catalogue
from generator.sources.catalogue import Offer, followed, hidden, own, usable
from generator.sources.feeds import EDGES
from generator.sources.listing import TERMS, terms
from generator.sources.live import Live, universe
from generator.sources.releases import RULES
from generator.sources.sample import Sample

KEYLESS = ("treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo")


def table(**given: str) -> dict[str, Any]:
    """A table [[series]] as the settings give it."""
    return OwnSeries(**given).model_dump()  # type: ignore[arg-type]


def test_every_series_can_be_asked_for_and_dated() -> None:
    """Each has a rule and terms; each of its sources has an edge and its terms."""
    for series_id, one in followed().items():
        assert one.spec.id == series_id
        assert one.spec.release in RULES
        assert one.spec.terms
        assert one.offers or one.base == "always"
        for offer in one.offers:
            assert offer.source in EDGES
            assert TERMS[offer.source]


def test_the_docs_have_the_terms_of_every_source() -> None:
    """docs/sources.md has a row for each, and names the series that need a licence."""
    page = (Path(__file__).parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(EDGES)
    for series_id in hidden(followed().values(), ()):
        assert f"`{series_id}`" in page


def test_what_the_sample_has_too_is_the_same_thing() -> None:
    """The same name, unit and frequency: a series may start from the sample's history."""
    live = followed()
    for spec in Sample().specs():
        assert (live[spec.id].spec.unit, live[spec.id].spec.frequency) == (spec.unit, spec.frequency)


def test_all_that_the_facts_need_is_followed() -> None:
    """The indices, and every series of rates, prices, currencies and the calendar."""
    assert set(needed(universe())) <= set(followed())


def test_a_fund_is_three_series_of_one_symbol() -> None:
    """Its closes, its dividends and its splits; the events come in the answer about the closes."""
    parts = {series_id: one for series_id, one in followed().items() if series_id.endswith(".IWM")}

    assert {series_id: one.offers[0].code for series_id, one in parts.items()} == {
        "price.IWM": "IWM",
        "dividend.IWM": "IWM:dividends",
        "split.IWM": "IWM:splits",
    }
    assert [one.beside for one in parts.values()] == ["", "price.IWM", "price.IWM"]


def test_the_settings_rank_the_sources() -> None:
    """The Treasury alone by default, FRED's file before it for who wants that; who is not named is not asked."""
    ten = followed()["rates.DGS10"]

    assert [one.source for one in usable(ten, order=KEYLESS, keys=())] == ["treasury"]
    assert [one.source for one in usable(ten, order=("fredcsv", "treasury"), keys=())] == ["fredcsv", "treasury"]
    assert usable(ten, order=("yahoo",), keys=("fred",)) == ()


def test_fred_is_asked_with_a_key_alone_and_first_for_vintages() -> None:
    """What is revised is worth its archive; a yield, which is not, stays with its publisher."""
    order = (*KEYLESS, "fred")
    prices, ten = followed()["prices.CPIAUCSL"], followed()["rates.DGS10"]

    assert usable(prices, order=order, keys=()) == (Offer(source="bls", code="CUSR0000SA0"),)
    assert [one.source for one in usable(prices, order=order, keys=("fred",))] == ["fred", "bls"]
    assert [one.source for one in usable(ten, order=order, keys=("fred",))] == ["treasury", "fred"]


def test_without_a_key_only_what_fred_alone_has_is_missing() -> None:
    """The keyless sources carry the letter."""
    order = (*KEYLESS, "fred")
    missing = {name for name, one in followed().items() if one.offers and not usable(one, order=order, keys=())}

    assert all({offer.source for offer in followed()[name].offers} <= {"fred", "fredcsv"} for name in missing)
    assert not {name for name in missing if name.startswith(("price.", "rates.DGS", "policy.", "fx.", "prices.CPI"))}


def test_a_series_that_needs_a_licence_is_hidden_without_one() -> None:
    """The spreads of ICE; the owner's leave is named series by series."""
    series = followed().values()

    assert "spread.BAMLH0A0HYM2" in hidden(series, ())
    assert "spread.BAMLH0A0HYM2" not in hidden(series, ("spread.BAMLH0A0HYM2",))
    assert "price.RUT" not in hidden(series, ())


def test_the_notice_that_fred_asks_for_stands_where_fred_gave_something() -> None:
    """Word for word, and nowhere else."""
    spec = followed()["prices.CPIAUCSL"].spec

    assert "not endorsed or certified by the Federal Reserve Bank of St. Louis" in terms(spec, ["fred", "bls"])
    assert terms(spec, ["bls"]) == spec.terms


def test_live_is_over_a_store_that_holds_both_indices() -> None:
    """Complete through the day that both have; it knows every series."""
    source = Live.over({"price.RUT": date(2026, 11, 24), "price.RUI": date(2026, 11, 23)})

    assert source.complete_through == date(2026, 11, 23)
    assert {spec.id for spec in source.specs()} == set(followed())
    assert "spread.BAMLH0A0HYM2" in source.universe.hidden


# --- a user's own series ----------------------------------------------------------------------------------------


def test_a_file_is_a_series_by_four_lines() -> None:
    """Its columns by name; known at the end of the day unless it says when."""
    (one,) = own([table(id="survey.orders", file="orders.csv", unit="index", known_at="published")]).values()

    assert one.offers == (Offer(source="csv", code="orders.csv::date::value::published"),)
    assert (one.spec.release, one.spec.label) == ("own", "survey.orders")
    assert usable(one, order=(), keys=()) == one.offers  # no setting stands between a person and their file


def test_a_symbol_is_a_series_by_two_lines() -> None:
    """A share comes with its dividends and splits, an index alone."""
    found = own([table(id="price.NVDA", yahoo="NVDA"), table(id="price.SOX", yahoo="^SOX", unit="index points")])

    assert set(found) == {"price.NVDA", "dividend.NVDA", "split.NVDA", "price.SOX"}


def test_a_name_of_fred_is_a_series_by_two_lines() -> None:
    """From its API with a key, from its public file if the settings allow it."""
    (one,) = own([table(id="output.GDPC1", fred="GDPC1")]).values()

    assert [offer.source for offer in one.offers] == ["fred", "fredcsv"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"id": "survey.orders"}, "names no source"),
        ({"id": "survey.orders", "file": "a.csv", "yahoo": "A"}, "names file and yahoo"),
        ({"id": "rates.DGS10", "fred": "DGS10"}, "already"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(given: dict[str, str], problem: str) -> None:
    """With its id, and what to do."""
    with pytest.raises(BadSetting, match=problem):
        own([table(**given)])


def test_a_unit_or_a_rule_that_is_none_is_named() -> None:
    """With the nearest that there is."""
    with pytest.raises(UnknownName) as unit:
        own([table(id="survey.orders", file="a.csv", unit="percents")])
    with pytest.raises(UnknownName) as rule:
        own([table(id="survey.orders", file="a.csv", release="equityclose")])

    assert (unit.value.nearest, rule.value.nearest) == ("percent", "equity-close")


def test_the_tables_are_the_same_each_time() -> None:
    """One catalogue for the life of the process."""
    assert catalogue.followed() is catalogue.followed()
