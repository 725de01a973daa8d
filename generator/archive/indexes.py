"""Home, and the indexes by year, month and kind: the calendar whose colours say how small caps did each day."""

from __future__ import annotations

import calendar
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.archive import letters, press
from generator.archive.values import KINDS, Content, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.archive.values import Correction, Edition, Head, Site

HEADLINES = 12  # on the home page
NEAR = 40  # editions among which those are, and those of the newest month
LISTED = 60  # on the page of a kind; older ones by year
STEPS = (0.25, 1.5)  # percent: below the first a day is flat, from the second on it is a strong one


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A cell of the calendar: nothing, a day without a letter, or one with its editions."""

    number: int  # 0: outside the month
    heads: tuple[Head, ...] = ()

    @property
    def tone(self) -> str:
        """The class of its colour."""
        return tone(self.heads[0].move) if self.heads else ""


def tone(move: float | None) -> str:
    """How a day went for small caps, by the size of their return.

    >>> [tone(move) for move in (None, 0.1, 0.25, -1.6)]
    ['none', 'flat', 'up', 'down2']
    """
    if move is None:
        return "none"
    if abs(move) < STEPS[0]:
        return "flat"
    return f"{'up' if move > 0 else 'down'}{'2' if abs(move) >= STEPS[1] else ''}"


def weeks(year: int, month: int, heads: Sequence[Head]) -> list[list[Day]]:
    """The weeks of a month, Monday to Friday, and Saturday and Sunday where one of them has a letter."""
    by_day: dict[str, list[Head]] = {}
    for head in heads:
        by_day.setdefault(head.day, []).append(head)
    found = []
    for week in calendar.Calendar().monthdayscalendar(year, month):
        days = [Day(number=day, heads=tuple(by_day.get(f"{year:04}-{month:02}-{day:02}", ()))) for day in week]
        shown = days if any(day.heads for day in days[5:]) else days[:5]
        if any(day.number for day in shown):
            found.append(shown)
    width = max((len(week) for week in found), default=5)
    return [week + [Day(number=0)] * (width - len(week)) for week in found]


def units(shelf: Sequence[Edition], corrections: Sequence[Correction], site: Site, salt: str) -> list[Unit]:
    """Every index, oldest first, and home."""
    heads = tuple(one.head for one in shelf)
    years: dict[str, list[Head]] = {}
    kinds: dict[str, list[Head]] = {}
    for head in heads:
        years.setdefault(head.year, []).append(head)
        kinds.setdefault(head.kind, []).append(head)
    found = []
    names = tuple((year, len(years[year])) for year in sorted(years, reverse=True))
    order = sorted(years)
    for place, year in enumerate(order):
        near = (order[place - 1] if place else "", order[place + 1] if place + 1 < len(order) else "")
        found.append(_unit(year, salt, site, _year, year, tuple(years[year]), near))
    for kind, ones in kinds.items():
        found.append(_unit(kind, salt, site, _kind, kind, tuple(ones[-LISTED:]), _by_year(ones)))
        for year, count in _by_year(ones):
            of = tuple(head for head in ones if head.year == year)
            found.append(_unit(f"{kind} {year} {count}", salt, site, _kind_year, kind, year, of))
    tally = tuple((year, *_tally(years[year])) for year, _ in names)
    found.append(_unit("(archive)", salt, site, _archive, tally, tuple(sorted(kinds, key=_place))))
    if shelf:
        newest = _newest(shelf)
        found.append(_unit("(home)", salt, site, _home, newest, heads[-NEAR:], tuple(corrections)))
    return found


def _unit(name: str, salt: str, site: Site, make: Callable[..., Mapping[str, Content]], *given: object) -> Unit:
    recipe = hashlib.sha256("\0".join([salt, repr(site), repr(given)]).encode()).hexdigest()
    return Unit(name=name, recipe=recipe, make=partial(make, site, *given))


def _newest(shelf: Sequence[Edition]) -> Edition:
    """The newest letter; of several on one day, the daily one."""
    day = shelf[-1].head.day
    return next(one for one in shelf if one.head.day == day)


def _place(kind: str) -> tuple[int, str]:
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)


def _by_year(heads: Sequence[Head]) -> tuple[tuple[str, int], ...]:
    """Years with the count of their letters, newest first."""
    years = sorted({head.year for head in heads}, reverse=True)
    return tuple((year, sum(head.year == year for head in heads)) for year in years)


def _tally(heads: Sequence[Head]) -> tuple[int, int, int, int]:
    """Letters of a year; and its days on which small caps rose, were little changed, and fell."""
    days = {head.day: tone(head.move) for head in reversed(heads)}
    counts = [sum(one.startswith(name) for one in days.values()) for name in ("up", "flat", "down")]
    return (len(heads), counts[0], counts[1], counts[2])


def _year(site: Site, year: str, heads: tuple[Head, ...], near: tuple[str, str]) -> Mapping[str, Content]:
    months = [
        (f"{month:02}", weeks(int(year), month, [head for head in heads if head.day[5:7] == f"{month:02}"]))
        for month in range(1, 13)
    ]
    having = [f"{month:02}" for month in range(1, 13) if any(head.day[5:7] == f"{month:02}" for head in heads)]
    made: dict[str, Content] = {
        f"{year}/index.html": press.page(
            "site/year.html", site, f"{year}/", year=year, months=months, having=having, count=len(heads), near=near
        )
    }
    for place, month in enumerate(having):
        beside = (having[place - 1] if place else "", having[place + 1] if place + 1 < len(having) else "")
        of = [head for head in heads if head.day[5:7] == month]
        made[f"{year}/{month}/index.html"] = press.page(
            "site/month.html", site, f"{year}/{month}/", year=year, month=month, heads=of[::-1],
            weeks=weeks(int(year), int(month), of), beside=beside,
        )  # fmt: skip
    return made


def _kind(site: Site, kind: str, heads: tuple[Head, ...], years: tuple[tuple[str, int], ...]) -> Mapping[str, Content]:
    given = {"kind": kind, "heads": heads[::-1], "years": years, "year": ""}
    return {f"{kind}/index.html": press.page("site/kind.html", site, f"{kind}/", **given)}


def _kind_year(site: Site, kind: str, year: str, heads: tuple[Head, ...]) -> Mapping[str, Content]:
    path = f"{kind}/{year}/"
    given = {"kind": kind, "heads": heads[::-1], "years": (), "year": year}
    return {f"{path}index.html": press.page("site/kind.html", site, path, **given)}


def _archive(
    site: Site, tally: tuple[tuple[str, int, int, int, int], ...], kinds: tuple[str, ...]
) -> Mapping[str, Content]:
    return {"archive/index.html": press.page("site/archive.html", site, "archive/", tally=tally, kinds=kinds)}


def _home(
    site: Site, newest: Edition, heads: tuple[Head, ...], corrections: tuple[Correction, ...]
) -> Mapping[str, Content]:
    """The newest letter in full, its calendar and the newest headlines."""
    head = newest.head
    month = weeks(int(head.year), int(head.day[5:7]), [one for one in heads if one.day[:7] == head.day[:7]])
    others = [one for one in heads[::-1] if one.id != head.id]
    parts = press.fragment(
        "site/home.html", head=head, heads=others[:HEADLINES], site=site, root="./", mark="\x1e",
        corrections=[one for one in corrections if one.edition == head.id], weeks=month,
    ).split("\x1e\n")  # fmt: skip
    page = letters.spliced(
        Path(newest.page).read_bytes().decode(), root="./", policy_=letters.policy(site), parts=parts
    )
    page = page.replace('href="evidence.html', f'href="{head.path}evidence.html')
    return {"index.html": Markup(page).encode()}  # noqa: S704 -- a page of our own
