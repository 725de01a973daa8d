"""Asking over HTTP: what is sent, what is tried again, what is refused, and what each mishap is called."""

from __future__ import annotations

import gzip
import logging
import os
import ssl
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import stamina
import trustme
from pydantic import SecretStr
from scripted import Reply, Request, Scripted, serving

from generator import __version__
from generator.errors import (
    BadCertificate,
    BadSetting,
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
from generator.sources.http import Ask, Fetcher
from generator.sources.limits import Deadline, Limit, Turns, patiently, pause
from generator.sources.redaction import beginning, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.org/rates.csv"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Between attempts nobody waits."""
    with stamina.set_testing(True, attempts=3):
        yield


def ask(url: str = URL, **more: object) -> Ask:
    """Give a request of the test source."""
    return Ask(**{"source": "test", "code": "DGS10", "url": url, "expects": "CSV", **more})  # type: ignore[arg-type]


def fetched(
    server: Scripted, one: Ask | None = None, *, timeout: float = 5, seconds: float = 60, largest: int = 1000
) -> bytes:
    """Fetch one answer."""
    with server.fetcher(largest=largest, turns=Turns({})) as fetcher:
        return fetcher.ask(one or ask(), bytes, timeout=timeout, deadline=Deadline.after(seconds))


# --- what is sent -----------------------------------------------------------------------------------------------


def test_the_request_says_who_asks_and_takes_gzip_only() -> None:
    """Name, version and, where given, a contact; no packing that we do not unpack with a bound."""
    with serving(lambda _: Reply(body=b"a")) as server, server.fetcher(contact="https://example.org/me") as fetcher:
        fetcher.ask(ask(), bytes, timeout=5, deadline=Deadline.after(5))
        headers = server.seen[0].headers

    assert headers["User-Agent"] == f"capline/{__version__} (+https://example.org/me)"
    assert headers["Accept-Encoding"] == "gzip"


def test_a_contact_is_one_line_of_plain_letters() -> None:
    """It goes into a header of every request."""
    for contact in ("https://exämple.org", "me\r\nX-Other: 1"):
        with pytest.raises(BadSetting, match="contact"):
            Fetcher.open(contact=contact)


def test_parameters_go_into_the_address_and_a_question_into_the_body() -> None:
    """GET without a question, POST with one; the key stands beside it in the body, not in the address."""
    with serving(lambda _: Reply(body=b"a")) as server:
        fetched(server, ask(params={"id": "DGS10"}))
        fetched(server, ask(json={"seriesid": ["A"]}, key=("registrationkey", SecretStr(KEY))))
        first, second = server.seen

    assert (first.method, first.host, first.params) == ("GET", "example.org", {"id": ["DGS10"]})
    assert (second.method, second.params) == ("POST", {})
    assert second.body == f'{{"seriesid":["A"],"registrationkey":"{KEY}"}}'.encode()


def test_a_packed_answer_is_unpacked() -> None:
    """By gzip."""
    with serving(lambda _: Reply(body=gzip.compress(b"a,b\n"), headers={"Content-Encoding": "gzip"})) as server:
        assert fetched(server) == b"a,b\n"


def test_a_redirection_is_followed_on_the_same_host_only() -> None:
    """Another host is not asked; the error names it."""

    def answer(request: Request) -> Reply:
        places = {"/rates.csv": "/moved.csv", "/away.csv": "https://elsewhere.example/x"}
        if request.path in places:
            return Reply(status=302, headers={"Location": places[request.path]})
        return Reply(body=b"here")

    with serving(answer) as server:
        assert fetched(server) == b"here"
        with pytest.raises(RefusedBySource, match=r"moved to elsewhere\.example") as caught:
            fetched(server, ask("https://example.org/away.csv"))
    assert caught.value.status == 302
    assert {request.host for request in server.seen} == {"example.org"}


# --- what is tried again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "attempts", "error"),
    [
        (Reply(status=500), 3, RefusedBySource),
        (Reply(status=503), 3, RefusedBySource),
        (Reply(status=429), 3, RateLimited),
        (Reply(body=b"a,b", claimed=10), 3, NotData),
        (Reply(body=gzip.compress(b"a,b" * 99)[:-9], headers={"Content-Encoding": "gzip"}), 3, NotData),
        (Reply(), 3, NotData),
        (Reply(status=401), 1, RefusedBySource),
        (Reply(status=403), 1, RefusedBySource),
        (Reply(status=404), 1, RefusedBySource),
        (Reply(body=b"<!DOCTYPE html><p>Sorry"), 1, NotData),
        (Reply(body=b"a" * 2000), 1, TooLarge),
        (Reply(body=b"a,b", headers={"Content-Encoding": "br"}), 1, NotData),
    ],
)
def test_only_what_passes_is_tried_again(bad: Reply, attempts: int, error: type[FetchError]) -> None:
    """Three attempts for the server's faults, limits and half answers; one for refusals and wrong answers."""
    with serving(lambda _: bad) as server, pytest.raises(error) as caught:
        fetched(server)

    assert len(server.seen) == attempts
    assert (caught.value.source, caught.value.code, caught.value.exit_code) == ("test", "DGS10", 3)
    assert str(caught.value).startswith("test, DGS10: ")
    assert caught.value.hint


