"""The letter's charts as Vega-Lite specifications: plain dicts with their data inside, thinned first.

Every chart is 640 x 320 pixels, names its lines at their ends instead of in a legend, and leaves the unit to its
subtitle. No figure is printed but the ticks of the axes; words with figures come in from facts.

The colours are written here once; the pages repeat them to recolour a chart for a dark screen
(templates/web/chart.css), which a test holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from generator.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
INK, MUTED, FAINT, HAIR, SHADE = "#1d2a38", "#5f6872", "#9aa1a8", "#dcd8cf", "#ece7db"
SMALL, LARGE = "#12599b", "#b4530f"  # blue and rust: apart for every common kind of colour blindness
COLOURS = (INK, MUTED, FAINT, HAIR, SHADE, SMALL, LARGE)

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 46, 124, 14, 28
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
COLUMNS = 200  # of a thinned line: at most two points in each
LABEL_GAP = 15.0  # pixels between the base lines of two labels

# the maturities of the curve, in years
MATURITIES = {
    "1-month": 1 / 12, "3-month": 0.25, "6-month": 0.5, "1-year": 1.0, "2-year": 2.0, "3-year": 3.0, "5-year": 5.0,
    "7-year": 7.0, "10-year": 10.0, "20-year": 20.0, "30-year": 30.0,
}  # fmt: skip
CURVE_TICKS = {0.25: "3m", 1.0: "1y", 2.0: "2y", 5.0: "5y", 10.0: "10y", 20.0: "20y", 30.0: "30y"}

SIGNED = "datum.value === 0 ? '0' : format(datum.value, '+~f')"
PLAIN = "format(datum.value, '~f')"
PERCENT = "format(datum.value, '~f') + '%'"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
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
class _Label:
    """Words at the end of a line."""

    text: str
    x: float  # in the units of the axis
    y: float
    colour: str
    strong: bool = False


# --- the charts -------------------------------------------------------------------------------------------------


def relative_strength(line: pd.Series, easing: Sequence[tuple[date, date]], *, label: str) -> Spec:
    """Draw small caps' wealth over large caps' on a log scale (equal heights are equal ratios), easing cycles shaded.

    `line` holds positive levels by session; `easing` the first and last day of each cycle, clipped to the line.
    """
    thin = thinned(line)
    low, high = float(thin.min()), float(thin.max())
    ticks = _log_ticks(low, high)
    frame = _Frame(x=_span(thin), y=(low * 0.97, high * 1.03), y_scale="log")
    end = _Label(text=label, x=frame.x[1], y=float(thin.iloc[-1]), colour=SMALL, strong=True)
    layers = [
        *_bands(frame, easing),
        _line(_csv(x=_dates(thin), y=thin), SMALL, 1.5),
        _labels(frame, [end]),
    ]
    return _chart(frame, layers, x_axis=_years(frame), y_axis=_y_axis(ticks, PLAIN))


def curve(curves: Mapping[str, Mapping[str, float]]) -> Spec:
    """Draw yields in percent by maturity, newest first and strongest; the outer keys are printed.

    Maturities are named as in "3-month" or "10-year" (UnknownName otherwise) and stand on a square-root scale, which
    gives the short end room. A maturity that a curve lacks is left out of its line.
    """
    years = {name: {_maturity(tenor): value for tenor, value in points.items()} for name, points in curves.items()}
    values = [value for points in years.values() for value in points.values()]
    ticks = _ticks(min(values), max(values), 5)
    longest = max(max(points) for points in years.values())
    frame = _Frame(x=(min(min(points) for points in years.values()), longest), y=(ticks[0], ticks[-1]), x_scale="sqrt")
    looks: tuple[tuple[str, float, list[float]], ...] = (
        (SMALL, 2.4, []),
        (MUTED, 1.5, [5, 3]),
        (LARGE, 1.5, [1.5, 2.5]),
        (FAINT, 1.2, []),
    )
    layers: list[Spec] = []
    ends: list[_Label] = []
    for (name, points), (colour, width, dash) in zip(years.items(), looks, strict=False):
        ordered = sorted(points.items())
        layers.append(_line(_csv(x=[x for x, _ in ordered], y=[y for _, y in ordered]), colour, width, strokeDash=dash))
        ends.append(_Label(text=name, x=longest, y=ordered[-1][1], colour=colour, strong=colour == SMALL))
    newest = sorted(next(iter(years.values())).items())
    layers.reverse()  # the newest on top
    layers.append(_dots(_csv(x=[x for x, _ in newest], y=[y for _, y in newest]), SMALL))
    names = " : ".join(f"datum.value === {x} ? '{name}'" for x, name in CURVE_TICKS.items()) + " : ''"
    x_axis = {"values": [x for x in CURVE_TICKS if frame.x[0] <= x <= longest], "labelExpr": names}
    return _chart(frame, [*layers, _labels(frame, ends)], x_axis=x_axis, y_axis=_y_axis(ticks, PERCENT))


def target(upper: pd.Series, lower: pd.Series, *, until: date, label: str) -> Spec:
    """Draw the funds target in percent as steps, one line until there was a range, then the range filled.

    Both series are dated by announcement (changes only or every day) and hold to the next value; the last to `until`.
    """
    both = pd.DataFrame({"upper": upper, "lower": lower}).ffill()
    changes = both[(both != both.shift()).any(axis=1)]
    steps = pd.concat([changes, both.iloc[[-1]].set_axis(pd.DatetimeIndex([until]))])
    ticks = _ticks(0.0, float(steps["upper"].max()), 5)
    frame = _Frame(x=_span(steps["upper"]), y=(ticks[0], ticks[-1]))
    rows = _csv(x=_dates(steps["upper"]), y=steps["upper"], low=steps["lower"])
    end = (float(steps["upper"].iloc[-1]) + float(steps["lower"].iloc[-1])) / 2
    fill: Spec = {"mark": {"type": "area", "interpolate": "step-after", "color": SMALL, "opacity": 0.35}}
    fill |= {"data": rows, "encoding": {"y2": {"field": "low"}}}
    layers = [
        fill,
        _line(rows, SMALL, 1.6, interpolate="step-after"),
        _labels(frame, [_Label(text=label, x=frame.x[1], y=end, colour=SMALL, strong=True)]),
    ]
    return _chart(frame, layers, x_axis=_years(frame), y_axis=_y_axis(ticks, PERCENT))


def event_study(
    paths: Mapping[date, pd.Series], *, current: pd.Series | None, label: str, median_label: str = "median"
) -> Spec:
    """Draw small less large caps, in percentage points, by sessions since each event: cases thin, their median strong.

    The index of every path counts sessions from 0 to at most 252; a case is labelled by its year. `current` lies on
    top and is named by `label`.
    """
    table = pd.DataFrame(dict(sorted(paths.items())))
    median = table.median(axis=1)[table.notna().all(axis=1)]
    drawn = [*(path.dropna() for _, path in table.items()), median, *([] if current is None else [current])]
    ticks = _ticks(min(float(p.min()) for p in drawn), max(float(p.max()) for p in drawn), 6)
    frame = _Frame(x=(0.0, float(max(p.index[-1] for p in drawn))), y=(ticks[0], ticks[-1]), x_scale="linear")
    ends = [_end(f"{event:%Y}", path.dropna(), MUTED) for event, path in paths.items()]
    cases = [(f"{event:%Y-%m-%d}", thinned(path.dropna(), columns=63)) for event, path in paths.items()]
    every = _csv(
        x=[x for _, path in cases for x in path.index],
        y=[y for _, path in cases for y in path],
        case=[name for name, path in cases for _ in path],
    )
    grey = _line(every, FAINT, 1.0)
    grey["encoding"] = {"detail": {"field": "case", "type": "nominal"}}
    layers = [_zero(), grey, _line(_csv(x=list(median.index), y=median), INK, 2.4)]
    ends.append(_end(median_label, median, INK, strong=True))
    if current is not None:
        layers.append(_line(_csv(x=list(current.index), y=current), LARGE, 2.2))
        ends.append(_end(label, current, LARGE, strong=True))
    x_axis: Spec = {"values": [0, 63, 126, 189, 252], "labelExpr": PLAIN}
    return _chart(frame, [*layers, _labels(frame, ends)], x_axis=x_axis, y_axis=_y_axis(ticks, SIGNED))


def drawdowns(small: pd.Series, large: pd.Series, *, label_small: str, label_large: str) -> Spec:
    """Draw how far each stands below its own high so far, in percent (0 or negative): one above the other, same scale.

    The lower panel is the same plot moved down by `shift`; its data stay as they are.
    """
    lines = ((thinned(small), label_small, SMALL), (thinned(large), label_large, LARGE))
    ticks = _ticks(min(float(line.min()) for line, _, _ in lines), 0.0, 3)
    shift = ticks[0] * 1.2
    frame = _Frame(x=_span(lines[0][0]), y=(shift + ticks[0], 0.0))
    layers: list[Spec] = []
    ends: list[_Label] = []
    for (line, words, colour), moved in zip(lines, (0.0, shift), strict=True):
        rows = _csv(x=_dates(line), y=line)
        move = {"transform": [{"calculate": f"datum.y + {moved:g}", "as": "y"}]}
        area: Spec = {"data": rows, "mark": {"type": "area", "color": colour, "opacity": 0.22}}
        layers += [area | move | {"encoding": {"y2": {"datum": moved}}}, _line(rows, colour, 1.1) | move]
        ends.append(_Label(text=words, x=frame.x[1], y=float(line.iloc[-1]) + moved, colour=colour, strong=True))
    both = [*ticks, *(tick + shift for tick in ticks)]
    name = f"format(datum.value > {shift * 0.99:g} ? datum.value : datum.value - {shift:g}, '~f') + '%'"
    return _chart(frame, [*layers, _labels(frame, ends)], x_axis=_years(frame), y_axis=_y_axis(both, name))


# --- thinning ---------------------------------------------------------------------------------------------------


def thinned(line: pd.Series, *, columns: int = COLUMNS) -> pd.Series:
    """Keep the first and last point, and the lowest and highest of each column of equal width.

    >>> thinned(pd.Series([0.0, 5.0, 1.0, 2.0, 9.0, 3.0]), columns=2).to_list()
    [0.0, 5.0, 2.0, 9.0, 3.0]
    """
    if len(line) <= 2 * columns:
        return line
    index = line.index
    where = index.as_unit("s").asi8 if isinstance(index, pd.DatetimeIndex) else np.asarray(index, dtype=float)
    column = np.minimum((where - where[0]) * columns // (where[-1] - where[0]), columns - 1)
    starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
    values = line.to_numpy()
    kept = {0, len(line) - 1}
    for first, after in zip(starts, [*starts[1:], len(line)], strict=True):
        kept |= {int(first + values[first:after].argmin()), int(first + values[first:after].argmax())}
    return line.iloc[sorted(kept)]


# --- parts of a specification -----------------------------------------------------------------------------------


def _chart(frame: _Frame, layers: Sequence[Spec], *, x_axis: Spec, y_axis: Spec) -> Spec:
    """Set layers on the scales of a frame, in the letter's type and colours; the engine adds no words of its own."""
    x_look = {"title": None, "grid": False, "domainColor": FAINT, "tickColor": FAINT, "tickSize": 4}
    y_look = {"title": None, "domain": False, "ticks": False, "gridColor": HAIR, "labelPadding": 8}
    axes = {"labelColor": MUTED, "labelFont": "Inter", "labelFontSize": 12, "labelOverlap": False}
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


