"""What came over HTTP: the body of an answer, bounded however it is packed, and our errors for what came instead."""

from __future__ import annotations

import ssl
import zlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from generator.errors import BadCertificate, FetchError, NotData, TimedOut, TooLarge, Unreachable
from generator.sources.redaction import beginning, redacted

if TYPE_CHECKING:
    from generator.sources.http import Ask
    from generator.sources.limits import Deadline


def whole(response: httpx.Response, ask: Ask, *, largest: int, stop: Deadline) -> bytes:
    """The body, unpacked by ourselves so that no packing can make it larger than allowed."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise NotData(ask.source, ask.code, f"the answer is packed as {coding!r}, which was not asked for")
    if int(response.headers.get("content-length", "0")) > largest:
        raise TooLarge(ask.source, ask.code, limit=largest)
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if "gzip" in coding else None
    body, came = bytearray(), 0
    for chunk in response.iter_raw():
        came += len(chunk)
        try:
            body += chunk if unpacker is None else unpacker.decompress(chunk, largest + 1 - len(body))
        except zlib.error:
            raise NotData(ask.source, ask.code, "the answer cannot be unpacked", truncated=True) from None
        if max(len(body), came) > largest:
            raise TooLarge(ask.source, ask.code, limit=largest)
        if stop.left() <= 0:
            raise httpx.ReadTimeout("too slow as a whole")
    if not body or (unpacker is not None and not unpacker.eof):
        raise NotData(ask.source, ask.code, "the answer broke off" if body else "the answer is empty", truncated=True)
    return bytes(body)


def failure_of(problem: httpx.TransportError, ask: Ask, host: str, allowed: float) -> FetchError:
    """Our error for one of the library's."""
    if isinstance(problem, httpx.TimeoutException):
        return TimedOut(ask.source, ask.code, seconds=allowed)
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BadCertificate(ask.source, ask.code, host=host, problem=cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    said = redacted(str(problem)) or type(problem).__name__
    return Unreachable(ask.source, ask.code, f"{host}: {said}")


def refuse_markup(body: bytes, ask: Ask) -> None:
    """No source of ours answers in markup: HTML is an error page, and XML (with its entities) is never read."""
    if ask.expects != "XML" and body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise NotData(
            ask.source, ask.code, f"a page of HTML or XML came instead of {ask.expects}", came=beginning(body)
        )


def retry_after(said: str | None, sent: str | None) -> float | None:
    """The wait in seconds that a Retry-After names, as a number or as a date (counted from the answer's own Date).

    >>> retry_after("30", None)
    30.0
    >>> retry_after("Wed, 25 Nov 2026 12:01:00 GMT", "Wed, 25 Nov 2026 12:00:00 GMT")
    60.0
    """
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(sent or "")).total_seconds())
    except (ValueError, TypeError):
        return None
