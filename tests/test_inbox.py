"""The inbox: what is in a real mailbox is judged, entered in the book and put away; forged and odd mails stay."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import mailroom
import postbox
import pytest
from mailroom import EDITION, KEY, MAIL, THROUGH
from postbox import PASSWORD, ROOT, Postbox
from pydantic import SecretStr

from generator.cli.receiving import told
from generator.deliver import inbox, ledger, reports, tokens
from generator.deliver.account import Account
from generator.deliver.book import opened
from generator.deliver.inbox import Rules
from generator.deliver.judge import Judge
from generator.deliver.message import compile_letter, message_id
from generator.deliver.segments import Segment
from generator.errors import BadSetting, MailboxFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)  # the server stamps what comes in by the wall clock
pytestmark = pytest.mark.filterwarnings("error")
needs_server = pytest.mark.skipif(
    not postbox.version().startswith("2.3."), reason="no Dovecot 2.3 here (Debian's dovecot-imapd)"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postbox]:
    """Run one server for the tests of this module."""
    with postbox.serving() as running:
        yield running


@pytest.fixture
def box(server: Postbox) -> Postbox:
    """Give the server with an empty mailbox."""
    with server.looked_into() as imap:
        for folder in ("INBOX", "Handled", "Elsewhere"):
            if imap.select(folder)[0] == "OK":
                imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
                imap.expunge()
                imap.close()
    return server


@pytest.fixture
def book(place: Path | str) -> Iterator[sqlite3.Connection]:
    """Open a book with ten readers who have had the letter."""
    mailroom.fill(place, 10)
    with opened(place) as found:
        ledger.plan(found, EDITION, "digest", Segment(kind="daily"), now=mailroom.NOW)
        inbox.prepare(found)
        yield found


def reader(number: int) -> str:
    """Give a reader's mailbox."""
    return f"r{number}@example.org"


def leave_token(number: int) -> str:
    """Sign the token in a reader's letter."""
    return tokens.sign(KEY, tokens.UNSUBSCRIBE, number, reader(number), THROUGH)


def bounce_token(number: int) -> str:
    """Sign the token in the envelope of a reader's letter."""
    return tokens.sign(KEY, tokens.BOUNCE, number, reader(number), THROUGH)


def had(number: int) -> bytes:
    """Give the letter as a reader has it."""
    compiled = compile_letter(mailroom.letter(), MAIL, edition=EDITION, dated=mailroom.NOW)
    return compiled.message(reader(number), message_id(KEY, EDITION, reader(number)), leave_token(number))


def mail(subject: str, *, sender: str = "someone@example.com", **more: str) -> bytes:
    """Write a plain mail; underscores of further headers are dashes."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "leave@example.org", subject
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please.\n")
    return message.as_bytes()


def report(kind: str, fields: str, letter: bytes, *, to: str = "bounces@example.org") -> bytes:
    """Write a report as a mail server does: words, fields, and the letter (or its head) given back."""
    inner = "message/delivery-status" if kind == "delivery-status" else "message/feedback-report"
    head = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="=_b"\r\n'
        "Auto-Submitted: auto-replied\r\n\r\n--=_b\r\n\r\nI am sorry to say.\r\n"
        f"--=_b\r\nContent-Type: {inner}\r\n\r\n"
    )
    given = b"\r\n--=_b\r\nContent-Type: message/rfc822\r\n\r\n" + letter if letter else b""
    return head.encode() + fields.replace("\n", "\r\n").encode() + given + b"\r\n--=_b--\r\n"


def bounce(number: int, status: str, *, action: str = "failed", verp: bool = True, letter: bytes = b"") -> bytes:
    """Write a delivery report on a reader's letter."""
    to = f"bounces+{bounce_token(number)}@example.org" if verp else "bounces@example.org"
    fields = (
        "Reporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; {reader(number)}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} no\n"
    )
    return report("delivery-status", fields, letter, to=to)


