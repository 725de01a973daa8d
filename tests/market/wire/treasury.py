"""home.treasury.gov: the daily par yield curves, nominal and real, as CSV by year and as Atom by month or year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from market.desk import Reply

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("home.treasury.gov",)
NOMINAL = {
    "1 Mo": "DGS1MO", "1.5 Month": "DGS1H", "2 Mo": "DGS2MO", "3 Mo": "DGS3MO", "4 Mo": "DGS4MO", "6 Mo": "DGS6MO",
    "1 Yr": "DGS1", "2 Yr": "DGS2", "3 Yr": "DGS3", "5 Yr": "DGS5", "7 Yr": "DGS7", "10 Yr": "DGS10", "20 Yr": "DGS20",
    "30 Yr": "DGS30",
}  # fmt: skip
REAL = {"5 YR": "DFII5", "7 YR": "DFII7", "10 YR": "DFII10", "20 YR": "DFII20", "30 YR": "DFII30"}
NEW_COLUMNS = {"2 Mo": 2018, "4 Mo": 2022, "1.5 Month": 2025}  # a year's file before has no such column
XML_NAMES = {"1 Mo": "BC_1MONTH", "1.5 Month": "BC_1_5MONTH", "2 Mo": "BC_2MONTH", "3 Mo": "BC_3MONTH",
             "4 Mo": "BC_4MONTH",
             "6 Mo": "BC_6MONTH"}  # fmt: skip


def names(request: Request) -> frozenset[str]:
    """A file holds the whole curve."""
    columns = REAL if "real" in request.query.get("type", request.query.get("data", "")) else NOMINAL
    prefix = "real:" if columns is REAL else ""
    return frozenset(columns.values()) | {prefix + each for each in columns}


def answer(request: Request, desk: Desk) -> Reply:
    """The CSV of a year, or the Atom feed of a year or a month."""
    if match := re.fullmatch(
        r"/resource-center/data-chart-center/interest-rates/daily-treasury-rates\.csv/(\d{4}|all)/(all|\d{6})",
        request.path,
    ):
        year = request.query.get("field_tdr_date_value", match[1])
        columns = REAL if request.query.get("type") == "daily_treasury_real_yield_curve" else NOMINAL
        return Reply(body=_csv(_curve(columns, year, desk)), kind="text/csv; charset=UTF-8")
    if request.path == "/resource-center/data-chart-center/interest-rates/pages/xml":
        columns = REAL if request.query.get("data") == "daily_treasury_real_yield_curve" else NOMINAL
        when = request.query.get("field_tdr_date_value_month") or request.query.get("field_tdr_date_value", "")
        return Reply(body=_atom(_curve(columns, when, desk)), kind="application/atom+xml;charset=UTF-8")
    return Reply(status=404, body=b"<!DOCTYPE html><html><title>Page not found</title></html>", kind="text/html")


def _curve(columns: dict[str, str], when: str, desk: Desk) -> pd.DataFrame:
    """Yields by day, newest first, of a year, a month (202611) or `all`."""
    year = when[:4]
    kept = {name: code for name, code in columns.items() if not year.isdigit() or int(year) >= NEW_COLUMNS.get(name, 0)}
    series = {name: desk.for_code(code, name, f"real:{name}").series("treasury", code) for name, code in kept.items()}
    parts = [_within(each, when) for each in series.values()]
    doubled = any(part.index.has_duplicates for part in parts)
    curve = (
        _joined(dict(zip(series, parts, strict=True)))
        if doubled
        else pd.DataFrame(dict(zip(series, parts, strict=True)))
    )
    return curve.sort_index(ascending=False, kind="stable")


def _within(values: pd.Series, when: str) -> pd.Series:
    """The part of a year (2026) or a month (202611)."""
    days = pd.DatetimeIndex(values.index)
    if not when.isdigit():
        return values
    inside = days.year == int(when[:4])
    return values[inside & (days.month == int(when[4:6]))] if len(when) > 4 else values[inside]


def _joined(parts: dict[str, pd.Series]) -> pd.DataFrame:
    """Columns side by side though days occur twice."""
    numbered = {
        name: part.set_axis(pd.MultiIndex.from_arrays([part.index, part.groupby(level=0).cumcount()]))
        for name, part in parts.items()
    }
    return pd.DataFrame(numbered).droplevel(1)


def _csv(curve: pd.DataFrame) -> bytes:
    head = "Date," + ",".join(f'"{name}"' if name[0].isdigit() else name for name in curve.columns)
    rows = [
        f"{day:%m/%d/%Y}," + ",".join("" if pd.isna(value) else f"{value:.2f}" for value in values)
        for day, *values in curve.itertuples()
    ]
    return "\n".join([head, *rows, ""]).encode()


def _atom(curve: pd.DataFrame) -> bytes:
    entries = []
    for day, *values in curve.itertuples():
        cells = "".join(_cell(name, value) for name, value in zip(curve.columns, values, strict=True))
        entries.append(
            f'<entry><content type="application/xml"><m:properties><d:NEW_DATE m:type="Edm.DateTime">'
            f"{day:%Y-%m-%dT00:00:00}</d:NEW_DATE>{cells}</m:properties></content></entry>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="yes" ?>\n<feed xml:base="http://home.treasury.gov/'
        'resource-center/data-chart-center/interest-rates/" '
        'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
        'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns="http://www.w3.org/2005/Atom">'
        f'<title type="text">DailyTreasuryYieldCurveRateData</title>{"".join(reversed(entries))}</feed>\n'
    ).encode()


def _cell(name: str, value: float) -> str:
    tag = XML_NAMES.get(name) or (
        f"BC_{name.split(maxsplit=1)[0]}YEAR" if name.endswith("Yr") else f"TC_{name.split(maxsplit=1)[0]}YEAR"
    )
    if pd.isna(value):
        return f'<d:{tag} m:type="Edm.Double" m:null="true" />'
    return f'<d:{tag} m:type="Edm.Double">{value:.2f}</d:{tag}>'
