"""The tree of errors. Its branches are reactions; each error says what happened, to what, and what to try.

Exit codes (docs/exit-codes.md): 0 done, 1 `verify` found a difference, 2 wrong use or settings, 3 a source failed,
4 the data cannot carry the edition, 5 a form could not be rendered or written, 6 another run holds the lock, 7 the
gates hold the edition, 8 the letter did not go out, or not to every reader, 9 `watch` found a due letter missing, 10
what is kept between runs is missing, damaged or has moved on.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from pathlib import Path


class CaplineError(Exception):
    """Something a person can act on: `str(error)` says what happened, `error.hint` what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as what it is, whatever its constructor asks for."""
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[CaplineError], args: tuple[object, ...], said: dict[str, object]) -> CaplineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(said)
    return error


# --- mend the settings or the call ------------------------------------------------------------------------------


class ConfigError(CaplineError):
    """The call or the settings ask for something that cannot be: mend them."""

    exit_code = 2


class UnknownName(ConfigError):
    """A name that is not one of those known; the nearest known one is suggested."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        guess = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"there is no {what} {name!r}", hint=f"{guess}known: {', '.join(known)}")
        self.what, self.name, self.nearest = what, name, near[0] if near else None


class BadSetting(ConfigError):
    """A setting in newsletter.toml that does not fit."""

    def __init__(self, where: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{where}: {problem}", hint=hint)
        self.where = where


class MissingArgument(ConfigError):
    """A command that needs one argument more, or other ones."""

    def __init__(self, command: str, needed: str) -> None:
        super().__init__(f"{command} needs {needed}", hint=f"`capline {command} --help` shows what it takes")
        self.command = command


class Unreadable(ConfigError):
    """A file named in the call that is not there or cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}", hint="name a file that is there and that you may read")
        self.path = path


class BadAddress(ConfigError):
    """An address that mail cannot be sent to."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"{address!r}: {problem}", hint="write it as name@example.org")
        self.address, self.problem = address, problem


class MissingExtra(ConfigError):
    """A command that needs libraries which are not installed, since most people do without it."""

    def __init__(self, command: str, extra: str, missing: str) -> None:
        super().__init__(
            f"capline {command} needs {missing}, which is not installed",
            hint=f"install them with Capline: python -m pip install -e '.[{extra}]' in its folder",
        )
        self.command, self.extra = command, extra


class BadDate(ConfigError):
    """A date that cannot be the as-of date of an edition."""


class ClockWrong(ConfigError):
    """This machine's clock cannot be right: what is here already lies in its future, or others tell another time."""

    def __init__(self, now: datetime, problem: str, *, hint: str) -> None:
        super().__init__(f"the clock says {now:%Y-%m-%d %H:%M} UTC, but {problem}; nothing was made or sent", hint=hint)
        self.now, self.problem = now, problem


# --- the source or the store failed: try again, or mend the file ------------------------------------------------


class SourceError(CaplineError):
    """A source did not answer, or answered nonsense: try later or use another."""

    exit_code = 3


class DamagedData(SourceError):
    """A committed or recorded payload that cannot be read as what it claims to be."""


class FetchError(SourceError):
    """A request to a live source that gave no observations: which source, which series or file, and what to try."""

    def __init__(self, source: str, code: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{source}, {code}: {problem}", hint=hint)
        self.source, self.code = source, code


class Unreachable(FetchError):
    """No connection to the source, or one that broke before it answered."""

    def __init__(self, source: str, code: str, problem: str) -> None:
        super().__init__(
            source, code, f"cannot be reached: {problem}", hint="check the network and the proxy (`capline doctor`)"
        )


class TimedOut(FetchError):
    """The source was silent for longer than a request may take."""

    def __init__(self, source: str, code: str, *, seconds: float) -> None:
        super().__init__(
            source, code, f"no answer within {seconds:g} s", hint="run it again; what had arrived before is kept"
        )
        self.seconds = seconds


class RateLimited(FetchError):
    """The source asks to be left alone for a while; `retry_after` is in seconds, None where it does not say."""

    def __init__(self, source: str, code: str, *, retry_after: float | None) -> None:
        wait = "it does not say for how long" if retry_after is None else f"for {retry_after:.0f} s"
        super().__init__(
            source,
            code,
            f"asks for fewer requests ({wait})",
            hint=f"fetch again later with `capline fetch --source {source}`; others are not held up by it",
        )
        self.retry_after = retry_after


class RefusedBySource(FetchError):
    """The source answered, with a refusal; `status` is that of HTTP, `retry_after` the wait in seconds, if it says."""

    def __init__(
        self, source: str, code: str, *, status: int, said: str = "", retry_after: float | None = None
    ) -> None:
        passing = "it is the source's own trouble: try later"
        lasting = "see whether the source still serves this address or the key is right (`capline doctor`)"
        super().__init__(
            source,
            code,
            f"refused with status {status}{f': {said}' if said else ''}",
            hint=passing if status >= 500 else lasting,  # noqa: PLR2004 -- HTTP: from 500 on it is the server's fault
        )
        self.status, self.retry_after = status, retry_after


class BadCertificate(FetchError):
    """The source could not prove that it is who it says; nothing was read."""

    def __init__(self, source: str, code: str, *, host: str, problem: str) -> None:
        super().__init__(
            source,
            code,
            f"the certificate of {host} is not trusted ({problem})",
            hint="behind a company's proxy set SSL_CERT_FILE to its certificates; else read nothing over this network",
        )
        self.host = host


class NotData(FetchError):
    """An answer that is not the data asked for; `truncated` if it is the beginning of it."""

    def __init__(self, source: str, code: str, problem: str, *, came: str = "", truncated: bool = False) -> None:
        super().__init__(
            source,
            code,
            f"{problem}{f'; it begins {came!r}' if came else ''}",
            hint="try again later; if it stays so, the source has changed its form and Capline needs to know",
        )
        self.came, self.truncated = came, truncated


class EmptyAnswer(FetchError):
    """A well-formed answer without a single value for a series that should have some."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(
            source,
            code,
            "answered without a single value",
            hint="nothing was changed; try later, or another source for it (`capline sources`)",
        )


class StaleFeed(FetchError):
    """A feed of news that still answers, with items of long ago only."""

    def __init__(self, source: str, code: str, *, newest: datetime, days: int) -> None:
        super().__init__(
            source,
            code,
            f"the newest item is of {newest:%Y-%m-%d}, more than {days} days old",
            hint="the publisher seems to have left it: take it out of the settings, or another in its place",
        )
        self.newest = newest


class TooLarge(FetchError):
    """An answer beyond the size that is read; it was cut off there, and nothing of it is used."""

    def __init__(self, source: str, code: str, *, limit: int) -> None:
        super().__init__(
            source,
            code,
            f"the answer is larger than {limit / 1e6:.0f} MB",
            hint="no series is that large: the source is broken or another one answers; try later",
        )
        self.limit = limit


class UnknownCode(FetchError):
    """The source does not know a series by the name we ask for."""

    def __init__(self, source: str, code: str, *, said: str = "") -> None:
        super().__init__(
            source,
            code,
            f"the source knows no series of this name{f': {said}' if said else ''}",
            hint="mend the code, or leave the series out",
        )
        self.said = said


class MissingKey(FetchError):
    """The source wants a key, and none is set; `variable` is where it is looked for."""

    def __init__(self, source: str, code: str, *, variable: str) -> None:
        super().__init__(
            source, code, "a key is needed", hint=f"set {variable} in the environment or in .env, or do without"
        )
        self.variable = variable


class OutOfTime(FetchError):
    """The time for the whole fetch is used up."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(
            source,
            code,
            "the time for the whole fetch is used up",
            hint="run `capline fetch` again: it goes on where it stopped",
        )


# --- hold the edition ------------------------------------------------------------------------------------------


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


# --- mend the template, the text or the folder -----------------------------------------------------------------


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


class StrangeWorker(ConfigError):
    """A worker that would make other letters than we would: another Capline, other prose, or another store."""

    def __init__(self, what: str, *, ours: str, theirs: str) -> None:
        super().__init__(
            f"a worker has another {what}: {theirs}, here {ours}",
            hint="let its processes run this Capline, in a place where they see the same files under the same names",
        )
        self.what, self.ours, self.theirs = what, ours, theirs


# --- the letter did not go out, or not to every reader ----------------------------------------------------------


class DeliveryError(CaplineError):
    """The letter did not go out, or not to every reader: mend what is named, then send again; nobody gets it twice."""

    exit_code = 8


class NotReady(DeliveryError):
    """The letter may not be sent: preflight found reasons against it."""

    def __init__(self, edition: str, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        listed = "".join(f"\n  - {reason}" for reason in self.reasons)
        super().__init__(f"{edition} is not ready to be sent:{listed}", hint="mend each of these; nothing was sent")


class NoReaders(DeliveryError):
    """Nobody would get the letter."""


class LetterChanged(DeliveryError):
    """A letter other than the one that some readers of this edition have already had."""

    def __init__(self, edition: str, *, sent: int) -> None:
        super().__init__(
            f"{edition}: {sent:,} readers have had this edition in other words than letter.eml has now",
            hint="put the letter back that was sent, or build the new one under another day or kind",
        )
        self.edition, self.sent = edition, sent


class RelayFailed(DeliveryError):
    """The relay cannot be used: not reached, not trusted, or it refuses us."""

    def __init__(self, relay: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{relay}: {problem}", hint=hint)
        self.relay, self.problem = relay, problem


class EngineFailed(DeliveryError):
    """The engine that sends the letter cannot be used: not reached, not trusted, or it refuses us or the letter."""

    def __init__(self, engine: str, problem: str, *, hint: str, status: int = 0) -> None:
        super().__init__(f"{engine}: {problem}", hint=hint)
        self.engine, self.problem, self.status = engine, problem, status


class CampaignHeld(EngineFailed):
    """The engine has this edition already, in a state that a person has to decide about."""


class MailboxFailed(DeliveryError):
    """The mailbox of bounces and unsubscribes cannot be read: not reached, not trusted, or it refuses us."""

    def __init__(self, server: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{server}: {problem}", hint=hint)
        self.server, self.problem = server, problem


class BreakerOpen(DeliveryError):
    """The relay failed or refused so many times in a row that going on would only do harm."""

    def __init__(self, failures: int, last: str) -> None:
        super().__init__(
            f"stopped after {failures} failures in a row; the last: {last}",
            hint="ask the operator of the relay; `capline send` then goes on with those who have not had it",
        )
        self.failures, self.last = failures, last


class BookError(DeliveryError):
    """The file of readers and deliveries cannot be used or written."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(
            f"{path}: {problem}",
            hint="make room or mend the file, then run again: what is not known to have arrived is held as uncertain",
        )
        self.path = path


class Unfinished(DeliveryError):
    """The run is over, and some readers have not had the letter or may not have had it."""

    def __init__(self, edition: str, *, deferred: int, uncertain: int, left: int) -> None:
        parts = ((deferred, "put off by the relay"), (uncertain, "uncertain"), (left, "not tried"))
        told = ", ".join(f"{count:,} {words}" for count, words in parts if count)
        hint = "`capline send` again tries those put off or not tried"
        if uncertain:
            hint += "; uncertain ones may have it: `--resolve again` sends it to them, `--resolve done` takes it as had"
        super().__init__(f"{edition}: {told}", hint=hint)
        self.deferred, self.uncertain, self.left = deferred, uncertain, left


# --- what is kept between runs is not as it has to be -----------------------------------------------------------


class StateError(CaplineError):
    """What is kept between runs is missing, damaged or has moved on: nothing may be sent before that is settled."""

    exit_code = 10


class StateMissing(StateError):
    """There is no state where one has to be."""

    def __init__(self, remote: str, problem: str = "there is no state") -> None:
        super().__init__(
            f"{remote}: {problem}",
            hint="the first time, and only then, begin one with `--new`; else bring a copy back (docs/state.md)",
        )
        self.remote = remote


class StateDamaged(StateError):
    """State that cannot be read, or is not what it says it is; what was here stays as it is."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        listed = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(
            f"{where}: the state is damaged:{listed}",
            hint="nothing was changed; docs/state.md tells how each part is brought back",
        )
        self.where = where


class StateKey(StateError):
    """State that was sealed with another key."""

    def __init__(self, remote: str, *, theirs: str, ours: str) -> None:
        super().__init__(
            f"{remote}: it was sealed with the key {theirs}, the key here is {ours}",
            hint="set CAPLINE_STATE_KEY, or [state] key_file, to the key that it was made with",
        )
        self.remote, self.theirs, self.ours = remote, theirs, ours


class StateMoved(StateError):
    """The state at the remote is not the one that this folder was last brought together with."""

    def __init__(self, remote: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{remote}: {problem}", hint=hint)
        self.remote = remote


class StateUnpushed(StateError):
    """Files here that differ from what was last pushed or pulled, and would be lost."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        shown = ", ".join(self.names[:5])
        more = f" and {len(self.names) - 5:,} more" if len(self.names) > 5 else ""  # noqa: PLR2004 -- as many as shown
        super().__init__(
            f"{shown}{more}: not as last pushed or pulled",
            hint="`capline state push` keeps them; `capline state pull --force` gives them up",
        )


class StateShrunk(StateError):
    """Files of the state that are gone here: a push would lose them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        shown = ", ".join(self.names[:5])
        more = f" and {len(self.names) - 5:,} more" if len(self.names) > 5 else ""  # noqa: PLR2004 -- as many as shown
        super().__init__(
            f"{shown}{more}: in the state at the remote, and gone here",
            hint="bring them back with `capline state pull --force`, or let them go with `capline state push --force`",
        )


class StateUnreachable(StateError):
    """The place that the state is kept at cannot be read or written."""

    def __init__(self, remote: str, problem: str) -> None:
        super().__init__(
            f"{remote}: {problem}",
            hint="check address, network and rights (CAPLINE_STATE_TOKEN), then run it again; nothing was changed",
        )
        self.remote, self.problem = remote, problem


class PublishFailed(DeliveryError):
    """The command that publishes the site failed, or took too long."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(
            f"{command}: {problem}",
            hint="mend it, or `publish` in [clock] of newsletter.toml; the next run tries again",
        )
        self.command = command


class PageMissing(DeliveryError):
    """The page of a letter is not there, or shows another edition, and so the letter was not sent."""

    def __init__(self, url: str, problem: str, *, minutes: float) -> None:
        super().__init__(
            f"{url} {problem}, looked at for {minutes:g} minutes",
            hint="see whether the site was published; the next `capline run` looks again, and then sends",
        )
        self.url = url


class NoticeFailed(DeliveryError):
    """A notice to the operator that could not be delivered; the run went on without it."""

    def __init__(self, way: str, problem: str) -> None:
        super().__init__(f"the notice by {way} failed: {problem}", hint="mend [notice] in newsletter.toml")
        self.way = way
