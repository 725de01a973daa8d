"""The committed real observations: a full edition with neither network nor key.

The files in `data/` are the latest vintage of six public data sets; `data/README.md` tells their provenance and
terms. They carry no publication times: each `known_at` is derived from the release rule of its series.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import duckdb
import numpy as np
import pandas as pd

from generator.errors import DamagedData
from generator.model import SeriesSpec, Universe
from generator.sources.releases import RULES
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FOLDER = Path(__file__).parent / "data"
FRENCH = "Kenneth R. French Data Library, built on CRSP"
FRENCH_TERMS = "copyright Eugene F. Fama and Kenneth R. French; free to use with attribution, for demonstration here"
PUBLIC_DOMAIN = "public domain"
PORTFOLIOS = {
    "q1": "size quintile 1 (smallest)",
    "q2": "size quintile 2",
    "q3": "size quintile 3",
    "q4": "size quintile 4",
    "q5": "size quintile 5 (largest)",
    "d10": "size decile 10 (the largest)",
}
WEIGHTS = {"vw": "value-weighted", "ew": "equal-weighted"}
RETURNS = ("vw_q1", "vw_q2", "vw_q3", "vw_q4", "vw_q5", "vw_d10", "ew_q1", "ew_q2", "ew_q5")
MATURITIES = {
    "DGS1MO": "1-month",
    "DGS3MO": "3-month",
    "DGS6MO": "6-month",
    "DGS1": "1-year",
    "DGS2": "2-year",
    "DGS3": "3-year",
    "DGS5": "5-year",
    "DGS7": "7-year",
    "DGS10": "10-year",
    "DGS20": "20-year",
    "DGS30": "30-year",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One file: its columns as series, and the file whose dates are the calendar of its release rule."""

    file: str
    calendar: str
    columns: dict[str, SeriesSpec]


def _returns() -> Table:
    columns = {
        column: SeriesSpec(
            id=f"size.{column}",
            label=f"US stocks, {PORTFOLIOS[portfolio]}, {WEIGHTS[weight]}: daily total return",
            unit=Unit.PERCENT,
            frequency="session",
            publisher=FRENCH,
            release="equity-close",
            terms=FRENCH_TERMS,
        )
        for column in RETURNS
        for weight, portfolio in [column.split("_")]
    }
    return Table(file="us_size_portfolios_daily", calendar="us_size_portfolios_daily", columns=columns)


def _sizes() -> Table:
    kinds = {
        "firms": ("firms", "number of firms", Unit.COUNT),
        "avg_musd": ("average", "average firm size", Unit.MILLION_DOLLARS),
    }
    columns = {
        f"{column}_{portfolio}": SeriesSpec(
            id=f"size.{kind}.{portfolio}",
            label=f"US stocks, {words}: {measure} at the start of the month",
            unit=unit,
            frequency="month",
            publisher=FRENCH,
            release="size-weights",
            terms=FRENCH_TERMS,
        )
        for portfolio, words in PORTFOLIOS.items()
        for column, (kind, measure, unit) in kinds.items()
    }
    return Table(file="us_size_portfolios_monthly", calendar="us_size_portfolios_daily", columns=columns)


def _yields() -> Table:
    columns = {
        column: SeriesSpec(
            id=f"rates.{column}",
            label=f"{maturity} Treasury yield",
            unit=Unit.YIELD,
            frequency="business day",
            publisher="Board of Governors of the Federal Reserve System, H.15, through FRED",
            release="h15",
            terms=PUBLIC_DOMAIN,
        )
        for column, maturity in MATURITIES.items()
    }
    return Table(file="treasury_yields_daily", calendar="treasury_yields_daily", columns=columns)


def _target() -> Table:
    columns = {
        bound: SeriesSpec(
            id=f"policy.target_{bound}",
            label=f"Federal funds target, {bound} bound",
            unit=Unit.YIELD,
            frequency="event",
            publisher="Federal Open Market Committee",
            release="fomc",
            terms=PUBLIC_DOMAIN,
        )
        for bound in ("lower", "upper")
    }
    return Table(file="fed_funds_target_changes", calendar="fed_funds_target_changes", columns=columns)


def _prices() -> Table:
    names = {"CPIAUCSL": "Consumer prices", "CPILFESL": "Consumer prices less food and energy"}
    columns = {
        column: SeriesSpec(
            id=f"prices.{column}",
            label=f"{name}, seasonally adjusted, 1982-84 = 100",
            unit=Unit.INDEX,
            frequency="month",
            publisher="Bureau of Labor Statistics",
            release="cpi",
            terms=PUBLIC_DOMAIN,
        )
        for column, name in names.items()
    }
    return Table(file="cpi_monthly", calendar="cpi_monthly", columns=columns)


def _currencies() -> Table:
    names = {"usd": "US dollars", "gbp": "Pounds sterling", "jpy": "Japanese yen"}
    columns = {
        f"{code}_per_eur": SeriesSpec(
            id=f"fx.{code}_per_eur",
            label=f"{name} per euro",
            unit=Unit.DOLLARS if code == "usd" else Unit.RATIO,
            frequency="business day",
            publisher="European Central Bank, euro foreign exchange reference rates",
            release="ecb",
            terms="free reuse with attribution",
        )
        for code, name in names.items()
    }
    return Table(file="ecb_reference_rates_daily", calendar="ecb_reference_rates_daily", columns=columns)


