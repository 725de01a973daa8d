"""The door to FRED: fredapi asks through it, and never holds the key.

fredapi waits for ever, reads answers of any size, puts the key into addresses that its errors carry, and names no
status. All of that is mended from outside, in the handler of urllib that its requests pass through: fredapi writes
a word in the key's place, the handler sends the key and keeps what came back. The handler stands in the opener of the
process, as urllib has it; requests to other hosts pass through it untouched.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
import urllib.request
from copy import copy
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlsplit
from urllib.response import addinfourl

from fredapi import Fred

from generator.errors import (
    BadCertificate,
    FetchError,
    MissingKey,
    NotData,
    OutOfTime,
    RateLimited,
    RefusedBySource,
    TimedOut,
    TooLarge,
    UnknownCode,
    Unreachable,
)
from generator.sources.answers import retry_after
from generator.sources.limits import patiently
from generator.sources.redaction import beginning, redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from generator.sources.http import Access

Found = TypeVar("Found")

SOURCE, HOST = "fred", "api.stlouisfed.org"
VARIABLE = "FRED_API_KEY"
MASK = "KEY"  # what fredapi takes for the key
LIMIT = 20_000_000  # bytes; the 100 000 observations of the longest answer are about 10 million
WHOLE = 3  # an answer may take so many times what silence may
OK, REFUSED, TOO_MANY = 200, 400, 429  # statuses
# What fredapi raises, or trips over; a ParseError of its XML is a SyntaxError
KNOWN = (ValueError, SyntaxError, TypeError, LookupError, AttributeError, OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What FRED answered, the key cut out of it should it repeat it."""

    status: int
    retry_after: float | None  # seconds
    body: bytes


class TooMuch(OSError):
    """An answer beyond the limit. Named outside the door: on what is raised in here hang frames that hold the key."""


class Call(threading.local):
    """What belongs to the question that this thread puts."""

    key: SecretStr | None = None
    seconds: float = 0.0  # of silence allowed
    answer: Answer | None = None


_call = Call()
_set_up = threading.Lock()


