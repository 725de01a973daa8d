"""The state: what lasts between runs comes back as it was or not at all, sealed; and no letter goes out twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import machines
import mailroom
import pytest
from machines import KEY, NOW, OTHER, Machine
from mailroom import EDITION, Inbox, serving

from generator import files, state
from generator.config import Settings
from generator.deliver import dispatch, ledger
from generator.deliver.book import opened, written
from generator.deliver.dispatch import Letter
from generator.errors import (
    BadSetting,
    Busy,
    StateDamaged,
    StateKey,
    StateMissing,
    StateMoved,
    StateShrunk,
    StateUnpushed,
    StateUnreachable,
    Unfinished,
)
from generator.state import checking, remotes
from generator.state.remote import Offered
from generator.state.seal import Broken, Seal
from generator.store import Store

ROOT = Path(__file__).parents[1]
KILLS = 2
MOST, QUICKER = 25, 0.8  # tries, each nearer to the begin: a quick machine is done before it can be killed
CLI = [sys.executable, "-m", "generator", "state"]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every machine has the key, as a job has its secret."""
    monkeypatch.setenv("CAPLINE_STATE_KEY", KEY)


@pytest.fixture(params=["git", "folder"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a place that states are kept at, of either kind, with nothing in it."""
    return machines.bare(tmp_path / "remote.git") if request.param == "git" else str(tmp_path / "remote")


@pytest.fixture
def first(tmp_path: Path, remote: str) -> Machine:
    """Give a machine that has worked for a day and pushed."""
    made = Machine(tmp_path / "first", remote).fill()
    made.push(new=True)
    return made


@pytest.fixture
def second(tmp_path: Path, first: Machine) -> Machine:
    """Give a machine that has pulled what the first one pushed."""
    made = Machine(tmp_path / "second", first.remote)
    made.pull()
    return made


# --- there and back ---------------------------------------------------------------------------------------------


def test_what_was_pushed_comes_back_as_it_was(first: Machine, second: Machine) -> None:
    """Store, letters, chain, journal, readers and key; what is for its owner's eyes is so there too."""
    assert second.files().keys() == first.files().keys()
    assert {name for name in first.files() if first.files()[name] != second.files()[name]} <= {"readers/readers.sqlite"}
    with opened(first.book) as one, opened(second.book) as other:
        assert list(one.iterdump()) == list(other.iterdump())
    assert [path.stat().st_mode & 0o777 for path in (second.book, second.output / "private/key")] == [0o600, 0o600]
    assert second.problems() == []
    assert first.problems() == []


def test_nothing_new_is_nothing_pushed(first: Machine, second: Machine) -> None:
    """Neither after a push nor after a pull; the number stays."""
    before = machines.everything(first.remote)

    assert [first.push().sent, second.push().sent, second.push().number] == [0, 0, 1]
    assert machines.everything(first.remote) == before


def test_a_push_sends_only_what_is_new(first: Machine, second: Machine) -> None:
    """A letter more is a few kilobytes, whatever else there is; the other machine then has it."""
    (first.output / "editions/2026-11-23-daily/letter.eml").write_bytes(machines.noise(1, 5_000_000))
    first.push()
    first.letter("2026-11-24-daily")
    done = first.push()

    assert done.changed == 3  # edition.json, index.html, chain.json
    assert done.sent < 60_000
    second.pull()
    assert (second.output / "editions/2026-11-24-daily/edition.json").exists()
    assert second.files()["editions/chain.json"] == first.files()["editions/chain.json"]


def test_a_branch_never_grows_by_a_day(tmp_path: Path) -> None:
    """However many days are pushed, it is one commit, and git sends what is new alone."""
    machine = Machine(tmp_path / "one", machines.bare(tmp_path / "remote.git")).fill()
    (machine.output / "runs/much.json").write_bytes(machines.noise(1, 3_000_000))
    machine.push(new=True)
    for day in range(3):
        machine.observe(date(2026, 11, 24 + day), 4.3 + day / 100)
        assert machine.push().number == day + 2

    assert machines.git(machine.remote, "rev-list", "--count", "capline-state").strip() == "1"
    loose = machines.git(machine.remote, "count-objects", "-v").splitlines()
    sizes = {name: int(value) for name, _, value in (line.partition(": ") for line in loose)}
    assert sizes["size"] + sizes["size-pack"] < 3_000 + 3 * 200  # kilobytes: all at once, then three days


def test_what_is_not_yet_in_the_file_of_the_book_goes_too(first: Machine, second: Machine) -> None:
    """A row in SQLite's journal, while another process has the book open."""
    with opened(first.book) as book:
        first.leave("r3@example.org")
        assert first.book.with_name("readers.sqlite-wal").stat().st_size
        first.push()
        assert book.execute("SELECT count(*) FROM suppression").fetchone() == (1,)
    second.pull()

    with opened(second.book) as book:
        assert book.execute("SELECT key FROM suppression").fetchall() == [("r3@example.org",)]


def test_what_the_store_holds_in_its_journal_goes_too(first: Machine, second: Machine) -> None:
    """A writer was killed; what it had committed is put into the file before that is copied."""
    child = multiprocessing.get_context("spawn").Process(target=observe_and_die, args=(first,))
    child.start()
    child.join()
    assert (first.output / "live.duckdb.wal").exists()
    first.push()
    second.pull()

    with Store.open(second.output / "live.duckdb") as store:
        assert store.reach() == {machines.SPEC.id: date(2026, 11, 30)}


def observe_and_die(machine: Machine) -> None:
    """Commit to the store, and be killed with it open."""
    with Store.open(machine.output / "live.duckdb", read_only=False) as store:
        store.append([machines.observation(date(2026, 11, 30), 5.0)])
        os.kill(os.getpid(), 9)


def test_a_letter_that_is_gone_there_goes_here(first: Machine, second: Machine) -> None:
    """A push that loses files is refused; forced, the other machine loses them too, and nothing else."""
    (first.output / "editions/2026-11-23-daily/index.html").unlink()
    with pytest.raises(StateShrunk, match=r"editions/2026-11-23-daily/index\.html"):
        first.push()
    first.push(force=True)
    second.pull()

    assert not (second.output / "editions/2026-11-23-daily/index.html").exists()
    assert second.problems() == []


# --- two machines, and time ---------------------------------------------------------------------------------------


def test_of_two_that_changed_the_same_state_one_is_told(first: Machine, second: Machine) -> None:
    """The later one pushes nothing; it pulls, giving up what it did, or a person decides."""
    first.letter("2026-11-24-daily")
    second.letter("2026-11-25-daily")
    first.push()
    before = machines.everything(first.remote)

    with pytest.raises(StateMoved, match="number 2 is there, this folder has seen number 1"):
        second.push()
    with pytest.raises(StateUnpushed, match=r"editions/2026-11-25-daily/edition\.json"):
        second.pull()
    assert machines.everything(first.remote) == before
    assert (second.output / "editions/2026-11-25-daily").exists()
    second.pull(force=True)
    assert not (second.output / "editions/2026-11-25-daily").exists()
    assert second.problems() == []


def test_of_two_that_push_at_the_same_moment_one_is_told(tmp_path: Path, first: Machine) -> None:
    """Both found the same; the second to write writes nothing."""
    other = Machine(tmp_path / "other", first.remote)
    offered = Offered(content=b"{}\n", parts=frozenset(), fresh=(), made=NOW)
    with remotes.opened(other.settings) as slow:
        found = slow.latest()
    first.leave("r1@example.org")
    first.push()
    before = machines.everything(first.remote)
    with remotes.opened(other.settings) as slow:
        slow.latest()
        with pytest.raises(StateMoved, match="another run has pushed meanwhile"):
            slow.replace(found, offered)

    assert [line for line in [before] if line != machines.everything(first.remote)] == []


def test_a_state_that_went_back_in_time_is_not_taken(first: Machine, second: Machine) -> None:
    """Somebody put an old copy there: whoever has seen a later one neither pulls nor pushes."""
    old = machines.copied(first.remote)
    first.leave("r1@example.org")
    first.push()
    second.pull()
    machines.went_back(first.remote, old)

    with pytest.raises(StateMoved, match="it went back: number 1 is there, this folder has seen number 2"):
        second.pull()
    with pytest.raises(StateMoved, match="it went back"):
        second.push()
    assert [one for one in second.problems() if "it went back" in one]
    assert second.push(force=True).number == 3
    assert first.pull().number == 3


@pytest.mark.parametrize("held", ["", "runs", "private/readers.sending"])
def test_nothing_is_replaced_under_somebody_at_work(first: Machine, second: Machine, held: str) -> None:
    """Who builds, runs or sends here keeps a pull away."""
    first.leave("r1@example.org")
    first.push()
    before = second.files()
    with files.held(second.output / held), pytest.raises(Busy):
        second.pull()

    assert second.files() == before
    second.pull()
    assert second.problems() == []


def test_a_folder_with_work_of_its_own_is_not_overwritten(tmp_path: Path, first: Machine) -> None:
    """A machine that never pulled and has letters neither loses them nor pushes them over others."""
    own = Machine(tmp_path / "own", first.remote)
    own.letter("2026-01-05-daily")

    with pytest.raises(StateUnpushed, match="2026-01-05-daily"):
        own.pull()
    with pytest.raises(StateMoved, match="which this folder has never seen"):
        own.push()
    assert [one for one in own.problems() if "never brought together" in one]


def test_the_site_knows_whether_a_state_is_old(tmp_path: Path) -> None:
    """An empty clone has seen no number; but what is published was pushed before."""
    first = Machine(tmp_path / "first", str(tmp_path / "remote")).fill()
    first.push(new=True)
    old = machines.copied(first.remote)
    first.letter("2026-11-24-daily")
    first.push()
    second = Machine(tmp_path / "second", first.remote)
    with machines.pages(first.output / "editions") as url:
        second.pull()
        assert state.compare(second.settings, url) == f"{url}/chain.json: 2 letters, none that is not here"
        assert "answers 404; nothing is published yet" in state.compare(second.settings, f"{url}/nowhere/")
        machines.went_back(first.remote, old)
        third = Machine(tmp_path / "third", first.remote)
        third.pull()
        with pytest.raises(StateMoved, match="has 2026-11-24-daily, which this state does not know"):
            state.compare(third.settings, url)


# --- missing, damaged ---------------------------------------------------------------------------------------------


def test_where_a_state_has_to_be_its_absence_is_an_error(tmp_path: Path, remote: str) -> None:
    """Only who says that it is the first time goes on, and then the first push makes it."""
    machine = Machine(tmp_path / "new", remote)
    with pytest.raises(StateMissing):
        machine.pull()
    with pytest.raises(StateMissing):
        machine.push()

    assert machine.pull(new=True).number == 0
    machine.fill()
    assert machine.push().number == 1


def test_a_state_that_vanished_is_not_begun_anew(first: Machine) -> None:
    """Not even with --new on a pull, since this folder knows that there was one."""
    machines.went_back(first.remote, machines.bare(Path(f"{first.remote}.empty.git")))

    with pytest.raises(StateMissing):
        first.pull(new=True)
    with pytest.raises(StateMissing, match="number 1 was there, and is gone"):
        first.push()


def test_any_altered_byte_is_found_before_anything_is_replaced(tmp_path: Path) -> None:
    """One flipped bit in each file of a folder, then each file gone, one after the other: nothing comes, it is said."""
    remote = tmp_path / "remote"
    Machine(tmp_path / "first", str(remote)).fill().push(new=True)
    second = Machine(tmp_path / "second", str(remote))
    second.observe(date(2026, 11, 20), 4.2)
    before = second.files()
    everything = [path for path in remote.rglob("*") if path.is_file()]
    assert len(everything) > 5

    for number, path in enumerate(everything):
        whole = path.read_bytes()
        harms = (whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:], whole[:-1], b"", None)
        for harm in harms if path.name == "state" else harms[number % 4 :][:1]:
            path.write_bytes(harm or b"")
            if harm is None:
                path.unlink()
            with pytest.raises(StateMissing if harm is None and path.name == "state" else StateDamaged):
                second.pull(force=True)
            assert second.files() == before
        path.write_bytes(whole)
    assert not list(second.output.rglob(".*.arriving"))
    second.pull(force=True)
    assert second.problems() == []


def test_a_part_cannot_stand_for_another(tmp_path: Path) -> None:
    """Two parts that changed places are both found: a name is sealed with its content."""
    remote = tmp_path / "remote"
    Machine(tmp_path / "first", str(remote)).fill().push(new=True)
    one, other = sorted(remote.glob("parts/??/*"))[:2]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)

    with pytest.raises(StateDamaged):
        Machine(tmp_path / "second", str(remote)).pull()


