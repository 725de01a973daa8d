"""Facts made by hand, for tests of what is said of them and of what is news."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from generator.model import Context, Evidence, Fact, Horizon

if TYPE_CHECKING:
    from generator.units import Unit

TODAY = date(2026, 3, 31)  # a Tuesday
MOMENT = datetime(2026, 3, 31, 22, tzinfo=UTC)
SLICE = Evidence(series_id="x", first=TODAY, last=TODAY, known_by=MOMENT, count=1, digest="0" * 64)
DAY = Horizon(words="over one session", adjective="one-session", sessions=1, start=date(2026, 3, 30))
FIVE = Horizon(words="over five sessions", adjective="five-session", sessions=5, start=date(2026, 3, 24))


def context(**changed: object) -> Context:
    """An ordinary standing: the middle of a long history."""
    ordinary: dict[str, Any] = {
        "first": date(1962, 1, 2), "count": 16_000, "percentile": 74.0, "size_percentile": 60.0, "below": 74.0,
        "above": 26.0, "size_above": 40.0, "earlier": 0.9, "streak": 1, "streak_before": 0, "high": True,
        "rank": 4_000, "beyond": date(2026, 2, 12), "beyond_value": 9.0, "beyond_count": 32, "median": 0.4,
    }  # fmt: skip
    return Context(**ordinary | changed)


def fact(value: float, unit: Unit, **changed: object) -> Fact:
    """A fact of the letter's day, over one session, in the middle of its history."""
    ordinary: dict[str, Any] = {
        "key": "k", "value": value, "unit": unit, "as_of": TODAY, "label": "L", "formula": "F", "known_at": MOMENT,
        "evidence": (SLICE,), "subject": "small caps", "context": context(), "horizon": DAY,
    }  # fmt: skip
    return Fact(**ordinary | changed)
