"""Memory: what earlier letters told is handed on inside their editions, so that only the newest has to be read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import letters
import pytest

from generator import memory
from generator.edition import Memory, digest, from_json, to_json
from generator.errors import DamagedEdition
from generator.memory import HEADLINES, NONE, following, remembered

if TYPE_CHECKING:
    from pathlib import Path

    from generator.edition import Edition

DAY = date(2026, 3, 31)


def put(folder: Path, letter: Edition) -> str:
    """Put a letter where a build would, and give its digest."""
    place = folder / letter.id
    place.mkdir(parents=True)
    (place / "edition.json").write_bytes(to_json(letter))
    return digest(letter)


def of(day: str, kind: str = "daily", known: Memory = NONE) -> Edition:
    """The handmade letter under the name of a day and kind, with a memory."""
    made = letters.edition()
    return replace(made, id=f"{day}-{kind}", kind=kind, provenance=replace(made.provenance, memory=known))


def names(known: Memory) -> list[str]:
    """The letters in a memory."""
    return [told.edition for told in known.letters]


def test_an_empty_folder_remembers_nothing(tmp_path: Path) -> None:
    """Nor does one that is not there."""
    assert remembered(tmp_path, "daily", DAY, letters=20) == NONE == Memory()
    assert remembered(tmp_path / "none", "daily", DAY, letters=20) == NONE


def test_a_letter_is_remembered_by_what_it_told_and_how(tmp_path: Path) -> None:
    """Its name, lead, stories with their state, the digest of its file, and its sentences and headline, masked."""
    letter = of("2026-03-30")
    seal = put(tmp_path, letter)

    known = remembered(tmp_path, "daily", DAY, letters=20)

    (told,) = known.letters
    assert (told.edition, told.lead, told.digest) == ("2026-03-30-daily", "gap", seal)
    assert told.stories == (("gap", "up"), ("yields", "down"))
    assert known.headlines == ("small caps beat large by num points",)
    assert told.sentences == (
        "the lead came as the num year yield fell num basis points",
        "small caps rose num over five sessions large caps fell num",
        "the gap was num percentage points",
        "a b tag b an ampersand in plain words stay words",
        "the num year yield fell num basis points to num",
    )


def test_what_is_handed_on_equals_what_is_read_back(tmp_path: Path) -> None:
    """`following` and `remembered` are two ways to the same memory, over a chain of letters."""
    known = NONE
    for day in ("2026-03-25", "2026-03-26", "2026-03-27", "2026-03-30"):
        letter = of(day, known=known)
        seal = put(tmp_path, letter)
        known = following(letter, seal, letters=3)

        assert remembered(tmp_path, "daily", DAY, letters=3) == known

    assert names(known) == ["2026-03-30-daily", "2026-03-27-daily", "2026-03-26-daily"]
    assert len(known.headlines) == 4  # headlines reach further back


def test_only_the_newest_earlier_letter_is_read(tmp_path: Path) -> None:
    """It carries those before it, whose files may be gone or damaged."""
    first = of("2026-03-26")
    seal = put(tmp_path, first)
    put(tmp_path, of("2026-03-27", known=following(first, seal, letters=20)))
    (tmp_path / first.id / "edition.json").write_text("{", encoding="utf-8")

    assert names(remembered(tmp_path, "daily", DAY, letters=20)) == ["2026-03-27-daily", "2026-03-26-daily"]


def test_neither_itself_nor_a_later_letter_nor_another_kind_is_remembered(tmp_path: Path) -> None:
    """A letter made again remembers what it remembered the first time; a weekly one has a memory of its own."""
    for day, kind in (("2026-03-27", "daily"), ("2026-03-31", "daily"), ("2026-04-01", "daily"),
                      ("2026-03-30", "weekly"), ("2026-03-30", "daily-slope")):  # fmt: skip
        put(tmp_path, of(day, kind))

    assert names(remembered(tmp_path, "daily", DAY, letters=20)) == ["2026-03-27-daily"]
    assert names(remembered(tmp_path, "weekly", DAY, letters=20)) == ["2026-03-30-weekly"]
    assert remembered(tmp_path, "decision", DAY, letters=20) == NONE


@pytest.mark.parametrize(("day", "kept"), [("2026-02-28", True), ("2026-02-27", False)])
def test_memory_lapses_after_31_days(tmp_path: Path, day: str, kept: bool) -> None:  # noqa: FBT001
    """28 February is 31 days before 31 March; a letter of the day before is no news any more."""
    put(tmp_path, of(day))

    assert bool(remembered(tmp_path, "daily", DAY, letters=20).letters) is kept
    assert memory.LAPSE == 31


def test_none_is_remembered_if_the_setting_is_none(tmp_path: Path) -> None:
    """With `memory = 0` each letter stands alone."""
    put(tmp_path, of("2026-03-30"))

    assert remembered(tmp_path, "daily", DAY, letters=0) == NONE


def test_headlines_have_a_limit_too() -> None:
    """About a year of daily letters."""
    known = following(of("2026-03-30", known=Memory(headlines=("old",) * HEADLINES)), "0" * 64, letters=20)

    assert len(known.headlines) == HEADLINES
    assert known.headlines[0] != "old"


DAMAGE = {
    "no JSON": "{",
    "no edition": json.dumps({"id": "x"}),
    "a list": "[]",
    "a memory of another shape": json.dumps(
        {"id": "x", "sections": [], "standfirst": {"pieces": []}, "headline": {"pieces": []},
         "provenance": {"memory": []}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(DAMAGE))
def test_a_damaged_edition_is_named(tmp_path: Path, what: str) -> None:
    """It stops the letter: with a wrong memory its words would be others."""
    (tmp_path / "2026-03-30-daily").mkdir()
    (tmp_path / "2026-03-30-daily" / "edition.json").write_text(DAMAGE[what], encoding="utf-8")

    with pytest.raises(DamagedEdition, match="2026-03-30-daily"):
        remembered(tmp_path, "daily", DAY, letters=20)


def test_an_edition_keeps_the_memory_it_was_made_with(tmp_path: Path) -> None:
    """Written and read, it is the same: so the letter can be made again when the others are gone."""
    letter = of("2026-03-31", known=following(of("2026-03-30"), "ab" * 32, letters=20))

    again = from_json(to_json(letter), path=tmp_path / "edition.json")

    assert again.provenance.memory == letter.provenance.memory
