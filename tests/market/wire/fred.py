"""api.stlouisfed.org: observations with vintages, series, vintage dates and release dates, as XML."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

from market.calendars import iso
from market.desk import Reply
from market.faults import distorted
from market.publication import FRED_IDS
from market.wire.fredinfo import ENTERED, INFO, RELEASES, entered

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("api.stlouisfed.org",)
MAX_VINTAGES = 2000
NO_SERIES = "Bad Request.  The series does not exist."
FOREVER, LAST_DAY = "9999-12-31", date(2262, 1, 1)
HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'


class Refused(Exception):
    """FRED's error body; `args[0]` is its message."""


def names(request: Request) -> frozenset[str]:
    """The series asked for."""
    return frozenset({request.query["series_id"]} if "series_id" in request.query else set())


def answer(request: Request, desk: Desk) -> Reply:
    """What fredapi asks, or an error in FRED's words."""
    routes = {
        "/fred/series/observations": _observations,
        "/fred/series": _series,
        "/fred/series/vintagedates": _vintage_dates,
        "/fred/release/dates": _release_dates,
        "/fred/series/release": _series_release,
    }
    try:
        route = routes.get(request.path)
        if route is None:
            return Reply(status=404, body=_error(404, "Not Found."), kind="text/xml; charset=UTF-8")
        _check_key(request.query.get("api_key"))
        if desk.fault("error"):
            return Reply(status=400, body=_error(400, NO_SERIES), kind="text/xml; charset=UTF-8")
        return Reply(body=(HEAD + route(request.query, desk)).encode(), kind="text/xml; charset=UTF-8")
    except Refused as refused:
        return Reply(status=400, body=_error(400, refused.args[0]), kind="text/xml; charset=UTF-8")


def _error(status: int, message: str) -> bytes:
    return f'{HEAD}<error code="{status}" message={quoteattr(message)} />\n\n\n\n'.encode()


