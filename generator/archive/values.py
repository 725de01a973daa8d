"""What the archive speaks of: the site, an edition's head, the units of files it publishes, and what it has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MOVE = "size.return.small.1s"  # the fact that colours a day: small caps' return of the session, in percent
KINDS = ("daily", "weekly", "decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the site calls itself and where it will stand; `url` ends with a slash."""

    url: str
    title: str
    publisher: str
    disclaimer: str
    tag: str  # what all identifiers begin with; it never changes, though the address may
    language: str = "en"
    comments: tuple[str, ...] = ()  # giscus: repository, its id, category, its id
    searched: bool = False  # whether a full-text index is built

    @property
    def base(self) -> str:
        """The path of the address: "/" or "/letters/"."""
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Head:
    """What indexes, neighbours and feeds need of an edition."""

    id: str
    kind: str
    day: str  # 2026-03-31
    moment: str  # 2026-03-31T22:00:00Z
    digest: str  # SHA-256 of its edition.json
    headline: str
    standfirst: str
    preheader: str
    source: str
    move: float | None  # MOVE of that day; None where it is a gap, or nobody traded
    papers: tuple[str, ...]  # PDFs that lie beside it: letter-a4.pdf

    @property
    def path(self) -> str:
        """Its permanent address below the site's root.

        >>> from types import SimpleNamespace
        >>> Head.path.fget(SimpleNamespace(id="2026-03-31-daily"))
        '2026/03/31-daily/'
        """
        return f"{self.id[:4]}/{self.id[5:7]}/{self.id[8:]}/"

    def __repr__(self) -> str:
        """Name it for recipes: all else follows from the digest."""
        return f"{self.id} {self.digest} {self.papers}"

    @property
    def year(self) -> str:
        """Its year, four digits."""
        return self.day[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition on the shelf: its head and where its files lie."""

    head: Head
    page: str  # path of the web form: of its folder, or made again in the cache
    evidence: str  # as it will be published
    card: str
    files: tuple[str, ...]  # edition.json, text and PDFs
    styles: tuple[str, ...]  # the style sheets of its pages, by name in the cache
    marks: str  # sizes, times and inodes of all of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A printed figure that later data changed beyond its rounding: both values, both dates, and the sentence.

    Nothing printed is rewritten: the edition's page gets a notice that leads to the page of corrections.
    """

    edition: str  # its id
    sentence: int  # its number; 0: a title or a table cell, which `place` names
    fact: str
    printed: str  # the words as they were printed
    known: str  # the moment behind them
    now: str  # the words as later data give them
    revised: str  # the moment the later data became known
    meaning: bool  # whether more than a digit changes: sign, verb, rank, "since", verdict
    notice: str  # the notice, in full sentences
    place: str = ""  # "table yields, 10-year, Yield, %"
    withdrawn: bool = False  # whether still later data brought back what was printed

    @property
    def id(self) -> str:
        """What names it for good."""
        where = f"s{self.sentence}" if self.sentence else re.sub(r"[^a-z0-9]+", "-", self.place.lower()).strip("-")
        return f"{self.edition}-{where}-{self.revised[:10]}"


Content: TypeAlias = bytes | str  # a file of the site: what it holds, or the path of what it is a copy of


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Files that are made together. Same recipe, same bytes; `make` must survive pickling."""

    name: str
    recipe: str  # digest of all that goes in
    make: Callable[[], Mapping[str, Content]]  # by path below the root


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a build did."""

    folder: Path
    editions: int
    made: int  # units
    kept: int
    removed: int
    files: int
    notes: tuple[str, ...] = field(default=())
