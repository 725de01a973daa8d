"""fred.stlouisfed.org: fredgraph.csv, without a key; several ids come as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from market.calendars import iso
from market.desk import Reply
from market.publication import FRED_IDS
from market.wire.fredinfo import INFO, entered

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("fred.stlouisfed.org",)


def names(request: Request) -> frozenset[str]:
    """The ids asked for."""
    return frozenset(request.query.get("id", "").split(",")) - {""}


def answer(request: Request, desk: Desk) -> Reply:
    """`/graph/fredgraph.csv?id=DGS10&cosd=&coed=`; missing values are empty cells."""
    codes = [code for code in request.query.get("id", "").split(",") if code]
    if request.path != "/graph/fredgraph.csv" or not codes or set(codes) - FRED_IDS or desk.fault("error"):
        page = b"<!DOCTYPE html><html><head><title>Error | FRED | St. Louis Fed</title></head></html>"
        return Reply(status=404, body=page, kind="text/html; charset=utf-8")
    first = max([entered(code, desk.today()) for code in codes if len(codes) == 1] or [pd.Timestamp("1776-07-04")])
    first = max(first, pd.Timestamp(request.query.get("cosd", "1776-07-04")))
    last = pd.Timestamp(request.query.get("coed", "2100-01-01"))
    columns = {code: desk.for_code(code).series("fred", code) for code in codes}
    table = columns[codes[0]].to_frame(codes[0]) if len(codes) == 1 else pd.DataFrame(columns)
    table = table[(table.index >= first) & (table.index <= last)]
    rows = [
        f"{day}," + ",".join(_cell(code, value) for code, value in zip(codes, values, strict=True))
        for day, *values in zip(iso(table.index), *(table[code] for code in codes), strict=True)
    ]
    return Reply(body="\n".join(["observation_date," + ",".join(codes), *rows, ""]).encode(), kind="application/csv")


def _cell(code: str, value: float) -> str:
    return "" if value != value else f"{value:.{INFO[code][3]}f}"  # noqa: PLR0124 -- nan
