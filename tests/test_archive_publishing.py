"""Publishing the archive: the same bytes however it came about, nothing half-done, and what was damaged is named."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from archives import MOVES, SITE, Office, put, undrawn
from newsroom import capline

from generator import chain
from generator.archive import publish
from generator.archive.staging import Stage
from generator.errors import Busy, CannotWrite, DamagedArchive, DamagedEdition, DataError
from generator.files import held

if TYPE_CHECKING:
    from collections.abc import Iterator

SHM = Path("/dev/shm")  # noqa: S108 -- files in memory, where Linux has them: a second file system


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An archive of all letters but the newest."""
    made = Office(tmp_path)
    for id_, move in list(MOVES.items())[:-1]:
        put(made.editions, id_, move)
    with undrawn():
        made.publish()
        yield made


def fresh(office: Office) -> dict[str, bytes]:
    """What a first build of the same editions publishes."""
    office.publish(folder="other/site")
    found = office.files("other/site")
    shutil.rmtree(office.place / "other")
    return found


def test_one_new_edition_gives_the_bytes_of_a_full_build(office: Office) -> None:
    """Twice, since two folders take turns; and what does not change is not made."""
    put(office.editions, "2026-03-31-daily", 3.65)
    first = office.publish()
    put(office.editions, "2026-04-01-daily", -0.3)
    second = office.publish()

    assert office.files() == fresh(office)
    assert first.kept > 0
    assert second.kept > 0
    before = office.files()
    assert office.publish(full=True).kept == 0
    assert office.files() == before


def test_a_file_that_is_linked_elsewhere_is_not_written_over(office: Office) -> None:
    """A copy of the site by hard links, such as a backup makes, stays as it was, however often the site changes."""
    copies = {}
    for number, name in enumerate(("facts/size.return.small.1s/index.html", "atom.xml")):
        copies[name] = office.place / f"copy-{number}"
        os.link(office.site / name, copies[name])
    before = {name: copy.read_bytes() for name, copy in copies.items()}
    for id_, move in (("2026-03-31-daily", 3.65), ("2026-04-01-daily", 0.5), ("2026-04-02-daily", 0.7)):
        put(office.editions, id_, move)
        office.publish()

    assert {name: copy.read_bytes() for name, copy in copies.items()} == before
    assert all((office.site / name).read_bytes() != content for name, content in before.items())
    assert office.files() == fresh(office)


def test_nothing_new_makes_nothing(office: Office) -> None:
    """Neither the first time nor the second, and the files stay the same files."""
    made = [office.publish().made for _ in range(3)]

    assert made == [0, 0, 0]


def test_an_edition_that_is_taken_away_leaves_no_trace(office: Office) -> None:
    """Its pages are gone, its neighbours close ranks, and a month that is empty then has no page."""
    for path in (office.editions / "2025-12-31-daily").iterdir():
        path.unlink()
    (office.editions / "2025-12-31-daily").rmdir()
    office.publish()
    done = office.publish()

    assert not (office.site / "2025").exists()
    assert office.files() == fresh(office)
    assert done.editions == 3


def test_an_edition_that_is_replaced_changes_all_that_rests_on_it(office: Office) -> None:
    """Built again with another value: its page, its facts, the calendar."""
    folder = office.editions / "2026-03-30-daily"
    for path in folder.iterdir():
        path.unlink()
    put(office.editions, "2026-03-30-daily", 1.9)
    office.publish()

    assert "+1.9" in office.page("2026/03")
    assert office.files() == fresh(office)


def test_a_page_edited_on_the_site_is_made_again_and_said(office: Office) -> None:
    """In place, which both folders share; and a file that is gone; strays are taken away."""
    right = office.files()
    office.publish()
    (office.site / "2026/03/30-daily/index.html").write_text("hacked")
    done = office.publish()
    assert any("2026/03/30-daily/index.html" in note for note in done.notes)
    assert office.files() == right
    (office.site / "facts/index.html").unlink()
    (office.site / "stray.html").write_text("stray")
    office.publish()
    office.publish()
    assert office.files() == right


