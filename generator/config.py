"""Settings from newsletter.toml, checked; each is explained there. This module alone reads the environment."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator

from generator.errors import BadSetting, UnknownName

FILE = Path("newsletter.toml")
DISCLAIMER = (
    "This letter reports what was measured. It is not investment advice, and past outcomes do not promise future ones."
)
Form = Literal["web", "mail", "text", "pdf", "json"]
Paper = Literal["a4", "letter"]
Positive = Annotated[float, Field(gt=0)]
Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$")]  # goes into headers and titles: one line


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LetterSettings(_Section):
    """What the letter calls itself and who sends it."""

    name: Annotated[Line, Field(min_length=1)] = "Capline"
    publisher: Line = "The Capline authors"
    sender: Annotated[Line, Field(pattern=r"^[^<>\r\n]* ?<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$")] = (
        "Capline <letter@example.org>"
    )
    address: Line = ""
    disclaimer: str = DISCLAIMER


class BuildSettings(_Section):
    """What is built, from what, and where to."""

    source: str = "sample"
    formats: Annotated[tuple[Form, ...], Field(min_length=1)] = ("web", "mail", "text", "pdf", "json")
    papers: Annotated[tuple[Paper, ...], Field(min_length=1)] = ("a4", "letter")
    output: Path = Path("output")
    store: Path = Path("output/store.duckdb")
    memory: Annotated[int, Field(ge=0, le=50)] = 20


class FetchSettings(_Section):
    """How live sources are asked, and where what they say is kept."""

    store: Path = Path("output/live.duckdb")
    cache: Path = Path("output/cache")
    contact: Line = ""
    budget: Annotated[float, Field(gt=0)] = 900.0  # seconds
    timeout: Annotated[float, Field(gt=0, le=300)] = 20.0  # seconds
    parallel: Annotated[int, Field(ge=1, le=32)] = 8
    hosts: dict[str, Annotated[int, Field(ge=1)]] = {}  # requests a minute


class SourceSettings(_Section):
    """Which live sources may be asked, in which order, and what the user is licensed to print."""

    order: tuple[str, ...] = ("treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo", "fred")
    sample: bool = True
    licensed: tuple[str, ...] = ()


class FeedSettings(_Section):
    """A feed of headlines: in RSS or Atom, or Yahoo's news of a symbol (`yahoo:SYMBOL`)."""

    name: Annotated[Line, Field(min_length=1)]
    address: Annotated[Line, Field(pattern=r"^(https?://[^/\s]+\S*|yahoo:\S+)$")]
    tags: Annotated[tuple[Literal["stocks", "crypto"], ...], Field(min_length=1)] = ("stocks",)
    publisher: Line = ""  # where the feed does not name one
    quiet_days: Annotated[int, Field(ge=1)] = 7


FEEDS = (
    FeedSettings(
        name="Federal Reserve, monetary policy",
        address="https://www.federalreserve.gov/feeds/press_monetary.xml",
        publisher="Federal Reserve",
        quiet_days=60,
    ),
    FeedSettings(name="CNBC, economy", address="https://www.cnbc.com/id/20910258/device/rss/rss.html"),
    FeedSettings(name="CoinDesk", address="https://www.coindesk.com/arc/outboundfeeds/rss/", tags=("crypto",)),
    FeedSettings(name="Yahoo Finance, Russell 2000", address="yahoo:^RUT"),
    FeedSettings(name="Yahoo Finance, Bitcoin", address="yahoo:BTC-USD", tags=("crypto",)),
)


class NewsSettings(_Section):
    """Whether a fetch reads headlines of others, and from which feeds."""

    on: bool = True
    feeds: tuple[FeedSettings, ...] = FEEDS