@pytest.mark.parametrize(
    ("name", "told", "spared"),
    [
        ("live.duckdb", "store", 12_288),
        ("live.duckdb", "store", 0),
        ("private/readers.sqlite", "readers and ledger", 4_096),
        ("private/readers.sqlite", "readers and ledger", 0),
        ("editions/2026-11-23-daily/edition.json", "editions and their chain", 2_000),
        ("editions/chain.json", "editions and their chain", 50),
    ],
)
def test_what_is_damaged_here_is_never_pushed_and_can_be_brought_back(
    tmp_path: Path, name: str, told: str, spared: int
) -> None:
    """A check names the part, a push refuses, a pull needs to be told; then everything is as it was pushed.

    All behind so many bytes is nothing: behind the heads of the databases, that is what they hold.
    """
    first = Machine(tmp_path / "first", str(tmp_path / "remote")).fill()
    second = Machine(tmp_path / "second", first.remote)
    first.push(new=True)
    second.pull()
    path = second.output / name
    path.write_bytes(path.read_bytes()[:spared] + bytes(path.stat().st_size - spared))
    before = machines.everything(first.remote)

    assert second.problems()
    with pytest.raises(StateDamaged, match=told):
        second.push()
    assert machines.everything(first.remote) == before
    first.letter("2026-11-24-daily")
    first.push()
    with pytest.raises(StateUnpushed):
        second.pull()
    second.pull(force=True)
    assert second.problems() == []