def test_a_failed_build_leaves_the_site_and_the_next_one_mends_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full just before the link is turned."""
    right = office.files()

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    put(office.editions, "2026-03-31-daily", 3.65)
    with monkeypatch.context() as patch:
        patch.setattr(Stage, "_turned", full)
        with pytest.raises(CannotWrite, match="No space left"):
            office.publish()
    assert office.files() == right
    office.publish()
    assert office.files() == fresh(office)


def test_a_killed_build_leaves_a_manifest_that_nobody_trusts(office: Office) -> None:
    """Without its manifest a folder is made anew."""
    stage = Stage(site=office.site)
    _, other = stage.names()
    (stage.home / f"{other}.json").unlink(missing_ok=True)
    (stage.home / other).mkdir(exist_ok=True)
    (stage.home / other / "half.html").write_text("half")
    right = office.files()
    office.publish()

    assert office.files() == right


def test_damaged_editions_are_all_named_and_the_site_stays(office: Office) -> None:
    """Half a file, and one of another schema."""
    right = office.files()
    for id_, content in (("2026-04-01-daily", '{"schema"'), ("2026-04-02-daily", "{}")):
        put(office.editions, id_)
        (office.editions / id_ / "edition.json").write_text(content)
    with pytest.raises(DamagedArchive) as refused:
        office.publish()

    assert [problem.split(":")[0] for problem in refused.value.problems] == ["2026-04-01-daily", "2026-04-02-daily"]
    assert office.files() == right


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[" * 100_000, "not JSON"),  # deeper than any parser goes
        (b"[]", "its schema is not"),
        (b'"id": "2026-99-99-daily"', "month must be in 1..12"),
        (b'"id": "../../../../etc-daily"', "it lacks what every edition has"),
        (b'"facts": {}, "facts": null', "it lacks what every edition has"),
    ],
)
def test_an_edition_that_was_mangled_is_named(office: Office, content: bytes, problem: str) -> None:
    """Whatever a hand or a disk did to its file, the site stays; the chain names it, too, or reads on."""
    right = office.files()
    path = office.editions / "2026-03-30-daily" / "edition.json"
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole.replace(b'"id": "2026-03-30-daily"', content) if content.startswith(b'"') else content)
    with pytest.raises(DamagedArchive, match=re.escape(problem)) as refused:
        office.publish()

    assert len(refused.value.problems) == 1
    assert refused.value.problems[0].startswith("2026-03-30-daily: ")
    assert office.files() == right
    if not content.startswith(b'"'):
        with pytest.raises(DamagedEdition, match="2026-03-30-daily"):
            chain.read(office.editions)


def test_what_is_no_file_counts_as_missing(office: Office) -> None:
    """A folder in the place of a page, a link to nowhere in that of an edition."""
    folder = office.editions / "2026-03-30-daily"
    (folder / "index.html").unlink()
    (folder / "index.html").mkdir()
    other = office.editions / "2025-12-31-daily"
    (other / "edition.json").unlink()
    (other / "edition.json").symlink_to("nowhere.json")
    done = office.publish()

    assert "2026-03-30-daily: index.html is missing; made again from edition.json" in done.notes
    assert "2025-12-31-daily: no edition.json in it; left out" in done.notes
    assert not (office.site / "2025").exists()


def test_two_folders_with_one_edition_are_refused(office: Office) -> None:
    """Both are named."""
    put(office.editions, "2026-03-30-daily", -0.9, folder="2026-03-30-daily copy")
    with pytest.raises(DamagedArchive, match="2026-03-30-daily and 2026-03-30-daily copy both hold 2026-03-30-daily"):
        office.publish()


@pytest.mark.parametrize("name", ["edition.json", "letter-a4.pdf"])
def test_an_edition_edited_in_place_is_refused_until_it_is_restored(office: Office, name: str) -> None:
    """Through the site, which holds a hard link to it: the next build names it, and the one after that too."""
    place = office.site / "2026/03/30-daily" / name
    before = place.read_bytes()
    place.write_bytes(before.replace(b"1", b"2"))
    for _ in range(2):
        with pytest.raises(DamagedArchive, match=f"2026-03-30-daily: {name} was edited in place"):
            office.publish()
    (office.editions / "2026-03-30-daily" / name).write_bytes(before)
    office.publish()
    assert place.read_bytes() == before


def test_a_page_of_an_edition_that_was_edited_is_made_again_from_the_edition(office: Office) -> None:
    """The words on the site are those of edition.json."""
    page = office.editions / "2026-03-30-daily" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"2.3 points", b"9.3 points"))
    done = office.publish()

    assert "2026-03-30-daily: index.html was edited since it was archived; made again from edition.json" in done.notes
    assert "9.3 points" not in office.page("2026/03/30-daily")


def test_folders_that_hold_no_edition_are_said(office: Office) -> None:
    """They are left out; a folder of another name is archived under its edition's."""
    (office.editions / "notes").mkdir()
    put(office.editions, "2026-04-01-daily", 1.0, folder="renamed")
    done = office.publish()

    assert "notes: no edition.json in it; left out" in done.notes
    assert "renamed: holds the edition 2026-04-01-daily, and is archived as that" in done.notes
    assert (office.site / "2026/04/01-daily/index.html").exists()


