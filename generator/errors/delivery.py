"""Errors after the letter: it did not go out, or what is kept between runs is not as it has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors.base import CaplineError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class DeliveryError(CaplineError):
    """The letter did not go out, or not to every reader: mend what is named, then send again; nobody gets it twice."""

    exit_code = 8


class NotReady(DeliveryError):
    """The letter may not be sent: preflight found reasons against it."""

    def __init__(self, edition: str, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        listed = "".join(f"\n  - {reason}" for reason in self.reasons)
        super().__init__(f"{edition} is not ready to be sent:{listed}", hint="mend each of these; nothing was sent")


class NoReaders(DeliveryError):
    """Nobody would get the letter."""


class LetterChanged(DeliveryError):
    """A letter other than the one that some readers of this edition have already had."""

    def __init__(self, edition: str, *, sent: int) -> None:
        super().__init__(
            f"{edition}: {sent:,} readers have had this edition in other words than letter.eml has now",
            hint="put the letter back that was sent, or build the new one under another day or kind",
        )
        self.edition, self.sent = edition, sent


class RelayFailed(DeliveryError):
    """The relay cannot be used: not reached, not trusted, or it refuses us."""

    def __init__(self, relay: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{relay}: {problem}", hint=hint)
        self.relay, self.problem = relay, problem


class EngineFailed(DeliveryError):
    """The engine that sends the letter cannot be used: not reached, not trusted, or it refuses us or the letter."""

    def __init__(self, engine: str, problem: str, *, hint: str, status: int = 0) -> None:
        super().__init__(f"{engine}: {problem}", hint=hint)
        self.engine, self.problem, self.status = engine, problem, status


class CampaignHeld(EngineFailed):
    """The engine has this edition already, in a state that a person has to decide about."""


class MailboxFailed(DeliveryError):
    """The mailbox of bounces and unsubscribes cannot be read: not reached, not trusted, or it refuses us."""

    def __init__(self, server: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{server}: {problem}", hint=hint)
        self.server, self.problem = server, problem


class BreakerOpen(DeliveryError):
    """The relay failed or refused so many times in a row that going on would only do harm."""

    def __init__(self, failures: int, last: str) -> None:
        super().__init__(
            f"stopped after {failures} failures in a row; the last: {last}",
            hint="ask the operator of the relay; `capline send` then goes on with those who have not had it",
        )
        self.failures, self.last = failures, last


class BookError(DeliveryError):
    """The file of readers and deliveries cannot be used or written."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(
            f"{path}: {problem}",
            hint="make room or mend the file, then run again: what is not known to have arrived is held as uncertain",
        )
        self.path = path


class Unfinished(DeliveryError):
    """The run is over, and some readers have not had the letter or may not have had it."""

    def __init__(self, edition: str, *, deferred: int, uncertain: int, left: int) -> None:
        parts = ((deferred, "put off by the relay"), (uncertain, "uncertain"), (left, "not tried"))
        told = ", ".join(f"{count:,} {words}" for count, words in parts if count)
        hint = "`capline send` again tries those put off or not tried"
        if uncertain:
            hint += "; uncertain ones may have it: `--resolve again` sends it to them, `--resolve done` takes it as had"
        super().__init__(f"{edition}: {told}", hint=hint)
        self.deferred, self.uncertain, self.left = deferred, uncertain, left


class PublishFailed(DeliveryError):
    """The command that publishes the site failed, or took too long."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(
            f"{command}: {problem}",
            hint="mend it, or `publish` in [clock] of newsletter.toml; the next run tries again",
        )
        self.command = command


class PageMissing(DeliveryError):
    """The page of a letter is not there, or shows another edition, and so the letter was not sent."""

    def __init__(self, url: str, problem: str, *, minutes: float) -> None:
        super().__init__(
            f"{url} {problem}, looked at for {minutes:g} minutes",
            hint="see whether the site was published; the next `capline run` looks again, and then sends",
        )
        self.url = url


class NoticeFailed(DeliveryError):
    """A notice to the operator that could not be delivered; the run went on without it."""

    def __init__(self, way: str, problem: str) -> None:
        super().__init__(f"the notice by {way} failed: {problem}", hint="mend [notice] in newsletter.toml")
        self.way = way


class StateError(CaplineError):
    """What is kept between runs is missing, damaged or has moved on: nothing may be sent before that is settled."""

    exit_code = 10


class StateMissing(StateError):
    """There is no state where one has to be."""

    def __init__(self, remote: str, problem: str = "there is no state") -> None:
        super().__init__(
            f"{remote}: {problem}",
            hint="the first time, and only then, begin one with `--new`; else bring a copy back (docs/state.md)",
        )
        self.remote = remote


class StateDamaged(StateError):
    """State that cannot be read, or is not what it says it is; what was here stays as it is."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        listed = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(
            f"{where}: the state is damaged:{listed}",
            hint="nothing was changed; docs/state.md tells how each part is brought back",
        )
        self.where = where


class StateKey(StateError):
    """State that was sealed with another key."""

    def __init__(self, remote: str, *, theirs: str, ours: str) -> None:
        super().__init__(
            f"{remote}: it was sealed with the key {theirs}, the key here is {ours}",
            hint="set CAPLINE_STATE_KEY, or [state] key_file, to the key that it was made with",
        )
        self.remote, self.theirs, self.ours = remote, theirs, ours


class StateMoved(StateError):
    """The state at the remote is not the one that this folder was last brought together with."""

    def __init__(self, remote: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{remote}: {problem}", hint=hint)
        self.remote = remote


class StateUnpushed(StateError):
    """Files here that differ from what was last pushed or pulled, and would be lost."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        shown = ", ".join(self.names[:5])
        more = f" and {len(self.names) - 5:,} more" if len(self.names) > 5 else ""  # noqa: PLR2004 -- as many as shown
        super().__init__(
            f"{shown}{more}: not as last pushed or pulled",
            hint="`capline state push` keeps them; `capline state pull --force` gives them up",
        )


class StateShrunk(StateError):
    """Files of the state that are gone here: a push would lose them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        shown = ", ".join(self.names[:5])
        more = f" and {len(self.names) - 5:,} more" if len(self.names) > 5 else ""  # noqa: PLR2004 -- as many as shown
        super().__init__(
            f"{shown}{more}: in the state at the remote, and gone here",
            hint="bring them back with `capline state pull --force`, or let them go with `capline state push --force`",
        )


class StateUnreachable(StateError):
    """The place that the state is kept at cannot be read or written."""

    def __init__(self, remote: str, problem: str) -> None:
        super().__init__(
            f"{remote}: {problem}",
            hint="check address, network and rights (CAPLINE_STATE_TOKEN), then run it again; nothing was changed",
        )
        self.remote, self.problem = remote, problem
