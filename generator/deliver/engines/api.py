"""Asking an engine over HTTP: a checked certificate, a limit in time and size, and an error for each mishap.

What only reads is asked again after a mishap that may pass. What changes something is not, but for a request that was
refused for its rate: whoever calls `campaign.hand_over` again finds out first what has happened.
"""

from __future__ import annotations

import ssl
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from generator import __version__
from generator.deliver.smtp import without_mailboxes
from generator.errors import BadSetting, EngineFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 20_000_000  # bytes of an answer
WHOLE = 3  # an answer may take so many times what silence may
ATTEMPTS = 3
PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts, and at most where the engine names a time
LATER = (429, 502, 503, 504)  # HTTP: statuses that may pass
OK, MOVED, FAULT, SERVER_FAULT, TOO_MANY = 200, 300, 400, 500, 429
AGAIN = "run the command again: it looks first whether the engine has the edition, and makes no second"


class Api:
    """An engine's API; to be closed."""

    def __init__(  # noqa: PLR0913 -- what a connection takes
        self, section: str, url: str, *, timeout: float, ca_file: str, headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        if not parts.hostname:
            raise BadSetting(f"[{section}]", "no url is set", hint="name where it is in newsletter.toml")
        if parts.scheme != "https" and not _is_here(parts.hostname):
            raise BadSetting(
                f"[{section}] url", f"{parts.hostname} is another machine, and a key never goes in clear",
                hint="use an https address",
            )  # fmt: skip
        self.section, self.name, self.url = section, f"{section} at {parts.netloc}", url.rstrip("/")
        self._timeout, self._sleep = timeout, sleep
        self._client = httpx.Client(
            verify=_trust(section, ca_file), timeout=timeout, headers={"User-Agent": f"capline/{__version__}"}
        )
        self._client.headers.update(headers or {})
        if auth:
            self._client.auth = httpx.BasicAuth(*auth)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, path: str, **params: object) -> Any:  # noqa: ANN401 -- JSON
        """What lies at a path."""
        return self._asked("GET", path, params=params)

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: object) -> Any:  # noqa: ANN401 -- same
        """Change something: `json` or `files` is the body, as httpx takes it. Gives the answer; None if it is empty."""
        return self._asked(method, path, headers=headers, **body)

    def _asked(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 -- same
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, body, wait = self._once(method, path, **request)
            except EngineFailed as problem:
                if method != "GET" or problem.status == 0 or attempt == ATTEMPTS:
                    raise
                self._sleep(PAUSE * attempt)
                continue
            if OK <= status < MOVED:
                return self._read(body, status)
            passes = status in LATER if method == "GET" else status == TOO_MANY
            pause = PAUSE * attempt if wait is None else wait
            if not passes or attempt == ATTEMPTS or pause > LONGEST_PAUSE:
                raise self._refused(method, path, status, body, wait)
            self._sleep(pause)
        raise AssertionError(method)  # the last attempt returns or raises

    def _once(self, method: str, path: str, **request: Any) -> tuple[int, bytes, float | None]:  # noqa: ANN401 -- same
        """Status, body and the seconds of a Retry-After; EngineFailed, with a status of -1 for what may pass."""
        try:
            with self._client.stream(method, f"{self.url}{path}", **request) as response:
                body, stop = bytearray(), time.monotonic() + WHOLE * self._timeout
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST:
                        raise EngineFailed(self.name, "its answer is larger than any that is read", hint=AGAIN)
                    if time.monotonic() > stop:
                        raise httpx.ReadTimeout("too slow as a whole")
                after = response.headers.get("retry-after", "")
                return response.status_code, bytes(body), float(after) if after.isdecimal() else None
        except httpx.TimeoutException:
            raise EngineFailed(self.name, f"no answer within {self._timeout:g} s", hint=AGAIN, status=-1) from None
        except httpx.TransportError as problem:
            raise self._failed(problem) from None

    def _failed(self, problem: httpx.TransportError) -> EngineFailed:
        cause: BaseException | None = problem
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return EngineFailed(
                    self.name, f"its certificate is not to be trusted ({cause.verify_message})",
                    hint=f"name the host as its certificate does, or your own authority in [{self.section}] ca_file",
                )  # fmt: skip
            cause = cause.__cause__ or cause.__context__
        said = str(problem) or type(problem).__name__
        hint = f"does it run, and is url in [{self.section}] right? Then {AGAIN}"
        return EngineFailed(self.name, said, hint=hint, status=-1)

    def _refused(self, method: str, path: str, status: int, body: bytes, wait: float | None) -> EngineFailed:
        """The error for a status that is not that of a good answer."""
        said = without_mailboxes(_said(body))
        problem = f"{method} {path.partition('?')[0]} is answered with {status}" + (f": {said}" if said else "")
        if status in (401, 403):
            hint = f"mend user, key or token of [{self.section}], or give that user the rights docs/engines.md names"
        elif status == 404:  # noqa: PLR2004 -- not found
            hint = f"is url in [{self.section}] right, and are the numbers there those of the engine?"
        elif status == TOO_MANY:
            hint = f"wait {f'{wait:g} s' if wait is not None else 'a while'}, then {AGAIN}"
        elif status >= SERVER_FAULT:
            hint = f"look into the engine's log; then {AGAIN}"
        elif status < FAULT:
            hint = f"its address is another one: set url in [{self.section}] to where it leads"
        else:
            hint = f"mend what it names; then {AGAIN}"
        return EngineFailed(self.name, problem, hint=hint, status=status)

    def _read(self, body: bytes, status: int) -> Any:  # noqa: ANN401 -- JSON
        if not body:
            return None
        try:
            return httpx.Response(status, content=body).json()
        except ValueError:
            beginning = without_mailboxes(" ".join(body[:80].decode("utf-8", "replace").split()))
            raise EngineFailed(
                self.name, f"its answer is no JSON: {beginning!r}", hint=f"is url in [{self.section}] that of its API?"
            ) from None


def _said(body: bytes) -> str:
    """What an engine said of a request it refused, in one line."""
    try:
        found = httpx.Response(OK, content=body).json()
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return str(found)[:300]
    words = [str(found[name]) for name in ("code", "message", "detail") if found.get(name)]
    return " ".join(" ".join(words).split())[:300]


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _trust(section: str, ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as problem:
        raise BadSetting(f"[{section}] ca_file", str(problem), hint="name a file of certificates (PEM)") from None
