"""Errors of data, store and edition: a letter is held, or its templates, text or folder have to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors.base import CaplineError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from pathlib import Path


class DataError(CaplineError):
    """The observations cannot carry the edition: hold it."""

    exit_code = 4


class StaleSeries(DataError):
    """A series has no value for the session the edition is about."""

    def __init__(self, series_id: str, *, newest: date, needed: date) -> None:
        super().__init__(
            f"{series_id}: the newest value is for {newest}, the edition needs {needed}",
            hint=f"build with `--as-of {newest}` or use a source that reaches further (`capline sources`)",
        )
        self.series_id, self.newest, self.needed = series_id, newest, needed


class NoDecision(DataError):
    """A decision letter for a day by which no change of the funds target is known."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day}: no change of the funds target is known by then",
            hint="the first one known is that of 13 July 1990; choose a later `--as-of`, or a daily or weekly letter",
        )
        self.day = day


class UnknownSeries(DataError):
    """The store holds no observation of a series at the moment asked for."""

    def __init__(self, series_id: str) -> None:
        super().__init__(f"{series_id}: nothing known", hint="see `capline sources` for what the store holds")
        self.series_id = series_id


class Misaligned(DataError):
    """Two histories that a metric compares do not have the same dates."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"{first} and {second} do not have the same dates", hint="join them on their common dates first"
        )


class UnfitHistory(DataError):
    """A history that a metric cannot be computed from: holes, disorder, the wrong kind of number."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}", hint="pass what the store's view gives, with what is missing left out")
        self.name, self.problem = name, problem


class NoClosedEvent(DataError):
    """An event study without an event whose window had closed by the moment asked for."""

    def __init__(self, *, sessions: int, as_of: date, events: int) -> None:
        super().__init__(
            f"none of {events} events had a window of {sessions} sessions that closed by {as_of}",
            hint="choose a shorter window or a later day",
        )
        self.sessions, self.as_of, self.events = sessions, as_of, events


class Held(DataError):
    """A gate holds the edition: a series that it cannot be without is not to be believed, or not there."""

    exit_code = 7

    def __init__(  # noqa: PLR0913 -- what was found, where, and what else was
        self, rule: str, series_id: str, reason: str, *, remedy: str, day: date | None, others: Iterable[str] = ()
    ) -> None:
        self.rule, self.series_id, self.reason, self.day, self.others = rule, series_id, reason, day, tuple(others)
        also = f" (also: {', '.join(self.others)})" if self.others else ""
        super().__init__(f"the letter is held, {series_id} ({rule}): {reason}{also}", hint=remedy)


class UnsupportedFact(DataError):
    """A number that is not finite or has no evidence cannot be a fact."""

    def __init__(self, key: str, *, value: float, evidence: int) -> None:
        super().__init__(
            f"{key}: value {value!r} with {evidence} slices of evidence is not a fact",
            hint="make it a Gap with its reason",
        )
        self.key = key


class BadObservation(DataError):
    """An observation the store cannot take: no number, no moment, or of a series nobody described."""

    def __init__(self, series_id: str, problem: str) -> None:
        super().__init__(f"{series_id}: {problem}", hint="mend the source adapter; nothing was written")
        self.series_id = series_id


class ConflictingObservation(DataError):
    """Two values of a series for the same date that claim to have become known at the same moment.

    One that was observed and one whose moment is derived are none: the derived one gives way.
    """

    def __init__(self, series_id: str, *, day: date, known_at: datetime, values: tuple[float, float]) -> None:
        super().__init__(
            f"{series_id}: {values[0]!r} and {values[1]!r} for {day} both claim to be known at "
            f"{known_at:%Y-%m-%d %H:%M} UTC",
            hint="a revision needs its own, later moment; nothing was written",
        )
        self.series_id, self.day, self.known_at, self.values = series_id, day, known_at, values


class StoreError(DataError):
    """The observation store cannot be used; the file is left as it is."""

    def __init__(self, path: Path, problem: str, *, hint: str) -> None:
        super().__init__(f"{path}: {problem}", hint=hint)
        self.path = path


class RenderError(CaplineError):
    """A form could not be made or written."""

    exit_code = 5


class UnsupportedSaying(RenderError):
    """A template asks of a fact what the fact cannot bear: a "since" of nothing, a run of one."""

    def __init__(self, key: str, form: str, why: str) -> None:
        super().__init__(
            f"{key} cannot be said as {form!r}: {why}", hint="test for it in the template first (see docs/prose.md)"
        )
        self.key, self.form = key, form


class UnprovenText(RenderError):
    """The guard found words or digits that no fact supplied."""

    def __init__(self, where: str, findings: Iterable[str]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            f"{where}: no fact supplies {'; '.join(self.findings)}",
            hint="print it through a fact, or declare it if it is a name or a plain new word (docs/prose.md)",
        )


class DamagedEdition(RenderError):
    """A file that is not an edition of this schema, or a form that does not say which edition it is."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}", hint="build it again with `capline build --as-of DATE`")
        self.path = path


class NoWayOut(RenderError):
    """A letter without the place in which each reader's link to unsubscribe is set, or no way to unsubscribe at all."""


class Unverified(RenderError):
    """A letter just made that does not agree with its edition or the store: it is neither archived nor sent."""

    def __init__(self, edition: str, differences: Iterable[str]) -> None:
        self.edition, self.differences = edition, tuple(differences)
        super().__init__(
            f"{edition} does not verify: {'; '.join(self.differences)}",
            hint="look with `capline verify`; take its folder away, and the next `capline run` makes it again",
        )


class DamagedRecord(RenderError):
    """A record of corrections that cannot be read; nothing is added to it, and nothing of it is lost."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path}: is no record of corrections ({problem})",
            hint="bring it back from the published site or a copy; taken away, it is begun anew from what is found now",
        )
        self.path = path


class DamagedArchive(RenderError):
    """Editions that cannot be archived: damaged, edited by hand, or two with one key. The site is left as it was."""

    def __init__(self, folder: Path, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"{folder}: {'; '.join(self.problems)}",
            hint="restore those folders, take them away, or build them again with `capline build --as-of DATE`",
        )
        self.folder = folder


class CannotWrite(RenderError):
    """The output folder or file cannot be written."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path}: {problem}", hint="choose a folder with `--output` that you may write and that has room"
        )
        self.path = path


class Busy(CaplineError):
    """Another run works on the same folder or store."""

    exit_code = 6

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another run of capline is at work here", hint="wait for it to end, then run again")
        self.path = path


class WorkersLost(CaplineError):
    """Processes that make letters end again and again, or the cluster they belong to is gone."""

    exit_code = 5

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(f"letters can no longer be made: {problem}", hint=f"{hint}; what is finished is kept")
        self.problem = problem
