"""Yahoo: bars as they were traded, finished ones only, by the day of their exchange; and every failure by its name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from curl_cffi import CurlECode
from curl_cffi.requests import exceptions as curl
from errand import Errand
from market.loopback import NOW, Loopback
from market.truth import market
from yfinance.exceptions import YFDataException, YFPricesMissingError, YFRateLimitError, YFTzMissingError

from generator.errors import (
    BadCertificate,
    EmptyAnswer,
    FetchError,
    NotData,
    RateLimited,
    RefusedBySource,
    TimedOut,
    TooLarge,
    UnknownCode,
    Unreachable,
)
from generator.sources.feeds import Wanted
from generator.sources.yahoo import EDGE, check, events, last_finished
from generator.sources.yahoo_line import Answer, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW_YORK = "America/New_York"
PRICES = "query2.finance.yahoo.com"
DELISTED = (
    '{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}'
)
CRUMB = '{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'


def bars(zone: str = NEW_YORK, **days: tuple[float, float, float]) -> pd.DataFrame:
    """Make a frame as yfinance gives it: close, dividend and split of days named `d20251204`."""
    index = pd.DatetimeIndex([name[1:] for name in days]).tz_localize(zone).as_unit("s")
    return pd.DataFrame(days.values(), index=index, columns=["Close", "Dividends", "Stock Splits"])


def meta(start: str, end: str, seen: str, zone: str = NEW_YORK) -> dict[str, Any]:
    """Describe a chart as yfinance does: the session of now or the next one, and the last trade, in UTC."""
    moments = [pd.Timestamp(one, tz="UTC").tz_convert(zone) for one in (start, end, seen)]
    return {
        "exchangeTimezoneName": zone,
        "currentTradingPeriod": {"regular": {"start": moments[0], "end": moments[1]}},
        "regularMarketTime": moments[2],
        "symbol": "IWM",
    }


def answer(body: str = "", status: int = 200, retry_after: float | None = None) -> Answer:
    """Make an answer of Yahoo."""
    return Answer(host=PRICES, status=status, retry_after=retry_after, body=body.encode())


# --- as traded --------------------------------------------------------------------------------------------------


def test_closes_and_dividends_are_multiplied_back_by_later_splits() -> None:
    """A fund at 240 split two for one closes at 120 the day after; before it, people traded at 239 and got 0.50."""
    found = events(
        bars(d20251203=(119.0, 0.25, 0.0), d20251204=(119.5, 0.0, 0.0), d20251205=(120.0, 0.0, 2.0)),
        through=date(2025, 12, 5),
    )

    assert found["Close"].tolist() == [238.0, 239.0, 120.0]
    assert found["Dividends"].dropna().tolist() == [0.5]
    assert found["Stock Splits"].dropna().to_dict() == {pd.Timestamp("2025-12-05"): 2.0}


def test_a_later_split_changes_no_stored_close() -> None:
    """Yahoo sends single precision: 239.41, and after three for one 79.80333; both are stored as 239.41."""
    before = events(bars(d20251204=(239.41000366210938, 0.0, 0.0)), through=date(2025, 12, 4))
    after = events(bars(d20251204=(79.80333709716797, 0.0, 0.0), d20251205=(80.0, 0.0, 3.0)), through=date(2025, 12, 5))

    assert before["Close"].iloc[0] == after["Close"].iloc[0] == 239.41


def test_two_splits_multiply() -> None:
    """Three for one and later two for one make six of what was one."""
    found = events(
        bars(d20050608=(10.0, 0.0, 0.0), d20050609=(10.0, 0.0, 3.0), d20170119=(10.0, 0.0, 2.0)),
        through=date(2017, 1, 19),
    )

    assert found["Close"].tolist() == [60.0, 20.0, 10.0]


def test_the_split_of_an_unfinished_day_counts_for_the_days_before() -> None:
    """Yahoo has divided them already, though today's own bar is not stored yet."""
    found = events(bars(d20251204=(119.5, 0.0, 0.0), d20251205=(120.0, 0.0, 2.0)), through=date(2025, 12, 4))

    assert found["Close"].tolist() == [239.0]


