"""The seal: what leaves this machine is encrypted, authenticated, and named so that nobody learns what it is.

A part is compressed, padded with zeros to whole kilobytes and sealed with AES-SIV (RFC 5297), which is deterministic:
the same part is the same bytes, so that what has not changed is not sent again, and no counter can be used twice. Its
name is a keyed digest of its content and is authenticated with it: no part can stand for another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from generator import config
from generator.errors import BadSetting, CannotWrite

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from generator.config import Settings

VARIABLE = "CAPLINE_STATE_KEY"
SECRET = 32  # bytes of the key
SIV, NAMES, ID = 64, 32, 4  # bytes derived from it: to seal, to name, and to tell keys apart
BLOCK = 1024  # bytes that a sealed part is padded to


class Broken(ValueError):
    """Sealed bytes that were altered, cut, or sealed with another key or under another name."""


class Seal:
    """Seals, names and opens parts with one key; its `id` tells keys apart and gives nothing away."""

    def __init__(self, key: SecretStr) -> None:
        derived = HKDF(algorithm=SHA256(), length=SIV + NAMES + ID, salt=None, info=b"capline-state/1").derive(
            _decoded(key)
        )
        self._siv = AESSIV(derived[:SIV])
        self._names = derived[SIV : SIV + NAMES]
        self.id = derived[-ID:].hex()

    def name(self, content: bytes) -> str:
        """The name of a part: 64 hexadecimal digits."""
        return hmac.new(self._names, content, sha256).hexdigest()

    def close(self, name: str, content: bytes) -> bytes:
        """Seal content under a name."""
        packed = zlib.compress(content, 6)
        padded = packed + bytes(-len(packed) % BLOCK)
        return self._siv.encrypt(padded, [name.encode()])

    def open(self, name: str, sealed: bytes, *, limit: int) -> bytes:
        """The content that was sealed under a name, of at most `limit` bytes; Broken if it is not that."""
        try:
            packed = self._siv.decrypt(sealed, [name.encode()])
            return zlib.decompressobj().decompress(packed, limit)
        except (InvalidTag, ValueError, zlib.error) as problem:
            raise Broken(name) from problem


def seal_of(settings: Settings) -> Seal:
    """The seal of the settings; BadSetting without a key, or with one that cannot be."""
    file = settings.state.key_file
    given = config.secret(VARIABLE, file if file.exists() else "")
    if given is None:
        raise BadSetting(
            VARIABLE, "there is no key to seal the state with",
            hint=f"set it to the key of this state; the first time, `capline state key` makes {file}",
        )  # fmt: skip
    return Seal(given)


def make_key(path: Path) -> None:
    """Write a new key, which only its owner may read; BadSetting if there is one, CannotWrite if that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise BadSetting(
            str(path),
            "there is a key here already",
            hint="use it; a state is opened only with the key it was made with",
        ) from None
    except OSError as problem:
        raise CannotWrite(path, problem.strerror or str(problem)) from problem
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(SECRET) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _decoded(key: SecretStr) -> bytes:
    text = key.get_secret_value().strip()
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != SECRET:
        raise BadSetting(
            VARIABLE,
            f"is no key of {SECRET} bytes in base64",
            hint="copy it again, whole; `capline state key` makes one",
        ) from None
    return found