def complaint(letter: bytes, kind: str = "abuse") -> bytes:
    """Write a complaint report."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Rcpt-To: redacted\n"
    return report("feedback-report", fields, letter)


def judge(book: sqlite3.Connection, authority: str = "") -> Judge:
    """Judge by a book."""
    return Judge(book=book, key=KEY, today=NOW.date(), authority=authority)


def account(box: Postbox, **given: object) -> Account:
    """Name the mailbox and its password."""
    return Account(settings=box.settings(**given), password=SecretStr(PASSWORD))


def run(box: Postbox, book: sqlite3.Connection, *, dry: bool = False, **given: object) -> inbox.Read:
    """Read the mailbox."""
    return inbox.read(account(box, **given), judge(book), Rules(bounces=3, days=30), now=NOW, dry=dry)


def suppressed(book: sqlite3.Connection) -> dict[str, str]:
    """List who gets nothing more, and why."""
    return dict(book.execute("SELECT key, reason FROM suppression"))


# --- what a message comes to ------------------------------------------------------------------------------------


def test_a_signed_token_takes_its_reader_off_the_list_whoever_writes(book: sqlite3.Connection) -> None:
    """The mail program writes the subject from List-Unsubscribe; the mail may come from another address."""
    for subject in (f"unsubscribe {leave_token(3)}", f"Re: Unsubscribe {leave_token(3).upper()}"):
        assert judge(book).fate(mail(subject))[:2] == ("unsubscribed", reader(3))


def test_a_token_that_is_forged_or_of_another_purpose_or_over_is_left(book: sqlite3.Connection) -> None:
    """Of another key; for bounces; of the day before yesterday; of a reader who is not there."""
    over = tokens.sign(KEY, tokens.UNSUBSCRIBE, 3, reader(3), tokens.last_day(NOW.date() - timedelta(days=1)))
    for token in (
        tokens.sign(b"x" * 32, tokens.UNSUBSCRIBE, 3, reader(3), THROUGH),
        bounce_token(3),
        over,
        leave_token(11),
        "a" * 32,
    ):
        fate = judge(book).fate(mail(f"unsubscribe {token}", sender=reader(3)))
        assert (fate.what, fate.mailbox) == ("left", "")
        assert "token is not good" in fate.why


def test_a_sender_alone_proves_nothing(book: sqlite3.Connection) -> None:
    """Anybody can write a From; nor does the list's own name help, which is public."""
    for given in ({}, {"List_Id": "<letter.example.org>"}):
        fate = judge(book).fate(mail("unsubscribe", sender=reader(3), **given))
        assert fate.what == "left"


def test_a_reply_to_the_readers_own_copy_counts(book: sqlite3.Connection) -> None:
    """Its Message-ID is a MAC that only a holder of the letter knows; that of another reader's copy does not count."""
    own = f"<{message_id(KEY, EDITION, reader(3))}@example.org>"
    other = f"<{message_id(KEY, EDITION, reader(4))}@example.org>"
    asked = {"sender": f"Reader <{reader(3).upper()}>"}

    assert judge(book).fate(mail("Unsubscribe", In_Reply_To=own, **asked))[:2] == ("unsubscribed", reader(3))
    assert judge(book).fate(mail("AW: unsubscribe!", References=f"<x@y> {own}", **asked)).what == "unsubscribed"
    assert judge(book).fate(mail("unsubscribe", In_Reply_To=other, **asked)).what == "left"
    assert judge(book).fate(mail("Re: Small caps rose", In_Reply_To=own, **asked)).what == "left"


