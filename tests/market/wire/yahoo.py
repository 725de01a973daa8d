"""query1 and query2.finance.yahoo.com, fc, guce and consent: charts with events, crumbs, summaries, search, news."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from market.desk import Reply
from market.headlines import headlines
from market.instruments import INSTRUMENTS
from market.wire import yahoofund
from market.wire.yahoodata import bars, dividends, is_session, opens, period, seen_splits

if TYPE_CHECKING:
    from market.desk import Desk, Request
    from market.instruments import Instrument

HOSTS = (
    "fc.yahoo.com", "query1.finance.yahoo.com", "query2.finance.yahoo.com", "finance.yahoo.com", "guce.yahoo.com",
    "consent.yahoo.com",
)  # fmt: skip
CRUMB = "Xq7.market/1"
COOKIE = "A3=d=AQABBMarket&S=AQAAAmarket; Max-Age=31557600; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly"
RANGES = {"1d": 1, "5d": 5}
MONTHS = {"1mo": 1, "3mo": 3, "6mo": 6, "1y": 12, "2y": 24, "5y": 60, "10y": 120}
NO_TIMESERIES = {"timeseries": {"result": [], "error": None}}
CONSENT = (
    '<!DOCTYPE html><html><body><form method="post"><input type="hidden" name="csrfToken" value="m4rk3t">'
    '<input type="hidden" name="sessionId" value="3_cc-session_market"></form></body></html>'
)


def names(request: Request) -> frozenset[str]:
    """The symbol at the end of the path, and its dividends and splits."""
    if "/v8/finance/chart/" not in request.path and "/quoteSummary/" not in request.path:
        return frozenset()
    symbol = unquote(request.path.rsplit("/", 1)[1])
    return frozenset({symbol, f"{symbol}:dividends", f"{symbol}:splits"})


def answer(request: Request, desk: Desk) -> Reply:
    """By host and path."""
    if request.host == "fc.yahoo.com":  # 404 with a cookie is its normal answer
        return Reply(status=404, body=b"", kind="text/html", headers=(("Set-Cookie", COOKIE),))
    if request.host in {"guce.yahoo.com", "consent.yahoo.com"}:
        return Reply(body=CONSENT.encode(), kind="text/html", headers=(("Set-Cookie", COOKIE),))
    last = unquote(request.path.rsplit("/", 1)[1])
    pages = {
        "/v1/test/getcrumb": lambda: Reply(body=CRUMB.encode(), kind="text/plain;charset=utf-8"),
        f"/v8/finance/chart/{last}": lambda: _chart(last, request.query, desk),
        f"/v10/finance/quoteSummary/{last}": lambda: yahoofund.summary(last, request.query.get("modules", ""), desk),
        "/v7/finance/quote": lambda: yahoofund.quote(request.query.get("symbols", ""), desk),
        f"/ws/fundamentals-timeseries/v1/finance/timeseries/{last}": lambda: _json(NO_TIMESERIES),
        "/v1/finance/search": lambda: _search(request.query.get("q", ""), desk),
        "/xhr/ncp": lambda: _news(request.body, desk),
    }
    page = pages.get(unquote(request.path))
    return page() if page else _refused(404, "Not Found", "No such page in this market")


def _json(body: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode(), kind="application/json;charset=utf-8")


def _refused(status: int, code: str, words: str) -> Reply:
    return _json({"chart": {"result": None, "error": {"code": code, "description": words}}}, status)


def _chart(symbol: str, query: dict[str, str], desk: Desk) -> Reply:
    of = INSTRUMENTS.get(symbol)
    if of is None or desk.fault("error"):
        return _refused(404, "Not Found", "No data found, symbol may be delisted")
    if query.get("interval", "1d") != "1d":
        return _refused(422, "Unprocessable Entity", "This market has daily bars only")
    rows = bars(symbol, desk)
    first, last = _range(query, rows, desk)
    if first > desk.now.timestamp():
        return _refused(400, "Bad Request", f"Data doesn't exist for startDate = {first}, endDate = {last}")
    inside = (rows["stamp"] >= first) & (rows["stamp"] < last)
    before = rows[(rows["stamp"] < first) & rows["close"].notna()]["close"]
    answer_part: dict[str, object] = {"meta": _meta(of, query, rows, before, desk)}
    shown = rows[inside]
    if len(shown):
        events = _events(of, first, last, desk)
        answer_part |= {"timestamp": shown["stamp"].tolist()} | ({"events": events} if events else {})
        answer_part["indicators"] = _indicators(symbol, shown, rows, desk)
    else:
        answer_part["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return _json({"chart": {"result": [answer_part], "error": None}})


def _range(query: dict[str, str], rows: pd.DataFrame, desk: Desk) -> tuple[int, int]:
    """The first and, exclusive, the last second asked for."""
    now = int(desk.now.timestamp()) + 1
    if "period1" in query or "period2" in query:
        return int(float(query.get("period1", 0))), int(float(query.get("period2", now)))
    span = query.get("range", "1mo")
    stamps = rows["stamp"]
    if span in RANGES or (span.endswith("d") and span[:-1].isdigit()):
        count = min(RANGES.get(span, int(span[:-1])), len(stamps))
        return (int(stamps.iloc[-count]) if count else 0), now
    today = pd.Timestamp(desk.now)
    if span == "ytd":
        return int(pd.Timestamp(f"{today.year}-01-01", tz="UTC").timestamp()), now
    if span in MONTHS:
        return int((today - pd.DateOffset(months=MONTHS[span])).normalize().timestamp()), now
    return -(2**40), now


def _clean(values: np.ndarray) -> list[float | None]:
    """As Yahoo has them: floats of four bytes, null where there is nothing."""
    return [None if np.isnan(value) else float(np.float32(value)) for value in values]


def _indicators(symbol: str, shown: pd.DataFrame, rows: pd.DataFrame, desk: Desk) -> dict[str, object]:
    close = shown["close"].to_numpy(dtype=float)
    before = rows["close"].ffill().shift().reindex(shown.index).bfill().to_numpy(dtype=float)
    opened = np.where(np.isnan(close), np.nan, before + 0.3 * (close - before))
    high, low = np.maximum(opened, close) * 1.002, np.minimum(opened, close) * 0.998
    volume = [
        None if np.isnan(value) else int(stamp % 9973 + 1) * 1000
        for value, stamp in zip(close, shown["stamp"], strict=True)
    ]
    paid = dividends(symbol, desk)
    factor = _adjustment(rows, paid).reindex(shown.index).to_numpy(dtype=float)
    quote = {name: _clean(part) for name, part in (("open", opened), ("high", high), ("low", low), ("close", close))}
    return {"quote": [quote | {"volume": volume}], "adjclose": [{"adjclose": _clean(close * factor)}]}


def _adjustment(rows: pd.DataFrame, paid: pd.Series) -> pd.Series:
    """For each row the product of (1 - dividend / close before) over the later dividends."""
    before = rows["close"].ffill().shift()
    share = rows["day"].map(paid.groupby(level=0).first()).fillna(0.0) / before
    factors = (1 - share.fillna(0.0))[::-1].cumprod()[::-1]
    return factors.shift(-1).fillna(1.0)


def _events(of: Instrument, first: int, last: int, desk: Desk) -> dict[str, dict[str, object]]:
    events: dict[str, dict[str, object]] = {}
    paid = dividends(of.symbol, desk)
    stamps = opens(of, pd.DatetimeIndex(paid.index)).tolist() if len(paid) else []
    for stamp, amount in zip(stamps, paid, strict=True):
        if first <= stamp < last:
            events.setdefault("dividends", {})[str(stamp)] = {"amount": round(float(amount), 6), "date": stamp}
    seen = seen_splits(of.symbol, desk)
    for day, top, bottom in of.splits:
        stamp = int(opens(of, pd.DatetimeIndex([day]))[0])
        if pd.Timestamp(day) in seen.index and first <= stamp < last:
            ratio = {
                "date": stamp,
                "numerator": float(top),
                "denominator": float(bottom),
                "splitRatio": f"{top}:{bottom}",
            }
            events.setdefault("splits", {})[str(stamp)] = ratio
    return events


def _meta(
    of: Instrument, query: dict[str, str], rows: pd.DataFrame, before: pd.Series, desk: Desk
) -> dict[str, object]:
    running = period(of, desk)
    local = pd.Timestamp(desk.now).tz_convert(ZoneInfo(of.zone))
    offset, short = int(local.utcoffset().total_seconds()), local.tzname()
    spans = {
        "pre": (running.pre, running.start),
        "regular": (running.start, running.end),
        "post": (running.end, running.post),
    }
    traded = running.traded
    if desk.for_code(of.symbol).fault("unfinished"):
        traded = min(traded, running.end) - 7200
    closes = rows["close"].dropna()
    year = closes.tail(252)
    prices = {}
    if len(closes):
        prices = {"regularMarketPrice": closes.iloc[-1], "fiftyTwoWeekHigh": year.max(), "fiftyTwoWeekLow": year.min()}
    return {
        "currency": "USD", "symbol": of.symbol, "exchangeName": of.exchange, "fullExchangeName": of.exchange,
        "instrumentType": of.kind, "firstTradeDate": int(opens(of, pd.DatetimeIndex([of.first]))[0]),
        "regularMarketTime": traded, "hasPrePostMarketData": is_session(of), "gmtoffset": offset, "timezone": short,
        "exchangeTimezoneName": of.zone, "longName": of.name, "shortName": of.name,
        "priceHint": 4 if of.kind == "CURRENCY" else 2,
        **prices,
        **({"chartPreviousClose": float(before.iloc[-1])} if len(before) else {}),
        "currentTradingPeriod": {
            name: {"timezone": short, "start": start, "end": end, "gmtoffset": offset}
            for name, (start, end) in spans.items()
        },
        "dataGranularity": "1d", "range": query.get("range", ""),
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }  # fmt: skip


def _search(words: str, desk: Desk) -> Reply:
    quotes = [
        {
            "exchange": of.exchange,
            "shortname": of.name,
            "quoteType": of.kind,
            "symbol": of.symbol,
            "isYahooFinance": True,
        }
        for of in INSTRUMENTS.values()
        if words.lower() in f"{of.symbol} {of.name}".lower()
    ]
    news = [
        {"uuid": each.key, "title": each.title, "publisher": each.publisher, "link": each.link,
         "providerPublishTime": int(each.published.timestamp()), "type": "STORY"}
        for each in headlines(desk.now, "markets", words)[:4]
    ]  # fmt: skip
    return _json({"explains": [], "count": len(quotes) + len(news), "quotes": quotes, "news": news})


def _news(body: bytes, desk: Desk) -> Reply:
    try:
        wish = json.loads(body or b"{}")["serviceConfig"]
        symbol, count = wish["s"][0], int(wish["snippetCount"])
    except (ValueError, KeyError, IndexError):
        return _json({"data": None, "error": "Bad Request"}, 400)
    items = (
        [] if desk.fault("empty") else headlines(desk.now, "crypto" if symbol.endswith("-USD") else "markets", symbol)
    )
    stream = [
        {"id": each.key, "content": {
            "id": each.key, "contentType": "STORY", "title": each.title, "description": "", "summary": each.summary,
            "pubDate": f"{each.published:%Y-%m-%dT%H:%M:%SZ}", "displayTime": f"{each.published:%Y-%m-%dT%H:%M:%SZ}",
            "isHosted": True, "provider": {"displayName": each.publisher, "url": "https://www.example.com/"},
            "canonicalUrl": {"url": each.link, "site": "finance", "region": "US", "lang": "en-US"},
            "clickThroughUrl": {"url": each.link, "site": "finance", "region": "US", "lang": "en-US"},
        }}
        for each in items[:count]
    ]  # fmt: skip
    return _json({"data": {"tickerStream": {"nextPage": False, "stream": stream}}, "status": "OK"})
