"""The door: where a run's messages go out, one line for each connection. SMTP here, Amazon SES in `engines.ses`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from generator.deliver import smtp

if TYPE_CHECKING:
    import ssl

    from generator.config import SmtpSettings
    from generator.deliver.smtp import Answer, Relay


class Line(Protocol):
    """What one message after the other goes over."""

    usable: bool  # whether it takes another message
    international: bool  # whether it takes addresses with names beyond ASCII
    largest: int  # octets of a message; 0: not said

    def hand_over(self, sender: str, recipient: str, content: bytes) -> Answer:
        """One message; the last word on it. Dropped when no answer came."""

    def close(self) -> None:
        """End politely."""


class Door(Protocol):
    """Where lines begin. `settings` say how many, how fast, and how patient."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def settings(self) -> SmtpSettings:
        """How many lines, how fast, and when to stop."""

    def dial(self) -> Line:
        """Open a line; RelayFailed or EngineFailed for what is set wrong, Dropped for what may pass."""


@dataclass(frozen=True, slots=True)
class SmtpDoor:
    """The relay's."""

    relay: Relay
    context: ssl.SSLContext | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the certificates to trust, once for all lines."""
        context = None if self.relay.settings.security == "none" else smtp.trust(self.relay)
        object.__setattr__(self, "context", context)

    @property
    def name(self) -> str:
        """Host and port."""
        return self.relay.name

    @property
    def settings(self) -> SmtpSettings:
        """Those of [smtp]."""
        return self.relay.settings

    def dial(self) -> Line:
        """Open a line to the relay."""
        return smtp.connect(self.relay, self.context)