def test_an_archive_of_nothing_is_refused(tmp_path: Path) -> None:
    """There is no newest letter to show."""
    with pytest.raises(DataError, match="no edition to archive"):
        Office(tmp_path).publish()


def test_a_folder_that_is_not_ours_is_not_replaced(office: Office) -> None:
    """Neither one with files, nor a file, nor a link to elsewhere; an empty folder is."""
    (office.place / "full").mkdir()
    (office.place / "full" / "index.html").write_text("mine")
    (office.place / "file").write_text("mine")
    (office.place / "link").symlink_to(office.place / "full")
    for name in ("full", "file", "link"):
        with pytest.raises(CannotWrite):
            office.publish(folder=name)
    (office.place / "empty").mkdir()
    office.publish(folder="empty")

    assert (office.place / "full" / "index.html").read_text() == "mine"
    assert (office.place / "empty" / "index.html").exists()


@pytest.mark.skipif(not os.path.ismount(SHM), reason="no second file system here")
def test_a_site_on_a_second_file_system_is_the_same(office: Office) -> None:
    """Whole, and by one edition more; the editions and the site share no file then. The mount itself is refused."""
    with tempfile.TemporaryDirectory(dir=SHM) as place:
        there = Path(place) / "site"
        assert there.parent.stat().st_dev != office.editions.stat().st_dev
        publish(office.editions, there, SITE)
        put(office.editions, "2026-03-31-daily", 3.65)
        publish(office.editions, there, SITE)
        office.publish()
        root = there.resolve()
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        assert found == office.files()
        assert (root / "2026/03/31-daily/edition.json").stat().st_nlink == 1
    with pytest.raises(CannotWrite, match="another file system is mounted there"):
        publish(office.editions, SHM, SITE)


def test_on_another_file_system_files_are_copied(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where links cannot be made the same bytes are published."""
    right = office.files()

    def elsewhere(*_: object) -> NoReturn:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)
    office.publish(folder="mounted/site")

    assert office.files("mounted/site") == right


def test_two_builds_at_once_do_not_meet(office: Office) -> None:
    """The second is refused."""
    with held(office.place / ".site"), pytest.raises(Busy):
        office.publish()


def test_the_command_builds_the_site_that_the_settings_name(office: Office) -> None:
    """`capline archive` says what it did; a damaged edition ends in exit code 5 with its name."""
    lines = ("[build]", 'output = "."', "[site]", 'folder = "public"', 'url = "https://letters.example/"', "")
    (office.place / "newsletter.toml").write_text("\n".join(lines), encoding="utf-8")
    shutil.copytree(office.place / ".site" / "cache", office.place / ".public" / "cache")  # with its cards
    done = capline(office.place, "archive")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("public: 4 editions, ")
    assert (office.place / "public" / "2026/03/30-daily/index.html").exists()
    (office.editions / "2026-03-30-daily" / "edition.json").unlink()
    (office.editions / "2026-03-30-daily" / "edition.json").write_text("{}")
    refused = capline(office.place, "archive")
    assert refused.returncode == 5
    assert "2026-03-30-daily" in refused.stderr
