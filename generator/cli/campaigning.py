"""What `send` does, and what it prints, where an engine with readers of its own sends the letter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from generator.deliver import carrying
from generator.deliver.addresses import address
from generator.errors import BadSetting, NotReady

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from generator.config import Settings
    from generator.deliver.dispatch import Letter


def send(chosen: argparse.Namespace, settings: Settings, letter: Letter, problems: Callable[[], list[str]]) -> int:
    """Hand the letter over, after preflight; or say what would be; or have one proof sent."""
    for given, option in ((chosen.tag, "--tag"), (chosen.resolve, "--resolve")):
        if given:
            raise BadSetting(
                f"capline send {option}", f"{settings.mail.engine} has readers of its own",
                hint="choose them there; docs/engines.md says how",
            )  # fmt: skip
    if chosen.dry_run:
        name, whom, there = carrying.foreseen(settings, letter)
        lines = [f"{letter.id}: {name} would send it to {whom}"]
        lines.append(f"  it has it: {there}" if there else "  it does not have it yet")
        lines += [f"  not ready: {reason}" for reason in problems()]
        sys.stdout.write("\n".join(lines) + "\n")
        return 0
    reasons = problems()
    if chosen.to:
        for reason in reasons:
            sys.stdout.write(f"note: not ready to be sent to readers: {reason}\n")
        name, draft = carrying.proved(settings, letter, address(chosen.to).written)
        sys.stdout.write(f"{letter.id}: {name} sends a proof; {draft}\n")
        return 0
    if reasons:
        raise NotReady(letter.id, reasons)
    name, done = carrying.handed_over(settings, letter)
    sys.stdout.write(f"{letter.id}: {name} has it: {done}\n")
    return 0
