"""Addresses: whether mail can be sent to one, how it is written, and when two are the same mailbox.

The library email-validator decides. Most addresses of a list are so plain that an expression can say they would pass:
it takes a million of them in seconds, and what it does not know goes to the library.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from generator.errors import BadAddress

LONGEST = 254  # characters of a plain address; a domain has at most 253, a name 64
_ATOM = r"[A-Za-z0-9_'+-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,61}(?<!-)"  # no "--": that is how encoded names are told
_TOP = r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[A-Za-z]{2,24}"
PLAIN = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?i:{_TOP})", re.ASCII)
_ENCODED = re.compile(r"=\?[^?]*\?[bq]\?", re.IGNORECASE)  # the beginning of an encoded word (RFC 2047)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address that mail can be sent to."""

    written: str  # in an envelope: its domain in lower-case ASCII
    key: str  # the same for every spelling of the mailbox, whatever the case of its letters

    @property
    def international(self) -> bool:
        """Whether the relay has to know SMTPUTF8."""
        return not self.written.isascii()


def plain(text: str) -> str | None:
    """How a plain address is written; None if the library has to be asked."""
    if len(text) > LONGEST or not PLAIN.fullmatch(text):
        return None
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def address(text: str) -> Address:
    """Read an address, white space around it left out; BadAddress says why it is none. No look-up is made."""
    text = text.strip(" \t")
    if (written := plain(text)) is not None:
        return Address(written=written, key=written.lower())
    if _ENCODED.search(text):  # a reader of headers would decode it, line breaks and all
        raise BadAddress(text, "it holds an encoded word, as only headers may")
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 -- most addresses are plain

    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as problem:
        raise BadAddress(text, str(problem)) from None
    written = f"{found.local_part}@{found.ascii_domain}"
    key = unicodedata.normalize("NFC", found.local_part.casefold())
    return Address(written=written, key=f"{key}@{found.ascii_domain}")
