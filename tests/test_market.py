"""The loopback market speaks to the real libraries as the sources do, tells its truth, and fails on demand."""

from __future__ import annotations

import csv
import io
import json
import signal
import ssl
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from market.desk import Request
from market.faults import KINDS, Fault, Switchboard
from market.instruments import INSTRUMENTS
from market.loopback import NOW, Loopback
from market.publication import FRED_IDS
from market.routes import respond
from market.truth import Market, market

if TYPE_CHECKING:
    from collections.abc import Iterator

READER = Path(__file__).parent / "market" / "reader.py"
TREASURY = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv"
NYFED = "https://markets.newyorkfed.org/api/rates/unsecured/effr/search.json"
FRENCH = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp"
FREDGRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10"
YAHOO = "query2.finance.yahoo.com"


KEY = "0123456789abcdef0123456789abcdef"
PAGES = (
    f"{TREASURY}/2026/all?type=daily_treasury_yield_curve&field_tdr_date_value=2026",
    f"{TREASURY}/all/202611?type=daily_treasury_real_yield_curve&field_tdr_date_value_month=202611",
    "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/pages/xml?field_tdr_date_value=2026",
    f"{NYFED}?startDate=2026-01-01&endDate=2027-01-01",
    "https://markets.newyorkfed.org/api/rates/secured/sofr/last/5.json",
    f"{FRENCH}/Portfolios_Formed_on_ME_CSV.zip",
    f"{FRENCH}/Portfolios_Formed_on_ME_Daily_CSV.zip",
    f"{FRENCH}/F-F_Research_Data_Factors_daily_CSV.zip",
    f"{FREDGRAPH}&cosd=2026-01-01",
    "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
    "https://data-api.ecb.europa.eu/service/data/EXR/D.GBP.EUR.SP00.A?format=csvdata&startPeriod=2026-01-01",
    "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv",
    "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm",
    "https://www.coindesk.com/arc/outboundfeeds/rss/",
    "https://news.example.com/atom.xml",
    f"https://api.stlouisfed.org/fred/series?series_id=NFCI&api_key={KEY}",
    f"https://api.stlouisfed.org/fred/series/vintagedates?series_id=UNRATE&api_key={KEY}",
    f"https://api.stlouisfed.org/fred/release/dates?release_id=10&include_release_dates_with_no_data=true&api_key={KEY}",
    f"https://{YAHOO}/v10/finance/quoteSummary/IWM?modules=topHoldings,fundProfile,price",
    "https://query1.finance.yahoo.com/v7/finance/quote?symbols=IWM,^RUT",
    "https://query2.finance.yahoo.com/v1/finance/search?q=russell",
    "https://fc.yahoo.com/",
)


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    """One market for all tests of this module; each test that steers it puts it back."""
    with Loopback() as running:
        yield running


@pytest.fixture(scope="module")
def truth() -> Market:
    """The truth behind it."""
    return market()


@pytest.fixture(autouse=True)
def _put_back(loopback: Loopback) -> Iterator[None]:
    yield
    loopback.clear()
    loopback.clear_log()
    loopback.now = NOW
    loopback.delay = 0.0


def read(loopback: Loopback, *steps: list[Any]) -> list[Any]:
    """What a child with the real libraries makes of steps."""
    done = loopback.run(["-W", "ignore", READER, json.dumps(steps)])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def get(loopback: Loopback, url: str) -> httpx.Response:
    """One answer, read in this process."""
    trust = ssl.create_default_context(cafile=str(loopback.certificate))
    with httpx.Client(proxy=loopback.url, verify=trust, timeout=20, trust_env=False) as client:
        return client.get(url)


def _page(url: str) -> Request:
    parts = urlsplit(url)
    return Request(method="GET", host=parts.netloc, path=parts.path, query=dict(parse_qsl(parts.query)))


