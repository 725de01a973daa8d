"""Publishing in one step: the next site is made beside the one that is read, and then a link is turned to it.

The site is a symbolic link to one of two folders, `a` and `b`, in `.<name>/` beside it. A build brings the other
folder up to date: what both have stays or is linked from the one that is read, the rest is made. A file is never
written over that another place shares by a hard link: the other folder, the cache, an edition. A manifest for each
folder holds the digest of every unit's recipe and the size, time and inode of its files, so that a page edited by hand
is seen.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.archive.crew import each
from generator.archive.shelf import mark
from generator.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.archive.values import Content, Unit

Files = dict[str, list[int]]  # of a unit: path, and what tells it from another
Manifest = dict[str, tuple[str, Files]]  # unit: recipe and files
SEEN = 5  # paths that are named; of more, the count


@dataclass(frozen=True, slots=True)
class _Before:
    """What the last builds left."""

    have: Manifest  # of the folder that is being filled
    there: Files  # what lies in it
    other: Manifest  # of the folder that is read


@dataclass(slots=True)
class Stage:
    """The two folders behind a site."""

    site: Path
    full: bool = False
    made: int = 0
    kept: int = 0
    removed: int = 0
    files: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Where the folders, their manifests and the cache lie."""
        return self.site.parent / f".{self.site.name}"

    def names(self) -> tuple[str, str]:
        """The folder that is read, and the other."""
        live = self.site.readlink().name if self.site.is_symlink() else "b"
        return (live, "a" if live == "b" else "b")

    def check(self) -> None:
        """Refuse a site folder that is not ours to replace; an empty one is taken away."""
        if not self.site.is_symlink() and self.site.exists():
            try:
                self.site.rmdir()
            except OSError as problem:
                why = {errno.ENOTEMPTY: "it holds files that no build of ours put there", errno.ENOTDIR: "it is a file",
                       errno.EBUSY: "another file system is mounted there"}  # fmt: skip
                said = why.get(problem.errno or 0, problem.strerror or "it cannot be replaced")
                raise CannotWrite(self.site, f"{said}; the site is put there in one step, by renaming a link") from None
        elif self.site.is_symlink() and self.site.readlink().parent.name != self.home.name:
            raise CannotWrite(self.site, f"it is a link to {self.site.readlink()}, which no build of ours made")

    def publish(self, units: Sequence[Unit], finish: Callable[[bool], Mapping[str, Content]]) -> None:
        """Bring the other folder up to date and turn the link to it; what is raised before that leaves the site.

        `finish` adds what is made from the whole folder (the index of the search), told whether anything changed.
        """
        live, next_ = self.names()
        folder = self.home / next_
        have = {} if self.full else self._manifest(next_)
        self._manifest_file(next_).unlink(missing_ok=True)  # until it is whole, nobody may trust it
        if self.full or not have:
            self._away(folder)
        folder.mkdir(parents=True, exist_ok=True)
        other = {} if self.full else self._manifest(live)
        there = _walk(folder) if have else {}
        try:
            done = self._filled(folder, self.home / live, units, _Before(have, there, other))
            added = finish(not self.site.is_symlink() or self._differs(other, done))
            done["(finish)"] = ("", _put(folder, added))
            self._cleared(folder, done, there)
            os.sync()
            draft = self._manifest_file(next_).with_suffix(".new")
            draft.write_text(json.dumps(done, separators=(",", ":")), encoding="utf-8")
            draft.replace(self._manifest_file(next_))
            self._turned(next_)
        except OSError as problem:
            raise CannotWrite(folder, problem.strerror or str(problem)) from problem
        self.files = sum(len(files) for _, files in done.values())

    def _differs(self, other: Manifest, done: Manifest) -> bool:
        plain = {name: recipe for name, (recipe, _) in done.items()}
        return plain != {name: recipe for name, (recipe, _) in other.items() if name != "(finish)"}

    def _filled(self, folder: Path, live: Path, units: Sequence[Unit], before: _Before) -> Manifest:
        """Every unit in its place: kept, linked from the folder that is read, or made."""
        done: Manifest = {}
        making: list[Unit] = []
        for unit in units:
            recipe, files = before.have.get(unit.name, ("", {}))
            same = recipe == unit.recipe
            if same and all(before.there.get(path) == mark_ for path, mark_ in files.items()):
                done[unit.name] = (recipe, files)
                self.kept += 1
                continue
            if same:
                self._said([path for path, mark_ in files.items() if before.there.get(path) != mark_])
            if self._linked(unit, folder, live, before.other):
                done[unit.name] = before.other[unit.name]
                self.kept += 1
            else:
                making.append(unit)
        made = each([partial(_made, folder, unit) for unit in making], weight=0.0008)
        done |= {unit.name: (unit.recipe, files) for unit, files in zip(making, made, strict=True)}
        self.made += len(making)
        return done

    def _linked(self, unit: Unit, folder: Path, live: Path, other: Manifest) -> bool:
        """Take a unit from the folder that is read, if it is the same there and nobody touched it."""
        recipe, files = other.get(unit.name, ("", {}))
        if recipe != unit.recipe:
            return False
        touched = [path for path, mark_ in files.items() if _marked(f"{live}/{path}") != mark_]
        if touched:
            self._said(touched)
            return False
        for path in files:
            _place(f"{folder}/{path}", f"{live}/{path}")
        return True

    def _said(self, paths: list[str]) -> None:
        shown = ", ".join(paths[:SEEN]) + (f" and {len(paths) - SEEN} more" if len(paths) > SEEN else "")
        self.notes.append(f"{shown}: edited or missing on the site; made again")

    def _cleared(self, folder: Path, done: Manifest, there: Files) -> None:
        """Take away what no unit made, and folders that are empty then."""
        wanted = {path for _, files in done.values() for path in files}
        strays = [path for path in there if path not in wanted]
        for path in strays:
            (folder / path).unlink(missing_ok=True)
            for parent in (folder / path).relative_to(folder).parents:
                with suppress(OSError):  # not empty
                    if parent.name:
                        (folder / parent).rmdir()
        self.removed = len(strays)

    def _turned(self, next_: str) -> None:
        draft = self.home / "link"
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path(self.home.name) / next_)
        draft.replace(self.site)
        handle = os.open(self.site.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _manifest_file(self, name: str) -> Path:
        return self.home / f"{name}.json"

    def _manifest(self, name: str) -> Manifest:
        """What a folder holds; nothing if its build did not end or its manifest is damaged, which only costs time."""
        try:
            plain: dict[str, Any] = json.loads(self._manifest_file(name).read_bytes())
            return {unit: (recipe, files) for unit, (recipe, files) in plain.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return {}

    def _away(self, folder: Path) -> None:
        if folder.exists():
            shutil.rmtree(folder)


def _marked(place: str) -> list[int] | None:
    """What tells a file from another; None if it is gone."""
    try:
        return mark(os.stat(place))  # noqa: PTH116 -- thousands of them: the quick way
    except FileNotFoundError:
        return None


def _made(folder: Path, unit: Unit) -> Files:
    return _put(folder, unit.make())


def _put(folder: Path, made: Mapping[str, Content]) -> Files:
    """Write or link files below a folder; gives what tells them from others."""
    files: Files = {}
    for path, content in made.items():
        place = f"{folder}/{path}"
        files[path] = _written(place, content) if isinstance(content, bytes) else _place(place, content)
    return files


def _written(place: str, content: bytes) -> list[int]:
    """Write a file of the folder that nobody reads: over one that lies in this folder alone, else anew.

    To make a file takes ten times as long as to write over it, and a new edition changes a thousand.
    """
    try:
        found = os.lstat(place)
        own = found.st_nlink == 1 and stat.S_ISREG(found.st_mode)
        if not own:
            os.unlink(place)  # noqa: PTH108 -- thousands of them: the quick way
        handle = os.open(place, os.O_WRONLY if own else os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileNotFoundError:
        _room(place)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.ftruncate(handle, len(content))
        return mark(os.fstat(handle))
    finally:
        os.close(handle)


def _place(place: str, source: str) -> list[int]:
    """Link a file to its place, or copy it where it lies on another file system."""
    try:
        os.link(source, place)
    except FileExistsError:
        _room(place)
        return _place(place, source)
    except OSError as problem:
        if problem.errno == errno.ENOENT and not os.path.isdir(os.path.dirname(place)):  # noqa: PTH112, PTH120 -- as above
            _room(place)
            return _place(place, source)
        if problem.errno not in {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP}:
            raise
        shutil.copyfile(source, place)
    return mark(os.stat(place))  # noqa: PTH116 -- as above


def _room(place: str) -> None:
    """Make room: the folder is there, the file is not."""
    os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120 -- as above
    with suppress(FileNotFoundError):
        os.unlink(place)  # noqa: PTH108 -- as above


def _walk(folder: Path) -> Files:
    """Every file below a folder, by path, with what tells it from others."""
    found: Files = {}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(f"{folder}/{below}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{below}{entry.name}/")
                else:
                    found[below + entry.name] = mark(entry.stat(follow_symlinks=False))
    return found
