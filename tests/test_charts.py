"""The charts: thinned lines that keep their extremes, labels that do not touch, and no words but those given."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from generator import charts
from generator.charts import plot, scales
from generator.errors import UnknownName
from generator.render import pictures
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Callable

SESSIONS = pd.bdate_range("1990-01-02", "2026-03-31")
WAVE = pd.Series(100 + 40 * np.sin(np.arange(len(SESSIONS)) / 300), index=SESSIONS)
PATH = pd.Series(np.linspace(0.0, 12.6, 253))


def strength() -> charts.Spec:
    """Draw a wave with one easing cycle."""
    return charts.relative_strength(WAVE, [(date(2001, 1, 3), date(2003, 6, 25))], label="small ÷ large")


def curve() -> charts.Spec:
    """Draw two curves."""
    now = {"3-month": 4.2, "2-year": 3.9, "10-year": 4.3, "30-year": 4.9}
    return charts.curve({"31 March 2026": now, "a year before": {tenor: value + 0.1 for tenor, value in now.items()}})


def target() -> charts.Spec:
    """Draw one cut, from a point to a range."""
    days = pd.DatetimeIndex(["2008-10-29", "2008-12-16"])
    upper, lower = pd.Series([1.0, 0.25], index=days), pd.Series([1.0, 0.0], index=days)
    return charts.target(upper, lower, until=date(2010, 1, 4), label="0–0.25%")


def study() -> charts.Spec:
    """Draw three cases and a current one."""
    paths = {date(2001, 1, 3): PATH, date(2007, 9, 18): -PATH, date(2019, 7, 31): PATH / 2}
    return charts.event_study(paths, current=PATH[:100] / 3, label="now")


def drawdowns() -> charts.Spec:
    """Draw the wave's drawdowns, and half of them."""
    fall = (WAVE / WAVE.cummax() - 1) * 100
    return charts.drawdowns(fall, fall / 2, label_small="small caps", label_large="large caps")


EACH = pytest.mark.parametrize("make", [strength, curve, target, study, drawdowns])


def words(svg: str) -> list[str]:
    """List the texts of a drawing outside its axes."""
    axes = re.sub(r'<g class="mark-group role-axis.*?</g></g></g></g>', "", svg)
    return re.findall(r"<text[^>]*>([^<]*)</text>", axes)


@EACH
def test_a_chart_is_plain_json_drawn_in_the_letters_size(make: Callable[[], charts.Spec]) -> None:
    """Each specification survives JSON and is drawn at one size, without a background."""
    svg = pictures.to_svg(json.loads(json.dumps(make(), allow_nan=False)))

    assert f'width="{plot.WIDTH}" height="{plot.HEIGHT}"' in svg
    assert "undefined" not in svg
    assert "NaN" not in svg


@EACH
def test_a_chart_uses_the_colours_that_the_page_can_turn_dark(make: Callable[[], charts.Spec]) -> None:
    """Every fill and stroke of a drawing has its rule in templates/web/chart.css."""
    rules = folder("web").joinpath("chart.css").read_text("utf-8")

    for kind, colour in set(re.findall(r'(fill|stroke)="(#[0-9a-fA-F]+|black|white)"', pictures.to_svg(make()))):
        assert f'.drawing [{kind}="{colour}"]' in rules


def test_thinning_keeps_the_extremes_and_the_ends() -> None:
    """Of ten thousand points at most 402 stay, among them first, last, lowest and highest."""
    line = pd.Series(np.zeros(10_000), index=pd.date_range("1990-01-01", periods=10_000))
    line.iloc[4321], line.iloc[8765], line.iloc[-1] = -7.0, 9.0, 3.0

    thin = scales.thinned(line)

    assert len(thin) <= 402
    assert (thin.min(), thin.max(), thin.iloc[0], thin.iloc[-1]) == (-7.0, 9.0, 0.0, 3.0)
    assert thin.index.is_monotonic_increasing


def test_thinning_leaves_a_short_line_alone() -> None:
    """A line of no more than two points a column is drawn whole."""
    assert scales.thinned(PATH).equals(PATH)


def test_labels_that_would_touch_are_pushed_apart() -> None:
    """The labels of lines that end at one height stand at least a line of type apart, inside the plot."""
    svg = pictures.to_svg(charts.curve({name: {"2-year": 4.0, "10-year": 4.001} for name in ("now", "then", "before")}))
    heights = [float(y) for y in re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>(?:now|then|before)<', svg)]

    assert len(heights) == 3
    assert min(np.diff(sorted(heights))) >= plot.LABEL_GAP - 0.01


def test_an_event_study_labels_cases_by_year_and_draws_their_median() -> None:
    """Of +12.6, −12.6 and +6.3 points after 252 sessions the median is 6.3."""
    spec = study()
    median = next(layer for layer in spec["layer"] if layer.get("mark", {}).get("color") == plot.INK)

    assert median["data"]["values"].splitlines()[-1] == "252,6.3"
    assert set(words(pictures.to_svg(spec))) >= {"2001", "2007", "2019", "median", "now"}


def test_an_easing_cycle_is_named_once() -> None:
    """Two cycles are shaded, the word stands at the longer one; a cycle before the line is left out."""
    cycles = [
        (date(1980, 1, 1), date(1981, 1, 1)),
        (date(2001, 1, 3), date(2003, 6, 25)),
        (date(2019, 7, 31), date(2020, 3, 15)),
    ]
    svg = pictures.to_svg(charts.relative_strength(WAVE, cycles, label="small ÷ large"))

    assert words(svg).count("easing") == 1
    assert svg.count(f'fill="{plot.SHADE}"') == 2


def test_the_target_holds_to_the_day_asked_for() -> None:
    """The last step reaches `until`, with the range of the last change."""
    rows = target()["layer"][1]["data"]["values"].splitlines()

    assert rows == ["x,y,low", "2008-10-29,1,1", "2008-12-16,0.25,0", "2010-01-04,0.25,0"]


def test_ticks_have_a_true_minus_and_a_sign_where_it_says_something() -> None:
    """The axis of an event study reads −10, 0, +10."""
    ticks = re.findall(r">([+−-]?\d+)</text>", pictures.to_svg(study()))

    assert {"−10", "0", "+10"} <= set(ticks)
    assert "-10" not in ticks


def test_a_maturity_that_is_none_is_named() -> None:
    """A curve of an unknown maturity is refused with the nearest known."""
    with pytest.raises(UnknownName) as refused:
        charts.curve({"now": {"10-years": 4.0}})

    assert refused.value.nearest == "10-year"
