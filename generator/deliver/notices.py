"""Notices to the operator, by mail through the relay and by a webhook; no error here holds an address or a secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from generator import config
from generator.deliver import smtp
from generator.deliver.relay import is_here
from generator.errors import BadSetting, NoticeFailed, RelayFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from generator.config import Settings

PATIENCE = 10.0  # seconds for a webhook
REFUSED = 300  # statuses of HTTP from here on


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the operator is to know."""

    subject: str
    text: str
    edition: str  # "": it is about a whole run
    step: str
    error: str
    code: int
    hint: str


def give(
    settings: Settings, notice: Notice, now: datetime, *, only_here: bool = False
) -> Iterator[tuple[str, NoticeFailed | None]]:
    """Deliver by every way that is set, with `only_here` by those that stay on this machine; each with what failed."""
    if settings.notice.mail_to and not (only_here and not is_here(settings.smtp.host)):
        yield "mail", _tried(lambda: _mail(settings, notice, now))
    try:
        url = config.secret("CAPLINE_NOTICE_URL", settings.notice.url_file)
    except BadSetting as problem:
        yield "webhook", NoticeFailed("webhook", f"{problem} ({problem.hint})")
        return
    address = "" if url is None else url.get_secret_value().strip()
    if address and not (only_here and not is_here(urlsplit(address).hostname or "")):
        yield "webhook", _tried(lambda: _post(address, notice))


def _tried(deliver: Callable[[], None]) -> NoticeFailed | None:
    try:
        deliver()
    except NoticeFailed as problem:
        return problem
    return None


def _mail(settings: Settings, notice: Notice, now: datetime) -> None:
    sender = parseaddr(settings.letter.sender)[1]
    content = _message(settings.letter.sender, settings.notice.mail_to, notice, now)
    try:
        password = config.secret("CAPLINE_SMTP_PASSWORD", settings.smtp.password_file) if settings.smtp.user else None
        relay = smtp.Relay(settings=settings.smtp, password=password, hello=sender.rpartition("@")[2])
        line = smtp.connect(relay, None if settings.smtp.security == "none" else smtp.trust(relay))
        try:
            answer = line.hand_over(sender, settings.notice.mail_to, content)
        finally:
            line.close()
    except (smtp.Dropped, RelayFailed, BadSetting) as problem:
        raise NoticeFailed("mail", smtp.without_mailboxes(f"{problem}")) from None
    if not answer.accepted:
        raise NoticeFailed("mail", smtp.without_mailboxes(f"the relay refuses it ({answer})"))


def _message(sender: str, to: str, notice: Notice, now: datetime) -> bytes:
    """The message as it goes over the line: dots doubled, a lone one at its end."""
    said = EmailMessage(policy=SMTP)
    said["From"], said["To"], said["Subject"] = sender, to, notice.subject
    said["Date"] = format_datetime(now)
    digest = hashlib.sha256(f"{notice.subject}\0{notice.text}\0{now}".encode()).hexdigest()[:32]
    said["Message-ID"] = f"<{digest}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    said["Auto-Submitted"] = "auto-generated"
    said.set_content(notice.text)
    lines = said.as_bytes().split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def _post(address: str, notice: Notice) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.hostname or "")):
        raise NoticeFailed("webhook", "its address does not begin with https://")
    told = {
        "text": f"{notice.subject}\n{notice.text}", "edition": notice.edition, "step": notice.step,
        "error": notice.error, "code": notice.code, "hint": notice.hint,
    }  # fmt: skip
    try:
        answer = httpx.post(address, json=told, timeout=PATIENCE, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as problem:
        raise NoticeFailed("webhook", f"its server does not answer ({type(problem).__name__})") from None
    if answer.status_code >= REFUSED:
        raise NoticeFailed("webhook", f"its server answers {answer.status_code}")
