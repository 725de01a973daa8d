"""Facts on Treasury yields: levels, changes, slopes, inversions, the name of the curve's move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans
from generator.metrics import rates as of_rates
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.facts.policy import Policy
    from generator.facts.sheet import Sheet
    from generator.model import Horizon

TENORS = {
    "3m": ("rates.DGS3MO", "3-month"),
    "6m": ("rates.DGS6MO", "6-month"),
    "1y": ("rates.DGS1", "1-year"),
    "2y": ("rates.DGS2", "2-year"),
    "3y": ("rates.DGS3", "3-year"),
    "5y": ("rates.DGS5", "5-year"),
    "7y": ("rates.DGS7", "7-year"),
    "10y": ("rates.DGS10", "10-year"),
    "20y": ("rates.DGS20", "20-year"),
    "30y": ("rates.DGS30", "30-year"),
}
COUNTS = (1, 5, 21, 63)
SLOPES = {"2s10s": ("2y", "10y"), "3m10y": ("3m", "10y")}
STALE = 7  # calendar days by which the newest yield may lie behind the session
EXACT = 6  # decimals of a basis point: yields have two decimals, so what is beyond is noise of the arithmetic


def spoken(name: str) -> str:
    """A maturity as prose says it: "two-year", "30-year".

    >>> spoken("10-year"), spoken("30-year")
    ('ten-year', '30-year')
    """
    count, unit = name.split("-")
    return f"{spans.NUMBERS.get(int(count), count)}-{unit}"


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]], target: Policy | None) -> None:
    """Enter every fact on yields."""
    fresh: dict[str, pd.Series[float]] = {}
    for tenor, (series, name) in TENORS.items():
        history = histories.get(series)
        label = f"{name} Treasury yield"
        if history is None:
            sheet.gap(f"rates.yield.{tenor}", label, "the source has no value by then")
        elif (sheet.session - history.index[-1].date()).days > STALE:
            sheet.gap(f"rates.yield.{tenor}", label, f"the newest value is for {history.index[-1].date()}")
        else:
            fresh[tenor] = history
            _yield(sheet, tenor, series, name, history)
    for name, (short, long) in SLOPES.items():
        if short in fresh and long in fresh:
            _slope(sheet, name, short, long, fresh)
        else:
            sheet.gap(f"rates.slope.{name}", f"Slope {name}", "one of its yields is missing")
    if "2y" in fresh and "10y" in fresh:
        for count in COUNTS:
            _curve(sheet, fresh["2y"], fresh["10y"], count)
    else:
        sheet.gap("rates.curve.1s", "Move of the curve", "the 2-year or the 10-year yield is missing")
    if "2y" in fresh and target is not None:
        _hint(sheet, fresh["2y"], target)
    else:
        sheet.gap("rates.hint", "2-year yield less the funds target", "one of the two is missing")


def _spans(index: pd.DatetimeIndex) -> list[tuple[str, Horizon, int]]:
    """Key, horizon and row of the base for each span that the history covers."""
    found = [
        (f"{count}s", spans.counted(count, index[-1 - count].date(), noun="day"), len(index) - 1 - count)
        for count in COUNTS
        if len(index) > count
    ]
    row = spans.period_start(index, "year")
    if row >= 0:
        found.append(("ytd", spans.to_date("year", index[row].date(), index[-1].date()), row))
    return found


def _changes(history: pd.Series[float], short: str) -> pd.Series[float]:
    if short == "ytd":
        return of_rates.change_to_date(history, period="year").round(EXACT)
    return of_rates.change(history, observations=int(short.removesuffix("s"))).round(EXACT)


def _yield(sheet: Sheet, tenor: str, series: str, name: str, history: pd.Series[float]) -> None:
    first, last = history.index[0].date(), history.index[-1].date()
    whole = (series, first, last)
    sheet.enter(
        f"rates.yield.{tenor}",
        history.iloc[-1],
        Unit.YIELD,
        as_of=last,
        label=f"{name} Treasury yield",
        formula="constant-maturity yield as published in the H.15 release",
        slices=((series, last, last),),
        over=(whole,),
        subject=f"the {spoken(name)} yield",
        history=history,
    )
    index = pd.DatetimeIndex(history.index)
    for short, horizon, row in _spans(index):
        changes = _changes(history, short)
        sheet.enter(
            f"rates.change.{tenor}.{short}",
            changes.iloc[-1],
            Unit.BASIS_POINTS,
            as_of=last,
            label=f"{name} yield, {horizon.adjective} change",
            formula="100 × (yield at the end less yield at the start), both in percent",
            slices=((series, index[row].date(), last),),
            over=(whole,),
            subject=f"the {spoken(name)} yield",
            history=changes,
            move=True,
            horizon=horizon,
            base=float(history.iloc[row]),
            end=float(history.iloc[-1]),
            level_unit=Unit.YIELD,
        )


def _slope(sheet: Sheet, name: str, short: str, long: str, fresh: Mapping[str, pd.Series[float]]) -> None:
    slope = of_rates.slope(fresh[long], fresh[short]).round(EXACT)
    first, last = slope.index[0].date(), slope.index[-1].date()
    series = (TENORS[short][0], TENORS[long][0])
    words = f"{TENORS[long][1]} less {TENORS[short][1]} yield"
    whole = [(one, first, last) for one in series]
    sheet.enter(
        f"rates.slope.{name}",
        slope.iloc[-1],
        Unit.BASIS_POINTS,
        as_of=last,
        label=f"Slope {name}",
        formula=f"100 × ({words})",
        slices=[(one, last, last) for one in series],
        over=whole,
        subject="the slope",
        history=slope,
    )
    index = pd.DatetimeIndex(slope.index)
    for span, horizon, row in _spans(index):
        changes = _changes(slope / 100.0, span)
        sheet.enter(
            f"rates.slope.{name}.{span}",
            changes.iloc[-1],
            Unit.BASIS_POINTS,
            as_of=last,
            label=f"Slope {name}, {horizon.adjective} change",
            formula=f"change of 100 × ({words})",
            slices=[(one, index[row].date(), last) for one in series],
            over=whole,
            subject="the slope",
            history=changes,
            move=True,
            horizon=horizon,
            base=float(slope.iloc[row]),
            end=float(slope.iloc[-1]),
            level_unit=Unit.BASIS_POINTS,
        )
    _inversion(sheet, name, slope, whole)


def _inversion(sheet: Sheet, name: str, slope: pd.Series[float], whole: list[tuple[str, date, date]]) -> None:
    runs = of_rates.inversion(slope)
    spells = of_rates.spells(slope)
    last = slope.index[-1].date()
    marks: list[tuple[str, date]] = []
    if spells:
        marks = [("first", spells[-1].first), ("last", spells[-1].last)]
        if spells[-1].ended is not None:
            marks.append(("ended", spells[-1].ended))
    sheet.enter(
        f"rates.inversion.{name}",
        abs(runs.iloc[-1]),
        Unit.DAYS,
        as_of=last,
        label=f"Days the {name} slope has been {'inverted' if runs.iloc[-1] < 0 else 'positive'}",
        formula="published days in a row with the slope below zero, or not below zero",
        slices=whole,
        subject="the curve",
        state="inverted" if runs.iloc[-1] < 0 else "positive",
        marks=marks,
    )
    longest = max((spell.observations for spell in spells), default=0)
    if longest:
        sheet.enter(
            f"rates.inversion.{name}.last",
            spells[-1].observations,
            Unit.DAYS,
            as_of=spells[-1].last,
            label=f"Length of the last inversion of {name}",
            formula="published days in a row with the slope below zero",
            slices=[(series, spells[-1].first, spells[-1].last) for series, _, _ in whole],
            subject="the inversion",
            marks=marks,
        )


def _curve(sheet: Sheet, two: pd.Series[float], ten: pd.Series[float], count: int) -> None:
    common = two.index.intersection(ten.index)
    if len(common) <= count:
        sheet.gap(f"rates.curve.{count}s", "Move of the curve", f"needs {count + 1} common days")
        return
    short, long = (_changes(leg.loc[common], f"{count}s") for leg in (two, ten))
    words = of_rates.curve_move(short, long, observations=count).astype(str)
    tilt = (long - short).round(EXACT)
    start, last = common[-1 - count].date(), common[-1].date()
    series = (TENORS["2y"][0], TENORS["10y"][0])
    sheet.enter(
        f"rates.curve.{count}s",
        tilt.iloc[-1],
        Unit.BASIS_POINTS,
        as_of=last,
        label=f"Move of the curve, {count} day{'' if count == 1 else 's'}",
        formula="named from the changes of the 2-year and the 10-year yield (docs/metrics.md)",
        slices=[(one, start, last) for one in series],
        over=[(one, common[0].date(), last) for one in series],
        subject="the curve",
        history=tilt,
        move=True,
        horizon=spans.counted(count, start, noun="day"),
        state=str(words.iloc[-1]),
    )


def _hint(sheet: Sheet, two: pd.Series[float], target: Policy) -> None:
    gap = of_rates.policy_gap(two, target.middle).round(EXACT)
    now = round(100.0 * float(two.iloc[-1] - target.middle.iloc[-1]), EXACT)  # a decision may be newer than the yield
    gap = pd.concat([gap[gap.index < two.index[-1]], pd.Series([now], index=two.index[-1:])])
    first, last = gap.index[0].date(), gap.index[-1].date()
    change = target.upper.index[-1].date()
    sheet.enter(
        "rates.hint",
        gap.iloc[-1],
        Unit.BASIS_POINTS,
        as_of=last,
        label="2-year yield less the middle of the funds target",
        formula="100 × (newest known 2-year yield less the midpoint of the target range now in force)",
        slices=(
            ("rates.DGS2", last, last),
            ("policy.target_upper", change, change),
            ("policy.target_lower", change, change),
        ),
        over=(("rates.DGS2", first, last), ("policy.target_upper", target.upper.index[0].date(), change)),
        subject="the 2-year yield",
        history=gap,
    )
