"""A mailbox over IMAP: opened with a checked certificate, read without marking what was read, by UID.

The standard library speaks the protocol: one connection and seven commands need no more.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import BadSetting, MailboxFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.deliver.account import Account

READ = 262_144  # octets of a message that are read; what a report says stands before the letter it returns
_UID = re.compile(rb"\bUID (\d+)")
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')
_DELETED = re.compile(rb"\\Deleted\b", re.IGNORECASE)


class Arrived(NamedTuple):
    """A message as it lies in the mailbox, cut after READ octets, and when it came."""

    uid: int
    at: datetime
    content: bytes


class Box:
    """An open mailbox."""

    def __init__(self, account: Account, imap: imaplib.IMAP4, validity: int) -> None:
        self._account, self._imap = account, imap
        with talking(account):
            told = imap.capability()[1][0]  # those from before the log-in are fewer
        self._can = told.upper().split() if isinstance(told, bytes) else []
        self.validity = validity  # as long as it stays the same, a UID means the same message

    def uids(self) -> list[int]:
        """The UIDs of all messages, oldest first, those left out that are marked as deleted."""
        found = self._command("FETCH", "1:*", "(UID FLAGS)")
        lines = [line if isinstance(line, bytes) else line[0] for line in found if line]
        return sorted({int(uid[1]) for line in lines if (uid := _UID.search(line)) and not _DELETED.search(line)})

    def read(self, uids: Iterable[int]) -> list[Arrived]:
        """Messages by UID; one that is gone meanwhile is left out."""
        found = self._command("FETCH", _set(uids), f"(UID INTERNALDATE BODY.PEEK[]<0.{READ}>)")
        messages = []
        for place, line in enumerate(found):
            if not isinstance(line, tuple):
                continue
            after = found[place + 1] if place + 1 < len(found) else b""
            told = line[0] + b" " + (after if isinstance(after, bytes) else b"")  # some servers name the UID last
            uid, at = _UID.search(told), _ARRIVED.search(told)
            if uid:
                messages.append(Arrived(int(uid[1]), _moment(at[1] if at else b""), line[1]))
        return messages

    def put_away(self, uids: Iterable[int]) -> None:
        """Move messages to the folder for what was handled; without one, mark them as read."""
        uids = list(uids)
        folder = self._account.settings.handled
        if not uids:
            return
        if not folder:
            self._command("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen)")
        elif b"MOVE" in self._can:
            self._command("MOVE", _set(uids), _quoted(folder))
        else:
            self._command("COPY", _set(uids), _quoted(folder))
            self._command("STORE", _set(uids), "+FLAGS.SILENT", r"(\Deleted)")
            if b"UIDPLUS" in self._can:
                self._command("EXPUNGE", _set(uids))

    def _command(self, name: str, *words: str) -> list[bytes | tuple[bytes, bytes]]:
        with talking(self._account):
            answer, found = self._imap.uid(name, *words)
        if answer != "OK":
            raise MailboxFailed(
                self._account.server, f"it refuses {name} ({_plain(found)})",
                hint="look at folder and handled in [imap]; what was not put away is put away by the next run",
            )  # fmt: skip
        return [line for line in found if line]


def _set(uids: Iterable[int]) -> str:
    """UIDs as IMAP writes a set of them: 3:5,9."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in runs)


def _quoted(folder: str) -> str:
    return f'"{folder}"'  # the settings take no quotation mark and no backslash


def _moment(text: bytes) -> datetime:
    """When a message came; the beginning of time if the server does not say."""
    try:
        return datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _plain(found: list[bytes] | list[None] | object) -> str:
    lines = found if isinstance(found, list) else [found]
    words = b" ".join(line for line in lines if isinstance(line, bytes)).decode("utf-8", "replace")
    return " ".join(words.split())[:200]


@contextmanager
def opened(account: Account, *, make: bool = True) -> Iterator[Box]:
    """The mailbox; `make` the folder for handled messages if it is not there. MailboxFailed says what to mend."""
    with talking(account):
        imap = _connected(account)
    try:
        with talking(account):
            _log_in(imap, account)
            answer, found = imap.select(_quoted(account.settings.folder))
            validity = imap.response("UIDVALIDITY")[1]
        if answer != "OK" or not validity or not validity[0]:
            raise MailboxFailed(
                account.server, f"it has no folder {account.settings.folder!r} ({_plain(found)})",
                hint="mend folder in [imap]",
            )  # fmt: skip
        if make and account.settings.handled:
            _make(imap, account)
        yield Box(account, imap, int(validity[0]))
    finally:
        try:
            imap.logout()
        except (OSError, imaplib.IMAP4.error):
            imap.shutdown()


def _connected(account: Account) -> imaplib.IMAP4:
    given = account.settings
    context = None if given.security == "none" else _trust(given.ca_file)
    if given.security == "tls":
        return imaplib.IMAP4_SSL(given.host, given.port, ssl_context=context, timeout=given.timeout)
    imap = imaplib.IMAP4(given.host, given.port, timeout=given.timeout)
    if context:
        done = False
        try:
            imap.starttls(context)
            done = True
        finally:
            if not done:
                imap.shutdown()
    return imap


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as problem:
        raise BadSetting("[imap] ca_file", str(problem), hint="name a file of certificates (PEM)") from None


def _log_in(imap: imaplib.IMAP4, account: Account) -> None:
    user, password = account.settings.user, account.password.get_secret_value() if account.password else ""
    try:
        if "AUTH=PLAIN" in imap.capabilities:  # takes any letter, where LOGIN takes ASCII alone
            imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            imap.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise MailboxFailed(
            account.server, "it refuses user and password",
            hint="mend user in [imap], or CAPLINE_IMAP_PASSWORD or password_file; some want a password for programs",
        ) from None  # fmt: skip


def _make(imap: imaplib.IMAP4, account: Account) -> None:
    folder = _quoted(account.settings.handled)
    with talking(account):
        there = imap.list('""', folder)[1]
        answer, found = ("OK", []) if there and there[0] else imap.create(folder)
    if answer != "OK":
        raise MailboxFailed(
            account.server, f"it makes no folder {account.settings.handled!r} ({_plain(found)})",
            hint='set handled in [imap] to a name it takes, such as "INBOX.Handled", or to ""',
        )  # fmt: skip


@contextmanager
def talking(account: Account) -> Iterator[None]:
    """No error of the library leaves this module, and none holds a password."""
    try:
        yield
    except ssl.SSLCertVerificationError as problem:
        raise MailboxFailed(
            account.server, f"its certificate is not to be trusted ({problem.verify_message})",
            hint="name the host as its certificate does, or the file of your own authority in [imap] ca_file",
        ) from None  # fmt: skip
    except ssl.SSLError as problem:
        raise MailboxFailed(
            account.server, f"TLS failed ({problem.reason})", hint='port 993 goes with "tls", port 143 with "starttls"'
        ) from None
    except imaplib.IMAP4.error as problem:
        raise MailboxFailed(
            account.server, f"it broke off ({_plain(str(problem).encode())})", hint="run again: it goes on from there"
        ) from None
    except OSError as problem:
        why = "no answer within the time set" if isinstance(problem, TimeoutError) else problem.strerror or "closed"
        raise MailboxFailed(
            account.server, why, hint="is host and port in [imap] right? Run again: it goes on from there"
        ) from None