class OwnSeries(_Section):
    """A series of the user's own: of a file, of a symbol of Yahoo or of a name of FRED."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+$")]
    file: Line = ""
    yahoo: Line = ""
    fred: Line = ""
    label: Line = ""
    unit: str = "index"
    frequency: Literal["session", "business day", "day", "week", "month", "quarter", "event"] = "day"
    release: str = "own"
    date: Line = "date"  # columns of the file
    value: Line = "value"
    known_at: Line = ""


class QualitySettings(_Section):
    """How far is too far: the thresholds of the gates between store and facts, and what a person has accepted."""

    window: Annotated[int, Field(ge=5)] = 63  # values
    jump_percent: Positive = 20.0
    jump_yield_bp: Positive = 75.0
    jump_points: Positive = 1.0
    jump_sigmas: Positive = 6.0
    jump_confirmed: Annotated[int, Field(ge=1)] = 5  # values
    peer_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    split_percent: Positive = 5.0
    unit_percent: Positive = 8.0
    yield_low: float = -2.0
    yield_high: float = 25.0
    settle_minutes: Annotated[int, Field(ge=0)] = 15
    late: dict[str, Annotated[float, Field(ge=0)]] = {  # days
        "session": 1.0,
        "business day": 4.0,
        "day": 2.0,
        "week": 8.0,
        "month": 35.0,
        "quarter": 60.0,
        "size.": 120.0,
    }
    doubled_minutes: Annotated[float, Field(ge=0)] = 10.0
    revision_percent: Positive = 1.0
    revision_bp: Positive = 10.0
    revision_points: Positive = 0.3
    mends: Annotated[float, Field(ge=1)] = 4.0
    fund_points: Positive = 0.5
    fund_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    levels_apart: Positive = 0.05  # percent
    yields_apart: Positive = 0.005
    vix_apart: Positive = 0.1
    currencies_apart: Positive = 0.5  # percent
    against: dict[str, str] = {}
    accepted: tuple[Annotated[str, Field(pattern=r"^[a-z]+ \S+ \d{4}-\d{2}-\d{2}$")], ...] = (
        "hole prices.CPIAUCSL 2025-10-01",
        "hole prices.CPILFESL 2025-10-01",
        "hole labour.UNRATE 2025-10-01",
        "hole rates.DGS30 2006-02-08",
        "jump price.OIL 2020-04-20",
        "jump price.OIL 2020-04-21",
        "jump labour.UNRATE 2020-04-01",
        "jump labour.ICSA 2020-03-21",
        "jump labour.ICSA 2020-03-28",
    )


Token = Annotated[Line, Field(pattern=r"^(|https://[^\s<>\"{}]*\{token\}[^\s<>\"{}]*)$")]
Mailbox = Annotated[Line, Field(pattern=r"^(|[!-~]+@[A-Za-z0-9.-]+)$")]


class MailSettings(_Section):
    """Who gets the letter, what carries it, and how a reader leaves."""

    engine: Literal["smtp", "ses", "listmonk", "buttondown"] = "smtp"
    readers: Path = Path("output/private/readers.sqlite")
    database: Annotated[Line, Field(pattern=r"^(|postgres(ql)?://\S*)$")] = ""
    key_file: Path = Path("output/private/key")
    unsubscribe_url: Token = ""
    unsubscribe_mailto: Mailbox = ""
    return_path: Mailbox = ""
    archive: Annotated[Line, Field(pattern=r"^(|https?://[^\s<>\"{}]*\{(edition|path)\}[^\s<>\"{}]*)$")] = ""
    list_id: Annotated[Line, Field(pattern=r"^[A-Za-z0-9.-]*$")] = ""
    max_age_days: Annotated[int, Field(ge=0)] = 4

    @property
    def book(self) -> Path | str:
        """Where readers and deliveries are kept: the database's URL, else the file."""
        return self.database or self.readers

    def page(self, edition: str) -> str:
        """The public page of an edition; "" if none is set.

        >>> MailSettings(archive="https://example.org/{path}/").page("2026-03-31-daily")
        'https://example.org/2026/03/31-daily/'
        """
        path = edition.replace("-", "/", 2)  # as the archive has it
        return self.archive.replace("{edition}", edition).replace("{path}", path)


class SmtpSettings(_Section):
    """The relay that takes the letter, and how fast it is handed over."""

    host: Line = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Line = ""
    user: Line = ""
    password_file: Line = ""
    connections: Annotated[int, Field(ge=1, le=256)] = 4
    messages_per_connection: Annotated[int, Field(ge=0)] = 500
    rate: Annotated[float, Field(ge=0)] = 0
    rate_per_connection: Annotated[float, Field(ge=0)] = 0
    rate_per_domain: Annotated[float, Field(ge=0)] = 0
    timeout: Annotated[float, Field(gt=0)] = 120
    retry_after: Annotated[tuple[float, ...], Field(max_length=10)] = (60, 300, 900)
    give_up_after: Annotated[int, Field(ge=1)] = 10


