"""What FRED says about its series: titles, frequencies, units, decimals, entry into the archive, releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from datetime import date

_YIELD = "Market Yield on U.S. Treasury Securities at {}-{} Constant Maturity, Quoted on an Investment Basis"
_TERMS = {"1MO": (1, "Month"), "3MO": (3, "Month"), "6MO": (6, "Month")} | {
    str(years): (years, "Year") for years in (1, 2, 3, 5, 7, 10, 20, 30)
}
_REAL = {
    f"DFII{years}": (f"Market Yield on {years}-Year Treasury, Inflation-Indexed", "Daily", "Percent", 2)
    for years in (5, 7, 10, 20, 30)
}
INFO: dict[str, tuple[str, str, str, int]] = {  # title, frequency, unit, decimals
    f"DGS{term}": (_YIELD.format(*words), "Daily", "Percent", 2) for term, words in _TERMS.items()
} | {
    **_REAL,
    "DFEDTARU": ("Federal Funds Target Range - Upper Limit", "Daily, 7-Day", "Percent", 2),
    "DFEDTARL": ("Federal Funds Target Range - Lower Limit", "Daily, 7-Day", "Percent", 2),
    "EFFR": ("Effective Federal Funds Rate", "Daily", "Percent", 2),
    "SOFR": ("Secured Overnight Financing Rate", "Daily", "Percent", 2),
    "DRTSCIS": ("Banks Tightening Standards for Loans to Small Firms, Net", "Quarterly", "Percent", 1),
    "T10YIE": ("10-Year Breakeven Inflation Rate", "Daily", "Percent", 2),
    "T5YIE": ("5-Year Breakeven Inflation Rate", "Daily", "Percent", 2),
    "CPIAUCSL": ("Consumer Price Index for All Urban Consumers: All Items", "Monthly", "Index 1982-1984=100", 3),
    "CPILFESL": ("Consumer Price Index: All Items Less Food and Energy", "Monthly", "Index 1982-1984=100", 3),
    "PCEPILFE": ("PCE Excluding Food and Energy (Chain-Type Price Index)", "Monthly", "Index 2017=100", 3),
    "UNRATE": ("Unemployment Rate", "Monthly", "Percent", 1),
    "PAYEMS": ("All Employees, Total Nonfarm", "Monthly", "Thousands of Persons", 0),
    "ICSA": ("Initial Claims", "Weekly, Ending Saturday", "Number", 0),
    "NFCI": ("Chicago Fed National Financial Conditions Index", "Weekly, Ending Friday", "Index", 5),
    "BAMLH0A0HYM2": ("ICE BofA US High Yield Index Option-Adjusted Spread", "Daily, Close", "Percent", 2),
    "BAMLC0A0CM": ("ICE BofA US Corporate Index Option-Adjusted Spread", "Daily, Close", "Percent", 2),
    "BAA10Y": ("Moody's Seasoned Baa Corporate Bond Yield Relative to 10-Year Treasury", "Daily", "Percent", 2),
    "DTWEXBGS": ("Nominal Broad U.S. Dollar Index", "Daily", "Index Jan 2006=100", 4),
    "DEXUSEU": ("U.S. Dollars to Euro Spot Exchange Rate", "Daily", "U.S. Dollars to One Euro", 4),
    "DEXUSUK": ("U.S. Dollars to U.K. Pound Sterling Spot Exchange Rate", "Daily", "U.S. Dollars to One U.K. Pound", 4),
    "VIXCLS": ("CBOE Volatility Index: VIX", "Daily, Close", "Index", 2),
    "DCOILWTICO": ("Crude Oil Prices: West Texas Intermediate (WTI)", "Daily", "Dollars per Barrel", 2),
    "SP500": ("S&P 500", "Daily, Close", "Index", 2),
}
ENTERED = {  # the first vintage in the archive; what is older bears this day
    "CPIAUCSL": "1972-07-21", "CPILFESL": "1996-12-12", "PCEPILFE": "2000-08-01", "UNRATE": "1960-03-15",
    "PAYEMS": "1955-05-06", "ICSA": "2009-06-18", "NFCI": "2011-05-25", "DTWEXBGS": "2019-02-04",
    "T10YIE": "2013-07-26",
    "T5YIE": "2013-07-26", "DFEDTARU": "2014-11-18", "DFEDTARL": "2014-11-18", "EFFR": "2016-03-01",
    "BAMLH0A0HYM2": "2011-09-02", "BAMLC0A0CM": "2011-09-02", "SP500": "2012-09-18",
}  # fmt: skip
RELEASES = {"10": "CPIAUCSL", "50": "PAYEMS", "54": "PCEPILFE", "180": "ICSA", "18": "DGS10", "101": "DFEDTARU"}
KEPT_YEARS = {"BAMLH0A0HYM2": 3, "BAMLC0A0CM": 3, "SP500": 10}


def entered(code: str, today: date) -> pd.Timestamp:
    """The first day FRED shows: of some series only the last years."""
    years = KEPT_YEARS.get(code)
    return pd.Timestamp(today) - pd.DateOffset(years=years) if years else pd.Timestamp("1776-07-04")
