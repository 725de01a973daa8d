"""Sending to a real server on this machine: every answer it can give, and what becomes of each reader."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING

import pytest
from mailroom import EDITION, NOW, Inbox, addresses, fill, send, serving, states

from generator.cli.bar import Bar, bar, line
from generator.deliver import ledger
from generator.deliver.book import opened
from generator.deliver.ledger import Ledger, Outcome
from generator.deliver.pace import Bucket, Pace, is_trouble
from generator.deliver.readers import suppress
from generator.deliver.segments import Segment
from generator.deliver.sending import Progress
from generator.deliver.smtp import Answer
from generator.errors import BreakerOpen, LetterChanged, RelayFailed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def book(place: Path | str) -> Path | str:
    """Make a book with 30 readers."""
    fill(place, 30)
    return place


# --- every reader once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("connections", [1, 8])
def test_every_reader_gets_the_letter_once(book: Path, connections: int) -> None:
    """To their own address, with their own link."""
    inbox = Inbox()
    with serving(inbox) as port:
        assert send(book, port, connections=connections) == {"accepted": 30}

    assert set(inbox.copies.values()) == {1}
    assert len({content for _, _, content in inbox.taken}) == 30
    for address, sender, content in inbox.taken:
        assert f"To: {address}\r\n".encode() in content
        assert sender == "bounces@example.org"
    assert 1 <= len(inbox.sessions) <= connections


def test_sending_again_sends_only_to_those_who_have_not_had_it(book: Path) -> None:
    """New readers get it; the others do not get it twice."""
    inbox = Inbox()
    with serving(inbox) as port:
        send(book, port)
        with opened(book) as opening:
            opening.execute("INSERT INTO reader (address, key) VALUES ('new@example.org', 'new@example.org')")
        assert send(book, port) == {"accepted": 31}

    assert set(inbox.copies.values()) == {1}
    assert inbox.taken[-1][0] == "new@example.org"


def test_a_connection_is_opened_anew_after_so_many_messages(book: Path) -> None:
    """30 messages by tens are three connections."""
    inbox = Inbox()
    with serving(inbox) as port:
        send(book, port, connections=1, messages_per_connection=10)

    assert len(inbox.sessions) == 3


def test_dots_and_words_arrive_as_they_were_written(book: Path) -> None:
    """The server takes the doubled dots away again."""
    inbox = Inbox()
    with serving(inbox) as port:
        send(book, port)

    _, _, content = inbox.taken[0]
    assert b"\r\n.\r\n.. and a line of dots\r\n" in content
    assert b"\r\n.hidden" in content


# --- refusals ---------------------------------------------------------------------------------------------------


def test_a_reader_refused_for_good_is_not_tried_again(book: Path) -> None:
    """By recipient or by content; the others get their letter."""
    inbox = Inbox(
        greet=lambda address: "550 5.1.1 no such user" if address == "r7@example.org" else None,
        answer=lambda address, _: "554 5.6.0 no" if address == "r9@example.org" else None,
    )
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 28, "rejected": 2}
        assert send(book, port) == {"accepted": 28, "rejected": 2}

    assert addresses(book, "rejected") == {"r7@example.org", "r9@example.org"}
    assert inbox.tried["r9@example.org"] == 1


def suppressed(path: Path) -> dict[str, str]:
    """Give the suppressed mailboxes, with the reason."""
    with opened(path) as book:
        return dict(book.execute("SELECT key, reason FROM suppression"))


def test_a_mailbox_that_is_not_there_gets_nothing_more(book: Path) -> None:
    """As after a bounce by mail; what is said of the message or of us suppresses nobody."""
    said = {
        "r7@example.org": "550 5.1.1 no such user",
        "r8@example.org": "550 5.2.1 disabled",
        "r9@example.org": "550 5.2.2 full",
        "r11@example.org": "550 5.7.1 not from you",
        "r12@example.org": "550 no such user",
        "r13@example.org": "450 5.1.1 odd",
    }
    inbox = Inbox(greet=said.get)
    with serving(inbox) as port:
        assert send(book, port, connections=1)["rejected"] == 5

    assert suppressed(book) == {"r7@example.org": "bounced", "r8@example.org": "bounced"}


def test_a_relay_that_knows_nobody_suppresses_nobody(book: Path) -> None:
    """Its word on mailboxes counts once it has taken a message in the same run."""
    inbox = Inbox(greet=lambda _: "550 5.1.1 no such user")
    with serving(inbox) as port:
        assert send(book, port, connections=1) == {"rejected": 30}
    assert suppressed(book) == {}


def test_a_reader_put_off_is_tried_again_and_gets_it_once(book: Path) -> None:
    """Twice 451, then 250."""
    inbox = Inbox(
        answer=lambda address, times: "451 4.2.0 later" if address == "r7@example.org" and times < 3 else None
    )
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 30}

    assert inbox.tried["r7@example.org"] == 3
    assert set(inbox.copies.values()) == {1}


def test_who_is_put_off_too_often_waits_for_the_next_run(book: Path) -> None:
    """With two waits there are three tries in a run."""
    inbox = Inbox(
        answer=lambda address, times: "451 4.2.0 later" if address == "r7@example.org" and times < 5 else None
    )
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 29, "deferred": 1}
        assert inbox.tried["r7@example.org"] == 3
        assert send(book, port) == {"accepted": 30}


def test_a_broken_line_before_the_answer_leaves_uncertain_and_is_held(book: Path) -> None:
    """The server had it in one case and not in the other; we cannot know, so neither is sent again by itself."""
    inbox = Inbox(
        answer=lambda address, times: (
            {"r7@example.org": "cut", "r9@example.org": "drop"}.get(address) if times == 1 else None
        )
    )
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 28, "uncertain": 2}
        assert send(book, port) == {"accepted": 28, "uncertain": 2}
        assert addresses(book, "uncertain") == {"r7@example.org", "r9@example.org"}
        assert send(book, port, resolve="again") == {"accepted": 30}

    assert inbox.copies["r7@example.org"] == 2  # as the operator wanted, byte for byte the same
    assert inbox.copies["r9@example.org"] == 1
    assert len({content for address, _, content in inbox.taken if address == "r7@example.org"}) == 1


def test_the_operator_may_take_the_uncertain_as_had(book: Path) -> None:
    """Then nothing is sent again."""
    inbox = Inbox(answer=lambda _, times: "cut" if times == 1 and len(inbox.taken) < 2 else None)
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 28, "uncertain": 2}
        assert send(book, port, resolve="done") == {"accepted": 30}

    assert set(inbox.copies.values()) == {1}


def test_421_slows_down_and_nobody_is_lost(book: Path) -> None:
    """The relay hangs up every tenth message."""
    inbox = Inbox(
        answer=lambda _, times: "421 4.3.2 busy" if times == 1 and sum(inbox.tried.values()) % 10 == 0 else None
    )
    with serving(inbox) as port:
        assert send(book, port, connections=4) == {"accepted": 30}

    assert set(inbox.copies.values()) == {1}


def test_a_relay_that_refuses_us_opens_the_breaker(book: Path) -> None:
    """Policy refusals in a row: the list is not burnt through, and the error says what the relay said."""
    inbox = Inbox(answer=lambda *_: "550 5.7.26 <r1@example.org> not authenticated")
    with serving(inbox) as port, pytest.raises(BreakerOpen, match=r"5\.7\.26 <…> not authenticated") as caught:
        send(book, port, connections=1, give_up_after=5)

    assert caught.value.failures == 5
    assert states(book) == {"planned": 25, "rejected": 5}


def test_a_sender_that_is_refused_stops_the_run_and_rejects_nobody(book: Path) -> None:
    """It is our fault, not the reader's."""
    with serving(Inbox(), data_size_limit=None) as port:

        async def refuse(*_: object) -> str:
            return "550 5.1.8 bad sender"

        inbox = Inbox()
        inbox.handle_MAIL = refuse  # type: ignore[attr-defined]
    with serving(inbox) as port, pytest.raises(RelayFailed, match="refuses our sender"):
        send(book, port, connections=2)

    assert states(book) == {"planned": 30}