def test_a_sender_vouched_for_by_our_own_server_counts(book: sqlite3.Connection) -> None:
    """The newest Authentication-Results, of the named server, with DMARC passed for the sender's domain."""
    good = "mx.example.org; spf=pass; dmarc=pass (p=reject) header.from=example.org"
    asked = {"sender": reader(3)}
    ours = judge(book, "mx.example.org")

    assert ours.fate(mail("unsubscribe", Authentication_Results=good, **asked))[:2] == ("unsubscribed", reader(3))
    assert judge(book).fate(mail("unsubscribe", Authentication_Results=good, **asked)).what == "left"
    for bad in (
        good.replace("mx.example.org", "mx.example.org.evil.example"),
        good.replace("dmarc=pass", "dmarc=fail"),
        good.replace("header.from=example.org", "header.from=example.com"),
        "mx.example.org; none; x=(dmarc=pass header.from=example.org)",
    ):
        assert ours.fate(mail("unsubscribe", Authentication_Results=bad, **asked)).what == "left"
    forged = b"Authentication-Results: mx.example.org; dmarc=fail header.from=example.org\n"
    older = mail("unsubscribe", Authentication_Results=good, **asked)
    assert ours.fate(forged + older).what == "left"
    two = mail("unsubscribe", Authentication_Results=good, sender=f"{reader(3)}, {reader(4)}")
    assert ours.fate(two).what == "left"


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("5.1.1", "bounced"), ("5.1.10", "bounced"), ("5.2.1", "bounced"),  # no such mailbox, no mail taken, disabled
        ("4.2.2", "soft"), ("5.2.2", "soft"), ("4.4.1", "soft"), ("5.0.0", "soft"), ("5.4.4", "soft"),
        ("5.7.1", "left"), ("5.7.26", "left"), ("4.7.0", "left"), ("5.6.0", "left"),
        ("5.2.3", "left"), ("5.1.8", "left"),
    ],
)  # fmt: skip
def test_a_status_says_whom_a_bounce_speaks_of(book: sqlite3.Connection, status: str, what: str) -> None:
    """By RFC 3463: a mailbox that is not there is hard, full or away soft; policy and content are ours to mend."""
    assert judge(book).fate(bounce(4, status)).what == what


def test_a_delay_and_a_delivery_are_noted(book: sqlite3.Connection) -> None:
    """The relay is still trying; or it tells that it has delivered."""
    assert judge(book).fate(bounce(4, "4.4.7", action="delayed"))[::2] == ("noted", "delayed")
    assert judge(book).fate(bounce(4, "2.1.5", action="delivered"))[::2] == ("noted", "delivered")


def test_a_bounce_is_proven_by_its_envelope_or_by_the_letter_it_gives_back(book: sqlite3.Connection) -> None:
    """The token in the address it came to; else token or Message-ID in the letter; a recipient's name alone is none."""
    head_alone = had(4).partition(b"\r\n\r\n")[0]
    as_text = bounce(4, "5.1.1", verp=False, letter=head_alone).replace(
        b"Content-Type: message/rfc822", b"Content-Type: text/rfc822-headers"
    )
    without_links = b"\r\n".join(line for line in had(4).split(b"\r\n") if not line.startswith(b"List-Unsub"))

    assert judge(book).fate(bounce(4, "5.1.1"))[:2] == ("bounced", reader(4))
    assert judge(book).fate(bounce(4, "5.1.1", verp=False, letter=had(4)))[:2] == ("bounced", reader(4))
    assert judge(book).fate(as_text)[:2] == ("bounced", reader(4))
    assert judge(book).fate(bounce(4, "5.1.1", verp=False, letter=without_links))[:2] == ("bounced", reader(4))
    assert judge(book).fate(bounce(4, "5.1.1", verp=False)).what == "left"
    forged = bounce(4, "5.1.1", verp=False, letter=without_links.replace(b"Message-ID: <", b"Message-ID: <x"))
    assert judge(book).fate(forged).what == "left"


def test_of_several_recipients_the_mildest_counts(book: sqlite3.Connection) -> None:
    """An alias that reaches one of two people still reaches somebody."""
    other = b"\r\n\r\nFinal-Recipient: rfc822; b@example.net\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
    two = bounce(4, "5.1.1").replace(b"\r\nDiagnostic-Code", other + b"Diagnostic-Code")
    assert judge(book).fate(two).what == "noted"


