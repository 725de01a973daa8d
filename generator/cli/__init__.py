"""The command line: it alone prints, reads the clock, and turns errors into words and exit codes.

Parsing needs only argparse; each command loads what it needs when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

from generator import __version__
from generator.cli import backfilling, keeping, mailing, receiving, timing
from generator.errors import CaplineError

DESCRIPTION = """\
Capline writes a market letter on small and large caps and interest rates,
and proves every number in it.

  capline build                          the newest letter, in every form
  capline build --as-of 2024-09-18       as it would have read that evening
  capline build --kind decision          the long form, about the Fed's last move
  capline build --only slope policy      a one-off report on two stories
  capline fetch                          what is new from live sources, into the store
  capline build --source live            the letter on today's data
  capline show                           the letter as text, here
  capline backfill 2015-01-01..2025-12-31   every letter of a period
  capline archive                        all letters as a web site
  capline corrections                    printed figures that later data change
  capline diff 2026-03-30-daily 2026-03-31-daily
  capline verify output/editions/2026-03-31-daily/index.html
  capline explain size.relative.1s       where a number comes from
  capline readers import readers.csv     who gets the letter
  capline send                           to every reader who has not had it
  capline inbox                          who left, bounced or complained
  capline state pull                     what other machines have done
  capline run                            the whole day: whatever is due now
  capline status                         how things stand, and what mends what is held
