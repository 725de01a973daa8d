"""cdn.cboe.com: the history of the VIX, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from market.desk import Reply

if TYPE_CHECKING:
    from market.desk import Desk, Request

HOSTS = ("cdn.cboe.com",)


def names(_request: Request) -> frozenset[str]:
    """Only the VIX."""
    return frozenset({"VIX"})


def answer(request: Request, desk: Desk) -> Reply:
    """`VIX_History.csv`."""
    if request.path != "/api/global/us_indices/daily_prices/VIX_History.csv" or desk.fault("error"):
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'
        return Reply(status=403, body=body, kind="application/xml")
    lines = ["DATE,OPEN,HIGH,LOW,CLOSE"]
    for day, close in desk.series("cboe", "VIX").items():
        cells = [""] * 4 if pd.isna(close) else [f"{close * factor:.6f}" for factor in (1.01, 1.04, 0.97, 1.0)]
        lines.append(f"{day:%m/%d/%Y}," + ",".join(cells))
    return Reply(body="\n".join([*lines, ""]).encode(), kind="text/csv")
