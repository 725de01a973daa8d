"""Facts on small and large caps: returns, relative returns, relative strength, drawdown, risk, market share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.errors import StaleSeries, UnknownSeries
from generator.facts import spans
from generator.metrics import returns as of_returns
from generator.metrics import size as of_size
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.facts.sheet import Sheet, Slice
    from generator.model import Horizon

RETURN = "100 × (product of (1 + r/100) over the span − 1), r the daily total return in percent"
SMALL, LARGE = "small caps", "large caps"
TREND = 2520


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Daily total returns (percent) and compounded levels of both, on the same sessions."""

    small: pd.Series[float]
    large: pd.Series[float]
    small_level: pd.Series[float]
    large_level: pd.Series[float]

    @property
    def index(self) -> pd.DatetimeIndex:
        """The sessions."""
        return pd.DatetimeIndex(self.small.index)

    def day(self, row: int) -> date:
        """The session in a row."""
        return self.index[row].date()


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
    for count in spans.SESSIONS:
        if len(both.small) <= count:
            sheet.gap(f"size.relative.{count}s", _label(count), f"needs {count + 1} sessions, {len(both.small)} known")
            continue
        horizon = spans.counted(count, both.day(-1 - count))
        _returns(sheet, both, f"{count}s", horizon, both.day(-count), count=count)
    for short, period in spans.PERIODS.items():
        row = spans.period_start(both.index, period)
        if row < 0:
            sheet.gap(
                f"size.relative.{short}", f"Small less large caps, {period} to date", f"the {period} before is unknown"
            )
            continue
        horizon = spans.to_date(period, both.day(row), sheet.session)
        _returns(sheet, both, short, horizon, both.day(row + 1), period=period)
    _strength(sheet, both)
    _drawdowns(sheet, both)
    _risk(sheet, both)
    _market(sheet, histories)


def _label(count: int) -> str:
    return f"Small less large caps, {count} session{'' if count == 1 else 's'}"


def _slices(sheet: Sheet, first: date) -> tuple[Slice, Slice]:
    return (sheet.universe.small, first, sheet.session), (sheet.universe.large, first, sheet.session)


def _returns(  # noqa: PLR0913 -- a span in its two ways
    sheet: Sheet,
    both: Pair,
    short: str,
    horizon: Horizon,
    first: date,
    *,
    count: int | None = None,
    period: str | None = None,
) -> None:
    """Return of each and the gap between them over one span; `first` is the first day whose return counts."""
    whole = _slices(sheet, both.day(0))
    histories: dict[str, pd.Series[float]] = {}
    for position, (name, level) in enumerate((("small", both.small_level), ("large", both.large_level))):
        history = (
            of_returns.total_return(level, sessions=count) if count else of_returns.to_date(level, period=str(period))
        )
        histories[name] = history
        series = _slices(sheet, first)[position]
        sheet.enter(
            f"size.return.{name}.{short}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{name.capitalize()} caps, total return, {horizon.adjective}",
            formula=RETURN,
            slices=(series,),
            over=(whole[position],),
            subject=SMALL if name == "small" else LARGE,
            history=history,
            move=True,
            horizon=horizon,
        )
    gap = histories["small"] - histories["large"]
    sheet.enter(
        f"size.relative.{short}",
        gap.iloc[-1],
        Unit.POINTS,
        as_of=sheet.session,
        label=f"Small less large caps, {horizon.adjective}",
        formula=f"small-cap less large-cap total return; each is {RETURN}",
        slices=_slices(sheet, first),
        over=whole,
        subject=SMALL,
        history=gap,
        move=True,
        horizon=horizon,
    )


def _strength(sheet: Sheet, both: Pair) -> None:
    line = of_size.relative_strength(both.small_level, both.large_level)
    whole = _slices(sheet, both.day(0))
    peak = line.index[int(line.to_numpy().argmax())].date()
    sheet.enter(
        "size.strength",
        line.iloc[-1],
        Unit.INDEX,
        as_of=sheet.session,
        label="Relative strength, small over large caps",
        formula=f"level of small over level of large caps, 100 on {both.day(0)}; a level compounds the daily returns",
        slices=whole,
        subject="the relative-strength line",
        history=line,
        marks=(("peak", peak),),
    )
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
        slices=whole,
        subject="small caps",
        history=trend,
        marks=(("start", both.day(-TREND)),),
    )


