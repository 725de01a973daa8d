"""Facts on the funds target, its cycle and what the 2-year yield says of it; and small caps since the Fed moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from generator.metrics import policy as of_policy
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.facts.sheet import Sheet
    from generator.facts.size import Pair
    from generator.metrics.policy import Cycle

UPPER, LOWER = "policy.target_upper", "policy.target_lower"
CODES = {"easing": -1.0, "on hold": 0.0, "tightening": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The target and its history as far as known: event series by the day of announcement."""

    upper: pd.Series[float]
    lower: pd.Series[float]
    middle: pd.Series[float]
    changes: pd.Series[float]  # basis points
    cycles: tuple[Cycle, ...]


def policy(histories: Mapping[str, pd.Series[float]]) -> Policy | None:
    """The target's history, or None before its first known change."""
    if UPPER not in histories or LOWER not in histories:
        return None
    upper, lower = histories[UPPER], histories[LOWER]
    moves = of_policy.changes(upper, before=of_policy.TARGET_BEFORE_JULY_1990)
    return Policy(
        upper=upper,
        lower=lower,
        middle=of_policy.midpoint(lower, upper),
        changes=moves,
        cycles=of_policy.cycles(moves),
    )


def enter(sheet: Sheet, target: Policy | None, both: Pair, today: date) -> None:
    """Enter every fact on policy; `today` is the day of the letter, which may be a Sunday with a decision."""
    if target is None:
        for key, label in (
            ("policy.target", "Funds target"),
            ("policy.last_change", "Last change of the funds target"),
            ("policy.phase", "Phase of the policy cycle"),
        ):
            sheet.gap(key, label, "no change of the target is known before 13 July 1990", of=(UPPER, LOWER))
        return
    if not sheet.wants("policy.", *(f"size.{one}.since_" for one in ("return.small", "return.large", "relative"))):
        return
    cycle = target.cycles[-1]
    opening = "cut" if cycle.total < 0 else "increase"
    _target(sheet, target, today)
    _phase(sheet, target, today)
    _cycle(sheet, cycle)
    _since(sheet, both, "since_change", cycle.last, f"the last {opening}")
    _since(sheet, both, "since_first", cycle.first, f"the first {opening} of the cycle")


def _target(sheet: Sheet, target: Policy, today: date) -> None:
    """Enter both bounds of the target, its last change, and the days since."""
    first, last = target.upper.index[0].date(), target.upper.index[-1].date()
    daily = pd.date_range(target.upper.index[0], pd.Timestamp(today))
    for name, series, events in (("upper", UPPER, target.upper), ("lower", LOWER, target.lower)):
        sheet.enter(
            f"policy.target.{name}",
            events.iloc[-1],
            Unit.YIELD,
            as_of=last,
            label=f"Funds target, {name} bound",
            formula="as announced by the Federal Open Market Committee",
            slices=((series, last, last),),
            over=((series, first, last),),
            subject="the funds target",
            history=of_policy.target_on(events, daily),
        )
    _last_change(sheet, target)
    sheet.enter(
        "policy.days_since_change",
        (today - last).days,
        Unit.DAYS,
        as_of=today,
        label="Days since the last change",
        formula="calendar days from the announcement to the day of the letter",
        slices=((UPPER, last, last),),
        marks=(("change", last),),
    )


def _last_change(sheet: Sheet, target: Policy) -> None:
    """Enter the last change, with the bound before and after it."""
    last = target.upper.index[-1].date()
    before = target.upper.index[-2].date() if len(target.upper) > 1 else last
    change, now = float(target.changes.iloc[-1]), float(target.upper.iloc[-1])
    sheet.enter(
        "policy.last_change",
        change,
        Unit.BASIS_POINTS,
        as_of=last,
        label="Last change of the funds target",
        formula="upper bound announced less the upper bound before",
        slices=((UPPER, before, last),),
        subject="the target",
        history=target.changes,
        move=True,
        base=now - change / 100,
        end=now,
        level_unit=Unit.YIELD,
        state="cut" if change < 0 else "increase",
    )


