"""How the clock's commands speak: a run's lines, its end, the standing of things, and what is missing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from generator.cli.commands import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from generator.clock.agenda import Due
    from generator.clock.course import Outcome
    from generator.clock.journal import Record
    from generator.clock.shift import Event
    from generator.clock.standing import Standing, Stopped
    from generator.clock.watching import Watched
    from generator.errors import CaplineError

SHOWN = 10  # of what may be many


class Plain:
    """Lines for a person, on the error stream; what only begins is not told."""

    def __call__(self, event: Event) -> None:
        """Write one."""
        if event.state == "begins":
            return
        where = f"{event.edition}, {event.step}" if event.edition else event.step
        state = "" if event.state in {"done", "note", "notice"} else f"{event.state}: "
        hint = f"\n  hint: {event.hint}" if event.hint else ""
        sys.stderr.write(f"capline: {where}: {state}{event.words}{hint}\n")
        sys.stderr.flush()

    def ended(self, problem: CaplineError, at: datetime) -> None:
        """An error that ended the run; the command line tells it."""


class Json:
    """One line of JSON for each event, on the error stream."""

    def __call__(self, event: Event) -> None:
        """Write one."""
        plain = {name: value for name, value in asdict(event).items() if value not in {"", 0}}
        self._write(plain | {"at": event.at.isoformat(timespec="seconds")})

    def ended(self, problem: CaplineError, at: datetime) -> None:
        """An error that ended the run."""
        self._write({
            "at": at.isoformat(timespec="seconds"), "step": "run", "state": "held", "words": f"{problem}",
            "error": type(problem).__name__, "code": problem.exit_code, "hint": problem.hint,
        })  # fmt: skip

    def asking(self, source: str, count: int) -> None:
        """How far a fetch is would be no event."""

    def answered(self, source: str, label: str, problem: str) -> None:
        """As above."""

    def _write(self, plain: Mapping[str, object]) -> None:
        sys.stderr.write(json.dumps(plain, ensure_ascii=False) + "\n")
        sys.stderr.flush()


def local(moment: datetime) -> str:
    """A moment in New York, as people say it."""
    return f"{moment.astimezone(NEW_YORK):%Y-%m-%d %H:%M} in New York"


def _steps(record: Record) -> str:
    """How far a letter has come."""
    if record.held:
        name, step = record.held
        return f"held at {name} ({step.error})"
    if record.is_done():
        return f"finished; {record.steps['send'].words}"
    done = [name for name in record.steps if record.is_done(name)]
    return f"{done[-1]} done" if done else "not begun"


# --- a run ------------------------------------------------------------------------------------------------------


def outcome(done: Outcome, day: date | None) -> str:
    """One line for each letter, or that nothing is due and what comes next."""
    lines = [f"{one.edition}: {_steps(one)}" for one in done.records]
    lines += [f"{one.id}: waits for data, at most until {local(one.latest)}" for one in done.waiting]
    if not lines:
        lines.append(f"nothing is due{f' on {day}' if day else ''}{_next(done.agenda.coming)}")
    lines += [f"  note: {note}" for note in _lost(done.lost)]
    return "".join(f"{line}\n" for line in lines)


def _next(coming: Sequence[Due]) -> str:
    if not coming:
        return "; the source ends before the next letter (the sample does: use live data, or rehearse with --now)"
    first = min(coming, key=lambda one: one.since)
    return f"; next: {first.id}, from {local(first.since)}"


def _lost(lost: Sequence[Due]) -> list[str]:
    told = [f"{one.id} was never made, and is too long ago to be made up for: {one.command}" for one in lost[:SHOWN]]
    return [*told, f"and {len(lost) - SHOWN} more"] if len(lost) > SHOWN else told


def page(done: Outcome) -> str:
    """A run for the page of a job, in Markdown."""
    text = "### Capline\n\n"
    if not done.records and not done.waiting:
        return f"{text}Nothing is due{_next(done.agenda.coming)}.\n"
    rows = ["| letter | stands | step by step |", "|---|---|---|"]
    for one in done.records:
        steps = ", ".join(f"{name} {step.state}" for name, step in one.steps.items())
        rows.append(f"| {one.edition} | {_steps(one)} | {steps} |")
    rows += [f"| {one.id} | waits for data until {local(one.latest)} | |" for one in done.waiting]
    text += "\n".join(rows) + "\n"
    for one in done.records:
        if one.held:
            name, step = one.held
            text += f"\n**{one.edition}** is held at {name}: {step.words}\n\nWhat to do: {step.hint}\n"
    return text


# --- how things stand -------------------------------------------------------------------------------------------


def standing(found: Standing) -> str:
    """Everything, in blocks."""
    parts = [f"As of {local(found.now)}"]
    letters = [f"{one.edition}: {_steps(one) if one.steps else 'made by hand'}" for one in found.last]
    parts += _block("Letters", letters or ["none yet"])
    parts += _block("Next", [f"{one.id}, from {local(one.since)}" for one in found.agenda.coming] or ["none"])
    parts += _block("Due, and not finished", [f"{one.id}, since {local(one.since)}" for one in found.open])
    parts += _block("Held", [line for one in found.held for line in _stopped(one)])
    parts += _block("Data", _data(found))
    readers = [f"{count:,} {status or 'get letters'}" for status, count in found.readers.items()]
    parts += _block("Readers", readers or ["none"])
    parts += _block("Deliveries", [f"{name}: {_counts(states)}" for name, states in found.deliveries.items()])
    parts += _block("Notes", list(found.notes))
    return "\n".join(parts) + "\n"


def _block(title: str, lines: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _stopped(one: Stopped) -> list[str]:
    times = "once" if one.tries == 1 else f"{one.tries} times"
    return [
        f"{one.edition} at {one.step}, {one.error} (exit code {one.code}, tried {times}): {one.words}",
        f"  mend: {one.hint}",
        f"  then: {one.command}",
    ]


def _data(found: Standing) -> list[str]:
    if not found.series:
        return ["no store yet"]
    late = [one for one in found.series if one.late]
    lines = [f"{len(found.series)} series, {len(found.series) - len(late)} of them up to date on {found.reach}"]
    worst = sorted(late, key=lambda one: -one.late)
    lines += [f"{one.spec.id}: {one.late} days late (through {one.held.last})" for one in worst[:SHOWN] if one.held]
    if len(late) > SHOWN:
        lines.append(f"and {len(late) - SHOWN} more (capline sources)")
    return lines


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in states.items()) or "nobody"


def plain(found: Standing) -> dict[str, Any]:
    """The same for a program."""
    return {
        "schema": "capline-status/1",
        "now": found.now.isoformat(),
        "letters": [{"edition": one.edition, "stands": _steps(one), "steps": _of(one)} for one in found.last],
        "next": [_due(one) for one in found.agenda.coming],
        "open": [_due(one) for one in found.open],
        "held": [
            {**asdict(one), "at": one.at.isoformat(), "command": one.command} for one in found.held
        ],
        "series": [
            {
                "id": one.spec.id, "source": one.source, "through": f"{one.held.last}" if one.held else None,
                "late_days": one.late,
            }
            for one in found.series
        ],
        "readers": {status or "active": count for status, count in found.readers.items()},
        "deliveries": {name: dict(states) for name, states in found.deliveries.items()},
        "notes": list(found.notes),
    }  # fmt: skip


def _of(record: Record) -> dict[str, str]:
    return {name: step.state for name, step in record.steps.items()}


def _due(one: Due) -> dict[str, str]:
    return {"edition": one.id, "since": one.since.isoformat(), "latest": one.latest.isoformat()}


# --- what is missing --------------------------------------------------------------------------------------------


def watched(found: Watched, now: datetime) -> str:
    """What is missing, in Markdown."""
    if found.well:
        return f"Nothing that is due is missing ({found.place}, {local(now)}).\n"
    return "".join(f"{line}\n" for line in _missing(found, now))


def _missing(found: Watched, now: datetime) -> Iterable[str]:
    if found.problem:
        yield f"Whether a letter is missing cannot be seen: {found.problem} ({local(now)})."
        yield ""
        yield "What to do: see whether the site is up and published; `capline status` tells how the letters stand."
        return
    count = len(found.missing)
    those = "1 letter that is due is" if count == 1 else f"{count} letters that are due are"
    yield f"{those} missing ({found.place}, {local(now)})."
    for one in found.missing:
        yield ""
        yield f"- **{one.due.id}**, due since {local(one.due.latest)}"
        if one.held:
            yield f"  - held at {one.held.step} by {one.held.error}: {one.held.words}"
            yield f"  - what to do: {one.held.hint}"
        yield f"  - then: `{one.due.command}`"
