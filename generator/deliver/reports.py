"""Reports: what a message in our mailbox is, and what in it could prove that its sender has had one of our letters.

Known are delivery reports (RFC 3464), complaints (RFC 5965), automatic answers (RFC 3834) and mails that ask to be
taken off the list. Nothing is believed here: `inbox` looks whether a proof is genuine.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{32}(?![a-z2-7])", re.IGNORECASE)
_PLUS = re.compile(r"\+([a-z2-7]{32})@", re.IGNORECASE)
_OURS = re.compile(r"<([a-z2-7]{24})@")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_ASKED = re.compile(r"(?:\w{2,3}:\s*)*unsubscribe[.!]?", re.IGNORECASE)
_KIND = re.compile(r"[a-z][a-z-]{0,39}")
ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")  # where a server notes it
# By RFC 3463. What speaks of the sender, the message or a policy never counts against a reader.
OURS = re.compile(r"[245]\.(?:[567]\.\d+|1\.[78]|2\.3|3\.4)")
HARD = re.compile(r"5\.(?:1\.\d+|2\.1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Words that only someone with a letter of ours can know, and addresses they may belong to; none is checked."""

    bounce: tuple[str, ...] = ()  # tokens in the envelope address that the letter came from
    leave: tuple[str, ...] = ()  # tokens of links to unsubscribe
    ids: tuple[str, ...] = ()  # left parts of Message-IDs
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A mail that asks to be taken off the list."""

    proof: Proof
    sender: str
    vouched: bool  # whether the server that took the mail in says that the sender is who it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery report; `standing` is "hard", "soft", "ours", "delayed" or "delivered"."""

    proof: Proof
    standing: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A complaint report; `kind` as it says: "abuse", "fraud", "not-spam", "opt-out", ..."""

    proof: Proof
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic:
    """An automatic answer, such as of someone on holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Anything else, and why it is that."""

    reason: str


Report = Leave | Bounce | Complaint | Automatic | Odd


def read(content: bytes, *, authority: str = "") -> Report:
    """What a message is. `authority` names the server whose Authentication-Results are believed; "": none."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.compat32)
        kind = message.get_content_type()
        if kind == "multipart/report":
            return _report(message, str(message.get_param("report-type") or "").lower())
        asked = _leave(message, authority)
    except (MessageError, RecursionError, LookupError, ValueError) as problem:
        return Odd(reason=f"cannot be read ({type(problem).__name__})")
    if asked:
        return asked
    if _header(message, "Auto-Submitted").lower().startswith("auto-"):
        return Automatic()
    if not _header(message, "Return-Path").strip("<> ") and message["Return-Path"] is not None:
        return Odd(reason="a bounce that is no delivery report (RFC 3464)")
    return Odd(reason="a mail for a person")


def _header(message: Message, name: str) -> str:
    """A header as text, encoded words decoded where that can be done."""
    given = str(message.get(name) or "")
    try:
        return str(make_header(decode_header(given)))
    except (HeaderParseError, LookupError, ValueError):
        return given


def _every(message: Message, *names: str) -> Iterator[str]:
    for name in names:
        yield from map(str, message.get_all(name) or ())


# --- asking to leave ----------------------------------------------------------------------------------------------


def _leave(message: Message, authority: str) -> Leave | None:
    subject = _header(message, "Subject").strip()
    tokens = tuple(found.lower() for found in _TOKEN.findall(subject))
    if not tokens and not _ASKED.fullmatch(subject):
        return None
    senders = [address for _, address in getaddresses(list(_every(message, "From"))) if address]
    sender = senders[0] if len(senders) == 1 else ""
    replied = " ".join(_every(message, "In-Reply-To", "References"))
    return Leave(
        proof=Proof(leave=tokens, ids=tuple(_OURS.findall(replied)), addresses=(sender,) if sender else ()),
        sender=sender,
        vouched=bool(sender) and _vouched(message, authority, sender.rpartition("@")[2].lower()),
    )


def _vouched(message: Message, authority: str, domain: str) -> bool:
    """Whether the newest Authentication-Results (RFC 8601) is of our own server and says that DMARC passed."""
    results = next(_every(message, "Authentication-Results"), "")
    said = [part.strip().lower() for part in re.sub(r"\([^()]*\)", "", results).split(";")]
    if not authority or said[0].split(" ")[0] != authority.lower():
        return False
    for part in said[1:]:
        words = part.split()
        if words and words[0] == "dmarc=pass":
            return f"header.from={domain}" in words
    return False


