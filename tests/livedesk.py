"""A store of live series for tests: the truth of the loopback market, each value known when its release rule says.

No network: what `capline fetch` would have brought after a while lies in the store at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from market.policy import decisions
from market.truth import market

from generator import composing
from generator import facts as of_facts
from generator.edition import Masthead, Memory
from generator.sessions import evening
from generator.sources import catalogue
from generator.sources.live import universe
from generator.sources.releases import RULES
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.edition import Edition
    from generator.facts import Findings
    from generator.model import Headline, SeriesSpec, Universe

START, THREE_YEARS, UNTIL = pd.Timestamp(1996, 1, 1), pd.Timestamp(2023, 11, 20), pd.Timestamp(2026, 12, 18)
RANGE = 0.25  # between the bounds of the target
LICENSED = ("spread.BAMLH0A0HYM2", "spread.BAMLC0A0CM", "spread.BAA10Y")
UNIVERSE = universe()
MASTHEAD = Masthead(
    name="Capline", publisher="Capline", sender="Capline <letter@example.org>", address="Here", disclaimer="None."
)


def observations() -> pd.DataFrame:
    """All rows, with the moments that follow from the rules."""
    return pd.concat([_rows(one.spec, found) for one, found in _series()], ignore_index=True)


def _series() -> Iterable[tuple[catalogue.Followed, pd.Series[float]]]:
    truth = market().series
    for one in catalogue.followed().values():
        kind, _, name = one.spec.id.partition(".")
        codes = [*(offer.code for offer in one.offers), *([name] if kind == "rates" else [])]
        if kind == "policy":
            lower = decisions()
            yield one, lower + (RANGE if one.spec.id.endswith("upper") else 0.0)
        elif kind not in {"size", "calendar"}:
            code = next((code for code in codes if code in truth), None)
            if code is not None:
                yield one, truth[code].dropna()


def _rows(spec: SeriesSpec, found: pd.Series[float]) -> pd.DataFrame:
    found = found.loc[THREE_YEARS if spec.id.startswith("spread.BAML") else START : UNTIL]
    dates = pd.DatetimeIndex(found.index).as_unit("us")
    known = RULES[spec.release].known_at(dates, dates)
    return pd.DataFrame(
        {"series_id": spec.id, "date": dates, "known_at": known, "value": found.to_numpy(), "source": "test"}
    )


def make(path: Path) -> None:
    """Write the store."""
    with Store.create(path) as store:
        store.register(one.spec for one in catalogue.followed().values())
        store.append(observations())


@dataclass(frozen=True, slots=True)
class LiveDesk:
    """An open store of the market, and what was made from it so far."""

    store: Store
    kept: dict[tuple[object, ...], object] = field(default_factory=dict)

    def findings(self, day: str, *, licensed: bool = True, without: Iterable[str] = ()) -> Findings:
        """Gather the facts of a session's evening; `without` are series that are listed and may not be shown."""
        session, gone = date.fromisoformat(day), frozenset(without)
        key = ("findings", day, licensed, gone)
        if key not in self.kept:
            shown = told(licensed=licensed, without=gone)
            view = self.store.view(evening(session))
            self.kept[key] = of_facts.gather(view, session=session, today=session, universe=shown)
        return self.kept[key]  # type: ignore[return-value]

    def letter(  # noqa: PLR0913 -- what may be asked for
        self,
        day: str,
        kind: str = "daily",
        *,
        only: tuple[str, ...] = (),
        licensed: bool = True,
        memory: Memory | None = None,
        headlines: tuple[Headline, ...] = (),
    ) -> Edition:
        """Compose a letter of a session's evening."""
        session = date.fromisoformat(day)
        order = composing.Order(
            kind=kind, session=session, today=session, masthead=MASTHEAD, universe=told(licensed=licensed),
            source="live", only=only, memory=memory or Memory(), headlines=headlines,
        )  # fmt: skip
        return composing.compose(self.store.view(evening(session)), order)


def told(*, licensed: bool = True, without: Iterable[str] = ()) -> Universe:
    """The universe of live data, with or without a licence for what needs one."""
    hidden = frozenset(without) if licensed else frozenset((*LICENSED, *without))
    return replace(UNIVERSE, hidden=hidden)


# The stories that the sample has no series for
STORIES = ("sectors", "credit", "volatility", "breakevens", "labour", "claims", "spending", "dollar", "commodities",
           "crypto")  # fmt: skip
