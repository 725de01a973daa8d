"""The root of all errors, and those of the call and the settings."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
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


class StrangeWorker(ConfigError):
    """A worker that would make other letters than we would: another Capline, other prose, or another store."""

    def __init__(self, what: str, *, ours: str, theirs: str) -> None:
        super().__init__(
            f"a worker has another {what}: {theirs}, here {ours}",
            hint="let its processes run this Capline, in a place where they see the same files under the same names",
        )
        self.what, self.ours, self.theirs = what, ours, theirs
