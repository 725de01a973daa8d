"""Which letters a period has: daily ones of sessions, weekly ones of weeks, long ones of decisions of the Fed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.errors import BadDate
from generator.facts.calendar import MEETINGS
from generator.facts.policy import UPPER
from generator.pipeline import Asked
from generator.sessions import FIRST_DAY, LAST_DAY, decision_days, is_session
from generator.sources.live import Live
from generator.store import END_OF_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.pipeline import Holdings

KINDS = ("daily", "weekly", "decision")  # on one day they are made in this order
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, text: str) -> Period:
        """Read "2015-01-01..2025-12-31", or one day; BadDate for what is neither.

        >>> Period.of("2024-09-16..2024-09-20").last
        datetime.date(2024, 9, 20)
        """
        first, _, last = text.partition("..")
        try:
            found = cls(first=date.fromisoformat(first), last=date.fromisoformat(last or first))
        except ValueError:
            raise BadDate(f"{text!r} is no period", hint="write it as 2015-01-01..2025-12-31") from None
        if found.last < found.first:
            raise BadDate(f"{text}: the period ends before it begins", hint="write the earlier day first")
        return found

    def __contains__(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


def letters(found: Holdings, period: Period, kinds: Sequence[str]) -> tuple[Asked, ...]:
    """Every letter of a period, in the order in which they are made; BadDate if there is none.

    Days that New York traded, or will, are there too if the store has no data for them: they are refused by name.
    """
    monday = period.first - timedelta(days=period.first.weekday())
    sunday = period.last + timedelta(days=6 - period.last.weekday())
    sessions = sorted(_sessions(found, Period(first=monday, last=sunday)))
    ends = {session - timedelta(days=session.weekday()): session for session in sessions}  # the last of a week counts
    days = {"daily": sessions, "weekly": ends.values(), "decision": _decisions(found)}
    wanted = [(day, kind) for kind in KINDS if kind in kinds for day in days[kind] if day in period]
    if not wanted:
        raise BadDate(
            f"{period.first} to {period.last} has no letter: no {' or '.join(kinds)} one is due in it",
            hint=f"the data begin on {found.sessions[0]:%Y-%m-%d}; choose a longer period or other kinds",
        )
    in_order = sorted(wanted, key=lambda one: (one[0], KINDS.index(one[1])))
    return tuple(Asked(day=day, kind=kind) for day, kind in in_order)


def _sessions(found: Holdings, period: Period) -> Iterator[date]:
    """The sessions of the store, and before and after them those of the calendar, as far as that reaches."""
    held = [day.date() for day in found.sessions]
    yield from (day for day in held if day in period)
    day = max(period.first, FIRST_DAY)
    while day <= min(period.last, LAST_DAY):
        if held[0] <= day <= held[-1]:
            day = held[-1]  # the store knows better
        elif is_session(day):
            yield day
        day += DAY


def _decisions(found: Holdings) -> tuple[date, ...]:
    """The days of decision letters, as far as the store knows changes of the target and scheduled meetings."""
    known = found.store.view(END_OF_TIME).available((UPPER, MEETINGS))
    days = {series: [day.date() for day in history.index] for series, history in known.items()}
    return decision_days(days.get(MEETINGS, []), days.get(UPPER, []), live=found.source.name == Live.name)