Kinds = Literal["daily", "weekly", "decision"]
SITE = r"https?://[^\s/<>\"{}?#]+(/[^\s<>\"{}?#]*)?"


class SesSettings(_Section):
    """Amazon SES: where, and whose list of contacts a reader leaves; how fast stands in [smtp]."""

    region: Annotated[Line, Field(pattern=r"^[a-z0-9-]*$")] = ""
    endpoint: Annotated[Line, Field(pattern=rf"^(|{SITE})$")] = ""
    ca_file: Line = ""
    configuration_set: Line = ""
    contact_list: Line = ""
    topic: Line = ""


class ListmonkSettings(_Section):
    """A listmonk: where, as whom, and which of its lists get which kind of letter."""

    url: Annotated[Line, Field(pattern=rf"^(|{SITE})$")] = ""
    user: Line = ""
    token_file: Line = ""
    ca_file: Line = ""
    lists: dict[Kinds, tuple[Annotated[int, Field(ge=1)], ...]] = {}
    template: Annotated[int, Field(ge=0)] = 0
    timeout: Positive = 30.0  # seconds


class ButtondownSettings(_Section):
    """Buttondown: where, and which tags of its subscribers get which kind of letter."""

    url: Annotated[Line, Field(pattern=rf"^{SITE}$")] = "https://api.buttondown.com/v1"
    key_file: Line = ""
    ca_file: Line = ""
    tags: dict[Kinds, tuple[Annotated[Line, Field(min_length=1)], ...]] = {}
    timeout: Positive = 30.0  # seconds


