"""From the archive to the readers: the site is published, the page is waited for, the letter is sent."""

from __future__ import annotations

import shlex
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

from generator import config, pipeline
from generator.clock import making, trust
from generator.deliver import carrying, dispatch
from generator.deliver.looking import look
from generator.deliver.preflight import Candidate, unpublished
from generator.deliver.relay import is_here
from generator.errors import CaplineError, NoReaders, NotReady, PageMissing, PublishFailed
from generator.sessions import NEW_YORK
from generator.state import reserve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.clock.agenda import Due
    from generator.clock.shift import Shift
    from generator.config import Settings
    from generator.deliver.dispatch import Balance
    from generator.deliver.sending import Progress

FIRST_LOOK, LONGEST_PAUSE = 5.0, 60.0  # seconds between looks at a page: they double
SAID = 300  # characters of what a command said last


def publish(settings: Settings) -> str:
    """Run the command that publishes the site; PublishFailed if it fails."""
    words = settings.clock.publish
    if not words:
        return "left to somebody else (no `publish` in [clock])"
    site = f"{settings.site.folder}"
    given = [word.replace("{site}", site) for word in words]
    if given == list(words):
        given.append(site)
    shown, minutes = shlex.join(words), settings.clock.publish_minutes
    try:
        done = subprocess.run(  # noqa: S603 -- the user's own command
            given, env=config.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=minutes * 60, check=False,
        )  # fmt: skip
    except OSError as problem:
        raise PublishFailed(shown, problem.strerror or f"{problem}") from None
    except subprocess.TimeoutExpired:
        raise PublishFailed(shown, f"did not end within {minutes:g} minutes") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip())[-SAID:]
        raise PublishFailed(shown, f"ended with code {done.returncode}{f': {last}' if last else ''}")
    return f"by {shown}"


def wait(shift: Shift, one: Due, until: datetime) -> str:
    """Look at the public page until it shows the letter; PageMissing if it does not in time, ClockWrong."""
    url = shift.settings.mail.page(one.id)
    if not url:
        return "no address to look at (no `archive` in [mail])"
    _, content = making.read(shift.settings, one.id)
    pause = FIRST_LOOK
    while True:
        seen = look(url)
        if seen.clock and not shift.rehearsal:
            trust.compare(seen.clock, shift.now(), url)
        problem = unpublished(seen, content)
        if not problem:
            return f"{url} shows it"
        left = (until - shift.now()).total_seconds()
        if left <= 0:
            raise PageMissing(url, problem, minutes=shift.settings.clock.wait_minutes)
        shift.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE)


def end_of_waiting(shift: Shift) -> datetime:
    """Until when pages are looked at, those of all letters of a run together."""
    return shift.now() + timedelta(minutes=shift.settings.clock.wait_minutes)


def hindrance(shift: Shift, one: Due, *, news: bool) -> str:
    """Why a letter is not mailed at all; "": it is."""
    settings = shift.settings
    host = carrying.host(settings)
    if not host:
        there = "relay set ([smtp])" if settings.mail.engine == "smtp" else f"url set ([{settings.mail.engine}])"
        return f"no {there}: not mailed"
    if not (making.folder(settings, one.id) / making.MAIL).exists():
        return 'it has no mail (no "mail" among its forms): not mailed'
    if not (carrying.by_campaign(settings) or settings.mail.database or settings.mail.readers.exists()):
        return "there are no readers: not mailed"
    if shift.rehearsal and not is_here(host):
        return f"a rehearsal, and {host} is another machine: not mailed"
    return "" if news else "no news any more: not mailed"


def send(shift: Shift, one: Due, *, seal: str) -> str:
    """Preflight, then a letter to every reader who has not had it.

    Raises NotReady, and what `dispatch.send` and `carrying.handed_over` do.
    What was verified is not verified again as long as it is byte for byte as it was (`seal`).
    """
    settings, now = shift.settings, shift.now()
    edition, content = making.read(settings, one.id)
    letter = pipeline.read(making.folder(settings, one.id) / making.MAIL)
    candidate = Candidate(edition=edition, json=content, letter=letter)
    today = now.astimezone(NEW_YORK).date()
    found = carrying.looked(
        candidate, settings, now=now, today=today,
        verified=lambda: [] if making.seal(settings, one.id) == seal else _verified(settings, one, now),
    )  # fmt: skip
    reasons = [problem for check in found for problem in check.problems]
    if reasons:
        raise NotReady(one.id, reasons)
    given = carrying.letter_of(candidate)
    if carrying.by_campaign(settings):
        name, done = carrying.handed_over(settings, given)
        return f"{name} has it: {done}"
    counts: dict[str, int] = {}

    def tell(balance: Balance) -> None:
        counts.update(balance.counts)
        for state, answer, count in balance.reasons:
            shift.say(one.id, "send", "note", f"{state}: {count:,} x {answer}")

    if settings.state.remote:
        reserve(settings, given, tag="", now=now)  # if this run never comes back, the next one asks
    try:
        dispatch.send(settings, given, tag="", resolve="", now=now, report=_quiet, tell=tell)
    except NoReaders:
        return "no reader wants this letter"
    return _told(counts)


def _verified(settings: Settings, one: Due, now: datetime) -> list[str]:
    """What `capline verify` says against the mail."""
    place = making.folder(settings, one.id)
    try:
        found, _ = pipeline.verified(
            settings, place / making.MAIL, edition_file=place / making.JSON, today=now.astimezone(NEW_YORK).date()
        )
    except CaplineError as problem:
        return [f"cannot be verified: {problem}"]
    return [f"{one.where}: printed {one.printed}, expected {one.expected}" for one in found.differences]


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "nobody"


def _quiet(_progress: Progress) -> None:
    """The log tells the balance at the end."""
