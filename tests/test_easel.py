"""The easel draws in a child process what `pictures` draws here, and says so when it cannot."""

from __future__ import annotations

import letters
import pytest

from generator.errors import RenderError
from generator.render import Workshop, pictures
from generator.render.easel import Easel

SPEC = letters.edition().charts[0].spec


def test_an_easel_draws_what_the_engine_draws_here() -> None:
    """The same SVG and the same PNG, byte for byte."""
    with Easel() as easel:
        svg = easel.svg(SPEC)

        assert svg == pictures.to_svg(SPEC)
        assert easel.png(svg) == pictures.to_png(svg)


def test_a_specification_that_cannot_be_drawn_does_not_stop_the_easel() -> None:
    """The engine's complaint arrives as a RenderError, and the next chart is drawn."""
    with Easel() as easel:
        with pytest.raises(RenderError, match="a chart cannot be drawn"):
            easel.svg({"mark": "sausage", "data": {"values": []}})

        assert easel.svg(SPEC).startswith("<svg")


def test_an_easel_that_dies_is_a_render_error() -> None:
    """A child that was killed says so instead of giving half a picture."""
    with Easel() as easel:
        easel.kill()

        with pytest.raises(RenderError, match="the chart engine ended"):
            easel.svg(SPEC)


def test_a_workshop_ends_its_easels_while_they_draw() -> None:
    """Leaving the workshop waits for no drawing that nobody fetched."""
    with Workshop(["mail"]) as workshop:
        workshop.photograph(SPEC)
        easels = [workshop.easel("svg"), workshop.easel("png")]

    assert all(easel.ended for easel in easels)
