"""Preflight: whether an edition may be sent, with every reason against it, not only the first."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from generator import guard, reading
from generator.deliver.looking import look
from generator.deliver.message import compile_letter
from generator.errors import CaplineError, UnprovenText
from generator.render.mail import HARD, WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime
    from email.message import EmailMessage

    from generator.config import MailSettings
    from generator.deliver.looking import Seen
    from generator.edition import Edition

LARGEST = 10_000_000  # octets of a message; many mailboxes take no more
AT_ONCE = 8  # links looked at together
EXAMPLE = re.compile(r"[@.]example(\.(org|com|net))?$", re.IGNORECASE)  # nobody's domain (RFC 2606)
LINK = re.compile(r'(?:href|src)="(https?://[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is about to be sent, as it lies on disk."""

    edition: Edition
    json: bytes  # edition.json
    letter: bytes  # letter.eml


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at; no problems: it is well."""

    name: str
    problems: tuple[str, ...]


def checks(  # noqa: PLR0913 -- all that is looked at
    candidate: Candidate, settings: MailSettings, *, now: datetime, today: date, verified: Callable[[], list[str]],
    way_out: str = "", engine: Callable[[], list[str]] | None = None,
) -> Iterator[Check]:  # fmt: skip
    """Look at everything, the quick things first. `verified` gives what differs between letter, edition and store.

    `way_out` are an engine's words for the link to leave, "" for ours; `engine` gives what keeps it from sending.
    """
    yield Check(name="data are fresh", problems=tuple(_age(candidate.edition, settings, today)))
    yield Check(name="letter and edition belong together", problems=tuple(_identity(candidate)))
    yield Check(name="sender", problems=tuple(_sender(candidate)))
    yield Check(name="headers and way out", problems=tuple(_headers(candidate, settings, now, way_out)))
    yield Check(name="size", problems=tuple(_sizes(candidate)))
    yield Check(name="guard", problems=tuple(_guard(candidate.edition, candidate.letter)))
    if engine:
        yield Check(name=f"{settings.engine} takes it", problems=tuple(engine()))
    yield Check(name="letter, edition and store agree", problems=tuple(verified()))
    yield Check(name="links", problems=tuple(_links(candidate.letter)))
    if settings.archive:
        yield Check(name="page is published", problems=tuple(_page(candidate, settings)))


def _age(edition: Edition, settings: MailSettings, today: date) -> Iterator[str]:
    age = (today - edition.as_of).days
    if settings.max_age_days and age > settings.max_age_days:
        yield (
            f"the letter is about {edition.as_of}, {age} days ago; a letter is news for {settings.max_age_days} days"
            " (max_age_days)"
        )
    if age < 0:
        yield f"the letter is about {edition.as_of}, which lies in the future: is the clock right?"


def _identity(candidate: Candidate) -> Iterator[str]:
    found = reading.mail(candidate.letter).meta
    digest = hashlib.sha256(candidate.json).hexdigest()
    if found.get("edition") != candidate.edition.id:
        yield f"letter.eml is of {found.get('edition')}, edition.json of {candidate.edition.id}"
    if found.get("digest") != digest:
        yield f"letter.eml was made from another edition.json than the one beside it ({digest[:12]})"


def _sender(candidate: Candidate) -> Iterator[str]:
    sender = parseaddr(str(_parts(candidate.letter)["From"]))[1]
    if EXAMPLE.search(sender):
        yield f"the letter comes from {sender}, a domain for examples: set `sender` in [letter] and build it again"


def _headers(candidate: Candidate, settings: MailSettings, now: datetime, way_out: str) -> Iterator[str]:
    try:
        compile_letter(candidate.letter, settings, edition=candidate.edition.id, dated=now, way_out=way_out)
    except CaplineError as problem:
        yield f"{problem} ({problem.hint})"


def _parts(letter: bytes) -> EmailMessage:
    parsed: EmailMessage = email.message_from_bytes(letter, policy=email.policy.default)
    return parsed


def _html(letter: bytes) -> str:
    body = _parts(letter).get_body(("html",))
    return str(body.get_content()) if body else ""


def _sizes(candidate: Candidate) -> Iterator[str]:
    html = len(_html(candidate.letter).encode())
    if html > HARD:
        yield f"{html:,} bytes of HTML; Gmail cuts a letter of more than {HARD:,}"
    if len(candidate.letter) > LARGEST:
        yield f"{len(candidate.letter):,} octets; many mailboxes take no more than {LARGEST:,}"


def _guard(edition: Edition, letter: bytes) -> Iterator[str]:
    yield from map(str, guard.findings(edition))
    try:
        guard.check_form(
            (piece.text for piece in reading.mail(letter).pieces), guard.supplied(edition), where="letter.eml"
        )
    except UnprovenText as problem:
        yield str(problem)


def _links(letter: bytes) -> Iterator[str]:
    urls = [url for url in dict.fromkeys(LINK.findall(_html(letter))) if url != WAY_OUT]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for url, seen in zip(urls, pool.map(look, urls), strict=True):
            if seen.problem:
                yield f"{url}: {seen.problem}"


def _page(candidate: Candidate, settings: MailSettings) -> Iterator[str]:
    url = settings.page(candidate.edition.id)
    if problem := unpublished(look(url), candidate.json):
        yield f"{url} {problem}; publish the page first"


def unpublished(seen: Seen, edition: bytes) -> str:
    """What is wrong with a page that should show an edition, given as its edition.json; "": nothing."""
    if seen.problem:
        return seen.problem
    found = reading.html(seen.content.decode("utf-8", errors="replace")).meta.get("digest", "")
    digest = hashlib.sha256(edition).hexdigest()
    if found == digest:
        return ""
    return f"shows another edition ({found[:12] or 'none'}) than the one to be sent ({digest[:12]})"
