"""Facts on small and large caps: returns, relative returns, relative strength, drawdown, risk, market share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.errors import StaleSeries, UnknownSeries
from generator.facts import spans
from generator.facts.levels import Level, enter_level
from generator.metrics import returns as of_returns
from generator.metrics import size as of_size
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.facts.sheet import Sheet, Slice
    from generator.facts.spans import Span

RETURN = "100 × (product of (1 + r/100) over the span − 1), r the daily total return in percent"
SMALL = "small caps"
QUARTER, YEAR, TREND = 63, 252, 2520  # sessions
# Risk of the two together: key, measure, sessions, label, formula
JOINT = (
    (
        "size.volatility.ratio",
        of_returns.volatility_ratio,
        QUARTER,
        "Volatility of small over large caps",
        "ratio of the two volatilities",
    ),
    (
        "size.beta",
        of_returns.beta,
        YEAR,
        "Beta of small to large caps, 252 sessions",
        "covariance of the daily returns over the variance of large caps', 252 sessions",
    ),
    (
        "size.correlation",
        of_returns.correlation,
        YEAR,
        "Correlation of small and large caps, 252 sessions",
        "Pearson correlation of the daily returns, 252 sessions",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side of the pair: its word, its series, its daily total returns (percent) and its compounded level."""

    name: str  # "small"
    series: str
    returns: pd.Series[float]
    level: pd.Series[float]

    @property
    def subject(self) -> str:
        """The name prose uses."""
        return f"{self.name} caps"

    @property
    def head(self) -> str:
        """The same at the start of a label."""
        return self.subject.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Daily total returns (percent) and compounded levels of both, on the same sessions."""

    small: pd.Series[float]
    large: pd.Series[float]
    small_level: pd.Series[float]
    large_level: pd.Series[float]

    @property
    def legs(self) -> tuple[Leg, Leg]:
        """Small and large."""
        return (
            Leg(name="small", series=str(self.small.name), returns=self.small, level=self.small_level),
            Leg(name="large", series=str(self.large.name), returns=self.large, level=self.large_level),
        )

    @property
    def index(self) -> pd.DatetimeIndex:
        """The sessions."""
        return pd.DatetimeIndex(self.small.index)

    def day(self, row: int) -> date:
        """The session in a row."""
        return self.index[row].date()

    def slices(self, row: int) -> tuple[Slice, Slice]:
        """Both returns from that of a row to the last."""
        first, last = self.day(row), self.day(-1)
        return (str(self.small.name), first, last), (str(self.large.name), first, last)


def pair(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> Pair:
    """Both returns up to the session; StaleSeries when either does not reach it."""
    legs = []
    for series in (sheet.universe.small, sheet.universe.large):
        if series not in histories:
            raise UnknownSeries(series)
        leg = histories[series].loc[: pd.Timestamp(sheet.session)]
        newest = leg.index[-1].date() if len(leg) else None
        if newest != sheet.session:
            raise StaleSeries(series, newest=newest or histories[series].index[0].date(), needed=sheet.session)
        legs.append(leg)
    common = legs[0].index.intersection(legs[1].index)
    small, large = (leg.loc[common] for leg in legs)
    return Pair(
        small=small,
        large=large,
        small_level=of_returns.total_return_index(small),
        large_level=of_returns.total_return_index(large),
    )


def enter(sheet: Sheet, both: Pair, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on size."""
    known = len(both.index)
    for count in spans.SESSIONS:
        span = spans.back(both.index, count)
        if span is None:
            label = f"Small less large caps, {count} session{'' if count == 1 else 's'}"
            sheet.gap(f"size.relative.{count}s", label, f"needs {count + 1} sessions, {known} known")
        else:
            _returns(sheet, both, span)
    for key, period in spans.PERIODS.items():
        span = spans.since(both.index, key)
        if span is None:
            label = f"Small less large caps, {period} to date"
            sheet.gap(f"size.relative.{key}", label, f"the {period} before is unknown")
        else:
            _returns(sheet, both, span)
    line = of_size.relative_strength(both.small_level, both.large_level)
    _strength(sheet, both, line)
    _trend(sheet, both, line)
    _drawdowns(sheet, both)
    _risk(sheet, both)
    _market(sheet, histories)


def _returns(sheet: Sheet, both: Pair, span: Span) -> None:
    """Return of each over a span, and the gap between them."""
    whole, used = both.slices(0), both.slices(span.row + 1)
    histories = []
    for position, leg in enumerate(both.legs):
        history = (
            of_returns.to_date(leg.level, period=span.period)
            if span.count is None
            else of_returns.total_return(leg.level, sessions=span.count)
        )
        histories.append(history)
        sheet.enter(
            f"size.return.{leg.name}.{span.key}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, total return, {span.horizon.adjective}",
            formula=RETURN,
            slices=(used[position],),
            over=(whole[position],),
            subject=leg.subject,
            history=history,
            move=True,
            horizon=span.horizon,
        )
    small, large = histories
    gap = small - large
    sheet.enter(
        f"size.relative.{span.key}",
        gap.iloc[-1],
        Unit.POINTS,
        as_of=sheet.session,
        label=f"Small less large caps, {span.horizon.adjective}",
        formula=f"small-cap less large-cap total return; each is {RETURN}",
        slices=used,
        over=whole,
        subject=SMALL,
        history=gap,
        move=True,
        horizon=span.horizon,
    )