def _csv(**columns: Iterable[float | str]) -> Spec:
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


def _line(data: Spec, colour: str, width: float, **mark: object) -> Spec:
    look = {"type": "line", "color": colour, "strokeWidth": width, "strokeJoin": "round", "strokeCap": "round"}
    return {"data": data, "mark": {key: value for key, value in (look | mark).items() if value != []}}


def _dots(data: Spec, colour: str) -> Spec:
    return {"data": data, "mark": {"type": "point", "filled": True, "size": 34, "color": colour, "opacity": 1}}


def _zero() -> Spec:
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": MUTED},
        "encoding": {"x": None, "y": {"datum": 0}},
    }


def _bands(frame: _Frame, spans: Sequence[tuple[date, date]]) -> list[Spec]:
    """Shaded spans over the whole height, named once, in the widest."""
    first, last = frame.x
    clipped = [(max(_moment(a), first), min(_moment(b), last)) for a, b in spans]
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
    words = _text([name], color=MUTED, align="center")
    return [{"data": {"values": rows}, "mark": {"type": "rect", "color": SHADE}, "encoding": encoding}, words]


def _text(rows: Sequence[Spec], **mark: object) -> Spec:
    """Words at pixels of the plot."""
    look = {"type": "text", "font": "Inter", "fontSize": 12.5, "baseline": "middle"}
    return {
        "data": {"values": list(rows)},
        "mark": look | mark,
        "encoding": {
            "x": {"field": "px", "type": "quantitative", "scale": None},
            "y": {"field": "py", "type": "quantitative", "scale": None},
            "text": {"field": "text", "type": "nominal"},
        },
    }


