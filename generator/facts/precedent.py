"""Facts on precedent: what small caps did against large caps after the Fed moved, beside what they do anyway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import NoClosedEvent
from generator.facts.size import WORDS
from generator.facts.spans import SPOKEN
from generator.metrics import policy as of_policy
from generator.metrics import precedent as of_precedent
from generator.metrics.verdict import verdict
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.facts.policy import Policy
    from generator.facts.sheet import Sheet, Slice
    from generator.facts.size import Pair
    from generator.metrics.precedent import EventStudy
    from generator.metrics.verdict import Verdict

HORIZONS = (21, 63, 126, 252)
KINDS = {
    "first_cuts": "first cuts of a cycle",
    "all_cuts": "cuts",
    "hikes": "increases",
}
SCREENED = len(HORIZONS) * len(KINDS)
SEED = 19900713  # the day the table of target changes starts
UPPER, LOWER = "policy.target_upper", "policy.target_lower"
FORMULA = "small less large {noun} from the close of the announcement's session to {count} sessions later"
RESAMPLED = "of 10,000 means of a stationary bootstrap (Politis and Romano 1994), mean block 1 + overlapping windows"
STATES = {"led": "led", "trailed": "trailed", "evenly split": "split"}  # by side of the verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """A study with its kind and its verdict."""

    kind: str
    study: EventStudy
    verdict: Verdict


def events(target: Policy) -> dict[str, tuple[date, ...]]:
    """The events of each kind, oldest first."""
    return {
        "first_cuts": of_policy.first_cuts(target.changes),
        "all_cuts": of_policy.all_cuts(target.changes),
        "hikes": of_policy.hikes(target.changes),
    }


def enter(sheet: Sheet, both: Pair, target: Policy | None) -> tuple[Precedent, ...]:
    """Enter the facts of every study; returns the studies, for the chart and the table of events."""
    if target is None:
        reason = "no change of the target is known before 13 July 1990"
        sheet.gap("precedent.first_cuts.63s.hits", "Precedent", reason, of=(UPPER, LOWER))
        return ()
    found = []
    for kind, moments in events(target).items():
        for count in HORIZONS:
            one = _study(sheet, both, kind, moments, count)
            if one is not None:
                found.append(one)
    return tuple(found)


def _study(sheet: Sheet, both: Pair, kind: str, moments: Sequence[date], count: int) -> Precedent | None:
    """Make and enter one study, or the gap."""
    key = f"precedent.{kind}.{count}s"
    if not sheet.wants(f"{key}."):
        return None
    label = f"Small less large caps over {count} sessions after {KINDS[kind]}"
    if not moments:
        sheet.gap(f"{key}.hits", label, "no such change of the target is known by then")
        return None
    try:
        study = of_precedent.study(
            both.small_level, both.large_level, moments, sessions=count, as_of=sheet.session, seed=SEED
        )
    except NoClosedEvent as reason:
        sheet.gap(f"{key}.hits", label, str(reason))
        return None
    one = Precedent(kind=kind, study=study, verdict=verdict(study, screened=SCREENED))
    _enter_study(sheet, key, label, one)
    if kind == "first_cuts":
        _enter_events(sheet, both, key, label, study)
    return one


def _enter_study(sheet: Sheet, key: str, label: str, one: Precedent) -> None:
    """Enter the numbers of a study; each rests on all its cases and on every window of the base rate."""
    study = one.study
    first, last = study.outcomes[0], study.outcomes[-1]
    slices: list[Slice] = [
        (UPPER, first.event, last.event),
        (sheet.universe.small, study.base_first, sheet.session),
        (sheet.universe.large, study.base_first, sheet.session),
    ]
    spoken, adjective = SPOKEN[study.sessions]
    horizon = Horizon(
        words=f"over the {spoken.removeprefix('a ')} that followed",
        adjective=adjective,
        sessions=study.sessions,
        start=study.base_first,
    )
    marks = (("first", first.event), ("last", last.event), ("closed", last.end), ("best", study.best.event),
             ("worst", study.worst.event))  # fmt: skip
    for part in _parts(study, one.verdict, WORDS[sheet.universe.kind].noun):
        sheet.enter(
            f"{key}.{part.name}",
            part.value,
            part.unit,
            as_of=sheet.session,
            label=f"{label}, {part.words}",
            formula=part.formula,
            slices=slices,
            subject="small caps",
            horizon=horizon,
            state=STATES[one.verdict.side],
            marks=marks,
        )


class _Part(NamedTuple):
    """One number of a study."""

    name: str  # how its key ends
    value: float
    unit: Unit
    words: str
    formula: str


def _parts(study: EventStudy, grade: Verdict, noun: str) -> list[_Part]:
    """The numbers of a study, in the order in which a reader asks for them."""
    outcome = FORMULA.format(noun=noun, count=study.sessions)
    windows = f"all {study.sessions}-session windows from {study.base_first} on"
    share, chance = 100.0 * study.hits / study.n, 100.0 * grade.chance_independent
    led = (grade.share_low, grade.share_high)
    if grade.side == "trailed":  # the verdict's interval is that of the other side's share
        led = (100.0 - led[1], 100.0 - led[0])
    wilson = "Wilson's 95% interval of the share, with the cases that do not overlap as its n"
    found = [
        _Part("n", study.n, Unit.COUNT, "cases", "changes whose window had closed"),
        _Part("hits", study.hits, Unit.COUNT, "cases in which small caps led", f"cases above zero of: {outcome}"),
        _Part("trailed", study.n - study.hits, Unit.COUNT, "cases in which they did not", f"the others of: {outcome}"),
        _Part("mean", study.mean, Unit.POINTS, "mean", f"mean of: {outcome}"),
        _Part("median", study.median, Unit.POINTS, "median", f"median of: {outcome}"),
        _Part("best", study.best.points, Unit.POINTS, "best case", f"largest of: {outcome}"),
        _Part("worst", study.worst.points, Unit.POINTS, "worst case", f"smallest of: {outcome}"),
        _Part("base_rate", study.base_rate, Unit.PERCENT, "base rate", f"share of {windows} in which small caps led"),
        _Part("base_n", study.base_n, Unit.COUNT, "windows behind the base rate", "one a session, if it closed"),
        _Part("share", share, Unit.PERCENT, "share in which small caps led", "led over cases"),
        _Part("share_low", led[0], Unit.PERCENT, "lower end of the share's 95% interval", wilson),
        _Part("share_high", led[1], Unit.PERCENT, "upper end of the share's 95% interval", wilson),
        _Part("independent", study.independent, Unit.COUNT, "cases that do not overlap",
              "windows taken one after another"),
        _Part("chance", chance, Unit.PERCENT, "probability by chance",
              "binomial tail at the base rate over the cases that do not overlap"),
        _Part("screened", grade.screened, Unit.COUNT, "patterns looked at", "kinds of change times horizons"),
    ]  # fmt: skip
    if study.interval is not None:
        low, high = study.interval
        found += [
            _Part("low", low, Unit.POINTS, "lower end of the 90% interval", f"5% quantile {RESAMPLED}"),
            _Part("high", high, Unit.POINTS, "upper end of the 90% interval", f"95% quantile {RESAMPLED}"),
        ]
    return found


def _enter_events(sheet: Sheet, both: Pair, key: str, label: str, study: EventStudy) -> None:
    """Enter each case of a study."""
    for outcome in study.outcomes:
        start = both.start(outcome.base)
        sheet.enter(
            f"{key}.{outcome.event}",
            outcome.points,
            Unit.POINTS,
            as_of=outcome.end,
            label=f"{label}: {outcome.event}",
            formula=FORMULA.format(noun=both.words.noun, count=study.sessions),
            slices=(
                (sheet.universe.small, start, outcome.end),
                (sheet.universe.large, start, outcome.end),
                (UPPER, outcome.event, outcome.event),
            ),
            subject="small caps",
            marks=(("event", outcome.event),),
        )
