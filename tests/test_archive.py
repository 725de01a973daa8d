"""The archive: what stands on its pages and in its feeds, and that every link inside leads somewhere."""

from __future__ import annotations

import csv
import json
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urldefrag, urljoin
from xml.etree import ElementTree as ET

import feedparser
import pytest
from archives import CORRECTION, MOVES, SITE, Office, put, undrawn
from lxml import etree
from pydantic import BaseModel, ConfigDict
from tinyhtml5.parser import HTMLParser as Strict

from generator.archive import facts, indexes
from generator.errors import BadSetting

ATOM = "{http://www.w3.org/2005/Atom}"
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An archive of five letters and one correction."""
    made = Office(tmp_path_factory.mktemp("archive"))
    for id_, move in MOVES.items():
        put(made.editions, id_, move)
    with undrawn():
        made.publish(corrections=(CORRECTION,))
    return made


class Links(HTMLParser):
    """The addresses in a page, its anchors, and what its policy would have to allow."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        outer = tag == "link" and found.get("rel") == "canonical"
        self.links += [found[name] or "" for name in ("href", "src") if name in found and not outer]
        self.anchors |= {found["id"] or ""} if "id" in found else set()
        if tag == "style" or "style" in found or any(name.startswith("on") for name in found):
            self.inline.append(self.get_starttag_text() or "")
        if tag == "script" and found.get("type") != "application/ld+json" and "src" not in found:
            self.inline.append("script")


def pages(office: Office) -> dict[str, str]:
    """Every page by its path."""
    return {path: content.decode() for path, content in office.files().items() if path.endswith(".html")}


def test_no_link_inside_is_dead(office: Office) -> None:
    """Every link, picture, style and anchor of every page leads to a file of the site; none leads to another host."""
    files = office.files()
    read = {path: Links(text) for path, text in pages(office).items()}
    for path, page in read.items():
        for link in page.links:
            target, anchor = urldefrag(urljoin(SITE.url + path, link))
            assert target.startswith(SITE.url), f"{path}: {link}"
            inner = unquote(target.removeprefix(SITE.url))
            inner = normpath(inner + "index.html" if inner.endswith("/") or not inner else inner)
            assert inner in files, f"{path}: {link}"
            if anchor and inner in read:
                assert anchor in read[inner].anchors, f"{path}: {link}"


def test_pages_are_valid_html(office: Office) -> None:
    """The parser of the HTML standard finds nothing wrong in any page."""
    for path, text in pages(office).items():
        strict = Strict()
        strict.parse(text)
        assert strict.errors == [], path


def test_no_page_needs_an_exception_from_its_policy(office: Office) -> None:
    """No inline style, script or handler; the policy allows the own origin only."""
    for path, text in pages(office).items():
        assert Links(text).inline == [], path
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "http" not in policy


def test_comments_open_the_policy_on_letters_only_and_only_when_asked(tmp_path: Path, office: Office) -> None:
    """With giscus configured a letter may reach giscus.app; no other page may, and without it none."""
    other = Office(tmp_path)
    (tmp_path / "editions").symlink_to(office.editions)
    with undrawn():
        other.publish(replace(SITE, comments=("capline/talk", "R_1", "Letters", "DIC_1")))
    reaching = {path for path, text in pages(other).items() if "giscus" in text}

    assert reaching == {f"{id_[:4]}/{id_[5:7]}/{id_[8:]}/index.html" for id_ in MOVES}
    assert not [path for path, text in pages(office).items() if "giscus" in text]


def test_home_is_the_newest_letter_in_full(office: Office) -> None:
    """With its sentences and figures, which lead to its evidence, and the headlines before it."""
    home = office.page("")

    assert 'id="s-1"' in home
    assert 'href="2026/03/31-daily/evidence.html#fact-size.relative.5s"' in home
    assert '<link rel="canonical" href="https://letters.example/capline/">' in home
    assert home.count('class="to"') == 4


def test_a_letter_names_its_neighbours_of_all_and_of_its_kind(office: Office) -> None:
    """Between the daily letters of 27 and 30 March lies the weekly one of the 27th."""
    page = office.page("2026/03/30-daily")

    assert '<link rel="prev" href="../../../2026/03/27-weekly/">' in page
    assert '<link rel="next" href="../../../2026/03/31-daily/">' in page
    assert "The daily letter before" in page
    assert page.index("2026/03/27-daily/") > 0


