"""The Jinja environment of the forms, and the filters that set a claim, a sentence, a fact or a moment in type."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from markupsafe import Markup, escape

from generator.edition import Claim
from generator.render import view
from generator.stationery import compiled, folder
from generator.units import MINUS, Unit, number

if TYPE_CHECKING:
    from jinja2.runtime import Context as TemplateContext

    from generator.model import Context, Fact, Gap
    from generator.render.view import Letter, Line

SHORT_DIGEST = 12  # hexadecimal digits of a digest that are shown; the whole one stands in the title


@cache
def environment() -> Environment:
    """Templates of templates/, escaped unless they are text; a name that is not there is an error."""
    found = Environment(
        loader=FileSystemLoader(folder()),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=compiled(folder()),
    )
    found.filters |= {
        "said": said, "cell": cell, "day": view.day, "weekday": view.weekday, "moment": view.moment,
        "count": lambda value: number(value, 0), "exact": exact, "standing": standing, "outcome": outcome,
        "values": values, "short": short, "rests": rests,
    }  # fmt: skip
    return found


def stylesheet(*parts: str) -> Markup:
    """Read a style sheet of templates/, to stand once in a page."""
    return Markup(folder(*parts[:-1]).joinpath(parts[-1]).read_text("utf-8"))  # noqa: S704 -- our own file


def claim(found: Claim, letter: Letter, *, linked: bool = False) -> Markup:
    """Set the words of a fact in type, with the fact's value, key and form for who wants to check them."""
    args = json.dumps(dict(found.args), ensure_ascii=False, sort_keys=True) if found.args else ""
    data = Markup('<data class="claim" value="{}" data-fact="{}" data-say="{}"{}>{}</data>').format(
        repr(letter.fact(found).value),
        found.fact,
        found.say,
        Markup(' data-args="{}"').format(args) if args else "",
        found.text,
    )
    return Markup('<a href="evidence.html#fact-{}">{}</a>').format(found.fact, data) if linked else data


@pass_context
def said(context: TemplateContext, line: Line) -> Markup:
    """Set a sentence in type: its words unchanged, its claims marked unless the form is `plain`."""
    if context["plain"]:
        return escape(line.text)
    letter: Letter = context["letter"]
    words = Markup("").join(
        claim(piece, letter, linked=context["linked"]) if isinstance(piece, Claim) else piece
        for piece in line.sentence.pieces
    )
    return Markup('<span class="s" id="s-{}">{}</span>').format(line.number, words) if line.number else words


@pass_context
def cell(context: TemplateContext, found: Claim | Gap | None) -> Markup:
    """Set a cell of a table in type: a claim, nothing, or "n/a" with the letter of its note."""
    letter: Letter = context["letter"]
    if found is None:
        return Markup("")
    if not isinstance(found, Claim):
        note = letter.note(found)
        if context["linked"]:
            return Markup('<a class="gap" href="#gap-{0}" title="{1}">n/a<sup>{0}</sup></a>').format(note, found.reason)
        return Markup('<span class="gap">n/a<sup>{}</sup></span>').format(note)
    return escape(found.text) if context["plain"] else claim(found, letter, linked=context["linked"])


def exact(fact: Fact) -> str:
    """The unrounded value with its unit; of a coded state, its word."""
    value = repr(fact.value).removesuffix(".0").replace("-", MINUS)
    if fact.unit is Unit.STATE:
        return f"{fact.state}, coded {value}"
    unit = "percent" if fact.unit is Unit.YIELD else "" if fact.unit is Unit.COUNT else fact.unit.value
    return f"{value} {unit}".rstrip()


def values(count: int) -> str:
    """A number of observations.

    >>> values(1), values(16044)
    ('1 value', '16,044 values')
    """
    return f"{number(count, 0)} value{'' if count == 1 else 's'}"


def short(digest: str) -> str:
    """The first twelve digits of a digest, more while all are decimal: it must not look like a figure.

    >>> short("0afb387ba02e5555"), short("479788196807a5")
    ('0afb387ba02e', '479788196807a')
    """
    return next((digest[:end] for end in range(SHORT_DIGEST, len(digest)) if not digest[:end].isdecimal()), digest)


@pass_context
def rests(context: TemplateContext, fact: Fact) -> Markup:
    """The series a fact rests on, each with the marks of its slices, which lead to them."""
    letter: Letter = context["letter"]
    found: dict[str, list[Markup]] = {}
    for slice_ in fact.evidence:
        link = Markup('<a href="#{0}">{0}</a>').format(letter.slices[slice_])
        found.setdefault(slice_.series_id, []).append(link)
    return Markup(", ").join(Markup("{} {}").format(series, Markup(" ").join(links)) for series, links in found.items())


def standing(context: Context) -> str:
    """How a value stands in its history, field by field."""
    beyond = f"last as far on {view.day(context.beyond)}" if context.beyond else "a record"
    return (
        f"percentile {number(context.percentile, 1)} of {values(context.count)} since "
        f"{view.day(context.first)}, by size {number(context.size_percentile, 1)}; rank {number(context.rank, 0)} "
        f"from the {'top' if context.high else 'bottom'}; "
        f"streak {number(context.streak, 0)}; {beyond}"
    )


def outcome(value: float | None) -> str:
    """Percentage points of a case, signed; "open" while its window has not closed."""
    return "open" if value is None else number(value, 1, signed=True)
