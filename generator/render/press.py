"""The press: a child process that prints PDF, so that loading WeasyPrint and printing cost the letter little time.

It is started before the observations are read, loads and warms WeasyPrint meanwhile, and then waits for sheets on its
standard input: a JSON list of HTML texts. It answers with one line of JSON (the sizes, or an error) and the PDFs.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from generator.errors import RenderError
from generator.render import paper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

# A first page with what a letter has, so that the second page finds everything loaded
WARM = """<!doctype html><html lang="en"><head><title>warm</title>
<style>@font-face { font-family: Warm; src: url(Inter-Regular.ttf) } body { font-family: Warm }</style></head>
<body><table><tr><td>warm</td></tr></table><svg><text font-family="Inter">warm</text></svg></body></html>
"""


class Press:
    """A child process that prints once. Leaving the `with` ends it, printed or not."""

    def __init__(self) -> None:
        """Start it; it loads while the caller goes on."""
        self._child = subprocess.Popen(
            [sys.executable, "-c", "from generator.render.press import main; main()"],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._waiting = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child and wait for it."""
        self._child.kill()
        self._waiting.shutdown()
        self._child.communicate()

    @property
    def ended(self) -> bool:
        """Whether the child is gone."""
        return self._child.poll() is not None

    def kill(self) -> None:
        """End the child at once, whatever it is doing."""
        self._child.kill()

    def send(self, sheets: Sequence[str]) -> Future[list[bytes]]:
        """Hand over the sheets; the result is one PDF for each, or RenderError. May be called once."""
        return self._waiting.submit(self._print, json.dumps(list(sheets)).encode())

    def _print(self, sheets: bytes) -> list[bytes]:
        answer, _ = self._child.communicate(sheets)
        head, _, printed = answer.partition(b"\n")
        if not head:
            raise RenderError(
                f"the press ended with code {self._child.returncode}",
                hint="look above for what it said, then try again",
            )
        said = json.loads(head)
        if "error" in said:
            raise RenderError(said["error"], hint=said["hint"])
        pdfs, place = [], 0
        for size in said["sizes"]:
            pdfs.append(printed[place : place + size])
            place += size
        return pdfs


def main() -> None:
    """Print what comes on standard input; run as the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the caller, who ends this process
    gc.disable()  # printing makes no garbage that lasts, and looking for it takes 6 % of the time
    try:
        paper.pdf(WARM)
        wanted = sys.stdin.buffer.read()
        printed = _printed(json.loads(wanted)) if wanted else []
        head: dict[str, object] = {"sizes": [len(pdf) for pdf in printed]}
    except RenderError as problem:
        printed, head = [], {"error": str(problem), "hint": problem.hint}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(printed))


def _printed(sheets: Sequence[str]) -> list[bytes]:
    """Print the first sheet here and, on Linux, each other in a copy of this process, warm as it is.

    A copy that fails leaves its sheet to this process, which then fails for the same reason and can say so. Elsewhere
    than on Linux the system's libraries do not promise to survive in a copy.
    """
    copies = [_copy(sheet) for sheet in sheets[1:]] if sys.platform == "linux" else []
    printed = [paper.pdf(sheet) for sheet in sheets[:1]]
    for sheet, copy in zip_longest(sheets[1:], copies):
        printed.append((copy.read() if copy else b"") or paper.pdf(sheet))
    return printed


def _copy(sheet: str) -> BinaryIO:
    """Start a copy of this process that prints a sheet; it can be read from what is returned, nothing if it fails."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        return os.fdopen(reading, "rb")
    try:
        with os.fdopen(writing, "wb") as answer:
            answer.write(paper.pdf(sheet))
    finally:
        os._exit(0)  # nothing of the original is closed or flushed a second time
