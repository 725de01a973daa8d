"""Sending killed in the middle, again and again: nobody gets a letter twice, and everybody is accounted for."""

from __future__ import annotations

import multiprocessing
import random
from typing import TYPE_CHECKING

import mailroom
from mailroom import Inbox, serving

if TYPE_CHECKING:
    from pathlib import Path

READERS, KILLS, CONNECTIONS = 5_000, 20, 8


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
