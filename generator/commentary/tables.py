"""The tables of figures: every cell is a claim or a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commentary import markets
from generator.commentary.markets import cell as _cell
from generator.edition import Row, Table
from generator.model import Fact, Gap
from generator.wording import long_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commentary.desk import Desk
    from generator.edition import Study

SPANS = (
    ("1s", "1 session"), ("5s", "5 sessions"), ("21s", "21 sessions"), ("63s", "63 sessions"),
    ("126s", "126 sessions"), ("252s", "252 sessions"), ("mtd", "Month to date"), ("qtd", "Quarter to date"),
    ("ytd", "Year to date"),
)  # fmt: skip
TENORS = (
    ("3m", "3-month"), ("6m", "6-month"), ("1y", "1-year"), ("2y", "2-year"), ("3y", "3-year"), ("5y", "5-year"),
    ("7y", "7-year"), ("10y", "10-year"), ("20y", "20-year"), ("30y", "30-year"),
)  # fmt: skip
FIGURES = (
    ("size.strength", "Relative strength, small over large"),
    ("size.trend", "Its ten-year trend, a year"),
    ("size.drawdown.small", "Drawdown of small caps"),
    ("size.drawdown.large", "Drawdown of large caps"),
    ("size.volatility.small", "Volatility of small caps"),
    ("size.volatility.large", "Volatility of large caps"),
    ("size.volatility.ratio", "Ratio of the two"),
    ("size.beta", "Beta of small to large caps"),
    ("size.correlation", "Correlation of the two"),
    ("size.share", "Small caps' share of market value"),
    ("size.ratio", "Average large over average small firm"),
    ("policy.target.upper", "Funds target, upper bound"),
    ("policy.target.lower", "Funds target, lower bound"),
    ("policy.cycle_change", "Change of the target in its cycle"),
    ("rates.hint", "2-year yield less middle of target"),
    ("rates.slope.2s10s", "Slope 2s10s"),
    ("rates.slope.3m10y", "Slope 3m10y"),
    ("policy.real_rate", "Real policy rate"),
    ("inflation.cpi.12m", "Consumer prices, 12 months"),
    ("inflation.cpi.3m", "Consumer prices, 3 months annualised"),
    ("inflation.core.12m", "Core consumer prices, 12 months"),
    ("inflation.core.3m", "Core prices, 3 months annualised"),
    ("fx.eurusd", "Euro in dollars"),
    ("fx.gbpusd", "Sterling in dollars"),
    ("inflation.pce.12m", "Core consumption prices, 12 months"),
    ("labour.unemployment", "Unemployment rate"),
    ("labour.payrolls.1m", "Jobs added over the month"),
    ("labour.payrolls.3m", "Jobs a month, mean of three"),
    ("labour.claims", "Initial claims of a week"),
    ("credit.conditions", "Financial conditions, Chicago Fed"),
    ("credit.standards", "Banks tightening for small firms, net"),
)
HORIZONS = (21, 63, 126, 252)
KINDS = (("first_cuts", "First cuts"), ("all_cuts", "All cuts"), ("hikes", "Increases"))


def tables(desk: Desk, studies: Sequence[Study]) -> tuple[Table, ...]:
    """All tables of a letter, in order."""
    found = (
        returns(desk),
        yields(desk),
        figures(desk),
        markets.sectors(desk),
        markets.others(desk),
        own(desk),
        events(desk, studies),
        precedents(desk),
    )
    return tuple(table for table in found if table.rows)


def own(desk: Desk) -> Table:
    """The reader's own series: the newest value, its change, and how it stands in its history."""
    keys = [key for key in (*desk.facts, *desk.gaps) if key.startswith("own.") and not key.endswith(".change")]
    rows = (
        Row(
            label=desk.facts[key].label if key in desk.facts else desk.gaps[key].label,
            cells=(
                _cell(desk, key, "cell"),
                _cell(desk, f"{key}.change", "signed_cell"),
                _cell(desk, key, "percentile_cell"),
            ),
        )
        for key in keys
    )
    return Table(
        id="own",
        title="Series of your own",
        stub="Series",
        columns=("Newest value", "Since the value before", "Percentile"),
        rows=tuple(rows),
        note="Changes in percent or, of rates and shares, in points.",
    )


