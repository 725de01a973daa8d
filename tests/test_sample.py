"""The sample source: real observations that need neither network nor key."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from generator.errors import DamagedData, UnknownName
from generator.sources import SOURCES, open_source
from generator.sources.releases import RULES
from generator.sources.sample import FOLDER, Sample


@pytest.fixture(scope="module")
def observed() -> pd.DataFrame:
    """All observations of the sample."""
    return Sample().observations()


def values(observed: pd.DataFrame, series_id: str) -> pd.Series[float]:
    """A series by date."""
    return observed[observed["series_id"] == series_id].set_index("date")["value"]


def test_a_source_is_opened_by_name() -> None:
    """Every registered source opens under its own name; a slip of the pen is answered with the nearest one."""
    for name in SOURCES:
        assert open_source(name).name == name
    with pytest.raises(UnknownName) as caught:
        open_source("sampel")
    assert caught.value.nearest == "sample"


def test_every_series_is_described(observed: pd.DataFrame) -> None:
    """40 series, each with observations, a release rule that exists, a publisher and terms."""
    specs = Sample().specs()

    assert len(specs) == 40
    assert {spec.id for spec in specs} == set(observed["series_id"].cat.categories)
    assert all(spec.release in RULES and spec.publisher and spec.terms and spec.label for spec in specs)


def test_ranges_and_counts_are_those_of_the_files(observed: pd.DataFrame) -> None:
    """Rows as counted in the published files, empty cells left out."""
    counts = observed["series_id"].value_counts()

    assert len(observed) == 420_055
    assert counts["size.vw_q2"] == 26_212
    assert counts["size.firms.d10"] == 1_197
    assert counts["rates.DGS1MO"] == 6_210
    assert counts["policy.target_upper"] == 109
    assert counts["prices.CPIAUCSL"] == 955
    assert counts["fx.usd_per_eur"] == 7_126
    assert counts["calendar.fomc"] == 32
    assert values(observed, "size.vw_q2").index[[0, -1]].tolist() == [*pd.to_datetime(["1926-07-01", "2026-03-31"])]
    assert Sample().complete_through == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("series_id", "day", "value"),
    [
        ("size.vw_q2", "2026-03-31", 3.67),
        ("size.ew_q5", "2026-03-30", -0.1),
        ("size.firms.q1", "2026-03-01", 1643),
        ("size.average.q5", "2026-03-01", 168245.08),
        ("rates.DGS10", "2026-06-01", 4.47),
        ("policy.target_lower", "2024-09-18", 4.75),
        ("prices.CPILFESL", "2026-08-01", 337.765),
        ("fx.gbp_per_eur", "2026-10-29", 0.83578),
    ],
)
def test_values_are_exactly_those_published(observed: pd.DataFrame, series_id: str, day: str, value: float) -> None:
    """A value read back is the very float its published digits mean."""
    assert values(observed, series_id)[day] == value


@pytest.mark.parametrize(("series_id", "percent"), [("size.vw_q2", 8.99), ("size.vw_q5", 3.21)])
def test_returns_compound_to_the_published_summer(observed: pd.DataFrame, series_id: str, percent: float) -> None:
    """From the close of 28 June to that of 30 August 2024: small caps +8.99 %, large caps +3.21 %."""
    summer = values(observed, series_id)["2024-07-01":"2024-08-30"]

    assert round(((1 + summer / 100).prod() - 1) * 100, 2) == percent


def test_sizes_stand_at_the_start_of_the_month(observed: pd.DataFrame) -> None:
    """The crash of 19 October 1987 shows in the row of November, not in that of October."""
    large = values(observed, "size.average.q5")

    assert large["1987-11-01"] / large["1987-10-01"] < 0.8
    assert large["1987-10-01"] / large["1987-09-01"] > 0.97


def test_october_2025_has_no_price_index(observed: pd.DataFrame) -> None:
    """It was never published, and nothing stands in for it."""
    assert list(values(observed, "prices.CPIAUCSL")["2025-09":"2025-11"].index.month) == [9, 11]


def test_what_an_evening_knew(observed: pd.DataFrame) -> None:
    """On 18 September 2024 at 18:00: that day's decision and returns, yesterday's yields, August's prices."""
    known = observed[observed["known_at"] <= pd.Timestamp("2024-09-18 22:00", tz="UTC")]
    newest = known.groupby("series_id", observed=True)["date"].max()

    assert values(known, "policy.target_upper").iloc[-1] == 5.0
    assert newest["policy.target_upper"] == pd.Timestamp("2024-09-18")
    assert newest["size.vw_q2"] == pd.Timestamp("2024-09-18")
    assert newest["rates.DGS10"] == pd.Timestamp("2024-09-17")
    assert newest["prices.CPIAUCSL"] == pd.Timestamp("2024-08-01")
    assert newest["size.average.q2"] == pd.Timestamp("2024-09-01")
    assert newest["fx.usd_per_eur"] == pd.Timestamp("2024-09-18")


def test_nothing_is_known_before_it_happened(observed: pd.DataFrame) -> None:
    """But for sizes, which stand at the start of their month, and schedules, a moment never precedes its date."""
    others = observed[~observed["series_id"].str.match(r"size\.(firms|average)|calendar\.")]

    assert (others["known_at"].dt.tz_localize(None) > others["date"]).all()


def test_a_schedule_is_known_before_its_days(observed: pd.DataFrame) -> None:
    """In January 2026 the eight meetings of the year are known by date, those of 2027 are not yet."""
    known = observed[observed["known_at"] <= pd.Timestamp("2026-01-15 22:00", tz="UTC")]

    assert values(known, "calendar.fomc").index[-1] == pd.Timestamp("2026-12-09")
    assert (values(known, "calendar.fomc")["2026":].index > pd.Timestamp("2026-01-01")).sum() == 8


@pytest.mark.parametrize("harm", ["flip", "truncate", "remove", "sums"])
def test_a_damaged_sample_is_refused(tmp_path: Path, harm: str) -> None:
    """A file that is not as committed is named, whatever befell it."""
    folder = shutil.copytree(FOLDER, tmp_path / "data")
    file = folder / "cpi_monthly.parquet"
    content = bytearray(file.read_bytes())
    match harm:
        case "flip":
            content[2000] ^= 1
            file.write_bytes(content)
        case "truncate":
            file.write_bytes(content[:2000])
        case "remove":
            file.unlink()
        case _:
            (folder / "SHA256SUMS").write_text("", encoding="ascii")

    with pytest.raises(DamagedData, match="cpi_monthly"):
        Sample(folder=folder).observations()


def test_provenance_stands_beside_every_file() -> None:
    """The README in the folder names each file, and each file is named."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")

    for file in FOLDER.glob("*.parquet"):
        assert f"| {file.stem} |" in text


def test_the_registry_loads_nothing_heavy() -> None:
    """Neither pandas nor DuckDB is imported before a source is opened."""
    code = "import sys, generator.sources; print({'pandas', 'duckdb'} & set(sys.modules))"
    root = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"
