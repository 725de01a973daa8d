"""Rules on days: a series that is late, a hole, a day that cannot be, a day that is not over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.quality.calendars import SINCE, due_days, last_session, next_due, session_end
from generator.quality.lines import MONTHLY, QUARTERLY, Doubt, as_date, since_1970
from generator.quality.values import TRUE
from generator.sessions import NEW_YORK
from generator.sources.releases import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from generator.config import QualitySettings
    from generator.quality.lines import Line
    from generator.quality.material import Material

MICROSECONDS = 1_000_000
WEEK = 7
QUARTER = 3
AHEAD = 7  # days by which a month may be known before it begins
LONDON = timedelta(hours=1)  # by which a day of currencies, which is London's, ends before midnight UTC in summer
ENDS = {"equity-close": timedelta(0), "vix": timedelta(minutes=15)}  # after the close of the session
WITNESSES = 2  # other series of a calendar, from which on they can tell an unknown holiday from a hole
RECENT = {"week": 13, MONTHLY: 18, QUARTERLY: 8}  # periods looked back at


def newest(seen: Material, limits: QualitySettings, critical: Collection[str]) -> Iterator[Doubt]:
    """Series that are late: `yesterday` if the source was asked since the value was due, else `stale`."""
    for line in seen.lines.values():
        if line.spec.frequency == "event":
            continue
        last = as_date(line.last)
        if line.id in critical:
            if last >= seen.session:
                continue
            due, what = session_end(seen.session), f"{seen.session}"
        else:
            following = _next(line)
            if following is None:
                continue
            late = timedelta(days=_allowed(line, limits))
            if datetime.combine(following, datetime.min.time(), tzinfo=UTC) - timedelta(days=1) + late >= seen.moment:
                continue  # not even due, whatever its rule says
            due, what = _due(line.spec.release, following), f"{following}"
            if due + late >= seen.moment:
                continue
        yield _late(line, last, due, what, seen)


def _late(line: Line, last: date, due: datetime, what: str, seen: Material) -> Doubt:
    state = seen.fetches.get(line.id)
    local = due.astimezone(NEW_YORK)
    words = f"the newest value is for {last}, that for {what} was due on {local:%Y-%m-%d %H:%M} in New York"
    if state is not None and state.at >= due:
        return Doubt(
            rule="yesterday",
            series_id=line.id,
            day=last,
            value=float(line.figures[-1]),
            reason=f"{words}, and {state.source} still answered without it",
            remedy=f"the source puts out an old file: fetch again later, or another source for {line.id} first "
            "(`capline sources`)",
        )
    return Doubt(
        rule="stale",
        series_id=line.id,
        day=last,
        value=float(line.figures[-1]),
        reason=words,
        remedy=f"run `capline fetch --series {line.id}`, or build with `--as-of {last}`",
    )


def _allowed(line: Line, limits: QualitySettings) -> float:
    """Days by which a series may be late: by its name or the beginning of it, else by its frequency."""
    named = [name for name in limits.late if "." in name and line.id.startswith(name)]
    return limits.late[max(named, key=len)] if named else limits.late.get(line.spec.frequency, np.inf)


def _next(line: Line) -> date | None:
    """The day or period after the newest value."""
    last = as_date(line.last)
    if line.calendar:
        return as_date(next_due(line.calendar, line.last))
    if line.spec.release == "own":
        return None
    if line.spec.frequency == "week":
        return last + timedelta(days=WEEK)
    months = {MONTHLY: 1, QUARTERLY: QUARTER}.get(line.spec.frequency)
    return None if months is None else _month(last, months)


def _month(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


@lru_cache(maxsize=256)
def _due(release: str, day: date) -> datetime:
    days = pd.DatetimeIndex([day]).as_unit("us")
    moment: datetime = RULES[release].known_at(days, days)[0].to_pydatetime()
    return moment


def hole(seen: Material, _limits: QualitySettings) -> Iterator[Doubt]:
    """A day or period without a value among others that have one. A day that all of a calendar lack is a holiday."""
    recent: dict[str, list[Line]] = {}
    for line in seen.lines.values():
        if line.calendar:
            recent.setdefault(line.calendar, []).append(line)
    for line in seen.lines.values():
        missing = _missing_days(line, recent[line.calendar]) if line.calendar else _missing_periods(line)
        if len(missing):
            day = as_date(int(missing[-1]))
            more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield Doubt(
                rule="hole",
                series_id=line.id,
                day=day,
                value=None,
                reason=f"there is no value for {day}{more}",
                remedy=f"run `capline fetch --series {line.id} --since {as_date(int(missing[0]))}`; "
                f"{TRUE.format(line.id, day, 'hole')}",
            )


def _missing_days(line: Line, alike: list[Line]) -> np.ndarray:
    days = line.days[line.start :]
    first = max(int(days[0]), since_1970(SINCE))
    must, _ = due_days(str(line.calendar), first, max(first, line.last))
    if np.array_equal(must, days):
        return must[:0]
    missing = must[~np.isin(must, days)]
    if not len(missing):
        return missing
    others = [one for one in alike if one.id != line.id and one.days[0] < missing[0] and one.last > missing[-1]]
    if len(others) < WITNESSES:
        return missing
    seen = np.zeros(len(missing), dtype=bool)
    for one in others:
        seen |= np.isin(missing, one.days)
    return missing[seen]


def _missing_periods(line: Line) -> np.ndarray:
    count = RECENT.get(line.spec.frequency)
    if count is None or line.spec.release == "own":
        return np.empty(0, dtype=np.int32)
    days = line.days[-count:]
    if line.spec.frequency == "week":
        wanted = np.arange(line.last, int(days[0]) - 1, -WEEK, dtype=np.int32)[::-1]
    else:
        step, wanted_days, one = (1 if line.spec.frequency == MONTHLY else QUARTER), [], as_date(int(days[0]))
        while since_1970(one) <= line.last:
            wanted_days.append(since_1970(one))
            one = _month(one, step)
        wanted = np.array(wanted_days, dtype=np.int32)
    return wanted[~np.isin(wanted, days)]


def calendar(seen: Material, _limits: QualitySettings) -> Iterator[Doubt]:
    """A value for a day that has none: a weekend, a holiday, the middle of a month, a day to come."""
    today = since_1970(seen.moment.astimezone(NEW_YORK).date())
    for line in seen.lines.values():
        if line.spec.frequency == "event" or line.spec.release == "own":
            continue
        days = line.days[line.start :]
        wrong = days[_misplaced(line, days)]
        ahead = line.rows.days[line.rows.days > today + (AHEAD if line.spec.frequency == MONTHLY else 0)]
        for number in (*wrong[-1:].tolist(), *ahead[-1:].tolist())[-1:]:
            day = as_date(number)
            value = float(line.rows.figures[int(line.rows.days.searchsorted(number, side="right")) - 1])
            why = "which is still to come" if number in ahead else f"on which none is published ({day:%A})"
            yield Doubt(
                rule="calendar",
                series_id=line.id,
                day=day,
                value=value,
                reason=f"there is a value for {day}, {why}",
                remedy=f"fetch again; {TRUE.format(line.id, day, 'calendar')}",
            )


def _misplaced(line: Line, days: np.ndarray) -> np.ndarray:
    if line.calendar:
        _, may = due_days(line.calendar, int(days[0]), int(days[-1]))
        if np.array_equal(days, may):
            return np.zeros(len(days), dtype=bool)
        found: np.ndarray = ~np.isin(days, may) & (days >= since_1970(SINCE))
        return found
    if line.spec.frequency == "week":
        weekdays = days % WEEK
        other: np.ndarray = weekdays != np.bincount(weekdays).argmax()
        return other
    dates = [as_date(day) for day in days.tolist()]
    step = QUARTER if line.spec.frequency == QUARTERLY else 1
    return np.array([day.day != 1 or (day.month - 1) % step != 0 for day in dates])


def unfinished(seen: Material, limits: QualitySettings) -> Iterator[Doubt]:
    """A close that was seen before the day was over: the last row of a chart while trade goes on is no close."""
    for line in seen.lines.values():
        if line.spec.release not in {*ENDS, "futures", "utc-day"} or line.spec.frequency == "event":
            continue
        place = int(line.rows.days.searchsorted(line.last, side="right")) - 1
        if not line.rows.observed[place]:
            continue
        known = datetime.fromtimestamp(int(line.rows.moments[place]) / MICROSECONDS, UTC)
        day = as_date(line.last)
        if known < _over(line, day, limits):
            value = float(line.figures[-1])
            yield Doubt(
                rule="unfinished",
                series_id=line.id,
                day=day,
                value=value,
                reason=f"the value of {day}, {value:g}, was seen at {known.astimezone(NEW_YORK):%H:%M} in New York, "
                "before the day was over",
                remedy=f"run `capline fetch --series {line.id}` after the close",
            )


def _over(line: Line, day: date, limits: QualitySettings) -> datetime:
    if line.spec.release in ENDS:
        return session_end(day) + ENDS[line.spec.release] + timedelta(minutes=limits.settle_minutes)
    return _due(line.spec.release, day) - (LONDON if line.group == "currencies" else timedelta(0))


def session_needed(moment: datetime, limits: QualitySettings) -> date:
    """The newest session that a letter made at a moment has to be about."""
    return last_session(moment, settle=timedelta(minutes=limits.settle_minutes))