def test_a_relay_that_goes_away_opens_the_breaker_and_the_next_run_goes_on(book: Path) -> None:
    """What it had not taken is still to be sent."""
    inbox = Inbox()
    with serving(inbox) as port:
        inbox.answer = lambda *_: stop() if len(inbox.taken) == 10 else None

        def stop() -> str:
            inbox.greet = lambda _: "421 4.3.2 shutting down"
            return "421 4.3.2 shutting down"

        with pytest.raises(BreakerOpen, match="shutting down"):
            send(book, port, connections=1, give_up_after=3)
        inbox.answer, inbox.greet = lambda *_: None, lambda _: None
        assert send(book, port) == {"accepted": 30}

    assert set(inbox.copies.values()) == {1}


@contextmanager
def silent(*lines: bytes) -> Iterator[int]:
    """Run a server that says its lines, one for each thing it hears, and then nothing more."""
    with create_server(("127.0.0.1", 0)) as door:
        kept = []

        def serve() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                kept.append(caller)
                for words in lines:
                    caller.sendall(words)
                    caller.recv(65536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        for caller in kept:
            caller.close()


def test_a_server_that_accepts_and_then_hangs_is_given_up(book: Path) -> None:
    """Silence at the greeting is a clear error; nothing was handed over."""
    with silent() as port, pytest.raises(RelayFailed, match="no answer within"):
        send(book, port, timeout=0.2)
    assert states(book) == {"planned": 30}


def test_a_server_that_hangs_after_the_message_leaves_it_uncertain(book: Path) -> None:
    """It may have it."""
    talk = (b"220 x\r\n", b"250 x\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go\r\n")
    with silent(*talk) as port, pytest.raises(BreakerOpen, match="no answer within"):
        send(book, port, timeout=0.2, connections=1, give_up_after=1)
    assert states(book) == {"planned": 29, "uncertain": 1}


def test_an_international_address_waits_for_a_relay_that_takes_it(book: Path) -> None:
    """With SMTPUTF8 it goes out as it is; without, it is rejected by name."""
    with opened(book) as opening:
        opening.execute("INSERT INTO reader (address, key) VALUES ('josé@example.org', 'josé@example.org')")
    inbox = Inbox()
    with serving(inbox, enable_SMTPUTF8=False) as port:
        assert send(book, port) == {"accepted": 30, "rejected": 1}
    with serving(inbox, enable_SMTPUTF8=True) as port:
        assert send(book, port, resolve="rejected") == {"accepted": 31}

    assert inbox.taken[-1][0] == "josé@example.org"


# --- the ledger -------------------------------------------------------------------------------------------------


def test_who_leaves_between_planning_and_sending_gets_nothing(book: Path) -> None:
    """The claim looks at suppression once more."""
    inbox = Inbox()
    with opened(book) as opening:
        ledger.plan(opening, EDITION, "digest", Segment(kind="daily"), now=NOW)
        suppress(opening, "r7@example.org", "unsubscribed", now=NOW)
    with serving(inbox) as port:
        assert send(book, port) == {"accepted": 29, "suppressed": 1}
    assert "r7@example.org" not in inbox.copies


def test_another_letter_under_the_same_name_is_refused_once_someone_has_had_it(book: Path) -> None:
    """Before that it may be mended."""
    with opened(book) as opening:
        ledger.plan(opening, EDITION, "draft", Segment(), now=NOW)
    with serving(Inbox()) as port:
        send(book, port)
    with opened(book) as opening, pytest.raises(LetterChanged) as caught:
        ledger.plan(opening, EDITION, "mended", Segment(), now=NOW)
    assert caught.value.sent == 30


def test_a_claim_is_on_the_disk_before_anything_is_sent(book: Path) -> None:
    """Seen by another connection at that moment; and it can be had once only."""
    with opened(book) as opening, opened(book) as other:
        number = ledger.plan(opening, EDITION, "digest", Segment(), now=NOW).number
        mine = Ledger(opening, number)
        reader = mine.planned(after=0, limit=1)[0]
        assert mine.record(None, reader)
        assert ledger.counts(other, number) == {"planned": 29, "sending": 1}
        assert not mine.record(None, reader)
        assert not mine.record(Outcome(reader.number, "accepted", "250 ok"), None)
        assert ledger.counts(other, number) == {"planned": 29, "accepted": 1}
        wanted = {Path: ("PRAGMA synchronous", (2,)), str: ("SHOW synchronous_commit", ("on",))}  # 2 is FULL
        question, answer = wanted[str if isinstance(book, str) else Path]
        assert opening.execute(question).fetchone() == answer  # commits wait for the disk


FULL = """
import resource, signal, sys
from pathlib import Path
import mailroom
from generator.errors import BookError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
book = Path(sys.argv[1])
size = book.with_name(book.name + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    mailroom.send(book, int(sys.argv[2]), connections=2)
except BookError as problem:
    sys.exit(f"full: {problem}")
"""


def test_a_full_disk_in_the_middle_of_sending_loses_nobody(tmp_path: Path) -> None:
    """The run stops with a clear error; what was sent and could not be written down is uncertain, not sent again."""
    book, inbox = tmp_path / "readers.sqlite", Inbox()
    fill(book, 300)
    room = max(book.stat().st_size * 2, 400_000)
    paths = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    with serving(inbox) as port:
        found = subprocess.run(
            [sys.executable, "-c", FULL, str(book), str(port), str(room)],
            capture_output=True, text=True, check=False, env=paths,
        )  # fmt: skip
        assert found.stderr.startswith("full: the ledger:"), found.stderr
        assert 0 < len(inbox.taken) < 300
        result = send(book, port)

    assert sum(result.values()) == 300
    assert set(inbox.copies.values()) == {1}
    assert set(result) == {"accepted", "uncertain"}
    assert result["uncertain"] <= 2


# --- pace -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["rate", "rate_per_domain", "rate_per_connection"])
def test_no_more_than_so_many_a_second(book: Path, limit: str) -> None:
    """30 messages at 40 a second take three quarters of a second, or a little more."""
    start = time.monotonic()
    with serving(Inbox()) as port:
        assert send(book, port, connections=1 if limit == "rate_per_connection" else 4, **{limit: 40.0}) == {
            "accepted": 30
        }
    assert 0.6 < time.monotonic() - start < 3


def test_a_bucket_spaces_evenly_and_saves_up_little() -> None:
    """At 10 a second the tenth place is 0.9 s after the first; after a long pause a tenth of a second is made up."""
    bucket = Bucket(10)
    assert [bucket.reserve(100.0) for _ in range(3)] == pytest.approx([99.9, 100.0, 100.1])
    assert bucket.wait(100.0) == pytest.approx(0.2)
    assert Bucket(0).wait(5.0) <= 0


def test_failures_slow_everything_down_and_calm_speeds_it_up() -> None:
    """Each failure doubles the hold and halves the connections; twenty taken messages give one connection back."""
    pace = Pace(connections=8, give_up_after=10)

    pace.trouble("421 busy", now=100.0)
    assert pace.allowed == 4
    assert 100.75 <= pace.until <= 101.25
    pace.trouble("421 busy", now=100.1)  # another connection, the same moment
    assert pace.allowed == 4
    pace.trouble("421 busy", now=110.0)
    assert pace.allowed == 2
    assert 111.5 <= pace.until <= 112.5

    for _ in range(20):
        pace.fine()
    assert (pace.allowed, pace.failures) == (3, 0)


def test_the_breaker_opens_after_failures_in_a_row_only() -> None:
    """A message taken between starts the count anew; a hundred readers refused in a row are a failure of ours too."""
    pace = Pace(connections=1, give_up_after=3)
    for _ in range(5):
        pace.trouble("x", 0.0)
        pace.trouble("x", 0.0)
        pace.fine()
    assert not pace.open
    for _ in range(31):
        pace.refusal("550 5.1.1 no such user")
    assert pace.open


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        (Answer("rcpt", 550, "5.1.1 no such user"), False),
        (Answer("rcpt", 450, "4.2.0 greylisted"), False),
        (Answer("content", 550, "5.7.26 unauthenticated"), True),
        (Answer("rcpt", 452, "4.3.1 no room"), True),
        (Answer("rcpt", 421, "too many"), True),
        (Answer("mail", 550, "who are you"), True),
        (Answer("content", 552, "too big"), True),
        (Answer("rcpt", 550, ""), False),
    ],
)
def test_what_the_relay_says_of_us_is_told_from_what_it_says_of_a_reader(answer: Answer, *, ours: bool) -> None:
    """By RFC 3463: x.3 is the system, x.7 is policy."""
    assert is_trouble(answer) == ours


# --- what is told meanwhile -------------------------------------------------------------------------------------


def test_a_run_tells_count_rate_and_time_left() -> None:
    """A quarter after ten seconds: half a minute is left; who comes again is not done."""
    progress = Progress(total=1_000, outcomes={"accepted": 240, "rejected": 10, "retried": 3}, seconds=10.0)

    assert line(progress) == "250 of 1,000, 25 a second, 0:30 left, 10 rejected, 3 retried"
    assert bar(progress) == "[#######.......................]"


def test_without_a_terminal_there_is_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """And none before."""
    told = Bar()
    for seconds in range(1, 26):
        told.show(Progress(total=100, outcomes={"accepted": seconds}, seconds=float(seconds)))
    told.close()

    assert capsys.readouterr().err.splitlines() == [
        "capline: 10 of 100, 1 a second, 1:30 left",
        "capline: 20 of 100, 1 a second, 1:20 left",
    ]
