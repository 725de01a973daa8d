"""Facts on Treasury yields: levels, changes, slopes, inversions, the name of the curve's move."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans
from generator.facts.levels import Level, enter_changes, enter_level, stale
from generator.facts.policy import LOWER, UPPER
from generator.metrics import rates as of_rates
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.facts.policy import Policy
    from generator.facts.sheet import Sheet, Slice
    from generator.facts.spans import Span

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


_enter_changes = partial(enter_changes, counts=COUNTS, unit=Unit.BASIS_POINTS)


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]], target: Policy | None) -> None:
    """Enter every fact on yields."""
    fresh: dict[str, Level] = {}
    for tenor in TENORS:
        level = _yield(sheet, tenor, histories)
        if level is not None:
            fresh[tenor] = level
    for name, (short, long) in SLOPES.items():
        if not sheet.wants(f"rates.slope.{name}", f"rates.inversion.{name}"):
            continue
        if short in fresh and long in fresh:
            _slope(sheet, name, fresh)
        else:
            series = (TENORS[short][0], TENORS[long][0])
            sheet.gap(f"rates.slope.{name}", f"Slope {name}", "one of its yields is missing", of=series)
    if "2y" in fresh and "10y" in fresh:
        for count in COUNTS:
            _curve(sheet, fresh["2y"].history, fresh["10y"].history, count)
    else:
        reason, both = "the 2-year or the 10-year yield is missing", (TENORS["2y"][0], TENORS["10y"][0])
        sheet.gap("rates.curve.1s", "Move of the curve", reason, of=both)
    if "2y" in fresh and target is not None:
        _hint(sheet, fresh["2y"].history, target)
    else:
        reason, three = "one of the two is missing", (TENORS["2y"][0], UPPER, LOWER)
        sheet.gap("rates.hint", "2-year yield less the funds target", reason, of=three)


def _change(level: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a yield in basis points."""
    if span.count is None:
        return of_rates.change_to_date(level, period=span.period).round(EXACT)
    return of_rates.change(level, observations=span.count).round(EXACT)


def _yield(sheet: Sheet, tenor: str, histories: Mapping[str, pd.Series[float]]) -> Level | None:
    """Enter a yield and its changes, or the gap."""
    series, name = TENORS[tenor]
    key, label = f"rates.yield.{tenor}", f"{name} Treasury yield"
    if series not in histories:
        sheet.gap(key, label, "the source has no value by then", of=(series,))
        return None
    last = stale(histories[series], sheet.session, days=STALE)
    if last is not None:
        sheet.gap(key, label, f"the newest value is for {last}")
        return None
    level = Level(
        key=key,
        label=label,
        subject=f"the {spoken(name)} yield",
        formula="constant-maturity yield as published in the H.15 release",
        unit=Unit.YIELD,
        history=histories[series],
        series=(series,),
    )
    enter_level(sheet, level)
    formula = "100 × (yield at the end less yield at the start), both in percent"
    _enter_changes(sheet, level, _change, key=f"rates.change.{tenor}", label=f"{name} yield", formula=formula)
    return level


def _slope(sheet: Sheet, name: str, fresh: Mapping[str, Level]) -> None:
    """Enter the longer less the shorter yield, its changes and its inversions."""
    short, long = SLOPES[name]
    words = f"100 × ({TENORS[long][1]} less {TENORS[short][1]} yield)"
    label = f"Slope {name}"
    level = Level(
        key=f"rates.slope.{name}",
        label=label,
        subject="the slope",
        formula=words,
        unit=Unit.BASIS_POINTS,
        history=of_rates.slope(fresh[long].history, fresh[short].history).round(EXACT),
        series=(*fresh[short].series, *fresh[long].series),
    )
    enter_level(sheet, level)
    _enter_changes(sheet, level, _slope_change, key=level.key, label=label, formula=f"change of {words}")
    _inversion(sheet, name, level.history, level.slices(0))


def _slope_change(slope: pd.Series[float], span: Span) -> pd.Series[float]:
    """Change of a slope (basis points) in basis points."""
    return _change(slope / 100.0, span)


def _inversion(sheet: Sheet, name: str, slope: pd.Series[float], whole: list[Slice]) -> None:
    """Enter how long the slope has been on its side of zero, and the length of the last inversion."""
    if not sheet.wants(f"rates.inversion.{name}"):
        return
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
        state="inverted" if runs.iloc[-1] < 0 else "positive" if slope.iloc[-1] > 0 else "level",
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
    """Enter how the curve moved over so many published days, by name and by its tilt."""
    if not sheet.wants(f"rates.curve.{count}s"):
        return
    common = two.index.intersection(ten.index)
    if len(common) <= count:
        sheet.gap(f"rates.curve.{count}s", "Move of the curve", f"needs {count + 1} common days")
        return
    short, long = (of_rates.change(leg.loc[common], observations=count).round(EXACT) for leg in (two, ten))
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
    """Enter the 2-year yield less the funds target: what the market expects, in short."""
    if not sheet.wants("rates.hint"):
        return
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
