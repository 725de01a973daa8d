"""Hard days out of two years, run through as they were; `python tests/years.py` runs through all of them."""

from __future__ import annotations

from datetime import date

from years import expected, parts, span


def test_the_change_of_the_clock_and_a_decision() -> None:
    """1 to 7 November 2024: winter time begins, the Fed decides, a run is killed, the disk is full."""
    found = span(date(2024, 11, 1), date(2024, 11, 7), seed=57)

    assert found.letters == 5 + 1 + 1  # sessions, a week, a decision
    assert found.kills.total() == 1
    assert found.notices > 0


def test_thanksgiving_and_the_half_day_after_it() -> None:
    """A holiday, an early close that ends the week, a weekend: each letter once, and mailed once."""
    found = span(date(2024, 11, 28), date(2024, 12, 2), seed=1, mail=range(48, 49))

    assert found.letters == 2 + 1 + 2  # sessions, a week; the newest of both when the clock is first run, on a holiday
    assert found.mailed > 0


def test_parts_of_a_span_are_the_whole() -> None:
    """No day of two years is left out or run through twice."""
    first, last = date(2024, 1, 2), date(2025, 12, 31)
    whole = [one for part in parts(first, last) for one in expected(*part)]

    assert whole == expected(first, last)
    assert len(whole) == 622
