"""FRED: the latest values, every release with its moment, and the key nowhere."""

from __future__ import annotations

import ast
import http.client
import itertools
import ssl
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from xml.etree.ElementTree import ParseError

import pandas as pd
import pytest
from errand import KEY, ROOT, Errand
from market.loopback import NOW, Loopback
from market.truth import market

from generator.errors import (
    BadCertificate,
    FetchError,
    NotData,
    RateLimited,
    RefusedBySource,
    TimedOut,
    UnknownCode,
    Unreachable,
)
from generator.sources.fred import Window, halved, parse_latest, parse_releases, windows, with_hour
from generator.sources.fred_door import Answer, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = "api.stlouisfed.org"
XML = '<?xml version="1.0" encoding="utf-8" ?>\n<observations count="1"><observation date="2026-04-28" value="4.21"/>'


def table(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Make a table as fredapi gives it: all columns of objects; day of release, date, value."""
    found = pd.DataFrame(
        {
            number: {
                "realtime_start": pd.Timestamp(released).to_pydatetime(),
                "date": pd.Timestamp(about).to_pydatetime(),
                "value": value,
            }
            for number, (released, about, value) in enumerate(rows)
        }
    ).T
    assert {str(kind) for kind in found.dtypes} == {"object"}
    return found


def days(frame: pd.DataFrame) -> list[tuple[str, float, str]]:
    """List date, value and day of release ("" where there is none)."""
    return [
        (f"{row.date:%Y-%m-%d}", float(row.value), "" if pd.isna(row.released) else f"{row.released:%Y-%m-%d}")
        for row in frame.itertuples()
    ]


# --- latest values ----------------------------------------------------------------------------------------------


def test_days_without_a_value_are_left_out() -> None:
    """FRED writes a dot for a holiday, fredapi NaN."""
    given = pd.Series({pd.Timestamp("2026-04-28"): 4.21, pd.Timestamp("2026-04-29"): float("nan")})
    found = parse_latest(given)

    assert found["date"].tolist() == [pd.Timestamp("2026-04-28")]
    assert found["value"].tolist() == [4.21]
    assert found["known_at"].isna().all()
    assert str(found["known_at"].dtype) == "datetime64[us, UTC]"


def test_an_empty_series_of_objects_is_a_frame_of_numbers() -> None:
    """That is what fredapi makes of no observation."""
    found = parse_latest(pd.Series({}, dtype="object"))

    assert found.empty
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "date": "datetime64[us]",
        "value": "float64",
        "known_at": "datetime64[us, UTC]",
    }


# --- every release ----------------------------------------------------------------------------------------------


def test_a_revision_is_a_row_of_its_own() -> None:
    """Unemployment of November 2025 came as 4.6 and was 4.5 three weeks later."""
    found = parse_releases(
        table(("2025-12-16", "2025-11-01", 4.6), ("2026-01-09", "2025-11-01", 4.5)),
        Window(date(1960, 3, 15), None, (), beginning=True),
    )

    assert days(found) == [("2025-11-01", 4.6, "2025-12-16"), ("2025-11-01", 4.5, "2026-01-09")]


def test_what_the_archive_held_on_its_first_day_has_no_day_of_release() -> None:
    """Decades of history bear the day they were entered; nobody learnt them on it."""
    found = parse_releases(
        table(("1960-03-15", "1948-01-01", 3.4), ("1960-03-15", "1960-02-01", 4.8), ("1960-04-15", "1960-03-01", 5.4)),
        Window(date(1960, 3, 15), None, (), beginning=True),
    )

    assert days(found) == [("1948-01-01", 3.4, ""), ("1960-02-01", 4.8, ""), ("1960-03-01", 5.4, "1960-04-15")]


def test_what_a_later_window_cuts_off_is_no_release() -> None:
    """FRED gives what was in force on a window's first day as if it had come on it."""
    found = parse_releases(
        table(("2026-01-08", "2025-10-01", 4.4), ("2026-01-09", "2025-11-01", 4.5)),
        Window(date(2026, 1, 8), None, (), beginning=False),
    )

    assert days(found) == [("2025-11-01", 4.5, "2026-01-09")]


def test_a_month_that_was_never_published_is_left_out() -> None:
    """October 2025 has no unemployment rate."""
    found = parse_releases(
        table(("2025-12-16", "2025-10-01", float("nan")), ("2025-12-16", "2025-11-01", 4.6)),
        Window(date(1960, 3, 15), None, (), beginning=True),
    )

    assert days(found) == [("2025-11-01", 4.6, "2025-12-16")]


def test_no_release_is_an_empty_frame() -> None:
    """Where fredapi gives a frame without columns."""
    assert parse_releases(pd.DataFrame({}).T, Window(date(2026, 1, 8), None, (), beginning=False)).empty


@pytest.mark.parametrize(
    ("released", "hour", "moment"),
    [
        ("2026-01-09", time(8, 30), "2026-01-09 13:30"),  # winter
        ("2026-07-02", time(8, 30), "2026-07-02 12:30"),  # summer
        ("2026-01-09", None, "2026-01-10 05:00"),  # without an hour the day in New York has to be over
    ],
)
def test_a_release_has_the_hour_of_its_rule_in_new_york(released: str, hour: time | None, moment: str) -> None:
    """FRED states a day only."""
    found = with_hour(pd.DataFrame({"released": pd.to_datetime([released])}), hour)

    assert found["known_at"].tolist() == [pd.Timestamp(moment, tz="UTC")]


def test_windows_hold_at_most_as_many_vintages_as_allowed_and_together_all() -> None:
    """5000 working days make three windows of at most 1900; each begins the day before its first vintage."""
    vintages = [day.date() for day in pd.bdate_range("2006-01-02", periods=5000)]
    found = windows(vintages, None)

    assert [len(window.vintages) for window in found] == [1900, 1900, 1200]
    assert [day for window in found for day in window.vintages] == vintages
    assert [window.beginning for window in found] == [True, False, False]
    assert found[1].first == vintages[1900] - timedelta(days=1) == found[0].last
    assert found[-1].last is None


def test_halves_of_a_window_hold_what_it_held() -> None:
    """Each release falls into one of them, none into both."""
    (whole,) = windows([date(2026, 1, 9), date(2026, 2, 6), date(2026, 3, 6)], None)
    earlier, later = halved(whole)

    assert earlier.vintages + later.vintages == whole.vintages
    assert (earlier.first, earlier.last, later.first, later.last) == (
        date(2026, 1, 9),
        date(2026, 2, 5),
        date(2026, 2, 5),
        None,
    )
    assert (earlier.beginning, later.beginning) == (True, False)


# --- failures ---------------------------------------------------------------------------------------------------


def refused(problem: Exception, status: int) -> Exception:
    """Hang urllib's error on what fredapi raised from it."""
    problem.__context__ = HTTPError("https://api.stlouisfed.org/fred/x", status, "no", http.client.HTTPMessage(), None)
    return problem


def untrusted() -> ssl.SSLCertVerificationError:
    """Make the error of a certificate as ssl makes it."""
    problem = ssl.SSLCertVerificationError(1, "certificate verify failed")
    problem.verify_message = "self-signed certificate"
    return problem


def answer(body: str, status: int = 200, retry_after: float | None = None) -> Answer:
    """Make an answer of FRED."""
    return Answer(status=status, retry_after=retry_after, body=body.encode())


@pytest.mark.parametrize(
    ("raised", "answered", "kind"),
    [
        (refused(ValueError("Bad Request.  The series does not exist."), 400), answer("<error/>", 400), UnknownCode),
        (refused(ValueError("Bad Request.  Wrong api_key."), 400), answer("<error/>", 400), RefusedBySource),
        (refused(ValueError("Too Many Requests."), 429), answer("<error/>", 429), RateLimited),
        (refused(ParseError("syntax error"), 429), answer("{}", 429), RateLimited),
        (refused(ParseError("syntax error"), 503), answer("<html>", 503), RefusedBySource),
        (ParseError("mismatched tag"), answer("<!doctype html><p>Sorry<br>"), NotData),
        (ParseError("no element found"), answer(XML), NotData),
        (TypeError("float()"), answer("<html><body/></html>"), NotData),
        (TimeoutError(), None, TimedOut),
        (URLError(TimeoutError()), None, TimedOut),
        (URLError(ConnectionRefusedError(111, "refused")), None, Unreachable),
        (URLError(untrusted()), None, BadCertificate),
        (http.client.IncompleteRead(b""), None, NotData),
        (http.client.RemoteDisconnected("closed"), None, Unreachable),
    ],
)
def test_what_fredapi_raises_is_named_by_what_fred_answered(
    raised: Exception, answered: Answer | None, kind: type[FetchError]
) -> None:
    """A ParseError is a refusal where the status was one, and no data where it was not."""
    found = named(raised, "DGS10", answered, seconds=10)

    assert type(found) is kind
    assert (found.source, found.code) == ("fred", "DGS10")


def test_half_an_answer_may_pass_and_a_page_does_not() -> None:
    """So only the first is asked for again."""
    cut = named(ParseError("no element found"), "DGS10", answer(XML), seconds=10)
    page = named(ParseError("mismatched tag"), "DGS10", answer("<!doctype html><p>"), seconds=10)

    assert isinstance(cut, NotData)
    assert isinstance(page, NotData)
    assert (cut.truncated, page.truncated) == (True, False)


# --- the real fredapi against the loopback market ----------------------------------------------------------------


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Errand]:
    """A child with fredapi in it, and its market."""
    with Loopback() as loopback, Errand(loopback, tmp_path_factory.mktemp("errand")) as errand:
        yield errand


