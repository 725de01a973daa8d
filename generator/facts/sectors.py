"""Facts on sectors: funds of large and of small companies by line of business, best, worst, and against the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans
from generator.facts.funds import BANKS, SECTORS, SERIES, TOTAL, WHOLES, Fund, Name, follow, parts
from generator.metrics import returns as of_returns
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from generator.facts.policy import Policy
    from generator.facts.sheet import Sheet, Slice
    from generator.facts.size import Pair

COUNTS = (1, 5, 63)  # sessions: the spans of the three kinds of letter
FEWEST = 3  # funds of which a best and a worst are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A span: how keys end, its words, the session of its base, and its length in sessions if it has a history."""

    key: str
    horizon: Horizon
    base: date
    count: int | None
    marks: tuple[tuple[str, date], ...] = ()


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]], both: Pair, target: Policy | None) -> None:
    """Enter every fact on sectors."""
    reaches = list(_reaches(both, target))
    for size, place in (("large", 1), ("small", 2)):
        funds = []
        for key, words in SECTORS.items():
            if words[place]:
                label = f"{words[0].capitalize()}, {size}-cap sector fund"
                one = Name(key=f"sectors.{size}.{key}", label=label, subject=words[0], ticker=words[place])
                found = follow(sheet, histories, one)
                funds += [found] if found else []
        one = Name(
            key=f"sectors.{size}.whole",
            label=f"Fund of {size} caps",
            subject=f"the {size}-cap fund",
            ticker=WHOLES[size],
        )
        whole = follow(sheet, histories, one)
        for reach in reaches:
            _ranked(sheet, size, reach, funds, whole)
    one = Name(key="sectors.banks", label="Regional banks, fund", subject="regional banks", ticker=BANKS)
    banks = follow(sheet, histories, one)
    if banks:
        for reach in reaches:
            _return(sheet, banks, reach)


def _reaches(both: Pair, target: Policy | None) -> Iterable[Reach]:
    """The spans: so many sessions, and since the first change of the cycle."""
    for count in COUNTS:
        span = spans.back(both.index, count)
        if span is not None:
            yield Reach(key=span.key, horizon=span.horizon, base=both.day(span.row), count=count)
    if target is None:
        return
    cycle = target.cycles[-1]
    row = int(both.index.searchsorted(pd.Timestamp(cycle.first)))
    passed = len(both.index) - 1 - row
    if passed > 0:
        words = f"since the first {'cut' if cycle.total < 0 else 'increase'} of the cycle"
        base = both.day(row)
        horizon = Horizon(words=words, adjective=words, sessions=passed, start=base)
        yield Reach(key="since_first", horizon=horizon, base=base, count=None, marks=(("event", cycle.first),))


def _covers(fund: Fund, reach: Reach) -> bool:
    """Whether the fund has a close of the base, and of each session after it."""
    if pd.Timestamp(reach.base) not in fund.level.index:
        return False
    row = int(fund.level.index.searchsorted(pd.Timestamp(reach.base)))
    return reach.horizon.sessions == len(fund.level) - 1 - row


def _growth(fund: Fund, reach: Reach) -> float:
    """Total return since the base, in percent."""
    return 100.0 * (float(fund.level.iloc[-1]) / float(fund.level.loc[pd.Timestamp(reach.base)]) - 1.0)


def _slice(fund: Fund, first: date, last: date) -> Slice:
    return (fund.series, first, last)


def _return(sheet: Sheet, fund: Fund, reach: Reach) -> None:
    """Enter the total return of a fund over a span, or the gap."""
    key, label = f"{fund.key}.{reach.key}", f"{fund.label}, {reach.horizon.adjective}"
    if not _covers(fund, reach):
        sheet.gap(key, label, f"it has no close of each session since {reach.base}")
        return
    history = None if reach.count is None else of_returns.total_return(fund.level, sessions=reach.count)
    sheet.enter(
        key,
        _growth(fund, reach) if history is None else history.iloc[-1],
        Unit.PERCENT,
        as_of=sheet.session,
        label=label,
        formula=f"total return of {fund.ticker}: {TOTAL}",
        slices=(_slice(fund, reach.base, sheet.session),),
        over=() if history is None else (_slice(fund, fund.level.index[0].date(), sheet.session),),
        subject=fund.subject,
        history=history,
        move=True,
        horizon=reach.horizon,
        marks=reach.marks,
    )


