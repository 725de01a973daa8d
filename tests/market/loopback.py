"""The market as a live thing: start it, point a child process at it, steer it, stop it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Self

from market.faults import Fault
from market.proxy import Certificates, Seen, Server, State
from market.truth import market

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # a Tuesday, 18:30 in New York: all of the day is published
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


class Loopback:
    """A running market. Use it as a context manager; it serves from the start and stops at the end.

    `now` is the market's clock (aware); `folder` holds the certificate and the caches of children.
    """

    def __init__(self, *, now: datetime = NOW, delay: float = 0.0, port: int = 0, folder: Path | None = None) -> None:
        self._owned = None if folder else tempfile.TemporaryDirectory(prefix="market-")
        self.folder = folder or Path(self._owned.name if self._owned else "")
        self.folder.mkdir(parents=True, exist_ok=True)
        market()  # made here once, not by the first requests
        self.state = State(clock=lambda: now, delay=delay)
        certificates = Certificates()
        self.certificate = self.folder / "market-ca.pem"
        certificates.authority.cert_pem.write_to_path(str(self.certificate))
        self._server = Server(self.state, certificates, port)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; whoever hangs is let go."""
        self.state.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self._owned:
            self._owned.cleanup()

    @property
    def url(self) -> str:
        """Where the proxy and its control listen: http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def now(self) -> datetime:
        """The market's clock."""
        return self.state.clock()

    @now.setter
    def now(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the market's clock wants a moment with a time zone")
        self.state.clock = lambda: moment

    @property
    def delay(self) -> float:
        """Seconds before each answer."""
        return self.state.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self.state.delay = seconds

    @property
    def log(self) -> list[Seen]:
        """The requests so far."""
        with self.state.lock:
            return list(self.state.log)

    def clear_log(self) -> None:
        """Forget the requests so far."""
        with self.state.lock:
            self.state.log.clear()

    def fault(self, kind: str, host: str | None = None, code: str | None = None, **more: float | str | None) -> None:
        """Switch a fault on (see market.faults.KINDS); `more`: path, times, seconds, size, days."""
        self.state.board.add(Fault(kind=kind, host=host, code=code, **more))  # type: ignore[arg-type]

    def clear(self) -> None:
        """Switch all faults off."""
        self.state.board.clear()

    def settings(self) -> dict[str, str]:
        """The environment lines that point a process here."""
        pem = str(self.certificate)
        return {
            "https_proxy": self.url,  # lower case: fredapi mishandles the upper
            "REQUESTS_CA_BUNDLE": pem,
            "CURL_CA_BUNDLE": pem,
            "SSL_CERT_FILE": pem,
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }

    def environment(self, **more: str) -> dict[str, str]:
        """A whole environment for a child: ours, without any other proxy, with `more` on top."""
        ours = {
            name: value for name, value in os.environ.items() if name.lower() not in PROXIES and name != "SSL_CERT_DIR"
        }
        return ours | self.settings() | more

    def run(
        self, arguments: Sequence[str | Path], *, timeout: float = 120.0, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments in a child that sees only this market; never raises for its exit code."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)], env=self.environment(**more), cwd=cwd, timeout=timeout,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
