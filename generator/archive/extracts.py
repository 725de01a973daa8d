"""What the archive keeps of an edition: its head, and for each fact its value and what was printed of it.

Reading an edition.json takes longer than all else together, so its extract is kept under its digest: a text file with
the head as JSON in the first line, then the rows of the facts in the second and third (keys; rows, tab-separated),
the facts' definitions as JSON in the fourth, and the prose in the fifth, for the search.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from generator.archive.values import MOVE, Head
from generator.edition import SCHEMA
from generator.errors import DamagedEdition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+(?:-[a-z_]+)*")
ONLY = re.compile(rb'"only": \[\s*"')
KEY = re.compile(r"\w[\w.-]*")  # fit to name a folder
FIELDS = tuple(one.name for one in fields(Head))
BETWEEN = " · "  # what stands between the different words printed of one fact
NAMES = {"when", "who"}  # forms that say no more than which day, or who


def extracted(content: bytes, *, digest: str, papers: tuple[str, ...], path: Path) -> tuple[Head, str]:
    """The head of an edition, and its extract as text; DamagedEdition if it cannot be read as one.

    It is read lightly: who wrote it has checked it, and `capline verify` checks it again.
    """
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise DamagedEdition(path, f"not JSON ({problem})") from None
    if not isinstance(plain, dict) or plain.get("schema") != SCHEMA:
        raise DamagedEdition(path, f"its schema is not {SCHEMA!r}")
    try:
        head = _head(plain, digest, papers)
        date.fromisoformat(head.day)
        rows = _rows(plain, head)
        defined = {key: [fact["unit"], fact["label"], fact["formula"]] for key, fact in sorted(plain["facts"].items())}
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as problem:
        raise DamagedEdition(path, f"it lacks what every edition has ({problem!r})") from None
    if not ID.fullmatch(head.id) or not head.id.startswith(f"{head.day}-{head.kind}"):
        raise DamagedEdition(path, f"its id {head.id!r} does not fit its day {head.day} and kind {head.kind!r}")
    lines = [
        json.dumps({name: getattr(head, name) for name in FIELDS}, ensure_ascii=False, sort_keys=True),
        "\t".join(rows),
        "\t".join(rows.values()),
    ]
    return head, "\n".join([*lines, json.dumps(defined, ensure_ascii=False), _prose(plain), ""])


def one_off(content: bytes) -> bool:
    """Whether an edition is a report on stories somebody asked for, which is no part of the archive."""
    return ONLY.search(content) is not None


def plain(found: Head) -> dict[str, Any]:
    """A head as JSON has it."""
    return {name: getattr(found, name) for name in FIELDS}


def head(found: dict[str, Any]) -> Head:
    """A head from what `plain` gave."""
    return Head(**(found | {"papers": tuple(found["papers"])}))


def rows(text: str) -> dict[str, str]:
    """The row of each fact: four cells of JSON with commas between (edition, day of the fact, value, words printed)."""
    _, keys, cells, *_ = text.split("\n", 3)
    return dict(zip(keys.split("\t"), cells.split("\t"), strict=True)) if keys else {}


def day(text: str) -> str:
    """The day of the edition."""
    found: str = json.loads(text.split("\n", 1)[0])["id"][:10]
    return found


def definitions(text: str) -> dict[str, list[str]]:
    """Unit, label and formula of each fact."""
    found: dict[str, list[str]] = json.loads(text.split("\n", 4)[3])
    return found


def _head(plain: dict[str, Any], digest: str, papers: tuple[str, ...]) -> Head:
    move = plain["facts"].get(MOVE)
    traded = plain["as_of"] == str(plain["id"])[:10]  # a decision on a Sunday tells of Friday's return
    return Head(
        id=str(plain["id"]), kind=str(plain["kind"]), day=str(plain["id"])[:10],
        moment=str(plain["moment"]), digest=digest, papers=papers,
        headline=_text(plain["headline"]), standfirst=_text(plain["standfirst"]), preheader=_text(plain["preheader"]),
        source=str(plain["provenance"]["source"]), move=float(move["value"]) if move and traded else None,
    )  # fmt: skip


def _rows(plain: dict[str, Any], head: Head) -> dict[str, str]:
    printed: dict[str, dict[str, None]] = {}
    for claim in _claims(plain):
        printed.setdefault(claim["fact"], {})[claim["text"]] = None
    found = {}
    for key, fact in sorted(plain["facts"].items()):
        if not KEY.fullmatch(key):
            raise ValueError(key)
        words = json.dumps(BETWEEN.join(printed.get(key, ())), ensure_ascii=False)
        found[key] = f'"{head.id}","{fact["as_of"]}",{float(fact["value"])!r},{words}'
    missing = printed.keys() - found.keys()
    if missing:
        raise KeyError(min(missing))
    return found


def _claims(plain: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every claim, prose and tables, in the order in which they are read."""
    sentences = [plain["headline"], plain["standfirst"]]
    for section in plain["sections"]:
        sentences += [section["title"], *(one for paragraph in section["paragraphs"] for one in paragraph)]
    for chart in plain["charts"]:
        sentences += [chart["title"], chart["alt"]]
    for sentence in sentences:
        yield from (piece for piece in sentence["pieces"] if isinstance(piece, dict) and piece["say"] not in NAMES)
    for table in plain["tables"]:
        for row in table["rows"]:
            yield from (cell for cell in row["cells"] if cell and "fact" in cell)


def prose(text: str) -> str:
    """Its prose, as one line."""
    return text.split("\n", 5)[4]


def _prose(plain: dict[str, Any]) -> str:
    told = [_text(plain["headline"]), _text(plain["standfirst"])]
    for section in plain["sections"]:
        told += [_text(section["title"]), *(_text(one) for paragraph in section["paragraphs"] for one in paragraph)]
    return " ".join(" ".join(told).split())


def _text(sentence: dict[str, Any]) -> str:
    return "".join(piece if isinstance(piece, str) else piece["text"] for piece in sentence["pieces"])
