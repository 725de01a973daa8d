"""The notice of a correction in words, from templates/corrections/notice.jinja."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from generator import stationery
from generator.corrections.values import WITHDRAWN
from generator.wording import long_date

if TYPE_CHECKING:
    import jinja2

    from generator.corrections.values import Correction


def notice(one: Correction) -> str:
    """A correction in full sentences: what was printed, what it would be, whether the meaning changes, both dates."""
    cell = one.place.startswith("table ")
    refused = next((figure.why for figure in one.figures if figure.now is None), "")
    figures = [
        {"label": figure.label, "was": figure.printed, "now": figure.now}
        for figure in one.figures
        if figure.now is not None and one.kind != WITHDRAWN and not cell
    ]
    text = _template().render(
        kind=one.kind, place=one.place, cell=cell, printed=one.printed, now=one.now, refused=refused, figures=figures,
        day=_long(one.edition), revised=_long(one.revised),
    )  # fmt: skip
    return " ".join(text.split())


def _long(moment: str) -> str:
    return long_date(date.fromisoformat(moment[:10]))


@cache
def _template() -> jinja2.Template:
    import jinja2  # noqa: PLC0415 -- a search that finds nothing does without

    loader = jinja2.FileSystemLoader(stationery.folder("corrections"))
    place = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701 -- plain text
    return place.get_template("notice.jinja")
