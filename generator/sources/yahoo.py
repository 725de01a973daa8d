"""Yahoo's daily bars through yfinance: closes, dividends and splits as they were when they were traded.

One request a symbol. Yahoo's "raw" closes and dividends are divided by every later split as of the day one asks; they
are multiplied back here, so that a later split changes nothing that is stored. Days are those of the exchange, never
of UTC. A bar counts once its session is over and Yahoo has seen the end of it; the bar of a running session and rows
without a close are left out. Capital gains that funds distribute are not part of Yahoo's dividends, nor of ours.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import yfinance as yf

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.feeds import COLUMNS, Batch, Wanted
from generator.sources.yahoo_line import HOST, SOURCE, Answer, ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.sources.http import Access

FIRST = date(1970, 1, 2)
OVERLAP = timedelta(days=14)  # asked beyond what is wanted: some session always lies in it, so an empty answer is none
SETTLED = timedelta(minutes=30)  # after the end of a session its close no longer moves
LAST_TRADE = timedelta(minutes=30)  # a fund may trade last a while before the bell; an answer older than that is stale
STAMPS = re.compile(rb'"timestamp"\s*:\s*\[([\d,\s-]+)\]')  # of the bars, in seconds since 1970
DIGITS, CENTS = 6, 2  # of closes, and decimals at least: Yahoo sends single precision, and what is beyond is noise
DECIMALS = 4  # of dividends: Yahoo rounds them to six after dividing by later splits
COLUMN = {"": "Close", "dividends": "Dividends", "splits": "Stock Splits"}  # what follows the symbol in a code


@dataclass(frozen=True, slots=True)
class Yahoo:
    """The edge to Yahoo: codes are symbols, with `:dividends` or `:splits` for the events of one."""

    name: str = SOURCE
    hosts: tuple[str, ...] = (HOST, "query1.finance.yahoo.com", "fc.yahoo.com")

    def batches(self, wanted: Sequence[Wanted], *, today: date) -> list[Batch]:
        """One batch a symbol: its closes and events come in one answer."""
        ordered = sorted(wanted, key=lambda one: (_symbol(one), one.code))
        return [
            Batch(source=SOURCE, label=symbol, wanted=together, first=_first(together), last=today)
            for symbol, group in groupby(ordered, key=_symbol)
            for together in [tuple(group)]
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """Ask for one symbol; see Edge. Closes and dividends in the currency of the exchange, splits as new per old."""
        symbol = _symbol(batch.wanted[0])
        for one in batch.wanted:
            if one.code.partition(":")[2] not in COLUMN:
                raise UnknownCode(SOURCE, one.code)
        bars, meta, answer = chart(symbol, batch.first, access)
        through = last_finished(meta, access.now)
        check(symbol, meta, answer, through=through)
        found = events(bars, through=through)
        if found["Close"].isna().all():
            raise EmptyAnswer(SOURCE, symbol)
        if np.isinf(found.to_numpy()).any():
            raise NotData(SOURCE, symbol, "a value without end came")
        return pd.concat([_observations(found, one) for one in batch.wanted], ignore_index=True)


EDGE = Yahoo()


def _symbol(wanted: Wanted) -> str:
    return wanted.code.partition(":")[0].upper()


def _first(wanted: Sequence[Wanted]) -> date | None:
    days = [one.since for one in wanted]
    return None if None in days else min(day for day in days if day is not None)


def chart(symbol: str, since: date | None, access: Access) -> tuple[pd.DataFrame, Mapping[str, Any], Answer]:
    """The bars yfinance makes of Yahoo's chart, their description, and the answer itself.

    Raises FetchErrors.
    """
    start = max(since - OVERLAP, FIRST) if since else FIRST

    def question(line: Any) -> tuple[pd.DataFrame, Mapping[str, Any]]:  # noqa: ANN401 -- the session of yahoo_line
        ticker = yf.Ticker(symbol, session=line)
        bars = ticker.history(
            start=datetime.combine(start, time(), UTC),
            end=access.now + timedelta(days=1),
            auto_adjust=False,
            actions=True,
            keepna=True,
            timeout=access.timeout,
        )
        return bars, ticker.get_history_metadata()

    (bars, meta), answer = ask(symbol, access, question)
    if bars.empty:
        raise EmptyAnswer(SOURCE, symbol)
    return bars, meta, answer


def check(symbol: str, meta: Mapping[str, Any], answer: Answer, *, through: date) -> None:
    """Refuse an answer about another symbol, or with two closes for one finished day: raises NotData.

    Of two rows for a day yfinance keeps one and says nothing. While a session runs Yahoo itself sends two at times,
    the bar and the last trade.
    """
    if str(meta.get("symbol", "")).upper() != symbol:
        raise NotData(SOURCE, symbol, f"the answer is about {meta.get('symbol')!r}")
    zone = str(meta["exchangeTimezoneName"])
    bare = STAMPS.search(answer.body)  # reading all of the answer again costs as much as asking for it
    if bare is not None and _days([int(one) for one in bare[1].split(b",")], zone).is_unique:
        return
    told = json.loads(answer.body)["chart"]["result"][0]
    days = _days(told["timestamp"], zone)
    closes = pd.Series(told["indicators"]["quote"][0]["close"], dtype="float64").to_numpy()
    rows = pd.DataFrame({"day": days, "close": closes}).dropna()
    kinds = rows[rows["day"] <= pd.Timestamp(through)].groupby("day")["close"].nunique()
    for day in kinds.index[kinds > 1]:
        raise NotData(SOURCE, symbol, f"two closes for {day:%Y-%m-%d}")


def _days(stamps: Sequence[int], zone: str) -> pd.DatetimeIndex:
    """The days of a zone on which seconds since 1970 fall."""
    return pd.to_datetime(stamps, unit="s", utc=True).tz_convert(zone).tz_localize(None).normalize()


def last_finished(meta: Mapping[str, Any], now: datetime) -> date:
    """The last day, at the exchange, whose bar is final: its session ended half an hour ago, and Yahoo saw the end.

    Where trading never stops a session is a calendar day there, so today's is never final.
    """
    zone = ZoneInfo(str(meta["exchangeTimezoneName"]))
    today = now.astimezone(zone).date()
    period = (meta.get("currentTradingPeriod") or {}).get("regular")
    if not period:
        return today - timedelta(days=1)
    start, end, seen = (_moment(one) for one in (period["start"], period["end"], meta.get("regularMarketTime")))
    if start is None or end is None:
        return today - timedelta(days=1)
    day = start.astimezone(zone).date()
    over = now >= end + SETTLED and seen is not None and seen >= end - LAST_TRADE
    return min(day if over else day - timedelta(days=1), today)


def _moment(stamp: object) -> datetime | None:
    """A moment of Yahoo's description: yfinance has made most of its seconds into time stamps."""
    if isinstance(stamp, datetime):
        return stamp
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else None


