"""The fetch: first source, next source, each answer kept at once; and what a person is told at the end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from market.loopback import Loopback
from market.truth import market

from generator import fetching, opinions, scrapbook
from generator.config import FetchSettings, Keys, Settings, SourceSettings
from generator.errors import (
    BadSetting,
    EmptyAnswer,
    NotData,
    OutOfTime,
    TimedOut,
    UnknownName,
    Unreachable,
    Unreadable,
)
from generator.fetching import Scope
from generator.sources.catalogue import Followed, Offer, followed
from generator.sources.feeds import Batch, Wanted
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.errors import FetchError
    from generator.fetching import Report
    from generator.sources.http import Access

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # a Tuesday, 18:30 in New York
LATER = datetime(2100, 1, 1, tzinfo=UTC)
KEYLESS = ("treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo")


# --- sources of our own ------------------------------------------------------------------------------------------


@dataclass
class Shelf:
    """A source that has values by code and day on a shelf, and can be told to fail; one batch a `together` codes."""

    name: str
    values: Mapping[str, Mapping[str, float]]
    together: int = 1
    hosts: tuple[str, ...] = ()
    failing: dict[str, FetchError] = field(default_factory=dict)  # by code
    asked: list[Wanted] = field(default_factory=list)
    hold: threading.Event | None = None

    def batches(self, wanted: list[Wanted], *, today: date) -> list[Batch]:
        """So many codes together."""
        return [
            Batch(source=self.name, label=part[0].code, wanted=tuple(part), first=None, last=today)
            for at in range(0, len(wanted), self.together)
            for part in [wanted[at : at + self.together]]
        ]

    def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
        """What is on the shelf."""
        assert access.now.tzinfo is not None
        if self.hold:
            self.hold.wait(10)
        self.asked += batch.wanted
        for one in batch.wanted:
            if one.code in self.failing:
                raise self.failing[one.code]
        said = [
            (one.series_id, pd.Timestamp(day), value)
            for one in batch.wanted
            for day, value in self.values.get(one.code, {}).items()
            if one.since is None or date.fromisoformat(day) >= one.since
        ]
        return pd.DataFrame(
            {
                "series_id": pd.Series([row[0] for row in said], dtype="str"),
                "date": pd.DatetimeIndex([row[1] for row in said]).as_unit("us"),
                "value": pd.Series([row[2] for row in said], dtype="float64"),
                "known_at": pd.Series(pd.NaT, index=range(len(said)), dtype="datetime64[us, UTC]"),
            }
        )


class Listener:
    """Who is told how far a fetch is."""

    def __init__(self) -> None:
        self.asked, self.done, self.problems = Counter[str](), Counter[str](), []  # type: ignore[var-annotated]

    def asking(self, source: str, count: int) -> None:
        """Count."""
        self.asked[source] += count

    def answered(self, source: str, label: str, problem: str) -> None:
        """Count."""
        self.done[source] += 1
        self.problems += [(label, problem)] if problem else []


TEN, TWO = followed()["rates.DGS10"], followed()["rates.DGS2"]
DAYS = {"2026-11-20": 4.25, "2026-11-23": 4.5}
MORE = {**DAYS, "2026-11-24": 4.375}


def of(one: Followed, *sources: str) -> Followed:
    """A series that these sources offer, without a base."""
    return replace(one, offers=tuple(Offer(source=name, code=one.spec.id) for name in sources), base="")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.create(tmp_path / "live.duckdb") as made:
        yield made


def settings_of(**changed: object) -> Settings:
    """Settings for a fetch in a test."""
    sources = SourceSettings(order=(*KEYLESS, "fredcsv"), sample=False)
    return Settings(fetch=FetchSettings(parallel=4), sources=sources.model_copy(update=changed))


def fetched(  # noqa: PLR0913 -- a fetch has that many parts
    store: Store,
    follow: list[Followed],
    shelves: list[Shelf],
    *,
    now: datetime = NOW,
    scope: Scope | None = None,
    listener: Listener | None = None,
    settings: Settings | None = None,
) -> Report:
    """Fetch from shelves."""
    by_name = {one.name: one for one in shelves}
    order = (*KEYLESS, "fredcsv") if "fredcsv" in by_name else KEYLESS  # nobody asks a shelf that is not there
    chosen = settings or settings_of(order=order)
    with fetching.opened(chosen, Keys(fred=None, bls=None), now=now) as access:
        return fetching.fetch(
            store,
            {one.spec.id: one for one in follow},
            access,
            chosen,
            keys=(),
            tell=listener or Listener(),
            scope=scope,
            edges=by_name.__getitem__,
        )


def values(store: Store, series_id: str = "rates.DGS10") -> dict[str, float]:
    """What the store holds of a series."""
    return {f"{day:%Y-%m-%d}": value for day, value in store.view(LATER).history(series_id).items()}


# --- what is asked, and kept --------------------------------------------------------------------------------------


def test_a_first_fetch_takes_all_and_says_so(store: Store) -> None:
    """Every value new, with the source's name; the state of the series is written down."""
    report = fetched(store, [of(TEN, "treasury")], [Shelf("treasury", {"rates.DGS10": DAYS})])

    (outcome,) = report.outcomes
    assert (outcome.source, outcome.new, outcome.revised, outcome.unchanged) == ("treasury", 2, 0, 0)
    assert values(store) == DAYS
    (state,) = store.fetches().values()
    assert (state.source, state.at, state.whole, state.instead_of) == ("treasury", NOW, True, "")


