"""How strongly an event study may be worded: by its count, its base rate, its overlap, and how many were looked at.

The rule, with its reasons, stands in docs/metrics.md: below five cases list them; five to nineteen, counts and the base
rate; from twenty, a share with its interval; "usually" only from fifty windows that do not overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from generator.metrics.precedent import EventStudy

Z_95 = 1.959963984540054  # of the normal distribution, for two-sided 95 percent
COUNTS_FROM, SHARE_FROM, USUALLY_FROM = 5, 20, 50  # numbers of events
USUALLY_ABOVE = 60.0  # percent, the least lower bound of "usually"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may be said of a study, and what chance alone would give."""

    kind: Literal["cases", "counts", "share"]
    usually: bool
    side: Literal["led", "trailed", "evenly split"]  # what small caps did in most cases
    count: int  # cases on that side (half, if evenly split)
    n: int
    independent: int  # the most of them that do not overlap
    overlap: bool
    share: float  # count in percent of n
    share_low: float  # Wilson 95 percent, with the independent windows in the place of n
    share_high: float
    base_share: float  # percent of all windows on that side
    tail: Literal["at least", "at most"]  # `count`, on whichever side of the base share it lies
    chance: float  # probability of that, were the n windows independent draws at the base share
    chance_independent: float  # the same share, of as many draws as there are windows without overlap
    screened: int  # patterns looked at
    chance_screened: float  # probability that one or more of so many patterns did as much, were they independent


def verdict(study: EventStudy, *, screened: int) -> Verdict:
    """Grade a study. `screened` counts the patterns (kind of event by horizon) looked at, this one included."""
    if screened < 1:
        raise ValueError(f"screened must count the study itself, not {screened}")
    trailed = 2 * study.hits < study.n
    count = study.n - study.hits if trailed else study.hits
    base_share = 100.0 - study.base_rate if trailed else study.base_rate
    share = 100.0 * count / study.n
    low, high = wilson(share / 100.0 * study.independent, study.independent)
    tail: Literal["at least", "at most"] = "at least" if share >= base_share else "at most"
    chance = binomial_tail(count, study.n, base_share / 100.0, tail=tail)
    spread = count * study.independent  # over n, the same share of fewer windows, rounded to what surprises less
    fewer = spread // study.n if tail == "at least" else -(-spread // study.n)
    apart = binomial_tail(fewer, study.independent, base_share / 100.0, tail=tail)
    side: Literal["led", "trailed", "evenly split"] = "trailed" if trailed else "led"
    return Verdict(
        kind="cases" if study.n < COUNTS_FROM else "counts" if study.n < SHARE_FROM else "share",
        usually=study.independent >= USUALLY_FROM and low > USUALLY_ABOVE,
        side="evenly split" if 2 * study.hits == study.n else side,
        count=count,
        n=study.n,
        independent=study.independent,
        overlap=study.independent < study.n,
        share=share,
        share_low=low,
        share_high=high,
        base_share=base_share,
        tail=tail,
        chance=chance,
        chance_independent=apart,
        screened=screened,
        chance_screened=1.0 - (1.0 - apart) ** screened,
    )


def wilson(hits: float, n: int) -> tuple[float, float]:
    """Wilson's 95 percent interval (1927) of a share, in percent; `hits` may be fractional where n is effective.

    >>> [round(bound) for bound in wilson(5, 7)]
    [36, 92]
    """
    share, z2 = hits / n, Z_95 * Z_95
    middle = share + z2 / (2 * n)
    reach = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, 100.0 * (middle - reach) / (1 + z2 / n)), min(100.0, 100.0 * (middle + reach) / (1 + z2 / n))


def binomial_tail(hits: int, n: int, rate: float, *, tail: Literal["at least", "at most"]) -> float:
    """Probability of at least, or at most, so many hits in n independent draws with a hit rate from 0 to 1.

    >>> binomial_tail(6, 7, 0.5, tail="at least")
    0.0625
    """
    counted = range(hits, n + 1) if tail == "at least" else range(hits + 1)
    return math.fsum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in counted)
