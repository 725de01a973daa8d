"""The line to the relay: never in clear, only to whom we trust, and no password in anything that is printed."""

from __future__ import annotations

import logging
import ssl
import threading
import traceback
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, ClassVar

import mailroom
import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from mailroom import Inbox, serving
from pydantic import SecretStr

from generator import config
from generator.config import SmtpSettings
from generator.deliver import smtp
from generator.errors import BadSetting, RelayFailed

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct-horse-9"  # noqa: S105 -- of no server but that of these tests


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Make an authority of our own."""
    return trustme.CA()


def context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Give a server's certificate for a name."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


def trusting(folder: Path, authority: trustme.CA) -> str:
    """Write the authority's certificate; gives the file."""
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return str(folder / "ca.pem")


def check(_server: object, _session: object, _envelope: object, _mechanism: str, given: LoginPassword) -> AuthResult:
    """Let in whoever knows the password."""
    return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


def opened(port: int, password: str = "", **settings: object) -> smtp.Line:
    """Open a line as delivery does."""
    given = {"host": "localhost", "port": port, "timeout": 5, "security": "starttls"} | settings
    there = smtp.Relay(
        settings=SmtpSettings.model_validate(given), password=SecretStr(password) if password else None, hello="x.org"
    )
    return smtp.connect(there, smtp.trust(there))


def test_a_letter_goes_over_tls_with_user_and_password(tmp_path: Path, authority: trustme.CA) -> None:
    """STARTTLS, a certificate for the name we asked, then the message."""
    inbox = Inbox()
    options = {"tls_context": context(authority, "localhost"), "require_starttls": True, "authenticator": check}
    with serving(inbox, auth_required=True, **options) as port:
        line = opened(port, PASSWORD, user="capline", ca_file=trusting(tmp_path, authority))
        answer = line.hand_over("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n.\r\n")
        line.close()

    assert answer.accepted
    assert inbox.taken == [("b@example.org", "a@example.org", b"Subject: x\r\n\r\nx\r\n")]


@pytest.mark.parametrize("name", ["localhost", "other.example.org"])
def test_a_certificate_that_is_not_to_be_trusted_ends_it(tmp_path: Path, authority: trustme.CA, name: str) -> None:
    """Of an authority nobody knows, or for another name."""
    inbox = Inbox()
    trusted = {} if name == "localhost" else {"ca_file": trusting(tmp_path, authority)}
    with (
        serving(inbox, tls_context=context(authority, name)) as port,
        pytest.raises(RelayFailed, match="certificate is not to be trusted"),
    ):
        opened(port, **trusted)
    assert not inbox.sessions


def test_a_relay_without_tls_gets_nothing() -> None:
    """No silent going on in clear."""
    inbox = Inbox()
    with serving(inbox) as port, pytest.raises(RelayFailed, match="does not offer TLS"):
        opened(port)
    assert not inbox.taken


def test_tls_from_the_start_to_a_port_that_speaks_plainly_is_a_clear_error() -> None:
    """The hint names the ports."""
    with serving(Inbox()) as port, pytest.raises(RelayFailed, match="TLS failed") as caught:
        opened(port, security="tls")
    assert "465" in caught.value.hint


