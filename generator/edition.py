"""An edition: one letter, complete and frozen. What comes after it needs neither pandas nor a source.

`to_json` and `from_json` are inverse; the schema they follow is docs/edition.schema.json.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from generator.errors import DamagedEdition
from generator.model import Evidence, Fact, Gap, Headline

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = "capline-edition/1"
SHARED = {"evidence": "slices", "horizon": "horizons", "derived": "notes"}  # field of a fact, list that holds it
WIDTH = 240  # characters of a line: a slice, a claim or the context of a fact fits
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False)
FORBID: dict[str, Any] = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Words printed of a fact. `say` names the form and `args` its arguments, so that it can be said again."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    fact: str
    say: str
    text: str
    args: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Plain words, which the guard has read, and claims, in the order they are printed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    pieces: tuple[str | Claim, ...]

    @property
    def text(self) -> str:
        """The sentence as it is read."""
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it says of facts."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Claim))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The parts of newsworthiness, kept apart; docs/newsworthiness.md states the rule."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    surprise: float  # bits
    state_change: float
    relevance: float
    freshness: float
    evidence: float
    novelty: float

    @property
    def total(self) -> float:
        """Relevance x freshness x evidence x novelty x (surprise + change of state)."""
        return self.relevance * self.freshness * self.evidence * self.novelty * (self.surprise + self.state_change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A story as told: its place, its score and its prose."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    story: str
    title: Sentence
    place: str  # "lead" or "body"
    score: Score
    state: str  # what it said, in short, for the novelty of later letters
    paragraphs: tuple[tuple[Sentence, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: its label and a claim or a gap for each column."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    label: str
    cells: tuple[Claim | Gap | None, ...]  # None: the column does not apply to the row


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures side by side; the unit stands in the title or the column."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    id: str
    title: str
    stub: str  # head of the label column
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A Vega-Lite specification with its data, and its words."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    id: str
    title: Sentence  # says the finding
    subtitle: str  # what is drawn, and its unit
    alt: Sentence  # the finding for who does not see the chart
    footer: str  # source and as-of date
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One case of an event study: small less large, in percentage points."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    announced: date
    base: date
    end: date
    outcome: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All cases behind the facts `precedent.<kind>.<sessions>s.*`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    kind: str
    sessions: int
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """Where a series came from and how far it reached."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    series_id: str
    label: str
    publisher: str
    terms: str
    release: str  # the rule by which its values become known, in words
    first: date
    last: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an earlier letter told, and in which words."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    edition: str
    lead: str
    stories: tuple[tuple[str, str], ...]  # story, state
    sentences: tuple[str, ...]  # figures and dates masked
    digest: str  # of that edition.json


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Earlier letters of the kind: the memory behind novelty and variety."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    letters: tuple[Told, ...] = ()  # newest first
    headlines: tuple[str, ...] = ()  # masked, newest first, reaching further back


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edition by its name and the SHA-256 of its edition.json."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    id: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """A claim of the letter before whose figure was restated since: enough to say it again, then and now."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    edition: str  # the letter that printed it
    as_of: date  # the session that was about
    moment: datetime  # what it knew
    claim: Claim  # as printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made the edition: enough to make it again."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    source: str
    version: str  # of Capline
    prose: str  # digest of templates/prose
    settings: str  # digest of the settings that bear on content
    store: str  # fingerprint of the view
    only: tuple[str, ...] = ()  # the stories asked for, if it is a one-off report
    withheld: tuple[tuple[str, str], ...] = ()  # the series that a gate held back, each with the reason
    memory: Memory = field(default_factory=Memory)
    previous: Link | None = None  # the edition made before this one, of any kind; none for the first
    restated: tuple[Reprint, ...] = ()  # what the notices of restated figures say


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What the letter calls itself and who sends it (newsletter.toml)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    name: str
    publisher: str
    sender: str
    address: str
    disclaimer: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Everything a letter prints and everything needed to render or check it again."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID
    schema: str = SCHEMA
    id: str  # "2026-03-31-daily"
    kind: str
    as_of: date  # the session it is about
    moment: datetime  # nothing known after it was used
    masthead: Masthead
    notices: tuple[str, ...]  # sample data, what the portfolios are, a date moved to a session
    headline: Sentence
    standfirst: Sentence
    preheader: Sentence
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    studies: tuple[Study, ...]
    gaps: tuple[Gap, ...]
    method: tuple[Sentence, ...]  # how it was made
    sources: tuple[SourceNote, ...]
    facts: Mapping[str, Fact]
    provenance: Provenance
    considered: Mapping[str, Score] = field(default_factory=dict)  # stories left out too
    headlines: tuple[Headline, ...] = ()  # of others, quoted word for word; none of their figures is the letter's
    unread: tuple[str, ...] = ()  # feeds of headlines that could not be read

    def sentences(self) -> Iterator[tuple[int, str, Sentence]]:
        """All sentences of the prose, numbered from 1, with where each stands."""
        for number, (where, sentence) in enumerate(self._sentences(), start=1):
            yield number, where, sentence

    def _sentences(self) -> Iterator[tuple[str, Sentence]]:
        yield "headline", self.headline
        yield "standfirst", self.standfirst
        for section in self.sections:
            for paragraph in section.paragraphs:
                for sentence in paragraph:
                    yield section.story, sentence
        for chart in self.charts:
            yield f"chart {chart.id}", chart.title
            yield f"chart {chart.id} (alternative)", chart.alt
        for sentence in self.method:
            yield "method", sentence

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Every claim of the edition, prose and tables, with where it stands."""
        yield from (("preheader", claim) for claim in self.preheader.claims)
        for section in self.sections:
            yield from ((f"title of {section.story}", claim) for claim in section.title.claims)
        for number, where, sentence in self.sentences():
            yield from ((f"sentence {number} ({where})", claim) for claim in sentence.claims)
        for table in self.tables:
            for row in table.rows:
                for cell in row.cells:
                    if isinstance(cell, Claim):
                        yield f"table {table.id}, {row.label}", cell

    @property
    def words(self) -> int:
        """Words of prose: standfirst and sections."""
        told = [s.text for section in self.sections for paragraph in section.paragraphs for s in paragraph]
        return len(" ".join([self.standfirst.text, *told]).split())


@cache
def _adapter() -> TypeAdapter[Edition]:
    from pydantic import TypeAdapter  # noqa: PLC0415 -- `capline --help` must not pay for it

    return TypeAdapter(Edition)


def to_json(edition: Edition) -> bytes:
    """The edition as UTF-8 JSON, keys sorted, one trailing newline: same edition, same bytes.

    What many facts share (slices of the store, horizons, notes) stands once, in a list of its own, and facts name it
    by its place there. What a fact does not have is left out. An object or list that fits stands on one line.
    """
    plain = _adapter().dump_python(edition, mode="json")
    for name in ("withheld", "previous", "restated"):
        if not plain["provenance"][name]:
            del plain["provenance"][name]
    for name in ("headlines", "unread"):
        if not plain[name]:
            del plain[name]
    shared: dict[str, dict[str, int]] = {name: {} for name in SHARED.values()}  # each thing, as JSON, and its place
    for _, fact in sorted(plain["facts"].items()):  # in the order in which they are read back
        for name, default in _defaults().items():
            if fact[name] == default:
                del fact[name]
        for name, table in SHARED.items():
            if name in fact:
                fact[name] = _placed(fact[name], shared[table])
    plain |= {name: [json.loads(thing) for thing in table] for name, table in shared.items()}
    return (_lines(plain, "") + "\n").encode()


def from_json(text: bytes, *, path: Path) -> Edition:
    """Read an edition back; raises DamagedEdition when it is not one of this schema."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DamagedEdition(path, f"not JSON ({problem})") from None
    return from_plain(plain, path=path)


