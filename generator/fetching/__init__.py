"""The fetch: what is due is asked of the first source that can serve it, of the next where that fails.

Requests run beside each other, within a budget of time; each answer goes into the store as soon as it is there, those
that come together in one transaction. So stopping at any moment, however roughly, loses nothing that came and doubles
nothing when the fetch is run again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator.due import is_due
from generator.errors import BadSetting, UnknownName
from generator.fetching import second
from generator.fetching.report import Outcome, Report, Scope, Tell
from generator.fetching.run import Reading, Run
from generator.sources import catalogue
from generator.sources.feeds import EDGES, edge
from generator.sources.http import Access, Fetcher
from generator.sources.limits import LIMITS, Deadline, Limit, Turns
from generator.sources.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from generator.config import Keys, Settings
    from generator.sources.catalogue import Followed
    from generator.sources.feeds import Edge
    from generator.store import Store

__all__ = ["Outcome", "Report", "Scope", "Tell", "begin", "fetch", "opened"]

MINUTE = 60.0


def fetch(  # noqa: PLR0913 -- each is part of what is asked, and named at the call
    store: Store,
    follow: Mapping[str, Followed],
    access: Access,
    settings: Settings,
    *,
    keys: Collection[str],
    tell: Tell,
    scope: Scope | None = None,
    edges: Callable[[str], Edge] = edge,
) -> Report:
    """Bring the store up to date; `follow` are the series followed, `keys` names the sources that have theirs.

    `store` must be open to write. Raises UnknownName for a series or a source that is none, StoreError if the store
    cannot be written; what a source does wrong is in the report.
    """
    scope = scope or Scope()
    _require_known(scope, follow, settings.sources.order)
    store.register(one.spec for one in follow.values())
    begin(store, follow, sample=settings.sources.sample)
    states, reach = store.fetches(), store.reach()
    due = {
        series_id: scope.named or is_due(one, states.get(series_id), reach.get(series_id), access.now)
        for series_id, one in follow.items()
    }
    readings: list[Reading] = []
    not_due, left_out = [], []
    for series_id, one in follow.items():
        offers = catalogue.usable(one, order=settings.sources.order, keys=keys)
        if scope.sources:
            offers = tuple(offer for offer in offers if offer.source in scope.sources)
        if not one.offers or (scope.series and series_id not in scope.series) or (scope.sources and not offers):
            continue
        if not offers:
            left_out.append(series_id)
        elif not (due[series_id] or due.get(one.beside, False)):
            not_due.append(series_id)
        else:
            readings.append(Reading(one=one, offers=offers))
    run = Run(store=store, access=access, tell=tell, edges=edges, parallel=settings.fetch.parallel, scope=scope)
    order = settings.sources.order
    compared = [] if scope.sources else second.wanted(readings, order=order, keys=keys, access=access)
    with second.asking(compared, second.chosen(order, keys), access, edges) as opinions:
        run.read(readings)
        others = opinions()
    return Report(
        outcomes=tuple(one.outcome() for one in readings),
        not_due=tuple(not_due),
        left_out=tuple(left_out),
        second=others,
    )


def _require_known(scope: Scope, follow: Mapping[str, Followed], order: tuple[str, ...]) -> None:
    for name in (*order, *scope.sources):
        if name not in EDGES:
            raise UnknownName("live source", name, EDGES)
    for series_id in scope.series:
        if series_id not in follow:
            raise UnknownName("series", series_id, follow)
        if not follow[series_id].offers:
            raise BadSetting(
                series_id, "comes with Capline and is fetched from nowhere", hint="leave it out of --series"
            )


def begin(store: Store, follow: Mapping[str, Followed], *, sample: bool) -> None:
    """Lay the rows that come with Capline under the series that have none yet: always, or if `sample` says so."""
    held = store.reach()
    wanted = {
        series_id
        for series_id, one in follow.items()
        if series_id not in held and (one.base == "always" or (sample and one.base == "sample"))
    }
    if wanted:
        store.append(Sample().observations(wanted))


@contextmanager
def opened(settings: Settings, keys: Keys, *, now: datetime) -> Iterator[Access]:
    """What edges need to ask, for as long as a fetch takes; `now` is the wall clock's."""
    limits = LIMITS | {host: Limit(interval=MINUTE / count) for host, count in settings.fetch.hosts.items()}
    with Fetcher.open(contact=settings.fetch.contact, turns=Turns(limits)) as http:
        yield Access(
            http=http,
            fred_key=keys.fred,
            bls_key=keys.bls,
            cache=settings.fetch.cache,
            now=now,
            timeout=settings.fetch.timeout,
            deadline=Deadline.after(settings.fetch.budget),
        )
