"""The parts every chart is made of: its size, colours and frame, marks with their data, labels and axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from generator.charts.scales import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
INK, MUTED, FAINT, HAIR, SHADE = "#1d2a38", "#5f6872", "#9aa1a8", "#dcd8cf", "#ece7db"
SMALL, LARGE = "#12599b", "#b4530f"  # blue and rust: apart for every common kind of colour blindness
COLOURS = (INK, MUTED, FAINT, HAIR, SHADE, SMALL, LARGE)

WIDTH, HEIGHT = 560, 300  # small, so that its type is still read where a phone shows the whole at 350 pixels
LEFT, RIGHT, TOP, BOTTOM = 44, 104, 14, 28
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
LABEL_GAP = 14.0  # pixels between the base lines of two labels

SIGNED = "datum.value === 0 ? '0' : format(datum.value, '+~f')"
PLAIN = "format(datum.value, '~f')"
PERCENT = "format(datum.value, '~f') + '%'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The plot's two scales, so that labels can be placed in pixels beside their lines."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_scale: str = "utc"  # utc, linear or sqrt
    y_scale: str = "linear"  # linear or log

    def across(self, value: float) -> float:
        """Pixels from the left of the plot."""
        low, high, here = (math.sqrt(v) if self.x_scale == "sqrt" else v for v in (*self.x, value))
        return PLOT_WIDTH * (here - low) / (high - low)

    def down(self, value: float) -> float:
        """Pixels from the top of the plot."""
        low, high, here = (math.log(v) if self.y_scale == "log" else v for v in (*self.y, value))
        return PLOT_HEIGHT * (high - here) / (high - low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words at the end of a line."""

    text: str
    x: float  # in the units of the axis
    y: float
    colour: str
    strong: bool = False


