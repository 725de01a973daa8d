"""What changed since the last edition: new and restated data, method and configuration apart; and the notice of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from newsroom import TODAY, UNIVERSE, capline, newsroom, settings_file

from generator import pipeline, verify
from generator.changes import New, Setting, between
from generator.edition import to_json
from generator.render import render
from generator.store import Restatement, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsroom import Newsroom

    from generator.edition import Edition

TEN = "rates.DGS10"
KNOWN = datetime(2024, 9, 20, 14, tzinfo=UTC)  # the morning of the second letter
FIRST, SECOND = "2024-09-19-daily", "2024-09-20-daily"


@pytest.fixture(scope="module")
def desk(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom that printed a letter on 19 September 2024, and learns the next day that 3.70% was 3.75%."""
    folder = tmp_path_factory.mktemp("desk")
    path = folder / "store.duckdb"
    shutil.copy(room.store.path, path)
    frame = pd.DataFrame(
        {"series_id": [TEN], "date": pd.to_datetime(["2024-09-18"]), "known_at": [pd.Timestamp(KNOWN)],
         "value": [3.75], "source": ["sample"]}
    )  # fmt: skip
    with Store.open(path, read_only=False) as store:
        store.append(frame)
    with Store.open(path) as store:
        found = newsroom(store, folder / "out")
        place = folder / "out" / "editions" / FIRST
        place.mkdir(parents=True)
        (place / "edition.json").write_bytes(to_json(found.letter("2024-09-19")))
        yield found


def restated(letter: Edition) -> list[str]:
    """The notices of restated figures."""
    return [one for one in letter.notices if one.startswith("Restated")]


def check(desk: Newsroom, letter: Edition) -> str:
    """What `verify` finds, in one text."""
    found = verify.check_edition(letter, desk.store.view(letter.moment), UNIVERSE).differences
    return "\n".join(f"{one.where} | {one.printed} | {one.expected}" for one in found)


# --- the notice in the letter -----------------------------------------------------------------------------------


def test_a_letter_says_that_a_figure_of_the_one_before_was_restated(desk: Newsroom) -> None:
    """The yield that was printed as 3.70% is 3.75%: both stand there, with the letter's date."""
    letter = desk.letter("2024-09-20")

    assert (
        "Restated since the letter of 19 September 2024: 10-year Treasury yield, “3.70%” there, reads “3.75%” with "
        "what is known now."
    ) in restated(letter)
    assert len(restated(letter)) == 5  # the others are counted
    assert letter.notices[-1].endswith("more figures of that letter changed in the same way.")
    assert {one.edition for one in letter.provenance.restated} == {FIRST}


def test_a_letter_that_knew_of_no_restatement_has_no_notice(desk: Newsroom, room: Newsroom) -> None:
    """The one of the evening before, and one from a store that was never restated."""
    assert restated(desk.letter("2024-09-19")) == []
    assert desk.letter("2024-09-19").provenance.restated == ()
    assert restated(room.letter("2024-09-20")) == []


def test_the_notice_is_in_every_form_and_passes_the_guard(desk: Newsroom) -> None:
    """Its figures are the edition's."""
    letter = desk.letter("2024-09-20")
    made = render(letter, ("text", "web"))

    pipeline.check_forms(made, pipeline.guard.supplied(letter))
    assert "3.70%” there" in " ".join(made["letter.txt"].decode().split())
    assert "3.70%” there" in made["index.html"].decode()


def test_verify_composes_the_notice_again(desk: Newsroom) -> None:
    """From the store and what the edition holds of the one before, whose file is not asked for."""
    letter = desk.letter("2024-09-20")

    assert check(desk, letter) == ""


def test_a_notice_taken_out_put_in_or_changed_is_found(desk: Newsroom) -> None:
    """By composing again."""
    letter = desk.letter("2024-09-20")
    plain = tuple(one for one in letter.notices if not one.startswith("Restated"))
    changed = tuple(one.replace("3.75%", "3.71%") for one in letter.notices)
    forged = (*letter.notices, "Restated since the letter of 19 September 2024: all is well.")

    for notices in (plain, changed, forged):
        assert "notices" in check(desk, replace(letter, notices=notices))


def test_a_claim_that_the_letter_before_never_made_gives_no_notice(desk: Newsroom) -> None:
    """One put into the provenance by hand, with its notice: it did not read so by the values of that day."""
    letter = desk.letter("2024-09-20")
    one = letter.provenance.restated[0]
    forged = replace(one, claim=replace(one.claim, text="0.01%"))
    made = replace(letter, provenance=replace(letter.provenance, restated=(forged,)))

    assert "notices" in check(desk, made)


# --- the comparison ---------------------------------------------------------------------------------------------


