"""The web application: readers sign up, confirm, leave and choose; nobody learns from it who is on the list."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import anyio
import house
import mailroom
import pytest
from house import KEY, House, open_house
from mailroom import Inbox, serving
from starlette.exceptions import HTTPException
from starlette.requests import Request

from generator.config import MailSettings, ServeSettings, Settings
from generator.deliver import readers, tokens
from generator.deliver.addresses import address
from generator.deliver.book import opened, written
from generator.deliver.serve import forms, signup, visitors
from generator.deliver.serve.confirming import Poster, compose
from generator.deliver.serve.journal import JsonLines
from generator.deliver.serve.office import Office
from generator.deliver.serve.signup import Due, TooMany, Wish
from generator.deliver.tokens import BadToken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 24, 22, 15, tzinfo=UTC)
TODAY = datetime.now(UTC).date()  # the application runs by the wall clock
PROXY = ["127.0.0.1/32"]


def link(purpose: bytes, number: int, mailbox: str, *, days: int = 30, key: bytes = KEY) -> str:
    """Sign the path of a link."""
    path = {tokens.CONFIRM: "c", tokens.UNSUBSCRIBE: "u", tokens.PREFER: "p"}[purpose]
    return f"/{path}/{tokens.sign(key, purpose, number, mailbox, tokens.last_day(TODAY + timedelta(days=days)))}"


def leave_link(number: int, **given: object) -> str:
    """Sign a reader's link to leave."""
    return link(tokens.UNSUBSCRIBE, number, f"r{number}@example.org", **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run one application, with thirty readers, for the tests that leave each other alone."""
    folder = tmp_path_factory.mktemp("house")
    mailroom.fill(folder / "readers.sqlite", 30)
    with open_house(folder, proxies=PROXY, per_network=1_000, mails_an_hour=1_000) as running:
        yield running


def suppressed(running: House) -> dict[str, str]:
    """List who gets nothing more, and why."""
    return dict(running.rows("SELECT key, reason FROM suppression"))  # type: ignore[arg-type]


# --- signing up -------------------------------------------------------------------------------------------------


def test_signing_up_takes_a_click_in_the_mail_and_keeps_the_proof(tmp_path: Path, place: Path | str) -> None:
    """Who only asks is no reader; who confirms is, with both times, hashes of the networks, and the words agreed to."""
    with open_house(tmp_path, place=place) as running:
        asked = running.sign_up("Ann.Smith@Example.ORG", frequency="weekly")
        path = running.link(1)
        assert (asked.status, asked.title) == (200, "Look into your mailbox")
        assert running.rows("SELECT * FROM reader") == []

        assert running.ask(path).title == "One click more"
        assert running.rows("SELECT * FROM reader") == [], "a GET changes nothing"
        assert running.ask(path, {}).title == "You are on the list"
        ((written_as, key, language, frequency, joined, proof),) = running.rows(
            "SELECT address, key, language, frequency, joined, proof FROM reader"
        )

    assert (written_as, key, language, frequency) == ("Ann.Smith@example.org", "ann.smith@example.org", "", "weekly")
    kept = json.loads(proof)
    assert kept["how"] == "double opt-in"
    assert kept["text"] == ServeSettings().consent
    assert kept["asked_from"] == kept["confirmed_from"] == visitors.hashed(KEY, "127.0.0.1")
    assert kept["asked"] <= kept["confirmed"] == joined
    assert running.inbox.taken[0][0] == "Ann.Smith@example.org"


def test_the_mail_says_nothing_that_a_stranger_wrote(shared: House) -> None:
    """It has no name and no words of the form, and marks itself as automatic."""
    before = len(shared.inbox.taken)
    shared.sign_up("buy.cheap.watches@example.org")
    words = shared.mails(before + 1)[-1][1]
    raw = shared.inbox.taken[-1][2].decode()

    assert "watches" not in words
    assert "Auto-Submitted: auto-generated" in raw
    assert "Subject: Capline: please confirm" in raw
    assert re.search(r"^Message-ID: <[a-z2-7]{24}@example\.org>", raw, re.MULTILINE)


def test_nobody_learns_who_is_on_the_list(shared: House) -> None:
    """New, known, left, complained, asked a moment ago: the answer is the same to the byte, and so are its headers."""
    with opened(shared.folder / "readers.sqlite") as book:
        readers.suppress(book, "r21@example.org", "unsubscribed", now=NOW)
        readers.suppress(book, "r22@example.org", "complained", now=NOW)
    before = len(shared.inbox.taken)
    answers = [
        shared.sign_up(who)
        for who in ("new@example.org", "r20@example.org", "r21@example.org", "r22@example.org", "new@example.org")
    ]
    mails = dict(shared.mails(before + 3)[before:])

    assert (
        len(
            {
                (one.status, one.text, tuple(sorted(one.headers.items() - {("date", one.headers["date"])})))
                for one in answers
            }
        )
        == 1
    )
    assert set(mails) == {"new@example.org", "r20@example.org", "r21@example.org"}, "none to who complained"
    assert "gets the letter already" in mails["r20@example.org"]
    assert "/p/" in mails["r20@example.org"]
    assert "/c/" in mails["r21@example.org"], "who left may come back"


def test_a_mailbox_gets_one_mail_however_often_it_is_asked_for(shared: House) -> None:
    """Twenty forms at once, in other spellings, from as many networks."""
    before = len(shared.inbox.taken)
    spelled = ["list.bomb@example.org", "LIST.bomb@example.org", "List.Bomb@EXAMPLE.org", " list.bomb@example.org "]
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(shared.sign_up, spelled[place % 4], X_Forwarded_For=f"192.0.2.{place}") for place in range(20)
        ]
    assert {job.result().status for job in jobs} == {200}
    shared.mails(before + 1)
    time.sleep(0.3)
    assert len(shared.inbox.taken) == before + 1


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nobody",
        "a@b",
        "a@example.org\nBcc: b@example.org",
        "a@example.org\r\n",
        "=?UTF-8?Q?=0A?=@example.org",
        "a b@example.org",
        "a@localhost",
        "x" * 300 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused_with_the_form_kept(shared: House, given: str) -> None:
    """The form comes back with the reason; nothing is sent."""
    before = shared.rows("SELECT count(*) FROM signup")
    found = shared.sign_up(given, frequency="decisions")

    if given == "a@example.org\r\n":
        assert "\n" not in re.findall(r'name="address"[^>]*value="([^"]*)"', found.text)[0].strip()
    assert found.status == 422
    assert 'role="alert"' in found.text
    assert 'value="decisions" checked' in found.text
    assert shared.rows("SELECT count(*) FROM signup") == before


def test_a_form_from_elsewhere_has_to_be_looked_at_first(shared: House) -> None:
    """Without our mark, or with one of another network, another key or yesterday, the form is shown, filled in."""
    now = datetime.now(UTC).timestamp()
    before = shared.rows("SELECT count(*) FROM signup")
    for stamp in (
        "", "nonsense", "ä",
        visitors.stamp(KEY, "192.0.2.1", now),
        visitors.stamp(b"x" * 32, "127.0.0.1", now),
        visitors.stamp(KEY, "127.0.0.1", now - 86_400),
    ):  # fmt: skip
        found = shared.ask(
            "/subscribe", {"address": '"><script>@example.org', "stamp": stamp}, Origin="https://evil.example"
        )
        assert found.status == 200
        assert "press the button" in found.text
        assert "<script>" not in found.text
        assert "&lt;script&gt;" in found.text
    assert shared.rows("SELECT count(*) FROM signup") == before


def test_a_network_may_sign_up_so_often_an_hour(tmp_path: Path) -> None:
    """An IPv6 network is a /64; the limit says when to come again, and stops neither others nor leaving."""
    mailroom.fill(tmp_path / "readers.sqlite", 1)
    with open_house(tmp_path, proxies=PROXY, per_network=3) as running:
        found = [
            running.sign_up(f"v6.{place}@example.org", X_Forwarded_For=f"2001:db8:1:2::{place:x}") for place in range(4)
        ]
        other = running.sign_up("v6.other@example.org", X_Forwarded_For="2001:db8:1:3::1")
        left = running.ask(leave_link(1), {}, X_Forwarded_For="2001:db8:1:2::1")
        running.stop()

    assert [one.status for one in found] == [200, 200, 200, 429]
    assert 3_500 < int(found[3].headers["retry-after"]) <= 3_600
    assert (other.status, left.status) == (200, 200)
    assert [one["network"] for one in running.journal() if one["event"] == "limit"] == [
        visitors.hashed(KEY, "2001:db8:1:2::/64")
    ]


def test_nobody_is_believed_about_where_they_come_from(tmp_path: Path) -> None:
    """Without `proxies`, X-Forwarded-For is words of a stranger."""
    with open_house(tmp_path, per_network=2) as running:
        found = [running.sign_up(f"a{n}@example.org", X_Forwarded_For=f"192.0.2.{n}").status for n in range(3)]
    assert found == [200, 200, 429]


def test_a_language_is_asked_for_only_where_there_are_several(tmp_path: Path) -> None:
    """And kept."""
    with open_house(tmp_path, languages=["en", "pt-br"]) as running:
        assert "<select" in running.ask("/").text
        running.sign_up("a@example.org", language="pt-br")
        running.ask(running.link(1), {})
        assert running.rows("SELECT language FROM reader") == [("pt-br",)]


def test_a_link_to_confirm_works_once(tmp_path: Path) -> None:
    """Pressed again it changes nothing: who left meanwhile stays away until they sign up anew."""
    with open_house(tmp_path) as running:
        running.sign_up("a@example.org")
        path = running.link(1)
        running.ask(path, {})
        running.ask(link(tokens.UNSUBSCRIBE, 1, "a@example.org"), {})
        assert running.ask(path, {}).status == 200
        assert suppressed(running) == {"a@example.org": "unsubscribed"}


# --- leaving and choosing ---------------------------------------------------------------------------------------


def test_one_click_leaves_at_once(shared: House) -> None:
    """As a mail program posts it (RFC 8058), either way: 200, no redirect, no cookie; twice is no mistake."""
    boundary = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    first = shared.ask(leave_link(1), {"List-Unsubscribe": "One-Click"})
    other = shared.ask(leave_link(2), boundary, Content_Type="multipart/form-data; boundary=x")
    again = shared.ask(leave_link(1), {"List-Unsubscribe": "One-Click"})
    bare = shared.ask(leave_link(3).upper().replace("/U/", "/u/"), b"")

    for found in (first, other, again, bare):
        assert (found.status, found.title) == (200, "You are off the list")
        assert not {"location", "set-cookie"} & set(found.headers)
        assert "@" not in found.text
    assert {f"r{n}@example.org" for n in (1, 2, 3)} <= suppressed(shared).keys()


def test_looking_at_a_link_changes_nothing(shared: House) -> None:
    """Scanners open every link, and some look at it with HEAD."""
    found = shared.ask(leave_link(4))
    raw = house.raw(shared.port, f"HEAD {leave_link(4)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert found.title == "Leave the list?"
    assert '<form method="post">' in found.text
    assert raw.startswith(b"HTTP/1.1 200")
    assert "r4@example.org" not in suppressed(shared)


@pytest.mark.parametrize("how", ["forged", "other purpose", "nobody", "another mailbox", "short"])
def test_a_link_that_is_not_ours_is_no_page(shared: House, how: str) -> None:
    """404 for all alike, by GET and by POST."""
    path = {
        "forged": leave_link(5, key=b"x" * 32),
        "other purpose": "/u" + link(tokens.PREFER, 5, "r5@example.org")[2:],
        "nobody": leave_link(4_000_000),
        "another mailbox": link(tokens.UNSUBSCRIBE, 5, "r6@example.org"),
        "short": leave_link(5)[:-1],
    }[how]
    assert [shared.ask(path).status, shared.ask(path, {}).status] == [404, 404]
    assert "r5@example.org" not in suppressed(shared)


def test_a_link_that_is_over_says_so(shared: House) -> None:
    """410, and nothing is done."""
    assert shared.ask(leave_link(5, days=-1), {}).status == 410
    assert shared.ask(link(tokens.PREFER, 5, "r5@example.org", days=-1)).status == 410
    assert "r5@example.org" not in suppressed(shared)


def test_a_reader_chooses_which_letters_come(shared: House) -> None:
    """From the link in the mail, or instead of leaving; what is no choice is refused."""
    instead = re.search(r'href="(/p/[a-z2-7]{32})"', shared.ask(leave_link(7)).text)
    assert instead
    page = shared.ask(instead[1])
    kept = shared.ask(instead[1], {"frequency": "decisions"})

    assert 'value="daily" checked' in page.text
    assert "@" not in page.text
    assert "Kept." in kept.text
    assert 'value="decisions" checked' in kept.text
    assert shared.rows("SELECT frequency FROM reader WHERE id = 7") == [("decisions",)]
    assert shared.ask(instead[1], {"frequency": "hourly"}).status == 400
    assert shared.ask(instead[1], {}).status == 400
    leave = re.search(r'href="(/u/[a-z2-7]{32})"', page.text)
    assert leave
    assert shared.ask(leave[1], {}).title == "You are off the list"
    assert shared.ask(instead[1]).title == "You are off the list"


# --- the house --------------------------------------------------------------------------------------------------


def test_every_answer_is_framed(shared: House) -> None:
    """No script, nothing from elsewhere, no frame around it, no cookie; pages with a token are kept by nobody."""
    for path in ("/", "/nowhere", leave_link(8), "/u/x", "/style.css", "/fonts/Inter-Regular.woff2", "/letters/"):
        found = shared.ask(path) if "woff2" not in path else shared_headers(shared, path)
        policy = found.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert path == "/letters/" or "default-src 'none'" in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in found.headers
        assert "server" not in found.headers
        assert "<script" not in found.text
        assert "no-store" in found.headers.get("cache-control", "") or path.startswith(("/style", "/font", "/letters"))


def test_a_browser_that_asks_for_an_icon_finds_that_there_is_none(shared: House) -> None:
    """Chromium asks now and then, though every page says that it has none."""
    found = shared.ask("/favicon.ico")

    assert (found.status, found.text) == (204, "")


def shared_headers(running: House, path: str) -> house.Answer:
    """Ask for what is no text."""
    head = house.raw(running.port, f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()).decode()
    lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
    return house.Answer(int(head.split()[1]), {name.lower(): value for name, _, value in lines}, "")


def test_the_archive_is_shown_and_nothing_beside_it(shared: House) -> None:
    """No hidden file, no file of another folder, whichever way it is asked for."""
    assert shared.ask("/letters/").title == "All letters"
    assert "All letters" in shared.ask("/").text
    for path in (
        "/letters/.capline.lock",
        "/letters/../readers.sqlite",
        "/letters/%2e%2e/readers.sqlite",
        "/letters/..%2freaders.sqlite",
        "/.env",
    ):
        raw = house.raw(shared.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert raw.startswith(b"HTTP/1.1 404"), path


def test_odd_requests_get_plain_answers(shared: House) -> None:
    """Too long, broken, the wrong way round."""
    assert shared.ask("/subscribe").status == 405
    assert shared.ask("/", b"x").status == 405
    assert shared.ask("/subscribe", b"x" * 20_000).status == 413
    assert shared.ask("/subscribe", b"address=%ff%fe", Content_Type="text/plain").status == 200
    assert shared.ask("/subscribe", b"\xff", Content_Type="application/x-www-form-urlencoded").status == 400
    assert shared.ask("/subscribe", b"a=1&" * 50).status == 400
    assert shared.ask("/subscribe", b"--x", Content_Type="multipart/form-data").status == 200
    assert house.raw(shared.port, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert shared.ask("/health").text == '{"status":"ok"}'


def test_the_journal_names_nobody(tmp_path: Path) -> None:
    """Lines of JSON without an address, a token, or a network in clear, whatever was asked for."""
    mailroom.fill(tmp_path / "readers.sqlite", 1)
    with open_house(tmp_path, proxies=PROXY, per_network=1) as running:
        for _ in range(2):
            running.sign_up("secret.person@example.org", X_Forwarded_For="198.51.100.77")
        running.mails(1)
        running.ask(running.link(1), {})
        running.ask("/secret.person@example.org?address=secret.person@example.org")
        running.ask(leave_link(1), {})
        with closing(sqlite3.connect(tmp_path / "readers.sqlite")) as book:
            book.execute("DROP TABLE signup")
        failed = running.sign_up("secret.person@example.org", X_Forwarded_For="198.51.100.78")
        health = running.ask("/health")
        assert running.stop() == 0
    said = "\n".join(running.lines)

    assert (failed.status, health.status) == (503, 503)
    assert "secret.person@example.org" not in failed.text.replace('value="secret.person@example.org"', "")
    assert "secret" not in said
    assert "198.51.100" not in said
    assert not re.search(r"[a-z2-7]{32}", said)
    assert {one["page"] for one in running.journal() if one["event"] == "request"} >= {"sign-up", "confirm", "leave"}
    assert any(one["level"] == "error" for one in running.journal())


def test_the_words_of_an_error_are_not_told() -> None:
    """Its kind and place are: the words may name a reader."""
    try:
        tokens.read("secret.person@example.org")
    except BadToken:
        found = sys.exc_info()
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "x", 1, "failed: secret.person@example.org", (), found)
    line = json.loads(JsonLines().format(record))

    assert (line["event"], line["kind"], line["level"]) == ("exception", "BadToken", "error")
    assert any("tokens.py" in place for place in line["places"])
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_stops_in_good_order(tmp_path: Path, number: int, code: int) -> None:
    """What was asked for is written, a mail that is under way is finished, and another run finds the rest."""

    def slowly(_address: str, _times: int) -> None:
        time.sleep(0.5)

    with open_house(tmp_path, inbox=Inbox(answer=slowly)) as running:
        running.sign_up("a@example.org")
        while not running.inbox.tried:
            time.sleep(0.01)
        running.sign_up("b@example.org")
        assert running.stop(number) == code
        assert [to for to, _, _ in running.inbox.taken] == ["a@example.org"]
    assert running.journal()[-1]["event"] == "stopped"

    with open_house(tmp_path) as running:
        assert [to for to, _ in running.mails(1)] == ["b@example.org"]


def test_a_request_under_way_is_finished_before_the_end(tmp_path: Path) -> None:
    """Half of a form is in when it is told to stop; the rest comes, is answered and written; no new one is taken."""
    mailroom.fill(tmp_path / "readers.sqlite", 1)
    with open_house(tmp_path) as running, socket.create_connection(("127.0.0.1", running.port), 10) as line:
        line.sendall(f"POST {leave_link(1)} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList-Unsubscribe".encode())
        time.sleep(0.3)
        running.process.terminate()
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", running.port), 1)
        line.sendall(b"=One-Click")
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        line.close()
        assert running.process.wait(20) == 0
        assert suppressed(running) == {"r1@example.org": "unsubscribed"}


def test_killed_in_the_middle_of_a_mail_it_sends_no_second_one(tmp_path: Path) -> None:
    """The mail is claimed on the disk before its first byte."""

    def hanging(_address: str, _times: int) -> None:
        time.sleep(1)

    with open_house(tmp_path, inbox=Inbox(answer=hanging)) as running:
        running.sign_up("a@example.org")
        while not running.inbox.tried:
            time.sleep(0.01)
        running.process.kill()
        running.process.wait()
    with open_house(tmp_path) as running:
        running.sign_up("a@example.org")
        running.sign_up("b@example.org")
        assert [to for to, _ in running.mails(1)] == ["b@example.org"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('https://letters.example.org"\nport', '"\nport'), "no url is set"),
        (('host = "127.0.0.1"', 'host = ""'), "no host is set"),
        (("/u/{token}", "/leave/{token}"), "is no page of `serve`"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    """Before anything is served."""
    house.settings(tmp_path, 25)
    file = tmp_path / "newsletter.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with house.running(tmp_path) as process:
        assert process.wait(20) == 2
    assert words in house.said(tmp_path)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With what to do."""
    with serving(Inbox()) as port:
        house.settings(tmp_path, 25, port=port)
        with house.running(tmp_path) as process:
            assert process.wait(20) == 2
    assert f"cannot listen at 127.0.0.1 port {port}" in house.said(tmp_path)


def test_without_the_libraries_it_says_what_to_install(tmp_path: Path) -> None:
    """Help and all other commands do without them."""
    house.settings(tmp_path, 25)
    code = "import sys; sys.modules['uvicorn'] = None; from generator.cli import run;raise SystemExit(run(['serve']))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(house.ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "capline serve needs the library uvicorn" in ended.stderr
    assert ".[serve]" in ended.stderr


# --- networks and marks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # not from a proxy of ours
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the first one is a stranger's word
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("", "", visitors.UNKNOWN),
    ],
)
def test_a_network_is_an_address_or_a_64(peer: str, forwarded: str, network: str) -> None:
    """X-Forwarded-For counts from the right, as far as it was written by a proxy of ours."""
    assert visitors.network(peer, forwarded, [ip_network("10.0.0.0/8")]) == network