def _drawdowns(sheet: Sheet, both: Pair) -> None:
    for position, (name, level) in enumerate((("small", both.small_level), ("large", both.large_level))):
        history = of_returns.drawdown(level)
        high = of_returns.high_dates(level).iloc[-1].date()
        sheet.enter(
            f"size.drawdown.{name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{name.capitalize()} caps, drawdown from the high",
            formula="100 × (level over its highest earlier level − 1); a level compounds the daily total returns",
            slices=(_slices(sheet, both.day(0))[position],),
            subject=SMALL if name == "small" else LARGE,
            history=history,
            marks=(("high", high),),
        )


def _risk(sheet: Sheet, both: Pair) -> None:
    whole = _slices(sheet, both.day(0))
    window, year = 63, 252
    if len(both.small) < year:
        for key, label in (("size.volatility.small", "Volatility of small caps"), ("size.beta", "Beta to large caps")):
            sheet.gap(key, label, f"needs {year} sessions, {len(both.small)} known")
        return
    first = both.day(-window)
    for position, (name, series) in enumerate((("small", both.small), ("large", both.large))):
        history = of_returns.volatility(series, sessions=window)
        sheet.enter(
            f"size.volatility.{name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{name.capitalize()} caps, volatility, 63 sessions, annualised",
            formula="sample standard deviation of 63 daily total returns × √252",
            slices=(_slices(sheet, first)[position],),
            over=(whole[position],),
            subject=SMALL if name == "small" else LARGE,
            history=history,
            horizon=spans.counted(window, first),
        )
    ratio = of_returns.volatility_ratio(both.small, both.large, sessions=window)
    pairs = (
        ("size.volatility.ratio", ratio, first, "Volatility of small over large caps", "ratio of the two volatilities"),
        (
            "size.beta",
            of_returns.beta(both.small, both.large, sessions=year),
            both.day(-year),
            "Beta of small to large caps, 252 sessions",
            "covariance of the daily returns over the variance of large caps', 252 sessions",
        ),
        (
            "size.correlation",
            of_returns.correlation(both.small, both.large, sessions=year),
            both.day(-year),
            "Correlation of small and large caps, 252 sessions",
            "Pearson correlation of the daily returns, 252 sessions",
        ),
    )
    for key, history, start, label, formula in pairs:
        sheet.enter(
            key,
            history.iloc[-1],
            Unit.RATIO,
            as_of=sheet.session,
            label=label,
            formula=formula,
            slices=_slices(sheet, start),
            over=whole,
            subject=SMALL,
            history=history,
            horizon=spans.counted(window if key.endswith("ratio") else year, start),
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
    small = sheet.universe.small.rsplit("_", 1)[-1]
    large = sheet.universe.large.rsplit("_", 1)[-1]
    share = of_size.market_share(firms, average, of=small)
    ratio = of_size.size_ratio(average[large], average[small])
    for key, history, unit, name, formula, used in (
        ("size.share", share, Unit.PERCENT, label, "firms × average size, in percent of all five size groups", names),
        (
            "size.ratio",
            ratio,
            Unit.RATIO,
            "Average large firm over average small firm",
            "average market value of a large-cap firm over that of a small-cap firm",
            [small, large],
        ),
    ):
        first, last = history.index[0].date(), history.index[-1].date()
        kinds = ("firms", "average") if key == "size.share" else ("average",)
        series = [f"size.{kind}.{one}" for kind in kinds for one in used]
        sheet.enter(
            key,
            history.iloc[-1],
            unit,
            as_of=last,
            label=name,
            formula=formula,
            slices=[(one, last, last) for one in series],
            over=[(one, first, last) for one in series],
            subject="small caps" if key == "size.share" else "the average large firm",
            history=history,
        )
