"""What all tests share: no test reaches beyond this machine."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


class OpenedSocket(BaseException):
    """A test tried to reach the network; no handler of errors in the code under test may swallow that."""


def is_loopback(host: object) -> bool:
    """Whether a host is this machine: a name resolves only if it is `localhost`."""
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, args: tuple[Any, ...]) -> None:
    """Raise where the interpreter is about to connect, send or look up beyond the loopback."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            raise OpenedSocket(f"{event} to {address}")
    elif event == "socket.getaddrinfo" and not is_loopback(args[0]):
        raise OpenedSocket(f"look-up of {args[0]!r}")


sys.addaudithook(refuse_network)
