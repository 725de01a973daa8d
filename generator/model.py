"""The plain values that every layer shares: observations, evidence, facts and gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from generator.errors import UnsupportedFact
from generator.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSpec:
    """A series Capline follows: what it measures, in which unit, and by which rule it becomes known."""

    id: str  # "size.small.return", "rates.DGS10"
    label: str  # "10-year Treasury yield"
    unit: Unit
    frequency: str  # session, business day, month, event
    publisher: str  # who publishes it
    release: str  # key into generator.sources.releases.RULES
    terms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A value, the day or month it is about, and the moment it became known (UTC)."""

    series_id: str
    date: date
    known_at: datetime
    value: float
    source: str
    observed: bool = False  # whether somebody saw it at that moment, or the moment follows from a release rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A slice of the store: asked again on any later day, it gives the same observations.

    `digest` is the SHA-256 over the lines `YYYY-MM-DD,value` in order of date, as docs/facts.md states.
    """

    series_id: str
    first: date
    last: date
    known_by: datetime  # nothing the source said after this moment was used
    count: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """How a value stands within its own history, which ends with the value itself.

    Percentiles count the share of the history (in percent) that lies strictly below, plus half of what is equal.
    """

    first: date  # the first day of the history
    count: int
    percentile: float  # of the value
    size_percentile: float  # of its distance from zero
    below: float  # percent of the history strictly below the value
    above: float  # and strictly above
    size_above: float  # percent of the history strictly farther from zero
    earlier: float | None  # the value 21 observations before, where they are a month
    streak: int  # values in a row, this one included, with its sign
    streak_before: int  # length of the run of the other sign that this one ended, if streak is 1; else 0
    high: bool  # its side: a move's is its sign, a level's is that of its median
    rank: int  # 1 is the farthest out on that side
    beyond: date | None  # the last earlier day with a value at least as far out on that side; None: a record
    beyond_value: float | None
    beyond_count: int  # values since then, this one included
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The span a change is measured over: its words and its first day."""

    words: str  # "over five sessions", "this year"
    adjective: str  # "five-session"
    sessions: int | None
    start: date  # the day of the base value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number ready to print, with its unit, what it was computed from, and how it stands in its history."""

    key: str  # the same in every edition: "size.relative.5s"
    value: float
    unit: Unit
    as_of: date
    label: str  # "Small less large caps, five sessions"
    formula: str  # in words, so that a person with the observations can redo it
    known_at: datetime  # when the last of its observations became known
    evidence: tuple[Evidence, ...]
    subject: str = ""  # the name prose uses: "small caps"
    context: Context | None = None
    horizon: Horizon | None = None
    state: str | None = None  # the word of a coded state: "bull steepener"
    base: float | None = None  # the value at the start of the horizon, where a change has one
    end: float | None = None  # the value at its end
    level_unit: Unit | None = None  # the unit of base and end
    marks: tuple[tuple[str, date], ...] = field(default=())  # further dates it proves: ("high", 2024-11-25)
    derived: str = ""  # why the moment of publication is derived from a rule, if it is

    def __post_init__(self) -> None:
        """Refuse what is no fact."""
        if not self.evidence or not math.isfinite(self.value):
            raise UnsupportedFact(self.key, value=self.value, evidence=len(self.evidence))

    def mark(self, name: str) -> date:
        """A further date the fact proves, by name; KeyError if it proves none of that name."""
        return dict(self.marks)[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What somebody else published: their words, quoted as plain text, and where they stand. No figure of ours."""

    key: str  # the same whenever the item is read: "news.5f2c0a91b7d3"
    title: str  # one line without markup; whoever prints it escapes it
    link: str  # http or https, percent-encoded
    publisher: str
    published: datetime  # UTC
    feed: str  # the name of the feed it was read from
    tags: tuple[str, ...]  # "stocks", "crypto"; in order

    def __post_init__(self) -> None:
        """Refuse, with ValueError, what is no line of words, no page of the web or has no time zone."""
        words = (self.title, self.publisher, self.feed)
        if not all(words) or not all(one.isprintable() for one in (*words, self.link)):
            raise ValueError(f"{self.key}: its words are none, or not one line of plain text")
        if not self.link.startswith(("https://", "http://")):
            raise ValueError(f"{self.key}: {self.link!r} is no page of the web")
        if self.published.tzinfo is None:
            raise ValueError(f"{self.key}: {self.published} has no time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """The two series a letter compares, and the words for what they are."""

    small: str  # series of daily total returns in percent, or of closes, as `kind` says
    large: str
    small_name: str  # "the second-smallest fifth of US stocks by market value"
    large_name: str
    notice: str  # what a reader must know of them
    kind: Literal["returns", "index", "fund"] = "returns"  # index: closes; fund: closes, with dividends and splits
    sizes: tuple[str, str] | None = None  # the groups whose firms and average sizes are theirs: ("q2", "q5")
    hidden: frozenset[str] = frozenset()  # series whose terms forbid showing them
    withheld: tuple[tuple[str, str], ...] = ()  # series that a gate holds back, each with the reason, in order
    listed: frozenset[str] = frozenset()  # series of the source beyond the sample's: what is missing of them is a gap
    own: tuple[SeriesSpec, ...] = ()  # series of the reader's own, in the order of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A fact that could not be made, and why. Letters show it; nothing stands in for it."""

    key: str
    label: str
    reason: str


Finding: TypeAlias = Fact | Gap
