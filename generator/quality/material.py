"""All that the rules look at: series of a view, cut off after the day of the letter, and what is known beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from generator.quality.lines import MONTHLY, QUARTERLY, Line, since_1970

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    import pandas as pd
    from numpy.typing import NDArray

    from generator.model import SeriesSpec
    from generator.store import Fetch
    from generator.store.known import Rows


class View(Protocol):
    """What the gates need of the store as it was known at a moment."""

    moment: datetime

    def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
        """The newest value known for each day, by series, of those series that have any."""

    def rows(self, series_id: str) -> Rows:
        """Every row known of a series, revised ones included, in order of day and moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that the rules look at, cut off after the day of the letter."""

    lines: Mapping[str, Line]
    session: date  # that the letter is about
    today: date  # of the letter; later than the session on a Sunday with a decision
    moment: datetime
    fetches: Mapping[str, Fetch]  # when each series was last read
    second: Mapping[str, pd.Series[float]]  # what another source says of a series


def material(  # noqa: PLR0913 -- each is part of what is looked at, and named at the call
    view: View,
    specs: Mapping[str, SeriesSpec],
    *,
    session: date,
    today: date,
    window: int,
    fetches: Mapping[str, Fetch],
    second: Mapping[str, pd.Series[float]],
) -> Material:
    """Look at series of a view; `window` is how many of the newest values are recent."""
    histories = view.available(specs)
    ends = since_1970(today)
    lines: dict[str, Line] = {}
    events = {one: history for one, history in histories.items() if one.startswith(("split.", "dividend."))}
    for series_id, history in histories.items():
        spec, rows = specs[series_id], view.rows(series_id)
        figures = np.asarray(history.to_numpy(), dtype=np.float64)
        days = rows.days if len(rows) == len(figures) else _days(history)
        stop = len(days) if spec.frequency in {"event", MONTHLY, QUARTERLY} else int(days.searchsorted(ends, "right"))
        if not stop:
            continue
        name, start = series_id.removeprefix("price."), max(0, stop - window)
        lines[series_id] = Line(
            spec=spec,
            days=days[:stop],
            figures=figures[:stop],
            rows=rows,
            start=start,
            splits=_since(events.get(f"split.{name}"), int(days[start])),
            dividends=_since(events.get(f"dividend.{name}"), int(days[start])),
        )
    return Material(lines=lines, session=session, today=today, moment=view.moment, fetches=fetches, second=second)


def _since(events: pd.Series[float] | None, first: int) -> dict[int, float]:
    """Dated happenings from a day on, by day."""
    if events is None:
        return {}
    days = _days(events)
    place = int(days.searchsorted(first))
    return dict(zip(days[place:].tolist(), events.to_numpy()[place:].tolist(), strict=True))


def _days(history: pd.Series[float]) -> NDArray[np.int32]:
    return history.index.to_numpy().astype("datetime64[D]").astype(np.int32)
