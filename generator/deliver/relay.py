"""The relay: where it is, how it is trusted, and who we are to it; what would go out in clear is refused here."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from generator.errors import BadSetting

if TYPE_CHECKING:
    from pydantic import SecretStr

    from generator.config import SmtpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where the relay is, how we trust it, and who we are; the password masks itself."""

    settings: SmtpSettings
    password: SecretStr | None
    hello: str  # our name in the greeting

    def __post_init__(self) -> None:
        """Refuse settings by which a letter or a password would go out in clear."""
        host, security = self.settings.host, self.settings.security
        if not host:
            raise BadSetting("[smtp]", "no host is set", hint="name the relay in newsletter.toml")
        if security == "none" and not is_here(host):
            raise BadSetting(
                "[smtp]", f"security is none and {host} is another machine", hint='set it to "starttls" or "tls"'
            )
        if self.settings.user and self.password is None:
            raise BadSetting("[smtp]", "user is set and no password", hint="set CAPLINE_SMTP_PASSWORD or password_file")
        if self.settings.user and security == "none":
            raise BadSetting("[smtp]", "a password never goes in clear", hint='set security to "starttls" or "tls"')

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.settings.host}:{self.settings.port}"


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def trust(relay: Relay) -> ssl.SSLContext:
    """The certificates to trust: the system's, or those of a file; the relay's name is always checked."""
    try:
        return ssl.create_default_context(cafile=relay.settings.ca_file or None)
    except (OSError, ssl.SSLError) as problem:
        raise BadSetting("[smtp] ca_file", str(problem), hint="name a file of certificates (PEM)") from None
