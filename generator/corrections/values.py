"""A correction: what an edition printed in one place, and what later values make of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

WITHDRAWN = "withdrawn"  # later data brought back what was printed; the other kinds stand in generator.restatements


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A claim in that place: its words then and now, and the unrounded values behind them."""

    fact: str
    label: str
    say: str
    args: tuple[tuple[str, str], ...]
    printed: str
    now: str | None  # None: it can no longer be said
    why: str  # why it cannot
    was: float
    value: float | None  # None: it can no longer be computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A sentence, title or table cell that would read otherwise. Moments are in UTC, as `2026-03-31T22:00:00Z`."""

    edition: str
    sha256: str  # of the edition.json it is about
    place: str  # "sentence 3 (gap)", "table returns, 1 session, Small caps"
    sentence: int | None  # its number, for the anchor s-N; None: it has none
    printed: str  # the sentence or the cell
    known: str  # the edition's moment
    now: str | None  # as later data give it; None: something in it can no longer be said
    revised: str  # when the newest of the later values became known
    found: str  # the moment of the comparison that found it
    kind: str  # "digit", "meaning", or "withdrawn"
    notice: str  # in words
    figures: tuple[Figure, ...]

    @property
    def says(self) -> tuple[str | None, tuple[tuple[str, str | None], ...]]:
        """What a later comparison must give for nothing to be new."""
        return self.now, tuple((one.fact, one.now) for one in self.figures)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def correction(plain: dict[str, Any]) -> Correction:
    """Read one back; TypeError, KeyError and ValueError for what is none."""
    figures = tuple(
        Figure(**{**one, "args": tuple((str(name), str(value)) for name, value in one["args"])})
        for one in plain["figures"]
    )
    return Correction(**{**plain, "figures": figures})
