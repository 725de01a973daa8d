"""The keyless sources over the wire: a market of thirty invented years, its truth, and everything that can go wrong."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import stamina
from market.loopback import Loopback
from market.truth import market
from payload import wanted
from pydantic import SecretStr

from generator.errors import (
    BadCertificate,
    FetchError,
    NotData,
    RateLimited,
    RefusedBySource,
    TimedOut,
    TooLarge,
    UnknownCode,
    Unreachable,
)
from generator.sources.feeds import COLUMNS, edge
from generator.sources.http import Access, Deadline, Fetcher
from generator.sources.limits import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 11, 24)
RECENT = TODAY - timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A series of a source, what the market calls it, and the host it comes from."""

    source: str
    code: str
    truth: str
    host: str
    since: date | None = RECENT


CASES = [
    Case(source="treasury", code="10 Yr", truth="DGS10", host="home.treasury.gov"),
    Case(source="treasury", code="real:10 YR", truth="DFII10", host="home.treasury.gov"),
    Case(source="nyfed", code="EFFR", truth="EFFR", host="markets.newyorkfed.org"),
    Case(source="nyfed", code="SOFR", truth="SOFR", host="markets.newyorkfed.org"),
    Case(source="ecb", code="USD", truth="USD", host="data-api.ecb.europa.eu", since=TODAY - timedelta(days=60)),
    Case(source="ecb", code="JPY", truth="JPY", host="www.ecb.europa.eu"),
    Case(source="bls", code="CUSR0000SA0", truth="CPIAUCSL", host="api.bls.gov"),
    Case(source="french", code="vw_q2", truth="vw Qnt 2", host="mba.tuck.dartmouth.edu"),
    Case(source="french", code="ew_q5", truth="ew Hi 20", host="mba.tuck.dartmouth.edu"),
    Case(source="cboe", code="VIX", truth="VIX", host="cdn.cboe.com"),
    Case(source="fredcsv", code="ICSA", truth="ICSA", host="fred.stlouisfed.org"),
]
NAMES = [f"{case.source} {case.code} {case.host}" for case in CASES]
ONE_A_HOST = list({case.host: case for case in CASES}.values())
HOSTS = [case.host for case in ONE_A_HOST]


@pytest.fixture(scope="module")
def shared() -> Iterator[Loopback]:
    """Start the market once."""
    with Loopback() as running:
        yield running


