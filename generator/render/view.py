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

    from generator.edition import Chart, Edition, Section, Sentence
    from generator.model import Fact

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Beside which stories a chart belongs: the first section whose story has one of these words in its name
NEIGHBOURS = {
    "relative_strength": ("trend", "gap", "since", "size"),
    "drawdowns": ("drawdown", "risk"),
    "curve": ("yields", "slope", "rates"),
    "target": ("policy",),
    "event_study": ("precedent", "since"),
}


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


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The view. `digest` is the SHA-256 of edition.json."""

    edition: Edition
    digest: str
    headline: Line
    standfirst: Line
    preheader: Line  # without a number
    blocks: tuple[Block, ...]
    loose: tuple[Figure, ...]  # charts of a letter without sections
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

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All charts, in the order in which they stand."""
        return (*self.loose, *(figure for block in self.blocks for figure in block.figures))

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
            figures=tuple(figure for figure in figures if places[figure.chart.id] == place),
        )
        for place, (section, paragraphs) in enumerate(zip(edition.sections, told, strict=True))
    )
    return Letter(
        edition=edition,
        digest=digest,
        headline=headline,
        standfirst=standfirst,
        preheader=Line(number=0, sentence=edition.preheader),
        blocks=blocks,
        loose=() if blocks else tuple(figures),
        method=tuple(numbered),
    )


def _paragraphs(section: Section, numbered: Iterator[Line]) -> tuple[tuple[Line, ...], ...]:
    return tuple(tuple(next(numbered) for _ in paragraph) for paragraph in section.paragraphs)


def _places(edition: Edition) -> dict[str, int]:
    """After which section each chart stands: by NEIGHBOURS, else after the section with the fewest charts so far."""
    stories = [section.story for section in edition.sections]
    places: dict[str, int] = {}
    for chart in edition.charts:
        words = NEIGHBOURS.get(chart.id, ())
        near = [place for place, story in enumerate(stories) if any(word in story for word in words)]
        taken = list(places.values())
        spread = min(range(len(stories)), key=taken.count, default=0)
        places[chart.id] = min(near, key=taken.count, default=spread)
    return places


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
