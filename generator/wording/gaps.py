"""Forms for one against the other: leads and shortfalls, distances above and below."""

from __future__ import annotations

from generator.errors import UnsupportedSaying
from generator.wording.moves import is_zero, magnitude
from generator.wording.saying import Saying, form
from generator.wording.standing import in_a_row
from generator.wording.terms import LARGE_NAMES, LEADS, SMALL_NAMES, TRAILS, day_words, in_words, long_date, on_date

GAPS = {"up": ("beat", "beating", "a lead"), "down": ("trailed", "trailing", "a shortfall")}


def _gap_verb(s: Saying) -> tuple[str, str]:
    words = LEADS if s.fact.value > 0 else TRAILS
    return words[int(s.args.get("v") or 0) % len(words)]


def _them(s: Saying) -> str:
    return LARGE_NAMES[int(s.args.get("v") or 0) // len(LEADS) % len(LARGE_NAMES)]


@form
def who(s: Saying) -> str:
    """The subject by one of its names: "small caps", "small-cap stocks", "small stocks"."""
    return s.synonym(*(SMALL_NAMES if s.fact.subject.startswith("small") else LARGE_NAMES))


@form
def beat(s: Saying) -> str:
    """Small against large: "beat large caps by 1.4 percentage points", "matched large caps"."""
    if is_zero(s.fact):
        return "matched large caps"
    return f"{_gap_verb(s)[0]} {_them(s)} by {magnitude(s.fact)}"


@form
def beating(s: Saying) -> str:
    """The same as a participle: "trailing large caps by 0.3 percentage points"."""
    if is_zero(s.fact):
        return "matching large caps"
    return f"{_gap_verb(s)[1]} {_them(s)} by {magnitude(s.fact)}"


@form
def better_day(s: Saying) -> str:
    """The day compared: "a better day for small caps than for large caps", "a worse day ..."."""
    word = "as good a" if is_zero(s.fact) else "a better" if s.fact.value > 0 else "a worse"
    return f"{word} {s.args.get('span', 'day')} for small caps {'as' if is_zero(s.fact) else 'than'} for large caps"


@form
def lead(s: Saying) -> str:
    """The bare noun: "lead", "shortfall" or "gap"."""
    return "gap" if is_zero(s.fact) else GAPS["up" if s.fact.value > 0 else "down"][2].removeprefix("a ")


@form
def ahead_of(s: Saying) -> str:
    """Where small caps stand: "2.1 percentage points ahead of large caps", "level with large caps"."""
    if is_zero(s.fact):
        return "level with large caps"
    side = "ahead of" if s.fact.value > 0 else "behind"
    return f"{magnitude(s.fact, short=bool(s.args.get('short')))} {side} large caps"


@form
def undid(s: Saying) -> str:
    """How much of an earlier gap ("with") this one of the other sign took back: "undid more than half of ...".

    UnsupportedSaying unless the signs differ and more than half is undone.
    """
    ratio = -s.fact.value / s.other.value if s.other.value else 0.0
    if ratio <= 0.5:  # noqa: PLR2004 -- half
        raise UnsupportedSaying(s.fact.key, "undid", f"it undid {ratio:.2f} of {s.other.key}")
    noun = "lead" if s.other.value > 0 else "shortfall"
    share = "more than half" if ratio < 1 else "all"
    if s.args.get("short"):
        return f"undid {share} of {day_words(s.other.as_of, s.today)} {noun}"
    return f"undid {share} of the {noun} of {magnitude(s.other)} {on_date(s.other.as_of, s.today)}"


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
    return f"{GAPS['up' if s.fact.value > 0 else 'down'][2]} of {magnitude(s.fact, short=bool(s.args.get('short')))}"


@form
def led_in_a_row(s: Saying) -> str:
    """A run of leads or shortfalls: "led for a third session in a row"."""
    return f"{'led' if s.fact.value > 0 else 'trailed'} {in_a_row(s)}"


@form
def led_again(s: Saying) -> str:
    """The side a run ended to: "led again", "trailed again"."""
    return f"{'led' if s.fact.value > 0 else 'trailed'} again"


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
    if s.args.get("short"):
        return f"{magnitude(s.fact)} below theirs of {long_date(s.fact.mark('high'))}"
    return f"{magnitude(s.fact)} below their high of {long_date(s.fact.mark('high'))}"


@form
def off_high(s: Saying) -> str:
    """A drawdown without its date: "11.8% below"."""
    return f"{magnitude(s.fact)} below"
