"""Files: written whole or not at all, and a folder held against a second run without leaving a trace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from generator import files
from generator.errors import Busy, CannotWrite

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> set[str]:
    """Everything below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_files_and_their_folders_are_written(tmp_path: Path) -> None:
    """In folders of their own where they ask for them; no draft stays."""
    files.write(tmp_path / "a", {"index.html": b"x", "fonts/one.woff2": b"y"})

    assert names(tmp_path) == {"a", "a/index.html", "a/fonts", "a/fonts/one.woff2"}
    assert (tmp_path / "a" / "index.html").read_bytes() == b"x"


def test_a_failure_while_staging_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up at the second file: the first is not replaced, and no folder is new."""
    files.write(tmp_path, {"one": b"old"})

    def full(_handle: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        files.write(tmp_path, {"new/two": b"new", "one": b"new"})

    assert names(tmp_path) == {"one"}
    assert (tmp_path / "one").read_bytes() == b"old"


def test_a_folder_in_the_place_of_a_file_is_found_before_anything_is_replaced(tmp_path: Path) -> None:
    """Whatever the order of the files."""
    files.write(tmp_path, {"one": b"old"})
    (tmp_path / "two").mkdir()

    with pytest.raises(CannotWrite, match="two is a folder"):
        files.write(tmp_path, {"one": b"new", "two": b"new"})

    assert (tmp_path / "one").read_bytes() == b"old"
    assert names(tmp_path) == {"one", "two"}


def test_a_held_folder_is_busy_for_another(tmp_path: Path) -> None:
    """And free again afterwards."""
    with files.held(tmp_path), pytest.raises(Busy), files.held(tmp_path):
        pass
    with files.held(tmp_path):
        pass


def test_holding_leaves_no_trace(tmp_path: Path) -> None:
    """Neither the lock nor the folder made for it; also when the run fails."""
    with pytest.raises(ValueError, match="so"), files.held(tmp_path / "a" / "b"):
        raise ValueError("so")

    assert names(tmp_path) == set()


def test_a_folder_that_was_filled_stays(tmp_path: Path) -> None:
    """Only empty ones are taken away."""
    with files.held(tmp_path / "a"):
        (tmp_path / "a" / "letter.txt").write_text("x", encoding="utf-8")

    assert names(tmp_path) == {"a", "a/letter.txt"}


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """CannotWrite with its path."""
    (tmp_path / "a").write_text("x", encoding="utf-8")

    with pytest.raises(CannotWrite) as caught, files.held(tmp_path / "a"):
        pass

    assert caught.value.path == tmp_path / "a"
