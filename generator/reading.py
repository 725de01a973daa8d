"""Reading a finished form back: its words in pieces, each with the fact it is printed for, if any, and its drawings.

Words are what a reader, a screen reader or a search engine is given: text, titles, alternatives. Of a drawing only its
digest is kept, over its shapes and the tick labels of its axes. What is not read: styles.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import Unreadable

if TYPE_CHECKING:
    from email.message import EmailMessage

VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "source", "wbr", "col", "area", "base", "path", "line",
                  "rect", "circle", "use", "stop"})  # fmt: skip
UNREAD = frozenset({"style", "script"})
TOLD = frozenset({"description", "author", "og:title", "og:description", "og:site_name", "article:published_time"})
EDITION = re.compile(r"^Edition (\S+), Capline (\S+)$", re.MULTILINE)  # the last lines of the text form
DIGEST = re.compile(r"^Store [0-9a-f]+, edition\.json ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some words; `fact` and `say` if they are a claim, `sentence` its number if they stand in one."""

    text: str
    fact: str = ""
    say: str = ""
    value: str = ""
    sentence: str = ""
    quoted: bool = False  # whether they are a headline of others
    place: str = field(default="frame", compare=False)  # in words, for who looks for it

    def __str__(self) -> str:
        """The words."""
        return self.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.meta: dict[str, str] = {}
        self.shapes: dict[str, list[str]] = {}  # of each drawing: elements, attributes, ticks
        self._open: list[tuple[str, dict[str, str]]] = []
        self._caption = self._row = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self._meta(given)
        if tag == "table":
            self._caption = ""
        if tag in ("table", "tr"):
            self._row = ""
        self._open.append((tag, given))
        if self._within("svg"):
            self._shape(self.get_starttag_text() or tag)
        for told in ("alt", "title", "aria-label", "datetime"):
            if given.get(told):
                self._add(given[told])
        if tag in VOID:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position][0] == tag:
                del self._open[position:]
                return

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            return
        if self._within("caption"):
            self._caption = f"{self._caption} {words}".strip()
        if any(tag == "th" and given.get("scope") == "row" for tag, given in self._open):
            self._row = f"{self._row} {words}".strip()
        self._add(words)

    def _meta(self, given: dict[str, str]) -> None:
        name = given.get("name") or given.get("property", "")
        if name.startswith("capline:"):
            self.meta[name.removeprefix("capline:")] = given.get("content", "")
        elif name in TOLD:
            self._add(given.get("content", ""))

    def _within(self, wanted: str) -> bool:
        return any(tag == wanted for tag, _ in self._open)

    def _shape(self, words: str) -> None:
        self.shapes.setdefault(self._id("chart-").removeprefix("chart-"), []).append(words)

    def _id(self, opening: str) -> str:
        names = (given.get("id", "") for _, given in reversed(self._open))
        return next((name for name in names if name and name.startswith(opening)), "")

    def _place(self, sentence: str) -> str:
        if sentence:
            return f"sentence {sentence}"
        if self._within("head"):
            return "head"
        if any(tag == "table" and given.get("role") != "presentation" for tag, given in self._open):
            return ", ".join(filter(None, (f"table {self._caption!r}", self._row)))
        return self._id("") or "frame"

    def _add(self, words: str) -> None:
        if any(tag in UNREAD for tag, _ in self._open):
            return
        if any("role-axis" in given.get("class", "") for _, given in self._open):
            self._shape(words)
            return
        claim = next((given for _, given in reversed(self._open) if "data-fact" in given), {})
        sentence = self._id("s-").removeprefix("s-")
        self.pieces.append(
            Piece(
                text=" ".join(words.split()),
                fact=claim.get("data-fact", ""),
                say=claim.get("data-say", ""),
                value=claim.get("value", ""),
                sentence=sentence,
                quoted=any("data-quoted" in given for _, given in self._open),
                place=self._place(sentence),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A form as read: its pieces, what it says of itself (edition, digest, source), and a digest of each drawing."""

    pieces: tuple[Piece, ...]
    meta: dict[str, str]
    drawings: dict[str, str] = field(default_factory=dict)


def html(text: str) -> Reading:
    """Read a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    drawings = {name: hashlib.sha256("\n".join(shapes).encode()).hexdigest() for name, shapes in reader.shapes.items()}
    return Reading(pieces=tuple(reader.pieces), meta=reader.meta, drawings=drawings)


def mail(content: bytes) -> Reading:
    """Read a mail: subject, HTML part, text part and pictures."""
    message: EmailMessage = email.message_from_bytes(content, policy=email.policy.default)
    pieces = [Piece(text=str(message["Subject"] or ""), place="subject")]
    drawings: dict[str, str] = {}
    for part in message.walk():
        if part.get_content_type() == "text/html":
            pieces += html(part.get_content()).pieces
        elif part.get_content_type() == "text/plain":
            pieces += _lines(part.get_content(), "text part, line")
        elif part.get_content_maintype() == "image":
            drawings[str(part.get_filename()).removesuffix(".png")] = hashlib.sha256(part.get_content()).hexdigest()
    meta = {
        name.removeprefix("X-Capline-").lower(): str(value)
        for name, value in message.items()
        if name.startswith("X-Capline-")
    }
    return Reading(pieces=tuple(pieces), meta=meta, drawings=drawings)


def text(content: str) -> Reading:
    """Read a text form: its lines; the edition and the first digits of its digest stand in its last ones."""
    found = {"edition": EDITION.search(content), "digest": DIGEST.search(content)}
    return Reading(
        pieces=_lines(content, "line"), meta={name: match[1] for name, match in found.items() if match is not None}
    )


def _lines(content: str, place: str) -> tuple[Piece, ...]:
    return tuple(
        Piece(text=" ".join(line.split()), quoted=line.startswith(">"), place=f"{place} {number}")
        for number, line in enumerate(content.splitlines(), start=1)
        if line.strip()
    )


def form(name: str, content: bytes) -> Reading | None:
    """Read a form by its file name; None for one that this module does not read (PDF, JSON, fonts).

    Bytes that are no UTF-8 are read as U+FFFD; Unreadable for a mail in a character set nobody knows.
    """
    match name.rpartition(".")[2].lower():
        case "html":
            return html(content.decode("utf-8", errors="replace"))
        case "eml":
            try:
                return mail(content)
            except LookupError as problem:
                raise Unreadable(Path(name), str(problem)) from problem
        case "txt":
            return text(content.decode("utf-8", errors="replace"))
        case _:
            return None
