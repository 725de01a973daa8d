"""The archive in a real browser: axe finds nothing wrong with any kind of page, by day and by night."""

from __future__ import annotations

import functools
import json
import threading
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import files
from typing import TYPE_CHECKING

import browser
import pytest
from archives import CORRECTION, MOVES, SITE, Office, put, undrawn
from browser import Browser, browsing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium here (Debian's chromium)")

PAGES = (
    "", "archive/", "2026/", "2026/03/", "daily/", "daily/2026/", "2026/03/31-daily/", "2026/03/30-daily/",
    "2026/03/31-daily/evidence.html", "facts/", "facts/size.return.small.1s/", "corrections/", "how-it-is-made/",
    "search/", "404.html",
)  # fmt: skip
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that night may break and day does not
FOUND = """axe.run(document, {runOnly: {type: %s, values: %s}}).then(found => JSON.stringify(
  found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120) + ' ' + node.any.concat(node.all,
  node.none).map(check => check.message).join(' '))])))"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep it to itself."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an archive of five letters, one corrected, below the path that its settings name."""
    office = Office(tmp_path_factory.mktemp("archive"))
    for id_, move in MOVES.items():
        put(office.editions, id_, move)
    with undrawn():
        office.publish(replace(SITE, searched=True), corrections=(CORRECTION,))
    root = office.place / "root"
    root.mkdir()
    (root / SITE.base.strip("/")).symlink_to(office.site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{SITE.base}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run one browser for the tests of this module."""
    with browsing(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def axe() -> str:
    """Give the script of axe, out of the package that brings it."""
    (script,) = (one for one in files("axe-playwright-python") or () if one.name == "axe.min.js")
    text = script.read_text(encoding="utf-8")
    assert text.startswith("/*! axe v4.")
    return text


def violations(tab: Browser, kind: str, values: list[str]) -> object:
    """What axe, which the page has been given, finds there."""
    words = FOUND % (json.dumps(kind), json.dumps(values))
    found = tab.call("Runtime.evaluate", expression=words, awaitPromise=True, returnByValue=True)["result"]
    return json.loads(found["value"])


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(address: str, tab: Browser, axe: str, page: str) -> None:
    """WCAG 2.2 up to AA, as far as a machine can tell, and what is good practice; colours by day and by night."""
    tab.look(1200)
    tab.go(address + page)
    tab.ask(f"{axe}; undefined")
    assert violations(tab, "tag", LEVELS) == []
    tab.look(1200, dark=True)
    assert violations(tab, "rule", COLOURS) == []
    tab.look(360)
    assert violations(tab, "rule", ["target-size", "scrollable-region-focusable", "meta-viewport"]) == []


def test_axe_would_find_something(tab: Browser, axe: str, tmp_path: Path) -> None:
    """A picture without words, grey on grey, and a target too small for a finger."""
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><html lang='en'><head><title>x</title></head><body><main><h1>x</h1><img src='x.png'>"
        "<p style='color: #999; background: #888'>grey</p><p><button style='width: 9px; height: 9px; padding: 0'>x"
        "</button><button style='width: 9px; height: 9px; padding: 0'>y</button></p></main></body></html>",
        encoding="utf-8",
    )
    tab.look(1200)
    tab.go(page.as_uri())
    tab.ask(f"{axe}; undefined")

    assert {one[0] for one in violations(tab, "tag", LEVELS)} >= {"image-alt", "color-contrast", "target-size"}  # type: ignore[attr-defined]


def test_the_search_finds_letters_under_its_strict_policy(address: str, tab: Browser) -> None:
    """Words are typed, letters come, and each leads to its page; without scripts the page leads to the indexes."""
    tab.look(1200)
    tab.events.clear()
    tab.go(f"{address}search/")
    tab.until("!document.querySelector('#search').hidden")
    tab.type("#words", "small")
    tab.until("document.querySelectorAll('#results li').length")
    first = tab.ask("document.querySelector('#results a').href")

    assert tab.complaints() == []
    assert "letter" in tab.ask("document.querySelector('#found').textContent")
    assert first.startswith(address)
    assert first.removeprefix(address)[:2] == "20"
    tab.go(first)
    assert tab.title()
    tab.look(1200, scripts=False)
    tab.go(f"{address}search/")
    assert tab.ask("document.querySelector('#search').hidden")
    assert "by year, month and kind" in tab.text()
    tab.look(1200)


def test_the_browser_complains_of_nothing(address: str, tab: Browser) -> None:
    """No page breaks its own policy, and nothing it asks for is missing, its picture in the tab included."""
    tab.look(1200)
    for page in PAGES:
        tab.events.clear()
        tab.go(address + page)
        assert tab.complaints() == [], page