def rows_of(reply: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV."""
    assert reply.status_code == 200
    return list(csv.DictReader(io.StringIO(reply.text)))


def unzipped(reply: httpx.Response) -> str:
    """The text of the only file in a zip."""
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        (name,) = archive.namelist()
        return archive.read(name).decode()


# --- the truth ---------------------------------------------------------------------------------------------------


def test_the_market_is_thirty_years_of_seventy_series_made_in_two_seconds() -> None:
    """A new process makes it all in less than two seconds of its own time, and the same each time."""
    program = (
        "import time; from market.truth import market; start = time.process_time(); made = market(); "
        "print(time.process_time() - start, len(made.series), made.truth('^RUT', '2026-11-24'))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=READER.parents[1], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert runs[0][1:] == runs[1][1:]
    assert int(runs[0][1]) >= 70
    assert min(float(seconds) for seconds, *_ in runs) < 2


def test_the_market_is_plausible(truth: Market) -> None:
    """Small caps move 1.1 times the market, the curve inverts at times, the target goes both ways, up at the end."""
    small, large = (truth.series[code].pct_change().dropna() for code in ("^RUT", "^GSPC"))
    assert small.cov(large) / large.var() == pytest.approx(1.1, abs=0.05)
    slope = (truth.series["DGS10"] - truth.series["DGS2"]).dropna()
    assert 0.05 < (slope < 0).mean() < 0.45
    target = truth.series["DFEDTARU"].diff()
    assert (target > 0).sum() >= 20
    assert (target < 0).sum() >= 8
    assert target[target != 0].iloc[-1] == pytest.approx(0.25)
    levels = {"DGS10": (0.2, 8), "^VIX": (9, 90), "UNRATE": (3, 15), "USD": (0.75, 1.7), "BAMLH0A0HYM2": (2, 25)}
    for code, (least, most) in levels.items():
        assert least <= truth.series[code].min() <= truth.series[code].max() <= most, code


def test_fred_dates_the_target_on_its_effective_day_but_twice_on_the_decision(truth: Market) -> None:
    """The decision of 2025-12-10 shows on the 11th, those of 2015-12-16 and 2016-12-14 on their own day."""
    upper = truth.series["DFEDTARU"]
    assert upper["2025-12-10"] == 4.0
    assert upper["2025-12-11"] == 3.75
    assert upper["2015-12-16"] == 0.5
    assert upper["2016-12-14"] == 0.75
    assert upper["2026-09-16"] == 3.75
    assert upper["2026-09-17"] == 4.0


# --- Yahoo through yfinance -----------------------------------------------------------------------------------------


def test_yfinance_reads_the_truth_of_every_kind_of_symbol(loopback: Loopback, truth: Market) -> None:
    """Index, fund, currency, future, crypto: closes of the truth in the exchange's zone, nulls where they are real."""
    symbols = ("^RUT", "IWM", "PSCT", "EURUSD=X", "GC=F", "BTC-USD", "^VIX", "DX-Y.NYB")
    found = dict(zip(symbols, read(loopback, *(["history", each, "2026-05-20"] for each in symbols)), strict=True))
    zones = {each: found[each]["zone"] for each in symbols}
    assert zones["IWM"] == "America/New_York"
    assert (zones["BTC-USD"], zones["^VIX"], zones["EURUSD=X"]) == ("UTC", "America/Chicago", "Europe/London")
    for symbol, rows in found.items():
        for day, close in zip(rows["days"], rows["close"], strict=True):
            if close is not None and day != "2026-11-24":
                assert close == pytest.approx(truth.truth(symbol, day), rel=1e-6), (symbol, day)
    empty = {
        each: [day for day, close in zip(found[each]["days"], found[each]["close"], strict=True) if close is None]
        for each in symbols
    }
    assert empty["^VIX"] == ["2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07"]
    assert "2026-11-22" in empty["DX-Y.NYB"]
    assert all(datetime.fromisoformat(day).weekday() == 6 for day in empty["DX-Y.NYB"])
    assert not empty["IWM"]
    assert {"2026-11-21", "2026-11-22"} <= set(found["BTC-USD"]["days"])


def test_closes_and_dividends_come_rescaled_after_a_split(loopback: Loopback, truth: Market) -> None:
    """XLK split 2:1 on 2025-12-05: what traded before is shown halved, and times two it is what traded."""
    (rows,) = read(loopback, ["history", "XLK", "2025-01-02"])
    shown = dict(zip(rows["days"], rows["close"], strict=True))
    assert rows["splits"] == {"2025-12-05": 2.0}
    assert 2 * shown["2025-12-04"] == pytest.approx(truth.truth("XLK", "2025-12-04"), rel=1e-6)
    assert shown["2025-12-05"] == pytest.approx(truth.truth("XLK", "2025-12-05"), rel=1e-6)
    assert shown["2025-12-05"] / shown["2025-12-04"] == pytest.approx(1, abs=0.08)
    paid = min(rows["dividends"])
    assert 2 * rows["dividends"][paid] == pytest.approx(truth.truth("XLK:dividends", paid), abs=1e-5)


def test_a_split_that_comes_later_rescales_all_that_is_older(loopback: Loopback, truth: Market) -> None:
    """XLF splits 2:1 on 2026-12-07: the same day's close is halved once the market's clock is past it."""
    loopback.now = datetime(2026, 12, 4, 22, 0, tzinfo=UTC)
    before = get(
        loopback, f"https://{YAHOO}/v8/finance/chart/XLF?period1=1763960000&period2=1799000000&interval=1d"
    ).json()
    loopback.now = datetime(2026, 12, 8, 22, 0, tzinfo=UTC)
    after = get(
        loopback, f"https://{YAHOO}/v8/finance/chart/XLF?period1=1763960000&period2=1799000000&interval=1d"
    ).json()
    first, second = (each["chart"]["result"][0] for each in (before, after))
    closes = [part["indicators"]["quote"][0]["close"][0] for part in (first, second)]
    assert closes[0] == pytest.approx(2 * closes[1], rel=1e-6)
    assert closes[0] == pytest.approx(truth.truth("XLF", "2025-11-24"), rel=1e-6)
    assert "splits" not in first["events"]
    assert [each["splitRatio"] for each in second["events"]["splits"].values()] == ["2:1"]


def test_the_last_row_during_the_session_is_no_close(loopback: Loopback, truth: Market) -> None:
    """At 15:00 New York there is a row for today; at 18:30 the same row is the close; before the open there is none."""
    chart = f"https://{YAHOO}/v8/finance/chart/IWM?range=5d&interval=1d"
    loopback.now = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    running = get(loopback, chart).json()["chart"]["result"][0]
    loopback.now = NOW
    closed = get(loopback, chart).json()["chart"]["result"][0]
    loopback.now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    early = get(loopback, chart).json()["chart"]["result"][0]
    assert running["timestamp"][-1] == running["meta"]["regularMarketTime"] == 1795550400
    assert running["meta"]["currentTradingPeriod"]["regular"]["end"] == 1795554000  # 16:00 New York
    assert closed["timestamp"][-1] == 1795530600  # 09:30 New York
    assert closed["meta"]["regularMarketTime"] == 1795554000
    close = truth.truth("IWM", "2026-11-24")
    assert closed["indicators"]["quote"][0]["close"][-1] == pytest.approx(close, rel=1e-6)
    assert running["indicators"]["quote"][0]["close"][-1] != pytest.approx(close, rel=1e-4)
    assert early["timestamp"][-1] < 1795500000


def test_adjusted_closes_move_with_a_later_dividend(loopback: Loopback) -> None:
    """The adjusted close of an old day is lower once one more dividend is paid; the raw close stands."""
    chart = f"https://{YAHOO}/v8/finance/chart/SPY?period1=1780000000&period2=1781000000&interval=1d"
    shown = []
    for moment in (datetime(2026, 9, 14, 22, tzinfo=UTC), datetime(2026, 9, 16, 22, tzinfo=UTC)):
        loopback.now = moment
        part = get(loopback, chart).json()["chart"]["result"][0]["indicators"]
        shown.append((part["quote"][0]["close"][0], part["adjclose"][0]["adjclose"][0]))
    assert shown[0][0] == shown[1][0]
    assert 0.996 < shown[1][1] / shown[0][1] < 0.999


def test_funds_news_and_unknown_symbols_answer_as_yahoo_does(loopback: Loopback) -> None:
    """Price/Earnings holds the inverse; news has titles, links and moments; an unknown symbol is said to be so."""
    small, large, news, unknown = read(
        loopback, ["funds", "IWM"], ["funds", "IWB"], ["news", "^RUT"], ["history", "NOPE", "2026-11-01"]
    )
    assert 1 / small["Price/Earnings"] == pytest.approx(18.2, abs=0.01)
    assert 1 / large["Price/Earnings"] == pytest.approx(25.4, abs=0.02)
    assert {"title", "pubDate", "provider", "canonicalUrl"} <= set(news[0]["content"])
    moments = [each["content"]["pubDate"] for each in news]
    assert moments == sorted(moments, reverse=True)
    assert moments[0] <= "2026-11-24T23:30:00Z"
    assert unknown["raises"] == "curl_cffi.requests.exceptions.HTTPError"  # of the question for its time zone
    assert "404" in unknown["words"]


# --- FRED through fredapi -------------------------------------------------------------------------------------------


def test_fredapi_reads_values_holes_and_series_as_fred_gives_them(loopback: Loopback, truth: Market) -> None:
    """The last yield is yesterday's, Veterans Day a hole, high-yield spreads go back three years, DFEDTARU to today."""
    yields, spread, target, info = read(
        loopback,
        ["series", "DGS10", {"observation_start": "2026-11-09"}],
        ["series", "BAMLH0A0HYM2"],
        ["series", "DFEDTARU", {"observation_start": "2026-11-20"}],
        ["info", "PAYEMS"],
    )
    assert list(yields)[-1] == "2026-11-23"
    assert yields["2026-11-11"] is None
    assert yields["2026-11-23"] == truth.truth("DGS10", "2026-11-23")
    assert min(spread) == "2023-11-24"
    assert list(target) == ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]
    assert (info["units"], info["last_updated"]) == ("Thousands of Persons", "2026-11-06 07:30:00-06")