def _check_key(key: str | None) -> None:
    if key is None:
        raise Refused(
            "Bad Request.  Variable api_key is not set.  Read https://fred.stlouisfed.org/docs/api/api_key.html."
        )
    if not re.fullmatch("[0-9a-z]{32}", key):
        raise Refused(
            "Bad Request.  The value for variable api_key is not a 32 character alpha-numeric lower-case string."
        )
    if key == "0" * 32:
        raise Refused("Bad Request.  The value for variable api_key is not registered.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"Bad Request.  {text} is not a date in the format YYYY-MM-DD.") from None


def _realtime(query: dict[str, str], desk: Desk) -> tuple[str, str, bool]:
    """The real-time period asked for, by default today in St. Louis, and whether it was asked for."""
    today = str(desk.today("America/Chicago"))
    asked = "realtime_start" in query or "realtime_end" in query
    start, end = query.get("realtime_start", today), query.get("realtime_end", today)
    for name, bound in (("realtime_start", start), ("realtime_end", end)):
        if str(_day(bound)) > today and not (name == "realtime_end" and bound == FOREVER):
            raise Refused(f"Bad Request.  The value for variable {name} can not exceed today's date ({today}).")
    if start > end:
        raise Refused("Bad Request.  The variable realtime_start can not be after realtime_end.")
    return start, end, asked


def _known(query: dict[str, str]) -> str:
    code = query.get("series_id", "")
    if code not in FRED_IDS:
        raise Refused(NO_SERIES)
    return code


def vintages(code: str, desk: Desk) -> pd.DataFrame:
    """All that ALFRED holds by now: columns date, start, end (ISO days, end FOREVER while it stands), value."""
    said = desk.releases("fred", code)
    shown = said.known <= desk.moment
    frame = pd.DataFrame({"date": said.dates[shown], "known": said.known[shown], "value": said.numbers[shown]})
    limit = entered(code, desk.today("America/Chicago"))
    frame = frame[frame["date"] >= limit]
    if frame.empty:  # not yet invented
        raise Refused(NO_SERIES)
    local = pd.DatetimeIndex(frame["known"]).tz_localize("UTC").tz_convert("America/Chicago")
    entry = np.datetime64(ENTERED.get(code, "2005-06-28"))
    frame["start"] = np.maximum(local.tz_localize(None).to_numpy().astype("datetime64[D]"), entry)
    frame = frame.drop_duplicates(["date", "start"], keep="last").reset_index(drop=True)
    same = frame["date"].eq(frame["date"].shift(-1)).to_numpy()
    day_before = (frame["start"].shift(-1).ffill() - pd.Timedelta(days=1)).to_numpy()
    frame["end"] = np.where(same, iso(day_before), FOREVER)
    frame["start"] = iso(frame["start"])
    return frame


def _observations(query: dict[str, str], desk: Desk) -> str:
    code = _known(query)
    start, end, asked = _realtime(query, desk)
    frame = vintages(code, desk)
    first, last = query.get("observation_start", "1776-07-04"), query.get("observation_end", FOREVER)
    if asked and start != end:
        inside = frame["start"].between(start, end) & (frame["start"] > start)
        if frame.loc[inside, "start"].nunique() > MAX_VINTAGES:
            raise Refused(
                "Bad Request.  The real-time period specified for this series exceeds the maximum number of vintage "
                "dates "
                f"allowed ({MAX_VINTAGES})."
            )
    rows = frame[(frame["start"] <= end) & (frame["end"] >= start)]
    rows = _faulty(rows, code, desk)
    rows = rows[
        (rows["date"] >= np.datetime64(_day(first))) & (rows["date"] <= np.datetime64(min(_day(last), LAST_DAY)))
    ]
    total, offset, limit = len(rows), int(query.get("offset", 0)), int(query.get("limit", 100_000))
    if query.get("sort_order") == "desc":
        rows = rows.iloc[::-1]
    rows = rows.iloc[offset : offset + limit]
    head = (
        f'<observations realtime_start="{start}" realtime_end="{end}" observation_start="{first}" '
        f'observation_end="{last}" '
        f'units="lin" output_type="1" file_type="xml" order_by="observation_date" '
        f'sort_order="{query.get("sort_order", "asc")}" '
        f'count="{total}" offset="{offset}" limit="{limit}">'
    )
    decimals = INFO[code][3]
    body = "".join(
        f'\n  <observation realtime_start="{max(since, start)}" realtime_end="{min(until, end)}" '
        f'date="{day}" value="{_text(value, decimals)}"/>'
        for day, since, until, value in zip(iso(rows["date"]), rows["start"], rows["end"], rows["value"], strict=True)
    )
    return f"{head}{body}\n</observations>\n"


def _faulty(rows: pd.DataFrame, code: str, desk: Desk) -> pd.DataFrame:
    """The rows after the faults of data; a vintage that is not the newest stays as it is."""
    if not desk.for_code(code).faults or rows.empty:
        return rows
    newest = rows.groupby("date", as_index=False).last()
    values = distorted(newest.set_index("date")["value"], list(desk.for_code(code).faults))
    fresh = pd.DataFrame({"date": values.index, "value": values.to_numpy()})
    fresh = fresh.merge(newest[["date", "start", "end"]], on="date", how="left").ffill()
    fresh["value"] = values.to_numpy()
    older = rows[rows["date"].duplicated(keep="last")]
    return pd.concat([older, fresh]).sort_values(["date", "start"], kind="stable") if len(fresh) else fresh


def _text(value: float, decimals: int) -> str:
    return "." if pd.isna(value) else f"{value:.{decimals}f}"


def _series(query: dict[str, str], desk: Desk) -> str:
    code = _known(query)
    frame = vintages(code, desk)
    title, frequency, units, _ = INFO[code]
    today = desk.today("America/Chicago")
    known = pd.Timestamp(frame["known"].max()).tz_localize("UTC").tz_convert("America/Chicago")
    attributes = {
        "id": code, "realtime_start": str(today), "realtime_end": str(today), "title": title,
        "observation_start": f"{frame['date'].min():%Y-%m-%d}", "observation_end": f"{frame['date'].max():%Y-%m-%d}",
        "frequency": frequency, "frequency_short": frequency[0], "units": units, "units_short": units,
        "seasonal_adjustment": "Not Seasonally Adjusted", "seasonal_adjustment_short": "NSA",
        "last_updated": f"{known:%Y-%m-%d %H:%M:%S}{known:%z}"[:-2], "popularity": "80", "notes": "Invented values.",
    }  # fmt: skip
    cells = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<seriess realtime_start="{today}" realtime_end="{today}">\n  <series {cells} />\n</seriess>\n'


def _vintage_dates(query: dict[str, str], desk: Desk) -> str:
    days = sorted(set(vintages(_known(query), desk)["start"]))
    rows = "".join(f"\n  <vintage_date>{day}</vintage_date>" for day in days)
    return (
        f'<vintage_dates realtime_start="1776-07-04" realtime_end="{FOREVER}" order_by="vintage_date" sort_order="asc" '
        f'count="{len(days)}" offset="0" limit="10000">{rows}\n</vintage_dates>\n'
    )


def _release_dates(query: dict[str, str], desk: Desk) -> str:
    code = RELEASES.get(query.get("release_id", ""))
    if code is None:
        raise Refused("Bad Request.  The release does not exist.")
    known = pd.DatetimeIndex(np.unique(desk.releases("fred", code).known))
    days = sorted(set(iso(known.tz_localize("UTC").tz_convert("America/Chicago").tz_localize(None))))
    if query.get("include_release_dates_with_no_data") != "true":
        days = [day for day in days if day <= str(desk.today("America/Chicago"))]
    first, last = query.get("realtime_start", f"{desk.today().year}-01-01"), query.get("realtime_end", FOREVER)
    days = [day for day in days if first <= day <= last]
    if query.get("sort_order", "asc") == "desc":
        days = days[::-1]
    rows = "".join(f'\n  <release_date release_id="{query["release_id"]}">{day}</release_date>' for day in days)
    return (
        f'<release_dates realtime_start="{first}" realtime_end="{last}" order_by="release_date" count="{len(days)}" '
        f'offset="0" limit="10000">{rows}\n</release_dates>\n'
    )


def _series_release(query: dict[str, str], desk: Desk) -> str:
    code, today = _known(query), desk.today("America/Chicago")
    found = next((number for number, of in RELEASES.items() if of == code), "0")
    head = f'<releases realtime_start="{today}" realtime_end="{today}">'
    return f'{head}<release id="{found}" name={quoteattr(INFO[code][0])} /></releases>\n'
