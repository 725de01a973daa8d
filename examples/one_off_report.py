"""A one-off report from Python: what the evening of 18 September 2024 knew of policy and the curve.

    python examples/one_off_report.py [DIR]

Writes the web page, the text and the edition to DIR (default: output), then prints a figure with what proves it.
"""  # noqa: INP001 -- a script

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from generator import config, pipeline
from generator.units import quantity


def main(folder: Path) -> None:
    """Build the report, and look up a fact behind it."""
    defaults = config.Settings()
    settings = defaults.model_copy(
        update={"build": defaults.build.model_copy(update={"output": folder, "store": folder / "store.duckdb"})}
    )
    asked = pipeline.Asked(day=date(2024, 9, 18), kind="decision", only=("policy", "slope"))
    today = datetime.now(ZoneInfo("America/New_York")).date()
    made = pipeline.build(settings, asked, ("web", "text", "json"), today=today)

    fact = made.edition.facts["rates.slope.2s10s"]
    lines = [
        made.edition.headline.text,
        f"  {made.folder / 'index.html'}",
        f"  {fact.label}: {quantity(fact.value, fact.unit)}, as of {fact.as_of}, known at {fact.known_at:%F %H:%M} UTC",
        *(f"  {one.series_id}, {one.first} to {one.last}: {one.digest}" for one in fact.evidence),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]) if sys.argv[1:] else Path("output"))
