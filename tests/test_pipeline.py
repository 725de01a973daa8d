"""The pipeline: which session a letter is about, what it remembers, the store behind it, and what it refuses."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest
from newsroom import TODAY

from generator import pipeline
from generator.config import BuildSettings, LetterSettings, Settings
from generator.edition import Memory, digest, from_json, to_json
from generator.errors import BadDate, StaleSeries, StoreError, UnknownName
from generator.memory import following
from generator.pipeline import Asked
from generator.sources.sample import Sample

if TYPE_CHECKING:
    from pathlib import Path

    from newsroom import Newsroom

    from generator.edition import Edition


# --- which session ----------------------------------------------------------------------------------------------


def about(room: Newsroom, day: str | None, kind: str = "daily") -> date:
    """The day a letter is about, found as the pipeline finds it, without writing the letter."""
    source = Sample()
    sessions, _ = pipeline._sessions(room.store, source)  # noqa: SLF001 -- a letter costs half a second
    asked = Asked(day=date.fromisoformat(day) if day else None, kind=kind)
    return pipeline._as_of(sessions, asked, source, today=TODAY)  # noqa: SLF001


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        (None, "2026-03-27"),  # the data end on a Tuesday: that week is not over
        ("2026-03-31", "2026-03-27"),
        ("2026-03-24", "2026-03-20"),  # a Tuesday: the Friday before
        ("2026-03-27", "2026-03-27"),  # a Friday: its own week
        ("2026-03-28", "2026-03-27"),  # a Saturday and a Sunday: the Friday just past
        ("2026-03-29", "2026-03-27"),
        ("2024-03-28", "2024-03-28"),  # Good Friday follows: the week is over on Thursday
        ("2024-03-29", "2024-03-28"),
        ("2024-03-27", "2024-03-22"),
        ("2001-09-14", "2001-09-10"),  # closed from Tuesday on
        ("1930-05-09", "1930-05-03"),  # a Friday when Saturdays were sessions
        ("1930-05-10", "1930-05-10"),
        ("2025-01-03", "2025-01-03"),  # a week over New Year
        ("2024-12-31", "2024-12-27"),
    ],
)
def test_a_weekly_letter_is_about_the_newest_week_that_is_over(room: Newsroom, asked: str | None, end: str) -> None:
    """Its last session, be it a Friday, the Thursday before a holiday, or a Saturday of old."""
    assert about(room, asked, "weekly") == date.fromisoformat(end)


def test_a_daily_letter_without_a_date_is_about_the_newest_session(room: Newsroom) -> None:
    """31 March 2026."""
    assert about(room, None) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "session", "word"), [("2024-09-21", "2024-09-20", "21 September"), ("2024-07-04", "2024-07-03", "4 July")]
)
def test_a_day_without_a_session_gives_the_one_before_and_says_so(
    room: Newsroom, day: str, session: str, word: str
) -> None:
    """A Saturday and Independence Day: the letter is about the session before, named for it, with a notice."""
    letter = room.letter(day)

    assert (letter.as_of, letter.id) == (date.fromisoformat(session), f"{session}-daily")
    assert letter.notices[-1].startswith(f"{word} 2024 was no session")


def test_a_sunday_with_a_decision_has_its_letter(room: Newsroom) -> None:
    """15 March 2020: about the session of Friday 13 March, with the cut to zero of that afternoon."""
    letter = room.letter("2020-03-15", "decision")

    assert (letter.id, letter.as_of) == ("2020-03-15-decision", date(2020, 3, 13))
    assert (letter.facts["policy.last_change"].value, letter.facts["policy.target.upper"].value) == (-100, 0.25)
    assert "13 March 2020" in letter.notices[-1]


def test_a_daily_letter_of_that_sunday_is_fridays(room: Newsroom) -> None:
    """What was not known on Friday evening is not in Friday's letter."""
    letter = room.letter("2020-03-15")

    assert letter.id == "2020-03-13-daily"
    assert letter.facts["policy.last_change"].as_of == date(2020, 3, 3)


@pytest.mark.parametrize("kind", ["daily", "weekly"])
def test_a_day_before_the_data_is_refused_with_the_first_that_is_not(room: Newsroom, kind: str) -> None:
    """A letter needs a year of sessions behind it."""
    with pytest.raises(BadDate) as caught:
        about(room, "1926-08-02", kind)

    assert "1926-08-02" in str(caught.value)
    assert "1927-05-0" in caught.value.hint


def test_the_first_day_with_a_letter_has_one(room: Newsroom) -> None:
    """The day that the error names."""
    with pytest.raises(BadDate) as caught:
        about(room, "1900-01-02")

    assert room.letter(caught.value.hint.rpartition(" ")[2]).facts["size.relative.252s"]


def test_a_day_in_the_future_is_refused(room: Newsroom) -> None:
    """Later than the wall clock's day."""
    with pytest.raises(BadDate, match="future"):
        about(room, f"{TODAY + timedelta(days=1)}")


def test_a_session_beyond_the_data_is_stale(room: Newsroom) -> None:
    """15 June 2026 has been, but the returns end on 31 March."""
    with pytest.raises(StaleSeries) as caught:
        about(room, "2026-06-15")

    assert caught.value.newest == date(2026, 3, 31)


def test_a_kind_that_is_none_is_named(room: Newsroom) -> None:
    """With the nearest."""
    with pytest.raises(UnknownName) as caught:
        room.letter("2026-03-31", "dialy")

    assert caught.value.nearest == "daily"


