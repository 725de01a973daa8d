"""Words and addresses of others, made fit to be quoted: one line of plain text, a plain link, and what is the same.

Nothing here is escaped: that is for the form that prints it.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

LONGEST_LINK = 1000
LAYERS = 3  # how often markup may be wrapped into markup
TRACKERS = re.compile(r"utm_.*|(?:fb|g|ms|y|dc)clid|mc_[ce]id|guc(?:counter|e_.*)|cmpid|soc_.*|\.?tsrc")
HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "object"})


class _Words(HTMLParser):
    """Collects what a page would show of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element ends a word, and may hide what is in it."""
        del attrs
        self.shown.append(" " if tag in {"br", "p", "div", "li", "td"} else "")
        self.hidden += tag in HIDDEN

    def handle_endtag(self, tag: str) -> None:
        """What it hid is over."""
        self.hidden -= tag in HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.hidden:
            self.shown.append(data)


def plain(text: object, longest: int) -> str:
    r"""One line of plain text of at most so many characters, cut at a word; no markup, no control characters.

    >>> plain("Fed <b>holds</b> at 4&amp;quot;\u202e<script>alert(1)</script>", 40)
    'Fed holds at 4"'
    """
    words = text if isinstance(text, str) else ""
    words = words[: 20 * longest]
    for _ in range(LAYERS):
        if not re.search(r"<[a-zA-Z/!?]|&[#\w]+;", words):
            break
        reader = _Words()
        reader.feed(re.sub(r"<[a-zA-Z/!?][^<>]*$", "", words))  # a tag cut off is none, whichever Python reads it
        reader.close()
        words = html.unescape("".join(reader.shown))
    words = re.sub(r"<(?=[a-zA-Z/!?])", " ", words)
    words = "".join(_printed(sign) for sign in unicodedata.normalize("NFC", words))
    words = " ".join(words.split())
    if len(words) <= longest:
        return words
    return words[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–—-") + "…"


def _printed(sign: str) -> str:
    """A character as it may be printed: spaces of all kinds as one, what is invisible or unassigned not at all."""
    kind = unicodedata.category(sign)
    if kind.startswith("Z") or sign in "\t\n\r\f\v":
        return " "
    return "" if kind.startswith("C") else sign


def link_of(address: object) -> str:
    """The address of a page of the web, percent-encoded and without what follows its reader; empty if it is none.

    >>> link_of("https://example.org/a b?utm_source=x&id=7#top"), link_of("javascript:alert(1)")
    ('https://example.org/a%20b?id=7', '')
    """
    text = address.strip() if isinstance(address, str) else ""
    if not text or len(text) > LONGEST_LINK or any(unicodedata.category(sign).startswith("C") for sign in text):
        return ""
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in {"http", "https"} or parts.username is not None or not re.fullmatch(r"[\w.-]*\w\.\w+", host):
        return ""
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(name)]
    path = quote(parts.path, safe="/%:@!$&()*+,;=~-._")
    return urlunsplit((parts.scheme, host if port is None else f"{host}:{port}", path, urlencode(kept), ""))


def _tracks(name: str) -> bool:
    return TRACKERS.fullmatch(name.lower()) is not None


def identity(link: str) -> str:
    """Twelve letters that are the same for the same page, whichever way a feed writes its address."""
    parts = urlsplit(link)
    page = f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
    return hashlib.sha256(page.encode()).hexdigest()[:12]


def same_title(title: str, publisher: str) -> str:
    """What two copies of a headline have in common: its letters and figures, without the publisher at its end.

    >>> same_title("Fed holds rates - Reuters", "Reuters") == same_title("Fed Holds Rates", "Yahoo Finance")
    True
    """
    ended = re.sub(rf"\s+[-–—|]\s+{re.escape(publisher)}\s*$", "", title, flags=re.IGNORECASE)
    return "".join(sign for sign in unicodedata.normalize("NFKC", ended).casefold() if sign.isalnum())
