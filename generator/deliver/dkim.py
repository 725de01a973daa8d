"""DKIM: signatures by RFC 6376 (RSA) and RFC 8463 (Ed25519), made by the library dkimpy."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import config
from generator.errors import BadSetting

if TYPE_CHECKING:
    from generator.config import DkimSettings

SIGNED = (
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"List-Id", b"List-Unsubscribe", b"List-Unsubscribe-Post",
    b"List-Archive", b"List-Post", b"Feedback-ID", b"Auto-Submitted", b"MIME-Version", b"Content-Type",
)  # fmt: skip
_ED25519 = bytes.fromhex("302e020100300506032b657004220420")  # how such a key opens in PKCS #8


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """One key and where DNS has its other half."""

    domain: bytes
    selector: bytes
    key: bytes
    algorithm: bytes

    def __repr__(self) -> str:
        """Its public half only."""
        return f"Signer({self.selector!r}, {self.domain!r}, {self.algorithm!r})"

    def signature(self, message: bytes) -> bytes:
        """The header DKIM-Signature of a message, its CRLF included; both unsubscribe headers are signed."""
        import dkim  # type: ignore[import-untyped]  # noqa: PLC0415 -- only those who sign need it

        present = {
            name.lower() for name in re.findall(rb"^([!-9;-~]+):", message.partition(b"\r\n\r\n")[0], re.MULTILINE)
        }
        signed: bytes = dkim.sign(
            message, self.selector, self.domain, self.key,
            signature_algorithm=self.algorithm, canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name for name in SIGNED if name.lower() in present],
        )  # fmt: skip
        return signed


def signers(settings: DkimSettings) -> tuple[Signer, ...]:
    """The keys the settings name, tried once; none without a domain. BadSetting for a key that cannot sign."""
    if not settings.domain:
        return ()
    found = []
    if settings.rsa_key_file:
        key = _key("CAPLINE_DKIM_RSA", settings.rsa_key_file)
        found.append(Signer(settings.domain.encode(), settings.rsa_selector.encode(), key, b"rsa-sha256"))
    if settings.ed25519_key_file:
        seed = _seed(_key("CAPLINE_DKIM_ED25519", settings.ed25519_key_file), settings.ed25519_key_file)
        found.append(Signer(settings.domain.encode(), settings.ed25519_selector.encode(), seed, b"ed25519-sha256"))
    if not found:
        raise BadSetting("[dkim]", "domain is set and no key", hint="name rsa_key_file, ed25519_key_file or both")
    for signer in found:
        _try(signer)
    return tuple(found)


def _key(name: str, file: str) -> bytes:
    given = config.secret(name, file)
    return given.get_secret_value().encode() if given else b""


def _seed(key: bytes, file: str) -> bytes:
    """The 32 bytes of an Ed25519 key in base64, from that or from PEM."""
    try:
        plain = base64.b64decode(re.sub(rb"-----[A-Z ]+-----|\s", b"", key), validate=True)
    except binascii.Error:
        plain = b""
    plain = plain.removeprefix(_ED25519)
    if len(plain) != 32:  # noqa: PLR2004 -- by RFC 8032
        raise BadSetting(file, "is no Ed25519 key", hint="make one with `openssl genpkey -algorithm ed25519`")
    return base64.b64encode(plain)


def _try(signer: Signer) -> None:
    import dkim  # noqa: PLC0415 -- as above

    if not signer.selector:
        raise BadSetting("[dkim]", "a key has no selector", hint="name the selector under which DNS has it")
    try:
        signer.signature(b"From: a@example.org\r\n\r\nx\r\n")
    except (dkim.DKIMException, ValueError, KeyError, IndexError):
        raise BadSetting(
            "[dkim]", f"the key of selector {signer.selector.decode()} cannot sign", hint="it has to be an RSA key, PEM"
        ) from None
