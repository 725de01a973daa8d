"""Pictures, the press and the view: what the forms are made with."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import letters
import pytest

from generator.commentary import FIXED
from generator.edition import Chart, Edition, to_json
from generator.errors import RenderError, UnknownName
from generator.render import FORMS, Workshop, pictures, render, view
from generator.render.press import Press
from generator.stories import STORIES

ROOT = Path(__file__).parents[1]
SPEC = letters.edition().charts[0].spec


def run(code: str, **environment: str) -> str:
    """Run Python in a fresh process beside the tests."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_chart_is_the_same_bytes_in_every_process_and_time_zone() -> None:
    """Two processes in two time zones draw and photograph the same chart."""
    code = (
        "import hashlib, letters; from generator.render import pictures;"
        "svg = pictures.to_svg(letters.edition().charts[0].spec);"
        "print(hashlib.sha256(svg.encode() + pictures.to_png(svg)).hexdigest())"
    )

    assert run(code, TZ="Asia/Tokyo", PYTHONHASHSEED="1") == run(code, TZ="America/New_York", PYTHONHASHSEED="2")


def test_a_png_is_opaque_and_twice_the_size() -> None:
    """The picture for mail has 1280 by 640 pixels, and its corner is the paper, not glass."""
    png = pictures.to_png(pictures.to_svg(SPEC))
    width, height = struct.unpack(">II", png[16:24])
    pixels = zlib.decompress(png[41 : png.index(b"IEND") - 8])

    assert (width, height) == (1280, 640)
    assert pixels[1:5] == bytes.fromhex(pictures.PAPER[1:]) + b"\xff"


def test_a_chart_inside_a_page_has_a_role_and_its_words() -> None:
    """The SVG names the elements that describe it, and scales with its box."""
    svg = pictures.inline(pictures.to_svg(SPEC), labelled_by="s-9", described_by="s-10", title="a < b")

    assert svg.startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="s-9" aria-describedby="s-10"'
    )
    assert 'viewBox="0 0 640 320"><title>a &lt; b</title>' in svg


def test_a_specification_the_engine_refuses_is_a_render_error() -> None:
    """A mark that does not exist ends in an error that points to edition.json."""
    with pytest.raises(RenderError) as refused:
        pictures.to_svg({"data": {"values": []}, "mark": "sausage"})

    assert "edition.json" in refused.value.hint


def test_rendering_loads_no_engine_of_data_and_only_what_a_form_needs() -> None:
    """Text and JSON come without pandas, DuckDB, WeasyPrint or the chart engine."""
    code = (
        "import sys, letters; from generator.render import render; render(letters.edition(), ['text', 'json']);"
        "print(sorted({'pandas', 'numpy', 'duckdb', 'weasyprint', 'vl_convert', 'css_inline'} & set(sys.modules)))"
    )

    assert run(code) == "[]"


def test_the_web_page_and_the_mail_come_without_data_engines_and_paper() -> None:
    """Page and mail draw charts, and load neither pandas nor DuckDB nor WeasyPrint."""
    code = (
        "import sys, letters; from generator.render import render; render(letters.edition(), ['web', 'mail']);"
        "print(sorted({'pandas', 'duckdb', 'weasyprint'} & set(sys.modules)))"
    )

    assert run(code) == "[]"


def test_sentences_keep_the_numbers_of_the_edition() -> None:
    """The view numbers each sentence as `Edition.sentences` does, so that `explain` finds it."""
    edition = letters.edition()
    letter = view.letter(edition, digest="0" * 64)
    lines = [
        letter.headline, letter.standfirst,
        *(line for block in letter.blocks for paragraph in block.paragraphs for line in paragraph),
        *(line for figure in letter.figures for line in (figure.title, figure.alt)),
        *letter.method,
    ]  # fmt: skip

    assert [(line.number, line.sentence) for line in lines] == [(n, s) for n, _, s in edition.sentences()]


