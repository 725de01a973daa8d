"""A mailroom for tests: a small letter, a book with readers, a real SMTP server on loopback, and a sender to kill."""

from __future__ import annotations

import socket
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from newsroom import settings_file

from generator.config import LetterSettings, MailSettings, Settings, SmtpSettings
from generator.deliver import ledger, smtp, tokens
from generator.deliver.book import opened, written
from generator.deliver.door import SmtpDoor
from generator.deliver.ledger import Ledger
from generator.deliver.message import compile_letter
from generator.deliver.post import Post
from generator.deliver.segments import Segment
from generator.deliver.sending import Sending
from generator.render.mail import WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiosmtpd import smtp as library
    from newsroom import Newsroom

NOW = datetime(2026, 11, 24, 22, 15, tzinfo=UTC)
EDITION = "2026-11-24-daily"
KEY = b"k" * 32
THROUGH = tokens.last_day(date(2028, 11, 24))
MAIL = MailSettings(
    unsubscribe_url="https://letters.example.org/u/{token}",
    unsubscribe_mailto="leave@example.org",
    archive="https://example.org/letters/{edition}/",
)


def letter(*, words: str = "Small caps rose.", subject: str = "Small caps rose", way_out: str = WAY_OUT) -> bytes:
    """Write a small letter as Capline writes its own."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["Subject"] = subject
    message["From"] = "Capline <letter@example.org>"
    message["X-Capline-Edition"] = EDITION
    message.set_content(f"{words}\n.\n.. and a line of dots\n\nUnsubscribe: {way_out}\n", cte="quoted-printable")
    html = f'<p>{words}</p>\n.hidden\n<p><a href="{way_out}">Unsubscribe</a></p>\n'
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary("=_capline")
    return message.as_bytes()


def fill(path: Path, count: int) -> None:
    """Make a book with so many readers."""
    with opened(path) as book, written(book):
        rows = ((f"r{number}@example.org",) * 2 for number in range(1, count + 1))
        book.executemany("INSERT INTO reader (address, key) VALUES (?, ?)", rows)


def states(path: Path) -> dict[str, int]:
    """Count the readers of the edition in each state."""
    with opened(path) as book:
        return ledger.counts(book, 1)


def addresses(path: Path, state: str) -> set[str]:
    """Give the readers in a state."""
    with opened(path) as book:
        return {address for address, _, _ in ledger.in_state(book, 1, state)}


def relay(port: int, **settings: object) -> smtp.Relay:
    """Describe a relay on this machine."""
    given = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5, "retry_after": (0.01, 0.02)}
    return smtp.Relay(settings=SmtpSettings.model_validate(given | settings), password=None, hello="example.org")


def send(path: Path, port: int, *, resolve: str = "", shortest: float = 0.01, **settings: object) -> dict[str, int]:
    """Send the letter to all readers of a book, as `dispatch.send` does; gives the states."""
    with opened(path) as book:
        plan = ledger.plan(book, EDITION, "digest", Segment(kind="daily"), now=NOW)
        ledger.hold(book, plan.number)
        if resolve:
            ledger.resolve(book, plan.number, resolve)
        made = Post(
            compiled=compile_letter(letter(), MAIL, edition=EDITION, dated=plan.dated),
            key=KEY,
            through=THROUGH,
            sender="bounces@example.org",
            verp=False,
        )
        there = relay(port, **settings)
        Sending(made, Ledger(book, plan.number), SmtpDoor(there), now=NOW, total=0, shortest=shortest).run(
            lambda _: None
        )
        return ledger.counts(book, plan.number)


@dataclass
class Inbox:
    """What a server took, in order; `answer` decides on a message (None: take it), `greet` on a recipient."""

    answer: Callable[[str, int], str | None] = lambda _address, _times: None
    greet: Callable[[str], str | None] = lambda _address: None
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)  # recipient, envelope sender, content
    tried: Counter[str] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self,
        _server: library.SMTP,
        _session: library.Session,
        envelope: library.Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take or refuse a recipient."""
        if refusal := self.greet(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- same
        self, server: library.SMTP, session: library.Session, envelope: library.Envelope
    ) -> str:
        """Take a message, refuse it, or break the line: "drop" before, "cut" after taking it."""
        (address,) = envelope.rcpt_tos
        self.tried[address] += 1
        self.sessions.add(id(session))
        answer = self.answer(address, self.tried[address])
        if answer is None or answer == "cut":
            self.taken.append((address, envelope.mail_from or "", envelope.content or b""))
        if answer in ("cut", "drop"):
            server.transport.abort()
        return answer or "250 2.0.0 OK"

    @property
    def copies(self) -> Counter[str]:
        """How many copies each recipient has."""
        return Counter(address for address, _, _ in self.taken)


@contextmanager
def serving(inbox: Inbox, **options: object) -> Iterator[int]:
    """Run a server on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, server_hostname="relay.example.org", **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def office(folder: Path, store: Path, forms: dict[str, bytes], edition: str) -> Path:
    """Lay a letter into a folder, with settings to send it; the port of the relay is still to be named."""
    place = folder / "out" / "editions" / edition
    place.mkdir(parents=True)
    for name in ("edition.json", "letter.eml"):
        (place / name).write_bytes(forms[name])
    file = settings_file(folder, store)
    with file.open("a", encoding="utf-8") as more:
        more.write('[mail]\nunsubscribe_mailto = "leave@example.org"\nmax_age_days = 0\n')
        more.write('readers = "out/private/readers.sqlite"\nkey_file = "out/private/key"\n')
    return folder


def own_letter(room: Newsroom, day: str) -> dict[str, bytes]:
    """Render a letter from a sender of our own."""
    own = LetterSettings(sender="Capline <letter@capline.test>")
    return replace(room, settings=room.settings.model_copy(update={"letter": own}), kept={}).forms(day)


def settings(folder: Path, port: int) -> Settings:
    """Write settings for a relay on this machine."""
    return Settings(
        mail=MAIL.model_copy(update={"readers": folder / "private/readers.sqlite", "key_file": folder / "private/key"}),
        smtp=relay(port).settings,
    )
