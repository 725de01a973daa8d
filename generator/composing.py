"""Composing: from a view of the store to a complete, frozen edition. No file is read or written here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from generator import __version__, commentary, guard, restatements, stationery, stories
from generator import facts as of_facts
from generator.commentary import clippings, variety
from generator.edition import (
    Chart,
    Claim,
    Edition,
    Event,
    Link,
    Masthead,
    Memory,
    Provenance,
    Reprint,
    SourceNote,
    Study,
)
from generator.errors import NoDecision, UnprovenText
from generator.sessions import evening
from generator.sources.listing import read_from, terms
from generator.sources.releases import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from generator.facts import Findings
    from generator.model import Fact, Gap, Headline, Universe
    from generator.store import Coverage, Later, View

    Draw = Callable[[Mapping[str, Any]], None]

SPANS = {"daily": ("1s", "1s", "sessions"), "weekly": ("5s", "5s", "such spans"),
         "decision": ("63s", "63s", "such spans")}  # fmt: skip


PRICES_DUE = range(8, 16)  # days of a month in which the consumer price index is due
WEEK = 7  # days: a weekly letter tells of a decision in its week


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: enough, with a view, to compose the same edition again."""

    kind: str
    session: date
    today: date  # the day of the letter; later than the session when the Fed moved on a day without one
    masthead: Masthead
    universe: Universe
    source: str
    only: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    memory: Memory = field(default_factory=Memory)
    headlines: tuple[Headline, ...] = ()  # all that were read; the newest are quoted
    unread: tuple[str, ...] = ()  # feeds that could not be read
    settings: str = ""  # digest of the settings that bear on content
    previous: Link | None = None  # the edition made before this one
    restated: tuple[Reprint, ...] = ()  # figures of the letter before that changed since

    @property
    def id(self) -> str:
        """Name of the edition: its day, its kind, and the stories of a one-off report."""
        return "-".join((f"{self.today}", self.kind, *self.only))


@dataclass(frozen=True, slots=True, kw_only=True)
class Groundwork:
    """All of a letter that no earlier letter bears on. It holds no history, so that it can go to another process."""

    moment: datetime
    store: str  # fingerprint of the view
    facts: Mapping[str, Fact]
    gaps: Mapping[str, Gap]
    sessions: pd.DatetimeIndex
    before: date  # the day after which the news of this letter begins
    studies: tuple[Study, ...]
    sources: tuple[SourceNote, ...]
    given: Mapping[str, Any]  # what templates may ask besides facts
    charts: tuple[Chart, ...]
    claims: tuple[Claim, ...]  # of the words of the charts, as they were made


def compose(view: View, order: Order, *, draw: Draw | None = None, findings: Findings | None = None) -> Edition:
    """Compute, choose and write; the guard has read every sentence of what is returned.

    `draw` is told each chart's specification as soon as it is known, so that drawing goes on beside the writing.
    `findings` are those of the order, if they have been gathered already.

    Raises StaleSeries when the returns do not reach the session, UnknownName for a story of `only` that cannot be told,
    UnprovenText and UnsupportedSaying for a template that says what no fact supplies.
    """
    return write(groundwork(view, order, draw=draw, findings=findings), order, later=view.later)


def groundwork(view: View, order: Order, *, draw: Draw | None = None, findings: Findings | None = None) -> Groundwork:
    """Compute what earlier letters have no part in; of the order neither memory nor chain counts. Raises as above."""
    if findings is None:
        findings = of_facts.gather(view, session=order.session, today=order.today, universe=order.universe)
    change = findings.facts.get("policy.last_change")
    if change is None and order.kind == "decision":
        raise NoDecision(order.today)
    before = _last_letter(findings, order)
    given = _given(findings, order, decided=change is not None and change.as_of > before)
    desk = commentary.Desk(facts=findings.facts, gaps=findings.gaps, today=order.today, given=given)
    coverage = view.coverage()
    drawn = commentary.graphics(
        desk,
        findings,
        session=order.session,
        only=order.only,
        publishers={one.spec.id: one.spec.publisher for one in coverage},
    )
    if draw:
        for chart in drawn:
            draw(chart.spec)
    return Groundwork(
        moment=view.moment,
        store=view.fingerprint(),
        facts=dict(findings.facts),
        gaps=dict(findings.gaps),
        sessions=findings.pair.index,
        before=before,
        studies=_studies(findings),
        sources=_sources(coverage, findings, {} if order.source == "sample" else view.origins()),
        given=given,
        charts=drawn,
        claims=tuple(desk.claims),
    )