def test_a_fault_that_passes_is_not_seen() -> None:
    """500, then 429, then the answer."""
    replies = iter([Reply(status=500), Reply(status=429), Reply(body=b"good")])
    with serving(lambda _: next(replies)) as server:
        assert fetched(server) == b"good"


def test_what_the_reader_finds_cut_is_asked_again() -> None:
    """Half a payload of the announced length shows only when it is read."""
    replies = iter([b"half", b"whole"])

    def read(body: bytes) -> bytes:
        if body == b"half":
            raise NotData("test", "DGS10", "cut", truncated=True)
        return body

    with serving(lambda _: Reply(body=next(replies))) as server, server.fetcher() as fetcher:
        assert fetcher.ask(ask(), read, timeout=5, deadline=Deadline.after(60)) == b"whole"


def test_a_status_may_mean_that_the_series_is_unknown() -> None:
    """Where the source says so by 404, it is no refusal."""
    with serving(lambda _: Reply(status=404)) as server, pytest.raises(UnknownCode):
        fetched(server, ask(unknown=(404,)))


@pytest.mark.parametrize(
    ("error", "left", "wait"),
    [
        (RateLimited("s", "c", retry_after=30), 60, 30.0),
        (RateLimited("s", "c", retry_after=90), 60, False),
        (RateLimited("s", "c", retry_after=None), 60, True),
        (RefusedBySource("s", "c", status=503, retry_after=5), 60, 5.0),
        (RefusedBySource("s", "c", status=500), 60, True),
        (RefusedBySource("s", "c", status=500), 1, False),
        (RefusedBySource("s", "c", status=400), 60, False),
        (NotData("s", "c", "cut", truncated=True), 60, True),
        (NotData("s", "c", "HTML"), 60, False),
        (EmptyAnswer("s", "c"), 60, False),
        (OutOfTime("s", "c"), 60, False),
        (ValueError("a bug"), 60, False),
    ],
)
def test_the_wait_is_what_the_source_says_if_there_is_time(error: Exception, left: float, wait: float) -> None:
    """Retry-After is obeyed when it fits into the time of the whole fetch; else the error is told at once."""
    assert pause(error, deadline=Deadline.after(left)) == wait


def test_retry_after_is_waited_for() -> None:
    """One second asked for, one second waited, by every thread that asks the host."""
    replies = iter([Reply(status=429, headers={"Retry-After": "1"}), Reply(body=b"good")])
    stamina.set_testing(False)
    began = time.monotonic()
    with serving(lambda _: next(replies)) as server:
        assert fetched(server) == b"good"

    assert 1 <= time.monotonic() - began < 3


# --- time -------------------------------------------------------------------------------------------------------


def test_silence_ends_in_timed_out() -> None:
    """Before the answer or in the midst of it."""
    for after in (0, 2):
        never = threading.Event()
        with serving(lambda _, after=after, hold=never: Reply(body=b"abcd", hold=hold, after=after)) as server:
            with pytest.raises(TimedOut, match=r"no answer within 0\.1 s"):
                fetched(server, timeout=0.1)
            never.set()
        assert len(server.seen) == 3


def test_drops_do_not_keep_a_request_alive() -> None:
    """An answer as a whole may take three times what silence may."""
    stop = threading.Event()

    class Drops(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while not stop.wait(0.05):
                yield b"a"

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drops()))
    with Fetcher.open(transport=transport) as fetcher, pytest.raises(TimedOut):
        fetcher.ask(ask(), bytes, timeout=0.1, deadline=Deadline.after(2.5))


