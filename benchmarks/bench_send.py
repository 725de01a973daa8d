"""How fast letters are made for each reader and handed over, and what a million readers cost.

python benchmarks/bench_send.py [--messages N] [--readers N] [--only make send slow readers dkim]

`send` needs smtp-sink, which Debian has in the package postfix. The relay of `slow` runs in a process of its own and
waits before each of its answers.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from generator.config import MailSettings, SmtpSettings  # noqa: E402 -- the path comes first
from generator.deliver import ledger, readers, smtp, tokens  # noqa: E402
from generator.deliver.book import opened, written  # noqa: E402
from generator.deliver.dkim import Signer  # noqa: E402
from generator.deliver.door import SmtpDoor  # noqa: E402
from generator.deliver.ledger import Ledger, Reader  # noqa: E402
from generator.deliver.message import compile_letter  # noqa: E402
from generator.deliver.post import Post  # noqa: E402
from generator.deliver.segments import Segment  # noqa: E402
from generator.deliver.sending import Sending  # noqa: E402
from generator.render.mail import WAY_OUT  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

EDITION, KEY, NOW = "2026-11-24-daily", b"k" * 32, datetime(2026, 11, 24, 22, 15, tzinfo=UTC)
POLICY = SMTP.clone(max_line_length=998)
MAIL = MailSettings(
    unsubscribe_url="https://letters.example.org/u/{token}", unsubscribe_mailto="leave@example.org",
    archive="https://example.org/{edition}/",
)  # fmt: skip
TEXT = "Small caps rose 1.9%, large caps fell 0.4%, and the ten-year yield moved by 3 basis points.\n" * 60
ROW = '<tr><th scope="row">Small caps</th><td style="padding:4px;text-align:right">1.9%</td><td>-0.4%</td></tr>\n'
HTML = f"<html><body><table>\n{ROW * 220}</table>\n"
BIG = 0.6  # part of the readers who are with one of five large providers
DELAY = 0.01  # seconds before each answer of the slow relay


def built(address: str, token: str) -> EmailMessage:
    """Build a reader's message with the standard library, as most senders do."""
    url = f"https://letters.example.org/u/{token}"
    message = EmailMessage(policy=POLICY)
    for name, value in (
        ("From", "Capline <letter@example.org>"), ("To", address), ("Subject", "Small caps rose 1.9%"),
        ("Date", format_datetime(NOW)), ("Message-ID", f"<{token}@example.org>"), ("List-Id", "<letter.example.org>"),
        ("List-Unsubscribe", f"<{url}>, <mailto:leave@example.org?subject=unsubscribe%20{token}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("List-Archive", "<https://example.org/>"),
        ("Feedback-ID", f"{EDITION}:daily:letter:example.org"), ("Auto-Submitted", "auto-generated"),
    ):  # fmt: skip
        message[name] = value
    message.set_content(f"{TEXT}\nUnsubscribe: {url}\n", cte="quoted-printable")
    html = f'{HTML}<a href="{url}">Unsubscribe</a></body></html>'
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def letter() -> bytes:
    """The same letter as Capline's letter.eml."""
    message = EmailMessage(policy=POLICY)
    message["Subject"], message["From"] = "Small caps rose 1.9%", "Capline <letter@example.org>"
    message.set_content(f"{TEXT}\nUnsubscribe: {WAY_OUT}\n", cte="quoted-printable")
    html = f'{HTML}<a href="{WAY_OUT}">Unsubscribe</a></body></html>'
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def post(*signers: Signer) -> Post:
    """Compile it."""
    return Post(
        compiled=compile_letter(letter(), MAIL, edition=EDITION, dated=NOW), key=KEY,
        through=tokens.last_day(date(2028, 11, 24)), sender="bounces@example.org", verp=False, signers=signers,
    )  # fmt: skip


def someone(number: int) -> Reader:
    """A reader."""
    return Reader(number, f"reader{number}@example.org", f"reader{number}@example.org")


def make(count: int) -> None:
    """Processor time of one reader's message, compiled and built."""
    made = post()
    start = time.process_time()
    for number in range(count):
        made.content(someone(number))
    ours = (time.process_time() - start) / count
    start = time.process_time()
    for number in range(count // 10):
        built(f"reader{number}@example.org", "t" * 32).as_bytes()
    theirs = (time.process_time() - start) / (count // 10)
    print(f"make    {made.compiled.size:,} octets: {ours * 1e6:,.1f} us, email.message {theirs * 1e6:,.0f} us,"
          f" ratio {ours / theirs:.4f}")  # fmt: skip


def sign(count: int) -> None:
    """Processor time of a message that is signed as well."""
    from nacl.signing import SigningKey  # noqa: PLC0415 -- only here

    seed = SigningKey.generate().encode()
    import base64  # noqa: PLC0415 -- only here

    made = post(Signer(b"example.org", b"e", base64.b64encode(seed), b"ed25519-sha256"))
    start = time.process_time()
    for number in range(count // 10):
        made.content(someone(number))
    print(f"dkim    Ed25519: {(time.process_time() - start) / (count // 10) * 1e6:,.0f} us a message")


def sent(port: int, count: int, connections: int, folder: Path) -> float:
    """Messages a second, ledger and all."""
    path = folder / f"{time.monotonic_ns()}.sqlite"
    with opened(path) as book:
        with written(book):
            rows = ((f"reader{number}@example.org",) * 2 for number in range(count))
            book.executemany("INSERT INTO reader (address, key) VALUES (?, ?)", rows)
        plan = ledger.plan(book, EDITION, "digest", Segment(kind="daily"), now=NOW)
        settings = SmtpSettings(host="127.0.0.1", port=port, security="none", connections=connections)
        there = smtp.Relay(settings=settings, password=None, hello="example.org")
        made = post()
        start = time.perf_counter()
        Sending(made, Ledger(book, plan.number), SmtpDoor(there), now=NOW, total=count).run(lambda _: None)
        seconds = time.perf_counter() - start
        if ledger.counts(book, plan.number) != {"accepted": count}:
            sys.exit(f"not all were accepted: {ledger.counts(book, plan.number)}")
    return count / seconds


def plain(port: int, count: int) -> float:
    """Messages a second with smtplib and email.message per reader, on one connection kept open, without a ledger."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "example.org") as line:
        for number in range(count):
            line.send_message(built(f"reader{number}@example.org", "t" * 32))
    return count / (time.perf_counter() - start)


def free() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str, port: int) -> Iterator[int]:
    """Run a server until we are done."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            server.kill()


def send(count: int, rounds: int = 3) -> None:
    """Into smtp-sink, turn by turn."""
    sink = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if sink is None:
        sys.exit("smtp-sink is not there: install the package postfix")
    port = free()
    with running(sink, "-u", "nobody", f"127.0.0.1:{port}", "256", port=port), tempfile.TemporaryDirectory() as name:
        for _ in range(rounds):
            theirs = plain(port, count // 10)
            rates = {connections: sent(port, count, connections, Path(name)) for connections in (1, 4, 16)}
            told = ", ".join(f"{rate:,.0f}/s on {n} ({rate / theirs:.1f}x)" for n, rate in rates.items())
            print(f"send    smtplib with email.message {theirs:,.0f}/s; ours {told}")


def slow(count: int, rounds: int = 3) -> None:
    """To a relay that answers after 10 ms: one connection against 16."""
    port = free()
    with running(sys.executable, __file__, "--relay", str(port), port=port), tempfile.TemporaryDirectory() as name:
        for _ in range(rounds):
            one, many = sent(port, count // 16, 1, Path(name)), sent(port, count, 16, Path(name))
            print(f"slow    1 connection {one:,.1f}/s, 16 connections {many:,.1f}/s ({many / one:.1f}x)")


async def relay(port: int) -> None:
    """A relay that waits before each answer; commands that came together are answered one after the other."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(words: bytes) -> None:
            await asyncio.sleep(DELAY)
            writer.write(words)

        await say(b"220 slow\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                await say(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            await say(b"250-slow\r\n250 PIPELINING\r\n" if word == b"EHLO" else b"250 ok\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=2**24)
    async with server:
        await server.serve_forever()


def million(count: int) -> None:
    """Import and plan readers; memory is that of this process, so run it alone with --only readers."""
    chance = random.Random(1)  # noqa: S311 -- no secrets
    homes = ("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "readers.csv").open("w", encoding="utf-8") as file:
            file.write("address,language,frequency,tags\n")
            for number in range(count):
                home = chance.choice(homes) if chance.random() < BIG else f"firm{chance.randrange(200_000)}.co.uk"
                file.write(
                    f"Reader.{chance.randrange(10**9):x}.{number}@{home},en,{chance.choice(('daily', 'weekly'))},vip\n"
                )
        with opened(folder / "book.sqlite") as book:
            start, processor = time.perf_counter(), time.process_time()
            found = readers.take_in(book, folder / "readers.csv", folder / "rejects.csv", now=NOW)
            took, worked = time.perf_counter() - start, time.process_time() - processor
            start = time.perf_counter()
            added = ledger.plan(book, EDITION, "digest", Segment(kind="weekly"), now=NOW).added
            planned = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"readers {found.added:,} imported in {took:.1f} s (processor {worked:.1f} s), {added:,} planned in"
          f" {planned:.1f} s, at most {peak:.0f} MB")  # fmt: skip


def main() -> None:
    """Measure what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--messages", type=int, default=5_000)
    asked.add_argument("--readers", type=int, default=1_000_000)
    asked.add_argument("--only", nargs="+", default=["readers", "make", "dkim", "send", "slow"])
    asked.add_argument("--relay", type=int, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.relay:
        asyncio.run(relay(chosen.relay))
    parts = {"readers": lambda: million(chosen.readers), "make": lambda: make(chosen.messages),
             "dkim": lambda: sign(chosen.messages), "send": lambda: send(chosen.messages),
             "slow": lambda: slow(chosen.messages)}  # fmt: skip
    for name in chosen.only:
        parts[name]()


if __name__ == "__main__":
    main()
