"""The doctor: what Capline needs of this machine, checked one by one, each with the command that mends it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Literal

from generator import config, stationery
from generator.doctor.calendars import exchange, meetings
from generator.doctor.check import Check
from generator.errors import BadSetting, Busy, CaplineError, RenderError
from generator.sessions import NEW_YORK
from generator.sources.catalogue import NEEDS_KEY
from generator.sources.feeds import edge
from generator.sources.live import Live
from generator.sources.reach import reach
from generator.store import END_OF_TIME, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from generator.config import Keys, Settings
    from generator.sources.reach import Answer

__all__ = ["Check", "clock_of", "examine", "exchange", "fonts", "meetings", "room", "store"]

FACES = ("Inter-Regular", "Inter-SemiBold", "Newsreader-Italic", "Newsreader-Regular", "Newsreader-SemiBold")
PATIENCE = 5.0  # seconds for each host
SKEW, WRONG = timedelta(minutes=1), timedelta(minutes=5)  # a clock so far off is told of, and is wrong
TIGHT, FULL = 1_000_000_000, 100_000_000  # bytes of room
SHEET = '<!doctype html><html lang="en"><head><title>doctor</title></head><body><p>−1.5%</p></body></html>'
CHART = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}


def examine(settings: Settings, *, clock: Callable[[], datetime], folder: Path, online: bool) -> Iterator[Check]:
    """Look at everything, in the order in which a letter needs it; `folder` is where `.env` is looked for.

    `clock` gives the time in UTC; without `online` no host is asked. Nothing is written, no key is shown.
    """
    live = settings.build.source == Live.name
    keys, said = _keys(folder)
    yield from said
    yield from _hosts(settings, keys, clock, online=online, live=live)
    yield fonts()
    yield _works("Pango", "sets the PDF", _print)
    yield _works("chart engine", "draws the charts", _draw)
    yield store(settings.store, live=live)
    for name, place in (("output", settings.build.output), ("store's folder", settings.store.parent)):
        yield room(name, place)
    today = clock().astimezone(NEW_YORK).date()
    yield meetings(settings.store, today)
    yield exchange(today)


# --- keys, hosts, the clock -----------------------------------------------------------------------------------------


def _keys(folder: Path) -> tuple[Keys, list[Check]]:
    """The keys, as far as they may be used, and what there is to say of them."""
    file = folder / ".env"
    try:
        keys = config.keys(folder)
    except BadSetting as problem:
        bad = Check(name="keys", level="fail", words=str(problem), mend=problem.hint)
        return config.Keys(fred=None, bls=None), [bad]
    if keys.fred:
        fred = Check(name="FRED_API_KEY", level="ok", words="is set")
    else:
        fred = Check(
            name="FRED_API_KEY",
            level="warn",
            words="is not set: revised series have no vintages, and what only FRED has is left out",
            mend="get a key at https://fred.stlouisfed.org/docs/api/api_key.html and put FRED_API_KEY=… into .env",
        )
    bls = "is set" if keys.bls else "is not set, and need not be: 25 requests a day go without"
    private = "only you can read it" if file.exists() else "there is none"
    return keys, [
        fred,
        Check(name="BLS_API_KEY", level="ok", words=bls),
        Check(name=".env", level="ok", words=private),
    ]


def _hosts(
    settings: Settings, keys: Keys, clock: Callable[[], datetime], *, online: bool, live: bool
) -> Iterator[Check]:
    """Whether the hosts of each source that may be asked answer, and whether the clock agrees with theirs."""
    names = [name for name in settings.sources.order if name not in NEEDS_KEY or name in keys.sources]
    hosts = {name: edge(name).hosts for name in names}
    if not online:
        yield Check(name="sources", level="ok", words="not asked (--offline)")
        return
    wanted = list(dict.fromkeys(host for several in hosts.values() for host in several))
    answers = {one.host: one for one in reach(wanted, timeout=PATIENCE, clock=clock)}
    for name, several in hosts.items():
        yield _reached(name, [answers[host] for host in several], live=live)
    yield clock_of([one.ahead for one in answers.values() if one.ahead is not None])


def _reached(name: str, answers: list[Answer], *, live: bool) -> Check:
    silent = [one for one in answers if one.problem]
    if not silent:
        return Check(name=name, level="ok", words=", ".join(one.host for one in answers) or "no host")
    words = "; ".join(f"{one.host} {one.problem}" for one in silent)
    return Check(name=name, level="fail" if live else "warn", words=words, mend=silent[0].hint)


def clock_of(ahead: list[timedelta]) -> Check:
    """Whether this machine's clock agrees with those of the hosts that told the time: their median counts."""
    if not ahead:
        return Check(
            name="clock", level="warn", words="cannot be compared: no host told the time", mend="connect and try again"
        )
    off = timedelta(seconds=median(one.total_seconds() for one in ahead))
    words = f"{abs(off.total_seconds()):.0f} s {'behind' if off > timedelta(0) else 'ahead of'} that of the sources"
    if abs(off) <= SKEW:
        return Check(name="clock", level="ok", words=words)
    mend = "set it by the network: `sudo timedatectl set-ntp true` (Linux), `sudo sntp -sS time.apple.com` (macOS)"
    level: Literal["warn", "fail"] = "fail" if abs(off) > WRONG else "warn"
    return Check(name="clock", level=level, words=f"{words}; what is seen now would be dated wrongly", mend=mend)


