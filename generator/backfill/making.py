"""A back-fill from first to last: what is there is kept, what is not is made, what cannot be made is named."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from generator import __version__, chain, composing, files, pipeline
from generator.backfill import agenda, tasks
from generator.backfill.scribe import Scribe
from generator.backfill.shelf import Shelf
from generator.config import Settings
from generator.errors import CaplineError, StoreError, StrangeWorker, WorkersLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.backfill.agenda import Period
    from generator.backfill.hands import Errand, Hands
    from generator.backfill.tasks import Job, Looked, Prepared
    from generator.chain import Entry
    from generator.pipeline import Asked, Holdings

AHEAD, UNDER_WAY = 2, 4  # groundworks laid before they are asked for, and letters under way, for each worker
FATAL = (WorkersLost, StrangeWorker, StoreError)  # no letter could be made any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a back-fill is: letters."""

    total: int
    made: int
    kept: int
    refused: int

    @property
    def settled(self) -> int:
        """Made, kept or refused."""
        return self.made + self.kept + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A letter that could not be made, and why."""

    day: date
    kind: str
    error: CaplineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a back-fill came to. Letters kept were there, as they would be made again."""

    made: int
    kept: int
    completed: int  # of those kept, so many had forms added that were missing
    refused: tuple[Refusal, ...]


@dataclass(slots=True, kw_only=True)
class _Run:
    """A back-fill under way."""

    job: Job
    found: Holdings
    hands: Hands
    tell: Callable[[Progress], None]
    total: int
    made: int = 0
    kept: int = 0
    completed: int = 0
    refused: dict[Asked, CaplineError] = field(default_factory=dict)

    def said(self) -> None:
        """Tell how far it is."""
        self.tell(Progress(total=self.total, made=self.made, kept=self.kept, refused=len(self.refused)))

    def refuse(self, asked: Asked, error: CaplineError) -> None:
        """Note that a letter cannot be made; errors that would stop every other one, too, are raised."""
        if isinstance(error, FATAL):
            raise error
        self.refused[asked] = error
        self.said()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printing:
    """A letter whose forms are being made."""

    place: int  # among the letters
    id: str
    entry: Entry | None  # its link in the chain; None: it has one
    errand: Errand[Mapping[str, bytes]]


def backfill(  # noqa: PLR0913 -- what is asked for, who does it, and when
    settings: Settings,
    period: Period,
    *,
    kinds: Sequence[str],
    forms: Sequence[str],
    hands: Callable[[], Hands],
    today: date,
    now: datetime,
    tell: Callable[[Progress], None],
) -> Done:
    """Make every letter of a period; the forms always include edition.json. `hands` are started once they are needed.

    A letter that cannot be made is refused, and the others go on without it. Raises BadDate for a period without
    letters, Busy, StoreError, CannotWrite, WorkersLost and StrangeWorker; whatever is raised, what is finished is kept,
    and another run goes on from there.
    """
    settings = _bearing(settings)
    with files.held(settings.build.output), pipeline.opened(settings) as store:
        found = pipeline.holdings(store, settings, now=now)
        wanted = agenda.letters(found, period, kinds)
        job = tasks.Job(
            settings=settings,
            today=today,
            now=now,
            forms=tuple(dict.fromkeys((*forms, "json"))),
            version=__version__,
            prose=composing.prose_digest(),
            store=store.fingerprint(),
        )
        _entered(job)
        with hands() as workers:
            run = _Run(job=job, found=found, hands=workers, tell=tell, total=len(wanted))
            rest = wanted[_kept(run, wanted) :]
            while rest:
                rest = rest[_made(run, rest) :]
    refused = tuple(
        Refusal(day=one.day, kind=one.kind, error=run.refused[one])
        for one in wanted
        if one in run.refused and one.day is not None
    )
    return Done(made=run.made, kept=run.kept, completed=run.completed, refused=refused)


def _bearing(settings: Settings) -> Settings:
    """The settings that letters are made by, and no others, with absolute paths: they go to other processes."""
    build = {"output": settings.build.output.resolve(), "store": settings.build.store.resolve()}
    return Settings(
        letter=settings.letter,
        build=settings.build.model_copy(update=build),
        fetch=settings.fetch.model_copy(update={"store": settings.fetch.store.resolve()}),
        sources=settings.sources,
        quality=settings.quality,
        series=settings.series,
    )


