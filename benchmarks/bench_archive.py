"""The archive against Pelican and Hugo: 2,500 editions cloned from a real one, as many Markdown posts of its words.

Run after `make letter`: python benchmarks/bench_archive.py [EDITION_FOLDER] --pelican PATH --hugo PATH. What is
compared stands in docs/archive.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from runs import ROOT, Run, timed

FIRST = date(2016, 1, 4)
LINKED = ("letter.txt", "letter-a4.pdf", "letter-letter.pdf")
PELICAN = """AUTHOR = "capline"
SITENAME = "capline"
SITEURL = "https://example.org"
PATH = "content"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_MAX_ITEMS = 30
DEFAULT_PAGINATION = 20
"""
SINGLE = (
    '<!doctype html><html lang="en"><head><title>{{ .Title }}</title></head><body><h1>{{ .Title }}</h1>{{ .Content }}'
    '{{ with .NextInSection }}<a href="{{ .Permalink }}">next</a>{{ end }}'
    '{{ with .PrevInSection }}<a href="{{ .Permalink }}">previous</a>{{ end }}</body></html>\n'
)
LIST = (
    '<!doctype html><html lang="en"><head><title>{{ .Title }}</title></head><body><h1>{{ .Title }}</h1><ul>'
    '{{ range .Pages }}<li><a href="{{ .Permalink }}">{{ .Title }}</a></li>{{ end }}</ul></body></html>\n'
)
TOML = """[build]
output = "out"
[site]
folder = "out/site"
"""


def days(count: int) -> list[date]:
    """Weekdays from the first on."""
    every = (FIRST + timedelta(days=after) for after in range(2 * count))
    return [day for day in every if day.weekday() < 5][:count]  # noqa: PLR2004 -- Monday to Friday


def clone(real: Path, editions: Path, day: date, number: int) -> None:
    """An edition of another day, with another return of small caps: its JSON, its pages, its files."""
    folder = editions / f"{day}-daily"
    folder.mkdir(parents=True)
    content = (real / "edition.json").read_text(encoding="utf-8")
    plain = json.loads(content)
    then, id_ = plain["id"][:10], plain["id"]
    move = (number * 37 % 101 - 50) / 20
    value = repr(plain["facts"]["size.return.small.1s"]["value"])
    content = content.replace(id_, f"{day}-daily").replace(f'"moment": "{then}', f'"moment": "{day}')
    content = content.replace(value, repr(move))
    made = content.encode()
    (folder / "edition.json").write_bytes(made)
    digest = hashlib.sha256(made).hexdigest()
    for name in ("index.html", "evidence.html"):
        page = (real / name).read_text(encoding="utf-8")
        page = re.sub(r'(capline:digest" content=")[0-9a-f]{64}', rf"\g<1>{digest}", page)
        (folder / name).write_text(page.replace(id_, f"{day}-daily"), encoding="utf-8")
    for name in LINKED:
        os.link(real / name, folder / name)


def markdown(real: Path) -> str:
    """The words of a letter as Markdown: paragraphs on one line, tables as they are."""
    found = []
    for part in (real / "letter.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = part.strip("\n").split("\n")
        table = any("  " in line.strip() for line in lines)
        found.append("\n".join(f"    {line}" for line in lines) if table else " ".join(map(str.strip, lines)))
    return "\n\n".join(found)


def posts(real: Path, place: Path, every: list[date]) -> None:
    """The same letters as posts for Pelican and for Hugo."""
    words = markdown(real)
    pelican, hugo = place / "pelican" / "content", place / "hugo" / "content" / "posts"
    for folder in (pelican, hugo, place / "hugo" / "layouts" / "_default"):
        folder.mkdir(parents=True)
    for day in every:
        head = f"Title: Small caps on {day}\nDate: {day}\nCategory: daily\nSlug: {day}-daily\n\n"
        (pelican / f"{day}.md").write_text(f"{head}{words}\n", encoding="utf-8")
        head = f'---\ntitle: "Small caps on {day}"\ndate: {day}\ncategories: [daily]\n---\n\n'
        (hugo / f"{day}.md").write_text(f"{head}{words}\n", encoding="utf-8")
    (place / "pelican" / "pelicanconf.py").write_text(PELICAN, encoding="utf-8")
    (place / "hugo" / "config.toml").write_text('baseURL = "https://example.org/"\ntitle = "capline"\n')
    (place / "hugo" / "layouts" / "_default" / "single.html").write_text(SINGLE)
    (place / "hugo" / "layouts" / "_default" / "list.html").write_text(LIST)


def shown(name: str, run: Run) -> None:
    """Print a row."""
    print(f"| {name} | {run.wall:.2f} | {run.processor:.2f} | {run.largest:.0f} |", flush=True)


def ours(place: Path, real: Path, every: list[date]) -> None:
    """Measure our builds: the first, a full one, one without news, and one with one new edition, twice."""
    command = [sys.executable, "-m", "generator", "archive"]
    *old, last, newest = every
    start = time.perf_counter()
    for number, day in enumerate(old):
        clone(real, place / "out" / "editions", day, number)
    print(f"cloned in {time.perf_counter() - start:.0f} s\n\n| run | wall s | processor s | MB |\n|---|---|---|---|")
    (place / "newsletter.toml").write_text(TOML)
    shown("the first build: every edition read, every card drawn", timed(command, folder=place))
    shown("a full build", timed([*command, "--full"], folder=place))
    shown("a full build", timed([*command, "--full"], folder=place))
    shown("nothing new", timed(command, folder=place))
    for day in (last, newest):
        clone(real, place / "out" / "editions", day, day.toordinal())
        shown("one new edition", timed(command, folder=place))
    shown("nothing new", timed(command, folder=place))


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    newest = max((ROOT / "output" / "editions").glob("*-daily"), default=Path())
    asked.add_argument("edition", nargs="?", type=Path, default=newest)
    asked.add_argument("--count", type=int, default=2500)
    asked.add_argument("--pelican", help="the command of Pelican")
    asked.add_argument("--hugo", help="the command of Hugo")
    asked.add_argument("--folder", type=Path, help="where to work; it is kept")
    chosen = asked.parse_args()
    place = chosen.folder or Path(tempfile.mkdtemp(prefix="archive-"))
    every = days(chosen.count + 2)
    try:
        ours(place, chosen.edition.resolve(), every)
        posts(chosen.edition, place, every[: chosen.count])
        for name, folder, command in (
            ("Hugo", "hugo", chosen.hugo and [chosen.hugo, "--quiet"]),
            ("Pelican", "pelican", chosen.pelican and [chosen.pelican, "-q", "content", "-s", "pelicanconf.py"]),
        ):
            if command:
                shown(name, timed(command, folder=place / folder))
    finally:
        if not chosen.folder:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
