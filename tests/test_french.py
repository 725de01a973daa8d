"""Kenneth French's size portfolios: the series of the sample, brought up to date."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from payload import batch, found, payload, wanted, zipped
from scripted import Reply, serving

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.french import EDGE, PORTFOLIOS, parse_portfolios
from generator.sources.sample import TABLES, Sample

if TYPE_CHECKING:
    import pandas as pd

DAILY, MONTHLY = payload("french_daily.csv"), payload("french_monthly.csv")
NAMES = (",<= 0,Lo 30,Med 40,Hi 30,Lo 20,Qnt 2,Qnt 3,Qnt 4,Hi 20,Lo 10,Dec 2,Dec 3,Dec 4,Dec 5,Dec 6,Dec 7,Dec 8,Dec 9,"
         "Hi 10")  # fmt: skip


def daily(content: bytes = DAILY) -> bytes:
    """Pack the daily file."""
    return zipped(Portfolios_Formed_on_ME_daily__csv=content)


def test_each_weighting_has_its_table() -> None:
    """Value-weighted first, equal-weighted below; percent."""
    read = found(parse_portfolios(daily(), batch("vw_q2", "ew_q2", "vw_d10")))

    assert read["vw_q2"] == {"2026-03-30": 0.12, "2026-03-31": 3.67}
    assert read["ew_q2"] == {"2026-03-30": -0.12, "2026-03-31": 2.12}


def test_both_marks_of_a_missing_value_are_known() -> None:
    """-99.99 and -999."""
    read = found(parse_portfolios(daily(), batch("vw_q3", "vw_d10")))

    assert read == {"vw_q3": {"2026-03-30": 0.13}, "vw_d10": {"2026-03-30": 0.16}}


def test_months_are_dated_their_first_day_and_years_are_another_table() -> None:
    """Number of firms, and their average size in million dollars."""
    read = found(parse_portfolios(zipped(a__csv=MONTHLY), batch("firms_q1", "avg_musd_q5", "firms_d10")))

    assert read["firms_q1"] == {"2026-02-01": 1003.0, "2026-03-01": 2003.0}
    assert read["avg_musd_q5"] == {"2026-02-01": 107.0, "2026-03-01": 207.0}
    assert read["firms_d10"]["2026-03-01"] == 2017.0


def test_the_headings_have_had_several_forms() -> None:
    """With and without "Average", "Weight" and "Weighted"."""
    for old in (b"  Value Weighted Returns -- Daily", b"Value Weight Returns -- Daily"):
        body = daily(DAILY.replace(b"  Average Value Weighted Returns -- Daily", old))
        assert found(parse_portfolios(body, batch("vw_q2")))["vw_q2"]["2026-03-31"] == 3.67


def wire(observed: pd.DataFrame, weights: str, days: pd.DatetimeIndex) -> list[str]:
    """Write a table of the sample's returns as the library does; portfolios the sample has not are missing."""
    names = {column: portfolio for portfolio, column in PORTFOLIOS.items()}
    lines = [NAMES]
    for when in days:
        cells = []
        for column in NAMES.split(",")[1:]:
            series = observed.get(f"size.{weights}_{names.get(column)}")
            cells.append("-99.99" if series is None or when not in series.index else f"{series[when]:.2f}")
        lines.append(",".join([f"{when:%Y%m%d}", *(f"{cell:>7}" for cell in cells)]))
    return lines


def test_the_library_gives_the_series_of_the_sample() -> None:
    """The same ids and the same values for the same days: the last 60 sessions of the sample, every column."""
    long = Sample().observations()
    observed = {str(name): part.set_index("date")["value"] for name, part in long.groupby("series_id", observed=True)}
    specs = {column: spec.id for column, spec in TABLES[0].columns.items()}
    days = observed["size.vw_q2"].index[-60:]
    body = "\n".join(
        ["Preamble", "", "  Average Value Weighted Returns -- Daily", *wire(observed, "vw", days), "", "",  # type: ignore[arg-type]
         "  Average Equal Weighted Returns -- Daily", *wire(observed, "ew", days), "", "Copyright"]  # type: ignore[arg-type]
    )  # fmt: skip
    asking = batch(*specs)
    read = found(parse_portfolios(daily(body.encode()), asking))

    assert read.keys() == set(specs)
    for column, series_id in specs.items():
        assert list(read[column].values()) == observed[series_id][days].tolist()


@pytest.mark.parametrize(
    "content",
    [
        DAILY.replace(b"Average Value Weighted", b"Average Something Else"),
        DAILY.replace(b"Average Equal Weighted", b"Average Value Weighted"),
        DAILY.replace(b"Qnt 2", b"Qnt II"),
        DAILY.replace(b"3.67", b"much"),
        DAILY.replace(b"3.67", b"inf"),
        DAILY.replace(b"20260331", b"20260330"),
        DAILY.replace(b"20260331", b"20260231"),
        DAILY.replace(b"\n2026", b"\n# 2026"),
        b"",
    ],
)
def test_a_file_of_another_form_is_refused(content: bytes) -> None:
    """No table, two of one heading, no column, no number, a day twice or none that there is."""
    with pytest.raises(NotData):
        parse_portfolios(daily(content), batch("vw_q2"))


def test_a_portfolio_without_a_value_is_an_empty_answer() -> None:
    """Though the file is well-formed."""
    with pytest.raises(EmptyAnswer):
        parse_portfolios(daily(DAILY.replace(b"  0.13,", b"-99.99,")), batch("vw_q3"))


def test_an_archive_of_two_files_or_half_an_archive_is_refused() -> None:
    """Half an archive is asked for again."""
    with pytest.raises(NotData, match="2 files"):
        parse_portfolios(zipped(a__csv=DAILY, b__csv=DAILY), batch("vw_q2"))
    with pytest.raises(NotData) as caught:
        parse_portfolios(daily()[:-40], batch("vw_q2"))
    assert caught.value.truncated


def test_one_request_a_file() -> None:
    """Daily returns from one, sizes by month from the other."""
    asking = wanted("vw_q2", "firms_q2", "ew_q5", "avg_musd_d10", since=date(2026, 3, 31))
    of_days, of_months = EDGE.batches(asking, today=date(2026, 4, 30))
    assert [one.code for one in of_days.wanted] == ["vw_q2", "ew_q5"]
    assert [one.code for one in of_months.wanted] == ["firms_q2", "avg_musd_d10"]

    with serving(lambda _: Reply(body=daily())) as server, server.access() as access:
        read = found(EDGE.fetch(of_days, access))
        (request,) = server.seen
    assert read == {"vw_q2": {"2026-03-31": 3.67}, "ew_q5": {"2026-03-31": 1.15}}
    assert request.host == "mba.tuck.dartmouth.edu"
    assert request.path == "/pages/faculty/ken.french/ftp/Portfolios_Formed_on_ME_Daily_CSV.zip"
    for code in ("vw_q9", "xx_q2", "q2"):
        with pytest.raises(UnknownCode):
            EDGE.batches(wanted(code), today=date(2026, 4, 30))
