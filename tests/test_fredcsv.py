"""FRED's public CSV: the latest vintage, without a key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from payload import batch, found, payload, wanted, zipped
from scripted import Reply, Request, serving

from generator.errors import EmptyAnswer, NotData, UnknownCode
from generator.sources.fredcsv import EDGE, parse_graph

GRAPH = payload("fredgraph.csv")
TODAY = date(2026, 11, 24)


def test_series_of_other_days_share_a_table() -> None:
    """Empty cells and dots are no values; the first column is named as since 2024 or as before."""
    expected = {"ICSA": {"2026-11-07": 221_000.0, "2026-11-21": 218_000.0}, "NFCI": {"2026-11-13": -0.52}}

    assert found(parse_graph(GRAPH, batch("ICSA", "NFCI"))) == expected
    assert found(parse_graph(GRAPH.replace(b"observation_date", b"DATE"), batch("ICSA", "NFCI"))) == expected


def test_several_series_may_come_as_an_archive() -> None:
    """A table for each frequency; what is no table is passed over."""
    weekly = b"observation_date,ICSA\n2026-11-21,218000\n"
    daily = b"observation_date,DGS10\n2026-11-20,4.24\n2026-11-23,.\n"
    body = zipped(README__txt=b"notes", weekly__csv=weekly, daily__csv=daily)

    assert found(parse_graph(body, batch("ICSA", "DGS10"))) == {
        "ICSA": {"2026-11-21": 218_000.0},
        "DGS10": {"2026-11-20": 4.24},
    }
    with pytest.raises(NotData, match="twice"):
        parse_graph(zipped(a__csv=weekly, b__csv=weekly), batch("ICSA"))


def test_nothing_since_a_day_is_an_answer_and_nothing_at_all_is_none() -> None:
    """The header names the series asked for."""
    head = b"observation_date,ICSA\n"

    assert found(parse_graph(head, batch("ICSA", since=TODAY))) == {}
    with pytest.raises(EmptyAnswer):
        parse_graph(head, batch("ICSA"))
    with pytest.raises(NotData, match="no column NFCI"):
        parse_graph(head, batch("NFCI", since=TODAY))


def test_what_is_no_table_is_refused() -> None:
    """Another first column, half a line, no number, no date."""
    for body in (
        b"error,x\n",
        GRAPH[:-9],
        GRAPH.replace(b"221000", b"many"),
        GRAPH.replace(b"2026-11-07", b"2026-13-07"),
    ):
        with pytest.raises(NotData):
            parse_graph(body, batch("ICSA"))


def test_series_are_asked_six_at_a_time() -> None:
    """Whole ones apart from those of which only the newest days are wanted, which may differ in their first."""
    since = date(2026, 11, 14)
    newest = (*wanted("I", since=since + timedelta(days=1)), *wanted("H", since=since))
    batches = EDGE.batches((*wanted(*"ABCDEFG"), *newest), today=TODAY)

    assert [one.label for one in batches] == ["A, B, C, D, E, F", "G", "H, I"]
    assert [one.first for one in batches] == [None, None, since]


def test_one_unknown_series_does_not_hide_which_it_is() -> None:
    """FRED refuses the whole request; asked one by one, the unknown one is named."""

    def answer(request: Request) -> Reply:
        codes = request.params["id"][0].split(",")
        if "NOPE" in codes:
            return Reply(status=404, body=b"<html>not found")
        return Reply(body=f"observation_date,{codes[0]}\n2026-11-21,1\n".encode())

    (asking,) = EDGE.batches(wanted("ICSA", "NOPE", since=date(2026, 11, 14)), today=TODAY)
    with serving(answer) as server, server.access() as access, pytest.raises(UnknownCode) as caught:
        EDGE.fetch(asking, access)
    assert caught.value.code == "NOPE"
    assert [request.params["id"] for request in server.seen] == [["ICSA,NOPE"], ["ICSA"], ["NOPE"]]


def test_the_first_day_wanted_is_given() -> None:
    """Should FRED take it for the first series only, what is older is left out here."""
    (asking,) = EDGE.batches(wanted("ICSA", "NFCI", since=date(2026, 11, 13)), today=TODAY)
    with serving(lambda _: Reply(body=GRAPH)) as server, server.access() as access:
        assert found(EDGE.fetch(asking, access))["ICSA"] == {"2026-11-21": 218_000.0}
        (request,) = server.seen
    assert (request.host, request.path) == ("fred.stlouisfed.org", "/graph/fredgraph.csv")
    assert request.params == {"id": ["ICSA,NFCI"], "cosd": ["2026-11-13"]}
