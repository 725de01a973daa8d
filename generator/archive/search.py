"""Full-text search by pagefind, which the operator installs and asks for; the search page works without it too.

What is indexed is the prose of each letter and nothing else, as a slim page in a folder of its own.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.archive import extracts
from generator.errors import BadSetting, RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.archive.values import Content, Edition, Site

FOLDER = "pagefind"
MADE = "index"  # the folder of the cache in which pagefind works
UNUSED = re.compile(r"-ui\.|highlight")
SLIM = Markup(
    '<!doctype html><html lang="{}"><head><title>{}</title></head><body><main data-pagefind-body>'
    '<h1>{}</h1><p data-pagefind-meta="day">{}</p><p data-pagefind-filter="kind">{}</p><p>{}</p></main></body></html>'
)


def ready() -> None:
    """Refuse to go on without pagefind: BadSetting."""
    if importlib.util.find_spec("pagefind") is None:
        raise BadSetting(
            "search = true", "pagefind is not installed", hint="`pip install 'pagefind[bin]'`, or set search = false"
        )


def index(shelf: Sequence[Edition], cache: Path, site: Site) -> Mapping[str, Content]:
    """The files of the index, by path; RenderError if pagefind fails."""
    slim, made = cache / "slim", cache / MADE
    for folder in (slim, made):
        shutil.rmtree(folder, ignore_errors=True)
    for one in shelf:
        head = one.head
        text = (cache / f"{head.digest}.txt").read_text(encoding="utf-8")
        page = SLIM.format(site.language, head.headline, head.headline, head.day, head.kind, extracts.prose(text))
        (slim / head.path).mkdir(parents=True)
        (slim / head.path / "index.html").write_text(page, encoding="utf-8")
    ran = subprocess.run(  # noqa: S603 -- words of our own
        [sys.executable, "-m", "pagefind", "--site", str(slim), "--output-path", str(made), "--silent"],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RenderError(
            f"pagefind ended with code {ran.returncode}: {ran.stderr.strip()[-300:]}",
            hint="set `search = false` to publish without it",
        )
    return kept(made)


def kept(made: Path) -> Mapping[str, Content]:
    """The files of an index that was made, by path; pagefind's own surfaces, which we do not use, are left out."""
    paths = (path for path in sorted(made.rglob("*")) if path.is_file() and not UNUSED.search(path.name))
    return {f"{FOLDER}/{path.relative_to(made).as_posix()}": path.read_bytes() for path in paths}
