"""Turn the sample's CSV files into the Parquet files of generator/sources/data, without loss.

    python docs/sample/convert.py CSV_FOLDER generator/sources/data

Numbers are stored as decimals with the digits of the CSV, so that a value read back is the float that its text
means. SHA256SUMS is written beside them; `generator.sources.sample` checks it before it reads.
"""  # noqa: INP001 - a script, run once for a new delivery of the files

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import duckdb

DECIMALS = {
    "us_size_portfolios_daily": 2,
    "us_size_portfolios_monthly": 2,
    "treasury_yields_daily": 2,
    "fed_funds_target_changes": 2,
    "cpi_monthly": 3,
    "ecb_reference_rates_daily": 5,
    "fomc_meetings": 0,  # typed from the Federal Reserve's announcements; its CSV lies beside this script
}


def convert(csv: Path, parquet: Path, *, decimals: int) -> None:
    """Write one file; refuse it if a number does not come back as it was."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows AS FROM read_csv(?, all_varchar = true)", [str(csv)])
        day, *figures = (name for name, *_ in connection.execute("DESCRIBE rows").fetchall())
        exact = {name: f'"{name}"::DECIMAL(12, {decimals})' for name in figures}
        same = " AND ".join(f'{exact[name]}::DOUBLE IS NOT DISTINCT FROM "{name}"::DOUBLE' for name in figures)
        differing = connection.execute(f"SELECT count(*) FROM rows WHERE NOT ({same})").fetchall()[0][0]  # noqa: S608
        if differing:
            sys.exit(f"{csv}: {differing} rows need more than {decimals} decimals")
        stamp = f"""("{day}" || CASE WHEN length("{day}") = 7 THEN '-01' ELSE '' END)::DATE AS date"""
        columns = ", ".join(f'{exact[name]} AS "{name}"' for name in figures)
        wanted = f"SELECT {stamp}, {columns} FROM rows ORDER BY date"  # noqa: S608
        connection.execute(f"COPY ({wanted}) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19)")


def main(source: Path, target: Path) -> None:
    """Convert all files and write their digests."""
    sums = []
    for name, decimals in sorted(DECIMALS.items()):
        parquet = target / f"{name}.parquet"
        own = Path(__file__).parent / f"{name}.csv"
        convert(own if own.exists() else source / f"{name}.csv", parquet, decimals=decimals)
        sums.append(f"{hashlib.sha256(parquet.read_bytes()).hexdigest()}  {parquet.name}\n")
    (target / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