@pytest.mark.parametrize(
    "broken",
    [
        bounce(4, "5.1.1").replace(b"Status: 5.1.1", b"Status: permanent"),
        bounce(4, "5.1.1").replace(b"Final-Recipient", b"Somebody"),
        bounce(4, "5.1.1").replace(b"message/delivery-status", b"text/plain"),
        bounce(4, "5.1.1").replace(b"report-type", b"report-kind"),
        b"Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n<r4@example.org>: unknown\n",
        b"",
        b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_a_bounce_without_a_proper_report_is_left(book: sqlite3.Connection, broken: bytes) -> None:
    """Even one with a good token."""
    assert judge(book).fate(broken).what == "left"


def test_a_complaint_ends_the_letters_at_once(book: sqlite3.Connection) -> None:
    """The reader is known by the letter given back, since the address is often left out; "not-spam" is no complaint."""
    assert judge(book).fate(complaint(had(5)))[:2] == ("complained", reader(5))
    assert judge(book).fate(complaint(had(5), "opt-out"))[:2] == ("unsubscribed", reader(5))
    assert judge(book).fate(complaint(had(5), "not-spam")).what == "noted"
    assert judge(book).fate(complaint(b"")).what == "left"
    by_envelope = complaint(b"").replace(
        b"Version: 1", f"Version: 1\r\nOriginal-Mail-From: <bounces+{bounce_token(5)}@example.org>".encode()
    )
    assert judge(book).fate(by_envelope)[:2] == ("complained", reader(5))


def test_automatic_answers_are_noted_and_letters_to_the_editor_left(book: sqlite3.Connection) -> None:
    """A holiday notice asks for nothing; what a person wrote waits for a person."""
    assert judge(book).fate(mail("Out of office", Auto_Submitted="auto-replied")).what == "noted"
    assert judge(book).fate(mail("I would like to unsubscribe from my brother's letter")).what == "left"


def test_no_message_stops_the_run(book: sqlite3.Connection) -> None:
    """Two thousand reports with bytes changed, cut and doubled, and parts nested a thousand deep, are all judged."""
    chance = random.Random(5)  # noqa: S311 -- moments, no secrets
    whole = [bounce(4, "5.1.1", letter=had(4)), complaint(had(5)), mail(f"unsubscribe {leave_token(3)}")]
    desk = judge(book)
    for _ in range(2_000):
        found = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(found) + 1)
            found[place : place + chance.choice((0, 1, 40))] = chance.choice(
                (b"", b"\0", b"\n", b"=?", b"\xff", b";\r\n ")
            )
        assert desk.fate(bytes(found)).what in {"unsubscribed", "bounced", "complained", "soft", "noted", "left"}
    deep = b"".join(
        b'Content-Type: multipart/report; report-type=x; boundary="%d"\n\n--%d\n' % (n, n) for n in range(1_000)
    )
    assert desk.fate(deep).what == "left"


def test_bytes_that_are_no_text_name_nobody(book: sqlite3.Connection) -> None:
    """In a sender, a recipient, or the kind of a complaint, with a genuine Message-ID beside them."""
    own = f"<{message_id(KEY, EDITION, reader(3))}@example.org>"
    asked = mail("unsubscribe", sender="r3@example.org", In_Reply_To=own).replace(b"r3@", b"r\xff\xfe@")
    letter = b"\r\n".join(line for line in had(4).split(b"\r\n") if not line.startswith(b"List-Unsub"))
    odd = bounce(4, "5.1.1", verp=False, letter=letter.replace(b"r4@", b"r\xff@")).replace(b"; r4@", b"; \xff@")

    assert judge(book).fate(asked).what == "left"
    assert judge(book).fate(odd).what == "left"
    assert (
        judge(book).fate(complaint(had(5)).replace(b"Feedback-Type: abuse", b"Feedback-Type: ab\xffuse")).what == "left"
    )


# --- the mailbox ------------------------------------------------------------------------------------------------


@needs_server
def test_a_run_does_what_is_proven_puts_it_away_and_leaves_the_rest(box: Postbox, book: sqlite3.Connection) -> None:
    """Unread stays unread; a second run has nothing to do and names nobody again."""
    box.put(
        mail(f"unsubscribe {leave_token(1)}"), bounce(2, "5.1.1"), complaint(had(3)), bounce(4, "4.2.2"),
        mail("unsubscribe", sender=reader(5)), mail("Dear editor"), mail("Away", Auto_Submitted="auto-replied"),
    )  # fmt: skip

    first = run(box, book)
    again = run(box, book)

    assert first.counts == {"unsubscribed": 1, "bounced": 1, "complained": 1, "soft": 1, "left": 2, "noted": 1}
    assert first.suppressed == 3
    assert suppressed(book) == {reader(1): "unsubscribed", reader(2): "bounced", reader(3): "complained"}
    assert len(box.flags("Handled")) == 5
    assert len(box.flags()) == 2
    assert "Seen" not in "".join(box.flags())
    assert again == inbox.Read(counts={}, left=(), suppressed=0)
    words = told("INBOX", first)
    assert "left: message" in words
    assert "@" not in words


@needs_server
def test_a_dry_run_changes_nothing(box: Postbox, book: sqlite3.Connection) -> None:
    """It says what would be done; the run after it does all of it."""
    box.put(mail(f"unsubscribe {leave_token(1)}"), mail("Dear editor"))

    dry = run(box, book, dry=True)

    assert dry.counts == {"unsubscribed": 1, "left": 1}
    assert suppressed(book) == {}
    assert len(box.flags()) == 2
    assert run(box, book).counts == dry.counts


@needs_server
def test_soft_bounces_on_three_days_of_thirty_are_enough(box: Postbox, book: sqlite3.Connection) -> None:
    """Several of one day are one; those of long ago do not count."""
    for days in (40, 35, 5, 5, 5):
        box.put(bounce(6, "4.2.2"), days=days)
    run(box, book)
    assert suppressed(book) == {}

    box.put(bounce(6, "5.2.2"), days=2)
    box.put(bounce(6, "4.4.1"), days=1)
    assert run(box, book).suppressed == 1
    assert suppressed(book) == {reader(6): "bounced"}


@needs_server
def test_a_run_that_ended_before_putting_away_is_gone_on_with(
    box: Postbox, book: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the book is not done again; the next run only moves it."""
    box.put(*[bounce(6, "4.2.2")] * 60, mail(f"unsubscribe {leave_token(1)}"))
    with monkeypatch.context() as patched:
        patched.setattr(inbox.mailbox.Box, "put_away", broken)
        with pytest.raises(KeyboardInterrupt):
            run(box, book)
    known = book.execute("SELECT count(*) FROM looked_at").fetchone()[0]
    assert 0 < known < 61

    second = run(box, book)

    assert sum(second.counts.values()) == 61 - known
    assert len(box.flags("Handled")) == 61
    assert box.flags() == []
    assert book.execute("SELECT count(*) FROM looked_at").fetchone()[0] == 0
    assert suppressed(book) == {reader(1): "unsubscribed"}


def broken(_box: object, uids: object) -> None:
    """End as Ctrl-C does, once there is something to put away."""
    if list(uids):  # type: ignore[call-overload]
        raise KeyboardInterrupt


@needs_server
def test_without_a_folder_messages_are_marked_as_read(box: Postbox, book: sqlite3.Connection) -> None:
    """And not looked at again."""
    box.put(mail(f"unsubscribe {leave_token(1)}"), mail("Dear editor"))

    run(box, book, handled="")

    assert ["Seen" in flags for flags in box.flags()] == [True, False]
    assert run(box, book, handled="").counts == {}


@needs_server
def test_a_server_without_move_gets_copy_and_expunge(book: sqlite3.Connection) -> None:
    """Older ones know no MOVE (RFC 6851), some no UIDPLUS either; nothing is lost or done twice."""
    for capability in ("IMAP4rev1 UIDPLUS", "IMAP4rev1"):
        with postbox.serving(capability=capability) as old:
            old.put(mail(f"unsubscribe {leave_token(1)}"), mail("Dear editor"))
            assert run(old, book).counts == {"unsubscribed": 1, "left": 1}
            assert run(old, book).counts == {}
            assert len(old.flags("Handled")) == 1
            assert len([flags for flags in old.flags() if "Deleted" not in flags]) == 1


@needs_server
def test_a_mailbox_made_anew_is_looked_at_anew(box: Postbox, book: sqlite3.Connection) -> None:
    """With another UIDVALIDITY a UID means another message; what was done is not done twice."""
    with box.looked_into() as imap:
        imap.create("Elsewhere")
    box.put(mail("Dear editor"), folder="Elsewhere")
    assert run(box, book, folder="Elsewhere").counts == {"left": 1}
    with box.looked_into() as imap:
        imap.delete("Elsewhere")
    shutil.rmtree(box.home / "mail" / ".Elsewhere", ignore_errors=True)
    with box.looked_into() as imap:
        imap.create("Elsewhere")
    box.put(mail(f"unsubscribe {leave_token(1)}"), folder="Elsewhere")

    assert run(box, book, folder="Elsewhere").counts == {"unsubscribed": 1}
    assert book.execute("SELECT count(*) FROM looked_at").fetchone()[0] == 0


@needs_server
def test_an_empty_mailbox_and_a_large_mail_are_no_trouble(box: Postbox, book: sqlite3.Connection) -> None:
    """Of a mail of five megabytes only its beginning is read; a report's fields stand there."""
    assert run(box, book).counts == {}
    box.put(bounce(2, "5.1.1", letter=had(2) + b"x" * 5_000_000))
    assert run(box, book).counts == {"bounced": 1}


@needs_server
def test_runs_killed_in_the_middle_do_each_message_once(box: Postbox, tmp_path: Path) -> None:
    """Kill -9 at five random moments, then a whole run: all is put away, and every reader bounced on one day only."""
    path, count = tmp_path / "readers.sqlite", 120
    mailroom.fill(path, count)
    key = tokens.key(SecretStr("a key"))
    mails = []
    for number in range(1, count + 1):
        token = tokens.sign(key, tokens.BOUNCE, number, reader(number), THROUGH)
        mails.append(bounce(number, "4.2.2").replace(bounce_token(number).encode(), token.encode()))
    box.put(*mails)
    settings_file(tmp_path, box)
    chance = random.Random(11)  # noqa: S311 -- moments, no secrets
    for _ in range(5):
        goal = bounced(path) + chance.randint(1, count // 6)
        with start_inbox(tmp_path) as run_there:
            while run_there.poll() is None and bounced(path) < goal:
                time.sleep(0.001)
            assert run_there.poll() is None, "the run ended before it was killed"
            run_there.kill()

    with start_inbox(tmp_path) as ended:
        said, problem = ended.communicate(timeout=60)

    assert ended.returncode == 0, problem
    assert b"INBOX" in said
    assert box.flags() == []
    assert len(box.flags("Handled")) == count
    with opened(path) as found:
        assert found.execute("SELECT count(*), count(DISTINCT key) FROM soft_bounce").fetchone() == (count, count)
        assert found.execute("SELECT count(*) FROM looked_at").fetchone() == (0,)
        assert suppressed(found) == {}


def bounced(path: Path) -> int:
    """Count what is in the book so far."""
    with closing(sqlite3.connect(path, timeout=10)) as book:
        if not book.execute("SELECT 1 FROM sqlite_master WHERE name = 'soft_bounce'").fetchone():
            return 0
        return int(book.execute("SELECT count(*) FROM soft_bounce").fetchone()[0])


def settings_file(folder: Path, box: Postbox) -> None:
    """Write newsletter.toml."""
    (folder / "newsletter.toml").write_text(
        f'[mail]\nreaders = "readers.sqlite"\n[imap]\nhost = "127.0.0.1"\nport = {box.tls}\n'
        f'user = "{postbox.USER}"\nca_file = "{box.home}/ca.pem"\n',
        encoding="utf-8",
    )


def start_inbox(folder: Path) -> subprocess.Popen[bytes]:
    """Run `capline inbox` in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "generator", "inbox"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "CAPLINE_IMAP_PASSWORD": PASSWORD, "CAPLINE_KEY": "a key"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


# --- what goes wrong --------------------------------------------------------------------------------------------


@needs_server
def test_a_wrong_password_is_named_and_does_not_leak(box: Postbox) -> None:
    """The error says what to mend."""
    wrong = Account(settings=box.settings(), password=SecretStr("open sesame"))
    with pytest.raises(MailboxFailed, match="refuses user and password") as failed, inbox.mailbox.opened(wrong):
        pass
    assert "sesame" not in f"{failed.value}{failed.value.hint}{wrong!r}"
    assert failed.value.__suppress_context__


@needs_server
def test_a_certificate_that_nobody_signed_is_not_trusted(box: Postbox) -> None:
    """Nor one for another name; nothing is sent."""
    for given in ({"ca_file": ""}, {"host": "localhost"}):
        with pytest.raises(MailboxFailed, match="not to be trusted"), inbox.mailbox.opened(account(box, **given)):
            pass


@needs_server
def test_starttls_is_checked_too_and_never_left_out(box: Postbox, book: sqlite3.Connection) -> None:
    """It reads the mailbox; a server that offers none gets no password."""
    box.put(mail(f"unsubscribe {leave_token(1)}"))
    assert run(box, book, port=box.plain, security="starttls").counts == {"unsubscribed": 1}
    with postbox.serving(security="no") as clear:
        with pytest.raises(MailboxFailed), inbox.mailbox.opened(account(box, port=clear.plain, security="starttls")):
            pass
        log = (clear.home / "log").read_text(encoding="utf-8")
    assert "Disconnected" in log
    assert "method=" not in log


@needs_server
def test_a_folder_that_is_not_there_is_named(box: Postbox) -> None:
    """With what to mend."""
    with (
        pytest.raises(MailboxFailed, match="no folder 'Nowhere'"),
        inbox.mailbox.opened(account(box, folder="Nowhere")),
    ):
        pass


def test_nobody_at_the_port_is_named(tmp_path: Path) -> None:
    """And says that running again goes on."""
    settings = Postbox(home=tmp_path, tls=1, plain=1).settings(ca_file="")
    with (
        pytest.raises(MailboxFailed, match="refused"),
        inbox.mailbox.opened(Account(settings=settings, password=SecretStr("x"))),
    ):
        pass


@pytest.mark.parametrize(
    "given", [{"host": ""}, {"user": ""}, {"host": "imap.example.org", "security": "none"}]
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(tmp_path: Path, given: dict[str, str]) -> None:
    """Before anything is connected to."""
    settings = Postbox(home=tmp_path, tls=1, plain=1).settings(**given)
    with pytest.raises(BadSetting):
        Account(settings=settings, password=SecretStr("x"))


@needs_server
def test_the_command_reads_the_mailbox(box: Postbox, tmp_path: Path) -> None:
    """`capline inbox` with a file of settings and the password in the environment; no address in what it prints."""
    path = tmp_path / "readers.sqlite"
    mailroom.fill(path, 3)
    key = tokens.key(SecretStr("a key"))
    token = tokens.sign(key, tokens.UNSUBSCRIBE, 2, reader(2), THROUGH)
    box.put(mail(f"unsubscribe {token}", sender=reader(1)))
    settings_file(tmp_path, box)

    with start_inbox(tmp_path) as ended:
        said, problem = ended.communicate(timeout=60)

    assert ended.returncode == 0, problem
    assert b"asked to leave" in said
    assert b"@" not in said
    with opened(path) as found:
        assert suppressed(found) == {reader(2): "unsubscribed"}


def test_the_standing_of_every_status_is_known() -> None:
    """Any three numbers mean one of three things."""
    assert {reports.standing(f"{a}.{b}.{c}") for a in (4, 5) for b in range(9) for c in range(12)} == {
        "hard", "soft", "ours",
    }  # fmt: skip
