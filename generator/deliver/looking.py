"""Looking at a public page: what it holds, what is wrong with it, and what time its server has."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message

PATIENCE = 10.0  # seconds for a page
PAGE = 20_000_000  # bytes of a page that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of looking at an address; `clock` is the time its server told, if it did."""

    content: bytes = b""
    problem: str = ""
    clock: datetime | None = None


def look(url: str) -> Seen:
    """Read a page over http or https; whatever goes wrong is told, not raised."""
    request = urllib.request.Request(url, headers={"User-Agent": "capline", "Cache-Control": "no-cache"})  # noqa: S310 -- http(s) by the settings
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- same
            return Seen(content=answer.read(PAGE), clock=_clock(answer.headers))
    except urllib.error.HTTPError as problem:
        return Seen(problem=f"answers {problem.code}", clock=_clock(problem.headers))
    except (urllib.error.URLError, OSError, ValueError) as problem:
        return Seen(problem=f"does not answer ({getattr(problem, 'reason', problem)})")


def _clock(headers: Message) -> datetime | None:
    """The time that an answer tells; a cache says how old its answer is."""
    try:
        told = parsedate_to_datetime(headers.get("Date", ""))
        age = timedelta(seconds=int(headers.get("Age", "0")))
    except (ValueError, OverflowError):
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) + age