def events(bars: pd.DataFrame, *, through: date) -> pd.DataFrame:
    """Closes and dividends as traded and the splits, by day of the exchange, up to and with the last finished one.

    Columns Close, Dividends (NaN where there is none), Stock Splits (NaN likewise).

    >>> days = pd.DatetimeIndex(["2025-12-04", "2025-12-05"], tz="America/New_York")
    >>> bars = pd.DataFrame({"Close": [119.5, 120.0], "Dividends": [0.25, 0.0], "Stock Splits": [0.0, 2.0]}, index=days)
    >>> events(bars, through=date(2025, 12, 5))["Close"].tolist()
    [239.0, 120.0]
    """
    ratio = bars["Stock Splits"].astype("float64").replace(0.0, float("nan"))
    later = ratio.fillna(1.0)[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    found = pd.DataFrame(
        {
            "Close": _plain(bars["Close"] * later),
            "Dividends": (bars["Dividends"].astype("float64").replace(0.0, float("nan")) * later).round(DECIMALS),
            "Stock Splits": ratio,
        }
    )
    found.index = pd.DatetimeIndex(bars.index).tz_localize(None).normalize().as_unit("us")
    return found[found.index <= pd.Timestamp(through)]


def _plain(values: pd.Series[float]) -> pd.Series[float]:
    """Closes to the digits that are sure, six and at least the cent: a split moves the noise and changes none of them.

    >>> _plain(pd.Series([9.800001, 239.4100037, 97234.5078125, 0.0, float("nan")])).tolist()
    [9.8, 239.41, 97234.51, 0.0, nan]
    """
    plain = values.to_numpy(dtype="float64")
    sized = np.isfinite(plain) & (plain != 0)
    size = np.floor(np.log10(np.abs(plain), where=sized, out=np.zeros_like(plain)))
    scale = 10.0 ** np.maximum(CENTS, DIGITS - 1 - size)
    return pd.Series(np.rint(plain * scale) / scale, index=values.index)


def _observations(found: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    values = found[COLUMN[wanted.code.partition(":")[2]]].dropna()
    if wanted.since is not None:
        values = values[values.index >= pd.Timestamp(wanted.since)]
    columns = {
        "series_id": wanted.series_id,
        "date": values.index,
        "value": values.to_numpy(),
        "known_at": pd.Series(pd.NaT, index=range(len(values)), dtype="datetime64[us, UTC]"),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))
