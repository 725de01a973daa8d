"""Time and memory of a letter beside those of a report by quantstats, whole processes, in turn.

Both read the same daily returns of small and large caps. quantstats gets them from a pickle (it needs no store) and
makes `reports.html` of one series and a benchmark; Capline opens its store, computes, writes and checks the letter.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from runs import Run, interleaved, spread, timed, together

PACKAGES = ("quantstats", "matplotlib", "pandas", "numpy", "duckdb", "vl-convert-python", "weasyprint", "pydantic")
TWENTY_YEARS = 5040  # sessions: 20 years of 252
EXPORT = """
import pandas as pd
from pathlib import Path
from generator.sessions import evening
from generator.sources import open_source
from generator.store import Store
source = open_source("sample")
pair = [source.universe.small, source.universe.large]
with Store.open(Path("output/store.duckdb")) as store:
    held = store.view(evening(source.complete_through)).histories(pair)
pd.DataFrame({"small": held[pair[0]] / 100, "large": held[pair[1]] / 100}).dropna().to_pickle("returns.pkl")
"""
QUANTSTATS = """
import warnings
warnings.filterwarnings("ignore")
import pandas as pd
import quantstats
returns = pd.read_pickle("returns.pkl").iloc[-{sessions}:]
quantstats.reports.html(returns["small"], benchmark=returns["large"], output="quantstats.html", title="Small caps")
"""
ONE_PAPER = '[build]\npapers = ["a4"]\n'
LIMITS = {"web, mail, text": 0.3, "web, mail, text, PDF on A4": 0.5, "web, mail, text, PDF on both papers": 0.5}
BASE, WHOLE = "quantstats, 20 years", "quantstats, whole sample"


def commands() -> dict[str, list[str]]:
    """What is run, by name: quantstats on two lengths of history, to measure against, and letters."""
    python, capline = [sys.executable, "-c"], [sys.executable, "-m", "generator", "build"]
    forms = ["--format", "web", "mail", "text"]
    return {
        BASE: [*python, QUANTSTATS.format(sessions=TWENTY_YEARS)],
        WHOLE: [*python, QUANTSTATS.format(sessions=0)],
        "web, mail, text": [*capline, *forms],
        "web, mail, text, PDF on A4": [*capline, "--config", "one.toml", *forms, "pdf"],
        "web, mail, text, PDF on both papers": [*capline, *forms, "pdf"],
    }


def told(found: dict[str, list[Run]], sums: dict[str, float]) -> str:
    """A Markdown table: seconds, the ratio of each round to both runs of quantstats in that round, memory."""
    heads = ("Process", "Seconds, median (range)", f"To {BASE}", f"To {WHOLE}", "Limit", "Processor s",
             "Largest process MB", "All its processes MB")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, runs in found.items():
        ratios = [
            spread([run.wall / other.wall for run, other in zip(runs, found[base], strict=True)])
            for base in (BASE, WHOLE)
        ]
        processor = statistics.median(run.processor for run in runs)
        largest = max(run.largest for run in runs)
        total = f"{sums[name]:.0f}" if name in sums else "not measured"
        cells = (name, spread([run.wall for run in runs]), *ratios, f"{LIMITS.get(name, '')}", f"{processor:.2f}",
                 f"{largest:.0f}", total)  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7, help="at least 5 (default: 7)")
    rounds = asked.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one.toml").write_text(ONE_PAPER)
        timed([sys.executable, "-m", "generator", "build"], folder=folder)  # loads the sample
        timed([sys.executable, "-c", EXPORT], folder=folder)
        found = interleaved(commands(), folder=folder, rounds=rounds)
        linux = platform.system() == "Linux"
        sums = {one: together(command, folder=folder) for one, command in commands().items()} if linux else {}
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors,")
    print(f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())} at the end;")
    print(f"{', '.join(f'{package} {version(package)}' for package in PACKAGES)};")
    print(f"{rounds} rounds in turn after a warm-up, modules compiled, PYTHONDONTWRITEBYTECODE not set.\n")
    print(told(found, sums))


if __name__ == "__main__":
    main()