def test_a_letter_links_its_files_and_its_address(office: Office) -> None:
    """PDF, text and edition.json lie beside it; what is not there is not linked."""
    page = office.page("2026/03/31-daily")

    assert '<link rel="canonical" href="https://letters.example/capline/2026/03/31-daily/">' in page
    for name in ("letter-a4.pdf", "letter.txt", "edition.json", "evidence.html"):
        assert f'href="{name}"' in page
    assert "letter-letter.pdf" not in page
    assert (office.site / "2026/03/31-daily/edition.json").read_bytes() == (
        office.editions / "2026-03-31-daily" / "edition.json"
    ).read_bytes()


def test_search_engines_read_what_a_letter_is(office: Office) -> None:
    """JSON-LD: a report with a data set whose file is its edition.json."""
    (said,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', office.page("2026/03/31-daily"))
    found = json.loads(said)

    assert found["@type"] == "Report"
    assert found["datePublished"] == "2026-03-31T22:00:00Z"
    assert found["subjectOf"]["distribution"]["contentUrl"].endswith("/capline/2026/03/31-daily/edition.json")


def test_the_calendar_says_each_day_in_words_and_with_its_sign(office: Office) -> None:
    """3.65% is +3.7 on the strongest blue; −0.9 is a light rust, 0.1 neither; a day without a letter has its number."""
    month = office.page("2026/03")

    assert '<td class="day up2"><a href="../../2026/03/31-daily/">' in month
    assert re.search(r'day down"><a [^>]*><span class="number">30</span>.*?small caps </span>−0.9<', month)
    assert re.search(r'day flat"><a [^>]*><span class="number">27</span>.*?href="../../2026/03/27-weekly/"', month)
    assert '<td class="bare">26</td>' in month


def test_a_day_on_which_nobody_traded_shows_the_kind_of_its_letter(tmp_path: Path) -> None:
    """The Fed cut on Sunday, 15 March 2020: its letter tells of Friday's return, which is not one of that day."""
    made = Office(tmp_path)
    put(made.editions, "2020-03-13-daily", 7.35)
    put(made.editions, "2020-03-15-decision", 7.35)
    with undrawn():
        made.publish()
    month = made.page("2020/03")

    assert re.search(r'day up2"><a [^>]*><span class="number">13</span>.*?small caps </span>\+7.4<', month)
    assert re.search(r'day none"><a [^>]*><span class="number">15</span> <span class="other">decision</span>', month)
    assert [line.count("small caps ") for line in month.splitlines() if 'class="when"' in line] == [0, 1]


def test_a_saturday_has_a_column_only_when_it_has_a_letter() -> None:
    """March 2026 begins on a Sunday: its first week has no day to show."""
    assert [day.number for day in indexes.weeks(2026, 3, [])[0]] == [2, 3, 4, 5, 6]


def colours(scheme: int) -> dict[str, str]:
    """The colours of the letter's style sheet, by day or by night."""
    style = (Path(__file__).parents[1] / "templates" / "web" / "page.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--(\w+): (#\w{6})", re.findall(r":root \{([^}]*)\}", style)[scheme]))


