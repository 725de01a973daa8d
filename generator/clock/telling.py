"""Telling the operator, once for each reason: what holds a letter, that it was late, that it went to nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator import __version__
from generator.clock import journal
from generator.clock.shift import Event
from generator.deliver import notices
from generator.deliver.notices import Notice
from generator.errors import Held

if TYPE_CHECKING:
    from generator.clock.journal import Record
    from generator.clock.shift import Shift
    from generator.errors import CaplineError


def held(shift: Shift, record: Record, step: str, problem: CaplineError) -> Record:
    """Tell of an error that holds a letter, unless it was told already; gives the record with that."""
    detail = f" {problem.rule} {problem.series_id}" if isinstance(problem, Held) else ""
    subject = f"Capline: {record.edition} is held at {step} ({type(problem).__name__})"
    notice = Notice(
        subject=subject,
        text=f"{problem}\n\nWhat to do: {problem.hint}\nThen, or at the next slot: {_again(record.edition)}\n"
        f"Exit code {problem.exit_code}; Capline {__version__}, {shift.now():%Y-%m-%d %H:%M} UTC.\n",
        edition=record.edition, step=step, error=type(problem).__name__, code=problem.exit_code, hint=problem.hint,
    )  # fmt: skip
    return _once(shift, record, f"{step} {type(problem).__name__}{detail}", notice)


def said(shift: Shift, record: Record, reason: str, words: str) -> Record:
    """Tell of something that is no error: `late`, `unsent`."""
    notice = Notice(
        subject=f"Capline: {record.edition} {words}",
        text=f"{record.edition} {words}.\n\nHow it stands: capline status\n",
        edition=record.edition, step=reason, error="", code=0, hint="capline status",
    )  # fmt: skip
    return _once(shift, record, reason, notice)


def whole(shift: Shift, problem: CaplineError) -> None:
    """Tell of an error that ended a whole run, unless the last run ended so too."""
    mine = journal.own(shift.runs)
    reason = type(problem).__name__
    if reason in mine.told:
        return
    notice = Notice(
        subject=f"Capline: the run ended early ({reason})",
        text=f"{problem}\n\nWhat to do: {problem.hint}\nExit code {problem.exit_code}; Capline {__version__}.\n",
        edition="", step="run", error=reason, code=problem.exit_code, hint=problem.hint,
    )  # fmt: skip
    if _given(shift, notice):
        journal.keep(shift.runs, replace(mine, told=(*mine.told, reason)))


def _again(edition: str) -> str:
    return f"capline run --date {edition[:10]} --kind {edition[11:]}"


def _once(shift: Shift, record: Record, reason: str, notice: Notice) -> Record:
    """A notice that failed by every way is tried again with the next run."""
    if reason in record.told or not _given(shift, notice):
        return record
    told = replace(record, told=(*record.told, reason))
    journal.write(shift.runs, told)
    return told


def _given(shift: Shift, notice: Notice) -> bool:
    """Whether a notice arrived by at least one way, or there is none to go by."""
    found = list(notices.give(shift.settings, notice, shift.now(), only_here=shift.rehearsal))
    for way, failed in found:
        event = Event(
            at=shift.now(), edition=notice.edition, step=notice.step, state="notice",
            words=f"{failed}" if failed else f"told by {way}: {notice.subject}",
            error=type(failed).__name__ if failed else "", hint=failed.hint if failed else "",
        )  # fmt: skip
        shift.log(event)
    return not found or any(failed is None for _, failed in found)
