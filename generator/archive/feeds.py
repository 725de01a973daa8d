"""Feeds, site map and robots: what machines read. Identifiers are tag URIs (RFC 4151), which outlive any address."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import escape

from generator.archive import press
from generator.archive.facts import histories
from generator.archive.histories import FOLDER
from generator.archive.values import Content, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.archive.histories import Year
    from generator.archive.values import Correction, Head, Site

NEWEST = 30  # entries of a feed
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def units(
    heads: Sequence[Head], corrections: Sequence[Correction], years: Sequence[Year], site: Site, salt: str
) -> list[Unit]:
    """The feeds and the site map."""
    newest = tuple(reversed(heads[-NEWEST:]))
    near = {one.id: one for one in heads if one.id in {each.edition for each in corrections}}
    feeds = _recipe(salt, repr(site), repr(newest), repr(corrections))
    map_ = _recipe(salt, site.url, repr(corrections), *(repr(head) for head in heads), *(year.key for year in years))
    return [
        Unit(name="(feeds)", recipe=feeds, make=partial(_feeds, newest, tuple(corrections), near, site)),
        Unit(name="(map)", recipe=map_, make=partial(_map, tuple(heads), tuple(corrections), tuple(years), site)),
    ]


def _recipe(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def identifier(head: Head, site: Site) -> str:
    """What names an edition for good: "tag:example.org,2026:capline/2026-03-31-daily"."""
    return f"{site.tag}/{head.id}"


def _feeds(
    newest: tuple[Head, ...], corrections: tuple[Correction, ...], near: Mapping[str, Head], site: Site
) -> Mapping[str, Content]:
    given = {"site": site, "heads": newest, "identifier": identifier, "rfc822": rfc822}
    updated = newest[0].moment if newest else "1970-01-01T00:00:00Z"
    sorted_ = sorted(corrections, key=lambda one: (one.revised, one.id), reverse=True)
    corrected = {"corrections": sorted_, "near": near, "updated": sorted_[0].revised if sorted_ else updated}
    return {
        "atom.xml": press.fragment("site/atom.xml", **given, updated=updated).encode(),
        "rss.xml": press.fragment("site/rss.xml", **given, updated=updated).encode(),
        "feed.json": _json_feed(newest, site),
        "corrections/atom.xml": press.fragment("site/corrections.xml", **given, **corrected).encode(),
    }


def _json_feed(newest: Sequence[Head], site: Site) -> bytes:
    """JSON Feed 1.1."""
    found = {
        "version": "https://jsonfeed.org/version/1.1", "title": site.title, "home_page_url": site.url,
        "feed_url": f"{site.url}feed.json", "language": site.language, "authors": [{"name": site.publisher}],
        "items": [
            {
                "id": identifier(head, site), "url": site.url + head.path, "title": head.headline,
                "content_text": head.standfirst, "summary": head.preheader, "date_published": head.moment,
                "image": f"{site.url}{head.path}card.png", "tags": [head.kind],
                "attachments": [
                    {"url": f"{site.url}{head.path}edition.json", "mime_type": "application/json", "title": "data"},
                    *(
                        {"url": f"{site.url}{head.path}{paper}", "mime_type": "application/pdf", "title": paper}
                        for paper in head.papers
                    ),
                ],
            }
            for head in newest
        ],
    }  # fmt: skip
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def pages(heads: Sequence[Head], corrections: Sequence[Correction], years: Sequence[Year]) -> dict[str, str]:
    """Every page that the site map names, by path, with the moment its words last changed; oldest edition first."""
    revised: dict[str, str] = {}
    for one in sorted(corrections, key=lambda one: one.revised):
        revised[one.edition] = one.revised
    newest: dict[str, str] = {}
    for head in heads:
        when = revised.get(head.id, head.moment)
        newest[head.path] = when
        for path in ("", "archive/", f"{head.year}/", f"{head.year}/{head.day[5:7]}/", f"{head.kind}/",
                     f"{head.kind}/{head.year}/", f"{FOLDER}/"):  # fmt: skip
            newest[path] = max(newest.get(path, ""), head.moment)
    for fact in histories(years):
        newest[f"{FOLDER}/{fact.key}/"] = fact.day
    newest["how-it-is-made/"] = ""
    newest["corrections/"] = max(revised.values(), default="")
    return dict(sorted(newest.items()))


def _map(
    heads: tuple[Head, ...], corrections: tuple[Correction, ...], years: tuple[Year, ...], site: Site
) -> Mapping[str, Content]:
    named = pages(heads, corrections, years)
    entries = "".join(
        f"<url><loc>{escape(site.url + path)}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</url>\n"
        for path, when in named.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    robots = f"User-agent: *\nAllow: /\nSitemap: {site.url}sitemap.xml\n"
    return {"sitemap.xml": f"{head}{entries}</urlset>\n".encode(), "robots.txt": robots.encode()}


def rfc822(moment: str) -> str:
    """A moment as RSS wants it.

    >>> rfc822("2026-03-31T22:00:00Z")
    'Tue, 31 Mar 2026 22:00:00 +0000'
    """
    day = date.fromisoformat(moment[:10])
    return f"{DAYS[day.weekday()]}, {day.day:02} {press.MONTHS[day.month - 1][:3]} {day.year} {moment[11:19]} +0000"
