"""Facts that only live data have: each beside the truth of the loopback market, worked out by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from livedesk import LICENSED, told
from market.truth import market
from test_docs import PARTS, ROOT

from generator import facts as of_facts
from generator.facts.assets import SERIES as PRICED
from generator.facts.sectors import SECTORS
from generator.metrics.assets import change, change_to_date
from generator.metrics.labour import change as by_month
from generator.sessions import evening
from generator.units import Unit

if TYPE_CHECKING:
    from livedesk import LiveDesk

    from generator.facts import Findings
    from generator.model import Gap, Universe

DAY = "2026-11-24"  # a Tuesday
SPANS = ("1s", "5s", "63s", "since_first")


def truth(code: str, day: str) -> float:
    """A value of the market."""
    found = market().truth(code, day)
    assert found is not None
    return found


def gathered(desk: LiveDesk, universe: Universe, day: str = DAY) -> Findings:
    """Facts of another universe."""
    session = date.fromisoformat(day)
    return of_facts.gather(desk.store.view(evening(session)), session=session, today=session, universe=universe)


# --- what a source lists ----------------------------------------------------------------------------------------


def test_what_a_source_does_not_list_makes_neither_fact_nor_gap(live_desk: LiveDesk) -> None:
    """So the letter of the sample knows nothing of sectors and coins."""
    found = gathered(live_desk, replace(told(), listed=frozenset()))
    mine = re.compile(r"asset|sectors|credit|labour|vix|fx\.(broad|dxy)|rates\.(real|breakeven)|inflation\.pce")

    assert [key for key in (*found.facts, *found.gaps) if mine.match(key)] == []


def test_what_is_listed_and_never_came_is_a_gap(live_desk: LiveDesk) -> None:
    """FRED has kept three years of the high-yield spread: of 2012 it has nothing."""
    gap: Gap = live_desk.findings("2012-06-14").gaps["credit.hy"]

    assert gap.reason == "nothing of it was known by then"


def test_what_is_old_is_a_gap_with_the_day_of_its_newest_value(live_desk: LiveDesk) -> None:
    """The store ends on 18 December: a letter of January has no gold, and no sector funds."""
    session = date(2027, 1, 29)
    universe = replace(told(), small="price.VIX", large="price.VIX")
    assert universe.small in PRICED
    view = live_desk.store.view(evening(session))
    with pytest.raises(of_facts.size.StaleSeries):
        of_facts.gather(view, session=session, today=session, universe=universe)

    sheet = of_facts.Sheet(view=view, session=session, universe=told())
    of_facts.assets.enter(sheet, view.available(PRICED))
    assert sheet.gaps["asset.gold"].reason == "the newest value is for 2026-12-18"
    assert sheet.facts == {}


def test_without_a_licence_a_spread_is_a_gap_and_nothing_of_it_is_read(live_desk: LiveDesk) -> None:
    """High-yield, investment-grade and Baa."""
    found = live_desk.findings(DAY, licensed=False)

    assert {f"credit.{name}" for name in ("hy", "ig", "baa")} <= found.gaps.keys()
    assert "licence" in found.gaps["credit.hy"].reason
    assert not set(LICENSED) & found.histories.keys()
    assert not [key for key in found.facts if key.startswith(("credit.hy", "credit.ig", "credit.baa"))]


def test_what_a_gate_holds_back_is_a_gap_with_its_reason(live_desk: LiveDesk) -> None:
    """A fund goes if its dividends are doubted; the others and the ranking stay."""
    held = (("dividend.XLE", "withheld (jump): too large"), ("price.GOLD", "withheld (stale): of yesterday"))
    found = gathered(live_desk, replace(told(), withheld=held))

    assert found.gaps["sectors.large.energy"].reason == "withheld (jump): too large"
    assert found.gaps["asset.gold"].reason == "withheld (stale): of yesterday"
    assert "sectors.large.energy.1s" not in found.facts
    assert found.facts["sectors.large.n.1s"].value == 10


# --- prices -----------------------------------------------------------------------------------------------------


def test_bitcoin_at_the_evening_is_that_of_the_day_before(live_desk: LiveDesk) -> None:
    """Its day ends at midnight UTC: the letter of Tuesday knows Monday, and counts seven days for a week."""
    facts = live_desk.findings(DAY).facts
    monday, sunday, before = (truth("BTC-USD", day) for day in ("2026-11-23", "2026-11-22", "2026-11-16"))

    assert facts["asset.btc"].as_of == date(2026, 11, 23)
    assert facts["asset.btc"].unit is Unit.COIN
    assert facts["asset.btc"].value == monday
    assert facts["asset.btc.1s"].value == pytest.approx(100 * (monday / sunday - 1))
    assert facts["asset.btc.7s"].value == pytest.approx(100 * (monday / before - 1))
    assert facts["asset.btc.7s"].horizon.words == "over seven days"  # type: ignore[union-attr]


def test_a_drawdown_counts_from_the_highest_close(live_desk: LiveDesk) -> None:
    """Of Bitcoin, with the day of that close."""
    fact = live_desk.findings(DAY).facts["asset.btc.drawdown"]
    known = market().series["BTC-USD"].dropna().loc[:"2026-11-23"]

    assert fact.value == pytest.approx(100 * (known.iloc[-1] / known.max() - 1))
    assert fact.mark("high") == known.idxmax().date()


def test_vix_is_of_the_publisher_with_the_newest_day_and_cboes_where_both_have_it(live_desk: LiveDesk) -> None:
    """Level and change in points; the evidence says whose it is; a gap only if neither has it."""
    facts = live_desk.findings(DAY).facts
    expected = truth("VIX", DAY) - truth("VIX", "2026-11-23")
    other = gathered(live_desk, replace(told(), withheld=(("vix.cboe", "withheld (unit): x"),)))

    assert facts["vix.change.1s"].value == pytest.approx(expected)
    assert facts["vix.change.1s"].unit is Unit.VOLATILITY
    assert facts["vix.level"].evidence[0].series_id == "vix.cboe"
    assert other.facts["vix.level"].evidence[0].series_id == "price.VIX"
    assert "vix.level" not in other.gaps
    histories = dict(live_desk.findings(DAY).histories)
    session = date.fromisoformat(DAY)
    sheet = of_facts.Sheet(view=live_desk.store.view(evening(session)), session=session, universe=told())
    of_facts.assets.enter(sheet, histories | {"vix.cboe": histories["vix.cboe"].iloc[:-1]})
    assert sheet.facts["vix.level"].evidence[0].series_id == "price.VIX"
    neither = gathered(live_desk, replace(told(), hidden=frozenset({"vix.cboe", "price.VIX"})))
    assert "vix.level" in neither.gaps


def test_a_price_at_or_below_zero_has_no_change_in_percent() -> None:
    """The future on oil closed at −37.63 dollars on 20 April 2020."""
    days = pd.DatetimeIndex(["2019-12-31", "2020-04-17", "2020-04-20", "2020-04-21", "2020-04-22"])
    oil = pd.Series([61.06, 18.27, -37.63, 10.01, 13.78], index=days)

    assert change(oil, observations=1).round(2).to_dict() == {days[1]: -70.08, days[4]: 37.66}
    assert change(oil, observations=2).round(2).to_dict() == {days[3]: -45.21}
    assert change_to_date(oil).round(2).to_dict() == {days[1]: -70.08, days[3]: -83.61, days[4]: -77.43}


# --- yields, spreads, work ----------------------------------------------------------------------------------------


def test_breakeven_is_nominal_less_real_to_the_basis_point(live_desk: LiveDesk) -> None:
    """And so are the changes of the parts."""
    facts = live_desk.findings(DAY).facts
    nominal, real = (truth(code, "2026-11-23") for code in ("DGS10", "DFII10"))

    assert facts["rates.breakeven.10y"].value == pytest.approx(nominal - real)
    for span in ("1s", "5s", "21s", "63s"):
        parts = facts[f"rates.real.10y.{span}"].value + facts[f"rates.breakeven.10y.{span}"].value
        assert parts == pytest.approx(facts[f"rates.change.10y.{span}"].value, abs=1e-6)


@pytest.mark.parametrize(("missing", "gap"), [("rates.DFII10", "rates.real.10y"), ("rates.DGS10", "rates.yield.10y")])
def test_without_one_of_the_two_yields_the_breakeven_is_the_published_one(
    live_desk: LiveDesk, missing: str, gap: str
) -> None:
    """FRED's T10YIE, which is the same difference; without that there is none."""
    held = ((missing, "withheld (hole): x"),)
    found = gathered(live_desk, replace(told(), withheld=held))
    none = gathered(live_desk, replace(told(), withheld=(*held, ("rates.T10YIE", "withheld (hole): y"))))

    assert found.facts["rates.breakeven.10y"].evidence[0].series_id == "rates.T10YIE"
    assert found.gaps[gap].reason == "withheld (hole): x"
    assert none.gaps["rates.breakeven.10y"].reason == "withheld (hole): y"