# --- days and finished bars -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [NEW_YORK, "America/Chicago", "Europe/London", "UTC"])
def test_the_day_is_that_of_the_exchange(zone: str) -> None:
    """Midnight in London in summer is the day before in UTC; the day stored is London's."""
    found = events(bars(zone, d20260601=(1.0, 0.0, 0.0)), through=date(2026, 6, 1))

    assert found.index.tolist() == [pd.Timestamp("2026-06-01")]
    assert str(found.index.dtype) == "datetime64[us]"


@pytest.mark.parametrize(
    ("now", "seen", "last"),
    [
        ("2026-05-01 18:00", "2026-05-01 18:00", date(2026, 4, 30)),  # in session
        ("2026-05-01 20:10", "2026-05-01 20:00", date(2026, 4, 30)),  # ten minutes after the bell
        ("2026-05-01 20:30", "2026-05-01 20:00", date(2026, 5, 1)),  # half an hour after it
        ("2026-05-01 20:30", "2026-05-01 19:45", date(2026, 5, 1)),  # a fund that last traded before the bell
        ("2026-05-01 22:00", "2026-05-01 18:13", date(2026, 4, 30)),  # an answer that stopped in mid-session
        ("2026-05-03 18:06", "2026-05-01 20:00", date(2026, 5, 1)),  # Sunday
    ],
)
def test_a_bar_counts_half_an_hour_after_its_session_if_yahoo_saw_the_end(now: str, seen: str, last: date) -> None:
    """Before that the last row is a trade, not a close."""
    described = meta("2026-05-01 13:30", "2026-05-01 20:00", seen)

    assert last_finished(described, datetime.fromisoformat(f"{now}:00+00:00")) == last


def test_before_the_open_yesterday_is_finished() -> None:
    """Yahoo's period is then the session to come."""
    described = meta("2026-05-01 13:30", "2026-05-01 20:00", "2026-04-30 20:00")

    assert last_finished(described, datetime(2026, 5, 1, 8, tzinfo=UTC)) == date(2026, 4, 30)


def test_today_is_never_finished_where_trading_never_stops() -> None:
    """Bitcoin's day ends at midnight UTC, whatever the hour."""
    described = meta("2026-05-03 00:00", "2026-05-03 23:59", "2026-05-03 23:58", zone="UTC")

    for hour in (0, 12, 23):
        assert last_finished(described, datetime(2026, 5, 3, hour, 59, tzinfo=UTC)) == date(2026, 5, 2)
    assert last_finished(described, datetime(2026, 5, 4, 0, 40, tzinfo=UTC)) == date(2026, 5, 3)


def test_an_early_close_ends_when_yahoo_says() -> None:
    """The day after Thanksgiving New York closes at 13:00."""
    described = meta("2026-11-27 14:30", "2026-11-27 18:00", "2026-11-27 18:00")

    assert last_finished(described, datetime(2026, 11, 27, 18, 30, tzinfo=UTC)) == date(2026, 11, 27)


def test_without_a_period_only_days_before_today_are_finished() -> None:
    """Today is that of the exchange: at 02:00 UTC New York still has yesterday."""
    described = {"exchangeTimezoneName": NEW_YORK, "symbol": "X"}

    assert last_finished(described, datetime(2026, 5, 2, 2, tzinfo=UTC)) == date(2026, 4, 30)


# --- doubts -----------------------------------------------------------------------------------------------------


def chart(*rows: tuple[int, float | None]) -> Answer:
    """Make a chart of closes by second of the epoch."""
    told = {"timestamp": [row[0] for row in rows], "indicators": {"quote": [{"close": [row[1] for row in rows]}]}}
    return answer(json.dumps({"chart": {"result": [told]}}))


DAY = 1777469400  # 2026-04-29, the opening in New York
DESCRIBED = {"symbol": "IWM", "exchangeTimezoneName": NEW_YORK}


THROUGH = date(2026, 4, 29)


def test_an_answer_about_another_symbol_is_refused() -> None:
    """However well it is formed."""
    with pytest.raises(NotData, match="about 'IWN'"):
        check("IWM", {**DESCRIBED, "symbol": "IWN"}, chart((DAY, 1.0)), through=THROUGH)


def test_two_closes_for_one_finished_day_are_refused() -> None:
    """Yfinance would keep one of them and say nothing."""
    with pytest.raises(NotData, match="two closes for 2026-04-29"):
        check("IWM", DESCRIBED, chart((DAY, 272.08), (DAY + 60, 272.50)), through=THROUGH)


