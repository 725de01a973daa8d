"""The store: append-only and bitemporal; what was known at a moment, and nothing that can be lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

from generator.errors import (
    BadDate,
    BadObservation,
    Busy,
    CaplineError,
    ConflictingObservation,
    StoreError,
    UnknownSeries,
)
from generator.model import Observation, SeriesSpec
from generator.sources.sample import Sample
from generator.store import Appended, Coverage, Fetch, Store
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
NOON = datetime(2024, 9, 18, 12, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
YIELD = SeriesSpec(
    id="rates.DGS10",
    label="10-year Treasury yield",
    unit=Unit.YIELD,
    frequency="business day",
    publisher="H.15",
    release="h15",
    terms="public domain",
)
PRICES = SeriesSpec(
    id="prices.CPIAUCSL",
    label="Consumer prices",
    unit=Unit.INDEX,
    frequency="month",
    publisher="BLS",
    release="cpi",
    terms="public domain",
)
CHILD = """
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from generator.errors import CaplineError
from generator.model import Observation
from generator.store import Store

def day(number):
    on = date(2000, 1, 1) + timedelta(days=number)
    known_at = datetime(on.year, on.month, on.day, 22, tzinfo=UTC)
    return [
        Observation(series_id=f"size.part{part}", date=on, known_at=known_at, value=number + part / 64, source="test")
        for part in range(40)
    ]

path = Path(sys.argv[1])
"""


def seen(value: float, *, day: int = 17, known_at: datetime = NOON, series_id: str = "rates.DGS10") -> Observation:
    """An observation of September 2024."""
    return Observation(series_id=series_id, date=date(2024, 9, day), known_at=known_at, value=value, source="test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of a test lies, in a folder that does not exist yet."""
    return tmp_path / "held" / "store.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty store that knows two series."""
    with Store.create(path) as made:
        made.register([YIELD, PRICES])
        yield made


@pytest.fixture
def loaded(store_file: Path, tmp_path: Path) -> Path:
    """A copy of the store with the whole sample, which no other test holds open."""
    return shutil.copy(store_file, tmp_path / "loaded.duckdb")