def test_the_high_yield_spread_has_three_years_of_history(live_desk: LiveDesk) -> None:
    """As FRED keeps it; Baa has all."""
    facts = live_desk.findings(DAY).facts
    high, baa = facts["credit.hy"], facts["credit.baa"]

    assert high.value == pytest.approx(100 * truth("BAMLH0A0HYM2", "2026-11-23"))
    assert high.context is not None
    assert high.context.first.year == 2023
    assert baa.context is not None
    assert baa.context.first.year == 1996


def test_payrolls_are_a_change_in_persons_with_the_day_of_release(live_desk: LiveDesk) -> None:
    """The level is in thousands."""
    fact = live_desk.findings(DAY).facts["labour.payrolls.1m"]
    october, september, july = (truth("PAYEMS", f"2026-{month}-01") for month in ("10", "09", "07"))

    assert fact.value == pytest.approx(1000 * (october - september))
    assert (fact.as_of, fact.mark("released")) == (date(2026, 10, 1), date(2026, 11, 11))
    mean = live_desk.findings(DAY).facts["labour.payrolls.3m"]
    assert mean.value == pytest.approx(1000 * (october - july) / 3)


def test_a_month_that_was_never_published_is_named(live_desk: LiveDesk) -> None:
    """Unemployment of October 2025: November 2025 has no change over the month, October 2026 none over the year."""
    gaps = live_desk.findings(DAY).gaps
    december = live_desk.findings("2025-12-19").gaps

    assert gaps["labour.unemployment.12m"].reason == "the rate for October 2025 was never published"
    assert december["labour.unemployment.1m"].reason == "the rate for October 2025 was never published"


