"""The mail: one complete message with HTML, pictures and text, the same bytes for the same edition."""

from __future__ import annotations

import re
import struct
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from generator.errors import RenderError
from generator.render.sheets import environment, stylesheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.edition import Table
    from generator.render.view import Letter

SOFT, HARD = 80_000, 100_000  # bytes of HTML; Gmail cuts a message at about 102 kB
PICTURE = 592  # pixels across a chart (templates/mail/mail.html)
LINE = 998  # octets of a line by RFC 5322
WAY_OUT = "https://unsubscribe.invalid/"  # delivery sets each reader's own link in its place
POLICY = SMTP.clone(max_line_length=LINE)  # a long address must not become encoded words

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]|=\?[^?]*\?[bBqQ]\?")


def mail(letter: Letter, text: str, pngs: Mapping[str, bytes]) -> bytes:
    """Write the message; RenderError if its HTML would be cut or a header could carry a second one.

    `text` is the plain-text form, `pngs` are the charts by id.
    """
    name, address = parseaddr(letter.edition.masthead.sender)
    local, _, domain = address.partition("@")
    if not (local and domain):
        raise RenderError(
            f"{letter.edition.masthead.sender!r} is no sender", hint='set masthead.sender to "Name <name@domain>"'
        )
    message = EmailMessage(policy=POLICY)
    for key, value in _headers(letter, domain).items():
        _set(message, key, value)
    for key in ("From", "To"):  # a proof goes to its own sender; delivery sets each recipient
        message[key] = Address(_safe(key, name), _safe(key, local), _safe(key, domain))
    message.set_content(f"{text.rstrip()}\n\nUnsubscribe: {WAY_OUT}\n", cte="quoted-printable")
    message.add_alternative(html(letter, domain, _heights(pngs)), subtype="html", cte="quoted-printable")
    related = message.get_body(("html",))
    if related is None:
        raise RenderError("the mail lost its HTML", hint="this is a fault of Capline: report it")
    for id_, png in pngs.items():
        cid = f"<{_cid(letter, id_, domain)}>"
        related.add_related(png, "image", "png", cid=cid, filename=f"{id_}.png", disposition="inline")
    for place, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_capline_{letter.digest[:24]}_{place}")
    return _checked(message.as_bytes())


def html(letter: Letter, domain: str, heights: Mapping[str, int]) -> str:
    """Set the HTML part, styles inlined; while it is over the soft limit, the last tables are left to the web page.

    `heights` are those of the charts, in pixels, by id.
    """
    tables = list(letter.edition.tables)
    page = _inlined(letter, domain, tables, heights)
    while len(page.encode()) > SOFT and tables:
        tables.pop()
        page = _inlined(letter, domain, tables, heights)
    if len(page.encode()) > HARD:
        sizes = {"the apparatus": 0} | {
            block.section.story: sum(len(line.text) for paragraph in block.paragraphs for line in paragraph)
            for block in letter.blocks
        }
        biggest = max(sizes, key=lambda story: sizes[story])
        raise RenderError(
            f"the mail has {len(page.encode()):,} bytes of HTML, more than {HARD:,}",
            hint=f"a client would cut it: shorten {biggest!r} first",
        )
    return page


def _heights(pngs: Mapping[str, bytes]) -> dict[str, int]:
    """The height at which each picture keeps its shape in the width of the mail."""
    sizes = {id_: struct.unpack(">II", png[16:24]) for id_, png in pngs.items()}
    return {id_: round(PICTURE * height / width) for id_, (width, height) in sizes.items()}


def _inlined(letter: Letter, domain: str, tables: list[Table], heights: Mapping[str, int]) -> str:
    import css_inline  # noqa: PLC0415 -- only mail needs it

    left = [table.title for table in letter.edition.tables if table not in tables]
    cids = {figure.chart.id: _cid(letter, figure.chart.id, domain) for figure in letter.figures}
    page = environment().get_template("mail/mail.html").render(
        letter=letter, edition=letter.edition, tables=tables, left=left, cids=cids, heights=heights,
        linked=False, plain=False, way_out=WAY_OUT,
        style=stylesheet("mail", "mail.css"), dark=stylesheet("mail", "dark.css"),
    )  # fmt: skip
    return css_inline.inline(page, keep_at_rules=True, load_remote_stylesheets=False)


def _headers(letter: Letter, domain: str) -> dict[str, str]:
    edition = letter.edition
    slug = re.sub(r"[^a-z0-9]+", "-", edition.masthead.name.lower()).strip("-") or "letter"
    return {
        "Subject": edition.headline.text,
        "Date": format_datetime(edition.moment),
        "Message-ID": f"<{edition.id}.{letter.digest[:16]}@{domain}>",
        "List-Id": f"<{slug}.{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": edition.masthead.language,
        "X-Capline-Edition": edition.id,
        "X-Capline-Digest": letter.digest,
    }


def _set(message: EmailMessage, key: str, value: str) -> None:
    """Set a header; one with other than ASCII is folded into encoded words of at most 75 characters (RFC 2047)."""
    safe = _safe(key, value)
    if safe.isascii():
        message[key] = safe
    else:
        message.set_raw(key, Header(safe, "utf-8", maxlinelen=75, header_name=key).encode())


def _safe(key: str, value: str) -> str:
    """Refuse what could become a second header, also when a reader decodes it (CVE-2024-6923)."""
    if _UNSAFE.search(value):
        raise RenderError(f"header {key} cannot be {value!r}", hint="take line breaks and encoded words out of it")
    return value


def _cid(letter: Letter, chart: str, domain: str) -> str:
    return f"{chart}.{letter.edition.id}@{domain}"


def _checked(message: bytes) -> bytes:
    lines = message.split(b"\r\n")
    if any(b"\n" in line or b"\r" in line or len(line) > LINE for line in lines):
        raise RenderError("the mail has a line that no server accepts", hint="this is a fault of Capline: report it")
    return message