# --- memory -----------------------------------------------------------------------------------------------------


def archive(folder: Path, *letters: Edition) -> Settings:
    """Put letters where a build would have put them."""
    for letter in letters:
        place = folder / "editions" / letter.id
        place.mkdir(parents=True)
        (place / "edition.json").write_bytes(to_json(letter))
    return Settings(build=BuildSettings(output=folder, memory=2))


def test_what_was_told_yesterday_weighs_less_and_stands_in_the_edition(room: Newsroom, tmp_path: Path) -> None:
    """Novelty falls, the facts stay, and the edition names what it remembered, so that it can be made again."""
    before = room.letter("2026-03-30")
    settings = archive(tmp_path, before)
    settings = settings.model_copy(update={"build": settings.build.model_copy(update={"store": room.store.path})})

    letter = pipeline.composed(room.store, settings, Asked(day=date(2026, 3, 31)), today=TODAY)

    lead = before.sections[0].story
    assert letter.facts == room.letter("2026-03-31").facts
    assert letter.provenance.memory == following(before, digest(before), letters=2)
    assert letter.considered[lead].novelty < 1.0


def test_a_report_on_some_stories_has_no_memory(room: Newsroom, tmp_path: Path) -> None:
    """Nor is it remembered by letters: its name is another."""
    settings = archive(tmp_path, room.letter("2026-03-30"))

    letter = pipeline.composed(room.store, settings, Asked(day=date(2026, 3, 31), only=("slope",)), today=TODAY)

    assert (letter.id, letter.provenance.memory) == ("2026-03-31-daily-slope", Memory())
    assert [section.story for section in letter.sections] == ["slope"]


def test_a_report_on_a_story_that_cannot_be_told_names_those_that_can(room: Newsroom) -> None:
    """A slip of the pen, and a story without its facts."""
    with pytest.raises(UnknownName) as caught:
        room.letter("2026-03-31", "daily", "slop")

    assert caught.value.nearest == "slope"


# --- the edition ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kind"), [("2026-03-31", "daily"), ("2024-09-18", "decision"), ("1960-05-02", "daily")]
)
def test_an_edition_survives_being_written_and_read(room: Newsroom, tmp_path: Path, day: str, kind: str) -> None:
    """The same value, the same bytes."""
    letter = room.letter(day, kind)

    again = from_json(to_json(letter), path=tmp_path / "edition.json")

    assert again == letter
    assert to_json(again) == to_json(letter)


def test_settings_that_bear_on_content_are_in_its_digest() -> None:
    """A new name of the letter changes it, another folder does not."""
    plain = pipeline.content_digest(Settings())

    assert pipeline.content_digest(Settings(letter=LetterSettings(name="Another"))) != plain
    assert pipeline.content_digest(Settings(build=BuildSettings(memory=0))) == plain


# --- the store --------------------------------------------------------------------------------------------------


def settings_for(store: Path) -> Settings:
    """Settings that name a store."""
    return Settings(build=BuildSettings(store=store))


def test_a_missing_store_is_made_and_loaded(store_file: Path) -> None:
    """On first use, from the source, whole."""
    with pipeline.opened(settings_for(store_file)) as store:
        assert store.reach()["size.vw_q2"] == date(2026, 3, 31)
        assert len(store.reach()) == 40


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM observations WHERE series_id = 'calendar.fomc'",
        "DELETE FROM observations WHERE date > '2025-12-31'",
    ],
)
def test_a_load_that_was_broken_off_is_finished(tmp_path: Path, store_file: Path, harm: str) -> None:
    """A series without observations, an older delivery: what is missing is added, once."""
    file = tmp_path / "store.duckdb"
    shutil.copy(store_file, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute(harm)

    with pipeline.opened(settings_for(file)) as store:
        assert sum(one.count for one in store.view(pipeline.evening(date(2027, 12, 31))).coverage()) == 420_055


def test_a_whole_store_is_opened_and_left_alone(tmp_path: Path, store_file: Path) -> None:
    """Reading changes nothing, not even the time of the file."""
    file = tmp_path / "store.duckdb"
    shutil.copy(store_file, file)
    before = (file.stat().st_mtime_ns, file.read_bytes())

    pipeline.opened(settings_for(file)).close()

    assert (file.stat().st_mtime_ns, file.read_bytes()) == before


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    """Whatever lies in its place."""
    file = tmp_path / "store.duckdb"
    file.write_text("my notes", encoding="utf-8")

    with pytest.raises(StoreError, match="not a store"):
        pipeline.opened(settings_for(file))
    assert file.read_text(encoding="utf-8") == "my notes"


# --- explaining -------------------------------------------------------------------------------------------------


def test_a_fact_is_explained_with_its_history(store_file: Path) -> None:
    """The history ends with the value."""
    fact, history = pipeline.explained(settings_for(store_file), "rates.slope.2s10s", date(2026, 3, 31), today=TODAY)

    assert history is not None
    assert (fact.value, float(history.iloc[-1])) == (53, 53)


def test_coverage_is_that_of_the_evening(store_file: Path) -> None:
    """Yields through the day before, returns through the day."""
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    found, reach = pipeline.surveyed(settings_for(store_file), date(2024, 9, 18), now=now)
    last = {one.spec.id: one.held.last for one in found if one.held}

    assert reach == date(2024, 9, 18)
    assert (last["size.vw_q2"], last["rates.DGS10"]) == (date(2024, 9, 18), date(2024, 9, 17))
