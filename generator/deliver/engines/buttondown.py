"""Buttondown: its API of version 2026-04-01 (docs/engines.md).

An email is made as a draft, with the edition as its slug and an idempotency key, and started by a second request. The
HTML goes in bare ("naked"), with Buttondown's own link to leave; the plain text and its headers are Buttondown's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deliver.engines import LEAVES
from generator.deliver.engines.api import Api
from generator.deliver.engines.campaign import Campaign
from generator.errors import BadSetting, EngineFailed, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from pydantic import SecretStr

    from generator.config import ButtondownSettings
    from generator.deliver.engines.issue import Issue

VERSION = "2026-04-01"
BARE = "<!-- buttondown-editor-mode: naked -->\n"
STATES = {
    "draft": "draft",
    "about_to_send": "going",
    "scheduled": "going",
    "in_flight": "going",
    "throttled": "going",
    "resending": "going",
    "sent": "done",
}  # fmt: skip -- else: held
ASKED = (*STATES, "paused", "errored", "suppressed")  # else the API leaves some out


class Buttondown:
    """A newsletter at Buttondown to hand editions over to; to be closed."""

    def __init__(self, settings: ButtondownSettings, key: SecretStr | None) -> None:
        if key is None:
            raise BadSetting("[buttondown]", "there is no key", hint="set CAPLINE_BUTTONDOWN_KEY or key_file")
        self._settings = settings
        self._api = Api(
            "buttondown", settings.url, timeout=settings.timeout, ca_file=settings.ca_file,
            headers={"Authorization": f"Token {key.get_secret_value()}", "X-API-Version": VERSION},
        )  # fmt: skip
        self.name = self._api.name

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._api.__exit__()

    def check(self, issue: Issue) -> str:
        """Who would get it; the key is tried."""
        if any(opening in issue.subject for opening in ("{{", "{%", "{#")):
            raise RenderError(
                f"Buttondown would read the subject {issue.subject!r} as a program", hint="take the braces out of it"
            )
        next(self._emails(issue), None)
        tags = self._tags(issue)
        return f"subscribers with the tag {' or '.join(tags)}" if tags else "all subscribers"

    def _tags(self, issue: Issue) -> tuple[str, ...]:
        return tuple(dict(self._settings.tags).get(issue.kind, ()))  # type: ignore[call-overload]

    def mark(self, issue: Issue) -> str:
        """What a draft would be marked with."""
        return issue.marked(self._tags(issue), issue.link)

    def find(self, issue: Issue) -> list[Campaign]:
        """All emails of the issue, the oldest first; none can be older than the day the edition is about."""
        found = [row for row in self._emails(issue) if (row.get("metadata") or {}).get("capline") == issue.name]
        found.sort(key=lambda row: (str(row.get("creation_date")), str(row["id"])))
        return [self._campaign(row) for row in found]

    def _emails(self, issue: Issue) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            answer = self._api.get(
                "/emails", status=list(ASKED), source="api", creation_date__start=issue.edition[:10], page=page
            )  # fmt: skip
            if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
                raise EngineFailed(self.name, "its answer has no results", hint="is url in [buttondown] its API's?")
            yield from answer["results"]
            if not answer.get("next"):
                return
            page += 1

    def _campaign(self, row: dict[str, Any]) -> Campaign:
        said = str(row.get("status"))
        analytics = row.get("analytics") or {}
        return Campaign(
            id=str(row["id"]),
            name=str(row["metadata"]["capline"]),
            state=STATES.get(said, "held"),  # type: ignore[arg-type]
            said=said.replace("_", " "),
            digest=str(row["metadata"].get("digest", "")),
            mark=str(row["metadata"].get("mark", "")),
            sent=int(analytics.get("deliveries") or 0),
            total=int(analytics.get("recipients") or 0),
        )

    def make(self, issue: Issue) -> None:
        """Make a draft."""
        key = {"X-Idempotency-Key": f"{issue.edition}-{self.mark(issue)}"}
        self._api.send("POST", "/emails", json=self._body(issue), headers=key)

    def renew(self, campaign: Campaign, issue: Issue) -> None:
        """Bring a draft up to date."""
        self._api.send("PATCH", f"/emails/{campaign.id}", json=self._body(issue))

    def _body(self, issue: Issue) -> dict[str, object]:
        addresses = {one.place: self._uploaded(one.name, one.png) for one in issue.pictures}
        filters = [{"field": "subscriber.tags", "operator": "contains", "value": tag} for tag in self._tags(issue)]
        return {
            "subject": issue.subject,
            "slug": issue.edition,
            "body": BARE + issue.page(LEAVES["buttondown"], addresses),
            "canonical_url": issue.link,
            "email_type": "public",
            "status": "draft",
            "metadata": {"capline": issue.name, "digest": issue.digest, "mark": self.mark(issue)},
            "filters": {"filters": filters, "groups": [], "predicate": "or" if filters else "and"},
        }

    def _uploaded(self, name: str, png: bytes) -> str:
        """The address of a picture after it was uploaded; the same bytes again give the same address."""
        answer = self._api.send(
            "POST", "/images", files={"image": (name, png, "image/png")}, headers={"X-Idempotency-Key": name}
        )
        if not isinstance(answer, dict) or not answer.get("image"):
            raise EngineFailed(
                self.name, "it does not say where an uploaded picture lies", hint="is url in [buttondown] its API's?"
            )
        return str(answer["image"])

    def start(self, campaign: Campaign) -> None:
        """Let a draft be sent."""
        body = {"template": "naked", "status": "about_to_send"}
        self._api.send("PATCH", f"/emails/{campaign.id}", json=body)

    def drop(self, campaign: Campaign) -> None:
        """Take a draft away."""
        self._api.send("DELETE", f"/emails/{campaign.id}")

    def proof(self, campaign: Campaign, to: str) -> None:
        """Send one copy of a draft."""
        self._api.send("PATCH", f"/emails/{campaign.id}", json={"template": "naked"})
        self._api.send("POST", f"/emails/{campaign.id}/send-draft", json={"recipients": [to]})
