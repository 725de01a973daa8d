"""One edition, step by step: store, view, composing, rendering, checking, writing. It knows every other module."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from generator import (
    chain,
    composing,
    files,
    gates,
    guard,
    memory,
    reading,
    restatements,
    scrapbook,
    verify,
)
from generator import facts as of_facts
from generator.edition import Masthead, digest, from_json, from_plain
from generator.errors import BadDate, DamagedEdition, DataError, StaleSeries, UnknownName, Unreadable
from generator.render import Workshop, render
from generator.sessions import NEW_YORK, evening, is_session, next_session, session_on_or_before
from generator.sources import open_packaged, open_source
from generator.sources.live import Live, followed
from generator.store import END_OF_TIME, Store
from generator.survey import survey
from generator.wording import long_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.edition import Edition
    from generator.model import Fact
    from generator.sources import Source
    from generator.store import Later, View
    from generator.survey import Surveyed

FEWEST = 253  # sessions that must lie behind a letter: a year of returns
ID = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+(?:-[a-z_]+)*")
MEMORY_DAYS = 31  # earlier letters older than this are no news any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for on the command line; None: the settings decide."""

    day: date | None = None
    kind: str = "daily"
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An edition, the folder it was written to, and its files."""

    edition: Edition
    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def build(  # noqa: PLR0913 -- the clock has two faces
    settings: Settings,
    asked: Asked,
    forms: Sequence[str],
    *,
    today: date,
    workshop: Workshop,
    now: datetime | None = None,
) -> Built:
    """Make an edition and write it to `<output>/editions/<id>/`; `today` is the wall clock's day in New York.

    `now` is its moment: a letter on live data about the newest session knows all that was known by then.

    `workshop` has been opened for the forms, best before this module was loaded.

    Raises the errors of generator.errors; whatever is raised, nothing is half-written.
    """
    output = settings.build.output
    with files.held(output):
        with opened(settings) as store:
            edition = composed(store, settings, asked, today=today, now=now, draw=workshop.begin)
        supplied = guard.supplied(edition)  # before the pictures are waited for
        made = render(edition, forms, papers=settings.build.papers, workshop=workshop)
        check_forms(made, supplied, guard.quoted(edition))
        folder = output / "editions" / edition.id
        files.write(folder, made)
        notes = () if asked.only else _linked(folder.parent, edition.id)
    return Built(edition=edition, folder=folder, files=tuple(folder / name for name in made), notes=notes)


def _linked(editions: Path, id_: str) -> tuple[str, ...]:
    """Enter an edition that has been written into the chain; what there is to say if that breaks it."""
    path = editions / id_ / "edition.json"
    if not path.exists():  # it was made without the form that is kept
        return ()
    grown = chain.grown(chain.read(editions), chain.entry(path))
    chain.write(editions, grown)
    return tuple(filter(None, (chain.broken(grown, id_),)))


def shown(settings: Settings, asked: Asked, *, today: date, now: datetime | None = None) -> str:
    """A letter as text; nothing is written but the store, on first use."""
    with opened(settings) as store:
        edition = composed(store, settings, asked, today=today, now=now)
    made = render(edition, ("text",))
    check_forms(made, guard.supplied(edition), guard.quoted(edition))
    return made["letter.txt"].decode()


def verified(settings: Settings, path: Path, *, edition_file: Path | None, today: date) -> tuple[verify.Verdict, str]:
    """Check an edition.json, or a form against its edition and that against the store; with what it was checked."""
    content = read(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        edition = from_json(content, path=path)
        with opened(settings) as store:
            verdict = _against_store(store, settings, edition)
        return _with_chain(verdict, edition, path, settings), f"{settings.store}"
    if suffix not in (*verify.RENDERED, ".pdf"):
        raise UnknownName("kind of file to verify", path.suffix or path.name, (*verify.RENDERED, ".json", ".pdf"))
    said = reading.form(path.name, content)
    meta = said.meta if said else {}
    with opened(settings) as store, Workshop((verify.form_of(suffix),)) as workshop:
        edition, found = _edition_of(store, settings, path, meta, edition_file, today=today)
        for chart in edition.charts:
            workshop.begin(chart.spec)  # drawn while the facts are computed
        inner = _with_chain(_against_store(store, settings, edition), edition, path, settings)
        outer = verify.check_form(path, content, edition, workshop=workshop)
    other: tuple[str, ...] = ()
    if meta.get("digest") and not digest(edition).startswith(meta["digest"]):
        other = (f"it names another edition.json ({meta['digest'][:12]}) than {found} ({digest(edition)[:12]})",)
    return (
        verify.Verdict(
            differences=outer.differences + inner.differences,
            facts=inner.facts,
            claims=outer.claims or inner.claims,
            notes=other + outer.notes + inner.notes,
        ),
        f"{found} and {settings.store}",
    )


def _with_chain(verdict: verify.Verdict, edition: Edition, path: Path, settings: Settings) -> verify.Verdict:
    """A verdict with what is to be said of the edition before, which lies beside this one or in the output folder."""
    beside = path.resolve().parent.parent
    link = edition.provenance.previous
    editions = beside if link and (beside / link.id).is_dir() else settings.build.output / "editions"
    differences, notes = chain.check_one(link, editions)
    return replace(verdict, differences=(*differences, *verdict.differences), notes=(*verdict.notes, *notes))


def _against_store(store: Store, settings: Settings, edition: Edition) -> verify.Verdict:
    universe = _source_named(edition.provenance.source, store, settings).universe
    universe = replace(universe, withheld=edition.provenance.withheld)
    return verify.check_edition(edition, store.view(edition.moment), universe)


def _edition_of(  # noqa: PLR0913 -- where it may lie
    store: Store, settings: Settings, path: Path, meta: Mapping[str, str], named: Path | None, *, today: date
) -> tuple[Edition, str]:
    """The edition a form was made from: the one named, else the one of its digest, else the nearest of its name.

    It is looked for beside the form, then in the output folder, then it is made again.
    """
    id_, wanted = meta.get("edition", ""), meta.get("digest", "")
    kept = settings.build.output / "editions" / id_ / "edition.json" if ID.fullmatch(id_) else None
    places = [named] if named else [one for one in (path.with_name("edition.json"), kept) if one and one.exists()]
    contents = {place: read(place) for place in places}
    for place, content in contents.items():
        if named or (wanted and hashlib.sha256(content).hexdigest().startswith(wanted)):
            return from_json(content, path=place), str(place)
    if ID.fullmatch(id_):
        day, kind, *only = id_[:10], *id_[11:].split("-")
        again = composed(store, settings, Asked(day=_date(day, path), kind=kind, only=tuple(only)), today=today)
        if not contents or digest(again).startswith(wanted or "-"):
            return again, "the edition made again"
    for place, content in contents.items():
        return from_json(content, path=place), str(place)
    raise DamagedEdition(path, "it does not say which edition it is; name its edition.json with `--edition`")


def _date(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DamagedEdition(path, f"it says it is of {text}, which is no day") from None


def surveyed(settings: Settings, day: date | None, *, now: datetime) -> tuple[tuple[Surveyed, ...], date]:
    """Every series as it stood on the evening of a day (None: now; of the sample, at its end); and that day."""
    with opened(settings) as store:
        if settings.build.source != Live.name:
            reach = day or open_source(settings.build.source).complete_through
            coverage = store.view(evening(reach)).coverage()
            return survey(coverage, {}, {}, name=settings.build.source, moment=evening(reach)), reach
        follow = followed([one.model_dump() for one in settings.series], settings.sources.licensed)
        moment = evening(day) if day else now
        found = survey(
            store.view(moment).coverage(),
            follow,
            store.fetches(),
            name="sample",
            moment=moment,
            licensed=settings.sources.licensed,
        )
        return found, day or moment.astimezone(NEW_YORK).date()


def source_of(settings: Settings, store: Store) -> Source:
    """The source of the settings; live data as far as a store reaches: UnknownSeries if it lacks the indices."""
    return _source_named(settings.build.source, store, settings)


def _source_named(name: str, store: Store, settings: Settings) -> Source:
    if name != Live.name:
        return open_source(name)
    own = [one.model_dump() for one in settings.series]
    return Live.over(store.reach(), own=own, licensed=settings.sources.licensed)


def explained(
    settings: Settings, key: str, day: date | None, *, today: date, now: datetime | None = None
) -> tuple[Fact, pd.Series[float] | None]:
    """A fact and its history; UnknownName for a key that is none, DataError with the reason for a gap."""
    with opened(settings) as store:
        source = source_of(settings, store)
        sessions, view_of = _sessions(store, source, now)
        wanted = _as_of(sessions, Asked(day=day), source, today=today)
        session = session_on_or_before(sessions, wanted)
        view = view_of(session)
        universe = gates.passed(store, view, source, settings, session=session, today=session)
        findings = of_facts.gather(view, session=session, today=session, universe=universe)
    if key in findings.gaps:
        raise DataError(f"{key} is a gap on {session}: {findings.gaps[key].reason}", hint="choose another `--as-of`")
    if key not in findings.facts:
        raise UnknownName("fact", key, findings.facts)
    return findings.facts[key], findings.lines.get(key)


def read(path: Path) -> bytes:
    """The bytes of a file; Unreadable if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None