def test_vintages_tell_what_was_known_on_a_day(loopback: Loopback, truth: Market) -> None:
    """Payrolls are revised in the next two months and in February; as of a day fredapi gives what stood then."""
    releases, before, after, vintages = read(
        loopback,
        ["releases", "PAYEMS"],
        ["series", "PAYEMS", {"realtime_start": "2026-07-01", "realtime_end": "2026-07-01"}],
        ["series", "PAYEMS", {"realtime_start": "2026-07-02", "realtime_end": "2026-07-02"}],
        ["vintages", "PAYEMS"],
    )
    april = [(said, value) for day, said, value in releases if day == "2026-04-01"]
    assert [said for said, _ in april] == ["2026-05-01", "2026-06-05", "2026-07-02"]
    assert april[-1][1] != truth.truth("PAYEMS", "2026-04-01")  # the benchmark of February 2027 is still to come
    assert before["2026-04-01"] == april[1][1]
    assert after["2026-04-01"] == april[2][1]
    assert "2026-06-01" in after
    assert "2026-06-01" not in before
    assert {"2026-05-01", "2026-06-05", "2026-07-02"} <= set(vintages)


def test_october_2025_was_never_published(loopback: Loopback) -> None:
    """No CPI and no unemployment of that month at FRED (a point) or the BLS (a dash); payrolls came late."""
    loopback.now = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    wish = {"seriesid": ["CUSR0000SA0", "LNS14000000", "CES0000000001"], "startyear": "2025", "endyear": "2025"}
    steps = [["series", code, {"observation_start": "2025-09-01"}] for code in ("CPIAUCSL", "UNRATE", "PAYEMS")]
    prices, idle, jobs, bls = read(
        loopback, *steps, ["post", "https://api.bls.gov/publicAPI/v1/timeseries/data/", wish]
    )
    assert prices["2025-10-01"] is None
    assert idle["2025-10-01"] is None
    assert jobs["2025-10-01"] > 150_000
    months = {
        series["seriesID"]: {row["period"]: row["value"] for row in series["data"]}
        for series in json.loads(bytes.fromhex(bls["hex"]))["Results"]["series"]
    }
    assert months["CUSR0000SA0"]["M10"] == months["LNS14000000"]["M10"] == "-"
    assert months["CES0000000001"]["M10"] == f"{jobs['2025-10-01']:.0f}"
    assert float(months["CUSR0000SA0"]["M09"]) == prices["2025-09-01"]


