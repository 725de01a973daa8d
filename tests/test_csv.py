"""A user's own series out of a file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.errors import EmptyAnswer, FetchError, NotData, UnknownCode, Unreachable
from generator.sources.csv import EDGE, parse_file
from generator.sources.feeds import COLUMNS, Wanted

if TYPE_CHECKING:
    from pathlib import Path


def wanted(code: str = "a.csv::date::value::") -> Wanted:
    """The series of a file."""
    return Wanted(series_id="survey.orders", code=code, since=None)


def test_date_and_value_are_enough() -> None:
    """Other columns are passed over, what is missing is left out, and no moment is stated."""
    found = parse_file(
        b"\xef\xbb\xbfdate,note,value\n2026-09-30,x,51.5\n2026-10-31,y,\n2026-11,,.\n2026-12, z , 50 \n", wanted()
    )

    assert list(found.columns) == list(COLUMNS)
    assert [f"{day:%Y-%m-%d}" for day in found["date"]] == ["2026-09-30", "2026-12-01"]
    assert found["value"].tolist() == [51.5, 50.0]
    assert found["known_at"].isna().all()


def test_a_file_may_say_when_each_value_became_known() -> None:
    """With its zone, as a day, or not at all; several values of a day are its vintages."""
    content = b"day,x,seen\n2026-09-01,1,2026-10-01T10:00:00-04:00\n2026-09-01,2,2026-11-01\n2026-10-01,3,\n"
    found = parse_file(content, wanted("a.csv::day::x::seen"))

    assert [str(moment) for moment in found["known_at"]] == [
        "2026-10-01 14:00:00+00:00", "2026-11-01 00:00:00+00:00", "NaT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"when,value\n2026-09-01,1\n", UnknownCode, "column 'date'"),
        (b"date,value\n2026-09-01,many\n", NotData, "line 2: 'many'"),
        (b"date,value\n2026-09-01,inf\n", NotData, "line 2: 'inf'"),
        (b"date,value\nSeptember,1\n", NotData, "line 2: 'September' is no date"),
        (b"date,value\n2026-09-01,1\n2026-09-01,2\n", NotData, "line 3: a second value"),
        (b"date,value\n", EmptyAnswer, "without a single value"),
        (b"", UnknownCode, "column 'date'"),
        (b"date,value\n\xff\xfe\n", NotData, "no CSV in UTF-8"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(content: bytes, error: type[FetchError], said: str) -> None:
    """With the line at fault."""
    with pytest.raises(error, match=said):
        parse_file(content, wanted())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And one that is there is read."""
    path = tmp_path / "orders.csv"
    (batch,) = EDGE.batches([wanted(f"{path}::date::value::")], today=date(2026, 11, 24))
    with pytest.raises(Unreachable, match="No such file"):
        EDGE.fetch(batch, None)  # type: ignore[arg-type]
    path.write_bytes(b"date,value\n2026-09-01,1\n")
    assert EDGE.fetch(batch, None)["value"].tolist() == [1.0]  # type: ignore[arg-type]
