"""markets.newyorkfed.org: reference rates and the target range as JSON, newest first."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd

from market.desk import Reply

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("markets.newyorkfed.org",)
PATHS = re.compile(r"/api/rates/(unsecured/effr|secured/sofr)/(search|last/(\d+))\.json")


def names(request: Request) -> frozenset[str]:
    """One rate a path; the target comes with EFFR."""
    return frozenset({"EFFR", "target_lower", "target_upper"} if "effr" in request.path else {"SOFR"})


def answer(request: Request, desk: Desk) -> Reply:
    """`search.json?startDate=&endDate=` (ISO days) or `last/N.json`."""
    match = PATHS.fullmatch(request.path)
    if match is None or desk.fault("error"):
        return Reply(
            status=400, body=json.dumps({"status": 400, "error": "Bad Request", "path": request.path}).encode()
        )
    code = "EFFR" if "effr" in match[1] else "SOFR"
    rate = desk.for_code(code).series("nyfed", code)
    if match[3]:
        rate = rate.tail(int(match[3]))
    else:
        first, last = request.query.get("startDate", "1900-01-01"), request.query.get("endDate", "2100-01-01")
        rate = rate[(rate.index >= first) & (rate.index <= last)]
    target = {}
    if code == "EFFR":
        bounds = (("targetRateFrom", "target_lower"), ("targetRateTo", "target_upper"))
        target = {field: desk.for_code(bound).series("nyfed", bound).to_dict() for field, bound in bounds}
    rows = [_row(code, day, value, target) for day, value in rate.iloc[::-1].items()]
    return Reply(body=json.dumps({"refRates": rows}).encode())


def _row(code: str, day: pd.Timestamp, value: float, target: dict[str, dict[pd.Timestamp, float]]) -> dict[str, object]:
    """One day. Before December 2008 the target was one number: `targetRateFrom` alone. A null row lacks the rate."""
    row: dict[str, object] = {"effectiveDate": f"{day:%Y-%m-%d}", "type": code}
    if not pd.isna(value):
        row |= {"percentRate": round(float(value), 2), "percentPercentile1": round(float(value) - 0.02, 2)}
        row["volumeInBillions"] = 95 + day.day if code == "EFFR" else 2000 + day.day
    for field, bounds in target.items():
        bound = bounds.get(day)
        if bound is not None and not pd.isna(bound):
            row[field] = round(float(bound), 2)
    return row | {"revisionIndicator": ""}
