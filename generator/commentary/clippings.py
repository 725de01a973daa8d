"""Headlines of others: which of those that were read a letter quotes. Their words are never the letter's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from generator.model import Headline

CRYPTO, STOCKS = "crypto", "stocks"
EACH = 2  # headlines of one publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many headlines a letter quotes, and how many of them about coins alone."""

    all: int
    crypto: int


ROOM = {"daily": Room(all=5, crypto=2), "weekly": Room(all=8, crypto=3), "decision": Room(all=5, crypto=1)}


def chosen(read: Iterable[Headline], *, kind: str, since: datetime, until: datetime) -> tuple[Headline, ...]:
    """The newest published after a moment and by another, newest first, as many as there is room for.

    What is chosen from is chosen again from it alone.
    """
    room = ROOM[kind]
    found: list[Headline] = []
    of_publisher: Counter[str] = Counter()
    coins = 0
    news = {one.key: one for one in read if since < one.published <= until}
    for one in sorted(news.values(), key=lambda one: (one.published, one.key), reverse=True):
        alone = CRYPTO in one.tags and STOCKS not in one.tags
        if len(found) == room.all or of_publisher[one.publisher] == EACH or (alone and coins == room.crypto):
            continue
        found.append(one)
        of_publisher[one.publisher] += 1
        coins += alone
    return tuple(found)
