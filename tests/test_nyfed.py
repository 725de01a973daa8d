"""The New York Fed's rates, and the target range on the days it changed."""

from __future__ import annotations

import json
from datetime import date

import pytest
from payload import batch, found, payload, wanted
from scripted import Reply, serving

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.nyfed import EDGE, parse_rates

EFFR = payload("nyfed_effr.json")


def rates(*rows: dict[str, object]) -> bytes:
    """Make an answer of rows of EFFR."""
    return json.dumps({"refRates": [{"type": "EFFR", **row} for row in rows]}).encode()


def test_rates_are_in_percent_and_missing_fields_are_no_values() -> None:
    """18 September has a range and no rate."""
    assert found(parse_rates(EFFR, batch("EFFR")))["EFFR"] == {
        "2026-09-14": 3.63,
        "2026-09-15": 3.64,
        "2026-09-16": 3.63,
        "2026-09-17": 3.88,
        "2026-09-21": 3.89,
    }


def test_the_range_has_a_value_on_the_days_it_changed_only() -> None:
    """It was raised, effective 17 September 2026; null fields are no change, and the first row is none."""
    assert found(parse_rates(EFFR, batch("target_lower", "target_upper"))) == {
        "target_lower": {"2026-09-17": 3.75},
        "target_upper": {"2026-09-17": 4.0},
    }


def test_days_before_the_first_wanted_tell_whether_it_changed() -> None:
    """Asked from the 17th on, the 16th is needed; asked from the 18th on, there is nothing new."""
    assert found(parse_rates(EFFR, batch("target_upper", since=date(2026, 9, 17)))) == {
        "target_upper": {"2026-09-17": 4.0}
    }
    assert found(parse_rates(EFFR, batch("target_upper", since=date(2026, 9, 18)))) == {}


def test_before_december_2008_one_number_is_both_bounds() -> None:
    """Whichever field holds it; later a missing bound is missing."""
    old = rates(
        {"effectiveDate": "2008-10-28", "targetRateFrom": 1.5},
        {"effectiveDate": "2008-10-29", "targetRateFrom": 1.0},
        {"effectiveDate": "2008-12-16", "targetRateFrom": 0.0, "targetRateTo": 0.25},
        {"effectiveDate": "2008-12-17", "targetRateFrom": 0.0},
    )

    assert found(parse_rates(old, batch("target_lower", "target_upper"))) == {
        "target_lower": {"2008-10-29": 1.0, "2008-12-16": 0.0},
        "target_upper": {"2008-10-29": 1.0, "2008-12-16": 0.25},
    }


def test_an_answer_without_rows_is_empty() -> None:
    """The days before the first wanted are asked for, too: there is always one."""
    with pytest.raises(EmptyAnswer):
        parse_rates(rates(), batch("EFFR", since=date(2026, 11, 14)))
    with pytest.raises(EmptyAnswer) as caught:
        parse_rates(rates({"effectiveDate": "2026-09-14", "percentRate": 3.63}), batch("EFFR", "target_upper"))
    assert caught.value.code == "target_upper"


@pytest.mark.parametrize(
    "body",
    [b'{"error": "Bad request"}', b'{"refRates": {}}', b'{"refRates": [1]}', EFFR.replace(b'"EFFR"', b'"OBFR"'),
     EFFR.replace(b"2026-09-21", b"yesterday"), EFFR.replace(b"3.89", b'"high"'), EFFR[:-200]],
)  # fmt: skip
def test_what_is_not_about_the_rate_is_refused(body: bytes) -> None:
    """An error in an envelope of success, another rate, no date, no number, half an answer."""
    with pytest.raises(NotData):
        parse_rates(body, batch("EFFR"))


def test_a_rate_that_there_is_not_is_unknown() -> None:
    """Before anything is asked."""
    with pytest.raises(UnknownCode):
        EDGE.batches(wanted("LIBOR"), today=date(2026, 11, 24))


def test_the_range_comes_with_effr_in_one_request() -> None:
    """SOFR has its own; two weeks more are read than wanted."""
    asking = wanted("EFFR", "SOFR", "target_upper", since=date(2026, 11, 14))
    batches = EDGE.batches(asking, today=date(2026, 11, 24))
    assert [[one.code for one in batch.wanted] for batch in batches] == [["EFFR", "target_upper"], ["SOFR"]]
    assert {batch.first for batch in batches} == {date(2026, 10, 31)}
    assert EDGE.batches(wanted("SOFR"), today=date(2026, 11, 24))[0].first == date(2018, 4, 2)

    with serving(lambda _: Reply(body=EFFR)) as server, server.access() as access:
        EDGE.fetch(batches[0], access)
        (request,) = server.seen
    assert request.host == "markets.newyorkfed.org"
    assert request.path == "/api/rates/unsecured/effr/search.json"
    assert request.params == {"startDate": ["2026-10-31"], "endDate": ["2026-11-24"]}
