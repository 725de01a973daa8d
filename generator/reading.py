"""Reading a finished form back: its visible text in pieces, each with the fact it is printed for, if any.

What is not read: styles, document titles, and the tick labels of charts' axes, which are scales and not statements.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage

VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "source", "wbr", "col", "area", "base", "path", "line",
                  "rect", "circle", "use", "stop"})  # fmt: skip
UNREAD = frozenset({"style", "script", "head"})
BLOCKS = frozenset({"p", "h1", "h2", "h3", "li", "td", "th", "tr", "caption", "figcaption", "title", "desc", "dt", "dd",
                    "div", "section", "table", "text", "footer", "header", "aside", "article"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some visible words; `fact` and `say` if they are a claim, `sentence` its number if they stand in one."""

    text: str
    fact: str = ""
    say: str = ""
    value: str = ""
    sentence: str = ""

    def __str__(self) -> str:
        """The words."""
        return self.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.meta: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in given:
            self.meta[given["name"]] = given.get("content", "")
        if tag == "img" and given.get("alt"):
            self._add(given["alt"])
        if tag in VOID:
            return
        self._open.append((tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "img"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position][0] == tag:
                del self._open[position:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._add(data)

    def _add(self, text: str) -> None:
        around = self._open
        if any(tag in UNREAD or "role-axis" in given.get("class", "") for tag, given in around):
            return
        claim = next((given for _, given in reversed(around) if "data-fact" in given), {})
        numbered = next((given["id"] for _, given in reversed(around) if given.get("id", "").startswith("s-")), "")
        self.pieces.append(
            Piece(
                text=" ".join(text.split()),
                fact=claim.get("data-fact", ""),
                say=claim.get("data-say", ""),
                value=claim.get("value", ""),
                sentence=numbered.removeprefix("s-"),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A form as read: its pieces, and what it says of itself (edition, digest, source)."""

    pieces: tuple[Piece, ...]
    meta: dict[str, str]


def html(text: str) -> Reading:
    """Read a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    meta = {name.removeprefix("capline:"): value for name, value in reader.meta.items() if name.startswith("capline:")}
    return Reading(pieces=tuple(reader.pieces), meta=meta)


def mail(content: bytes) -> Reading:
    """Read a mail: subject, HTML part and text part, in that order."""
    message: EmailMessage = email.message_from_bytes(content, policy=email.policy.default)
    pieces = [Piece(text=str(message["Subject"] or ""))]
    for part in message.walk():
        if part.get_content_type() == "text/html":
            pieces += html(part.get_content()).pieces
        elif part.get_content_type() == "text/plain":
            pieces += text(part.get_content()).pieces
    meta = {
        name.removeprefix("X-Capline-").lower(): str(value)
        for name, value in message.items()
        if name.startswith("X-Capline-")
    }
    return Reading(pieces=tuple(pieces), meta=meta)


def text(content: str) -> Reading:
    """Read a text form: its lines."""
    return Reading(
        pieces=tuple(Piece(text=" ".join(line.split())) for line in content.splitlines() if line.strip()), meta={}
    )


def form(name: str, content: bytes) -> Reading | None:
    """Read a form by its file name; None for one that this module does not read (PDF, JSON, fonts)."""
    if name.endswith(".html"):
        return html(content.decode("utf-8"))
    if name.endswith(".eml"):
        return mail(content)
    if name.endswith(".txt"):
        return text(content.decode("utf-8"))
    return None