def _phase(sheet: Sheet, target: Policy, today: date) -> None:
    """Enter the phase of the cycle on the day of the letter, coded for its history; since when, and when it lapses."""
    first, last = target.upper.index[0].date(), target.upper.index[-1].date()
    phases = of_policy.phase(target.changes, pd.date_range(target.changes.index[0], pd.Timestamp(today)))
    words = phases.astype(str)
    codes = words.map(CODES).astype(float)
    others = (codes.to_numpy() != codes.iloc[-1]).nonzero()[0]
    opened = codes.index[int(others[-1]) + 1 if len(others) else 0]
    sheet.enter(
        "policy.phase",
        codes.iloc[-1],
        Unit.STATE,
        as_of=today,
        label="Phase of the policy cycle",
        formula="direction of the last change; on hold once 180 days have passed without one",
        slices=((UPPER, first, last),),
        subject="policy",
        history=codes,
        state=str(words.iloc[-1]),
        marks=(("since", opened.date()), ("hold", last + timedelta(days=of_policy.HOLD_AFTER + 1))),
    )


def _cycle(sheet: Sheet, cycle: Cycle) -> None:
    """Enter the size and the number of the changes since the last one in the other direction."""
    whole = ((UPPER, cycle.first, cycle.last),)
    sheet.enter(
        "policy.cycle_change",
        cycle.total,
        Unit.BASIS_POINTS,
        as_of=cycle.last,
        label="Change of the funds target in its cycle",
        formula="sum of the changes since the last one in the other direction",
        slices=whole,
        subject="the target",
        marks=(("start", cycle.first), ("end", cycle.last)),
        state="cuts" if cycle.total < 0 else "increases",
    )
    sheet.enter(
        "policy.cycle_moves",
        cycle.moves,
        Unit.COUNT,
        as_of=cycle.last,
        label="Changes of the target in its cycle",
        formula="number of changes since the last one in the other direction",
        slices=whole,
        marks=(("start", cycle.first),),
        state="cut" if cycle.total < 0 else "increase",
    )


def _since(sheet: Sheet, both: Pair, short: str, event: date, name: str) -> None:
    """Enter the returns since the close of the session of an announcement, and the gap between them."""
    row = int(both.index.searchsorted(pd.Timestamp(event)))
    passed = len(both.index) - 1 - row
    label = f"Small less large caps since {name}"
    if passed < 1:
        sheet.gap(f"size.relative.{short}", label, "no session has closed since the announcement's")
        return
    base, used = both.day(row), both.slices(row + 1)
    horizon = Horizon(words=f"since {name}", adjective=f"since {name}", sessions=passed, start=base)
    formula = both.words.since
    growth = []
    for leg, returns in zip(both.legs, used, strict=True):
        growth.append(100.0 * (float(leg.level.iloc[-1]) / float(leg.level.iloc[row]) - 1.0))
        sheet.enter(
            f"size.return.{leg.name}.{short}",
            growth[-1],
            Unit.PERCENT,
            as_of=sheet.session,
            label=f"{leg.head}, {both.words.noun} since {name}",
            formula=formula,
            slices=(returns,),
            subject=leg.subject,
            horizon=horizon,
            marks=(("event", event),),
        )
    sheet.enter(
        f"size.relative.{short}",
        growth[0] - growth[1],
        Unit.POINTS,
        as_of=sheet.session,
        label=label,
        formula=f"small less large, each {formula}",
        slices=used,
        subject="small caps",
        horizon=horizon,
        marks=(("event", event), ("base", base)),
    )
    sheet.enter(
        f"policy.sessions_{short}",
        passed,
        Unit.SESSIONS,
        as_of=sheet.session,
        label=f"Sessions since {name}",
        formula="sessions after that of the announcement",
        slices=((UPPER, event, event), used[0]),
        marks=(("event", event),),
    )
