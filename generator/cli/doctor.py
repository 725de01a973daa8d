"""`capline doctor`: a line for each thing that Capline needs, and below what is not well the command that mends it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator import config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.config import Settings
    from generator.doctor import Check

SICK = 2  # the exit code where something must be mended: as for settings
INDENT = 28  # columns


def run(settings: Settings, *, offline: bool) -> int:
    """Check everything, print as it goes, and give the exit code: 0, or 2 if anything fails."""
    config.help_pango()
    from generator.doctor import examine  # noqa: PLC0415 -- loads what it examines

    found = examine(settings, clock=lambda: datetime.now(UTC), folder=Path(), online=not offline)
    return told(found)


def told(checks: Iterable[Check]) -> int:
    """Print checks as they come; 2 if one fails."""
    levels = []
    for one in checks:
        levels.append(one.level)
        sys.stdout.write(f"{one.level:<5} {one.name:<{INDENT - 7}} {one.words}\n")
        if one.mend:
            sys.stdout.write(f"{'':{INDENT - 1}}mend: {one.mend}\n")
        sys.stdout.flush()
    failed, warned = levels.count("fail"), levels.count("warn")
    sys.stdout.write(f"{len(levels)} checks: {failed} failed, {warned} to look at\n")
    return SICK if failed else 0
