"""The campaign: what listmonk and Buttondown make of an edition, once, however often it is handed over.

The engine itself is the memory: each run looks there first, by the name of the edition. A run that broke off between
making a campaign and starting it left a draft, which the next finds, brings up to date and starts. If two runs make
one at the same moment, both see both, agree on the older, and take the other away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from generator.errors import CampaignHeld, EngineFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.deliver.engines.issue import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign as the engine has it."""

    id: str
    name: str
    state: Literal["draft", "going", "done", "held"]
    said: str  # the engine's own word for it
    digest: str  # of the letter it was made from; "": the engine does not know
    mark: str  # of all that it was made from, whom it goes to included
    sent: int = 0
    total: int = 0

    def __str__(self) -> str:
        """As a person reads it."""
        count = f", {self.sent:,} of {self.total:,} sent" if self.total else ""
        return f"campaign {self.id} ({self.name}) is {self.said}{count}"


class Engine(Protocol):
    """What an engine can be asked."""

    name: str

    def check(self, issue: Issue) -> str:
        """Who would get the issue, in words; EngineFailed or BadSetting if it could not be handed over."""

    def mark(self, issue: Issue) -> str:
        """What a draft of the issue would be marked with: it differs when anything in it would."""

    def find(self, issue: Issue) -> Sequence[Campaign]:
        """All campaigns of an issue, the oldest first."""

    def make(self, issue: Issue) -> None:
        """Make a draft of an issue."""

    def renew(self, campaign: Campaign, issue: Issue) -> None:
        """Bring a draft up to date."""

    def start(self, campaign: Campaign) -> None:
        """Start a draft."""

    def drop(self, campaign: Campaign) -> None:
        """Take a draft away."""

    def proof(self, campaign: Campaign, to: str) -> None:
        """Send one copy of a campaign to an address."""


def standing(engine: Engine, issue: Issue) -> Campaign | None:
    """The campaign of an issue, if there is one: that which is under way or done before any draft."""
    found = engine.find(issue)
    begun = [one for one in found if one.state != "draft"]
    if len(begun) > 1:
        numbers = " and ".join(one.id for one in begun)
        raise CampaignHeld(
            engine.name, f"{issue.name} was begun more than once ({numbers})",
            hint="somebody has started one by hand; cancel or delete what is too much there, then run again",
        )  # fmt: skip
    return begun[0] if begun else found[0] if found else None


def hand_over(engine: Engine, issue: Issue) -> Campaign:
    """See to it that the engine has the issue once and sends it; gives the campaign as it stands then.

    CampaignHeld if it has the edition in other words, or stopped it; EngineFailed if it cannot be used.
    """
    engine.check(issue)
    chosen = _draft(engine, issue)
    if chosen.state == "draft":
        chosen = _started(engine, issue, chosen)
    if chosen.state in ("draft", "held"):
        raise CampaignHeld(
            engine.name, f"{issue.name} is there as campaign {chosen.id} and is {chosen.said}",
            hint="go on with it or delete it there, then run again",
        )  # fmt: skip
    return chosen


def _started(engine: Engine, issue: Issue, draft: Campaign) -> Campaign:
    """The campaign after it was started, by us or, at the same moment, by another run."""
    try:
        engine.start(draft)
    except EngineFailed:
        chosen = standing(engine, issue)
        if chosen is None or chosen.state == "draft":
            raise
        return chosen
    return standing(engine, issue) or draft


def proof(engine: Engine, issue: Issue, to: str) -> Campaign:
    """Send one copy to an address, of a draft that is made for it if need be; gives the draft."""
    engine.check(issue)
    chosen = _draft(engine, issue)
    engine.proof(chosen, to)
    return chosen


def _draft(engine: Engine, issue: Issue) -> Campaign:
    """The one campaign of an issue, in its words: found, or made, or brought up to date."""
    chosen = standing(engine, issue)
    if chosen is None:
        engine.make(issue)
        chosen = standing(engine, issue)
        if chosen is None:
            raise CampaignHeld(
                engine.name, f"{issue.name} was made and cannot be found again",
                hint="may its user see all campaigns? docs/engines.md names the rights",
            )  # fmt: skip
    for other in engine.find(issue):
        if other.id != chosen.id and other.state == "draft":
            _dropped(engine, issue, other)
    if chosen.state == "draft":
        if chosen.mark != engine.mark(issue):
            engine.renew(chosen, issue)
    elif chosen.digest != issue.digest:
        raise CampaignHeld(
            engine.name, f"{issue.name} is {chosen.said} in other words than letter.eml has now",
            hint="put the letter back that was handed over, or build the new one under another day or kind",
        )  # fmt: skip
    return chosen


def _dropped(engine: Engine, issue: Issue, other: Campaign) -> None:
    """Take a second draft away, unless another run has done so at the same moment."""
    try:
        engine.drop(other)
    except EngineFailed:
        if any(one.id == other.id for one in engine.find(issue)):
            raise
