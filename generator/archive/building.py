"""One build of the archive, step by step: survey the shelf, lay out the units, stage them, turn the link."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator import files
from generator.archive import cards, facts, feeds, histories, indexes, letters, press, search, shelf
from generator.archive.histories import Year
from generator.archive.staging import Stage
from generator.archive.values import Content, Correction, Published, Unit
from generator.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.archive.values import Edition, Site


def publish(
    editions: Path, folder: Path, site: Site, *, corrections: Sequence[Correction] = (), full: bool = False
) -> Published:
    """Bring the site in `folder` up to date with the editions; `full` makes every unit anew.

    Raises DamagedArchive for editions that are damaged, edited by hand or there twice, CannotWrite for a folder that
    cannot be replaced, Busy if another build is at work. Whatever is raised, the site that was there stays.
    """
    stage = Stage(site=folder, full=full)
    stage.check()
    if site.searched:
        search.ready()
    with files.held(stage.home):
        cache = stage.home / "cache"
        cache.mkdir(exist_ok=True)
        found, notes = shelf.survey(editions, cache, stage.home / "shelf.json", site)
        if not found:
            raise DataError(f"{editions}: no edition to archive", hint="make one with `capline build`")
        there = frozenset(os.listdir(cache))  # noqa: PTH208 -- thousands of names: the quick way
        missing = [(Path(one.card), one.head) for one in found if os.path.basename(one.card) not in there]  # noqa: PTH119
        with ThreadPoolExecutor(1) as aside:  # a card needs a child process that takes its time to start
            drawing = aside.submit(cards.draw, missing, site)
            years = _years(found, cache)
            histories.ready(years)
            units = _units(found, years, tuple(corrections), site)
            drawing.result()
        finish = partial(_index, found, cache, site)
        stage.publish(units, finish)
        _tidied(cache, found, years)
    return Published(
        folder=folder, editions=len(found), made=stage.made, kept=stage.kept, removed=stage.removed,
        files=stage.files, notes=(*notes, *stage.notes),
    )  # fmt: skip


def _years(found: Sequence[Edition], cache: Path) -> tuple[Year, ...]:
    by_year: dict[str, list[str]] = {}
    for one in found:
        by_year.setdefault(one.head.year, []).append(one.head.digest)
    newest = max(by_year)
    return tuple(
        Year(name=name, digests=tuple(digests), newest=name == newest, cache=cache)
        for name, digests in sorted(by_year.items())
    )


def _units(
    found: Sequence[Edition], years: tuple[Year, ...], corrections: tuple[Correction, ...], site: Site
) -> list[Unit]:
    """Everything the site holds, what is big first."""
    salt = press.salt()
    by_edition: dict[str, tuple[Correction, ...]] = {}
    for one in corrections:
        by_edition[one.edition] = (*by_edition.get(one.edition, ()), one)
    heads = [one.head for one in found]
    way = hashlib.sha256(f"{salt}{site!r}".encode()).hexdigest()
    return [
        *(year.unit(salt) for year in years),
        facts.unit(years, site, salt),
        *(
            letters.unit(one, beside, by_edition.get(one.head.id, ()), site, way)
            for one, beside in zip(found, letters.around(found), strict=True)
        ),
        *indexes.units(found, corrections, site, salt),
        *feeds.units(heads, corrections, years, site, salt),
        _fixed(found, corrections, site, way),
        *_chain(found),
    ]


def _chain(found: Sequence[Edition]) -> list[Unit]:
    """The chain of the editions, as it lies beside their folders; none if no build has made it."""
    path = Path(found[0].files[0]).parent.with_name("chain.json")
    if not path.exists():
        return []
    content = path.read_bytes()
    recipe = hashlib.sha256(content).hexdigest()
    return [Unit(name="(chain)", recipe=recipe, make=partial(dict, {"chain.json": content}))]


def _fixed(found: Sequence[Edition], corrections: tuple[Correction, ...], site: Site, way: str) -> Unit:
    """Pages that are there once, style sheets, fonts and the script of the search."""
    styles = {name: Path(found[0].evidence).with_name(name) for one in found for name in one.styles}
    paths = {one.head.id: one.head.path for one in found}
    near = {one.edition: paths.get(one.edition, "") for one in corrections}
    said = "\0".join([way, *sorted(styles), repr(corrections), repr(near)])
    recipe = hashlib.sha256(said.encode()).hexdigest()
    return Unit(name="(fixed)", recipe=recipe, make=partial(_fixed_files, styles, corrections, near, site))


def _fixed_files(
    styles: Mapping[str, Path], corrections: tuple[Correction, ...], near: Mapping[str, str], site: Site
) -> Mapping[str, Content]:
    made: dict[str, Content] = {f"styles/{name}": path.read_bytes() for name, path in sorted(styles.items())}
    newest = sorted(corrections, key=lambda one: (one.revised, one.id), reverse=True)
    made["styles/site.css"] = press.letter_style().encode() + press.stylesheet("site.css")
    made["styles/archive.css"] = press.stylesheet("site.css")
    made |= {name: press.stylesheet(name) for name in ("search.js", "icon.svg", "icon.png")}
    made[".nojekyll"] = b""  # GitHub Pages must not leave out what begins with an underscore
    made |= {path: font.read_bytes() for path, font in press.fonts().items()}
    pages = {"how-it-is-made/": "how", "search/": "search", "corrections/": "corrections"}
    for path, name in pages.items():
        made[f"{path}index.html"] = press.page(f"site/{name}.html", site, path, corrections=newest, near=near)
    made["404.html"] = press.page("site/404.html", site, "404.html", root=site.base)
    return made


def _index(
    found: Sequence[Edition],
    cache: Path,
    site: Site,
    changed: bool,  # noqa: FBT001 -- the stage tells it
) -> Mapping[str, Content]:
    """The index of the search, made anew only if a page changed."""
    if not site.searched:
        return {}
    made = cache / search.MADE
    if not changed and made.is_dir():
        return search.kept(made)
    return search.index(found, cache, site)


def _tidied(cache: Path, found: Sequence[Edition], years: Sequence[Year]) -> None:
    """Take out of the cache what no edition needs any more."""
    wanted = {one.head.digest for one in found} | {f"year-{year.key}" for year in years}
    for name in os.listdir(cache):  # noqa: PTH208 -- thousands of names: the quick way
        stem = name.split(".")[0]
        stem = stem if stem.startswith("year-") else stem.split("-")[0]
        if "." in name and stem not in wanted and stem != "letter":
            (cache / name).unlink()
