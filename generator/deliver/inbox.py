"""The inbox: who asked to leave, whose mailbox is gone and who complained, entered in the book, each message once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from generator.deliver import mailbox
from generator.deliver.book import book_errors, written
from generator.deliver.judge import LEFT
from generator.deliver.readers import suppress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from generator.deliver.account import Account
    from generator.deliver.book import Book
    from generator.deliver.judge import Fate, Judge
    from generator.deliver.mailbox import Arrived, Box

BATCH = 25  # messages read at once
SCHEMA = """
CREATE TABLE IF NOT EXISTS looked_at (
    box TEXT NOT NULL,
    validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    fate TEXT NOT NULL,
    PRIMARY KEY (box, validity, uid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS soft_bounce (
    key TEXT NOT NULL,
    day TEXT NOT NULL,  -- on which it came: a second one of a day is no second bounce
    PRIMARY KEY (key, day)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a run did: messages by fate, and each that was left, by UID, with the reason."""

    counts: Mapping[str, int]
    left: tuple[tuple[int, str], ...]
    suppressed: int  # mailboxes that nothing is sent to any more, and were sent to before


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When soft bounces are enough: on so many days, so many days together."""

    bounces: int
    days: int


def prepare(book: Book) -> None:
    """Make the tables of the inbox in the book, if they are not there."""
    with book_errors("the book"), written(book):
        for statement in SCHEMA.split(";\n"):
            book.execute(statement)


def read(account: Account, judge: Judge, rules: Rules, *, now: datetime, dry: bool = False) -> Read:
    """Look at every message that was not looked at before, do what it asks for, and put it away.

    A run that ends in the middle is gone on with by the next. `dry`: say what would be done, and do nothing.
    Raises MailboxFailed and BookError.
    """
    with mailbox.opened(account, make=not dry) as box:
        run = _Run(box, account.name, judge, rules, now)
        return run.dry() if dry else run.whole()


class _Run:
    """One run over an open mailbox."""

    def __init__(self, box: Box, name: str, judge: Judge, rules: Rules, now: datetime) -> None:
        self._box, self._name, self._judge, self._rules, self._now = box, name, judge, rules, now
        self._book = judge.book
        self._place = (name, box.validity)
        self._counts: Counter[str] = Counter()
        self._left: list[tuple[int, str]] = []
        self._suppressed = 0

    def dry(self) -> Read:
        for message, fate in self._fates(self._new(self._box.uids())):
            self._count(message, fate)
        return self._done()

    def whole(self) -> Read:
        here = self._box.uids()
        before = self._known()
        self._box.put_away(uid for uid in here if before.get(uid, LEFT) != LEFT)  # the run before ended too early
        handled = []
        for message, fate in self._fates(self._new(here)):
            with book_errors("the book"), written(self._book):
                self._enter(message, fate)
            self._count(message, fate)
            handled += [message.uid] if fate.what != LEFT else []
            if len(handled) == BATCH:
                self._box.put_away(handled)
                handled = []
        self._box.put_away(handled)
        self._forget()
        return self._done()

    def _known(self) -> dict[int, str]:
        found = self._book.execute("SELECT uid, fate FROM looked_at WHERE box = ? AND validity = ?", self._place)
        return {int(uid): str(fate) for uid, fate in found}

    def _new(self, here: Iterable[int]) -> list[int]:
        known = self._known()
        return [uid for uid in here if uid not in known]

    def _fates(self, uids: Iterable[int]) -> Iterator[tuple[Arrived, Fate]]:
        every = iter(uids)
        while batch := list(islice(every, BATCH)):
            for message in self._box.read(batch):
                yield message, self._judge.fate(message.content)

    def _enter(self, message: Arrived, fate: Fate) -> None:
        """What a message asks for and that it was looked at, in one transaction."""
        reason = fate.what
        if fate.what == "soft":
            day = min(message.at, self._now).date()
            self._book.execute("INSERT OR IGNORE INTO soft_bounce VALUES (?, ?)", (fate.mailbox, day.isoformat()))
            since = (day - timedelta(days=self._rules.days)).isoformat()
            row = self._book.execute(
                "SELECT count(*) FROM soft_bounce WHERE key = ? AND day > ? AND day <= ?",
                (fate.mailbox, since, day.isoformat()),
            ).fetchone()
            reason = "bounced" if row[0] >= self._rules.bounces else ""
        elif fate.what in (LEFT, "noted"):
            reason = ""
        if reason and suppress(self._book, fate.mailbox, reason, now=self._now, detail=f"inbox: {fate.why}"):
            self._suppressed += 1
        self._book.execute("INSERT INTO looked_at VALUES (?, ?, ?, ?)", (*self._place, message.uid, fate.what))

    def _count(self, message: Arrived, fate: Fate) -> None:
        self._counts[fate.what] += 1
        if fate.what == LEFT:
            self._left.append((message.uid, fate.why))

    def _forget(self) -> None:
        """Drop what is known of messages that are gone, and bounces too old to count."""
        here = set(self._box.uids())
        gone = [(*self._place, uid) for uid in self._known() if uid not in here]
        since = (self._now - timedelta(days=self._rules.days)).date().isoformat()
        with book_errors("the book"), written(self._book):
            self._book.executemany("DELETE FROM looked_at WHERE box = ? AND validity = ? AND uid = ?", gone)
            self._book.execute("DELETE FROM looked_at WHERE box = ? AND validity <> ?", self._place)
            self._book.execute("DELETE FROM soft_bounce WHERE day < ?", (since,))

    def _done(self) -> Read:
        return Read(counts=dict(self._counts), left=tuple(self._left), suppressed=self._suppressed)