@pytest.fixture
def live(shared: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Point this process at the market, without faults, and let nobody wait between attempts."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in shared.settings().items():
        monkeypatch.setenv(name, value)
    shared.clear()
    shared.clear_log()
    with stamina.set_testing(True, attempts=3):
        yield shared
    shared.clear()


def fetched(case: Case, live: Loopback, *, timeout: float = 10, key: SecretStr | None = None) -> pd.DataFrame:
    """Fetch a series as `capline fetch` would, one batch after the other."""
    source = edge(case.source)
    with Fetcher.open(turns=Turns({})) as fetcher:
        access = Access(
            http=fetcher, fred_key=None, bls_key=key, cache=Path("cache"), now=live.now, timeout=timeout,
            deadline=Deadline.after(120),
        )  # fmt: skip
        batches = source.batches(wanted(case.code, since=case.since), today=live.now.date())
        return pd.concat([source.fetch(batch, access) for batch in batches], ignore_index=True)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_is_fetched_is_the_truth(case: Case, live: Loopback) -> None:
    """Every value of the market that was published, and no other; every request stayed on the source's hosts."""
    frame = fetched(case, live)
    truth = market().series[case.truth].dropna()[str(case.since) :]
    read = frame.set_index("date")["value"]

    assert tuple(frame.columns) == COLUMNS
    assert read.index.is_monotonic_increasing
    assert len(read) >= 5
    assert not set(read.index) - set(truth.index)
    assert list(read.index) == list(truth.index[: len(read)])
    first_saying = {"CPIAUCSL", "ICSA"}  # revised since
    if case.truth not in first_saying:
        assert read.to_numpy() == pytest.approx(truth.to_numpy()[: len(read)], abs=5.1e-5)
    assert {seen.host for seen in live.log} == {case.host}
    assert all(seen.agent.startswith("capline/") for seen in live.log)


def test_the_range_is_that_of_the_decisions(live: Loopback) -> None:
    """Every change of the target since 2009, on the day it took effect; rises and falls alike."""
    frame = fetched(
        Case(source="nyfed", code="target_upper", truth="target_upper", host="", since=date(2009, 1, 2)), live
    )
    levels = market().series["target_upper"][:"2026-11-23"]
    changes = levels[levels.diff().fillna(0) != 0]["2009-01-02":]

    assert frame["date"].tolist() == changes.index.tolist()
    assert frame["value"].tolist() == changes.tolist()
    assert {value > 0 for value in frame["value"].diff().dropna()} == {True, False}


def test_a_month_never_published_is_not_there(live: Loopback) -> None:
    """October 2025 has neither prices nor unemployment; payrolls it has."""
    months = {}
    for code in ("CUSR0000SA0", "LNS14000000", "CES0000000001"):
        frame = fetched(Case(source="bls", code=code, truth="", host="", since=date(2025, 9, 1)), live)
        months[code] = set(frame["date"].dt.strftime("%Y-%m")) & {"2025-09", "2025-10", "2025-11"}

    assert months["CUSR0000SA0"] == months["LNS14000000"] == {"2025-09", "2025-11"}
    assert months["CES0000000001"] == {"2025-09", "2025-10", "2025-11"}


def test_on_new_years_day_the_curve_of_the_old_year_is_read(live: Loopback) -> None:
    """And the file of the new year, which has a header only."""
    live.now = datetime(2027, 1, 1, 15, 0, tzinfo=UTC)
    try:
        frame = fetched(Case(source="treasury", code="10 Yr", truth="", host="", since=date(2026, 12, 24)), live)
    finally:
        live.now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    assert f"{frame['date'].max():%Y-%m-%d}" == "2026-12-31"
    assert [seen.path.split("/")[-2] for seen in live.log] == ["2026", "2027"]


def test_a_key_of_the_bureau_is_sent_in_the_body(live: Loopback) -> None:
    """To the second version of its interface."""
    fetched(CASES[6], live, key=SecretStr("bls-key-1"))

    assert {seen.path for seen in live.log} == {"/publicAPI/v2/timeseries/data/"}
    assert all("bls-key-1" in seen.body and "bls-key-1" not in str(seen.query) for seen in live.log)


@pytest.mark.parametrize("case", ONE_A_HOST, ids=HOSTS)
@pytest.mark.parametrize(
    ("kind", "error", "attempts"),
    [
        ("429", RateLimited, 3),
        ("401", RefusedBySource, 1),
        ("500", RefusedBySource, 3),
        ("cut", Unreachable, 3),
        ("html", NotData, 1),
        ("truncated", NotData, 3),
        ("short", NotData, 3),
        ("nothing", NotData, 3),
        ("certificate", BadCertificate, 0),
        ("huge", TooLarge, 1),
        ("bomb", NotData, 1),
    ],
)
def test_whatever_goes_wrong_has_a_name(
    case: Case, kind: str, error: type[FetchError], attempts: int, live: Loopback
) -> None:
    """At every source; the error names source and series and says what to try. Nothing is silently empty."""
    live.fault(kind, host=case.host)
    with pytest.raises(error) as caught:
        fetched(case, live)

    assert len(live.log) == attempts
    assert (caught.value.source, caught.value.code) == (case.source, case.code)
    assert caught.value.hint


@pytest.mark.parametrize("case", ONE_A_HOST, ids=HOSTS)
def test_a_well_formed_answer_without_rows_is_an_error(case: Case, live: Loopback) -> None:
    """Never "no change": but FRED's graph names a series of which there is nothing since the day asked for."""
    live.fault("empty", host=case.host)
    if case.source == "fredcsv":
        assert fetched(case, live).empty
        return
    with pytest.raises(FetchError) as caught:
        fetched(case, live)
    assert caught.value.source == case.source


@pytest.mark.parametrize("case", ONE_A_HOST, ids=HOSTS)
def test_what_passes_is_not_seen(case: Case, live: Loopback) -> None:
    """A fault that comes once costs an attempt, no value."""
    before = fetched(case, live)
    for kind in ("500", "truncated"):
        live.fault(kind, host=case.host, times=1)
        pd.testing.assert_frame_equal(fetched(case, live), before)


@pytest.mark.parametrize("case", [case for case in ONE_A_HOST if case.source in {"french", "ecb"}], ids=str)
def test_an_archive_that_unpacks_to_too_much_is_refused(case: Case, live: Loopback) -> None:
    """A zip bomb, or what is no archive at all where a table is expected."""
    live.fault("zip", host=case.host, size=120)
    with pytest.raises((TooLarge, NotData)):
        fetched(case, live)


def test_a_silent_source_is_given_up(live: Loopback) -> None:
    """After the time a request may take, three times."""
    live.fault("hang", host="cdn.cboe.com", seconds=2)
    with pytest.raises(TimedOut):
        fetched(CASES[9], live, timeout=0.6)
    deadline = time.monotonic() + 10
    while len(live.log) < 3 and time.monotonic() < deadline:  # a busy machine writes them down later
        time.sleep(0.05)
    assert len(live.log) == 3


def test_drops_are_given_up_too(live: Loopback) -> None:
    """A byte every half second is an answer that never ends."""
    live.fault("drip", host="cdn.cboe.com")
    with pytest.raises(TimedOut):
        fetched(CASES[9], live, timeout=0.6)


@pytest.mark.parametrize(
    ("source", "code", "error"),
    [
        ("treasury", "11 Yr", UnknownCode),
        ("nyfed", "LIBOR", UnknownCode),
        ("ecb", "XAU", UnknownCode),
        ("bls", "NOTHING", UnknownCode),
        ("french", "vw_q7", UnknownCode),
        ("cboe", "VOX", RefusedBySource),
        ("fredcsv", "NOTHING", UnknownCode),
    ],
)
def test_a_series_nobody_knows_is_named(source: str, code: str, error: type[FetchError], live: Loopback) -> None:
    """UnknownCode; Cboe's store of files cannot tell it from a refusal."""
    with pytest.raises(error) as caught:
        fetched(Case(source=source, code=code, truth="", host=""), live)
    assert caught.value.code == code


def test_equal_rows_twice_are_one_and_different_ones_are_refused(live: Loopback) -> None:
    """Of two values for a day neither is believed."""
    before = fetched(CASES[9], live)
    live.fault("duplicate", host="cdn.cboe.com")
    pd.testing.assert_frame_equal(fetched(CASES[9], live), before)
    live.clear()
    live.fault("duplicate", host="cdn.cboe.com", size=1.1)
    with pytest.raises(NotData, match="two values of VIX"):
        fetched(CASES[9], live)


def test_cells_without_a_value_are_no_observations(live: Loopback) -> None:
    """Three null rows: three observations fewer, at every source."""
    for case in (CASES[0], CASES[2], CASES[4], CASES[9], CASES[10]):
        live.clear()
        before = len(fetched(case, live))
        live.fault("nulls", host=case.host)
        assert len(fetched(case, live)) == before - 3, case.source