def opened(settings: Settings) -> Store:
    """The store, open to read, made from the source first if it is not there or does not reach as far as the source.

    A store of live data is made by `capline fetch` alone.
    """
    path = settings.store
    if settings.build.source == Live.name:
        return Store.open(path)
    source = open_packaged(settings.build.source)
    if path.exists():
        store = Store.open(path)
        if _reaches(store, source):
            return store
        store.close()
        writing = Store.open(path, read_only=False)
    else:
        writing = Store.create(path)
    with writing:
        writing.register(source.specs())
        writing.append(source.observations())
    return Store.open(path)


def _reaches(store: Store, source: Source) -> bool:
    """Whether every series of the source is held as described, none is empty, and the returns are all there."""
    held, reach = store.specs(), store.reach()
    described = all(held.get(spec.id) == spec and spec.id in reach for spec in source.specs())
    returns = (source.universe.small, source.universe.large)
    return described and all(reach[series] >= source.complete_through for series in returns)


def composed(  # noqa: PLR0913 -- what it is made from, and what was asked
    store: Store,
    settings: Settings,
    asked: Asked,
    *,
    today: date,
    now: datetime | None = None,
    draw: Callable[[Mapping[str, Any]], None] | None = None,
) -> Edition:
    """Compose an edition from an open store; BadDate for a day that cannot be, StaleSeries if data do not reach it."""
    view, order = ordered(holdings(store, settings, now=now), settings, asked, today=today)
    if not asked.only:
        editions = settings.build.output / "editions"
        newest = memory.newest(editions, order.kind, order.today)
        before = (newest, read(newest)) if newest else None
        order = following(order, before, view.later, letters=settings.build.memory)
        order = replace(order, previous=chain.place(chain.read(editions), order.id))
    return composing.compose(view, order, draw=draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What all letters from an open store share."""

    store: Store
    source: Source
    sessions: pd.DatetimeIndex  # all that the store has returns for, whenever they became known
    view_of: Callable[[date], View]  # what was known for the letter of a day


def holdings(store: Store, settings: Settings, *, now: datetime | None = None) -> Holdings:
    """Look at what an open store holds; UnknownSeries for a store of live data that lacks the indices."""
    source = source_of(settings, store)
    sessions, view_of = _sessions(store, source, now)
    return Holdings(store=store, source=source, sessions=sessions, view_of=view_of)


def ordered(found: Holdings, settings: Settings, asked: Asked, *, today: date) -> tuple[View, composing.Order]:
    """What a letter is made from, and the order for it as the first letter of all; raises as `composed` does."""
    if asked.kind not in composing.SPANS:
        raise UnknownName("kind of letter", asked.kind, composing.SPANS)
    source = found.source
    wanted = _as_of(found.sessions, asked, source, today=today)
    session = session_on_or_before(found.sessions, wanted)
    notices: tuple[str, ...] = ()
    if wanted != session:
        moved = f"{long_date(wanted)} was no session; this letter is about the session before, {long_date(session)}."
        notices = (moved,)
    decided = asked.kind == "decision" and wanted != session and _decided(found.view_of(wanted), wanted)
    day = wanted if decided else session
    view = found.view_of(day)
    newest = asked.day is None and asked.kind == "daily"
    universe = gates.passed(found.store, view, source, settings, session=session, today=day, newest=newest)
    book = scrapbook.opened(settings.store) if source.name == Live.name else scrapbook.Scrapbook()
    order = composing.Order(
        kind=asked.kind,
        session=session,
        today=day,
        masthead=_masthead(settings),
        universe=universe,
        source=source.name,
        only=asked.only,
        notices=notices,
        headlines=book.headlines,
        unread=book.missing(view.moment),
        settings=content_digest(settings),
    )
    return view, order


def following(
    order: composing.Order, before: tuple[Path, bytes] | None, later: Callable[[], Later], *, letters: int
) -> composing.Order:
    """The order with what the letter before told, so many letters back, and what of it was restated since.

    `before` is its edition.json; `later` gives what is known at the moment of the order. DamagedEdition if that cannot
    be read.
    """
    if before is None:
        return order
    path, content = before
    remembered = memory.after(content, path=path, letters=letters)
    try:
        plain = json.loads(content)
        restated = restatements.reprints(plain, later(), order.universe, lambda: from_plain(plain, path=path).facts)
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DamagedEdition(path, f"cannot be read for what it printed ({problem!r})") from problem
    return replace(order, memory=remembered, restated=restated)


def _sessions(store: Store, source: Source, now: datetime | None = None) -> tuple[pd.DatetimeIndex, _ViewOf]:
    """All sessions the store has returns for, whenever they became known, and a way to look at any evening."""
    live = source.name == Live.name
    through = source.complete_through
    newest = store.view(END_OF_TIME if live else evening(through)).history(source.universe.small)
    legs = (source.universe.small, source.universe.large) if live else ()
    sessions = pd.DatetimeIndex(newest.loc[: pd.Timestamp(through)].index)
    return sessions, _ViewOf(store, sessions, legs=legs, now=now if live else None)


@dataclass(frozen=True, slots=True)
class _ViewOf:
    """What was known for a letter of a day: by its evening. Live, the letter of the newest session knows all so far.

    Closes that were fetched later that night than the evening were seen then: a letter made again for that day speaks
    from that moment.
    """

    store: Store
    sessions: pd.DatetimeIndex
    legs: tuple[str, ...] = ()  # live: the series that a letter cannot be without
    now: datetime | None = None

    def __call__(self, day: date) -> View:
        session = session_on_or_before(self.sessions, day)
        if self.now is not None and session == self.sessions[-1].date():
            return self.store.view(self.now)
        whole = self.store.view(END_OF_TIME)
        closes = whole.available(self.legs)
        seen = [whole.first_known_at(one, session) for one in closes if pd.Timestamp(session) in closes[one].index]
        return self.store.view(max((evening(day), *seen)))


def _as_of(sessions: pd.DatetimeIndex, asked: Asked, source: Source, *, today: date) -> date:
    """The day asked for, checked; for a weekly letter the last session of the newest week that is over by then."""
    first, last = sessions[min(FEWEST, len(sessions) - 1)].date(), sessions[-1].date()
    day = asked.day or last
    if day > today:
        raise BadDate(f"{day} lies in the future (today is {today})", hint=f"the newest session is {last}")
    if day > last and any(is_session(last + timedelta(days=after)) for after in range(1, (day - last).days + 1)):
        raise StaleSeries(source.universe.small, newest=last, needed=day)
    if asked.kind == "weekly" and day >= first:
        day = _end_of_week(sessions, day)
    if day < first:
        raise BadDate(
            f"{day} lies before the data: a letter needs {FEWEST} sessions behind it",
            hint=f"the first day with a letter is {first}",
        )
    return day


def _end_of_week(sessions: pd.DatetimeIndex, day: date) -> date:
    """The last session of the newest week, Monday to Sunday, that has no session after a day."""
    sunday = day + timedelta(days=6 - day.weekday())
    end = session_on_or_before(sessions, sunday)
    unfinished = end == sessions[-1].date() and next_session(end) <= sunday  # the data stop within the week
    if end <= day and not unfinished:
        return end
    return session_on_or_before(sessions, sunday - timedelta(days=7))


def _decided(view: View, day: date) -> bool:
    changes = view.available(("policy.target_upper",)).get("policy.target_upper")
    return changes is not None and bool(changes.index[-1] == pd.Timestamp(day))


def _masthead(settings: Settings) -> Masthead:
    return Masthead(
        name=settings.letter.name,
        publisher=settings.letter.publisher,
        sender=settings.letter.sender,
        address=settings.letter.address,
        disclaimer=settings.letter.disclaimer,
    )


def content_digest(settings: Settings) -> str:
    """SHA-256 over the settings that bear on what a letter says."""
    bearing: dict[str, Any] = {"letter": settings.letter.model_dump(mode="json"), "source": settings.build.source}
    if settings.build.source == Live.name:
        bearing["licensed"] = sorted(settings.sources.licensed)
        bearing["quality"] = settings.quality.model_dump(mode="json")
    return hashlib.sha256(json.dumps(bearing, sort_keys=True).encode()).hexdigest()


def check_forms(made: Mapping[str, bytes], supplied: frozenset[str], quoted: frozenset[str] = frozenset()) -> None:
    """Read the finished text of every form and refuse figures that the edition did not supply: UnprovenText.

    Those that it only quotes may stand in its headlines and nowhere else.
    """
    for name, content in made.items():
        read = reading.form(name, content)
        if read is not None:
            own = (piece.text for piece in read.pieces if not piece.quoted)
            guard.check_form(own, supplied, where=name)
            others = (piece.text for piece in read.pieces if piece.quoted)
            guard.check_form(others, supplied | quoted, where=f"{name}, headlines")
