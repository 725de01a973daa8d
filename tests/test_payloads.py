"""What all parsers share: tables, archives, numbers and days; what does not fit is refused with what was found."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest
from payload import batch, found, zipped

from generator.errors import EmptyAnswer, NotData, TooLarge
from generator.sources import payloads
from generator.sources.payloads import Table, answered, archive, by_column, day, number, table, text, tree

ONE = batch("A")


def read(body: bytes) -> Table:
    """Read a table whose first column is Date."""
    return table(body, ONE, first=("Date",))


def test_a_table_is_read_by_name() -> None:
    """A mark at the start, quotes, spaces, empty lines, line ends of either kind and a comma at the end do no harm."""
    read_in = read(b'\xef\xbb\xbfDate,"10 Yr", B,\r\n2026-01-02, 4.10 ,"1,5",\r\n\r\n2026-01-05,4.12,2,\r\n')

    assert read_in.names == ["Date", "10 Yr", "B"]
    assert by_column(read_in, ONE, {"A": "10 Yr"}) == {"A": {date(2026, 1, 2): 4.1, date(2026, 1, 5): 4.12}}
    assert [row[2] for row in read_in.rows] == ["1,5", "2"]


def test_a_header_alone_is_a_table_without_rows() -> None:
    """Which is for the source's own parser to judge."""
    assert read(b"Date,A\n") == Table(["Date", "A"], [])


@pytest.mark.parametrize("body", [b"", b"\n\n", b"Oops,A\n1,2\n", b"{}"])
def test_another_table_is_refused(body: bytes) -> None:
    """By the name of its first column."""
    with pytest.raises(NotData, match="first column is not named Date"):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b"Date,A,B\n2026-01-02,1,2\n2026-01",
        b"Date,A,B\n2026-01-02,1,2\n2026-01-05,1",
        b"Date,A,B\n2026-01-02,1.25,2.25\n2026-01-05,1.25,2.1",
        b'Date,A,B\n2026-01-02,1,"a, b"\n2026-01-05,1,"a',
    ],
    ids=["in a date", "before a cell", "in a number", "in quotes"],
)
def test_a_table_that_ends_too_early_is_half_an_answer(body: bytes) -> None:
    """A short last line, or a last number with fewer decimals than all others have; it is asked for again."""
    with pytest.raises(NotData) as caught:
        read(body)
    assert caught.value.truncated


def test_a_short_number_on_a_whole_line_is_a_number() -> None:
    """The line is whole if it ends, or if decimals differ anyway."""
    assert len(read(b"Date,A\n2026-01-02,1.25\n2026-01-05,1.2\n").rows) == 2
    assert len(read(b"Date,A\n2026-01-02,1.25\n2026-01-05,1.2\n2026-01-06,1.3").rows) == 3


def test_a_line_of_another_width_in_the_midst_is_refused() -> None:
    """That is no half answer: it would be the same again."""
    with pytest.raises(NotData, match="line 2 has 4 cells") as caught:
        read(b"Date,A\n2026-01-02,1,5,6\n2026-01-05,1\n")
    assert not caught.value.truncated


@pytest.mark.parametrize("cell", ["2026-11-24", "11/24/2026"])
def test_days_are_written_in_two_ways(cell: str) -> None:
    """Year first, or as Americans do."""
    assert day(cell, ONE) == date(2026, 11, 24)
    assert day("1/2/2026", ONE) == date(2026, 1, 2)


@pytest.mark.parametrize("cell", ["", "24/11/2026", "2026-02-30", "2026", "11/24/26", "tomorrow", "//", "1/1/1/2026"])
def test_what_is_no_day_is_refused(cell: str) -> None:
    """The cell is shown."""
    with pytest.raises(NotData, match="no date"):
        day(cell, ONE)


@pytest.mark.parametrize("cell", ["", "nan", "inf", "n/a", "4,21", "--"])
def test_what_is_no_number_is_refused(cell: str) -> None:
    """With the place where it stands."""
    with pytest.raises(NotData, match="no number in 10 Yr of Monday"):
        number(cell, ONE, where=("10 Yr", "Monday"))


