"""The chain: each edition holds the digest of the one made before it, and whoever alters one is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import letters
import pytest
from newsroom import capline, settings_file

from generator import chain
from generator.chain import FILE, Entry, check, check_one, place, read
from generator.edition import Link, from_json, to_json
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from pathlib import Path

    from newsroom import Newsroom

    from generator.differences import Difference

MADE = ("2026-03-27-daily", "2026-03-27-weekly", "2026-03-30-daily", "2016-01-04-daily", "2026-03-31-daily")


def make(editions: Path, id_: str, headline: str = "") -> str:
    """Make an edition as a build does: its place is asked for, it is written, and entered."""
    kind = id_[11:]
    made = letters.edition()
    link = place(read(editions), id_)
    made = replace(made, id=id_, kind=kind, provenance=replace(made.provenance, previous=link))
    if headline:
        made = replace(made, notices=(headline,))
    folder = editions / id_
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "edition.json").write_bytes(to_json(made))
    grown = chain.grown(read(editions), chain.entry(folder / "edition.json"))
    chain.write(editions, grown)
    return chain.broken(grown, id_)


@pytest.fixture
def editions(tmp_path: Path) -> Path:
    """Five editions, the fourth of them made long after its day."""
    for id_ in MADE:
        assert make(tmp_path, id_) == ""
    return tmp_path


def found(editions: Path) -> dict[str, Difference]:
    """What does not fit, by place."""
    return {one.where: one for one in check(editions)}


def digest(editions: Path, id_: str) -> str:
    """SHA-256 of an edition's file, taken by hand."""
    return hashlib.sha256((editions / id_ / "edition.json").read_bytes()).hexdigest()


def test_each_edition_holds_the_one_made_before_it(editions: Path) -> None:
    """Of any kind; the first has none, and one of long ago that is made late stands where it was made."""
    held = [json.loads((editions / id_ / "edition.json").read_bytes())["provenance"].get("previous") for id_ in MADE]

    assert held[0] is None
    assert held[1:] == [{"id": id_, "sha256": digest(editions, id_)} for id_ in MADE[:-1]]
    assert found(editions) == {}


def test_the_chain_is_published_as_a_list(editions: Path) -> None:
    """Name, digest and the one before, in the order of making."""
    plain = json.loads((editions / FILE).read_bytes())

    assert plain["schema"] == "capline-chain/1"
    assert [one["id"] for one in plain["editions"]] == list(MADE)
    assert [one["sha256"] for one in plain["editions"]] == [digest(editions, id_) for id_ in MADE]
    assert plain["editions"][2]["previous"] == {"id": MADE[1], "sha256": digest(editions, MADE[1])}


@pytest.mark.parametrize("id_", MADE)
def test_a_changed_digit_is_found_in_any_edition(editions: Path, id_: str) -> None:
    """Even in the last, which no other holds: the published chain does."""
    file = editions / id_ / "edition.json"
    file.write_bytes(file.read_bytes().replace(b"sample data", b"simple data"))

    assert list(found(editions)) == [id_]
    assert found(editions)[id_].printed == digest(editions, id_)


def test_one_who_alters_the_list_too_is_found_by_the_edition_after(editions: Path) -> None:
    """And would have to make all later editions again, whose digests are out in the world."""
    before = digest(editions, MADE[1])
    file = editions / MADE[1] / "edition.json"
    file.write_bytes(file.read_bytes().replace(b"sample data", b"simple data"))
    text = (editions / FILE).read_text(encoding="utf-8")
    (editions / FILE).write_text(text.replace(before, digest(editions, MADE[1])), encoding="utf-8")

    assert f"{MADE[2]}" in found(editions)


def test_without_the_list_the_editions_are_checked_by_what_they_hold(editions: Path) -> None:
    """It is made again from them; an altered one is found by the next."""
    (editions / FILE).unlink()
    assert found(editions) == {}
    assert [one.id for one in read(editions)] == list(MADE)

    file = editions / MADE[1] / "edition.json"
    file.write_bytes(file.read_bytes().replace(b"sample data", b"simple data"))
    assert list(found(editions)) == [f"{MADE[2]}, before it"]


def test_an_edition_taken_away_or_put_in_is_found(editions: Path) -> None:
    """The list has it; or has it not."""
    shutil.copytree(editions / MADE[0], editions / "2026-03-26-daily")
    shutil.rmtree(editions / MADE[2])

    assert set(found(editions)) == {"2026-03-26-daily", MADE[2]}


def test_an_edition_made_again_as_it_was_keeps_its_place(editions: Path) -> None:
    """Same bytes, same chain."""
    before = (editions / FILE).read_bytes()

    assert make(editions, MADE[1]) == ""
    assert (editions / FILE).read_bytes() == before
    assert found(editions) == {}