@pytest.mark.parametrize(
    "again",
    [(DAY + 60, 272.08), (DAY + 60, None), (DAY + 86400, 273.0)],
    ids=["the same close", "no close", "the last trade of a running session"],
)
def test_other_second_rows_are_no_contradiction(again: tuple[int, float | None]) -> None:
    """The newest day is not finished here, so its two rows may differ."""
    check("IWM", DESCRIBED, chart((DAY, 272.08), (DAY + 86460, 273.5), again), through=THROUGH)


# --- failures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "answered", "kind"),
    [
        (YFRateLimitError(), answer("Too Many Requests", 429, 30.0), RateLimited),
        (YFPricesMissingError("X", "", yahoo_reason="No data"), answer(DELISTED, 404), UnknownCode),
        (YFPricesMissingError("X", ""), answer(CRUMB, 401), RefusedBySource),
        (YFPricesMissingError("X", ""), answer('{"chart":{"result":null,"error":null}}'), EmptyAnswer),
        (YFPricesMissingError("X", ""), answer("<html>", 502), RefusedBySource),
        (YFTzMissingError("X"), answer("<html>", 503), RefusedBySource),
        (YFDataException("down"), answer("Will be right back"), NotData),
        (json.JSONDecodeError("x", "", 0), answer("<!doctype html>Sorry"), NotData),
        (curl.JSONDecodeError("x", "", 0), answer('{"chart":{"res'), NotData),
        (KeyError("timestamp"), answer('{"other":1}'), NotData),
        (RecursionError("x"), answer("[" * 100_000 + "]" * 100_000), NotData),
        (curl.Timeout("x"), None, TimedOut),
        (curl.CertificateVerifyError("x"), None, BadCertificate),
        (curl.RequestException("x", CurlECode.FILESIZE_EXCEEDED), None, TooLarge),
        (curl.IncompleteRead("x"), None, NotData),
        (curl.DNSError("x"), None, Unreachable),
        (OSError("x"), None, Unreachable),
    ],
)
def test_what_yfinance_raises_is_named_by_what_yahoo_answered(
    raised: Exception, answered: Answer | None, kind: type[FetchError]
) -> None:
    """An outage that yfinance calls "possibly delisted" is none of Yahoo's own refusals."""
    found = named(raised, "IWM", answered, seconds=10)

    assert type(found) is kind
    assert (found.source, found.code) == ("yahoo", "IWM")
    assert "delisted" not in str(found) or isinstance(found, UnknownCode)


def test_yahoos_own_reason_is_told() -> None:
    """For a symbol it does not know, and for a refusal."""
    unknown = named(YFPricesMissingError("X", ""), "X", answer(DELISTED, 404), seconds=10)
    refused = named(YFPricesMissingError("X", ""), "X", answer(CRUMB, 401), seconds=10)

    assert "No data found, symbol may be delisted" in str(unknown)
    assert "401: Invalid Crumb" in str(refused)


def test_only_what_is_cut_off_is_called_truncated() -> None:
    """It is tried again; a page of HTML is not."""
    cut = named(curl.JSONDecodeError("x", "", 0), "X", answer('{"chart":{"res'), seconds=10)
    page = named(curl.JSONDecodeError("x", "", 0), "X", answer("<html></html>"), seconds=10)

    assert isinstance(cut, NotData)
    assert isinstance(page, NotData)
    assert (cut.truncated, page.truncated) == (True, False)


# --- batches ----------------------------------------------------------------------------------------------------


def test_a_symbol_is_asked_once_for_all_that_is_wanted_of_it() -> None:
    """Closes, dividends and splits come in one answer, from the earliest day wanted on."""
    day = date(2026, 5, 1)
    wanted = [
        Wanted(series_id="price.IWM", code="IWM", since=day - timedelta(days=10)),
        Wanted(series_id="price.RUT", code="^RUT", since=day),
        Wanted(series_id="split.IWM", code="IWM:splits", since=None),
    ]
    found = {batch.label: batch for batch in EDGE.batches(wanted, today=day)}

    assert {label: len(batch.wanted) for label, batch in found.items()} == {"IWM": 2, "^RUT": 1}
    assert (found["IWM"].first, found["^RUT"].first) == (None, day)


