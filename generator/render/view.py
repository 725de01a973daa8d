"""An edition laid out for the templates: what stands where, and each sentence with its number.

All forms show this one view, so that none can say what another does not. It prints no figure of its own except in
the apparatus (evidence, sources, moments), where each is a field of the edition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase
from typing import TYPE_CHECKING

from generator.edition import Claim, printed_facts
from generator.model import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from generator.edition import Chart, Edition, Section, Sentence, SourceNote, Table
    from generator.model import Evidence, Fact

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

NEIGHBOURS = {  # the stories a chart may stand beside, the nearest first
    "relative_strength": ("gap", "trend", "since"),
    "curve": ("yields", "slope"),
    "target": ("policy",),
    "event_study": ("precedent", "since", "policy"),
    "drawdowns": ("drawdown", "risk"),
}
ABREAST = 9  # columns of figures that fit on paper beside each other, in two tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence with its number in the edition (`capline explain --sentence N`); 0 for one that has none."""

    number: int
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence as it is read."""
        return self.sentence.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart with its numbered words."""

    chart: Chart
    title: Line
    alt: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section with its numbered paragraphs and the charts that stand after it."""

    section: Section
    title: Line  # without a number
    paragraphs: tuple[tuple[Line, ...], ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The series of one publisher that become known by one rule, on the same terms."""

    publisher: str
    release: str
    terms: str
    notes: tuple[SourceNote, ...]

    @property
    def reaches(self) -> tuple[tuple[tuple[date, date], tuple[SourceNote, ...]], ...]:
        """The series by their first and last day, in order."""
        found: dict[tuple[date, date], list[SourceNote]] = {}
        for note in self.notes:
            found.setdefault((note.first, note.last), []).append(note)
        return tuple((reach, tuple(notes)) for reach, notes in found.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A formula, and the printed facts that were computed by it."""

    formula: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """All events of one kind: after how many sessions, and for each day what followed (None: still open)."""

    kind: str
    sessions: tuple[int, ...]
    events: tuple[tuple[date, tuple[float | None, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The view. `digest` is the SHA-256 of edition.json."""

    edition: Edition
    digest: str
    headline: Line
    standfirst: Line
    preheader: Line  # without a number
    blocks: tuple[Block, ...]
    loose: tuple[Figure, ...]  # charts whose stories are not told; they stand with the tables
    method: tuple[Line, ...]

    @cached_property
    def evidence(self) -> tuple[Fact, ...]:
        """The facts the letter prints, in order of first use."""
        return tuple(self.edition.facts[key] for key in printed_facts(self.edition) if key in self.edition.facts)

    @cached_property
    def told(self) -> tuple[Fact, ...]:
        """The facts of the prose, without those that stand in tables only."""
        keys = {claim.fact for where, claim in self.edition.claims() if not where.startswith("table ")}
        return tuple(fact for fact in self.evidence if fact.key in keys)

    @cached_property
    def gaps(self) -> dict[tuple[str, str], tuple[str, Gap]]:
        """All gaps, those of the tables included, each with the letter (a, b, ...) that refers to it."""
        shown = [
            gap for table in self.edition.tables for row in table.rows for gap in row.cells if isinstance(gap, Gap)
        ]
        each = {(gap.key, gap.reason): gap for gap in (*shown, *self.edition.gaps)}
        return {key: (_letters(place), gap) for place, (key, gap) in enumerate(each.items())}

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """The printed facts by their formula, so that each formula stands once; in order of first use."""
        found: dict[str, list[Fact]] = {}
        for fact in self.evidence:
            found.setdefault(fact.formula, []).append(fact)
        return tuple(Way(formula=formula, facts=tuple(facts)) for formula, facts in found.items())

    @cached_property
    def slices(self) -> dict[Evidence, str]:
        """The observations behind the printed facts, each slice once with its mark (S1, S2, ...), by series."""
        each = dict.fromkeys(slice_ for fact in self.evidence for slice_ in fact.evidence)
        ordered = sorted(each, key=lambda one: (one.known_by, one.series_id, one.first, one.last))
        return {slice_: f"S{number}" for number, slice_ in enumerate(ordered, start=1)}

    @cached_property
    def cases(self) -> tuple[Cases, ...]:
        """The events of the studies, each kind once with all its windows."""
        kinds: dict[str, dict[int, dict[date, float]]] = {}
        for study in self.edition.studies:
            outcomes = {event.announced: event.outcome for event in study.events}
            kinds.setdefault(study.kind, {})[study.sessions] = outcomes
        return tuple(
            Cases(
                kind=kind,
                sessions=tuple(windows),
                events=tuple(
                    (day, tuple(outcomes.get(day) for outcomes in windows.values()))
                    for day in sorted({day for outcomes in windows.values() for day in outcomes})
                ),
            )
            for kind, windows in kinds.items()
        )

    @cached_property
    def derived(self) -> str:
        """Why moments of publication are derived, if that is the same for all printed facts; else empty."""
        found = {fact.derived for fact in self.evidence}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def origins(self) -> tuple[Origin, ...]:
        """The sources, by publisher, rule and terms."""
        found: dict[tuple[str, str, str], list[SourceNote]] = {}
        for note in self.edition.sources:
            found.setdefault((note.publisher, note.release, note.terms), []).append(note)
        return tuple(
            Origin(publisher=publisher, release=release, terms=terms, notes=tuple(notes))
            for (publisher, release, terms), notes in sorted(found.items())
        )

    @cached_property
    def spreads(self) -> tuple[tuple[tuple[Table, float], ...], ...]:
        """The tables in rows of one or two, each with its share of the width in percent.

        Two that follow each other stand abreast if together they have at most ABREAST columns of figures.
        """
        rows: list[list[Table]] = []
        for table in self.edition.tables:
            if rows and len(rows[-1]) == 1 and len(rows[-1][0].columns) + len(table.columns) <= ABREAST:
                rows[-1].append(table)
            else:
                rows.append([table])
        return tuple(tuple((table, 100 * _wide(table) / sum(map(_wide, row))) for table in row) for row in rows)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All charts, in the order in which they stand."""
        return (*(figure for block in self.blocks for figure in block.figures), *self.loose)

    def note(self, gap: Gap) -> str:
        """Give the letter that refers to a gap."""
        return self.gaps[gap.key, gap.reason][0]

    def fact(self, claim: Claim) -> Fact:
        """Find the fact behind a claim; KeyError if the edition was not made whole."""
        return self.edition.facts[claim.fact]


def letter(edition: Edition, *, digest: str) -> Letter:
    """Lay out an edition."""
    numbered = (Line(number=number, sentence=sentence) for number, _, sentence in edition.sentences())
    headline, standfirst = next(numbered), next(numbered)
    told = [_paragraphs(section, numbered) for section in edition.sections]
    figures = [Figure(chart=chart, title=next(numbered), alt=next(numbered)) for chart in edition.charts]
    places = _places(edition)
    blocks = tuple(
        Block(
            section=section,
            title=Line(number=0, sentence=section.title),
            paragraphs=paragraphs,
            figures=tuple(figure for figure in figures if places.get(figure.chart.id) == section.story),
        )
        for section, paragraphs in zip(edition.sections, told, strict=True)
    )
    return Letter(
        edition=edition,
        digest=digest,
        headline=headline,
        standfirst=standfirst,
        preheader=Line(number=0, sentence=edition.preheader),
        blocks=blocks,
        loose=tuple(figure for figure in figures if figure.chart.id not in places),
        method=tuple(numbered),
    )


def _paragraphs(section: Section, numbered: Iterator[Line]) -> tuple[tuple[Line, ...], ...]:
    return tuple(tuple(next(numbered) for _ in paragraph) for paragraph in section.paragraphs)


def _places(edition: Edition) -> dict[str, str]:
    """The story each chart stands beside: the nearest told that has no chart yet, else the nearest told."""
    stories = [section.story for section in edition.sections]
    places: dict[str, str] = {}
    for chart in edition.charts:
        near = [story for story in NEIGHBOURS.get(chart.id, ()) if story in stories]
        free = [story for story in near if story not in places.values()]
        if near:
            places[chart.id] = (free or near)[0]
    return places


def _wide(table: Table) -> int:
    """The width of a table in characters, each column as wide as its widest cell or the longest word of its head."""
    heads = [max(map(len, head.split()), default=0) for head in table.columns]
    cells = [[len(cell.text) if isinstance(cell, Claim) else 0 for cell in row.cells] for row in table.rows]
    columns: list[int] = [max(column) for column in zip(heads, *cells, strict=True)]
    return max(len(row.label) for row in table.rows) + sum(columns) + 2 * len(columns)


def _letters(place: int) -> str:
    """Letters that refer to a gap: a to z, then aa, ab and so on.

    >>> _letters(0), _letters(26)
    ('a', 'aa')
    """
    head = _letters(place // 26 - 1) if place >= len(ascii_lowercase) else ""
    return head + ascii_lowercase[place % 26]


def day(when: date) -> str:
    """Write a date as the letter prints it.

    >>> from datetime import date
    >>> day(date(2026, 3, 31))
    '31 March 2026'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def weekday(when: date) -> str:
    """Name the day of the week in words.

    >>> from datetime import date
    >>> weekday(date(2026, 3, 31))
    'Tuesday'
    """
    return WEEKDAYS[when.weekday()]


def moment(when: datetime) -> str:
    """Write a moment to the minute, in UTC.

    >>> from datetime import UTC, datetime
    >>> moment(datetime(2026, 3, 31, 22, 5, tzinfo=UTC))
    '31 March 2026, 22:05 UTC'
    """
    return f"{day(when)}, {when:%H:%M} UTC"
