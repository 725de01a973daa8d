"""The letters in docs/letters: very different days, as they are written today.

`python tests/test_letters.py` writes them anew after a change of words; read what changed before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest

from generator import pipeline
from generator.config import BuildSettings, Settings
from generator.render import render

FOLDER = Path(__file__).parent.parent / "docs" / "letters"
TODAY = date(2026, 11, 24)
LETTERS = (
    "2008-10-15-daily",  # the crash of 2008
    "2017-07-24-daily",  # a quiet day of a dull summer
    "2020-03-16-daily",  # the Monday after an emergency cut on a Sunday
    "2024-09-18-decision",  # the first cut of a cycle
    "2025-04-09-daily",  # small caps up almost nine percent
    "2026-03-27-weekly",  # the newest week of the sample
)


def written(store_folder: Path, name: str) -> str:
    """A letter as text, made with no letter before it."""
    settings = Settings(build=BuildSettings(output=store_folder, store=store_folder / "store.duckdb", memory=0))
    asked = pipeline.Asked(day=date.fromisoformat(name[:10]), kind=name[11:])
    with pipeline.opened(settings) as store:
        letter = pipeline.composed(store, settings, asked, today=TODAY)
    text = render(letter, ("text",))["letter.txt"].decode()
    return text[: text.index("\nEdition ")]  # the digests below it hold the last bits of floats, which machines round


@pytest.fixture(scope="module")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of its own."""
    return tmp_path_factory.mktemp("letters")


@pytest.mark.parametrize("name", LETTERS)
def test_the_letters_shown_are_those_written(name: str, store_folder: Path) -> None:
    """Each example is what `capline show` prints for its day, down to the line with the edition's digests."""
    assert written(store_folder, name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_no_other_letter_is_shown() -> None:
    """Every file of the folder is held by this module."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LETTERS)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for one in LETTERS:
            (FOLDER / f"{one}.txt").write_text(written(Path(folder), one), encoding="utf-8")
    sys.exit(0)