def test_changes_by_month_leave_out_what_was_not_published() -> None:
    """Never the row before in its place."""
    months = pd.DatetimeIndex(["2025-08-01", "2025-09-01", "2025-11-01", "2025-12-01"])

    found = by_month(pd.Series([4.3, 4.4, 4.6, 4.4], index=months), months=1)
    assert found.round(6).to_dict() == {months[1]: 0.1, months[3]: -0.2}


def test_claims_are_of_the_week_to_saturday(live_desk: LiveDesk) -> None:
    """With the mean of four weeks."""
    facts = live_desk.findings(DAY).facts
    weeks = market().series["ICSA"].loc[:"2026-11-14"]

    assert facts["labour.claims"].as_of == date(2026, 11, 14)
    assert facts["labour.claims.1w"].value == weeks.iloc[-1] - weeks.iloc[-2]
    assert facts["labour.claims.4w"].value == weeks.iloc[-4:].mean()


# --- sectors ----------------------------------------------------------------------------------------------------


def total(ticker: str, base: str, end: str = DAY) -> float:
    """Total return in percent, multiplied out day by day."""
    series = market().series
    closes = series[ticker].dropna().loc[base:end]
    growth = 1.0
    for before, day in zip(closes.index[:-1], closes.index[1:], strict=True):
        paid = series.get(f"{ticker}:dividends", pd.Series(dtype=float)).get(day, 0.0)
        ratio = series.get(f"{ticker}:splits", pd.Series(dtype=float)).get(day, 1.0)
        growth *= (closes[day] + paid) * ratio / closes[before]
    return 100 * (growth - 1)


