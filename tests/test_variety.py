"""Variety without chance: what counts as a repeat, whose turn it is, and that the same inputs say the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from handmade import TODAY, fact

from generator import memory, pipeline, stationery
from generator.commentary import Desk
from generator.commentary.variety import MOST, Used, choose, combinations, mask, remember, sentences
from generator.edition import digest, to_json
from generator.pipeline import Asked
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from newsroom import Newsroom

    from generator.edition import Memory

# --- masks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Small caps rose 1.9% on Tuesday.", "Small caps rose 0.4% on Friday."),
        ("It is the largest gain since 12 March 2025.", "It is the largest gain since 3 October 1987."),
        ("The curve steepened 14 bp, to −51 basis points.", "The curve steepened 3 bp, to 7 basis points."),
        ("The target is 3.50–3.75%.", "The target is 5.25–5.50%."),
        ("The euro bought $1.0931.", "The euro bought $0.8702."),
    ],
)
def test_sentences_that_differ_in_figures_and_dates_alone_are_the_same(one: str, other: str) -> None:
    """A reader sees the shape again, whatever the number in it."""
    assert mask(one) == mask(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Small caps rose 1.9%.", "Small caps fell 1.9%."),
        ("Small caps rose 1.9%.", "Large caps rose 1.9%."),
        ("The ten-year yield rose 2 bp.", "The two-year yield rose 2 bp."),
    ],
)
def test_sentences_of_other_words_are_not(one: str, other: str) -> None:
    """Verb, subject and maturity are words."""
    assert mask(one) != mask(other)


def test_a_mask_holds_neither_case_nor_punctuation() -> None:
    """So that a sentence is the same as a headline and as a sentence."""
    assert mask("Small caps, up 2.1%: a lead.") == mask("small caps up 7% a lead") == "small caps up num a lead"


def test_a_stop_within_a_figure_parts_no_sentence() -> None:
    """Only one before a blank does."""
    assert sentences("They rose 1.9%.  So it\nwas.") == ["They rose 1.9%.", "So it was."]


# --- what a phrasing costs --------------------------------------------------------------------------------------


LONG = "over three months small caps beat large caps by num percentage points"
NEAR = "over five months small caps beat large caps by num percentage points"


def test_the_longer_ago_the_cheaper() -> None:
    """Said in the letter before: 1. Four letters ago, the oldest that is remembered: a quarter. Never: nothing."""
    used = Used(letters=[["a"], ["b"], ["c"], ["d"]])

    assert [used.cost(one) for one in "abcde"] == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_the_newest_use_counts() -> None:
    """A sentence of yesterday and of last week was used yesterday."""
    assert Used(letters=[["a"], ["b"], ["a"]]).cost("a") == 1.0


def test_what_this_letter_has_said_costs_most() -> None:
    """More than anything an earlier letter said."""
    used = Used(letters=[["small caps rose num"]])
    remember(["Small caps rose 1.9%."], used)

    assert used.cost("small caps rose num") == 2.0


def test_a_near_repeat_costs_four_fifths_of_a_repeat() -> None:
    """A word more at its end: of eleven runs of three words ten are shared."""
    assert Used(letters=[[LONG]]).cost(LONG) == 1.0
    assert Used(letters=[[LONG]]).cost(f"{LONG} today") == pytest.approx(0.8)
    assert Used(letters=[["x"], [LONG]]).cost(f"{LONG} today") == pytest.approx(0.4)


def test_what_shares_too_little_is_no_repeat() -> None:
    """One word of the first four is another: of twelve runs of three words only eight are shared."""
    assert Used(letters=[[LONG]]).cost(NEAR) == 0.0


# --- combinations -----------------------------------------------------------------------------------------------


def test_openings_times_contexts() -> None:
    """Each alternative of a part with each of the next, in order."""
    assert combinations("a ‖ b ※ c ‖ d") == ["a c", "a d", "b c", "b d"]


def test_a_blank_alternative_is_none_and_a_blank_part_is_left_out() -> None:
    """So that a condition may take either away."""
    assert combinations("‖ a ‖ ※ ‖ ※ b") == ["a b"]
    assert combinations("  ") == [""]


def test_combinations_have_a_ceiling() -> None:
    """Three parts of ten would be a thousand."""
    assert len(combinations("※".join(["‖".join("abcdefghij")] * 3))) == MOST


# --- whose turn it is -------------------------------------------------------------------------------------------

OFFERED = ["On the day small caps led.", "The day went to small caps.", "Ahead they were at the close."]


def test_the_phrasing_never_used_is_taken() -> None:
    """Whatever the turn."""
    used = Used(letters=[[mask(OFFERED[0])], [mask(OFFERED[2])]])

    assert {choose(OFFERED, used, turn=turn) for turn in range(20)} == {1}


def test_of_used_ones_the_least_recently_used_is_taken() -> None:
    """Whatever the turn."""
    used = Used(letters=[[mask(OFFERED[1])], [mask(OFFERED[0])], [mask(OFFERED[2])]])

    assert {choose(OFFERED, used, turn=turn) for turn in range(20)} == {2}


def test_equals_take_turns() -> None:
    """With nothing remembered, the day alone decides, and each is taken in its turn."""
    assert {choose(OFFERED, Used(), turn=turn) for turn in range(3)} == {0, 1, 2}
    assert [choose(OFFERED, Used(), turn=7) for _ in range(3)] == [choose(OFFERED, Used(), turn=7)] * 3


def test_in_a_row_of_letters_no_phrasing_comes_back_before_the_others_have_been() -> None:
    """Three phrasings, thirty letters: any three in a row are all different."""
    letters: list[list[str]] = []
    taken = []
    for turn in range(30):
        used = Used(letters=letters[:20])
        taken.append(choose(OFFERED, used, turn=turn))
        letters.insert(0, [mask(OFFERED[taken[-1]])])

    assert all(len(set(taken[start : start + 3])) == 3 for start in range(28))


def test_of_many_combinations_only_some_are_weighed_and_any_can_be_taken() -> None:
    """Ninety-six are offered, a few looked at; over the days all parts of the row have their turn."""
    offered = [f"Phrasing {word} of them." for word in map(chr, range(0x3B1, 0x3B1 + MOST))]

    assert len({choose(offered, Used(), turn=turn) for turn in range(400)}) > MOST / 2


# --- at the desk ------------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write a template on a day, after letters that said some things."""

    def write(source: str, *letters: str, day: date = TODAY) -> str:
        (tmp_path / "story.jinja").write_text("{% macro told() %}" + source + "{% endmacro %}", encoding="utf-8")
        monkeypatch.setattr(stationery, "folder", lambda *_: tmp_path)
        gap = fact(0.7, Unit.POINTS, key="gap")
        used = Used(letters=[[mask(one) for one in sentences(letter)] for letter in letters])
        desk = Desk(facts={"gap": gap}, gaps={}, today=day, given={}, used=used)
        return " ".join(one.text for one in desk.sentences(desk.write("story", "told"), where="story.jinja"))

    return write


