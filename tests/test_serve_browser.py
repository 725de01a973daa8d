"""The web application in a real browser: with scripts forbidden, on a small and a large screen, by day and by night."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import browser
import mailroom
import pytest
from browser import Browser, browsing
from house import KEY, House, open_house
from test_serve import leave_link, link

from generator.deliver import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium here (Debian's chromium)")

# The least contrast of any text on the page, by the formula of WCAG 2.2, and which text that is.
CONTRAST = """(() => {
  const light = c => { const v = c.map(x => x / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const rgb = s => s.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  let least = [99, ''];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walk.nextNode();) {
    if (!node.data.trim()) continue;
    const e = node.parentElement, [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(behind(e))];
    const found = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (found < least[0]) least = [found, node.data.trim()];
  }
  return least })()"""
# What is too small for a finger or has no name: controls of less than 24 pixels, and fields without a label.
CLUMSY = """[...document.querySelectorAll('input:not([type=hidden]), button, select')].filter(e => {
  const box = (e.closest('label') ?? e).getBoundingClientRect();
  return box.height < 24 || box.width < 24 || !(e.labels?.length || e.innerText) }).map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run the application with some readers."""
    folder = tmp_path_factory.mktemp("house")
    mailroom.fill(folder / "readers.sqlite", 10)
    with open_house(folder, per_network=1_000, languages=["en", "de"]) as house:
        yield house


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run one browser for the tests of this module."""
    with browsing(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def tab(process: Browser) -> Browser:
    """Give the tab, with nothing complained of yet."""
    process.look(1280)
    process.events.clear()
    return process


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_signs_up_chooses_and_leaves(running: House, tab: Browser, *, scripts: bool) -> None:
    """All the way by keys and clicks, scripts allowed or not; the browser has nothing to complain of."""
    before, who = len(running.inbox.taken), f"by.hand.{scripts}@example.org".lower()
    tab.look(390, scripts=scripts)
    tab.go(running.url + "/")
    tab.type("#address", who)
    tab.click("input[value=weekly]")
    tab.press("button", "Look into your mailbox")
    tab.go(running.url + running.link(before + 1))
    assert running.rows("SELECT count(*) FROM reader WHERE key = ?", who) == [(0,)]
    tab.press("button", "You are on the list")
    number, frequency = running.rows("SELECT id, frequency FROM reader WHERE key = ?", who)[0]
    assert frequency == "weekly"

    tab.go(running.url + link(tokens.UNSUBSCRIBE, number, who))
    assert tab.title() == "Leave the list?"
    tab.press("main a", "Your letters")
    assert tab.ask("document.querySelector('input:checked').value") == "weekly"
    tab.click("input[value=decisions]")
    tab.click("button")
    tab.until("document.querySelector('[role=status]') !== null")
    assert running.rows("SELECT frequency FROM reader WHERE id = ?", number) == [("decisions",)]
    tab.press("main .note a", "Leave the list?")
    tab.press("button", "You are off the list")
    assert running.rows("SELECT reason FROM suppression WHERE key = ?", who) == [("unsubscribed",)]
    assert tab.complaints() == []


def test_a_form_of_another_site_signs_nobody_up(running: House, tab: Browser, tmp_path: Path) -> None:
    """It leads to our form, filled in; only a click there counts. Nor can our pages be put into a frame."""
    before = len(running.inbox.taken)
    evil = tmp_path / "evil.html"
    evil.write_text(
        f'<form method="post" action="{running.url}/subscribe"><input name="address" value="victim@example.org">'
        f'<input name="frequency" value="daily"></form><iframe src="{running.url}/"></iframe>'
        "<script>setTimeout(() => document.forms[0].submit(), 500)</script>",
        encoding="utf-8",
    )
    tab.call("Page.navigate", url=evil.as_uri())
    tab.until("document.querySelector('[role=status]') !== null")

    assert any("frame-ancestors" in words for words in tab.complaints())
    assert tab.ask("document.querySelector('#address').value") == "victim@example.org"
    assert running.rows("SELECT count(*) FROM signup WHERE key = 'victim@example.org'") == [(0,)]
    tab.press("button", "Look into your mailbox")
    assert running.mails(before + 1)[-1][0] == "victim@example.org"


def test_a_script_that_got_in_would_not_run(running: House, tab: Browser) -> None:
    """The policy stops it, and whatever it would load from elsewhere."""
    tab.go(running.url + "/")
    tab.ask(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.got = 1\">"
        "<style>h1 { display: none }</style>');"
        "document.body.appendChild(Object.assign(document.createElement('script'), {text: 'window.got = 1'})); 0"
    )
    tab.until("true")
    assert tab.ask("window.got ?? 0") == 0
    assert tab.ask("getComputedStyle(document.querySelector('h1')).display") == "block"
    assert len([words for words in tab.complaints() if "Content Security Policy" in words]) >= 2


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_can_be_read(running: House, tab: Browser, width: int, *, dark: bool) -> None:
    """In the letter's type, nothing cut off, every text at a contrast of 4.5 to 1, every control big and named."""
    tab.look(width, dark=dark)
    pages = {
        "sign-up": "/", "leave": leave_link(1), "choose": link(tokens.PREFER, 1, "r1@example.org"), "wrong": "/u/x",
        "confirm": _pending(running),
    }  # fmt: skip
    for name, path in pages.items():
        tab.go(running.url + path)
        _read(tab, name, width, dark=dark)
    tab.go(running.url + "/")
    tab.ask("document.querySelector('form').noValidate = true")
    tab.type("#address", "nobody")
    tab.click("button")
    tab.until("document.querySelector('[role=alert]') !== null")
    _read(tab, "refused", width, dark=dark)


def _pending(running: House) -> str:
    """Give the path of a link to confirm."""
    running.sign_up("pending@example.org")
    number = running.rows("SELECT id FROM signup WHERE key = 'pending@example.org'")[0][0]
    return link(tokens.CONFIRM, number, "pending@example.org", key=KEY)


def _read(tab: Browser, name: str, width: int, *, dark: bool) -> None:
    tab.until("document.fonts.status === 'loaded'")
    if folder := os.environ.get("CAPLINE_PICTURES"):
        Path(folder, f"{name}-{width}-{'dark' if dark else 'light'}.png").write_bytes(tab.picture())
    least, words = tab.ask(CONTRAST)
    assert least >= 4.5, (name, words)
    assert tab.ask("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert tab.ask(CLUMSY) == [], name
    assert tab.ask("document.querySelectorAll('h1').length") == 1
    assert tab.ask("document.fonts.check('600 30px Newsreader') && document.fonts.check('14px Inter')")
    ground = tab.ask("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == ("rgb(21, 25, 30)" if dark else "rgb(255, 253, 248)")
