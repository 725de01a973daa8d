"""The ledger: what is known of each delivery, on the disk before the first byte and after the answer.

A row is an edition and a reader, in one of these states:

planned    nothing was handed over yet
sending    a connection is at work; left over by a crash, it becomes uncertain
accepted   the relay answered 250: the reader has had it
rejected   the relay refused for good (5xx)
deferred   the relay put it off (4xx), or the line broke before the message was complete
uncertain  the message was handed over and no answer was seen: held until the operator decides
suppressed the reader left between planning and sending
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from generator.deliver.book import book_errors, written
from generator.deliver.readers import suppress
from generator.deliver.segments import UNSUPPRESSED
from generator.errors import BookError, LetterChanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.deliver.book import Book
    from generator.deliver.segments import Segment

STATES = ("planned", "sending", "accepted", "rejected", "deferred", "uncertain", "suppressed")
RESOLVE = {"again": ("uncertain", "planned"), "done": ("uncertain", "accepted"), "rejected": ("rejected", "planned")}
EPOCH = datetime.fromtimestamp(0, UTC)
ANSWER = 300  # characters of an answer that are kept


class Reader(NamedTuple):
    """Who is next: number, address as in an envelope, the mailbox's key, and when at the earliest (since 1970)."""

    number: int
    address: str
    mailbox: str
    ready: float = 0.0


