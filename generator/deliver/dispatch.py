"""Dispatch: an edition to its readers, from the lock on sending to the balance at the end; or one proof."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

from generator import config, files
from generator.deliver import dkim, ledger, smtp, tokens
from generator.deliver.addresses import address
from generator.deliver.book import alone, opened
from generator.deliver.door import SmtpDoor
from generator.deliver.engines import way_out
from generator.deliver.headers import split
from generator.deliver.ledger import Ledger, Reader
from generator.deliver.message import compile_letter
from generator.deliver.post import Post
from generator.deliver.segments import Segment
from generator.deliver.sending import Sending
from generator.errors import NoReaders, RelayFailed, RenderError, Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from generator.config import Settings
    from generator.deliver.door import Door, Line
    from generator.deliver.message import Compiled
    from generator.deliver.sending import Progress

LINKS_HOLD = timedelta(days=730)  # how long a link to unsubscribe works


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An edition to send: its id, kind, language and letter.eml."""

    id: str
    kind: str
    language: str
    content: bytes

    def segment(self, tag: str) -> Segment:
        """Whom it is for."""
        return Segment(kind=self.kind, language=self.language, tag=tag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where every reader of an edition stands, and why some have not had it (answers without addresses, by count)."""

    counts: Mapping[str, int]
    reasons: tuple[tuple[str, str, int], ...]  # state, answer, count
    held: int = 0  # uncertain ones that the run before left behind

    @property
    def total(self) -> int:
        """All readers of the edition."""
        return sum(self.counts.values())


def key(settings: Settings) -> bytes:
    """The key for tokens and Message-IDs, made on first use; BadSetting if others may read its file."""
    given = config.secret("CAPLINE_KEY", "")
    if given is None:
        tokens.make_key_file(settings.mail.key_file)
        given = config.secret("CAPLINE_KEY", settings.mail.key_file)
    if given is None:  # the path of the file is not empty
        raise AssertionError(settings.mail.key_file)
    return tokens.key(given)


def relay(settings: Settings, letter: Letter) -> smtp.Relay:
    """The relay of the settings; BadSetting for what cannot be."""
    password = config.secret("CAPLINE_SMTP_PASSWORD", settings.smtp.password_file) if settings.smtp.user else None
    return smtp.Relay(settings=settings.smtp, password=password, hello=_sender(letter).rpartition("@")[2])


def door(settings: Settings, letter: Letter) -> Door:
    """Where the letter goes out, one message for each reader; BadSetting for what cannot be, MissingExtra."""
    if settings.mail.engine == "ses":
        from generator.deliver.engines import ses  # noqa: PLC0415 -- its library is an extra, and slow to load

        return ses.door(settings)
    return SmtpDoor(relay(settings, letter))


def _sender(letter: Letter) -> str:
    sender = parseaddr(split(letter.content)[0].get("From", b"").decode("ascii", "replace"))[1]
    if "@" not in sender:
        raise RenderError(f"{letter.id}: the letter has no sender", hint="build it again with `capline build`")
    return sender


def post(settings: Settings, letter: Letter, dated: datetime) -> Post:
    """Compile a letter for sending."""
    return Post(
        compiled=_compiled(settings, letter, dated),
        key=key(settings),
        through=tokens.last_day((dated + LINKS_HOLD).date()),
        sender=settings.mail.return_path or _sender(letter),
        verp=bool(settings.mail.return_path),
        signers=dkim.signers(settings.dkim),
        dotted=settings.mail.engine == "smtp",
    )


def _compiled(settings: Settings, letter: Letter, dated: datetime) -> Compiled:
    return compile_letter(
        letter.content, settings.mail, edition=letter.id, dated=dated, way_out=way_out(settings)
    )  # fmt: skip


def send(  # noqa: PLR0913 -- what the command was called with
    settings: Settings, letter: Letter, *, tag: str, resolve: str, now: datetime, report: Callable[[Progress], None],
    tell: Callable[[Balance], None],
) -> None:  # fmt: skip
    """Send a letter to every reader of its segment who has not had it; `tell` gets the balance, however it ends.

    Raises Busy while another run sends, NoReaders, LetterChanged, RelayFailed, BreakerOpen, BookError, BadSetting, and
    Unfinished if some have not had the letter in the end.
    """
    there = door(settings, letter)
    _compiled(settings, letter, now)  # before anything is written
    digest = hashlib.sha256(letter.content).hexdigest()
    place = settings.mail.book
    with (
        files.held(settings.mail.readers.with_suffix(".sending")),
        opened(place) as book,
        alone(book, place, "sending"),
    ):
        plan = ledger.plan(book, letter.id, digest, letter.segment(tag), now=now)
        held = ledger.hold(book, plan.number)
        if resolve:
            ledger.resolve(book, plan.number, resolve)
        before = ledger.counts(book, plan.number)
        if not before:
            raise NoReaders(
                f"{letter.id}: no reader wants this letter", hint="`capline readers import FILE` takes readers in"
            )
        total = before.get("planned", 0) + before.get("deferred", 0)
        try:
            if total:
                made = post(settings, letter, plan.dated)
                Sending(made, Ledger(book, plan.number), there, now=now, total=total).run(report)
        finally:
            after = ledger.counts(book, plan.number)
            tell(Balance(counts=after, reasons=tuple(_reasons(ledger.in_state(book, plan.number, *UNSENT))), held=held))
    doubtful = [after.get(state, 0) for state in ("deferred", "uncertain", "planned")]
    if any(doubtful):
        raise Unfinished(letter.id, deferred=doubtful[0], uncertain=doubtful[1], left=doubtful[2])


UNSENT = ("rejected", "deferred", "uncertain", "sending")


def _reasons(found: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str, int]]:
    """Why, most frequent first; what looks like a mailbox is left out, since a log may be public."""
    counted = Counter((state, smtp.without_mailboxes(answer)) for _, state, answer in found)
    for (state, answer), count in counted.most_common(20):
        yield state, answer, count


def proof(settings: Settings, letter: Letter, to: str, *, now: datetime) -> str:
    """Send one copy, past ledger and readers; its link to unsubscribe belongs to nobody. Gives the relay's answer."""
    wanted = address(to)
    there = door(settings, letter)
    made = post(settings, letter, now)
    line = _open(there)
    try:
        reader = Reader(0, wanted.written, wanted.key)
        answer = line.hand_over(made.envelope(reader), wanted.written, made.content(reader))
    except smtp.Dropped as problem:
        raise RelayFailed(there.name, str(problem), hint="look whether the proof arrived") from None
    finally:
        line.close()
    if not answer.accepted:
        raise RelayFailed(there.name, f"it refuses the proof ({answer})", hint="mend what it names")
    return str(answer)


def _open(there: Door) -> Line:
    try:
        return there.dial()
    except smtp.Dropped as problem:
        raise RelayFailed(there.name, str(problem), hint="is host and port in [smtp] right?") from None
