"""api.bls.gov: series by POST of JSON, version 1 and 2; what is wrong is said with status 200."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from market.desk import Reply
from market.truth import BLS

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("api.bls.gov", "www.bls.gov")
DECIMALS = {"CPIAUCSL": 3, "CPILFESL": 3, "UNRATE": 1, "PAYEMS": 0}
SPENT = (
    "Request could not be serviced, as the daily threshold for total number of requests allocated to the user has "
    "been reached."
)
MOST_SERIES, MOST_YEARS = {"v1": 25, "v2": 50}, {"v1": 10, "v2": 20}


def _wish(request: Request) -> dict[str, object]:
    try:
        wish = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return wish if isinstance(wish, dict) else {}


def names(request: Request) -> frozenset[str]:
    """The ids in the body."""
    asked = _wish(request).get("seriesid")
    ids = [str(each) for each in asked] if isinstance(asked, list) else []
    return frozenset({*ids, *(BLS[each] for each in ids if each in BLS)})


def answer(request: Request, desk: Desk) -> Reply:
    """The series asked for, newest month first, values as strings; `-` where a month was never published."""
    version = next((each for each in ("v1", "v2") if request.path == f"/publicAPI/{each}/timeseries/data/"), None)
    if version is None or request.method != "POST":
        return Reply(status=404, body=b"<html><body>Not Found</body></html>", kind="text/html")
    if desk.fault("error"):
        return _said("REQUEST_NOT_PROCESSED", [SPENT])
    wish = _wish(request)
    if version == "v2" and not wish.get("registrationkey"):
        return _said("REQUEST_NOT_PROCESSED", ["The key: provided by the User is invalid."])
    ids = wish.get("seriesid")
    if not isinstance(ids, list) or not ids:
        return _said("REQUEST_FAILED", ["The request is missing parameters: seriesid"])
    this_year = desk.today().year
    first, last = int(str(wish.get("startyear", this_year - 2))), int(str(wish.get("endyear", this_year)))
    messages = []
    if len(ids) > MOST_SERIES[version]:
        messages.append(f"The number of series has been limited to {MOST_SERIES[version]}.")
        ids = ids[: MOST_SERIES[version]]
    if last - first + 1 > MOST_YEARS[version]:
        messages.append(f"Year range has been reduced to the system-allowed limit of {MOST_YEARS[version]} years.")
        last = first + MOST_YEARS[version] - 1
    series = [_series(str(each), first, last, desk, messages) for each in ids]
    return _said("REQUEST_SUCCEEDED", messages, series)


def _said(status: str, messages: list[str], series: list[dict[str, object]] | None = None) -> Reply:
    results = {} if series is None else {"series": series}
    return Reply(
        body=json.dumps({"status": status, "responseTime": 153, "message": messages, "Results": results}).encode()
    )


def _series(code: str, first: int, last: int, desk: Desk, messages: list[str]) -> dict[str, object]:
    if code not in BLS:
        messages.append(f"Series does not exist for Series {code}")
        return {"seriesID": code, "data": []}
    values = desk.for_code(code, BLS[code]).series("bls", code)
    values = values[(values.index.year >= first) & (values.index.year <= last)]
    decimals = DECIMALS[BLS[code]]
    rows = [_row(pd.Timestamp(day), value, decimals) for day, value in values.iloc[::-1].items()]
    if rows and last < desk.today().year and code.startswith("LNS"):  # the mean of a year is no month
        year = values[values.index.year == last]
        rows.insert(
            0,
            {
                "year": str(last),
                "period": "M13",
                "periodName": "Annual",
                "value": f"{year.mean():.1f}",
                "footnotes": [{}],
            },
        )
    return {"seriesID": code, "data": rows}


def _row(day: pd.Timestamp, value: float, decimals: int) -> dict[str, object]:
    lost = {"code": "X", "text": "Data unavailable due to the 2025 lapse in appropriations."}
    return {
        "year": str(day.year), "period": f"M{day.month:02}", "periodName": day.month_name(),
        "value": "-" if pd.isna(value) else f"{value:.{decimals}f}", "footnotes": [lost if pd.isna(value) else {}],
    }  # fmt: skip