def luminance(colour: tuple[float, ...]) -> float:
    """Give the relative luminance of an sRGB colour (WCAG 2.2, 1.4.3)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("mixed", ["small", "large"])
@pytest.mark.parametrize("share", [0.18, 0.42])
def test_words_on_the_calendar_keep_their_contrast(scheme: int, mixed: str, share: float) -> None:
    """The ink stands out 4.5 to 1 from every colour of the calendar, by day and by night."""
    found = colours(scheme)
    ink, paper, tint = (
        tuple(int(found[name][place : place + 2], 16) / 255 for place in (1, 3, 5)) for name in ("ink", "paper", mixed)
    )
    ground = tuple(share * one + (1 - share) * other for one, other in zip(tint, paper, strict=True))
    high, low = sorted((luminance(ink), luminance(ground)), reverse=True)

    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_fact_has_a_page_with_its_history_and_who_printed_it(office: Office) -> None:
    """Definition, formula and unit; a chart that says its ends and extremes; what was printed, newest first."""
    page = office.page("facts/size.return.small.1s")

    assert "close over close, less 1" in page
    assert (
        "5 editions from 31 December 2025 to 31 March 2026; lowest −2.0%, highest 3.7%, newest 3.7%." in page
    )  # 3.65 rounds half away from zero
    printed = office.page("facts/size.small.5s")
    assert re.findall(r'<li><a href="../../(\d{4}/\d\d/\d\d-\w+)/">', printed) == [
        "2026/03/31-daily", "2026/03/30-daily", "2026/03/27-weekly", "2026/03/27-daily", "2025/12/31-daily"
    ]  # fmt: skip


def test_the_data_of_a_fact_are_the_same_as_csv_and_json(office: Office) -> None:
    """One row for each edition of the year, with the unrounded value and the words."""
    folder = office.site / "facts" / "size.return.small.1s"
    plain = json.loads((folder / "2026.json").read_text(encoding="utf-8"))
    with (folder / "2026.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)

    assert head == plain["columns"] == ["edition", "as_of", "value", "printed"]
    assert [[cell if isinstance(cell, str) else repr(cell) for cell in row] for row in plain["rows"]] == rows
    assert [(row[0], row[2]) for row in plain["rows"]] == [(id_, MOVES[id_]) for id_ in MOVES if id_ > "2026"]


def test_ticks_span_what_they_measure() -> None:
    """Round steps from below the lowest to above the highest value."""
    for low, high in ((-0.004, 0.0171), (3.2, 3.3), (-1200.0, 560.0)):
        steps = facts.ticks(low, high)
        assert steps[0] <= low
        assert steps[-1] >= high
        assert 3 <= len(steps) <= 7


# --- feeds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["atom.xml", "corrections/atom.xml"])
def test_atom_is_valid(office: Office, feed: str) -> None:
    """By a RELAX NG schema after RFC 4287, appendix B."""
    schema = etree.RelaxNG(etree.parse(DATA / "atom.rng"))
    found = etree.fromstring((office.site / feed).read_bytes())

    assert schema.validate(found), schema.error_log
    assert not schema.validate(etree.fromstring(b'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id></feed>'))


@pytest.mark.parametrize("feed", ["atom.xml", "rss.xml", "corrections/atom.xml"])
def test_a_reader_of_feeds_finds_nothing_wrong(office: Office, feed: str) -> None:
    """Feedparser reads each without its sign of a malformed feed."""
    found = feedparser.parse((office.site / feed).read_bytes())

    assert not found.bozo
    assert found.entries


class Item(BaseModel):
    """An item of JSON Feed 1.1, as far as ours go."""

    model_config = ConfigDict(extra="forbid")
    id: str
    url: str
    title: str
    content_text: str
    summary: str
    date_published: str
    image: str
    tags: list[str]
    attachments: list[dict[str, str]]


class Feed(BaseModel):
    """JSON Feed 1.1."""

    model_config = ConfigDict(extra="forbid")
    version: str
    title: str
    home_page_url: str
    feed_url: str
    language: str
    authors: list[dict[str, str]]
    items: list[Item]


def test_json_feed_has_what_its_standard_asks_for(office: Office) -> None:
    """Version 1.1, items with string ids, newest first."""
    feed = Feed.model_validate_json((office.site / "feed.json").read_bytes())

    assert feed.version == "https://jsonfeed.org/version/1.1"
    assert [item.id.rsplit("/", 1)[1] for item in feed.items] == list(MOVES)[::-1]


def test_identifiers_outlive_the_address(tmp_path: Path, office: Office) -> None:
    """At another address the entries keep their ids, in all three feeds."""
    other = Office(tmp_path)
    (tmp_path / "editions").symlink_to(office.editions)
    with undrawn():
        other.publish(replace(SITE, url="https://elsewhere.example/"))

    def ids(one: Office) -> list[list[str | None]]:
        atom, rss = (ET.fromstring((one.site / name).read_bytes()) for name in ("atom.xml", "rss.xml"))  # noqa: S314 -- our own
        plain = json.loads((one.site / "feed.json").read_bytes())
        return [
            [found.text for found in atom.iter(f"{ATOM}id")],
            [found.text for found in rss.iter("guid")],
            [found["id"] for found in plain["items"]],
        ]

    assert ids(office) == ids(other)
    assert ids(office)[1][0] == "tag:letters.example,2026:capline/2026-03-31-daily"


def test_the_site_map_tells_when_words_last_changed(office: Office) -> None:
    """A letter at its moment, a corrected one when it was corrected; every page it names is there."""
    spaces = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    entries = ET.fromstring((office.site / "sitemap.xml").read_bytes()).findall("m:url", spaces)  # noqa: S314 -- our own
    told = {one.findtext("m:loc", "", spaces): one.findtext("m:lastmod", "", spaces) for one in entries}
    files = office.files()

    assert told[f"{SITE.url}2026/03/31-daily/"] == "2026-03-31T22:00:00Z"
    assert told[f"{SITE.url}2026/03/30-daily/"] == CORRECTION.revised
    assert told[f"{SITE.url}2025/"] == "2025-12-31T22:00:00Z"
    assert {address.removeprefix(SITE.url) + "index.html" for address in told} <= files.keys()
    assert b"Sitemap: https://letters.example/capline/sitemap.xml" in files["robots.txt"]


# --- corrections ------------------------------------------------------------------------------------------------


def test_a_correction_is_told_on_the_letter_on_its_page_and_in_its_feed(office: Office) -> None:
    """Both values with both dates; the letter's own sentence stands as it was printed."""
    page = office.page("corrections")
    letter = office.page("2026/03/30-daily")
    feed = (office.site / "corrections" / "atom.xml").read_text(encoding="utf-8")

    for words in (
        "“rose 1.9%”, from what was known on 30 March 2026",
        "“rose 2.4%”, from what became known on 4 May 2026",
    ):
        assert words in page
    assert "revised &amp; is larger" in letter
    assert f'href="../../../corrections/#{CORRECTION.id}"' in letter
    assert "Corrected since" not in office.page("2026/03/31-daily")
    assert f"<id>{SITE.tag}/corrections/{CORRECTION.id}</id>" in feed


