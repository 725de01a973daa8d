"""Today's data as a source: what the store holds of the series that `capline fetch` brought.

The letter is about the Russell 2000 and the Russell 1000 by the closes of the indices themselves. How far they reach is
known to the store alone, so this source is made over one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from generator.errors import UnknownName, UnknownSeries
from generator.model import SeriesSpec, Universe
from generator.sources import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from generator.sources.catalogue import Followed

SMALL, LARGE = "price.RUT", "price.RUI"
NOTICE = (
    "Made from live data. Small caps here are the Russell 2000 and large caps the Russell 1000, by the closes of the "
    "indices themselves: returns are price returns, without dividends. Russell indices are trademarks of FTSE Russell, "
    "which has no part in this letter."
)


def universe(hidden: frozenset[str] = frozenset(), *, own: Iterable[SeriesSpec] = ()) -> Universe:
    """The two indices; `hidden` are series that may not be printed, `own` those that the reader has added."""
    return Universe(
        small=SMALL,
        large=LARGE,
        small_name="the Russell 2000",
        large_name="the Russell 1000",
        notice=NOTICE,
        kind="index",
        hidden=hidden,
        listed=frozenset(catalogue.followed()),
        own=tuple(own),
    )


def followed(own: Iterable[Mapping[str, str]] = (), licensed: Collection[str] = ()) -> dict[str, Followed]:
    """Every series that is followed, the user's own among them, by id.

    Raises BadSetting and UnknownName for a table of the user's own that does not fit, UnknownName for a licence for a
    series that is none.
    """
    found = catalogue.followed() | catalogue.own(own)
    for name in licensed:
        if name not in found:
            raise UnknownName("series in sources.licensed", name, found)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Live data as a source. `complete_through` is the last session that both indices have a close for."""

    name: ClassVar[str] = "live"
    series: Mapping[str, Followed] = field(default_factory=followed)
    universe: Universe = field(default_factory=universe)
    complete_through: date = date.min  # nothing yet

    @classmethod
    def over(
        cls, reach: Mapping[str, date], *, own: Iterable[Mapping[str, str]] = (), licensed: Collection[str] = ()
    ) -> Live:
        """Live data as far as a store reaches; UnknownSeries if it lacks one of the indices."""
        for series_id in (SMALL, LARGE):
            if series_id not in reach:
                raise UnknownSeries(series_id)
        tables = list(own)
        series = followed(tables, licensed)
        mine = [series[table["id"]].spec for table in tables]
        return cls(
            series=series,
            universe=universe(catalogue.hidden(series.values(), licensed), own=mine),
            complete_through=min(reach[SMALL], reach[LARGE]),
        )

    def specs(self) -> tuple[SeriesSpec, ...]:
        """Every series followed."""
        return tuple(one.spec for one in self.series.values())
