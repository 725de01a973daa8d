"""The workshop: the slow tools of some forms, started early and worked beside the rest of the letter.

The chart engine runs outside Python's lock and therefore in threads, WeasyPrint in a child process.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from generator.errors import UnknownName
from generator.render import pictures
from generator.render.press import Press

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

FORMS = ("web", "mail", "text", "pdf", "json")
DRAWN = frozenset({"web", "mail", "pdf"})  # forms with charts


class Workshop:
    """Open it before the observations are read, hand it to `render`; it is good for one edition."""

    def __init__(self, forms: Sequence[str]) -> None:
        """Start what the forms need; UnknownName for a form that is none of FORMS."""
        for form in forms:
            if form not in FORMS:
                raise UnknownName("form", form, FORMS)
        self.press = Press() if "pdf" in forms else None
        self._hands = ThreadPoolExecutor(max_workers=2, thread_name_prefix="workshop")
        self._drawings: dict[str, Future[str]] = {}
        self._photographs: dict[str, Future[bytes]] = {}
        self._with_mail = "mail" in forms
        if DRAWN & set(forms):
            self._hands.submit(pictures.warm)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the press; let go of drawings that nobody fetched."""
        self._hands.shutdown(cancel_futures=True)
        if self.press:
            self.press.__exit__()

    def draw(self, spec: Mapping[str, Any]) -> Future[str]:
        """Start drawing a chart, or find it: the SVG of one specification is drawn once."""
        key = json.dumps(spec, sort_keys=True)
        if key not in self._drawings:
            drawing = self._drawings[key] = self._hands.submit(pictures.to_svg, spec)
            if self._with_mail:
                self._photographs[key] = self._hands.submit(lambda: pictures.to_png(drawing.result()))
        return self._drawings[key]

    def photograph(self, spec: Mapping[str, Any]) -> Future[bytes]:
        """Start making the PNG of a chart for the mail, or find it; RenderError comes out of the result."""
        self.draw(spec)
        return self._photographs[json.dumps(spec, sort_keys=True)]