# --- what a form is made with ---------------------------------------------------------------------------------------


def fonts() -> Check:
    """Whether the letter's faces are all there."""
    mend = "install Capline again, or `git checkout templates/fonts` in a clone"
    try:
        place = stationery.folder("fonts")
    except RenderError as problem:
        return Check(name="fonts", level="fail", words=str(problem), mend=mend)
    wanted = [f"{face}.{kind}" for face in FACES for kind in ("ttf", "woff2")]
    missing = [name for name in wanted if not (place / name).is_file()]
    if missing:
        return Check(name="fonts", level="fail", words=f"missing: {', '.join(missing)}", mend=mend)
    return Check(name="fonts", level="ok", words=f"{len(FACES)} faces, for screen and paper")


def _works(name: str, task: str, attempt: Callable[[], None]) -> Check:
    try:
        attempt()
    except RenderError as problem:
        return Check(name=name, level="fail", words=str(problem), mend=problem.hint)
    return Check(name=name, level="ok", words=task)


def _print() -> None:
    from generator.render.paper import pdf  # noqa: PLC0415 -- loads WeasyPrint

    pdf(SHEET)


def _draw() -> None:
    from generator.render.pictures import to_svg  # noqa: PLC0415 -- loads the engine

    to_svg(CHART)


# --- the store and the folders --------------------------------------------------------------------------------------


def store(path: Path, *, live: bool) -> Check:
    """Whether the store opens and can be read from end to end, what it holds, and whether it is of this version."""
    if not path.exists():
        if live:
            return Check(name="store", level="warn", words=f"{path} is not there yet", mend="run `capline fetch`")
        return Check(name="store", level="ok", words=f"{path} is not there yet; the first letter makes it")
    try:
        with Store.open(path) as held:
            view = held.view(END_OF_TIME)
            view.fingerprint()  # reads every block, and so checks it
            rows = sum(one.count for one in view.coverage())
            series, outdated = len(held.specs()), held.outdated
    except Busy as problem:
        return Check(name="store", level="warn", words=str(problem), mend="wait for it to end, then try again")
    except CaplineError as problem:
        return Check(name="store", level="fail", words=str(problem), mend=problem.hint)
    words = f"{path} is whole: {series} series, {rows:,} dates, {path.stat().st_size / 1e6:.0f} MB"
    if outdated:
        words += "; of an older version, which the next fetch brings up to date"
    return Check(name="store", level="ok", words=words)


def room(name: str, folder: Path) -> Check:
    """Whether a folder, or the nearest above it that is there, can be written, and how much room it has."""
    place = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    mend = "choose another place in newsletter.toml, or `--output`"
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as problem:
        words = f"{folder} cannot be written: {problem.strerror}"
        return Check(name=name, level="fail", words=words, mend=mend)
    words = f"{folder} can be written, {free / 1e9:.1f} GB free"
    if free >= TIGHT:
        return Check(name=name, level="ok", words=words)
    return Check(name=name, level="fail" if free < FULL else "warn", words=words, mend=f"make room, or {mend}")
