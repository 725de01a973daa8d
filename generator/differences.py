"""Differences: where two values of an edition's parts are not the same, as deep as both have the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from generator.edition import Claim
from generator.model import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDEST = 90  # characters of what is printed in the table of differences
# What tells the items of a sequence apart, and how one of them is called ("": by that alone)
IDENTITY = {"tables": "id", "rows": "label", "charts": "id", "gaps": "key", "headlines": "key", "sources": "series_id",
            "sections": "story"}  # fmt: skip
SINGULAR = {"tables": "table", "rows": "", "charts": "chart", "gaps": "gap", "headlines": "headline",
            "sources": "source", "sections": "section"}  # fmt: skip
SAID = frozenset({"title", "alt", "paragraphs"})  # sentences, which verify compares one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as the store, or the edition, says it must be."""

    where: str
    fact: str
    printed: str
    expected: str


def parts(name: str, left: object, right: object, where: str = "") -> Iterator[Difference]:
    """Where two values of a field differ; `left` is what is printed, `right` what is expected."""
    where = where or name
    if left == right:
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in dict.fromkeys((*left, *right)):
            yield from parts(str(key), left.get(key), right.get(key), f"{where}, {key}")
    elif isinstance(left, tuple) and isinstance(right, tuple):
        yield from _items(name, left, right, where)
    elif is_dataclass(left) and type(left) is type(right) and not isinstance(left, Claim | Gap):
        yield from _fields(left, right, where)
    else:
        yield Difference(where=where, fact=fact_of(right) or fact_of(left), **both(left, right))


def _items(name: str, left: tuple[Any, ...], right: tuple[Any, ...], where: str) -> Iterator[Difference]:
    """Items by what tells them apart, else by their place; other counts or orders are one difference."""
    if name in IDENTITY:
        mine, theirs = ({getattr(one, IDENTITY[name]): one for one in side} for side in (left, right))
        if mine.keys() == theirs.keys() and [*mine] != [getattr(one, IDENTITY[name]) for one in left]:
            yield Difference(where=where, fact="", printed="an item twice", expected="each once")
        if [*mine] != [*theirs] and mine.keys() == theirs.keys():
            yield Difference(where=where, fact="", printed=short(", ".join(mine)), expected=short(", ".join(theirs)))
        for key in dict.fromkeys((*mine, *theirs)):
            place = [] if where == name else [where]
            place.append(f"{SINGULAR[name]} {key}".strip())
            yield from parts(key, mine.get(key), theirs.get(key), ", ".join(place))
    elif len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right, strict=True), start=1):
            yield from parts(name, one, other, where if name == "cells" else f"{where} {number}")
    else:
        yield Difference(where=where, fact="", **both(left, right))


def _fields(left: object, right: object, where: str) -> Iterator[Difference]:
    for field in fields(left):  # type: ignore[arg-type]
        mine, theirs = getattr(left, field.name), getattr(right, field.name)
        if field.name not in SAID or isinstance(mine, str):
            inside = field.name in IDENTITY or field.name == "cells"
            yield from parts(field.name, mine, theirs, where if inside else f"{where}, {field.name}")


def fact_of(value: object) -> str:
    """The key of the fact or gap that something is about; none: empty."""
    return str(getattr(value, "fact", "") or getattr(value, "key", ""))


def both(left: object, right: object) -> dict[str, str]:
    """What is printed and what is expected; where the words are the same, with what they stand for."""
    printed, expected = short(left), short(right)
    if printed == expected:
        printed, expected = short(repr(left)), short(repr(right))
    return {"printed": printed, "expected": expected}


def short(value: object) -> str:
    """Something in the width of a table's cell: its words, else how Python writes it."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else getattr(value, "text", None) or repr(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
