"""Amazon SES: one message for each reader, with the ledger; against moto, and against answers that moto never gives."""

from __future__ import annotations

import email
import email.policy
import json
import ssl
import sys
import urllib.request
from typing import TYPE_CHECKING

import boto3
import engines
import mailroom
import pytest
import trustme
from engines import Desk, Fault, Refused, cut, hang
from moto.server import ThreadedMotoServer

from generator.config import SesSettings, Settings
from generator.deliver import dispatch
from generator.deliver.book import opened
from generator.deliver.engines import ses
from generator.deliver.readers import take_in
from generator.errors import BadSetting, EngineFailed, MissingExtra, RelayFailed, Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

    from generator.deliver.dispatch import Balance

REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give keys that are made up, and nothing of the person who runs the tests."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "AKIAMADEUP"),
        ("AWS_SECRET_ACCESS_KEY", "sEcReT"),
        ("AWS_CONFIG_FILE", str(tmp_path / "none")),
        ("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none")),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def settings(folder: Path, endpoint: str, *, pace: dict[str, object] | None = None, **given: object) -> Settings:
    """Write settings for SES at an address of this machine."""
    base = mailroom.settings(folder, 9)
    words = {"region": REGION, "endpoint": endpoint} | given
    return base.model_copy(
        update={
            "mail": base.mail.model_copy(update={"engine": "ses"}),
            "smtp": base.smtp.model_copy(update={"timeout": 10.0} | (pace or {})),
            "ses": SesSettings.model_validate(words),
        }
    )


def letter() -> dispatch.Letter:
    """Give a small letter."""
    return dispatch.Letter(id=mailroom.EDITION, kind="daily", language="en", content=mailroom.letter())


def listed(folder: Path, *addresses: str) -> None:
    """Take readers in."""
    (folder / "list.txt").write_text("\n".join(addresses) + "\n")
    with opened(folder / "private/readers.sqlite") as book:
        take_in(book, folder / "list.txt", folder / "rejects.csv", now=mailroom.NOW)


def told(made: Settings, resolve: str = "") -> Balance:
    """Send; gives the balance, however it ended."""
    found: list[Balance] = []
    try:
        dispatch.send(
            made, letter(), tag="", resolve=resolve, now=mailroom.NOW, report=lambda _: None, tell=found.append
        )
    except Unfinished:
        assert found
    return found[0]


# --- against moto -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def amazon() -> Iterator[str]:
    """Run moto's server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def empty(amazon: str) -> str:
    """An account that may send from nowhere; gives the address of the service."""
    urllib.request.urlopen(urllib.request.Request(f"{amazon}/moto-api/reset", method="POST")).close()  # noqa: S310
    return amazon


@pytest.fixture
def account(empty: str) -> str:
    """Give one that may send from the letter's sender, and has a contact list."""
    client = boto3.client("sesv2", endpoint_url=empty, region_name=REGION)
    client.create_email_identity(EmailIdentity="letter@example.org")
    client.create_contact_list(
        ContactListName="readers",
        Topics=[{"TopicName": "daily", "DisplayName": "Daily", "DefaultSubscriptionStatus": "OPT_IN"}],
    )
    return empty


def sent(amazon: str) -> list[Message]:
    """Give what moto took, as messages."""
    with urllib.request.urlopen(f"{amazon}/moto-api/data.json") as answer:  # noqa: S310 -- this machine
        found = json.load(answer)["ses"]["RawMessage"]
    return [email.message_from_string(one["raw_data"], policy=email.policy.default) for one in found]


def test_each_reader_gets_it_once_with_our_own_link(tmp_path: Path, account: str) -> None:
    """Sent again, nobody gets a second; headers and link are those of SMTP, and dots are not doubled."""
    listed(tmp_path, "a@example.org", "b@example.org")
    made = settings(tmp_path, account)
    assert told(made).counts == {"accepted": 2}
    assert told(made).counts == {"accepted": 2}

    messages = sent(account)
    assert sorted(str(one["To"]) for one in messages) == ["a@example.org", "b@example.org"]
    one = messages[0]
    assert one["List-Unsubscribe"].startswith("<https://letters.example.org/u/")
    text = one.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "\n.\n.. and a line of dots\n" in text.replace("\r\n", "\n")
    assert "https://letters.example.org/u/" in text


def test_with_a_contact_list_readers_leave_through_ses(tmp_path: Path, account: str) -> None:
    """Its own words stand in both parts, and the headers are left to it."""
    listed(tmp_path, "a@example.org")
    told(settings(tmp_path, account, contact_list="readers", topic="daily"))
    (one,) = sent(account)
    assert one["List-Unsubscribe"] is None
    for kind in ("plain", "html"):
        assert "{{amazonSESUnsubscribeUrl}}" in one.get_body((kind,)).get_content()  # type: ignore[attr-defined]


def test_preflight_asks_for_contact_list_and_topic(tmp_path: Path, account: str) -> None:
    """What is not there is named before anything is sent."""
    assert ses.door(settings(tmp_path, account, contact_list="readers", topic="daily")).check()
    with pytest.raises(EngineFailed, match="contact list 'others' cannot be read"):
        ses.door(settings(tmp_path, account, contact_list="others")).check()
    with pytest.raises(EngineFailed, match="no topic 'monthly'") as caught:
        ses.door(settings(tmp_path, account, contact_list="readers", topic="monthly")).check()
    assert caught.value.hint == "known: daily"


def test_a_proof_goes_through_ses(tmp_path: Path, account: str) -> None:
    """Past ledger and readers."""
    answer = dispatch.proof(settings(tmp_path, account), letter(), "me@example.org", now=mailroom.NOW)
    assert answer.startswith("250 2.0.0 ")
    assert [str(one["To"]) for one in sent(account)] == ["me@example.org"]