def test_a_later_fetch_asks_for_a_window_and_finds_what_is_new_and_what_changed(store: Store) -> None:
    """Ten days before the newest value; a revision is a new row, known when it was found."""
    shelf = Shelf("treasury", {"rates.DGS10": DAYS})
    fetched(store, [of(TEN, "treasury")], [shelf])
    shelf.values = {"rates.DGS10": {**MORE, "2026-11-20": 4.3125}}
    tomorrow = NOW + timedelta(days=1)
    report = fetched(store, [of(TEN, "treasury")], [shelf], now=tomorrow)

    (outcome,) = report.outcomes
    assert shelf.asked[-1].since == date(2026, 11, 13)
    assert (outcome.new, outcome.revised, outcome.unchanged) == (1, 1, 1)
    assert values(store) == {**MORE, "2026-11-20": 4.3125}
    assert store.view(NOW - timedelta(minutes=1)).history("rates.DGS10").tolist() == [4.25, 4.5]
    assert store.view(tomorrow).known_at("rates.DGS10", date(2026, 11, 20)) == tomorrow


def test_what_was_read_today_and_has_nothing_due_is_not_asked_again(store: Store) -> None:
    """Unless a person names it."""
    shelf = Shelf("treasury", {"rates.DGS10": MORE})
    fetched(store, [of(TEN, "treasury")], [shelf])
    report = fetched(store, [of(TEN, "treasury")], [shelf], now=NOW + timedelta(hours=1))

    assert report.not_due == ("rates.DGS10",)
    assert len(shelf.asked) == 1
    for scope in (Scope(series=("rates.DGS10",)), Scope(sources=("treasury",)), Scope(since=date(2026, 11, 23))):
        again = fetched(store, [of(TEN, "treasury")], [shelf], scope=scope)
        assert again.outcomes[0].unchanged > 0
    assert shelf.asked[-1].since == date(2026, 11, 23)
    fetched(store, [of(TEN, "treasury")], [shelf], scope=Scope(full=True))
    assert shelf.asked[-1].since is None


