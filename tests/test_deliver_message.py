"""The message: compiled once, whole for every reader, with headers that no mail program breaks or reads in two ways."""

from __future__ import annotations

import base64
import email
import email.policy
import random
import re
from datetime import date
from typing import TYPE_CHECKING

import dkim
import letters
import mailroom
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mailroom import EDITION, KEY, MAIL, NOW, THROUGH

from generator.config import DkimSettings, MailSettings
from generator.deliver import headers, tokens
from generator.deliver.dkim import signers
from generator.deliver.ledger import Reader
from generator.deliver.message import compile_letter, message_id
from generator.deliver.post import Post
from generator.errors import BadSetting, NoWayOut, RenderError
from generator.render import render

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

ADDRESS = "reader@example.net"


def compiled(letter: bytes | None = None, settings: MailSettings = MAIL) -> bytes:
    """Compile a letter and make one reader's message."""
    made = compile_letter(letter or mailroom.letter(), settings, edition=EDITION, dated=NOW)
    token = tokens.sign(KEY, tokens.UNSUBSCRIBE, 7, ADDRESS, THROUGH)
    return made.message(ADDRESS, message_id(KEY, EDITION, ADDRESS), token)


def read(message: bytes) -> EmailMessage:
    """Read a message as a mail program does."""
    return email.message_from_bytes(message, policy=email.policy.default)  # type: ignore[return-value]


def line(message: bytes, name: str) -> str:
    """Give a header as it stands in the bytes, if it is on one line."""
    (found,) = re.findall(rb"^%s: ([^\r\n]*)\r\n(?![ \t])" % name.encode(), message, re.MULTILINE)
    return str(found.decode())


# --- headers ----------------------------------------------------------------------------------------------------


