"""What `readers`, `preflight` and `send` do, and what they print."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.commands import NEW_YORK, settings_of
from generator.deliver import ledger
from generator.deliver.addresses import address
from generator.deliver.book import opened
from generator.deliver.segments import Segment
from generator.edition import from_json
from generator.errors import CaplineError, MissingArgument, NoReaders, NotReady, UnknownName, Unreadable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from datetime import date

    from generator.config import Settings
    from generator.deliver.book import Book
    from generator.deliver.dispatch import Balance, Letter
    from generator.deliver.preflight import Candidate

SOME = 10  # addresses that a dry run shows


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _today() -> date:
    return _now().astimezone(NEW_YORK).date()


# --- readers ----------------------------------------------------------------------------------------------------


def readers(chosen: argparse.Namespace) -> int:
    """Take in, give out, list, suppress or lift."""
    actions = {"import": _import, "export": _export, "list": _list, "suppress": _suppress, "lift": _suppress}
    if not chosen.names and chosen.action != "list":
        raise MissingArgument(f"readers {chosen.action}", "a file" if "port" in chosen.action else "addresses")
    with opened(settings_of(chosen).mail.book) as book:
        actions[chosen.action](chosen, book)
    return 0


def _segment(chosen: argparse.Namespace) -> Segment:
    return Segment(kind=chosen.kind, language=chosen.language, tag=chosen.tag)


def _import(chosen: argparse.Namespace, book: Book) -> None:
    from generator.deliver.readers import take_in  # noqa: PLC0415 -- only one of the actions needs it

    path = Path(chosen.names[0])
    rejects = chosen.rejects or path.with_name(f"{path.name}.rejects.csv")
    found = take_in(book, path, rejects, now=_now())
    where = f"; {rejects} says why" if found.rejected else ""
    held = f"  suppressed {found.suppressed:,} of these, and they stay so\n" if found.suppressed else ""
    sys.stdout.write(
        f"{path}: {found.rows:,} rows\n  added      {found.added:,}\n  updated    {found.updated:,}\n"
        f"  rejected   {found.rejected:,}{where}\n{held}"
    )


def _export(chosen: argparse.Namespace, book: Book) -> None:
    from generator.deliver.listing import give_out  # noqa: PLC0415 -- as above

    path = Path(chosen.names[0])
    sys.stdout.write(f"{path}: {give_out(book, path, _segment(chosen)):,} readers\n")


def _list(chosen: argparse.Namespace, book: Book) -> None:
    from generator.deliver.listing import every  # noqa: PLC0415 -- as above

    if chosen.edition:
        row = book.execute("SELECT number FROM edition WHERE id = ?", (chosen.edition,)).fetchone()
        if row is None:
            known = [str(id_) for (id_,) in book.execute("SELECT id FROM edition")]
            raise UnknownName("edition in the ledger", chosen.edition, known)
        if chosen.state and chosen.state not in ledger.STATES:
            raise UnknownName("state", chosen.state, ledger.STATES)
        states = (chosen.state,) if chosen.state else ledger.STATES
        for mailbox, state, answer in ledger.in_state(book, row[0], *states):
            sys.stdout.write(f"{mailbox}\t{state}\t{answer}\n")
        return
    for one in every(book, _segment(chosen)):
        sys.stdout.write("\t".join((one.address, one.frequency, one.language or "any", one.tags, one.status)) + "\n")


def _suppress(chosen: argparse.Namespace, book: Book) -> None:
    from generator.deliver.readers import lift, suppress  # noqa: PLC0415 -- as above

    mailboxes = [address(name).key for name in chosen.names]
    if chosen.action == "lift":
        done = sum(lift(book, mailbox) for mailbox in mailboxes)
    else:
        done = sum(suppress(book, mailbox, chosen.reason, now=_now(), detail="operator") for mailbox in mailboxes)
    words = "get letters again" if chosen.action == "lift" else "get nothing more"
    sys.stdout.write(f"{done:,} {words}; {len(mailboxes) - done:,} were so already\n")


# --- which letter -----------------------------------------------------------------------------------------------


def _candidate(settings: Settings, edition: str | None, command: str) -> tuple[Candidate, Path]:
    """The edition asked for, else the newest, and its folder."""
    from generator.deliver.preflight import Candidate  # noqa: PLC0415 -- `readers` does not need it

    editions = settings.build.output / "editions"
    known = sorted(path.parent.name for path in editions.glob("*/letter.eml"))
    if not known:
        raise Unreadable(editions, "there is no letter with a mail in it; `capline build` makes one")
    if edition and edition not in known:
        raise UnknownName("edition with a mail", edition, known)
    newest = [name for name in known if name[:10] == known[-1][:10]]
    if not edition and len(newest) > 1:
        raise MissingArgument(command, f"--edition, since there are {' and '.join(newest)}")
    folder = editions / (edition or newest[0])
    json, letter = (_read(folder / name) for name in ("edition.json", "letter.eml"))
    return Candidate(edition=from_json(json, path=folder / "edition.json"), json=json, letter=letter), folder


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None


def letter_of(settings: Settings, edition: str) -> Letter:
    """An edition that has a mail; UnknownName for one that is none."""
    from generator.deliver import carrying  # noqa: PLC0415 -- as above

    return carrying.letter_of(_candidate(settings, edition, "send")[0])


def _problems(candidate: Candidate, folder: Path, settings: Settings) -> Iterator[tuple[str, str]]:
    """What preflight looks at, and each problem ("": it is well)."""
    from generator.deliver import carrying  # noqa: PLC0415 -- as above

    def verified() -> list[str]:
        from generator import pipeline  # noqa: PLC0415 -- loaded after the quick checks

        edition = folder / "edition.json"
        try:
            found, _ = pipeline.verified(settings, folder / "letter.eml", edition_file=edition, today=_today())
        except CaplineError as problem:
            return [f"cannot be verified: {problem}"]
        return [f"{one.where}: printed {one.printed}, expected {one.expected}" for one in found.differences]

    for check in carrying.looked(candidate, settings, now=_now(), today=_today(), verified=verified):
        yield from ((check.name, problem) for problem in check.problems or ("",))


def preflight(chosen: argparse.Namespace) -> int:
    """Look at everything; NotReady with every reason."""
    settings = settings_of(chosen)
    candidate, folder = _candidate(settings, chosen.edition, chosen.command)
    reasons = []
    sys.stdout.write(f"{candidate.edition.id}\n")
    for name, problem in _problems(candidate, folder, settings):
        sys.stdout.write(f"  {'NO' if problem else 'ok'}  {name}\n")
        sys.stdout.flush()
        if problem:
            reasons.append(problem)
    if reasons:
        raise NotReady(candidate.edition.id, reasons)
    return 0


# --- sending ----------------------------------------------------------------------------------------------------


def send(chosen: argparse.Namespace) -> int:
    """Send, after preflight; or show what would be sent; or send one proof."""
    from generator.cli.bar import Bar  # noqa: PLC0415 -- as above
    from generator.deliver import carrying, dispatch  # noqa: PLC0415 -- as above

    settings = settings_of(chosen)
    candidate, folder = _candidate(settings, chosen.edition, chosen.command)
    letter = carrying.letter_of(candidate)
    if carrying.by_campaign(settings):
        from generator.cli import campaigning  # noqa: PLC0415 -- as above

        return campaigning.send(
            chosen, settings, letter, lambda: [one for _, one in _problems(candidate, folder, settings) if one]
        )  # fmt: skip
    if not chosen.dry_run:
        dispatch.door(settings, letter)  # what is set wrong is said before anything takes long
    reasons = [problem for _, problem in _problems(candidate, folder, settings) if problem]
    if chosen.dry_run:
        _dry(letter, settings, chosen.tag, reasons)
        return 0
    if chosen.to:
        for reason in reasons:
            sys.stdout.write(f"note: not ready to be sent to readers: {reason}\n")
        answer = dispatch.proof(settings, letter, chosen.to, now=_now())
        sys.stdout.write(f"{letter.id}: a proof is on its way ({answer})\n")
        return 0
    if reasons:
        raise NotReady(letter.id, reasons)
    if settings.state.remote:
        from generator import state  # noqa: PLC0415 -- most send from the machine that has everything

        state.reserve(settings, letter, tag=chosen.tag, now=_now())  # if this run never comes back, the next one asks
    bar = Bar()

    def tell(balance: Balance) -> None:
        bar.close()
        sys.stdout.write(_balance(letter.id, balance))

    dispatch.send(
        settings, letter, tag=chosen.tag, resolve=chosen.resolve, now=_now(), report=bar.show, tell=tell
    )  # fmt: skip
    return 0


def _balance(edition: str, balance: Balance) -> str:
    """One line for each state, then why some have not had it."""
    held = f"  {balance.held:,} were being sent when the run before ended: uncertain\n" if balance.held else ""
    lines = [f"  {state:10} {count:>10,}" for state in ledger.STATES if (count := balance.counts.get(state, 0))]
    why = [f"  {state}: {count:,} x {answer}" for state, answer, count in balance.reasons]
    return f"{edition}: {balance.total:,} readers\n{held}" + "".join(f"{line}\n" for line in lines + why)


def _dry(letter: Letter, settings: Settings, tag: str, reasons: list[str]) -> None:
    """Who would get the letter, who would not and why; NoReaders without a book, which is not made for this."""
    if not (settings.mail.database or settings.mail.readers.exists()):
        raise NoReaders("there are no readers yet", hint="`capline readers import FILE` takes readers in")
    with opened(settings.mail.book) as book:
        count, who, others = ledger.would(book, letter.id, letter.segment(tag))
        shown = list(islice(who, SOME))
        away = book.execute("SELECT count(*) FROM reader").fetchone()[0] - count - sum(others.values())
    lines = [f"{letter.id}: {count:,} readers would get it"]
    lines += [f"  {mailbox}" for mailbox in shown]
    if count > len(shown):
        lines.append(f"  and {count - len(shown):,} more (`capline readers list`)")
    lines += [f"  not sent to: {number:,} {state}" for state, number in sorted(others.items())]
    if away:
        lines.append(f"  not for them: {away:,} (another kind of letter, language or tag)")
    lines += [f"  not ready: {reason}" for reason in reasons]
    sys.stdout.write("\n".join(lines) + "\n")
