"""The arguments of the commands that run by the clock: run, status, watch."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = ("fetch", "build", "verify", "archive", "publish", "wait", "send")


def add(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    """Add the commands; `command` makes one from its name, its line of help and what more there is to say."""
    _run(command)
    found = command(
        "status", "say how things stand: letters, next ones, data, readers, deliveries, what is held",
        "What is held is named with its reason and the command that mends it. Nothing is written or fetched.",
    )  # fmt: skip
    found.add_argument("--json", action="store_true", help="as JSON")
    found.add_argument("--now", type=moment, metavar="MOMENT", help="as if it were this moment")
    found = command(
        "watch", "say whether a letter that is due is missing",
        "Exit code 0 if none is, 9 with a text in Markdown that names each and the command that mends it.",
    )  # fmt: skip
    found.add_argument("--site", metavar="URL", help="look at the published site, not at the folder")
    found.add_argument("--now", type=moment, metavar="MOMENT", help="as if it were this moment")


def _run(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    found = command(
        "run", "do whatever is due now: fetch, build, verify, archive, publish, wait, send",
        "A letter is due after the close of New York, by the exchange's calendar. What is done already is not\n"
        "done again: run it as often as you like. Exit code 0 also if nothing is due.",
    )  # fmt: skip
    found.add_argument("--date", type=_day, metavar="DAY", help="the letters of this day only, however old")
    found.add_argument("--kind", metavar="KIND", help="letters of this kind only")
    found.add_argument("--format", nargs="+", metavar="FORM", help="forms to make (default: the setting, all)")
    found.add_argument("--through", choices=STEPS, metavar="STEP", help=f"stop after one of {', '.join(STEPS)}")
    found.add_argument("--offline", action="store_true", help="live: take the store as it is, fetch nothing")
    found.add_argument("--log", choices=("plain", "json"), default="plain", metavar="HOW", help="plain or json lines")
    found.add_argument("--now", type=moment, metavar="MOMENT", help="rehearse: as if it were this moment")


def moment(text: str) -> datetime:
    """A moment with its zone, in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment with its zone; write it as 2024-09-18T22:30+00:00")
    return found.astimezone(UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2024-09-18") from None
