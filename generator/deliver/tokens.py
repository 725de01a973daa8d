"""Tokens: short signed names of a reader, for one purpose, until a day. And the key that signs them.

A token has 32 characters of a to z and 2 to 7, so that it survives a subject line, a mailbox name and lower-casing:
one byte of purpose, five of the reader's number, two of its last day, and twelve of a keyed BLAKE2b over these and the
reader's mailbox. So a token made for one mailbox is worthless for whoever later has the same number.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from generator.errors import BookError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

UNSUBSCRIBE, BOUNCE, CONFIRM, PREFER = b"u", b"b", b"c", b"p"
LENGTH = 32
KEY = 32  # bytes
_EPOCH = date(1970, 1, 1)


class BadToken(ValueError):
    """Words that are no token, or a token of another key, purpose, reader or time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a token says, before it is known to be genuine."""

    purpose: bytes
    reader: int
    through: date
    mac: bytes


def key(given: SecretStr) -> bytes:
    """The key for tokens and Message-IDs, from a secret of any length."""
    return blake2b(given.get_secret_value().encode(), digest_size=KEY, person=b"capline").digest()


def make_key_file(path: Path) -> None:
    """Write a new secret, which only its owner may read, unless the file is there; BookError if that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    except OSError as problem:
        raise BookError(path, problem.strerror or str(problem)) from problem
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(KEY) + "\n")
        file.flush()
        os.fsync(file.fileno())


def last_day(day: date) -> bytes:
    """A day as it stands in a token."""
    return (day - _EPOCH).days.to_bytes(2, "big")


def sign(key: bytes, purpose: bytes, reader: int, mailbox: str, through: bytes) -> str:
    """A token for a reader whose mailbox has a key (`Address.key`), good through a day (`last_day`)."""
    head = purpose + reader.to_bytes(5, "big") + through
    mac = blake2b(head + mailbox.encode(), key=key, digest_size=12).digest()
    return base64.b32encode(head + mac).decode("ascii").lower()


def read(token: str) -> Named:
    """What a token says; BadToken if it is none. Whether it is genuine, `check` says once its reader is known."""
    try:
        plain = base64.b32decode(token.strip().upper().encode("ascii"))
    except ValueError:  # UnicodeEncodeError and binascii.Error are of its kind
        raise BadToken("no token") from None
    if len(plain) != LENGTH * 5 // 8:
        raise BadToken("no token")
    return Named(
        purpose=plain[:1],
        reader=int.from_bytes(plain[1:6], "big"),
        through=_EPOCH + timedelta(days=int.from_bytes(plain[6:8], "big")),
        mac=plain[8:],
    )


def check(key: bytes, named: Named, *, purpose: bytes, mailbox: str, today: date) -> None:
    """Whether a token was made by us, for this purpose and this reader's mailbox, and is not over: else BadToken."""
    head = named.purpose + named.reader.to_bytes(5, "big") + last_day(named.through)
    mac = blake2b(head + mailbox.encode(), key=key, digest_size=12).digest()
    if not hmac.compare_digest(mac, named.mac) or named.purpose != purpose:
        raise BadToken("not ours")
    if today > named.through:
        raise BadToken(f"over since {named.through}")
