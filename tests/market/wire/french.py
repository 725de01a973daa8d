"""mba.tuck.dartmouth.edu: size portfolios of the French library, daily and monthly, and the daily factors."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from market.calendars import months
from market.desk import Reply
from market.economy import PORTFOLIOS
from market.truth import market

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("mba.tuck.dartmouth.edu",)
FOLDER = "/pages/faculty/ken.french/ftp/"
COLUMNS = ("<= 0", *PORTFOLIOS)
FIRMS = {"<= 0": -99, "Lo 30": 2300, "Med 40": 1150, "Hi 30": 700, "Lo 20": 1700, "Qnt 2": 560, "Qnt 3": 450,
         "Qnt 4": 380,
         "Hi 20": 340, "Lo 10": 1150} | {f"Dec {k}": 600 - 48 * k for k in range(2, 10)} | {"Hi 10": 172}  # fmt: skip
AVERAGE = {"<= 0": -99.99, "Lo 30": 110.0, "Med 40": 980.0, "Hi 30": 21_000.0, "Lo 20": 62.0, "Qnt 2": 440.0,
           "Qnt 3": 1_050.0, "Qnt 4": 2_600.0, "Hi 20": 27_000.0, "Lo 10": 35.0} | {
    f"Dec {k}": 30.0 * 2.05**k for k in range(2, 10)} | {"Hi 10": 46_000.0}  # fmt: skip


def names(request: Request) -> frozenset[str]:
    """A file holds all portfolios; the faults of data act on the portfolio of their code."""
    return frozenset({request.path.rsplit("/", 1)[1]} | {f"{kind} {name}" for kind in ("vw", "ew") for name in COLUMNS})


def answer(request: Request, desk: Desk) -> Reply:
    """By file name; `_daily_` in either case."""
    name = request.path.removeprefix(FOLDER)
    files = {
        "portfolios_formed_on_me_csv.zip": ("Portfolios_Formed_on_ME.csv", _monthly),
        "portfolios_formed_on_size_csv.zip": ("Portfolios_Formed_on_ME.csv", _monthly),
        "portfolios_formed_on_me_daily_csv.zip": ("Portfolios_Formed_on_ME_Daily.csv", _daily),
        "portfolios_formed_on_size_daily_csv.zip": ("Portfolios_Formed_on_ME_Daily.csv", _daily),
        "f-f_research_data_factors_daily_csv.zip": ("F-F_Research_Data_Factors_daily.csv", _factors),
    }
    if name.lower() not in files or desk.fault("error"):
        return Reply(status=404, body=b"<html><head><title>404 Not Found</title></head></html>", kind="text/html")
    inner, make = files[name.lower()]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.writestr(inner, make(desk))
    return Reply(body=held.getvalue(), kind="application/zip")


def _returns(kind: str, desk: Desk) -> pd.DataFrame:
    parts = {name: desk.for_code(f"{kind} {name}").series("french", f"{kind} {name}") for name in COLUMNS}
    if all(part.index.is_unique for part in parts.values()):
        return pd.DataFrame(parts).fillna(-99.99)
    numbered = {
        name: part.set_axis(pd.MultiIndex.from_arrays([part.index, part.groupby(level=0).cumcount()]))
        for name, part in parts.items()
    }
    return pd.DataFrame(numbered).droplevel(1).fillna(-99.99)


def _table(title: str, frame: pd.DataFrame, stamp: str, decimals: int = 2) -> str:
    rows = ["  " + title, "," + ",".join(COLUMNS)]
    for day, *values in frame.itertuples():
        rows.append(f"{day.strftime(stamp)}," + ",".join(_cell(value, decimals) for value in values))
    return "\r\n".join([*rows, ""])


def _cell(value: float, decimals: int) -> str:
    return "  -99.99" if value <= -99 else f"{value:8.{decimals}f}"


def _preamble(frame: pd.DataFrame) -> str:
    newest = f"{frame.index[-1]:%Y%m}" if len(frame) else "202611"
    return (
        f"This file was created using the {newest} CRSP database.  It contains value- and equal-weighted returns\r\n"
        "for size portfolios.  The portfolios are constructed at the end of June.\r\n"
        "Negative (not used)  30%   40%   30%   5 Quintiles   10 Deciles\r\n\r\n"
        "Missing data are indicated by -99.99 or -999.\r\n\r\n\r\n"
    )


def _daily(desk: Desk) -> str:
    weighted, equal = _returns("vw", desk), _returns("ew", desk)
    tables = [
        _table("Average Value Weighted Returns -- Daily", weighted, "%Y%m%d"),
        _table("Average Equal Weighted Returns -- Daily", equal, "%Y%m%d"),
    ]
    return _preamble(weighted) + "\r\n\r\n".join(tables) + "\r\nCopyright Eugene F. Fama and Kenneth R. French\r\n"


def _monthly(desk: Desk) -> str:
    by_kind = {kind: _returns(kind, desk) for kind in ("vw", "ew")}
    tables = []
    for span, rule, stamp in (("Monthly", "MS", "%Y%m"), ("Annual from January to December", "YS", "%Y")):
        for kind, words in (("vw", "Value"), ("ew", "Equal")):
            tables.append(_table(f"{words} Weight Returns -- {span}", _compounded(by_kind[kind], rule), stamp))
    kept = pd.DatetimeIndex(_compounded(by_kind["vw"], "MS").index)
    tables += [
        _table("Number of Firms in Portfolios", firms().reindex(kept), "%Y%m", 0),
        _table("Average Firm Size", average_size().reindex(kept), "%Y%m"),
    ]
    return _preamble(by_kind["vw"]) + "\r\n\r\n".join(tables) + "\r\nCopyright Eugene F. Fama and Kenneth R. French\r\n"


def _compounded(daily: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Returns of longer spans in percent from the daily ones, missing ones as such."""
    missing = daily <= -99
    logs = np.log1p(daily.where(~missing, 0.0) / 100)
    spans = ((np.exp(logs.resample(rule).sum()) - 1) * 100).round(2)
    lost = missing.resample(rule).max().astype(bool)
    spans = spans.where(~lost, -99.99)
    return spans[daily.iloc[:, 1].resample(rule).count() > 0]


