"""The charts of a letter: which histories they draw, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator import charts
from generator.edition import Chart
from generator.facts.rates import TENORS
from generator.metrics import precedent, returns, size
from generator.units import Unit, quantity
from generator.wording import long_date
from generator.wording.terms import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from typing import Any

    from generator.commentary.desk import Desk
    from generator.facts import Findings
    from generator.facts.policy import Policy

SINCE = pd.Timestamp("1990-01-01")  # charts start here, where the table of target changes does
MONTH, YEAR = 21, 252  # published days back


STORIES = {  # the stories that a chart belongs to; a one-off report shows those of its stories
    "relative_strength": ("trend", "gap", "since"),
    "curve": ("yields", "slope"),
    "target": ("policy",),
    "event_study": ("precedent", "since"),
    "drawdowns": ("drawdown",),
}


def graphics(
    desk: Desk, findings: Findings, *, session: date, only: Sequence[str], publishers: Mapping[str, str]
) -> tuple[Chart, ...]:
    """The charts whose facts are there; `publishers` names the publisher of each series."""
    return tuple(
        Chart(
            id=name,
            title=desk.line(desk.write("charts", f"{name}_title"), where=f"chart {name}"),
            subtitle=subtitle,
            alt=desk.line(desk.write("charts", f"{name}_alt"), where=f"chart {name}"),
            footer=f"Source: {_publishers(name, findings, publishers)}. As of {_reach(name, desk, session)}.",
            spec=spec,
        )
        for name, subtitle, spec in _specs(desk, findings, session)
        if not only or set(STORIES[name]) & set(only)
    )


def _reach(name: str, desk: Desk, session: date) -> str:
    """The day that a chart reaches, in words: yields are published a day later than stocks close."""
    newest = desk.facts.get("rates.yield.10y") if name == "curve" else None
    return long_date(newest.as_of if newest else session)


def _publishers(name: str, findings: Findings, publishers: Mapping[str, str]) -> str:
    returns_of, funds = str(findings.pair.small.name), "policy.target_upper"
    series = {
        "relative_strength": (returns_of, funds),
        "curve": ("rates.DGS10",),
        "target": (funds,),
        "event_study": (returns_of, funds),
        "drawdowns": (returns_of,),
    }[name]
    return "; ".join(dict.fromkeys(publishers[one] for one in series if one in publishers))


def _specs(desk: Desk, findings: Findings, session: date) -> Iterator[tuple[str, str, dict[str, Any]]]:
    both, target = findings.pair, findings.policy
    shown = slice(SINCE if both.index[-1] > SINCE + pd.Timedelta(days=366) else both.index[0], None)
    line = size.relative_strength(both.small_level, both.large_level)
    yield (
        "relative_strength",
        f"Level of small over large caps, {long_date(both.day(0))} = 100, log scale; easing cycles shaded",
        charts.relative_strength(line.loc[shown], _easing(target, session), label=_printed(desk, "size.strength")),
    )
    if desk.has("rates.slope.2s10s", "rates.yield.2y", "rates.yield.10y"):
        yield "curve", "Treasury constant-maturity yields, percent, by maturity", charts.curve(_curves(findings))
    if target is not None and len(target.upper) > 1:
        label = quantity(float(target.upper.iloc[-1]), Unit.YIELD)
        if target.upper.iloc[-1] != target.lower.iloc[-1]:
            label = f"{quantity(float(target.lower.iloc[-1]), Unit.YIELD)} to {label}"
        yield (
            "target",
            "Federal funds target (a range since December 2008), percent",
            charts.target(target.upper, target.lower, until=session, label=label),
        )
        yield from _event_study(desk, findings, session)
    yield (
        "drawdowns",
        "Distance below the highest level so far, percent",
        charts.drawdowns(
            returns.drawdown(both.small_level).loc[shown],
            returns.drawdown(both.large_level).loc[shown],
            label_small=f"small {_printed(desk, 'size.drawdown.small')}",
            label_large=f"large {_printed(desk, 'size.drawdown.large')}",
        ),
    )


def _event_study(desk: Desk, findings: Findings, session: date) -> Iterator[tuple[str, str, dict[str, Any]]]:
    target = findings.policy
    if target is None or not desk.has("precedent.first_cuts.63s.n"):
        return
    moments = [day.date() for day in target.changes.index]
    firsts = [cycle.first for cycle in target.cycles if cycle.total < 0]
    drawn = precedent.paths(findings.pair.small_level, findings.pair.large_level, firsts, sessions=YEAR, as_of=session)
    closed = {day: path for day, path in drawn.items() if len(path) > YEAR}
    if not closed:
        return
    newest = max(drawn)
    current = drawn[newest] if len(drawn[newest]) <= YEAR and len(drawn[newest]) > 1 else None
    if current is None and newest in closed and moments and target.cycles[-1].first == newest:
        current = closed[newest]
    rest = {day: path for day, path in closed.items() if current is None or day != newest}
    if rest:
        yield (
            "event_study",
            "Small less large caps since the first cut of each cycle, percentage points, by sessions since",
            charts.event_study(rest, current=current, label=f"{newest.year} cycle" if current is not None else ""),
        )


def _printed(desk: Desk, key: str) -> str:
    return desk.text(desk.claim("figure", desk.find(key)))


def _easing(target: Policy | None, session: date) -> list[tuple[date, date]]:
    """First and last day of each easing cycle; the running one reaches to the session."""
    if target is None:
        return []
    running = target.cycles[-1]
    return [(cycle.first, session if cycle is running else cycle.last) for cycle in target.cycles if cycle.total < 0]


def _curves(findings: Findings) -> dict[str, dict[str, float]]:
    """The curve now, a month and a year of published days before, each named by its day."""
    two = findings.histories[TENORS["2y"][0]]
    curves: dict[str, dict[str, float]] = {}
    for back in (0, MONTH, YEAR):
        if len(two) <= back:
            continue
        day = two.index[-1 - back]
        points = {
            name: float(findings.histories[series].loc[day])
            for series, name in TENORS.values()
            if series in findings.histories and day in findings.histories[series].index
        }
        curves[f"{day.day} {MONTHS[day.month][:3]} {day.year}"] = points
    return curves
