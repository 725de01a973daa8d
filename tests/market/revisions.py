"""What was said before it was revised: each release of the series whose past changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

REVISED = {"CPIAUCSL", "CPILFESL", "PCEPILFE", "UNRATE", "PAYEMS", "ICSA", "NFCI", "DTWEXBGS"}
DECIMALS = {"CPIAUCSL": 3, "CPILFESL": 3, "PCEPILFE": 3, "UNRATE": 1, "PAYEMS": 0, "ICSA": -3, "NFCI": 5, "DTWEXBGS": 4}
SEASONAL = {"CPIAUCSL": 2, "CPILFESL": 2, "UNRATE": 1}  # the release month in which five years are adjusted anew


def revised(code: str, final: pd.Series, known: np.ndarray) -> pd.DataFrame:
    """All releases: columns date, known, value, by date and then by moment; the last of each date is the truth.

    Later releases come at the moments of the first releases of later dates, as publishers do it. A release that says
    what stood before is left out.
    """
    dates = pd.DatetimeIndex(final.index)
    rng = np.random.default_rng([1996, sum(code.encode())])
    rows = _rows(code, dates, known, rng)
    rows["value"] = final.to_numpy()[rows["at"]] + rows["error"] * _spread(code, final)[rows["at"]]
    last = ~rows["at"].duplicated(keep="last")
    rows.loc[last, "value"] = final.to_numpy()[rows.loc[last, "at"]]
    rows["value"] = rows["value"].round(DECIMALS[code]) + 0.0
    same = (rows["at"] == rows["at"].shift()) & (rows["value"] == rows["value"].shift())
    rows = rows[~same]
    return pd.DataFrame(
        {"date": dates[rows["at"]], "known": rows["known"].to_numpy(), "value": rows["value"].to_numpy()}
    )


def _spread(code: str, final: pd.Series) -> np.ndarray:
    """The size of a revision, in the unit of the series."""
    size = {"UNRATE": 0.09, "PAYEMS": 40.0, "ICSA": 3_000.0, "NFCI": 0.004}
    relative = {"CPIAUCSL": 0.00035, "CPILFESL": 0.0002, "PCEPILFE": 0.0003, "DTWEXBGS": 0.0004}
    return np.full(len(final), size[code]) if code in size else final.to_numpy() * relative[code]


def _rows(code: str, dates: pd.DatetimeIndex, known: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """For each date the releases that spoke of it, with an error that fades, in standard units."""
    count = len(dates)
    moments = pd.DatetimeIndex(known)
    steps = [(np.arange(count), np.arange(count), 1.0)]  # positions of the dates, of the releases, size of the error
    following = {"PAYEMS": 2, "PCEPILFE": 3, "ICSA": 1, "NFCI": 13}.get(code, 0)
    steps += [(np.arange(count - k), np.arange(k, count), 1.0 / (1 + k)) for k in range(1, following + 1)]
    for position in np.flatnonzero(_new_year(code, moments)):
        reach = {"NFCI": count, "DTWEXBGS": 260, "PAYEMS": 24}.get(code, 60)
        steps.append((np.arange(max(0, position - reach), position), np.full(min(position, reach), position), 0.5))
    parts = [
        pd.DataFrame({"at": where, "release": which, "error": rng.normal(0, 1, len(where)) * size})
        for where, which, size in steps
    ]
    rows = pd.concat(parts).drop_duplicates(["at", "release"]).sort_values(["at", "release"], ignore_index=True)
    rows["known"] = known[rows["release"]]
    return rows[rows["known"] >= known[rows["at"]]].reset_index(drop=True)


def _new_year(code: str, moments: pd.DatetimeIndex) -> np.ndarray:
    """Which releases are a year's first of the month in which a longer past is revised."""
    month = SEASONAL.get(code, {"PAYEMS": 2, "PCEPILFE": 9, "NFCI": 1, "DTWEXBGS": 12}.get(code, 0))
    in_month = moments.month == month
    year = pd.Series(moments.year, index=range(len(moments)))
    first = ~year[in_month].duplicated()
    found = np.zeros(len(moments), dtype=bool)
    found[first[first].index] = True
    return found
