"""The account: which mailbox is read, and how it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from generator.errors import BadSetting

if TYPE_CHECKING:
    from pydantic import SecretStr

    from generator.config import ImapSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Which mailbox, and how it is opened; the password masks itself."""

    settings: ImapSettings
    password: SecretStr | None

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        given = self.settings
        if not given.host or not given.user:
            raise BadSetting("[imap]", "no mailbox is set", hint="name host and user in newsletter.toml")
        if self.password is None:
            raise BadSetting("[imap]", "there is no password", hint="set CAPLINE_IMAP_PASSWORD or password_file")
        if given.security == "none" and not _is_here(given.host):
            raise BadSetting(
                "[imap]", f"security is none and {given.host} is another machine", hint='set it to "tls" or "starttls"'
            )

    @property
    def server(self) -> str:
        """Host and port."""
        return f"{self.settings.host}:{self.settings.port}"

    @property
    def name(self) -> str:
        """The mailbox, told apart from all others."""
        return f"{self.settings.user}@{self.server}/{self.settings.folder}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
