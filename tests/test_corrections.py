"""Corrections: what later data change in what was printed is found, all of it and nothing else, and kept for good."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import handmade
import pandas as pd
import pytest
from newsroom import UNIVERSE, capline, settings_file
from observed import history

from generator import corrections, facts, restatements
from generator.archive import recorded
from generator.corrections import record
from generator.corrections.finding import places
from generator.corrections.index import FILE as INDEX
from generator.edition import Claim, to_json
from generator.errors import CaplineError, DamagedEdition, DamagedRecord
from generator.restatements import kind_of, said
from generator.store import Store
from generator.units import Unit
from generator.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsroom import Newsroom

    from generator.corrections import Correction, Found
    from generator.edition import Edition

DAYS = ("2024-09-18", "2024-09-20", "2025-04-09")
KNOWN = datetime(2025, 5, 5, 12, tzinfo=UTC)  # when the seeded values become known
NOW = datetime(2025, 6, 1, tzinfo=UTC)
TEN, TWO, SMALL = "rates.DGS10", "rates.DGS2", "size.vw_q2"


@pytest.fixture
def editions(room: Newsroom, tmp_path: Path) -> Path:
    """Lay three letters into a folder, as builds would."""
    folder = tmp_path / "out" / "editions"
    for day in DAYS:
        (folder / f"{day}-daily").mkdir(parents=True)
        (folder / f"{day}-daily" / "edition.json").write_bytes(to_json(room.letter(day)))
    return folder


def store_with(room: Newsroom, folder: Path, *rows: tuple[str, str, float], known: datetime = KNOWN) -> Path:
    """Copy the store and append values that became known later."""
    path = folder / f"{len(list(folder.glob('*.duckdb')))}.duckdb"
    shutil.copy(room.store.path, path)
    restate(path, *rows, known=known)
    return path


def restate(path: Path, *rows: tuple[str, str, float], known: datetime = KNOWN) -> None:
    """Append values to a store."""
    names = ["series_id", "date", "value"]
    frame = pd.DataFrame([*rows], columns=names).assign(known_at=pd.Timestamp(known), source="sample")
    with Store.open(path, read_only=False) as store:
        store.append(frame.assign(date=pd.to_datetime(frame["date"])))


def find(editions: Path, path: Path, now: datetime = NOW) -> Found:
    """Compare."""
    with Store.open(path) as store:
        return corrections.find(editions, store, now)


def of(found: Found, day: str, place: str = "") -> dict[str, Correction]:
    """What was found in one letter, by place."""
    return {one.place: one for one in found.standing if one.edition.startswith(day) and one.place.startswith(place)}


def cells(found: Found, day: str, row: str) -> dict[str, tuple[str, str | None]]:
    """The cells of a row of the table of yields that would read otherwise: by column, printed and now."""
    start = f"table yields, {row}, "
    return {place.removeprefix(start): (one.printed, one.now) for place, one in of(found, day, start).items()}


# --- what is found ----------------------------------------------------------------------------------------------


def test_without_a_restatement_nothing_is_found(room: Newsroom, editions: Path) -> None:
    """New dates that came after a letter change nothing in it, however many."""
    found = find(editions, room.store.path)

    assert (found.editions, found.touched, found.standing, found.news) == (3, 0, (), {})


def test_a_yield_restated_by_four_basis_points_changes_what_was_measured_to_it(
    room: Newsroom, editions: Path, tmp_path: Path
) -> None:
    """3.73% of 19 September 2024 becomes 3.77%: H.15 had 3.70 a day and 3.68 five published days before."""
    found = find(editions, store_with(room, tmp_path, (TEN, "2024-09-19", 3.77)))

    row = cells(found, "2024-09-20", "10-year")
    assert row["Yield, %"] == ("3.73", "3.77")
    assert row["1 day, bp"] == ("+3", "+7")
    assert row["5 days, bp"] == ("+5", "+9")
    assert cells(found, "2024-09-20", "2-year") == {}
    said = next(one for one in of(found, "2024-09-20", "sentence ").values() if "3.73%" in one.printed)
    assert said.now == said.printed.replace("3.73%", "3.77%")
    assert (said.place.split()[:2], said.kind) == (["sentence", f"{said.sentence}"], "digit")
    assert (said.known, said.revised) == ("2024-09-20T22:00:00Z", "2025-05-05T12:00:00Z")
    assert of(found, "2024-09-18") == {}  # that letter had no yield of the 19th


def test_a_restatement_within_the_rounding_changes_nothing(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """0.001 of a percent in a return of 1.99%: facts differ, and every word stands."""
    found = find(editions, store_with(room, tmp_path, (SMALL, "2024-09-19", 1.991)))

    assert found.touched == 2  # the letter of the 18th did not know that day
    assert found.standing == ()


def test_a_run_that_breaks_is_a_change_of_meaning(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """The two-year yield lay below the target's 4.375% for 59 days; at 4.40% on 1 April, for the five since."""
    found = find(editions, store_with(room, tmp_path, (TWO, "2025-04-01", 4.40)))

    run = next(one for one in of(found, "2025-04-09").values() if "59th published day in a row" in one.printed)
    assert run.now is not None
    assert "For a fifth published day in a row" in run.now  # 2, 3, 4, 7 and 8 April
    assert run.kind == "meaning"