class DkimSettings(_Section):
    """Signatures of our own, for a relay that does not sign."""

    domain: Annotated[Line, Field(pattern=r"^[A-Za-z0-9.-]*$")] = ""
    rsa_selector: Annotated[Line, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    rsa_key_file: Line = ""
    ed25519_selector: Annotated[Line, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    ed25519_key_file: Line = ""


Folder = Annotated[str, Field(pattern=r"^[ !#-\[\]-~]*$")]  # ASCII without quotation mark and backslash


class ImapSettings(_Section):
    """The mailbox that takes bounces, complaints and mails to unsubscribe."""

    host: Line = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Line = ""
    user: Line = ""
    password_file: Line = ""
    folder: Annotated[Folder, Field(min_length=1)] = "INBOX"
    handled: Folder = "Handled"
    authority: Annotated[Line, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""
    soft_bounces: Annotated[int, Field(ge=1)] = 5
    soft_days: Annotated[int, Field(ge=1, le=365)] = 30
    timeout: Annotated[float, Field(gt=0)] = 60


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]


class ServeSettings(_Section):
    """The small web application: sign-up, leaving, preferences and the archive."""

    host: Line = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8025
    url: Annotated[Line, Field(pattern=r"^(|https?://[^\s/<>\"{}?#]+)$")] = ""
    archive: Path = Path("output/site")
    proxies: tuple[IPvAnyNetwork, ...] = ()
    consent: Annotated[Line, Field(min_length=1)] = (
        "Send me this letter by mail. I can leave at any time, with one click."
    )
    privacy_url: Annotated[Line, Field(pattern=r"^(|https?://[^\s<>\"]+)$")] = ""
    languages: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")], ...], Field(min_length=1)
    ] = ("en",)
    confirm_days: Annotated[int, Field(ge=1, le=30)] = 3
    per_network: Annotated[int, Field(ge=1)] = 10
    mails_an_hour: Annotated[int, Field(ge=1)] = 100


class SiteSettings(_Section):
    """The archive: where it is published, and what it calls itself."""

    url: Annotated[Line, Field(pattern=r"^https?://[^\s?#\"<>]+/$")] = "https://example.org/"
    title: Line = ""
    folder: Path = Path("output/site")
    tag: Annotated[Line, Field(pattern=r"^tag:[a-z0-9.-]+,\d{4}(-\d{2}){0,2}:[A-Za-z0-9._~/-]+$")] = (
        "tag:example.org,2026:capline"
    )
    search: bool = False
    comments: Annotated[tuple[Annotated[Line, Field(pattern=r'^[^"<>]+$')], ...], Field(max_length=4)] = ()

    @field_validator("comments")
    @classmethod
    def _all_or_none(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) not in {0, 4}:
            raise ValueError("give all four: repository, its id, category, its id")
        return value


class StateSettings(_Section):
    """Where what is kept between runs is kept, and the key that it is sealed with."""

    remote: Annotated[Line, Field(pattern=r"^(|[^-\s]\S*)$")] = ""
    branch: Annotated[Line, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")] = "capline-state"
    key_file: Path = Path("output/private/state.key")

    @field_validator("remote")
    @classmethod
    def _safe(cls, value: str) -> str:
        if "::" in value.partition("/")[0]:
            raise ValueError("git's remote helpers are not used")
        scheme, found, rest = value.partition("://")
        if found and scheme not in {"https", "ssh", "file", "http"}:
            raise ValueError("give a path, or an address with https, ssh or file")
        if scheme == "http" and not rest.startswith(("127.0.0.1", "localhost")):
            raise ValueError("http is for this machine alone")
        if scheme in {"https", "http"} and "@" in rest.partition("/")[0]:
            raise ValueError("the token goes into CAPLINE_STATE_TOKEN, not into the address")
        return value


class ClockSettings(_Section):
    """Which letters are made by themselves, when, and what becomes of them."""

    kinds: Annotated[tuple[Literal["daily", "weekly", "decision"], ...], Field(min_length=1)] = (
        "daily",
        "weekly",
        "decision",
    )
    ready_minutes: Annotated[int, Field(ge=0, le=720)] = 30
    catch_up_days: Annotated[int, Field(ge=0, le=366)] = 14
    late_hours: Annotated[float, Field(gt=0, le=720)] = 12
    site: bool = True
    publish: tuple[Line, ...] = ()
    publish_minutes: Positive = 15
    wait_minutes: Annotated[float, Field(ge=0, le=720)] = 20


class NoticeSettings(_Section):
    """Where the operator is told when a letter is held or late."""

    mail_to: Mailbox = ""
    url_file: Line = ""


class Settings(_Section):
    """All settings; frozen."""

    letter: LetterSettings = LetterSettings()
    build: BuildSettings = BuildSettings()
    fetch: FetchSettings = FetchSettings()
    sources: SourceSettings = SourceSettings()
    news: NewsSettings = NewsSettings()
    quality: QualitySettings = QualitySettings()
    series: tuple[OwnSeries, ...] = ()

    @property
    def store(self) -> Path:
        """The file of the observation store: live data have their own, so that nothing fetched moves the sample."""
        return self.fetch.store if self.build.source == "live" else self.build.store

    mail: MailSettings = MailSettings()
    smtp: SmtpSettings = SmtpSettings()
    ses: SesSettings = SesSettings()
    listmonk: ListmonkSettings = ListmonkSettings()
    buttondown: ButtondownSettings = ButtondownSettings()
    dkim: DkimSettings = DkimSettings()
    imap: ImapSettings = ImapSettings()
    serve: ServeSettings = ServeSettings()
    site: SiteSettings = SiteSettings()
    state: StateSettings = StateSettings()
    clock: ClockSettings = ClockSettings()
    notice: NoticeSettings = NoticeSettings()


def load(path: Path | None = None) -> Settings:
    """Read and check settings; without a file of the default name, the defaults hold.

    Raises BadSetting for a file that is missing or is no TOML and for a value that does not fit, UnknownName for a key
    that is none of ours.
    """
    chosen = path or FILE
    if path is None and not chosen.exists():
        return Settings()
    try:
        given = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadSetting(str(chosen), problem.strerror or "cannot be read", hint="name a file that is there") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadSetting(str(chosen), f"is not TOML: {problem}", hint="mend that line") from None
    _refuse_unknown(given, Settings, chosen.name)
    try:
        return Settings.model_validate(given)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSetting(
            f"{chosen.name}: {where} = {first['input']!r}", first["msg"], hint="see newsletter.toml in the repository"
        ) from None


def _refuse_unknown(given: dict[str, Any], model: type[BaseModel], where: str) -> None:
    for key, value in given.items():
        if key not in model.model_fields:
            raise UnknownName(f"setting in {where}", key, model.model_fields)
        inner = model.model_fields[key].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            if not isinstance(value, dict):
                raise BadSetting(where, f"[{key}] is not a table", hint=f"write [{key}] and its settings below it")
            _refuse_unknown(value, inner, f"{where}, [{key}]")
        tables = [one for one in get_args(inner) if isinstance(one, type) and issubclass(one, BaseModel)]
        if tables and isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    _refuse_unknown(one, tables[0], f"{where}, [[{key}]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of sources that want one; masked wherever they are shown."""

    fred: SecretStr | None
    bls: SecretStr | None

    @property
    def sources(self) -> frozenset[str]:
        """The sources whose key is there."""
        return frozenset(name for name, key in (("fred", self.fred), ("bls", self.bls)) if key is not None)


def keys(folder: Path = Path()) -> Keys:
    """The keys in the environment (FRED_API_KEY, BLS_API_KEY), else in a file `.env` of a folder.

    Raises BadSetting for a `.env` that others than its owner may read, and for a key that cannot be one; the message
    never holds it.
    """
    found = {name: os.environ.get(name, "").strip() for name in ("FRED_API_KEY", "BLS_API_KEY")}
    file = folder / ".env"
    if not all(found.values()) and file.exists():
        _require_private(file)
        from dotenv import dotenv_values  # noqa: PLC0415 -- only who fetches needs it

        given = dotenv_values(file, interpolate=False)
        found = {name: value or (given.get(name) or "").strip() for name, value in found.items()}
    for name, value in found.items():
        if value and not (value.isascii() and value.isalnum()):
            raise BadSetting(name, "holds something else than letters and digits", hint="copy the key again, alone")
    fred, bls = (SecretStr(value) if value else None for value in found.values())
    return Keys(fred=fred, bls=bls)


def _require_private(file: Path) -> None:
    try:
        about = file.stat()
    except OSError as problem:
        raise BadSetting(str(file), problem.strerror or "cannot be read", hint="mend or remove it") from None
    others = stat.S_IMODE(about.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    if os.name == "posix" and (others or about.st_uid not in {os.getuid(), 0}):
        raise BadSetting(
            str(file), "can be read by others than you; keys in it were not used", hint=f"run `chmod 600 {file}`"
        )


def secret(name: str, file: Path | str) -> SecretStr | None:
    """A secret from the environment, else from a file that nobody but its owner may read; None if neither is there.

    Raises BadSetting for a file that others may read, that cannot be read, or that is empty.
    """
    if given := os.environ.get(name):
        return SecretStr(given)
    if not str(file):
        return None
    path = Path(file)
    try:
        with path.open(encoding="utf-8") as handle:
            if os.fstat(handle.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise BadSetting(str(path), "others than its owner may use this secret", hint=f"chmod 600 {path}")
            found = handle.read().strip()
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "cannot be read"
        raise BadSetting(str(path), why, hint=f"name a file that is there, or set {name}") from None
    if not found:
        raise BadSetting(str(path), "is empty", hint=f"write the secret into it, or set {name}")
    return SecretStr(found)


SECRETS = frozenset({
    "BLS_API_KEY", "CAPLINE_BUTTONDOWN_KEY", "CAPLINE_IMAP_PASSWORD", "CAPLINE_KEY", "CAPLINE_LISTMONK_TOKEN",
    "CAPLINE_NOTICE_URL", "CAPLINE_SMTP_PASSWORD", "CAPLINE_STATE_KEY", "CAPLINE_STATE_TOKEN", "FRED_API_KEY",
    "PGPASSWORD",
})  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    """The environment for another program: all of ours but Capline's secrets, and what is given."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS} | more


def job_page() -> Path | None:
    """The file whose Markdown GitHub shows on the page of a job, if this is one."""
    given = os.environ.get("GITHUB_STEP_SUMMARY", "")
    return Path(given) if given else None


def help_pango() -> None:
    """On macOS, let WeasyPrint find a Pango that Homebrew installed, whichever Python runs."""
    if sys.platform == "darwin":
        known = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "")
        os.environ["DYLD_FALLBACK_LIBRARY_PATH"] = ":".join(
            filter(None, (known, "/opt/homebrew/lib", "/usr/local/lib"))
        )
