"""Serving: the small web application where readers sign up, leave and choose. Starlette and uvicorn, an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from generator.config import Settings


def run(settings: Settings, *, clock: Callable[[], datetime]) -> None:
    """Serve until SIGTERM or Ctrl-C, then end what is under way. MissingExtra without the libraries; BadSetting."""
    try:
        from generator.deliver.serve.running import run as serve  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError as problem:
        if problem.name not in ("starlette", "uvicorn", "anyio"):
            raise
        raise MissingExtra("serve", "serve", f"the library {problem.name}") from None
    serve(settings, clock=clock)