def _entered(job: Job) -> None:
    """Enter letters into the chain that a run which was killed had still to enter."""
    known = chain.read(job.editions)
    path = job.editions / chain.FILE
    if known and (not path.exists() or path.read_bytes() != chain.written(known)):
        chain.write(job.editions, known)


def _kept(run: _Run, wanted: Sequence[Asked]) -> int:
    """How many of the first letters are settled: there, their missing forms added, or refused.

    The first that is not there ends the looking. Those after it hold its digest, so they are made again; one that comes
    out the same stays the same.
    """
    scribe = Scribe(run.job, run.found)
    looking: deque[Errand[Looked]] = deque()
    printing: deque[_Printing] = deque()
    asked = settled = 0
    with Shelf(run.job.editions, ()) as shelf:
        for place, one in enumerate(wanted):
            while asked < len(wanted) and len(looking) < AHEAD * run.hands.size:
                looking.append(_look(run, scribe, wanted[asked]))
                asked += 1
            try:
                seen = run.hands.result(looking.popleft())
            except CaplineError as problem:
                run.refuse(one, problem)
                settled += 1
                continue
            if not seen.kept:
                break
            settled += 1
            if seen.missing:
                content = pipeline.read(run.job.editions / seen.id / tasks.JSON)
                sent = run.hands.submit(tasks.print_forms, run.job, content, seen.missing)
                printing.append(_Printing(place=place, id=seen.id, entry=None, errand=sent))
            else:
                run.kept += 1
                run.said()
            while len(printing) > run.hands.size:
                _complete(run, shelf, wanted, printing.popleft())
        while printing:
            _complete(run, shelf, wanted, printing.popleft())
    return settled


def _complete(run: _Run, shelf: Shelf, wanted: Sequence[Asked], one: _Printing) -> None:
    """Put the missing forms of a letter beside it."""
    try:
        shelf.put(one.id, run.hands.result(one.errand), None)
    except CaplineError as problem:
        run.refuse(wanted[one.place], problem)
        return
    run.kept += 1
    run.completed += 1
    run.said()


def _look(run: _Run, scribe: Scribe, asked: Asked) -> Errand[Looked]:
    day = asked.day or run.job.today
    link = scribe.links.get(f"{day}-{asked.kind}")
    return run.hands.submit(tasks.look, run.job, asked, scribe.before(asked.kind, day), link)


def _made(run: _Run, wanted: Sequence[Asked]) -> int:
    """How many letters are settled: all, or those up to one whose forms could not be made.

    The words of those after that one had taken it for made.
    """
    scribe = Scribe(run.job, run.found)
    preparing: deque[tuple[int, Errand[Prepared]]] = deque()
    printing: deque[_Printing] = deque()
    newest: dict[str, date | None] = {}
    asked = 0
    with Shelf(run.job.editions, scribe.links.values()) as shelf:
        while asked < len(wanted) or preparing or printing:
            size = run.hands.size
            while (
                asked < len(wanted)
                and len(preparing) < AHEAD * size
                and len(preparing) + len(printing) < UNDER_WAY * size
            ):
                one = wanted[asked]
                preparing.append((asked, _prepare(run, scribe, one, newest.get(one.kind))))
                newest[one.kind] = one.day
                asked += 1
            if printing and (not preparing or run.hands.done(printing[0].errand)):
                first = printing.popleft()
                try:
                    made = run.hands.result(first.errand)
                except CaplineError as problem:
                    run.refuse(wanted[first.place], problem)
                    return first.place + 1
                shelf.put(first.id, made, first.entry)
                run.made += 1
                run.said()
                continue
            place, errand = preparing.popleft()
            try:
                written = scribe.write(run.hands.result(errand))
            except CaplineError as problem:
                run.refuse(wanted[place], problem)
                continue
            sent = run.hands.submit(tasks.print_forms, run.job, written.content, run.job.forms)
            printing.append(_Printing(place=place, id=written.id, entry=scribe.links[written.id], errand=sent))
    return len(wanted)


def _prepare(run: _Run, scribe: Scribe, asked: Asked, earlier: date | None) -> Errand[Prepared]:
    """Have the groundwork of a letter laid; `earlier` is the day of the letter of this run that will be before it."""
    if earlier is None and asked.day is not None and (path := scribe.before(asked.kind, asked.day)):
        earlier = date.fromisoformat(path.parent.name[:10])
    return run.hands.submit(tasks.prepare, run.job, asked, earlier)
