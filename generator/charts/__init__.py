"""The letter's charts as Vega-Lite specifications: plain dicts with their data inside, thinned first.

Every chart has one size, names its lines at their ends instead of in a legend, and leaves the unit to its subtitle. No
figure is printed but the ticks of the axes; words with figures come in from facts.

The colours are written once, in `plot`; the page repeats them to recolour a chart for a dark screen
(templates/web/chart.css), which a test holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.charts import plot, scales
from generator.charts.plot import FAINT, INK, LARGE, MUTED, SMALL, Frame, Label, Spec
from generator.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

# the maturities of the curve, in years
MATURITIES = {
    "1-month": 1 / 12, "3-month": 0.25, "6-month": 0.5, "1-year": 1.0, "2-year": 2.0, "3-year": 3.0, "5-year": 5.0,
    "7-year": 7.0, "10-year": 10.0, "20-year": 20.0, "30-year": 30.0,
}  # fmt: skip
CURVE_TICKS = {0.25: "3m", 1.0: "1y", 2.0: "2y", 5.0: "5y", 10.0: "10y", 20.0: "20y", 30.0: "30y"}
# of the curves, newest first: colour, width, dashes
CURVE_LOOKS: tuple[tuple[str, float, list[float]], ...] = (
    (SMALL, 2.2, []),
    (MUTED, 1.3, [5, 3]),
    (LARGE, 1.3, [1.5, 2.5]),
    (FAINT, 1.1, []),
)


def relative_strength(line: pd.Series, easing: Sequence[tuple[date, date]], *, label: str) -> Spec:
    """Draw small caps' wealth over large caps' on a log scale (equal heights are equal ratios), easing cycles shaded.

    `line` holds positive levels by session; `easing` the first and last day of each cycle, clipped to the line.
    """
    thin = scales.thinned(line)
    low, high = float(thin.min()), float(thin.max())
    frame = Frame(x=scales.span(thin), y=(low * 0.97, high * 1.03), y_scale="log")
    end = Label(text=label, x=frame.x[1], y=float(thin.iloc[-1]), colour=SMALL, strong=True)
    layers = [
        *plot.bands(frame, easing),
        plot.line(plot.csv(x=scales.dates(thin), y=thin), SMALL, 1.3),
        plot.labels(frame, [end]),
    ]
    y_axis = plot.y_axis(scales.log_ticks(low, high), plot.PLAIN)
    return plot.chart(frame, layers, x_axis=plot.years(frame), y_axis=y_axis)


def curve(curves: Mapping[str, Mapping[str, float]]) -> Spec:
    """Draw yields in percent by maturity, newest first and strongest; the outer keys are printed.

    Maturities are named as in "3-month" or "10-year" (UnknownName otherwise) and stand on a square-root scale, which
    gives the short end room. A maturity that a curve lacks is left out of its line.
    """
    years = {name: {_maturity(tenor): value for tenor, value in points.items()} for name, points in curves.items()}
    values = [value for points in years.values() for value in points.values()]
    ticks = scales.ticks(min(values), max(values), 5)
    longest = max(max(points) for points in years.values())
    frame = Frame(x=(min(min(points) for points in years.values()), longest), y=(ticks[0], ticks[-1]), x_scale="sqrt")
    layers: list[Spec] = []
    ends: list[Label] = []
    for (name, points), (colour, width, dash) in zip(years.items(), CURVE_LOOKS, strict=False):
        ordered = sorted(points.items())
        rows = plot.csv(x=[x for x, _ in ordered], y=[y for _, y in ordered])
        layers.append(plot.line(rows, colour, width, strokeDash=dash))
        ends.append(Label(text=name, x=longest, y=ordered[-1][1], colour=colour, strong=colour == SMALL))
    newest = sorted(next(iter(years.values())).items())
    layers.reverse()  # the newest on top
    layers.append(plot.dots(plot.csv(x=[x for x, _ in newest], y=[y for _, y in newest]), SMALL))
    names = " : ".join(f"datum.value === {x} ? '{name}'" for x, name in CURVE_TICKS.items()) + " : ''"
    x_axis = {"values": [x for x in CURVE_TICKS if frame.x[0] <= x <= longest], "labelExpr": names}
    layers.append(plot.labels(frame, ends))
    return plot.chart(frame, layers, x_axis=x_axis, y_axis=plot.y_axis(ticks, plot.PERCENT))


def target(upper: pd.Series, lower: pd.Series, *, until: date, label: str) -> Spec:
    """Draw the funds target in percent as steps, one line until there was a range, then the range filled.

    Both series are dated by announcement (changes only or every day) and hold to the next value; the last to `until`.
    """
    both = pd.DataFrame({"upper": upper, "lower": lower}).ffill()
    changes = both[(both != both.shift()).any(axis=1)]
    steps = pd.concat([changes, both.iloc[[-1]].set_axis(pd.DatetimeIndex([until]))])
    ticks = scales.ticks(0.0, float(steps["upper"].max()), 5)
    frame = Frame(x=scales.span(steps["upper"]), y=(ticks[0], ticks[-1]))
    rows = plot.csv(x=scales.dates(steps["upper"]), y=steps["upper"], low=steps["lower"])
    end = (float(steps["upper"].iloc[-1]) + float(steps["lower"].iloc[-1])) / 2
    fill: Spec = {"mark": {"type": "area", "interpolate": "step-after", "color": SMALL, "opacity": 0.35}}
    fill |= {"data": rows, "transform": [{"filter": "datum.y > datum.low"}], "encoding": {"y2": {"field": "low"}}}
    layers = [
        fill,
        plot.line(rows, SMALL, 1.4, interpolate="step-after"),
        plot.labels(frame, [Label(text=label, x=frame.x[1], y=end, colour=SMALL, strong=True)]),
    ]
    return plot.chart(frame, layers, x_axis=plot.years(frame), y_axis=plot.y_axis(ticks, plot.PERCENT))


def event_study(
    paths: Mapping[date, pd.Series], *, current: pd.Series | None, label: str, median_label: str = "median"
) -> Spec:
    """Draw small less large caps, in percentage points, by sessions since each event: cases thin, their median strong.

    The index of every path counts sessions from 0 to at most 252; a case is labelled by its year. `current` lies on
    top and is named by `label`.
    """
    table = pd.DataFrame(dict(sorted(paths.items())))
    median = table.median(axis=1)[table.notna().all(axis=1)]
    cases = {event: path.dropna() for event, path in paths.items()}
    drawn = [*cases.values(), median, *([] if current is None else [current])]
    ticks = scales.ticks(min(float(p.min()) for p in drawn), max(float(p.max()) for p in drawn), 6)
    frame = Frame(x=(0.0, float(max(p.index[-1] for p in drawn))), y=(ticks[0], ticks[-1]), x_scale="linear")
    ends = [plot.end(f"{event:%Y}", path, MUTED) for event, path in cases.items()]
    thin = [(f"{event:%Y-%m-%d}", scales.thinned(path, columns=63)) for event, path in cases.items()]
    every = plot.csv(
        x=[x for _, path in thin for x in path.index],
        y=[y for _, path in thin for y in path],
        case=[name for name, path in thin for _ in path],
    )
    grey = plot.line(every, FAINT, 0.9)
    grey["encoding"] = {"detail": {"field": "case", "type": "nominal"}}
    layers = [plot.zero(), grey, plot.line(plot.csv(x=list(median.index), y=median), INK, 2.2)]
    ends.append(plot.end(median_label, median, INK, strong=True))
    if current is not None:
        layers.append(plot.line(plot.csv(x=list(current.index), y=current), LARGE, 2.0))
        ends.append(plot.end(label, current, LARGE, strong=True))
    x_axis: Spec = {"values": [0, 63, 126, 189, 252], "labelExpr": plot.PLAIN}
    layers.append(plot.labels(frame, ends))
    return plot.chart(frame, layers, x_axis=x_axis, y_axis=plot.y_axis(ticks, plot.SIGNED))


def drawdowns(small: pd.Series, large: pd.Series, *, label_small: str, label_large: str) -> Spec:
    """Draw how far each stands below its own high so far, in percent (0 or negative): one above the other, same scale.

    Each is one line, closed at 0 and filled. The lower panel is the same plot moved down by `shift`; its data stay as
    they are.
    """
    panels = ((scales.thinned(small), label_small, SMALL), (scales.thinned(large), label_large, LARGE))
    ticks = scales.ticks(min(float(line.min()) for line, _, _ in panels), 0.0, 3)
    shift = ticks[0] * 1.2
    frame = Frame(x=scales.span(panels[0][0]), y=(shift + ticks[0], 0.0))
    layers: list[Spec] = []
    ends: list[Label] = []
    for (line, words, colour), moved in zip(panels, (0.0, shift), strict=True):
        days = scales.dates(line)
        rows = plot.csv(x=[days[0], *days, days[-1]], y=[0.0, *line, 0.0])
        move = {"transform": [{"calculate": f"datum.y + {moved:g}", "as": "y"}]}
        layers.append(plot.line(rows, colour, 1.0, fill=colour, fillOpacity=0.22) | move)
        ends.append(Label(text=words, x=frame.x[1], y=float(line.iloc[-1]) + moved, colour=colour, strong=True))
    both = [*ticks, *(tick + shift for tick in ticks)]
    name = f"format(datum.value > {shift * 0.99:g} ? datum.value : datum.value - {shift:g}, '~f') + '%'"
    layers.append(plot.labels(frame, ends))
    return plot.chart(frame, layers, x_axis=plot.years(frame), y_axis=plot.y_axis(both, name))


def _maturity(tenor: str) -> float:
    if tenor not in MATURITIES:
        raise UnknownName("maturity", tenor, MATURITIES)
    return MATURITIES[tenor]
