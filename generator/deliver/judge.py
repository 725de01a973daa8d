"""Judging: what a message in our mailbox comes to, and whether it is to be believed.

What it asks for is done only if it proves that its sender has had a letter of the reader: by a signed token, or by the
Message-ID that this reader's copy had. A mail to leave is believed, too, if our own mail server vouches for its sender
(setting `authority`). All else is left where it is, for a person; docs/inbox.md has the rules and why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from generator.deliver import reports, tokens
from generator.deliver.addresses import address
from generator.deliver.message import message_id
from generator.deliver.tokens import BOUNCE, UNSUBSCRIBE, BadToken
from generator.errors import BadAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.deliver.book import Book

LEFT = "left"


class Fate(NamedTuple):
    """What a message comes to: what is done, for which mailbox ("": none), and why, without an address."""

    what: str  # unsubscribed, bounced, complained, soft, noted, left
    mailbox: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges messages by the book."""

    book: Book
    key: bytes = field(repr=False)
    today: date
    authority: str = ""

    def fate(self, content: bytes) -> Fate:
        """What a message comes to; nothing is written."""
        found = reports.read(content, authority=self.authority)
        if isinstance(found, reports.Leave):
            return self._leave(found)
        if isinstance(found, reports.Bounce):
            return self._bounce(found)
        if isinstance(found, reports.Complaint):
            return self._complaint(found)
        if isinstance(found, reports.Automatic):
            return Fate("noted", why="an automatic answer")
        return Fate(LEFT, why=found.reason)

    def _leave(self, asked: reports.Leave) -> Fate:
        if mailbox := self._proven(asked.proof):
            return Fate("unsubscribed", mailbox, "by mail")
        if asked.vouched and (number := self._reader(asked.sender)):
            return Fate("unsubscribed", number[1], "by mail, vouched for")
        why = "its token is not good" if asked.proof.leave else "it proves nothing: no token, no reply to a letter"
        return Fate(LEFT, why=f"asks to leave, but {why}")

    def _bounce(self, bounce: reports.Bounce) -> Fate:
        mailbox = self._proven(bounce.proof)
        if not mailbox:
            return Fate(LEFT, why="a delivery report that proves no letter of ours")
        if bounce.standing in ("delayed", "delivered"):
            return Fate("noted", why=bounce.standing)
        if bounce.standing == "ours":
            return Fate(LEFT, why=f"a bounce that speaks of us, not of the reader ({bounce.status})")
        return Fate("bounced" if bounce.standing == "hard" else "soft", mailbox, bounce.status)

    def _complaint(self, complaint: reports.Complaint) -> Fate:
        mailbox = self._proven(complaint.proof)
        if not mailbox:
            return Fate(LEFT, why="a complaint that proves no letter of ours")
        if complaint.kind == "not-spam":
            return Fate("noted", why="not-spam")
        if complaint.kind.startswith("opt-out"):
            return Fate("unsubscribed", mailbox, "by its mail program")
        return Fate("complained", mailbox, complaint.kind)

    def _proven(self, proof: reports.Proof) -> str:
        """The mailbox of the reader whose letter is proven; "" if none is."""
        given = [(BOUNCE, token) for token in proof.bounce] + [(UNSUBSCRIBE, token) for token in proof.leave]
        for purpose, token in given[:20]:
            if mailbox := self._named(purpose, token):
                return mailbox
        for words in proof.addresses[:20] if proof.ids else ():
            reader = self._reader(words)
            if reader and any(one in proof.ids for one in self._ids(*reader)):
                return reader[1]
        return ""

    def _named(self, purpose: bytes, token: str) -> str:
        try:
            named = tokens.read(token)
            row = self.book.execute("SELECT key FROM reader WHERE id = ?", (named.reader,)).fetchone()
            if row is None:
                return ""
            tokens.check(self.key, named, purpose=purpose, mailbox=row[0], today=self.today)
        except BadToken:
            return ""
        return str(row[0])

    def _reader(self, words: str) -> tuple[int, str] | None:
        """Number and mailbox of the reader with an address, if there is one."""
        if not words.isprintable():  # bytes that are no text come as lone surrogates
            return None
        try:
            wanted = address(words).key
        except BadAddress:
            return None
        row = self.book.execute("SELECT id, key FROM reader WHERE key = ?", (wanted,)).fetchone()
        return (int(row[0]), str(row[1])) if row else None

    def _ids(self, number: int, mailbox: str) -> Iterator[str]:
        """The Message-IDs of what a reader has been sent."""
        sent = "SELECT id FROM edition JOIN delivery ON edition = number WHERE reader = ?"
        for (edition,) in self.book.execute(sent, (number,)):
            yield message_id(self.key, edition, mailbox)