def test_the_limit_slides_and_forgets() -> None:
    """Three an hour: the fourth has to wait until the first is an hour old. Memory has an end."""
    limit = visitors.Limit(3)
    assert [limit.wait("a", now) for now in (0, 10, 20, 30)] == [0, 0, 0, 3_570]
    assert limit.wait("b", 30) == 0
    assert limit.wait("a", 3_601) == 0
    for place in range(visitors.KEPT + 10):
        limit.wait(f"n{place}", 4_000)
    assert limit.wait("a", 4_000) == 0, "forgotten"


def test_a_mark_holds_an_hour() -> None:
    """For its network, and not before it was made."""
    mark = visitors.stamp(KEY, "n", 1_000_000)
    assert visitors.stamped(KEY, "n", mark, 1_000_000)
    assert visitors.stamped(KEY, "n", mark, 1_003_598)
    assert not visitors.stamped(KEY, "n", mark, 1_003_602)
    assert not visitors.stamped(KEY, "n", mark, 999_990)


# --- sign-ups over days -----------------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path, place: Path | str) -> Iterator[Office]:
    """Open an office whose clock stands at NOW."""
    database = place if isinstance(place, str) else ""
    mail = MailSettings(readers=tmp_path / "readers.sqlite", database=database)
    settings = Settings(mail=mail, serve=ServeSettings(url="https://letters.example.org", mails_an_hour=5))
    with opened(mail.book) as book:
        signup.prepare(book)
        yield Office(settings=settings, connection=book, key=KEY, clock=lambda: NOW)