def _labels(frame: _Frame, labels: Sequence[_Label]) -> Spec:
    """Labels right of their points, pushed apart where they would touch, in one layer for each look."""
    ordered = sorted(labels, key=lambda label: frame.down(label.y))
    places = _apart([frame.down(label.y) for label in ordered])
    layers = []
    for label, place in zip(ordered, places, strict=True):
        row: Spec = {"text": label.text, "px": round(frame.across(label.x) + 7, 2), "py": round(place, 2)}
        layers.append(_text([row], color=label.colour, align="left", fontWeight=600 if label.strong else 400))
    return {"layer": layers}


def _apart(places: Sequence[float]) -> list[float]:
    """Ascending places moved as little as needed to keep a label's height between them, within the plot.

    >>> _apart([10.0, 12.0, 100.0])
    [10.0, 25.0, 100.0]
    """
    down = list(places)
    for i in range(1, len(down)):
        down[i] = max(down[i], down[i - 1] + LABEL_GAP)
    limit = float(PLOT_HEIGHT)
    for i in range(len(down) - 1, -1, -1):
        down[i] = min(down[i], limit)
        limit = down[i] - LABEL_GAP
    return down


def _end(text: str, path: pd.Series, colour: str, *, strong: bool = False) -> _Label:
    return _Label(text=text, x=float(path.index[-1]), y=float(path.iloc[-1]), colour=colour, strong=strong)


