"""edition.json: what facts share stands once, and reading gives back what was written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import letters
import pytest

from generator.edition import from_json, json_schema, to_json
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = Path("edition.json")
SCHEMA = Path(__file__).parents[1] / "docs" / "edition.schema.json"


def test_reading_gives_back_what_was_written() -> None:
    """Every value is the same, and writing it again gives the same bytes."""
    written = to_json(letters.edition())
    found = from_json(written, path=PATH)

    assert found == letters.edition()
    assert to_json(found) == written


def test_a_slice_that_many_facts_rest_on_stands_once() -> None:
    """Facts name slices by their place, and no slice has two places."""
    letter = letters.edition()
    twins = {f"{key}.twin": replace(fact, key=f"{key}.twin") for key, fact in letter.facts.items()}
    plain = json.loads(to_json(replace(letter, facts={**letter.facts, **twins})))
    named = {place for fact in plain["facts"].values() for place in fact["evidence"]}
    slices = [json.dumps(one, sort_keys=True) for one in plain["slices"]]

    assert named == set(range(len(slices)))
    assert len(set(slices)) == len(slices)
    assert 2 * len(slices) <= sum(len(fact["evidence"]) for fact in plain["facts"].values())


def test_what_a_fact_does_not_have_is_left_out() -> None:
    """No field of a fact is null, empty or without words."""
    plain = json.loads(to_json(letters.edition()))

    assert not [
        name for fact in plain["facts"].values() for name, value in fact.items() if value is None or value in ("", [])
    ]


def test_the_order_of_facts_does_not_change_the_bytes() -> None:
    """Facts are written by key, so two runs that found them in another order agree."""
    letter = letters.edition()
    turned = replace(letter, facts=dict(reversed(letter.facts.items())))

    assert json.loads(to_json(turned))["facts"].keys() == json.loads(to_json(letter))["facts"].keys()


def test_no_line_is_longer_than_it_must_be() -> None:
    """An object or a list that is too long for a line is broken; only single words and numbers go on."""
    for line in to_json(letters.edition()).decode().splitlines():
        assert len(line) <= 260 or line.count('"') <= 4


def _beyond(plain: dict[str, Any]) -> None:
    next(iter(plain["facts"].values()))["evidence"] = [len(plain["slices"])]


def _negative(plain: dict[str, Any]) -> None:
    next(iter(plain["facts"].values()))["evidence"] = [-1]


def _word(plain: dict[str, Any]) -> None:
    next(iter(plain["facts"].values()))["evidence"] = ["first"]


def _no_list(plain: dict[str, Any]) -> None:
    del plain["slices"]


@pytest.mark.parametrize("damage", [_beyond, _negative, _word, _no_list])
def test_a_fact_that_names_no_slice_is_damage(damage: Callable[[dict[str, Any]], None]) -> None:
    """A place that is not there is found when the file is read, and the file is named."""
    plain = json.loads(to_json(letters.edition()))
    damage(plain)

    with pytest.raises(DamagedEdition, match=r"edition\.json"):
        from_json(json.dumps(plain).encode(), path=PATH)


def test_the_schema_in_docs_is_that_of_the_code() -> None:
    """docs/edition.schema.json is `json_schema()`, key by key."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema()