def wish(who: str = "a@example.org", **given: str) -> Wish:
    """Ask for the letter."""
    known = {"language": "", "frequency": "daily", "network": "n", "consent": "I agree."}
    return Wish(address=address(who), **(known | given))


def ask(office: Office, who: str = "a@example.org", *, now: datetime = NOW, **given: str) -> None:
    """Enter a sign-up."""
    signup.ask(office.connection, wish(who, **given), now=now, days=3, an_hour=5)


def due(office: Office, now: datetime = NOW) -> list[Due]:
    """List the mails to send."""
    return signup.due(office.connection, now=now, an_hour=5)


def test_a_second_mail_goes_out_only_a_day_later(office: Office) -> None:
    """To the second; the newer wish counts then."""
    ask(office)
    (mail,) = due(office)
    assert signup.claim(office.connection, mail, now=NOW)
    assert not signup.claim(office.connection, mail, now=NOW)
    for hours in (1, 23, 23.99):
        ask(office, now=NOW + timedelta(hours=hours))
        assert due(office, NOW + timedelta(hours=hours)) == []
    later = NOW + timedelta(days=1)
    ask(office, now=later, frequency="weekly")
    (again,) = due(office, later)
    assert again.id == mail.id
    assert office.connection.execute("SELECT frequency FROM signup").fetchall() == [("weekly",)]


