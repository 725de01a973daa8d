"""Remotes: which place the settings name, a folder or a branch of a git repository."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from generator.errors import BadSetting
from generator.state import places
from generator.state.folder import Folder
from generator.state.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.config import Settings
    from generator.state.remote import Remote


@contextmanager
def opened(settings: Settings) -> Iterator[Remote]:
    """The remote of the settings; BadSetting if none is set."""
    remote = settings.state.remote
    if not remote:
        raise BadSetting(
            "[state] remote",
            "no place is set to keep the state at",
            hint="name a repository or a folder (docs/state.md)",
        )
    if is_git(remote):
        with Git.opened(remote, settings.state.branch, places.folder(settings) / "remote.git") as found:
            yield found
        return
    with Folder.opened(Path(unquote(urlsplit(remote).path)) if remote.startswith("file://") else Path(remote)) as kept:
        yield kept


def is_git(remote: str) -> bool:
    """Whether an address is that of a git repository: by its scheme, its form, or the end of its name."""
    by_name = remote.endswith(".git") or "@" in remote.partition("/")[0]
    return by_name or remote.startswith(("https://", "http://", "ssh://"))
