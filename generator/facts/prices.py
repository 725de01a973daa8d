"""Facts on consumer prices and on the policy rate after inflation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import spans
from generator.facts.policy import LOWER, UPPER
from generator.metrics import inflation as of_inflation
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from generator.facts.policy import Policy
    from generator.facts.sheet import Sheet

INDICES = {"cpi": ("prices.CPIAUCSL", "consumer prices"), "core": ("prices.CPILFESL", "core consumer prices")}
LISTED = {"pce": ("prices.PCEPILFE", "core consumption prices")}  # of sources that have more than the sample
KINDS: dict[str, tuple[str, int, str, Callable[[pd.Series[float]], pd.Series[float]]]] = {
    "12m": ("over 12 months", 12, "100 × (index over index 12 months before − 1)", of_inflation.change_12m),
    "3m": (
        "over three months, at an annual rate",
        3,
        "100 × ((index over index three months before)⁴ − 1)",
        of_inflation.annualised_3m,
    ),
}


def month_name(day: date) -> str:
    """October 2025."""
    return f"{spans.MONTHS[day.month - 1]} {day.year}"


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]], target: Policy | None) -> None:
    """Enter every fact on prices."""
    more = {short: one for short, one in LISTED.items() if one[0] in sheet.universe.listed}
    for short, (series, name) in (INDICES | more).items():
        index = histories.get(series)
        for kind, (words, back, formula, measure) in KINDS.items():
            key, label = f"inflation.{short}.{kind}", f"{name[0].upper()}{name[1:]} {words}"
            if index is None:
                sheet.gap(key, label, "the source has no value by then", of=(series,))
                continue
            month = index.index[-1].date()
            if not sheet.wants(key):
                continue
            missing = of_inflation.missing_months(index, month, back=back)
            changes = measure(index)
            if missing:
                gaps = " and ".join(month_name(one) for one in missing)
                sheet.gap(key, label, f"the index for {gaps} was never published")
                continue
            base = changes.index[-1] - pd.DateOffset(months=back)
            whole = (series, index.index[0].date(), month)
            sheet.enter(
                key,
                changes.iloc[-1],
                Unit.PERCENT,
                as_of=month,
                label=label,
                formula=formula,
                slices=((series, base.date(), base.date()), (series, month, month)),
                over=(whole,),
                subject=name,
                horizon=Horizon(words=words, adjective=kind, sessions=None, start=base.date()),
                history=changes,
                base=_before(changes),
                end=float(changes.iloc[-1]),
                level_unit=Unit.PERCENT,
                marks=(("released", sheet.view.known_at(series, month).date()),),
            )
    _real_rate(sheet, histories, target)


def _before(changes: pd.Series[float]) -> float | None:
    """The change a month earlier, if that month has one."""
    if len(changes) < 2 or changes.index[-2] != changes.index[-1] - pd.DateOffset(months=1):  # noqa: PLR2004 -- a pair
        return None
    return float(changes.iloc[-2])


def _real_rate(sheet: Sheet, histories: Mapping[str, pd.Series[float]], target: Policy | None) -> None:
    key, label = "policy.real_rate", "Real policy rate"
    series = INDICES["cpi"][0]
    if not sheet.wants(key):
        return
    if target is None or "inflation.cpi.12m" not in sheet.facts:
        reason = "the funds target or the 12-month change of consumer prices is missing"
        sheet.gap(key, label, reason, of=(INDICES["cpi"][0], UPPER, LOWER))
        return
    index = histories[series]
    changes = of_inflation.change_12m(index)
    released = pd.DatetimeIndex([sheet.view.known_at(series, day.date()).date() for day in changes.index])
    by_release = pd.Series(changes.to_numpy(), index=released)
    rates = of_inflation.real_rate(target.middle, by_release[~by_release.index.duplicated(keep="last")])
    month, change = index.index[-1].date(), target.upper.index[-1].date()
    base = (index.index[-1] - pd.DateOffset(months=12)).date()
    sheet.enter(
        key,
        rates.iloc[-1],
        Unit.PERCENT,
        as_of=sheet.session,
        label=label,
        formula="midpoint of the funds target less the 12-month change of consumer prices, the newest known of each",
        slices=(
            (series, base, base),
            (series, month, month),
            ("policy.target_upper", change, change),
            ("policy.target_lower", change, change),
        ),
        over=((series, index.index[0].date(), month),),
        subject="the real policy rate",
        history=rates,
    )
