"""The plain text: at most 78 columns, every figure in it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from generator.edition import Claim
from generator.render.sheets import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.edition import Table
    from generator.model import Gap
    from generator.render.view import Letter

COLUMNS = 78
STUB = 30  # the widest label of a table before it is broken
BETWEEN = 2  # blanks between two columns


def text(letter: Letter) -> str:
    """Write the letter as text."""
    template = environment().get_template("text/letter.txt")
    return template.render(
        letter=letter, edition=letter.edition, wrap=wrap, underline=underline, table=lambda t: columns(t, letter)
    )


def wrap(words: str, indent: str = "", first: str | None = None) -> str:
    """Words broken at blanks into lines of at most 78 columns."""
    lead = indent if first is None else first
    return textwrap.fill(
        words, COLUMNS, initial_indent=lead, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def underline(words: str, mark: str) -> str:
    """Set a heading over a rule as long as its last line.

    >>> print(underline("Rates", "-"))
    Rates
    -----
    """
    lines = wrap(words)
    return f"{lines}\n{mark * len(lines.splitlines()[-1])}"


def columns(table: Table, letter: Letter) -> str:
    """Set a table in aligned columns; one too wide is broken into parts that repeat the labels."""
    rows = [[_cell(cell, letter) for cell in row.cells] for row in table.rows]
    widths = [max(len(text) for text in column) for column in zip(table.columns, *rows, strict=True)]
    stub = min(STUB, max(len(text) for text in (table.stub, *(row.label for row in table.rows))))
    parts = []
    for first, after in _parts(widths, COLUMNS - stub):
        head = _line(table.stub, table.columns[first:after], widths[first:after], stub)
        body = [
            _line(row.label, cells[first:after], widths[first:after], stub)
            for row, cells in zip(table.rows, rows, strict=True)
        ]
        parts.append("\n".join([head, "-" * len(head.splitlines()[-1]), *body]))
    return "\n\n".join(parts)


def _cell(found: Claim | Gap | None, letter: Letter) -> str:
    if found is None:
        return ""
    return found.text if isinstance(found, Claim) else f"n/a ({letter.note(found)})"


def _parts(widths: list[int], room: int) -> Iterator[tuple[int, int]]:
    """Break the columns into runs that fit into the room."""
    first, used = 0, 0
    for place, width in enumerate(widths):
        if place > first and used + width + BETWEEN > room:
            yield first, place
            first, used = place, 0
        used += width + BETWEEN
    yield first, len(widths)


def _line(label: str, cells: tuple[str, ...] | list[str], widths: list[int], stub: int) -> str:
    """One row; a long label takes more lines, and the figures stand on its last."""
    *before, last = textwrap.wrap(label, stub) or [""]
    figures = "".join(f"{'':{BETWEEN}}{text:>{width}}" for text, width in zip(cells, widths, strict=True))
    return "\n".join([*before, f"{last:<{stub}}{figures}".rstrip() if any(cells) else last])
