"""Headlines of others: from feeds in RSS or Atom and from Yahoo, dated, attributed, linked, and each of them once.

What comes from outside is only words: titles become one line of plain text, links must lead to a web page. A feed with
entities of its own is refused, as is one whose items are all old: some publishers leave a feed standing and answer
with last year's news for ever.
"""

from __future__ import annotations

import calendar
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from time import struct_time
from typing import TYPE_CHECKING, Any

import feedparser

from generator.errors import EmptyAnswer, FetchError, NotData, StaleFeed
from generator.model import Headline
from generator.sources.http import Access, Ask
from generator.sources.quoting import identity, link_of, plain, same_title
from generator.sources.redaction import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOURCE = "news"
YAHOO = "yahoo"
AHEAD = timedelta(minutes=10)  # a publisher's clock may be ahead of ours by so much
SAME_STORY = timedelta(days=2)
TITLE, PUBLISHER = 200, 60  # letters
AT_ONCE = 4  # feeds
ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where headlines come from: an address of RSS or Atom, or `yahoo:SYMBOL` for Yahoo's news of a symbol."""

    name: str  # "Federal Reserve, monetary policy"
    address: str
    tags: tuple[str, ...]  # "stocks", "crypto"
    publisher: str = ""  # where the feed does not name one
    quiet_days: int = 7  # a feed without an item for longer is dead


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What all feeds together gave, newest first; the names of those that gave nothing, and the errors why."""

    headlines: tuple[Headline, ...] = ()
    unread: tuple[str, ...] = ()
    failures: tuple[FetchError, ...] = ()


def gather(feeds: Sequence[Feed], access: Access) -> News:
    """Read feeds beside each other; the failure of one does not cost the others. The order of answers is no matter."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="news") as pool:
        answers = list(pool.map(partial(_tried, access=access), feeds))
    found = [item for answer in answers if not isinstance(answer, FetchError) for item in answer]
    failures = tuple(answer for answer in answers if isinstance(answer, FetchError))
    unread = tuple(feed.name for feed, answer in zip(feeds, answers, strict=True) if isinstance(answer, FetchError))
    return News(headlines=merged(found), unread=unread, failures=failures)


def _tried(feed: Feed, access: Access) -> list[Headline] | FetchError:
    try:
        return read(feed, access)
    except FetchError as failure:
        return failure


def read(feed: Feed, access: Access) -> list[Headline]:
    """The items of one feed. Raises FetchErrors; StaleFeed if even its newest item is too old."""
    scheme, _, symbol = feed.address.partition(":")
    if scheme == YAHOO:
        from generator.sources.yahoo_news import stream  # noqa: PLC0415 -- feeds alone do not need yfinance

        items = parse_yahoo(stream(symbol, access), feed)
    else:
        question = Ask(source=SOURCE, code=feed.name, url=feed.address, expects="XML")
        items = access.ask(question, lambda body: parse_feed(body, feed))
    return fresh(items, feed, now=access.now)


def fresh(items: Sequence[Headline], feed: Feed, *, now: datetime) -> list[Headline]:
    """The items that were published by now; raises EmptyAnswer without any, StaleFeed if even the newest is old."""
    there = [item for item in items if item.published <= now + AHEAD]
    if not there:
        raise EmptyAnswer(SOURCE, feed.name)
    newest = max(item.published for item in there)
    if now - newest > timedelta(days=feed.quiet_days):
        raise StaleFeed(SOURCE, feed.name, newest=newest, days=feed.quiet_days)
    return there


def parse_feed(body: bytes, feed: Feed) -> list[Headline]:
    """The items of a document in RSS or Atom that have a title, a link and a date; raises NotData for another."""
    came = beginning(body)
    if b"<!ENTITY" in body.replace(b"\0", b"").upper():  # in UTF-16 every other byte is none
        raise NotData(SOURCE, feed.name, "a document with entities of its own came, which is never read", came=came)
    document = feedparser.parse(BytesIO(body), response_headers={"content-location": feed.address})
    if document.bozo and not body.rstrip().lower().endswith(ENDS) and body.lstrip()[:1] == b"<" and document.version:
        raise NotData(SOURCE, feed.name, "the feed broke off", came=came, truncated=True)
    if not document.version:
        raise NotData(SOURCE, feed.name, "no feed in RSS or Atom came", came=came)
    named = feed.publisher or plain(document.feed.get("title", ""), PUBLISHER)
    found = (_item(entry, feed, named) for entry in document.entries)
    return [item for item in found if item is not None]


def _item(entry: Mapping[str, Any], feed: Feed, publisher: str) -> Headline | None:
    stamp = next((entry[name] for name in ("published_parsed", "updated_parsed") if name in entry), None)
    if not isinstance(stamp, struct_time):
        return None
    try:
        published = datetime.fromtimestamp(calendar.timegm(stamp), UTC)
    except (ValueError, OverflowError):
        return None
    source = (entry.get("source") or {}).get("title", "")
    return headline(entry.get("title", ""), entry.get("link", ""), source or publisher, published, feed)


def parse_yahoo(stream: Iterable[Mapping[str, Any]], feed: Feed) -> list[Headline]:
    """The items of Yahoo's stream of news, as yfinance gives it, that have a title, a link and a date."""
    found = []
    for item in stream:
        content = item.get("content") or {}
        canonical, clicked = content.get("canonicalUrl") or {}, content.get("clickThroughUrl") or {}
        publisher = (content.get("provider") or {}).get("displayName") or feed.publisher or "Yahoo Finance"
        try:
            published = datetime.fromisoformat(str(content.get("pubDate") or ""))
        except ValueError:
            continue
        if published.tzinfo is not None:
            link = str(clicked.get("url") or canonical.get("url") or "")
            found.append(headline(str(content.get("title") or ""), link, publisher, published.astimezone(UTC), feed))
    return [item for item in found if item is not None]


def headline(title: str, link: str, publisher: str, published: datetime, feed: Feed) -> Headline | None:
    """A headline of cleaned words; None where no words, no publisher or no usable link are left."""
    words, owner, address = plain(title, TITLE), plain(publisher, PUBLISHER), link_of(link)
    if not words or not owner or not address:
        return None
    return Headline(
        key=f"news.{identity(address)}",
        title=words,
        link=address,
        publisher=owner,
        published=published,
        feed=feed.name,
        tags=feed.tags,
    )


def merged(items: Iterable[Headline]) -> tuple[Headline, ...]:
    """Each headline once, newest first: of those with the same title or link the oldest, with the tags of all.

    What bears the same title days later is another: "Monetary policy decisions" comes every six weeks.
    """
    kept: list[Headline] = []
    places: dict[str, int] = {}
    for item in sorted(items, key=lambda one: (one.published, one.link, one.feed)):
        marks = (f"title {same_title(item.title, item.publisher)}", item.key)
        place = next((places[mark] for mark in marks if mark in places), None)
        if place is None or item.published - kept[place].published > SAME_STORY:
            place = len(kept)
            kept.append(item)
        else:
            first = kept[place]
            kept[place] = replace(first, tags=tuple(sorted({*first.tags, *item.tags}, reverse=True)))
        places |= dict.fromkeys(marks, place)
    return tuple(sorted(kept, key=lambda one: (one.published, one.key), reverse=True))