def test_a_message_carries_what_the_big_receivers_ask_for() -> None:
    """One recipient, Date, Message-ID, list headers, one-click unsubscribe, and no vacation notices."""
    message = compiled()

    token = tokens.sign(KEY, tokens.UNSUBSCRIBE, 7, ADDRESS, THROUGH)
    assert line(message, "To") == ADDRESS
    assert line(message, "Date") == "Tue, 24 Nov 2026 22:15:00 +0000"
    assert re.fullmatch(r"<[a-z2-7]{24}@example\.org>", line(message, "Message-ID"))
    assert line(message, "List-Id") == "<letter.example.org>"
    assert line(message, "List-Unsubscribe") == (
        f"<https://letters.example.org/u/{token}>, <mailto:leave@example.org?subject=unsubscribe%20{token}>"
    )
    assert line(message, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert line(message, "List-Archive") == "<https://example.org/letters/>"
    assert line(message, "Auto-Submitted") == "auto-generated"
    assert line(message, "Feedback-ID") == "2026-11-24-daily:daily:letter:example.org"
    assert not read(message).defects


@pytest.mark.parametrize("host", [20, 77, 200, 300])
def test_a_long_way_out_is_never_encoded(host: int) -> None:
    """Python's own policy makes encoded words of more than 76 characters, and mail programs then show no button."""
    long = MAIL.model_copy(update={"unsubscribe_url": f"https://{'h' * host}.example.org/{{token}}"})

    found = line(compiled(settings=long), "List-Unsubscribe")

    assert found.startswith(f"<https://{'h' * host}.example.org/")
    assert "=?" not in found


def test_the_message_id_is_the_same_whenever_it_is_sent_and_another_for_everyone_else() -> None:
    """So that a copy sent again can be told as one."""
    assert message_id(KEY, EDITION, ADDRESS) == message_id(KEY, EDITION, ADDRESS)
    others = {message_id(KEY, EDITION, f"r{number}@example.org") for number in range(100)}
    others |= {message_id(KEY, "2026-11-25-daily", ADDRESS), message_id(b"x" * 32, EDITION, ADDRESS)}
    assert len(others - {message_id(KEY, EDITION, ADDRESS)}) == 102


def test_with_a_mailbox_alone_there_is_no_one_click() -> None:
    """RFC 8058 knows https only; the link in the letter is then a mail to be written."""
    message = compiled(settings=MailSettings(unsubscribe_mailto="leave@example.org"))

    assert "List-Unsubscribe-Post" not in read(message)
    assert 'href="mailto:leave@example.org?subject=unsubscribe%20' in read(message).get_body(("html",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "subject",
    [b"Rose\r\nBcc: x@example.org", b"Rose\nBcc: x", b"=?UTF-8?Q?=0A?=Bcc: x", b"=?utf-8?b?Cg==?= Bcc: x", b"a\0b",
     b"=?utf-8?q?a=0D=0AX: b?=", b"=?utf-8?q?=E2=80=A8?=x", b"=?x-nobody-knows?q?a?="],
)  # fmt: skip
def test_no_header_can_become_two(subject: bytes) -> None:
    """Line breaks are refused, encoded ones too (CVE-2024-6923), whatever the Python."""
    letter = mailroom.letter(subject="SUBJECT").replace(b"Subject: SUBJECT", b"Subject: " + subject)

    if subject.startswith(b"Rose\r\n"):
        assert read(compiled(letter))["Bcc"] is None  # it is a header of the letter then, and not one that is kept
        return
    with pytest.raises(RenderError):
        compiled(letter)


def test_whatever_a_subject_holds_the_headers_are_those_that_were_written() -> None:
    """Of 1,000 made from the signs that matter: read back, there are as many as were meant, or it is refused."""
    chance = random.Random(5)  # noqa: S311 -- no secrets
    parts = ["a", " ", ":", "\r", "\n", "\r\n", "\r\n ", "\t", "=?utf-8?q?", "=0A", "?=", "é", "\u2028", "Bcc: x", "\0"]
    good = 0
    for _ in range(1_000):
        words = "".join(chance.choices(parts, k=chance.randint(1, 6)))
        letter = mailroom.letter(subject="SUBJECT").replace(b"Subject: SUBJECT", b"Subject: " + words.encode())
        try:
            message = compiled(letter)
        except RenderError:
            continue
        names = [name for name, _ in email.message_from_bytes(message).items()]
        assert names[:3] == ["From", "Subject", "To"]
        assert len(names) == len(set(names)) == 16
        good += 1
    assert good > 50


def test_a_header_that_is_there_twice_is_refused() -> None:
    """Two From lines are two senders."""
    with pytest.raises(RenderError, match="twice"):
        compiled(mailroom.letter().replace(b"Subject:", b"From: x@example.org\r\nSubject:", 1))


def test_settings_cannot_carry_a_line_break() -> None:
    """Nor a pattern without the token."""
    for wrong in ("https://example.org/{token}\r\nBcc: x", "http://example.org/{token}", "https://example.org/"):
        with pytest.raises(ValueError, match="unsubscribe_url"):
            MailSettings(unsubscribe_url=wrong)


# --- body -------------------------------------------------------------------------------------------------------


def test_no_line_is_too_long_and_none_ends_in_a_bare_line_feed() -> None:
    """Servers refuse the one (998 octets) and disagree about the other (SMTP smuggling)."""
    message = compiled(mailroom.letter(words="word " * 5_000))

    for one in message.split(b"\r\n"):
        assert len(one) <= 998
        assert b"\n" not in one
        assert b"\r" not in one


def test_dots_are_doubled_on_the_wire_and_only_there() -> None:
    """A lone dot ends a message."""
    made = compile_letter(mailroom.letter(), MAIL, edition=EDITION, dated=NOW)

    wire, raw = (make(ADDRESS, "id", "t" * 32) for make in (made.on_the_wire, made.message))

    assert wire.endswith(b"\r\n.\r\n")
    assert wire.count(b"\r\n.\r\n") == 1
    assert wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.") == raw


def test_both_parts_hold_the_readers_own_link_and_the_words_around_it_are_kept() -> None:
    """Character by character, as the letter has them."""
    message = compiled(settings=MAIL.model_copy(update={"unsubscribe_url": "https://example.org/u?a=1&t={token}&b=2"}))

    token = tokens.sign(KEY, tokens.UNSUBSCRIBE, 7, ADDRESS, THROUGH)
    text, page = (read(message).get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert text.replace("\r\n", "\n") == (
        f"Small caps rose.\n.\n.. and a line of dots\n\nUnsubscribe: https://example.org/u?a=1&t={token}&b=2\n"
    )
    assert f'<a href="https://example.org/u?a=1&amp;t={token}&amp;b=2">Unsubscribe</a>' in page


@pytest.mark.parametrize("letter", [mailroom.letter(way_out=""), mailroom.letter(way_out="https://example.org/")])
def test_a_template_without_a_way_out_is_refused(letter: bytes) -> None:
    """Nobody gets a letter that cannot be left."""
    with pytest.raises(NoWayOut):
        compiled(letter)


def test_without_a_page_or_mailbox_nothing_is_compiled() -> None:
    """The settings have to name one."""
    with pytest.raises(NoWayOut, match="neither"):
        compiled(settings=MailSettings())


def test_the_letter_that_capline_renders_compiles() -> None:
    """The real one, with the link in text and HTML."""
    message = compiled(render(letters.edition(), ["mail"])["letter.eml"])

    found = read(message)
    assert found.get_body(("html",)).get_content().count("https://letters.example.org/u/") == 1  # type: ignore[union-attr]
    assert found.get_body(("plain",)).get_content().count("https://letters.example.org/u/") == 1  # type: ignore[union-attr]
    assert b"unsubscribe.invalid" not in message


# --- tokens -----------------------------------------------------------------------------------------------------


def test_a_token_names_its_reader_until_its_day() -> None:
    """It is short, has no sign that mail changes, and ends."""
    token = tokens.sign(KEY, tokens.UNSUBSCRIBE, 7, ADDRESS, THROUGH)

    named = tokens.read(token.upper())
    tokens.check(KEY, named, purpose=tokens.UNSUBSCRIBE, mailbox=ADDRESS, today=date(2028, 11, 24))

    assert re.fullmatch(r"[a-z2-7]{32}", token)
    assert named.reader == 7
    with pytest.raises(tokens.BadToken, match="over"):
        tokens.check(KEY, named, purpose=tokens.UNSUBSCRIBE, mailbox=ADDRESS, today=date(2028, 11, 25))


def test_a_token_of_another_key_purpose_reader_or_day_is_refused() -> None:
    """And so is one with any sign changed."""
    token = tokens.sign(KEY, tokens.UNSUBSCRIBE, 7, ADDRESS, THROUGH)
    ours = {"key": KEY, "purpose": tokens.UNSUBSCRIBE, "mailbox": ADDRESS}
    for wrong in ({"key": b"x" * 32}, {"purpose": tokens.BOUNCE}, {"mailbox": "other@example.net"}):
        with pytest.raises(tokens.BadToken):
            tokens.check(named=tokens.read(token), today=NOW.date(), **(ours | wrong))  # type: ignore[arg-type]
    for place, sign in enumerate(token):
        changed = token[:place] + ("b" if sign == "a" else "a") + token[place + 1 :]
        with pytest.raises(tokens.BadToken):
            tokens.check(named=tokens.read(changed), today=NOW.date(), **ours)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["", "a", "a" * 31, "a" * 33, "é" * 32, "1" * 32, "../../../etc/passwd"])
def test_what_is_no_token_is_refused(words: str) -> None:
    """By one kind of error."""
    with pytest.raises(tokens.BadToken):
        tokens.read(words)


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """A second run finds the key of the first."""
    file = tmp_path / "private" / "key"

    tokens.make_key_file(file)
    first = file.read_text()
    tokens.make_key_file(file)

    assert file.read_text() == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_with_a_return_path_a_bounce_names_its_reader() -> None:
    """By a token of its own, so that an envelope unsubscribes nobody."""
    made = Post(
        compiled=compile_letter(mailroom.letter(), MAIL, edition=EDITION, dated=NOW),
        key=KEY, through=THROUGH, sender="bounces@example.org", verp=True,
    )  # fmt: skip

    sender = made.envelope(Reader(7, ADDRESS, ADDRESS))

    token = re.fullmatch(r"bounces\+([a-z2-7]{32})@example\.org", sender)
    assert token
    named = tokens.read(token[1])
    tokens.check(KEY, named, purpose=tokens.BOUNCE, mailbox=ADDRESS, today=NOW.date())
    assert named.reader == 7
    with pytest.raises(tokens.BadToken):
        tokens.check(KEY, named, purpose=tokens.UNSUBSCRIBE, mailbox=ADDRESS, today=NOW.date())


# --- DKIM -------------------------------------------------------------------------------------------------------


def keys(folder: Path) -> tuple[DkimSettings, dict[bytes, bytes]]:
    """Make both kinds of key; gives the settings, and what DNS would say."""
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    one, other = rsa.generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
    for name, key in (("rsa", one), ("ed", other)):
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    der = one.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    names = {
        b"r._domainkey.example.org.": b"v=DKIM1; k=rsa; p=" + base64.b64encode(der),
        b"e._domainkey.example.org.": b"v=DKIM1; k=ed25519; p="
        + base64.b64encode(other.public_key().public_bytes_raw()),
    }
    settings = DkimSettings(
        domain="example.org", rsa_selector="r", rsa_key_file=str(folder / "rsa"), ed25519_selector="e",
        ed25519_key_file=str(folder / "ed"),
    )  # fmt: skip
    return settings, names


def test_both_signatures_hold_and_cover_both_ways_out(tmp_path: Path) -> None:
    """Checked by the library's own verifier, with a DNS of our own; a changed word breaks both."""
    settings, names = keys(tmp_path)
    made = Post(
        compiled=compile_letter(mailroom.letter(), MAIL, edition=EDITION, dated=NOW),
        key=KEY, through=THROUGH, sender="b@example.org", verp=False, signers=signers(settings),
    )  # fmt: skip

    wire = made.content(Reader(7, ADDRESS, ADDRESS))

    message = wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert message.count(b"DKIM-Signature:") == 2
    for place in range(2):
        judge = dkim.DKIM(message)
        assert judge.verify(idx=place, dnsfunc=lambda name, timeout=5: names[name])  # noqa: ARG005 -- the library's
        assert {b"list-unsubscribe", b"list-unsubscribe-post", b"to", b"from"} <= set(judge.include_headers)
        changed = dkim.DKIM(message.replace(b"Small caps rose.", b"Small caps fell."))
        with pytest.raises(dkim.ValidationError):
            changed.verify(idx=place, dnsfunc=lambda name, timeout=5: names[name])  # noqa: ARG005 -- same


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The hint says how to mend it."""
    settings, _ = keys(tmp_path)
    (tmp_path / "rsa").chmod(0o640)

    with pytest.raises(BadSetting, match="others") as caught:
        signers(settings)

    assert "chmod 600" in caught.value.hint


def test_a_key_that_is_none_is_refused_without_showing_it(tmp_path: Path) -> None:
    """Of either kind."""
    settings, _ = keys(tmp_path)
    for name in ("rsa", "ed"):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).write_text("hunter2")
        with pytest.raises(BadSetting) as caught:
            signers(settings)
        assert "hunter2" not in str(caught.value)
        (tmp_path / name).write_bytes(kept)


def test_line_breaks_hide_nowhere_in_a_header() -> None:
    """A fold is none; everything else that some program takes for one is."""
    assert headers.checked("Subject", b"one\r\n two") == b"one\r\n two"
    for wrong in (b"one\rtwo", b"one\ntwo", b"one\r\ntwo", b"one\x0btwo", b"x" * 1000):
        with pytest.raises(RenderError):
            headers.checked("Subject", wrong)
