"""The clock on live data: a source is away for two days and no letter is lost; one waits for the data of its day."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from market.loopback import Loopback
from newsroom import ROOT
from years import hook

from generator.clock import journal
from generator.clock.agenda import KINDS, Due
from generator.clock.outlook import RATE, lacking, require_decision
from generator.config import BuildSettings, FetchSettings, Settings
from generator.errors import StaleSeries, UnknownSeries
from generator.model import Observation
from generator.sources.catalogue import followed
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Desk:
    """A folder with settings for live data, on a market of this machine."""

    market: Loopback
    place: Path
    told: list[dict[str, object]]

    def run(self, moment: str) -> tuple[int, list[str]]:
        """Run at a moment; the exit code, and each letter with how it stands."""
        self.market.now = datetime.fromisoformat(moment)
        arguments = ["-m", "generator", "run", "--now", moment, "--log", "json"]
        ran = self.market.run(arguments, cwd=self.place, PYTHONPATH=str(ROOT))
        assert all(json.loads(line)["step"] for line in ran.stderr.splitlines()), ran.stderr
        return ran.returncode, ran.stdout.splitlines()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Daily letters as text, nothing mailed, no site, a webhook for notices."""
    with Loopback() as market, hook() as (url, told):
        (tmp_path / "hook").write_text(url)
        (tmp_path / "hook").chmod(0o600)
        (tmp_path / "newsletter.toml").write_text(
            '[build]\nsource = "live"\nformats = ["text", "json"]\n[news]\non = false\n'
            '[clock]\nkinds = ["daily"]\nsite = false\n[notice]\nurl_file = "hook"\n'
        )
        yield Desk(market, tmp_path, told)


def test_a_decision_letter_is_held_until_it_is_known_what_was_decided(tmp_path: Path) -> None:
    """The rate of the day after the meeting, with which the range in force comes, is not there yet; then it is."""
    settings = Settings(
        build=BuildSettings(source="live"), fetch=FetchSettings(store=tmp_path / "live.duckdb")
    )  # fmt: skip
    day = date(2026, 10, 30)  # the Fed decided on Wednesday, 28 October
    moment = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)
    letter = Due(day=day, rank=KINDS.index("decision"), since=moment, latest=moment)

    def rate(of: int) -> Observation:
        known = datetime(2026, 10, of + 1, 13, 0, tzinfo=UTC)
        return Observation(
            series_id=RATE, date=date(2026, 10, of), known_at=known, value=3.9, source="nyfed", observed=True
        )

    with Store.create(settings.store) as store:
        store.register(one.spec for one in followed().values())
    with pytest.raises(UnknownSeries):
        require_decision(settings, letter)
    with Store.open(settings.store, read_only=False) as store:
        store.append([rate(28)])
    with pytest.raises(StaleSeries, match="newest value is for 2026-10-28, the edition needs 2026-10-29"):
        require_decision(settings, letter)
    assert RATE in lacking(settings, letter)
    with Store.open(settings.store, read_only=False) as store:
        store.append([rate(29)])
    require_decision(settings, letter)
    assert RATE not in lacking(settings, letter)
    require_decision(settings, replace(letter, rank=0))


def test_a_source_that_is_away_for_two_days_loses_no_letter(desk: Desk) -> None:
    """Yahoo falls silent on Tuesday before Thanksgiving; on Friday's half day it is back, and all letters are made."""
    assert desk.run("2026-11-23T23:45+00:00") == (0, ["2026-11-23-daily: finished; no relay set ([smtp]): not mailed"])
    desk.market.fault("500", host="query2.finance.yahoo.com", path="chart")
    early = desk.run("2026-11-24T22:15+00:00")  # 17:15 in New York: its data may still come
    away = [desk.run("2026-11-24T23:45+00:00"), desk.run("2026-11-25T23:45+00:00")]
    desk.market.clear()
    back = desk.run("2026-11-27T23:45+00:00")

    waits = "waits for data, at most until 2026-11-24 18:30 in New York"
    assert early == (0, [f"2026-11-24-daily: {waits}"])
    assert [code for code, _ in away] == [4, 4]
    assert away[1][1] == [f"2026-11-{day}-daily: held at build (StaleSeries)" for day in (24, 25)]
    assert back[0] == 0
    assert [line[:16] for line in back[1]] == [f"2026-11-{day}-daily" for day in (24, 25, 27)]
    records = journal.every(desk.place / "output/runs")
    assert [(one.edition[:10], one.is_done()) for one in records] == [
        (f"2026-11-{day}", True) for day in (23, 24, 25, 27)
    ]
    held = [(one["edition"], one["error"]) for one in desk.told if one["error"]]
    assert held == [("2026-11-24-daily", "StaleSeries"), ("2026-11-25-daily", "StaleSeries")]
