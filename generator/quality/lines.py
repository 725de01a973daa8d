"""What the gates look at: a series as known at a moment, its recent changes, and what kind of number it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from generator.quality.calendars import EPOCH, calendar_of
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from generator.model import SeriesSpec
    from generator.store.known import Rows

# price: moves in percent of itself; yield: in percent, moves in basis points; return: is a move itself, in percent;
# rate: a share or a survey, moves in points; score: has no unit; event: dated happenings, which no change is taken of
Kind: TypeAlias = Literal["price", "yield", "return", "rate", "score", "event"]
VOLATILITY = frozenset({"price.VIX", "vix.cboe"})
DOLLAR = frozenset({"price.DXY", "price.EURUSD", "price.GBPUSD"})
PAST = 1260  # changes before the window that tell what is usual
NORMAL = 1.4826  # standard deviations of a normal distribution for one median of its sizes
FEWEST = 60  # with fewer, nothing is known of what is usual
MONTHLY, QUARTERLY = "month", "quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a rule found: at which value of which series, why it is doubted, and what may be done."""

    rule: str
    series_id: str
    day: date
    value: float | None  # None where it is the absence of one
    reason: str
    remedy: str
    excuse: str = ""  # why it counts for nothing after all


@dataclass(frozen=True, kw_only=True)
class Line:
    """A series: the newest value of each day, and every row. Days count from 1970, moments are microseconds since."""

    spec: SeriesSpec
    days: NDArray[np.int32]
    figures: NDArray[np.float64]
    rows: Rows
    start: int  # the place of the first value of the window
    splits: Mapping[int, float] = field(default_factory=dict)  # new shares for one, by day
    dividends: Mapping[int, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name."""
        return self.spec.id

    @cached_property
    def kind(self) -> Kind:
        """What its numbers are."""
        return kind_of(self.spec)

    @cached_property
    def group(self) -> str:
        """Those whose moves explain each other's."""
        return group_of(self.spec)

    @cached_property
    def calendar(self) -> str | None:
        """The calendar it keeps."""
        return calendar_of(self.spec)

    @property
    def last(self) -> int:
        """The day of its newest value."""
        return int(self.days[-1])

    def day(self, place: int) -> date:
        """The day of a value."""
        return as_date(int(self.days[place]))

    @property
    def opening(self) -> int:
        """The place of the first value of the window that has one before it."""
        return max(self.start, 1)

    @cached_property
    def ratios(self) -> NDArray[np.float64]:
        """Each value over the one before it, split and dividend put back, from the window's first on; prices only."""
        start = self.opening
        values, before = self.figures[start:].copy(), self.figures[start - 1 : -1]
        for events, grow in ((self.dividends, np.add), (self.splits, np.multiply)):
            for day, amount in events.items():
                place = int(self.days.searchsorted(day)) - start
                if 0 <= place < len(values) and self.days[place + start] == day:
                    values[place] = grow(values[place], amount)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: NDArray[np.float64] = values / before
        return found

    @cached_property
    def changes(self) -> NDArray[np.float64]:
        """The change into each value of the window, as its kind takes it; the series' first value has none."""
        if self.kind == "price":
            return 100.0 * (self.ratios - 1.0)
        return change(self.kind, self.figures[self.opening - 1 :])

    @cached_property
    def usual(self) -> float:
        """The standard deviation of its changes before the window; 0 where too few are known.

        Where the window leaves too few before it, all changes tell, by the middle one: what jumps does not move it.
        """
        earlier = change(self.kind, self.figures[max(0, self.opening - 1 - PAST) : self.opening])
        earlier = earlier[np.isfinite(earlier)]
        if len(earlier) >= FEWEST:
            return float(earlier.std())
        every = change(self.kind, self.figures)
        every = every[np.isfinite(every)]
        return NORMAL * float(np.median(np.abs(every))) if len(every) >= FEWEST else 0.0

    def place(self, change: int) -> int:
        """The place among the values of a change in `changes`."""
        return self.opening + change

    @cached_property
    def moves(self) -> dict[int, float]:
        """The changes by day."""
        return dict(zip(self.days[self.opening :].tolist(), self.changes.tolist(), strict=True))


def change(kind: Kind, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From each value to the next, as the kind takes it: percent, basis points, points.

    >>> change("yield", np.array([4.25, 4.5])).tolist(), change("price", np.array([128.0, 160.0])).tolist()
    ([25.0], [25.0])
    """
    if kind == "return":
        return values[1:]
    if kind == "price":
        with np.errstate(divide="ignore", invalid="ignore"):
            found: NDArray[np.float64] = 100.0 * np.diff(values) / np.abs(values[:-1])
        return found
    return np.diff(values) * (100.0 if kind == "yield" else 1.0)


def kind_of(spec: SeriesSpec) -> Kind:
    """What the numbers of a series are."""
    if spec.unit == Unit.YIELD:
        return "yield"
    if spec.frequency == "event":
        return "event"
    if spec.unit == Unit.PERCENT:
        return "return" if spec.frequency == "session" else "rate"
    if spec.unit == Unit.RATIO and spec.release != "ecb":
        return "score"
    return "price"


GROUPS = {
    Unit.COIN: "coins",
    Unit.YIELD: "yields",
    Unit.SHARE: "shares",
    Unit.INDEX_POINTS: "shares",
    Unit.COUNT: "firms",
    Unit.MILLION_DOLLARS: "sizes",
}


def group_of(spec: SeriesSpec) -> str:
    """Those whose moves explain each other's: shares and their indices, yields, coins, currencies, volatility."""
    if spec.id in VOLATILITY:
        return "volatility"
    if spec.id in DOLLAR or spec.id.startswith("fx."):
        return "currencies"
    if spec.frequency == "event":
        return spec.id
    return "shares" if kind_of(spec) == "return" else GROUPS.get(spec.unit, spec.id)


def as_date(day: int) -> date:
    """A day since 1970."""
    return date.fromordinal(day + EPOCH)


def since_1970(day: date) -> int:
    """Its number."""
    return day.toordinal() - EPOCH


def near(value: float, aims: Iterable[float], *, percent: float) -> float | None:
    """The first of some positive numbers that a value lies within so many percent of.

    >>> near(0.51, (2.0, 0.5), percent=5)
    0.5
    """
    within = math.log1p(percent / 100.0)
    if not (math.isfinite(value) and value > 0):
        return None
    return next((aim for aim in aims if abs(math.log(value / aim)) <= within), None)