"""
EXITS = """\
exit codes: 0 done; 1 verify found a difference, or corrections some that are not
recorded; 2 the call or a setting is wrong; 3 a source failed; 4 the data cannot
carry the letter; 5 a form could not be made or written; 6 another run is at work;
7 a gate holds the letter; 8 it did not go out, or not to all; 9 one that is due
is missing; 10 what is kept between runs is missing, damaged or has moved on.
Settings: newsletter.toml, or --config FILE.
"""
KINDS = ("daily", "weekly", "decision")
FORMS = ("web", "mail", "text", "pdf", "json")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call, and how to see what is right."""
        self.exit(2, f"{self.prog}: error: {message}\n  hint: `{self.prog} --help` shows what it takes\n")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(
        prog="capline", description=DESCRIPTION, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"capline {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _fetch(commands)
    _build(commands)
    _show(commands)
    _verify(commands)
    _archive(commands)
    _corrections(commands)
    _diff(commands)
    _sources(commands)
    _explain(commands)
    _doctor(commands)
    for part in (timing, backfilling, mailing, receiving, keeping):
        part.add(lambda name, line, more: _command(commands, name, line, more))
    return top


def _command(commands: argparse._SubParsersAction[_Parser], name: str, line: str, more: str) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = commands.add_parser(
        name, help=line, description=f"{line[0].upper()}{line[1:]}.", epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    found.add_argument("--config", type=Path, metavar="FILE", help="settings (default: newsletter.toml, if it is here)")
    if name != "fetch":
        found.add_argument(
            "--source", metavar="NAME", help="where observations come from: sample, live (default: the setting, sample)"
        )
    return found


def _fetch(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "fetch", "read what is new from live sources into the store",
        "The first run reads the whole history, later ones what is due and a window before it,\n"
        "for revisions. It may be stopped at any moment and run again. Which sources are asked,\n"
        "and in which order, stands in newsletter.toml; FRED is asked if FRED_API_KEY is set in\n"
        "the environment or in .env. Exit code 3 if a series could be read from none of its sources.",
    )  # fmt: skip
    command.add_argument("--series", nargs="+", default=[], metavar="ID", help="only these series, due or not")
    command.add_argument("--source", nargs="+", default=[], metavar="NAME", help="only from these sources")
    command.add_argument("--since", type=_day, metavar="DATE", help="read again from this day on")
    command.add_argument("--full", action="store_true", help="read the whole history again")


def _letter(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--as-of", type=_day, metavar="DATE", help="day of the letter, as 2024-09-18 (default: newest)"
    )
    command.add_argument("--kind", default="daily", metavar="KIND", help=f"{', '.join(KINDS)} (default: daily)")
    command.add_argument("--only", nargs="+", default=[], metavar="STORY", help="a one-off report on these stories")


def _build(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "build", "make a letter and write its forms to the output folder",
        "The letter goes to <output>/editions/<date>-<kind>/. The first run loads the sample\n"
        "into the store. Live sources are fetched first. What was not known on the evening of DATE\n"
        "is not used.",
    )  # fmt: skip
    _letter(command)
    command.add_argument(
        "--format", nargs="+", metavar="FORM", help=f"forms to make: {', '.join(FORMS)} (default: the setting, all)"
    )
    command.add_argument("--output", type=Path, metavar="DIR", help="folder to write to (default: the setting, output)")
    command.add_argument("--offline", action="store_true", help="live: take the store as it is, fetch nothing")


def _show(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(commands, "show", "print a letter as text, without writing it", "")
    _letter(command)


def _verify(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "verify", "check a letter: every fact, figure and word against the store",
        "FILE is an edition.json, or a page, mail, text or PDF made from one. For those, the\n"
        "edition is looked for beside it, then in the output folder, then made again from the store.\n"
        "With --chain, all editions of a folder: each holds the digest of the one made before it.\n"
        "Exit code 1 and a table if anything differs.",
    )  # fmt: skip
    command.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what to check")
    command.add_argument("--chain", type=Path, metavar="FOLDER", help="a folder of editions to check as a chain")
    command.add_argument("--edition", type=Path, metavar="JSON", help="the edition.json that FILE was made from")


def _archive(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "archive", "build the web site of all letters from their folders",
        "Only what changed is made, beside the site that is read; then that is replaced in one step.\n"
        "Editions that are damaged, or were edited by hand, are named, and the site stays as it was.",
    )  # fmt: skip
    command.add_argument("--full", action="store_true", help="make every page anew")


def _corrections(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "corrections", "find printed figures that later data change",
        "Every claim of every edition is said again with the values known now, but no later dates.\n"
        "What was printed stays; with --write, what is new is added to the corrections.json of its\n"
        "edition. Exit code 1 if something is found that is not recorded.",
    )  # fmt: skip
    command.add_argument("--since", type=_day, metavar="DATE", help="only what values known from that day on change")
    command.add_argument("--write", action="store_true", help="record what is new")


def _diff(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "diff", "say what changed from one edition to another",
        "Split into new data, restated data, changed method and changed configuration. An edition is\n"
        "named by its id or by its edition.json; the earlier one comes first, whatever the order.",
    )  # fmt: skip
    command.add_argument("first", metavar="A", help="an edition")
    command.add_argument("second", metavar="B", help="another")
    command.add_argument("--json", action="store_true", help="as JSON")


def _sources(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(commands, "sources", "list the series: from where, through when, how fresh", "")
    command.add_argument("--as-of", type=_day, metavar="DATE", help="what was known that evening (default: all)")


def _explain(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "explain", "say where a number comes from",
        "With a fact key: definition, formula, evidence, context and history.\n"
        "With --edition and --sentence: everything that sentence rests on.\n"
        "With --edition alone: how newsworthy each story was, part by part.",
    )  # fmt: skip
    command.add_argument("fact", nargs="?", metavar="FACT_KEY", help="such as size.relative.5s or rates.slope.2s10s")
    command.add_argument("--as-of", type=_day, metavar="DATE", help="day of the letter (default: newest)")
    command.add_argument("--edition", type=Path, metavar="JSON", help="an edition.json")
    command.add_argument(
        "--sentence", type=int, metavar="N", help="number of a sentence (its anchor on the page is s-N)"
    )


def _doctor(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = _command(
        commands, "doctor", "check what Capline needs here, and say what mends it",
        "Keys (never shown), the clock, fonts, Pango, the store, room, the hosts of the sources,\n"
        "and how far the calendars reach. Exit code 2 if anything fails, else 0.",
    )  # fmt: skip
    command.add_argument("--offline", action="store_true", help="ask no host")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2024-09-18") from None


def run(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    chosen = parser().parse_args(arguments or ["--help"])
    from generator.cli import commands  # noqa: PLC0415 -- help must not load them

    try:
        code = commands.COMMANDS[chosen.command](chosen)
        sys.stdout.flush()
    except CaplineError as error:
        sys.stderr.write(f"capline: error: {error}\n  hint: {error.hint}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("capline: stopped\n")
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
