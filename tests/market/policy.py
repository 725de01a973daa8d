"""The Federal Reserve's target: the true decisions until 2025 and the rise of 2026, then invented rises."""

from __future__ import annotations

from functools import cache

import pandas as pd

from market.calendars import END

# Decisions by day, lower bound in percent. Before December 2008 the target was one number.
CUTS_AND_RISES = """
1996-01-31 5.25|1997-03-25 5.50|1998-09-29 5.25|1998-10-15 5.00|1998-11-17 4.75|1999-06-30 5.00|1999-08-24 5.25
1999-11-16 5.50|2000-02-02 5.75|2000-03-21 6.00|2000-05-16 6.50|2001-01-03 6.00|2001-01-31 5.50|2001-03-20 5.00
2001-04-18 4.50|2001-05-15 4.00|2001-06-27 3.75|2001-08-21 3.50|2001-09-17 3.00|2001-10-02 2.50|2001-11-06 2.00
2001-12-11 1.75|2002-11-06 1.25|2003-06-25 1.00|2004-06-30 1.25|2004-08-10 1.50|2004-09-21 1.75|2004-11-10 2.00
2004-12-14 2.25|2005-02-02 2.50|2005-03-22 2.75|2005-05-03 3.00|2005-06-30 3.25|2005-08-09 3.50|2005-09-20 3.75
2005-11-01 4.00|2005-12-13 4.25|2006-01-31 4.50|2006-03-28 4.75|2006-05-10 5.00|2006-06-29 5.25|2007-09-18 4.75
2007-10-31 4.50|2007-12-11 4.25|2008-01-22 3.50|2008-01-30 3.00|2008-03-18 2.25|2008-04-30 2.00|2008-10-08 1.50
2008-10-29 1.00|2008-12-16 0.00|2015-12-16 0.25|2016-12-14 0.50|2017-03-15 0.75|2017-06-14 1.00|2017-12-13 1.25
2018-03-21 1.50|2018-06-13 1.75|2018-09-26 2.00|2018-12-19 2.25|2019-07-31 2.00|2019-09-18 1.75|2019-10-30 1.50
2020-03-03 1.00|2020-03-15 0.00|2022-03-16 0.25|2022-05-04 0.75|2022-06-15 1.50|2022-07-27 2.25|2022-09-21 3.00
2022-11-02 3.75|2022-12-14 4.25|2023-02-01 4.50|2023-03-22 4.75|2023-05-03 5.00|2023-07-26 5.25|2024-09-18 4.75
2024-11-07 4.50|2024-12-18 4.25|2025-09-17 4.00|2025-10-29 3.75|2025-12-10 3.50|2026-09-16 3.75|2026-10-28 4.00
2026-12-09 4.25|2027-03-17 4.50
"""
INVENTED_FROM = pd.Timestamp("2026-10-28")
RANGE_SINCE = pd.Timestamp("2008-12-16")
DATED_ON_DECISION = {pd.Timestamp("2008-12-16"), pd.Timestamp("2015-12-16"), pd.Timestamp("2016-12-14")}  # by FRED
SCHEDULED = """
2021 01-27 03-17 04-28 06-16 07-28 09-22 11-03 12-15
2022 01-26 03-16 05-04 06-15 07-27 09-21 11-02 12-14
2023 02-01 03-22 05-03 06-14 07-26 09-20 11-01 12-13
2024 01-31 03-20 05-01 06-12 07-31 09-18 11-07 12-18
2025 01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10
2026 01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09
2027 01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08
"""


@cache
def decisions() -> pd.Series:
    """Lower bound in percent, by the day of the decision; the first is the state at the start."""
    found = {pd.Timestamp("1995-12-19"): 5.50}
    for entry in CUTS_AND_RISES.replace("\n", "|").strip("|").split("|"):
        day, bound = entry.split()
        found[pd.Timestamp(day)] = float(bound)
    return pd.Series(found)


@cache
def target_lower(*, as_fred_dates: bool = False) -> pd.Series:
    """Lower bound on each calendar day: from the day after the decision, or as FRED dates it."""
    changes = decisions().copy()
    one = pd.Timedelta(days=1)
    changes.index = pd.DatetimeIndex(
        [day if as_fred_dates and day in DATED_ON_DECISION else day + one for day in changes.index]
    )
    return changes.reindex(pd.date_range("1996-01-01", END), method="ffill")


@cache
def meetings() -> dict[int, list[pd.Timestamp]]:
    """Scheduled meetings by year: the day of the statement."""
    found = {}
    for line in SCHEDULED.split("\n"):
        if line:
            year, *days = line.split()
            found[int(year)] = [pd.Timestamp(f"{year}-{day}") for day in days]
    return found
