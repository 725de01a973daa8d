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
    """Make the page, the evidence behind it and their fonts, by path in the folder.

    `drawings` are the SVGs of the charts by id.
    """
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
    style = stylesheet("web", "page.css") + stylesheet("web", "chart.css")
    given = {"letter": letter, "edition": letter.edition, "policy": POLICY, "linked": True, "plain": False}
    text = environment().get_template("web/page.html").render(given, charts=charts, style=style)
    evidence = environment().get_template("web/evidence.html").render(given, style=stylesheet("web", "page.css"))
    fonts = {f"fonts/{path.name}": path.read_bytes() for path in sorted(folder("fonts").glob("*.woff2"))}
    return {"index.html": text.encode(), "evidence.html": evidence.encode(), **fonts}