def test_fred_refuses_in_its_own_words(loopback: Loopback) -> None:
    """An unknown id, a malformed or unknown key, too many vintages, a real-time day after today in St. Louis."""
    loopback.now = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # still the 24th in St. Louis
    tomorrow = {"realtime_start": "2026-11-25", "realtime_end": "2026-11-25"}
    steps = [
        ["series", "NOPE"],
        ["series", "DGS10", {"key": "TOO-SHORT"}],
        ["series", "DGS10", {"key": "0" * 32}],
        ["releases", "DGS10"],
        ["series", "UNRATE", tomorrow],
    ]
    answers = read(loopback, *steps)
    assert {each["raises"] for each in answers} == {"builtins.ValueError"}
    expected = ("series does not exist", "32 character", "not registered", "maximum number of vintage dates", "today")
    for each, words in zip(answers, expected, strict=True):
        assert words in each["words"]


# --- the keyless sources --------------------------------------------------------------------------------------------


def test_treasury_gives_a_year_newest_first_by_six_in_the_evening(loopback: Loopback, truth: Market) -> None:
    """Today's row is there at 18:30, not at 17:30; columns come with their year; real yields have their own names."""
    query = "?type=daily_treasury_yield_curve&field_tdr_date_value={0}&page&_format=csv"
    newest = rows_of(get(loopback, f"{TREASURY}/2026/all" + query.format(2026)))[0]
    assert newest["Date"] == "11/24/2026"
    assert float(newest["10 Yr"]) == truth.truth("DGS10", "2026-11-24")
    old = rows_of(get(loopback, f"{TREASURY}/2005/all" + query.format(2005)))[0]
    assert "4 Mo" in newest
    assert "4 Mo" not in old
    assert old["30 Yr"] == ""
    real = rows_of(
        get(loopback, f"{TREASURY}/2026/all?type=daily_treasury_real_yield_curve&field_tdr_date_value=2026")
    )[0]
    assert float(real["10 YR"]) == truth.truth("DFII10", "2026-11-24")
    loopback.now = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    assert rows_of(get(loopback, f"{TREASURY}/2026/all" + query.format(2026)))[0]["Date"] == "11/23/2026"
    loopback.now = datetime(2027, 1, 1, 22, 0, tzinfo=UTC)
    assert rows_of(get(loopback, f"{TREASURY}/2027/all" + query.format(2027))) == []


