"""Processes timed as a person would meet them: from the start of the interpreter to its end, children included."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
TICK = 0.01  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one process took: seconds on the wall, processor seconds of it and its children, its peak memory in MB."""

    wall: float
    processor: float
    largest: float  # of the largest single process among it and its children


def environment() -> dict[str, str]:
    """The caller's environment, with this tree's package first and compiled modules kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}


def timed(command: Sequence[str], *, folder: Path) -> Run:
    """Run a command to its end in a folder; CalledProcessError if it fails."""
    with (folder / "said.txt").open("w+") as said:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=environment(), stdout=said, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(child.returncode, command, output=said.read())
    # Linux counts ru_maxrss in kB, macOS in bytes; both give the largest of the process and the children it waited for
    scale = 2**20 if os.uname().sysname == "Darwin" else 2**10
    return Run(wall=wall, processor=used.ru_utime + used.ru_stime, largest=used.ru_maxrss / scale)


def together(command: Sequence[str], *, folder: Path) -> float:
    """Peak of the memory of a command and all its children at one moment, in MB (Linux).

    Proportional set sizes are added, so that a page two processes share counts once. Looking slows the run: do not
    time it.
    """
    with (folder / "said.txt").open("w") as said:
        child = subprocess.Popen(command, cwd=folder, env=environment(), stdout=said, stderr=said)
        peak = 0
        while child.poll() is None:
            peak = max(peak, sum(_proportional(pid) for pid in _family(child.pid)))
            time.sleep(TICK)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return peak / 2**10


def _family(pid: int) -> list[int]:
    """A process and all that descend from it, as far as they still live."""
    found, children = [pid], []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += task.joinpath("children").read_text().split()
    except OSError:  # it has ended meanwhile
        return found
    for one in children:
        found += _family(int(one))
    return found


def _proportional(pid: int) -> int:
    """Proportional set size in kB; 0 for a process that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def interleaved(commands: Mapping[str, Sequence[str]], *, folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Run every command once to warm up, then all of them in turn, `rounds` times.

    What else the machine does falls on all of them alike.
    """
    for command in commands.values():
        timed(command, folder=folder)
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(timed(command, folder=folder))
    return found


def spread(values: Sequence[float]) -> str:
    """Median, and from smallest to largest."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"
