"""Forms for one against the other: leads and shortfalls, distances above and below."""

from __future__ import annotations

from generator.errors import UnsupportedSaying
from generator.wording.moves import is_zero, magnitude
from generator.wording.saying import Saying, form
from generator.wording.standing import in_a_row
from generator.wording.terms import in_words, long_date

GAPS = {"up": ("beat", "beating", "a lead"), "down": ("trailed", "trailing", "a shortfall")}


@form
def beat(s: Saying) -> str:
    """Small against large: "beat large caps by 1.4 percentage points", "matched large caps"."""
    if is_zero(s.fact):
        return "matched large caps"
    return f"{GAPS['up' if s.fact.value > 0 else 'down'][0]} large caps by {magnitude(s.fact)}"


@form
def beat_by(s: Saying) -> str:
    """The same where large caps have just been named: "trailed by 0.3 percentage points", "matched them"."""
    if is_zero(s.fact):
        return "matched them"
    size = magnitude(s.fact, short=bool(s.args.get("short")))
    return f"{GAPS['up' if s.fact.value > 0 else 'down'][0].replace('beat', 'led')} by {size}"


@form
def beat_verb(s: Saying) -> str:
    """The verb alone: "beat", "trailed", "matched"."""
    return "matched" if is_zero(s.fact) else GAPS["up" if s.fact.value > 0 else "down"][0]


@form
def by_size(s: Saying) -> str:
    """The size after a verb that came from the same fact: "by 1.4 percentage points"; a tie says nothing more."""
    return "to the decimal" if is_zero(s.fact) else f"by {magnitude(s.fact, short=bool(s.args.get('short')))}"


@form
def lead_of(s: Saying) -> str:
    """The gap as a noun: "a lead of 1.4 percentage points", "a shortfall of 0.3 percentage points"."""
    if is_zero(s.fact):
        return "no gap"
    return f"{GAPS['up' if s.fact.value > 0 else 'down'][2]} of {magnitude(s.fact)}"


@form
def lead(s: Saying) -> str:
    """The bare noun: "lead" or "shortfall"."""
    return "gap" if is_zero(s.fact) else GAPS["up" if s.fact.value > 0 else "down"][2].removeprefix("a ")


@form
def led_in_a_row(s: Saying) -> str:
    """A run of leads or shortfalls: "led for a third session in a row"."""
    return f"{'led' if s.fact.value > 0 else 'trailed'} {in_a_row(s)}"


@form
def after_run(s: Saying) -> str:
    """The run that ended: "after five sessions of shortfalls"."""
    before = s.context.streak_before
    if before < 2:  # noqa: PLR2004 -- one is no run
        raise UnsupportedSaying(s.fact.key, "after_run", "no run ended")
    noun = s.args.get("down", "shortfalls") if s.fact.value > 0 else s.args.get("up", "leads")
    return f"after {in_words(before)} {s.args.get('of', 'sessions')} of {noun}"


@form
def above(s: Saying) -> str:
    """The side of zero with its size: "60 basis points above", "12 basis points below", "level with"."""
    if is_zero(s.fact):
        return "level with"
    return f"{magnitude(s.fact, short=bool(s.args.get('short')))} {'above' if s.fact.value > 0 else 'below'}"


@form
def slopes(s: Saying) -> str:
    """The sign of a slope: "slopes up by 51 basis points", "slopes down by 12 basis points", "is level"."""
    if is_zero(s.fact):
        return "is level"
    return f"slopes {'up' if s.fact.value > 0 else 'down'} by {magnitude(s.fact)}"


@form
def below_high(s: Saying) -> str:
    """A drawdown with its date: "11.8% below their high of 25 November 2024", "at a new high"."""
    if is_zero(s.fact):
        return "at a new high" if s.fact.mark("high") == s.fact.as_of else "level with their high"
    return f"{magnitude(s.fact)} below their high of {long_date(s.fact.mark('high'))}"


@form
def off_high(s: Saying) -> str:
    """A drawdown without its date: "11.8% below"."""
    return f"{magnitude(s.fact)} below"