def test_new_and_restated_data_are_told_apart(desk: Newsroom) -> None:
    """A day later each yield has one date more; one date has another value."""
    found = between(desk.letter("2024-09-19"), desk.letter("2024-09-20"), desk.store)

    assert New(series_id=TEN, first=date(2024, 9, 19), last=date(2024, 9, 19), count=1) in found.new
    assert New(series_id="size.vw_q2", first=date(2024, 9, 20), last=date(2024, 9, 20), count=1) in found.new
    assert found.restated == (Restatement(series_id=TEN, date=date(2024, 9, 18), was=3.7, value=3.75, known_at=KNOWN),)
    assert ("rates.yield.10y", "3.70%", "3.75%", "digit") in {
        (one.fact, one.printed, one.now, one.kind) for one in found.figures
    }
    assert (found.method, found.configuration, found.notes) == ((), (), ())


def test_between_two_letters_without_a_restatement_only_data_are_new(room: Newsroom) -> None:
    """Half a year later: about 130 sessions, and nothing restated."""
    found = between(room.letter("2024-09-20"), room.letter("2025-04-09"), room.store)

    sessions = next(one for one in found.new if one.series_id == "size.vw_q2")
    assert (sessions.first, sessions.last) == (date(2024, 9, 23), date(2025, 4, 9))
    assert sessions.count == 137  # weekdays but Thanksgiving, Christmas, New Year, 9 January, King and Presidents' days
    assert (found.restated, found.figures, found.method, found.configuration) == ((), (), (), ())


def test_an_edition_beside_itself_has_no_change(room: Newsroom) -> None:
    """Nothing at all."""
    found = between(room.letter("2024-09-20"), room.letter("2024-09-20"), room.store)

    assert not any((found.new, found.restated, found.figures, found.method, found.configuration, found.notes))


def test_method_and_configuration_are_told_apart(room: Newsroom) -> None:
    """Another version, prose, formula; another name and digest of the settings."""
    letter = room.letter("2024-09-20")
    beta = letter.facts["size.beta"]
    made = replace(letter.provenance, version="0.0.1", prose="0" * 64, settings="1" * 64)
    other = replace(
        letter,
        provenance=made,
        masthead=replace(letter.masthead, name="Caplet"),
        facts={**letter.facts, "size.beta": replace(beta, formula="another")},
    )

    found = between(other, letter, room.store)

    assert {one.what for one in found.method} == {"version of Capline", "prose (SHA-256)", "formula of size.beta"}
    assert Setting(what="name", first="Caplet", second="Capline") in found.configuration
    assert {one.what for one in found.configuration} == {"name", "settings (SHA-256)"}


def test_a_store_that_is_not_the_editions_is_told(desk: Newsroom, room: Newsroom) -> None:
    """The one was made from a store that knew of no restatement."""
    found = between(room.letter("2024-09-20"), desk.letter("2024-09-20"), desk.store)

    assert found.notes[0] == f"the store is not as {SECOND} saw it: its values may not be those of that letter"
    assert any(one.startswith(f"{TEN}: the editions had other values") for one in found.notes)


def test_the_command_tells_it_by_name_or_file(desk: Newsroom, tmp_path: Path) -> None:
    """As text and as JSON; the earlier comes first, whichever is named first."""
    settings_file(tmp_path, desk.store.path)
    for day in ("2024-09-19", "2024-09-20"):
        folder = tmp_path / "out" / "editions" / f"{day}-daily"
        folder.mkdir(parents=True)
        (folder / "edition.json").write_bytes(to_json(desk.letter(day)))

    text = capline(tmp_path, "diff", FIRST, SECOND)
    assert text.returncode == 0, text.stderr
    assert f"From {FIRST} to {SECOND}" in text.stdout
    assert "Method: none\nConfiguration: none\n" in text.stdout
    plain = json.loads(capline(tmp_path, "diff", f"out/editions/{SECOND}/edition.json", FIRST, "--json").stdout)
    assert plain["restated"] == [
        {"series_id": TEN, "date": "2024-09-18", "was": 3.7, "value": 3.75, "known_at": "2024-09-20T14:00:00+00:00"}
    ]
    assert capline(tmp_path, "diff", FIRST, "2020-01-01-daily").returncode == 2


def test_a_letter_made_in_its_folder_has_its_place_and_its_notice(desk: Newsroom) -> None:
    """The pipeline reads the one before."""
    asked = pipeline.Asked(day=date(2024, 9, 20))
    letter = pipeline.composed(desk.store, desk.settings, asked, today=TODAY)

    assert letter.provenance.previous is not None
    assert letter.provenance.previous.id == FIRST
    assert letter == desk.letter("2024-09-20")
