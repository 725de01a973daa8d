"""The line to Yahoo: yfinance set up once a process, and what goes wrong on it told by name.

yfinance hides much: it asks each answer once more, keeps bad ones, logs what it should raise, and calls every outage
"possibly delisted". So its requests go through a session of ours that keeps what Yahoo last answered to this thread
and cuts off what is too slow or too large; an error is named by that answer, not by yfinance's guess.
"""

from __future__ import annotations

import atexit
import json
import logging
import re
import shutil
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import yfinance as yf
from curl_cffi import CurlECode, CurlOpt
from curl_cffi.requests import Response, Session
from curl_cffi.requests import exceptions as curl
from yfinance.cache import get_tz_cache
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError

from generator.errors import (
    BadCertificate,
    CannotWrite,
    EmptyAnswer,
    FetchError,
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
    from pathlib import Path

    from generator.sources.http import Access

Found = TypeVar("Found")

SOURCE = "yahoo"
LIMIT = 20_000_000  # bytes of one answer; a chart of 40 years has about one million
HOST = "query2.finance.yahoo.com"
DATA = ("/v8/finance/chart/", "/xhr/ncp")  # paths of what holds data, not cookies
REFUSED, GONE, TOO_MANY = 400, 404, 429  # statuses
# What yfinance raises, or trips over, on an answer it did not expect. curl's errors are OSErrors.
KNOWN = (YFException, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Yahoo answered to the last request for data."""

    host: str
    status: int
    retry_after: float | None  # seconds
    body: bytes


class Call(threading.local):
    """What belongs to the question that this thread puts: how long a request may take, what came, what was logged."""

    seconds: float = 0.0
    answer: Answer | None = None
    heard: tuple[str, ...] = ()


_call = Call()
_set_up = threading.Lock()


class Line(Session[Response]):
    """The session yfinance asks through: it keeps the answers, and holds every request to the time allowed."""

    def __init__(self) -> None:
        super().__init__(impersonate="chrome", curl_options={CurlOpt.MAXFILESIZE: LIMIT})

    def request(self, method: Any, url: str, **options: Any) -> Response:  # type: ignore[override]  # noqa: ANN401
        """Ask, as curl_cffi does, but for a cookie, too, no longer than for data (yfinance would wait 30 s)."""
        response = super().request(method, url, **{**options, "timeout": _call.seconds})
        parts = urlsplit(response.url)  # where redirections ended: a page that asks for consent is no answer
        if parts.path.startswith(DATA):
            _call.answer = Answer(
                host=parts.netloc,
                status=response.status_code,
                retry_after=retry_after(response.headers.get("Retry-After"), response.headers.get("Date")),
                body=response.content,
            )
        return response


class Ear(logging.Handler):
    """Keeps what yfinance logs as errors: what it swallowed instead of raising."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line if it tells of an error."""
        if record.levelno >= logging.ERROR:
            _call.heard = (*_call.heard, record.getMessage())


def ask(code: str, access: Access, question: Callable[[Line], Found]) -> tuple[Found, Answer]:
    """Put a question to yfinance, again after what may pass: what it gives, and the answer of Yahoo behind it.

    Raises FetchErrors, a different one for each way it can fail; what yfinance only logged is an error, too.
    """
    return patiently(partial(_once, code, access, question), access.deadline)


def _once(code: str, access: Access, question: Callable[[Line], Found]) -> tuple[Found, Answer]:
    with _set_up:
        line = _open(access.cache)
        get_tz_cache().store(code, "UTC")  # spares a request a symbol; our moments carry their own zone
        YfData.cache_get.cache_clear()  # it keeps bad answers for ever: a retry would ask nothing
    turns = access.http.turns
    with turns.turn(HOST, access.deadline, source=SOURCE, code=code):
        _call.answer, _call.heard = None, ()
        _call.seconds = max(min(access.timeout, access.deadline.left()), 0.01)  # curl takes 0 for no limit
        try:
            found = question(line)
        except KNOWN as problem:
            failure = named(problem, code, _call.answer, seconds=_call.seconds)
        else:
            answer = _call.answer
            if answer is not None and not _call.heard and answer.status < REFUSED:
                return found, answer
            failure = named(YFException("; ".join(_call.heard)), code, answer, seconds=_call.seconds)
    if isinstance(failure, RateLimited) and failure.retry_after and failure.retry_after < access.deadline.left():
        turns.rest(HOST, failure.retry_after)
    late = isinstance(failure, TimedOut) and access.deadline.left() <= 0
    raise OutOfTime(SOURCE, code) if late else failure


@lru_cache(maxsize=1)
def _open(cache: Path) -> Line:
    """The global state of yfinance, set before its first use: caches of this process, errors raised, its log heard.

    A cookie or a time zone kept on the disk could make the next run fail or differ: each begins without, and takes
    away what it kept unless it is stopped.
    """
    folder = cache / "yfinance"
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as problem:
        raise CannotWrite(folder, problem.strerror or "cannot be written") from None
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yf.set_tz_cache_location(str(folder))
    yf.config.debug.hide_exceptions = False
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"^yfinance")  # it prints its own, always
    logging.getLogger("yfinance").addHandler(Ear())
    return Line()


def named(problem: BaseException, code: str, answer: Answer | None, *, seconds: float) -> FetchError:
    """The error of ours for what yfinance raised, given what Yahoo had answered last."""
    if isinstance(problem, curl.RequestException) and not isinstance(problem, curl.InvalidJSONError):
        return _transport(problem, code, answer, seconds=seconds)
    if answer is None:
        return Unreachable(SOURCE, code, _said(problem) or "no answer")
    if isinstance(problem, YFRateLimitError) or answer.status == TOO_MANY:
        return RateLimited(SOURCE, code, retry_after=answer.retry_after)
    reason = reason_of(answer.body)
    if answer.status >= REFUSED:
        return _refusal(answer, code, reason)
    if isinstance(problem, YFPricesMissingError) and _is_json(answer.body):
        return NotData(SOURCE, code, f"says {reason!r}") if reason else EmptyAnswer(SOURCE, code)
    return _no_data(answer.body, code)


def _refusal(answer: Answer, code: str, reason: str) -> FetchError:
    if answer.status == GONE and reason:
        return UnknownCode(SOURCE, code, said=reason)
    return RefusedBySource(SOURCE, code, status=answer.status, said=reason, retry_after=answer.retry_after)


def _transport(problem: curl.RequestException, code: str, answer: Answer | None, *, seconds: float) -> FetchError:
    host = answer.host if answer else HOST
    if isinstance(problem, curl.Timeout):
        return TimedOut(SOURCE, code, seconds=seconds)
    if isinstance(problem, curl.SSLError):
        return BadCertificate(SOURCE, code, host=host, problem=_said(problem))
    if problem.code == CurlECode.FILESIZE_EXCEEDED:
        return TooLarge(SOURCE, code, limit=LIMIT)
    if isinstance(problem, curl.IncompleteRead | curl.ChunkedEncodingError):
        return NotData(SOURCE, code, "the answer broke off", truncated=True)
    return Unreachable(SOURCE, code, _said(problem))


def _said(problem: BaseException) -> str:
    """What curl says, without its frame."""
    said = re.sub(r"^Failed to perform, curl: \(\d+\) |\.? See https?://\S+.*$", "", str(problem))
    return redacted(" ".join(said.split()))


def _no_data(body: bytes, code: str) -> FetchError:
    """What came with status 200 and is no chart: a page, half of one, or another form."""
    came = beginning(body)
    if body.lstrip()[:1] == b"<" or b"Will be right back" in body:
        return NotData(SOURCE, code, "a web page came instead of data", came=came)
    if body.lstrip()[:1] in {b"{", b"["} and body.rstrip()[-1:] not in {b"}", b"]"} and not _is_json(body):
        return NotData(SOURCE, code, "the answer broke off", came=came, truncated=True)
    if not body.strip():
        return NotData(SOURCE, code, "nothing came", truncated=True)
    return NotData(SOURCE, code, "an answer of another form came", came=came)


def reason_of(body: bytes) -> str:
    """The reason that Yahoo gives in an error body, as one line; empty if it gives none."""
    if not _is_json(body):
        return ""
    told = json.loads(body)
    for part in ("chart", "finance", "quoteSummary"):
        inner = told.get(part) if isinstance(told, dict) else None
        error = inner.get("error") if isinstance(inner, dict) else None
        if isinstance(error, dict):
            return beginning(str(error.get("description") or error.get("code") or ""))
    return ""


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
