"""Readers in PostgreSQL: the rest runs the tests of the file; here is what only a database has."""

from __future__ import annotations

import multiprocessing
import random
import sys
from typing import TYPE_CHECKING

import mailroom
import psycopg
import pytest
from mailroom import EDITION, NOW, Inbox, serving

from generator.cli import run
from generator.deliver import dispatch, postgres
from generator.deliver.book import SCHEMA, alone, opened, written
from generator.deliver.inbox import SCHEMA as INBOX
from generator.deliver.postgres import translated
from generator.deliver.serve.signup import SCHEMA as SIGNUP
from generator.errors import BadSetting, BookError, Busy, MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

    from generator.deliver.book import Book
    from generator.deliver.dispatch import Balance

# --- from end to end --------------------------------------------------------------------------------------------


def test_the_commands_keep_readers_there(
    tmp_path: Path, own_schema: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taken in, given out, listed; no file of readers is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newsletter.toml").write_text(f'[mail]\ndatabase = "{own_schema}"\nreaders = "private/r.sqlite"\n')
    (tmp_path / "list.csv").write_text("address,tags\na@example.org,vip\nb@example.org,\nnobody\n")

    assert run(["readers", "import", "list.csv"]) == 0
    assert "added      2" in capsys.readouterr().out
    assert run(["readers", "suppress", "B@example.org"]) == 0
    assert run(["readers", "export", "out.csv", "--tag", "vip"]) == 0
    assert run(["readers", "list"]) == 0
    assert "b@example.org\tdaily\tany\t\tunsubscribed" in capsys.readouterr().out
    assert (tmp_path / "out.csv").read_text().count("@") == 1
    assert not (tmp_path / "private").exists()


def told(folder: Path, url: str, port: int) -> Balance:
    """Send a letter to the readers of a database; gives the balance."""
    found: list[Balance] = []
    made = mailroom.settings(folder, port)
    made = made.model_copy(update={"mail": made.mail.model_copy(update={"database": url})})
    letter = dispatch.Letter(id=EDITION, kind="daily", language="en", content=mailroom.letter())
    dispatch.send(made, letter, tag="", resolve="", now=NOW, report=lambda _: None, tell=found.append)
    return found[0]


def test_a_letter_is_sent_once_from_two_machines(tmp_path: Path, own_schema: str) -> None:
    """The second machine waits for nothing and sends nothing while the first works; then it finds all done."""
    mailroom.fill(own_schema, 20)
    inbox = Inbox()
    with serving(inbox) as port:
        with opened(own_schema) as first, alone(first, own_schema, "sending"):
            with pytest.raises(Busy, match=r"PostgreSQL postgres at 127\.0\.0\.1: another run") as caught:
                told(tmp_path / "second", own_schema, port)
            assert not inbox.taken
        assert told(tmp_path / "first", own_schema, port).counts == {"accepted": 20}
        assert told(tmp_path / "second", own_schema, port).counts == {"accepted": 20}

    assert caught.value.exit_code == 6
    assert set(inbox.copies.values()) == {1}


def test_kills_double_nobody_and_lose_nobody(own_schema: str) -> None:
    """Eight with -9 at random moments over a thousand readers."""
    readers, kills, connections = 1_000, 8, 4
    inbox = Inbox()
    mailroom.fill(own_schema, readers)
    start = multiprocessing.get_context("forkserver")
    start.set_forkserver_preload(["mailroom"])
    chance = random.Random(11)  # noqa: S311 -- moments, no secrets
    with serving(inbox) as port:
        for _ in range(kills):
            goal = len(inbox.taken) + chance.randint(1, readers // (kills + 3))
            sender = start.Process(
                target=mailroom.send, args=(own_schema, port), kwargs={"connections": connections}
            )  # fmt: skip
            sender.start()
            while sender.is_alive() and len(inbox.taken) < goal:
                sender.join(0.001)
            assert sender.is_alive(), "the run ended before it was killed"
            sender.kill()
            sender.join()
        found = mailroom.send(own_schema, port, connections=connections)

    assert max(inbox.copies.values()) == 1
    assert sum(found.values()) == readers
    assert set(found) <= {"accepted", "uncertain"}
    accepted, uncertain = (mailroom.addresses(own_schema, state) for state in ("accepted", "uncertain"))
    assert accepted <= set(inbox.copies) <= accepted | uncertain
    assert len(uncertain) <= kills * connections


# --- what a database can do to us -------------------------------------------------------------------------------


def enter(book: Book, address: str, question: str) -> None:
    """Enter a reader and ask something, in one transaction."""
    with written(book):
        book.execute("INSERT INTO reader (address, key) VALUES (?, ?)", (address, address))
        assert book.in_transaction
        book.execute(question)


def test_a_transaction_that_fails_leaves_nothing(own_schema: str) -> None:
    """And the next one goes on."""
    with opened(own_schema) as book:
        with pytest.raises(postgres.PostgresError, match="no_such_table"):
            enter(book, "a@example.org", "SELECT 1 FROM no_such_table")
        assert not book.in_transaction
        enter(book, "50% off?@example.org", "SELECT 1")
        assert book.execute("SELECT address FROM reader").fetchall() == [("50% off?@example.org",)]


def test_a_connection_that_was_ended_is_opened_anew(own_schema: str, database: str) -> None:
    """As when the database was restarted: what was under way fails by name, what comes after works."""
    with opened(own_schema) as book:
        number = book.execute("SELECT pg_backend_pid()").fetchone()[0]
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))
        with pytest.raises(postgres.PostgresError):
            book.execute("SELECT 1")
        assert book.execute("SELECT count(*) FROM reader").fetchone() == (0,)


