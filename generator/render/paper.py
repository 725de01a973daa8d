"""The letter on paper: a tagged PDF whose fonts come from templates/fonts alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.errors import RenderError
from generator.render import pictures
from generator.render.sheets import environment, stylesheet
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.view import Letter


def sheet(letter: Letter, drawings: Mapping[str, str], *, paper: str) -> str:
    """Write the HTML that is printed, on a `paper` as CSS names it."""
    charts = {
        figure.chart.id: Markup(pictures.inline(drawings[figure.chart.id], title=figure.alt.text))  # noqa: S704
        for figure in letter.figures
    }
    return environment().get_template("print/letter.html").render(
        letter=letter, edition=letter.edition, charts=charts, paper=paper, linked=False, plain=True,
        style=stylesheet("print", "print.css"),
    )  # fmt: skip


def pdf(html: str) -> bytes:
    """Print a sheet as PDF/UA-1; same HTML, same bytes. RenderError if the machine lacks Pango."""
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415 -- 0.7 s that only paper is worth
        from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # noqa: PLC0415
    except OSError as problem:
        raise RenderError(
            f"WeasyPrint cannot load its libraries ({problem})",
            hint="Debian, Ubuntu: `apt install libpango-1.0-0 libpangoft2-1.0-0`; macOS: `brew install pango`",
        ) from None
    base = folder("fonts").resolve().as_uri() + "/"
    document = HTML(string=html, base_url=base, url_fetcher=URLFetcher(allowed_protocols=["file"]))
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    printed: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    return printed