@pytest.fixture
def errand(child: Errand) -> Errand:
    """The child, its market without faults on the evening of Tuesday 24 November 2026."""
    child.loopback.clear()
    child.loopback.clear_log()
    child.loopback.now = NOW
    return child


def rows(told: dict[str, Any]) -> list[tuple[str, float, str | None]]:
    """List the rows of the only series."""
    assert "rows" in told, told
    (found,) = told["rows"].values()
    return [tuple(row) for row in found]


def test_a_daily_series_comes_whole_in_one_request(errand: Errand) -> None:
    """Ten-year yields since 1996; what Monday's row holds was published on Tuesday at 16:15."""
    found = rows(errand.ask("fred", "DGS10", seconds=20))

    assert {day: value for day, value, _ in found} == {
        day: pytest.approx(market().truth("DGS10", day)) for day, _, _ in found
    }
    assert (found[0][0], found[-1][0]) == ("1996-01-02", "2026-11-23")
    assert {known for _, _, known in found} == {None}
    assert len(errand.loopback.log) == 1


def test_a_recent_window_asks_for_no_more(errand: Errand) -> None:
    """From the day wanted on; nothing new since tomorrow is an answer, too."""
    found = rows(errand.ask("fred", "DGS10", since=date(2026, 11, 18)))

    assert [day for day, _, _ in found] == ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-23"]
    assert errand.loopback.log[0].query["observation_start"] == "2026-11-18"
    assert rows(errand.ask("fred", "DGS10", since=date(2026, 11, 25))) == []


