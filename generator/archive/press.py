"""Setting the pages of the archive in type: its templates, and the digest of all that goes into every page."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from generator import __version__
from generator.stationery import compiled, folder
from generator.units import Unit, quantity

if TYPE_CHECKING:
    from generator.archive.values import Site

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def environment() -> Environment:
    """Templates of templates/, all escaped but the letters' parts; a name that is not there is an error."""
    found = Environment(
        loader=FileSystemLoader(folder()),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=compiled(folder()),
    )
    found.filters |= {"longday": longday, "month": lambda number: MONTHS[int(number) - 1], "moved": moved}
    return found


def fragment(name: str, **given: object) -> str:
    """Render a template."""
    return environment().get_template(name).render(given)


def page(name: str, site: Site, path: str, **given: object) -> bytes:
    """A page of the site at a path below its root, such as "2026/03/"."""
    root = "../" * path.count("/") or "./"
    return fragment(name, **({"root": root, "site": site, "path": path} | given)).encode()


def longday(day: str) -> str:
    """Write a day as the letter prints it.

    >>> longday("2026-03-31")
    '31 March 2026'
    """
    return f"{int(day[8:10])} {MONTHS[int(day[5:7]) - 1]} {day[:4]}"


def moved(value: float) -> str:
    """A day's return of small caps, signed.

    >>> moved(-0.04), moved(3.65)
    ('0.0%', '+3.7%')
    """
    return quantity(value, Unit.PERCENT, signed=True)


@cache
def salt() -> str:
    """Digest of what goes into every page: version, templates, and the code that sets them."""
    found = hashlib.sha256(__version__.encode())
    sources = [*folder("site").iterdir(), *folder("web").iterdir(), *Path(__file__).parent.glob("*.py")]
    for path in sorted(path for path in sources if path.is_file()):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def fonts() -> dict[str, Path]:
    """The letter's fonts, by their path on the site."""
    return {f"fonts/{path.name}": path for path in sorted(folder("fonts").glob("*.woff2"))}


def stylesheet(name: str) -> bytes:
    """A style sheet, script or icon of templates/site."""
    return folder("site").joinpath(name).read_bytes()


def letter_style() -> str:
    """The letter's own style sheet, on which the archive's pages are built."""
    return str(Markup(folder("web").joinpath("page.css").read_text("utf-8"))).replace("url(fonts/", "url(../fonts/")  # noqa: S704 -- our own file
