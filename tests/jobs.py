"""Jobs of the workflows, run here: the shell steps of a YAML file in order, each job in a clone of its own.

What `uses:` another action is not run: a clone is there from the beginning, and where a site would be uploaded and
deployed, the test copies it. Expressions are looked up in a table, so that one the test does not know fails it.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"
BASH = shutil.which("bash") or "/bin/bash"
Step = dict[str, Any]


def workflow(name: str) -> dict[str, Any]:
    """Read a workflow."""
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def clone(folder: Path, settings: str) -> Path:
    """Clone this repository, with what is changed here and not committed yet, and settings of one's own."""
    shell("git", "clone", "--quiet", "--shared", ROOT, folder)
    changed = shell("git", "-C", ROOT, "diff", "--name-only", "-z", "HEAD")
    changed += shell("git", "-C", ROOT, "ls-files", "-z", "--others", "--exclude-standard")
    for name in filter(None, changed.split("\0")):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, place)
        else:
            place.unlink(missing_ok=True)
    (folder / "newsletter.toml").write_text(settings, encoding="utf-8")
    return folder


def shell(*words: str | Path) -> str:
    """Run a program; gives what it says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def executable(path: Path, text: str) -> None:
    """Write a script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@dataclass
class Job:
    """What came of a job: the outputs of its steps, whether each ended well, and all that was said."""

    failed: bool = False
    outcomes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    said: str = ""
    page: str = ""  # what GitHub would show on the page of the job


@dataclass
class Runner:
    """A machine that runs a job in a clone; `environment` is what every step sees, `now` the moment for the clock.

    `make setup`, which builds an environment and asks a package index, is the one command that is not the real one:
    it names the interpreter of this test.
    """

    clone: Path
    environment: Mapping[str, str]
    now: str
    during: Callable[[str, subprocess.Popen[str]], None] | None = None  # told the name of each step, and its process

    def __post_init__(self) -> None:
        """Put the set-up beside the clone."""
        capline = f"""#!/bin/sh
case ${{1:-}} in run | status | watch) set -- "$@" --now "{self.now}" ;; esac
exec "{sys.executable}" -m generator "$@"
"""
        make = f"""#!/bin/sh
[ "$*" = setup ] || exit 64
mkdir -p .venv/bin
cp "{self.clone}.bin/capline.sh" .venv/bin/capline
printf '#!/bin/sh\\nexec "%s" "$@"\\n' "{sys.executable}" >.venv/bin/python
chmod +x .venv/bin/python
"""
        executable(Path(f"{self.clone}.bin/capline.sh"), capline)
        executable(Path(f"{self.clone}.bin/make"), make)

    def run(self, job: dict[str, Any], table: Mapping[str, str], given: Mapping[str, str]) -> Job:
        """Run the shell steps in order, as GitHub does: `table` and `given` have the values of expressions."""
        done = Job()
        known = {**table, **given}
        for number, step in enumerate(job["steps"]):
            name = step.get("id", f"step {number}")
            wanted = self._wanted(step, done, known)
            if "run" not in step or not wanted:
                done.outcomes[name] = "skipped" if not wanted else "success"
                continue
            values = {key: self._value(str(text), known) for key, text in step.get("env", {}).items()}
            code = self._step(name, step["run"], values, done)
            done.outcomes[name] = "failure" if code else "success"
            done.failed = done.failed or bool(code)
        return done

    def _wanted(self, step: Step, done: Job, known: Mapping[str, str]) -> bool:
        condition = str(step.get("if", "")).removeprefix("${{ ").removesuffix(" }}")
        parts = [part.strip() for part in condition.split("&&")] if condition else []
        always = [part for part in parts if part in {"always()", "!cancelled()"}]
        if done.failed and not always:
            return False
        return all(self._holds(part, done, known) for part in parts if part not in always)

    def _holds(self, part: str, done: Job, known: Mapping[str, str]) -> bool:
        left, equal, right = part.partition(" == ")
        assert equal, part
        if left.startswith("steps."):
            _, name, what, *rest = left.split(".")
            found = done.outcomes.get(name, "") if what == "outcome" else done.outputs.get(name, {}).get(rest[0], "")
        else:
            found = known[left]
        return found == right.strip("'")

    def _value(self, text: str, known: Mapping[str, str]) -> str:
        if not text.startswith("${{"):
            return text
        return known[text.removeprefix("${{ ").removesuffix(" }}")]

    def _step(self, name: str, script: str, values: Mapping[str, str], done: Job) -> int:
        place = Path(f"{self.clone}.steps")
        place.mkdir(exist_ok=True)
        file, outputs, page = place / "script.sh", place / "outputs", place / "page.md"
        file.write_text(script, encoding="utf-8")
        outputs.write_text("", encoding="utf-8")
        environment = {
            **self.environment, **values, "PATH": f"{self.clone}.bin:{os.environ['PATH']}", "CI": "true",
            "GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(page), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        process = subprocess.Popen(
            [BASH, "-e", str(file)], cwd=self.clone, env=environment, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0,
        )  # fmt: skip
        with process:
            if self.during:
                self.during(name, process)
            said, _ = process.communicate()
        done.said += f"--- {name}\n{said}"
        done.outputs[name] = dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())
        done.page = page.read_text(encoding="utf-8") if page.exists() else ""
        return process.returncode
