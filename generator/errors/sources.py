"""Errors of sources: try again, or mend the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors.base import CaplineError

if TYPE_CHECKING:
    from datetime import datetime


class SourceError(CaplineError):
    """A source did not answer, or answered nonsense: try later or use another."""

    exit_code = 3


class DamagedData(SourceError):
    """A committed or recorded payload that cannot be read as what it claims to be."""


class FetchError(SourceError):
    """A request to a live source that gave no observations: which source, which series or file, and what to try."""

    def __init__(self, source: str, code: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{source}, {code}: {problem}", hint=hint)
        self.source, self.code = source, code


class Unreachable(FetchError):
    """No connection to the source, or one that broke before it answered."""

    def __init__(self, source: str, code: str, problem: str) -> None:
        super().__init__(
            source, code, f"cannot be reached: {problem}", hint="check the network and the proxy (`capline doctor`)"
        )


class TimedOut(FetchError):
    """The source was silent for longer than a request may take."""

    def __init__(self, source: str, code: str, *, seconds: float) -> None:
        super().__init__(
            source, code, f"no answer within {seconds:g} s", hint="run it again; what had arrived before is kept"
        )
        self.seconds = seconds


class RateLimited(FetchError):
    """The source asks to be left alone for a while; `retry_after` is in seconds, None where it does not say."""

    def __init__(self, source: str, code: str, *, retry_after: float | None) -> None:
        wait = "it does not say for how long" if retry_after is None else f"for {retry_after:.0f} s"
        super().__init__(
            source,
            code,
            f"asks for fewer requests ({wait})",
            hint=f"fetch again later with `capline fetch --source {source}`; others are not held up by it",
        )
        self.retry_after = retry_after


class RefusedBySource(FetchError):
    """The source answered, with a refusal; `status` is that of HTTP, `retry_after` the wait in seconds, if it says."""

    def __init__(
        self, source: str, code: str, *, status: int, said: str = "", retry_after: float | None = None
    ) -> None:
        passing = "it is the source's own trouble: try later"
        lasting = "see whether the source still serves this address or the key is right (`capline doctor`)"
        super().__init__(
            source,
            code,
            f"refused with status {status}{f': {said}' if said else ''}",
            hint=passing if status >= 500 else lasting,  # noqa: PLR2004 -- HTTP: from 500 on it is the server's fault
        )
        self.status, self.retry_after = status, retry_after


class BadCertificate(FetchError):
    """The source could not prove that it is who it says; nothing was read."""

    def __init__(self, source: str, code: str, *, host: str, problem: str) -> None:
        super().__init__(
            source,
            code,
            f"the certificate of {host} is not trusted ({problem})",
            hint="behind a company's proxy set SSL_CERT_FILE to its certificates; else read nothing over this network",
        )
        self.host = host


class NotData(FetchError):
    """An answer that is not the data asked for; `truncated` if it is the beginning of it."""

    def __init__(self, source: str, code: str, problem: str, *, came: str = "", truncated: bool = False) -> None:
        super().__init__(
            source,
            code,
            f"{problem}{f'; it begins {came!r}' if came else ''}",
            hint="try again later; if it stays so, the source has changed its form and Capline needs to know",
        )
        self.came, self.truncated = came, truncated


class EmptyAnswer(FetchError):
    """A well-formed answer without a single value for a series that should have some."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(
            source,
            code,
            "answered without a single value",
            hint="nothing was changed; try later, or another source for it (`capline sources`)",
        )


class StaleFeed(FetchError):
    """A feed of news that still answers, with items of long ago only."""

    def __init__(self, source: str, code: str, *, newest: datetime, days: int) -> None:
        super().__init__(
            source,
            code,
            f"the newest item is of {newest:%Y-%m-%d}, more than {days} days old",
            hint="the publisher seems to have left it: take it out of the settings, or another in its place",
        )
        self.newest = newest


class TooLarge(FetchError):
    """An answer beyond the size that is read; it was cut off there, and nothing of it is used."""

    def __init__(self, source: str, code: str, *, limit: int) -> None:
        super().__init__(
            source,
            code,
            f"the answer is larger than {limit / 1e6:.0f} MB",
            hint="no series is that large: the source is broken or another one answers; try later",
        )
        self.limit = limit


class UnknownCode(FetchError):
    """The source does not know a series by the name we ask for."""

    def __init__(self, source: str, code: str, *, said: str = "") -> None:
        super().__init__(
            source,
            code,
            f"the source knows no series of this name{f': {said}' if said else ''}",
            hint="mend the code, or leave the series out",
        )
        self.said = said


class MissingKey(FetchError):
    """The source wants a key, and none is set; `variable` is where it is looked for."""

    def __init__(self, source: str, code: str, *, variable: str) -> None:
        super().__init__(
            source, code, "a key is needed", hint=f"set {variable} in the environment or in .env, or do without"
        )
        self.variable = variable


class OutOfTime(FetchError):
    """The time for the whole fetch is used up."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(
            source,
            code,
            "the time for the whole fetch is used up",
            hint="run `capline fetch` again: it goes on where it stopped",
        )
