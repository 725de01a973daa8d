"""The application: which page answers which request. A GET changes nothing, whatever its address holds."""

from __future__ import annotations

import logging
import math
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from generator.deliver import tokens
from generator.deliver.book import book_errors
from generator.deliver.segments import FREQUENCIES
from generator.deliver.serve import choices, forms, signup, visitors
from generator.deliver.serve.frame import Frame
from generator.deliver.serve.office import fonts, style
from generator.deliver.serve.wrong import wrong
from generator.deliver.tokens import PREFER, UNSUBSCRIBE, BadToken
from generator.errors import BadAddress, BookError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from starlette.requests import Request

    from generator.deliver.serve.choices import Holder
    from generator.deliver.serve.confirming import Poster
    from generator.deliver.serve.office import Office

FOREVER = "public, max-age=86400"
log = logging.getLogger("capline.serve")


class House:
    """All pages but the archive's."""

    def __init__(self, office: Office, poster: Poster) -> None:
        self._office, self._poster = office, poster
        self._limit = visitors.Limit(office.settings.serve.per_network)
        self._style = style()

    def routes(self) -> list[Route]:
        """Every address."""
        return [
            Route("/", _named("sign-up", self.front), methods=["GET"]),
            Route("/subscribe", _named("sign-up", self.subscribe), methods=["POST"]),
            Route("/c/{token}", _named("confirm", self.confirm), methods=["GET", "POST"]),
            Route("/u/{token}", _named("leave", self.leave), methods=["GET", "POST"]),
            Route("/p/{token}", _named("choose", self.choose), methods=["GET", "POST"]),
            Route("/style.css", _named("style", self.style), methods=["GET"]),
            Route("/favicon.ico", _named("icon", self.icon), methods=["GET"]),
            Route("/health", _named("health", self.health), methods=["GET"]),
        ]

    # --- signing up -----------------------------------------------------------------------------------------------

    def _network(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return visitors.network(peer, forwarded, self._office.settings.serve.proxies)

    def _form(self, request: Request, status: int = 200, /, **given: object) -> Response:
        network, now = self._network(request), self._office.clock().timestamp()
        known = {"address": "", "frequency": "daily", "language": self._languages()[0], "problem": "", "again": False}
        stamp = visitors.stamp(self._office.key, network, now)
        return HTMLResponse(self._office.page("signup.html", stamp=stamp, **(known | given)), status)

    def _languages(self) -> tuple[str, ...]:
        return self._office.settings.serve.languages

    async def front(self, request: Request) -> Response:
        """The form."""
        return self._form(request)

    async def subscribe(self, request: Request) -> Response:
        """Take a sign-up in. What comes back is the same whatever is known of the address."""
        given = await forms.fields(request)
        kept = {
            "address": given.get("address", "")[:254],
            "frequency": given["frequency"] if given.get("frequency") in FREQUENCIES else "daily",
            "language": given["language"] if given.get("language") in self._languages() else self._languages()[0],
        }
        now, network = self._office.clock(), self._network(request)
        if not visitors.stamped(self._office.key, network, given.get("stamp", ""), now.timestamp()):
            return self._form(request, again=True, **kept)  # from another site, or too old: ask the person in front
        try:
            wanted = forms.address_in(kept["address"])
        except BadAddress as problem:
            return self._form(request, 422, problem=problem.problem, **kept)
        if wait := self._limit.wait(network, now.timestamp()):
            log.warning("limit", extra={"fields": {"network": visitors.hashed(self._office.key, network)}})
            raise HTTPException(429, headers={"Retry-After": str(math.ceil(wait))})
        wish = signup.Wish(
            address=wanted, language=kept["language"] if len(self._languages()) > 1 else "",
            frequency=kept["frequency"], network=visitors.hashed(self._office.key, network),
            consent=self._office.settings.serve.consent,
        )  # fmt: skip
        await run_in_threadpool(self._ask, wish)
        self._poster.wake()
        through = (now + timedelta(days=self._office.settings.serve.confirm_days)).date()
        return HTMLResponse(self._office.page("sent.html", through=through))

    def _ask(self, wish: signup.Wish) -> None:
        given = self._office.settings.serve
        try:
            with self._office.book() as book:
                signup.ask(
                    book, wish, now=self._office.clock(), days=given.confirm_days, an_hour=given.mails_an_hour
                )  # fmt: skip
        except signup.TooMany:
            raise HTTPException(503) from None

    async def confirm(self, request: Request) -> Response:
        """Show a button; on POST, enter the reader."""
        token, post = request.path_params["token"], request.method == "POST"
        if post:
            await forms.fields(request)
        network = visitors.hashed(self._office.key, self._network(request))
        done = await run_in_threadpool(self._confirm, token, network, post=post)
        return HTMLResponse(self._office.page("confirmed.html" if done else "confirm.html"))

    def _confirm(self, token: str, network: str, *, post: bool) -> bool:
        """Whether it is confirmed by now."""
        now, key = self._office.clock(), self._office.key
        with self._office.book() as book, _links():
            if post:
                signup.confirm(book, key, token, now=now, network=network)
                return True
            return signup.pending(book, key, token, now=now)[1]

    # --- leaving and choosing -------------------------------------------------------------------------------------

    def _holder(self, token: str, purpose: bytes) -> Holder:
        with self._office.book() as book, _links():
            return choices.holder(book, self._office.key, token, purpose=purpose, now=self._office.clock())

    def _token(self, reader: Holder, purpose: bytes) -> str:
        """A link of another kind, for who holds one already; for today and tomorrow."""
        through = tokens.last_day((self._office.clock() + timedelta(days=1)).date())
        return tokens.sign(self._office.key, purpose, reader.number, reader.mailbox, through)

    async def leave(self, request: Request) -> Response:
        """Show a button; on POST, which may come from a mail program (RFC 8058), send nothing more."""
        reader = await run_in_threadpool(self._holder, request.path_params["token"], UNSUBSCRIBE)
        if request.method == "POST":
            await forms.fields(request)
            await run_in_threadpool(self._left, reader)
        if request.method == "POST" or not reader.active:
            return HTMLResponse(self._office.page("left.html"))
        return HTMLResponse(self._office.page("leave.html", fewer=self._token(reader, PREFER)))

    def _left(self, reader: Holder) -> None:
        with self._office.book() as book:
            choices.leave(book, reader, now=self._office.clock())

    async def choose(self, request: Request) -> Response:
        """Show what a reader chose; on POST, keep what they choose now."""
        reader = await run_in_threadpool(self._holder, request.path_params["token"], PREFER)
        if not reader.active:
            return HTMLResponse(self._office.page("left.html"))
        chosen, saved = (reader.frequency, reader.language), False
        if request.method == "POST":
            given = await forms.fields(request)
            frequency, language = given.get("frequency", ""), given.get("language", reader.language)
            if frequency not in FREQUENCIES or language not in ("", reader.language, *self._languages()):
                raise HTTPException(400)
            await run_in_threadpool(self._chosen, reader, language, frequency)
            chosen, saved = (frequency, language), True
        words = self._office.page(
            "preferences.html", frequency=chosen[0], language=chosen[1], saved=saved,
            leave=self._token(reader, UNSUBSCRIBE),
        )  # fmt: skip
        return HTMLResponse(words)

    def _chosen(self, reader: Holder, language: str, frequency: str) -> None:
        with self._office.book() as book:
            choices.choose(book, reader, language=language, frequency=frequency)

    # --- the rest -------------------------------------------------------------------------------------------------

    async def style(self, _request: Request) -> Response:
        """The style sheet of all pages."""
        return Response(self._style, media_type="text/css", headers={"Cache-Control": FOREVER})

    async def icon(self, _request: Request) -> Response:
        """None: pages say so, yet some browsers ask now and then, and a page that is not found would be a complaint."""
        return Response(status_code=204, headers={"Cache-Control": FOREVER})

    async def health(self, _request: Request) -> Response:
        """Whether the book can be read and mails are being sent."""
        book = await run_in_threadpool(self._healthy)
        well = book and self._poster.is_alive()
        return JSONResponse({"status": "ok" if well else "failing"}, 200 if well else 503)

    def _healthy(self) -> bool:
        with self._office.book() as book, book_errors("the book"):
            return bool(book.execute("SELECT count(*) >= 0 FROM (SELECT 1 FROM signup LIMIT 1)").fetchone()[0])


@contextmanager
def _links() -> Iterator[None]:
    """A link that is no good is 404, one that is over 410; which of the two says nothing of anybody."""
    try:
        yield
    except BadToken as problem:
        raise HTTPException(410 if "over" in str(problem) else 404) from None


def _named(page: str, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Say in the journal which page it was, since its address may hold a token."""

    async def named(request: Request) -> Response:
        request.state.page = page
        return await answer(request)

    return named


def application(office: Office, poster: Poster) -> Starlette:
    """All pages, and the thread that sends mails while they are served."""
    house = House(office, poster)

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[None]:
        poster.start()
        try:
            yield
        finally:
            poster.stop()
            await run_in_threadpool(poster.join)

    static = StaticFiles(directory=office.settings.serve.archive, html=True, check_dir=False)
    return Starlette(
        routes=[
            *house.routes(),
            Mount("/fonts", StaticFiles(directory=fonts())),
            Mount("/letters", static, name="letters"),
        ],
        middleware=[Middleware(Frame)],
        exception_handlers=dict.fromkeys((HTTPException, BookError), wrong(office)),
        lifespan=living,
    )
