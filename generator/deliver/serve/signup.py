"""Sign-ups: asked for, confirmed by the owner of the mailbox, and the proof of both; at most one mail a day to each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from generator.deliver import tokens
from generator.deliver.book import book_errors, written
from generator.deliver.readers import lift
from generator.deliver.tokens import CONFIRM, BadToken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.deliver.addresses import Address
    from generator.deliver.book import Book

DAY = 86_400.0  # seconds
TRIES = 6  # times that the relay may put a mail off
AHEAD = 24  # hours of mails that may wait; more sign-ups are turned away
SCHEMA = """
CREATE TABLE IF NOT EXISTS signup (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,              -- the same for all spellings that reach one person
    language TEXT NOT NULL,
    frequency TEXT NOT NULL,
    asked TEXT NOT NULL,               -- ISO 8601
    network TEXT NOT NULL,             -- a keyed hash of the network it was asked from
    consent TEXT NOT NULL,             -- the words that stood beside the button
    through TEXT NOT NULL,             -- last day of the link
    confirmed TEXT NOT NULL DEFAULT '',
    mailed REAL NOT NULL DEFAULT 0,    -- when its mail was handed over, or about to be; seconds since 1970
    due REAL,                          -- a mail is to be sent, not before; NULL: none
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS signup_due ON signup (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS signup_mailed ON signup (mailed);
CREATE INDEX IF NOT EXISTS signup_person ON signup (person);
CREATE TABLE IF NOT EXISTS asked (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for, from where, and the words they agreed to."""

    address: Address
    language: str
    frequency: str
    network: str
    consent: str


class Due(NamedTuple):
    """A mail to send: for which sign-up, and the reader's number if they get the letter already (0: they do not)."""

    id: int
    address: str
    key: str
    through: str
    reader: int


def person(mailbox: str) -> str:
    """Whom a mailbox belongs to, as far as its spelling shows: what follows a plus, and dots at Gmail, say nothing."""
    name, _, domain = mailbox.rpartition("@")
    name = name.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


class TooMany(Exception):
    """More sign-ups wait for their mail than can be sent in a day."""


def prepare(book: Book) -> None:
    """Make the table of sign-ups in the book, if it is not there."""
    with book_errors("the book"), written(book):
        for statement in SCHEMA.split(";\n"):
            book.execute(statement)


def ask(book: Book, wish: Wish, *, now: datetime, days: int, an_hour: int) -> None:
    """Enter a sign-up, and that its mail is due, unless this mailbox had one within a day or has complained.

    Whatever is known of the address, nothing comes back, and as much waits for the disk; TooMany says only how busy we
    are.
    """
    at = now.timestamp()
    with book_errors("the book"), written(book):
        waiting = book.execute("SELECT count(*) FROM signup WHERE due IS NOT NULL").fetchone()[0]
        if waiting >= an_hour * AHEAD:
            raise TooMany
        book.execute(
            "INSERT INTO asked VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET count = asked.count + 1"
        )  # always a write
        key, whose = wish.address.key, person(wish.address.key)
        if book.execute(
            "SELECT 1 FROM suppression WHERE key = :key AND reason = 'complained' UNION ALL SELECT 1 FROM signup"
            " WHERE person = :person AND key <> :key AND (due IS NOT NULL OR mailed > :since)",
            {"key": key, "person": whose, "since": at - DAY},
        ).fetchone():
            return
        book.execute(
            "INSERT INTO signup (address, key, person, language, frequency, asked, network, consent, through, due)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET address = excluded.address,"
            " language = excluded.language, frequency = excluded.frequency, asked = excluded.asked,"
            " network = excluded.network, consent = excluded.consent, through = excluded.through, due = excluded.due,"
            " confirmed = '', tries = 0 WHERE signup.due IS NULL AND signup.mailed <= excluded.due - ?",
            (
                wish.address.written, key, whose, wish.language, wish.frequency, now.isoformat(timespec="seconds"),
                wish.network, wish.consent, (now + timedelta(days=days)).date().isoformat(), at, DAY,
            ),
        )  # fmt: skip


def due(book: Book, *, now: datetime, an_hour: int) -> list[Due]:
    """The mails to send now, oldest first, as many as the hour still allows."""
    at = now.timestamp()
    with book_errors("the book"):
        sent = book.execute("SELECT count(*) FROM signup WHERE mailed > ?", (at - 3600,)).fetchone()[0]
        found = book.execute(
            "SELECT signup.id, signup.address, signup.key, through, coalesce(reader.id, 0) FROM signup"
            " LEFT JOIN reader ON reader.key = signup.key"
            " AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.key = reader.key)"
            " WHERE due <= ? ORDER BY due LIMIT ?",
            (at, max(an_hour - sent, 0)),
        ).fetchall()
    return [Due(*row) for row in found]


def claim(book: Book, mail: Due, *, now: datetime) -> bool:
    """Before the first byte: from here on this mailbox counts as written to today. False if another was quicker."""
    with book_errors("the book"), written(book):
        return book.execute(
            "UPDATE signup SET mailed = ?, due = NULL, tries = tries + 1 WHERE id = ? AND due IS NOT NULL",
            (now.timestamp(), mail.id),
        ).rowcount > 0  # fmt: skip


def put_off(book: Book, mail: Due, *, until: datetime) -> None:
    """The relay did not take the mail: it is due again later, some times."""
    with book_errors("the book"), written(book):
        book.execute(
            "UPDATE signup SET mailed = 0, due = CASE WHEN tries < ? THEN ? END WHERE id = ?",
            (TRIES, until.timestamp(), mail.id),
        )


def wait(book: Book, mail: Due, *, until: datetime) -> None:
    """The relay was away, and nothing was tried: the mail is due later."""
    with book_errors("the book"), written(book):
        book.execute("UPDATE signup SET due = ? WHERE id = ? AND due IS NOT NULL", (until.timestamp(), mail.id))


def pending(book: Book, key: bytes, token: str, *, now: datetime) -> tuple[int, bool]:
    """The sign-up that a link to confirm is for, and whether it is confirmed already; BadToken."""
    named = tokens.read(token)
    row = book.execute("SELECT key, confirmed FROM signup WHERE id = ?", (named.reader,)).fetchone()
    if row is None:
        raise BadToken("not ours")
    tokens.check(key, named, purpose=CONFIRM, mailbox=row[0], today=now.date())
    return named.reader, bool(row[1])


def confirm(book: Book, key: bytes, token: str, *, now: datetime, network: str) -> bool:
    """Enter the reader, with the proof; whether that is news. A link that was used once changes nothing any more.

    What was suppressed is lifted, since the reader has asked again; a complaint stays. BadToken.
    """
    with book_errors("the book"), written(book):
        number, done = pending(book, key, token, now=now)
        if done:
            return False
        names = ("address", "key", "language", "frequency", "asked", "network", "consent")
        row = book.execute(f"SELECT {', '.join(names)} FROM signup WHERE id = ?", (number,)).fetchone()  # noqa: S608 -- our own names
        asked = dict(zip(names, row, strict=True))
        at = now.isoformat(timespec="seconds")
        book.execute(
            "INSERT INTO reader (address, key, language, frequency, joined, proof) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET language = excluded.language, frequency = excluded.frequency,"
            " joined = excluded.joined, proof = excluded.proof",
            (*row[:4], at, proof(asked, confirmed=at, network=network)),
        )
        if not book.execute(
            "SELECT 1 FROM suppression WHERE key = ? AND reason = 'complained'", (asked["key"],)
        ).fetchone():
            lift(book, asked["key"])
        book.execute("UPDATE signup SET confirmed = ? WHERE id = ?", (at, number))
    return True


def proof(asked: Mapping[str, str], *, confirmed: str, network: str) -> str:
    """How consent was given, as JSON: when asked and confirmed, hashes of the networks, and the words agreed to."""
    return json.dumps(
        {
            "how": "double opt-in", "asked": asked["asked"], "asked_from": asked["network"],
            "confirmed": confirmed, "confirmed_from": network, "text": asked["consent"],
        },
        ensure_ascii=False,
    )  # fmt: skip


def purge(book: Book, *, now: datetime) -> int:
    """Forget sign-ups whose link is over and whose mailbox may be written to again."""
    with book_errors("the book"), written(book):
        return book.execute(
            "DELETE FROM signup WHERE through < ? AND mailed <= ? AND due IS NULL",
            (now.date().isoformat(), now.timestamp() - DAY),
        ).rowcount
