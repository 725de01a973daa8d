"""The US Treasury's curves: a file a year, columns by name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from payload import batch, found, payload, wanted
from scripted import Reply, Request, serving

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.treasury import EDGE, parse_curve

if TYPE_CHECKING:
    from generator.sources.feeds import Batch

NOMINAL, REAL = payload("treasury_2026.csv"), payload("treasury_real_2026.csv")


def curve(body: bytes, asking: Batch) -> pd.DataFrame:
    """Read a file that has rows."""
    read = parse_curve(body, asking)
    assert read is not None
    return read


def test_yields_are_found_by_the_names_of_their_columns() -> None:
    """Percent, by day; an empty cell and N/A are no values."""
    read = found(curve(NOMINAL, batch("10 Yr", "1.5 Month", "30 Yr")))

    assert read["10 Yr"] == {"2026-11-23": 4.23, "2026-11-24": 4.21}
    assert read["1.5 Month"] == {"2026-11-20": 3.92, "2026-11-24": 3.90}
    assert read["30 Yr"]["2026-11-20"] == 4.88


def test_a_real_yield_is_asked_for_as_such() -> None:
    """Its file writes the names in capitals; spelling makes no difference."""
    assert found(curve(REAL, batch("real:10 YR")))["real:10 YR"]["2026-11-24"] == 1.83
    assert found(curve(REAL, batch("real:5 Yr")))["real:5 Yr"]["2026-11-23"] == 1.43


def test_a_column_that_moved_is_still_found() -> None:
    """As when 4 months came into the midst in 2022."""
    body = b'Date,"10 Yr","1 Mo"\n01/03/2022,1.63,0.05\n'

    assert found(curve(body, batch("1 Mo", "10 Yr", last=date(2022, 12, 31)))) == {
        "1 Mo": {"2022-01-03": 0.05},
        "10 Yr": {"2022-01-03": 1.63},
    }


def long(head: str, cells: str, year: int) -> bytes:
    """Make a file of twenty days."""
    return "\n".join([head, *(f"03/{day:02}/{year},{cells}" for day in range(1, 21)), ""]).encode()


def test_a_column_that_should_be_there_is_unknown() -> None:
    """A slip of the pen, or a column that the Treasury dropped; in years before it began its absence is right."""
    now, then = long('Date,"10 Yr"', "4.21", 2026), long('Date,"10 Yr"', "4.21", 2019)
    for code in ("11 Yr", "4 Mo"):
        with pytest.raises(UnknownCode) as caught:
            parse_curve(now, batch(code))
        assert caught.value.code == code
        assert found(curve(then, batch("10 Yr", code, last=date(2019, 12, 31)))).keys() == {"10 Yr"}


def test_a_column_without_a_value_is_an_empty_answer() -> None:
    """But the 30-year bond was not issued from 2002 to 2006."""
    body = 'Date,"10 Yr","30 Yr"', "4.21,"
    with pytest.raises(EmptyAnswer) as caught:
        parse_curve(long(*body, 2026), batch("10 Yr", "30 Yr"))
    assert caught.value.code == "30 Yr"
    assert found(curve(long(*body, 2004), batch("10 Yr", "30 Yr", last=date(2004, 12, 31)))).keys() == {"10 Yr"}


HEAD = NOMINAL.splitlines(keepends=True)[0]


def of_years(years: set[int], wanted_since: date | None, today: date) -> dict[str, dict[str, float]]:
    """Fetch the 10-year yield from a Treasury that has values for these years, 15 March of each."""

    def answer(request: Request) -> Reply:
        year = int(request.params["field_tdr_date_value"][0])
        row = f"03/15/{year},{',' * 11}4.{year % 100:02},,\n".encode()
        return Reply(body=HEAD + row if year in years else HEAD)

    with serving(answer) as server, server.access() as access:
        batches = EDGE.batches(wanted("10 Yr", since=wanted_since), today=today)
        return found(pd.concat([EDGE.fetch(one, access) for one in batches], ignore_index=True))


def test_a_header_alone_is_right_in_the_first_days_of_january() -> None:
    """On 2 January no yield of the year is out; the year before must have some."""
    new_year = date(2027, 1, 2)

    assert parse_curve(HEAD, batch("10 Yr", last=new_year)) is None
    assert of_years({2026}, date(2026, 3, 1), new_year) == {"10 Yr": {"2026-03-15": 4.26}}
    with pytest.raises(EmptyAnswer, match="yield curve 2026"):
        of_years({2025}, date(2025, 3, 1), new_year)


def test_empty_years_are_those_before_the_curve_began() -> None:
    """A year without a yield after one that has some is a hole, and so is the year that runs."""
    today = date(2026, 11, 24)

    all_years = of_years(set(range(1996, 2027)), None, today)
    assert all_years["10 Yr"].keys() == {f"{year}-03-15" for year in range(1996, 2027)}
    for hole in (1997, 2015, 2026):
        with pytest.raises(EmptyAnswer, match=f"yield curve {hole}"):
            of_years(set(range(1996, 2027)) - {hole}, None, today)


def test_another_years_file_is_refused() -> None:
    """A cache in front of the Treasury may give one."""
    with pytest.raises(NotData, match="asked for 2025, and 2026-11-20 came"):
        parse_curve(NOMINAL, batch("1 Yr", last=date(2025, 12, 31)))


@pytest.mark.parametrize("cell", ["4.2.1", "412x", "inf"])
def test_a_cell_that_is_no_number_is_named(cell: str) -> None:
    """With its column and day."""
    with pytest.raises(NotData, match="no number in 10 Yr of 2026-11-24"):
        parse_curve(NOMINAL.replace(b"4.21", cell.encode()), batch("10 Yr"))


def test_half_a_file_is_asked_again() -> None:
    """Wherever it is cut, but at the end of a line."""
    for length in (len(NOMINAL) - 2, len(NOMINAL) - 9, len(NOMINAL) - 70):
        with pytest.raises(NotData) as caught:
            parse_curve(NOMINAL[:length], batch("10 Yr"))
        assert caught.value.truncated


def test_the_first_fetch_asks_for_every_year_there_is() -> None:
    """Nominal yields since 1990, eight years a batch; real ones since 2003."""
    batches = EDGE.batches(wanted("10 Yr", "4 Mo", "real:10 YR"), today=date(2026, 11, 24))

    assert [one.label for one in batches] == [
        "yield curve 1990-1997", "yield curve 1998-2005", "yield curve 2006-2013", "yield curve 2014-2021",
        "yield curve 2022-2026", "real yield curve 2003-2010", "real yield curve 2011-2018",
        "real yield curve 2019-2026",
    ]  # fmt: skip
    assert [one.code for one in batches[3].wanted] == ["10 Yr"]
    assert [one.code for one in batches[4].wanted] == ["10 Yr", "4 Mo"]
    assert (batches[4].first, batches[4].last) == (date(2022, 1, 1), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("since", "today", "label"),
    [
        (date(2026, 11, 14), date(2026, 11, 24), "yield curve 2026"),
        (date(2027, 1, 1), date(2027, 1, 1), "yield curve 2026-2027"),
        (date(2026, 12, 28), date(2027, 1, 7), "yield curve 2026-2027"),
        (date(2027, 2, 1), date(2027, 2, 11), "yield curve 2027"),
    ],
)
def test_in_january_two_years_are_read(since: date, today: date, label: str) -> None:
    """On its first days the year's own file is empty."""
    assert [one.label for one in EDGE.batches(wanted("10 Yr", since=since), today=today)] == [label]


def test_the_request_passes_the_cache_in_front() -> None:
    """By a parameter that is new each time; the year stands twice in the address."""
    (asking,) = EDGE.batches(wanted("10 Yr", since=date(2026, 11, 14)), today=date(2026, 11, 24))
    with serving(lambda _: Reply(body=NOMINAL)) as server, server.access() as access:
        read = found(EDGE.fetch(asking, access))
        (request,) = server.seen

    assert read["10 Yr"]["2026-11-24"] == 4.21
    assert request.host == "home.treasury.gov"
    assert request.path.endswith("/daily-treasury-rates.csv/2026/all")
    assert request.params == {
        "type": ["daily_treasury_yield_curve"],
        "field_tdr_date_value": ["2026"],
        "page": [""],
        "_format": ["csv"],
        "fresh": ["20261124233000"],
    }
