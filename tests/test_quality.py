"""The gates: a good history passes, each defect is found by its own rule and by no other, and what is true passes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from doubts import FOLLOWED, SESSION, Market, fired, utc

from generator import quality
from generator.config import QualitySettings
from generator.errors import Held
from generator.quality import RULES, Verdict
from generator.store import Fetch
from generator.store.known import Known, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd


@pytest.fixture
def made() -> Market:
    """Make two years of a market without a fault."""
    return Market()


def test_a_good_history_passes_without_a_word(made: Market, tmp_path: Path) -> None:
    """No rule says anything of it, on the evening of its last session or within its first months."""
    assert made.judged(tmp_path) == ()
    assert made.judged(tmp_path, moment=utc("2024-03-28T22:00"), session=date(2024, 3, 28)) == ()


# --- each defect, and its rule ------------------------------------------------------------------------------------

FUND, YIELD, FIX, CPI, CLAIMS = "price.XLF", "rates.DGS2", "fx.usd_per_eur", "prices.CPIAUCSL", "labour.ICSA"
DEFECTS: dict[str, tuple[str, str, tuple[Any, ...]]] = {  # rule, series, and how it is spoilt: a method of Market
    "a fund's newest close is a week old": ("stale", FUND, ("drop", "2026-03-25", "2026-03-31")),
    "a yield stopped": ("stale", YIELD, ("drop", "2026-03-20", "2026-03-31")),
    "consumer prices stopped": ("stale", CPI, ("drop", "2026-01-01", "2026-02-01")),
    "claims stopped": ("stale", CLAIMS, ("drop", "2026-03-07", "2026-03-21")),
    "a session is missing": ("hole", FUND, ("drop", "2026-02-11")),
    "a fixing is missing": ("hole", FIX, ("drop", "2026-02-11")),
    "a month is missing": ("hole", CPI, ("drop", "2025-07-01")),
    "a week is missing": ("hole", CLAIMS, ("drop", "2026-02-14")),
    "a close of a Saturday": ("calendar", FUND, ("repeat", "2026-03-28", "2026-03-27")),
    "a yield of Presidents Day": ("calendar", YIELD, ("repeat", "2026-02-16", "2026-02-13")),
    "prices of the middle of a month": ("calendar", CPI, ("repeat", "2025-12-15", "2025-12-01")),
    "a week that ends on a Friday": ("calendar", CLAIMS, ("repeat", "2026-02-13", "2026-02-14")),
    "a close of tomorrow": ("calendar", FUND, ("say", "2026-04-01", 1.0, "2026-03-31T21:00")),
    "a close seen at noon": ("unfinished", FUND, ("say", "2026-03-31", 1.0, "2026-03-31T16:30")),
    "a coin's day seen at noon": ("unfinished", "price.BTC", ("say", "2026-03-31", 1.0, "2026-03-31T16:30")),
    "a negative price": ("impossible", FUND, ("put", "2026-03-31", -50.0)),
    "a price of nothing": ("impossible", FUND, ("put", "2026-03-10", 0.0)),
    "a yield of 412": ("impossible", YIELD, ("put", "2026-03-30", 412.0)),
    "an index of nothing": ("impossible", CPI, ("put", "2026-02-01", 0.0)),
    "cents for dollars": ("unit", FUND, ("scale", "2026-03-31", 100.0)),
    "cents for dollars from a day on": ("unit", FUND, ("rescale", "2026-03-02", 100.0)),
    "a yield as a fraction": ("unit", YIELD, ("scale", "2026-03-30", 0.01)),
    "thousands for persons": ("unit", CLAIMS, ("scale", "2026-03-21", 0.001)),
    "a split nobody told of": ("split", FUND, ("rescale", "2026-03-30", 0.5)),
    "an old split nobody told of": ("split", FUND, ("rescale", "2026-02-10", 1 / 3)),
    "three shares into one": ("split", FUND, ("rescale", "2026-03-30", 3.0)),
    "a jump of a fund": ("jump", FUND, ("scale", "2026-03-31", 1.27)),
    "a bad print a month ago": ("jump", FUND, ("scale", "2026-03-02", 0.72)),
    "a jump of a yield": ("jump", YIELD, ("put", "2026-03-30", 5.1)),
    "a jump of prices": ("jump", CPI, ("scale", "2026-02-01", 1.45)),
    "two values at once": ("doubled", FUND, ("stammer", "2026-03-30", 1.0005, "2026-03-30T21:00", "2026-03-30T21:04")),
    "an old close revised": ("revision", FUND, ("say", "2026-03-10", 1.04, "2026-03-31T21:00")),
    "a yield revised": ("revision", YIELD, ("say", "2026-03-10", 1.05, "2026-03-31T21:00")),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_by_its_rule_alone(made: Market, tmp_path: Path, defect: str) -> None:
    """The series becomes a gap; nothing else is doubted. The verdict names what is wrong and what to do."""
    rule, series_id, (spoil, *how) = DEFECTS[defect]
    getattr(made, spoil)(series_id, *how)

    found = made.judged(tmp_path)

    assert fired(found) == {("gap", rule, series_id)}
    for verdict in found:
        assert verdict.day is not None
        assert f"{verdict.day}" in verdict.reason
        assert verdict.remedy


PAIRED: dict[str, tuple[set[str], tuple[Any, ...]]] = {
    "an index that moved otherwise than its fund": (
        {"price.GSPC", "price.SPY"},
        ("scale", "price.GSPC", "2026-03-31", 1.01),
    ),
    "two sources of VIX": ({"price.VIX", "vix.cboe"}, ("scale", "vix.cboe", "2026-03-27", 1.02)),
    "a breakeven that is not the difference": (
        {"rates.T10YIE", "rates.DGS10", "rates.DFII10"},
        ("scale", "rates.T10YIE", "2026-03-30", 1.005),
    ),
    "a fixing outside the day": ({FIX, "price.EURUSD"}, ("scale", FIX, "2026-03-30", 1.02)),
}


@pytest.mark.parametrize("case", PAIRED)
def test_of_two_sources_that_disagree_neither_is_told(made: Market, tmp_path: Path, case: str) -> None:
    """Both are kept, both are withheld: nobody here knows which is right."""
    names, (spoil, *how) = PAIRED[case]
    getattr(made, spoil)(*how)

    assert fired(made.judged(tmp_path)) == {("gap", "disagreement", name) for name in names}


def test_the_fund_is_compared_with_its_dividend(made: Market, tmp_path: Path) -> None:
    """On the day it goes without, its price falls by it and the index does not: with it both moved alike."""
    made.rescale("price.SPY", "2026-03-20", 0.985)
    paid = float(made.series["price.SPY"]["2026-03-20"]) * (1 / 0.985 - 1)
    assert {rule for _, rule, _ in fired(made.judged(tmp_path))} == {"disagreement"}

    made.put("dividend.SPY", "2026-03-20", paid)

    assert made.judged(tmp_path) == ()


def test_a_second_source_may_be_given(made: Market, tmp_path: Path) -> None:
    """A half basis point is rounding, a whole one is not; 0.05 % of an index."""
    rates, index = made.series["rates.DGS2"], made.series["price.GSPC"]
    assert made.judged(tmp_path, second={"rates.DGS2": rates + 0.005, "price.GSPC": index * 1.0004}) == ()

    found = made.judged(tmp_path, second={"rates.DGS2": rates + 0.01, "price.GSPC": index * 1.0006})

    assert fired(found) == {("gap", "disagreement", "rates.DGS2"), ("gap", "disagreement", "price.GSPC")}


def test_series_of_the_settings_are_compared(made: Market, tmp_path: Path) -> None:
    """By their levels, as `against` says."""
    made.limits["against"] = {"rates.DGS2": "rates.DGS10"}

    assert fired(made.judged(tmp_path)) == {
        ("gap", "disagreement", "rates.DGS2"), ("gap", "disagreement", "rates.DGS10"),
    }  # fmt: skip


def test_a_row_without_a_number_is_found_should_one_get_past_the_store() -> None:
    """The store refuses such rows; the rule is there for whatever else a view may be made of."""
    days = np.array([20_539, 20_542], dtype=np.int32)  # 27 and 30 March 2026
    rows = Rows(days, np.zeros(2, dtype=np.int64), np.array([4.0, np.nan]), np.zeros(2, dtype=bool))
    known = Known.of("rates.DGS2", rows)

    class Bare:
        moment = utc("2026-03-31T22:00")

        def available(self, series_ids: Iterable[str]) -> dict[str, pd.Series[float]]:
            return dict.fromkeys(series_ids, known.history)

        def rows(self, _series_id: str) -> Rows:
            return known.rows

    found = quality.judge(
        Bare(), {"rates.DGS2": FOLLOWED["rates.DGS2"].spec}, QualitySettings(), session=SESSION, critical=()
    )

    assert [(one.rule, one.level, one.day) for one in found] == [("null", "gap", date(2026, 3, 30))]


# --- what holds, what passes --------------------------------------------------------------------------------------


def test_a_doubt_about_what_is_compared_holds_the_letter(made: Market, tmp_path: Path) -> None:
    """The error names rule, series, day and remedy, and what else was found; its exit code is 7."""
    made.scale("price.RUT", "2026-03-31", 1.3)
    made.put("price.XLF", "2026-03-31", -1.0)
    found = made.judged(tmp_path)
    assert ("hold", "jump", "price.RUT") in fired(found)
    assert ("gap", "impossible", "price.XLF") in fired(found)

    with pytest.raises(Held) as held:
        quality.require(found)

    assert (held.value.rule, held.value.series_id, held.value.day) == ("jump", "price.RUT", SESSION)
    assert held.value.exit_code == 7
    assert "jump price.RUT 2026-03-31" in held.value.hint
    assert quality.withheld(found)["price.XLF"].startswith("withheld (impossible): the value of 2026-03-31, -1, ")


def test_an_index_without_the_session_holds_the_letter(made: Market, tmp_path: Path) -> None:
    """Whatever is allowed to other series."""
    made.drop("price.RUI", "2026-03-31")

    (found,) = made.judged(tmp_path)

    assert (found.level, found.rule, found.series_id, found.day) == ("hold", "stale", "price.RUI", date(2026, 3, 30))
    assert "--as-of 2026-03-30" in found.remedy


@pytest.mark.parametrize(("asked", "rule"), [("2026-03-31T21:00", "yesterday"), ("2026-03-31T19:00", "stale")])
def test_a_source_asked_since_that_has_nothing_newer_puts_out_yesterdays_file(
    made: Market, tmp_path: Path, asked: str, rule: str
) -> None:
    """Asked after the close it answered with an old file; asked before, nobody has looked yet."""
    made.drop("price.RUI", "2026-03-31")
    state = Fetch(series_id="price.RUI", source="yahoo", at=utc(asked), whole=True)

    (found,) = made.judged(tmp_path, fetches={"price.RUI": state})

    assert (found.level, found.rule) == ("hold", rule)


def test_a_move_that_peers_share_passes(made: Market, tmp_path: Path) -> None:
    """A crash of 25 % in all share series is a crash; the verdicts say why they passed."""
    for name in ("RUT", "RUI", "GSPC", "IWM", "IWB", "SPY", "XLF"):
        made.scale(f"price.{name}", "2026-03-31", 0.75)

    found = made.judged(tmp_path)

    assert {one.level for one in found} == {"pass"}
    assert {one.rule for one in found} == {"jump"}
    assert all("moved alike on 2026-03-31" in one.reason for one in found)


def test_a_crash_of_one_fund_does_not_pass_because_others_fell_a_little(made: Market, tmp_path: Path) -> None:
    """Peers explain a move if they made at least half of it."""
    made.scale("price.XLF", "2026-03-31", 0.7)
    made.scale("price.IWM", "2026-03-31", 0.92)
    made.scale("price.RUT", "2026-03-31", 0.92)

    assert fired(made.judged(tmp_path)) == {("gap", "jump", "price.XLF")}


def test_a_split_that_was_told_of_passes(made: Market, tmp_path: Path) -> None:
    """Two for one, with its row; the close halves and the return does not."""
    made.rescale("price.XLF", "2026-03-16", 0.5)
    made.put("split.XLF", "2026-03-16", 2.0)

    assert made.judged(tmp_path) == ()


def test_a_split_without_its_fall_is_found(made: Market, tmp_path: Path) -> None:
    """The split is told of, the close did not halve: the return would be 100 %."""
    made.put("split.XLF", "2026-03-16", 2.0)

    assert fired(made.judged(tmp_path)) == {("gap", "split", "price.XLF")}


def test_a_jump_that_stayed_passes_after_a_week(made: Market, tmp_path: Path) -> None:
    """Five values at the new level confirm it; four do not."""
    made.rescale("price.XLF", "2026-03-24", 1.27)
    assert made.judged(tmp_path) == ()

    later = Market()
    later.rescale("price.XLF", "2026-03-25", 1.27)

    assert fired(later.judged(tmp_path)) == {("gap", "jump", "price.XLF")}


def test_oil_may_cost_less_than_nothing(made: Market, tmp_path: Path) -> None:
    """As on 20 April 2020, at −36.98 dollars: no impossible value, though a jump to be looked at."""
    made.put("price.OIL", "2026-03-30", -36.98)

    assert fired(made.judged(tmp_path)) == {("gap", "jump", "price.OIL")}


def test_what_a_person_accepted_passes(made: Market, tmp_path: Path) -> None:
    """By rule, series and day; another day is doubted as before."""
    made.put("price.OIL", "2026-03-30", -36.98)
    made.limits["accepted"] = ("jump price.OIL 2026-03-30",)

    (found,) = made.judged(tmp_path)

    assert (found.level, found.reason.endswith("accepted in the settings")) == ("pass", True)


def test_october_2025_was_never_published(made: Market, tmp_path: Path) -> None:
    """The hole in consumer prices passes as it is declared; that of another month does not."""
    made.drop("prices.CPIAUCSL", "2025-10-01")

    assert fired(made.judged(tmp_path)) == {("pass", "hole", "prices.CPIAUCSL")}


def test_a_day_that_every_series_lacks_is_a_holiday_we_did_not_know_of(made: Market, tmp_path: Path) -> None:
    """As a day of mourning is; a day that only one has is none."""
    shares = [
        name for name in made.series if name.startswith(("price.", "vix.")) and "2026-02-11" in made.series[name].index
    ]
    for name in shares:
        if name not in {"price.EURUSD", "price.BTC", "price.OIL"}:
            made.drop(name, "2026-02-11")
    assert made.judged(tmp_path) == ()

    made.repeat("price.XLF", "2026-02-11", "2026-02-10")

    assert {rule for _, rule, _ in fired(made.judged(tmp_path))} == {"hole"}


def test_a_revision_that_takes_back_a_jump_passes(made: Market, tmp_path: Path) -> None:
    """The correction of a bad print is larger than any revision before, and welcome."""
    made.scale("price.XLF", "2026-03-10", 1.5)
    made.say("price.XLF", "2026-03-10", 1 / 1.5, "2026-03-11T21:00")

    assert fired(made.judged(tmp_path)) == {("pass", "revision", "price.XLF")}


def test_a_close_fetched_after_the_close_is_finished(made: Market, tmp_path: Path) -> None:
    """At 16:31 in New York; on a day that ends early at 13:31."""
    made.drop("price.XLF", "2026-03-31")
    made.say("price.XLF", "2026-03-31", 1.0, "2026-03-31T20:31")
    early = Market({"price.XLF": Market().series["price.XLF"].loc[:"2025-11-26"]})
    early.say("price.XLF", "2025-11-28", 1.0, "2025-11-28T18:31")

    assert not [one for one in made.judged(tmp_path) if one.rule == "unfinished"]
    assert early.judged(tmp_path, moment=utc("2025-11-28T22:00"), session=date(2025, 11, 28), critical=()) == ()


def test_a_day_of_currencies_ends_in_london(made: Market, tmp_path: Path) -> None:
    """In summer at 23:00 UTC: what is seen half an hour later is final, what is seen at noon is not."""
    days = made.series["price.EURUSD"].loc[:"2025-07-14"]
    for seen, rules in (("2025-07-15T23:30", set()), ("2025-07-15T12:00", {"unfinished"})):
        one = Market({"price.EURUSD": days})
        one.say("price.EURUSD", "2025-07-15", 1.0, seen)
        found = one.judged(tmp_path, moment=utc("2025-07-15T23:45"), session=date(2025, 7, 15), critical=())
        assert {verdict.rule for verdict in found} == rules


def test_a_doubt_about_dividends_withholds_the_closes() -> None:
    """A total return without its dividend would be wrong."""
    about = {"rule": "impossible", "series_id": "dividend.XLF", "day": SESSION, "value": -1.0}
    doubt = Verdict(level="gap", reason="it is negative", remedy="look", **about)

    assert set(quality.withheld([doubt])) == {"dividend.XLF", "price.XLF"}


def test_every_rule_is_tested_here() -> None:
    """Each by a defect that it alone finds."""
    assert {rule for rule, _, _ in DEFECTS.values()} | {"yesterday", "null", "disagreement"} == set(RULES)
