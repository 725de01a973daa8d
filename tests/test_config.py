"""Settings of live data and the keys of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.config import BuildSettings, Settings, keys, load
from generator.errors import BadSetting, UnknownName

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key comes from the machine that the tests run on."""
    for name in ("FRED_API_KEY", "BLS_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def env_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    """Write a .env."""
    file = folder / ".env"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_without_a_key_there_is_none(tmp_path: Path) -> None:
    """That is no error: the keyless sources carry the letter."""
    found = keys(tmp_path)

    assert (found.fred, found.bls, found.sources) == (None, None, frozenset())


def test_a_key_comes_from_the_environment_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file gives what the environment has not."""
    env_file(tmp_path, f"FRED_API_KEY={KEY}\nBLS_API_KEY='{KEY[::-1]}'\nOTHER=1\n")
    monkeypatch.setenv("FRED_API_KEY", "a" * 32)
    found = keys(tmp_path)

    assert found.fred is not None
    assert found.bls is not None
    assert (found.fred.get_secret_value(), found.bls.get_secret_value()) == ("a" * 32, KEY[::-1])
    assert found.sources == {"fred", "bls"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that mends it."""
    file = env_file(tmp_path, f"FRED_API_KEY={KEY}\n", mode)

    with pytest.raises(BadSetting, match="can be read by others") as caught:
        keys(tmp_path)
    assert caught.value.hint == f"run `chmod 600 {file}`"
    assert KEY not in str(caught.value) + caught.value.hint


def test_a_key_is_shown_nowhere(tmp_path: Path) -> None:
    """Neither it nor a part of it, however it is printed; and not in the refusal of one that cannot be one."""
    env_file(tmp_path, f"FRED_API_KEY={KEY}\n")
    found = keys(tmp_path)
    for shown in (repr(found), str(found), f"{found.fred}", f"{found!r:>10}"):
        assert KEY[:6] not in shown
    env_file(tmp_path, f'FRED_API_KEY="{KEY} and more"\n')
    with pytest.raises(BadSetting, match="letters and digits") as caught:
        keys(tmp_path)
    assert KEY[:6] not in str(caught.value)


def test_live_data_have_a_store_of_their_own() -> None:
    """What is fetched never moves a letter made from the sample."""
    assert Settings().store == Path("output/store.duckdb")
    assert Settings(build=BuildSettings(source="live")).store == Path("output/live.duckdb")


def test_own_series_are_read_and_checked(tmp_path: Path) -> None:
    """As many as one likes; a key that is none of ours is named with the nearest."""
    file = tmp_path / "newsletter.toml"
    file.write_text(
        '[[series]]\nid = "a.b"\nfile = "a.csv"\n[[series]]\nid = "price.C"\nyahoo = "C"\n', encoding="utf-8"
    )
    assert [one.id for one in load(file).series] == ["a.b", "price.C"]
    file.write_text('[[series]]\nid = "a.b"\nyaho = "C"\n', encoding="utf-8")
    with pytest.raises(UnknownName) as caught:
        load(file)
    assert caught.value.nearest == "yahoo"


@pytest.mark.parametrize("line", ["budget = 0", "timeout = -1", "parallel = 0", 'hosts = { "a.org" = 0 }'])
def test_a_limit_that_is_none_is_refused(tmp_path: Path, line: str) -> None:
    """Nobody waits for ever, or for nothing."""
    file = tmp_path / "newsletter.toml"
    file.write_text(f"[fetch]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadSetting):
        load(file)
