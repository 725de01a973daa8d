"""What all tests share: no test reaches beyond this machine, and the sample is loaded into a store once."""

from __future__ import annotations

import ipaddress
import sys
from typing import TYPE_CHECKING, Any

import pytest
from databases import database, own_schema, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from livedesk import LiveDesk
    from newsroom import Newsroom


__all__ = ["database", "own_schema", "place"]  # fixtures


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


@pytest.fixture(scope="session")
def store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the sample into a store; who wants to write copies it."""
    from generator.config import BuildSettings, Settings  # noqa: PLC0415 -- only tests that ask for it load this
    from generator.pipeline import opened  # noqa: PLC0415

    file = tmp_path_factory.mktemp("store") / "store.duckdb"
    opened(Settings(build=BuildSettings(store=file))).close()
    return file


@pytest.fixture(scope="session")
def room(store_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Open the newsroom for the session."""
    from newsroom import newsroom  # noqa: PLC0415 -- as above

    from generator.store import Store  # noqa: PLC0415

    with Store.open(store_file) as store:
        yield newsroom(store, tmp_path_factory.mktemp("nothing"))


@pytest.fixture(scope="session")
def live_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDesk]:
    """Open a store of the loopback market's truth for the session: what a fetch would have brought."""
    from livedesk import LiveDesk, make  # noqa: PLC0415 -- as above

    from generator.store import Store  # noqa: PLC0415

    file = tmp_path_factory.mktemp("live") / "store.duckdb"
    make(file)
    with Store.open(file) as store:
        yield LiveDesk(store)
