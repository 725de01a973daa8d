"""One edition, step by step: store, view, composing, rendering, checking, writing. It knows every other module."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from generator import composing, files, guard, memory, reading, verify
from generator import facts as of_facts
from generator.edition import Masthead, digest, from_json
from generator.errors import BadDate, DamagedEdition, DataError, StaleSeries, UnknownName, Unreadable
from generator.render import render
from generator.sessions import evening, is_session, next_session, session_on_or_before
from generator.sources import open_source
from generator.store import Store
from generator.wording import long_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.edition import Edition, Memory
    from generator.model import Fact
    from generator.render import Workshop
    from generator.sources import Source
    from generator.store import Coverage, View

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


def build(settings: Settings, asked: Asked, forms: Sequence[str], *, today: date, workshop: Workshop) -> Built:
    """Make an edition and write it to `<output>/editions/<id>/`; `today` is the wall clock's day in New York.

    `workshop` has been opened for the forms, best before this module was loaded.

    Raises the errors of errors.py; whatever is raised, nothing is half-written.
    """
    output = settings.build.output
    with files.held(output):
        with opened(settings) as store:
            edition = composed(store, settings, asked, today=today, draw=workshop.begin)
        supplied = guard.supplied(edition)  # before the pictures are waited for
        made = render(edition, forms, papers=settings.build.papers, workshop=workshop)
        check_forms(made, supplied)
        folder = output / "editions" / edition.id
        files.write(folder, made)
    return Built(edition=edition, folder=folder, files=tuple(folder / name for name in made))


def shown(settings: Settings, asked: Asked, *, today: date) -> str:
    """A letter as text; nothing is written but the store, on first use."""
    with opened(settings) as store:
        edition = composed(store, settings, asked, today=today)
    made = render(edition, ("text",))
    check_forms(made, guard.supplied(edition))
    return made["letter.txt"].decode()


def verified(settings: Settings, path: Path, *, edition_file: Path | None, today: date) -> tuple[verify.Verdict, str]:
    """Check an edition.json, or a form against its edition and that against the store; with what it was checked."""
    content = read(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        edition = from_json(content, path=path)
        with opened(settings) as store:
            return _against_store(store, edition), f"{settings.build.store}"
    if suffix not in (*verify.RENDERED, ".pdf"):
        raise UnknownName("kind of file to verify", path.suffix or path.name, (*verify.RENDERED, ".json", ".pdf"))
    said = reading.form(path.name, content)
    meta = said.meta if said else {}
    with opened(settings) as store:
        edition, found = _edition_of(store, settings, path, meta, edition_file, today=today)
        inner = _against_store(store, edition)
    outer = verify.check_form(path, content, edition)
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
        f"{found} and {settings.build.store}",
    )


def _against_store(store: Store, edition: Edition) -> verify.Verdict:
    source = open_source(edition.provenance.source)
    return verify.check_edition(edition, store.view(edition.moment), source.universe)


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


def coverage(settings: Settings, day: date | None) -> tuple[tuple[Coverage, ...], date]:
    """How far each series reaches, by the evening of a day; and that day."""
    source = open_source(settings.build.source)
    reach = day or source.complete_through
    with opened(settings) as store:
        return store.view(evening(reach)).coverage(), reach


def explained(settings: Settings, key: str, day: date | None, *, today: date) -> tuple[Fact, pd.Series[float] | None]:
    """A fact and its history; UnknownName for a key that is none, DataError with the reason for a gap."""
    source = open_source(settings.build.source)
    with opened(settings) as store:
        sessions, view_of = _sessions(store, source)
        wanted = _as_of(sessions, Asked(day=day), source, today=today)
        session = session_on_or_before(sessions, wanted)
        findings = of_facts.gather(view_of(session), session=session, today=session, universe=source.universe)
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
    """The store, open to read, made from the source first if it is not there or does not reach as far as the source."""
    source = open_source(settings.build.source)
    path = settings.build.store
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


def composed(
    store: Store,
    settings: Settings,
    asked: Asked,
    *,
    today: date,
    draw: Callable[[Mapping[str, Any]], None] | None = None,
) -> Edition:
    """Compose an edition from an open store; BadDate for a day that cannot be, StaleSeries if data do not reach it."""
    if asked.kind not in composing.SPANS:
        raise UnknownName("kind of letter", asked.kind, composing.SPANS)
    source = open_source(settings.build.source)
    sessions, view_of = _sessions(store, source)
    wanted = _as_of(sessions, asked, source, today=today)
    session = session_on_or_before(sessions, wanted)
    notices: tuple[str, ...] = ()
    if wanted != session:
        moved = f"{long_date(wanted)} was no session; this letter is about the session before, {long_date(session)}."
        notices = (moved,)
    decided = asked.kind == "decision" and wanted != session and _decided(view_of(wanted), wanted)
    day = wanted if decided else session
    order = composing.Order(
        kind=asked.kind,
        session=session,
        today=day,
        masthead=_masthead(settings),
        universe=source.universe,
        source=source.name,
        only=asked.only,
        notices=notices,
        memory=memory.NONE if asked.only else _memory(settings, asked.kind, day),
        settings=content_digest(settings),
    )
    return composing.compose(view_of(day), order, draw=draw)


def _sessions(store: Store, source: Source) -> tuple[pd.DatetimeIndex, _ViewOf]:
    """All sessions the store has returns for, whenever they became known, and a way to look at any evening."""
    newest = store.view(evening(source.complete_through)).history(source.universe.small)
    return pd.DatetimeIndex(newest.index), _ViewOf(store)


@dataclass(frozen=True, slots=True)
class _ViewOf:
    store: Store

    def __call__(self, day: date) -> View:
        return self.store.view(evening(day))


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
    bearing = {"letter": settings.letter.model_dump(mode="json"), "source": settings.build.source}
    return hashlib.sha256(json.dumps(bearing, sort_keys=True).encode()).hexdigest()


def _memory(settings: Settings, kind: str, day: date) -> Memory:
    return memory.remembered(settings.build.output / "editions", kind, day, letters=settings.build.memory)


def check_forms(made: Mapping[str, bytes], supplied: frozenset[str]) -> None:
    """Read the finished text of every form and refuse figures that the edition did not supply: UnprovenText."""
    for name, content in made.items():
        read = reading.form(name, content)
        if read is not None:
            guard.check_form((piece.text for piece in read.pieces), supplied, where=name)
