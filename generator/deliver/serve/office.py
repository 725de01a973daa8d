"""The office: what every page needs, and the pages themselves, set in the letter's own type."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.render.sheets import environment, stylesheet
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from generator.config import Settings
    from generator.deliver.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Settings, the book for one thread at a time, the key and the clock."""

    settings: Settings
    connection: Book
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def book(self) -> Iterator[Book]:
        """The book for oneself."""
        with self.lock:
            yield self.connection

    @property
    def url(self) -> str:
        """How the world sees us, without a slash at its end."""
        return self.settings.serve.url.rstrip("/")

    def page(self, name: str, **given: object) -> str:
        """A page of templates/serve."""
        known = {
            "letter": self.settings.letter,
            "serve": self.settings.serve,
            "archived": (self.settings.serve.archive / "index.html").is_file(),
        }
        return environment().get_template(f"serve/{name}").render(known | given)


def style() -> bytes:
    """The style sheet: that of the letter's page, then what only forms need."""
    return (stylesheet("web", "page.css") + stylesheet("serve", "serve.css")).encode()


def fonts() -> Path:
    """The folder of fonts."""
    return folder("fonts")
