"""Visitors: from which network, how often, and whether a form came from a page of ours. No address is kept."""

from __future__ import annotations

import base64
import hmac
from collections import OrderedDict, deque
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network, IPv6Network

UNKNOWN = "unknown"
HOUR = 3600.0  # seconds
STAMP = HOUR  # seconds for which a form may lie on the screen
KEPT = 50_000  # networks remembered; the one not seen for longest is forgotten


def network(peer: str, forwarded: str, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The network a request comes from: an IPv4 address, or the /64 of an IPv6 one.

    `forwarded` (X-Forwarded-For) is believed only as far as it was written by one of `proxies`.
    """
    chain = [*(part.strip() for part in forwarded.split(",") if part.strip()), peer]
    found = UNKNOWN
    for words in reversed(chain):
        try:
            address = ip_address(words.partition("%")[0])
        except ValueError:
            break
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        found = str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))  # noqa: PLR2004 -- IPv4
        if not any(address.version == proxy.version and address in proxy for proxy in proxies):
            break
    return found


def hashed(key: bytes, network: str) -> str:
    """A network's name for proof and log: only who has the key can tell whether two are the same."""
    return blake2b(network.encode(), key=key, digest_size=8, person=b"network").hexdigest()


def stamp(key: bytes, network: str, now: float) -> str:
    """A mark for a form, which shows that this network was given the page at this time."""
    head = int(now).to_bytes(5, "big")
    return base64.urlsafe_b64encode(head + _mac(key, network, head)).decode("ascii")


def stamped(key: bytes, network: str, given: str, now: float) -> bool:
    """Whether a form bears a mark of ours, for this network, that is not too old."""
    try:
        plain = base64.urlsafe_b64decode(given.encode("ascii"))
    except ValueError:
        return False
    head, mac = plain[:5], plain[5:]
    return hmac.compare_digest(mac, _mac(key, network, head)) and 0 <= now - int.from_bytes(head, "big") + 1 <= STAMP


def _mac(key: bytes, network: str, head: bytes) -> bytes:
    return blake2b(head + network.encode(), key=key, digest_size=10, person=b"form").digest()


class Limit:
    """So many a network in an hour; kept in memory, for one thread."""

    def __init__(self, an_hour: int) -> None:
        self._an_hour = an_hour
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, network: str, now: float) -> float:
        """Count one, unless it is too many: then the seconds until the next is taken, else 0."""
        times = self._seen.setdefault(network, deque())
        self._seen.move_to_end(network)
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        while times and times[0] <= now - HOUR:
            times.popleft()
        if len(times) >= self._an_hour:
            return times[0] + HOUR - now
        times.append(now)
        return 0.0
