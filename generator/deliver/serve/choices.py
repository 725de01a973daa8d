"""What a reader who holds a link of ours may do: leave, or choose how often and in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.deliver import tokens
from generator.deliver.book import book_errors, written
from generator.deliver.readers import suppress
from generator.deliver.tokens import BadToken

if TYPE_CHECKING:
    from datetime import datetime

    from generator.deliver.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The reader a link belongs to, what they chose, and whether they get letters at all."""

    number: int
    mailbox: str
    language: str
    frequency: str
    active: bool


def holder(book: Book, key: bytes, token: str, *, purpose: bytes, now: datetime) -> Holder:
    """Whom a link is for; BadToken if it is not ours, is for something else, or is over."""
    named = tokens.read(token)
    with book_errors("the book"):
        row = book.execute(
            "SELECT key, language, frequency, NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.key = reader.key)"
            " FROM reader WHERE id = ?",
            (named.reader,),
        ).fetchone()
    if row is None:
        raise BadToken("not ours")
    tokens.check(key, named, purpose=purpose, mailbox=row[0], today=now.date())
    return Holder(number=named.reader, mailbox=row[0], language=row[1], frequency=row[2], active=bool(row[3]))


def leave(book: Book, reader: Holder, *, now: datetime) -> bool:
    """Send nothing more; whether that is news. Asking twice is no mistake."""
    with book_errors("the book"), written(book):
        return suppress(book, reader.mailbox, "unsubscribed", now=now, detail="one click")


def choose(book: Book, reader: Holder, *, language: str, frequency: str) -> None:
    """Keep what a reader chose."""
    with book_errors("the book"), written(book):
        book.execute("UPDATE reader SET language = ?, frequency = ? WHERE id = ?", (language, frequency, reader.number))