def test_an_edition_made_again_with_other_words_breaks_the_chain_by_name(editions: Path) -> None:
    """It keeps its place; what it was is kept in the list, and the check says since when the next one does not fit."""
    was = digest(editions, MADE[1])

    said = make(editions, MADE[1], "Another.")

    assert MADE[2] in said
    (one,) = check(editions)
    assert (one.where, one.printed) == (f"{MADE[2]}, before it", was)
    assert "was made again" in one.expected
    assert read(editions)[1].was == (was,)
    assert make(editions, MADE[1]) == ""  # as it was at first
    assert found(editions) == {}


def test_the_last_edition_may_be_made_again(editions: Path) -> None:
    """Nobody holds it yet."""
    assert make(editions, MADE[-1], "Another.") == ""
    assert found(editions) == {}


def test_a_report_on_some_stories_is_no_link(editions: Path) -> None:
    """Nor is a folder without an edition."""
    shutil.copytree(editions / MADE[0], editions / "2026-03-27-daily-slope")
    (editions / "2026-04-01-daily").mkdir()

    assert found(editions) == {}
    assert len(read(editions)) == len(MADE)


def test_an_edition_written_before_the_list_was_is_entered(editions: Path) -> None:
    """A run that was killed between the two."""
    (editions / FILE).write_bytes(chain.written(read(editions)[:-1]))

    assert [one.id for one in read(editions)] == list(MADE)


def test_one_edition_is_checked_against_the_one_before(editions: Path) -> None:
    """If it is there; if not, that is told."""
    link = Link(id=MADE[0], sha256=digest(editions, MADE[0]))

    assert check_one(link, editions) == ((), ())
    assert check_one(None, editions) == ((), ())
    assert check_one(replace(link, sha256="0" * 64), editions)[0][0].where == "provenance, previous"
    assert "not here" in check_one(replace(link, id="2026-03-20-daily"), editions)[1][0]
    assert "not here" in check_one(replace(link, id="../../etc"), editions)[1][0]


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": "x"}', '{"schema": "capline-chain/1", "editions": [1]}'])
def test_a_damaged_list_is_named(editions: Path, content: str) -> None:
    """It stops a build: an edition would get a wrong place."""
    (editions / FILE).write_text(content, encoding="utf-8")

    with pytest.raises(DamagedEdition, match=r"chain\.json"):
        read(editions)


def test_a_damaged_edition_is_one_place_that_does_not_fit(editions: Path) -> None:
    """The others are checked all the same."""
    (editions / MADE[1] / "edition.json").write_text("{", encoding="utf-8")

    assert set(found(editions)) == {MADE[1]}


def test_without_a_predecessor_the_file_is_as_it_was_before_there_were_chains() -> None:
    """Nothing is written of what an edition does not have, and reading it back gives none."""
    content = to_json(letters.edition())

    assert b"previous" not in content
    assert b"restated" not in content
    assert from_json(content, path=letters.edition().id).provenance.previous is None  # type: ignore[arg-type]


def test_an_entry_is_what_its_file_says(editions: Path) -> None:
    """Name, digest, predecessor."""
    assert chain.entry(editions / MADE[0] / "edition.json") == Entry(
        id=MADE[0], sha256=digest(editions, MADE[0]), previous=None
    )


def test_the_command_builds_links_and_checks_them(room: Newsroom, tmp_path: Path) -> None:
    """Two builds, the chain of the folder, an edition alone; then a digit is changed."""
    settings_file(tmp_path, room.store.path)
    editions = tmp_path / "out" / "editions"
    for day in ("1960-05-02", "1960-05-03"):
        assert capline(tmp_path, "build", "--as-of", day, "--format", "json").returncode == 0
    held = json.loads((editions / "1960-05-03-daily" / "edition.json").read_bytes())["provenance"]["previous"]
    assert held == {"id": "1960-05-02-daily", "sha256": digest(editions, "1960-05-02-daily")}

    whole = capline(tmp_path, "verify", "--chain", "out/editions")
    assert (whole.returncode, "a chain of 2 editions" in whole.stdout) == (0, True)
    assert capline(tmp_path, "verify", "out/editions/1960-05-03-daily/edition.json").returncode == 0

    file = editions / "1960-05-02-daily" / "edition.json"
    file.write_bytes(file.read_bytes().replace(b"1960", b"1961", 1))
    assert capline(tmp_path, "verify", "--chain", "out/editions").returncode == 1
    one = capline(tmp_path, "verify", "out/editions/1960-05-03-daily/edition.json")
    assert (one.returncode, "provenance, previous" in one.stdout) == (1, True)
    assert capline(tmp_path, "verify").returncode == 2
    assert capline(tmp_path, "verify", "--chain", "nowhere").returncode == 2