def test_spellings_that_reach_one_person_count_as_one_mailbox(office: Office) -> None:
    """What follows a plus, and dots at Gmail; elsewhere a dot makes another name."""
    for who in ("ann.smith+1@gmail.com", "annsmith@gmail.com", "a.n.n.smith+x+y@googlemail.com"):
        ask(office, who)
    for who in ("ann.smith+1@example.org", "ann.smith@example.org", "annsmith@example.org"):
        ask(office, who)
    assert [mail.address for mail in due(office)] == [
        "ann.smith+1@gmail.com", "ann.smith+1@example.org", "annsmith@example.org",
    ]  # fmt: skip
    for mail in due(office):
        signup.claim(office.connection, mail, now=NOW)
    later = NOW + timedelta(days=1)
    ask(office, "annsmith@gmail.com", now=later)
    assert [mail.address for mail in due(office, later)] == ["annsmith@gmail.com"]


def test_so_many_mails_an_hour_and_no_more(office: Office) -> None:
    """The rest waits; when a day's worth waits, sign-ups are turned away, whoever asks."""
    for place in range(120):
        ask(office, f"a{place}@example.org")
    with pytest.raises(TooMany):
        ask(office, "one.more@example.org")
    first = due(office)
    assert len(first) == 5
    for mail in first:
        signup.claim(office.connection, mail, now=NOW)
    assert due(office, NOW + timedelta(minutes=59)) == []
    assert len(due(office, NOW + timedelta(minutes=61))) == 5