def _ranked(sheet: Sheet, size: str, reach: Reach, funds: list[Fund], whole: Fund | None) -> None:
    """Enter each sector over a span, the best, the worst, the distance between them, and how many beat the whole."""
    for fund in (*funds, *([whole] if whole else [])):
        _return(sheet, fund, reach)
    there = [fund for fund in funds if _covers(fund, reach)]
    if len(there) < FEWEST:
        return
    growth = {fund.key: _growth(fund, reach) for fund in there}
    ordered = sorted(there, key=lambda fund: -growth[fund.key])
    used = [_slice(fund, reach.base, sheet.session) for fund in there]
    tickers = ", ".join(fund.ticker for fund in there)
    for name, fund in (("best", ordered[0]), ("worst", ordered[-1])):
        sheet.enter(
            f"sectors.{size}.{name}.{reach.key}",
            growth[fund.key],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{name.capitalize()} of the {size}-cap sector funds, {reach.horizon.adjective}",
            formula=f"{'largest' if name == 'best' else 'smallest'} total return of {tickers}; each is {TOTAL}",
            slices=used,
            subject=fund.subject,
            horizon=reach.horizon,
            state=fund.subject,
            marks=reach.marks,
        )
    _spread(sheet, size, reach, there, used)
    name = f"{size}-cap sector funds"
    sheet.enter(
        f"sectors.{size}.n.{reach.key}",
        len(there),
        Unit.COUNT,
        as_of=sheet.session,
        label=f"{size.capitalize()}-cap sector funds",
        formula=f"number of {tickers}",
        slices=used,
        subject=name,
        horizon=reach.horizon,
        marks=reach.marks,
    )
    if whole and _covers(whole, reach):
        mark = _growth(whole, reach)
        sheet.enter(
            f"sectors.{size}.ahead.{reach.key}",
            sum(one > mark for one in growth.values()),
            Unit.COUNT,
            as_of=sheet.session,
            label=f"{size.capitalize()}-cap sector funds that beat {whole.ticker}, {reach.horizon.adjective}",
            formula=f"number of {tickers} with a larger total return than {whole.ticker}",
            slices=[*used, _slice(whole, reach.base, sheet.session)],
            subject=name,
            horizon=reach.horizon,
            marks=reach.marks,
        )


def _spread(sheet: Sheet, size: str, reach: Reach, funds: list[Fund], used: list[Slice]) -> None:
    """Enter the best less the worst return, with its history on the sessions that all of the funds have."""
    levels = pd.concat([fund.level for fund in funds], axis=1, join="inner")
    history: pd.Series[float] | None = None
    if reach.count is not None and len(levels) > reach.count:
        values = levels.to_numpy()
        growth = 100.0 * (values[reach.count :] / values[: -reach.count] - 1.0)
        history = pd.Series(growth.max(axis=1) - growth.min(axis=1), index=levels.index[reach.count :])
    found = [_growth(fund, reach) for fund in funds]
    sheet.enter(
        f"sectors.{size}.spread.{reach.key}",
        max(found) - min(found) if history is None else history.iloc[-1],
        Unit.POINTS,
        as_of=sheet.session,
        label=f"Best less worst of the {size}-cap sector funds, {reach.horizon.adjective}",
        formula=f"largest less smallest total return; each is {TOTAL}",
        slices=used,
        over=() if history is None else [_slice(fund, levels.index[0].date(), sheet.session) for fund in funds],
        subject=f"{size}-cap sector funds",
        history=history,  # no horizon: it is never below zero, so a run of its sign is no news
        marks=reach.marks,
    )


__all__ = ["SECTORS", "SERIES", "enter", "parts"]
