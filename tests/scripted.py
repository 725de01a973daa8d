"""A web server on this machine that says what a test tells it, and a client that takes it for every host there is."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from generator.sources.http import Access, Deadline, Fetcher
from generator.sources.limits import Turns

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the server was asked."""

    method: str
    host: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it says: `claimed` is the length it announces, `hold` is waited for after so many bytes have been sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed: int | None = None
    hold: threading.Event | None = None
    after: int = 0


@dataclass(slots=True)
class Scripted:
    """The server: `answer` decides, `seen` is what was asked so far."""

    answer: Callable[[Request], Reply]
    port: int = 0
    seen: list[Request] = field(default_factory=list)
    door: ThreadingHTTPServer | None = None

    def over(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        assert self.door is not None
        self.door.socket = context.wrap_socket(self.door.socket, server_side=True, do_handshake_on_connect=False)

    def fetcher(self, *, contact: str = "", largest: int = 20_000_000, turns: Turns | None = None) -> Fetcher:
        """Give a fetcher for which every host is this server."""
        return Fetcher.open(contact=contact, largest=largest, turns=turns, transport=Detour(self.port))

    @contextmanager
    def access(
        self, *, timeout: float = 5, seconds: float = 60, bls_key: SecretStr | None = None, largest: int = 20_000_000
    ) -> Iterator[Access]:
        """Give what an edge needs, on 24 November 2026."""
        with self.fetcher(largest=largest, turns=Turns({})) as fetcher:
            yield Access(
                http=fetcher,
                fred_key=None,
                bls_key=bls_key,
                cache=Path("cache"),
                now=datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
                timeout=timeout,
                deadline=Deadline.after(seconds),
            )


class Detour(httpx.BaseTransport):
    """Sends every request to a port of this machine, with the host it was meant for in X-Host."""

    def __init__(self, port: int) -> None:
        self._inner, self._port = httpx.HTTPTransport(), port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request there."""
        there = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        headers = [*request.headers.raw, (b"X-Host", request.url.host.encode())]
        stream, extensions = request.stream, request.extensions
        return self._inner.handle_request(
            httpx.Request(request.method, there, headers=headers, stream=stream, extensions=extensions)
        )

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()


@contextmanager
def serving(answer: Callable[[Request], Reply]) -> Iterator[Scripted]:
    """Serve answers until the block ends."""
    scripted = Scripted(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            """Answer."""
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = Request(
                method=self.command,
                host=self.headers.get("X-Host", ""),
                path=url.path,
                params=parse_qs(url.query, keep_blank_values=True),
                headers=dict(self.headers),
                body=body,
            )
            scripted.seen.append(request)
            self._say(scripted.answer(request))

        do_POST = do_GET  # noqa: N815 -- the name the server looks for

        def _say(self, reply: Reply) -> None:
            self.send_response(reply.status)
            length = len(reply.body) if reply.claimed is None else reply.claimed
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.after])
            if reply.hold is not None:
                reply.hold.wait(30)
            self.wfile.write(reply.body[reply.after :])
            self.close_connection = length != len(reply.body) or reply.hold is not None

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that gave up is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    scripted.port, scripted.door = server.server_port, server
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