def test_a_damaged_remote_is_written_anew_from_a_whole_machine(tmp_path: Path) -> None:
    """`push --force` sends every part again."""
    remote = tmp_path / "remote"
    first = Machine(tmp_path / "first", str(remote)).fill()
    first.push(new=True)
    for path in [*remote.glob("parts/??/*"), remote / "state"]:
        path.write_bytes(b"rubbish")
    with pytest.raises(StateDamaged):
        first.push()
    first.push(force=True)

    assert Machine(tmp_path / "second", str(remote)).pull().number == 2
    assert first.problems() == []


def test_without_a_remote_a_check_looks_at_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is needed for that; what is missing elsewhere is said, and what is damaged here is still found."""
    monkeypatch.delenv("CAPLINE_STATE_KEY")
    alone = Machine(tmp_path / "alone", "").fill()
    found = list(checking.check(alone.settings))

    assert [one.name for one in found if one.problems] == []
    assert found[-1].notes == (checking.NOWHERE,)
    alone.book.write_bytes(bytes(alone.book.stat().st_size))
    assert alone.problems()


# --- the seal -----------------------------------------------------------------------------------------------------


def test_nobody_reads_it_without_the_key(first: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No address, word, name or key of ours is in what the remote has; another key opens nothing and is named so."""
    there = machines.everything(first.remote)
    own = (first.output / "private/key").read_bytes().strip()

    for word in (
        b"r1@example.org",
        b"example.org",
        b"2026-11-23",
        b"DGS10",
        b"readers",
        b"index.html",
        own,
        KEY.encode(),
    ):
        assert word not in there, word
    second = Machine(tmp_path / "second", first.remote)
    monkeypatch.setenv("CAPLINE_STATE_KEY", OTHER)
    for act in (second.pull, first.push):
        with pytest.raises(StateKey, match="it was sealed with the key"):
            act()
    monkeypatch.delenv("CAPLINE_STATE_KEY")
    with pytest.raises(BadSetting, match="there is no key"):
        second.pull()
    monkeypatch.setenv("CAPLINE_STATE_KEY", "too short")
    with pytest.raises(BadSetting, match="is no key of 32 bytes") as caught:
        second.pull()
    assert "too short" not in f"{caught.value}{caught.value.hint}"


