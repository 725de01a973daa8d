"""The stationery: where templates lie, and where their compiled form is kept between runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from generator import stationery
from generator.errors import RenderError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_of_the_stationery_is_found() -> None:
    """The prose lies in templates/prose of the clone."""
    assert (stationery.folder("prose") / "gap.jinja").is_file()


def test_a_missing_folder_says_what_to_do() -> None:
    """An installation without its templates is named as what it is."""
    with pytest.raises(RenderError, match="nowhere") as caught:
        stationery.folder("nowhere")
    assert "reinstall" in caught.value.hint


def test_compiled_templates_are_kept_where_bytecode_may_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python keeps its own, in `__pycache__`."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert stationery.compiled(tmp_path) is not None
    assert (tmp_path / "__pycache__").is_dir()


def test_nothing_is_kept_where_bytecode_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYTHONDONTWRITEBYTECODE holds for templates too."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert stationery.compiled(tmp_path) is None
    assert not list(tmp_path.iterdir())
