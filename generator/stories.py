"""Stories: groups of facts worth telling, each scored for newsworthiness, and the choice among them.

The score is a product of parts that are kept apart (docs/newsworthiness.md states the rule and its reasons):
relevance x freshness x evidence x novelty x (surprise + change of state).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.edition import Score, Told
from generator.wording import SINCE, moves_of
from generator.wording.terms import RARE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from generator.model import Fact

CAP = 8.0  # bits: beyond one in 256 the length of the history decides, not the news
SECOND = 0.35  # share of the second surprise that counts
RECORD, DECISION = 3.0, 8.0  # changes of state; a decision leads its day but for an extreme move of the market
FLIPS = ((60, 4.0), (20, 2.0), (0, 0.5))  # observations in the old state, and what its end is worth
HALF_LIFE = {"daily": 1.0, "monthly": 5.0}  # sessions
SAME, FLIPPED = 1.0, 0.3  # how alike a story is to its last telling
FRESH = 0.4  # and how much of that counts for a move of the day itself, which is new whatever its direction
MOVERS = (  # the stories that a day itself makes
    "gap", "slope", "yields", "policy", "currencies", "sectors", "credit", "volatility", "breakevens", "dollar",
    "commodities", "crypto",
)  # fmt: skip
DAYS = {"1s": "1s", "5s": "7s", "63s": "90s"}  # the span of a letter in days, of what has a price on each
CALM = 200 / 3  # percent: a day is quiet if on more of the last 63 sessions some measure moved further
LOUD = 4.0  # a change of state that is worth this makes no quiet day
BODY, SHARE = 1.2, 0.3  # a body story has this score, or this share of the lead's
AGAINST = 0.5  # a fact that speaks against the lead is told from this share of the lead's score
APART = 15.0  # percentile points off the middle of its history that such a fact lies at least
# Facts that may speak against a lead, by their sign: the same measure over other spans. An easing is spoken against by
# long yields that rose, a tightening by long yields that fell.
CONTRARY: Mapping[str, tuple[str, ...]] = {
    "gap": ("size.relative.5s", "size.relative.21s", "size.relative.63s", "size.relative.252s", "size.relative.ytd"),
    "trend": ("size.relative.5s", "size.relative.21s", "size.relative.252s"),
    "yields": ("rates.change.10y.5s", "rates.change.10y.21s", "rates.change.10y.63s", "rates.change.10y.ytd"),
    "slope": ("rates.slope.2s10s.5s", "rates.slope.2s10s.21s", "rates.slope.2s10s.63s", "rates.slope.2s10s.ytd"),
    "currencies": ("fx.eurusd.21s", "fx.eurusd.63s", "fx.eurusd.ytd"),
    "policy": ("rates.change.10y.21s", "rates.change.10y.63s", "rates.change.10y.ytd"),
}
MEASURE: Mapping[str, str] = {  # whose sign each of those is held against
    "gap": "size.relative.{h}", "trend": "size.relative.63s", "yields": "rates.change.10y.{r}",
    "slope": "rates.slope.2s10s.{r}", "currencies": "fx.eurusd.{r}", "policy": "policy.phase",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a story is about and what it needs. `{h}` in a key is the span of the letter, `{d}` the same in days."""

    name: str
    relevance: float
    nucleus: tuple[str, ...]  # the facts whose surprise counts; the first names its state
    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()  # told if one of these is there, its nucleus what is there of it
    states: tuple[str, ...] = ()  # facts whose sign or word is a state that can change
    pace: str = "daily"
    sample: str | None = None  # the fact whose value counts the cases, where they are few
    leads: bool = True  # whether it can be the lead
    tells: frozenset[str] = frozenset()  # what it says at length; a daily letter tells none of it twice
    moves: bool = True  # whether it leads by a move alone; otherwise only by a change of state


