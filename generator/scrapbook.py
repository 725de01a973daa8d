"""The scrapbook: headlines of others as they were read, kept beside the store of live data for some weeks.

A letter quotes from it what was published since the letter before; an edition keeps those that it quotes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from generator import files
from generator.errors import Unreadable
from generator.model import Headline

if TYPE_CHECKING:
    from pathlib import Path

    from generator.sources.news import News

DAY = timedelta(days=1)
KEPT = timedelta(days=45)  # longer than the days after which an earlier letter is no news any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrapbook:
    """What is kept: headlines, newest first; when feeds were last read, and which of them could not be then."""

    headlines: tuple[Headline, ...] = ()
    read_at: datetime | None = None
    unread: tuple[str, ...] = ()  # names of feeds

    def missing(self, moment: datetime) -> tuple[str, ...]:
        """The feeds that a letter of a moment had to do without: none if they were not read within the day before."""
        return self.unread if self.read_at is not None and moment - DAY < self.read_at <= moment else ()


def place(store: Path) -> Path:
    """The file that belongs to a store."""
    return store.with_name(f"{store.stem}.headlines.json")


def keep(store: Path, found: News, *, now: datetime) -> Scrapbook:
    """Add what feeds gave just now to what is kept; gives all of it. Raises Unreadable for no scrapbook, CannotWrite.

    What is older than some weeks is let go.
    """
    import json  # noqa: PLC0415 -- a letter that reads no feeds does without

    from generator.sources.news import merged  # noqa: PLC0415 -- as above

    every = merged((*opened(store).headlines, *found.headlines))
    book = Scrapbook(
        headlines=tuple(one for one in every if now - one.published <= KEPT),
        read_at=now,
        unread=found.unread,
    )
    plain = {
        "headlines": [{**asdict(one), "published": one.published.isoformat()} for one in book.headlines],
        "read_at": now.isoformat(),
        "unread": list(book.unread),
    }
    text = json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True)
    files.write(store.parent, {place(store).name: f"{text}\n".encode()})
    return book


def opened(store: Path) -> Scrapbook:
    """What is kept beside a store; an empty one if nothing was. Raises Unreadable for what is no scrapbook."""
    path = place(store)
    if not path.exists():
        return Scrapbook()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 -- a letter without headlines does without

    try:
        return TypeAdapter(Scrapbook).validate_json(path.read_bytes())
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Unreadable(path, f"it is no scrapbook of headlines ({first['msg']}); take it away") from None
