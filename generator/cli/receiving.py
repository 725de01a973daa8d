"""The arguments of `inbox` and `serve`, what they do, and what they print."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from generator.deliver.inbox import Read

FATES = {
    "unsubscribed": "asked to leave",
    "bounced": "bounced for good",
    "complained": "complained",
    "soft": "bounced for now",
    "noted": "asked for nothing",
    "left": "left for a person",
}


def add(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    """Add the commands; `command` makes one from its name, its line of help and what more there is to say."""
    found = command(
        "inbox", "read unsubscribes, bounces and complaints from a mailbox",
        "Over IMAP ([imap] in newsletter.toml). What proves a letter of ours is done and put away; forged and odd\n"
        "messages are named and left where they are. Running again goes on from there.",
    )  # fmt: skip
    found.add_argument("--dry-run", action="store_true", help="say what would be done; nothing is written or moved")
    command(
        "serve", "let readers sign up, leave and choose, on a small web application",
        "Sign-up with confirmation by mail, one-click unsubscribe, preferences, the archive ([serve] in\n"
        "newsletter.toml). Stops gracefully on Ctrl-C or SIGTERM. Needs Capline's extra `serve`.",
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


def inbox(chosen: argparse.Namespace) -> int:
    """Read the mailbox; say what was done."""
    from generator import config, files  # noqa: PLC0415 -- help must not load them
    from generator.cli.commands import settings_of  # noqa: PLC0415 -- as above
    from generator.deliver import dispatch  # noqa: PLC0415 -- as above
    from generator.deliver import inbox as desk  # noqa: PLC0415 -- as above
    from generator.deliver.account import Account  # noqa: PLC0415 -- as above
    from generator.deliver.book import opened  # noqa: PLC0415 -- as above
    from generator.deliver.judge import Judge  # noqa: PLC0415 -- as above

    settings = settings_of(chosen)
    given = settings.imap
    account = Account(settings=given, password=config.secret("CAPLINE_IMAP_PASSWORD", given.password_file))
    now = _now().replace(microsecond=0)
    with files.held(settings.mail.readers.with_suffix(".inbox")), opened(settings.mail.book) as book:
        desk.prepare(book)
        judge = Judge(book=book, key=dispatch.key(settings), today=now.date(), authority=given.authority)
        rules = desk.Rules(bounces=given.soft_bounces, days=given.soft_days)
        found = desk.read(account, judge, rules, now=now, dry=chosen.dry_run)
    sys.stdout.write(told(account.settings.folder, found))
    return 0


def told(folder: str, found: Read) -> str:
    """What a run did, without addresses: one line for each fate, then each message that was left."""
    lines = [f"{folder}: {sum(found.counts.values()):,} new messages"]
    lines += [f"  {words:18} {found.counts[what]:>7,}" for what, words in FATES.items() if what in found.counts]
    if found.suppressed:
        lines.append(f"  nothing more is sent to {found.suppressed:,} of these readers from now on")
    lines += [f"  left: message {uid}: {why}" for uid, why in found.left]
    return "".join(f"{line}\n" for line in lines)


def serve(chosen: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from generator.cli.commands import settings_of  # noqa: PLC0415 -- help must not load it
    from generator.deliver import serve as house  # noqa: PLC0415 -- as above

    house.run(settings_of(chosen), clock=_now)
    return 0
