"""The card of an edition: the picture of 1200 by 630 pixels that stands beside a link to it elsewhere."""

from __future__ import annotations

import hashlib
import textwrap
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.archive.crew import each
from generator.render import pictures
from generator.render.easel import Easel
from generator.render.view import MONTHS
from generator.units import Unit, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.archive.values import Head, Site

LINE = 31  # characters of a headline that fit
LINES = 4
MANY = 24  # cards that are worth a crew
SVG = Markup("""<svg xmlns="http://www.w3.org/2000/svg" width="600" height="315" viewBox="0 0 600 315">
<rect width="600" height="8" fill="{colour}"/>
<text x="40" y="62" font-family="Newsreader" font-weight="600" font-size="24" fill="#1d2a38">{title}</text>
<text x="560" y="61" text-anchor="end" font-family="Inter" font-size="13" fill="#5f6872">{issue}</text>
<rect x="40" y="76" width="520" height="1" fill="#1d2a38"/>
{lines}
<text x="40" y="283" font-family="Inter" font-size="14" fill="{colour}">{move}</text>
</svg>""")
SPAN = Markup(
    '<text x="40" y="{}" font-family="Newsreader" font-weight="600" font-size="34" fill="#1d2a38">{}</text>'
)  # a line of the headline
UP, DOWN, FLAT = "#12599b", "#b4530f", "#5f6872"


def name(head: Head, site: Site) -> str:
    """The name under which a card is kept: the digest of its edition, and of how cards are drawn."""
    return f"{head.digest}-{_way(site.title)}.png"


@cache
def _way(title: str) -> str:
    return hashlib.sha256(Path(__file__).read_bytes() + title.encode()).hexdigest()[:12]


def drawing(head: Head, site: Site) -> str:
    """The card as SVG of half the size."""
    words = textwrap.wrap(head.headline, LINE)
    if len(words) > LINES:
        words = [*words[: LINES - 1], words[LINES - 1].rstrip(" ,;") + " …"]
    lines = Markup("\n").join(SPAN.format(126 + 40 * place_, line) for place_, line in enumerate(words))
    colour = FLAT if head.move is None else UP if head.move >= 0 else DOWN
    said = "" if head.move is None else f"Small caps {quantity(head.move, Unit.PERCENT, signed=True)} on the day"
    issue = f"{head.kind.capitalize()} letter · {int(head.day[8:])} {MONTHS[int(head.day[5:7]) - 1]} {head.year}"
    return str(SVG.format(colour=colour, title=site.title, issue=issue, lines=lines, move=said))


def draw(wanted: Sequence[tuple[Path, Head]], site: Site) -> None:
    """Draw the cards that are missing: a few on an easel, many by a crew. RenderError if the engine refuses one."""
    if len(wanted) >= MANY:
        each([partial(_drawn, path, head, site) for path, head in wanted], weight=0.05)
    elif wanted:
        with Easel(draws=False) as easel:
            for path, head in wanted:
                _keep(path, easel.png(drawing(head, site)))


def _drawn(path: Path, head: Head, site: Site) -> None:
    _keep(path, pictures.to_png(drawing(head, site)))


def _keep(path: Path, png: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(png)
    draft.replace(path)
