"""What each command does with what it was called with, and what it prints.

The pipeline, which takes long to load, is loaded by the command that needs it: `build` first starts the tools that work
beside it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator import config
from generator.cli import FORMS, KINDS
from generator.errors import MissingArgument, UnknownName

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from datetime import date

    from generator.config import Settings
    from generator.fetching import Report, Scope
    from generator.pipeline import Asked

NEW_YORK = ZoneInfo("America/New_York")
SOURCE_FAILED = 3


def settings_of(chosen: argparse.Namespace) -> Settings:
    """Settings with what the call overrides."""
    settings = config.load(chosen.config)
    changed: dict[str, object] = {}
    if chosen.command == "fetch":
        changed["source"] = "live"
    elif chosen.source:
        changed["source"] = chosen.source
    if getattr(chosen, "output", None):
        changed["output"] = chosen.output
    return settings.model_copy(update={"build": settings.build.model_copy(update=changed)})


def _asked(chosen: argparse.Namespace) -> Asked:
    from generator.pipeline import Asked  # noqa: PLC0415 -- loaded when it is needed

    kind = getattr(chosen, "kind", "daily")
    if kind not in KINDS:
        raise UnknownName("kind of letter", kind, KINDS)
    return Asked(day=chosen.as_of, kind=kind, only=tuple(getattr(chosen, "only", ())))


def _today() -> date:
    return datetime.now(NEW_YORK).date()


def _now() -> datetime:
    return datetime.now(UTC)


def _fetched(settings: Settings, scope: Scope | None = None) -> Report:
    """Bring the store of live data up to date."""
    from generator import intake  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli.progress import telling  # noqa: PLC0415 -- loaded when it is needed

    with telling() as tell:
        return intake.fetched(settings, scope, keys=config.keys(), now=_now(), tell=tell)


def fetch(chosen: argparse.Namespace) -> int:
    """Fill the store with what is new; 3 if a series could be read from none of its sources."""
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed
    from generator.fetching import Scope  # noqa: PLC0415 -- loaded when it is needed

    settings = settings_of(chosen)
    scope = Scope(series=tuple(chosen.series), sources=tuple(chosen.source), since=chosen.since, full=chosen.full)
    report = _fetched(settings, scope)
    sys.stdout.write(tell.fetched(report))
    from generator import gates  # noqa: PLC0415 -- loaded when it is needed

    whole = any(one.new > settings.quality.window for one in report.outcomes)  # much that no gate has seen
    sys.stdout.write(tell.doubted(gates.doubted(settings, now=_now(), whole=whole)))
    return SOURCE_FAILED if report.failed else 0


def build(chosen: argparse.Namespace) -> int:
    """Make and write a letter; print where each form lies."""
    settings = settings_of(chosen)
    forms = tuple(dict.fromkeys(chosen.format or settings.build.formats))
    for form in forms:
        if form not in FORMS:
            raise UnknownName("form", form, FORMS)
    if settings.build.source == "live" and not chosen.offline:
        from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

        sys.stderr.write(tell.fetched(_fetched(settings)))
    config.help_pango()
    from generator.render.workshop import Workshop  # noqa: PLC0415 -- loaded when it is needed

    with Workshop(forms) as workshop:
        from generator import pipeline  # noqa: PLC0415 -- loaded when it is needed
        from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

        made = pipeline.build(settings, _asked(chosen), forms, today=_today(), now=_now(), workshop=workshop)
    sys.stdout.write(tell.built(made))
    return 0


def backfill(chosen: argparse.Namespace) -> int:
    """Make every letter of a period."""
    from generator.cli import backfilling  # noqa: PLC0415 -- loaded when it is needed

    return backfilling.run(chosen)


def show(chosen: argparse.Namespace) -> int:
    """Print a letter as text."""
    from generator import pipeline  # noqa: PLC0415 -- loaded when it is needed

    settings = settings_of(chosen)
    sys.stdout.write(pipeline.shown(settings, _asked(chosen), today=_today(), now=_now()))
    return 0


def verify(chosen: argparse.Namespace) -> int:
    """Check a file; 1 if anything differs."""
    from generator import pipeline, reviewing  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

    if (chosen.file is None) == (chosen.chain is None):
        raise MissingArgument("verify", "a FILE, or --chain FOLDER")
    if chosen.chain is not None:
        differences, count = reviewing.chained(chosen.chain)
        sys.stdout.write(tell.chain(chosen.chain, differences, count))
        return 1 if differences else 0
    config.help_pango()
    verdict, against = pipeline.verified(settings_of(chosen), chosen.file, edition_file=chosen.edition, today=_today())
    sys.stdout.write(tell.verdict(chosen.file, verdict, against))
    return 1 if verdict.differences else 0


def archive(chosen: argparse.Namespace) -> int:
    """Build the site of all letters; print what changed and what there is to say."""
    from generator.archive import built  # noqa: PLC0415 -- loaded when it is needed

    done = built(settings_of(chosen), full=chosen.full)
    notes = "".join(f"  note: {note}\n" for note in done.notes)
    units = f"{done.made} part{'' if done.made == 1 else 's'} made, {done.kept} kept, {done.removed} files removed"
    sys.stdout.write(f"{done.folder}: {done.editions} editions, {done.files} files; {units}\n{notes}")
    return 0


def corrections(chosen: argparse.Namespace) -> int:
    """Find what later data change in what was printed; 1 if that is not recorded."""
    from generator import reviewing  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

    moment = datetime.now(UTC).replace(microsecond=0)
    found = reviewing.corrected(settings_of(chosen), moment, since=chosen.since, record=chosen.write)
    sys.stdout.write(tell.corrections(found, recorded=chosen.write))
    return 1 if found.news and not chosen.write else 0


def diff(chosen: argparse.Namespace) -> int:
    """Say what changed from one edition to another."""
    from generator import reviewing  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

    found = reviewing.compared(settings_of(chosen), chosen.first, chosen.second)
    text = json.dumps(found.plain(), indent=1, ensure_ascii=False) + "\n" if chosen.json else tell.changes(found)
    sys.stdout.write(text)
    return 0


def sources(chosen: argparse.Namespace) -> int:
    """List the series of the store."""
    from generator import pipeline  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

    sys.stdout.write(tell.surveyed(*pipeline.surveyed(settings_of(chosen), chosen.as_of, now=_now())))
    return 0


def explain(chosen: argparse.Namespace) -> int:
    """Explain a fact, a sentence, or the choice of stories."""
    from generator import edition, pipeline  # noqa: PLC0415 -- loaded when it is needed
    from generator.cli import tell  # noqa: PLC0415 -- loaded when it is needed

    if chosen.edition:
        found = edition.from_json(pipeline.read(chosen.edition), path=chosen.edition)
        sys.stdout.write(tell.of_edition(found, chosen.fact, chosen.sentence))
        return 0
    if not chosen.fact or chosen.sentence is not None:
        raise MissingArgument("explain", "a FACT_KEY, or --edition JSON with or without --sentence N")
    settings = settings_of(chosen)
    fact, history = pipeline.explained(settings, chosen.fact, chosen.as_of, today=_today(), now=_now())
    sys.stdout.write(tell.fact(fact, history))
    return 0


def doctor(chosen: argparse.Namespace) -> int:
    """Check the machine; 2 if anything fails."""
    from generator.cli import doctor as of_doctor  # noqa: PLC0415 -- loaded when it is needed

    return of_doctor.run(settings_of(chosen), offline=chosen.offline)


def readers(chosen: argparse.Namespace) -> int:
    """Take readers in, give them out, list or suppress them."""
    from generator.cli import posting  # noqa: PLC0415 -- loaded when it is needed

    return posting.readers(chosen)


def preflight(chosen: argparse.Namespace) -> int:
    """Say whether a letter may be sent."""
    from generator.cli import posting  # noqa: PLC0415 -- loaded when it is needed

    config.help_pango()
    return posting.preflight(chosen)


def send(chosen: argparse.Namespace) -> int:
    """Send a letter."""
    from generator.cli import posting  # noqa: PLC0415 -- loaded when it is needed

    config.help_pango()
    return posting.send(chosen)


def inbox(chosen: argparse.Namespace) -> int:
    """Read unsubscribes, bounces and complaints."""
    from generator.cli import receiving  # noqa: PLC0415 -- loaded when it is needed

    return receiving.inbox(chosen)


def serve(chosen: argparse.Namespace) -> int:
    """Let readers sign up and leave."""
    from generator.cli import receiving  # noqa: PLC0415 -- loaded when it is needed

    return receiving.serve(chosen)


def state(chosen: argparse.Namespace) -> int:
    """Keep what lasts between runs elsewhere, or bring it from there."""
    from generator.cli import keeping  # noqa: PLC0415 -- loaded when it is needed

    return keeping.state(chosen)


def run(chosen: argparse.Namespace) -> int:
    """Do whatever is due."""
    from generator.cli import clockwork  # noqa: PLC0415 -- loaded when it is needed

    config.help_pango()
    return clockwork.run(chosen)


def status(chosen: argparse.Namespace) -> int:
    """Say how things stand."""
    from generator.cli import clockwork  # noqa: PLC0415 -- loaded when it is needed

    return clockwork.status(chosen)


def watch(chosen: argparse.Namespace) -> int:
    """Say what is missing; 9 if anything is."""
    from generator.cli import clockwork  # noqa: PLC0415 -- loaded when it is needed

    return clockwork.watch(chosen)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "fetch": fetch,
    "build": build,
    "backfill": backfill,
    "show": show,
    "verify": verify,
    "archive": archive,
    "corrections": corrections,
    "diff": diff,
    "sources": sources,
    "explain": explain,
    "doctor": doctor,
    "readers": readers,
    "preflight": preflight,
    "send": send,
    "inbox": inbox,
    "serve": serve,
    "state": state,
    "run": run,
    "status": status,
    "watch": watch,
}
