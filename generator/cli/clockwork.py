"""What `run`, `status` and `watch` do: settings and clock go in, what is printed comes from the logbook."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator import config
from generator.cli import FORMS, KINDS, logbook
from generator.cli.commands import settings_of
from generator.errors import CannotWrite, CaplineError, UnknownName

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from generator.config import Settings

MISSING = 9  # the exit code where a letter that is due is missing


def _now() -> datetime:
    return datetime.now(UTC)


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _clock(chosen: argparse.Namespace) -> Callable[[], datetime]:
    """The wall clock; for a rehearsal one that goes on from the moment named."""
    if chosen.now is None:
        return _now
    begun = _now()
    return lambda: chosen.now + (_now() - begun)


def _settings(chosen: argparse.Namespace) -> Settings:
    """The settings; a kind that is asked for is made, whatever they say of kinds."""
    settings = settings_of(chosen)
    kind = getattr(chosen, "kind", None)
    if kind is None:
        return settings
    if kind not in KINDS:
        raise UnknownName("kind of letter", kind, KINDS)
    return settings.model_copy(update={"clock": settings.clock.model_copy(update={"kinds": (kind,)})})


def run(chosen: argparse.Namespace) -> int:
    """Do whatever is due; the exit code of the first letter that is held."""
    from generator.cli.progress import telling  # noqa: PLC0415 -- loaded when it is needed
    from generator.clock.course import run as course  # noqa: PLC0415 -- as above
    from generator.clock.shift import Shift, Wish  # noqa: PLC0415 -- as above

    settings = _settings(chosen)
    forms = tuple(dict.fromkeys(chosen.format or settings.build.formats))
    for form in forms:
        if form not in FORMS:
            raise UnknownName("form", form, FORMS)
    log = logbook.Json() if chosen.log == "json" else logbook.Plain()
    now = _clock(chosen)
    with nullcontext(log) if isinstance(log, logbook.Json) else telling() as tell:
        shift = Shift(
            settings=settings, now=now, sleep=_sleep, log=log, fetching=tell, forms=forms,
            through=chosen.through or "send", offline=chosen.offline, rehearsal=chosen.now is not None,
        )  # fmt: skip
        try:
            done = course(shift, Wish(day=chosen.date, kind=chosen.kind))
        except CaplineError as problem:
            log.ended(problem, now())
            _job_page(f"### Capline\n\nThe run ended early: {problem}\n\n{problem.hint}\n")
            if chosen.log == "json":  # told as such
                return problem.exit_code
            raise
    sys.stdout.write(logbook.outcome(done, chosen.date))
    _job_page(logbook.page(done))
    return done.code


def _job_page(text: str) -> None:
    """Add to the page of GitHub's job, if this is one."""
    path = config.job_page()
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8") as page:
            page.write(text)
    except OSError as problem:
        raise CannotWrite(path, problem.strerror or f"{problem}") from problem


def status(chosen: argparse.Namespace) -> int:
    """Say how things stand."""
    from generator.clock.standing import standing  # noqa: PLC0415 -- loaded when it is needed

    found = standing(settings_of(chosen), _clock(chosen)())
    if chosen.json:
        sys.stdout.write(json.dumps(logbook.plain(found), indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(logbook.standing(found))
    return 0


def watch(chosen: argparse.Namespace) -> int:
    """Say what is missing, in Markdown; 9 if anything is."""
    from generator.clock import watching  # noqa: PLC0415 -- loaded when it is needed

    settings, now = settings_of(chosen), _clock(chosen)()
    found = watching.on_site(settings, now, chosen.site) if chosen.site else watching.here(settings, now)
    text = logbook.watched(found, now)
    sys.stdout.write(text)
    _job_page(text)
    return 0 if found.well else MISSING
