"""Headers: the lines of a message's head, each checked so that none can become two, whoever reads it."""

from __future__ import annotations

import re
from email.header import decode_header
from email.utils import format_datetime
from typing import TYPE_CHECKING

from generator.errors import NoWayOut, RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.config import MailSettings

LINE = 998  # octets of a line by RFC 5322
TO, ID, TOKEN = "\x01to\x02", "\x01id\x02", "\x01token\x02"  # where each reader's own words go
KEPT = ("From", "Subject", "Content-Language", "X-Capline-Edition", "X-Capline-Digest", "MIME-Version", "Content-Type")
_NAME = re.compile(rb"[!-9;-~]+")
_BREAKING = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def split(message: bytes) -> tuple[dict[str, bytes], bytes]:
    """The head of a message, each header with its value as it stands (folded), and the body.

    RenderError for a head that is none, a header that is there twice, or one that could be read as two.
    """
    head, gap, body = message.partition(b"\r\n\r\n")
    if not gap:
        raise _refused("the letter", "has no body")
    found: dict[str, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise _refused("the letter", f"has {line[:60]!r} among its headers")
        key = name.decode("ascii")
        if key.lower() in {other.lower() for other in found}:
            raise _refused(key, "stands there twice")
        found[key] = checked(key, value.strip(b" \t"))
    return found, body


def checked(name: str, value: bytes) -> bytes:
    """Refuse a value with a line break that is no fold, or with one hidden in an encoded word (CVE-2024-6923)."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", value)
    if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", unfolded):
        raise _refused(name, "holds a line break or another control character")
    text = unfolded.decode("utf-8", errors="replace")
    for part, charset in decode_header(text):
        try:
            plain = part.decode(charset or "ascii", errors="replace") if isinstance(part, bytes) else part
        except LookupError:
            raise _refused(name, f"is in {charset!r}, which nobody knows") from None
        if _BREAKING.search(plain.replace("\t", " ")):
            raise _refused(name, "holds a line break in an encoded word")
    if any(len(line) > LINE - len(name) - 2 for line in value.split(b"\r\n")):
        raise _refused(name, f"has a line of more than {LINE} octets")
    return value


def _refused(name: str, problem: str) -> RenderError:
    return RenderError(f"header {name}: {problem}", hint="build the letter again with `capline build`")


def domain(sender: bytes) -> str:
    """The domain of a From header."""
    found = re.search(rb"@([A-Za-z0-9.-]+)>?\s*$", sender)
    if not found:
        raise _refused("From", f"{sender!r} has no domain")
    return found[1].decode("ascii").lower()


def list_id(given: Mapping[str, bytes], settings: MailSettings) -> str:
    """The name of the list for mail programs (RFC 2919): the setting's, the letter's own, or one made of its sender."""
    own = given.get("List-Id", b"").decode("ascii", "replace").strip("<> ")
    return settings.list_id or own or f"letter.{domain(given['From'])}"


def of_edition(
    given: Mapping[str, bytes], settings: MailSettings, *, edition: str, dated: datetime, ours: bool = True
) -> dict[str, str]:
    """The headers that delivery adds, in order; TO, ID and TOKEN stand for what differs between readers.

    `ours`: readers leave through us, not through an engine, which then adds headers of its own. NoWayOut if so and the
    settings name no way to unsubscribe.
    """
    home = domain(given["From"])
    name = list_id(given, settings)
    found = {
        "To": TO,
        "Date": format_datetime(dated),
        "Message-ID": f"<{ID}@{home}>",
        "List-Id": f"<{name}>",
    }
    if ours:
        found["List-Unsubscribe"] = ", ".join(f"<{uri}>" for uri in ways_out(settings))
    if ours and settings.unsubscribe_url:
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if settings.archive:
        found["List-Archive"] = f"<{settings.archive.partition('{')[0]}>"
    kind = edition[11:] or "letter"
    slug = name.partition(".")[0]
    found |= {
        "List-Post": "NO",
        "Feedback-ID": f"{edition}:{kind}:{slug}:{home}",
        "Auto-Submitted": "auto-generated",  # a vacation notice must not answer it (RFC 3834)
        "X-Auto-Response-Suppress": "All",
    }
    for name, value in found.items():
        checked(name, re.sub("\x01[a-z]+\x02", "x", value).encode())
    return found


def ways_out(settings: MailSettings) -> tuple[str, ...]:
    """Where a reader leaves, best first; TOKEN names the reader."""
    found = []
    if settings.unsubscribe_url:
        found.append(settings.unsubscribe_url.replace("{token}", TOKEN))
    if settings.unsubscribe_mailto:
        found.append(f"mailto:{settings.unsubscribe_mailto}?subject=unsubscribe%20{TOKEN}")
    if not found:
        raise NoWayOut(
            "no reader could leave: neither a page nor a mailbox to unsubscribe is set",
            hint="set `unsubscribe_url` or `unsubscribe_mailto` in [mail] of newsletter.toml",
        )
    return tuple(found)
