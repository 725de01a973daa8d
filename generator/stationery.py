"""Where templates, prose and fonts lie: in the clone's `templates/`, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from generator.errors import RenderError

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