def chart(frame: Frame, layers: Sequence[Spec], *, x_axis: Spec, y_axis: Spec) -> Spec:
    """Set layers on the scales of a frame, in the letter's type and colours; the engine adds no words of its own."""
    x_look = {
        "title": None,
        "grid": False,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "tickSize": 4,
        "labelFlush": False,
    }
    y_look = {"title": None, "domain": False, "ticks": False, "gridColor": HAIR, "labelPadding": 8}
    axes = {"labelColor": MUTED, "labelFont": "Inter", "labelFontSize": 11, "labelOverlap": False, "labelFlush": False}
    x_scale = {"type": frame.x_scale, "domain": list(frame.x), "nice": False}
    y_scale = {"type": frame.y_scale, "domain": list(frame.y), "nice": False}
    kind = "temporal" if frame.x_scale == "utc" else "quantitative"
    return {
        "$schema": SCHEMA,
        "width": PLOT_WIDTH,
        "height": PLOT_HEIGHT,
        "padding": {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "autosize": {"type": "none"},
        "background": None,
        "config": {"aria": False, "font": "Inter", "view": {"stroke": None}, "axis": axes},
        "encoding": {
            "x": {"field": "x", "type": kind, "scale": x_scale, "axis": x_look | x_axis},
            "y": {"field": "y", "type": "quantitative", "scale": y_scale, "axis": y_look | y_axis},
        },
        "layer": list(layers),
    }


def csv(**columns: Iterable[float | str]) -> Spec:
    """Inline data as one CSV text: a tenth of the bytes of rows of JSON, in edition.json and on the way to the engine.

    The column x is a date where it is written as one.
    """
    rows = [
        ",".join(cell if isinstance(cell, str) else f"{cell:.6g}" for cell in row)
        for row in zip(*columns.values(), strict=True)
    ]
    parse = {name: "number" for name in columns if name != "case"}
    if rows and rows[0].count("-") > 1 and rows[0][4] == "-":
        parse["x"] = "date"
    return {"values": "\n".join([",".join(columns), *rows]), "format": {"type": "csv", "parse": parse}}


def line(data: Spec, colour: str, width: float, **mark: object) -> Spec:
    """A line of a width in pixels; `mark` adds to its looks, an empty list takes nothing away."""
    look = {"type": "line", "color": colour, "strokeWidth": width, "strokeJoin": "round", "strokeCap": "round"}
    return {"data": data, "mark": {key: value for key, value in (look | mark).items() if value != []}}


def dots(data: Spec, colour: str) -> Spec:
    """Full dots."""
    return {"data": data, "mark": {"type": "point", "filled": True, "size": 28, "color": colour, "opacity": 1}}


def zero() -> Spec:
    """A rule at zero."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": MUTED},
        "encoding": {"x": None, "y": {"datum": 0}},
    }


def bands(frame: Frame, spans: Sequence[tuple[date, date]]) -> list[Spec]:
    """Shaded spans over the whole height, named once, in the widest."""
    first, last = frame.x
    clipped = [(max(moment(a), first), min(moment(b), last)) for a, b in spans]
    shown = [(a, b) for a, b in clipped if a < b]
    if not shown:
        return []
    rows = [{"from": frame.across(a), "to": frame.across(b)} for a, b in shown]
    widest = max(rows, key=lambda row: row["to"] - row["from"])
    encoding = {
        "x": {"field": "from", "type": "quantitative", "scale": None},
        "x2": {"field": "to"},
        "y": {"value": 0},
        "y2": {"value": PLOT_HEIGHT},
    }
    name: Spec = {"text": "easing", "px": (widest["from"] + widest["to"]) / 2, "py": 10.0}
    words = text([name], color=MUTED, align="center")
    return [{"data": {"values": rows}, "mark": {"type": "rect", "color": SHADE}, "encoding": encoding}, words]


def text(rows: Sequence[Spec], **mark: object) -> Spec:
    """Words at pixels of the plot."""
    look = {"type": "text", "font": "Inter", "fontSize": 11.5, "baseline": "middle"}
    return {
        "data": {"values": list(rows)},
        "mark": look | mark,
        "encoding": {
            "x": {"field": "px", "type": "quantitative", "scale": None},
            "y": {"field": "py", "type": "quantitative", "scale": None},
            "text": {"field": "text", "type": "nominal"},
        },
    }


def labels(frame: Frame, wanted: Sequence[Label]) -> Spec:
    """Labels right of their points, pushed apart where they would touch, in one layer for each look."""
    ordered = sorted(wanted, key=lambda label: frame.down(label.y))
    places = apart([frame.down(label.y) for label in ordered])
    layers = []
    for label, place in zip(ordered, places, strict=True):
        row: Spec = {"text": label.text, "px": round(frame.across(label.x) + 7, 2), "py": round(place, 2)}
        layers.append(text([row], color=label.colour, align="left", fontWeight=600 if label.strong else 400))
    return {"layer": layers}


def apart(places: Sequence[float]) -> list[float]:
    """Ascending places moved as little as needed to keep a label's height between them, within the plot.

    >>> apart([10.0, 12.0, 100.0])
    [4.0, 18.0, 100.0]
    """
    heaps: list[tuple[float, int]] = []  # neighbours that touch share the mean of their wishes: its sum, their number
    for rank, place in enumerate(places):
        total, number = place - rank * LABEL_GAP, 1
        while heaps and heaps[-1][0] / heaps[-1][1] > total / number:
            before, more = heaps.pop()
            total, number = total + before, number + more
        heaps.append((total, number))
    room = PLOT_HEIGHT - (len(places) - 1) * LABEL_GAP
    wishes = [min(max(total / number, 0.0), room) for total, number in heaps for _ in range(number)]
    return [wish + rank * LABEL_GAP for rank, wish in enumerate(wishes)]


def end(text: str, path: pd.Series, colour: str, *, strong: bool = False) -> Label:
    """The label at the end of a path."""
    return Label(text=text, x=float(path.index[-1]), y=float(path.iloc[-1]), colour=colour, strong=strong)


def years(frame: Frame) -> Spec:
    """Ticks at the starts of years, about eight of them."""
    first, last = (datetime.fromtimestamp(edge / 1000, UTC).year for edge in frame.x)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= 8 or step == 50)  # noqa: PLR2004
    ticks = [moment(date(year, 1, 1)) for year in range(first, last + 1) if year % step == 0]
    return {"values": [tick for tick in ticks if tick >= frame.x[0]], "format": "%Y"}


def y_axis(ticks: Sequence[float], expression: str) -> Spec:
    """Ticks with their words as an expression of the engine."""
    return {"values": list(ticks), "labelExpr": expression}