def test_the_unemployment_rate_carries_every_release_with_its_morning(errand: Errand) -> None:
    """The catalogue calls it revised; its hour is 08:30 in New York, 13:30 in UTC in winter."""
    found = rows(errand.ask("fred", "UNRATE", series_id="labour.UNRATE", seconds=20))
    stated = [known for _, _, known in found if known]

    assert {known[11:] for known in stated} == {"12:30:00+00:00", "13:30:00+00:00"}
    assert "2025-10-01" not in {day for day, _, _ in found}
    assert len(found) > len({day for day, _, _ in found})
    last = {day: value for day, value, _ in found}
    assert last["2019-09-01"] == pytest.approx(market().truth("UNRATE", "2019-09-01"))


def test_only_what_was_released_since_is_asked_for_later(errand: Errand) -> None:
    """Rows that stood before are cut off by FRED at the window's first day and are no releases."""
    whole = rows(errand.ask("fred", "PAYEMS:vintages", seconds=20))
    errand.loopback.clear_log()
    recent = rows(errand.ask("fred", "PAYEMS:vintages", since=date(2026, 10, 1), seconds=20))

    assert recent
    assert recent == [row for row in whole if row[2] and row[2] >= "2026-10-01T05:00"]
    assert [seen.query.get("realtime_start") for seen in errand.loopback.log] == ["2026-09-30"]


def test_more_vintages_than_fred_gives_at_once_come_in_windows(errand: Errand) -> None:
    """Ten years of a daily series have 2500; together they are its values, each once, as none is revised."""
    start = date(2016, 12, 1)
    found = sorted(
        (day, value) for day, value, _ in rows(errand.ask("fred", "DGS10:vintages", since=start, seconds=20))
    )
    latest = [(day, value) for day, value, _ in rows(errand.ask("fred", "DGS10", since=start, seconds=20))]
    asked = [seen for seen in errand.loopback.log if seen.query.get("realtime_start")]

    assert len(asked) == 2
    assert all(seen.status == 200 for seen in errand.loopback.log)
    assert [row for row in found if row[0] >= "2016-12-01"] == latest


