"""Series that only some sources have: one that is not listed makes neither fact nor gap, one that is missing a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.facts.levels import stale

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from generator.facts.sheet import Sheet

HIDDEN = "its owner asks for a licence before it is printed (who has one names it in `sources.licensed`)"
UNKNOWN = "nothing of it was known by then"


def history(  # noqa: PLR0913 -- a gap has its own words
    sheet: Sheet, histories: Mapping[str, pd.Series[float]], series: str, *, key: str, label: str, days: int
) -> pd.Series[float] | None:
    """The history of a series that the source lists, no more than so many calendar days behind; else enter the gap."""
    if series not in sheet.universe.listed:
        return None
    if series in sheet.universe.hidden:
        sheet.gap(key, label, HIDDEN)
        return None
    if series not in histories:
        sheet.gap(key, label, UNKNOWN, of=(series,))
        return None
    last = stale(histories[series], sheet.session, days=days)
    if last is not None:
        sheet.gap(key, label, f"the newest value is for {last}")
        return None
    return histories[series]