def test_a_block_says_what_was_not_said_before(written: Callable[..., str]) -> None:
    """The figure in the claim does not matter: yesterday's lead was another one."""
    source = "{% call one_of() %}The gap is {{ f('gap') | figure }}. ‖ At {{ f('gap') | figure }} it ends.{% endcall %}"

    assert written(source, "The gap is 3.1 percentage points.") == "At 0.7 percentage points it ends."
    assert written(source, "At 2.2 percentage points it ends.") == "The gap is 0.7 percentage points."


def test_a_block_does_not_repeat_the_block_before_it(written: Callable[..., str]) -> None:
    """Twice the same offer in one letter: both are said."""
    block = "{% call one_of() %}So it is. ‖ It is so.{% endcall %} "

    assert sorted(sentences(written(block * 2))) == ["It is so.", "So it is."]


def test_a_block_within_a_block_is_said_only_if_it_is_taken(written: Callable[..., str]) -> None:
    """What the inner one chose and the outer one left has not been said: a later block may say it."""
    inner = "{% call one_of() %}Here it is. ‖ It is here.{% endcall %}"
    source = "{% call one_of() %}" + inner + " ‖ There.{% endcall %} {% call one_of() %}" + inner + "{% endcall %}"

    for days in range(6):
        first, second = sentences(written(source, "Here it is.", day=TODAY + timedelta(days=days)))
        assert first in {"It is here.", "There."}
        assert second == ("Here it is." if first == "It is here." else "It is here.")