def test_a_night_in_europe_asks_for_no_day_that_st_louis_does_not_have_yet(errand: Errand) -> None:
    """At 03:00 UTC it is still the day before there."""
    errand.loopback.now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

    assert rows(errand.ask("fred", "UNRATE:vintages", since=date(2026, 11, 25))) == []
    assert rows(errand.ask("fred", "DGS10", since=date(2026, 11, 20)))


def test_what_is_rewritten_every_week_is_read_again_for_thirteen_weeks(errand: Errand) -> None:
    """All its vintages would be millions of rows, though the catalogue calls it revised."""
    found = rows(errand.ask("fred", "NFCI", series_id="conditions.NFCI", since=date(2026, 11, 14)))

    assert (found[0][0], found[-1][0]) == ("2026-08-21", "2026-11-13")
    assert {known for _, _, known in found} == {None}


def test_calls_keep_their_distance(errand: Errand) -> None:
    """More than two a second are refused lately: 0.6 s lie between the starts."""
    for code in ("DGS2", "DGS5", "DGS30"):
        errand.ask("fred", code, since=date(2026, 11, 18))
    moments = [datetime.fromisoformat(seen.moment) for seen in errand.loopback.log]

    assert all(later - earlier >= timedelta(seconds=0.55) for earlier, later in itertools.pairwise(moments))


def test_series_asked_at_once_get_their_own_answers(errand: Errand) -> None:
    """Threads share the door; what came to one is not taken for another's."""
    errand.loopback.fault("html", host=API, code="DGS5")
    told = errand.ask("fred", "DGS2", "DGS5", "DGS10", "NOSUCH", since=date(2026, 11, 16), together=True, seconds=5)

    assert told["errors"] == {"DGS5": "NotData", "NOSUCH": "UnknownCode"}
    for code in ("DGS2", "DGS10"):
        found = {day: value for day, value, _ in told["rows"][code]}
        assert found
        assert found == {day: pytest.approx(market().truth(code, day)) for day in found}


def test_a_series_that_fred_does_not_know_is_told_with_its_words(errand: Errand) -> None:
    """After one request."""
    told = errand.ask("fred", "NOSUCH")

    assert (told["error"], told["said"]) == ("UnknownCode", "Bad Request. The series does not exist.")
    assert len(errand.loopback.log) == 1


def test_without_a_key_nothing_is_asked(errand: Errand) -> None:
    """The error says where it is looked for."""
    for key in ("none", "empty"):
        told = errand.ask("fred", "DGS10", key=key)
        assert (told["error"], told["variable"]) == ("MissingKey", "FRED_API_KEY")
    assert errand.loopback.log == []


def test_a_key_that_is_not_registered_is_a_refusal_in_freds_words(errand: Errand) -> None:
    """No series is unknown because of it."""
    told = errand.ask("fred", "DGS10", key="unregistered")

    assert (told["error"], told["status"]) == ("RefusedBySource", 400)
    assert "api_key is not registered" in told["message"]


FAILURES = {
    "429": "RateLimited",
    "401": "RefusedBySource",
    "500": "RefusedBySource",
    "html": "NotData",
    "truncated": "NotData",
    "short": "NotData",
    "nothing": "NotData",
    "cut": "Unreachable",
    "hang": "TimedOut",
    "drip": "TimedOut",
    "huge": "TooLarge",
    "bomb": "NotData",
    "empty": "EmptyAnswer",
    "error": "UnknownCode",
}


@pytest.mark.parametrize(("kind", "error"), FAILURES.items())
def test_every_failure_has_its_name(errand: Errand, kind: str, error: str) -> None:
    """Fredapi would hang, or raise a ParseError for most of them."""
    errand.loopback.fault(kind, host=API, seconds=3)
    told = errand.ask("fred", "DGS10", seconds=1.0, budget=20)

    assert told.get("error") == error, told
    assert told["message"].startswith("fred, DGS10: ")
    assert told["hint"]


def test_the_newest_day_twice_is_refused_only_if_the_values_differ(errand: Errand) -> None:
    """Fredapi would keep the last of them and say nothing."""
    errand.loopback.fault("duplicate", host=API, code="DGS2")
    errand.loopback.fault("duplicate", host=API, code="DGS10", size=1.1)

    assert rows(errand.ask("fred", "DGS2", since=date(2026, 11, 20)))[-1][0] == "2026-11-23"
    assert errand.ask("fred", "DGS10", since=date(2026, 11, 20))["error"] == "NotData"


