"""Carrying: a letter looked at and sent by whatever the settings name, for all who send."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator import files
from generator.deliver import dispatch, preflight
from generator.deliver.engines import CAMPAIGNS, campaign, way_out
from generator.deliver.engines.issue import issue
from generator.errors import CaplineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from generator.config import Settings
    from generator.deliver.dispatch import Letter
    from generator.deliver.engines.campaign import Campaign, Engine
    from generator.deliver.engines.issue import Issue
    from generator.deliver.preflight import Candidate, Check


def by_campaign(settings: Settings) -> bool:
    """Whether an engine with readers of its own sends the letter."""
    return settings.mail.engine in CAMPAIGNS


def host(settings: Settings) -> str:
    """The machine that takes the letter; "" if none is set."""
    if settings.mail.engine == "smtp":
        return settings.smtp.host
    if settings.mail.engine == "ses":
        return urlsplit(settings.ses.endpoint).hostname or "amazonaws.com"
    there = settings.listmonk.url if settings.mail.engine == "listmonk" else settings.buttondown.url
    return urlsplit(there).hostname or ""


def letter_of(candidate: Candidate) -> Letter:
    """The letter of a candidate."""
    edition = candidate.edition
    return dispatch.Letter(
        id=edition.id, kind=edition.kind, language=edition.masthead.language, content=candidate.letter
    )


def issue_of(letter: Letter, settings: Settings) -> Issue:
    """The letter as an engine with readers of its own gets it."""
    return issue(letter.content, settings.mail, edition=letter.id, kind=letter.kind)


def looked(
    candidate: Candidate, settings: Settings, *, now: datetime, today: date, verified: Callable[[], list[str]]
) -> Iterator[Check]:
    """All that preflight looks at, the engine included."""
    engine = None if settings.mail.engine == "smtp" else lambda: _hindered(candidate, settings)
    return preflight.checks(
        candidate, settings.mail, now=now, today=today, verified=verified, way_out=way_out(settings), engine=engine
    )


def _hindered(candidate: Candidate, settings: Settings) -> list[str]:
    """What keeps the engine from sending a letter."""
    letter = letter_of(candidate)
    try:
        if by_campaign(settings):
            with _engine(settings) as engine:
                engine.check(issue_of(letter, settings))
        else:
            from generator.deliver.engines import ses  # noqa: PLC0415 -- its library is an extra

            ses.door(settings).check()
    except CaplineError as problem:
        return [f"{problem} ({problem.hint})"]
    return []


def _engine(settings: Settings) -> AbstractContextManager[Engine]:
    from generator.deliver.engines.opening import opened  # noqa: PLC0415 -- loads httpx, which a relay does not need

    return opened(settings)


def handed_over(settings: Settings, letter: Letter) -> tuple[str, Campaign]:
    """Hand a letter over to an engine with readers of its own; gives the engine's name and the campaign.

    Busy while another run does so, CampaignHeld, EngineFailed, BadSetting.
    """
    wanted = issue_of(letter, settings)
    with _engine(settings) as engine, files.held(settings.mail.readers.with_suffix(".sending")):
        return engine.name, campaign.hand_over(engine, wanted)


def proved(settings: Settings, letter: Letter, to: str) -> tuple[str, Campaign]:
    """Let such an engine send one copy to an address; gives its name and the draft. Raises as `handed_over`."""
    wanted = issue_of(letter, settings)
    with _engine(settings) as engine, files.held(settings.mail.readers.with_suffix(".sending")):
        return engine.name, campaign.proof(engine, wanted, to)


def foreseen(settings: Settings, letter: Letter) -> tuple[str, str, Campaign | None]:
    """What `handed_over` would do: the engine's name, who would get the letter, and the campaign if there is one."""
    wanted = issue_of(letter, settings)
    with _engine(settings) as engine:
        return engine.name, engine.check(wanted), campaign.standing(engine, wanted)