def test_an_old_value_moves_the_since_of_a_later_letter(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Where "since 24 March 2020" stood: without that day's gain, the day before it that was as large."""
    day = pd.Timestamp("2020-03-24")
    gains = history(SMALL).loc[:"2025-04-09"].copy()
    gains[day] = 1.0
    last = gains.iloc[:-1][gains.iloc[:-1] >= gains.iloc[-1]].index[-1]
    assert last != day

    found = find(editions, store_with(room, tmp_path, (SMALL, "2020-03-24", 1.0)))

    since = next(one for one in of(found, "2025-04-09").values() if "since 24 March 2020" in one.printed)
    assert since.now == since.printed.replace("24 March 2020", f"{last.day} {last:%B %Y}")
    assert since.kind == "meaning"


def test_a_since_that_can_no_longer_be_said_is_told_with_its_reason(
    room: Newsroom, editions: Path, tmp_path: Path
) -> None:
    """A larger gain two weeks before: fewer than 21 sessions, and nothing is "since" any more."""
    found = find(editions, store_with(room, tmp_path, (SMALL, "2025-03-26", 12.0)))

    since = next(one for one in of(found, "2025-04-09").values() if "since 24 March 2020" in one.printed)
    assert (since.now, since.kind) == (None, "meaning")
    assert "can no longer be said" in since.notice


SEEDS = (
    (TEN, "2024-09-17", 3.61), (TWO, "2024-09-19", 3.63), (SMALL, "2024-09-13", 2.2), (SMALL, "1987-10-19", -2.0),
    ("size.vw_q5", "2024-09-20", 0.3), ("policy.target_upper", "2024-09-18", 5.25), ("rates.DGS3MO", "2025-04-08", 4.2),
    ("prices.CPIAUCSL", "2024-08-01", 314.9), ("fx.usd_per_eur", "2024-09-18", 1.1201),
    ("size.average.q2", "2024-08-01", 900.0),
)  # fmt: skip


def other_way(room: Newsroom, path: Path) -> Path:
    """Make a store in which the seeded values were never other ones."""
    with Store.open(room.store.path) as old, Store.create(path) as new:
        rows = old._connection.execute("SELECT * FROM observations").df()  # noqa: SLF001 -- every row as it is
        for series, day, value in SEEDS:
            rows.loc[(rows.series_id == series) & (rows.date == day), "value"] = value
        new.register(old.specs().values())
        new.append(rows.assign(known_at=rows["known_at"].dt.tz_localize("UTC")))
    return path


def otherwise(letter: Edition, store: Store) -> Iterator[tuple[str, str | None]]:
    """Say every claim of a letter from another store: the places that read otherwise, with what they would say."""
    day = date.fromisoformat(letter.id[:10])
    found = facts.gather(store.view(letter.moment), session=letter.as_of, today=day, universe=UNIVERSE).facts
    for place, _, sentence in places(letter):
        text: str | None = ""
        for piece in sentence.pieces:
            try:
                words = piece if isinstance(piece, str) else say(
                    found[piece.fact], piece.say, dict(piece.args), facts=found, today=day
                )  # fmt: skip
                text = None if text is None else text + words
            except (CaplineError, LookupError):
                text = None
        if text != sentence.text:
            yield place, text


def test_every_place_is_found_and_no_other(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Ten seeded values: the same as when all facts are computed anew from a store that always had them."""
    found = find(editions, store_with(room, tmp_path, *SEEDS))

    with Store.open(other_way(room, tmp_path / "other.duckdb")) as store:
        for day in DAYS:
            expected = dict(otherwise(room.letter(day), store))
            assert {place: one.now for place, one in of(found, day).items()} == expected
            assert expected


def test_a_store_loaded_anew_with_other_values_is_seen_by_its_digests(
    room: Newsroom, editions: Path, tmp_path: Path
) -> None:
    """A source that tells of no revisions: the store has the new value alone, the letter's evidence another."""
    path = tmp_path / "anew.duckdb"
    shutil.copy(room.store.path, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE observations SET value = 3.77 WHERE series_id = ? AND date = '2024-09-19'", [TEN])

    found = find(editions, path)

    assert cells(found, "2024-09-20", "10-year")["Yield, %"] == ("3.73", "3.77")
    assert {one.revised for one in found.standing} == {"2025-06-01T00:00:00Z"}  # nobody knows since when


def test_words_of_another_capline_are_no_correction(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """A letter that says "moved up" where this Capline says "rose": its words are compared with its day's values."""
    file = editions / "2024-09-20-daily" / "edition.json"
    words = file.read_text(encoding="utf-8")
    assert words.count('"text": "+3"') >= 1
    file.write_text(words.replace('"text": "+3"', '"text": "3 up"'), encoding="utf-8")

    found = find(editions, store_with(room, tmp_path, (TEN, "1975-03-03", 7.51)))

    assert found.touched == 3
    assert not [one for one in found.standing if one.printed == "3 up"]


# --- kinds and notices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "now", "kind"),
    [
        ("rose 1.9%", "rose 2.1%", "digit"),
        ("rose 0.9%", "rose 11.2%", "digit"),
        ("larger than on 74% of sessions since 1926", "larger than on 71% of sessions since 1926", "digit"),
        ("rose 1.9%", "climbed 2.9%", "meaning"),  # the verb
        ("rose 0.1%", "fell 0.1%", "meaning"),
        ("+0.1", "−0.1", "meaning"),  # the sign
        ("+0.1", "0.0", "meaning"),
        ("the largest gain since 12 March 2025", "the largest gain since 3 March 2025", "meaning"),  # since
        ("the largest gain since 12 March", "the largest gain since 12 March 2024", "meaning"),
        ("the largest rise in data that start in 1926", "the largest rise in data that start in 1927", "meaning"),
        ("for a third session in a row", "for a fourth session in a row", "meaning"),  # rank
        ("for a 13th session in a row", "for a 14th session in a row", "meaning"),
        ("on fewer than one session in 20", "on fewer than one session in 50", "meaning"),
        ("on more than 19 sessions in 20", "on more than 49 sessions in 50", "meaning"),
        ("led in two of seven", "led in three of seven", "meaning"),  # verdict
        ("bull steepener", "bear steepener", "meaning"),
        ("rose 1.9%", None, "meaning"),  # it can no longer be said
    ],
)  # fmt: skip
def test_a_digit_is_told_from_the_meaning(printed: str, now: str | None, kind: str) -> None:
    """Only figures that carry no date, place or share may differ in a change of digits."""
    assert kind_of(printed, now) == kind


def test_a_form_that_refuses_says_why() -> None:
    """A run of one is none; a fact that is gone is named."""
    claim = Claim(fact="k", say="in_a_row", text="for a second session in a row")
    one = handmade.fact(1.0, Unit.PERCENT)

    assert said(claim, {"k": one}, handmade.TODAY)[0] is None
    assert "run is one long" in said(claim, {"k": one}, handmade.TODAY)[1]
    assert said(claim, {}, handmade.TODAY) == (None, "k can no longer be computed")


def test_the_notice_has_both_values_and_both_dates(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Of a sentence and of a cell, in full sentences."""
    found = find(editions, store_with(room, tmp_path, (TEN, "2024-09-19", 3.77)))

    assert of(found, "2024-09-20", "table yields, 10-year, Yield")["table yields, 10-year, Yield, %"].notice == (
        "In the letter of 20 September 2024, table yields, 10-year, Yield, %, stands “3.73”. With what became known by "
        "5 May 2025 it would be “3.77”. Only digits change."
    )
    told = of(found, "2024-09-20", "sentence ").values()
    sentence = next(one.notice for one in told if "3.73%" in one.printed)
    assert "10-year Treasury yield: “3.73%” by what was known on 20 September 2024, “3.77%” by what is" in sentence


# --- the record -------------------------------------------------------------------------------------------------


def entries(editions: Path) -> list[dict[str, object]]:
    """Read what is recorded of the letter of 20 September."""
    plain: dict[str, list[dict[str, object]]] = json.loads(
        (editions / "2024-09-20-daily" / record.FILE).read_text(encoding="utf-8")
    )
    return plain["corrections"]


def test_the_record_grows_and_never_changes(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Found once, recorded once; a further restatement is added; one that takes it back withdraws all of it."""
    path = store_with(room, tmp_path, (TEN, "2024-09-19", 3.77))
    letter = (editions / "2024-09-20-daily" / "edition.json").read_bytes()
    corrections.write(editions, find(editions, path).news)
    first = entries(editions)

    again = find(editions, path, NOW + timedelta(days=1))
    assert again.standing
    assert again.news == {}

    restate(path, (TEN, "2024-09-19", 3.79), known=KNOWN + timedelta(days=40))
    corrections.write(editions, find(editions, path, NOW + timedelta(days=60)).news)
    second = entries(editions)
    assert second[: len(first)] == first
    yields = [one["now"] for one in second if one["place"] == "table yields, 10-year, Yield, %"]
    assert yields == ["3.77", "3.79"]

    restate(path, (TEN, "2024-09-19", 3.73), known=KNOWN + timedelta(days=80))
    corrections.write(editions, find(editions, path, NOW + timedelta(days=90)).news)
    third = entries(editions)
    assert third[: len(second)] == second
    back = third[len(second) :]
    assert {one["kind"] for one in back} == {"withdrawn"}
    assert {one["place"] for one in back} == {one["place"] for one in first}
    assert all(one["now"] == one["printed"] for one in back)
    assert find(editions, path, NOW + timedelta(days=91)).news == {}
    assert (editions / "2024-09-20-daily" / "edition.json").read_bytes() == letter  # what was printed stays


def test_since_a_day_only_newer_values_count(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """By the moment at which the later value became known."""
    path = store_with(room, tmp_path, (TEN, "2024-09-19", 3.77))
    found = find(editions, path)

    assert corrections.later_than(found, "2025-05-05") == found
    assert corrections.later_than(found, "2025-05-06").standing == ()
    assert corrections.later_than(found, "2025-05-06").news == {}


def test_a_damaged_record_is_named_and_kept(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Nothing is written over it."""
    path = store_with(room, tmp_path, (TEN, "2024-09-19", 3.77))
    file = editions / "2024-09-20-daily" / record.FILE
    file.write_text("{", encoding="utf-8")

    with pytest.raises(DamagedRecord, match="2024-09-20-daily"):
        find(editions, path)
    assert file.read_text(encoding="utf-8") == "{"


# --- the index --------------------------------------------------------------------------------------------------


def test_the_index_follows_the_editions(room: Newsroom, editions: Path) -> None:
    """It is made, kept, made again if it is damaged, and knows an edition that came, changed or went."""
    find(editions, room.store.path)
    kept = (editions / INDEX).read_bytes()
    names = [one["folder"] for one in json.loads(gzip.decompress(kept))["editions"]]
    assert names == [f"{day}-daily" for day in DAYS]
    assert len(kept) < 20_000 * len(DAYS)

    (editions / INDEX).write_bytes(b"not an index")
    assert find(editions, room.store.path).editions == 3
    assert (editions / INDEX).read_bytes() == kept

    shutil.rmtree(editions / "2024-09-18-daily")
    assert find(editions, room.store.path).editions == 2

    file = editions / "2024-09-20-daily" / "edition.json"
    wrong = room.letter("2024-09-20").facts["rates.yield.10y"].evidence[0].digest
    file.write_bytes(file.read_bytes().replace(wrong.encode(), b"0" * 64))
    assert find(editions, room.store.path).touched == 1  # its evidence is not what the store has
    file.write_text("{", encoding="utf-8")
    with pytest.raises(DamagedEdition, match="2024-09-20-daily"):
        find(editions, room.store.path)


def test_only_facts_asked_for_are_computed_and_as_among_all(room: Newsroom) -> None:
    """A dozen facts of every module, each as it is when all are computed."""
    wanted = [key for number, key in enumerate(room.findings("2025-04-09").facts) if number % 29 == 0]
    session = date(2025, 4, 9)

    some = facts.gather(room.view("2025-04-09"), session=session, today=session, universe=UNIVERSE, wanted=wanted)

    assert {key: some.facts[key] for key in wanted} == {key: room.fact("2025-04-09", key) for key in wanted}
    assert len(some.facts) < 30


def test_a_change_of_the_target_counts_where_days_are_counted_from_it(room: Newsroom) -> None:
    """A return since the last cut rests on the day of that cut, which its evidence does not hold."""
    plain = json.loads(to_json(room.letter("2024-09-20")))
    place = next(i for i, one in enumerate(plain["slices"]) if one["series_id"] == "policy.target_upper")

    assert "size.return.small.since_change" in restatements.resting(plain, [place])


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_finds_records_and_then_has_no_news(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Exit code 1 for what is not recorded, then 0."""
    path = store_with(room, tmp_path, (TEN, "2024-09-19", 3.77))
    settings_file(tmp_path, path)

    first = capline(tmp_path, "corrections")
    assert first.returncode == 1, first.stderr
    assert "2024-09-20-daily, table yields, 10-year, Yield, % (digit, new)" in first.stdout
    assert not list(editions.glob(f"*/{record.FILE}"))
    assert capline(tmp_path, "corrections", "--write").returncode == 0
    last = capline(tmp_path, "corrections", "--since", "2025-05-05")
    assert last.returncode == 0
    assert "(digit, known)" in last.stdout
    assert len(record.every(editions)) == len(entries(editions))


def test_a_letter_of_other_words_is_compared_by_its_file(room: Newsroom, editions: Path) -> None:
    """Entries belong to the edition.json of their digest: one made again starts anew, and the old ones stay."""
    one = corrections.Correction(
        edition="2024-09-20-daily", sha256="0" * 64, place="preheader", sentence=None, printed="a", known="2024",
        now="b", revised="2025", found="2025", kind="digit", notice="n", figures=(),
    )  # fmt: skip
    record.add(editions / "2024-09-20-daily", [one])

    assert find(editions, room.store.path).news == {}
    assert record.read(editions / "2024-09-20-daily") == (one,)
    assert record.news([one], [replace(one, now="c")], moment="2026")[0].now == "c"


def test_the_archive_shows_what_is_recorded(room: Newsroom, editions: Path, tmp_path: Path) -> None:
    """Each under an id of its own, with both values and both dates; a refused one says so, a report is left out."""
    seeded = store_with(room, tmp_path, (TEN, "2024-09-19", 3.77), (SMALL, "2025-03-26", 12.0))
    found = find(editions, seeded)
    corrections.write(editions, found.news)
    shutil.copytree(editions / "2024-09-20-daily", editions / "2024-09-20-daily-slope")
    file = editions / "2024-09-20-daily-slope" / record.FILE
    file.write_text(file.read_text(encoding="utf-8").replace("2024-09-20-daily", "2024-09-20-daily-slope"), "utf-8")

    shown = recorded(editions)

    assert len({one.id for one in shown}) == len(shown) == len(found.standing)
    cell = next(one for one in shown if one.place == "table yields, 10-year, Yield, %" and "2024" in one.edition)
    assert cell.id == "2024-09-20-daily-table-yields-10-year-yield-2025-05-05"
    assert (cell.sentence, cell.printed, cell.now, cell.meaning) == (0, "3.73", "3.77", False)
    assert (cell.known, cell.revised) == ("2024-09-20T22:00:00Z", "2025-05-05T12:00:00Z")
    assert any(one.now.startswith("it can no longer be said: ") for one in shown)

    (editions / "2024-09-20-daily" / record.FILE).write_text("[]", encoding="utf-8")
    with pytest.raises(DamagedRecord, match="2024-09-20-daily"):
        recorded(editions)
