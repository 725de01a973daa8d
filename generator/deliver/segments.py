"""Segments: which readers an edition is for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.errors import UnknownName

# What a reader wants, and the kinds of letter that brings.
FREQUENCIES = {
    "daily": ("daily", "weekly", "decision"),
    "weekly": ("weekly", "decision"),
    "decisions": ("decision",),
}
TAG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Readers by what they want (the kind of letter), language and tag; "" leaves that out."""

    kind: str = ""
    language: str = ""
    tag: str = ""

    def __post_init__(self) -> None:
        """Refuse a kind or tag that there cannot be."""
        kinds = FREQUENCIES["daily"]
        if self.kind and self.kind not in kinds:
            raise UnknownName("kind of letter", self.kind, kinds)
        if self.tag and not TAG.fullmatch(self.tag):
            raise UnknownName("tag", self.tag, ("letters, digits, dots, dashes and underscores, 40 at most",))

    @property
    def condition(self) -> tuple[str, dict[str, str]]:
        """The condition on a row of `reader`, and its parameters. A reader of no language gets every language."""
        parts, given = ["1 = 1"], dict[str, str]()
        if self.kind:
            wanting = [name for name, kinds in FREQUENCIES.items() if self.kind in kinds]
            given |= {f"frequency{place}": name for place, name in enumerate(wanting)}
            parts.append(f"reader.frequency IN ({', '.join(f':frequency{place}' for place in range(len(wanting)))})")
        if self.language:
            given["language"] = self.language.partition("-")[0].lower()
            parts.append(
                "(reader.language = '' OR reader.language = :language"
                " OR substr(reader.language, 1, length(:language) + 1) = :language || '-')"
            )
        if self.tag:
            given["tag"] = f" {self.tag} "
            parts.append("replace(reader.tags, :tag, '') <> reader.tags")
        return " AND ".join(parts), given


UNSUPPRESSED = "NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.key = reader.key)"