def child(code: str, path: Path) -> subprocess.Popen[str]:
    """Run code on a store in another process."""
    command = [sys.executable, "-c", CHILD + code, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def parts(path: Path) -> Store:
    """A store for the forty series that `child` writes."""
    store = Store.create(path)
    store.register(
        SeriesSpec(
            id=f"size.part{part}",
            label="part",
            unit=Unit.PERCENT,
            frequency="session",
            publisher="test",
            release="equity-close",
            terms="none",
        )
        for part in range(40)
    )
    return store


def whole_days(path: Path) -> int:
    """How many days the store holds from the first on, each of them whole and right; fails if one is not."""
    with Store.open(path) as store:
        coverage = store.view(LATER).coverage()
        if not coverage:
            return 0
        days = {(each.first, each.last, each.count) for each in coverage}
        assert len(coverage) == 40
        ((first, last, count),) = days
        assert (first, (last - first).days + 1) == (date(2000, 1, 1), count)
        assert store.view(LATER).history("size.part1").tolist() == [number + 1 / 64 for number in range(count)]
        return count


# --- what was known when ---------------------------------------------------------------------------------------


def test_a_view_shows_what_was_known_by_its_moment(store: Store) -> None:
    """A value appears at the microsecond it became known, not before."""
    store.append([seen(3.65, day=16), seen(3.70, known_at=NOON + timedelta(microseconds=1))])

    before, after = store.view(NOON), store.view(NOON + timedelta(microseconds=1))

    assert before.history("rates.DGS10").to_dict() == {pd.Timestamp("2024-09-16"): 3.65}
    assert before.newest("rates.DGS10") == date(2024, 9, 16)
    assert after.history("rates.DGS10").tolist() == [3.65, 3.70]
    assert after.newest("rates.DGS10") == date(2024, 9, 17)


def test_a_revision_is_a_new_row_and_the_past_keeps_its_own(store: Store) -> None:
    """Whoever asks for the earlier moment gets the earlier value; the later one gives way to it from its own on."""
    revised_at = NOON + timedelta(days=30)
    store.append([seen(3.65, day=16), seen(3.70)])

    assert store.append([seen(3.71, known_at=revised_at)]) == Appended(new=0, revised=1, unchanged=0)
    assert store.view(revised_at - timedelta(microseconds=1)).history("rates.DGS10").tolist() == [3.65, 3.70]
    assert store.view(revised_at).history("rates.DGS10").tolist() == [3.65, 3.71]


def test_appending_twice_changes_nothing(store: Store) -> None:
    """The same observations again, alone or twice in one append, leave the same content."""
    rows = [seen(3.65, day=16), seen(3.70), seen(3.71, known_at=NOON + timedelta(days=1))]
    assert store.append(rows) == Appended(new=2, revised=1, unchanged=0)
    content = store.fingerprint()

    assert store.append([*rows, *rows]) == Appended(new=0, revised=0, unchanged=6)
    assert store.append([]) == Appended(new=0, revised=0, unchanged=0)
    assert store.fingerprint() == content


def test_a_value_said_again_later_is_no_revision(store: Store) -> None:
    """A source asked again tomorrow says the same: no row. Back to the first value after another: a row."""
    day = timedelta(days=1)
    store.append([seen(3.70)])

    assert store.append([seen(3.70, known_at=NOON + day)]) == Appended(new=0, revised=0, unchanged=1)
    back = [
        seen(3.71, known_at=NOON + 2 * day),
        seen(3.71, known_at=NOON + 3 * day),
        seen(3.7, known_at=NOON + 4 * day),
    ]
    assert store.append(back) == Appended(new=0, revised=2, unchanged=1)
    assert store.view(NOON + 4 * day).history("rates.DGS10").tolist() == [3.70]


def test_a_frame_and_values_say_the_same(store: Store, tmp_path: Path) -> None:
    """A frame with text columns, another time zone and a negative zero is read like a list of observations."""
    frame = pd.DataFrame(
        {
            "source": ["test", "test"],
            "value": [-0.0, 3.70],
            "known_at": pd.DatetimeIndex(["2024-09-18 08:00", "2024-09-18 08:00"], tz="America/New_York"),
            "date": [date(2024, 9, 16), date(2024, 9, 17)],
            "series_id": ["rates.DGS10", "rates.DGS10"],
        },
        index=[7, 7],
    )
    store.append(frame)

    with Store.create(tmp_path / "other.duckdb") as other:
        other.register([YIELD])
        other.append([seen(0.0, day=16), seen(3.70)])
        assert other.fingerprint() == store.fingerprint()
    assert repr(store.view(NOON).history("rates.DGS10").iloc[0]) == repr(
        store.view(NOON).history("rates.DGS10").abs().iloc[0]
    )


def test_histories_are_float64_by_day_and_cannot_be_changed(store: Store) -> None:
    """Ascending days without a zone, and a view that stays what it was."""
    store.append([seen(3.70), seen(3.65, day=16), seen(313.5, series_id="prices.CPIAUCSL")])
    found = store.view(NOON).histories(["rates.DGS10", "prices.CPIAUCSL", "rates.DGS10"])

    assert list(found) == ["rates.DGS10", "prices.CPIAUCSL"]
    history = found["rates.DGS10"]
    assert (history.dtype, history.index.dtype, history.index.name) == ("float64", "datetime64[us]", "date")
    assert history.index.is_monotonic_increasing
    with pytest.raises(ValueError, match="read-only"):
        history.iloc[0] = 0.0


def test_what_is_not_known_is_said(store: Store) -> None:
    """A series without an observation by the moment, or never heard of, is unknown and never empty."""
    store.append([seen(3.70)])

    for series_id, moment in [("rates.DGS10", NOON - timedelta(hours=1)), ("prices.CPIAUCSL", NOON), ("none", NOON)]:
        with pytest.raises(UnknownSeries) as caught:
            store.view(moment).histories([series_id])
        assert caught.value.series_id == series_id
    with pytest.raises(BadDate, match="no time zone"):
        store.view(datetime(2024, 9, 18, 12))  # noqa: DTZ001 - the fault under test


def test_coverage_counts_what_the_view_can_see(store: Store) -> None:
    """First and last date, dates counted once however often revised, and the newest moment."""
    newest = NOON + timedelta(days=1)
    store.append([seen(3.65, day=16), seen(3.70), seen(3.71, known_at=newest)])

    assert store.view(NOON - timedelta(days=1)).coverage() == ()
    assert store.view(LATER).coverage() == (
        Coverage(spec=YIELD, first=date(2024, 9, 16), last=date(2024, 9, 17), known_at=newest, count=2),
    )


# --- digests ---------------------------------------------------------------------------------------------------


def test_evidence_can_be_digested_by_hand(store: Store) -> None:
    """The digest is what sha256sum gives for the two lines 2024-09-17,0.5 and 2024-09-18,-0.25."""
    store.append([seen(0.1, day=16), seen(0.5, day=17), seen(-0.25, day=18), seen(9.5, day=18, known_at=LATER)])
    view = store.view(NOON)

    found = view.evidence("rates.DGS10", date(2024, 9, 17), date(2024, 12, 31))

    assert (found.count, found.known_by, found.last) == (2, NOON, date(2024, 12, 31))
    assert found.digest == "72c997764ff6b85b6e69d9157b0644674029ce9c3c163a01c124d5148c156d4a"
    assert view.evidence("rates.DGS10", date(2024, 9, 17), date(2024, 12, 31)) == found
    nothing = view.evidence("rates.DGS10", date(2024, 9, 19), date(2024, 9, 1))
    assert (nothing.count, nothing.digest) == (0, hashlib.sha256(b"").hexdigest())


def test_evidence_of_the_sample_agrees_with_a_second_way(loaded: Path) -> None:
    """Lines written from an SQL query of the file give the digest of a long slice."""
    with Store.open(loaded) as store:
        found = store.view(LATER).evidence("size.vw_q2", date(1990, 1, 2), date(2024, 9, 18))
    query = "SELECT date, value FROM observations WHERE series_id = 'size.vw_q2' AND date BETWEEN ? AND ? ORDER BY date"
    with duckdb.connect(str(loaded), read_only=True) as connection:
        rows = connection.execute(query, [date(1990, 1, 2), date(2024, 9, 18)]).fetchall()

    assert found.count == len(rows)
    assert found.digest == hashlib.sha256("".join(f"{day},{value!r}\n" for day, value in rows).encode()).hexdigest()


def test_the_fingerprint_is_of_the_content(store: Store, tmp_path: Path) -> None:
    """Other order, other appends: the same. One value, one moment or one row more: another."""
    rows = [seen(3.65, day=16), seen(3.70), seen(3.71, known_at=LATER), seen(313.5, series_id="prices.CPIAUCSL")]
    store.append(rows)
    with Store.create(tmp_path / "other.duckdb") as other:
        other.register([PRICES, YIELD])
        for row in reversed(rows):
            other.append([row])
        assert other.fingerprint() == store.fingerprint()
        assert other.view(NOON).fingerprint() == store.view(NOON).fingerprint() != store.fingerprint()
        other.append([seen(3.66, day=18)])
        assert other.fingerprint() != store.fingerprint()


# --- observed and derived ---------------------------------------------------------------------------------------


def witnessed(value: float, known_at: datetime, *, observed: bool = True) -> Observation:
    """An observation of 17 September whose moment was seen when it came, or follows from a rule."""
    return Observation(
        series_id="rates.DGS10",
        date=date(2024, 9, 17),
        known_at=known_at,
        value=value,
        source="test",
        observed=observed,
    )


def test_a_slice_says_whether_its_moments_were_observed(store: Store) -> None:
    """All of them, or it does not; a later revision that was seen makes the day one that was."""
    store.append([seen(3.65, day=16), witnessed(3.70, NOON)])
    view = store.view(LATER)

    assert view.observed("rates.DGS10", date(2024, 9, 17), date(2024, 9, 17))
    assert not view.observed("rates.DGS10", date(2024, 9, 16), date(2024, 9, 17))
    assert view.observed("rates.DGS10", date(2024, 9, 1), date(2024, 9, 2))  # of nothing, nothing was derived
    assert view.first_known_at("rates.DGS10", date(2024, 9, 17)) == NOON
    with pytest.raises(UnknownSeries):
        view.first_known_at("rates.DGS10", date(2024, 9, 18))


def test_a_derived_moment_gives_way_to_an_earlier_one_that_was_observed(store: Store) -> None:
    """A value filled in stood for the first publication: once that is known, the guess counts no more."""
    first, guess, second = NOON, NOON + timedelta(days=2), NOON + timedelta(days=30)
    store.append([witnessed(3.72, guess, observed=False)])
    added = store.append([witnessed(3.70, first), witnessed(3.72, second)])

    assert added == Appended(new=0, revised=2, unchanged=0)
    known = [store.view(moment).history("rates.DGS10").iloc[0] for moment in (first, guess, second)]
    assert known == [3.70, 3.70, 3.72]
    late = store.append([witnessed(3.99, guess + timedelta(days=1), observed=False)])
    assert late == Appended(new=0, revised=0, unchanged=1)


@pytest.mark.parametrize("seen_first", [True, False])
def test_at_one_moment_what_was_observed_counts(path: Path, tmp_path: Path, *, seen_first: bool) -> None:
    """A rule that hits the minute of the release, and an archive with another value: whichever came first."""
    guess, word = witnessed(3.72, NOON, observed=False), witnessed(3.70, NOON)
    for place, order in ((path, seen_first), (tmp_path / "other.duckdb", not seen_first)):
        with Store.create(place) as store:
            store.register([YIELD])
            for row in (word, guess) if order else (guess, word):
                store.append([row])
            assert store.view(NOON).history("rates.DGS10").tolist() == [3.70]
            assert store.view(NOON).observed("rates.DGS10", date(2024, 9, 17), date(2024, 9, 17))


def test_a_derived_moment_stands_until_something_is_observed(store: Store) -> None:
    """Back-filled, then revised before our eyes."""
    store.append([witnessed(3.70, NOON, observed=False)])
    store.append([witnessed(3.71, NOON + timedelta(days=9))])

    known = [store.view(NOON + timedelta(days=days)).history("rates.DGS10").iloc[0] for days in (0, 8, 9)]
    assert known == [3.70, 3.70, 3.71]


def test_what_was_fetched_is_written_down_with_the_rows(store: Store) -> None:
    """In the same transaction: an append that is refused leaves the state of the series as it was."""
    state = Fetch(series_id="rates.DGS10", source="treasury", at=NOON, whole=True)
    store.append([seen(3.70)], fetched=[state])
    with pytest.raises(BadObservation):
        store.append([seen(float("nan"))], fetched=[replace(state, source="fredcsv")])
    assert store.fetches() == {"rates.DGS10": state}

    store.append([], fetched=[replace(state, at=LATER, instead_of="nyfed")])
    assert store.fetches() == {"rates.DGS10": replace(state, at=LATER, instead_of="nyfed")}


def test_the_newest_values_from_a_day_on(store: Store) -> None:
    """Of each date the last word."""
    store.append([seen(3.65, day=16), seen(3.70), seen(3.71, known_at=LATER)])

    assert store.newest(["rates.DGS10"], since=date(2024, 9, 17))["value"].tolist() == [3.71]
    assert sorted(store.newest(["rates.DGS10", "prices.CPIAUCSL"])["value"]) == [3.65, 3.71]
    assert store.newest(["prices.CPIAUCSL"]).empty


def test_a_view_names_the_sources_of_a_series(store: Store) -> None:
    """That of the newest day first, as far as it was known."""
    other = replace(seen(3.75, day=18, known_at=LATER), source="elsewhere")
    store.append([seen(3.70), other])

    assert store.view(LATER).origins() == {"rates.DGS10": ("elsewhere", "test")}
    assert store.view(NOON).origins() == {"rates.DGS10": ("test",)}


def aged(path: Path) -> str:
    """Make a store as version 1 of the schema had it; gives its fingerprint."""
    with Store.create(path) as store:
        store.register([YIELD, PRICES])
        store.append([seen(3.65, day=16), seen(3.70)])
        content = store.fingerprint()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE fetches; ALTER TABLE observations DROP COLUMN observed")
        connection.execute("UPDATE meta SET version = 1")
    return content


def test_an_older_store_is_read_as_it_is(path: Path) -> None:
    """Nothing of it was observed or fetched; not a byte changes."""
    content = aged(path)
    before = path.read_bytes()
    with Store.open(path) as store:
        assert store.fingerprint() == content
        assert not store.view(LATER).observed("rates.DGS10", date(2024, 9, 16), date(2024, 9, 17))
        assert store.fetches() == {}

    assert path.read_bytes() == before


def test_an_older_store_learns_with_the_first_write(path: Path) -> None:
    """In the same transaction: refused, it stays old; done, it is new and holds what it held."""
    aged(path)
    with Store.open(path, read_only=False) as store, pytest.raises(ConflictingObservation):
        store.append([seen(3.71)])
    with Store.open(path, read_only=False) as store:
        assert store.fetches() == {}
        store.append(
            [witnessed(3.71, LATER)], fetched=[Fetch(series_id="rates.DGS10", source="t", at=NOON, whole=True)]
        )
        assert list(store.fetches()) == ["rates.DGS10"]
        assert store.view(LATER).history("rates.DGS10").tolist() == [3.65, 3.71]
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT version FROM meta").fetchall() == [(2,)]


# --- what is refused, whole ------------------------------------------------------------------------------------


def test_two_values_known_at_the_same_moment_are_a_conflict(store: Store) -> None:
    """Against what is held and within one append; nothing of the append stays."""
    store.append([seen(3.70)])
    content = store.fingerprint()

    for rows in ([seen(3.60, day=16), seen(3.71)], [seen(3.60, day=16), seen(3.61, day=16)]):
        with pytest.raises(ConflictingObservation) as caught:
            store.append(rows)
        assert caught.value.series_id == "rates.DGS10"
        assert store.fingerprint() == content
    assert store.append([seen(3.60, day=16)]).new == 1


@pytest.mark.parametrize(
    "row",
    [
        seen(float("nan")),
        seen(float("inf")),
        seen(1.0, series_id="rates.never"),
        seen(1.0, known_at=datetime(2024, 9, 18)),  # noqa: DTZ001 - the fault under test
    ],
)
def test_what_is_no_observation_is_refused(store: Store, row: Observation) -> None:
    """No number, no described series or no time zone: named, and nothing written."""
    with pytest.raises(BadObservation) as caught:
        store.append([seen(3.60, day=16), row])

    assert caught.value.series_id == row.series_id
    assert store.view(LATER).coverage() == ()


def test_a_series_keeps_its_unit(store: Store) -> None:
    """Words may be mended, a unit may not; describing a series again changes nothing."""
    mended = SeriesSpec(**{**{name: getattr(YIELD, name) for name in YIELD.__slots__}, "label": "Ten-year yield"})
    store.register([mended, PRICES])

    assert store.specs() == {"prices.CPIAUCSL": PRICES, "rates.DGS10": mended}
    other = SeriesSpec(**{**{name: getattr(YIELD, name) for name in YIELD.__slots__}, "unit": Unit.PERCENT})
    with pytest.raises(StoreError, match="held in yield, not in percent"):
        store.register([other])


# --- the file --------------------------------------------------------------------------------------------------


def foreign(kind: str, path: Path) -> None:
    """Make a file that is no store of this version."""
    match kind:
        case "text":
            path.write_text("date,value\n" * 100, encoding="ascii")
        case "empty":
            path.touch()
        case "sqlite":
            with sqlite3.connect(path) as connection:
                connection.execute("CREATE TABLE meta (version)")
            connection.close()
        case "other duckdb":
            with duckdb.connect(str(path)) as connection:
                connection.execute("CREATE TABLE meta (version INTEGER)")
        case _:
            Store.create(path).close()
            with duckdb.connect(str(path)) as connection:
                connection.execute("UPDATE meta SET version = 3")


@pytest.mark.parametrize("kind", ["text", "empty", "sqlite", "other duckdb", "next version"])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path, kind: str, *, read_only: bool) -> None:
    """Named with what it is, and byte for byte the same afterwards, with no file beside it."""
    path = tmp_path / "store.duckdb"
    foreign(kind, path)
    content = path.read_bytes()

    with pytest.raises(StoreError, match="version 3" if kind == "next version" else "not a store of capline"):
        Store.open(path, read_only=read_only)

    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_and_a_folder_are_no_store(tmp_path: Path) -> None:
    """The one says how to make a store, the other cannot be read."""
    with pytest.raises(StoreError, match="no store here") as caught:
        Store.open(tmp_path / "none.duckdb")
    assert "capline build" in caught.value.hint
    with pytest.raises(StoreError, match="cannot be read"):
        Store.open(tmp_path)


