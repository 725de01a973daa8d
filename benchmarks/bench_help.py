"""Time of `capline --help`, and of each command's, beside a Python that does nothing."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from runs import interleaved, spread

LIMIT = 5.0
COMMANDS = ("build", "show", "verify", "sources", "explain")


def main() -> None:
    """Measure and print; exit code 1 if one is over the limit."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=15, help="default: 15")
    rounds = asked.parse_args().rounds
    capline = [sys.executable, "-m", "generator"]
    wanted = {"python -c pass": [sys.executable, "-c", "pass"], "capline --help": [*capline, "--help"]}
    wanted |= {f"capline {one} --help": [*capline, one, "--help"] for one in COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        found = interleaved(wanted, folder=Path(name), rounds=rounds)
    bare = statistics.median(run.wall for run in found["python -c pass"])
    print("| Process | Seconds, median (range) | Ratio |\n|---|---|---|")
    worst = 0.0
    for one, runs in found.items():
        ratio = statistics.median(run.wall for run in runs) / bare
        worst = max(worst, ratio)
        print(f"| `{one}` | {spread([run.wall for run in runs])} | {ratio:.2f} |")
    sys.exit(1 if worst > LIMIT else 0)


if __name__ == "__main__":
    main()