# --- axes -------------------------------------------------------------------------------------------------------


def _years(frame: _Frame) -> Spec:
    """Ticks at the starts of years, about eight of them."""
    first, last = (datetime.fromtimestamp(edge / 1000, UTC).year for edge in frame.x)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= 8 or step == 50)  # noqa: PLR2004
    years = [year for year in range(first, last + 1) if year % step == 0]
    ticks = [_moment(date(year, 1, 1)) for year in years]
    return {"values": [tick for tick in ticks if tick >= frame.x[0]], "format": "%Y"}


def _y_axis(ticks: Sequence[float], expression: str) -> Spec:
    return {"values": list(ticks), "labelExpr": expression}


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Round ticks around a span, the outer ones at or beyond its ends.

    >>> _ticks(-11.2, 14.9, 6)
    [-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0]
    """
    raw = (high - low or abs(high) or 1.0) / count
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= raw * 0.999)
    return [round(i * step, 10) for i in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Round ticks within the span of a log axis.

    >>> _log_ticks(55.0, 153.0), _log_ticks(3.0, 400.0)
    ([60.0, 80.0, 100.0, 120.0, 140.0], [5.0, 10.0, 20.0, 50.0, 100.0, 200.0])
    """
    if high / low < 8:  # noqa: PLR2004 -- within a factor of eight, steps of equal size still read well
        return [tick for tick in _ticks(low, high, 5) if low <= tick <= high]
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for power in powers for part in (1, 2, 5) if low <= (tick := float(part * 10**power)) <= high]


def _span(line: pd.Series) -> tuple[float, float]:
    when = pd.DatetimeIndex(line.index)
    return _moment(when[0]), _moment(when[-1])


def _dates(line: pd.Series) -> list[str]:
    return list(pd.DatetimeIndex(line.index).strftime("%Y-%m-%d"))


def _moment(day: date) -> float:
    """Milliseconds since 1970 at the start of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000


def _maturity(tenor: str) -> float:
    if tenor not in MATURITIES:
        raise UnknownName("maturity", tenor, MATURITIES)
    return MATURITIES[tenor]
