"""News hosts: RSS and Atom feeds of headlines, with markup, doubles across papers, and one feed long dead."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from market.desk import Reply
from market.headlines import headlines

if TYPE_CHECKING:
    from market.desk import Desk, Request
    from market.headlines import Headline

HOSTS = (
    "www.cnbc.com", "www.coindesk.com", "cointelegraph.com", "www.sec.gov", "feeds.a.dj.com",
    "feeds.content.dowjones.io",
    "news.example.com",
)  # fmt: skip
TITLES = {
    "markets": "Markets",
    "crypto": "Crypto",
    "fed": "FRB: Press Release - Monetary Policy",
    "ecb": "ECB - Press releases",
}
PAGES = {  # host: topic, whether Atom, days behind
    "www.cnbc.com": ("markets", False, 0),
    "www.coindesk.com": ("crypto", False, 0),
    "cointelegraph.com": ("crypto", False, 0),
    "www.sec.gov": ("markets", False, 0),
    "feeds.a.dj.com": ("markets", False, 400),  # a zombie: it answers, with items of last year
    "feeds.content.dowjones.io": ("markets", False, 400),
    "news.example.com": ("markets", True, 0),
}


def names(_request: Request) -> frozenset[str]:
    """Feeds know no codes."""
    return frozenset()


def answer(request: Request, desk: Desk) -> Reply:
    """Any path of a news host is its feed."""
    if desk.fault("error"):
        return Reply(status=404, body=b"<html><title>404</title></html>", kind="text/html")
    topic, atom, behind = PAGES.get(request.host, ("markets", False, 0))
    return feed(topic, desk, atom=atom, behind=behind)


def feed(topic: str, desk: Desk, *, atom: bool = False, behind: int = 0) -> Reply:
    """The feed of a topic, newest first."""
    subject = "fed" if topic in {"fed", "ecb"} else topic
    items = headlines(desk.now - timedelta(days=behind), subject)[:40] if desk.fault("empty") is None else []
    if desk.fault("duplicate"):
        items = items[:1] + items
    if atom:
        return Reply(body=_atom(TITLES[topic], items).encode(), kind="application/atom+xml; charset=utf-8")
    return Reply(body=_rss(TITLES[topic], items).encode(), kind="application/rss+xml; charset=utf-8")


def _rss(title: str, items: list[Headline]) -> str:
    entries = "".join(
        f"<item><title>{escape(each.title)}</title><link>{escape(each.link)}</link>"
        f'<guid isPermaLink="false">{each.key}</guid><pubDate>{format_datetime(each.published)}</pubDate>'
        f"<description><![CDATA[<p>{escape(each.summary)}</p>]]></description></item>\n"
        for each in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://www.example.com/</link><description>{escape(title)}</description>\n"
        f"{entries}</channel></rss>\n"
    )


def _atom(title: str, items: list[Headline]) -> str:
    entries = "".join(
        f'<entry><title type="html">{escape(escape(each.title))}</title><link href="{escape(each.link)}"/>'
        f"<id>urn:uuid:{each.key}</id><updated>{each.published:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<author><name>{escape(each.publisher)}</name></author><summary>{escape(each.summary)}</summary></entry>\n"
        for each in items
    )
    updated = f"{items[0].published:%Y-%m-%dT%H:%M:%SZ}" if items else "2026-01-01T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(title)}</title><id>urn:market</id><updated>{updated}</updated>\n{entries}</feed>\n"
    )