def test_the_dividends_of_a_fund_are_read_whenever_its_closes_are(store: Store) -> None:
    """After a look at noon the close is due in the evening; a dividend of that day must not be missed."""
    closes, paid = of(followed()["price.IWM"], "yahoo"), of(followed()["dividend.IWM"], "yahoo")
    shelf = Shelf("yahoo", {"price.IWM": {"2026-11-23": 240.0}, "dividend.IWM": {"2026-09-15": 0.5}})
    noon = datetime(2026, 11, 24, 17, tzinfo=UTC)
    fetched(store, [closes, paid], [shelf], now=noon)
    report = fetched(store, [closes, paid], [shelf])

    assert {one.series_id for one in report.outcomes} == {"price.IWM", "dividend.IWM"}


def test_a_series_starts_from_the_sample_where_the_settings_say_so(store: Store) -> None:
    """The yields since 1962 lie under it, and the decisions always; the source adds what is newer."""
    shelves = [Shelf("treasury", {"rates.DGS10": DAYS}), Shelf("nyfed", {"policy.target_upper": {"2026-09-17": 4.0}})]
    target = replace(of(followed()["policy.target_upper"], "nyfed"), base="always")
    settings = settings_of(sample=True, order=KEYLESS)
    fetched(store, [replace(of(TEN, "treasury"), base="sample"), target], shelves, settings=settings)

    held = values(store)
    assert (len(held), held["1962-01-02"], held["2026-11-23"]) == (16_090, 4.06, 4.5)
    decided = values(store, "policy.target_upper")
    assert (decided["2025-12-10"], decided["2026-09-16"], len(decided)) == (3.75, 4.0, 110)
    assert shelves[1].asked[0].since == date(2025, 12, 10)


# --- when a source fails ------------------------------------------------------------------------------------------


def test_the_next_source_is_asked_when_the_first_fails(store: Store) -> None:
    """The report says which failed and why, the store from whom it came instead of whom."""
    broken = Shelf("treasury", {}, failing={"rates.DGS10": Unreachable("treasury", "10 Yr", "no route")})
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], [broken, Shelf("fredcsv", {"rates.DGS10": DAYS})])

    (outcome,) = report.outcomes
    assert (outcome.source, outcome.new) == ("fredcsv", 2)
    assert [str(one) for one in outcome.failures] == ["treasury, 10 Yr: cannot be reached: no route"]
    assert report.failed == ()
    assert store.fetches()["rates.DGS10"].instead_of == "treasury"


def test_a_series_without_any_source_left_is_a_failure(store: Store) -> None:
    """It is named with every error on the way; nothing stands in for it."""
    errors = {name: TimedOut(name, "rates.DGS10", seconds=20) for name in ("treasury", "fredcsv")}
    shelves = [Shelf(name, {}, failing={"rates.DGS10": error}) for name, error in errors.items()]
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], shelves)

    assert [one.series_id for one in report.failed] == ["rates.DGS10"]
    assert report.failed[0].failures == tuple(errors.values())
    assert store.fetches() == {}
    assert store.reach() == {}


def test_one_series_that_fails_never_costs_the_others_of_its_batch(store: Store) -> None:
    """They are asked again without it, and it alone goes to the next source."""
    shelf = Shelf("treasury", {"rates.DGS2": DAYS}, together=2)
    shelf.failing["rates.DGS10"] = EmptyAnswer("treasury", "rates.DGS10")
    other = Shelf("fredcsv", {"rates.DGS10": DAYS, "rates.DGS2": DAYS})
    report = fetched(store, [of(TEN, "treasury", "fredcsv"), of(TWO, "treasury", "fredcsv")], [shelf, other])

    assert {one.series_id: one.source for one in report.outcomes} == {
        "rates.DGS10": "fredcsv",
        "rates.DGS2": "treasury",
    }
    assert [one.series_id for one in other.asked if one.since is None] == ["rates.DGS10"]