def from_plain(plain: Any, *, path: Path) -> Edition:  # noqa: ANN401 -- JSON
    """Make an edition of its JSON, which stays as it is; DamagedEdition when it is not one of this schema."""
    from pydantic import ValidationError  # noqa: PLC0415 -- as above

    found = plain.get("schema") if isinstance(plain, dict) else None
    if found != SCHEMA:
        raise DamagedEdition(path, f"its schema is {found!r}, this Capline reads {SCHEMA!r}")
    try:
        whole = _unshared(plain)
    except (KeyError, IndexError, TypeError, AttributeError) as problem:
        raise DamagedEdition(path, f"a fact names what is not there ({problem!r})") from None
    try:
        return _adapter().validate_python(whole)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DamagedEdition(path, f"{where}: {first['msg']}") from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of edition.json (docs/edition.schema.json is this, and a test holds it)."""
    schema = _adapter().json_schema()
    fact = schema["$defs"]["Fact"]["properties"]
    place = {"type": "integer", "minimum": 0}
    tables = {"slices": fact["evidence"]["items"], "horizons": {"$ref": "#/$defs/Horizon"}, "notes": {"type": "string"}}
    for name, table in SHARED.items():
        one = {**place, "description": f"place in `{table}` at the top, from 0"}
        fact[name] = {"type": "array", "items": one, "title": name.title()} if name == "evidence" else one
        schema["properties"][table] = {"type": "array", "items": tables[table], "title": table.title()}
        schema["required"].append(table)
    return schema


@cache
def _defaults() -> dict[str, object]:
    """The fields a fact may do without, as they stand in JSON."""
    found = {one.name: one.default for one in fields(Fact) if one.default is not MISSING}
    return {name: [] if default == () else default for name, default in found.items()}


def _placed(thing: Any, table: dict[str, int]) -> int | list[int]:  # noqa: ANN401 -- JSON
    """The place of a thing in its table, or of each of a list; what is new is entered."""
    if isinstance(thing, list):
        return [table.setdefault(ENCODER.encode(one), len(table)) for one in thing]
    return table.setdefault(ENCODER.encode(thing), len(table))


def _unshared(plain: dict[str, Any]) -> dict[str, Any]:
    """An edition's JSON with what facts share put back into each of them, and without the lists of it."""
    tables = {name: plain[name] for name in SHARED.values()}
    facts = {
        key: {name: _taken(part, tables[SHARED[name]]) if name in SHARED else part for name, part in fact.items()}
        for key, fact in plain["facts"].items()
    }
    return {name: part for name, part in plain.items() if name not in tables} | {"facts": facts}


