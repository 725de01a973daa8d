"""Rules on two sources: what they say of the same thing must agree; where it does not, both are kept, neither told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from generator.quality.lines import Doubt, as_date
from generator.quality.values import TRUE
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from generator.config import QualitySettings
    from generator.quality.lines import Line
    from generator.quality.material import Material

EVENTS = ("dividend", "split")
SLACK = 1e-9  # floats that are equal in print


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two series that tell of the same thing, and how they are compared.

    moves: changes of both, the second with dividends and splits, in percent; levels: the values; fix: the first is a
    price of some hour of the day, the second one of its end; sum: the first is the second less the third.
    """

    first: str
    other: str
    how: Literal["moves", "levels", "fix", "sum"]
    less: str = ""


PAIRS = (
    Pair(first="price.RUT", other="price.IWM", how="moves"),
    Pair(first="price.RUI", other="price.IWB", how="moves"),
    Pair(first="price.GSPC", other="price.SPY", how="moves"),
    Pair(first="price.VIX", other="vix.cboe", how="levels"),
    Pair(first="fx.usd_per_eur", other="price.EURUSD", how="fix"),
    Pair(first="rates.T5YIE", other="rates.DGS5", less="rates.DFII5", how="sum"),
    Pair(first="rates.T10YIE", other="rates.DGS10", less="rates.DFII10", how="sum"),
)


def names(limits: QualitySettings) -> tuple[str, ...]:
    """Every series that is compared with another, and what belongs to its closes."""
    found = [one for pair in PAIRS for one in (pair.first, pair.other, pair.less) if one]
    found += [f"{kind}.{one.removeprefix('price.')}" for one in found if one.startswith("price.") for kind in EVENTS]
    return tuple(dict.fromkeys((*found, *limits.against, *limits.against.values())))


@dataclass(frozen=True, slots=True)
class _Apart:
    """How far two sources are from each other, by day, and how far they may be."""

    days: NDArray[np.int32]
    said: NDArray[np.float64]
    others: NDArray[np.float64]
    apart: NDArray[np.float64]
    within: NDArray[np.float64]


def disagreement(seen: Material, limits: QualitySettings, bad: Mapping[str, frozenset[int]]) -> Iterator[Doubt]:
    """Two sources that say different things; both are doubted. `bad` are days on which one is at fault already."""
    own = (Pair(first=first, other=other, how="levels") for first, other in limits.against.items())
    for pair in (*PAIRS, *own):
        names = (pair.first, pair.other, pair.less) if pair.less else (pair.first, pair.other)
        if any(name not in seen.lines for name in names):
            continue
        lines = [seen.lines[name] for name in names]
        known = frozenset[int]().union(*(bad.get(name, frozenset()) for name in names))
        yield from _doubts(pair, names, _COMPARED[pair.how](lines, limits), known)
    for name, history in seen.second.items():
        if name in seen.lines:
            line = seen.lines[name]
            days = history.index.to_numpy().astype("datetime64[D]").astype(np.int32)
            found = _beside(line, days, np.asarray(history.to_numpy(), dtype=np.float64), limits)
            yield from _doubts(
                Pair(first=name, other="another source", how="levels"), (name,), found, bad.get(name, frozenset())
            )


def _doubts(pair: Pair, names: Iterable[str], found: _Apart, known: frozenset[int]) -> Iterator[Doubt]:
    wrong = np.flatnonzero((found.apart > found.within + SLACK) & ~np.isin(found.days, list(known)))
    if not len(wrong):
        return
    place = int(wrong[-1])
    day = as_date(int(found.days[place]))
    said, theirs = f"{found.said[place]:.6g}", f"{found.others[place]:.6g}"
    unit = "%" if pair.how == "moves" else ""
    other = f"{pair.other} less {pair.less}" if pair.less else pair.other
    for name in names:
        yield Doubt(
            rule="disagreement",
            series_id=name,
            day=day,
            value=float(found.said[place]),
            reason=f"for {day} {pair.first} says {said}{unit} and {other} {theirs}{unit}",
            remedy=f"look at both and fetch the one that is wrong again; {TRUE.format(name, day, 'disagreement')}",
        )


def _levels(lines: list[Line], limits: QualitySettings) -> _Apart:
    line, other = lines
    return _beside(line, other.days[other.start :], other.figures[other.start :], limits)


def _beside(line: Line, days: NDArray[np.int32], values: NDArray[np.float64], limits: QualitySettings) -> _Apart:
    common, mine, theirs = np.intersect1d(line.days[line.start :], days, assume_unique=True, return_indices=True)
    said, others = line.figures[line.start :][mine], values[theirs]
    return _Apart(common, said, others, np.abs(said - others), _tolerance(line, others, limits))


def _tolerance(line: Line, values: NDArray[np.float64], limits: QualitySettings) -> NDArray[np.float64]:
    """How far another source may be from a value, in the unit of the series."""
    if line.kind == "yield":
        return np.full(len(values), limits.yields_apart)
    if line.group == "volatility":
        return np.full(len(values), limits.vix_apart)
    percent = limits.currencies_apart if line.group == "currencies" else limits.levels_apart
    if line.spec.unit in {Unit.PERCENT, Unit.RATIO} and line.group != "currencies":
        return np.full(len(values), limits.levels_apart)
    return np.abs(values) * percent / 100.0


def _moves(lines: list[Line], limits: QualitySettings) -> _Apart:
    """Changes from one common day to the next; the fund's with its dividend, which its price loses that day."""
    line, fund = lines
    days, mine, theirs = np.intersect1d(
        line.days[line.opening :], fund.days[fund.opening :], assume_unique=True, return_indices=True
    )
    mine, theirs = mine + line.opening, theirs + fund.opening
    same = line.days[mine - 1] == fund.days[theirs - 1]  # both from the same day on
    days, mine, theirs = days[same], mine[same], theirs[same]
    said, others = line.changes[mine - line.opening], fund.changes[theirs - fund.opening]
    return _Apart(days, said, others, np.abs(said - others), limits.fund_points + limits.fund_share * np.abs(said))


def _fix(lines: list[Line], limits: QualitySettings) -> _Apart:
    """A price of the afternoon beside the closes before and after it: how far outside them it lies, in percent."""
    line, closes = lines
    days, mine, theirs = np.intersect1d(
        line.days[line.start :], closes.days[closes.opening :], assume_unique=True, return_indices=True
    )
    fix = line.figures[line.start :][mine]
    after, before = closes.figures[closes.opening :][theirs], closes.figures[closes.opening - 1 : -1][theirs]
    low, high = np.minimum(after, before), np.maximum(after, before)
    outside = np.maximum(np.maximum(low - fix, fix - high), 0.0) / fix * 100.0
    return _Apart(days, fix, after, outside, np.full(len(days), limits.currencies_apart))


def _sum(lines: list[Line], limits: QualitySettings) -> _Apart:
    line, long, short = lines
    days = line.days[line.start :]
    days = days[np.isin(days, long.days[-2 * len(days) :]) & np.isin(days, short.days[-2 * len(days) :])]
    said, more, less = (one.figures[one.days.searchsorted(days)] for one in (line, long, short))
    return _Apart(days, said, more - less, np.abs(said - (more - less)), np.full(len(days), limits.yields_apart))


_COMPARED = {"levels": _levels, "moves": _moves, "fix": _fix, "sum": _sum}
