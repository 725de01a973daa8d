"""What is followed live, as tables: instruments of Yahoo, yields, policy, prices, work, currencies, spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.model import SeriesSpec

YAHOO = "Yahoo Finance"
RUSSELL = "FTSE Russell, through Yahoo Finance"
CME = "CME, through Yahoo Finance"
TREASURY = "US Department of the Treasury, daily par yield curve"
BLS = "Bureau of Labor Statistics"
BOARD = "Board of Governors of the Federal Reserve System"
NYFED = "Federal Reserve Bank of New York"

# name: symbol, label, unit, frequency, release, publisher
CLOSES = {
    "RUT": ("^RUT", "Russell 2000", "index points", "session", "equity-close", RUSSELL),
    "RUI": ("^RUI", "Russell 1000", "index points", "session", "equity-close", RUSSELL),
    "GSPC": ("^GSPC", "S&P 500", "index points", "session", "equity-close",
             "S&P Dow Jones Indices, through Yahoo Finance"),
    "VIX": ("^VIX", "VIX", "index points", "session", "vix", "Cboe, through Yahoo Finance"),
    "DXY": ("DX-Y.NYB", "ICE dollar index", "index points", "business day", "futures", "ICE, through Yahoo Finance"),
    "EURUSD": ("EURUSD=X", "Euro in dollars", "US dollars", "business day", "utc-day", YAHOO),
    "GBPUSD": ("GBPUSD=X", "Sterling in dollars", "US dollars", "business day", "utc-day", YAHOO),
    "BTC": ("BTC-USD", "Bitcoin", "US dollars a coin", "day", "utc-day", YAHOO),
    "ETH": ("ETH-USD", "Ether", "US dollars a coin", "day", "utc-day", YAHOO),
    "GOLD": ("GC=F", "Gold, front month", "US dollars an ounce", "business day", "futures", CME),
    "OIL": ("CL=F", "WTI crude oil, front month", "US dollars a barrel", "business day", "futures", CME),
}  # fmt: skip

FUNDS = {
    "IWM": "iShares Russell 2000 ETF",
    "IWB": "iShares Russell 1000 ETF",
    "IJR": "iShares Core S&P Small-Cap ETF",
    "SPY": "SPDR S&P 500 ETF",
    "RSP": "Invesco S&P 500 Equal Weight ETF",
    "XLB": "Materials Select Sector SPDR",
    "XLC": "Communication Services Select Sector SPDR",
    "XLE": "Energy Select Sector SPDR",
    "XLF": "Financial Select Sector SPDR",
    "XLI": "Industrial Select Sector SPDR",
    "XLK": "Technology Select Sector SPDR",
    "XLP": "Consumer Staples Select Sector SPDR",
    "XLRE": "Real Estate Select Sector SPDR",
    "XLU": "Utilities Select Sector SPDR",
    "XLV": "Health Care Select Sector SPDR",
    "XLY": "Consumer Discretionary Select Sector SPDR",
    "KRE": "SPDR S&P Regional Banking ETF",
    "PSCT": "Invesco S&P SmallCap Information Technology ETF",
    "PSCF": "Invesco S&P SmallCap Financials ETF",
    "PSCH": "Invesco S&P SmallCap Health Care ETF",
    "PSCI": "Invesco S&P SmallCap Industrials ETF",
    "PSCD": "Invesco S&P SmallCap Consumer Discretionary ETF",
    "PSCE": "Invesco S&P SmallCap Energy ETF",
    "PSCC": "Invesco S&P SmallCap Consumer Staples ETF",
    "PSCM": "Invesco S&P SmallCap Materials ETF",
    "PSCU": "Invesco S&P SmallCap Utilities & Communication Services ETF",
}

# FRED's name: the Treasury's column
NOMINAL = {
    "DGS1MO": "1 Mo",
    "DGS3MO": "3 Mo",
    "DGS6MO": "6 Mo",
    "DGS1": "1 Yr",
    "DGS2": "2 Yr",
    "DGS3": "3 Yr",
    "DGS5": "5 Yr",
    "DGS7": "7 Yr",
    "DGS10": "10 Yr",
    "DGS20": "20 Yr",
    "DGS30": "30 Yr",
}
REAL = {
    "DFII5": ("real:5 YR", "5-year"),
    "DFII7": ("real:7 YR", "7-year"),
    "DFII10": ("real:10 YR", "10-year"),
    "DFII20": ("real:20 YR", "20-year"),
    "DFII30": ("real:30 YR", "30-year"),
}

# FRED's name: our id, label, unit, frequency, release, publisher, first offer (source, code) if there is one
OTHERS = {
    "EFFR": ("rates.EFFR", "Effective federal funds rate", "yield", "business day", "nyfed", NYFED, ("nyfed", "EFFR")),
    "SOFR": ("rates.SOFR", "Secured overnight financing rate", "yield", "business day", "nyfed", NYFED,
             ("nyfed", "SOFR")),
    "UNRATE": ("labour.UNRATE", "Unemployment rate", "percent", "month", "jobs", BLS, ("bls", "LNS14000000")),
    "PAYEMS": ("labour.PAYEMS", "Employees on nonfarm payrolls", "thousand persons", "month", "jobs", BLS,
               ("bls", "CES0000000001")),
    "ICSA": ("labour.ICSA", "Initial claims for unemployment insurance, a week", "persons", "week", "claims",
             "US Department of Labor, through FRED", None),
    "PCEPILFE": ("prices.PCEPILFE", "Consumption prices less food and energy, 2017 = 100", "index", "month", "pce",
                 "Bureau of Economic Analysis, through FRED", None),
    "VIXCLS": ("vix.cboe", "VIX", "index points", "session", "vix", "Cboe", ("cboe", "VIX")),
    "DTWEXBGS": ("dollar.DTWEXBGS", "Broad dollar, January 2006 = 100", "index", "business day", "h10",
                 f"{BOARD}, H.10, through FRED", None),
    "BAMLH0A0HYM2": ("spread.BAMLH0A0HYM2", "High-yield bonds, spread over Treasuries", "yield", "business day",
                     "next-day", "ICE Data Indices, through FRED", None),
    "BAMLC0A0CM": ("spread.BAMLC0A0CM", "Investment-grade bonds, spread over Treasuries", "yield", "business day",
                   "next-day", "ICE Data Indices, through FRED", None),
    "BAA10Y": ("spread.BAA10Y", "Baa corporate bonds, spread over the 10-year Treasury", "yield", "business day",
               "next-day", "Moody's, through FRED", None),
    "T5YIE": ("rates.T5YIE", "5-year breakeven inflation", "yield", "business day", "next-day",
              "Federal Reserve Bank of St. Louis, FRED", None),
    "T10YIE": ("rates.T10YIE", "10-year breakeven inflation", "yield", "business day", "next-day",
               "Federal Reserve Bank of St. Louis, FRED", None),
    "NFCI": ("conditions.NFCI", "National Financial Conditions Index", "ratio", "week", "nfci",
             "Federal Reserve Bank of Chicago, through FRED", None),
    "DRTSCIS": ("lending.DRTSCIS", "Banks tightening standards for loans to small firms, net", "percent", "quarter",
                "sloos", f"{BOARD}, Senior Loan Officer Survey, through FRED", None),
}  # fmt: skip

# What revises its past: FRED's archive has each vintage.
VINTAGES = frozenset({"UNRATE", "PAYEMS", "ICSA", "PCEPILFE", "NFCI", "DTWEXBGS", "CPIAUCSL", "CPILFESL"})
PRICES = {"CPIAUCSL": "CUSR0000SA0", "CPILFESL": "CUSR0000SA0L1E"}

# Of FRED's names, those of owners who ask to be asked before anything of them is published.
LICENSED = frozenset({"BAMLH0A0HYM2", "BAMLC0A0CM", "BAA10Y"})

TERMS = {
    "yahoo": "Yahoo's terms allow personal use and forbid automated collection and passing the data on; the letter "
    "prints figures computed from them. Who publishes it needs the leave of Yahoo and of the index's owner",
    "fred": "FRED's terms forbid storing or passing on its content: who sets a key agrees with the St. Louis Fed "
    "themselves. This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. "
    "Louis",
    "fredcsv": "the same terms as FRED's: not asked unless the settings name it",
    "treasury": "public domain",
    "nyfed": "free to use with attribution to the Federal Reserve Bank of New York, whose terms of use apply",
    "bls": "public domain",
    "ecb": "free reuse with attribution",
    "french": "copyright Eugene F. Fama and Kenneth R. French; free to use with attribution",
    "cboe": "copyright Cboe; free history, to be cited as its source",
    "csv": "as the owner of the file has agreed",
    "sample": "as docs/sample says: public domain, free with attribution",
}


NAMES = {
    "yahoo": "Yahoo Finance",
    "fred": "FRED",
    "fredcsv": "FRED's public CSV",
    "treasury": "the Treasury",
    "nyfed": "the New York Fed",
    "bls": "the Bureau of Labor Statistics",
    "ecb": "the European Central Bank",
    "french": "the French library",
    "cboe": "Cboe",
    "csv": "a file",
    "sample": "the data that come with Capline",
}


def read_from(publisher: str, sources: Sequence[str]) -> str:
    """A publisher, with the sources that gave a series (that of its newest day first) where he is not the only one.

    >>> read_from("US Department of the Treasury", ["fredcsv", "treasury"])
    "US Department of the Treasury; newest read from FRED's public CSV, earlier from the Treasury"
    >>> read_from("US Department of the Treasury", ["treasury"])
    'US Department of the Treasury'
    """
    if not sources:
        return publisher
    newest, *others = (NAMES.get(one, one) for one in sources)
    if others:
        return f"{publisher}; newest read from {newest}, earlier from {' and '.join(others)}"
    return publisher if newest.removeprefix("the ") in publisher else f"{publisher}; read from {newest}"


def terms(spec: SeriesSpec, sources: Sequence[str]) -> str:
    """The terms that hold for a series: its own, and those of FRED where FRED gave some of it."""
    of_fred = [TERMS[one] for one in ("fred", "fredcsv") if one in sources and TERMS[one] != spec.terms]
    return "; ".join((spec.terms, *of_fred))
