"""A back-fill by a pool of processes against the same letters one after another.

python benchmarks/bench_backfill.py [PERIOD] [--kind KIND ...] [--rounds N] [--build]. Each round makes the period by
one process (`--workers 1`), by two, and, with `--build`, by `capline build` once for each letter; all must give
the same bytes. What was measured stands in docs/backfill.md.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from runs import Run, spread, timed

from generator.backfill import Period, agenda
from generator.config import BuildSettings, Settings
from generator.pipeline import holdings, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.pipeline import Asked

CAPLINE = (sys.executable, "-m", "generator")


def letters(store: Path, period: str, kinds: Sequence[str]) -> tuple[Asked, ...]:
    """The letters of the period; the store is made first if it is not there."""
    settings = Settings(build=BuildSettings(store=store))
    with opened(settings) as found:
        return agenda.letters(holdings(found, settings), Period.of(period), kinds)


def filled(folder: Path, period: str, kinds: Sequence[str], workers: int) -> Run:
    """Make the letters by a back-fill."""
    shutil.rmtree(folder / "output" / "editions", ignore_errors=True)
    words = [*CAPLINE, "backfill", period, "--kind", *kinds, "--format", "web", "--workers", f"{workers}"]
    return timed(words, folder=folder)


def built(folder: Path, wanted: Sequence[Asked]) -> Run:
    """Make the letters by as many builds; the times are added."""
    shutil.rmtree(folder / "output" / "editions", ignore_errors=True)
    runs = [
        timed(
            [*CAPLINE, "build", "--as-of", f"{one.day}", "--kind", one.kind, "--format", "web", "json"], folder=folder
        )
        for one in wanted
    ]
    return Run(
        wall=sum(one.wall for one in runs),
        processor=sum(one.processor for one in runs),
        largest=max(one.largest for one in runs),
    )


def digest(folder: Path) -> str:
    """What lies in the folder of editions."""
    editions, total = folder / "output" / "editions", hashlib.sha256()
    for path in sorted(path for path in editions.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(editions)}\n".encode() + path.read_bytes())
    return total.hexdigest()


def main() -> None:
    """Measure, and print a line for each way of making the letters."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("period", nargs="?", default="2024-01-02..2024-02-29")
    words.add_argument("--kind", nargs="+", default=["daily"])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--build", action="store_true", help="also by `capline build`, a process for each letter")
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wanted = letters(folder / "output" / "store.duckdb", chosen.period, chosen.kind)
        found: dict[str, list[Run]] = {}
        came: set[str] = set()
        for _ in range(chosen.rounds):
            for workers in (1, 2):
                run = filled(folder, chosen.period, chosen.kind, workers)
                found.setdefault(f"{workers} process{'es' if workers > 1 else ''}", []).append(run)
                came.add(digest(folder))
            if chosen.build:
                found.setdefault("capline build", []).append(built(folder, wanted))
                came.add(digest(folder))
        print(f"{len(wanted)} letters, {chosen.rounds} rounds; the same bytes: {len(came) == 1}")
        alone = found["1 process"]
        for name, runs in found.items():
            ratio = [one.wall / other.wall for one, other in zip(runs, alone, strict=True)]
            print(
                f"{name:14} wall {spread([one.wall for one in runs])} s, processor "
                f"{spread([one.processor for one in runs])} s, to one process {spread(ratio)}, "
                f"largest {max(one.largest for one in runs):.0f} MB"
            )


if __name__ == "__main__":
    main()
