"""A crew of child processes for what takes long: the first build, and a full one. Small work is done here and now.

Each child gets its share pickled on its standard input, does it, and answers with what came out, or with an error. A
child that dies is an error too: nobody waits for it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import CaplineError, RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
WORTH = 0.6  # seconds of work that are worth starting processes for
MOST = 8  # processes


def each(work: Sequence[Callable[[], T]], *, weight: float) -> list[T]:
    """Do everything, in any order, and give what came out in the order asked for; `weight` is seconds for each.

    RenderError if a child dies or meets an error of ours, OSError for what the system refused it.
    """
    processes = min(MOST, os.cpu_count() or 1, len(work))
    if len(work) * weight < WORTH or processes == 1:
        return [one() for one in work]
    with ThreadPoolExecutor(processes) as waiting:
        shares = list(waiting.map(_shared, [work[place::processes] for place in range(processes)]))
    found: list[Any] = [None] * len(work)
    for place, share in enumerate(shares):
        found[place::processes] = share
    return found


def _shared(share: Sequence[Callable[[], T]]) -> list[T]:
    """Have a child do a share."""
    child = subprocess.Popen(
        [sys.executable, "-c", "from generator.archive.crew import main; main()"],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        answer, _ = child.communicate(pickle.dumps((str(Path.cwd()), list(share))))
    if child.returncode or not answer:
        raise RenderError(
            f"a child of the archive ended with code {child.returncode}", hint="look above for what it said"
        )
    kind, found = pickle.loads(answer)  # noqa: S301 -- from our own child
    if kind == "system":
        raise OSError(*found)
    if kind == "error":
        raise RenderError(found[0], hint=found[1])
    return list(found)


def main() -> None:
    """Do the share that comes on standard input; run as the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the caller, who ends this process
    gc.disable()
    folder, share = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 -- from our own parent
    os.chdir(folder)
    answer: tuple[str, Any]
    try:
        answer = ("done", [one() for one in share])
    except OSError as problem:
        answer = ("system", (problem.errno, problem.strerror))
    except CaplineError as problem:
        answer = ("error", (str(problem), problem.hint))
    sys.stdout.buffer.write(pickle.dumps(answer))