def test_a_seal_is_deterministic_and_bound_to_its_name() -> None:
    """The same content under the same name is the same bytes, in whole kilobytes; under another name it stays shut."""
    from pydantic import SecretStr  # noqa: PLC0415 -- for this test alone

    seal = Seal(SecretStr(KEY))
    name = seal.name(b"content")
    sealed = seal.close(name, b"content")

    assert sealed == Seal(SecretStr(KEY + "=")).close(name, b"content")
    assert len(sealed) == 1024 + 16
    assert seal.open(name, sealed, limit=100) == b"content"
    with pytest.raises(Broken):
        seal.open(seal.name(b"other"), sealed, limit=100)
    assert Seal(SecretStr(OTHER)).name(b"content") != name


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """A second one would make every state before it unreadable."""
    file = tmp_path / "private/state.key"
    state.make_key(file)

    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadSetting, match="there is a key here already"):
        state.make_key(file)


@pytest.mark.parametrize(
    "remote",
    [
        "ext::sh -c x",
        "ext::x",
        "-uploadpack=x",
        "http://example.org/x.git",
        "https://me:secret@example.org/x.git",
        "ftp://x/y",
    ],
)
def test_an_address_that_is_no_place_for_a_state_is_refused(remote: str) -> None:
    """Before it is asked: programs in an address, options, clear text, tokens that would be kept in a file."""
    with pytest.raises(ValueError, match=r"state\.remote"):
        Settings.model_validate({"state": {"remote": remote}})


