"""www.ecb.europa.eu and data-api.ecb.europa.eu: euro reference rates as a zipped table and as series in CSV; press."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd

from market.calendars import iso
from market.desk import Reply
from market.wire import feeds

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("www.ecb.europa.eu", "data-api.ecb.europa.eu")
DECIMALS = {"USD": 4, "JPY": 2, "GBP": 5}
COLUMNS = ("USD", "JPY", "BGN", "CYP", "GBP")  # of the two in the middle one ended and one is long gone


def names(request: Request) -> frozenset[str]:
    """The zip holds all; a series one currency."""
    if request.path.startswith("/service/data/EXR/"):
        key = request.path.removeprefix("/service/data/")
        parts = key.split(".")
        return frozenset({key, parts[1] if len(parts) > 1 else ""})
    return frozenset({*DECIMALS, *(f"EXR/D.{code}.EUR.SP00.A" for code in DECIMALS)})


def answer(request: Request, desk: Desk) -> Reply:
    """The zip, `rss/press.html`, or `EXR/D.USD.EUR.SP00.A` with startPeriod, endPeriod, lastNObservations."""
    if request.path.startswith("/service/data/EXR/D."):
        return _series(request, desk)
    if request.path == "/stats/eurofxref/eurofxref-hist.zip":
        return Reply(body=_zip(desk), kind="application/zip")
    if request.path == "/rss/press.html":
        return feeds.feed("ecb", desk)
    return Reply(status=404, body=b"<!DOCTYPE html><html><title>Page not found</title></html>", kind="text/html")


def _zip(desk: Desk) -> bytes:
    rates = {code: desk.for_code(code, f"EXR/D.{code}.EUR.SP00.A").series("ecb", code) for code in DECIMALS}
    lines = ["Date," + ",".join(COLUMNS) + ","]
    if any(rate.index.has_duplicates for rate in rates.values()):
        rates = {
            code: rate.set_axis(pd.MultiIndex.from_arrays([rate.index, rate.groupby(level=0).cumcount()]))
            for code, rate in rates.items()
        }
        table = pd.DataFrame(rates).droplevel(1)
    else:
        table = pd.DataFrame(rates)
    table = table.sort_index(ascending=False, kind="stable")
    for day, *values in zip(iso(table.index), *(table[code] for code in DECIMALS), strict=True):
        by_code = dict(zip(DECIMALS, values, strict=True))
        lines.append(f"{day}," + ",".join(_cell(code, by_code.get(code), day) for code in COLUMNS) + ",")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join([*lines, ""]))
    return held.getvalue()


def _cell(code: str, value: float | None, day: str) -> str:
    if code == "BGN":
        return "1.9558" if day < "2026" else "N/A"
    if value is None or value != value:  # noqa: PLR0124 -- nan
        return "N/A"
    return f"{value:.{DECIMALS[code]}f}".rstrip("0").rstrip(".")


def _series(request: Request, desk: Desk) -> Reply:
    key = request.path.removeprefix("/service/data/")
    code = key.split(".")[1]
    if code not in DECIMALS or key != f"EXR/D.{code}.EUR.SP00.A" or desk.fault("error"):
        return Reply(status=404, body=b"No results found.", kind="text/plain")
    rate = desk.for_code(code, key).series("ecb", code)
    first, last = request.query.get("startPeriod", "1900-01-01"), request.query.get("endPeriod", "2100-01-01")
    rate = rate[(rate.index >= first) & (rate.index <= last)]
    if "lastNObservations" in request.query:
        rate = rate.tail(int(request.query["lastNObservations"]))
    if rate.empty and desk.fault("empty") is None:
        return Reply(status=404, body=b"No results found.", kind="text/plain")
    head = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_CONF,TITLE"
    rows = [
        f"EXR.D.{code}.EUR.SP00.A,D,{code},EUR,SP00,A,{day},"
        f"{'' if pd.isna(value) else round(float(value), 5)},"
        f'{"H" if pd.isna(value) else "A"},F,"{code}/Euro, ECB reference rate"'
        for day, value in zip(iso(rate.index), rate, strict=True)
    ]
    return Reply(
        body="\n".join([head, *rows, ""]).encode(), kind="application/vnd.sdmx.data+csv; version=1.0.0; charset=UTF-8"
    )
