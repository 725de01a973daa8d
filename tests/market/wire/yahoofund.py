"""quoteSummary and quote of query1/query2.finance.yahoo.com: what Yahoo says of a fund, inverse ratios included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from market.desk import Reply
from market.instruments import INSTRUMENTS
from market.wire.yahoodata import bars

if TYPE_CHECKING:
    from market.desk import Desk
    from market.instruments import Instrument

SMALL_EARNINGS, LARGE_EARNINGS = 18.2, 25.4  # price/earnings: Yahoo's field of that name holds the inverse


def summary(symbol: str, modules: str, desk: Desk) -> Reply:
    """The modules asked for; 404 with Yahoo's words where there are none."""
    of = INSTRUMENTS.get(symbol)
    if of is None or desk.fault("error"):
        words = f"Quote not found for symbol: {symbol}"
        return _json({"quoteSummary": {"result": None, "error": {"code": "Not Found", "description": words}}}, 404)
    made = {name: make(of, desk) for name, make in MODULES.items() if name in modules.split(",")}
    if of.kind != "ETF":
        made = {name: part for name, part in made.items() if name not in {"topHoldings", "fundProfile"}}
    if not made:
        words = f"No fundamentals data found for any of the summaryTypes={modules}"
        return _json({"quoteSummary": {"result": None, "error": {"code": "Not Found", "description": words}}}, 404)
    return _json({"quoteSummary": {"result": [made], "error": None}})


def quote(symbols: str, desk: Desk) -> Reply:
    """The quotes asked for; unknown symbols are left out."""
    known = [INSTRUMENTS[symbol] for symbol in symbols.split(",") if symbol in INSTRUMENTS]
    return _json({"quoteResponse": {"result": [_quote(of, desk) for of in known], "error": None}})


def _json(body: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode(), kind="application/json;charset=utf-8")


def _quote(of: Instrument, desk: Desk) -> dict[str, object]:
    closes = bars(of.symbol, desk)["close"].dropna()
    prices = {}
    if len(closes) > 1:
        prices = {"regularMarketPrice": closes.iloc[-1], "regularMarketPreviousClose": closes.iloc[-2]}
    return {
        "language": "en-US", "region": "US", "quoteType": of.kind, "currency": "USD", "symbol": of.symbol,
        "shortName": of.name, "longName": of.name, "exchangeTimezoneName": of.zone, "marketState": "CLOSED",
        **prices,
        "trailingPE": _earnings(of) + 1.03, "priceToBook": 1.5,
    }  # fmt: skip


def _earnings(of: Instrument) -> float:
    return SMALL_EARNINGS if of.small > 0.5 or of.follows == "^RUT" else LARGE_EARNINGS


def _holdings(of: Instrument, _desk: Desk) -> dict[str, object]:
    earnings = _earnings(of)
    return {
        "maxAge": 1, "stockPosition": 0.9967, "bondPosition": 0.0, "cashPosition": 0.0033, "otherPosition": 0.0,
        "preferredPosition": 0.0, "convertiblePosition": 0.0,
        "holdings": [{"symbol": "EXMP", "holdingName": "Example Corp", "holdingPercent": 0.0061}],
        "equityHoldings": {
            "priceToEarnings": round(1 / earnings, 5), "priceToBook": round(1 / (earnings / 8.5), 5),
            "priceToSales": round(1 / (earnings / 12), 5), "priceToCashflow": round(1 / (earnings / 1.9), 5),
        },
        "bondHoldings": {}, "bondRatings": [], "sectorWeightings": [{"technology": 0.16}, {"financial_services": 0.19}],
    }  # fmt: skip


MODULES = {
    "quoteType": lambda of, _desk: {"exchange": of.exchange, "quoteType": of.kind, "symbol": of.symbol,
                                    "longName": of.name, "shortName": of.name, "timeZoneFullName": of.zone},
    "summaryProfile": lambda of, _desk: {"longBusinessSummary": f"{of.name}, invented.", "maxAge": 86400},
    "topHoldings": _holdings,
    "fundProfile": lambda _of, _desk: {
        "categoryName": "Blend", "family": "Example Funds", "legalType": "Exchange Traded Fund",
        "feesExpensesInvestment": {"annualReportExpenseRatio": 0.0019, "annualHoldingsTurnover": 0.2,
                                   "totalNetAssets": 68_000.0},
        "feesExpensesInvestmentCat": {},
    },
    "summaryDetail": lambda of, _desk: {"trailingPE": _earnings(of) + 1.03, "currency": "USD", "maxAge": 1},
    "defaultKeyStatistics": lambda _of, _desk: {"priceToBook": 1.5, "maxAge": 1},
    "financialData": lambda _of, _desk: {"maxAge": 86400},
    "assetProfile": lambda _of, _desk: {"maxAge": 86400},
    "price": _quote,
    "calendarEvents": lambda _of, _desk: {"maxAge": 1, "earnings": {"earningsDate": []}},
}  # fmt: skip