def write(ground: Groundwork, order: Order, *, later: Callable[[], Later]) -> Edition:
    """Choose and write; `later` gives what is known at the moment of the letter. Raises as `compose` does."""
    desk = commentary.Desk(
        facts=ground.facts,
        gaps=ground.gaps,
        today=order.today,
        used=variety.Used(letters=[letter.sentences for letter in order.memory.letters]),
        given=ground.given,
        claims=list(ground.claims),
    )
    letter = _letter(desk, ground, order)
    restated = restatements.notices(order.restated, later(), order.universe) if order.restated else ()
    edition = Edition(
        id=order.id,
        kind=order.kind,
        as_of=order.session,
        moment=ground.moment,
        masthead=order.masthead,
        notices=tuple(notice for notice in (order.universe.notice, *order.notices, *restated) if notice),
        headline=letter.headline,
        standfirst=letter.standfirst,
        preheader=letter.preheader,
        sections=letter.sections,
        tables=commentary.tables(desk, ground.studies),
        charts=ground.charts,
        studies=ground.studies,
        gaps=tuple(ground.gaps.values()),
        method=letter.method,
        sources=ground.sources,
        facts=dict(ground.facts),
        provenance=Provenance(
            source=order.source,
            version=__version__,
            prose=prose_digest(),
            settings=order.settings,
            store=ground.store,
            only=order.only,
            withheld=order.universe.withheld,
            memory=order.memory,
            previous=order.previous,
            restated=order.restated,
        ),
        considered=letter.scores,
        headlines=_headlines(ground, order),
        unread=() if order.only else order.unread,
    )
    found = guard.findings(edition)
    if found:
        raise UnprovenText(edition.id, [f"{one.where}: {one}" for one in found])
    return edition


def _given(findings: Findings, order: Order, *, decided: bool) -> dict[str, Any]:
    """What the templates of a letter may ask besides facts."""
    span, _, rows = SPANS[order.kind]
    return {
        "kind": order.kind,
        "h": span,
        "rows": rows,
        "decided": decided,
        "lead": "",
        "prices_due": order.today.day in PRICES_DUE,
        **({} if order.source == "sample" else {"live": True, "returns": f"{findings.pair.words.noun}s"}),
    }


def _letter(desk: commentary.Desk, ground: Groundwork, order: Order) -> commentary.Letter:
    """Choose and write."""
    day = _day(ground, order)
    ranked = stories.rank(ground.facts, day)
    return commentary.compose(
        desk,
        ranked,
        kind=order.kind,
        only=order.only,
        earlier=order.memory.headlines,
        contrary=stories.contrary(ground.facts, ranked, day),
    )


def _last_letter(findings: Findings, order: Order) -> date:
    """The day before the news of this letter begins: the session before, a week ago, or the day before a decision."""
    if order.kind == "weekly":
        return order.today - timedelta(days=WEEK)
    if order.kind == "decision":
        return order.today - timedelta(days=1)
    return findings.pair.day(-2)


def _headlines(ground: Groundwork, order: Order) -> tuple[Headline, ...]:
    """What others published since the letter before; none in a one-off report."""
    if order.only:
        return ()
    return clippings.chosen(order.headlines, kind=order.kind, since=evening(ground.before), until=ground.moment)


def _day(ground: Groundwork, order: Order) -> stories.Day:
    span, rates_span, _ = SPANS[order.kind]

    def between(known: date, session: date) -> int:
        first, last = (ground.sessions.searchsorted(pd.Timestamp(day)) for day in (known, session))
        return int(last - first)

    return stories.Day(
        session=order.session,
        span=span,
        rates_span=rates_span,
        decided=ground.given["decided"],
        sessions_between=between,
        memory=order.memory.letters,
    )


def _studies(findings: Findings) -> tuple[Study, ...]:
    return tuple(
        Study(
            kind=one.kind,
            sessions=one.study.sessions,
            events=tuple(
                Event(announced=found.event, base=found.base, end=found.end, outcome=found.points)
                for found in one.study.outcomes
            ),
        )
        for one in findings.precedents
    )


def _sources(
    coverage: Sequence[Coverage], findings: Findings, origins: Mapping[str, Sequence[str]]
) -> tuple[SourceNote, ...]:
    """A note for each series that a fact rests on; of live data, which sources gave it (`origins`, newest first)."""
    used = {one.series_id for fact in findings.facts.values() for one in fact.evidence}
    return tuple(
        SourceNote(
            series_id=one.spec.id,
            label=one.spec.label,
            publisher=read_from(one.spec.publisher, origins.get(one.spec.id, ())),
            terms=terms(one.spec, origins.get(one.spec.id, ())),
            release=RULES[one.spec.release].sentence,
            first=one.first,
            last=one.last,
            count=one.count,
        )
        for one in coverage
        if one.spec.id in used
    )


def prose_digest() -> str:
    """SHA-256 over the prose templates, by name: which words an edition was written with."""
    digest = hashlib.sha256()
    for path in sorted(stationery.folder("prose").glob("*.jinja")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
