"""The Bureau of Labor Statistics: monthly series, and errors that come with the status of success."""

from __future__ import annotations

import json
from datetime import date

import pytest
from payload import batch, found, payload, wanted
from pydantic import SecretStr
from scripted import Reply, serving

from generator.errors import EmptyAnswer, NotData, RateLimited, RefusedBySource, UnknownCode
from generator.sources.bls import EDGE, parse_series

BODY = payload("bls.json")
TODAY = date(2026, 11, 24)
CPI, JOBS = "CUSR0000SA0", "CES0000000001"
KEY = "fedcba9876543210fedcba9876543210"


def answer(status: str, *messages: str, series: object = ()) -> bytes:
    """Make an answer."""
    return json.dumps({"status": status, "message": list(messages), "Results": {"series": list(series)}}).encode()  # type: ignore[call-overload]


def test_months_are_dated_their_first_day() -> None:
    """October 2025 was never published ("-"), M13 is the mean of the year: neither is an observation."""
    assert found(parse_series(BODY, batch(CPI, JOBS))) == {
        CPI: {"2025-09-01": 324.368, "2025-11-01": 325.031, "2025-12-01": 326.03},
        JOBS: {"2025-12-01": 159_526.0},
    }


def test_the_daily_quota_is_a_limit_that_lasts_for_the_day() -> None:
    """So it is not tried again within a fetch, and another source is asked."""
    said = "Request could not be serviced, as the daily threshold for total number of requests has been reached."
    with pytest.raises(RateLimited) as caught:
        parse_series(answer("REQUEST_NOT_PROCESSED", said), batch(CPI))
    assert caught.value.retry_after == 86_400


def test_other_refusals_are_told_in_the_bureaus_words_without_the_key() -> None:
    """It repeats the key it does not like."""
    said = f"The key:{KEY} provided by the User is invalid."
    with pytest.raises(RefusedBySource, match="provided by the User is invalid") as caught:
        parse_series(answer("REQUEST_NOT_PROCESSED", said), batch(CPI))
    assert caught.value.status == 200
    assert KEY not in str(caught.value)


def test_an_unknown_series_is_named_by_the_message_of_a_good_answer() -> None:
    """The others of the request are fine, and so is a message about a year without data."""
    said = answer("REQUEST_SUCCEEDED", "Invalid Series for Series NONSENSE", series=[{"seriesID": CPI, "data": []}])
    with pytest.raises(UnknownCode) as caught:
        parse_series(said, batch(CPI, "NONSENSE"))
    assert caught.value.code == "NONSENSE"
    early = answer(
        "REQUEST_SUCCEEDED", f"No Data Available for Series {CPI} Year: 1940", series=[{"seriesID": CPI, "data": []}]
    )
    assert found(parse_series(early, batch(CPI, last=date(1946, 12, 31)))) == {}


def test_the_newest_years_without_a_value_are_an_empty_answer() -> None:
    """There the year before the first wanted is read, too."""
    with pytest.raises(EmptyAnswer):
        parse_series(answer("REQUEST_SUCCEEDED", series=[{"seriesID": CPI, "data": []}]), batch(CPI, since=TODAY))


@pytest.mark.parametrize(
    "body",
    [
        BODY[:-120],
        b'{"status":"REQUEST_SUCCEEDED"}',
        answer("REQUEST_SUCCEEDED", series=[{"seriesID": "OTHER", "data": []}]),
        answer("REQUEST_SUCCEEDED", series=[{"seriesID": CPI}]),
        answer("REQUEST_SUCCEEDED", series=[{"seriesID": CPI, "data": ["M01"]}]),
        BODY.replace(b'"M12"', b'"M14"'),
        BODY.replace(b"326.030", b"much"),
    ],
)
def test_what_is_not_about_the_series_is_refused(body: bytes) -> None:
    """Half an answer, no list, another series, no rows, no month, no number."""
    with pytest.raises(NotData):
        parse_series(body, batch(CPI, JOBS))


def test_ten_years_and_25_series_are_asked_at_once() -> None:
    """Counted back from this year; each series since its first year."""
    batches = EDGE.batches(wanted(CPI, JOBS), today=TODAY)

    assert [(one.first.year, one.last.year) for one in batches if one.first] == [
        (2017, 2026), (2007, 2016), (1997, 2006), (1987, 1996), (1977, 1986), (1967, 1976), (1957, 1966), (1947, 1956),
        (1939, 1946),
    ]  # fmt: skip
    assert [one.code for one in batches[-1].wanted] == [JOBS]
    many = EDGE.batches(wanted(*(f"S{n}" for n in range(30)), since=date(2026, 1, 5)), today=TODAY)
    assert [len(one.wanted) for one in many] == [25, 5]
    assert {one.first for one in many} == {date(2025, 1, 1)}
    assert EDGE.batches((), today=TODAY) == []


def test_without_a_key_the_first_version_is_asked_and_with_one_the_second() -> None:
    """The key stands in the body, not in the address."""
    (asking,) = EDGE.batches(wanted(CPI, since=date(2025, 9, 1)), today=date(2026, 1, 15))
    only = json.loads(BODY)
    only["Results"]["series"] = only["Results"]["series"][:1]
    with serving(lambda _: Reply(body=json.dumps(only).encode())) as server:
        for key in (None, SecretStr(KEY)):
            with server.access(bls_key=key) as access:
                assert found(EDGE.fetch(asking, access))[CPI]["2025-12-01"] == 326.03
        first, second = server.seen

    assert (first.method, first.host, first.path) == ("POST", "api.bls.gov", "/publicAPI/v1/timeseries/data/")
    assert json.loads(first.body) == {"seriesid": [CPI], "startyear": "2024", "endyear": "2026"}
    assert second.path == "/publicAPI/v2/timeseries/data/"
    assert json.loads(second.body)["registrationkey"] == KEY
    assert second.params == {}


def test_the_key_is_nowhere_in_the_error() -> None:
    """Though the bureau repeats it."""
    said = answer("REQUEST_NOT_PROCESSED", f"{KEY} is not ours")
    with serving(lambda _: Reply(body=said)) as server, server.access(bls_key=SecretStr(KEY)) as access:
        with pytest.raises(RefusedBySource, match="… is not ours") as caught:
            EDGE.fetch(batch(CPI), access)
        assert KEY not in f"{caught.value}{caught.value.hint}{access!r}"
