"""Keys kept out of messages: what is quoted from an address, an answer or a library's error passes through here."""

from __future__ import annotations

import re

SHOWN = 80  # characters of an answer that was no data
_NAMED_KEY = re.compile(
    r"((?:api_?key|registration_?key|key|token|crumb|secret|password)[\"']?\s*[=:]\s*[\"']?)[^\s&\"'<>,;]+",
    re.IGNORECASE,
)


def beginning(body: bytes | str) -> str:
    """The first 80 printable characters, with keys left out."""
    text = body[: 10 * SHOWN].decode(errors="replace") if isinstance(body, bytes) else body[: 10 * SHOWN]
    plain = "".join(letter if letter.isprintable() else " " for letter in redacted(text))
    return " ".join(plain.split())[:SHOWN]


def redacted(text: str) -> str:
    """The text without what follows the name of a key.

    >>> redacted("GET /fred/series?api_key=0123abcd&id=DGS10")
    'GET /fred/series?api_key=…&id=DGS10'
    """
    return _NAMED_KEY.sub(r"\1…", text)