def test_an_error_of_a_whole_batch_sends_all_of_it_elsewhere(store: Store) -> None:
    """No series is lost with it."""
    shelf = Shelf("treasury", {}, together=2)
    shelf.failing["rates.DGS2"] = NotData("treasury", "yield curve 2026", "a page of HTML")
    other = Shelf("fredcsv", {"rates.DGS10": DAYS, "rates.DGS2": DAYS})
    report = fetched(store, [of(TEN, "treasury", "fredcsv"), of(TWO, "treasury", "fredcsv")], [shelf, other])

    assert {one.source for one in report.outcomes} == {"fredcsv"}


def test_when_the_time_is_up_nobody_else_is_asked(store: Store) -> None:
    """The next fetch goes on from there."""
    late = Shelf("treasury", {}, failing={"rates.DGS10": OutOfTime("treasury", "10 Yr")})
    other = Shelf("fredcsv", {"rates.DGS10": DAYS})
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], [late, other])

    assert len(report.failed) == 1
    assert all(one.code == "DGS10" for one in other.asked)  # for a second opinion, not for the history


def test_two_values_for_one_day_are_refused_whole(store: Store) -> None:
    """An edge that lets them through is a source that failed: the next one is asked."""

    @dataclass
    class Twice(Shelf):
        def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
            found = super().fetch(batch, access)
            return pd.concat([found, found.assign(value=found["value"] + 1)], ignore_index=True)

    shelves = [Twice("treasury", {"rates.DGS10": DAYS}), Shelf("fredcsv", {"rates.DGS10": DAYS})]
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], shelves)

    assert report.outcomes[0].source == "fredcsv"
    assert values(store) == DAYS


def test_a_fault_of_ours_is_not_taken_for_one_of_the_source(store: Store) -> None:
    """It rises, and what had come by then is kept."""

    @dataclass
    class Broken(Shelf):
        def fetch(self, batch: Batch, access: Access) -> pd.DataFrame:
            raise ZeroDivisionError(batch.label, access.timeout)

    with pytest.raises(ZeroDivisionError):
        fetched(store, [of(TEN, "treasury")], [Broken("treasury", {})])


# --- what may be asked for ----------------------------------------------------------------------------------------


def test_what_cannot_be_asked_for_is_named(store: Store) -> None:
    """A series or source that there is not, and one that is fetched from nowhere."""
    follow = [of(TEN, "treasury"), followed()["calendar.fomc"]]
    for scope in (Scope(series=("rates.DGS11",)), Scope(sources=("treasure",))):
        with pytest.raises(UnknownName):
            fetched(store, follow, [], scope=scope)
    with pytest.raises(BadSetting, match="comes with Capline"):
        fetched(store, follow, [], scope=Scope(series=("calendar.fomc",)))
    with pytest.raises(UnknownName):
        fetched(store, follow, [], settings=settings_of(order=("treasury", "bloomberg")))


def test_a_series_that_only_fred_has_is_left_out_without_a_key(store: Store) -> None:
    """It is told, and no failure."""
    report = fetched(store, [followed()["prices.PCEPILFE"]], [], settings=settings_of(order=(*KEYLESS, "fred")))

    assert report.left_out == ("prices.PCEPILFE",)
    assert report.failed == ()


def test_a_source_named_is_the_only_one_asked(store: Store) -> None:
    """Others are not even a fall-back; series that it has not are not touched."""
    shelf = Shelf("fredcsv", {"rates.DGS10": DAYS})
    follow = [of(TEN, "treasury", "fredcsv"), of(followed()["price.RUT"], "yahoo")]
    report = fetched(store, follow, [shelf], scope=Scope(sources=("fredcsv",)))

    assert [(one.series_id, one.source) for one in report.outcomes] == [("rates.DGS10", "fredcsv")]


def test_requests_run_beside_each_other(store: Store) -> None:
    """Four that wait for a signal are all on their way before the first has an answer."""
    gate = threading.Event()
    listener = Listener()
    follow = [of(followed()[f"rates.DGS{years}"], "treasury") for years in (2, 3, 5, 10)]
    shelf = Shelf("treasury", {one.spec.id: DAYS for one in follow}, hold=gate)
    threading.Timer(0.2, gate.set).start()
    started = time.monotonic()
    report = fetched(store, follow, [shelf], listener=listener)

    assert time.monotonic() - started < 5
    assert len(report.outcomes) == 4
    assert listener.asked == listener.done == Counter(treasury=4)


