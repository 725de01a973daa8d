"""The journal: what has been done of each letter, one file for each below `runs/` in the output folder.

It is written after every step. It spares work and remembers reasons; that nothing happens twice does not rest on it
(the edition lies in its folder, the ledger knows who has had it), so a journal that is lost or damaged is begun anew.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from generator import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from generator.errors import CaplineError

STEPS = ("build", "verify", "archive", "publish", "wait", "send")  # of a letter, in order
LETTER = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+\.json")
OWN = "clock.json"
State = Literal["done", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a step ended last: done, in some words; or held by an error, with its exit code and what mends it."""

    state: State
    at: datetime
    words: str
    tries: int = 1
    error: str = ""
    code: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A letter's steps so far, and the notices that were given of it."""

    edition: str
    due: datetime
    steps: Mapping[str, Step] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    seal: str = ""  # digest of the files that were verified

    def is_done(self, *names: str) -> bool:
        """Whether some steps are done; of none named, all of them."""
        return all(name in self.steps and self.steps[name].state == "done" for name in names or STEPS)

    @property
    def held(self) -> tuple[str, Step] | None:
        """The step that holds the letter."""
        return next(((name, step) for name, step in self.steps.items() if step.state == "held"), None)

    def done(self, name: str, words: str, at: datetime) -> Record:
        """With a step that was done."""
        return self._with(name, Step(state="done", at=at, words=words, tries=self._tries(name)))

    def stopped(self, name: str, problem: CaplineError, at: datetime) -> Record:
        """With a step that an error stopped."""
        step = Step(
            state="held", at=at, words=f"{problem}", tries=self._tries(name),
            error=type(problem).__name__, code=problem.exit_code, hint=problem.hint,
        )  # fmt: skip
        return self._with(name, step)

    def _tries(self, name: str) -> int:
        return self.steps[name].tries + 1 if name in self.steps else 1

    def _with(self, name: str, step: Step) -> Record:
        return replace(self, steps={**self.steps, name: step})


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the clock remembers of itself: from which day on it answers for each kind, its last run, and notices."""

    begun: Mapping[str, date] = field(default_factory=dict)
    last: datetime | None = None
    told: tuple[str, ...] = ()


def read(runs: Path, edition: str) -> Record | None:
    """The record of a letter; None if there is none, or none that can be read."""
    return _record(runs / f"{edition}.json")


def every(runs: Path) -> tuple[Record, ...]:
    """All records, oldest letter first; those that cannot be read are left out."""
    if not runs.is_dir():
        return ()
    found = (_record(path) for path in sorted(runs.iterdir()) if LETTER.fullmatch(path.name))
    return tuple(one for one in found if one)


def damaged(runs: Path, editions: Iterable[str]) -> tuple[Path, ...]:
    """Those files, of some letters and the clock's own, that are there and cannot be read."""
    found = [runs / f"{edition}.json" for edition in editions]
    lost = [path for path in found if path.exists() and _record(path) is None]
    return (*lost, runs / OWN) if (runs / OWN).exists() and _own(runs) is None else tuple(lost)


def write(runs: Path, record: Record) -> None:
    """Keep a record; CannotWrite."""
    _write(runs, f"{record.edition}.json", asdict(record))


def own(runs: Path) -> Own:
    """What the clock remembers of itself; nothing if that is lost."""
    return _own(runs) or Own()


def keep(runs: Path, mine: Own) -> None:
    """Keep it; CannotWrite."""
    _write(runs, OWN, asdict(mine))


def _write(runs: Path, name: str, plain: dict[str, Any]) -> None:
    text = json.dumps(plain, default=lambda one: one.isoformat(), ensure_ascii=False, indent=1)
    files.write(runs, {name: f"{text}\n".encode()})


def _record(path: Path) -> Record | None:
    try:
        plain = json.loads(path.read_bytes())
        steps = {
            str(name): Step(**{**one, "at": datetime.fromisoformat(one["at"])}) for name, one in plain["steps"].items()
        }
        found = Record(
            edition=str(plain["edition"]), due=datetime.fromisoformat(plain["due"]), steps=steps,
            told=tuple(map(str, plain["told"])), seal=str(plain["seal"]),
        )  # fmt: skip
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if found.edition == path.stem else None


def _own(runs: Path) -> Own | None:
    try:
        plain = json.loads((runs / OWN).read_bytes())
        return Own(
            begun={str(kind): date.fromisoformat(day) for kind, day in plain["begun"].items()},
            last=datetime.fromisoformat(plain["last"]) if plain["last"] else None,
            told=tuple(map(str, plain["told"])),
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None
