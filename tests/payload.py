"""Payloads of tests/data, batches to read them with, and what was read."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator.sources.feeds import COLUMNS, Batch, Wanted

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "data"
TODAY = date(2026, 11, 24)


def payload(name: str) -> bytes:
    """Read a file of tests/data."""
    return (FOLDER / name).read_bytes()


def zipped(**files: bytes) -> bytes:
    """Pack files into an archive; `__` in a name stands for the dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return out.getvalue()


def wanted(*codes: str, since: date | None = None) -> tuple[Wanted, ...]:
    """Ask for codes; our id for each is the code with "our." before it."""
    return tuple(Wanted(series_id=f"our.{code}", code=code, since=since) for code in codes)


def batch(*codes: str, source: str = "test", since: date | None = None, last: date = TODAY) -> Batch:
    """Make a batch of codes, whole or from a day on."""
    return Batch(source=source, label="all of it", wanted=wanted(*codes, since=since), first=since, last=last)


def found(frame: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Give what was read: code to ISO day to value; the frame must be of the form that all edges share."""
    assert tuple(frame.columns) == COLUMNS
    assert [str(kind) for kind in frame.dtypes] == ["str", "datetime64[us]", "float64", "datetime64[us, UTC]"]
    assert not frame.duplicated(["series_id", "date"]).any()
    read: dict[str, dict[str, float]] = {}
    for series_id, day, value in zip(frame["series_id"], frame["date"], frame["value"], strict=True):
        read.setdefault(series_id.removeprefix("our."), {})[f"{day:%Y-%m-%d}"] = value
    return read