def _meetings() -> Table:
    meeting = SeriesSpec(
        id="calendar.fomc",
        label="Scheduled decisions of the Federal Open Market Committee",
        unit=Unit.COUNT,
        frequency="event",
        publisher="Board of Governors of the Federal Reserve System",
        release="fomc-calendar",
        terms=PUBLIC_DOMAIN,
    )
    return Table(file="fomc_meetings", calendar="fomc_meetings", columns={"meeting": meeting})


TABLES = (_returns(), _sizes(), _yields(), _target(), _prices(), _currencies(), _meetings())
UNIVERSE = Universe(
    small="size.vw_q2",
    large="size.vw_q5",
    small_name="the second-smallest fifth of US stocks by market value (NYSE breakpoints), value-weighted",
    large_name="the largest fifth of US stocks by market value (NYSE breakpoints), value-weighted",
    notice="Made from the sample data that come with Capline. Small caps here are the second-smallest fifth of US "
    "stocks by market value and large caps the largest fifth (NYSE breakpoints, value-weighted; Kenneth R. French Data "
    "Library, built on CRSP). They are portfolios, not the Russell indices or the S&P 500.",
    sizes=("q2", "q5"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample as a source. `folder` is where its files lie."""

    name: ClassVar[str] = "sample"
    complete_through: ClassVar[date] = date(2026, 3, 31)
    universe: ClassVar[Universe] = UNIVERSE
    folder: Path = field(default=FOLDER)

    def specs(self) -> tuple[SeriesSpec, ...]:
        """All 40 series, in the order of the files."""
        return tuple(spec for table in TABLES for spec in table.columns.values())

    def observations(self, only: Collection[str] | None = None) -> pd.DataFrame:
        """All observations, or those of some series, one a row, in order of series and date.

        Columns: series_id and source (categories), date (naive), known_at (UTC), value (float64). Raises DamagedData if
        a file is not as committed.
        """
        _check(self.folder)
        ids = [spec.id for spec in self.specs()]
        wanted = set(ids) if only is None else set(only)
        tables = [one for one in TABLES if wanted & {spec.id for spec in one.columns.values()}]
        files = {file for table in tables for file in (table.file, table.calendar)}
        with duckdb.connect() as connection:
            frames = {file: _read(connection, self.folder / f"{file}.parquet") for file in sorted(files)}
        parts = [part for table in tables for part in _columns(table, frames) if part[0] in wanted]
        identifiers = sorted(series_id for series_id, *_ in parts)
        parts.sort(key=lambda part: part[0])
        counts = [len(values) for *_, values in parts]
        return pd.DataFrame(
            {
                "series_id": _labels(np.repeat(np.arange(len(parts)), counts), identifiers),
                "date": np.concatenate([dates for _, dates, _, _ in parts]),
                "known_at": pd.DatetimeIndex(np.concatenate([known for _, _, known, _ in parts]), tz="UTC"),
                "value": np.concatenate([values for *_, values in parts]),
                "source": _labels(np.zeros(sum(counts), dtype=np.int8), [self.name]),
            }
        )


def _labels(codes: np.ndarray, labels: list[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(codes, pd.Index(labels))


def _check(folder: Path) -> None:
    """Compare each file with its digest in SHA256SUMS."""
    hint = "install capline again, or restore generator/sources/data from the repository"
    try:
        sums = [line.split() for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()]
        found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for _, name in sums}
    except (OSError, ValueError) as problem:
        raise DamagedData(f"the sample in {folder} cannot be read: {problem}", hint=hint) from problem
    damaged = [name for digest, name in sums if found[name] != digest]
    missing = [table.file for table in TABLES if f"{table.file}.parquet" not in found]
    if damaged or missing:
        raise DamagedData(f"the sample in {folder} is damaged: {', '.join(damaged + missing)}", hint=hint)


def _read(connection: duckdb.DuckDBPyConnection, path: Path) -> pd.DataFrame:
    """A file as a wide table of floats by date; rows without any value left out."""
    query = "SELECT date, COLUMNS(* EXCLUDE date)::DOUBLE FROM read_parquet(?) ORDER BY date"
    return connection.execute(query, [str(path)]).df().set_index("date").dropna(how="all")


Part = tuple[str, np.ndarray, np.ndarray, np.ndarray]  # series, dates, moments (UTC, naive), values


def _columns(table: Table, frames: dict[str, pd.DataFrame]) -> Iterator[Part]:
    """The observations of each column of a file, empty cells left out."""
    frame, calendar = frames[table.file], pd.DatetimeIndex(frames[table.calendar].index)
    dates = pd.DatetimeIndex(frame.index).as_unit("us")
    moments = {
        rule: RULES[rule].known_at(dates, calendar).tz_localize(None).to_numpy()
        for rule in {spec.release for spec in table.columns.values()}
    }
    for column, spec in table.columns.items():
        values = frame[column].to_numpy()
        present = ~np.isnan(values)
        yield spec.id, dates.to_numpy()[present], moments[spec.release][present], values[present]