def test_the_same_day_twice_is_one_if_the_values_agree() -> None:
    """And refused if they do not."""
    rows = [["2026-01-02", "1.0"], ["2026-01-02", "1.00"]]
    assert by_column(Table(["Date", "A"], rows), ONE, {"A": "A"}) == {"A": {date(2026, 1, 2): 1.0}}
    with pytest.raises(NotData, match=r"two values of A for 2026-01-02: 1\.0 and 2\.0"):
        by_column(Table(["Date", "A"], [*rows, ["2026-01-02", "2"]]), ONE, {"A": "A"})


@pytest.mark.parametrize("cell", ["", ".", "N/A", "NaN"])
def test_a_cell_that_says_there_is_none_is_left_out(cell: str) -> None:
    """Nothing stands in for it."""
    assert by_column(Table(["Date", "A"], [["2026-01-02", cell]]), ONE, {"A": "A"}) == {"A": {}}


def test_days_before_the_first_wanted_are_left_out() -> None:
    """A file that holds all is cut; a code without a single value in it is an empty answer, though."""
    values = {"A": {date(2026, 1, 2): 1.0, date(2026, 1, 5): 2.0}}

    assert found(answered(batch("A", since=date(2026, 1, 5)), values)) == {"A": {"2026-01-05": 2.0}}
    assert found(answered(batch("A", since=date(2026, 2, 1)), values)) == {}
    with pytest.raises(EmptyAnswer) as caught:
        answered(batch("A", "B"), values)
    assert caught.value.code == "B"


def test_half_a_json_is_asked_again_and_other_text_is_not() -> None:
    """Where the text ends before the object does, it was cut."""
    for body, truncated in ((b'{"a": [1, 2', True), (b'{"a": "ab', True), (b'{"a": nonsense}', False), (b"[1]", False)):
        with pytest.raises(NotData) as caught:
            tree(body, ONE)
        assert caught.value.truncated is truncated, body
    with pytest.raises(NotData, match="nested without end"):
        tree(b'{"a":' + b"[" * 200_000, ONE)
    with pytest.raises(NotData, match="no text"):
        text(b"\xff\xfe\x00", ONE)


def test_an_archive_is_unpacked() -> None:
    """All its files by name."""
    assert archive(zipped(a__csv=b"1", b__csv=b"2"), ONE) == {"a.csv": b"1", "b.csv": b"2"}


def test_a_cut_archive_is_asked_again_and_what_is_none_is_refused() -> None:
    """The directory of an archive stands at its end."""
    whole = zipped(a__csv=bytes(1000))
    for body, truncated in ((whole[:-30], True), (b"no zip", False)):
        with pytest.raises(NotData, match="cannot be read") as caught:
            archive(body, ONE)
        assert caught.value.truncated is truncated
    with pytest.raises(NotData, match="is empty"):
        archive(zipped(), ONE)


def test_an_archive_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one large file nor many: what is read in all has a bound."""
    monkeypatch.setattr(payloads, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(TooLarge, match="1 MB"):
        archive(zipped(a__csv=bytes(1_000_001)), ONE)
    with pytest.raises(TooLarge):
        archive(zipped(a__csv=bytes(600_000), b__csv=bytes(600_000)), ONE)
    with pytest.raises(NotData, match="holds 21 files"):
        archive(zipped(**{f"f{n}": b"" for n in range(21)}), ONE)


def test_an_archive_under_a_password_is_refused() -> None:
    """It is damaged or not meant for us."""
    body = bytearray(zipped(a__csv=b"1"))
    body[6] |= 1  # the flag of encryption, in the local header and in the directory
    body[body.index(b"PK\x01\x02") + 8] |= 1
    assert zipfile.is_zipfile(__import__("io").BytesIO(body))
    with pytest.raises(NotData, match="cannot be read"):
        archive(bytes(body), ONE)