class Door(urllib.request.HTTPSHandler):
    """Sends the key in the place of the word, within limits of time and size, and keeps the answer."""

    def https_open(self, req: urllib.request.Request) -> Any:  # noqa: ANN401 -- as in urllib
        """Open a request; those to other hosts as urllib does."""
        if urlsplit(req.full_url).hostname != HOST or _call.key is None:
            return super().https_open(req)
        keyed = copy(req)
        keyed.timeout = _call.seconds
        keyed.selector = _with_key(req.selector, _call.key)
        with super().https_open(keyed) as response:
            body = _read(response, stop=time.monotonic() + WHOLE * _call.seconds)
        body = body.replace(_call.key.get_secret_value().encode(), MASK.encode())
        wait = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
        _call.answer = Answer(status=response.status, retry_after=wait, body=body)
        readable = b"" if _declares(body) else body  # what is empty, fredapi cannot read, and says so
        passed = addinfourl(BytesIO(readable), response.headers, req.full_url, response.status)
        passed.msg = response.reason  # type: ignore[attr-defined] # urllib's processors of errors read it
        return passed


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: it would carry the key to wherever the answer points."""

    def redirect_request(self, *_: object) -> None:
        """Nothing: the redirection becomes an error with its status."""


def _with_key(selector: str, key: SecretStr) -> str:
    return selector.replace(f"api_key={MASK}", f"api_key={quote_plus(key.get_secret_value())}")


def _read(response: http.client.HTTPResponse, *, stop: float) -> bytes:
    """The body; it may not drip for ever, nor grow beyond the limit, nor end early."""
    body = bytearray()
    while chunk := response.read1(1 << 16):
        body += chunk
        if len(body) > LIMIT:
            raise TooMuch
        if time.monotonic() > stop:
            raise TimeoutError
    promised = response.headers.get("Content-Length", "")
    if promised.isdecimal() and int(promised) != len(body):
        raise http.client.IncompleteRead(b"", int(promised) - len(body))
    return bytes(body)


def _declares(body: bytes) -> bool:
    """Whether a document declares a type or entities, which no answer of FRED does, but pages and bombs do."""
    plain = body.replace(b"\0", b"").upper()  # in UTF-16 every other byte is none
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


@lru_cache(maxsize=1)
def _client() -> Fred:
    """The one client, and our handlers in place of those it may have installed.

    With only one of HTTP_PROXY and HTTPS_PROXY set, fredapi would break every later request of the process over plain
    HTTP; urllib's own handler reads both, in either case of letters.
    """
    client = Fred(api_key=MASK)
    urllib.request.install_opener(urllib.request.build_opener(Door, Stay))
    return client


def ask(code: str, access: Access, question: Callable[[Fred], Found]) -> tuple[Found, Answer]:
    """Put a question to fredapi, again after what may pass: what it gives, and the answer of FRED behind it.

    Raises FetchErrors, a different one for each way it can fail. None of them, nor what hangs on them, holds the key.
    """
    if access.fred_key is None or not access.fred_key.get_secret_value():
        raise MissingKey(SOURCE, code, variable=VARIABLE)
    return patiently(partial(_once, code, access, question), access.deadline)


def _once(code: str, access: Access, question: Callable[[Fred], Found]) -> tuple[Found, Answer]:
    with _set_up:
        client = _client()
    turns = access.http.turns
    with turns.turn(HOST, access.deadline, source=SOURCE, code=code):
        _call.key, _call.answer = access.fred_key, None
        _call.seconds = max(min(access.timeout, access.deadline.left()), 0.01)
        try:
            found = question(client)
        except KNOWN as problem:
            failure = named(problem, code, _call.answer, seconds=_call.seconds)
        else:
            answer = _call.answer
            if answer is not None and b"<observations" in answer.body[:500] + answer.body[-500:]:
                return found, answer
            if answer is not None and b"<vintage_dates" in answer.body[:500]:
                return found, answer
            failure = named(ValueError("an answer of another form"), code, answer, seconds=_call.seconds)
        finally:
            _call.key = None
    if isinstance(failure, RateLimited) and failure.retry_after and failure.retry_after < access.deadline.left():
        turns.rest(HOST, failure.retry_after)
    late = isinstance(failure, TimedOut) and access.deadline.left() <= 0
    raise OutOfTime(SOURCE, code) if late else failure  # outside the block: nothing of what was caught hangs on it


def named(problem: BaseException, code: str, answer: Answer | None, *, seconds: float) -> FetchError:
    """The error of ours for what fredapi raised, given what FRED had answered."""
    if answer is None:
        return _transport(problem, code, seconds=seconds)
    if answer.status == TOO_MANY:
        return RateLimited(SOURCE, code, retry_after=answer.retry_after)
    if answer.status != OK:
        read = isinstance(problem, ValueError) and isinstance(problem.__context__, HTTPError)  # not a ParseError
        return _refusal(answer, code, beginning(str(problem)) if read else "")
    return _no_data(answer, code)


def _refusal(answer: Answer, code: str, said: str) -> FetchError:
    if answer.status == REFUSED and "does not exist" in said:
        return UnknownCode(SOURCE, code, said=said)
    return RefusedBySource(SOURCE, code, status=answer.status, said=said, retry_after=answer.retry_after)


def _no_data(answer: Answer, code: str) -> FetchError:
    """What came with status 200 and is no answer to the question."""
    came, body = beginning(answer.body), answer.body.strip()
    if _declares(body):
        return NotData(SOURCE, code, "a web page, or a document with entities of its own, came", came=came)
    if not body or (body.startswith(b"<?xml") and not body.endswith(b"</observations>")):
        return NotData(SOURCE, code, "the answer broke off", came=came, truncated=True)
    return NotData(SOURCE, code, "an answer of another form came", came=came)


def _transport(problem: BaseException, code: str, *, seconds: float) -> FetchError:
    cause = problem.reason if isinstance(problem, URLError) else problem
    if isinstance(cause, TooMuch):
        return TooLarge(SOURCE, code, limit=LIMIT)
    if isinstance(cause, TimeoutError):
        return TimedOut(SOURCE, code, seconds=seconds)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return BadCertificate(SOURCE, code, host=HOST, problem=cause.verify_message)
    if isinstance(cause, http.client.IncompleteRead):
        return NotData(SOURCE, code, "the answer broke off", truncated=True)
    return Unreachable(SOURCE, code, redacted(str(cause)) or type(cause).__name__)
