"""The house for tests: `capline serve` as a process, with a relay on this machine and an archive of one page."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import mailroom
from mailroom import Inbox
from pydantic import SecretStr

from generator.deliver import tokens
from generator.deliver.book import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SECRET = "a key of the tests"  # noqa: S105 -- of a server that lives for one test
KEY = tokens.key(SecretStr(SECRET))
PATIENCE = 20.0  # seconds


@dataclass
class Answer:
    """An answer: its status, headers and words."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def title(self) -> str:
        """Its heading."""
        found = re.search(r"<h1>(.*?)</h1>", self.text)
        return found[1] if found else ""


@dataclass
class House:
    """A running application."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    inbox: Inbox
    place: Path | str  # of the book
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: dict[str, str] | bytes | None = None, **headers: str) -> Answer:
        """GET a page, or POST to it if there is a body; underscores of headers are dashes."""
        content = urlencode(body).encode() if isinstance(body, dict) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, content, given)  # noqa: S310 -- our own server
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- same
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode())
        except urllib.error.HTTPError as problem:
            with problem:
                return Answer(problem.code, {k.lower(): v for k, v in problem.headers.items()}, problem.read().decode())

    def sign_up(self, address: str, **more: str) -> Answer:
        """Open the form and send it."""
        headers = {name: more.pop(name) for name in list(more) if name[0].isupper()}
        stamp = re.search(r'name="stamp" value="([^"]+)"', self.ask("/", **headers).text)
        assert stamp
        return self.ask("/subscribe", {"address": address, "frequency": "daily", "stamp": stamp[1], **more}, **headers)

    def mails(self, count: int) -> list[tuple[str, str]]:
        """Wait for so many mails in all; gives recipient and words of each."""
        end = time.monotonic() + PATIENCE
        while len(self.inbox.taken) < count and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.inbox.taken) == count
        return [(to, str(message_from_bytes(raw, policy=default).get_content())) for to, _, raw in self.inbox.taken]

    def link(self, count: int) -> str:
        """The path of the link in the last of so many mails."""
        found = re.search(r"https://letters\.example\.org(/\w/[a-z2-7]{32})\s", self.mails(count)[-1][1])
        assert found
        return found[1]

    def rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        """Ask the book."""
        with opened(self.place) as book:
            return book.execute(query, given).fetchall()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it in good order; its journal is in `lines` then."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.lines = said(self.folder).splitlines()
        return code

    def journal(self) -> list[dict[str, Any]]:
        """What it wrote while it ran."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]


def settings(folder: Path, relay: int, place: Path | str = Path(), **serve: object) -> None:
    """Write newsletter.toml."""
    database = f'database = "{place}"\n' if isinstance(place, str) else ""
    given = {"url": "https://letters.example.org", "port": 0, "archive": "site"} | serve
    words = "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
    (folder / "newsletter.toml").write_text(
        '[letter]\nname = "Capline"\naddress = "1 Example Street, Exampleton"\n'
        f'[mail]\n{database}readers = "readers.sqlite"\nunsubscribe_url = "https://letters.example.org/u/{{token}}"\n'
        f'[smtp]\nhost = "127.0.0.1"\nport = {relay}\nsecurity = "none"\ntimeout = 5.0\n[serve]\n{words}\n',
        encoding="utf-8",
    )


@contextmanager
def open_house(
    folder: Path, *, inbox: Inbox | None = None, place: Path | str | None = None, **serve: object
) -> Iterator[House]:
    """Run `capline serve` in a folder until the block ends."""
    inbox, place = inbox or Inbox(), place or folder / "readers.sqlite"
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (site / "index.html").write_text("<!doctype html><title>All letters</title><h1>All letters</h1>", encoding="utf-8")
    (site / ".capline.lock").write_text("", encoding="utf-8")
    with mailroom.serving(inbox) as relay:
        settings(folder, relay, place, **serve)
        with running(folder) as process:
            end = time.monotonic() + PATIENCE
            while "listening" not in said(folder):
                assert process.poll() is None, said(folder)
                assert time.monotonic() < end, "it did not come up"
                time.sleep(0.02)
            yield House(folder, json.loads(said(folder).splitlines()[0])["port"], process, inbox, place)


def said(folder: Path) -> str:
    """What the command wrote to standard error."""
    return (folder / "journal").read_text(encoding="utf-8")


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command, its journal in a file; it is gone when the block ends."""
    with (folder / "journal").open("wb") as journal:
        process = subprocess.Popen(
            [sys.executable, "-m", "generator", "serve"],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "CAPLINE_KEY": SECRET},
            stderr=journal,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


def raw(port: int, content: bytes) -> bytes:
    """Send bytes as they are; gives all that comes back."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(content)
        found = b""
        while more := line.recv(65_536):
            found += more
    return found