def test_when_the_time_of_the_whole_fetch_is_over_nothing_is_asked() -> None:
    """OutOfTime, without a request."""
    with serving(lambda _: Reply(body=b"a")) as server, pytest.raises(OutOfTime):
        fetched(server, seconds=0)
    assert server.seen == []


def test_a_request_is_cut_off_where_the_whole_fetch_ends() -> None:
    """Then it is the fetch that ran out of time, not the source that was slow."""
    never = threading.Event()
    with serving(lambda _: Reply(body=b"abcd", hold=never)) as server:
        with pytest.raises(OutOfTime):
            fetched(server, timeout=30, seconds=0.2)
        never.set()


def test_of_two_at_a_time_there_are_never_three() -> None:
    """Six threads share the turns of a host."""
    turns, inside, most = Turns({"h": Limit(concurrent=2)}), [], []

    def work() -> None:
        with turns.turn("h", Deadline.after(10), source="s", code="c"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 6
    assert max(most) == 2


def test_requests_start_an_interval_apart() -> None:
    """On a clock of our own: at 0, 0.5 and 1 s, and when the host asked for 10 s of rest, then."""
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    turns = Turns({"h": Limit(interval=0.5)}, clock=lambda: now[0], sleep=sleep)
    starts = []
    for _ in range(4):
        with turns.turn("h", Deadline(100), source="s", code="c"):
            starts.append(now[0])
            now[0] += 0.125
        if len(starts) == 3:
            turns.rest("h", 10)

    assert starts == [0, 0.5, 1, 11.125]
    assert slept == [0, 0.375, 0.375, 10]


def test_two_in_any_second_may_start_at_once() -> None:
    """On a clock of our own: at 0 twice, then at 1 s; whoever waited longer starts two at once again."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    turns = Turns({"h": Limit(interval=0.5, burst=2)}, clock=lambda: now[0], sleep=sleep)
    starts = []
    for number in range(6):
        now[0] += 3 if number == 4 else 0
        with turns.turn("h", Deadline(100), source="s", code="c"):
            starts.append(now[0])

    assert starts == [0, 0, 1, 1, 4, 4]


def test_a_turn_that_comes_too_late_is_none() -> None:
    """A busy or resting host does not hold anyone beyond the end of the fetch; other hosts are free."""
    turns = Turns({"h": Limit(concurrent=1)})
    with turns.turn("h", Deadline.after(9), source="s", code="c"):
        with pytest.raises(OutOfTime), turns.turn("h", Deadline.after(0.01), source="s", code="c"):
            pass
        with turns.turn("other", Deadline.after(0.5), source="s", code="c"):
            pass
    turns.rest("h", 5)
    with pytest.raises(OutOfTime), turns.turn("h", Deadline.after(1), source="s", code="c"):
        pass


# --- size -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"a" * 50_000_000),
        Reply(body=b"a" * 100, claimed=50_000_000),
        Reply(body=gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["large", "announced", "gzip bomb"],
)
def test_an_answer_beyond_the_limit_is_cut_off(reply: Reply) -> None:
    """20 MB by default, unpacked; neither a large answer nor one that unpacks to a large one fills the memory."""
    with serving(lambda _: reply) as server, pytest.raises(TooLarge, match="larger than 20 MB"):
        fetched(server, largest=20_000_000)
    assert len(server.seen) == 1


# --- what came instead ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"\n <html><body>Access denied",
        b"\xef\xbb\xbf<!doctype html>",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>',
    ],
    ids=["page", "marked", "entity bomb"],
)
def test_markup_is_never_read(body: bytes) -> None:
    """HTML is an error page; XML and its entities are not even parsed. The message shows how it begins."""
    with serving(lambda _: Reply(body=body)) as server, pytest.raises(NotData, match="HTML or XML") as caught:
        fetched(server)
    assert caught.value.came.startswith("<")
    assert not caught.value.truncated


def test_what_came_is_shown_without_control_characters() -> None:
    """80 characters, on one line, printable, keys left out."""
    assert beginning(b"\x1b[31mred\n\tline  api_key=" + KEY.encode() + b" " + b"x" * 500) == (
        "[31mred line api_key=… " + "x" * 57
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"/fred/series?api_key={KEY}&id=DGS10", "/fred/series?api_key=…&id=DGS10"),
        (f'{{"registrationkey": "{KEY}"}}', '{"registrationkey": "…"}'),
        (f"The key:{KEY} provided by the User is invalid.", "The key:… provided by the User is invalid."),
        ("?crumb=AbC.d/e&x=1", "?crumb=…&x=1"),
    ],
)
def test_keys_are_cut_out_of_what_is_said(said: str, shown: str) -> None:
    """However they are named."""
    assert redacted(said) == shown


def test_a_key_is_nowhere_in_what_a_failure_leaves(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the log at its most talkative nor in the traceback, though the source repeats it."""
    caplog.set_level(logging.DEBUG)
    one = ask(json={"seriesid": ["A"]}, key=("registrationkey", SecretStr(KEY)), expects="JSON")
    echo = f"<p>{KEY}</p>".encode()
    told = []
    for reply in (Reply(body=echo), Reply(status=500, body=echo), Reply(status=429)):
        with serving(lambda _, reply=reply: reply) as server, server.fetcher() as fetcher:
            try:
                fetcher.ask(one, bytes, timeout=5, deadline=Deadline.after(9), hidden=[SecretStr(KEY)])
            except FetchError as error:
                told.append("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
                told.append(f"{error} {error.hint} {error.__context__!r} {error.__cause__!r}")

    assert len(told) == 6
    assert KEY not in "".join(told) + caplog.text + repr(one)


# --- connections ------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give an environment without proxies and certificates."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)
    return monkeypatch


def alone(url: str) -> bytes:
    """Fetch by a client of its own, as the environment has it."""
    with Fetcher.open() as fetcher:
        return fetcher.ask(ask(url), bytes, timeout=5, deadline=Deadline.after(30))


def test_nobody_there_is_unreachable(bare: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """The error names the host and, of the address, nothing more."""
    with serving(lambda _: Reply()) as server:
        port = server.port
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: ") as caught:
        alone(f"http://127.0.0.1:{port}/x?api_key={KEY}")
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Serve over TLS with a certificate that only its own authority vouches for: the port, the authority's file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(lambda _: Reply(body=b"safe")) as server:
        server.over(context)
        yield server.port, tmp_path / "ca.pem"


def test_a_certificate_nobody_vouches_for_is_refused(bare: pytest.MonkeyPatch, secure: tuple[int, Path]) -> None:
    """BadCertificate, and read once SSL_CERT_FILE names who vouches for it."""
    port, authority = secure
    with pytest.raises(BadCertificate, match="localhost is not trusted") as caught:
        alone(f"https://localhost:{port}/")
    assert "SSL_CERT_FILE" in caught.value.hint
    bare.setenv("SSL_CERT_FILE", str(authority))
    assert alone(f"https://localhost:{port}/") == b"safe"


def test_a_wrong_environment_is_named(bare: pytest.MonkeyPatch) -> None:
    """A file of certificates that is not there, a proxy that is no address."""
    bare.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(BadSetting, match="certificates"):
        Fetcher.open()
    bare.delenv("SSL_CERT_FILE")
    bare.setenv("https_proxy", "ftp://127.0.0.1:1")
    with pytest.raises(BadSetting, match="proxy"):
        Fetcher.open()


def test_the_proxy_of_the_environment_is_used(bare: pytest.MonkeyPatch) -> None:
    """In small letters, as every library understands it."""
    with serving(lambda _: Reply(body=b"by proxy")) as server:
        bare.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        assert alone("http://rates.example/x") == b"by proxy"


def test_others_may_be_patient_too() -> None:
    """Edges that ask through a library of their own use the same rule: three attempts."""
    calls = []

    def call() -> None:
        calls.append(1)
        raise Unreachable("s", "c", "nobody there")

    with pytest.raises(Unreachable):
        patiently(call, Deadline.after(9))
    assert len(calls) == 3


def test_what_asks_is_loaded_only_when_something_is_asked() -> None:
    """Neither the help nor a letter from the sample waits for the libraries of the network."""
    code = (
        "import sys, generator.cli, generator.pipeline, generator.sources.sample; "
        "print({'httpx', 'stamina', 'yfinance', 'fredapi', 'feedparser'} & set(sys.modules))"
    )
    root = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"
