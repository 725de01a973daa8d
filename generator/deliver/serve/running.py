"""Running: the socket, the book, the server, and the end of all three."""

from __future__ import annotations

import logging
import signal
import socket
from email.utils import parseaddr
from typing import TYPE_CHECKING

import uvicorn

from generator import config
from generator.deliver import dispatch, smtp
from generator.deliver.book import opened
from generator.deliver.serve import signup
from generator.deliver.serve.application import application
from generator.deliver.serve.confirming import Poster
from generator.deliver.serve.journal import open_journal
from generator.deliver.serve.office import Office
from generator.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from generator.config import Settings

GRACE = 15  # seconds for what is under way to end
BACKLOG = 512
AT_ONCE = 200  # requests; more are told to come later
log = logging.getLogger("capline.serve")


def run(settings: Settings, *, clock: Callable[[], datetime]) -> None:
    """Serve until SIGTERM or Ctrl-C. BadSetting for what cannot be, BookError for a book that cannot be used."""
    there = _relay(settings)
    _check(settings)
    open_journal()
    with opened(settings.mail.book) as book, _listening(settings) as door:
        signup.prepare(book)
        office = Office(settings=settings, connection=book, key=dispatch.key(settings), clock=clock)
        app = application(office, Poster(office, there))
        given = uvicorn.Config(
            app, log_config=None, access_log=False, http="h11", ws="none", lifespan="on", proxy_headers=False,
            server_header=False, date_header=True, timeout_graceful_shutdown=GRACE, limit_concurrency=AT_ONCE,
            timeout_keep_alive=5, h11_max_incomplete_event_size=16_384,
        )  # fmt: skip
        host, port = door.getsockname()[:2]
        log.info("listening", extra={"fields": {"host": host, "port": port}})
        signal.signal(signal.SIGTERM, _ended)  # uvicorn ends in good order, then raises it again: that is no failure
        try:
            uvicorn.Server(given).run(sockets=[door])
        finally:
            log.info("stopped")


def _ended(_number: int, _frame: object) -> None:
    """SIGTERM after the end is nothing more to do."""


def _relay(settings: Settings) -> smtp.Relay:
    password = config.secret("CAPLINE_SMTP_PASSWORD", settings.smtp.password_file) if settings.smtp.user else None
    home = parseaddr(settings.letter.sender)[1].rpartition("@")[2]
    return smtp.Relay(settings=settings.smtp, password=password, hello=home)


def _check(settings: Settings) -> None:
    if not settings.serve.url:
        raise BadSetting(
            "[serve]", "no url is set", hint='set it to how the world sees it: "https://letters.example.org"'
        )
    ours, wanted = settings.mail.unsubscribe_url, f"{settings.serve.url.rstrip('/')}/u/{{token}}"
    if ours.startswith(settings.serve.url) and ours != wanted:
        raise BadSetting("[mail] unsubscribe_url", f"{ours!r} is no page of `serve`", hint=f'set it to "{wanted}"')


def _listening(settings: Settings) -> socket.socket:
    host, port = settings.serve.host, settings.serve.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as problem:
        raise BadSetting(
            "[serve]", f"cannot listen at {host} port {port}: {problem.strerror}", hint="choose another host or port"
        ) from None
