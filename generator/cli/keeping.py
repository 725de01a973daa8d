"""The arguments of `state`, what its actions do, and what they print."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.errors import StateDamaged

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from generator.config import Settings

ACTIONS = ("push", "pull", "check", "key")


def add(command: Callable[[str, str, str], argparse.ArgumentParser]) -> None:
    """Add the command; `command` makes one from its name, its line of help and what more there is to say."""
    found = command(
        "state", "keep what lasts between runs in another place, sealed, or bring it from there",
        "push    what is here, if the other place has what this folder last saw there\n"
        "pull    what is there; all of it is checked before anything here is replaced\n"
        "check   both: databases, chain, editions, parts; exit code 10 and the reasons if something is wrong\n"
        "key     make the key that all of it is sealed with (once, before the first push)\n"
        "The place and its key stand under [state] in newsletter.toml. docs/state.md has the rest.",
    )  # fmt: skip
    found.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    found.add_argument("--new", action="store_true", help="push, pull: there may be no state there yet, begin one")
    found.add_argument(
        "--force", action="store_true",
        help="pull: give up what was not pushed from here; push: over whatever is there. Letters may go out twice",
    )  # fmt: skip
    found.add_argument(
        "--before-send", metavar="ID", help="push: this letter is about to be sent (`capline send` does it by itself)"
    )
    found.add_argument(
        "--site", metavar="URL", help="pull, check: the published site, whose letters a state that is not old has, too"
    )
    found.add_argument("--full", action="store_true", help="check: open every part that is there")


def state(chosen: argparse.Namespace) -> int:
    """Do the action."""
    from generator.cli.commands import settings_of  # noqa: PLC0415 -- help must not load it

    actions = {"push": _push, "pull": _pull, "check": _check, "key": _key}
    actions[chosen.action](chosen, settings_of(chosen))
    return 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _push(chosen: argparse.Namespace, settings: Settings) -> None:
    from generator import state as kept  # noqa: PLC0415 -- as above

    if chosen.before_send:
        from generator.cli.posting import letter_of  # noqa: PLC0415 -- as above

        done = kept.reserve(settings, letter_of(settings, chosen.before_send), tag="", now=_now())
    else:
        done = kept.push(settings, now=_now(), new=chosen.new, force=chosen.force)
    what = f"{done.changed:,} changed, {done.sent / 1e6:,.1f} MB sent" if done.sent else "nothing new"
    sys.stdout.write(f"{done.remote}: state {done.number}, {done.files:,} files; {what}\n")


def _pull(chosen: argparse.Namespace, settings: Settings) -> None:
    from generator import state as kept  # noqa: PLC0415 -- as above

    done = kept.pull(settings, new=chosen.new, force=chosen.force)
    found = f"state {done.number}; {done.came:,} files came, {done.went:,} went"
    sys.stdout.write(f"{done.remote}: {found if done.number else 'no state yet; the first push begins it'}\n")
    if done.unpushed:
        sys.stdout.write(f"  note: {len(done.unpushed):,} files here are not pushed yet and stay as they are\n")
    if done.sending:
        sys.stderr.write(
            f"capline: warning: a run began to send {done.sending.edition} at {done.sending.since:%Y-%m-%d %H:%M} UTC"
            " and never told what became of it. Its readers are uncertain: they get nothing until you say\n"
            f"  hint: look into the relay's log, then `capline send --edition {done.sending.edition}` with"
            " `--resolve done` or `--resolve again`, and `capline state push`\n"
        )
    if chosen.site:
        sys.stdout.write(f"  note: {kept.compare(settings, chosen.site)}\n")


def _check(chosen: argparse.Namespace, settings: Settings) -> None:
    from generator import state as kept  # noqa: PLC0415 -- as above

    problems = []
    for one in kept.check(settings, full=chosen.full):
        sys.stdout.write(f"  {'NO' if one.problems else 'ok'}  {one.name}\n")
        sys.stdout.write("".join(f"      {note}\n" for note in one.notes))
        sys.stdout.flush()
        problems += [f"{one.name}: {problem}" for problem in one.problems]
    if problems:
        raise StateDamaged(settings.state.remote, problems)
    if chosen.site:
        sys.stdout.write(f"  ok  published site\n      {kept.compare(settings, chosen.site)}\n")


def _key(_chosen: argparse.Namespace, settings: Settings) -> None:
    from generator import state as kept  # noqa: PLC0415 -- as above

    file = settings.state.key_file
    kept.make_key(file)
    sys.stdout.write(f"{file}: a new key. Keep a copy elsewhere: without it no state can be opened\n")
