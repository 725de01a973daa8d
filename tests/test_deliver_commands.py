"""The commands that send, as a person runs them: readers, preflight, send."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import engines
import mailroom
import pytest
from engines import ListmonkDesk
from mailroom import NOW, Inbox, serving

from generator.cli import run
from generator.config import MailSettings
from generator.deliver import dispatch
from generator.deliver.book import opened
from generator.deliver.preflight import Candidate, checks
from generator.deliver.readers import take_in
from generator.edition import from_json
from generator.errors import Busy, NoReaders, Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsroom import Newsroom

    from generator.deliver.dispatch import Balance

DAY = "2024-09-18"
ID = f"{DAY}-daily"


@pytest.fixture(scope="module")
def forms(room: Newsroom) -> dict[str, bytes]:
    """Render a letter, each form once."""
    return mailroom.own_letter(room, DAY)


@pytest.fixture
def office(tmp_path: Path, store_file: Path, forms: dict[str, bytes]) -> Path:
    """A folder with a letter in it and settings to send it; the port of the relay is still to be named."""
    mailroom.office(tmp_path, store_file, forms, ID)
    (tmp_path / "readers.csv").write_text(
        "address,frequency\nA@example.org,daily\nb@example.org,daily\nw@example.org,weekly\n"
    )
    return tmp_path


@dataclass(frozen=True, slots=True)
class Said:
    """What a command ended with, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command in the office, without a process of its own."""
    monkeypatch.chdir(office)
    for name in ("CAPLINE_KEY", "CAPLINE_SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    def called(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = run(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capsys.readouterr())

    return called


def relay(office: Path, port: int) -> None:
    """Name the relay in the settings."""
    with (office / "newsletter.toml").open("a", encoding="utf-8") as more:
        more.write(f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nretry_after = [0.1]\n')


# --- from end to end --------------------------------------------------------------------------------------------


def test_a_letter_is_sent_to_its_readers_once(office: Path, call: Callable[..., Said]) -> None:
    """Import, look, send, send again: the weekly reader gets no daily letter, and nobody two."""
    inbox = Inbox()
    with serving(inbox) as port:
        relay(office, port)
        assert "added      3" in call("readers", "import", "readers.csv").stdout
        dry = call("send", "--dry-run")
        assert f"{ID}: 2 readers would get it\n  A@example.org\n  b@example.org\n  not for them: 1" in dry.stdout
        assert not inbox.taken

        first = call("send")
        again = call("send")

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "accepted            2" in first.stdout
    assert inbox.copies == {"A@example.org": 1, "b@example.org": 1}
    assert (office / "out/private/key").stat().st_mode & 0o777 == 0o600
    assert "accepted" in call("readers", "list", "--edition", ID).stdout


def test_what_a_run_prints_names_no_reader(office: Path, call: Callable[..., Said]) -> None:
    """A log may be public; refusals are counted, with addresses left out."""
    inbox = Inbox(greet=lambda address: f"550 5.1.1 <{address}> unknown" if address[0] == "b" else None)
    with serving(inbox) as port:
        relay(office, port)
        call("readers", "import", "readers.csv")
        found = call("send")

    assert found.returncode == 0
    assert "rejected: 1 x 550 5.1.1 <…> unknown" in found.stdout
    assert "@" not in found.stdout + found.stderr


def test_a_proof_goes_to_one_address_and_into_no_ledger(office: Path, call: Callable[..., Said]) -> None:
    """The reasons against sending it to readers are shown."""
    inbox = Inbox()
    with serving(inbox) as port:
        relay(office, port)
        found = call("send", "--to", "me@example.org")

    assert found.returncode == 0, found.stderr
    assert list(inbox.copies) == ["me@example.org"]
    assert not (office / "out/private/readers.sqlite").exists()


def test_preflight_refuses_with_every_reason(office: Path, call: Callable[..., Said]) -> None:
    """A changed figure, a way out that is not set, data that are old: all are told, and nothing is sent."""
    letter = office / "out" / "editions" / ID / "letter.eml"
    letter.write_bytes(letter.read_bytes().replace(b"X-Capline-Digest: ", b"X-Capline-Digest: 0", 1))
    file = office / "newsletter.toml"
    file.write_text(file.read_text().replace('unsubscribe_mailto = "leave@example.org"\nmax_age_days = 0\n', ""))
    inbox = Inbox()
    with serving(inbox) as port:
        relay(office, port)
        found = [call(name) for name in ("preflight", "send")]

    for one in found:
        assert one.returncode == 8
        for reason in ("a letter is news for 4 days", "another edition.json", "neither a page nor a mailbox"):
            assert reason in one.stderr
    assert "NO  data are fresh" in found[0].stdout
    assert "ok  size" in found[0].stdout
    assert not inbox.tried


def test_without_readers_or_relay_the_error_says_what_to_do(office: Path, call: Callable[..., Said]) -> None:
    """An empty list is no success."""
    assert "no host is set" in call("send").stderr
    with serving(Inbox()) as port:
        relay(office, port)
        found = call("send")
    assert found.returncode == 8
    assert "capline readers import FILE" in found.stderr


def test_a_wrong_name_is_answered_with_the_right_ones(call: Callable[..., Said]) -> None:
    """For the edition, the state and the action."""
    assert ID in call("send", "--edition", "2024-09-19-daily").stderr
    assert "there is no edition in the ledger" in call("readers", "list", "--edition", "x").stderr
    assert call("readers", "delete").returncode == 2
    assert call("readers", "import").returncode == 2


def test_suppression_by_hand_and_back(office: Path, call: Callable[..., Said]) -> None:
    """The list shows it; lifting is for who asks for the letter again."""
    call("readers", "import", "readers.csv")
    assert "1 get nothing more" in call("readers", "suppress", "a@EXAMPLE.org").stdout
    assert "A@example.org\tdaily\tany\t\tunsubscribed" in call("readers", "list").stdout
    assert "1 get letters again" in call("readers", "lift", "a@example.org").stdout
    assert "readers" in call("readers", "export", "all.csv").stdout
    assert (office / "all.csv").read_text().count("@") == 3


# --- through an engine with readers of its own ------------------------------------------------------------------


def engine(office: Path, url: str) -> None:
    """Name a listmonk in the settings."""
    file = office / "newsletter.toml"
    words = file.read_text(encoding="utf-8").replace("[mail]\n", '[mail]\nengine = "listmonk"\n')
    words += f'[listmonk]\nurl = "{url}"\nuser = "capline"\nlists = {{ daily = [1] }}\ntemplate = 7\n'
    file.write_text(words, encoding="utf-8")


def test_a_letter_is_handed_over_once(office: Path, call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at, proved, handed over, and again: one campaign; no readers of ours are needed, and no key is shown."""
    monkeypatch.setenv("CAPLINE_LISTMONK_TOKEN", "tOkEn")
    desk = ListmonkDesk(subscribers=("me@example.org",))
    with engines.serving(desk) as url:
        engine(office, url)
        assert "ok  listmonk takes it" in call("preflight").stdout
        dry = call("send", "--dry-run")
        assert "would send it to list 1 (Daily), 1,234 subscribers\n  it does not have it yet" in dry.stdout
        assert not desk.campaigns
        proof = call("send", "--to", "me@example.org")
        assert "sends a proof; campaign 41" in proof.stdout
        assert desk.campaigns[41]["status"] == "draft"
        first, again = call("send"), call("send")

    for one in (first, again):
        assert one.returncode == 0, one.stderr
        assert "(capline.capline.test/2024-09-18-daily) is running, 0 of 1,234 sent" in one.stdout
        assert "tOkEn" not in one.stdout + one.stderr
    (one,) = desk.campaigns.values()
    letter = (office / "out" / "editions" / ID / "letter.eml").read_bytes()
    assert len(desk.media) == letter.count(b"Content-Type: image/png") > 0
    assert "cid:" not in one["body"]
    assert not (office / "out" / "private").exists()


