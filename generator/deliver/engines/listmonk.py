"""listmonk: its API, as read in its sources and docs at version 6 (docs/engines.md).

The HTML goes in as it is, since the template adds nothing; the link to leave and the headers for it are listmonk's.
Pictures are uploaded, since a campaign cannot carry parts of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from generator.deliver.engines import LEAVES
from generator.deliver.engines.api import Api
from generator.deliver.engines.campaign import Campaign
from generator.deliver.engines.issue import go_words
from generator.errors import BadSetting, EngineFailed

if TYPE_CHECKING:
    from typing import Self

    from pydantic import SecretStr

    from generator.config import ListmonkSettings
    from generator.deliver.engines.issue import Issue

PAGE = 100  # campaigns asked for at a time
STATES = {"draft": "draft", "running": "going", "scheduled": "going", "finished": "done"}  # else: held
CONTENT = '{{ template "content" . }}'  # all that the template may hold
DIGEST, MARK = "sha256-", "mark-"  # begin the tags that say what a campaign was made from


class Listmonk:
    """A listmonk to hand editions over to; to be closed."""

    def __init__(self, settings: ListmonkSettings, token: SecretStr | None) -> None:
        if not settings.user or token is None:
            raise BadSetting(
                "[listmonk]", "there is no user or no token",
                hint="name user in newsletter.toml, and set CAPLINE_LISTMONK_TOKEN or token_file",
            )  # fmt: skip
        if not settings.template:
            raise BadSetting(
                "[listmonk] template", "no template is set",
                hint=f"make a campaign template in listmonk that is nothing but {CONTENT}, and name its number",
            )  # fmt: skip
        self._settings = settings
        self._api = Api(
            "listmonk", settings.url, timeout=settings.timeout, ca_file=settings.ca_file,
            auth=(settings.user, token.get_secret_value()),
        )  # fmt: skip
        self.name = self._api.name

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._api.__exit__()

    def check(self, issue: Issue) -> str:
        """Who would get it: the lists, with the subscribers of each; the template is looked at too."""
        told = []
        for number in self._lists(issue):
            found = self._data(self._api.get(f"/api/lists/{number}"), dict)
            told.append(f"list {number} ({found.get('name')}), {found.get('subscriber_count', 0):,} subscribers")
        template = self._data(self._api.get(f"/api/templates/{self._settings.template}"), dict)
        if template.get("type") != "campaign" or str(template.get("body")).split() != CONTENT.split():
            raise EngineFailed(
                self.name, f"template {self._settings.template} is more than {CONTENT}",
                hint="the letter is a whole page: make a campaign template that is nothing but these words",
            )  # fmt: skip
        return "; ".join(told)

    def _lists(self, issue: Issue) -> tuple[int, ...]:
        lists = dict(self._settings.lists).get(issue.kind, ())  # type: ignore[call-overload]
        if not lists:
            raise BadSetting(
                "[listmonk] lists", f"no list gets the {issue.kind} letter",
                hint=f"name some: lists = {{ {issue.kind} = [1] }}",
            )  # fmt: skip
        return tuple(lists)

    def mark(self, issue: Issue) -> str:
        """What a draft would be marked with."""
        return issue.marked(self._lists(issue), self._settings.template, issue.link)

    def find(self, issue: Issue) -> list[Campaign]:
        """All campaigns with the name of the issue, the oldest first."""
        found: list[Campaign] = []
        page = 1
        while True:
            query = {"query": issue.name, "no_body": "true", "page": page, "per_page": PAGE}
            answer = self._data(self._api.get("/api/campaigns", **query), dict)
            rows = answer.get("results") or []
            found += [self._campaign(row) for row in rows if row.get("name") == issue.name]
            if len(rows) < PAGE:
                return sorted(found, key=lambda one: int(one.id))
            page += 1

    def _campaign(self, row: dict[str, Any]) -> Campaign:
        said = str(row.get("status"))
        tags = [str(tag) for tag in row.get("tags") or ()]
        return Campaign(
            id=str(row["id"]),
            name=str(row["name"]),
            state=STATES.get(said, "held"),  # type: ignore[arg-type]
            said=said,
            digest=_behind(DIGEST, tags),
            mark=_behind(MARK, tags),
            sent=int(row.get("sent") or 0),
            total=int(row.get("to_send") or 0),
        )

    def make(self, issue: Issue) -> None:
        """Make a draft."""
        self._api.send("POST", "/api/campaigns", json=self._body(issue))

    def renew(self, campaign: Campaign, issue: Issue) -> None:
        """Bring a draft up to date."""
        self._api.send("PUT", f"/api/campaigns/{campaign.id}", json=self._body(issue))

    def _body(self, issue: Issue) -> dict[str, object]:
        addresses = {one.place: self._uploaded(one.name, one.png) for one in issue.pictures}
        headers = [{"X-Capline-Edition": issue.edition}, {"Auto-Submitted": "auto-generated"}]
        if issue.link:
            headers.append({"List-Archive": f"<{issue.link}>"})
        return {
            "name": issue.name,
            "subject": go_words(issue.subject),
            "lists": list(self._lists(issue)),
            "from_email": issue.sender,
            "type": "regular",
            "content_type": "html",
            "messenger": "email",
            "body": issue.page(LEAVES["listmonk"], addresses),
            "altbody": issue.words(LEAVES["listmonk"]),
            "template_id": self._settings.template,
            "tags": ["capline", issue.kind, f"{DIGEST}{issue.digest}", f"{MARK}{self.mark(issue)}"],
            "headers": headers,
        }

    def _uploaded(self, name: str, png: bytes) -> str:
        """The address of a picture after it was uploaded."""
        answer = self._api.send("POST", "/api/media", files={"file": (name, png, "image/png")})
        found = self._data(answer, dict)
        address = str(found.get("url") or found.get("uri") or "")
        if not address:
            raise EngineFailed(
                self.name, "it does not say where an uploaded picture lies", hint="use version 4 of it, or a later one"
            )
        return urljoin(f"{self._settings.url}/", address)

    def start(self, campaign: Campaign) -> None:
        """Let a draft be sent."""
        self._api.send("PUT", f"/api/campaigns/{campaign.id}/status", json={"status": "running"})

    def drop(self, campaign: Campaign) -> None:
        """Take a draft away."""
        self._api.send("DELETE", f"/api/campaigns/{campaign.id}")

    def proof(self, campaign: Campaign, to: str) -> None:
        """Send one copy, as the campaign stands there, to a subscriber of listmonk's."""
        stored = self._data(self._api.get(f"/api/campaigns/{campaign.id}"), dict)
        wanted = ("name", "subject", "from_email", "type", "content_type", "messenger", "body", "altbody", "tags")
        body = {name: stored.get(name) for name in (*wanted, "template_id", "headers")}
        lists = [one["id"] for one in stored.get("lists") or ()]
        body |= {"lists": lists, "subscribers": [to]}
        self._api.send("POST", f"/api/campaigns/{campaign.id}/test", json=body)

    def _data(self, answer: Any, kind: type[dict[str, Any]]) -> dict[str, Any]:  # noqa: ANN401 -- JSON
        """What an answer holds under "data"."""
        found = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(found, kind):
            raise EngineFailed(self.name, "its answer has no data", hint="is url in [listmonk] that of a listmonk?")
        return found


def _behind(beginning: str, tags: list[str]) -> str:
    """What stands behind a beginning in the first tag that has it; "" if none does."""
    return next((tag.removeprefix(beginning) for tag in tags if tag.startswith(beginning)), "")
