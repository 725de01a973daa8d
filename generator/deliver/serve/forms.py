"""Forms as they come in: small, in time, and read the same whichever way they were sent."""

from __future__ import annotations

import email
import email.policy
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio
from starlette.exceptions import HTTPException

from generator.deliver.addresses import address
from generator.errors import BadAddress

if TYPE_CHECKING:
    from starlette.requests import Request

    from generator.deliver.addresses import Address

LARGEST = 16_384  # octets
PATIENCE = 10.0  # seconds for all of it
FIELDS = 20


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; HTTPException 408, 413 or 400 for one that cannot be read."""
    body = b""
    try:
        with anyio.fail_after(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        pairs = _parts(request.headers["content-type"], body) if kind == "multipart/form-data" else _encoded(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is of the first kind
        raise HTTPException(400) from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _encoded(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS)


def _parts(kind: str, body: bytes) -> list[tuple[str, str]]:
    """Fields of multipart/form-data, as some mailbox providers send for one click (RFC 8058)."""
    if "\r" in kind or "\n" in kind:
        raise ValueError(kind)
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=email.policy.compat32)
    found = []
    inside = message.get_payload()
    for part in inside[:FIELDS] if isinstance(inside, list) else ():
        if isinstance(part, str):
            continue
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            found.append((name, value.decode("utf-8").removesuffix("\r\n")))
    return found


def address_in(text: str) -> Address:
    """An address; one that mail programs may decode to something else is none (CVE-2024-6923). BadAddress."""
    if "=?" in text:
        raise BadAddress(text, "An address cannot hold an encoded word.")
    return address(text)