STORIES: tuple[Story, ...] = (
    Story(
        name="gap",
        relevance=1.0,
        nucleus=("size.relative.{h}", "size.return.small.{h}"),
        needs=("size.relative.{h}", "size.return.small.{h}", "size.return.large.{h}"),
    ),
    Story(
        name="slope",
        relevance=0.9,
        nucleus=("rates.slope.2s10s.{r}", "rates.slope.2s10s"),
        needs=("rates.slope.2s10s.{r}", "rates.slope.2s10s", "rates.inversion.2s10s", "rates.change.2y.{r}",
               "rates.change.10y.{r}"),
        states=("rates.slope.2s10s",),
        tells=frozenset({"2y", "10y"}),
    ),
    Story(
        name="yields",
        relevance=0.8,
        nucleus=("rates.change.10y.{r}", "rates.change.2y.{r}"),
        needs=("rates.change.10y.{r}", "rates.change.2y.{r}", "rates.curve.{r}", "rates.slope.2s10s.{r}"),
        tells=frozenset({"2y", "10y"}),
    ),
    Story(
        name="policy",
        relevance=0.9,
        nucleus=("rates.hint",),
        needs=("policy.target.upper", "policy.target.lower", "policy.last_change", "policy.cycle_change",
               "policy.phase", "policy.days_since_change", "policy.cycle_moves"),
        states=("policy.phase", "rates.hint"),
        moves=False,
    ),
    Story(
        name="trend",
        relevance=0.8,
        nucleus=("size.relative.63s", "size.strength"),
        needs=("size.relative.63s", "size.strength", "size.return.small.63s", "size.return.large.63s"),
    ),
    Story(
        name="precedent",
        relevance=0.8,
        nucleus=("precedent.first_cuts.63s.chance",),
        needs=("precedent.first_cuts.63s.hits", "precedent.first_cuts.63s.n", "precedent.first_cuts.63s.base_rate"),
        sample="precedent.first_cuts.63s.n",
        pace="monthly",
        leads=False,
    ),
    Story(
        name="inflation",
        relevance=0.8,
        nucleus=("inflation.cpi.12m", "inflation.core.12m"),
        needs=("inflation.cpi.12m",),
        pace="monthly",
    ),
    Story(
        name="drawdown",
        relevance=0.6,
        nucleus=("size.drawdown.small", "size.drawdown.large"),
        needs=("size.drawdown.small", "size.drawdown.large"),
    ),
    Story(
        name="currencies",
        relevance=0.5,
        nucleus=("fx.eurusd.{r}", "fx.gbpusd.{r}"),
        needs=("fx.eurusd.{r}", "fx.gbpusd.{r}", "fx.eurusd.ytd"),
    ),
    Story(
        name="risk",
        relevance=0.5,
        nucleus=("size.volatility.small", "size.volatility.ratio"),
        needs=("size.volatility.small", "size.volatility.large", "size.volatility.ratio", "size.beta"),
    ),
    Story(
        name="share",
        relevance=0.3,
        nucleus=("size.share",),
        needs=("size.share", "size.ratio"),
        pace="monthly",
        leads=False,
    ),
    Story(
        name="sectors",
        relevance=0.6,
        nucleus=("sectors.large.best.{h}", "sectors.large.spread.{h}", "sectors.small.spread.{h}"),
        needs=("sectors.large.best.{h}", "sectors.large.worst.{h}", "sectors.large.spread.{h}", "sectors.large.n.{h}"),
        leads=False,
    ),
    Story(
        name="credit",
        relevance=0.7,
        nucleus=("credit.hy.{r}", "credit.hy", "credit.baa.{r}", "credit.baa"),
        any_of=("credit.hy.{r}", "credit.baa.{r}"),
    ),
    Story(
        name="volatility",
        relevance=0.5,
        nucleus=("vix.change.{r}", "vix.level"),
        needs=("vix.change.{r}", "vix.level"),
    ),
    Story(
        name="breakevens",
        relevance=0.6,
        nucleus=("rates.breakeven.10y.{r}", "rates.real.10y.{r}"),
        needs=("rates.breakeven.10y.{r}", "rates.breakeven.10y", "rates.real.10y.{r}", "rates.real.10y",
               "rates.change.10y.{r}"),
        leads=False,
    ),
    Story(
        name="labour",
        relevance=0.8,
        nucleus=("labour.payrolls.1m", "labour.unemployment.1m"),
        any_of=("labour.payrolls.1m", "labour.unemployment"),
        pace="monthly",
    ),
    Story(
        name="claims",
        relevance=0.4,
        nucleus=("labour.claims.1w", "labour.claims"),
        needs=("labour.claims.1w", "labour.claims", "labour.claims.4w"),
        leads=False,
    ),
    Story(
        name="spending",
        relevance=0.7,
        nucleus=("inflation.pce.12m",),
        needs=("inflation.pce.12m",),
        pace="monthly",
    ),
    Story(
        name="dollar",
        relevance=0.4,
        nucleus=("fx.dxy.{r}", "fx.broad.21s"),
        any_of=("fx.dxy.{r}", "fx.broad.21s"),
        leads=False,
    ),
    Story(
        name="commodities",
        relevance=0.5,
        nucleus=("asset.gold.{r}", "asset.oil.{r}"),
        any_of=("asset.gold.{r}", "asset.oil.{r}"),
        leads=False,
    ),
    Story(
        name="crypto",
        relevance=0.4,
        nucleus=("asset.btc.{d}", "asset.eth.{d}"),
        any_of=("asset.btc.{d}", "asset.eth.{d}"),
        leads=False,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A story with its score and the state it would tell."""

    story: Story
    score: Score
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the scores depend on besides the facts."""

    session: date
    span: str  # "1s"
    rates_span: str
    decided: bool  # whether the target changed on the letter's day
    sessions_between: Callable[[date, date], int]
    memory: Sequence[Told] = field(default=())  # earlier letters of the kind, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrary:
    """A fact that speaks against what a lead tells, with its own newsworthiness."""

    key: str
    score: Score


def rank(facts: Mapping[str, Fact], day: Day) -> tuple[Ranked, ...]:
    """All stories whose facts are there, best first; equal scores keep the order of STORIES."""
    found = []
    for story in STORIES:
        either = not story.any_of or any(_key(key, day) in facts for key in story.any_of)
        if either and all(_key(key, day) in facts for key in story.needs):
            state = state_of(story, facts, day)
            found.append(Ranked(story=story, score=score(story, facts, day, state), state=state))
    return tuple(sorted(found, key=lambda ranked: -ranked.score.total))


def contrary(facts: Mapping[str, Fact], ranked: Sequence[Ranked], day: Day) -> dict[str, tuple[Contrary, ...]]:
    """By story that might lead, the facts that speak against it with at least half its score, strongest first."""
    found = {}
    for one in ranked:
        name, measure = one.story.name, facts.get(_key(MEASURE.get(one.story.name, ""), day))
        if measure is None or not measure.value:
            continue
        others = [facts[key] for key in CONTRARY[name] if key in facts and key != measure.key]
        against = [
            Contrary(key=other.key, score=_contrary_score(one, other, day))
            for other in others
            if _opposes(other, measure)
        ]
        strong = [other for other in against if other.score.total >= AGAINST * one.score.total]
        found[name] = tuple(sorted(strong, key=lambda other: -other.score.total))
    return found


def _opposes(other: Fact, measure: Fact) -> bool:
    """Whether a fact has the other sign, and lies well off the middle of its own history."""
    if other.context is None or moves_of(other) == "still":
        return False
    return other.value * measure.value < 0 and abs(other.context.percentile - 50.0) >= APART


def _contrary_score(lead: Ranked, fact: Fact, day: Day) -> Score:
    count = fact.context.count if fact.context else 0
    return Score(
        surprise=surprise([fact]),
        state_change=0.0,
        relevance=lead.story.relevance,
        freshness=1.0,
        evidence=count / (count + 10.0),
        novelty=_told_before("contrary", fact.key, day, fresh=False),
    )


def quiet(facts: Mapping[str, Fact], scores: Iterable[Score]) -> bool:
    """Whether on most of the last 63 sessions some measure moved further, and no long state ended today."""
    larger = facts.get("day.larger.quarter")
    return larger is not None and larger.value > CALM and all(one.state_change < LOUD for one in scores)


def rare(facts: Mapping[str, Fact]) -> bool:
    """Whether on few sessions of all any of the measures moved further: however many are looked at."""
    return "day.larger.all" in facts and facts["day.larger.all"].value <= RARE


def score(story: Story, facts: Mapping[str, Fact], day: Day, state: str) -> Score:
    """The parts of a story's newsworthiness."""
    nucleus = [facts[key] for key in (_key(key, day) for key in story.nucleus) if key in facts]
    return Score(
        surprise=surprise(nucleus),
        state_change=_state_change(story, facts, day, nucleus),
        relevance=story.relevance,
        freshness=_freshness(story, nucleus, day),
        evidence=_evidence(story, facts, nucleus),
        novelty=_told_before(story.name, state, day, fresh=story.name in MOVERS),
    )


def surprise(nucleus: Sequence[Fact]) -> float:
    """Bits: the largest plus a share of the second of what percentile, "since" and run of each fact give.

    A run counts only for one-day changes: values over longer spans overlap, and levels persist by nature.
    """
    bits: list[float] = []
    for fact in nucleus:
        found = fact.context
        if found is None:
            if fact.key.endswith(".chance"):  # it is a tail probability already, in percent
                bits.append(-math.log2(max(fact.value / 100.0, 1.0 / 256)))
            continue
        share = found.percentile / 100.0
        bits.append(-math.log2(max(2.0 * min(share, 1.0 - share), 1.0 / (found.count + 1))))
        if found.beyond_count > SINCE:
            bits.append(math.log2(found.beyond_count / SINCE))
        if fact.horizon is not None and fact.horizon.sessions == 1:
            bits.append(float(max(abs(found.streak) - 1, 0)))
    ordered = [*sorted((min(one, CAP) for one in bits), reverse=True), 0.0, 0.0]
    return ordered[0] + SECOND * ordered[1]


def _state_change(story: Story, facts: Mapping[str, Fact], day: Day, nucleus: Sequence[Fact]) -> float:
    worth = 0.0
    for fact in (facts[key] for key in story.states if key in facts):
        if fact.context is not None and abs(fact.context.streak) == 1 and fact.context.streak_before:
            worth = max(worth, next(value for least, value in FLIPS if fact.context.streak_before >= least))
    if story.moves and any(fact.context is not None and fact.context.beyond is None for fact in nucleus):
        worth = max(worth, RECORD)
    if story.name == "policy" and day.decided:
        worth = max(worth, DECISION)
    return worth


def _freshness(story: Story, nucleus: Sequence[Fact], day: Day) -> float:
    if story.name == "policy" and day.decided:
        return 1.0
    if not nucleus:
        return 0.0
    known = max(fact.known_at.date() for fact in nucleus)
    if story.sample is not None:
        known = nucleus[0].mark("closed")  # the day the last window closed, not the day the base rate reaches to
    age = max(day.sessions_between(known, day.session), 0)
    return float(0.5 ** (age / HALF_LIFE[story.pace]))


def _evidence(story: Story, facts: Mapping[str, Fact], nucleus: Sequence[Fact]) -> float:
    if story.sample is not None:
        cases = facts[story.sample].value
    else:
        cases = max((fact.context.count for fact in nucleus if fact.context is not None), default=0)
    return cases / (cases + 10.0)


def _told_before(name: str, state: str, day: Day, *, fresh: bool) -> float:
    """1 for what no remembered letter told; the less the sooner it comes again, and the more alike it is."""
    for letters, told in enumerate(day.memory, start=1):
        for earlier, before in told.stories:
            if earlier == name:
                alike = (SAME if before == state else FLIPPED) * (FRESH if fresh else 1.0)
                return 1.0 - 0.7 * math.exp(-letters / 5.0) * alike
    return 1.0


def state_of(story: Story, facts: Mapping[str, Fact], day: Day) -> str:
    """What the story would say, in short: the direction, or the word, of its first fact."""
    nucleus = [_key(key, day) for key in story.nucleus]
    fact = facts.get(next((key for key in nucleus if key in facts), "") if story.any_of else nucleus[0])
    if fact is None:
        return "none"
    return fact.state or moves_of(fact)


def _key(key: str, day: Day) -> str:
    return key.replace("{h}", day.span).replace("{r}", day.rates_span).replace("{d}", DAYS.get(day.span, day.span))
