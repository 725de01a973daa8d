"""A browser for tests: Chromium without a window, driven over its DevTools protocol; keys and clicks are real ones."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
PATIENCE = 20.0  # seconds


class Browser:
    """One tab."""

    def __init__(self, line: ClientConnection) -> None:
        self._line, self._number = line, 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Ask for something; what happens meanwhile is kept in `events`."""
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message: dict[str, Any] = json.loads(self._line.recv(timeout=PATIENCE))
            if message.get("id") == self._number:
                if "navigated" in str(message.get("error", "")):  # the page went away meanwhile: ask the new one
                    return {"result": {"value": None}}
                assert "error" not in message, message
                found: dict[str, Any] = message["result"]
                return found
            self.events.append(message)

    def ask(self, words: str) -> Any:  # noqa: ANN401 -- any value of the page
        """Ask the page for the value of an expression."""
        found = self.call("Runtime.evaluate", expression=words, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, words: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.ask(words):
                return
            time.sleep(0.02)
        message = f"never held: {words}; the page says: {self.text()}"
        raise AssertionError(message)

    def go(self, url: str) -> None:
        """Open an address."""
        self.call("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(url)})")

    def text(self) -> str:
        """Give what the page says."""
        return str(self.ask("document.body ? document.body.innerText : ''"))

    def title(self) -> str:
        """Give the first heading."""
        return str(self.ask("document.querySelector('h1')?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a finger does."""
        box = self.ask(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        where = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **where)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **where)

    def type(self, selector: str, words: str) -> None:
        """Type into a field."""
        self.click(selector)
        self.call("Input.insertText", text=words)

    def press(self, selector: str, heading: str) -> None:
        """Click a button and wait for the page with a heading."""
        self.click(selector)
        self.until(
            f"document.readyState === 'complete' && document.querySelector('h1')?.innerText === {json.dumps(heading)}"
        )

    def look(self, width: int, *, dark: bool = False, scripts: bool = True) -> None:
        """Set the width of the window, light or dark, and whether pages may run scripts."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)

    def picture(self) -> bytes:
        """Photograph the whole page (PNG)."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(found["data"])

    def complaints(self) -> list[str]:
        """List what the browser complained of: policies, errors, scripts, failed requests."""
        found = []
        for event in self.events:
            if event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                found.append(f"{entry['text']} {entry.get('url', '')}".rstrip())
            elif event["method"] in ("Runtime.exceptionThrown", "Network.loadingFailed"):
                found.append(str(event["params"]))
        return found


@contextmanager
def browsing(home: Path) -> Iterator[Browser]:
    """Run a browser with a profile of its own."""
    assert CHROMIUM is not None
    words = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
        "--disable-background-networking", "--disable-dev-shm-usage", f"--user-data-dir={home}", "about:blank",
    ]  # fmt: skip
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_tab(home), max_size=None) as line:
                yield Browser(line)
        finally:
            process.terminate()


def _tab(home: Path) -> str:
    """Where the only tab listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            port = int((home / "DevToolsActivePort").read_text(encoding="ascii").split("\n")[0])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
                tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
        except (OSError, ValueError):
            tabs = []
        if tabs:
            return str(tabs[0]["webSocketDebuggerUrl"])
        time.sleep(0.05)
    message = "the browser did not come up"
    raise AssertionError(message)