def test_a_sector_is_its_fund_with_dividends(live_desk: LiveDesk) -> None:
    """Over 63 sessions utilities have paid one; and since the first increase of the cycle, of 16 September."""
    facts = live_desk.findings(DAY).facts
    base = f"{facts['sectors.large.utilities.63s'].horizon.start}"  # type: ignore[union-attr]

    assert facts["sectors.large.utilities.63s"].value == pytest.approx(total("XLU", base))
    assert facts["sectors.large.utilities.since_first"].value == pytest.approx(total("XLU", "2026-09-16"))
    assert facts["sectors.large.utilities.since_first"].mark("event") == date(2026, 9, 16)
    assert {one.series_id for one in facts["sectors.large.utilities.63s"].evidence} >= {"price.XLU", "dividend.XLU"}


@pytest.mark.parametrize(("size", "place"), [("large", 1), ("small", 2)])
@pytest.mark.parametrize("span", SPANS)
def test_best_worst_and_how_many_beat_the_whole(live_desk: LiveDesk, size: str, place: int, span: str) -> None:
    """Ranked again by hand."""
    facts = live_desk.findings(DAY).facts
    base = f"{facts[f'sectors.{size}.best.{span}'].horizon.start}"  # type: ignore[union-attr]
    growth = {words[0]: total(words[place], base) for words in SECTORS.values() if words[place]}
    whole = total({"large": "SPY", "small": "IJR"}[size], base)

    assert facts[f"sectors.{size}.best.{span}"].subject == max(growth, key=lambda name: growth[name])
    assert facts[f"sectors.{size}.worst.{span}"].value == pytest.approx(min(growth.values()))
    assert facts[f"sectors.{size}.spread.{span}"].value == pytest.approx(max(growth.values()) - min(growth.values()))
    assert facts[f"sectors.{size}.ahead.{span}"].value == sum(one > whole for one in growth.values())
    assert facts[f"sectors.{size}.n.{span}"].value == len(growth)


def test_a_fund_that_did_not_trade_yet_is_not_ranked(live_desk: LiveDesk) -> None:
    """In June 2015 there were nine sector funds of large caps."""
    found = live_desk.findings("2015-06-30")

    assert found.facts["sectors.large.n.1s"].value == 9
    assert "sectors.large.property" in found.gaps


# --- the docs ---------------------------------------------------------------------------------------------------

NAMES = PARTS | {
    "tenor": r"(?:5y|10y)", "n": r"\d+", "sector": f"(?:{'|'.join((*SECTORS, 'whole'))})", "size": r"(?:large|small)",
    "span": r"(?:1s|5s|63s|since_first)", "coin": r"(?:btc|eth)", "spread": r"(?:hy|ig|baa)",
}  # fmt: skip


def patterns() -> set[str]:
    """The keys in the first column of the tables of docs/facts-live.md, as patterns."""
    text = (Path(ROOT) / "docs" / "facts-live.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    found = [key for cell in cells for key in re.findall(r"`([^`]+)`", cell)]
    return {re.sub(r"\\\{(\w+)\\\}", lambda part: NAMES[part[1]], re.escape(key)) for key in found}


def test_every_live_fact_is_in_the_docs_and_every_pattern_there_is_a_fact(live_desk: LiveDesk) -> None:
    """docs/facts-live.md has the keys that the sample does not; the survey of loan officers is a gap of the market."""
    mine = re.compile(r"asset|sectors|credit|labour|vix|fx\.(broad|dxy)|rates\.(real|breakeven)|inflation\.pce")
    found = live_desk.findings(DAY)
    keys = {key for key in (*found.facts, *found.gaps) if mine.match(key)}

    assert [key for key in keys if not any(re.fullmatch(pattern, key) for pattern in patterns())] == []
    assert [one for one in patterns() if not any(re.fullmatch(one, key) for key in keys)] == []
