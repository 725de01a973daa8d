"""The studio: the slow tools of some forms in this process, kept from letter to letter.

A process that makes many letters starts the chart engine and WeasyPrint once; the workshop, which starts them beside
each letter, is for who makes one.
"""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self

from generator.render import paper, pictures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Studio:
    """Takes the place of a Workshop, for any number of letters; everything is made when it is asked for."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._drawn: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin a letter."""
        self._drawn.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end: the next letter finds the tools warm."""

    @property
    def press(self) -> Self:
        """Prints, too."""
        return self

    def draw(self, spec: Mapping[str, Any]) -> Future[str]:
        """Draw a chart, once for each letter; raises RenderError."""
        key = json.dumps(spec, sort_keys=True)
        if key not in self._drawn:
            self._drawn[key] = pictures.to_svg(spec)
        return _done(self._drawn[key])

    def photograph(self, spec: Mapping[str, Any]) -> Future[bytes]:
        """Make the PNG of a chart for the mail; raises RenderError."""
        return _done(pictures.to_png(self.draw(spec).result()))

    def send(self, sheets: Sequence[str]) -> Future[list[bytes]]:
        """Print sheets, one PDF for each; raises RenderError."""
        return _done([paper.pdf(sheet) for sheet in sheets])


def _done(made: Any) -> Future[Any]:  # noqa: ANN401 -- whatever was made
    future: Future[Any] = Future()
    future.set_result(made)
    return future
