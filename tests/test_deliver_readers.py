"""Readers: what is taken from a file, what is refused and why, and what no file undoes."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
import tracemalloc
from typing import TYPE_CHECKING

import databases
import pytest
from email_validator import EmailNotValidError, validate_email
from mailroom import NOW

from generator.deliver import addresses
from generator.deliver import book as of_book
from generator.deliver.addresses import address
from generator.deliver.book import opened
from generator.deliver.listing import every, give_out
from generator.deliver.readers import Imported, lift, suppress, take_in
from generator.deliver.segments import Segment
from generator.errors import BadAddress, BookError, CannotWrite, UnknownName, Unreadable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from generator.deliver.book import Book

# Tests of the file itself, and one that takes long.
FILE = {
    "test_the_book_is_for_its_owner_only", "test_a_file_that_is_no_book_is_left_alone",
    "test_a_damaged_book_is_a_clear_error", "test_a_list_of_200_megabytes_takes_little_memory",
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what opens a book on a file and on a database."""
    both = "tmp_path" in metafunc.fixturenames and metafunc.function.__name__ not in FILE
    metafunc.parametrize("kept", ["sqlite", "postgres"] if both else ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each file of the test be a schema of the database instead."""
    if request.param == "postgres":
        database = request.getfixturevalue("database")
        urls: dict[Path, str] = {}

        def instead(path: Path) -> AbstractContextManager[Book]:
            urls[path] = urls.get(path) or databases.schema(database)
            return of_book.opened(urls[path])

        monkeypatch.setattr(f"{__name__}.opened", instead)


def taken(folder: Path, words: str | bytes, name: str = "readers.csv") -> Imported:
    """Take in a file of these words."""
    file = folder / name
    file.write_bytes(words if isinstance(words, bytes) else words.encode())
    with opened(folder / "book.sqlite") as book:
        return take_in(book, file, folder / "rejects.csv", now=NOW)


def rejects(folder: Path) -> dict[int, str]:
    """Give the reasons in the file of rejects, by line."""
    with (folder / "rejects.csv").open(encoding="utf-8") as file:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(file)}


def held(folder: Path, **segment: str) -> list[tuple[str, str]]:
    """Give address and status of the readers of a segment."""
    with opened(folder / "book.sqlite") as book:
        return [(one.address, one.status) for one in every(book, Segment(**segment))]


# --- taking in --------------------------------------------------------------------------------------------------


def test_a_table_of_readers_is_taken_in(tmp_path: Path) -> None:
    """Language, frequency and tags come with the address; what is empty has a default."""
    found = taken(tmp_path, "email,language,frequency,tags\na@example.org,pt-BR,weekly,VIP;early\nb@example.org,,,\n")

    assert found == Imported(rows=2, added=2, updated=0, rejected=0, suppressed=0)
    with opened(tmp_path / "book.sqlite") as book:
        first, second = every(book, Segment())
    assert (first.language, first.frequency, first.tags) == ("pt-br", "weekly", "vip early")
    assert (second.language, second.frequency, second.tags) == ("", "daily", "")
    assert second.proof == "import of readers.csv"
    assert not (tmp_path / "rejects.csv").exists()


def test_each_reject_has_its_line_and_reason(tmp_path: Path) -> None:
    """And the others are taken."""
    found = taken(
        tmp_path,
        'address,language,frequency,tags\nok@example.org,,,\n"a\nb@example.org",,,\nno.at.example.org,,,\n'
        "Ok@EXAMPLE.org,,,\nx@example.org,,hourly,\nx@example.org,english!,,\nx@example.org,,,a/b\na@localhost,,,\n"
        "x@example.org,,,,,,more\n,,,\n",
    )

    assert (found.added, found.rejected) == (1, 9)
    reasons = rejects(tmp_path)
    assert "U+000A" in reasons[4]
    assert "@" in reasons[5]
    assert reasons[6] == "the same mailbox as line 2"
    assert "hourly" in reasons[7]
    assert "english!" in reasons[8]
    assert "a/b" in reasons[9]
    assert reasons[11] == "7 cells under a head of 4"
    assert (tmp_path / "rejects.csv").stat().st_mode & 0o777 == 0o600


def test_the_same_file_again_changes_nothing_and_doubles_nobody(tmp_path: Path) -> None:
    """Whatever the case of the letters."""
    taken(tmp_path, "a@example.org\nb@example.org\n")

    again = taken(tmp_path, "A@Example.ORG\nb@example.org\n")

    assert (again.added, again.updated) == (0, 2)
    assert len(held(tmp_path)) == 2


def test_a_file_without_a_column_leaves_what_is_known(tmp_path: Path) -> None:
    """A plain list of addresses takes no tag away; a table with tags sets them."""
    taken(tmp_path, "address,tags\na@example.org,vip\n")
    taken(tmp_path, "a@example.org\n")
    assert held(tmp_path, tag="vip") == [("a@example.org", "")]

    taken(tmp_path, "address,tags\na@example.org,early\n")

    assert held(tmp_path, tag="vip") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path: Path, encoding: str) -> None:
    """In each of the encodings that spreadsheets write."""
    assert taken(tmp_path, "address,tags\r\njosé@example.org,vip\r\n".encode(encoding)).added == 1
    assert held(tmp_path, tag="vip") == [("josé@example.org", "")]


def test_bytes_that_are_no_text_are_refused_by_line(tmp_path: Path) -> None:
    """The rest of the file is taken."""
    found = taken(tmp_path, "address\njosé@example.org\na@example.org\n".encode("latin-1"))

    assert (found.added, found.rejected) == (1, 1)
    assert rejects(tmp_path) == {2: "is not UTF-8"}


def test_json_lines_are_taken_in(tmp_path: Path) -> None:
    """Tags as a list; what is no object with an address is refused."""
    found = taken(
        tmp_path, '{"email": "a@example.org", "tags": ["vip"]}\n\n{"address": 7}\nnonsense\n[1]\n', "readers.jsonl"
    )

    assert (found.added, found.rejected) == (1, 3)
    assert set(rejects(tmp_path)) == {3, 4, 5}
    assert held(tmp_path, tag="vip") == [("a@example.org", "")]


@pytest.mark.parametrize(
    ("words", "error"),
    [("", Unreadable), ("name,town\nx,y\n", UnknownName), ("address\n" + '"' + "x" * 200_000, Unreadable)],
)
def test_a_file_that_is_no_list_is_an_error_and_takes_nothing_in(
    tmp_path: Path, words: str, error: type[Exception]
) -> None:
    """Empty, without an address, or with a quotation mark that never ends."""
    with pytest.raises(error):
        taken(tmp_path, words)
    assert held(tmp_path) == []


def test_what_goes_out_comes_in_again_the_same(tmp_path: Path) -> None:
    """With status and proof, as a table and as JSON lines."""
    taken(
        tmp_path,
        "address,language,frequency,tags,joined,proof\na@example.org,en,weekly,vip,2024-05-01,form\nb@example.org\n",
    )
    with opened(tmp_path / "book.sqlite") as book:
        suppress(book, "b@example.org", "bounced", now=NOW)
        before = list(every(book, Segment()))
        for name in ("out.csv", "out.jsonl"):
            assert give_out(book, tmp_path / name, Segment()) == 2
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])["tags"] == ["vip"]
    for name in ("out.csv", "out.jsonl"):
        with opened(tmp_path / f"{name}.sqlite") as book:
            take_in(book, tmp_path / name, tmp_path / "rejects.csv", now=NOW)
            assert list(every(book, Segment())) == before


def test_a_list_of_200_megabytes_takes_little_memory(tmp_path: Path) -> None:
    """10,000 rows of 20 kB: refused by line, and never held together."""
    with (tmp_path / "big.csv").open("w") as file:
        file.write("address,proof\n")
        for number in range(10_000):
            file.write(f"r{number}@example.org,{'x' * 20_000 if number % 2 else 'form'}\n")
            file.write(f"s{number}@example.org,{'y' * 20_000 if number % 2 else 'form'}\n")
    tracemalloc.start()
    with opened(tmp_path / "book.sqlite") as book:
        found = take_in(book, tmp_path / "big.csv", tmp_path / "rejects.csv", now=NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (tmp_path / "big.csv").stat().st_size > 200_000_000
    assert (found.added, found.rejected) == (10_000, 10_000)
    assert peak < 30_000_000


def test_a_file_of_rejects_that_cannot_be_written_is_said_and_nothing_is_taken(tmp_path: Path) -> None:
    """Before anything else."""
    (tmp_path / "rejects.csv").mkdir()
    with pytest.raises(CannotWrite):
        taken(tmp_path, "a@example.org\n")
    assert held(tmp_path) == []


# --- suppression ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained"])
def test_suppression_survives_a_new_import(tmp_path: Path, reason: str) -> None:
    """In other letters too, and for a reader who was not there before."""
    taken(tmp_path, "a@example.org\n")
    with opened(tmp_path / "book.sqlite") as book:
        assert suppress(book, "a@example.org", reason, now=NOW)
        assert suppress(book, "later@example.org", reason, now=NOW)
        assert not suppress(book, "a@example.org", "unsubscribed", now=NOW)

    found = taken(tmp_path, "A@example.org\nlater@example.org\n")

    assert found.suppressed == 2
    assert held(tmp_path) == [("A@example.org", reason), ("later@example.org", reason)] or held(tmp_path) == [
        ("a@example.org", reason), ("later@example.org", reason)
    ]  # fmt: skip


def test_a_complaint_stands_above_the_other_reasons(tmp_path: Path) -> None:
    """And is not undone by a bounce; only the reader's own wish lifts it."""
    with opened(tmp_path / "book.sqlite") as book:
        suppress(book, "a@example.org", "bounced", now=NOW)
        assert suppress(book, "a@example.org", "complained", now=NOW)
        assert not suppress(book, "a@example.org", "bounced", now=NOW)
        assert lift(book, "a@example.org")
        assert not lift(book, "a@example.org")
        with pytest.raises(UnknownName):
            suppress(book, "a@example.org", "bored", now=NOW)


# --- segments ---------------------------------------------------------------------------------------------------


def test_a_reader_gets_the_kinds_of_letter_they_asked_for(tmp_path: Path) -> None:
    """Daily readers get all, weekly ones the weekly letter and decisions, others decisions only."""
    taken(tmp_path, "address,frequency\nd@example.org,daily\nw@example.org,weekly\nx@example.org,decisions\n")

    names = {kind: "".join(one[0] for one, _ in held(tmp_path, kind=kind)) for kind in ("daily", "weekly", "decision")}

    assert names == {"daily": "d", "weekly": "dw", "decision": "dwx"}
    with pytest.raises(UnknownName):
        Segment(kind="hourly")


def test_a_letter_goes_to_those_who_read_its_language(tmp_path: Path) -> None:
    """And to those who named none; pt-br is Portuguese."""
    taken(tmp_path, "address,language\na@example.org,\ne@example.org,en\np@example.org,pt-BR\n")

    assert [one[0] for one, _ in held(tmp_path, language="en")] == ["a", "e"]
    assert [one[0] for one, _ in held(tmp_path, language="pt")] == ["a", "p"]


def test_a_tag_is_a_whole_word(tmp_path: Path) -> None:
    """No vip is in vipers."""
    taken(tmp_path, "address,tags\na@example.org,vipers\nb@example.org,x vip\n")

    assert held(tmp_path, tag="vip") == [("b@example.org", "")]


# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written", "key"),
    [
        ("Ann.Lee+x@Example.ORG", "Ann.Lee+x@example.org", "ann.lee+x@example.org"),
        ("info@münchen.de", "info@xn--mnchen-3ya.de", "info@xn--mnchen-3ya.de"),
        ("JOSÉ@example.org", "JOSÉ@example.org", "josé@example.org"),
        (" a@example.org\t", "a@example.org", "a@example.org"),
    ],
)
def test_an_address_is_written_for_the_relay_and_known_in_any_case(text: str, written: str, key: str) -> None:
    """Domains in ASCII (IDNA), names as they are."""
    found = address(text)

    assert (found.written, found.key) == (written, key)
    assert found.international == (not written.isascii())


