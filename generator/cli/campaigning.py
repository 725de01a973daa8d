"""What `send` does, and what it prints, where an engine with readers of its own sends the letter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from generator import files
from generator.deliver.addresses import address
from generator.deliver.engines import campaign
from generator.deliver.engines.issue import issue
from generator.deliver.engines.opening import opened
from generator.errors import BadSetting, NotReady

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from generator.config import Settings
    from generator.deliver.dispatch import Letter
    from generator.deliver.engines.issue import Issue


def of(letter: Letter, settings: Settings) -> Issue:
    """The letter as an engine gets it."""
    return issue(letter.content, settings.mail, edition=letter.id, kind=letter.kind)


def send(chosen: argparse.Namespace, settings: Settings, letter: Letter, problems: Callable[[], list[str]]) -> int:
    """Hand the letter over, after preflight; or say what would be; or have one proof sent."""
    for given, option in ((chosen.tag, "--tag"), (chosen.resolve, "--resolve")):
        if given:
            raise BadSetting(
                f"capline send {option}", f"{settings.mail.engine} has readers of its own",
                hint="choose them there; docs/engines.md says how",
            )  # fmt: skip
    wanted = of(letter, settings)
    with opened(settings) as engine:
        if chosen.dry_run:
            there = campaign.standing(engine, wanted)
            lines = [f"{letter.id}: {engine.name} would send it to {engine.check(wanted)}"]
            lines.append(f"  it has it: {there}" if there else f"  it does not have it yet ({wanted.name})")
            lines += [f"  not ready: {reason}" for reason in problems()]
            sys.stdout.write("\n".join(lines) + "\n")
            return 0
        reasons = problems()
        if chosen.to:
            for reason in reasons:
                sys.stdout.write(f"note: not ready to be sent to readers: {reason}\n")
            with files.held(settings.mail.readers.with_suffix(".sending")):
                draft = campaign.proof(engine, wanted, address(chosen.to).written)
            sys.stdout.write(f"{letter.id}: {engine.name} sends a proof; {draft}\n")
            return 0
        if reasons:
            raise NotReady(letter.id, reasons)
        with files.held(settings.mail.readers.with_suffix(".sending")):
            done = campaign.hand_over(engine, wanted)
        sys.stdout.write(f"{letter.id}: {engine.name} has it: {done}\n")
    return 0