def _taken(place: Any, table: list[Any]) -> Any:  # noqa: ANN401 -- JSON
    """What stands at a place, or at each of a list of places; IndexError and TypeError for what is no place."""
    if isinstance(place, list):
        return [_taken(one, table) for one in place]
    if place < 0:
        raise IndexError(place)
    return table[place]


def _lines(value: Any, indent: str) -> str:  # noqa: ANN401 -- JSON
    """JSON with what fits in a line on one line, and the rest broken, one entry a line."""
    flat = ENCODER.encode(value)
    if len(indent) + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        entries = [f"{ENCODER.encode(key)}: {_lines(value[key], inner)}" for key in sorted(value)]
        opening, closing = "{}"
    else:
        entries = [_lines(one, inner) for one in value]
        opening, closing = "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(entries) + f"\n{indent}{closing}"


def digest(edition: Edition) -> str:
    """SHA-256 of edition.json."""
    return hashlib.sha256(to_json(edition)).hexdigest()


def printed_facts(edition: Edition) -> tuple[str, ...]:
    """Keys of the facts that the letter prints, in order of first use."""
    return tuple(dict.fromkeys(claim.fact for _, claim in edition.claims()))


__all__ = [
    "Chart", "Claim", "Edition", "Event", "Evidence", "Headline", "Link", "Masthead", "Memory", "Provenance", "Reprint",
    "Row", "Score", "Section", "Sentence", "SourceNote", "Study", "Table", "Told", "digest", "from_json", "json_schema",
    "printed_facts", "to_json",
]  # fmt: skip
