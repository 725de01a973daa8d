"""Where observations come from: one interface, and the sources by name.

A letter is made from one of SOURCES: the sample in the package, or `live`, which stands for all that the edges in
`feeds` bring from elsewhere.

A source settles units once and gives each observation the moment it became known. Importing this package loads none
of them: `open_source` imports the one that is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from generator.errors import UnknownName

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from generator.model import SeriesSpec, Universe


class Source(Protocol):
    """What every source can be asked for."""

    @property
    def name(self) -> str:
        """The name in SOURCES, and in the `source` column of the store."""

    @property
    def complete_through(self) -> date:
        """The last day up to which every series is complete: no event is missing, and no session."""

    @property
    def universe(self) -> Universe:
        """The two series a letter compares, and what they are."""

    def specs(self) -> tuple[SeriesSpec, ...]:
        """The series it has, each with unit, publisher, release rule and terms."""


class Packaged(Source, Protocol):
    """A source that comes with Capline: all of it is there at once."""

    def observations(self) -> pd.DataFrame:
        """All its observations, one a row: series_id, date (midnight, naive), known_at (UTC), value, source.

        Raises a SourceError if the source does not answer or what it says cannot be read.
        """


SOURCES: dict[str, str] = {  # name: module and class
    "sample": "generator.sources.sample:Sample",
    "live": "generator.sources.live:Live",
}
PACKAGED = frozenset({"sample"})


def open_source(name: str) -> Source:
    """A source by its name; UnknownName, with the nearest known one, if there is none."""
    if name not in SOURCES:
        raise UnknownName("source", name, SOURCES)
    module, kind = SOURCES[name].split(":")
    found: Source = getattr(import_module(module), kind)()
    return found


def open_packaged(name: str) -> Packaged:
    """A source that comes with Capline, by its name; UnknownName if there is none."""
    if name not in PACKAGED:
        raise UnknownName("source that comes with Capline", name, PACKAGED)
    module, kind = SOURCES[name].split(":")
    found: Packaged = getattr(import_module(module), kind)()
    return found
