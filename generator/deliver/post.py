"""A reader's post: the envelope and the message, made from what was compiled once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.deliver import tokens
from generator.deliver.message import message_id

if TYPE_CHECKING:
    from generator.deliver.dkim import Signer
    from generator.deliver.ledger import Reader
    from generator.deliver.message import Compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """All that makes a reader's envelope and message."""

    compiled: Compiled
    key: bytes = field(repr=False)
    through: bytes  # last day of the links, as it stands in a token
    sender: str  # envelope address that bounces go to
    verp: bool  # whether it gets a token, so that a bounce names its reader
    signers: tuple[Signer, ...] = ()
    dotted: bool = True  # as SMTP carries it; else as a file

    def envelope(self, reader: Reader) -> str:
        """The envelope sender for a reader."""
        if not self.verp:
            return self.sender
        name, _, domain = self.sender.rpartition("@")
        token = tokens.sign(self.key, tokens.BOUNCE, reader.number, reader.mailbox, self.through)
        return f"{name}+{token}@{domain}"

    def content(self, reader: Reader) -> bytes:
        """The message for a reader, as it goes out."""
        token = tokens.sign(self.key, tokens.UNSUBSCRIBE, reader.number, reader.mailbox, self.through)
        own = (reader.address, message_id(self.key, self.compiled.edition, reader.mailbox), token)
        content = self.compiled.on_the_wire(*own) if self.dotted else self.compiled.message(*own)
        if self.signers:
            raw = self.compiled.message(*own)
            content = b"".join(signer.signature(raw) for signer in self.signers) + content
        return content
