"""The page of each fact: what it is, its history over the editions as a chart, and who printed it how."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from generator.archive import press
from generator.archive.histories import EPOCH, FOLDER, PRINTED
from generator.archive.values import Content, Unit
from generator.units import Unit as Measure
from generator.units import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.archive.histories import Year
    from generator.archive.values import Site

WIDE, HIGH = 640, 240  # of the chart, in its own pixels
LEFT, RIGHT, TOP, FOOT = 4, 92, 12, 26  # around the lines
TICKS = 4
GROUPS = {
    "size": "Small and large caps", "rates": "Yields and the curve", "policy": "Policy", "inflation": "Inflation",
    "fx": "Currencies", "precedent": "Precedent", "day": "The day", "calendar": "Calendar",
}  # fmt: skip
OTHERS = "Others"
Summary = dict[str, Any]  # of a fact in a year: see histories._summary


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A fact over all years that hold it, oldest first."""

    key: str
    years: tuple[tuple[str, Summary], ...]

    @property
    def unit(self) -> Measure:
        """What its values count."""
        return Measure(self.newest["of"][0])

    @property
    def newest(self) -> Summary:
        """Its newest year."""
        return self.years[-1][1]

    @property
    def label(self) -> str:
        """Its name, as the newest edition has it."""
        return str(self.newest["of"][1])

    @property
    def formula(self) -> str:
        """Its formula, likewise."""
        return str(self.newest["of"][2])

    @property
    def value(self) -> str:
        """Its newest value as the letter prints it."""
        return self.said(json.loads(f"[{self.newest['value']}]")[2])

    @property
    def day(self) -> str:
        """The day of the newest edition that holds it."""
        return str(self.newest["value"][1:11])

    @property
    def uses(self) -> list[list[Any]]:
        """The newest editions that printed it, newest first: edition, day, value, words."""
        return [use for _, year in reversed(self.years) for use in reversed(year["uses"])][:PRINTED]

    def total(self, of: str) -> int:
        """The sum of a count over the years."""
        return sum(year[of] for _, year in self.years)

    def said(self, value: float) -> str:
        """A value as the letter prints it, short."""
        return quantity(value, self.unit, brief=True)


@cache
def histories(years: tuple[Year, ...]) -> list[History]:
    """All facts by key."""
    found: dict[str, list[tuple[str, Summary]]] = {}
    for year in years:
        for key, summary in year.summary().items():
            found.setdefault(key, []).append((year.name, summary))
    return [History(key=key, years=tuple(one)) for key, one in sorted(found.items())]


def unit(years: Sequence[Year], site: Site, salt: str) -> Unit:
    """The pages of all facts and their index; they change together with every edition."""
    recipe = hashlib.sha256("\0".join([salt, repr(site), *(year.key for year in years)]).encode()).hexdigest()
    return Unit(name=FOLDER, recipe=recipe, make=partial(_pages, tuple(years), site))


def _pages(years: tuple[Year, ...], site: Site) -> Mapping[str, Content]:
    all_ = histories(years)
    grouped: dict[str, list[History]] = {}
    for one in all_:
        grouped.setdefault(GROUPS.get(one.key.split(".")[0], OTHERS), []).append(one)
    groups = {name: grouped[name] for name in (*GROUPS.values(), OTHERS) if name in grouped}
    made: dict[str, Content] = {
        f"{FOLDER}/index.html": press.page("site/facts.html", site, f"{FOLDER}/", groups=groups)
    }
    template = press.environment().get_template("site/fact.html")
    for one in all_:
        path = f"{FOLDER}/{one.key}/"
        made[path + "index.html"] = template.render(
            {"root": "../../", "site": site, "path": path, "fact": one, "chart": chart(one), "uses": uses(one)}
        ).encode()
    return made


def uses(fact: History) -> str:
    """The letters that printed it, as entries of a list; safe to stand in a page.

    There are thousands on all pages together: in a template they took half the time of a build with one edition more.
    """
    return "".join(f"<li>{_letter(id_)}: “{escape(words)}”</li>\n" for id_, _, _, words in fact.uses)


@cache
def _letter(id_: str) -> str:
    """The link to a letter from the page of a fact."""
    address, day = f"{id_[:4]}/{id_[5:7]}/{id_[8:]}", press.longday(id_)
    return f'<a href="../../{escape(address)}/">{day}, {escape(id_[11:])}</a>'


def chart(fact: History) -> str:
    """The history as SVG: one line, ticks at the right, first and last day below; safe to stand in a page."""
    first, last = fact.years[0][1]["first"], fact.newest["last"]
    low, high = min(year["low"] for _, year in fact.years), max(year["high"] for _, year in fact.years)
    steps = ticks(low, high)
    bottom, top = min(low, steps[0]), max(high, steps[-1])
    across = (WIDE - LEFT - RIGHT) / max(last - first, 1)
    up = (HIGH - TOP - FOOT) / (top - bottom)
    floor = HIGH - FOOT
    marks = "".join(
        f'<path class="grid" d="M{LEFT},{floor - (step - bottom) * up:.1f}H{WIDE - RIGHT}"/>'
        f'<text x="{WIDE - RIGHT + 8}" y="{floor - (step - bottom) * up + 4:.1f}">{escape(fact.said(step))}</text>'
        for step in steps
    )
    ends = (
        f'<text x="{LEFT}" y="{HIGH - 6}">{_day(first)}</text>'
        f'<text class="end" x="{WIDE - RIGHT}" y="{HIGH - 6}">{_day(last)}</text>'
    )
    points = " ".join(year["path"] for _, year in fact.years)
    place = f"matrix({across:.7g} 0 0 {-up:.7g} {LEFT - first * across:.7g} {floor + bottom * up:.7g})"
    told = (
        f"{fact.label}: {fact.total('count')} editions from {_day(first)} to {_day(last)}; "
        f"lowest {fact.said(low)}, highest {fact.said(high)}, newest {fact.value}."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="history" viewBox="0 0 {WIDE} {HIGH}">'
        f'<title id="history">{escape(told)}</title>{marks}'
        f'<g transform="{place}"><polyline class="line" vector-effect="non-scaling-stroke" points="{points}"/></g>'
        f"{ends}</svg>"
    )


def ticks(low: float, high: float) -> list[float]:
    """About four round values that span a range; of a range without width, the value and its neighbours.

    >>> ticks(-1.2, 3.7)
    [-2.0, 0.0, 2.0, 4.0]
    >>> ticks(5.0, 5.0)
    [4.0, 5.0, 6.0]
    """
    if high <= low:
        return [low - 1, low, low + 1]
    rough = (high - low) / TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [place * step for place in range(first, last + 1)]


@cache
def _day(place: int) -> str:
    return press.longday(date.fromordinal(place + EPOCH).isoformat())
