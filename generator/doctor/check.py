"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: how it is, and for what is not well the command that mends it."""

    name: str
    level: Literal["ok", "warn", "fail"]
    words: str
    mend: str = ""
