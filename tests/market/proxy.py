"""The proxy clients are pointed at: it answers CONNECT, becomes the host they wanted, and is steered by HTTP."""

from __future__ import annotations

import json
import socketserver
import ssl
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import trustme

from market.desk import Reply, Request
from market.faults import Fault, Switchboard
from market.routes import packed, respond

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that came and how it was answered; `status` 0: not at all."""

    moment: str
    method: str
    host: str
    path: str
    query: dict[str, str]
    body: str
    agent: str
    status: int
    size: int
    faults: tuple[str, ...]


@dataclass(slots=True)
class State:
    """What steers the answers: the market's clock, the faults, the delay (seconds an answer), the log."""

    clock: Callable[[], datetime]
    board: Switchboard = field(default_factory=Switchboard)
    delay: float = 0.0
    log: list[Seen] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)


class Certificates:
    """A throw-away authority and a server context for each host; strangers' for the fault `certificate`."""

    def __init__(self) -> None:
        self.authority, self._stranger = trustme.CA(), trustme.CA()
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._lock = Lock()

    def context(self, host: str, *, known: bool) -> ssl.SSLContext:
        """The context for a host."""
        with self._lock:
            if (host, known) not in self._contexts:
                made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                (self.authority if known else self._stranger).issue_cert(host).configure_cert(made)
                self._contexts[host, known] = made
            return self._contexts[host, known]


class Server(ThreadingHTTPServer):
    """A thread a connection; ends without waiting for those that hang."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, state: State, certificates: Certificates, port: int = 0) -> None:
        self.state, self.certificates = state, certificates
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as the library declares it
        """Clients that gave up are no errors of ours."""
        if not isinstance(sys.exception(), (OSError, ssl.SSLError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: first the proxy, after CONNECT the host itself."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    host = ""

    def log_message(self, *_args: object) -> None:
        """The log is kept in the state."""

    def do_CONNECT(self) -> None:
        """Become the host the client wanted to reach."""
        self.host = self.path.rsplit(":", 1)[0]
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        bad = self.server.state.board.take_kind("certificate", self.host)
        context = self.server.certificates.context(self.host, known=not bad)
        try:
            self.connection = context.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")
        self.wfile = socketserver._SocketWriter(self.connection)  # noqa: SLF001 -- the class that wrapped the socket before
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def finish(self) -> None:
        """Close what the connection became, too."""
        try:
            super().finish()
        finally:
            self.connection.close()

    def do_GET(self) -> None:
        """Answer as the host, or as the control."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        if not self.host:
            self._send(control(self.server.state, url.path, query, body))
            return
        self._answer(Request(method=self.command, host=self.host, path=url.path, query=query, body=body))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 -- the names the library asks for

    def _answer(self, request: Request) -> None:
        state = self.server.state
        reply, faults = respond(request, state.board, state.clock())
        kinds = {fault.kind: fault for fault in faults}
        silent = "cut" in kinds
        with state.lock:
            state.log.append(
                Seen(
                    moment=datetime.now(UTC).isoformat(timespec="milliseconds"), method=request.method,
                    host=request.host,
                    path=request.path, query=request.query, body=request.body.decode(errors="replace")[:2000],
                    agent=self.headers.get("User-Agent", ""), status=0 if silent else reply.status,
                    size=len(reply.body),
                    faults=tuple(kinds),
                )
            )  # fmt: skip
        if state.delay:
            state.stopping.wait(state.delay)
        if "hang" in kinds:
            state.stopping.wait(kinds["hang"].seconds or 30.0)
        if silent:
            self.close_connection = True
            return
        if not {"huge", "short", "drip", "zip"} & set(kinds):
            reply = packed(reply, self.headers.get("Accept-Encoding", ""))
        self._send(reply, short="short" in kinds, drip="drip" in kinds)

    def _send(self, reply: Reply, *, short: bool = False, drip: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in (("Content-Type", reply.kind), ("Content-Length", str(len(reply.body))), *reply.headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if short:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif drip:
            for position in range(len(reply.body)):
                if self.server.state.stopping.wait(0.5):
                    break
                self.wfile.write(reply.body[position : position + 1])
        else:
            self.wfile.write(reply.body)


def control(state: State, path: str, query: dict[str, str], body: bytes) -> Reply:
    """`/__control/...`: log, clear-log, faults, fault, clear, now, delay. What is steered may stand in the query."""
    act = CONTROLS.get(path.removeprefix("/__control/"))
    if act is None:
        return _said({"error": f"{path} is not known", "known": " ".join(CONTROLS)}, 404)
    try:
        return _said(act(state, {**query, **(json.loads(body) if body else {})}))
    except (TypeError, ValueError) as problem:
        return _said({"error": str(problem)}, 400)


def _clear_log(state: State, _wish: dict[str, Any]) -> object:
    with state.lock:
        state.log.clear()
    return {"cleared": True}


def _faults(state: State, _wish: dict[str, Any]) -> object:
    return [asdict(fault) for fault in state.board.all()]


def _fault(state: State, wish: dict[str, Any]) -> object:
    state.board.add(fault_of(wish))
    return _faults(state, wish)


def _clear(state: State, _wish: dict[str, Any]) -> object:
    state.board.clear()
    return {"cleared": True}


def _now(state: State, wish: dict[str, Any]) -> object:
    if "at" in wish:
        moment = datetime.fromisoformat(str(wish["at"]).replace(" ", "+"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        state.clock = lambda: moment
    return {"now": state.clock().isoformat()}


def _delay(state: State, wish: dict[str, Any]) -> object:
    state.delay = float(wish.get("ms", state.delay * 1000)) / 1000
    return {"ms": state.delay * 1000}


CONTROLS: dict[str, Callable[[State, dict[str, Any]], object]] = {
    "log": lambda state, _: [asdict(seen) for seen in state.log],
    "clear-log": _clear_log,
    "faults": _faults,
    "fault": _fault,
    "clear": _clear,
    "now": _now,
    "delay": _delay,
}


def fault_of(wish: dict[str, Any]) -> Fault:
    """A fault from names and texts or numbers; TypeError or ValueError where they do not fit."""
    numbers = {"times": int, "days": int, "seconds": float, "size": float}
    return Fault(**{name: numbers.get(name, str)(value) for name, value in wish.items() if value is not None})


def _said(answer: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(answer, default=str).encode())
