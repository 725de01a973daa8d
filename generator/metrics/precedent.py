"""What small caps did against large caps after events of a kind: an event study, with what chance alone would give.

A window runs from the close of the announcement session to the close a number of sessions later; its outcome is the
small-cap less the large-cap total return, in percentage points. Method and sources: docs/metrics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from generator.errors import NoClosedEvent, UnfitHistory
from generator.metrics.histories import check_pair, check_window, days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"
Days: TypeAlias = "npt.NDArray[np.datetime64]"

LONGEST_CLOSURE = np.timedelta64(10, "D")  # the exchange has not been closed for longer since 1933
INTERVAL = (0.05, 0.95)  # quantiles: the middle 90 percent
FEW = 5  # below it, cases are listed: no interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One event and what followed it."""

    event: date  # the announcement
    base: date  # the first session on or after it, from whose close the window runs
    end: date
    small: float  # percent
    large: float
    points: float  # small less large, percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Outcomes of all events whose window had closed, beside those of all windows over the same years."""

    sessions: int
    as_of: date
    outcomes: tuple[Outcome, ...]  # oldest first, at least one
    still_open: tuple[date, ...]  # events known by `as_of` whose window had not closed
    before_data: tuple[date, ...]  # events before the first session
    mean: float  # percentage points, as all that follow unless said
    median: float
    best: Outcome
    worst: Outcome
    hits: int  # outcomes above zero: small beat large
    independent: int  # the most windows of these that do not overlap
    base_first: date  # starts of all windows compared with: from the base of the first event …
    base_last: date  # … to the last start whose window had closed
    base_n: int
    base_rate: float  # percent of them in which small beat large
    base_median: float
    block: float  # mean block length of the bootstrap, in events; 1 without overlap
    interval: tuple[float, float] | None  # 90 percent, of the mean; None below five events
    seed: int
    replications: int

    @property
    def n(self) -> int:
        """Number of events whose window had closed."""
        return len(self.outcomes)


@dataclass(frozen=True, slots=True)
class _Window:
    """Levels up to a moment, and the rows of the events within."""

    small: Floats
    large: Floats
    dates: Days
    events: tuple[tuple[date, int], ...]  # with the row of the base session, oldest first
    waiting: tuple[date, ...]  # events whose first close is still to come
    before_data: tuple[date, ...]


def study(  # noqa: PLR0913 - each is part of the question, and named at the call
    small: pd.Series,
    large: pd.Series,
    events: Sequence[date],
    *,
    sessions: int,
    as_of: date,
    seed: int,
    replications: int = 10_000,
) -> EventStudy:
    """Measure what followed each event whose window had closed by a day, and how often any window did the same.

    `small` and `large` are levels of the same sessions. Events after `as_of` are not looked at; sessions after it
    neither. Raises NoClosedEvent if no window had closed, UnfitHistory if an event falls into a hole, Misaligned.
    """
    check_window("sessions", sessions)
    window = _window(small, large, events, as_of=as_of)
    closed = [(event, row) for event, row in window.events if row + sessions < len(window.dates)]
    if not closed:
        raise NoClosedEvent(sessions=sessions, as_of=as_of, events=len(events))
    rows = np.array([row for _, row in closed])
    gains = [100.0 * (leg[sessions:] / leg[:-sessions] - 1.0) for leg in (window.small, window.large)]
    points = gains[0] - gains[1]
    outcomes = _outcomes(window, closed, gains, sessions=sessions)
    found, every = points[rows], points[rows[0] :]
    block = _mean_block(rows, sessions)
    return EventStudy(
        sessions=sessions,
        as_of=as_of,
        outcomes=outcomes,
        still_open=(*(event for event, _ in window.events[len(closed) :]), *window.waiting),
        before_data=window.before_data,
        mean=float(found.mean()),
        median=float(np.median(found)),
        best=max(outcomes, key=lambda outcome: outcome.points),
        worst=min(outcomes, key=lambda outcome: outcome.points),
        hits=int((found > 0).sum()),
        independent=_independent(rows, sessions),
        base_first=outcomes[0].base,
        base_last=window.dates[len(points) - 1].item(),
        base_n=len(every),
        base_rate=float(100.0 * (every > 0).mean()),
        base_median=float(np.median(every)),
        block=block,
        interval=_interval(found, block=block, seed=seed, replications=replications) if len(found) >= FEW else None,
        seed=seed,
        replications=replications,
    )


