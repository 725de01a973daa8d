"""A newsroom for tests: the sample in a store, loaded once, and letters composed from it, each once a session."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator import facts as of_facts
from generator import pipeline
from generator.config import BuildSettings, Settings
from generator.render import render
from generator.sessions import evening
from generator.sources import open_source
from generator.wording import say

if TYPE_CHECKING:
    from generator.edition import Edition
    from generator.facts import Findings
    from generator.model import Fact
    from generator.store import Store, View

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 2)  # the wall clock's day in tests
UNIVERSE = open_source("sample").universe


@dataclass(frozen=True, slots=True)
class Newsroom:
    """An open store of the sample, settings that point at it, and what was made from it so far."""

    store: Store
    settings: Settings
    kept: dict[tuple[object, ...], object] = field(default_factory=dict)

    def view(self, day: str) -> View:
        """Show what was known on an evening."""
        return self.store.view(evening(date.fromisoformat(day)))

    def findings(self, day: str) -> Findings:
        """Gather the facts and gaps of a session's evening."""
        session = date.fromisoformat(day)
        if ("findings", day) not in self.kept:
            made = of_facts.gather(self.view(day), session=session, today=session, universe=UNIVERSE)
            self.kept["findings", day] = made
        return self.kept["findings", day]  # type: ignore[return-value]

    def fact(self, day: str, key: str) -> Fact:
        """Find a fact of an evening."""
        return self.findings(day).facts[key]

    def said(self, day: str, key: str, form: str, **args: str) -> str:
        """Say a form of a fact of an evening."""
        facts = self.findings(day).facts
        return say(facts[key], form, args, facts=facts, today=date.fromisoformat(day))

    def letter(self, day: str, kind: str = "daily", *only: str) -> Edition:
        """Compose a letter as the pipeline does."""
        key = (day, kind, only)
        if key not in self.kept:
            asked = pipeline.Asked(day=date.fromisoformat(day), kind=kind, only=only)
            self.kept[key] = pipeline.composed(self.store, self.settings, asked, today=TODAY)
        return self.kept[key]  # type: ignore[return-value]

    def forms(self, day: str, kind: str = "daily") -> dict[str, bytes]:
        """Render every form of a letter."""
        key = ("forms", day, kind)
        if key not in self.kept:
            self.kept[key] = render(self.letter(day, kind), ("web", "mail", "text", "pdf", "json"), papers=("a4",))
        return self.kept[key]  # type: ignore[return-value]


def newsroom(store: Store, output: Path) -> Newsroom:
    """Open one over a store; letters remember what lies in `output`, and nothing is written there."""
    return Newsroom(store, Settings(build=BuildSettings(store=store.path, output=output)))


def settings_file(folder: Path, store: Path, *lines: str) -> Path:
    """Write a newsletter.toml that names a store and the folder `out`, with further lines of [build]."""
    file = folder / "newsletter.toml"
    words = [f'store = "{store}"', 'output = "out"', *lines]
    file.write_text("\n".join(["[build]", *words, ""]), encoding="utf-8")
    return file


def capline(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