def test_treasury_and_fred_agree_and_new_york_tells_the_target(loopback: Loopback) -> None:
    """FRED's CSV holds what the Treasury said a day before; the range rises on the day after the decision."""
    query = "?type=daily_treasury_yield_curve&field_tdr_date_value=2026"
    treasury = {row["Date"]: row["10 Yr"] for row in rows_of(get(loopback, f"{TREASURY}/2026/all{query}"))}
    fred = {row["observation_date"]: row["DGS10"] for row in rows_of(get(loopback, f"{FREDGRAPH}&cosd=2026-01-01"))}
    assert fred["2026-11-11"] == ""
    values = {f"{day[5:7]}/{day[8:]}/{day[:4]}": value for day, value in fred.items() if value}
    assert values.items() <= treasury.items()
    assert set(treasury) - set(values) == {"11/24/2026"}
    rates = get(loopback, f"{NYFED}?startDate=2026-09-15&endDate=2026-09-18").json()["refRates"]
    assert [(row["effectiveDate"], row["targetRateFrom"], row["targetRateTo"]) for row in rates] == [
        ("2026-09-18", 3.75, 4.0), ("2026-09-17", 3.75, 4.0), ("2026-09-16", 3.5, 3.75), ("2026-09-15", 3.5, 3.75),
    ]  # fmt: skip
    assert "targetRateTo" not in get(loopback, f"{NYFED}?startDate=2006-01-03&endDate=2006-01-04").json()["refRates"][0]


def test_ecb_zip_and_series_agree(loopback: Loopback, truth: Market) -> None:
    """Both hold dollars per euro, newest first in the zip, oldest first in the series."""
    table = list(
        csv.DictReader(
            io.StringIO(unzipped(get(loopback, "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip")))
        )
    )
    assert table[0]["Date"] == "2026-11-24"
    assert float(table[0]["USD"]) == truth.truth("USD", "2026-11-24")
    assert table[0]["CYP"] == "N/A"
    url = "https://data-api.ecb.europa.eu/service/data/EXR/D.USD.EUR.SP00.A?format=csvdata&startPeriod=2026-11-20"
    series = rows_of(get(loopback, url))
    assert [row["TIME_PERIOD"] for row in series] == ["2026-11-20", "2026-11-23", "2026-11-24"]
    assert series[-1]["OBS_VALUE"] == table[0]["USD"]