def test_a_token_goes_to_its_host_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Over HTTP, with git's own server: with it a state is pushed and pulled; without it git's refusal is told."""
    token = "ghp_not_a_real_one"  # noqa: S105 -- of a server that lives for one test
    machines.git(machines.bare(tmp_path / "served/remote.git"), "config", "http.receivepack", "true")
    with machines.served(tmp_path / "served", token) as url:
        first = Machine(tmp_path / "first", f"{url}/remote.git").fill()
        with pytest.raises(StateUnreachable, match=r"remote\.git capline-state: fatal: "):
            first.push(new=True)
        monkeypatch.setenv("CAPLINE_STATE_TOKEN", token)
        first.push(new=True)
        assert Machine(tmp_path / "second", first.remote).pull().came == len(first.files())
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert token.encode() not in kept
    assert token not in "".join(capfd.readouterr())


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With git's words."""
    machine = Machine(tmp_path / "one", str(tmp_path / "nowhere.git")).fill()
    with pytest.raises(
        StateUnreachable, match=r"nowhere\.git capline-state: fatal: .*not appear to be a git repository"
    ):
        machine.push(new=True)


# --- killed at any moment -------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    """What a command runs with."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CAPLINE_STATE_KEY": KEY, "HOME": os.environ["HOME"]}


