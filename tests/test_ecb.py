"""The ECB's reference rates: units of a currency per euro."""

from __future__ import annotations

from datetime import date

import pytest
from payload import batch, found, payload, wanted, zipped
from scripted import Reply, serving

from generator.errors import EmptyAnswer, NotData, RefusedBySource, UnknownCode
from generator.sources.ecb import EDGE, parse_archive, parse_portal

PORTAL, HISTORY = payload("ecb_portal.csv"), payload("ecb_hist.csv")
TODAY = date(2026, 11, 24)


def test_the_archive_is_a_table_of_currencies() -> None:
    """With a comma at the end of each line, and N/A where a currency had no rate."""
    assert found(parse_archive(zipped(eurofxref__csv=HISTORY), batch("USD", "JPY"))) == {
        "USD": {"1999-01-04": 1.1789, "2026-11-23": 1.0412, "2026-11-24": 1.045},
        "JPY": {"1999-01-04": 133.73, "2026-11-24": 161.2},
    }


def test_the_portal_gives_a_line_for_each_currency_and_day() -> None:
    """A holiday's line has no value; a comma within quotes is no border."""
    assert found(parse_portal(PORTAL, batch("USD", "GBP"))) == {
        "USD": {"2026-11-23": 1.0412, "2026-11-24": 1.045},
        "GBP": {"2026-11-23": 0.83112, "2026-11-24": 0.8325},
    }


def test_a_currency_that_is_not_there_is_unknown_or_empty() -> None:
    """The archive names all it has; the portal leaves out what it has not."""
    with pytest.raises(UnknownCode):
        parse_archive(zipped(eurofxref__csv=HISTORY), batch("XAU"))
    with pytest.raises(EmptyAnswer) as caught:
        parse_portal(PORTAL, batch("USD", "GBP", "JPY"))
    assert caught.value.code == "JPY"


def test_what_is_not_about_the_currency_is_refused() -> None:
    """Another series, another frequency, a table without its columns, an archive of something else."""
    for body in (PORTAL.replace(b"EXR.D.GBP", b"EXR.M.GBP"), b"KEY,A\nEXR.D.USD.EUR.SP00.A,1\n", PORTAL[:-70]):
        with pytest.raises(NotData):
            parse_portal(body, batch("USD", "GBP"))
    with pytest.raises(NotData, match="line that was not asked"):
        parse_portal(PORTAL, batch("USD"))
    for body in (zipped(readme__txt=b"x"), zipped(a__csv=HISTORY, b__csv=HISTORY), HISTORY):
        with pytest.raises(NotData):
            parse_archive(body, batch("USD"))


def test_recent_days_come_from_the_portal_and_all_from_the_archive() -> None:
    """A request a currency, or one for all; of recent days two weeks more are read than wanted."""
    asking = (*wanted("USD", "GBP", since=date(2026, 11, 14)), *wanted("JPY"))
    whole, recent, other = EDGE.batches(asking, today=TODAY)

    assert (whole.first, [one.code for one in whole.wanted]) == (None, ["JPY"])
    assert (recent.first, [one.code for one in recent.wanted]) == (date(2026, 10, 31), ["USD"])
    assert [one.code for one in other.wanted] == ["GBP"]
    dollars = b"".join(line for line in PORTAL.splitlines(keepends=True) if b".GBP." not in line)
    with serving(lambda _: Reply(body=dollars)) as server, server.access() as access:
        read = found(EDGE.fetch(recent, access))
        (request,) = server.seen
    assert read["USD"] == {"2026-11-23": 1.0412, "2026-11-24": 1.045}
    assert (request.host, request.path) == ("data-api.ecb.europa.eu", "/service/data/EXR/D.USD.EUR.SP00.A")
    assert request.params == {"format": ["csvdata"], "startPeriod": ["2026-10-31"]}

    with serving(lambda _: Reply(body=zipped(eurofxref__csv=HISTORY))) as server, server.access() as access:
        assert found(EDGE.fetch(whole, access))["JPY"]["1999-01-04"] == 133.73
        assert server.seen[0].path == "/stats/eurofxref/eurofxref-hist.zip"


def test_the_portal_says_unknown_by_its_status() -> None:
    """404 is an unknown series there; elsewhere it is a refusal."""
    recent = EDGE.batches(wanted("XXX", since=TODAY), today=TODAY)[0]
    whole = EDGE.batches(wanted("XXX"), today=TODAY)[0]
    with serving(lambda _: Reply(status=404)) as server, server.access() as access:
        with pytest.raises(UnknownCode):
            EDGE.fetch(recent, access)
        with pytest.raises(RefusedBySource):
            EDGE.fetch(whole, access)
