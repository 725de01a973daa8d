"""The web page: a folder that needs no other host and no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.render import pictures
from generator.render.sheets import environment, stylesheet
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.view import Letter

POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'"


def page(letter: Letter, drawings: Mapping[str, str]) -> dict[str, bytes]:
    """Make the page and its fonts, by path in the folder; `drawings` are the SVGs of the charts by id."""
    charts = {
        figure.chart.id: Markup(  # noqa: S704 -- an SVG of our own engine
            pictures.inline(
                drawings[figure.chart.id],
                labelled_by=f"s-{figure.title.number}",
                described_by=f"s-{figure.alt.number}",
            )
        )
        for figure in letter.figures
    }
    text = environment().get_template("web/page.html").render(
        letter=letter, edition=letter.edition, charts=charts, policy=POLICY, linked=True, plain=False,
        style=stylesheet("web", "page.css") + stylesheet("web", "chart.css"),
    )  # fmt: skip
    fonts = {f"fonts/{path.name}": path.read_bytes() for path in sorted(folder("fonts").glob("*.woff2"))}
    return {"index.html": text.encode(), **fonts}
