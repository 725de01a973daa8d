"""A fetch under way: which batches are on their way, what came of each, and whom to ask next where one failed.

Threads only ask; the thread that runs `Run.read` alone touches the store.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from generator.due import since
from generator.errors import BadObservation, CaplineError, ConflictingObservation, FetchError, OutOfTime, SourceError
from generator.fetching.report import Outcome, Scope, Tell
from generator.sources.feeds import Wanted
from generator.sources.moments import POLICY, Stamped, stamp
from generator.store import Fetch, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from generator.sources.catalogue import Followed, Offer
    from generator.sources.feeds import Batch, Edge
    from generator.sources.http import Access

NEW_YORK = ZoneInfo("America/New_York")
NONE_HELD = pd.DataFrame({"series_id": [], "date": pd.DatetimeIndex([]), "value": []})


@dataclass(slots=True, kw_only=True)
class Reading:
    """A series on its way: its offers, which of them is being asked, and what has come so far."""

    one: Followed
    offers: tuple[Offer, ...]
    place: int = 0
    given_up: bool = False  # no offer is left
    source: str = ""  # that gave it whole
    waiting: Counter[str] = field(default_factory=Counter)  # batches that have not been answered, by source
    counts: Counter[str] = field(default_factory=Counter)  # new, revised, unchanged
    failures: list[CaplineError] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its name."""
        return self.one.spec.id

    @property
    def asked_of(self) -> str:
        """The source that is being asked; empty when none is left."""
        return "" if self.given_up else self.offers[self.place].source

    def outcome(self) -> Outcome:
        """What became of it."""
        return Outcome(
            series_id=self.id,
            source=self.source,
            new=self.counts["new"],
            revised=self.counts["revised"],
            unchanged=self.counts["unchanged"],
            failures=tuple(self.failures),
        )