# --- the real yfinance against the loopback market --------------------------------------------------------------


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Errand]:
    """A child with yfinance in it, and its market."""
    with Loopback() as loopback, Errand(loopback, tmp_path_factory.mktemp("errand")) as errand:
        yield errand


@pytest.fixture
def errand(child: Errand) -> Errand:
    """The child, its market without faults on the evening of Tuesday 24 November 2026."""
    child.loopback.clear()
    child.loopback.clear_log()
    child.loopback.now = NOW
    return child


def closes(told: dict[str, Any], code: str) -> dict[str, float]:
    """Values by day."""
    assert "rows" in told, told
    return {day: value for day, value, _ in told["rows"][code]}


def test_the_whole_history_is_the_truth_as_it_was_traded(errand: Errand) -> None:
    """Of a fund that split two for one in 2005: closes before and after, dividends and the split, in one request."""
    told = errand.ask("yahoo", "IWM", "IWM:dividends", "IWM:splits", seconds=20)

    for code in ("IWM", "IWM:dividends", "IWM:splits"):
        truth = market().series[code]
        known = truth[truth.index <= "2026-11-24"].dropna()
        expected = {f"{day:%Y-%m-%d}": pytest.approx(value, rel=2e-4) for day, value in known.items()}
        assert closes(told, code) == expected
    assert closes(told, "IWM:splits") == {"2005-06-09": 2.0}
    assert [seen.path for seen in errand.loopback.log if seen.host == PRICES] == ["/v8/finance/chart/IWM"]


def test_no_moment_is_claimed(errand: Errand) -> None:
    """Yahoo does not say when it published; that is for the release rules."""
    told = errand.ask("yahoo", "^RUT", since=date(2026, 11, 1), seconds=20)

    assert {known for _, _, known in told["rows"]["^RUT"]} == {None}


def test_a_later_split_leaves_every_stored_row_as_it_was(errand: Errand) -> None:
    """XLF splits two for one on 7 December 2026; all that was fetched before comes out the same to the last digit."""
    before = errand.ask("yahoo", "XLF", "XLF:dividends", seconds=20)
    errand.loopback.now = datetime(2026, 12, 9, 23, 30, tzinfo=UTC)
    after = errand.ask("yahoo", "XLF", "XLF:dividends", "XLF:splits", seconds=20)

    assert closes(after, "XLF:splits")["2026-12-07"] == 2.0
    for code in ("XLF", "XLF:dividends"):
        early, late = closes(before, code), closes(after, code)
        assert early
        assert {day: late[day] for day in early} == early


def test_a_recent_window_gives_what_the_whole_gives(errand: Errand) -> None:
    """From the first day wanted on, that day included."""
    whole = closes(errand.ask("yahoo", "IJR", seconds=20), "IJR")
    recent = closes(errand.ask("yahoo", "IJR", since=date(2026, 11, 16)), "IJR")

    assert recent == {day: value for day, value in whole.items() if day >= "2026-11-16"}
    assert len(recent) == 7


def test_nothing_new_is_an_empty_frame_and_no_error(errand: Errand) -> None:
    """The answer reaches back far enough to show that it is about the symbol."""
    told = errand.ask("yahoo", "^RUT", "^RUT:dividends", since=date(2026, 11, 25))

    assert told == {"rows": {"^RUT": [], "^RUT:dividends": []}}


@pytest.mark.parametrize(
    ("moment", "newest"),
    [
        (datetime(2026, 11, 25, 19, 0, tzinfo=UTC), "2026-11-24"),  # 14:00 in New York, in session
        (datetime(2026, 11, 25, 21, 10, tzinfo=UTC), "2026-11-24"),  # ten minutes after the bell
        (datetime(2026, 11, 25, 21, 40, tzinfo=UTC), "2026-11-25"),
        (datetime(2026, 11, 26, 19, 0, tzinfo=UTC), "2026-11-25"),  # Thanksgiving
        (datetime(2026, 11, 27, 18, 40, tzinfo=UTC), "2026-11-27"),  # the early close at 13:00
    ],
)
def test_the_newest_row_is_of_the_last_finished_session(errand: Errand, moment: datetime, newest: str) -> None:
    """While a session runs Yahoo has a row for it, which is no close."""
    errand.loopback.now = moment
    told = errand.ask("yahoo", "IWM", since=date(2026, 11, 20))

    assert max(closes(told, "IWM")) == newest


