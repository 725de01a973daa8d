"""Engines on loopback for tests: listmonk and Buttondown as their documents and sources have them, no kinder.

They know the fields, states, refusals and template functions of the real ones, refuse what they do not know, and keep
what they were asked to send. `faults` makes the next requests fail: before they are carried out, or after.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
import socket
import struct
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from email.message import Message

PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", 592, 300)
PAGE = 3  # emails on a page of Buttondown's, 100 with the real one
WORKING = {  # functions of listmonk's templates that the letter may use, and what they print for a subscriber
    "UnsubscribeURL": "https://lists.capline.test/subscription/c/s", '"{{"': "{{",
}  # fmt: skip


class Refused(Exception):
    """A request the engine does not carry out."""

    def __init__(self, status: int, body: object = None, **headers: str) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


@dataclass
class Fault:
    """What happens to the next request with this method and beginning of a path, `times` over."""

    method: str
    path: str
    act: Callable[[BaseHTTPRequestHandler], None] | Refused
    after: bool = False  # after it was carried out
    times: int = 1


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Accept, and say nothing."""
    handler.server.released.wait(10)  # type: ignore[attr-defined]
    cut(handler)


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Break the line."""
    handler.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Desk:
    """What both have: requests seen, faults to come, a lock."""

    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    root: ClassVar[str] = ""

    def fault(self, method: str, path: str, *, after: bool) -> Fault | None:
        """The fault that is due, if any."""
        for one in self.faults:
            if one.times and one.method == method and path.startswith(one.path) and one.after == after:
                one.times -= 1
                return one
        return None

    def count(self, method: str, path: str) -> int:
        """How many requests with a method came to a path."""
        return sum(1 for one in self.seen if one == (method, path))

    def handle(self, method: str, path: str, query: dict[str, list[str]], headers: Message, body: bytes) -> object:
        """Carry a request out."""
        raise NotImplementedError


def files(headers: Message, body: bytes) -> dict[str, tuple[str, str, bytes]]:
    """The files of a form: name of the field to name, kind and content."""
    parsed = email.message_from_bytes(
        f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body, policy=email.policy.HTTP
    )
    found = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        found[name] = (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
    return found


def fields(given: dict[str, Any], known: dict[str, type | tuple[type, ...]]) -> None:
    """Refuse a field that is not known, or of another kind."""
    for name, value in given.items():
        if name not in known:
            raise Refused(400, {"message": f"unknown field {name}"})
        if not isinstance(value, known[name]):
            raise Refused(400, {"message": f"{name} is {type(value).__name__}"})


# --- listmonk ---------------------------------------------------------------------------------------------------

LONGEST = 200  # characters of a name
EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
CAMPAIGN: dict[str, type | tuple[type, ...]] = {
    "name": str, "subject": str, "lists": list, "from_email": str, "type": str, "content_type": str, "messenger": str,
    "body": str, "altbody": str, "template_id": int, "tags": list, "headers": list, "send_at": str,
}  # fmt: skip


@dataclass
class ListmonkDesk(Desk):
    """A listmonk with lists, templates and one subscriber for tests."""

    user: str = "capline"
    token: str = "tOkEn"  # noqa: S105 -- made up
    lists: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            1: {"id": 1, "name": "Daily", "subscriber_count": 1234},
            2: {"id": 2, "name": "Weekly", "subscriber_count": 56},
        }
    )
    templates: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            1: {"id": 1, "type": "campaign", "body": '<html><h1>News</h1>{{ template "content" . }}</html>'},
            7: {"id": 7, "type": "campaign", "body": '{{ template "content" . }}\n'},
        }
    )
    campaigns: dict[int, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)  # subscriber, page as sent
    subscribers: tuple[str, ...] = ("me@capline.test",)

    def handle(self, method: str, path: str, query: dict[str, list[str]], headers: Message, body: bytes) -> object:
        """Carry a request out."""
        given = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
        if headers["Authorization"] not in {f"Basic {given}", f"token {self.user}:{self.token}"}:
            raise Refused(403, {"message": "invalid API credentials"})
        for pattern, verb, act in (
            (r"/api/lists/(\d+)", "GET", self.list_),
            (r"/api/templates/(\d+)", "GET", self.template),
            (r"/api/campaigns/(\d+)", "GET", self.campaign),
            (r"/api/campaigns/(\d+)", "PUT", self.update),
            (r"/api/campaigns/(\d+)", "DELETE", self.delete),
            (r"/api/campaigns/(\d+)/status", "PUT", self.status),
            (r"/api/campaigns/(\d+)/test", "POST", self.test),
        ):
            found = re.fullmatch(pattern, path)
            if found and verb == method:
                return {"data": act(int(found[1]), json.loads(body) if body else {})}
        if (method, path) == ("GET", "/api/campaigns"):
            return {"data": self.search(query)}
        if (method, path) == ("POST", "/api/campaigns"):
            return {"data": self.create(json.loads(body))}
        if (method, path) == ("POST", "/api/media"):
            return {"data": self.upload(*files(headers, body)["file"])}
        raise Refused(404, {"message": "Not Found"})

    def list_(self, number: int, _: object) -> dict[str, Any]:
        """GET /api/lists/{id}."""
        if number not in self.lists:
            raise Refused(400, {"message": "List not found"})
        return self.lists[number]

    def template(self, number: int, _: object) -> dict[str, Any]:
        """GET /api/templates/{id}."""
        if number not in self.templates:
            raise Refused(400, {"message": "Template not found"})
        return self.templates[number]

    def campaign(self, number: int, _: object) -> dict[str, Any]:
        """GET /api/campaigns/{id}."""
        if number not in self.campaigns:
            raise Refused(400, {"message": "Campaign not found"})
        return self.campaigns[number]

    def search(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """GET /api/campaigns: by a part of name and subject, newest first."""
        wanted = query.get("query", [""])[0].lower()
        page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["20"])[0])
        found = [one for one in self.campaigns.values() if wanted in f"{one['name']} {one['subject']}".lower()]
        found.sort(key=lambda one: -one["id"])
        rows = [one | {"body": ""} if "no_body" in query else one for one in found]
        if not rows:
            return {"results": [], "query": "", "total": 0, "per_page": 0, "page": 0}
        return {"results": rows[(page - 1) * size : page * size], "total": len(rows), "per_page": size, "page": page}

    def valid(self, given: dict[str, Any], **more: type) -> None:
        """What validateCampaignFields looks at, and that no field is unknown."""
        fields(given, CAMPAIGN | more)
        if not 1 <= len(given.get("name", "")) <= LONGEST:
            raise Refused(400, {"message": "Invalid length for `name`."})
        if not given.get("subject"):
            raise Refused(400, {"message": "Invalid length for `subject`."})
        if not re.search(r"((.+?)\s)?<(.+?)@(.+?)>", given.get("from_email", "")):
            raise Refused(400, {"message": "Invalid `from_email`."})
        if not given.get("lists") or not all(isinstance(one, int) for one in given["lists"]):
            raise Refused(400, {"message": "Invalid list IDs."})
        if given.get("messenger") != "email":
            raise Refused(400, {"message": "Unknown messenger."})
        if given.get("content_type") not in {"richtext", "html", "markdown", "plain"}:
            raise Refused(500, {"message": "pq: invalid input value for enum content_type"})
        if not all(isinstance(one, dict) and len(one) == 1 for one in given.get("headers", [])):
            raise Refused(400, {"message": "Invalid headers."})
        for name in ("subject", "body", "altbody"):
            self.compiled(given.get(name, ""))

    def compiled(self, text: str) -> str:
        """What a template prints for a subscriber; functions that there are not are refused."""

        def printed(found: re.Match[str]) -> str:
            if found[1].strip() not in WORKING:
                raise Refused(400, {"message": f"Error compiling campaign body: function {found[1]!r} not defined"})
            return WORKING[found[1].strip()]

        return EXPRESSION.sub(printed, text)

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """POST /api/campaigns: always a draft."""
        self.valid(given)
        number = max(self.campaigns, default=40) + 1
        self.campaigns[number] = self.stored(given) | {"id": number, "status": "draft", "sent": 0, "to_send": 0}
        return self.campaigns[number]

    def stored(self, given: dict[str, Any]) -> dict[str, Any]:
        """Lists that there are not are left out without a word, as by the real one's query."""
        lists = [{"id": one, "name": self.lists[one]["name"]} for one in given["lists"] if one in self.lists]
        return given | {"lists": lists, "tags": [re.sub(r"\s+", "-", tag.strip()) for tag in given["tags"]]}

    def update(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        """PUT /api/campaigns/{id}."""
        if self.campaign(number, None)["status"] not in {"draft", "paused", "scheduled"}:
            raise Refused(400, {"message": "Cannot update a running or a finished campaign."})
        self.valid(given)
        self.campaigns[number] |= self.stored(given)
        return self.campaigns[number]

    def delete(self, number: int, _: object) -> bool:
        """DELETE /api/campaigns/{id}."""
        self.campaign(number, None)
        del self.campaigns[number]
        return True

    def status(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        """PUT /api/campaigns/{id}/status."""
        fields(given, {"status": str})
        one = self.campaign(number, None)
        if given["status"] == "running" and one["status"] not in {"paused", "draft"}:
            raise Refused(400, {"message": "Only paused campaigns and drafts can be started."})
        one |= {
            "status": given["status"],
            "to_send": sum(self.lists[each["id"]]["subscriber_count"] for each in one["lists"]),
        }
        return one

    def test(self, number: int, given: dict[str, Any]) -> bool:
        """POST /api/campaigns/{id}/test: to subscribers that there are."""
        self.campaign(number, None)
        self.valid(given, subscribers=list)
        found = [one for one in given.get("subscribers", []) if one.lower() in self.subscribers]
        if not found:
            raise Refused(400, {"message": f"No known subscribers given: {given.get('subscribers')}"})
        self.tests += [(one, self.compiled(given["body"])) for one in found]
        return True

    def upload(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        """POST /api/media: a name that is taken gets a suffix."""
        if kind != "image/png" or not name.endswith(".png"):
            raise Refused(400, {"message": "Unsupported file type"})
        if name in self.media:
            name = f"{name[:-4]}_{uuid.uuid4().hex[:6]}.png"
        self.media[name] = content
        return {"id": len(self.media), "filename": name, "content_type": kind, "url": f"/uploads/{name}"}


# --- Buttondown -------------------------------------------------------------------------------------------------

CREATED: dict[str, type | tuple[type, ...]] = {
    "subject": str, "slug": str, "description": str, "canonical_url": str, "image": str, "body": str,
    "email_type": str, "status": str, "metadata": dict, "filters": dict, "attachments": list,
}  # fmt: skip
CHANGED = CREATED | {"template": str}
STATUSES = {"draft", "about_to_send", "scheduled", "in_flight", "paused", "errored", "sent", "throttled", "resending",
            "suppressed"}  # fmt: skip


@dataclass
class ButtondownDesk(Desk):
    """A newsletter at Buttondown, API version 2026-04-01."""

    key: str = "bd-kEy"
    emails: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    drafts: list[tuple[str, str]] = field(default_factory=list)  # recipient, template
    answers: dict[str, object] = field(default_factory=dict)  # by idempotency key
    root: ClassVar[str] = "/v1"

    def handle(self, method: str, path: str, query: dict[str, list[str]], headers: Message, body: bytes) -> object:
        """Carry a request out, or answer it again by its idempotency key."""
        if not headers["Authorization"]:
            raise Refused(401, {"detail": "Unauthorized"})
        if headers["Authorization"] != f"Token {self.key}":
            raise Refused(403, {"detail": "Invalid token."})
        if headers["X-API-Version"] != "2026-04-01":
            raise Refused(400, {"code": "invalid_api_version", "detail": "this test knows 2026-04-01"})
        key = headers["X-Idempotency-Key"]
        if key is None:
            return self.carried(method, path, query, headers, body)
        if len(key) > LONGEST:
            raise Refused(400, {"detail": "key too long"})
        if key not in self.answers:
            self.answers[key] = self.carried(method, path, query, headers, body)
        return self.answers[key]

    def carried(self, method: str, path: str, query: dict[str, list[str]], headers: Message, body: bytes) -> object:
        """Carry a request out."""
        found = re.fullmatch(r"/v1/emails/([0-9a-f-]{36})(/send-draft)?", path)
        if (method, path) == ("GET", "/v1/emails"):
            return self.listed(query)
        if (method, path) == ("POST", "/v1/emails"):
            return self.create(json.loads(body))
        if (method, path) == ("POST", "/v1/images"):
            name, _, content = files(headers, body)["image"]
            self.images[name] = content
            return {
                "id": str(uuid.uuid4()),
                "creation_date": "2026-11-24",
                "image": f"https://assets.capline.test/{name}",
            }
        if found and found[1] not in self.emails:
            raise Refused(404, {"detail": "Not Found"})
        if found and found[2] and method == "POST":
            given = json.loads(body)
            fields(given, {"subscribers": list, "recipients": list})
            self.drafts += [(one, self.emails[found[1]].get("template", "classic")) for one in given["recipients"]]
            return None
        if found and method == "PATCH":
            return self.change(self.emails[found[1]], json.loads(body))
        if found and method == "DELETE":
            del self.emails[found[1]]
            return None
        raise Refused(404, {"detail": "Not Found"})

    def listed(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """GET /v1/emails."""
        if unknown := set(query) - {"status", "source", "creation_date__start", "page", "ordering", "subject"}:
            raise Refused(422, {"detail": f"unknown parameters {unknown}"})
        page, since = int(query["page"][0]), query.get("creation_date__start", [""])[0]
        if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", since):
            raise Refused(400, {"code": "creation_date_invalid", "detail": since})
        found = [
            one for one in self.emails.values()
            if one["status"] in query.get("status", STATUSES) and one["creation_date"] >= since
        ]  # fmt: skip
        more = "more" if len(found) > page * PAGE else None
        return {"results": found[(page - 1) * PAGE : page * PAGE], "next": more, "previous": None, "count": len(found)}

    def valid(self, given: dict[str, Any], known: dict[str, type | tuple[type, ...]]) -> None:
        """No field that is not known, and states that there are."""
        for name, value in given.items():
            if name not in known or not isinstance(value, known[name]):
                raise Refused(422, {"detail": [{"loc": ["body", name], "msg": "not permitted"}]})
        if given.get("status", "draft") not in STATUSES:
            raise Refused(400, {"code": "status_invalid", "detail": given["status"]})
        for one in given.get("filters", {}).get("filters", []):
            if set(one) != {"field", "operator", "value"}:
                raise Refused(422, {"detail": "filter"})
        if given.get("body", "").startswith("---"):
            raise Refused(400, {"code": "body_contains_frontmatter", "detail": "frontmatter"})
        for tag in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", given.get("body", "")):
            if tag[0].strip() != "unsubscribe_url":
                raise Refused(400, {"code": "body_invalid", "detail": f"cannot be parsed: {tag}"})

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/emails."""
        self.valid(given, CREATED)
        if not given.get("subject"):
            raise Refused(400, {"code": "subject_invalid", "detail": "A subject is required."})
        if given.get("status", "draft") == "about_to_send":
            raise Refused(
                400, {"code": "sending_requires_confirmation", "detail": "pass X-Buttondown-Live-Dangerously"}
            )
        if any(one["slug"] == given.get("slug") for one in self.emails.values()):
            raise Refused(400, {"code": "slug_invalid", "detail": "The slug provided is invalid or already in use."})
        number = str(uuid.uuid4())
        moment = f"2026-11-24T22:{len(self.emails):02}:00Z"
        self.emails[number] = given | {"id": number, "creation_date": moment, "source": "api", "analytics": None}
        return self.emails[number]

    def change(self, one: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """PATCH /v1/emails/{id}."""
        self.valid(given, CHANGED)
        if given.get("status") == "about_to_send" and one["status"] not in {"draft", "about_to_send"}:
            raise Refused(400, {"code": "status_invalid", "detail": "The email was sent already."})
        one |= given
        if one["status"] == "about_to_send":
            one["analytics"] = {"recipients": 90, "deliveries": 0}
        return one


# --- over HTTP --------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """Takes a request to the desk of its server."""

    protocol_version = "HTTP/1.1"
    server: Server

    def answered(self) -> None:
        """Answer, or do what a fault wants."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.desk.lock:
            said, fault = self.judged(body)
        if fault:
            fault(self)
            self.close_connection = True
            return
        content = b"" if said.body is None else said.body
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def judged(self, body: bytes) -> tuple[Refused, Callable[[BaseHTTPRequestHandler], None] | None]:
        """What is answered, or a fault that answers nothing."""
        desk, parts = self.server.desk, urlsplit(self.path)
        desk.seen.append((self.command, parts.path))
        fault = desk.fault(self.command, parts.path, after=False)
        if fault is None:
            try:
                found = desk.handle(self.command, parts.path, parse_qs(parts.query), self.headers, body)
            except Refused as refusal:
                return refusal, None
            fault = desk.fault(self.command, parts.path, after=True)
            if fault is None:
                return Refused(200, found), None
        return (fault.act, None) if isinstance(fault.act, Refused) else (Refused(0), fault.act)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answered  # noqa: N815 -- the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A desk on a port of its own."""

    daemon_threads = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.desk, self.released = desk, threading.Event()

    def handle_error(self, *_: object) -> None:
        """Let go a client that went away: a test wanted that."""


@contextmanager
def serving(desk: Desk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a desk on this machine; gives its address, as the settings have it."""
    server = Server(desk)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}{desk.root}"
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