def command(machine: Machine, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `capline state` on a machine, with its places set in newsletter.toml."""
    machine.folder.mkdir(exist_ok=True)
    (machine.folder / "newsletter.toml").write_text(f'[state]\nremote = "{machine.remote}"\n', encoding="utf-8")
    return subprocess.Popen(
        [*CLI, *arguments], cwd=machine.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        process_group=0,
    )  # fmt: skip


def killed(machine: Machine, seconds: float, *arguments: str) -> bool:
    """Kill the command and what it runs, so many seconds after it began to write; whether it was still at work."""
    begun = (machine.output / "state/outgoing", machine.output / "state/arriving.json")
    with command(machine, *arguments) as process:
        while process.poll() is None and not any(path.exists() for path in begun):
            time.sleep(0.001)
        time.sleep(seconds)
        late = process.poll() is None
        if late:
            os.killpg(process.pid, 9)
        process.communicate()
    return late


def test_a_push_killed_at_any_moment_leaves_the_old_state_or_the_new_one(tmp_path: Path, first: Machine) -> None:
    """There; and a push then brings it to its end."""
    chance, kills, other = random.Random(3), 0, Machine(tmp_path / "other", first.remote)  # noqa: S311 -- moments
    for number in range(MOST):
        if kills == KILLS:
            break
        (first.output / "runs/much.json").write_bytes(chance.randbytes(4_000_000))
        first.leave(f"gone{number}@example.org")
        kills += killed(first, chance.random() * 0.25 * QUICKER**number, "push")
        other.pull()
        assert other.problems() == []
        first.push()
        other.pull()
        assert other.files()["runs/much.json"] == first.files()["runs/much.json"]
    assert kills == KILLS


def test_a_pull_killed_at_any_moment_leaves_what_was_or_is_brought_to_its_end(tmp_path: Path) -> None:
    """Here; by the next command, whichever that is."""
    first = Machine(tmp_path / "first", machines.bare(tmp_path / "remote.git")).fill()
    first.push(new=True)
    chance, kills, other = random.Random(3), 0, Machine(tmp_path / "other", first.remote)  # noqa: S311 -- moments
    other.pull()
    for number in range(MOST):
        if kills == KILLS:
            break
        for name in range(20):
            (first.output / f"runs/{name}.json").write_bytes(chance.randbytes(200_000))
        first.leave(f"gone{number}@example.org")
        first.push()
        before = other.files()
        kills += killed(other, chance.random() * 0.25 * QUICKER**number, "pull")
        if not (other.output / "state/arriving.json").exists():
            assert _same_but_book(other, before) or _same_but_book(other, first.files())
        other.pull()
        assert _same_but_book(other, first.files())
        assert other.problems() == []
    assert kills == KILLS


def _same_but_book(machine: Machine, wanted: dict[str, str]) -> bool:
    """Whether all files are those wanted; the book's bytes are those of a copy."""
    found = machine.files()
    return {**found, "readers/readers.sqlite": ""} == {**wanted, "readers/readers.sqlite": ""}


# --- no letter twice ------------------------------------------------------------------------------------------------


LETTER = Letter(id=EDITION, kind="daily", language="en", content=mailroom.letter())


def settings(machine: Machine, port: int) -> Settings:
    """Settings of a machine with a relay."""
    there = mailroom.settings(machine.folder, port)
    mail = there.mail.model_copy(update={"readers": machine.book, "key_file": machine.output / "private/key"})
    return machine.settings.model_copy(update={"mail": mail, "smtp": there.smtp})


def send(machine: Machine, port: int, *, resolve: str = "") -> None:
    """Announce and send, as `capline send` does."""
    given = settings(machine, port)
    state.reserve(given, LETTER, tag="", now=NOW)
    dispatch.send(
        given, LETTER, tag="", resolve=resolve, now=NOW, report=lambda _: None, tell=lambda _: None
    )  # fmt: skip


def states(machine: Machine) -> dict[str, int]:
    """How many readers of the letter are in each state."""
    with opened(machine.book) as book:
        return ledger.counts(book, 1)


def test_a_run_that_never_came_back_leaves_its_readers_in_doubt(first: Machine, second: Machine) -> None:
    """It announced the letter, sent some and was gone with its disk: the next machine sends to nobody, and says so."""
    slow, inbox = Inbox(answer=lambda _address, _times: time.sleep(0.02)), Inbox()
    with serving(slow) as port:
        child = multiprocessing.get_context("spawn").Process(target=send, args=(first, port))
        child.start()
        while len(slow.taken) < 5:
            assert child.is_alive()
            time.sleep(0.005)
        child.kill()
        child.join()
    assert 0 < len(slow.copies) < 20

    pulled = second.pull()
    assert pulled.sending is not None
    assert pulled.sending.edition == EDITION
    assert states(second) == {"uncertain": 20}
    join(second, "new@example.org")
    with serving(inbox) as port:
        with pytest.raises(Unfinished, match="20 uncertain"):
            send(second, port)
        send(second, port, resolve="done")
    assert inbox.copies == {"new@example.org": 1}
    second.push()
    third = Machine(second.folder.parent / "third", second.remote)
    assert third.pull().sending is None
    assert states(third) == {"accepted": 21}


def join(machine: Machine, address: str) -> None:
    """A reader comes."""
    with opened(machine.book) as book, written(book):
        book.execute("INSERT INTO reader (address, key) VALUES (?, ?)", (address, address))


def test_a_run_that_comes_back_says_what_became_of_each(first: Machine, second: Machine) -> None:
    """After its push everyone who had the letter has had it, and nobody is in doubt."""
    inbox = Inbox(answer=lambda address, _times: "550 5.1.1 no such mailbox" if address.startswith("r7@") else None)
    with serving(inbox) as port:
        send(first, port)
        second.pull()
        assert states(second) == {"uncertain": 20}
        first.push()
        pulled = second.pull()

        assert pulled.sending is None
        assert states(second) == {"accepted": 19, "rejected": 1}
        send(second, port)
    assert max(inbox.copies.values()) == 1
    assert len(inbox.copies) == 19


def test_who_has_an_old_state_sends_nothing(first: Machine, second: Machine) -> None:
    """Another machine has pushed meanwhile: the letter is not announced, and no byte goes out."""
    inbox = Inbox()
    with serving(inbox) as port:
        send(first, port)
        first.push()
        with pytest.raises(StateMoved):
            send(second, port)

    assert len(inbox.taken) == 20
    assert max(inbox.copies.values()) == 1


def test_the_machine_that_was_killed_knows_best(first: Machine) -> None:
    """Its disk is still there: what it knows goes over the doubt that it announced."""
    inbox = Inbox()
    with serving(inbox) as port:
        state.reserve(settings(first, port), LETTER, tag="", now=NOW)
        first.push()
        send(first, port)

    assert max(inbox.copies.values()) == 1
    assert states(first) == {"accepted": 20}