# --- end to end, with the loopback market -------------------------------------------------------------------------


SETTINGS = """
[build]
source = "live"
[sources]
order = ["treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo", "fred", "fredcsv"]
sample = false
"""


CLOCK = """
import sys
from datetime import date, datetime
from generator import cli
from generator.cli import commands
now = datetime.fromisoformat(sys.argv[1])
commands._now, commands._today = lambda: now, lambda: date(2026, 11, 24)
sys.exit(cli.run(sys.argv[2:]))
"""


@contextmanager
def capline(loopback: Loopback, folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command in a folder where it sees only the market, on a clock that stands where the market's does."""
    (folder / "newsletter.toml").write_text(SETTINGS, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", CLOCK, NOW.isoformat(), *arguments],
        cwd=folder,
        env=loopback.environment(PYTHONPATH=str(ROOT), **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


SOME = (
    "rates.DGS2",
    "rates.DGS10",
    "rates.EFFR",
    "fx.usd_per_eur",
    "vix.cboe",
    "price.IWM",
    "dividend.IWM",
    "split.IWM",
)


def run(loopback: Loopback, folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command to its end."""
    with capline(loopback, folder, *arguments, **environment) as child:
        out, err = child.communicate(timeout=120)
        return child.returncode, out, err


def rows(folder: Path) -> pd.DataFrame:
    """Every row of the store that was fetched."""
    with Store.open(folder / "output" / "live.duckdb") as store:
        found = store._connection.execute(  # noqa: SLF001 -- rows as they lie
            "SELECT series_id, date, value FROM observations WHERE source <> 'sample'"
        )
        return found.df()


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    """A market for this module, on the evening of NOW."""
    with Loopback(now=NOW) as running:
        yield running


@pytest.fixture(scope="module")
def whole(loopback: Loopback, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after an undisturbed fetch of some series."""
    folder = tmp_path_factory.mktemp("whole")
    code, out, err = run(loopback, folder, "fetch", "--series", *SOME)
    assert code == 0, out + err
    return folder


def test_what_is_stored_is_the_truth(whole: Path) -> None:
    """Of each series every value the market has published, and no other."""
    found = rows(whole)
    truth = market().series
    for series_id, code in {"rates.DGS10": "DGS10", "rates.EFFR": "EFFR", "vix.cboe": "VIX"}.items():
        own = found[found["series_id"] == series_id].set_index("date")["value"].sort_index()
        expected = truth[code].dropna().loc[own.index[0] : own.index[-1]]
        assert own.tolist() == pytest.approx(expected.tolist())
        assert own.index[-1] >= pd.Timestamp("2026-11-23")


def test_a_second_fetch_finds_nothing_new(whole: Path, loopback: Loopback) -> None:
    """No row is doubled, though the windows are read again."""
    before = rows(whole)
    code, out, _ = run(loopback, whole, "fetch", "--series", *SOME, "--since", "2026-01-01")

    assert code == 0
    assert len(rows(whole)) == len(before)
    assert [line.split()[2] for line in out.splitlines()[1:6]] == ["0"] * 5


@pytest.mark.parametrize("answers", [1, 4, 9])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(
    loopback: Loopback, whole: Path, tmp_path: Path, answers: int
) -> None:
    """SIGKILL after some answers: what was stored is whole, and run again the store is as if nothing had happened."""
    loopback.clear_log()
    loopback.delay = 0.1
    try:
        with capline(loopback, tmp_path, "fetch", "--series", *SOME) as child:
            deadline = time.monotonic() + 60
            while len(loopback.log) < answers and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            child.send_signal(signal.SIGKILL)
            child.wait()
    finally:
        loopback.delay = 0.0
    code, out, err = run(loopback, tmp_path, "fetch", "--series", *SOME)

    assert code == 0, out + err
    pd.testing.assert_frame_equal(sorted_rows(tmp_path), sorted_rows(whole))


def test_a_store_that_is_lost_is_made_again_from_its_sources(whole: Path, loopback: Loopback, tmp_path: Path) -> None:
    """Evidence that editions printed has the same digests in the new one, where nothing was revised meanwhile."""

    def evidence(folder: Path) -> dict[str, str]:
        with Store.open(folder / "output" / "live.duckdb") as store:
            view = store.view(LATER)
            return {name: view.evidence(name, date(2000, 1, 3), view.newest(name)).digest for name in SOME}

    printed = evidence(whole)
    code, out, err = run(loopback, tmp_path, "fetch", "--full", "--series", *SOME)

    assert code == 0, out + err
    assert evidence(tmp_path) == printed


def sorted_rows(folder: Path) -> pd.DataFrame:
    """Rows in an order of their own."""
    return rows(folder).sort_values(["series_id", "date"], ignore_index=True)


def test_a_source_that_is_down_is_replaced_and_told(loopback: Loopback, tmp_path: Path) -> None:
    """The Treasury answers with 500: FRED's file gives the yields, and the table says why; the exit code is 0."""
    loopback.fault("500", host="home.treasury.gov")
    try:
        code, out, _ = run(loopback, tmp_path, "fetch", "--series", "rates.DGS10", "--since", "2026-11-02")
    finally:
        loopback.clear()

    assert code == 0
    assert "rates.DGS10: read from fredcsv instead; treasury" in out
    assert "500" in out


def test_a_series_that_nobody_gives_is_exit_code_3(loopback: Loopback, tmp_path: Path) -> None:
    """The others are read, it is named with a hint; the store can be asked where it stands."""
    loopback.fault("500", host="cdn.cboe.com")
    loopback.fault("500", host="fred.stlouisfed.org")
    try:
        code, out, _ = run(loopback, tmp_path, "fetch", "--series", "vix.cboe", "rates.EFFR")
    finally:
        loopback.clear()
    told, listed, _ = run(loopback, tmp_path, "sources")

    assert code == 3
    assert "vix.cboe: not read; cboe" in out
    assert "hint:" in out
    assert told == 0
    lines = {line.split()[0]: line.split() for line in listed.splitlines() if line.startswith("  ") and line.strip()}
    assert lines["vix.cboe"][1] == "cboe"
    assert "nothing" in lines["vix.cboe"]
    assert lines["rates.EFFR"][1] == "nyfed"


def test_a_key_brings_the_true_vintages(loopback: Loopback, tmp_path: Path) -> None:
    """Without one a month of payrolls seems to have been known as it stands today; the key itself is left nowhere."""
    key = "0123456789abcdef0123456789abcdef"
    month, evening = date(2026, 8, 1), datetime(2026, 9, 14, 22, tzinfo=UTC)
    said = run(loopback, tmp_path, "fetch", "--series", "labour.PAYEMS")
    with Store.open(tmp_path / "output" / "live.duckdb") as store:
        today = store.view(LATER).history("labour.PAYEMS")[f"{month}"]
        assert store.view(evening).history("labour.PAYEMS")[f"{month}"] == today
    said += run(loopback, tmp_path, "fetch", "--series", "labour.PAYEMS", FRED_API_KEY=key)
    with Store.open(tmp_path / "output" / "live.duckdb") as store:
        assert store.view(LATER).history("labour.PAYEMS")[f"{month}"] == today
        first = store.view(evening)
        assert first.history("labour.PAYEMS")[f"{month}"] != today
        assert first.known_at("labour.PAYEMS", month) == datetime(2026, 9, 4, 12, 30, tzinfo=UTC)  # the first Friday
        assert first.observed("labour.PAYEMS", month, month)
        assert store.fetches()["labour.PAYEMS"].source == "fred"

    assert "fred" in said[4]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]
    assert key not in "".join(map(str, said))


# --- the letter on live data --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def letter(loopback: Loopback, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder after `capline build` on live data, with what it printed."""
    folder = tmp_path_factory.mktemp("letter")
    code, out, err = run(loopback, folder, "build", "--format", "text", "json", "web")
    assert code == 0, out + err
    return folder, out, err


def test_a_build_on_live_data_fetches_first(letter: tuple[Path, str, str]) -> None:
    """The letter is about the newest session and the Russell indices by name, and says where each number came from."""
    folder, out, err = letter
    text = " ".join((folder / "output/editions/2026-11-24-daily/letter.txt").read_text(encoding="utf-8").split())

    assert out.startswith("2026-11-24-daily: ")
    assert "requests answered" in err
    assert "Small caps here are the Russell 2000 and large caps the Russell 1000" in text
    assert "FTSE Russell, through Yahoo Finance" in text
    assert (
        "Federal Open Market Committee; newest read from the New York Fed, earlier from the data that come with" in text
    )
    assert "Price returns" in text
    assert "Total returns" not in text
    assert "Known by 24 November 2026, 23:30 UTC; source live" in text


def test_a_letter_on_live_data_can_be_verified(letter: tuple[Path, str, str], loopback: Loopback) -> None:
    """Every fact again from the store, as it was known at the letter's own moment."""
    page = letter[0] / "output/editions/2026-11-24-daily/index.html"
    code, out, err = run(loopback, letter[0], "verify", str(page))

    assert code == 0, out + err


def test_the_returns_are_those_of_the_indices(letter: tuple[Path, str, str], loopback: Loopback) -> None:
    """The one-day return of small caps is that of the market's Russell 2000, from its last two closes."""
    closes = market().series["^RUT"].dropna().loc[:"2026-11-24"]
    expected = 100 * (closes.iloc[-1] / closes.iloc[-2] - 1)
    _, out, _ = run(loopback, letter[0], "explain", "size.return.small.1s")

    assert float(out.split("(")[1].split()[0]) == pytest.approx(expected, abs=1e-4)
    assert "price.RUT  2026-11-23  2026-11-24  2 " in out


def test_offline_the_store_is_taken_as_it_is(letter: tuple[Path, str, str], loopback: Loopback) -> None:
    """Nobody is asked, and an older day reads as it would have read then."""
    loopback.clear_log()
    code, out, err = run(loopback, letter[0], "build", "--offline", "--as-of", "2026-11-20", "--format", "text")

    assert code == 0, out + err
    assert out.startswith("2026-11-20-daily: ")
    assert loopback.log == []


# --- a second opinion, and the news -------------------------------------------------------------------------------


FRED_SAYS = {"2026-11-20": 4.25, "2026-11-23": 4.75}
FRED_NAMES = {"rates.DGS10": FRED_SAYS, "DGS10": FRED_SAYS}  # of the shelf, as a source of its own and as FRED's


def test_fred_is_asked_beside_who_publishes_and_not_stored(store: Store) -> None:
    """Where its public CSV is named; what it says comes back with the report, the store holds the Treasury's."""
    shelves = [Shelf("treasury", {"rates.DGS10": DAYS}), Shelf("fredcsv", FRED_NAMES)]
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], shelves)

    assert report.second.said["value"].tolist() == [4.25, 4.75]
    assert store.newest(["rates.DGS10"])["value"].tolist() == [4.25, 4.5]
    assert store.view(LATER).origins() == {"rates.DGS10": ("treasury",)}


def test_without_fred_in_the_order_nobody_is_asked_twice(store: Store) -> None:
    """Its terms are the user's choice."""
    shelves = [Shelf("treasury", {"rates.DGS10": DAYS}), Shelf("fredcsv", FRED_NAMES)]
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], shelves, settings=settings_of(order=KEYLESS))

    assert shelves[1].asked == []
    assert report.second.said.empty


