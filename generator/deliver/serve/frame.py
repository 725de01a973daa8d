"""The frame around every answer: what a browser may do with it, and the line in the journal."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORMS = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
ARCHIVE = "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"  # its pages bring a policy of their own, too
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # a link with a token in it is told to nobody
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PLACES = {"letters": "archive", "fonts": "font"}
KNOWN = ("GET", "HEAD", "POST")
log = logging.getLogger("capline.serve")


class Frame:
    """Sets the headers and writes the journal; what begins with a dot is nobody's business."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        place = PLACES.get(scope["path"].partition("/")[2].partition("/")[0], "other")

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                found = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    found[name] = value
                found["content-security-policy"] = ARCHIVE if place == "archive" else FORMS
                if place == "font":
                    found["cache-control"] = "public, max-age=31536000"
                elif place == "other" and "cache-control" not in found:
                    found["cache-control"] = "no-store"
                    found["x-robots-tag"] = "noindex"
            await send(message)

        hidden = any(part.startswith(".") for part in scope["path"].split("/"))
        app: ASGIApp = PlainTextResponse("Not found\n", 404) if hidden else self._app
        try:
            await app(scope, receive, framed)
        finally:
            fields = {
                "method": scope["method"] if scope["method"] in KNOWN else "other",
                "page": scope.get("state", {}).get("page", place),
                "status": status,
                "ms": round((time.perf_counter() - began) * 1000, 1),
            }
            log.info("request", extra={"fields": fields})
