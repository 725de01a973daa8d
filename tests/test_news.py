"""News: what others wrote becomes one line of plain text, dated, attributed, linked, and stands there once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from errand import Errand
from market.loopback import NOW as NOW_THERE
from market.loopback import Loopback

from generator.errors import EmptyAnswer, NotData, StaleFeed
from generator.sources.news import Feed, fresh, headline, merged, parse_feed, parse_yahoo
from generator.sources.quoting import identity, link_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.model import Headline

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
FED = Feed(name="fed", address="https://www.federalreserve.gov/feeds/press_monetary.xml", tags=("stocks",))
COINS = Feed(name="coins", address="https://www.coindesk.com/arc/outboundfeeds/rss/", tags=("crypto",))
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Press Releases</title>{items}</channel></rss>"""
ITEM = "<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate></item>"


def rss(*titles: str, link: str = "https://example.org/{number}", date: str = "Tue, 24 Nov 2026 19:00:00 GMT") -> bytes:
    """Write a feed with one item for each title."""
    items = (
        ITEM.format(title=title, link=link.format(number=number), date=date) for number, title in enumerate(titles)
    )
    return RSS.format(items="".join(items)).encode()


def item(
    title: str = "Fed holds", *, link: str = "https://example.org/1", hours: int = 1, feed: Feed = FED
) -> Headline:
    """Make a headline so many hours old."""
    found = headline(title, link, "Wire", NOW - timedelta(hours=hours), feed)
    assert found is not None
    return found


# --- feeds ------------------------------------------------------------------------------------------------------


def test_an_item_has_title_link_publisher_and_its_moment_in_utc() -> None:
    """The zone of the feed is converted; without a source of its own an item is the feed's."""
    (found,) = parse_feed(rss("Statement on longer-run goals", date="Tue, 24 Nov 2026 14:00:00 -0500"), FED)

    assert (found.title, found.link, found.publisher) == (
        "Statement on longer-run goals",
        "https://example.org/0",
        "Press Releases",
    )
    assert found.published == datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert (found.feed, found.tags) == ("fed", ("stocks",))


def test_atom_is_read_like_rss() -> None:
    """With `updated` where nothing is `published`."""
    body = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry>
    <title type="html">Rates &amp;amp; &lt;b&gt;small caps&lt;/b&gt;</title><link href="https://example.org/a"/>
    <updated>2026-11-24T10:00:00+01:00</updated></entry></feed>"""
    (found,) = parse_feed(body, FED)

    assert found.title == "Rates & small caps"
    assert found.published == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_the_source_an_item_names_is_its_publisher() -> None:
    """An aggregator's item belongs to whoever wrote it."""
    body = rss("Fed holds").replace(b"</item>", b'<source url="https://wire.example.org">The Wire</source></item>')

    assert parse_feed(body, FED)[0].publisher == "The Wire"


def test_an_item_without_a_date_or_a_web_link_is_left_out() -> None:
    """It could be neither dated nor attributed."""
    undated = rss("Undated", date="soon")
    script = rss("Script", link="javascript:alert(1)")

    assert parse_feed(undated, FED) == []
    assert parse_feed(script, FED) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_with_entities_of_its_own_is_refused(encoding: str) -> None:
    """Ten lines of entities can stand for gigabytes; no feed needs any."""
    bomb = (
        rss("&b;")
        .decode()
        .replace("<rss", '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<rss')
        .replace("utf-8", encoding)
    )
    with pytest.raises(NotData, match="entities of its own"):
        parse_feed(bomb.encode(encoding), FED)


def test_a_web_page_is_no_feed() -> None:
    """The error shows its beginning."""
    with pytest.raises(NotData, match="no feed in RSS or Atom") as caught:
        parse_feed(b"<!doctype html><html><p>We will be right back", FED)
    assert caught.value.came.startswith("<!doctype html>")


def test_half_a_feed_is_an_error_that_may_pass() -> None:
    """And not the items that happened to come whole."""
    body = rss("First", "Second", "Third")
    with pytest.raises(NotData) as caught:
        parse_feed(body[: len(body) - 90], FED)
    assert caught.value.truncated


def test_a_feed_of_old_items_is_named() -> None:
    """Eight days after its newest item a feed is stale; after seven it is not, nor where silence is usual."""
    old = parse_feed(rss("Old news"), FED)

    assert fresh(old, FED, now=datetime(2026, 12, 1, 18, 0, tzinfo=UTC)) == old
    with pytest.raises(StaleFeed) as caught:
        fresh(old, FED, now=datetime(2026, 12, 2, 18, 0, tzinfo=UTC))
    assert caught.value.newest == datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert fresh(old, replace(FED, quiet_days=60), now=datetime(2026, 12, 30, tzinfo=UTC)) == old