@pytest.mark.parametrize("kind", ["500", "truncated", "short", "hang", "cut"])
def test_what_passes_is_asked_again(errand: Errand, kind: str) -> None:
    """At most three times."""
    errand.loopback.fault(kind, host=API, times=2, seconds=2)

    assert rows(errand.ask("fred", "DGS10", since=date(2026, 11, 18), seconds=0.5))
    assert len(errand.loopback.log) == 3


def test_the_wait_that_fred_names_is_kept(errand: Errand) -> None:
    """Or, where it does not fit into the time left, nothing is asked again."""
    errand.loopback.fault("429", host=API, times=1, seconds=1)
    assert rows(errand.ask("fred", "DGS10", since=date(2026, 11, 18)))
    first, second = (datetime.fromisoformat(seen.moment) for seen in errand.loopback.log)
    assert second - first >= timedelta(seconds=1)

    errand.loopback.fault("429", host=API, times=1, seconds=100)
    told = errand.ask("fred", "DGS10", budget=10)
    assert (told["error"], told["retry_after"]) == ("RateLimited", 100.0)


# --- the key ----------------------------------------------------------------------------------------------------


def test_the_key_is_nowhere_in_what_a_failing_run_wrote(tmp_path: Path) -> None:
    """Neither in logs at DEBUG nor in tracebacks with the locals of each frame, nor in any file; yet it was sent."""
    told: list[str] = []
    with Loopback() as loopback:
        with Errand(loopback, tmp_path / "errand") as errand:
            for kind in FAILURES:
                loopback.clear()
                loopback.fault(kind, host=API, seconds=2)
                told.append(repr(errand.ask("fred", "DGS10", "UNRATE:vintages", seconds=0.4, budget=1)))
            loopback.clear()
            told += [repr(errand.ask("fred", "DGS10", since=date(2026, 11, 1))), repr(errand.ask("fred", "NOSUCH"))]
            loopback.fault("certificate", host=API)
            told.append(repr(errand.ask("fred", "DGS2")))
        sent = {seen.query.get("api_key") for seen in loopback.log if seen.host == API}
    written = [path for folder in (tmp_path, loopback.folder) for path in folder.rglob("*") if path.is_file()]
    log = (tmp_path / "errand" / "log.txt").read_text(encoding="utf-8")

    assert sent == {KEY}
    assert "Traceback" in log
    assert "wanted=" in log  # the locals are there
    assert tmp_path / "errand" / "log.txt" in written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    assert KEY not in "".join(told)


@pytest.mark.parametrize("kind", ["500", "html"])
def test_the_key_is_nowhere_after_a_fetch_that_failed(tmp_path: Path, kind: str) -> None:
    """Neither on the terminal nor in the store or any other file of the command."""
    with Loopback() as loopback:
        loopback.fault(kind, host=API)
        done = loopback.run(
            ["-m", "generator", "fetch", "--source", "fred", "--series", "rates.DGS10"],
            cwd=tmp_path,
            PYTHONPATH=str(ROOT),
            FRED_API_KEY=KEY,
        )
        assert KEY in {seen.query.get("api_key") for seen in loopback.log}
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]

    assert done.returncode == 3, done.stderr
    assert "fred, DGS10: " in done.stdout
    assert written
    assert KEY not in done.stdout + done.stderr
    assert not [content for content in written if KEY.encode() in content]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_in_capital_letters_harms_no_other_request(tmp_path: Path, name: str) -> None:
    """With one of the two set fredapi itself would break every later request over plain HTTP."""
    code = (
        "import urllib.request\n"
        "from generator.sources.fred_door import _client\n"
        "_client()\n"
        "opened = urllib.request._opener\n"
        "handlers = [one for one in opened.handlers if isinstance(one, urllib.request.ProxyHandler)]\n"
        "assert all(None not in one.proxies.values() for one in handlers), [one.proxies for one in handlers]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), name: "http://127.0.0.1:9"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_fredapi_is_called_in_one_place() -> None:
    """Where the key cannot reach it."""
    using = {
        path.name
        for path in (ROOT / "generator").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "fredapi"
    }

    assert using == {"fred.py", "fred_door.py"}  # in the first for its type only
