"""Facts on small and large caps: returns, relative returns, relative strength, drawdown, risk, market share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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
    from generator.model import Universe

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
class Words:
    """What a return and a level are called and how they are computed, by the kind of the universe."""

    noun: str  # "total return"
    span: str  # formula of a return over a span
    since: str  # the same from an event on
    level: str  # what a level is made of


WORDS = {
    "returns": Words(
        noun="total return",
        span="100 × (product of (1 + r/100) over the span − 1), r the daily total return in percent",
        since="100 × (product of (1 + r/100) − 1) from the close of the announcement's session, r in percent",
        level="a level compounds the daily {}returns",
    ),
    "index": Words(
        noun="price return",
        span="100 × (close at the end of the span over the close before it − 1)",
        since="100 × (close over the close of the announcement's session − 1)",
        level="a level is the close over the first close",
    ),
    "fund": Words(
        noun="total return",
        span="100 × (product of (1 + r/100) over the span − 1), "
        "r = 100 × ((close + dividend) × split / close before − 1)",
        since="100 × (product of (1 + r/100) − 1) from the close of the announcement's session, "
        "r = 100 × ((close + dividend) × split / close before − 1)",
        level="a level compounds the daily {}returns, r = 100 × ((close + dividend) × split / close before − 1)",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side of the pair: its word, its series, its daily returns (percent) and its level."""

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
    """Daily returns (percent) and levels of both, on the same sessions.

    From closes, the first of them (`base`) has no return: it is the base of the first session.
    """

    small: pd.Series[float]
    large: pd.Series[float]
    small_level: pd.Series[float]
    large_level: pd.Series[float]
    kind: Literal["returns", "index", "fund"] = "returns"
    base: date | None = None

    @property
    def words(self) -> Words:
        """What its returns are called."""
        return WORDS[self.kind]

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
        """What the returns from that of a row to the last are made of: the returns, or the closes with their base."""
        first, last = self.day(row), self.day(-1)
        if self.base is not None:
            place = row % len(self.index)
            first = self.day(place - 1) if place else self.base
        return (str(self.small.name), first, last), (str(self.large.name), first, last)

    def start(self, base: date) -> date:
        """The first day of what the returns after a base session are made of: the next session, or the base itself."""
        if self.base is not None:
            return base
        return self.day(int(self.index.searchsorted(pd.Timestamp(base))) + 1)


def parts(universe: Universe) -> dict[str, tuple[str, ...]]:
    """The series of dividends and splits that belong to the closes of a fund, by series of closes."""
    if universe.kind != "fund":
        return {}
    return {
        series: tuple(f"{kind}.{series.partition('.')[2]}" for kind in ("dividend", "split"))
        for series in (universe.small, universe.large)
    }


def pair(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> Pair:
    """Returns of both up to the session; StaleSeries when either does not reach it."""
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
    if sheet.universe.kind == "returns":
        levels = [of_returns.total_return_index(leg) for leg in (small, large)]
        return Pair(small=small, large=large, small_level=levels[0], large_level=levels[1])
    return _of_closes(sheet, histories, small, large)


def _of_closes(
    sheet: Sheet, histories: Mapping[str, pd.Series[float]], small: pd.Series[float], large: pd.Series[float]
) -> Pair:
    """The pair of two series of closes; the first close of each is the base of its returns."""
    both = []
    for closes in (small, large):
        if sheet.universe.kind == "index":
            returns, level = of_returns.price_returns(closes), (100.0 * closes / closes.iloc[0]).iloc[1:]
        else:
            none = closes.iloc[:0]
            events = [
                histories.get(one, none).loc[closes.index[1] :] for one in parts(sheet.universe)[str(closes.name)]
            ]
            returns = of_returns.fund_returns(closes, *events)
            level = of_returns.total_return_index(returns)
        both.append((returns.rename(str(closes.name)), level))
    (small_returns, small_level), (large_returns, large_level) = both
    return Pair(
        small=small_returns,
        large=large_returns,
        small_level=small_level,
        large_level=large_level,
        kind=sheet.universe.kind,
        base=small.index[0].date(),
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
    if not sheet.wants(*(f"size.{one}.{span.key}" for one in ("return.small", "return.large", "relative"))):
        return
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
            label=f"{leg.head}, {both.words.noun}, {span.horizon.adjective}",
            formula=both.words.span,
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
        formula=f"small-cap less large-cap {both.words.noun}; each is {both.words.span}",
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
        formula=f"level of small over level of large caps, 100 on {both.day(0)}; {both.words.level.format('')}",
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
    if not sheet.wants("size.trend"):
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
        if not sheet.wants(f"size.drawdown.{leg.name}"):
            continue
        history = of_returns.drawdown(leg.level)
        high = of_returns.high_dates(leg.level).iloc[-1].date()
        sheet.enter(
            f"size.drawdown.{leg.name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, drawdown from the high",
            formula=f"100 × (level over its highest earlier level − 1); {both.words.level.format('total ')}",
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
        if not sheet.wants(f"size.volatility.{leg.name}"):
            continue
        history = of_returns.volatility(leg.returns, sessions=QUARTER)
        sheet.enter(
            f"size.volatility.{leg.name}",
            history.iloc[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, volatility, 63 sessions, annualised",
            formula=f"sample standard deviation of 63 daily {both.words.noun}s × √252",
            slices=(used,),
            over=(whole,),
            subject=leg.subject,
            history=history,
            horizon=spans.counted(QUARTER, both.day(-QUARTER)),
        )
    for key, measure, sessions, label, formula in JOINT:
        if not sheet.wants(key):
            continue
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
    if sheet.universe.sizes is None:
        sheet.gap("size.share", label, f"no market value of {sheet.universe.small_name} is known")
        return
    names = [f"q{quintile}" for quintile in range(1, 6)]
    ids = {kind: [f"size.{kind}.{name}" for name in names] for kind in ("firms", "average")}
    missing = [one for kind in ids.values() for one in kind if one not in histories]
    if missing:
        sheet.gap("size.share", label, f"the source has no {missing[0]}", of=missing)
        return
    firms = {name: histories[one] for name, one in zip(names, ids["firms"], strict=True)}
    average = {name: histories[one] for name, one in zip(names, ids["average"], strict=True)}
    small, large = sheet.universe.sizes
    if not sheet.wants("size.share", "size.ratio"):
        return
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
