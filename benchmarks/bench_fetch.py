"""Time of fetching: from the invented market of tests/market, which answers after 100 ms; and of appending a day.

`python benchmarks/bench_fetch.py [ROUNDS]` prints a Markdown table. Needs the libraries of requirements-dev.txt.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
from runs import ROOT, spread

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from market.loopback import NOW, Loopback  # noqa: E402 -- found by the line above

from generator.model import SeriesSpec  # noqa: E402
from generator.store import Store  # noqa: E402
from generator.units import Unit  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

DELAY = 0.1  # seconds before each answer
NEXT_MORNING = NOW + timedelta(hours=12)  # all is asked again, hardly anything is new
SERIES, DAYS = 70, 30 * 252
SETTINGS = """
[build]
source = "live"
[fetch]
parallel = {parallel}
[news]
on = false
[sources]
order = ["treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo", "fredcsv"]
sample = false
"""
COMMAND = """
import sys
from datetime import date, datetime
from generator.__main__ import main
from generator.cli import commands
now = datetime.fromisoformat(sys.argv.pop(1))
commands._now, commands._today = lambda: now, lambda: date(2026, 11, 25)
main()
"""


def timed(market: Loopback, folder: Path, now: datetime, words: Sequence[str]) -> float:
    """Seconds on the wall that a command takes on a clock of its own, from the start of the interpreter to its end."""
    market.now = now
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, now.isoformat(), *words],
        cwd=folder, env=environment | market.environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def fetching(rounds: int, folder: Path) -> dict[str, list[float]]:
    """Seconds of first fetches, side by side and one after another, of a daily one, and of letters."""
    found: dict[str, list[float]] = {}
    with Loopback() as market:
        for number in range(rounds + 1):  # the first warms up: answers are made once and kept
            market.delay = DELAY if number else 0.0
            took: dict[str, float] = {}
            for name, parallel in (("one by one", 1), ("first", 8)):
                shutil.rmtree(folder / "output", ignore_errors=True)
                (folder / "newsletter.toml").write_text(SETTINGS.format(parallel=parallel), encoding="utf-8")
                market.clear_log()
                took[name] = timed(market, folder, NOW, ["fetch"])
                requests = len(market.log)
            took["daily"] = timed(market, folder, NEXT_MORNING, ["fetch"])
            letter = ["build", "--format", "web", "mail", "text", "json"]
            took["live letter"] = timed(market, folder, NEXT_MORNING, [*letter, "--offline"])
            if not number:
                timed(market, folder, NEXT_MORNING, [*letter, "--source", "sample"])  # loads the sample
            took["sample letter"] = timed(market, folder, NEXT_MORNING, [*letter, "--source", "sample"])
            if number:
                for name, seconds in took.items():
                    found.setdefault(name, []).append(seconds)
    print(f"A first fetch makes {requests} requests, each answered after {DELAY * 1000:.0f} ms.\n")
    return found


def rows_of(days: pd.DatetimeIndex) -> pd.DataFrame:
    """A value of each series for each day, as the store takes it."""
    rng = np.random.default_rng(5)
    dates = np.tile(days.as_unit("us").to_numpy(), SERIES)
    return pd.DataFrame(
        {
            "series_id": pd.Series(
                np.repeat([f"test.s{number:02}" for number in range(SERIES)], len(days)), dtype="str"
            ),
            "date": dates,
            "known_at": pd.DatetimeIndex(dates).tz_localize("UTC") + pd.Timedelta(hours=22),
            "value": rng.normal(100, 10, len(dates)).round(2),
            "source": "test",
            "observed": True,
        }
    )


def appending(rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of appending a day, durable: to the store, and the same rows into plain DuckDB."""
    days = pd.bdate_range("1996-01-02", periods=DAYS + 2 * rounds + 2)
    history = rows_of(days[:DAYS])
    with Store.create(folder / "store.duckdb") as store, duckdb.connect(str(folder / "plain.duckdb")) as plain:
        store.register(
            SeriesSpec(id=f"test.s{number:02}", label="Test", unit=Unit.INDEX, frequency="session", publisher="Test",
                       release="equity-close", terms="none")
            for number in range(SERIES)
        )  # fmt: skip
        store.append(history)
        plain.execute("CREATE TABLE observations AS SELECT * FROM history")
        mine, theirs = [], []
        for number in range(rounds):
            day = rows_of(days[DAYS + number : DAYS + number + 1])
            began = time.perf_counter()
            store.append(day)
            mine.append(1000 * (time.perf_counter() - began))
            began = time.perf_counter()
            plain.execute("INSERT INTO observations SELECT * FROM day")
            theirs.append(1000 * (time.perf_counter() - began))
    return mine, theirs


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    names = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "httpx", "yfinance"))
    print(f"Python {platform.python_version()}, {names}, {os.cpu_count()} processors, {datetime.now(UTC):%Y-%m-%d}.\n")
    with tempfile.TemporaryDirectory() as folder:
        found = fetching(rounds, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = appending(max(rounds, 9), Path(folder))

    def ratio(first: Sequence[float], other: Sequence[float]) -> str:
        return spread([one / another for one, another in zip(first, other, strict=True)])

    rows = [
        ("first fetch, to one request after another", "s", "first", "one by one", 0.3),
        ("daily fetch, next to nothing new, to a first one", "s", "daily", "first", 0.2),
        ("letter from what was fetched, to one from the sample", "s", "live letter", "sample letter", 1.0),
    ]
    print("| | took | beside | ratio | aim |\n|---|---|---|---|---|")
    for name, unit, one, other, aim in rows:
        times = f"{statistics.median(found[one]):.1f} {unit} | {statistics.median(found[other]):.1f} {unit}"
        print(f"| {name} | {times} | {ratio(found[one], found[other])} | {aim} |")
    times = f"{statistics.median(mine):.1f} ms | {statistics.median(theirs):.1f} ms"
    print(f"| a day of {SERIES} series after 30 years, to plain DuckDB | {times} | {ratio(mine, theirs)} | 2.0 |")


if __name__ == "__main__":
    main()