def _strength(sheet: Sheet, both: Pair, line: pd.Series[float]) -> None:
    """Enter the relative-strength line, with the day of its high."""
    peak = line.index[int(line.to_numpy().argmax())].date()
    sheet.enter(
        "size.strength",
        line.iloc[-1],
        Unit.INDEX,
        as_of=sheet.session,
        label="Relative strength, small over large caps",
        formula=f"level of small over level of large caps, 100 on {both.day(0)}; a level compounds the daily returns",
        slices=both.slices(0),
        subject="the relative-strength line",
        history=line,
        marks=(("peak", peak),),
    )


def _trend(sheet: Sheet, both: Pair, line: pd.Series[float]) -> None:
    """Enter the ten-year trend of the relative-strength line."""
    if len(line) < TREND:
        sheet.gap("size.trend", "Ten-year trend of relative strength", f"needs {TREND} sessions, {len(line)} known")
        return
    trend = of_size.trend(line, sessions=TREND)
    sheet.enter(
        "size.trend",
        trend.iloc[-1],
        Unit.PERCENT,
        as_of=sheet.session,
        label="Ten-year trend of relative strength, a year",
        formula="100 × (exp(252 b) − 1), b the least-squares slope of ln(relative strength) over 2,520 sessions",
        slices=both.slices(0),
        subject=SMALL,
        history=trend,
        marks=(("start", both.day(-TREND)),),
    )


def _drawdowns(sheet: Sheet, both: Pair) -> None:
    """Enter how far each lies below its high, with the day of the high."""
    for leg, whole in zip(both.legs, both.slices(0), strict=True):
        history = of_returns.drawdown(leg.level)
        high = of_returns.high_dates(leg.level).iloc[-1].date()
        sheet.enter(
            f"size.drawdown.{leg.name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, drawdown from the high",
            formula="100 × (level over its highest earlier level − 1); a level compounds the daily total returns",
            slices=(whole,),
            subject=leg.subject,
            history=history,
            marks=(("high", high),),
        )


def _risk(sheet: Sheet, both: Pair) -> None:
    """Enter volatility, its ratio, beta and correlation."""
    if len(both.index) < YEAR:
        for key, label in (("size.volatility.small", "Volatility of small caps"), ("size.beta", "Beta to large caps")):
            sheet.gap(key, label, f"needs {YEAR} sessions, {len(both.index)} known")
        return
    for leg, used, whole in zip(both.legs, both.slices(-QUARTER), both.slices(0), strict=True):
        history = of_returns.volatility(leg.returns, sessions=QUARTER)
        sheet.enter(
            f"size.volatility.{leg.name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, volatility, 63 sessions, annualised",
            formula="sample standard deviation of 63 daily total returns × √252",
            slices=(used,),
            over=(whole,),
            subject=leg.subject,
            history=history,
            horizon=spans.counted(QUARTER, both.day(-QUARTER)),
        )
    for key, measure, sessions, label, formula in JOINT:
        history = measure(both.small, both.large, sessions=sessions)
        sheet.enter(
            key,
            history.iloc[-1],
            Unit.RATIO,
            as_of=sheet.session,
            label=label,
            formula=formula,
            slices=both.slices(-sessions),
            over=both.slices(0),
            subject=SMALL,
            history=history,
            horizon=spans.counted(sessions, both.day(-sessions)),
        )


def _market(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Share of market value and average firm size, from the monthly counts (known at the close before the month)."""
    label = "Small caps' share of total market value"
    names = [f"q{quintile}" for quintile in range(1, 6)]
    ids = {kind: [f"size.{kind}.{name}" for name in names] for kind in ("firms", "average")}
    missing = [one for kind in ids.values() for one in kind if one not in histories]
    if missing:
        sheet.gap("size.share", label, f"the source has no {missing[0]}")
        return
    firms = {name: histories[one] for name, one in zip(names, ids["firms"], strict=True)}
    average = {name: histories[one] for name, one in zip(names, ids["average"], strict=True)}
    small, large = (series.rsplit("_", 1)[-1] for series in (sheet.universe.small, sheet.universe.large))
    share = Level(
        key="size.share",
        label=label,
        subject=SMALL,
        formula="firms × average size, in percent of all five size groups",
        unit=Unit.PERCENT,
        history=of_size.market_share(firms, average, of=small),
        series=(*ids["firms"], *ids["average"]),
    )
    ratio = Level(
        key="size.ratio",
        label="Average large firm over average small firm",
        subject="the average large firm",
        formula="average market value of a large-cap firm over that of a small-cap firm",
        unit=Unit.RATIO,
        history=of_size.size_ratio(average[large], average[small]),
        series=(f"size.average.{small}", f"size.average.{large}"),
    )
    enter_level(sheet, share)
    enter_level(sheet, ratio)
