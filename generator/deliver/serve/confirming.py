"""Confirming: the mail that asks whether the owner of a mailbox wants the letter, and the thread that sends it."""

from __future__ import annotations

import logging
import threading
from datetime import date, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from generator.deliver import dkim, headers, smtp, tokens
from generator.deliver.message import message_id
from generator.deliver.serve import signup
from generator.deliver.tokens import CONFIRM, PREFER
from generator.errors import BookError, RelayFailed, RenderError
from generator.render.mail import POLICY

if TYPE_CHECKING:
    from datetime import datetime

    from generator.deliver.dkim import Signer
    from generator.deliver.serve.office import Office
    from generator.deliver.serve.signup import Due
    from generator.deliver.smtp import Line, Relay

LOOK = 5.0  # seconds between two looks at what is due
PUT_OFF = timedelta(minutes=10)
REFUSED = 500
log = logging.getLogger("capline.serve")


def compose(office: Office, mail: Due, *, now: datetime) -> bytes:
    """The mail for a sign-up: a link to confirm, or, for who gets the letter already, one to choose. CRLF."""
    letter = office.settings.letter
    name, sender = parseaddr(letter.sender)
    through = tokens.last_day(date.fromisoformat(mail.through))
    purpose, number = (PREFER, mail.reader) if mail.reader else (CONFIRM, mail.id)
    token = tokens.sign(office.key, purpose, number, mail.key, through)
    path = "p" if mail.reader else "c"
    text = office.page(
        "known.txt" if mail.reader else "confirm.txt",
        link=f"{office.url}/{path}/{token}",
        through=date.fromisoformat(mail.through),
    )
    home = sender.rpartition("@")[2]
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name or letter.name, addr_spec=sender)
    message["To"] = "reader"  # set as bytes below: the library refuses some addresses that mail servers take
    message["Subject"] = f"{letter.name}: {'you get it already' if mail.reader else 'please confirm'}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id(office.key, f'signup {mail.id} {now.timestamp()}', mail.key)}@{home}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="quoted-printable")
    whole = message.as_bytes().replace(b"\r\nTo: reader\r\n", b"\r\nTo: " + mail.address.encode() + b"\r\n", 1)
    headers.split(whole)  # refuses a header that could be read as two
    return whole


class Poster(threading.Thread):
    """Sends what is due until it is stopped. A mail is claimed before its first byte, so that none goes out twice."""

    def __init__(self, office: Office, relay: Relay) -> None:
        super().__init__(name="poster", daemon=True)
        self._office, self._relay = office, relay
        self._signers: tuple[Signer, ...] = dkim.signers(office.settings.dkim)
        self._context = None if relay.settings.security == "none" else smtp.trust(relay)
        self._halt, self._wake = threading.Event(), threading.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def stop(self) -> None:
        """End after the mail that is under way."""
        self._halt.set()
        self._wake.set()

    def run(self) -> None:
        """Send, wait, send."""
        while not self._halt.is_set():
            try:
                self.send()
            except BookError as problem:
                log.error("book failed", extra={"fields": {"problem": problem.args[0]}})  # noqa: TRY400 -- ours to word
            self._wake.wait(LOOK)
            self._wake.clear()

    def send(self) -> int:
        """Send all that is due now; how many the relay took."""
        now = self._office.clock()
        with self._office.book() as book:
            signup.purge(book, now=now)
            mails = signup.due(book, now=now, an_hour=self._office.settings.serve.mails_an_hour)
        if not mails:
            return 0
        try:
            line = smtp.connect(self._relay, self._context)
        except (smtp.Dropped, RelayFailed) as problem:
            log.error("relay failed", extra={"fields": {"problem": str(problem)}})  # noqa: TRY400 -- it may pass
            self._later(mails, now)
            return 0
        try:
            return self._over(line, mails)
        finally:
            line.close()

    def _later(self, mails: list[Due], now: datetime) -> None:
        """The relay is away: nothing was tried, so nothing is counted against a mail."""
        with self._office.book() as book:
            for mail in mails:
                signup.wait(book, mail, until=now + PUT_OFF / 10)

    def _over(self, line: Line, mails: list[Due]) -> int:
        taken = 0
        for mail in mails:
            if self._halt.is_set() or not line.usable:
                break
            now = self._office.clock()
            with self._office.book() as book:
                if not signup.claim(book, mail, now=now):
                    continue
            outcome = self._handed(line, mail, now)
            taken += outcome == "taken"
            if outcome == "put off":
                with self._office.book() as book:
                    signup.put_off(book, mail, until=now + PUT_OFF)
            log.info("confirmation mail", extra={"fields": {"outcome": outcome}})
        return taken

    def _handed(self, line: Line, mail: Due, now: datetime) -> str:
        """Taken, refused, put off, or uncertain; what is uncertain is not sent again."""
        if not mail.address.isascii() and not line.international:
            return "refused"
        try:
            whole = compose(self._office, mail, now=now)
        except RenderError:  # an address that some mail program would read as more than one line
            return "refused"
        whole = b"".join(signer.signature(whole) for signer in self._signers) + whole
        content = whole.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        sender = parseaddr(self._office.settings.letter.sender)[1]
        try:
            answer = line.hand_over(sender, mail.address, content)
        except smtp.Dropped as problem:
            line.usable = False
            return "uncertain" if problem.complete else "put off"
        if answer.accepted:
            return "taken"
        return "refused" if answer.code >= REFUSED else "put off"