@pytest.mark.parametrize("code", ["BTC-USD", "ETH-USD"])
def test_coins_have_weekends_and_never_a_today(errand: Errand, code: str) -> None:
    """Their day is that of UTC; at 23:30 it still runs."""
    told = closes(errand.ask("yahoo", code, since=date(2026, 11, 19)), code)

    assert sorted(told) == ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
    assert told["2026-11-21"] == pytest.approx(market().truth(code, "2026-11-21"), rel=2e-4)


@pytest.mark.parametrize("code", ["DX-Y.NYB", "^VIX", "GC=F", "EURUSD=X"])
def test_rows_without_a_close_are_left_out(errand: Errand, code: str) -> None:
    """Yahoo has such rows on Sundays, holidays and at random; every row left is of a weekday and the truth."""
    told = closes(errand.ask("yahoo", code, since=date(2026, 1, 1)), code)

    assert len(told) > 200
    assert {date.fromisoformat(day).weekday() for day in told} == {0, 1, 2, 3, 4}
    assert told == {day: pytest.approx(market().truth(code, day), rel=2e-4) for day in told}


def test_a_symbol_that_yahoo_does_not_know_is_told_with_its_reason(errand: Errand) -> None:
    """It is not asked again: it would be the same. Yfinance itself repeats every refusal once."""
    told = errand.ask("yahoo", "NOSUCH")

    assert (told["error"], told["said"]) == ("UnknownCode", "No data found, symbol may be delisted")
    assert len([seen for seen in errand.loopback.log if seen.path == "/v8/finance/chart/NOSUCH"]) == 2


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", "RateLimited"),
        ("401", "RefusedBySource"),
        ("500", "RefusedBySource"),
        ("html", "NotData"),
        ("truncated", "NotData"),
        ("nothing", "NotData"),
        ("cut", "Unreachable"),
        ("hang", "TimedOut"),
        ("drip", "TimedOut"),
        ("huge", "TooLarge"),
        ("bomb", "NotData"),
        ("empty", "EmptyAnswer"),
    ],
)
def test_every_failure_has_its_name_and_none_is_a_delisting(errand: Errand, kind: str, error: str) -> None:
    """Though yfinance would call most of them "possibly delisted"."""
    errand.loopback.fault(kind, host=PRICES, seconds=3)
    told = errand.ask("yahoo", "IWM", since=date(2026, 11, 1), seconds=0.7, budget=20)

    assert told.get("error") == error, told
    assert "delisted" not in told["message"]
    assert told["message"].startswith("yahoo, IWM: ")
    assert told["hint"]


@pytest.mark.parametrize("kind", ["500", "truncated", "hang", "cut", "429"])
def test_what_passes_is_asked_again(errand: Errand, kind: str) -> None:
    """A bad answer is kept nowhere: the next attempt asks Yahoo. Yfinance itself repeats a refusal once."""
    errand.loopback.fault(kind, host=PRICES, code="IWM", times=2 if kind in {"500", "429"} else 1, seconds=1)
    told = errand.ask("yahoo", "IWM", since=date(2026, 11, 20), seconds=0.8)

    assert max(closes(told, "IWM")) == "2026-11-24"


def test_a_cookie_or_crumb_that_fails_costs_no_prices(errand: Errand) -> None:
    """Charts are served without them."""
    errand.loopback.fault("429", path="getcrumb")
    errand.loopback.fault("hang", host="fc.yahoo.com", seconds=3)

    assert closes(errand.ask("yahoo", "SPY", since=date(2026, 11, 20), seconds=0.8), "SPY")


def test_one_symbol_that_fails_costs_the_others_nothing(errand: Errand) -> None:
    """Each is asked alone."""
    errand.loopback.fault("html", code="IWM")

    assert errand.ask("yahoo", "IWM", since=date(2026, 11, 20))["error"] == "NotData"
    assert closes(errand.ask("yahoo", "IWB", since=date(2026, 11, 20)), "IWB")


