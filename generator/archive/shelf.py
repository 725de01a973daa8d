"""The shelf: which editions lie in the folder of editions, what is damaged or was edited by hand, and their extracts.

A file of an edition is known by its size, time and inode, as git does it; only what changed is read. Capline replaces
files by renaming, so a file that changed under its old inode was edited in place: by hand, or through the site, which
holds hard links to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.archive import cards, extracts, letters
from generator.archive.crew import each
from generator.archive.values import Edition, Head
from generator.edition import from_json
from generator.errors import DamagedArchive, DamagedEdition, Unreadable
from generator.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.archive.values import Site

JSON, PAGE, EVIDENCE, TEXT = "edition.json", "index.html", "evidence.html", "letter.txt"
PAPERS = ("letter-a4.pdf", "letter-letter.pdf")
FILES = (JSON, PAGE, EVIDENCE, TEXT, *PAPERS)
Stats: TypeAlias = "dict[str, list[int]]"  # size, time and inode of each file that is there
PAGE_OF = re.compile(rb'<meta name="capline:digest" content="([0-9a-f]{64})">')


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is remembered of a folder, so that it need not be read again."""

    stats: Stats
    digests: dict[str, str]
    head: Head | None  # None: a one-off report, which is not archived
    remade: bool = False  # its page was missing or is another edition's, and was made again in the cache
    styles: tuple[str, ...] = ()  # the style sheets of its pages
    problem: str = ""  # what stands against it
    notes: tuple[str, ...] = ()


def survey(editions: Path, cache: Path, memory: Path, site: Site) -> tuple[tuple[Edition, ...], tuple[str, ...]]:
    """All editions by date and kind, oldest first, with what there is to say; raises DamagedArchive.

    `memory` is the file that holds what was found last time; it is written by `remember`.
    """
    before = recalled(memory)
    there = frozenset(os.listdir(cache))  # noqa: PTH208 -- thousands of names: the quick way
    records, new, notes = {}, [], []
    for name, folder, stats in _folders(editions):
        if JSON not in stats:
            notes.append(f"{name}: no {JSON} in it; left out")
        elif (known := before.get(name)) and known.stats == stats and _cached(known, there, site):
            records[name] = known
        else:
            new.append((folder, stats, known))
    for found in each([partial(_looked_at, *one, cache, site) for one in new], weight=0.02):
        records[found[0]] = found[1]
    if new or records.keys() != before.keys():
        good = {name: before.get(name) if record.problem else record for name, record in records.items()}
        _remember(memory, {name: record for name, record in good.items() if record})
    _refuse(editions, records)
    kept = {name: record for name, record in sorted(records.items()) if record.head}
    notes += [note for record in kept.values() for note in record.notes]
    notes += [f"{name}: a one-off report; left out" for name, record in sorted(records.items()) if not record.head]
    shelf = [_edition(f"{editions}/{name}", record, f"{cache}", site) for name, record in kept.items()]
    return tuple(sorted(shelf, key=lambda one: (one.head.day, _order(one.head.kind), one.head.id))), tuple(notes)


def recalled(memory: Path) -> dict[str, Record]:
    """What was found last time, by folder; nothing if that cannot be read, which only costs time."""
    try:
        plain = json.loads(memory.read_bytes())
        return {
            name: Record(
                stats=one["stats"], digests=one["digests"], head=extracts.head(one["head"]) if one["head"] else None,
                remade=one["remade"], styles=tuple(one["styles"]), notes=tuple(one["notes"]),
            )
            for name, one in plain.items()
        }  # fmt: skip
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _remember(memory: Path, records: dict[str, Record]) -> None:
    plain = {name: _plain(record) for name, record in sorted(records.items())}
    keep(memory, json.dumps(plain, ensure_ascii=False).encode())


def _plain(record: Record) -> dict[str, Any]:
    return {
        "stats": record.stats, "digests": record.digests, "head": extracts.plain(record.head) if record.head else None,
        "remade": record.remade, "styles": record.styles, "notes": record.notes,
    }  # fmt: skip


def _folders(editions: Path) -> Iterator[tuple[str, Path, Stats]]:
    """Every folder with the files of a letter that it holds."""
    if not editions.is_dir():
        return
    with os.scandir(editions) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    for name in names:
        stats: Stats = {}
        with os.scandir(f"{editions}/{name}") as entries:
            for entry in entries:
                if entry.name in FILES and entry.is_file():  # no folder, and no link to nowhere
                    stats[entry.name] = mark(entry.stat())
        yield name, editions / name, stats


def mark(found: os.stat_result) -> list[int]:
    """What tells a file from an earlier one: its size in bytes, time of change in nanoseconds, and inode."""
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _cached(record: Record, there: frozenset[str], site: Site) -> bool:
    """Whether what was made of it is still there."""
    if not record.head:
        return True
    made = {f"{record.head.digest}.txt", letters.evidence_in(record.head, site), *record.styles}
    return not record.problem and made <= there


