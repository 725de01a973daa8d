"""The workshop: the slow tools of some forms, started early and worked beside the rest of the letter.

The chart engine and WeasyPrint each run in a child process of their own.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from generator.errors import UnknownName
from generator.render.easel import Easel
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
        self._forms = frozenset(forms)
        self.press = Press() if "pdf" in forms else None
        self._easels: dict[str, Easel] = {}
        self._hands = {kind: ThreadPoolExecutor(max_workers=1, thread_name_prefix=kind) for kind in ("svg", "png")}
        self._drawings: dict[str, Future[str]] = {}
        self._photographs: dict[str, Future[bytes]] = {}
        if DRAWN & set(forms):
            self.easel("svg")
        if "mail" in forms:
            self.easel("png")

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children; let go of pictures that nobody fetched."""
        for easel in self._easels.values():
            easel.kill()  # so that nothing waits for a picture that is under way
        for hand in self._hands.values():
            hand.shutdown(cancel_futures=True)
        for child in (*self._easels.values(), self.press):
            if child:
                child.__exit__()

    def easel(self, kind: str) -> Easel:
        """The child that makes SVGs, or the one that makes PNGs, so that one is made while the next is drawn."""
        if kind not in self._easels:
            self._easels[kind] = Easel(draws=kind == "svg")
        return self._easels[kind]

    def begin(self, spec: Mapping[str, Any]) -> None:
        """Start whatever pictures of a chart the forms need, as soon as its specification is known."""
        if "mail" in self._forms:
            self.photograph(spec)
        elif DRAWN & self._forms:
            self.draw(spec)

    def draw(self, spec: Mapping[str, Any]) -> Future[str]:
        """Start drawing a chart, or find it: the SVG of one specification is drawn once.

        Pictures are made in the order in which they were asked for; RenderError comes out of the result.
        """
        key = json.dumps(spec, sort_keys=True)
        if key not in self._drawings:
            self._drawings[key] = self._hands["svg"].submit(self.easel("svg").svg, spec)
        return self._drawings[key]

    def photograph(self, spec: Mapping[str, Any]) -> Future[bytes]:
        """Start making the PNG of a chart for the mail, or find it; its SVG is drawn before."""
        drawing, key, easel = self.draw(spec), json.dumps(spec, sort_keys=True), self.easel("png")
        if key not in self._photographs:
            self._photographs[key] = self._hands["png"].submit(lambda: easel.png(drawing.result()))
        return self._photographs[key]