class Outcome(NamedTuple):
    """What came of handing a message over."""

    number: int  # of the reader
    state: str
    answer: str
    ready: float = 0.0  # of a deferred one: not before, seconds since 1970
    bounced: str = ""  # the mailbox's key, if there is no such mailbox: nothing more is sent to it
    moment: datetime = EPOCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An edition in the ledger: its number, the Date of its messages, and how many readers were added to it now."""

    number: int
    dated: datetime
    added: int


def plan(book: Book, edition: str, digest: str, segment: Segment, *, now: datetime) -> Plan:
    """Enter an edition and every reader of a segment who is not in it yet, suppressed ones left out.

    Whoever is in it already stays as they are. LetterChanged if readers have had another letter under this name.
    """
    condition, given = segment.condition
    with book_errors("the ledger"), written(book):
        row = book.execute("SELECT number, digest, dated FROM edition WHERE id = ?", (edition,)).fetchone()
        if row is None:
            number = book.execute(
                "INSERT INTO edition (id, digest, dated) VALUES (?, ?, ?)", (edition, digest, now.isoformat())
            ).lastrowid
            row = (number, digest, now.isoformat())
        elif row[1] != digest:
            sent = sum(n for state, n in counts(book, row[0]).items() if state in ("accepted", "uncertain", "sending"))
            if sent:
                raise LetterChanged(edition, sent=sent)
            book.execute("UPDATE edition SET digest = ? WHERE number = ?", (digest, row[0]))
        added = book.execute(
            "INSERT OR IGNORE INTO delivery (edition, reader, state)"  # noqa: S608 -- made of our own words
            " SELECT :edition, reader.id, 'planned' FROM reader"
            f" WHERE {condition} AND {UNSUPPRESSED} ORDER BY reader.id",
            given | {"edition": row[0]},
        ).rowcount
    return Plan(number=int(row[0]), dated=datetime.fromisoformat(row[2]), added=added)


def would(book: Book, edition: str, segment: Segment) -> tuple[int, Iterator[str], Mapping[str, int]]:
    """What `plan` and sending would do: how many get it and who, and how many of the segment do not, by reason."""
    condition, given = segment.condition
    given = given | {"edition": edition}
    states = (
        " FROM reader LEFT JOIN (SELECT reader, state FROM delivery WHERE edition ="  # noqa: S608 -- our own words
        f" (SELECT number FROM edition WHERE id = :edition)) AS had ON had.reader = reader.id WHERE {condition}"
    )
    case = (
        f"CASE WHEN NOT {UNSUPPRESSED} THEN 'suppressed' WHEN state IS NULL OR state IN ('planned', 'deferred')"
        " THEN 'gets it' WHEN state = 'sending' THEN 'uncertain' ELSE state END"
    )
    found = dict(book.execute(f"SELECT {case} AS fate, count(*) {states} GROUP BY fate", given))
    who = book.execute(f"SELECT address {states} AND {case} = 'gets it' ORDER BY reader.id", given)
    return found.pop("gets it", 0), (str(row[0]) for row in who), found


def counts(book: Book, edition: int) -> dict[str, int]:
    """How many readers of an edition are in each state; a state that nobody is in is left out."""
    found = book.execute("SELECT state, count(*) FROM delivery WHERE edition = ? GROUP BY state", (edition,))
    return {state: int(count) for state, count in found}


def of_edition(book: Book, edition: str) -> dict[str, int]:
    """How many readers of an edition are in each state, by its id; nothing for one that was never planned."""
    row = book.execute("SELECT number FROM edition WHERE id = ?", (edition,)).fetchone()
    return counts(book, row[0]) if row else {}


def hold(book: Book, edition: int) -> int:
    """After a crash: what was being sent is uncertain from now on. Only for who holds the lock on sending."""
    with book_errors("the ledger"), written(book):
        return book.execute(
            "UPDATE delivery SET state = 'uncertain', answer = 'the run ended before an answer was seen'"
            " WHERE edition = ? AND state = 'sending'",
            (edition,),
        ).rowcount


def doubt(book: Book, edition: int, why: str) -> int:
    """Take every reader of an edition who has not had it for certain, and was not refused, for uncertain."""
    with book_errors("the ledger"), written(book):
        return book.execute(
            "UPDATE delivery SET state = 'uncertain', answer = ?"
            " WHERE edition = ? AND state IN ('planned', 'sending', 'deferred')",
            (why[:ANSWER], edition),
        ).rowcount


def resolve(book: Book, edition: int, how: str) -> int:
    """What the operator says of those in doubt: send `again`, take as `done`, or try the `rejected` once more."""
    before, after = RESOLVE[how]
    with book_errors("the ledger"), written(book):
        return book.execute(
            "UPDATE delivery SET state = ?, ready = 0 WHERE edition = ? AND state = ?", (after, edition, before)
        ).rowcount


def in_state(book: Book, edition: int, *states: str) -> Iterator[tuple[str, str, str]]:
    """Address, state and last answer of the readers in some states."""
    marks = ", ".join("?" * len(states))
    return (
        (str(address), str(state), str(answer))
        for address, state, answer in book.execute(
            "SELECT address, state, answer FROM delivery JOIN reader ON reader.id = reader"  # noqa: S608 -- same
            f" WHERE edition = ? AND state IN ({marks}) ORDER BY reader",
            (edition, *states),
        )
    )


class Ledger:
    """The ledger of one edition while it is being sent, for several threads at once.

    Whoever comes first commits for all who wait: with many connections a commit, which waits for the disk, is shared.
    """

    def __init__(self, book: Book, edition: int) -> None:
        self._book, self._edition = book, edition
        self._lock = threading.Condition()
        self._queue: list[_Entry] = []
        self._busy = False

    def planned(self, *, after: int, limit: int) -> list[Reader]:
        """The next readers that nothing was handed over for, by number."""
        return self._readers("state = 'planned' AND reader > ?", after, f"LIMIT {limit}")

    def deferred(self) -> list[Reader]:
        """All who were put off."""
        return self._readers("state = 'deferred' AND reader > ?", 0, "")

    def _readers(self, condition: str, after: int, limit: str) -> list[Reader]:
        with self._turn(), book_errors("the ledger"):
            found = self._book.execute(
                "SELECT reader.id, address, key, ready FROM delivery"  # noqa: S608 -- made of our own words
                " JOIN reader ON reader.id = reader"
                f" WHERE edition = ? AND {condition} ORDER BY reader {limit}",
                (self._edition, after),
            )
            return [Reader(*row) for row in found]

    def record(self, outcome: Outcome | None, claim: Reader | None) -> bool:
        """Write what came of one message and that the next is about to be sent; both are on the disk on return.

        False if the claimed reader may not be sent to: gone, suppressed meanwhile, or no longer waiting. BookError if
        the ledger cannot be written: then nothing may be sent.
        """
        entry = _Entry(outcome, claim)
        with self._lock:
            self._queue.append(entry)
            while self._busy and not entry.done:
                self._lock.wait()
            if entry.done:
                return entry.result()
            self._busy = True
            mine, self._queue = self._queue, []
        try:
            with book_errors("the ledger"), written(self._book):
                for one in mine:
                    one.claimed = self._enter(one)
            for one in mine:
                one.written = True
        finally:
            with self._lock:
                for one in mine:
                    one.done = True
                self._busy = False
                self._lock.notify_all()
        return entry.result()

    def _enter(self, entry: _Entry) -> bool:
        if entry.outcome:
            number, state, answer, ready, bounced, moment = entry.outcome
            self._book.execute(
                "UPDATE delivery SET state = ?, answer = ?, ready = ? WHERE edition = ? AND reader = ?",
                (state, answer[:ANSWER], ready, self._edition, number),
            )
            if bounced:
                suppress(self._book, bounced, "bounced", now=moment, detail="refused by the relay")
        if not entry.claim:
            return False
        claimed = self._book.execute(
            "UPDATE delivery SET state = 'sending', attempts = attempts + 1 WHERE edition = ? AND reader = ?"
            " AND state IN ('planned', 'deferred') AND NOT EXISTS (SELECT 1 FROM suppression WHERE key = ?)",
            (self._edition, entry.claim.number, entry.claim.mailbox),
        )
        if claimed.rowcount:
            return True
        self._book.execute(
            "UPDATE delivery SET state = 'suppressed' WHERE edition = ? AND reader = ?"
            " AND state IN ('planned', 'deferred')",
            (self._edition, entry.claim.number),
        )
        return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The book for oneself."""
        with self._lock:
            while self._busy:
                self._lock.wait()
            self._busy = True
        try:
            yield
        finally:
            with self._lock:
                self._busy = False
                self._lock.notify_all()


class _Entry:
    """Something to write, and what came of it."""

    __slots__ = ("claim", "claimed", "done", "outcome", "written")

    def __init__(self, outcome: Outcome | None, claim: Reader | None) -> None:
        self.outcome, self.claim = outcome, claim
        self.done = self.written = self.claimed = False

    def result(self) -> bool:
        if not self.written:
            raise BookError("the ledger", "another connection could not write it")
        return self.claimed
