"""The edges by name: each keeps to the interface, and none is loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from generator.errors import UnknownName
from generator.sources.catalogue import followed
from generator.sources.feeds import EDGES, Wanted, edge

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 24)
OFFERS = [(one.spec.id, offer) for one in followed().values() for offer in one.offers]


@pytest.mark.parametrize("name", EDGES)
def test_every_edge_bears_the_name_it_is_found_by(name: str) -> None:
    """And names its hosts, which `doctor` looks for."""
    found = edge(name)

    assert found.name == name
    assert all("/" not in host and "." in host for host in found.hosts)


def test_an_unknown_edge_is_named_with_the_nearest() -> None:
    """A slip of the finger costs no look into the docs."""
    with pytest.raises(UnknownName, match="there is no source 'yaho'") as caught:
        edge("yaho")
    assert caught.value.nearest == "yahoo"


@pytest.mark.parametrize("since", [None, date(2026, 11, 14)])
@pytest.mark.parametrize("source", sorted({offer.source for _, offer in OFFERS}))
def test_batches_hold_each_series_that_is_wanted(source: str, since: date | None) -> None:
    """Nothing that the catalogue asks of a source is lost on the way, nothing else comes in."""
    wanted = [Wanted(series_id=name, code=one.code, since=since) for name, one in OFFERS if one.source == source]
    batches = edge(source).batches(wanted, today=TODAY)

    assert {one for batch in batches for one in batch.wanted} == set(wanted)
    assert all(batch.source == source and batch.label and batch.last <= TODAY for batch in batches)


def test_the_registry_loads_no_library_of_a_source() -> None:
    """Of them, yfinance alone costs more than a letter."""
    code = (
        "import sys, generator.sources.feeds, generator.sources.catalogue, generator.pipeline\n"
        "print(sorted({'yfinance', 'fredapi', 'httpx', 'rich', 'stamina', 'dotenv'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
