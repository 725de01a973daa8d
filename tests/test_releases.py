"""Release rules: when an observation became known, for sources that do not say."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from generator.sources.releases import RULES

DOC = Path(__file__).parents[1] / "docs" / "release-rules.md"


def moments(rule: str, days: list[str], calendar: list[str] | None = None) -> list[str]:
    """The moments a rule gives for some days, as text in UTC."""
    found = RULES[rule].known_at(pd.DatetimeIndex(days), pd.DatetimeIndex(calendar or days))
    assert str(found.dtype) == "datetime64[us, UTC]"
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in found]


def test_the_table_in_the_docs_names_every_rule_and_no_other() -> None:
    """docs/release-rules.md and RULES have the same keys."""
    assert set(re.findall(r"^\| `([\w-]+)` \|", DOC.read_text(encoding="utf-8"), re.MULTILINE)) == set(RULES)


def test_returns_are_known_at_the_close() -> None:
    """16:00 in New York: 20:00 UTC in summer, 21:00 in winter, on the day of a change too."""
    found = moments("equity-close", ["2026-03-31", "2026-01-15", "2024-03-11", "1926-07-01"])

    assert found == ["2026-03-31 20:00", "2026-01-15 21:00", "2024-03-11 20:00", "1926-07-01 20:00"]


def test_sizes_are_those_of_the_month_before() -> None:
    """The row of September 2024 was known at the close of Friday 30 August; the first row before all sessions."""
    sessions = ["1926-07-01", "2024-08-29", "2024-08-30", "2024-09-03"]

    assert moments("size-weights", ["1926-07-01", "2024-09-01"], sessions) == ["1926-06-30 20:00", "2024-08-30 20:00"]


def test_yields_are_published_on_the_next_business_day() -> None:
    """Friday's come after Labor Day; those of the last row on the next federal working day (here over Juneteenth)."""
    days = ["2024-08-29", "2024-08-30", "2024-09-03", "2026-06-18"]

    found = moments("h15", days)

    assert found == ["2024-08-30 20:15", "2024-09-03 20:15", "2026-06-18 20:15", "2026-06-22 20:15"]


def test_decisions_have_the_time_of_their_statement() -> None:
    """14:15 before 20 March 2013, 14:00 since; decisions between meetings at their own time, even on a Sunday."""
    days = ["2001-01-03", "2007-09-18", "2008-01-22", "2020-03-15", "2024-09-18", "2025-12-10"]

    found = moments("fomc", days)

    assert found == [
        "2001-01-03 18:15",
        "2007-09-18 18:15",
        "2008-01-22 13:20",
        "2020-03-15 21:00",
        "2024-09-18 18:00",
        "2025-12-10 19:00",
    ]


@pytest.mark.parametrize(
    ("month", "published"),
    [  # days of release as the Bureau of Labor Statistics announced them
        ("1995-12-01", "1996-02-01"),
        ("2013-09-01", "2013-10-30"),
        ("2015-01-01", "2015-02-26"),
        ("2016-12-01", "2017-01-18"),
        ("2017-01-01", "2017-02-15"),
        ("2023-12-01", "2024-01-11"),
        ("2024-08-01", "2024-09-11"),
        ("2025-09-01", "2025-10-24"),
        ("2025-11-01", "2025-12-18"),
    ],
)
def test_prices_are_never_known_before_their_release(month: str, published: str) -> None:
    """The rule gives the day of release or a few days after it, at 08:30 in New York."""
    (found,) = pd.DatetimeIndex(moments("cpi", [month]))

    late = found.normalize() - pd.Timestamp(published)
    assert pd.Timedelta(0) <= late <= pd.Timedelta(days=8)
    assert f"{found.tz_localize('UTC').tz_convert('America/New_York'):%H:%M}" == "08:30"


def test_euro_rates_are_known_in_the_afternoon_of_the_day() -> None:
    """16:00 in Frankfurt: 14:00 UTC in summer, 15:00 in winter."""
    assert moments("ecb", ["2024-09-18", "2026-01-15"]) == ["2024-09-18 14:00", "2026-01-15 15:00"]


def test_schedules_are_known_from_the_september_before() -> None:
    """The Federal Reserve announced those of 2025 and 2026 on 9 August 2024: the rule is late, never early."""
    assert moments("fomc-calendar", ["2025-01-29", "2026-12-09"]) == ["2024-09-01 04:00", "2025-09-01 04:00"]


def test_a_rule_gives_nothing_for_nothing() -> None:
    """No dates, no moments."""
    for rule in RULES:
        assert moments(rule, []) == []
