"""A line to the relay: opened with a checked certificate, kept open, one message after the other.

The standard library opens it (greeting, TLS, authentication). Messages go over it here, since they are bytes already
and since it has to be known at which point a line broke: before the end of a message nothing has arrived, after it
nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from generator.deliver.relay import Relay, trust
from generator.errors import RelayFailed

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["Answer", "Dropped", "Line", "Relay", "connect", "trust", "without_mailboxes"]

GO_ON, REFUSED, UNAVAILABLE = 354, 400, 421
_MAILBOX = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")


class Answer(NamedTuple):
    """What the relay said, and to what: "mail", "rcpt", "data", "content", or "us" where it means the account."""

    stage: str
    code: int
    text: str

    @property
    def accepted(self) -> bool:
        """Whether the relay has taken the message."""
        return self.stage == "content" and 200 <= self.code < 300  # noqa: PLR2004 -- by RFC 5321

    def __str__(self) -> str:
        """As the relay said it."""
        return f"{self.code} {self.text}"


class Dropped(ConnectionError):
    """The line broke or fell silent; `complete` says whether the whole message had been handed over by then."""

    def __init__(self, problem: str, *, complete: bool) -> None:
        super().__init__(problem)
        self.complete = complete


class Line:
    """An open connection to the relay."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self.usable = True
        self._pipelining = smtp.has_extn("pipelining")
        self.international = smtp.has_extn("smtputf8")
        announced = smtp.esmtp_features.get("size", "")
        self.largest = int(announced) if announced.isdigit() else 0  # octets of a message; 0: not said

    def hand_over(self, sender: str, recipient: str, content: bytes) -> Answer:
        """One message, dots doubled and the lone dot at its end; the relay's last word on it.

        Raises Dropped when no answer came. After an answer other than 2xx the line is ready for the next message.
        """
        for address in (sender, recipient):
            if _UNSAFE.search(address):
                raise ValueError(address)
        extra = "" if recipient.isascii() and sender.isascii() else " BODY=8BITMIME SMTPUTF8"
        commands = (
            ("mail", f"MAIL FROM:<{sender}>{extra}\r\n".encode()),
            ("rcpt", f"RCPT TO:<{recipient}>\r\n".encode()),
            ("data", b"DATA\r\n"),
        )
        answers = list(self._together(commands) if self._pipelining else self._in_turn(commands))
        failed = next((one for one in answers if one.code >= REFUSED), None)
        waits = answers[-1].stage == "data" and answers[-1].code == GO_ON
        if failed is None:
            if not waits:
                raise Dropped(f"the relay answered DATA with {answers[-1]}", complete=False)
            self._send(content)
            return self._answer("content", complete=True)
        if failed.code == UNAVAILABLE:
            self.usable = False
        else:
            self._start_over(open_data=waits)
        return failed

    def _together(self, commands: tuple[tuple[str, bytes], ...]) -> Iterator[Answer]:
        """All commands in one go, as PIPELINING allows (RFC 2920)."""
        self._send(b"".join(words for _, words in commands))
        for stage, _ in commands:
            answer = self._answer(stage)
            yield answer
            if answer.code == UNAVAILABLE:
                return

    def _in_turn(self, commands: tuple[tuple[str, bytes], ...]) -> Iterator[Answer]:
        for stage, words in commands:
            self._send(words)
            answer = self._answer(stage)
            yield answer
            if answer.code >= REFUSED:
                return

    def _start_over(self, *, open_data: bool) -> None:
        """After a refusal: end an empty message that the relay waits for, and forget the transaction."""
        try:
            if open_data:
                self._send(b".\r\n")
                self._answer("content")
            self._send(b"RSET\r\n")
            self._answer("rset")
        except Dropped:  # what was refused stays refused; the next message needs another line
            self.usable = False

    def _send(self, words: bytes) -> None:
        if self._smtp.sock is None:
            raise Dropped("the line is closed", complete=False)
        try:
            self._smtp.sock.sendall(words)
        except OSError as problem:
            raise Dropped(_said(problem), complete=False) from None

    def _answer(self, stage: str, *, complete: bool = False) -> Answer:
        try:
            code, text = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            raise Dropped(_said(problem), complete=complete) from None
        if code < 0:
            raise Dropped("what came is no answer", complete=complete)
        return Answer(stage, code, _plain(text))

    def close(self) -> None:
        """End politely if the relay still listens."""
        if not self.usable:
            self._smtp.close()
            return
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()


def without_mailboxes(text: str) -> str:
    """What a relay said, fit for a log that others may read."""
    return _MAILBOX.sub("<…>", text)


def _plain(text: bytes) -> str:
    return " ".join(text.decode("utf-8", errors="replace").split())


def _said(problem: Exception) -> str:
    if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
        return "no answer within the time set"
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return "the relay closed the connection"
    return (problem.strerror if isinstance(problem, OSError) else None) or type(problem).__name__


def connect(relay: Relay, context: ssl.SSLContext | None) -> Line:
    """Open a line: TLS with a checked certificate unless the relay is on this machine, then authentication.

    RelayFailed says what is wrong and what to mend; nothing goes out in clear. Dropped when the relay is away, which
    may pass.
    """
    settings = relay.settings
    with _opening(relay):
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, relay.hello, timeout=settings.timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, relay.hello, timeout=settings.timeout)
        done = False
        try:
            smtp.ehlo()
            if settings.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if settings.user and relay.password:
                smtp.login(settings.user, relay.password.get_secret_value())
            if smtp.sock:
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            done = True
        finally:
            if not done:
                smtp.close()
    return Line(smtp)


@contextmanager
def _opening(relay: Relay) -> Iterator[None]:
    """No error of the library leaves this module, and none holds a password."""
    try:
        yield
    except ssl.SSLCertVerificationError as problem:
        raise RelayFailed(
            relay.name, f"its certificate is not to be trusted ({problem.verify_message})",
            hint="name the host as its certificate does, or the file of your own authority in [smtp] ca_file",
        ) from None  # fmt: skip
    except ssl.SSLError as problem:
        raise RelayFailed(
            relay.name, f"TLS failed ({problem.reason})", hint='port 587 goes with "starttls", port 465 with "tls"'
        ) from None
    except smtplib.SMTPAuthenticationError as problem:
        raise RelayFailed(
            relay.name, f"it refuses user and password ({problem.smtp_code})",
            hint="mend user in [smtp], or CAPLINE_SMTP_PASSWORD or password_file",
        ) from None  # fmt: skip
    except smtplib.SMTPNotSupportedError:
        wanting = "TLS" if relay.settings.security == "starttls" else "authentication"
        raise RelayFailed(
            relay.name, f"it does not offer {wanting}; nothing was sent", hint="use a relay or a port that does"
        ) from None
    except (smtplib.SMTPException, OSError) as problem:
        raise Dropped(f"{relay.name}: {_said(problem)}", complete=False) from None