def test_a_second_opinion_that_is_not_had_costs_nothing(store: Store) -> None:
    """It is told."""
    failing = Shelf("fredcsv", {}, failing={"DGS10": TimedOut("fredcsv", "DGS10", seconds=1)})
    report = fetched(store, [of(TEN, "treasury", "fredcsv")], [Shelf("treasury", {"rates.DGS10": DAYS}), failing])

    assert report.failed == ()
    assert [one.code for one in report.second.failures] == ["DGS10"]


def test_only_days_that_differ_are_kept_until_both_say_the_same(tmp_path: Path) -> None:
    """By how much; asked again and mended, the day is gone, while those of another series stay."""
    path = tmp_path / "live.duckdb"

    def frame(series_id: str, values: Mapping[str, float]) -> pd.DataFrame:
        days = pd.DatetimeIndex(list(values)).as_unit("us")
        return pd.DataFrame({"series_id": series_id, "date": days, "value": list(values.values())})

    opinions.keep(path, frame("rates.DGS2", {"2026-11-23": 4.0}), frame("rates.DGS2", {"2026-11-23": 4.5}), now=NOW)
    opinions.keep(path, frame("rates.DGS10", FRED_SAYS), frame("rates.DGS10", DAYS), now=NOW)
    kept = opinions.opened(path)
    assert [(one.series_id, one.day, one.held, one.by) for one in kept] == [
        ("rates.DGS10", date(2026, 11, 23), 4.5, 0.25),
        ("rates.DGS2", date(2026, 11, 23), 4.5, -0.5),
    ]
    assert opinions.second(kept)["rates.DGS10"].to_dict() == {pd.Timestamp(2026, 11, 23): 4.75}

    opinions.keep(path, frame("rates.DGS10", DAYS), frame("rates.DGS10", DAYS), now=NOW)
    assert [one.series_id for one in opinions.opened(path)] == ["rates.DGS2"]
    opinions.place(path).write_text("{}", encoding="utf-8")
    with pytest.raises(Unreadable, match="holds no days"):
        opinions.opened(path)


