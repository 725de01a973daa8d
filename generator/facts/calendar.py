"""Facts on dated events to come, from schedules that were public by the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.facts.sheet import Sheet

MEETINGS = "calendar.fomc"


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]], today: date) -> None:
    """Enter the next scheduled decision of the Federal Open Market Committee."""
    label = "Days to the next scheduled decision of the Federal Open Market Committee"
    meetings = histories.get(MEETINGS)
    coming = [] if meetings is None else [day.date() for day in meetings.index if day > pd.Timestamp(today)]
    if not coming:
        sheet.gap(MEETINGS, label, "the source has no schedule that was public by then", of=(MEETINGS,))
        return
    sheet.enter(
        MEETINGS,
        (coming[0] - today).days,
        Unit.DAYS,
        as_of=today,
        label=label,
        formula="calendar days from the letter to the last day of the next scheduled meeting",
        slices=((MEETINGS, coming[0], coming[0]),),
        marks=(("meeting", coming[0]),),
    )
