"""Sending killed in the middle, again and again: nobody gets a letter twice, and everybody is accounted for."""

from __future__ import annotations

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import mailroom
from mailroom import Inbox, serving
from newsroom import ROOT

from generator.deliver.book import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsroom import Newsroom

READERS, KILLS, CONNECTIONS = 5_000, 20, 8

DAY = "2024-09-18"


def test_twenty_kills_double_nobody_and_lose_nobody(tmp_path: Path) -> None:
    """Killed with -9 at random moments; what the relay took is accepted or uncertain, what is uncertain is held."""
    book, inbox = tmp_path / "readers.sqlite", Inbox()
    mailroom.fill(book, READERS)
    start = multiprocessing.get_context("forkserver")
    start.set_forkserver_preload(["mailroom"])
    chance = random.Random(7)  # noqa: S311 -- moments, no secrets
    kills = 0
    with serving(inbox) as port:
        while kills < KILLS:
            goal = len(inbox.taken) + chance.randint(1, READERS // (KILLS + 5))
            sender = start.Process(target=mailroom.send, args=(book, port), kwargs={"connections": CONNECTIONS})
            sender.start()
            while sender.is_alive() and len(inbox.taken) < goal:
                sender.join(0.001)
            assert sender.is_alive(), "the run ended before it was killed"
            sender.kill()
            sender.join()
            kills += 1
        found = mailroom.send(book, port, connections=CONNECTIONS)

    assert max(inbox.copies.values()) == 1
    assert sum(found.values()) == READERS
    assert set(found) <= {"accepted", "uncertain"}
    accepted, uncertain = (mailroom.addresses(book, state) for state in ("accepted", "uncertain"))
    assert accepted <= set(inbox.copies) <= accepted | uncertain
    assert 0 < len(uncertain) <= KILLS * CONNECTIONS


# --- the whole command ------------------------------------------------------------------------------------------


@contextmanager
def command(office: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `capline send` in a process of its own, as a scheduler does."""
    running = subprocess.Popen(
        [sys.executable, "-m", "generator", "send"],
        cwd=office,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def stopped(office: Path, inbox: Inbox, how: signal.Signals) -> tuple[int, str, str]:
    """Send, and stop the command once some more readers have their letter; gives its code and what it printed."""
    goal = len(inbox.taken) + 40
    with command(office) as running:
        while running.poll() is None and len(inbox.taken) < goal:
            time.sleep(0.002)
        assert running.poll() is None, running.communicate()
        running.send_signal(how)
        said, wrong = running.communicate(timeout=60)
        return running.returncode, said, wrong


def test_the_command_killed_or_interrupted_doubles_nobody(tmp_path: Path, store_file: Path, room: Newsroom) -> None:
    """Killed with -9, then stopped with Ctrl-C, then let run: who has had it and who is in doubt add up."""
    count = 400
    office = mailroom.office(tmp_path, store_file, mailroom.own_letter(room, DAY), f"{DAY}-daily")
    book = office / "out/private/readers.sqlite"
    mailroom.fill(book, count)
    inbox = Inbox(answer=lambda *_: time.sleep(0.01))
    with serving(inbox) as port:
        with (office / "newsletter.toml").open("a", encoding="utf-8") as more:
            more.write(f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nconnections = 4\n')
        assert stopped(office, inbox, signal.SIGKILL)[0] == -signal.SIGKILL
        code, said, wrong = stopped(office, inbox, signal.SIGINT)
        after = states_of(book)
        with command(office) as running:
            last, problem = running.communicate(timeout=120)

    assert code == 130
    assert "capline: stopped" in wrong
    assert f"  accepted   {after['accepted']:>10,}\n" in said
    assert set(after) <= {"accepted", "uncertain", "planned"}  # Ctrl-C leaves nobody in doubt who was not before
    assert 0 < after["uncertain"] <= 4
    assert max(inbox.copies.values()) == 1
    found = states_of(book)
    assert found == {"accepted": count - found["uncertain"], "uncertain": after["uncertain"]}, last
    assert running.returncode == 8
    assert "uncertain" in problem


def states_of(path: Path) -> dict[str, int]:
    """Count the readers in each state, as they are."""
    with opened(path) as book:
        return dict(book.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
