"""A postbox for tests: a real IMAP server (Dovecot) on this machine, started and ended here, and mails to put in."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from generator.config import ImapSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
USER, PASSWORD = "letters@example.org", 'pässword; with "signs"'
PATIENCE = 20.0  # seconds for the server to come up
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = {ssl}
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = {only_tls}
auth_mechanisms = plain
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{home}/mail
imap_capability = {capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


def version() -> str:
    """Say which Dovecot is there; "" without one."""
    if DOVECOT is None:
        return ""
    told = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.split(" ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postbox:
    """A running server."""

    home: Path
    tls: int
    plain: int

    def settings(self, **given: object) -> ImapSettings:
        """Name the mailbox in settings."""
        known = {"host": "127.0.0.1", "port": self.tls, "user": USER, "ca_file": str(self.home / "ca.pem")}
        return ImapSettings.model_validate(known | given)

    @contextmanager
    def looked_into(self) -> Iterator[imaplib.IMAP4]:
        """Open it past the code under test."""
        context = ssl.create_default_context(cafile=str(self.home / "ca.pem"))
        with imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=10) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield imap

    def put(self, *mails: bytes, days: int = 0, folder: str = "INBOX") -> None:
        """Put mails in; `days`: so many ago."""
        with self.looked_into() as imap:
            for mail in mails:
                at = imaplib.Time2Internaldate(time.time() - days * 86_400)
                assert imap.append(folder, "", at, mail)[0] == "OK"

    def flags(self, folder: str = "INBOX") -> list[str]:
        """List the flags of the messages of a folder; a folder that is not there has none."""
        with self.looked_into() as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            found = imap.uid("FETCH", "1:*", "(FLAGS)")[1]
            return [line.decode() for line in found if line]


@contextmanager
def serving(*, capability: str = "", security: str = "required") -> Iterator[Postbox]:
    """Run Dovecot on free ports of this machine, with a certificate of its own authority."""
    assert DOVECOT is not None
    home = Path(tempfile.mkdtemp(prefix="capline-imap-"))  # short: its sockets have long names
    home.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        tls, plain = one.getsockname()[1], two.getsockname()[1]
    authority = trustme.CA()
    mine = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(home / "ca.pem")
    mine.cert_chain_pems[0].write_to_path(home / "cert.pem")
    mine.private_key_pem.write_to_path(home / "key.pem")
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    (home / "mail").mkdir()
    root = os.geteuid() == 0
    who = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    if root:
        os.chown(home / "mail", who.pw_uid, who.pw_gid)
    named = ("dovecot", "dovenull", "dovecot") if root else (who.pw_name, who.pw_name, _group(who.pw_gid))
    (home / "dovecot.conf").write_text(
        CONFIG.format(
            home=home, ssl=security, only_tls="yes" if security == "required" else "no", internal=named[0],
            login=named[1], group=named[2], capability=capability, uid=who.pw_uid, gid=who.pw_gid, plain=plain, tls=tls,
        ),
        encoding="utf-8",
    )  # fmt: skip
    server = subprocess.Popen([DOVECOT, "-F", "-c", str(home / "dovecot.conf")])
    try:
        _wait(server, plain, home)
        yield Postbox(home=home, tls=tls, plain=plain)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(home)


def _group(gid: int) -> str:
    import grp  # noqa: PLC0415 -- only where tests do not run as root

    return grp.getgrgid(gid).gr_name


def _wait(server: subprocess.Popen[bytes], port: int, home: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    log = home / "log"
    message = f"Dovecot did not come up: {log.read_text(encoding='utf-8') if log.exists() else 'no log'}"
    raise AssertionError(message)