def test_the_same_day_and_letters_say_the_same_words(written: Callable[..., str]) -> None:
    """No dice, no clock; another day may say others."""
    source = "{% call one_of() %}This way. ‖ That way. ‖ A further way. ‖ Or so.{% endcall %}"
    days = [TODAY + timedelta(days=step) for step in range(8)]

    assert [written(source, day=day) for day in days] == [written(source, day=day) for day in days]
    assert len({written(source, day=day) for day in days}) > 1


# --- over letters -----------------------------------------------------------------------------------------------


def test_a_back_fill_gives_the_same_bytes_as_letters_made_one_by_one(room: Newsroom, tmp_path: Path) -> None:
    """A dozen days with the memory handed on from letter to letter, and the same with each read back from its file."""
    sessions, _ = pipeline._sessions(room.store, pipeline.open_source("sample"))  # noqa: SLF001
    days = [one.date() for one in sessions[sessions <= "2026-03-31"][-12:]]
    build = room.settings.build.model_copy(update={"output": tmp_path})
    settings = room.settings.model_copy(update={"build": build})
    known: Memory = memory.NONE
    shapes = []
    for day in days:
        letter = pipeline.composed(room.store, settings, Asked(day=day), today=TODAY)
        assert letter.provenance.memory == known
        place = tmp_path / "editions" / letter.id
        place.mkdir(parents=True)
        (place / "edition.json").write_bytes(to_json(letter))
        known = memory.following(letter, digest(letter), letters=build.memory)
        shapes.append(set(known.letters[0].sentences))

    assert len(known.letters) == len(known.headlines) == 12
    assert len(set(known.headlines)) == 12
    told = sum(map(len, shapes))
    again = sum(len(shape & set().union(*shapes[:at])) for at, shape in enumerate(shapes))
    assert again <= 0.15 * told, f"{again} of {told} sentences had been said before"


def test_costs_do_not_depend_on_the_order_of_asking() -> None:
    """The index of runs is made once and only read."""
    used = Used(letters=[[LONG], ["so it is"]])
    first = [used.cost(one) for one in (LONG, NEAR, "so it is")]

    assert [used.cost(one) for one in ("so it is", NEAR, LONG)] == first[::-1]


def test_of_two_new_phrasings_the_one_in_fresher_words_is_taken() -> None:
    """Neither sentence was said; five of six runs of three words of the first were, in the letter before."""
    used = Used(letters=[[mask("Over a month small caps trailed by 2 points on Friday.")]])
    worn, fresh = (
        "Over a month small caps trailed by 3 points in May.",
        "The tally of May is a shortfall of 3 points in all.",
    )

    assert {choose([worn, fresh], used, turn=turn) for turn in range(4)} == {1}


def test_words_of_older_letters_are_fresh_again() -> None:
    """Runs of words count for five letters; the whole sentence for all that are remembered."""
    said = [mask("Over a month small caps trailed by 2 points on Friday.")]
    masked = mask("Over a month small caps trailed by 3 points in May.")

    assert Used(letters=[said]).stale(masked) > 0.5
    assert Used(letters=[[]] * 5 + [said]).stale(masked) == 0.0
