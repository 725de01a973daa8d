"""Second opinions, kept beside the store of live data: only the days on which another source says something else.

What agrees is not kept, nor who was right; the gates doubt such a day until both say the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator import files
from generator.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

KEPT = timedelta(days=120)
SLACK = 1e-9  # floats that are equal in print


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A day on which another source says something else: by how much, added to what the store held then."""

    series_id: str
    day: date
    held: float
    by: float


def place(store: Path) -> Path:
    """The file that belongs to a store."""
    return store.with_name(f"{store.stem}.apart.json")


def keep(store: Path, said: pd.DataFrame, held: pd.DataFrame, *, now: datetime) -> tuple[Apart, ...]:
    """Compare what another source says with what the store holds (both series_id, date, value), and keep what differs.

    What was kept of other days stays for some weeks. Raises Unreadable for a file that is none of ours, CannotWrite.
    """
    both = said.merge(held, on=["series_id", "date"], suffixes=("", "_held"))
    days: list[date] = both["date"].dt.date.tolist()
    rows = list(zip(both["series_id"].tolist(), days, both["value_held"].tolist(), both["value"].tolist(), strict=True))
    asked = {(series_id, day) for series_id, day, _, _ in rows}
    left = [one for one in opened(store) if (one.series_id, one.day) not in asked and now.date() - one.day <= KEPT]
    fresh = [
        Apart(series_id=series_id, day=day, held=mine, by=theirs - mine)
        for series_id, day, mine, theirs in rows
        if abs(theirs - mine) > SLACK
    ]
    found = tuple(sorted((*left, *fresh), key=lambda one: (one.series_id, one.day)))
    if found or place(store).exists():
        text = json.dumps([{**asdict(one), "day": f"{one.day}"} for one in found], indent=1, sort_keys=True)
        files.write(store.parent, {place(store).name: f"{text}\n".encode()})
    return found


def opened(store: Path) -> tuple[Apart, ...]:
    """What is kept beside a store; nothing if nothing was. Raises Unreadable for what is no such file."""
    path = place(store)
    if not path.exists():
        return ()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 -- a letter without any does without

    try:
        return TypeAdapter(tuple[Apart, ...]).validate_json(path.read_bytes())
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None
    except ValidationError as problem:
        raise Unreadable(path, f"it holds no days ({problem.errors()[0]['msg']}); take it away") from None


def second(kept: Iterable[Apart]) -> dict[str, pd.Series[float]]:
    """What another source said, by series and day, as the gates take it."""
    import pandas as pd  # noqa: PLC0415 -- as above

    found: dict[str, dict[pd.Timestamp, float]] = {}
    for one in kept:
        found.setdefault(one.series_id, {})[pd.Timestamp(one.day)] = one.held + one.by
    return {
        series_id: pd.Series(days, dtype="float64").sort_index().rename_axis("date")
        for series_id, days in found.items()
    }
