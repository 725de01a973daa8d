"""Which module answers for which host, and what the faults of the answer make of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from market.desk import Desk, Reply, Request, moved
from market.wire import bls, cboe, ecb, federalreserve, feeds, fred, fredcsv, french, nyfed, treasury, yahoo

if TYPE_CHECKING:
    from datetime import datetime

    from market.faults import Fault, Switchboard


class Wire(Protocol):
    """What a module of `wire` offers."""

    HOSTS: tuple[str, ...]

    def names(self, request: Request) -> frozenset[str]:
        """All names, ours and the source's, of the series a request is about."""

    def answer(self, request: Request, desk: Desk) -> Reply:
        """The reply at a desk."""


WIRES: dict[str, Wire] = {
    host: module
    for module in (bls, cboe, ecb, federalreserve, feeds, fred, fredcsv, french, nyfed, treasury, yahoo)
    for host in module.HOSTS
}
PAGE = b"<!doctype html><html><head><title>Just a moment</title></head><body><p>Sorry<br></body></html>"
BROKEN = (
    b"<html><head><title>Internal Server Error</title></head><body><h1>Internal Server Error</h1><hr></body></html>"
)
BOMB = (
    b'<?xml version="1.0"?>\n<!DOCTYPE bomb [<!ENTITY a0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">'
    + b"".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">'.encode() for k in range(1, 10))
    + b"]>\n<observations><observation date='2026-01-01' value='&a9;'/></observations>\n"
)
STANDING = {
    "401": Reply(
        status=401, body=b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'
    ),
    "html": Reply(body=PAGE, kind="text/html; charset=utf-8"),
    "nothing": Reply(body=b""),
    "bomb": Reply(body=BOMB, kind="text/xml; charset=utf-8"),
}
CHUNK = b" " * 1_000_000


def respond(request: Request, board: Switchboard, now: datetime) -> tuple[Reply, tuple[Fault, ...]]:
    """The reply to a request at a moment, and the faults that were taken for it."""
    wire = WIRES.get(request.host)
    if wire is None:
        return Reply(status=502, body=b"no such host in this market", kind="text/plain"), ()
    taken = tuple(board.take(request.host, wire.names(request), request.path))
    if not taken:
        return _usual(*_settled(request, now), now), ()
    for fault in taken:
        early = _instead(fault, request)
        if early is not None:
            return early, taken
    reply = wire.answer(request, moved(Desk(now=now, faults=taken)))
    for fault in taken:
        reply = _spoiled(fault, reply)
    return reply, taken


def _settled(request: Request, now: datetime) -> tuple[Request, tuple[tuple[str, str], ...]]:
    """The request without what changes from call to call: the crumb, junk against caches, an end after now."""
    kept = {name: value for name, value in request.query.items() if name not in {"crumb", "_"}}
    end = int(now.timestamp()) + 1
    if kept.get("period2", "").isdigit() and int(kept["period2"]) > end:
        kept["period2"] = str(end)
    return replace(request, query={}), tuple(kept.items())


@lru_cache(maxsize=256)
def _usual(bare: Request, query: tuple[tuple[str, str], ...], now: datetime) -> Reply:
    """The answer when nothing goes wrong; asked again at the same moment it is the same."""
    return WIRES[bare.host].answer(replace(bare, query=dict(query)), Desk(now=now))


def _instead(fault: Fault, request: Request) -> Reply | None:
    """The reply that stands in the place of an answer."""
    if fault.kind == "429":
        headers = () if fault.seconds is None else (("Retry-After", f"{fault.seconds:g}"),)
        return Reply(status=429, body=b"Too Many Requests\r\n", kind="text/html", headers=headers)
    if fault.kind == "500":
        return Reply(status=int(fault.size or 500), body=BROKEN, kind="text/html")
    if fault.kind == "401" and request.host == "fc.yahoo.com":
        return None
    return STANDING.get(fault.kind)


def _spoiled(fault: Fault, reply: Reply) -> Reply:
    """The answer after a fault of its body."""
    if fault.kind == "truncated":
        return Reply(
            status=reply.status, body=reply.body[: len(reply.body) // 2], kind=reply.kind, headers=reply.headers
        )
    if fault.kind == "huge":
        size = int(fault.size or 50)
        return Reply(status=reply.status, body=reply.body + CHUNK * size, kind=reply.kind, headers=reply.headers)
    if fault.kind == "zip":
        held = io.BytesIO()
        with (
            zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("data.csv", "w", force_zip64=True) as member,
        ):
            for _ in range(int(fault.size or 1000)):
                member.write(CHUNK)
        return Reply(body=held.getvalue(), kind="application/zip")
    return reply


@lru_cache(maxsize=256)
def packed(reply: Reply, accepted: str) -> Reply:
    """The reply in gzip where the client takes it and it is worth it."""
    if "gzip" not in accepted or len(reply.body) < 2000:
        return reply
    body = gzip.compress(reply.body, compresslevel=1)
    return Reply(
        status=reply.status, body=body, kind=reply.kind, headers=(*reply.headers, ("Content-Encoding", "gzip"))
    )
