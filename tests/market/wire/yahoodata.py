"""The daily bars Yahoo shows of a symbol at a moment: final, live and empty ones, and what it says of the market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from market.calendars import at, sessions
from market.instruments import INSTRUMENTS
from market.truth import market

if TYPE_CHECKING:
    from market.desk import Desk
    from market.instruments import Instrument

LIVE_ALL_DAY = {"CURRENCY", "FUTURE", "CRYPTOCURRENCY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A trading period and the last trade, in epoch seconds."""

    pre: int
    start: int
    end: int
    post: int
    traded: int


def is_session(of: Instrument) -> bool:
    """Whether it trades in the session of the New York exchange."""
    return of.kind == "ETF" or of.symbol in {"^GSPC", "^RUT", "^RUI"}


def opens(of: Instrument, days: pd.DatetimeIndex) -> np.ndarray:
    """The time stamp of the bar of each day, epoch seconds: the open, or midnight in the symbol's zone."""
    clock = time(9, 30) if is_session(of) else time(2) if of.symbol == "^VIX" else time(0)
    return at(days, clock, ZoneInfo(of.zone)).astype("int64")


def _epoch(moment: datetime | pd.Timestamp) -> int:
    return int(moment.timestamp())


def period(of: Instrument, desk: Desk) -> Period:
    """The current trading period: the running or the last one, as Yahoo's meta tells it."""
    now = pd.Timestamp(desk.now)
    if is_session(of):
        table = sessions()
        begun = table["open"] - pd.Timedelta(hours=5, minutes=30) <= now
        last = table[begun].iloc[-1]
        start, end = _epoch(last["open"]), _epoch(last["close"])
        previous = _epoch(table[begun].iloc[-2]["close"])
        traded = previous if _epoch(now) < start else min(_epoch(now), end)
        return Period(pre=start - 19_800, start=start, end=end, post=end + 14_400, traded=traded)
    zone = ZoneInfo(of.zone)
    today = pd.Timestamp(now.tz_convert(zone).date())
    if of.kind != "CRYPTOCURRENCY" and today.day_of_week == 5:
        today -= pd.Timedelta(days=1)
    start = int(opens(of, pd.DatetimeIndex([today]))[0])
    end = start + (47_700 if of.symbol == "^VIX" else 86_340)
    known = desk.releases("yahoo", of.symbol).known
    final = known[known <= desk.moment]
    traded = int(final[-1].astype("int64")) - 1 if len(final) else start
    if _is_live(of, desk):
        traded = _epoch(now)
    return Period(pre=start, start=start, end=end, post=end, traded=traded)


def _is_live(of: Instrument, desk: Desk) -> bool:
    """Whether a bar is in the making: the day has begun and has no final value yet."""
    return _live_day(of, desk) is not None


def _live_day(of: Instrument, desk: Desk) -> pd.Timestamp | None:
    day = pd.Timestamp(desk.today(of.zone))
    truth = market().series[of.symbol]
    if day not in truth.index:
        return None
    releases = desk.releases("yahoo", of.symbol)
    final = releases.known[np.searchsorted(releases.dates, day.to_datetime64())]
    begun = opens(of, pd.DatetimeIndex([day]))[0] <= _epoch(desk.now)
    return day if begun and final > desk.moment else None


def bars(symbol: str, desk: Desk) -> pd.DataFrame:
    """Rows with columns day, stamp (epoch seconds), close (split-adjusted as of now, NaN where null), live."""
    of = INSTRUMENTS[symbol]
    truth = market().series[symbol]
    final = desk.for_code(symbol).series("yahoo", symbol)
    live = _live_day(of, desk)
    unfinished = desk.for_code(symbol).fault("unfinished")
    if unfinished is not None and live is None and len(final):
        live = final.index[-1]
        final = final.iloc[:-1]
    if live is not None and desk.for_code(symbol).fault("empty") is None:
        final = pd.concat([final, pd.Series([_in_the_making(truth, live, desk)], index=pd.DatetimeIndex([live]))])
    days = pd.DatetimeIndex(final.index)
    empty = _empty_days(of, desk, days)
    frame = pd.DataFrame({"day": days.append(empty), "close": [*final, *([np.nan] * len(empty))]})
    frame = frame.sort_values("day", kind="stable", ignore_index=True)
    frame["live"] = frame["day"].eq(live) if live is not None else False
    frame["stamp"] = opens(of, pd.DatetimeIndex(frame["day"]))
    frame["close"] = (frame["close"] / later_splits(symbol, desk, pd.DatetimeIndex(frame["day"]))).round(6)
    if is_session(of) and live is not None and unfinished is None:
        frame.loc[frame["live"], "stamp"] = _epoch(desk.now)  # the running bar bears the time of the last trade
    return frame


def _in_the_making(truth: pd.Series, day: pd.Timestamp, desk: Desk) -> float:
    """Somewhere between the last close and this one, and a little off."""
    where = truth.index.get_loc(day)
    before, close = float(truth.iloc[where - 1]), float(truth.iloc[where])
    wiggle = 0.004 * np.sin(_epoch(desk.now) / 977.0)
    return round(before + 0.6 * (close - before) + before * wiggle, 4)


def _empty_days(of: Instrument, desk: Desk, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The days for which Yahoo has a row without values: Sundays of the dollar index, holidays of the VIX."""
    if not len(days) or of.symbol not in {"DX-Y.NYB", "^VIX", "GC=F", "CL=F"}:
        return days[:0]
    end = pd.Timestamp(desk.today(of.zone))
    calendar = pd.date_range(days[0], end)
    calendar = calendar[~calendar.isin(market().series[of.symbol].index)]
    if of.symbol == "DX-Y.NYB":
        return calendar[calendar.day_of_week == 6]
    calendar = calendar[calendar.day_of_week < 5]
    return calendar if of.symbol == "^VIX" else calendar[calendar.month.isin([5, 6])]


def seen_splits(symbol: str, desk: Desk) -> pd.Series:
    """Ratios by day of the splits that have happened."""
    ratios = market().series.get(f"{symbol}:splits", pd.Series(dtype=float))
    if ratios.empty:
        return ratios
    return ratios[desk.releases("yahoo", f"{symbol}:splits").known <= desk.moment]


def later_splits(symbol: str, desk: Desk, days: pd.DatetimeIndex) -> np.ndarray:
    """For each day the product of the ratios of the later splits that have happened by now."""
    product = np.ones(len(days))
    for day, ratio in seen_splits(symbol, desk).items():
        product[days < day] *= ratio
    return product


def dividends(symbol: str, desk: Desk) -> pd.Series:
    """Amounts by day, split-adjusted as of now as Yahoo does."""
    if f"{symbol}:dividends" not in market().series:
        return pd.Series(dtype=float)
    paid = desk.for_code(f"{symbol}:dividends").series("yahoo", f"{symbol}:dividends")
    return paid / later_splits(symbol, desk, pd.DatetimeIndex(paid.index))
