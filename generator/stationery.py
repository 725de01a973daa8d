"""Where templates, prose and fonts lie: in the clone's `templates/`, or inside the installed package."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import RenderError

if TYPE_CHECKING:
    import jinja2

PLACES = (Path(__file__).parent / "_templates", Path(__file__).parent.parent / "templates")


def folder(*parts: str) -> Path:
    """A folder of the stationery, such as `folder("prose")`; RenderError if the installation lacks it."""
    for place in PLACES:
        found = place.joinpath(*parts)
        if found.is_dir():
            return found
    raise RenderError(
        f"the templates folder {'/'.join(parts) or '.'} is missing", hint="reinstall Capline, or run inside the clone"
    )


def compiled(place: Path) -> jinja2.BytecodeCache | None:
    """Where the compiled templates of a folder are kept: in its `__pycache__`, as Python keeps its own.

    None where Python may not write bytecode, or the folder may not be written.
    """
    from jinja2 import FileSystemBytecodeCache  # noqa: PLC0415 -- `capline --help` must not load it

    cache = place / "__pycache__"
    if sys.dont_write_bytecode or not os.access(place, os.W_OK):
        return None
    cache.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(cache), "%s.jinja.cache")
