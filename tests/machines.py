"""Machines for tests of the state: folders with a small store, editions, readers and a journal, and remotes between."""

from __future__ import annotations

import base64
import functools
import hashlib
import random
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import letters
import mailroom

from generator import chain, state
from generator.config import BuildSettings, FetchSettings, MailSettings, Settings, StateSettings
from generator.deliver import tokens
from generator.deliver.book import opened, written
from generator.edition import to_json
from generator.model import Observation, SeriesSpec
from generator.state import places
from generator.store import Store
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 24, 22, 15, tzinfo=UTC)
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")  # of states that live for one test
OTHER = base64.urlsafe_b64encode(bytes(range(32, 64))).decode()
SPEC = SeriesSpec(
    id="rates.DGS10", label="10-year yield", unit=Unit.YIELD, frequency="business day", publisher="Treasury",
    release="treasury", terms="none",
)  # fmt: skip


@dataclass
class Machine:
    """A folder with all that Capline keeps between runs."""

    folder: Path
    remote: str

    @property
    def output(self) -> Path:
        """Where Capline writes."""
        return self.folder / "output"

    @property
    def settings(self) -> Settings:
        """Settings with every place in the folder."""
        return Settings(
            build=BuildSettings(output=self.output),
            fetch=FetchSettings(store=self.output / "live.duckdb"),
            mail=MailSettings(readers=self.book, key_file=self.output / "private/key"),
            state=StateSettings(remote=self.remote, key_file=self.folder / "none"),
        )

    @property
    def book(self) -> Path:
        """The readers and the ledger."""
        return self.output / "private/readers.sqlite"

    def fill(self, *, readers: int = 20) -> Machine:
        """Make a store, a letter, readers, a key and a journal."""
        self.observe(date(2026, 11, 23), 4.35)
        self.letter("2026-11-23-daily")
        mailroom.fill(self.book, readers)
        tokens.make_key_file(self.output / "private/key")
        (self.output / "runs").mkdir()
        (self.output / "runs/2026-11-23-daily.json").write_text('{"done": true}\n', encoding="utf-8")
        return self

    def observe(self, day: date, value: float) -> None:
        """Add an observation to the store, which is made on first use."""
        path = self.output / "live.duckdb"
        with Store.open(path, read_only=False) if path.exists() else Store.create(path) as store:
            store.register([SPEC])
            store.append([observation(day, value)])

    def letter(self, id_: str) -> None:
        """Make an edition and enter it in the chain."""
        editions = self.output / "editions"
        known = chain.read(editions) if editions.exists() else ()
        made = letters.edition()
        made = replace(made, id=id_, provenance=replace(made.provenance, previous=chain.place(known, id_)))
        (editions / id_).mkdir(parents=True)
        (editions / id_ / "edition.json").write_bytes(to_json(made))
        (editions / id_ / "index.html").write_text(f"<title>{id_}</title>", encoding="utf-8")
        chain.write(editions, chain.grown(chain.read(editions), chain.entry(editions / id_ / "edition.json")))

    def leave(self, address: str) -> None:
        """A reader leaves."""
        with opened(self.book) as book, written(book):
            book.execute("INSERT INTO suppression (key, reason, at) VALUES (?, 'unsubscribed', '')", (address,))

    def push(self, **how: bool) -> state.Pushed:
        """Push what is here."""
        return state.push(self.settings, now=NOW, **how)

    def pull(self, **how: bool) -> state.Pulled:
        """Pull what is there."""
        return state.pull(self.settings, **how)

    def problems(self, *, full: bool = True) -> list[str]:
        """What a check finds."""
        return [problem for one in state.check(self.settings, full=full) for problem in one.problems]

    def files(self) -> dict[str, str]:
        """Every file of the state with the digest of its bytes, taken by hand."""
        there = places.present(self.settings)
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}


def observation(day: date, value: float) -> Observation:
    """A yield of a day."""
    return Observation(series_id=SPEC.id, date=day, known_at=NOW, value=value, source="treasury")


def noise(seed: int, size: int) -> bytes:
    """Bytes that cannot be compressed, the same for a seed."""
    return random.Random(seed).randbytes(size)  # noqa: S311 -- no secrets


def bare(path: Path) -> str:
    """Make an empty repository; gives its path."""
    subprocess.run(["git", "init", "--quiet", "--bare", path], check=True)  # noqa: S607 -- whichever git
    return str(path)


def git(remote: str, *arguments: str) -> str:
    """Ask git about a repository."""
    call = ["git", "--git-dir", remote, *arguments]
    return subprocess.run(call, check=True, capture_output=True, text=True, errors="replace").stdout


def everything(remote: str) -> bytes:
    """All bytes that a remote has, names included."""
    if remote.endswith(".git"):
        call = ["git", "--git-dir", remote, "cat-file", "--batch-all-objects", "--batch"]
        return subprocess.run(call, check=True, capture_output=True).stdout
    files = (path for path in Path(remote).rglob("*") if path.is_file())
    return b"".join(str(path).encode() + path.read_bytes() for path in files)


def copied(remote: str) -> str:
    """Keep a copy of a remote beside it."""
    shutil.rmtree(f"{remote}.kept", ignore_errors=True)
    shutil.copytree(remote, f"{remote}.kept")
    return f"{remote}.kept"


def went_back(remote: str, kept: str) -> None:
    """Put an old copy of a remote in its place."""
    shutil.rmtree(remote)
    shutil.copytree(kept, remote)


@contextmanager
def pages(folder: Path) -> Iterator[str]:
    """Serve a folder as GitHub Pages would."""

    class Handler(SimpleHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            """Tell no time of its own: the clock of a rehearsal is not that of this machine."""
            return super().date_time_string(timestamp) if timestamp else ""

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served(folder: Path, token: str) -> Iterator[str]:
    """Serve repositories of a folder over HTTP, with git's own program, to whoever has the token."""
    wanted = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
    program = Path(subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip())  # noqa: S607 -- whichever git

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Transfer-Encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size + 2)[:-2]
                self.rfile.readline()
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            done = subprocess.run(
                [program / "git-http-backend"], input=body, capture_output=True, check=True,
                env={
                    "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "REMOTE_USER": "capline", "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "CONTENT_LENGTH": str(len(body)),
                },
            )  # fmt: skip
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(rest)

        do_GET = do_POST = answer  # noqa: N815 -- the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
