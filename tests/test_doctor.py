"""The doctor: each thing it looks at when it is well and when it is not, and that it shows no key."""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from market.loopback import Loopback
from newsroom import capline

from generator import doctor, stationery
from generator.cli.doctor import told
from generator.doctor import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def market() -> Iterator[Loopback]:
    """Hosts that answer, on this machine."""
    with Loopback() as running:
        yield running


def line(text: str, name: str) -> str:
    """The line of a check."""
    (found,) = (one for one in text.splitlines() if one.split()[1:2] == [name])
    return found


# --- the command --------------------------------------------------------------------------------------------------


def test_all_is_well_where_all_is_there(market: Loopback, tmp_path: Path) -> None:
    """Hosts answer, the clock agrees, keys are set; exit code 0, and the key is nowhere."""
    (tmp_path / ".env").write_text(f"FRED_API_KEY={KEY}\n", encoding="ascii")
    (tmp_path / ".env").chmod(0o600)

    ran = market.run(
        ["-m", "generator", "doctor"], cwd=tmp_path, PYTHONPATH=str(doctor.__file__).rpartition("/generator/")[0]
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert KEY not in ran.stdout
    assert line(ran.stdout, "FRED_API_KEY").startswith("ok ")
    for name in ("treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo", "fred", "clock", "fonts", "Pango"):
        assert line(ran.stdout, name).startswith("ok "), name
    assert ran.stdout.splitlines()[-1].endswith("0 failed, 0 to look at")


def test_silent_hosts_are_told_of_and_fail_only_who_builds_on_them(market: Loopback, tmp_path: Path) -> None:
    """The sample needs none of them; live data do. The exit code is then 2."""
    dead = {**market.environment(), "https_proxy": "http://127.0.0.1:9", "PATH": os.environ["PATH"]}
    dead.pop("PYTHONPATH", None)

    sample = capline(tmp_path, "doctor", **dead)
    live = capline(tmp_path, "doctor", "--source", "live", **dead)

    assert line(sample.stdout, "treasury").startswith("warn ")
    assert "home.treasury.gov cannot be reached" in line(sample.stdout, "treasury")
    assert "mend: see what `curl -I https://home.treasury.gov/` says" in sample.stdout
    assert line(sample.stdout, "clock").startswith("warn ")
    assert line(live.stdout, "treasury").startswith("fail ")
    assert (sample.returncode, live.returncode) == (0, 2)


def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    """And is not shown."""
    (tmp_path / ".env").write_text(f"FRED_API_KEY={KEY}\n", encoding="ascii")
    (tmp_path / ".env").chmod(0o644)

    ran = capline(tmp_path, "doctor", "--offline")

    assert ran.returncode == 2
    assert line(ran.stdout, "keys").startswith("fail ")
    assert "mend: run `chmod 600 .env`" in ran.stdout
    assert KEY not in ran.stdout + ran.stderr


def test_the_exit_code_tells_a_failure_and_not_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """2 if one check fails; below it stands what mends it."""
    well, odd = Check(name="a", level="ok", words="is"), Check(name="b", level="warn", words="is odd", mend="look")
    ill = Check(name="c", level="fail", words="is gone", mend="run `x`")

    assert [told([well]), told([well, odd]), told([odd, ill, well])] == [0, 0, 2]
    assert capsys.readouterr().out.splitlines()[-1] == "3 checks: 1 failed, 1 to look at"


# --- the clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [
        ((2, 3, 900), "ok", "3 s behind"),  # one host that is wrong does not count
        ((-40,), "ok", "40 s ahead of"),
        ((118, 120, 122), "warn", "120 s behind"),
        ((-3600, -3600), "fail", "3600 s ahead of"),
    ],
)
def test_the_clock_is_compared_with_the_median_of_the_hosts(seconds: tuple[int, ...], level: str, words: str) -> None:
    """A minute is nothing, five are too many: moments that are seen now would be dated wrongly."""
    found = doctor.clock_of([timedelta(seconds=one) for one in seconds])

    assert found.level == level
    assert found.words.startswith(words)


def test_a_clock_that_nobody_told_the_time_is_not_called_right() -> None:
    """It is only not compared."""
    assert doctor.clock_of([]).level == "warn"


# --- fonts, folders, the store --------------------------------------------------------------------------------------


def test_a_missing_face_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter would fall back to a face of the system, and no two machines would print alike."""
    copy = shutil.copytree(stationery.folder("fonts"), tmp_path / "fonts")
    monkeypatch.setattr(stationery, "PLACES", (tmp_path,))
    assert doctor.fonts().level == "ok"

    (copy / "Inter-SemiBold.woff2").unlink()

    assert (doctor.fonts().level, doctor.fonts().words) == ("fail", "missing: Inter-SemiBold.woff2")


def test_a_folder_that_is_not_there_is_looked_for_above(tmp_path: Path) -> None:
    """It is made when it is needed, and not by the doctor."""
    assert doctor.room("output", tmp_path / "a" / "b").level == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    """Below a file there is no folder."""
    (tmp_path / "file").touch()

    found = doctor.room("output", tmp_path / "file" / "out")

    assert found.level == "fail"
    assert "cannot be written" in found.words


def test_a_whole_store_says_what_it_holds(store_file: Path) -> None:
    """Forty series, as the sample has."""
    found = doctor.store(store_file, live=False)

    assert found.level == "ok"
    assert "is whole: 40 series, 420,055 dates" in found.words


def test_a_store_that_is_not_there_is_made_or_fetched(tmp_path: Path) -> None:
    """By the first letter on the sample; by a fetch, live."""
    assert doctor.store(tmp_path / "none.duckdb", live=False).level == "ok"
    assert doctor.store(tmp_path / "none.duckdb", live=True).mend == "run `capline fetch`"


def test_a_damaged_store_fails_with_what_to_do(store_file: Path, tmp_path: Path) -> None:
    """Bytes in the middle of the file are another: the checksums of its blocks tell."""
    copy = tmp_path / "store.duckdb"
    content = bytearray(store_file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = bytes(4096)
    copy.write_bytes(content)

    found = doctor.store(copy, live=False)

    assert found.level == "fail"
    assert "load the sources again" in found.mend


# --- calendars ----------------------------------------------------------------------------------------------------


def test_the_calendar_of_meetings_must_reach_two_months_ahead(store_file: Path, tmp_path: Path) -> None:
    """The sample knows those up to 8 December 2027, with a store or without."""
    for place in (store_file, tmp_path / "none.duckdb"):
        assert doctor.meetings(place, date(2027, 10, 9)).level == "ok"
        late = doctor.meetings(place, date(2027, 10, 10))
        assert (late.level, "2027-12-08" in late.words) == ("warn", True)
        assert late.mend


def test_the_calendar_of_sessions_is_as_old_as_its_package() -> None:
    """What is installed here differs nowhere from our own; in two years it is to be renewed."""
    now, later = doctor.exchange(date.today()), doctor.exchange(date.today() + timedelta(days=800))  # noqa: DTZ011 -- a day

    assert "differs" not in now.words + later.words
    assert later.level == "warn"
    assert "exchange_calendars" in later.mend
