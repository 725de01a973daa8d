"""Whether the hosts of sources answer, and what time they have: for `capline doctor`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from generator.errors import BadCertificate, BadSetting
from generator.sources.answers import failure_of
from generator.sources.http import Ask
from generator.sources.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOGETHER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of knocking at a host: how far its clock is ahead of ours, if it told the time; or what failed."""

    host: str
    ahead: timedelta | None = None
    problem: str = ""
    hint: str = ""


def reach(hosts: Sequence[str], *, timeout: float, clock: Callable[[], datetime]) -> tuple[Answer, ...]:
    """Knock at some hosts (HTTPS, HEAD /), beside each other; any answer will do. `clock` gives the time here, in UTC.

    Proxy and certificates are those of the environment; BadSetting if they cannot be used.
    """
    try:
        client = httpx.Client(timeout=timeout, follow_redirects=False)
    except (OSError, ValueError, httpx.InvalidURL) as problem:
        said = redacted(str(problem))
    else:
        with client, ThreadPoolExecutor(TOGETHER) as hands:
            return tuple(hands.map(lambda host: _knock(client, host, timeout, clock), hosts))
    raise BadSetting(
        "environment", f"the proxy or the certificates cannot be used: {said}", hint="see HTTPS_PROXY, SSL_CERT_FILE"
    )


def _knock(client: httpx.Client, host: str, timeout: float, clock: Callable[[], datetime]) -> Answer:
    ask = Ask(source="doctor", code=host, url=f"https://{host}/", expects="")
    try:
        response = client.head(ask.url)
    except httpx.TransportError as problem:
        failure = failure_of(problem, ask, host, timeout)
        said = str(failure).partition(": ")[2].replace(f"{host}: ", "")
        hint = failure.hint if isinstance(failure, BadCertificate) else f"see what `curl -I {ask.url}` says"
        return Answer(host=host, problem=said, hint=hint)
    return Answer(host=host, ahead=_ahead(response.headers, clock()))


def _ahead(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How far the time that an answer tells is ahead; a cache says how old its answer is."""
    try:
        told = parsedate_to_datetime(headers["date"])
        age = timedelta(seconds=int(headers.get("age", "0")))
    except (KeyError, ValueError):
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) + age - now