def paths(
    small: pd.Series, large: pd.Series, events: Sequence[date], *, sessions: int = 252, as_of: date
) -> dict[date, pd.Series]:
    """Small less large since the base session of each event, in percentage points, by sessions since (0, 1, …).

    A path whose window had closed has `sessions` + 1 values; one still open is shorter. Events before the data or
    after `as_of` have none.
    """
    check_window("sessions", sessions)
    window = _window(small, large, events, as_of=as_of)
    found = {}
    for event, row in window.events:
        legs = (leg[row : row + sessions + 1] for leg in (window.small, window.large))
        up, down = (100.0 * (leg / leg[0] - 1.0) for leg in legs)
        found[event] = pd.Series(up - down, index=pd.RangeIndex(len(up), name="sessions"))
    return found


def median_path(paths: Mapping[date, pd.Series], *, sessions: int = 252) -> pd.Series:
    """Median of the closed paths for each session since the event. Raises UnfitHistory if none had closed."""
    closed = [path.to_numpy() for path in paths.values() if len(path) == sessions + 1]
    if not closed:
        raise UnfitHistory("paths", f"none has {sessions} sessions")
    return pd.Series(np.median(closed, axis=0), index=pd.RangeIndex(sessions + 1, name="sessions"))


def stationary_bootstrap_means(outcomes: Floats, *, block: float, seed: int, replications: int) -> Floats:
    """Means of resamples of a series by the stationary bootstrap (Politis and Romano 1994).

    Each resample strings together blocks that start anywhere, wrap round the end, and have geometric lengths of mean
    `block` (1 gives the plain bootstrap of single outcomes). Seeded: the same call gives the same means.
    """
    count = len(outcomes)
    generator = np.random.default_rng(seed)
    at = generator.integers(count, size=replications)
    total = outcomes[at]
    for _ in range(count - 1):
        opens = generator.random(replications, dtype=np.float32) < 1 / block
        fresh = generator.integers(count, size=replications)
        at += 1
        at[at == count] = 0
        np.copyto(at, fresh, where=opens)
        total += outcomes[at]
    means: Floats = total / count
    return means


def _window(small: pd.Series, large: pd.Series, events: Sequence[date], *, as_of: date) -> _Window:
    """Cut the levels at a day and find the base session of each event known by then."""
    check_pair(positive=True, small=small, large=large)
    dates = days(small.index)
    dates = dates[: np.searchsorted(dates, np.datetime64(as_of, "D"), side="right")]
    known = sorted({event for event in events if event <= as_of})
    if not len(dates):
        return _Window(
            small=np.empty(0), large=np.empty(0), dates=dates, events=(), waiting=(), before_data=tuple(known)
        )
    first = dates[0].item()
    rows = np.searchsorted(dates, np.array(known, dtype="datetime64[D]"))
    placed, waiting = [], []
    for event, row in zip(known, rows.tolist(), strict=True):
        if event < first:
            continue
        if row == len(dates):
            waiting.append(event)
            continue
        if dates[row] - np.datetime64(event, "D") > LONGEST_CLOSURE:
            raise UnfitHistory("small", f"no session from the event of {event} to {dates[row]}")
        placed.append((event, row))
    return _Window(
        small=small.to_numpy()[: len(dates)],
        large=large.to_numpy()[: len(dates)],
        dates=dates,
        events=tuple(placed),
        waiting=tuple(waiting),
        before_data=tuple(event for event in known if event < first),
    )


def _outcomes(
    window: _Window, closed: list[tuple[date, int]], gains: list[Floats], *, sessions: int
) -> tuple[Outcome, ...]:
    """Put the returns of all windows (small, large; percent) together for those of the events."""
    small, large = gains
    return tuple(
        Outcome(
            event=event,
            base=window.dates[row].item(),
            end=window.dates[row + sessions].item(),
            small=float(small[row]),
            large=float(large[row]),
            points=float(small[row] - large[row]),
        )
        for event, row in closed
    )


def _independent(rows: npt.NDArray[np.int64], sessions: int) -> int:
    """Count the windows that do not overlap, taken greedily from the first: of equal windows the most there can be."""
    count, free = 0, 0
    for row in rows.tolist():
        if row >= free:
            count, free = count + 1, row + sessions
    return count


def _mean_block(rows: npt.NDArray[np.int64], sessions: int) -> float:
    """One plus the average number of later events whose window began within an event's window."""
    later = np.searchsorted(rows, rows + sessions) - np.arange(len(rows)) - 1
    return float(1.0 + later.mean())


def _interval(outcomes: Floats, *, block: float, seed: int, replications: int) -> tuple[float, float]:
    return _resampled(outcomes.tobytes(), block, seed, replications)


@lru_cache(maxsize=256)
def _resampled(cases: bytes, block: float, seed: int, replications: int) -> tuple[float, float]:
    """The interval of some cases: those of two letters are mostly the same, and resampling them takes the most time."""
    outcomes = np.frombuffer(cases)
    means = stationary_bootstrap_means(outcomes, block=block, seed=seed, replications=replications)
    low, high = np.quantile(means, INTERVAL)
    return float(low), float(high)