def test_the_library_compounds_days_to_months(loopback: Loopback) -> None:
    """Files hold several tables after a preamble; the month is the product of its days; missing is -99.99."""
    daily = unzipped(get(loopback, f"{FRENCH}/Portfolios_Formed_on_ME_Daily_CSV.zip")).splitlines()
    monthly = unzipped(get(loopback, f"{FRENCH}/Portfolios_Formed_on_ME_CSV.zip")).splitlines()
    heads = [line.strip() for line in monthly if line.startswith("  ") and not line.strip()[:1].isdigit()]
    assert heads == [
        "Value Weight Returns -- Monthly", "Equal Weight Returns -- Monthly",
        "Value Weight Returns -- Annual from January to December",
        "Equal Weight Returns -- Annual from January to December", "Number of Firms in Portfolios", "Average Firm Size",
    ]  # fmt: skip
    days = [line.split(",") for line in daily if line.startswith("202609")]
    first = days[: len(days) // 2]  # value-weighted comes first
    growth = 1.0
    for day in first:
        growth *= 1 + float(day[5]) / 100  # Lo 20
    september = next(line.split(",") for line in monthly if line.startswith("202609"))
    assert float(september[5]) == pytest.approx((growth - 1) * 100, abs=0.006)
    assert float(september[1]) == -99.99
    assert len(first) == 21  # sessions of September 2026


def test_the_fed_s_page_and_the_feeds_name_what_has_happened(loopback: Loopback) -> None:
    """Meetings with their months over a turn, statements, headlines with markup as text, and a feed long dead."""
    page = get(loopback, "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm").text
    assert "2026 FOMC Meetings" in page
    assert "27-28" in page
    assert "(notation vote)" in page
    feed = get(loopback, "https://www.cnbc.com/id/20910258/device/rss/rss.html").text
    assert "&lt;b&gt;" in feed
    assert "Tue, 24 Nov 2026" in feed
    zombie = get(loopback, "https://feeds.a.dj.com/rss/RSSMarketsMain.xml").text
    assert "2025" in zombie
    assert "Nov 2026" not in zombie
    statement = get(loopback, "https://www.federalreserve.gov/feeds/press_monetary.xml").text
    assert "Wed, 28 Oct 2026 18:00:00" in statement


def test_every_page_answers_at_any_hour_and_under_any_fault() -> None:
    """No moment (session, night, weekend, holiday, year's end, 1998) and no fault makes the market itself stumble."""
    charts = [Request(method="GET", host=YAHOO, path=f"/v8/finance/chart/{symbol}") for symbol in INSTRUMENTS]
    observations = "https://api.stlouisfed.org/fred/series/observations"
    recent = f"observation_start=1998-01-01&observation_end=1998-06-30&api_key={KEY}"
    series = [_page(f"{observations}?series_id={code}&{recent}") for code in sorted(FRED_IDS)]
    pages = [_page(url) for url in PAGES]
    every = ("2026-11-24T20:00", "1998-03-02T15:00")
    hours = ("2026-11-24T05:30", "2026-11-22T12:00", "2026-11-26T18:00", "2027-01-01T00:10")
    asked = [(page, moment) for page in (*charts[::3], *series, *pages) for moment in every]
    asked += [(page, moment) for page in charts[-8:] for moment in hours]
    for page, moment in asked:
        reply, _ = respond(page, Switchboard(), datetime.fromisoformat(f"{moment}+00:00"))
        assert reply.status in {200, 400, 404}, (page, moment)
    light = [page for page in (charts[5], series[0], *pages) if page.host != "mba.tuck.dartmouth.edu"]
    for kind in KINDS:
        for page in light:
            board = Switchboard()
            board.add(Fault(kind=kind, size=2 if kind in {"huge", "zip"} else None))
            assert respond(page, board, NOW)[0].status in {200, 400, 401, 403, 404, 429, 500}, (page, kind)


# --- faults ---------------------------------------------------------------------------------------------------------


def test_yfinance_meets_each_fault_as_it_does_in_life(loopback: Loopback) -> None:
    """The rate limit is named; all else is a JSON error, an error of curl or missing prices, and by default nothing."""
    kinds = ("429", "401", "500", "html", "truncated", "short", "nothing", "error", "empty", "hang")
    steps: list[list[Any]] = [["history", "IWM", "2026-11-02"]]
    for kind in kinds:
        wish = f"fault?kind={kind}&host={YAHOO}&code=IWM" + ("&seconds=4" if kind == "hang" else "")
        steps += [["control", "clear"], ["control", wish], ["history", "IWM", "2026-11-02", {"timeout": 2}]]
        steps += [["history", "IWM", "2026-11-02", {"hide": True, "timeout": 2}]]
    answers = read(loopback, *steps)
    assert len(answers[0]["days"]) == 17
    loud = dict(zip(kinds, (each.get("raises") for each in answers[3::4]), strict=True))
    calm = dict(zip(kinds, answers[4::4], strict=True))
    assert loud["429"] == calm["429"]["raises"] == "yfinance.exceptions.YFRateLimitError"
    missing = "yfinance.exceptions.YFPricesMissingError"
    assert loud["401"] == loud["error"] == loud["empty"] == missing
    assert {loud[kind].rsplit(".", 1)[1] for kind in ("500", "html", "truncated", "nothing")} == {"JSONDecodeError"}
    assert loud["short"].startswith("curl_cffi")
    assert loud["hang"].startswith("curl_cffi")
    assert all(answer == {"empty": True} for kind, answer in calm.items() if kind != "429")


def test_fredapi_meets_each_fault_as_it_does_in_life(loopback: Loopback) -> None:
    """Pages and halves are ParseErrors, its own words a ValueError, silence a TimeoutError if one has set a timeout."""
    kinds = ("429", "500", "html", "truncated", "nothing", "error", "bomb", "short", "hang")
    steps: list[list[Any]] = [["timeout", 2]]
    for kind in kinds:
        steps += [["control", "clear"], ["control", f"fault?kind={kind}&code=DGS10&seconds=4"], ["series", "DGS10"]]
    steps += [["control", "clear"], ["control", "fault?kind=empty&code=DGS10"], ["series", "DGS10"]]
    answers = read(loopback, *steps)
    found = dict(zip(kinds, (each.get("raises") for each in answers[3::3]), strict=False))
    for kind in ("429", "500", "html", "truncated", "nothing", "bomb"):
        assert found[kind] == "xml.etree.ElementTree.ParseError", kind
    assert found["error"] == "builtins.ValueError"
    assert found["short"] == "http.client.IncompleteRead"
    assert found["hang"] == "builtins.TimeoutError"
    assert answers[-1] == {}


def test_a_wrong_certificate_is_refused_by_all_three(loopback: Loopback) -> None:
    """A certificate of a stranger ends the connection before a word is said."""
    steps = [
        ["control", "fault?kind=certificate"],
        ["get", FREDGRAPH],
        ["series", "DGS10"],
        ["history", "IWM", "2026-11-02"],
    ]
    _, web, fred, yahoo = read(loopback, *steps)
    assert "CERTIFICATE_VERIFY_FAILED" in web["words"]
    assert "CERTIFICATE_VERIFY_FAILED" in fred["words"]
    assert yahoo["raises"].startswith(("curl_cffi", "yfinance"))
    assert loopback.log == []


def test_data_faults_change_what_one_host_says_and_never_the_truth(loopback: Loopback, truth: Market) -> None:
    """Each distortion at the Treasury's ten-year column alone: other columns, other hosts and the truth stand."""
    url = f"{TREASURY}/2026/all?type=daily_treasury_yield_curve&field_tdr_date_value=2026"
    right = [float(row["10 Yr"]) for row in rows_of(get(loopback, url))[:8]]

    def ten_years(kind: str, **more: float) -> list[tuple[str, str, str]]:
        loopback.clear()
        loopback.fault(kind, host="home.treasury.gov", code="10 Yr", **more)
        return [(row["Date"], row["10 Yr"], row["2 Yr"]) for row in rows_of(get(loopback, url))[:8]]

    assert ten_years("impossible")[0][1:] == ("412.00", f"{truth.truth('DGS2', '2026-11-24'):.2f}")
    assert float(ten_years("negative")[0][1]) == -right[0]
    assert float(ten_years("jump", size=1.4)[0][1]) == pytest.approx(1.4 * right[0], abs=0.006)
    assert float(ten_years("unit")[3][1]) == pytest.approx(100 * right[3])
    assert [bool(value) for _, value, _ in ten_years("hole")[:5]] == [True, False, False, False, True]
    assert [bool(value) for _, value, _ in ten_years("nulls")[:5]] == [False, True, False, True, False]
    assert float(ten_years("revision", days=5)[5][1]) == pytest.approx(1.02 * right[5], abs=0.006)
    assert ten_years("weekend")[0][0] == "11/28/2026"
    assert [day for day, *_ in ten_years("duplicate")[:2]] == ["11/24/2026"] * 2
    assert float(ten_years("disagree")[0][1]) == pytest.approx(1.01 * right[0], abs=0.006)
    loopback.clear()
    loopback.fault("yesterday", host="home.treasury.gov")
    assert rows_of(get(loopback, url))[0]["Date"] == "11/23/2026"
    assert rows_of(get(loopback, f"{FREDGRAPH}&cosd=2026-11-23"))[0]["DGS10"] == f"{right[1]:.2f}"
    loopback.clear()
    loopback.fault("early", host="home.treasury.gov")
    assert rows_of(get(loopback, url))[0]["Date"] == "11/25/2026"
    assert truth.truth("DGS10", "2026-11-24") == right[0]


def test_yahoo_s_own_data_faults(loopback: Loopback, truth: Market) -> None:
    """An unfinished bar after the close, a price halved without a split, and a bar twice."""
    chart = f"https://{YAHOO}/v8/finance/chart/IWM?range=5d&interval=1d"
    close = truth.truth("IWM", "2026-11-24")
    assert close is not None
    shown = {}
    for kind in ("unfinished", "split-unseen", "duplicate", "negative"):
        loopback.clear()
        loopback.fault(kind, code="IWM")
        shown[kind] = get(loopback, chart).json()["chart"]["result"][0]
    last = {kind: part["indicators"]["quote"][0]["close"][-1] for kind, part in shown.items()}
    meta = shown["unfinished"]["meta"]
    assert meta["regularMarketTime"] < meta["currentTradingPeriod"]["regular"]["end"]
    assert last["unfinished"] != pytest.approx(close, rel=1e-5)
    assert last["split-unseen"] == pytest.approx(close / 2, rel=1e-6)
    assert "splits" not in shown["split-unseen"].get("events", {})
    stamps = shown["duplicate"]["timestamp"]
    assert stamps[-1] == stamps[-2]
    assert last["negative"] < 0


def test_a_fault_may_pass_and_says_when_to_come_back(loopback: Loopback) -> None:
    """`times` counts requests that fit; Retry-After is as told; a large answer is large; the log names the fault."""
    loopback.fault("429", host="fred.stlouisfed.org", times=1, seconds=7)
    first, second = get(loopback, FREDGRAPH), get(loopback, FREDGRAPH)
    assert (first.status_code, first.headers["retry-after"], second.status_code) == (429, "7", 200)
    assert [seen.faults for seen in loopback.log] == [("429",), ()]
    loopback.fault("huge", host="cdn.cboe.com")
    assert (
        len(get(loopback, "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv").content)
        > 50_000_000
    )
    with pytest.raises(ValueError, match="no fault 'sunspots'"):
        loopback.fault("sunspots")


def test_each_answer_takes_the_delay(loopback: Loopback) -> None:
    """Three answers with 100 ms each take at least 0.3 s, and the moments in the log show it."""
    get(loopback, FREDGRAPH)
    loopback.delay = 0.1
    start = time.monotonic()
    for _ in range(3):
        get(loopback, FREDGRAPH)
    assert time.monotonic() - start >= 0.3
    assert all(earlier.moment <= later.moment for earlier, later in pairwise(loopback.log))


def test_the_command_serves_prints_its_environment_and_stops_on_interrupt(tmp_path: Path) -> None:
    """`python -m tests.market` from the root: lines to export, answers, and exit code 0 on Ctrl-C."""
    command = [sys.executable, "-u", "-m", "tests.market", "--folder", str(tmp_path), "--now", "2026-11-23T23:30:00"]
    with subprocess.Popen(
        command, cwd=READER.parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        assert served.stderr is not None
        lines = [served.stdout.readline().strip() for _ in range(7)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
        trust = ssl.create_default_context(cafile=exported["SSL_CERT_FILE"])
        with httpx.Client(proxy=exported["https_proxy"], verify=trust, trust_env=False, timeout=20) as client:
            rows = rows_of(client.get(f"{FREDGRAPH}&cosd=2026-11-16"))
            log = client.get(f"{exported['https_proxy']}/__control/log")
        assert rows[-1]["observation_date"] == "2026-11-20"
        assert [seen["host"] for seen in log.json()] == ["fred.stlouisfed.org"]
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=10) == 0
        assert served.stderr.read() == ""
