"""Amazon SES: one message for each reader of ours, by SendEmail of its API v2, with the ledger as for SMTP.

The library's own retries are off: a request that may have been carried out is uncertain, and stays so until a person
decides, as with a relay whose line broke. What SES says becomes the answer a relay would have given.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.deliver.smtp import Answer, Dropped
from generator.errors import BadSetting, EngineFailed, MissingExtra

if TYPE_CHECKING:
    from generator.config import Settings, SmtpSettings

# HTTP statuses
OK, FAULT, DENIED, TOO_MANY, INTERNAL, UNAVAILABLE = 200, 400, (401, 403), 429, 500, 503
# What SES says of us rather than of a reader: going on would bring the same for everybody.
OURS = {
    "AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "NotFoundException",
}  # fmt: skip
BUSY = {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SesDoor:
    """The door of Amazon SES; its client is shared by all lines."""

    settings: SmtpSettings  # how many connections, how fast
    name: str
    client: Any = field(repr=False)
    extras: dict[str, Any]  # of each request
    feedback: bool  # whether bounces go to the envelope's sender

    def dial(self) -> SesLine:
        """A line; nothing is asked yet."""
        return SesLine(self)

    def check(self) -> str:
        """Where readers leave; EngineFailed for a contact list that is not there."""
        options = self.extras.get("ListManagementOptions")
        if not options:
            return "readers leave through [mail]"
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- an extra

        name = options["ContactListName"]
        try:
            found = self.client.get_contact_list(ContactListName=name)
        except (BotoCoreError, ClientError) as problem:
            raise EngineFailed(
                self.name, f"contact list {name!r} cannot be read ({_said(problem)})",
                hint="create it there, mend contact_list in [ses], or allow ses:GetContactList",
            ) from None  # fmt: skip
        topics = [topic["TopicName"] for topic in found.get("Topics", ())]
        if (topic := options.get("TopicName", "")) and topic not in topics:
            raise EngineFailed(
                self.name, f"contact list {name!r} has no topic {topic!r}", hint=f"known: {', '.join(topics) or 'none'}"
            )
        return f"readers leave through contact list {name}"


class SesLine:
    """A line to SES, as a connection of a run sees it."""

    international = False  # SES takes no names beyond ASCII
    largest = 0

    def __init__(self, door: SesDoor) -> None:
        self._door = door
        self.usable = True

    def hand_over(self, sender: str, recipient: str, content: bytes) -> Answer:
        """One message; Dropped when it is not known whether SES took it, or when SES is away."""
        from botocore import exceptions  # noqa: PLC0415 -- an extra

        extras = self._door.extras | ({"FeedbackForwardingEmailAddress": sender} if self._door.feedback else {})
        try:
            found = self._door.client.send_email(
                Destination={"ToAddresses": [recipient]}, Content={"Raw": {"Data": content}}, **extras
            )
        except exceptions.ClientError as problem:
            return _answer(problem.response, _said(problem))
        except exceptions.SSLError as problem:
            return Answer("us", 550, f"5.7.5 its certificate is not to be trusted ({_verdict(problem)})")
        except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError, exceptions.ProxyConnectionError):
            raise Dropped(f"{self._door.name}: no connection", complete=False) from None
        except exceptions.ReadTimeoutError:
            raise Dropped("no answer within the time set", complete=True) from None
        except (exceptions.NoCredentialsError, exceptions.CredentialRetrievalError, exceptions.TokenRetrievalError):
            return Answer("us", 550, "5.7.8 the credentials have run out or cannot be read")
        except exceptions.BotoCoreError as problem:
            raise Dropped(f"the connection was closed ({type(problem).__name__})", complete=True) from None
        return Answer("content", 250, f"2.0.0 {found['MessageId']}")

    def close(self) -> None:
        """Nothing to end: the client keeps its connections for all lines."""


def _answer(response: dict[str, Any], said: str) -> Answer:
    """What a relay would have answered; Dropped for a fault in which the message may have gone out."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in OURS or status in DENIED or "not verified" in said:
        return Answer("us", 550, f"5.7.0 {said}")
    if code in BUSY or status in (TOO_MANY, UNAVAILABLE):
        return Answer("content", 421, f"4.7.0 {said}")
    if status >= INTERNAL or status < FAULT:
        raise Dropped(said, complete=True)
    return Answer("content", 554, f"5.6.0 {said}")


def _said(problem: Exception) -> str:
    """What SES or the library said, in one line and without keys."""
    error = getattr(problem, "response", {}).get("Error", {})
    words = f"{error.get('Code')}: {error.get('Message')}" if error else type(problem).__name__
    return " ".join(words.split())[:300]


def _verdict(problem: BaseException) -> str:
    """Why a certificate was not believed."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        following = cause.__cause__ or cause.__context__
        cause = following or next((one for one in cause.args if isinstance(one, BaseException)), None)
    return "TLS failed"


def door(settings: Settings) -> SesDoor:
    """The door that the settings describe. MissingExtra without the library, BadSetting for what cannot be."""
    try:
        import boto3  # noqa: PLC0415 -- an extra
        from botocore.config import Config  # noqa: PLC0415 -- same
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 -- same
    except ModuleNotFoundError as problem:
        if problem.name not in ("boto3", "botocore"):
            raise
        raise MissingExtra('send with engine = "ses"', "ses", f"the library {problem.name}") from None
    given, pace = settings.ses, settings.smtp
    if given.contact_list and settings.dkim.domain:
        raise BadSetting(
            "[ses] contact_list", "SES adds its links only to what it signs itself", hint="leave [dkim] domain empty"
        )
    try:
        session = boto3.Session(region_name=given.region or None)
        if session.get_credentials() is None:
            raise BadSetting(
                "[ses]", "there are no credentials",
                hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else AWS's tools read",
            )  # fmt: skip
        if not session.region_name:
            raise BadSetting("[ses]", "no region is set", hint="name it in newsletter.toml, or set AWS_REGION")
        client = session.client(
            "sesv2", endpoint_url=given.endpoint or None, verify=given.ca_file or None,
            config=Config(
                retries={"total_max_attempts": 1}, connect_timeout=min(pace.timeout, 10), read_timeout=pace.timeout,
                max_pool_connections=pace.connections,
            ),
        )  # fmt: skip
    except (BotoCoreError, ValueError) as problem:
        raise BadSetting("[ses]", str(problem), hint="mend it, or the settings of AWS's tools") from None
    extras: dict[str, Any] = {}
    if given.configuration_set:
        extras["ConfigurationSetName"] = given.configuration_set
    if given.contact_list:
        options = {"ContactListName": given.contact_list} | ({"TopicName": given.topic} if given.topic else {})
        extras["ListManagementOptions"] = options
    name = f"SES at {client.meta.endpoint_url.removeprefix('https://')}"
    return SesDoor(settings=pace, name=name, client=client, extras=extras, feedback=bool(settings.mail.return_path))
