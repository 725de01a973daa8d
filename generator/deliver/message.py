"""The message: compiled once per edition to bytes as they go over the line; per reader only tokens are replaced.

Compiled from letter.eml: its head is written anew, each part that holds the link to unsubscribe is encoded again with
the place of the token on a line of its own, and dots at the start of lines are doubled. What differs between readers
are the address, the Message-ID, and the token; none of these can start a line with a dot or lengthen one beyond 998.
"""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import html
import re
from dataclasses import dataclass
from email.quoprimime import body_encode
from typing import TYPE_CHECKING

from generator.deliver import headers
from generator.deliver.headers import ID, LINE, TO, TOKEN
from generator.errors import NoWayOut, RenderError
from generator.render.mail import WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from generator.config import MailSettings

QUOTED = 74  # characters of a quoted-printable line; 76 with the soft break and one to spare
_SLOT = re.compile(rb"\x01(?:to|id|token)\x02")
_PLACES = {TO.encode(): 0, ID.encode(): 1, TOKEN.encode(): 2}


@dataclass(frozen=True, slots=True)
class Compiled:
    """An edition's message with places for address, Message-ID and token; `wire` and `raw` are kept apart.

    Both are constant pieces and places in turn; `wire` has dots doubled and ends with the lone dot of SMTP.
    """

    edition: str
    wire: tuple[bytes | int, ...]
    raw: tuple[bytes | int, ...]
    names: tuple[str, ...]  # of the headers, in order

    def message(self, address: str, id_: str, token: str) -> bytes:
        """A reader's message as a file, lines ended by CRLF."""
        return _filled(self.raw, address, id_, token)

    def on_the_wire(self, address: str, id_: str, token: str) -> bytes:
        """A reader's message as SMTP carries it after DATA, the final dot included."""
        return _filled(self.wire, address, id_, token)

    @property
    def size(self) -> int:
        """Octets of a message, within a few of each reader's own."""
        return sum(64 if isinstance(piece, int) else len(piece) for piece in self.raw)


def _filled(pieces: tuple[bytes | int, ...], *own: str) -> bytes:
    words = [word.encode() for word in own]
    return b"".join([words[piece] if isinstance(piece, int) else piece for piece in pieces])


def compile_letter(
    letter: bytes, settings: MailSettings, *, edition: str, dated: datetime, way_out: str = ""
) -> Compiled:
    """Compile letter.eml for sending; `dated` is the Date that every reader's copy carries.

    `way_out` are the words that an engine replaces by its own link to leave; "" for ours.
    Raises NoWayOut for a letter without the place for the link to unsubscribe, and RenderError for one that no server
    would take or whose head could be read in two ways.
    """
    given, body = headers.split(letter)
    for needed in ("From", "Subject", "MIME-Version", "Content-Type"):
        if needed not in given:
            raise RenderError(f"the letter has no {needed}", hint="build it again with `capline build`")
    own = headers.of_edition(given, settings, edition=edition, dated=dated, ours=not way_out)
    head = [name.encode() + b": " + given[name] for name in ("From", "Subject")]
    head += [f"{name}: {value}".encode() for name, value in own.items()]
    head += [name.encode() + b": " + given[name] for name in headers.KEPT[2:] if name in given]
    leave = way_out or headers.ways_out(settings)[0]
    whole = b"\r\n".join(head) + b"\r\n\r\n" + _with_way_out(given["Content-Type"], body, leave)
    if not whole.endswith(b"\r\n"):
        whole += b"\r\n"
    compiled = Compiled(
        edition=edition,
        wire=_pieces(whole.replace(b"\r\n.", b"\r\n..") + b".\r\n"),
        raw=_pieces(whole),
        names=("From", "Subject", *own, *(name for name in headers.KEPT[2:] if name in given)),
    )
    _check(compiled)
    return compiled


def message_id(key: bytes, edition: str, mailbox: str) -> str:
    """The left part of a Message-ID: the same whenever this edition goes to this mailbox, and telling nothing of it."""
    mac = hashlib.blake2b(f"{edition}\0{mailbox}".encode(), key=key, digest_size=15, person=b"message-id").digest()
    return base64.b32encode(mac).decode("ascii").lower()


def _with_way_out(kind_of_body: bytes, body: bytes, way_out: str) -> bytes:
    """The body with the link to unsubscribe in each of its text parts; NoWayOut if one has no place for it."""
    whole = b"MIME-Version: 1.0\r\nContent-Type: " + kind_of_body + b"\r\n\r\n" + body
    parsed: EmailMessage = email.message_from_bytes(whole, policy=email.policy.default)
    kinds = set()
    for part in parsed.walk():
        if part.get_content_maintype() != "text":
            continue
        text = part.get_content()
        kind = part.get_content_subtype()
        if WAY_OUT not in text:
            raise NoWayOut(
                f"the {kind} part of the letter has no link to unsubscribe",
                hint=f"put {WAY_OUT} where it belongs in templates/mail, then build the letter again",
            )
        kinds.add(kind)
        old = str(part.get_payload()).encode("ascii", "replace")
        if part["Content-Transfer-Encoding"] != "quoted-printable" or body.count(old) != 1:
            raise RenderError("a part of the letter is not as Capline writes it", hint="build the letter again")
        body = body.replace(old, _encoded(text, html.escape(way_out) if kind == "html" else way_out))
    if "html" not in kinds:
        raise NoWayOut("the letter has no HTML part", hint="build the letter again with `capline build`")
    return body


def _encoded(text: str, way_out: str) -> bytes:
    """Quoted-printable text, with the token's place on a line of its own between two soft breaks."""
    runs = re.split(r"\r\n|\r|\n", text.replace(WAY_OUT, way_out))
    pieces = "\r\n".join(runs).split(TOKEN)
    quoted = [body_encode(piece.encode().decode("latin-1"), QUOTED, "\r\n").encode("ascii") for piece in pieces]
    return b"=\r\n".join(_parted(quoted))


def _parted(quoted: Sequence[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for piece in quoted:
        found += [piece, TOKEN.encode()]
    return found[:-1]


def _pieces(whole: bytes) -> tuple[bytes | int, ...]:
    found: list[bytes | int] = []
    end = 0
    for slot in _SLOT.finditer(whole):
        found += [whole[end : slot.start()], _PLACES[slot[0]]]
        end = slot.end()
    return (*found, whole[end:])


def _check(compiled: Compiled) -> None:
    """Read a message of the longest address back: as many headers as were written, no line that a server refuses."""
    sample = compiled.message(f"{'n' * 64}@{'d' * 189}", "i" * 24, "t" * 32)
    for line in sample.split(b"\r\n"):
        if len(line) > LINE or b"\n" in line or b"\r" in line or b"\0" in line:
            raise RenderError(
                f"the letter has a line that no server takes: {line[:60]!r}", hint="build the letter again"
            )
    read = email.message_from_bytes(sample, policy=email.policy.compat32)
    if tuple(read.keys()) != compiled.names or read.defects:
        raise RenderError("the head of the letter can be read in two ways", hint="build the letter again")
