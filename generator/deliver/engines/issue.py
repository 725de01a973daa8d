"""The issue: an edition taken out of letter.eml as an engine with readers of its own wants it.

Both engines read text between double braces as a program. What the letter has of these is written so that it stays
words; only the link to leave is a program, the engine's own.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.deliver import headers
from generator.deliver.headers import list_id
from generator.errors import NoWayOut, RenderError
from generator.render.mail import WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import EmailMessage

    from generator.config import MailSettings

_STYLE = re.compile(r"(<style\b.*?</style>)", re.DOTALL | re.IGNORECASE)
_OPENING = re.compile(r"\{(?=[{%#])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the letter: its name, the same for the same bytes, and what stands in the HTML for its address."""

    name: str
    place: str  # "cid:..."
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An edition for an engine. `name` is the same whenever it is handed over, and that of no other letter."""

    name: str  # "capline.example.org/2026-11-24-daily"
    edition: str
    kind: str
    digest: str  # SHA-256 of letter.eml
    subject: str
    sender: str
    link: str  # its public page; "": none
    html: str
    text: str
    pictures: tuple[Picture, ...]

    def page(self, way_out: str, addresses: Mapping[str, str]) -> str:
        """The HTML with the engine's link to leave, and the pictures at their addresses (by `Picture.place`)."""
        html = "".join(_quiet(piece) for piece in _STYLE.split(self.html))
        for place, address in addresses.items():
            html = html.replace(f'"{place}"', f'"{address}"')
        return html.replace(WAY_OUT, way_out)

    def marked(self, *more: object) -> str:
        """A mark of the letter and of what else a campaign is made from."""
        return hashlib.sha256(repr((self.digest, *more)).encode()).hexdigest()[:16]

    def words(self, way_out: str) -> str:
        """The plain text, for listmonk's templates."""
        return go_words(self.text).replace(WAY_OUT, way_out)


def _quiet(html: str) -> str:
    """HTML in which no template language finds anything to do."""
    inside = _STYLE.match(html)
    return _OPENING.sub("{ " if inside else "&#123;", html)


def go_words(text: str) -> str:
    """Plain text in which Go's template language finds nothing to do but to print double braces."""
    return text.replace("{{", '{{ "{{" }}')


def issue(letter: bytes, settings: MailSettings, *, edition: str, kind: str) -> Issue:
    """Take a letter apart; NoWayOut or RenderError for one that is not as Capline writes it."""
    given, _ = headers.split(letter)
    parsed: EmailMessage = email.message_from_bytes(letter, policy=email.policy.default)
    html, text = (_part(parsed, kind_of_part) for kind_of_part in ("html", "plain"))
    for words, where in ((html, "html"), (text, "plain")):
        if WAY_OUT not in words:
            raise NoWayOut(
                f"the {where} part of the letter has no link to unsubscribe",
                hint=f"put {WAY_OUT} where it belongs in templates/mail, then build the letter again",
            )
    return Issue(
        name=f"{list_id(given, settings)}/{edition}",
        edition=edition,
        kind=kind,
        digest=hashlib.sha256(letter).hexdigest(),
        subject=str(parsed["Subject"]),
        sender=str(parsed["From"]),
        link=settings.page(edition),
        html=html,
        text=text,
        pictures=tuple(_pictures(parsed, edition)),
    )


def _part(parsed: EmailMessage, kind: str) -> str:
    body = parsed.get_body((kind,))
    if body is None:
        raise RenderError(f"the letter has no {kind} part", hint="build the letter again with `capline build`")
    return str(body.get_content()).replace("\r\n", "\n")


def _pictures(parsed: EmailMessage, edition: str) -> list[Picture]:
    found = []
    for part in parsed.walk():
        if part.get_content_maintype() != "image":
            continue
        png = part.get_content()
        stem = re.sub(r"[^a-z0-9-]+", "-", (part.get_filename() or "picture").removesuffix(".png").lower())
        place = "cid:" + str(part["Content-ID"]).strip("<> ")
        name = f"{edition}-{stem}-{hashlib.sha256(png).hexdigest()[:12]}.png"
        found.append(Picture(name=name, place=place, png=png))
    return found