@cache
def firms() -> pd.DataFrame:
    """Number of firms by month: they become fewer."""
    fade = np.linspace(1.5, 0.95, len(months()))[:, None]
    frame = pd.DataFrame(
        np.round(np.array([FIRMS[name] for name in COLUMNS])[None, :] * fade), index=months(), columns=list(COLUMNS)
    )
    frame["<= 0"] = -99.99
    return frame


@cache
def average_size() -> pd.DataFrame:
    """Average firm size in millions of dollars by month: the market's level at the end of the month before."""
    level = market().series["^GSPC"].resample("MS").last().reindex(months()).ffill().shift().bfill() / 1470.0
    frame = pd.DataFrame(
        np.outer(level, [AVERAGE[name] for name in COLUMNS]).round(2), index=months(), columns=list(COLUMNS)
    )
    frame["<= 0"] = -99.99
    return frame


def _factors(desk: Desk) -> str:
    vw = _returns("vw", desk)
    risk_free = 0.012
    lines = ["This file was created using the latest CRSP database.", "", ",Mkt-RF,SMB,HML,RF"]
    for day, row in vw.iterrows():
        market_less = 0.25 * row["Lo 30"] * 0.2 + 0.95 * row["Hi 30"] - risk_free
        lines.append(f"{day:%Y%m%d},{market_less:8.2f},{row['Lo 30'] - row['Hi 30']:8.2f},{0.0:8.2f},{risk_free:8.3f}")
    return "\r\n".join([*lines, "", "Copyright Eugene F. Fama and Kenneth R. French", ""])
