"""Folders of editions for the tests of the archive: the letter made by hand, once rendered, under other days."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import letters
import pytest

from generator.archive import Correction, Site, cards, publish
from generator.archive.values import MOVE
from generator.edition import Edition, to_json
from generator.render import render
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.archive import Published

SITE = Site(
    url="https://letters.example/capline/",
    title="Capline",
    publisher="Capline Press",
    disclaimer="Not advice.",
    tag="tag:letters.example,2026:capline",
)
MOVES = {"2025-12-31-daily": -2.0, "2026-03-27-daily": 0.1, "2026-03-27-weekly": 0.1, "2026-03-30-daily": -0.9,
         "2026-03-31-daily": 3.65}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\nno picture"  # drawing one takes a second
CORRECTION = Correction(
    edition="2026-03-30-daily",
    sentence=2,
    fact="size.small.5s",
    printed="rose 1.9%",
    known="2026-03-30T22:00:00Z",
    now="rose 2.4%",
    revised="2026-05-04T12:00:00Z",
    meaning=False,
    notice="The return of small caps was revised & is larger.",
)


def edition(id_: str, move: float | None = None) -> Edition:
    """The letter made by hand, under another day and kind, with a return of small caps."""
    day = date.fromisoformat(id_[:10])
    made = letters.edition()
    facts = dict(made.facts)
    if move is not None:
        facts[MOVE] = letters.fact(MOVE, move, Unit.PERCENT, "Small caps, one session", "close over close, less 1")
    return replace(
        made,
        id=id_,
        kind=id_[11:],
        as_of=day - timedelta(days=max(0, day.weekday() - 4)),  # a decision on a Sunday tells of Friday's close
        moment=datetime(day.year, day.month, day.day, 22, tzinfo=UTC),
        facts=facts,
    )


@cache
def _pages() -> dict[str, bytes]:
    return render(letters.edition(), ["web", "text"])


def put(editions: Path, id_: str, move: float | None = None, *, folder: str = "") -> Path:
    """Write an edition's folder as `capline build` does."""
    content = to_json(edition(id_, move))
    digest = hashlib.sha256(content).hexdigest().encode()
    place = editions / (folder or id_)
    place.mkdir(parents=True, exist_ok=True)
    for name in ("index.html", "evidence.html"):
        page = re.sub(rb'(capline:digest" content=")[0-9a-f]{64}', rb"\g<1>" + digest, _pages()[name])
        (place / name).write_bytes(page)
    (place / "edition.json").write_bytes(content)
    (place / "letter.txt").write_bytes(_pages()["letter.txt"])
    (place / "letter-a4.pdf").write_bytes(b"%PDF-1.7 " + digest)
    return place


@dataclass(frozen=True, slots=True)
class Office:
    """A folder with editions and a site."""

    place: Path

    @property
    def editions(self) -> Path:
        """Where the letters lie."""
        return self.place / "editions"

    @property
    def site(self) -> Path:
        """Where the site is."""
        return self.place / "site"

    def publish(
        self, site: Site = SITE, *, full: bool = False, folder: str = "site", corrections: tuple[Correction, ...] = ()
    ) -> Published:
        """Build."""
        return publish(self.editions, self.place / folder, site, full=full, corrections=corrections)

    def files(self, folder: str = "site") -> dict[str, bytes]:
        """Everything published, by path."""
        root = (self.place / folder).resolve()
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def page(self, path: str) -> str:
        """A page."""
        return (self.site / path / "index.html").read_text(encoding="utf-8")


@contextmanager
def undrawn() -> Iterator[None]:
    """Publish without drawing cards, which takes a second each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cards, "draw", lambda wanted, _site: [path.write_bytes(PNG) for path, _ in wanted])
        yield
