"""The arguments of the commands that send: readers, preflight, send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

ACTIONS = ("import", "export", "list", "suppress", "lift")


def add(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    """Add the commands; `command` makes one from its name, its line of help and what more there is to say."""
    _readers(command)
    _preflight(command)
    _send(command)


def _readers(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    found = command(
        "readers", "take readers in, give them out, list them, or never write to them again",
        "import FILE     CSV, a plain list of addresses, or JSON lines; what is wrong goes to FILE.rejects.csv\n"
        "export FILE     the same with status and proof, by the end of its name (.csv, .jsonl)\n"
        "list            one line for each; with --edition, how that letter's delivery stands\n"
        "suppress ADDRESS ...   nothing more is sent, whatever is imported later\n"
        "lift ADDRESS ...       the reader has asked for the letter again",
    )  # fmt: skip
    found.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    found.add_argument("names", nargs="*", metavar="NAME", help="a file, or addresses")
    found.add_argument("--rejects", type=Path, metavar="FILE", help="where rows go that are not taken")
    found.add_argument("--reason", default="unsubscribed", help="unsubscribed, bounced or complained")
    found.add_argument("--kind", default="", metavar="KIND", help="only those who get this kind of letter")
    found.add_argument("--language", default="", metavar="TAG", help="only those who read this language, such as en")
    found.add_argument("--tag", default="", metavar="TAG", help="only those with this tag")
    found.add_argument("--edition", metavar="ID", help="deliveries of this edition")
    found.add_argument("--state", metavar="STATE", help="only those in this state, such as uncertain")


def _preflight(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    found = command(
        "preflight", "say whether a letter may be sent, and every reason against it",
        "Looks at data, guard, letter against edition and store, headers, size, links, and the public page.\n"
        "Nothing is sent or written.",
    )  # fmt: skip
    found.add_argument("--edition", metavar="ID", help="such as 2024-09-18-daily (default: the newest)")


def _send(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    found = command(
        "send", "send a letter to every reader who has not had it",
        "Runs preflight first. Sending again sends only to those who have not had it. What was handed over when the\n"
        "line broke is uncertain and held: --resolve again sends it, --resolve done takes it as had; --resolve\n"
        "rejected tries those once more whom the relay refused.",
    )  # fmt: skip
    found.add_argument("--edition", metavar="ID", help="such as 2024-09-18-daily (default: the newest)")
    found.add_argument("--dry-run", action="store_true", help="show who would get what; nothing is sent or written")
    found.add_argument("--to", metavar="ADDRESS", help="send one proof to this address instead")
    found.add_argument("--tag", default="", metavar="TAG", help="only readers with this tag")
    found.add_argument(
        "--resolve", default="", choices=("again", "done", "rejected"), metavar="HOW", help="again, done or rejected"
    )
