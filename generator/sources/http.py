"""Asking over HTTP: one client for all edges, with limits in time, size and number, and an error for each mishap.

Proxy and certificates are those of the environment, as httpx reads them. A key never leaves this module: it is sent
in the body, cut out of what comes back, and out of every message.
"""

from __future__ import annotations

import logging
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from generator import __version__
from generator.errors import (
    BadSetting,
    FetchError,
    NotData,
    OutOfTime,
    RateLimited,
    RefusedBySource,
    TimedOut,
    UnknownCode,
)
from generator.sources.answers import failure_of, refuse_markup, retry_after, whole
from generator.sources.limits import Deadline, Turns, patiently
from generator.sources.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    from pydantic import SecretStr

LARGEST = 20_000_000  # bytes of an answer, unpacked
REDIRECTS = 5
WHOLE = 3  # an answer may take so many times what silence may
OK, TOO_MANY = 200, 429

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: where, what for, and what the answer should be."""

    source: str  # "treasury"
    code: str  # for messages: the series, or the label of the batch
    url: str
    expects: str  # "CSV", "JSON", "a zip archive"; XML is let through only where it is "XML"
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None  # sent by POST
    key: tuple[str, SecretStr] | None = None  # goes into `json` under this name
    unknown: Collection[int] = ()  # the statuses by which the source says that it knows no such series


class Fetcher:
    """The client all edges share; safe to use from several threads, to be closed when the fetch ends."""

    def __init__(self, client: httpx.Client, *, turns: Turns, largest: int = LARGEST) -> None:
        self.client, self.turns, self.largest = client, turns, largest

    @classmethod
    def open(
        cls,
        *,
        contact: str = "",
        largest: int = LARGEST,
        turns: Turns | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Fetcher:
        """A fetcher that says who it is; `contact` is an address where its user can be reached.

        Without `transport` the environment's proxy and certificates are used; BadSetting if they cannot be.
        """
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below it, they log addresses with all parameters
        if not (contact.isascii() and contact.isprintable()):
            raise BadSetting(
                "contact", f"{contact!r} cannot stand in a request", hint="name an address in plain letters"
            )
        agent = f"capline/{__version__}{f' (+{contact})' if contact else ''}"
        headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
        try:
            client = httpx.Client(headers=headers, transport=transport)
        except (OSError, ValueError, httpx.InvalidURL) as problem:
            said = redacted(str(problem))
        else:
            return cls(client, turns=turns or Turns(), largest=largest)
        raise BadSetting(
            "environment",
            f"the proxy or the certificates cannot be used: {said}",
            hint="see HTTPS_PROXY, SSL_CERT_FILE",
        )

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def ask(
        self,
        ask: Ask,
        read: Callable[[bytes], T],
        *,
        timeout: float,
        deadline: Deadline,
        hidden: Collection[SecretStr] = (),
    ) -> T:
        """What `read` makes of the answer. Both are tried again after an error that may pass; raises FetchErrors.

        `timeout` is the silence allowed, in seconds; an answer as a whole may take three times as long. `hidden` are
        keys to be cut out of the answer, should it repeat them.
        """

        def once() -> T:
            body = self._body(ask, timeout=timeout, deadline=deadline)
            for secret in hidden:
                body = body.replace(secret.get_secret_value().encode(), "…".encode())
            refuse_markup(body, ask)
            return read(body)

        return patiently(once, deadline)

    def _body(self, ask: Ask, *, timeout: float, deadline: Deadline) -> bytes:
        """The body of a good answer; the error that fits, without the library's own, which would hold the address."""
        host = urlsplit(ask.url).hostname or ""
        with self.turns.turn(host, deadline, source=ask.source, code=ask.code):
            allowed = min(timeout, deadline.left())
            try:
                response = self._send(ask, allowed)
                with closing(response):
                    self._accept(response, ask, deadline)
                    stop = Deadline(min(time.monotonic() + WHOLE * timeout, deadline.ends))
                    try:
                        return whole(response, ask, largest=self.largest, stop=stop)
                    except (httpx.RemoteProtocolError, httpx.ReadError) as problem:
                        failure: FetchError = NotData(
                            ask.source, ask.code, f"the answer broke off: {redacted(str(problem))}", truncated=True
                        )
            except httpx.TransportError as problem:
                failure = failure_of(problem, ask, host, allowed)
        late = isinstance(failure, TimedOut) and deadline.left() <= 0
        raise OutOfTime(ask.source, ask.code) if late else failure

    def _send(self, ask: Ask, allowed: float) -> httpx.Response:
        """Send, and follow redirections that stay on the host."""
        content = None if ask.json is None else dict(ask.json)
        if content is not None and ask.key is not None:
            content[ask.key[0]] = ask.key[1].get_secret_value()
        method = "GET" if content is None else "POST"
        params = dict(ask.params) or None
        request = self.client.build_request(method, ask.url, params=params, json=content, timeout=allowed)
        for _ in range(REDIRECTS):
            response = self.client.send(request, stream=True)
            following = response.next_request
            if following is None or (following.url.host, following.url.scheme) != (
                request.url.host,
                request.url.scheme,
            ):
                break
            response.close()
            request = following
        return response

    def _accept(self, response: httpx.Response, ask: Ask, deadline: Deadline) -> None:
        """Raise the error of a status that is not that of a good answer."""
        status = response.status_code
        if status == OK:
            return
        wait = retry_after(response.headers.get("retry-after"), response.headers.get("date"))
        if wait is not None and wait < deadline.left():
            self.turns.rest(response.url.host, wait)
        if status == TOO_MANY:
            raise RateLimited(ask.source, ask.code, retry_after=wait)
        if status in ask.unknown:
            raise UnknownCode(ask.source, ask.code)
        moved = f"moved to {response.next_request.url.host}" if response.next_request else response.reason_phrase
        raise RefusedBySource(ask.source, ask.code, status=status, said=moved, retry_after=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an edge needs to ask: the client, the keys (masked wherever they are shown), and how long it may take."""

    http: Fetcher
    fred_key: SecretStr | None
    bls_key: SecretStr | None
    cache: Path  # a folder for what libraries want to keep
    now: datetime  # UTC
    timeout: float  # seconds of silence allowed in a request
    deadline: Deadline  # of the whole fetch

    def ask(self, ask: Ask, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the answer to a request; see `Fetcher.ask`."""
        hidden = [key for key in (self.fred_key, self.bls_key) if key is not None and key.get_secret_value()]
        return self.http.ask(ask, read, timeout=self.timeout, deadline=self.deadline, hidden=hidden)
