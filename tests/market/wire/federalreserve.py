"""www.federalreserve.gov: the page of FOMC meetings and the feed of monetary press releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from market.desk import Reply
from market.policy import meetings
from market.wire import feeds

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("www.federalreserve.gov",)
WITH_PROJECTIONS = {3, 6, 9, 12}
UNSCHEDULED = {2025: [("August", "22 (notation vote)")]}


def names(_request: Request) -> frozenset[str]:
    """The page and the feed know no codes."""
    return frozenset({"calendar.fomc"})


def answer(request: Request, desk: Desk) -> Reply:
    """`fomccalendars.htm` or `press_monetary.xml`."""
    if request.path == "/feeds/press_monetary.xml":
        return feeds.feed("fed", desk)
    if request.path != "/monetarypolicy/fomccalendars.htm" or desk.fault("error"):
        return Reply(status=404, body=b"<!DOCTYPE html><html><title>Page not found</title></html>", kind="text/html")
    announced = desk.today().year + (1 if desk.today().month >= 8 else 0)
    years = [year for year in sorted(meetings(), reverse=True) if year <= announced and desk.fault("empty") is None]
    years.sort(key=lambda year: (year != desk.today().year, year != desk.today().year + 1, -year))
    panels = "\n".join(_panel(year) for year in years)
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>The Fed - Meeting calendars'
        f'</title></head><body><div id="content"><div id="article">\n{panels}\n</div></div></body></html>\n'
    )
    return Reply(body=page.encode(), kind="text/html")


def _panel(year: int) -> str:
    rows = "\n".join(_row(day) for day in meetings()[year])
    extra = "\n".join(_div(month, words) for month, words in UNSCHEDULED.get(year, []))
    return (
        '<div class="panel panel-default"><div class="panel-heading"><h4>'
        f'<a id="{year}">{year} FOMC Meetings</a></h4></div>\n'
        f"{rows}\n{extra}\n</div>"
    )


def _row(day: pd.Timestamp) -> str:
    before = day - pd.Timedelta(days=1)
    month = day.month_name() if before.month == day.month else f"{before.month_name()[:3]}/{day.month_name()[:3]}"
    if before.month != day.month and before.month == 4:
        month = "April/May"
    star = "*" if day.month in WITH_PROJECTIONS else ""
    return _div(month, f"{before.day}-{day.day}{star}")


def _div(month: str, words: str) -> str:
    return (
        '<div class="row fomc-meeting"><div class="fomc-meeting__month col-xs-5 col-sm-3 col-md-2"><strong>'
        f"{month}</strong></div>"
        f'<div class="fomc-meeting__date col-xs-4 col-sm-9 col-md-10 col-lg-1">{words}</div></div>'
    )
