"""A child for tests: reads with the real yfinance, fredapi and httpx what its first argument asks for, prints JSON.

The argument is a JSON list of steps `[what, argument…]`; the answer a list of results, a failed step being
`{"raises": class, "words": message}`. `["control", "fault?kind=429"]` steers the market in between.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import urllib.request
import warnings

import fredapi
import httpx
import yfinance
from yfinance.data import YfData

KEY = "0123456789abcdef0123456789abcdef"


def history(symbol: str, start: str, *, hide: bool = False, timeout: float = 5) -> dict[str, object]:
    """Rows of a symbol from a day on: days, closes, dividends and splits that are not nought, zone, last trade."""
    YfData.cache_get.cache_clear()
    yfinance.config.debug.hide_exceptions = hide
    ticker = yfinance.Ticker(symbol)
    frame = ticker.history(start=start, auto_adjust=False, keepna=True, timeout=timeout)
    if frame.empty:
        return {"empty": True}
    meta = ticker.history_metadata
    return {
        "days": [f"{day:%Y-%m-%d}" for day in frame.index],
        "close": [None if close != close else close for close in frame["Close"]],  # noqa: PLR0124 -- nan
        "dividends": {f"{day:%Y-%m-%d}": paid for day, paid in frame["Dividends"].items() if paid},
        "splits": {f"{day:%Y-%m-%d}": ratio for day, ratio in frame["Stock Splits"].items() if ratio},
        "zone": str(frame.index.tz),
        "traded": str(meta["regularMarketTime"]),
        "end": str(meta["currentTradingPeriod"]["regular"]["end"]),
    }


def downloaded(symbol: str) -> int:
    """How many rows `yfinance.download` gives."""
    YfData.cache_get.cache_clear()
    return len(yfinance.download([symbol], period="1mo", progress=False, auto_adjust=False))


def series(code: str, **more: str) -> dict[str, float | None]:
    """FRED's values by day."""
    found = fredapi.Fred(api_key=more.pop("key", KEY)).get_series(code, **more)
    return {f"{day:%Y-%m-%d}": None if value != value else value for day, value in found.items()}  # noqa: PLR0124 -- nan


def releases(code: str) -> list[list[object]]:
    """FRED's releases: date, day of release, value."""
    frame = fredapi.Fred(api_key=KEY).get_series_all_releases(code)
    rows = zip(frame["date"], frame["realtime_start"], frame["value"], strict=True)
    return [[f"{day:%Y-%m-%d}", f"{said:%Y-%m-%d}", value if value == value else None] for day, said, value in rows]  # noqa: PLR0124 -- nan


STEPS = {
    "history": history,
    "download": downloaded,
    "series": series,
    "releases": releases,
    "info": lambda code: dict(fredapi.Fred(api_key=KEY).get_series_info(code)),
    "vintages": lambda code: [f"{day:%Y-%m-%d}" for day in fredapi.Fred(api_key=KEY).get_series_vintage_dates(code)],
    "funds": lambda symbol: yfinance.Ticker(symbol).funds_data.equity_holdings[symbol].dropna().to_dict(),
    "news": lambda symbol: yfinance.Ticker(symbol).news,
    "get": lambda url: _web(httpx.get(url, timeout=5)),
    "post": lambda url, body: _web(httpx.post(url, json=body, timeout=5)),
    "control": lambda name: json.loads(urllib.request.urlopen(f"{os.environ['https_proxy']}/__control/{name}").read()),  # noqa: S310
    "timeout": socket.setdefaulttimeout,
}


def _web(reply: httpx.Response) -> dict[str, object]:
    return {"status": reply.status_code, "kind": reply.headers["content-type"], "hex": reply.content.hex()}


def main() -> None:
    """Take the steps."""
    warnings.simplefilter("ignore")
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
    taken = []
    for what, *arguments in json.loads(sys.argv[1]):
        more = arguments.pop() if arguments and isinstance(arguments[-1], dict) and what != "post" else {}
        try:
            taken.append(STEPS[what](*arguments, **more))
        except Exception as problem:  # noqa: BLE001 -- what the libraries raise is what is asked for
            taken.append(
                {"raises": f"{type(problem).__module__}.{type(problem).__name__}", "words": str(problem)[:300]}
            )
    sys.stdout.write(json.dumps(taken, default=str))


if __name__ == "__main__":
    main()