def test_an_engine_that_refuses_us_fails_preflight(
    office: Path, call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With code 8 and what to mend; the options for readers of ours are refused."""
    monkeypatch.setenv("CAPLINE_LISTMONK_TOKEN", "other")
    desk = ListmonkDesk()
    with engines.serving(desk) as url:
        engine(office, url)
        found = call("send")
        assert call("send", "--tag", "vip").returncode == 2
    assert found.returncode == 8
    assert "answered with 403: invalid API credentials (mend user, key or token of [listmonk]" in found.stderr
    assert not desk.campaigns
    monkeypatch.delenv("CAPLINE_LISTMONK_TOKEN")
    assert "set CAPLINE_LISTMONK_TOKEN or token_file" in call("send").stderr


# --- two at once, and what is left ------------------------------------------------------------------------------


def letter() -> dispatch.Letter:
    """Give a small letter."""
    return dispatch.Letter(id=mailroom.EDITION, kind="daily", language="en", content=mailroom.letter())


def told(folder: Path, port: int, **call: str) -> Balance:
    """Send to the readers of a folder; gives the balance."""
    found: list[Balance] = []
    given = {"tag": "", "resolve": ""} | call
    try:
        dispatch.send(
            mailroom.settings(folder, port), letter(), now=NOW, report=lambda _: None, tell=found.append, **given
        )
    except Unfinished:
        assert found
    return found[0]


def listed(folder: Path, count: int) -> None:
    """Take in so many readers."""
    (folder / "list.txt").write_text("".join(f"r{number}@example.org\n" for number in range(count)))
    with opened(folder / "private/readers.sqlite") as book:
        take_in(book, folder / "list.txt", folder / "rejects.csv", now=NOW)


def test_of_two_senders_one_works_and_the_other_says_so(tmp_path: Path) -> None:
    """The second ends with Busy, which is exit code 6, and sends nothing."""
    begun, go_on = threading.Event(), threading.Event()
    listed(tmp_path, 3)

    def slow(*_: object) -> None:
        begun.set()
        go_on.wait(10)

    inbox = Inbox(answer=slow)
    with serving(inbox) as port:
        first = threading.Thread(target=told, args=(tmp_path, port))
        first.start()
        assert begun.wait(10)
        try:
            with pytest.raises(Busy) as caught:
                told(tmp_path, port)
        finally:
            go_on.set()
            first.join()

    assert caught.value.exit_code == 6
    assert inbox.copies == {f"r{number}@example.org": 1 for number in range(3)}


def test_the_balance_accounts_for_everybody(tmp_path: Path) -> None:
    """Accepted, rejected, deferred and uncertain add up to the list; what is left is named."""
    listed(tmp_path, 20)
    fate = {"r3@example.org": "550 5.1.1 no", "r4@example.org": "451 4.2.0 later", "r5@example.org": "cut"}
    inbox = Inbox(answer=lambda address, _: fate.get(address))
    with serving(inbox) as port:
        found = told(tmp_path, port)

    assert found.counts == {"accepted": 17, "rejected": 1, "deferred": 1, "uncertain": 1}
    assert found.total == 20
    assert ("rejected", "550 5.1.1 no", 1) in found.reasons


def test_nobody_to_send_to_is_an_error(tmp_path: Path) -> None:
    """A tag that nobody has, for one."""
    listed(tmp_path, 2)
    with serving(Inbox()) as port, pytest.raises(NoReaders):
        told(tmp_path, port, tag="nobody")


# --- preflight, look by look ------------------------------------------------------------------------------------


@contextmanager
def web(pages: dict[str, bytes]) -> Iterator[str]:
    """Serve pages on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(200 if page is not None else 404)
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def candidate(forms: dict[str, bytes], path: Path) -> Candidate:
    """Give the letter as it lies on disk."""
    json = forms["edition.json"]
    return Candidate(edition=from_json(json, path=path), json=json, letter=forms["letter.eml"])


def looked(one: Candidate, *, day: date | None = None, **settings: object) -> dict[str, tuple[str, ...]]:
    """Look at everything but the store; gives the problems by name of the check, those that are well left out."""
    given = mailroom.MAIL.model_dump() | {"archive": ""} | settings
    today = day or one.edition.as_of
    found = checks(one, MailSettings.model_validate(given), now=NOW, today=today, verified=list)
    return {check.name: check.problems for check in found if check.problems}


def test_a_fresh_letter_whose_page_is_there_is_ready(forms: dict[str, bytes], tmp_path: Path) -> None:
    """Four days later too, and not five."""
    one = candidate(forms, tmp_path)
    with web({f"/{ID}/": forms["index.html"]}) as site:
        archive = f"{site}/{{edition}}/"
        assert looked(one, archive=archive) == {}
        assert looked(one, archive=archive, day=one.edition.as_of + timedelta(days=4)) == {}
        assert list(looked(one, archive=archive, day=one.edition.as_of + timedelta(days=5))) == ["data are fresh"]
        assert list(looked(one, archive=archive, day=one.edition.as_of - timedelta(days=1))) == ["data are fresh"]


def test_the_mail_does_not_go_out_before_its_page(forms: dict[str, bytes], tmp_path: Path) -> None:
    """Not there, another edition there, or no answer at all."""
    one = candidate(forms, tmp_path)
    old = forms["index.html"].replace(hashlib.sha256(one.json).hexdigest().encode(), b"0" * 64)
    with web({"/old/": old, "/none/": b"<p>Coming soon"}) as site:
        for path, problem in (("gone", "answers 404"), ("old", "another edition"), ("none", "another edition")):
            (found,) = looked(one, archive=f"{site}/{path}/?{{edition}}".replace("/?", "/#"))["page is published"]
            assert problem in found
    (found,) = looked(one, archive=f"{site}/{{edition}}/")["page is published"]
    assert "does not answer" in found


def test_dead_links_are_named(forms: dict[str, bytes], tmp_path: Path) -> None:
    """Each once."""
    one = candidate(forms, tmp_path)
    with web({"/alive": b"x"}) as site:
        link = f'<a href=3D"{site}/dead">x</a><a href=3D"{site}/alive">x</a></body>'.encode()
        changed = replace(one, letter=one.letter.replace(b"</body>", link, 1))
        assert looked(changed)["links"] == (f"{site}/dead: answers 404",)


def test_a_letter_from_nobodys_domain_is_refused(room: Newsroom, tmp_path: Path) -> None:
    """The default sender has to be replaced before anything goes out; one's own that looks alike is fine."""
    one = candidate(room.forms(DAY), tmp_path)
    assert "letter@example.org, a domain for examples" in looked(one)["sender"][0]
    own = one.letter.replace(b"From: Capline <letter@example.org>", b"From: Capline <letter@myexample.org>", 1)
    assert "sender" not in looked(replace(one, letter=own))


def test_a_figure_that_no_fact_supplied_is_found(forms: dict[str, bytes], tmp_path: Path) -> None:
    """Someone has added a promise by hand."""
    one = candidate(forms, tmp_path)
    changed = replace(one, letter=one.letter.replace(b"</body>", b"<p>Small caps will gain 73.19%.</p></body>", 1))
    assert "73.19" in looked(changed)["guard"][0]


def test_a_letter_of_another_edition_or_too_big_is_refused(forms: dict[str, bytes], tmp_path: Path) -> None:
    """By name and digest; Gmail cuts at about 102 kB."""
    one = candidate(forms, tmp_path)
    assert "letter and edition belong together" in looked(replace(one, json=one.json + b" "))
    big = one.letter.replace(b"</body>", b"<p>word</p>=\r\n" * 12_000 + b"</body>", 1)
    assert "size" in looked(replace(one, letter=big))