def test_a_link_is_over_after_its_days_and_the_sign_up_forgotten(office: Office) -> None:
    """Who never confirms leaves no trace; not before their mailbox may be written to again."""
    ask(office)
    (mail,) = due(office)
    signup.claim(office.connection, mail, now=NOW)
    path = re.search(r"/c/(\w{32})", compose(office, mail, now=NOW).decode())
    assert path
    assert signup.pending(office.connection, KEY, path[1], now=NOW + timedelta(days=3)) == (mail.id, False)
    with pytest.raises(BadToken, match="over"):
        signup.confirm(office.connection, KEY, path[1], now=NOW + timedelta(days=4), network="n")
    assert signup.purge(office.connection, now=NOW + timedelta(days=3)) == 0
    assert signup.purge(office.connection, now=NOW + timedelta(days=4)) == 1
    assert office.connection.execute("SELECT count(*) FROM signup").fetchone()[0] == 0


def test_who_left_or_bounced_may_come_back_and_who_complained_may_not(office: Office) -> None:
    """Confirming lifts what was suppressed, with a new proof; a complaint, even one after asking, stays."""
    book = office.connection
    for number, reason in enumerate(("unsubscribed", "bounced", "complained"), start=1):
        who = f"{reason}@example.org"
        with written(book):
            book.execute("INSERT INTO reader (address, key, proof) VALUES (?, ?, 'old')", (who, who))
        ask(office, who)
        readers.suppress(book, who, reason, now=NOW)
        token = tokens.sign(KEY, tokens.CONFIRM, number, who, tokens.last_day(NOW.date()))
        assert signup.confirm(book, KEY, token, now=NOW, network="n")
        assert not signup.confirm(book, KEY, token, now=NOW, network="n")
    assert book.execute("SELECT key FROM suppression").fetchall() == [("complained@example.org",)]
    assert '"I agree."' in book.execute("SELECT proof FROM reader WHERE id = 1").fetchone()[0]
    assert book.execute("SELECT count(*) FROM reader").fetchone()[0] == 3