def test_a_yield_on_which_fred_disagrees_is_doubted(loopback: Loopback, tmp_path: Path) -> None:
    """The fetch says so, FRED's rows are nowhere, and a later fetch that finds them agree takes it back."""
    (tmp_path / "output").mkdir()
    loopback.fault("disagree", host="fred.stlouisfed.org", code="DGS10", days=3)
    try:
        _, out, err = run(loopback, tmp_path, "fetch", "--series", "rates.DGS10", "--since", "2026-11-02")
    finally:
        loopback.clear()

    assert "doubted: rates.DGS10 (disagreement)" in out, out + err
    assert set(rows(tmp_path)["value"]) <= set(market().series["DGS10"])
    _, out, _ = run(loopback, tmp_path, "fetch", "--series", "rates.DGS10", "--since", "2026-11-02")
    assert "disagreement" not in out


def test_a_fetch_reads_the_news_beside_the_numbers(loopback: Loopback, tmp_path: Path) -> None:
    """A feed that fails is told and costs nothing; a fetch of some series reads none."""
    (tmp_path / "own.toml").write_text('[sources]\norder = ["cboe"]\nsample = false\n', encoding="utf-8")
    loopback.fault("html", host="www.coindesk.com")
    try:
        code, out, err = run(loopback, tmp_path, "fetch", "--config", "own.toml")
    finally:
        loopback.clear()
    book = scrapbook.opened(tmp_path / "output" / "live.duckdb")

    assert code == 0, out + err
    assert "headlines: a feed was not read; news, CoinDesk: " in out
    assert f"headlines: {len(book.headlines)} kept" in out
    assert len(book.headlines) > 10
    assert book.unread == ("CoinDesk",)
    _, out, _ = run(loopback, tmp_path, "fetch", "--config", "own.toml", "--series", "vix.cboe")
    assert "headlines" not in out