def test_a_chart_stands_beside_the_story_it_belongs_to() -> None:
    """Relative strength follows the section on size, the curve the one on rates."""
    letter = view.letter(letters.edition(), digest="0" * 64)

    assert [[figure.chart.id for figure in block.figures] for block in letter.blocks] == [
        ["relative_strength"],
        ["curve"],
    ]


def test_a_chart_whose_story_is_not_told_stands_with_the_tables() -> None:
    """A letter without sections keeps its charts, in order, ahead of the tables."""
    letter = view.letter(replace(letters.edition(), sections=()), digest="0" * 64)

    assert [figure.chart.id for figure in letter.loose] == ["relative_strength", "curve"]


def test_every_neighbour_of_a_chart_is_a_story_that_can_be_told() -> None:
    """The stories named in NEIGHBOURS are those of the letter."""
    told = {*(story.name for story in STORIES), *FIXED}

    assert {name for names in view.NEIGHBOURS.values() for name in names} <= told


def test_two_narrow_tables_stand_abreast_on_paper() -> None:
    """The two tables of two columns share a row, the one with the longer words gets more of it; seven stand alone."""
    returns, yields = letters.tables()
    wide = replace(
        returns, columns=("a",) * 8, rows=tuple(replace(row, cells=row.cells[:1] * 8) for row in returns.rows)
    )
    letter = view.letter(replace(letters.edition(), tables=(returns, yields, wide)), digest="0" * 64)
    rows = letter.spreads

    assert [[table.id for table, _ in row] for row in rows] == [["returns", "yields"], ["returns"]]
    assert [round(sum(share for _, share in row)) for row in rows] == [100, 100]


def test_every_gap_is_noted_once() -> None:
    """A gap that stands in a table and in the edition's list has one letter."""
    letter = view.letter(letters.edition(), digest="0" * 64)

    assert [note for note, _ in letter.gaps.values()] == ["a", "b"]
    assert letter.note(letters.NO_GOLD) == "a"


def test_an_unknown_form_or_paper_is_named() -> None:
    """What cannot be made is refused before anything is made."""
    with pytest.raises(UnknownName, match="form 'pfd'"):
        render(letters.edition(), ["pfd"])
    with pytest.raises(UnknownName, match="paper 'a5'"):
        render(letters.edition(), ["json"], papers=("a5",))


def test_json_is_the_edition_itself() -> None:
    """The JSON form is the bytes of `to_json`, whichever forms come with it."""
    assert render(letters.edition(), ["json"])["edition.json"] == to_json(letters.edition())
    assert set(FORMS) == {"web", "mail", "text", "pdf", "json"}


def test_a_workshop_draws_a_chart_once() -> None:
    """A chart that was started early is the one the letter gets."""
    with Workshop(["web"]) as workshop:
        early = workshop.draw(SPEC)

        assert workshop.draw(dict(SPEC)) is early
        assert early.result() == pictures.to_svg(SPEC)


def test_a_workshop_that_nobody_uses_ends_its_press() -> None:
    """When reading the observations fails, leaving the workshop ends the child process."""
    with Workshop(["pdf"]) as workshop:
        press = workshop.press

    assert press is not None
    assert press.ended


def test_a_press_that_dies_is_a_render_error() -> None:
    """A child that was killed says so instead of giving half a PDF."""
    with Press() as press:
        press.kill()
        printing = press.send(["<p>never printed</p>"])

        with pytest.raises(RenderError, match="the press ended"):
            printing.result()


def test_a_broken_chart_leaves_no_form_behind() -> None:
    """An edition with a chart that cannot be drawn raises, and gives no partial letter."""
    good = letters.edition()
    first: Chart = good.charts[0]
    broken: Edition = replace(good, charts=(replace(first, spec={"mark": "sausage", "data": {"values": []}}),))

    with pytest.raises(RenderError):
        render(broken, ["web", "text"])