@pytest.mark.parametrize(
    "text", ["", "a", "@example.org", "a@b", "a@x.test", "a b@example.org", "a@example.org\n", "a\r\nB: x@example.org",
             "a@@example.org", "a..b@example.org", '"a b"@example.org', "a@[127.0.0.1]", "Ann <a@example.org>",
             "=?UTF-8?Q?=0A?=@example.org", "=?utf-8?b?Cg==?=@example.org", "x=?iso-8859-1?q?a@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """Line breaks first of all."""
    with pytest.raises(BadAddress):
        address(text)


def test_the_quick_look_says_what_the_library_says() -> None:
    """Of 100,000 made from the signs that matter: whatever it takes, the library takes too, and writes the same."""
    chance = random.Random(3)  # noqa: S311 -- no secrets
    parts = [
        "a",
        "B7",
        "x",
        ".",
        "-",
        "--",
        "_",
        "+",
        "'",
        "xn--a",
        "é",
        " ",
        "..",
        "test",
        "org",
        "com",
        "co",
        "9",
        "@",
    ]
    quick = 0
    for _ in range(100_000):
        name, home = ("".join(chance.choices(parts, k=chance.randint(1, 4))) for _ in range(2))
        text = f"{name}@{home}.{chance.choice(parts)}"
        if (found := addresses.plain(text)) is None:
            continue
        quick += 1
        try:
            library = validate_email(text, check_deliverability=False)
        except EmailNotValidError as problem:
            pytest.fail(f"{text!r}: {problem}")
        assert found == library.ascii_email, text
    assert quick > 1_000
    for long in ("a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@" + "b." * 130 + "org"):
        assert addresses.plain(long) is None


# --- the book ---------------------------------------------------------------------------------------------------


def test_the_book_is_for_its_owner_only(tmp_path: Path) -> None:
    """It holds addresses."""
    with opened(tmp_path / "private" / "book.sqlite"):
        files = sorted((tmp_path / "private").iterdir())
        assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * len(files)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_no_book_is_left_alone(tmp_path: Path) -> None:
    """Whether it is another database or none."""
    (tmp_path / "text").write_text("no database, but long enough to be taken for one" * 50)
    other = sqlite3.connect(tmp_path / "other")
    other.execute("PRAGMA user_version = 9")
    other.close()
    for name in ("text", "other"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(BookError), opened(tmp_path / name):
            pass
        assert (tmp_path / name).read_bytes()[100:] == before[100:]


def test_a_damaged_book_is_a_clear_error(tmp_path: Path) -> None:
    """Not a traceback of the database's."""
    with pytest.raises(BookError, match="no such table"), opened(tmp_path / "book.sqlite") as book:
        book.execute("SELECT * FROM nowhere")