def test_a_store_is_never_made_over_a_file(store: Store, path: Path) -> None:
    """Nor beside the journal of one that was removed, which would be replayed into it; nor within a file."""
    with pytest.raises(StoreError, match="a file here already"):
        Store.create(path)
    journal = path.with_name("new.duckdb.wal")
    journal.touch()
    with pytest.raises(StoreError, match="a file here already"):
        Store.create(path.with_name("new.duckdb"))
    with pytest.raises(StoreError, match="cannot be written"):
        Store.create(path / "within" / "store.duckdb")
    assert not list(path.parent.glob(".*"))
    assert journal.read_bytes() == b""
    assert store.specs()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.99, 0.99999])
def test_a_truncated_store_is_refused(loaded: Path, tmp_path: Path, share: float) -> None:
    """However much is missing, opening or reading says so, and the rest of the file stays."""
    path = tmp_path / "store.duckdb"
    content = loaded.read_bytes()
    content = content[: int(len(content) * share)]
    path.write_bytes(content)

    with pytest.raises(StoreError), Store.open(path, read_only=False) as store:
        store.fingerprint()

    assert path.read_bytes() == content


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_a_flipped_bit_in_the_observations_is_found(loaded: Path, tmp_path: Path, share: float) -> None:
    """Blocks carry checksums: no wrong number comes out of a damaged file."""
    path = tmp_path / "store.duckdb"
    content = bytearray(loaded.read_bytes())
    content[int(len(content) * share)] ^= 1
    path.write_bytes(content)

    with pytest.raises(StoreError, match="damaged"), Store.open(path) as store:
        store.fingerprint()