def test_what_is_dated_after_now_is_not_known_yet() -> None:
    """A feed of nothing else is as good as empty."""
    ahead = parse_feed(rss("Tomorrow", date="Wed, 25 Nov 2026 19:00:00 GMT"), FED)
    with pytest.raises(EmptyAnswer):
        fresh(ahead, FED, now=NOW)


# --- Yahoo ------------------------------------------------------------------------------------------------------


def test_yahoos_stream_gives_headlines_of_their_providers() -> None:
    """The link that a reader would follow is preferred; an item without a date is left out."""
    stream = [
        {
            "id": "1",
            "content": {
                "title": "Small caps lead",
                "pubDate": "2026-11-24T18:30:00Z",
                "provider": {"displayName": "The Wire"},
                "canonicalUrl": {"url": "https://wire.example.org/7"},
                "clickThroughUrl": {"url": "https://finance.yahoo.com/news/7.html?.tsrc=rss"},
            },
        },
        {"id": "2", "content": {"title": "Undated", "canonicalUrl": {"url": "https://wire.example.org/8"}}},
        {"id": "3", "content": None},
    ]
    (found,) = parse_yahoo(stream, Feed(name="yahoo", address="yahoo:^RUT", tags=("stocks",)))

    assert (found.title, found.publisher, found.link) == (
        "Small caps lead",
        "The Wire",
        "https://finance.yahoo.com/news/7.html",
    )
    assert found.published == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


# --- words and links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("S&amp;P 500 &lt;b&gt;up&lt;/b&gt;", "S&P 500 up"),
        ("<script>alert(1)</script>Gold", "Gold"),
        ("<img src=x onerror=alert(1)>Oil", "Oil"),
        ("&amp;lt;i&amp;gt;thrice&amp;lt;/i&amp;gt;", "thrice"),
        ("one\n\ttwo\u00a0three", "one two three"),
        ("evil\u202etxt.exe\x07\x1b[31m", "eviltxt.exe[31m"),
        ("if 2 < 3 and 5 > 4", "if 2 < 3 and 5 > 4"),
        ("open <b", "open"),
        (None, ""),
        ("", ""),
    ],
)
def test_titles_are_plain_text(given: str | None, shown: str) -> None:
    """Markup, however often wrapped, control signs and signs that turn the line around are gone."""
    assert plain(given, 100) == shown


def test_a_long_title_is_cut_at_a_word() -> None:
    """With an ellipsis, and never longer than allowed."""
    assert plain("alpha beta gamma delta", 12) == "alpha beta…"
    assert len(plain("x" * 100_000, 200)) == 200


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "https://user:secret@example.org/",
        "https:///nowhere",
        "//example.org/x",
        "https://exa\nmple.org/",
        "https://localhost/x",
        "https://[::1/",
        "https://example.org/" + "x" * 2000,
        None,
    ],
)
def test_other_links_than_to_a_page_of_the_web_are_none(address: str | None) -> None:
    """Neither scripts nor other schemes nor hidden names and passwords."""
    assert link_of(address) == ""


def test_a_link_holds_nothing_that_could_leave_an_attribute() -> None:
    """Quotation marks and brackets are encoded, whatever the form does."""
    found = link_of("https://example.org/a\"><script>?q='<x>'")

    assert not set(found) & set("\"'<> ")


# --- once -------------------------------------------------------------------------------------------------------


def test_the_same_story_in_two_feeds_stands_once_with_the_tags_of_both() -> None:
    """The older one is kept; case, dashes and the publisher's name at the end make no other story."""
    first = item("Bitcoin hits 100,000 - Wire", link="https://wire.example.org/1", hours=3)
    second = item("BITCOIN HITS 100,000", link="https://coins.example.org/2", hours=2, feed=COINS)
    (kept,) = merged([second, first])

    assert kept.link == "https://wire.example.org/1"
    assert kept.tags == ("stocks", "crypto")


def test_the_same_page_under_two_titles_stands_once() -> None:
    """A page is the same with or without www, a slash at the end and what follows its readers."""
    one = item("Early title", link="https://www.example.org/story/?utm_source=rss", hours=2)
    two = item("Later title", link="http://example.org/story", hours=1)

    assert [kept.title for kept in merged([one, two])] == ["Early title"]
    assert one.key == two.key


