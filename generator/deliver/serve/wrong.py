"""What went wrong, as a page: what it is and what to do, the same for everybody."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from generator.errors import BookError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from generator.deliver.serve.office import Office

TITLES = {
    404: "There is no such page",
    405: "That cannot be done here",
    410: "This link is over",
    429: "Too many at once",
}
WORDS = {
    400: "What was sent cannot be read.",
    404: "The link may have lost a part on its way. Open it from the mail again, or copy all of it.",
    408: "The form took too long to arrive.",
    410: "It was good until a certain day. The newest letter has a fresh one; or sign up anew.",
    413: "What was sent is too long.",
    429: "From your network came many sign-ups. Try again in an hour.",
    503: "Too much is going on. Nothing is lost; try again later.",
}
log = logging.getLogger("capline.serve")


def wrong(office: Office) -> Callable[[Request, Exception], Response]:
    """The page for a refusal of ours, or for a book that cannot be used."""

    def page(_request: Request, problem: Exception) -> Response:
        status, headers = 503, None
        if isinstance(problem, HTTPException):
            status, headers = problem.status_code, problem.headers
        elif isinstance(problem, BookError):
            log.error("book failed", extra={"fields": {"problem": str(problem)}})
        title = TITLES.get(status, HTTPStatus(status).phrase)
        words = office.page("message.html", title=title, words=WORDS.get(status, "Try again from the start."))
        return HTMLResponse(words, status, headers=headers)

    return page
