"""Taking in what is new: series, second opinions and headlines, into the store of live data and the files beside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from generator import fetching, opinions, scrapbook
from generator.sources.live import followed
from generator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from generator.config import FeedSettings, Keys, Settings
    from generator.fetching import Report, Scope, Tell
    from generator.sources.http import Access
    from generator.sources.news import News


def fetched(settings: Settings, scope: Scope | None, *, keys: Keys, now: datetime, tell: Tell) -> Report:
    """Bring the store of live data up to date, and make it first if it is not there.

    `now` is the wall clock's moment. Raises BadSetting and UnknownName for what is asked or set and cannot be, Busy and
    StoreError for the store; what sources do wrong is in the report.
    """
    whole = scope is None or not (scope.series or scope.sources)
    follow = followed([one.model_dump() for one in settings.series], settings.sources.licensed)
    path = settings.fetch.store
    writing = Store.open(path, read_only=False) if path.exists() else Store.create(path)
    with (
        writing as store,
        fetching.opened(settings, keys, now=now) as access,
        _reading(settings.news.feeds if settings.news.on and whole else (), access) as gathered,
    ):
        report = fetching.fetch(store, follow, access, settings, keys=keys.sources, tell=tell, scope=scope)
        said = report.second.said
        if len(said):
            held = store.newest(said["series_id"].unique().tolist(), since=said["date"].min().date())
            opinions.keep(path, said, held, now=now)
        found = gathered()
    if found is None:
        return report
    book = scrapbook.keep(path, found, now=now)
    return replace(report, headlines=len(book.headlines), unread=found.failures)


@contextmanager
def _reading(feeds: Sequence[FeedSettings], access: Access) -> Iterator[Callable[[], News | None]]:
    """Read feeds beside whatever goes on; what is given waits for the news, or is None without feeds."""
    from generator.sources import news  # noqa: PLC0415 -- loads clients that a letter does without

    if not feeds:
        yield lambda: None
        return
    pool = ThreadPoolExecutor(1, thread_name_prefix="news")
    try:
        yield pool.submit(news.gather, [news.Feed(**one.model_dump()) for one in feeds], access).result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
