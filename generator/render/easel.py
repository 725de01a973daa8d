"""The easel: a child process that draws charts, so that the engine works beside the letter and not before it.

The engine (V8 inside vl-convert) holds Python's lock while it starts and while it draws; in a thread it would stop the
rest of the program. The child reads tasks from its standard input, one line of JSON each, and answers each with a line
of JSON (the size of what follows, or an error) and the picture.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from generator.errors import RenderError
from generator.render import pictures

if TYPE_CHECKING:
    from collections.abc import Mapping


class Easel:
    """A child process that makes one picture after the other. Leaving the `with` ends it."""

    def __init__(self, *, draws: bool = True) -> None:
        """Start it; it loads the engine while the caller goes on, unless it `draws` nothing and only makes PNGs."""
        self._child = subprocess.Popen(  # noqa: S603 -- words of our own
            [sys.executable, "-c", "from generator.render.easel import main; main()", *(["warm"] if draws else [])],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child and wait for it."""
        self._child.kill()
        self._child.communicate()

    @property
    def ended(self) -> bool:
        """Whether the child is gone."""
        return self._child.poll() is not None

    def kill(self) -> None:
        """End the child at once, whatever it is drawing."""
        self._child.kill()

    def svg(self, spec: Mapping[str, Any]) -> str:
        """Draw a specification as `pictures.to_svg` does; RenderError if the engine refuses it or is gone."""
        return self._ask({"svg": spec}).decode()

    def png(self, svg: str) -> bytes:
        """Turn an SVG into a picture as `pictures.to_png` does; RenderError as above."""
        return self._ask({"png": svg})

    def _ask(self, task: Mapping[str, object]) -> bytes:
        """Hand over a task and wait for its answer. One thread may ask at a time."""
        asked, answers = self._child.stdin, self._child.stdout
        if asked is None or answers is None:  # never: both were asked for
            raise self._gone()
        try:
            asked.write(json.dumps(task, allow_nan=False).encode() + b"\n")
            asked.flush()
            head = answers.readline()
        except BrokenPipeError:
            raise self._gone() from None
        if not head:
            raise self._gone()
        said = json.loads(head)
        if "error" in said:
            raise RenderError(said["error"], hint=said["hint"])
        picture = answers.read(said["size"])
        if len(picture) != said["size"]:
            raise self._gone()
        return picture

    def _gone(self) -> RenderError:
        return RenderError(
            f"the chart engine ended with code {self._child.wait()}",
            hint="look above for what it said, then try again",
        )


def main() -> None:
    """Draw what is asked for on standard input until it is closed; run as the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the caller, who ends this process
    if "warm" in sys.argv:
        pictures.warm()
    for line in sys.stdin.buffer:
        task = json.loads(line)
        try:
            picture = pictures.to_svg(task["svg"]).encode() if "svg" in task else pictures.to_png(task["png"])
            head: dict[str, object] = {"size": len(picture)}
        except RenderError as problem:
            picture, head = b"", {"error": str(problem), "hint": problem.hint}
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + picture)
        sys.stdout.buffer.flush()