# --- reports ------------------------------------------------------------------------------------------------------


def _parts(message: Message) -> list[Message]:
    inside = message.get_payload()
    return [part for part in inside if not isinstance(part, str)] if isinstance(inside, list) else []


def _report(message: Message, kind: str) -> Report:
    parts = _parts(message)
    returned = next((found for part in parts if (found := _returned(part))), None)
    if kind == "delivery-status":
        return _bounce(message, parts, returned)
    if kind == "feedback-report":
        return _complaint(parts, returned)
    return Odd(reason="a report of a kind that is not known")


def _returned(part: Message) -> Message | None:
    """The letter, or its head, that a report gives back."""
    kind, inside = part.get_content_type(), _parts(part)
    if kind in ("message/rfc822", "message/rfc822-headers") and inside:
        return inside[0]
    if kind == "text/rfc822-headers":
        head = part.get_payload(decode=True)
        return email.message_from_bytes(head, policy=email.policy.compat32) if isinstance(head, bytes) else None
    return None


def _blocks(parts: list[Message], kind: str) -> list[Message]:
    """The blocks of fields in the part of a kind; the library reads those of a delivery report, others are text."""
    for part in parts:
        if part.get_content_type() != kind:
            continue
        if inside := _parts(part):
            return [block for block in inside if block.keys()]
        plain = part.get_payload(decode=True)
        if isinstance(plain, bytes):
            return [email.message_from_bytes(plain, policy=email.policy.compat32)]
    return []


def _proof(message: Message | None, returned: Message | None, *more: str) -> Proof:
    outer = " ".join(_every(message, *ENVELOPE)) if message else ""
    given = Message() if returned is None else returned
    inner, links, ids = (" ".join(_every(given, name)) for name in ("Return-Path", "List-Unsubscribe", "Message-ID"))
    return Proof(
        bounce=tuple(found.lower() for found in _PLUS.findall(" ".join((outer, inner, *more)))),
        leave=tuple(found.lower() for found in _TOKEN.findall(re.sub(r"\s+", "", links))),
        ids=tuple(_OURS.findall(ids)),
        addresses=tuple(address for _, address in getaddresses(list(_every(given, "To")))),
    )


def _bounce(message: Message, parts: list[Message], returned: Message | None) -> Report:
    blocks = [block for block in _blocks(parts, "message/delivery-status") if block["Final-Recipient"]]
    found = []
    for block in blocks:
        status = _STATUS.match(str(block["Status"] or ""))
        if status is None:
            return Odd(reason="a delivery report without a status (RFC 3463)")
        found.append((_standing(str(block["Action"] or "").strip().lower(), status[1]), status[1]))
    if not found:
        return Odd(reason="a delivery report that names no recipient")
    mildest = max(found, key=lambda one: ("hard", "soft", "ours", "delayed", "delivered").index(one[0]))
    told = [str(block[name] or "") for block in blocks for name in ("Original-Recipient", "Final-Recipient")]
    proof = _proof(message, returned)
    addresses = (*proof.addresses, *(one.partition(";")[2].strip(" <>") for one in told if one))
    return Bounce(
        proof=Proof(bounce=proof.bounce, leave=proof.leave, ids=proof.ids, addresses=addresses),
        standing=mildest[0],
        status=mildest[1],
    )


def _standing(action: str, status: str) -> str:
    if action in ("delivered", "relayed", "expanded") or status.startswith("2"):
        return "delivered"
    if action == "delayed":
        return "delayed"
    return standing(status)


def standing(status: str) -> str:
    """What a status by RFC 3463 means for a reader: "hard" (there is no such mailbox), "soft", or "ours"."""
    if OURS.fullmatch(status):
        return "ours"
    return "hard" if HARD.fullmatch(status) else "soft"


def _complaint(parts: list[Message], returned: Message | None) -> Report:
    blocks = _blocks(parts, "message/feedback-report")
    kind = str(blocks[0]["Feedback-Type"] or "").strip().lower() if blocks else ""
    if not _KIND.fullmatch(kind):
        return Odd(reason="a complaint that does not say of what kind it is (RFC 5965)")
    proof = _proof(None, returned, str(blocks[0]["Original-Mail-From"] or ""))
    named = tuple(one.strip(" <>") for one in _every(blocks[0], "Original-Rcpt-To"))
    return Complaint(
        proof=Proof(bounce=proof.bounce, leave=proof.leave, ids=proof.ids, addresses=(*proof.addresses, *named)),
        kind=kind,
    )