def test_a_database_of_another_version_is_left_alone(own_schema: str) -> None:
    """By name, and without its password."""
    with opened(own_schema) as book:
        book.execute("UPDATE capline_book SET version = 7")
    with pytest.raises(BookError, match="it is of version 7") as caught, opened(own_schema):
        pass
    assert caught.value.exit_code == 8


def test_a_database_that_is_not_there_is_told() -> None:
    """Nobody listens at that port."""
    with (
        pytest.raises(BookError, match=r"PostgreSQL letters at 127\.0\.0\.1: connection failed"),
        opened("postgresql://capline@127.0.0.1:9/letters"),
    ):
        pass


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://capline:sEcReT@127.0.0.1/letters", "holds a password"),
        ("postgresql://capline@db.example.org/letters?sslmode=require", "another machine and sslmode is require"),
        ("postgresql://capline@127.0.0.1,db.example.org/letters?sslmode=disable", "another machine"),
        ("postgresql://capline@127.0.0.1/letters?no_such=1", "is no URL of a database"),
    ],
)
def test_what_would_go_in_clear_is_refused(url: str, problem: str) -> None:
    """A password in the settings, and a connection that anybody could answer."""
    with pytest.raises(BadSetting, match=problem) as caught, opened(url):
        pass
    assert "sEcReT" not in f"{caught.value}{caught.value.hint}"


def test_another_machine_has_to_show_its_certificate() -> None:
    """Unless the URL says otherwise, in full and by the system's authorities; on this machine nothing is asked."""
    given = postgres._checked("postgresql://capline@db.example.org/letters")  # noqa: SLF001 -- it cannot be reached
    assert "sslmode=verify-full" in given
    assert "sslrootcert=system" in given
    assert "sslmode" not in postgres._checked("postgresql://capline@localhost/letters")  # noqa: SLF001


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an extra of Capline."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match="needs the library psycopg") as caught, opened("postgresql:///letters"):
        pass
    assert ".[postgres]" in caught.value.hint


# --- the words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [SCHEMA, INBOX, SIGNUP])
def test_every_table_is_translated(own_schema: str, schema: str) -> None:
    """As many columns, and numbers that are too large for 32 bits."""
    with psycopg.connect(own_schema) as connection:
        for statement in schema.split(";\n"):
            if statement.strip():
                connection.execute(translated(statement))  # type: ignore[arg-type]
        kinds = {row[0] for row in connection.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_schema = current_schema()"
        )}  # fmt: skip
    assert kinds <= {"bigint", "text", "double precision"}


def test_marks_become_those_of_the_database() -> None:
    """By place and by name; a percent sign stays one, and what is no name is left alone."""
    assert translated("SELECT a FROM t WHERE b = ? AND c = :c") == "SELECT a FROM t WHERE b = %s AND c = %(c)s"
    assert translated("SELECT 'x%'::text") == "SELECT 'x%%'::text"