def returns(desk: Desk) -> Table:
    """Returns of both and the gap, by span."""
    rows = tuple(
        Row(
            label=words,
            cells=(
                _cell(desk, f"size.return.small.{span}", "signed_cell"),
                _cell(desk, f"size.return.large.{span}", "signed_cell"),
                _cell(desk, f"size.relative.{span}", "signed_cell"),
            ),
        )
        for span, words in SPANS
    )
    return Table(
        id="returns",
        title=str(desk.given.get("returns", "total returns")).capitalize(),
        stub="Span",
        columns=("Small caps, %", "Large caps, %", "Gap, points"),
        rows=tuple(row for row in rows if any(row.cells)),
        note="Gap: small less large, in percentage points, from unrounded returns.",
    )


def yields(desk: Desk) -> Table:
    """Yields and their changes in basis points, by maturity."""
    rows = []
    for tenor, words in TENORS:
        if not isinstance(desk.find(f"rates.yield.{tenor}"), Fact):
            continue
        changes = (
            _cell(desk, f"rates.change.{tenor}.{span}", "signed_cell") for span in ("1s", "5s", "21s", "63s", "ytd")
        )
        rows.append(Row(label=words, cells=(_cell(desk, f"rates.yield.{tenor}", "cell"), *changes)))
    day = next((desk.facts[key].as_of for key in desk.facts if key.startswith("rates.yield.")), None)
    return Table(
        id="yields",
        title="Treasury yields",
        stub="Maturity",
        columns=("Yield, %", "1 day, bp", "5 days, bp", "21 days, bp", "63 days, bp", "Year, bp"),
        rows=tuple(rows),
        note=f"Constant maturity, as published; the newest known are for {long_date(day)}." if day else "",
    )


def figures(desk: Desk) -> Table:
    """One row for each level, with its percentile in its own history."""
    rows = []
    for key, words in FIGURES:
        found = desk.find(key)
        if isinstance(found, Gap):
            if key in desk.gaps:
                rows.append(Row(label=words, cells=(found, None, None)))
            continue
        context = found.context is not None
        rows.append(
            Row(
                label=words,
                cells=(
                    _cell(desk, key, "figure"),
                    _cell(desk, key, "percentile_cell") if context else None,
                    _cell(desk, key, "start_year") if context else None,
                ),
            )
        )
    return Table(
        id="figures",
        title="Key figures",
        stub="Figure",
        columns=("Value", "Percentile", "History from"),
        rows=tuple(rows),
        note="Percentile: the share of the figure's own history that lies below it.",
    )


def events(desk: Desk, studies: Sequence[Study]) -> Table:
    """Each first cut of a cycle and what followed."""
    days = sorted({event.announced for study in studies if study.kind == "first_cuts" for event in study.events})
    rows = [
        Row(
            label=long_date(day),
            cells=tuple(_cell(desk, f"precedent.first_cuts.{count}s.{day}", "signed_cell") for count in HORIZONS),
        )
        for day in days
    ]
    return Table(
        id="events",
        title="Small less large caps after the first cut of a cycle, percentage points",
        stub="Announced",
        columns=tuple(f"{count} sessions" for count in HORIZONS),
        rows=tuple(rows),
        note="From the close of the announcement's session. An empty cell: the window had not closed by then.",
    )


def precedents(desk: Desk) -> Table:
    """All studies: cases, hits, median, base rate."""
    rows = []
    for kind, words in KINDS:
        for count in HORIZONS:
            key = f"precedent.{kind}.{count}s"
            if not isinstance(desk.find(f"{key}.n"), Fact):
                continue
            rows.append(
                Row(
                    label=f"{words}, {count} sessions",
                    cells=(
                        _cell(desk, f"{key}.n", "cell"),
                        _cell(desk, f"{key}.hits", "cell"),
                        _cell(desk, f"{key}.median", "signed_cell"),
                        _cell(desk, f"{key}.mean", "signed_cell"),
                        _cell(desk, f"{key}.low", "signed_cell"),
                        _cell(desk, f"{key}.high", "signed_cell"),
                        _cell(desk, f"{key}.base_rate", "cell", digits=0),
                    ),
                )
            )
    return Table(
        id="precedents",
        title="Small less large caps after changes of the funds target",
        stub="Change, window",
        columns=("Cases", "Led", "Median", "Mean", "90% low", "90% high", "Base rate, %"),
        rows=tuple(rows),
        note="Median, mean and interval of the mean in percentage points; base rate: all windows of that length.",
    )