def test_the_same_title_weeks_later_is_another_story() -> None:
    """Central banks give each decision the same title."""
    decisions = [
        item("Monetary policy decisions", link=f"https://example.org/{day}", hours=24 * day) for day in (1, 43)
    ]

    assert len(merged(decisions)) == 2


def test_the_newest_stands_first_whatever_the_order_of_the_feeds() -> None:
    """So that two runs print the same."""
    items = [item(f"Story {hours}", link=f"https://example.org/{hours}", hours=hours) for hours in (5, 1, 3)]

    assert merged(items) == merged(reversed(items))
    assert [one.title for one in merged(items)] == ["Story 1", "Story 3", "Story 5"]


def test_a_key_is_the_same_in_every_run() -> None:
    """It depends on the page alone; the figures of a quoted title are told from ours by it."""
    assert (
        item("Fed cuts by 25").key == item("Fed cuts by 50", hours=9).key == f"news.{identity('http://example.org/1')}"
    )


# --- over the wire, from the loopback market ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Errand]:
    """A child and its market."""
    with Loopback() as loopback, Errand(loopback, tmp_path_factory.mktemp("errand")) as errand:
        yield errand


@pytest.fixture
def errand(child: Errand) -> Errand:
    """The child, its market without faults."""
    child.loopback.clear()
    child.loopback.now = NOW_THERE
    return child


@pytest.mark.parametrize(
    "address",
    [
        "https://www.cnbc.com/id/20910258/device/rss/rss.html",
        "https://news.example.com/atom.xml",
        "https://www.federalreserve.gov/feeds/press_monetary.xml",
    ],
)
def test_feeds_in_rss_and_atom_are_read(errand: Errand, address: str) -> None:
    """Every item has a moment by now, words without markup and a link."""
    errand.loopback.now = datetime(2026, 10, 29, 12, 0, tzinfo=UTC)  # the day after a decision
    told = errand.ask("news", address, seconds=5)["rows"]["news"]

    assert told
    assert all(moment <= "2026-10-29T12:00" for moment, _, _ in told)
    assert all(link.startswith("https://") for _, _, link in told)
    assert not [title for _, title, _ in told if "&amp;" in title or "<b>" in title]


def test_all_feeds_together_give_each_headline_once(errand: Errand) -> None:
    """Newest first, the same in every run; those that fail are named and cost the others nothing."""
    errand.loopback.fault("html", host="www.cnbc.com")
    first, again = (errand.ask("gather", seconds=5) for _ in range(2))
    told = first["rows"]["news"]

    assert first == again
    assert first["errors"] == {"CNBC, economy": "NotData"}
    assert {feed for *_, feed in told} > {"CoinDesk", "Yahoo Finance, Russell 2000"}
    assert [moment for moment, *_ in told] == sorted((moment for moment, *_ in told), reverse=True)
    assert len({link for _, _, link, _ in told}) == len(told)


def test_a_feed_left_standing_is_named_over_the_wire_too(errand: Errand) -> None:
    """It answers well, with items of last year."""
    assert errand.ask("news", "https://feeds.a.dj.com/rss/RSSMarketsMain.xml")["error"] == "StaleFeed"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", "RateLimited"),
        ("500", "RefusedBySource"),
        ("html", "NotData"),
        ("truncated", "NotData"),
        ("nothing", "NotData"),
        ("bomb", "NotData"),
        ("huge", "TooLarge"),
        ("hang", "TimedOut"),
        ("empty", "EmptyAnswer"),
        ("error", "RefusedBySource"),
    ],
)
def test_a_feed_fails_by_name(errand: Errand, kind: str, error: str) -> None:
    """And is tried again where it may pass."""
    errand.loopback.fault(kind, host="www.cnbc.com", seconds=2)
    told = errand.ask("news", "https://www.cnbc.com/id/20910258/device/rss/rss.html", seconds=0.6, budget=15)

    assert told.get("error") == error, told


# --- at rest ----------------------------------------------------------------------------------------------------


LIVE = {"yfinance", "curl_cffi", "fredapi", "feedparser"}


def loaded(*arguments: str, cwd: Path) -> set[str]:
    """Run Python in a child, and list the libraries of the live sources that it loaded."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "generator" in names
    return LIVE & names


def test_feeds_are_read_without_yfinance(tmp_path: Path) -> None:
    """Whoever reads no news of Yahoo does not load its library."""
    assert loaded("-c", "import generator.sources.news", cwd=tmp_path) == {"feedparser"}


def test_a_letter_from_the_sample_loads_none_of_the_live_sources(tmp_path: Path) -> None:
    """Its build takes no longer because of them."""
    assert loaded("-m", "generator", "build", "--format", "json", cwd=tmp_path) == set()