def test_while_one_writes_no_other_gets_in(path: Path) -> None:
    """Another process that holds the store makes both reading and writing wait; once it is gone, all is there."""
    parts(path).close()
    writer = child(
        "store = Store.open(path, read_only=False); store.append(day(0)); print('held', flush=True); sys.stdin.read()",
        path,
    )
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "held\n"
        for read_only in (True, False):
            with pytest.raises(Busy) as caught:
                Store.open(path, read_only=read_only)
            assert caught.value.path == path
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert whole_days(path) == 1


@pytest.mark.parametrize("lines", [1, 2, 5, 9, 14])
def test_a_kill_in_the_middle_of_writing_loses_nothing_written(path: Path, lines: int) -> None:
    """Killed with SIGKILL somewhere in a loop of appends: every day that was reported is there, none by half."""
    parts(path).close()
    writer = child(
        "for number in range(10_000):\n"
        "    with Store.open(path, read_only=False) as store:\n"
        "        store.append(day(2 * number)), store.append(day(2 * number + 1))\n"
        "        print(2 * number + 2, flush=True)\n",
        path,
    )
    assert writer.stdout is not None
    reported = [int(writer.stdout.readline()) for _ in range(lines)][-1]
    writer.kill()
    writer.wait()
    reported = max([reported, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    writer.stdout.close()

    assert reported <= whole_days(path) <= reported + 2
    with Store.open(path, read_only=False) as store:
        assert store.append([]) == Appended(new=0, revised=0, unchanged=0)


def test_a_torn_journal_keeps_every_whole_append(path: Path, tmp_path: Path) -> None:
    """Wherever the journal of a crashed run was cut off, what is left are whole days."""
    parts(path).close()
    writer = child(
        "import os\n"
        "store = Store.open(path, read_only=False)\n"
        "for number in range(3): store.append(day(number))\n"
        "os._exit(9)\n",
        path,
    )
    writer.communicate()
    content, journal = path.read_bytes(), path.with_name(f"{path.name}.wal").read_bytes()
    held = []
    for cut in [0, 7, *range(len(journal) // 10, len(journal), len(journal) // 10), len(journal) - 1, len(journal)]:
        torn = tmp_path / f"torn{cut}.duckdb"
        torn.write_bytes(content)
        torn.with_name(f"{torn.name}.wal").write_bytes(journal[:cut])
        held.append(whole_days(torn))

    assert held == sorted(held)
    assert (held[0], held[-2], held[-1]) == (0, 2, 3)


@pytest.mark.parametrize("room", [1_000, 200_000, 600_000])
def test_a_full_disk_leaves_what_was_there(path: Path, room: int) -> None:
    """Where the file may not grow, an append of many rows fails whole, says why, and the store works on."""
    with parts(path) as store:
        store.append([Observation(series_id="size.part0", date=date(1999, 1, 1), known_at=NOON, value=1.0, source="t")])
        content = store.fingerprint()
    writer = child(
        "import resource\n"
        "store = Store.open(path, read_only=False)\n"
        f"limit = path.stat().st_size + {room}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "import numpy, pandas\n"
        "rows = pandas.DataFrame({'date': pandas.date_range('1900-01-01', periods=90_000)})\n"
        "rows = rows.assign(series_id='size.part1', known_at=pandas.Timestamp('2200-01-01', tz='UTC'), source='test')\n"
        "try: store.append(rows.assign(value=numpy.random.default_rng(1).random(90_000)))\n"
        "except CaplineError as error: print(type(error).__name__, error, error.hint)\n",
        path,
    )
    said, _ = writer.communicate()

    assert said.startswith("StoreError")
    assert "cannot be written" in said
    assert "make room" in said
    with Store.open(path) as store:
        assert store.fingerprint() == content


def test_every_error_of_a_store_can_be_acted_on(tmp_path: Path) -> None:
    """Message and hint name the file and what to do; the exit code is that of held data."""
    with pytest.raises(CaplineError) as caught:
        Store.open(tmp_path / "none.duckdb")

    assert caught.value.exit_code == 4
    assert str(tmp_path) in str(caught.value)
    assert os.fspath(tmp_path) not in caught.value.hint


# --- the sample, whole -----------------------------------------------------------------------------------------


def test_the_sample_is_held_whole_and_once(loaded: Path, tmp_path: Path) -> None:
    """420,055 observations of 40 series; loaded again, into a copy, nothing is added."""
    copy = tmp_path / "store.duckdb"
    copy.write_bytes(loaded.read_bytes())
    with Store.open(copy, read_only=False) as store:
        content = store.fingerprint()
        again = store.append(Sample().observations())
        assert again == Appended(new=0, revised=0, unchanged=420_055)
        assert store.fingerprint() == content
        coverage = store.view(LATER).coverage()

    assert len(coverage) == 40
    assert sum(each.count for each in coverage) == 420_055
    assert {each.spec for each in coverage} == set(Sample().specs())


def test_new_days_after_a_load_come_in_order(loaded: Path, tmp_path: Path) -> None:
    """Days appended later stand after the others, though the file holds them at its end."""
    copy = tmp_path / "store.duckdb"
    copy.write_bytes(loaded.read_bytes())
    with Store.open(copy, read_only=False) as store:
        extra = [seen(1.5, day=day, known_at=LATER, series_id=f"size.vw_q{q}") for day in (22, 21) for q in (5, 2)]
        assert store.append(extra) == Appended(new=4, revised=0, unchanged=0)  # a weekend without returns
        found = store.view(LATER).histories(["size.vw_q5", "size.vw_q2"])

    for history in found.values():
        assert history.index.is_monotonic_increasing
        assert history["2024-09-20":"2024-09-23"].index.day.tolist() == [20, 21, 22, 23]
        assert len(history) == 26_214