def test_a_wrong_password_is_said_once_and_never_shown(
    tmp_path: Path, authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the error and its traceback, nor in a log."""
    caplog.set_level(logging.DEBUG)
    wrong = "battery-staple-7"
    options = {"tls_context": context(authority, "localhost"), "authenticator": check}
    with serving(Inbox(), **options) as port, pytest.raises(RelayFailed, match=r"user and password \(535\)") as caught:
        opened(port, wrong, user="capline", ca_file=trusting(tmp_path, authority))

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(caught.value)
    assert wrong not in shown
    assert "YmF0dGVyeS1zdGFwbGUtNw" not in shown  # the same in base64


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"host": ""}, "no host"),
        ({"security": "none", "host": "mail.example.org"}, "another machine"),
        ({"user": "capline"}, "no password"),
    ],
)
def test_settings_that_would_go_wrong_are_refused_before_a_line_is_opened(
    settings: dict[str, object], problem: str
) -> None:
    """Each with what to mend."""
    with pytest.raises(BadSetting, match=problem):
        opened(1, **settings)


def test_a_password_never_goes_in_clear_even_on_this_machine() -> None:
    """Somebody else may listen on its port."""
    with pytest.raises(BadSetting, match="in clear"):
        opened(1, PASSWORD, user="capline", security="none")


def test_an_address_cannot_carry_a_command() -> None:
    """Whatever stood in the book."""
    with serving(Inbox()) as port:
        line = smtp.connect(mailroom.relay(port), None)
        for wrong in ("a@example.org>\r\nDATA", "a b@example.org", "<a@example.org"):
            with pytest.raises(ValueError, match="example"):
                line.hand_over("x@example.org", wrong, b".\r\n")
        line.close()


# --- commands that go out together ------------------------------------------------------------------------------


class Pipelining(StreamRequestHandler):
    """A server that offers PIPELINING and answers DATA with 354 though no recipient was taken, as RFC 2920 allows."""

    taken: ClassVar[list[bytes]] = []
    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        """Answer line by line."""
        self.wfile.write(b"220 x\r\n")
        good = False
        for line in self.rfile:
            self.heard.append(line[:4])
            match line[:4]:
                case b"ehlo" | b"EHLO":
                    self.wfile.write(b"250-x\r\n250 PIPELINING\r\n")
                case b"RCPT":
                    good = b"nobody" not in line
                    self.wfile.write(b"250 ok\r\n" if good else b"550 5.1.1 no such user\r\n")
                case b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    content = b"".join(iter(self.rfile.readline, b".\r\n"))
                    if good:
                        self.taken.append(content)
                    self.wfile.write(b"250 ok\r\n" if good else b"554 no valid recipients\r\n")
                case b"quit":
                    self.wfile.write(b"221 bye\r\n")
                    return
                case _:
                    self.wfile.write(b"250 ok\r\n")


def test_a_refused_recipient_is_told_apart_when_commands_go_out_together() -> None:
    """The empty message that the relay waits for is ended, nobody gets it, and the line serves the next reader."""
    with ThreadingTCPServer(("127.0.0.1", 0), Pipelining) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = smtp.connect(mailroom.relay(server.server_address[1]), None)
        first = line.hand_over("a@example.org", "nobody@example.org", b"Subject: one\r\n\r\n.\r\n")
        second = line.hand_over("a@example.org", "b@example.org", b"Subject: two\r\n\r\n.\r\n")
        line.close()
        server.shutdown()

    assert (first.stage, first.code) == ("rcpt", 550)
    assert second.accepted
    assert Pipelining.taken == [b"Subject: two\r\n\r\n"]
    assert Pipelining.heard.count(b"RSET") == 1


# --- secrets ----------------------------------------------------------------------------------------------------


def test_a_secret_comes_from_the_environment_or_a_file_of_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment goes first; without either there is none."""
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text("from-file\n")
    monkeypatch.delenv("CAPLINE_SMTP_PASSWORD", raising=False)
    found = config.secret("CAPLINE_SMTP_PASSWORD", file)
    assert found is not None
    assert found.get_secret_value() == "from-file"
    assert "from-file" not in repr(found)
    assert config.secret("CAPLINE_SMTP_PASSWORD", "") is None

    monkeypatch.setenv("CAPLINE_SMTP_PASSWORD", "from-environment")
    given = config.secret("CAPLINE_SMTP_PASSWORD", file)
    assert given is not None
    assert given.get_secret_value() == "from-environment"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever they are."""
    monkeypatch.delenv("CAPLINE_SMTP_PASSWORD", raising=False)
    file = tmp_path / "password"
    file.write_text("hunter2")
    file.chmod(mode)
    with pytest.raises(BadSetting, match="others") as caught:
        config.secret("CAPLINE_SMTP_PASSWORD", file)
    assert "hunter2" not in str(caught.value)