@pytest.mark.parametrize(
    ("answer", "mails", "again"),
    [(None, 1, 0), ("550 5.1.1 no", 0, 0), ("451 4.3.0 later", 0, 1), ("drop", 0, 0), ("cut", 1, 0)],
)
def test_what_the_relay_says_decides_whether_a_mail_is_tried_again(
    office: Office, answer: str | None, mails: int, again: int
) -> None:
    """Refused and uncertain ones are not; one that was put off is, ten minutes later."""
    ask(office)
    inbox = Inbox(answer=lambda _address, _times: answer)
    with serving(inbox) as port:
        taken = Poster(office, mailroom.relay(port)).send()
    assert taken == (answer is None)
    assert len(inbox.taken) == mails
    assert len(due(office)) == 0
    assert len(due(office, NOW + timedelta(minutes=10))) == again


def test_a_relay_that_is_away_costs_no_try(office: Office) -> None:
    """The mail is tried again a minute later, as often as it takes."""
    ask(office)
    for _ in range(10):
        assert Poster(office, mailroom.relay(1)).send() == 0
    assert office.connection.execute("SELECT tries, mailed FROM signup").fetchone() == (0, 0)
    assert len(due(office, NOW + timedelta(minutes=1))) == 1


def test_an_international_address_needs_a_relay_that_takes_it(office: Office) -> None:
    """It is written to in UTF-8 where that is known, and to nobody else where it is not."""
    for smtputf8, mails in ((False, 0), (True, 1)):
        ask(office, f"jörg{mails}@example.org")
        inbox = Inbox()
        with serving(inbox, enable_SMTPUTF8=smtputf8, decode_data=False) as port:
            Poster(office, mailroom.relay(port)).send()
        assert [to for to, _, _ in inbox.taken] == [f"jörg{mails}@example.org"] * mails


def test_an_address_that_could_become_two_headers_is_never_written_to(office: Office) -> None:
    """Whoever entered it; the mails after it go out."""
    for who in ("=?UTF-8?Q?=0ABcc:=20b?=@example.org", "fine@example.org"):
        office.connection.execute(
            "INSERT INTO signup (address, key, person, language, frequency, asked, network, consent, through, due)"
            " VALUES (?, ?, ?, '', 'daily', '', '', '', '2026-11-27', 0)",
            (who, who, who),
        )
    inbox = Inbox()
    with serving(inbox) as port:
        assert Poster(office, mailroom.relay(port)).send() == 1
    assert [to for to, _, _ in inbox.taken] == ["fine@example.org"]


def test_a_form_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that never ends holds nothing up."""

    async def silent() -> dict[str, object]:
        await anyio.sleep(5)
        return {}

    monkeypatch.setattr(forms, "PATIENCE", 0.05)
    request = Request({"type": "http", "method": "POST", "headers": []}, silent)  # type: ignore[arg-type]
    with pytest.raises(HTTPException) as given_up:
        anyio.run(forms.fields, request)
    assert given_up.value.status_code == 408
