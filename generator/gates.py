"""Between a store and a letter: what the gates find fault with, and the universe without what they hold back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator import facts as of_facts
from generator import opinions, quality
from generator.sources.live import LARGE, SMALL, Live
from generator.store import Store

if TYPE_CHECKING:
    from datetime import date, datetime

    from generator.config import Settings
    from generator.model import Universe
    from generator.sources import Source
    from generator.store import View

EVERYTHING = 1_000_000  # values: more than any series has


def doubted(settings: Settings, *, now: datetime, whole: bool) -> tuple[quality.Verdict, ...]:
    """What the gates find fault with in a live store, whatever letters are made of it; `whole`: in all its history."""
    limits = settings.quality
    with Store.open(settings.store) as store:
        verdicts = quality.judge(
            store.view(now),
            store.specs(),
            limits,
            session=quality.session_needed(now, limits),
            critical=(SMALL, LARGE),
            fetches=store.fetches(),
            second=opinions.second(opinions.opened(settings.store)),
            window=EVERYTHING if whole else None,
        )
    return tuple(one for one in verdicts if one.level != "pass")


def passed(  # noqa: PLR0913 -- each is part of what is judged, and named at the call
    store: Store,
    view: View,
    source: Source,
    settings: Settings,
    *,
    session: date,
    today: date,
    newest: bool = False,
) -> Universe:
    """The universe of a letter, with the series that the gates hold back; raises Held if one it needs is among them.

    `newest` says that the letter must be about the newest session that has closed. The sample, which never changes, was
    judged once and for all (tests/test_quality_sample.py).
    """
    universe = source.universe
    if source.name != Live.name:
        return universe
    limits, specs = settings.quality, store.specs()
    wanted = (*of_facts.needed(universe), *quality.beside(limits))
    verdicts = quality.judge(
        view,
        {series_id: specs[series_id] for series_id in dict.fromkeys(wanted) if series_id in specs},
        limits,
        session=max(session, quality.session_needed(view.moment, limits)) if newest else session,
        today=today,
        critical=(universe.small, universe.large),
        fetches=store.fetches(),
        second=opinions.second(opinions.opened(settings.store)),
    )
    quality.require(verdicts)
    return replace(universe, withheld=tuple(sorted(quality.withheld(verdicts).items())))