# --- what moto never answers ------------------------------------------------------------------------------------


class Amazon(Desk):
    """Takes every message, as botocore's model of SendEmail has it."""

    def handle(self, method: str, path: str, query: object, headers: Message, body: bytes) -> object:
        """Carry a request out."""
        assert (method, path, query) == ("POST", "/v2/email/outbound-emails", {})
        assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAMADEUP/")
        given = json.loads(body)
        assert set(given) <= {"Destination", "Content", "FeedbackForwardingEmailAddress", "ConfigurationSetName"}
        assert set(given["Content"]) == {"Raw"}
        self.taken = [*getattr(self, "taken", []), given["Destination"]["ToAddresses"][0]]
        return {"MessageId": "0102-made-up"}


PATH = "/v2/email/outbound-emails"


def refusal(status: int, code: str, message: str = "no") -> Refused:
    """An error as the service gives it."""
    return Refused(status, {"message": message}, x_amzn_ErrorType=code)


@pytest.mark.parametrize(
    ("act", "after", "state"),
    [
        (cut, True, "uncertain"),
        (hang, False, "uncertain"),
        (refusal(500, "InternalServiceError"), True, "uncertain"),
        (refusal(400, "MessageRejected", "a virus"), False, "rejected"),
        (refusal(400, "BadRequestException", "Illegal address"), False, "rejected"),
    ],
)
def test_what_becomes_of_a_reader(tmp_path: Path, act: object, *, after: bool, state: str) -> None:
    """Whether it went out may not be known: then it is held, and sent again only when the operator says so."""
    listed(tmp_path, "a@example.org")
    desk = Amazon()
    desk.faults.append(Fault("POST", PATH, act, after=after))  # type: ignore[arg-type]
    with engines.serving(desk) as url:
        made = settings(tmp_path, url, pace={"connections": 1, "timeout": 0.5})
        assert told(made).counts == {state: 1}
        assert told(made).counts == {state: 1}
        assert len(desk.seen) == 1
        how = "again" if state == "uncertain" else "rejected"
        assert told(made, resolve=how).counts == {"accepted": 1}


@pytest.mark.parametrize(
    "act", [refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded."), refusal(503, "Unavailable")]
)
def test_a_limit_slows_down_and_is_tried_again(tmp_path: Path, act: Refused) -> None:
    """In the same run; every reader gets it once."""
    listed(tmp_path, "a@example.org", "b@example.org", "c@example.org")
    desk = Amazon()
    desk.faults.append(Fault("POST", PATH, act, times=2))
    with engines.serving(desk) as url:
        made = settings(tmp_path, url, pace={"connections": 1, "retry_after": (0.01, 0.01, 0.01)})
        assert told(made).counts == {"accepted": 3}
    assert sorted(desk.taken) == ["a@example.org", "b@example.org", "c@example.org"]


@pytest.mark.parametrize(
    "act",
    [
        refusal(400, "SendingPausedException", "Sending is paused for this account."),
        refusal(400, "AccountSuspendedException"),
        refusal(404, "NotFoundException", "Configuration set <x> does not exist."),
        refusal(403, "AccessDeniedException", "not authorized to perform: ses:SendEmail"),
        refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"),
        refusal(400, "MessageRejected", "Email address is not verified. The following identities failed the check"),
    ],
)
def test_what_is_said_of_us_stops_the_run(tmp_path: Path, act: Refused) -> None:
    """At once; nobody is marked as refused."""
    listed(tmp_path, *(f"r{number}@example.org" for number in range(30)))
    desk = Amazon()
    desk.faults.append(Fault("POST", PATH, act, times=99))
    found: list[Balance] = []
    with engines.serving(desk) as url, pytest.raises(RelayFailed, match="refuses us") as caught:
        dispatch.send(
            settings(tmp_path, url, pace={"connections": 1}), letter(), tag="", resolve="", now=mailroom.NOW,
            report=lambda _: None, tell=found.append,
        )  # fmt: skip
    assert found[0].counts == {"planned": 30}
    assert "sEcReT" not in f"{caught.value}{caught.value.hint}"
    assert len(desk.seen) == 1


def test_a_certificate_is_checked(tmp_path: Path) -> None:
    """One of an authority nobody knows takes no letter."""
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listed(tmp_path, "a@example.org")
    desk = Amazon()
    with engines.serving(desk, context) as url:
        with pytest.raises(RelayFailed, match="certificate is not to be trusted"):
            told(settings(tmp_path, url))
        assert told(settings(tmp_path, url, ca_file=str(file))).counts == {"accepted": 1}


def test_names_beyond_ascii_are_refused_by_name(tmp_path: Path) -> None:
    """SES takes none; the others get theirs."""
    listed(tmp_path, "jürgen@example.org", "b@example.org")
    desk = Amazon()
    with engines.serving(desk) as url:
        assert told(settings(tmp_path, url)).counts == {"accepted": 1, "rejected": 1}


def test_without_credentials_or_region_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to set; one's own signature does not go with SES's links."""
    with pytest.raises(BadSetting, match="no region"):
        ses.door(settings(tmp_path, "", region=""))
    made = settings(tmp_path, "", contact_list="readers")
    with pytest.raises(BadSetting, match="only to what it signs itself"):
        ses.door(made.model_copy(update={"dkim": made.dkim.model_copy(update={"domain": "capline.test"})}))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(BadSetting, match="no credentials"):
        ses.door(settings(tmp_path, ""))


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an extra of Capline."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtra, match="needs the library boto3") as caught:
        ses.door(settings(tmp_path, ""))
    assert ".[ses]" in caught.value.hint
