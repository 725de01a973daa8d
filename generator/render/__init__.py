"""The forms of an edition: web page, mail, text, PDF and JSON, each a pure function of the edition.

Neither pandas nor DuckDB is needed here, WeasyPrint and vl-convert only by the forms that use them. docs/forms.md says
what stands in which form.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from typing import TYPE_CHECKING

from generator.edition import to_json
from generator.errors import UnknownName
from generator.render import view
from generator.render.workshop import DRAWN, FORMS, Workshop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from generator.edition import Edition
    from generator.render.studio import Studio

PAPERS = {"a4": "A4", "letter": "letter"}  # as CSS names them

__all__ = ["FORMS", "PAPERS", "Workshop", "render"]


def render(
    edition: Edition,
    forms: Sequence[str],
    *,
    papers: Sequence[str] = ("a4", "letter"),
    workshop: Workshop | Studio | None = None,
    json: bytes | None = None,
) -> dict[str, bytes]:
    """Make the forms asked for, by relative path; same edition, same bytes.

    A `workshop` must have been opened for these forms; `json` is the edition's, if it was made before. UnknownName for
    a form or paper that is not known, RenderError for what cannot be rendered.
    """
    for paper in papers:
        if paper not in PAPERS:
            raise UnknownName("paper", paper, PAPERS)
    with nullcontext(workshop) if workshop else Workshop(forms) as tools:
        return _render(edition, forms, papers, tools, json)


def _render(
    edition: Edition, forms: Sequence[str], papers: Sequence[str], tools: Workshop | Studio, json: bytes | None
) -> dict[str, bytes]:
    drawing = {chart.id: tools.draw(chart.spec) for chart in edition.charts} if DRAWN & set(forms) else {}
    if "mail" in forms:  # after all drawings, which the other forms wait for
        for chart in edition.charts:
            tools.photograph(chart.spec)
    json = json or to_json(edition)  # while the charts are being drawn
    letter = view.letter(edition, digest=hashlib.sha256(json).hexdigest())
    drawings = {id_: svg.result() for id_, svg in drawing.items()}
    printing = _print(tools, letter, drawings, papers) if "pdf" in forms else None
    files: dict[str, bytes] = {}
    if "web" in forms:
        from generator.render.page import page  # noqa: PLC0415 -- each form loads what it alone needs

        files |= page(letter, drawings)
    if {"mail", "text"} & set(forms):
        files |= _written(letter, forms, tools)
    if "json" in forms:
        files["edition.json"] = json
    if printing:
        files |= zip([f"letter-{paper}.pdf" for paper in papers], printing.result(), strict=True)
    return files


def _written(letter: view.Letter, forms: Sequence[str], tools: Workshop | Studio) -> dict[str, bytes]:
    """Make the text, and the mail that contains it."""
    from generator.render.text import text  # noqa: PLC0415 -- as above

    plain = text(letter)
    files = {"letter.txt": plain.encode()} if "text" in forms else {}
    if "mail" in forms:
        from generator.render.mail import mail  # noqa: PLC0415 -- as above

        pngs = {chart.id: tools.photograph(chart.spec).result() for chart in letter.edition.charts}
        files["letter.eml"] = mail(letter, plain, pngs)
    return files


def _print(
    tools: Workshop | Studio, letter: view.Letter, drawings: dict[str, str], papers: Sequence[str]
) -> Future[list[bytes]] | None:
    """Hand the sheets to the press."""
    from generator.render.paper import sheet  # noqa: PLC0415 -- as above

    sheets = [sheet(letter, drawings, paper=PAPERS[paper]) for paper in papers]
    return tools.press.send(sheets) if tools.press else None