def _looked_at(folder: Path, stats: Stats, known: Record | None, cache: Path, site: Site) -> tuple[str, Record]:
    """Read a folder: its extract and its evidence go to the cache."""
    contents = {name: _read(folder / name) for name in FILES if name in stats}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    record = Record(stats=stats, digests=digests, head=None)
    if known:
        by_hand = [name for name in stats if name not in {PAGE, EVIDENCE} and _edited(name, record, known)]
        if by_hand:
            return folder.name, replace(known, problem=f"{by_hand[0]} was edited in place since it was archived")
    try:
        if extracts.one_off(contents[JSON]):
            return folder.name, record
        papers = tuple(paper for paper in PAPERS if paper in stats)
        head, text = extracts.extracted(contents[JSON], digest=digests[JSON], papers=papers, path=folder / JSON)
    except DamagedEdition as damaged:
        return folder.name, replace(record, problem=f"{damaged}")
    notes: tuple[str, ...] = (
        () if folder.name == head.id else (f"{folder.name}: holds the edition {head.id}, and is archived as that",)
    )
    why = _wrong_page(contents, digests, known)
    if why:
        contents |= _made_again(contents[JSON], folder / JSON, cache, head)
        notes += (f"{head.id}: {why}; made again from {JSON}",)
    keep(cache / f"{head.digest}.txt", text.encode())
    evidence = letters.evidence(contents[EVIDENCE].decode(), head, site).encode()
    keep(cache / letters.evidence_in(head, site), evidence)
    styles = dict(letters.style_of(contents[name].decode()) for name in (PAGE, EVIDENCE))
    for name, style in styles.items():
        keep(cache / name, style)
    return folder.name, replace(record, head=head, remade=bool(why), styles=tuple(styles), notes=notes)


def keep(place: Path, content: bytes) -> None:
    """Put a file into the cache, never over one that is linked elsewhere."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(place)


def _edited(name: str, record: Record, known: Record) -> bool:
    """Whether a file changed under its inode, and not only its time."""
    before = known.stats.get(name)
    return bool(before) and before[2] == record.stats[name][2] and known.digests[name] != record.digests[name]  # type: ignore[index]


def _wrong_page(contents: dict[str, bytes], digests: dict[str, str], known: Record | None) -> str:
    """Why the web form cannot be used: it is missing, is not of this edition, or changed though the edition did not."""
    for name in (PAGE, EVIDENCE):
        if name not in contents:
            return f"{name} is missing"
        of = PAGE_OF.search(contents[name])
        if not of or of[1].decode() != digests[JSON]:
            return f"{name} is not the page of this {JSON}"
        same = known and known.digests.get(JSON) == digests[JSON] and name in known.digests
        if known and same and not known.remade and known.digests[name] != digests[name]:
            return f"{name} was edited since it was archived"
        if known and same and known.remade and known.digests[name] == digests[name]:
            return f"{name} is still as it was edited"
    return ""


def _made_again(content: bytes, path: Path, cache: Path, head: Head) -> dict[str, bytes]:
    made = render(from_json(content, path=path), ["web"])
    keep(cache / f"{head.digest}.html", made[PAGE])
    return {PAGE: made[PAGE], EVIDENCE: made[EVIDENCE]}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Unreadable(path, problem.strerror or "cannot be read") from None


def _refuse(editions: Path, records: dict[str, Record]) -> None:
    """Refuse what is damaged, and two folders with one edition's key; all that was found is named."""
    problems = [f"{name}: {record.problem}" for name, record in sorted(records.items()) if record.problem]
    keys: dict[str, list[str]] = {}
    for name, record in sorted(records.items()):
        if record.head and not record.problem:
            keys.setdefault(record.head.id, []).append(name)
    problems += [f"{' and '.join(names)} both hold {key}" for key, names in keys.items() if len(names) > 1]
    if problems:
        raise DamagedArchive(editions, problems)


def _edition(folder: str, record: Record, cache: str, site: Site) -> Edition:
    head = record.head
    assert head is not None  # noqa: S101 -- one-off reports were left out above
    names = [name for name in (JSON, TEXT, *PAPERS) if name in record.stats]
    return Edition(
        head=head,
        page=f"{cache}/{head.digest}.html" if record.remade else f"{folder}/{PAGE}",
        evidence=f"{cache}/{letters.evidence_in(head, site)}",
        card=f"{cache}/{cards.name(head, site)}",
        files=tuple(f"{folder}/{name}" for name in names),
        styles=record.styles,
        marks=f"{folder}{record.digests}",
    )


def _order(kind: str) -> int:
    """On one day: the daily letter, then the weekly, then the one about a decision."""
    return ("daily", "weekly", "decision").index(kind) if kind in {"daily", "weekly", "decision"} else 9
