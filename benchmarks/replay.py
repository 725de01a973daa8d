"""A year of daily letters, written one after the other as they would have been; no forms are made of them.

Facts do not depend on words. They are computed once and kept in a folder named by the digest of the code they come
from, so that after a change of words a year is written again in a minute.
"""

from __future__ import annotations

import hashlib
import pickle
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import jinja2

from generator import composing, memory
from generator import facts as of_facts
from generator.commentary import desk
from generator.config import BuildSettings, Settings
from generator.edition import Masthead
from generator.errors import CaplineError
from generator.pipeline import opened
from generator.sessions import evening
from generator.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    import pandas as pd

    from generator.edition import Edition, Memory
    from generator.model import Fact, Gap
    from generator.store import Later, Store

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "output" / "benchmarks"
OF_FACTS = ("facts", "metrics", "sources", "store", "model.py", "units.py", "sessions.py")
MASTHEAD = Masthead(name="Capline", publisher="", sender="letter@example.org", address="", disclaimer="")
YEAR = 250  # sessions
LETTERS = 20  # that a letter remembers


class Compiled(jinja2.BytecodeCache):
    """Compiled templates, kept for all letters of a process."""

    def __init__(self) -> None:
        """Start empty."""
        self.codes: dict[str, Any] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Give what was compiled before."""
        if bucket.key in self.codes:
            checksum, bucket.code = self.codes[bucket.key]
            if checksum != bucket.checksum:
                bucket.reset()

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep what has just been compiled."""
        self.codes[bucket.key] = (bucket.checksum, bucket.code)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Letters composed within share their compiled templates."""
    cache, make = Compiled(), desk._environment  # noqa: SLF001 -- the one place where it is made

    def environment() -> jinja2.Environment:
        made = make()
        made.bytecode_cache = cache
        return made

    with patch.object(desk, "_environment", environment):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The sessions a letter looks back on, in the place of the pair of histories."""

    index: pd.DatetimeIndex

    def day(self, back: int) -> date:
        """The session so many places from the end."""
        found: date = self.index[back].date()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What of a day's findings its words are made of; what only charts and tables ask for is not there."""

    facts: dict[str, Fact]
    gaps: dict[str, Gap]
    pair: Days
    precedents: tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Then:
    """A view of which nothing but its moment is asked."""

    moment: datetime

    def coverage(self) -> tuple[()]:
        """No series."""
        return ()

    def fingerprint(self) -> str:
        """No digest."""
        return ""

    def later(self) -> Later:
        """Nothing: no letter of a replay has been restated."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The letters of a year, oldest first, and the days whose letter was refused, with the reason."""

    letters: tuple[Edition, ...]
    refused: tuple[tuple[date, str], ...]


def store_of(folder: Path) -> Store:
    """The sample in a store inside a folder, made on first use."""
    folder.mkdir(parents=True, exist_ok=True)
    return opened(Settings(build=BuildSettings(store=folder / "store.duckdb")))


def sessions(store: Store) -> list[date]:
    """All sessions of the sample."""
    source = open_source("sample")
    history = store.view(evening(source.complete_through)).history(source.universe.small)
    return [day.date() for day in history.index]


def code() -> str:
    """Digest of the code that facts come from."""
    total = hashlib.sha256()
    for name in OF_FACTS:
        path = ROOT / "generator" / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.read_bytes())
    return total.hexdigest()[:12]


def findings(store: Store, day: date, folder: Path) -> Kept:
    """The facts of a session, from the folder if they are there."""
    path = folder / f"{day}.pickle"
    if path.exists():
        kept: Kept = pickle.loads(path.read_bytes())  # noqa: S301 -- written by this module, under a digest of the code
        return kept
    universe = open_source("sample").universe
    made = of_facts.gather(store.view(evening(day)), session=day, today=day, universe=universe)
    kept = Kept(facts=dict(made.facts), gaps=dict(made.gaps), pair=Days(index=made.pair.index))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(kept))
    return kept


def order(day: date, remembered: Memory, kind: str = "daily") -> composing.Order:
    """What is asked for: a letter of a session."""
    universe = open_source("sample").universe
    return composing.Order(
        kind=kind, session=day, today=day, masthead=MASTHEAD, universe=universe, source="sample", memory=remembered
    )


def year(first: int, kept: Path = KEPT, limit: int = YEAR) -> Year:
    """The daily letters of a year's first 250 sessions, each with the memory of those before it."""
    folder = kept / f"facts-{code()}"
    letters: list[Edition] = []
    refused: list[tuple[date, str]] = []
    remembered = memory.NONE
    with store_of(kept / f"{first}") as store, compiled_once():
        for day in [day for day in sessions(store) if day.year == first][:limit]:
            try:
                letter = written(findings(store, day, folder), order(day, remembered))
            except CaplineError as problem:
                refused.append((day, f"{problem}"))
                continue
            letters.append(letter)
            remembered = memory.following(letter, "", letters=LETTERS)
    return Year(letters=tuple(letters), refused=tuple(refused))


def written(kept: Kept, wanted: composing.Order) -> Edition:
    """The letter without tables and charts, by the code that makes whole ones."""
    with (
        patch("generator.facts.gather", lambda *_, **__: kept),
        patch("generator.commentary.tables", lambda *_: ()),
        patch("generator.commentary.graphics", lambda *_, **__: ()),
    ):
        return composing.compose(Then(evening(wanted.today)), wanted)  # type: ignore[arg-type]