def test_symbols_asked_at_once_get_their_own_answers(errand: Errand) -> None:
    """Threads share yfinance's session; what came to one, or failed for it, is not taken for another's."""
    codes = ("IWM", "IWB", "IJR", "SPY", "RSP", "XLE", "XLK", "KRE", "^RUT", "^RUI", "BTC-USD", "GC=F")
    errand.loopback.fault("html", host=PRICES, code="IWB")
    errand.loopback.fault("429", host=PRICES, code="XLE")
    errand.loopback.delay = 0.05
    told = errand.ask("yahoo", *codes, "NOSUCH", since=date(2026, 11, 16), together=True, seconds=5, budget=20)
    errand.loopback.delay = 0.0

    assert told["errors"] == {"IWB": "NotData", "XLE": "RateLimited", "NOSUCH": "UnknownCode"}
    for code in set(codes) - set(told["errors"]):
        found = closes(told, code)
        assert found
        assert found == {day: pytest.approx(market().truth(code, day), rel=2e-4) for day in found}


def test_the_newest_finished_day_twice_is_refused_only_if_the_closes_differ(errand: Errand) -> None:
    """The same row twice is one."""
    errand.loopback.fault("duplicate", code="IWM", host=PRICES)
    errand.loopback.fault("duplicate", code="IWB", host=PRICES, size=1.02)

    assert "2026-11-24" in closes(errand.ask("yahoo", "IWM", since=date(2026, 11, 20)), "IWM")
    assert errand.ask("yahoo", "IWB", since=date(2026, 11, 20))["error"] == "NotData"


def test_when_the_time_for_all_is_used_up_nothing_more_is_asked(errand: Errand) -> None:
    """And the error says so."""
    errand.loopback.fault("hang", host=PRICES, seconds=5)
    told = errand.ask("yahoo", "IWM", seconds=3, budget=0.5)

    assert told["error"] == "OutOfTime"


def test_a_certificate_of_a_stranger_is_not_trusted(tmp_path: Path) -> None:
    """Nothing is read."""
    with Loopback() as loopback, Errand(loopback, tmp_path) as errand:
        loopback.fault("certificate", host=PRICES)
        told = errand.ask("yahoo", "IWM", since=date(2026, 11, 1))

    assert (told["error"], told["host"]) == ("BadCertificate", PRICES)


def test_no_run_uses_what_another_kept(tmp_path: Path) -> None:
    """Neither in the folder for caches, were it left full of rubbish, nor in that of the user; both ask the same."""
    told, asked = [], []
    left = tmp_path / "errand" / "cache" / "yfinance" / "cookies.db"
    with Loopback() as loopback:
        for _ in range(2):
            left.parent.mkdir(parents=True, exist_ok=True)
            left.write_bytes(b"what a run left that was stopped")
            loopback.clear_log()
            with Errand(loopback, tmp_path / "errand") as errand:
                told.append(errand.ask("yahoo", "IWM", since=date(2026, 11, 1)))
                assert left.read_bytes().startswith(b"SQLite format 3")
            asked.append([(seen.host, seen.path) for seen in loopback.log])
            assert list(errand.cache.iterdir()) == []
            assert not (loopback.folder / "cache").exists()

    assert told[0] == told[1]
    assert asked[0] == asked[1]


def test_yfinance_prints_no_warning(tmp_path: Path) -> None:
    """The child runs with warnings as errors, and yfinance forces its own on."""
    with Loopback() as loopback, Errand(loopback, tmp_path) as errand:
        assert "rows" in errand.ask("yahoo", "IWM", since=date(2026, 11, 1))

    assert "Warning" not in errand.log.read_text(encoding="utf-8")


def test_news_of_a_symbol_are_read_without_advertisements(errand: Errand) -> None:
    """Through yfinance, newest first, each with a link."""
    told = errand.ask("news", "yahoo:^RUT", seconds=5)["rows"]["news"]

    assert len(told) > 5
    assert all(link.startswith("https://") for _, _, link in told)
    assert told[0][0] <= "2026-11-24T23:30"


@pytest.mark.parametrize(("kind", "error"), [("html", "NotData"), ("429", "RateLimited"), ("empty", "EmptyAnswer")])
def test_news_fail_by_name_too(errand: Errand, kind: str, error: str) -> None:
    """Yfinance would make nothing of it."""
    errand.loopback.fault(kind, host="finance.yahoo.com")

    assert errand.ask("news", "yahoo:^RUT", budget=10)["error"] == error