# --- pictures and search ----------------------------------------------------------------------------------------


def test_a_card_has_the_size_that_others_ask_for(tmp_path: Path) -> None:
    """1200 by 630 pixels, whatever the length of the headline."""
    office_ = Office(tmp_path)
    put(office_.editions, "2026-03-31-daily", 3.65)
    office_.publish()
    png = (office_.site / "2026/03/31-daily/card.png").read_bytes()

    assert struct.unpack(">II", png[16:24]) == (1200, 630)


def test_the_site_has_an_icon_of_its_own(office: Office) -> None:
    """Every page names it, as a drawing and as a picture of 180 by 180 pixels."""
    files = office.files()

    assert ET.fromstring(files["icon.svg"]).get("viewBox") == "0 0 32 32"  # noqa: S314 -- our own
    assert struct.unpack(">II", files["icon.png"][16:24]) == (180, 180)
    for path, text in pages(office).items():
        assert (
            len(re.findall(r'<link rel="(?:icon|apple-touch-icon)"[^>]*href="[^"]*icon\.(?:svg|png)">', text)) == 2
        ), path


def test_search_without_pagefind_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(BadSetting, match="pagefind"):
        Office(tmp_path).publish(replace(SITE, searched=True))


def test_the_search_page_works_without_search_and_script(office: Office) -> None:
    """It leads to the index; only with search on does its policy allow a script and WebAssembly."""
    assert 'href="../archive/"' in office.page("search")
    assert "<script" not in office.page("search")


def test_pagefind_indexes_the_letters(tmp_path: Path) -> None:
    """Its index lies beside, and the page of the search may run it."""
    office_ = Office(tmp_path)
    put(office_.editions, "2026-03-31-daily", 3.65)
    with undrawn():
        office_.publish(replace(SITE, searched=True))

    assert (office_.site / "pagefind" / "pagefind.js").exists()
    assert "script-src 'self' 'wasm-unsafe-eval'" in office_.page("search")
