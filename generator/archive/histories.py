"""The history of each fact over the editions: its data by year, and what its page draws and tells of each year.

A year is made as a whole: its files (CSV and JSON of every fact) and its summary, which is kept in the cache under the
digests of its editions. So a new edition costs the work of its year only, and gives the bytes of a full build. The rows
of the newest year are kept, too: an edition that comes last is added to them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.archive import extracts
from generator.archive.crew import each
from generator.archive.shelf import keep
from generator.archive.values import Content, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = ("edition", "as_of", "value", "printed")
PRINTED = 24  # newest uses of a fact that its page shows; all of them stand in its data
FOLDER = "facts"
EPOCH = date(2000, 1, 1).toordinal()  # days are counted from here: small numbers, which every renderer draws well


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The editions of a year, oldest first, by their digests; `newest`: it is drawn in full, older years thinned."""

    name: str
    digests: tuple[str, ...]
    newest: bool
    cache: Path

    @property
    def key(self) -> str:
        """What its summary is kept under."""
        said = f"{self.newest}\0" + "\0".join(self.digests)
        return hashlib.sha256(said.encode() + Path(__file__).read_bytes()).hexdigest()

    def unit(self, salt: str) -> Unit:
        """Its data files."""
        return Unit(name=f"{FOLDER} {self.name}", recipe=f"{salt[:16]}{self.key}", make=partial(_made, self))

    def summary(self) -> dict[str, dict[str, Any]]:
        """What pages need of it, by fact: path, ends, extremes, count, last value, newest uses and definition."""
        found: dict[str, dict[str, Any]] = json.loads(self.place.read_bytes())
        return found

    @property
    def place(self) -> Path:
        """Where its summary is kept."""
        return self.cache / f"year-{self.key}.json"

    @property
    def rows(self) -> Path:
        """Where its rows are kept, if it is the newest: the next edition is added to them."""
        return self.cache / f"year-{self.key}.rows"

    def make(self) -> Mapping[str, Content]:
        """Its data files, by path; its summary goes to the cache."""
        found = self._one_more() or self._whole()
        keep(self.place, json.dumps(found.summary, ensure_ascii=False).encode())
        if self.newest:
            keep(self.rows, json.dumps(found.rows, ensure_ascii=False).encode())
        made: dict[str, Content] = {}
        for key, rows in sorted(found.rows.items()):
            made[f"{FOLDER}/{key}/{self.name}.csv"] = _csv(rows)
            made[f"{FOLDER}/{key}/{self.name}.json"] = _json(key, found.summary[key]["of"], rows)
        return made

    def _whole(self) -> Told:
        """The year from the extracts of all its editions."""
        texts = [self._text(digest) for digest in self.digests]
        rows: dict[str, list[str]] = {}
        holders: dict[str, list[int]] = {}  # which of the editions, by fact
        days = []
        for place, text in enumerate(texts):
            days.append(_day(text))
            for key, row in extracts.rows(text).items():
                rows.setdefault(key, []).append(row)
                holders.setdefault(key, []).append(place)
        defined = _defined(texts)
        weeks: dict[tuple[int, ...], list[tuple[int, int]]] = {}  # most facts are held by the same editions
        summary = {}
        for key, of in rows.items():
            when = tuple(days[place] for place in holders[key])
            if when not in weeks:
                weeks[when] = _weeks(when)
            summary[key] = _summary(of, when, weeks[when], thin=not self.newest) | {"of": defined[key]}
        return Told(rows={key: "\n".join(of) for key, of in rows.items()}, summary=summary)

    def _one_more(self) -> Told | None:
        """The same from the year without its last edition, and that; None if that year is not in the cache."""
        before = replace(self, digests=self.digests[:-1])
        try:
            rows: dict[str, str] = json.loads(before.rows.read_bytes()) if self.newest else {}
            summary = before.summary() if rows else {}
        except (FileNotFoundError, ValueError):
            return None
        if not rows:
            return None
        text = self._text(self.digests[-1])
        day, defined = _day(text), extracts.definitions(text)
        for key, row in extracts.rows(text).items():
            alone = _summary([row], (day,), [(0, 1)], thin=False) | {"of": defined[key]}
            summary[key] = _added(summary[key], alone) if key in summary else alone
            rows[key] = f"{rows[key]}\n{row}" if key in rows else row
        return Told(rows=rows, summary=summary)

    def _text(self, digest: str) -> str:
        return (self.cache / f"{digest}.txt").read_bytes().decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A year, by fact: the rows of its editions, a line each, and what pages need of them."""

    rows: dict[str, str]
    summary: dict[str, dict[str, Any]]


def ready(years: Sequence[Year]) -> None:
    """See to it that every year has its summary."""
    missing = [year for year in years if not year.place.exists()]
    if len(missing) == 1:
        _made(missing[0])
    else:
        each([partial(_summarised, year) for year in missing], weight=0.3)


def _summarised(year: Year) -> None:
    year.make()


@lru_cache(maxsize=1)
def _made(year: Year) -> Mapping[str, Content]:
    """Its files; those of the year whose summary was just made are not made twice."""
    return year.make()


def _defined(texts: Sequence[str]) -> dict[str, list[str]]:
    """Unit, label and formula of each fact, as the last edition that holds it has them."""
    found: dict[str, list[str]] = {}
    for text in reversed(texts):
        if not extracts.rows(text).keys() <= found.keys():
            found = extracts.definitions(text) | found
    return found


def _csv(rows: str) -> bytes:
    """Rows as CSV (RFC 4180): the cells of JSON fit as they are, but for a quotation mark or a backslash in them."""
    if "\\" not in rows:
        return f"{','.join(COLUMNS)}\n{rows}\n".replace("\n", "\r\n").encode()
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *(json.loads(f"[{row}]") for row in rows.split("\n"))])
    return out.getvalue().encode()


def _json(key: str, of: Sequence[str], rows: str) -> bytes:
    unit, label, formula = of
    head = {"fact": key, "unit": unit, "label": label, "formula": formula, "columns": COLUMNS}
    listed = rows.replace("\n", "],\n[")
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "rows": [\n[{listed}]\n]}}\n'.encode()


def _weeks(days: Sequence[int]) -> list[tuple[int, int]]:
    """Where each calendar week begins and ends among days in order."""
    found, start = [], 0
    for place in range(1, len(days) + 1):
        if place == len(days) or (days[place] + 5) // 7 != (days[start] + 5) // 7:  # EPOCH was a Saturday
            found.append((start, place))
            start = place
    return found


def _summary(rows: Sequence[str], days: Sequence[int], weeks: list[tuple[int, int]], *, thin: bool) -> dict[str, Any]:
    """What a page draws and tells of a fact in a year."""
    values = [float(row.split(",", 3)[2]) for row in rows]
    drawn = _thinned(values, weeks) if thin else range(len(values))
    used = [row for row in rows if not row.endswith(',""')]
    return {
        "path": " ".join([f"{days[place]},{values[place]:.6g}" for place in drawn]), "first": days[0],
        "last": days[-1], "low": min(values), "high": max(values), "count": len(rows), "value": rows[-1],
        "used": len(used), "uses": [json.loads(f"[{row}]") for row in used[-PRINTED:]],
    }  # fmt: skip


def _added(before: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """The summary of a fact with that of one edition more, the last."""
    return before | {
        "path": f"{before['path']} {one['path']}", "last": one["last"], "low": min(before["low"], one["low"]),
        "high": max(before["high"], one["high"]), "count": before["count"] + 1, "value": one["value"],
        "used": before["used"] + one["used"], "uses": (before["uses"] + one["uses"])[-PRINTED:], "of": one["of"],
    }  # fmt: skip


def _day(text: str) -> int:
    """The day of an edition, from its extract, as charts count it."""
    return date.fromisoformat(extracts.day(text)).toordinal() - EPOCH


def _thinned(values: Sequence[float], weeks: list[tuple[int, int]]) -> list[int]:
    """Of each week the lowest and the highest point, in order, and both ends: no extreme is lost."""
    kept = {0, len(values) - 1}
    for start, end in weeks:
        week = values[start:end]
        kept.add(start + week.index(min(week)))
        kept.add(start + week.index(max(week)))
    return sorted(kept)