@dataclass(slots=True, kw_only=True)
class Run:
    """A fetch under way."""

    store: Store
    access: Access
    tell: Tell
    edges: Callable[[str], Edge]
    parallel: int
    scope: Scope
    readings: dict[str, Reading] = field(default_factory=dict)
    pending: dict[Future[pd.DataFrame], Batch] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # series that the store has values of
    pool: ThreadPoolExecutor = field(init=False)

    def read(self, readings: Sequence[Reading]) -> None:
        """Ask for all, and put each answer into the store as it comes; `readings` then hold what became of them."""
        self.readings = {one.id: one for one in readings}
        self.held = set(self.store.reach())
        self.pool = ThreadPoolExecutor(self.parallel, thread_name_prefix="fetch")
        try:
            self._ask(readings)
            while self.pending:
                done, _ = wait(self.pending, return_when=FIRST_COMPLETED)
                self._take([(self.pending.pop(future), future) for future in done])
        finally:  # whatever stops us: nothing more is asked, and nobody waits for what is on its way
            self.pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, readings: Sequence[Reading]) -> None:
        """Ask the sources whose turn it is for some series, those of one source together."""
        states, reach = self.store.fetches(), self.store.reach()
        today = self.access.now.astimezone(NEW_YORK).date()
        wanted: dict[str, list[Wanted]] = {}
        for one in readings:
            offer = one.offers[one.place]
            start = since(one.one, offer.source, states.get(one.id), reach.get(one.id), full=self.scope.full)
            first = self.scope.since or start
            wanted.setdefault(offer.source, []).append(Wanted(series_id=one.id, code=offer.code, since=first))
        found = []
        for source, asked in wanted.items():
            try:
                found.append(self.edges(source).batches(asked, today=today))
            except FetchError as problem:
                self._failed([self.readings[each.series_id] for each in asked], problem)
        turns = zip_longest(*found)  # of each source in turn: threads must not queue before one host while others rest
        self._submit([batch for turn in turns for batch in turn if batch is not None])

    def _submit(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for one in self._of(batch):
                one.waiting[batch.source] += 1
            self.tell.asking(batch.source, 1)
            self.pending[self.pool.submit(self.edges(batch.source).fetch, batch, self.access)] = batch

    def _of(self, batch: Batch) -> list[Reading]:
        return [self.readings[each.series_id] for each in batch.wanted]

    def _take(self, answers: Sequence[tuple[Batch, Future[pd.DataFrame]]]) -> None:
        """Store the answers that have come, together; go on without those that are none."""
        good: list[tuple[Batch, pd.DataFrame]] = []
        for batch, _ in answers:
            self._await(batch, -1)
        for batch, future in answers:
            if future.cancelled():
                self.tell.answered(batch.source, batch.label, "not asked any more")
                continue
            try:
                good.append((batch, future.result()))
            except SourceError as problem:
                self._mend(batch, problem)
                self.tell.answered(batch.source, batch.label, str(problem))
        try:
            self._put(good)
        except (BadObservation, ConflictingObservation):
            self._put_singly(good)
        else:
            for batch, _ in good:
                self.tell.answered(batch.source, batch.label, "")

    def _await(self, batch: Batch, count: int) -> None:
        for one in self._of(batch):
            one.waiting[batch.source] += count

    def _put_singly(self, answers: Sequence[tuple[Batch, pd.DataFrame]]) -> None:
        """Store answers of which one cannot be stored: each on its own, and go on without that one."""
        for batch, _ in answers:
            self._await(batch, 1)
        for batch, found in answers:
            self._await(batch, -1)
            said = ""
            try:
                self._put([(batch, found)])
            except (BadObservation, ConflictingObservation) as problem:
                said = str(problem)
                self._mend(batch, problem)
            self.tell.answered(batch.source, batch.label, said)

    def _put(self, answers: Sequence[tuple[Batch, pd.DataFrame]]) -> None:
        """Append answers, with the state of the series that they complete, in one transaction."""
        if not answers:
            return
        stamped = [self._stamped(batch, found) for batch, found in answers]
        complete = {
            one.id: (one, batch)
            for batch, _ in answers
            for one in self._of(batch)
            if one.asked_of == batch.source and not one.waiting[batch.source]
        }
        rows = pd.concat([one.rows for one in stamped], ignore_index=True)
        appended = self.store.append(rows, fetched=self._states(complete.values()))
        self.held.update(appended.of)
        for one, batch in complete.values():
            one.source = batch.source
        said = rows["series_id"].value_counts()
        again = sum((one.unchanged for one in stamped), Counter[str]())
        for series_id in {one.series_id for batch, _ in answers for one in batch.wanted}:
            new, revised = appended.of.get(series_id, (0, 0))
            unchanged = again[series_id] + int(said.get(series_id, 0)) - new - revised
            self.readings[series_id].counts.update(new=new, revised=revised, unchanged=unchanged)

    def _stamped(self, batch: Batch, found: pd.DataFrame) -> Stamped:
        """The rows of an answer that say something new, with their moments."""
        specs = {one.id: one.one.spec for one in self._of(batch)}
        decided = any(series_id.startswith(POLICY) for series_id in specs)  # needs what was in force before
        first = None if decided or found.empty else found["date"].min().date()
        begun = sorted(specs.keys() & self.held)
        held = self.store.newest(begun, since=first) if begun else NONE_HELD
        return stamp(found, held, specs, source=batch.source, now=self.access.now)

    def _states(self, complete: Iterable[tuple[Reading, Batch]]) -> list[Fetch]:
        """What is written down of the series that batches complete."""
        before = self.store.fetches()
        found = []
        for one, batch in complete:
            whole = any(each.series_id == one.id and each.since is None for each in batch.wanted)
            held = one.id in before and before[one.id].whole
            found.append(
                Fetch(
                    series_id=one.id,
                    source=batch.source,
                    at=self.access.now,
                    whole=whole or one.one.base == "always" or held,
                    instead_of=one.offers[0].source if one.place else "",
                )
            )
        return found

    def _mend(self, batch: Batch, problem: CaplineError) -> None:
        """Ask again without the one series that is at fault, else ask the next source for all of the batch."""
        at_fault = [each for each in batch.wanted if each.code == getattr(problem, "code", None)]
        rest = tuple(each for each in batch.wanted if each not in at_fault)
        if len(at_fault) == 1 and rest and not isinstance(problem, OutOfTime):
            self._submit([replace(batch, wanted=rest)])
            batch = replace(batch, wanted=tuple(at_fault))
        self._failed([one for one in self._of(batch) if one.asked_of == batch.source], problem)

    def _failed(self, readings: Sequence[Reading], problem: CaplineError) -> None:
        """Go on to the next source of each; requests that nobody needs any more are given up."""
        following = []
        for one in readings:
            one.failures.append(problem)
            one.given_up = one.place + 1 == len(one.offers) or isinstance(problem, OutOfTime)
            if not one.given_up:
                one.place += 1
                following.append(one)
        for future, batch in self.pending.items():
            if all(one.asked_of != batch.source for one in self._of(batch)):
                future.cancel()
        if following:
            self._ask(following)
