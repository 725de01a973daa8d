"""Cboe's VIX: the close of each session."""

from __future__ import annotations

from datetime import date

import pytest
from payload import batch, found, payload, wanted
from scripted import Reply, serving

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.cboe import EDGE, parse_history

VIX = payload("cboe_vix.csv")


def test_the_month_stands_before_the_day() -> None:
    """02/05/2026 is the fifth of February."""
    assert found(parse_history(VIX, batch("VIX"))) == {"VIX": {"2026-02-05": 21.77, "2026-02-06": 17.76}}


def test_what_is_not_the_file_is_refused() -> None:
    """No close, no session, half a line, a number cut short."""
    for body in (VIX.replace(b"CLOSE", b"LAST"), VIX[:-20], VIX[:-4], VIX.replace(b"17.760000", b"-")):
        with pytest.raises(NotData):
            parse_history(body, batch("VIX"))
    with pytest.raises(EmptyAnswer):
        parse_history(VIX.splitlines()[0], batch("VIX", since=date(2026, 2, 6)))


def test_each_index_has_its_file() -> None:
    """And one that there is not is unknown."""
    (asking,) = EDGE.batches(wanted("VIX", since=date(2026, 2, 6)), today=date(2026, 2, 9))
    with serving(lambda _: Reply(body=VIX)) as server, server.access() as access:
        assert found(EDGE.fetch(asking, access)) == {"VIX": {"2026-02-06": 17.76}}
        (request,) = server.seen
    assert request.host == "cdn.cboe.com"
    assert request.path == "/api/global/us_indices/daily_prices/VIX_History.csv"
    with (
        serving(lambda _: Reply(status=404)) as server,
        server.access() as access,
        pytest.raises(UnknownCode, match="VIX"),
    ):
        EDGE.fetch(asking, access)
