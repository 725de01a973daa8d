"""The letter as composed: quiet days and big ones, headlines, themes, and figures as a person gives them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from generator.commentary import BESIDE
from generator.commentary.variety import mask
from generator.edition import Claim
from generator.stories import quiet
from generator.wording.terms import MONTHS

if TYPE_CHECKING:
    from newsroom import Newsroom

    from generator.edition import Edition

QUIET_DAYS = ("2025-08-20", "2013-07-10")
BIG_DAYS = ("1987-10-19", "2020-03-16", "2024-09-18", "2026-03-31")
DAYS = (*QUIET_DAYS, *BIG_DAYS, "2024-12-24", "2011-08-08", "1941-12-08")
COUNTED = re.compile(r"\b(half|one|two|three|four|nine|19|49|99)\b.*\b(of|in)\b")


def calm(letter: Edition) -> bool:
    """Whether the letter is about a quiet day."""
    return quiet(letter.facts, letter.considered.values())


# --- quiet days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", QUIET_DAYS)
def test_a_letter_on_a_quiet_day_is_short(room: Newsroom, day: str) -> None:
    """On most sessions of three months something moved further; 120 to 220 words."""
    letter = room.letter(day)

    assert calm(letter)
    assert 120 <= letter.words <= 220


@pytest.mark.parametrize("day", QUIET_DAYS)
def test_a_quiet_day_says_so_with_a_number(room: Newsroom, day: str) -> None:
    """The standfirst rests on a fact: on how many sessions of the past three months something moved further."""
    standfirst = room.letter(day).standfirst
    claims = [piece for piece in standfirst.pieces if isinstance(piece, Claim)]

    assert re.search(r"\b([Qq]uiet|calm|short|[Nn]ot much|few facts|common)\b", standfirst.text), standfirst.text
    assert any(claim.say in {"some_further", "often_further"} and COUNTED.search(claim.text) for claim in claims), (
        standfirst.text
    )


@pytest.mark.parametrize("day", BIG_DAYS)
def test_a_big_day_is_not_quiet(room: Newsroom, day: str) -> None:
    """A crash, a panic, a decision, the largest gain in months."""
    letter = room.letter(day)

    assert not calm(letter)
    assert not re.search(r"\b(quiet|calm)\b", letter.standfirst.text, re.IGNORECASE)


def test_only_daily_letters_have_quiet_days(room: Newsroom) -> None:
    """A weekly letter of a quiet week has its full length."""
    assert room.letter("2013-07-19", "weekly").words >= 500


# --- headlines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_a_headline_fits_and_says_something_else_than_what_follows(room: Newsroom, day: str) -> None:
    """5 to 11 words, at most 64 characters, no stop at its end; standfirst and preheader are other sentences."""
    letter = room.letter(day)
    lines = [letter.headline.text, letter.standfirst.text, letter.preheader.text]

    assert 5 <= len(lines[0].split()) <= 11
    assert len(lines[0]) <= 64
    assert lines[0][0].isupper()
    assert not lines[0].endswith(".")
    assert len({mask(line) for line in lines}) == 3


@pytest.mark.parametrize("day", DAYS)
def test_headline_and_standfirst_rest_on_facts(room: Newsroom, day: str) -> None:
    """Each has a claim at least: it says what happened, out of a fact."""
    letter = room.letter(day)
    for sentence in (letter.headline, letter.standfirst, letter.preheader):
        assert any(isinstance(piece, Claim) for piece in sentence.pieces)


# --- themes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_sections_of_a_theme_stand_together_under_one_title(room: Newsroom, day: str) -> None:
    """The lead first; a blank title belongs to the theme above; no title twice."""
    letter = room.letter(day)
    titles = [section.title.text for section in letter.sections]

    assert letter.sections[0].place == "lead"
    assert titles[0]
    assert len(set(filter(None, titles))) == len([*filter(None, titles)])


def test_weekly_and_decision_letters_title_every_section(room: Newsroom) -> None:
    """They are long: each story is found by its title."""
    for kind in ("weekly", "decision"):
        assert all(
            section.title.text or section.story in BESIDE for section in room.letter("2024-09-18", kind).sections
        )


# --- figures ----------------------------------------------------------------------------------------------------

FIGURE = re.compile(r"(?<![\w.])[−+$€£]?\d[\d,]*(?:\.\d+)?(?![\w-])")
DATED = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS[1:])})(?: \d{{4}})?|\b(?:19|20)\d\d\b")


@pytest.mark.parametrize("day", DAYS)
def test_a_sentence_has_at_most_four_figures(room: Newsroom, day: str) -> None:
    """Dates and years aside; a reader holds no more at once. Most sentences have three at most."""
    letter = room.letter(day)
    told = [one.text for section in letter.sections for paragraph in section.paragraphs for one in paragraph]
    counts = {one: len(FIGURE.findall(DATED.sub("", one))) for one in (letter.standfirst.text, *told)}

    assert max(counts.values()) <= 4, max(counts, key=lambda one: counts[one])
    assert sum(count > 3 for count in counts.values()) <= 1


# --- charts -----------------------------------------------------------------------------------------------------


def test_a_chart_is_dated_by_what_it_draws(room: Newsroom) -> None:
    """Yields of 30 March are the newest that a letter of the 31st knows; stocks have closed on the day."""
    footers = {chart.id: chart.footer for chart in room.letter("2026-03-31").charts}

    assert footers["curve"].endswith("As of 30 March 2026.")
    assert footers["drawdowns"].endswith("As of 31 March 2026.")
