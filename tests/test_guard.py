"""The guard: what only a fact may say is refused in plain words, kind by kind; names declared once may be printed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator import guard, stationery
from generator.edition import Claim, Sentence
from generator.errors import UnprovenText
from generator.wording import say

if TYPE_CHECKING:
    from newsroom import Newsroom

    from generator.edition import Edition

CLAIM = Claim(fact="size.relative.1s", say="beat", text="beat large caps by 0.7 percentage points")


def kinds(text: str) -> set[str]:
    """Read plain words; gives the kinds of what was found."""
    return {found.kind for found in guard.read(text, where="here")}


REFUSED = (
    ("digit", "Small caps moved 3 times."),
    ("digit", "Small caps moved by −1.4."),
    ("digit", "The 4-year yield is not published."),
    ("number word", "It took seven sessions."),
    ("number word", "The move doubled."),
    ("number word", "That is the second in a row."),
    ("unit", "Yields moved by some basis points."),
    ("unit", "A share of percent."),
    ("rank", "It was the largest move."),
    ("rank", "Nothing like it since then."),
    ("rank", "An all-time mark."),
    ("rank", "Small caps have never done so."),
    ("direction", "Small caps rose."),
    ("direction", "Yields were falling."),
    ("direction", "They led."),
    ("direction", "A higher yield."),
    ("direction", "Policy is easing."),
    ("direction", "The curve is inverted."),
    ("size", "A sharp move."),
    ("size", "Yields moved slightly."),
    ("date", "In March it was so."),
    ("date", "It came on Tuesday."),
    ("date", "So it was last week."),
    ("cause", "Because of the Fed."),
    ("cause", "It moved on hopes."),
    ("cause", "Driven by rates."),
    ("likelihood", "Small caps usually do so."),
    ("likelihood", "They will come back."),
    ("advice", "Investors should take note."),
    ("hype", "Small caps soared."),
    ("hype", "A headwind for all."),
    ("hype", "Amid doubts."),
    ("span", "So it was a year ago."),
    ("turned", "It was not \ufffc."),  # what stands for a claim
    ("turned", "It was nearly \ufffc."),
    ("span", "It was so a year earlier."),
    ("turned", "They hardly \ufffc."),
    ("question", "Is this it?"),
    ("name not declared", "It was the view of Goldman."),
    ("name not declared", "They beat the Russell index."),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), REFUSED, ids=[f"{kind}: {text}" for kind, text in REFUSED])
def test_plain_words_may_not_say(kind: str, text: str) -> None:
    """One sentence a line, each with what must be found in it."""
    assert kind in kinds(text)


def test_every_kind_is_in_that_table() -> None:
    """So that no list of words stands untested."""
    assert {kind for kind, _ in REFUSED} == {*guard.KINDS, "name not declared"}


@pytest.mark.parametrize(
    "text",
    [
        "The 10-year yield and the 2s10s curve are published by the Federal Reserve.",
        "Small caps and large caps are groups of stocks on the NYSE.",
        "After a first cut the account opens anew.",
        "A 90% interval comes from Politis and Romano.",
        "Between the two there was nothing to speak of.",
        "Policy is a matter of record.",
    ],
)
def test_names_and_terms_declared_once_may_be_printed(text: str) -> None:
    """Maturities, names of groups, publishers and terms are no figures, ranks or foreign names."""
    assert kinds(text) == set()


@pytest.mark.parametrize("name", guard.NAMES)
def test_a_declared_name_covers_itself_alone(name: str) -> None:
    """The name passes; the figure glued to it does not, and neither does the next word."""
    assert kinds(f"It is {name} here.") == set()
    assert "digit" in kinds(f"It is {name} 7 here.")


def test_what_a_claim_prints_is_not_read() -> None:
    """The words of a fact are the fact's own."""
    sentence = Sentence(pieces=("Small caps ", CLAIM, "."))

    guard.check([sentence], where="here")
    assert not list(guard.read(guard.plain(sentence), where="here"))


def test_words_cannot_hide_behind_a_claim() -> None:
    """The words on either side of it are read as they stand."""
    with pytest.raises(UnprovenText, match="rose") as caught:
        guard.check([Sentence(pieces=("Small caps rose and ", CLAIM, "."))], where="templates/prose/gap.jinja")

    assert caught.value.findings == ("'rose' (direction)",)
    assert "templates/prose/gap.jinja" in str(caught.value)


def test_case_and_line_breaks_hide_nothing() -> None:
    """SURGED is found too, and "due" on one line with "to" on the next."""
    assert "hype" in kinds("They SURGED.")
    assert "cause" in kinds("It was due\n to it.")


def test_a_word_inside_another_is_not_found() -> None:
    """A rosette is no rose, a uplift no up."""
    assert kinds("A rosette and an uplift, a settled matter.") == set()


@pytest.mark.parametrize(
    ("day", "kind"), [("2026-03-31", "daily"), ("2024-09-18", "decision"), ("2008-10-10", "weekly")]
)
def test_real_letters_pass(room: Newsroom, day: str, kind: str) -> None:
    """Every sentence, title, headline and text alternative."""
    assert guard.findings(room.letter(day, kind)) == []


def test_the_guard_reads_titles_charts_and_preheader(room: Newsroom) -> None:
    """A word put into any of them is found, with its place."""
    letter = room.letter("2026-03-31")
    bad = Sentence(pieces=("It soared.",))
    chart = replace(letter.charts[0], alt=bad)
    section = replace(letter.sections[0], title=bad)
    made = replace(letter, preheader=bad, charts=(chart, *letter.charts[1:]), sections=(section, *letter.sections[1:]))

    places = [found.where for found in guard.findings(made)]

    assert places[0] == "preheader"
    assert f"title of {section.story}" in places
    assert any(f"chart {chart.id} (alternative)" in place for place in places)


# --- figures of a finished form ---------------------------------------------------------------------------------


def test_a_form_may_print_only_what_its_edition_supplies(room: Newsroom) -> None:
    """A figure from nowhere is named; figures of facts, dates and counts pass."""
    known = guard.supplied(room.letter("2026-03-31"))

    guard.check_form(["Funds target 3.50% to 3.75%, 31 March 2026, 22:00 UTC"], known, where="letter.txt")
    with pytest.raises(UnprovenText, match=r"987\.65"):
        guard.check_form(["Small caps 987.65"], known, where="letter.txt")


# --- words, clauses and names beside claims ---------------------------------------------------------------------


def of_edition(letter: Edition, *pieces: str | Claim) -> set[str]:
    """The kinds of what is refused in a sentence, were it one of a letter."""
    return {found.kind for found in guard.refusals(Sentence(pieces=pieces), letter.facts, where="here")}


def claim_of(letter: Edition, fact: str, say_: str) -> Claim:
    """A claim of a letter's fact."""
    return Claim(fact=fact, say=say_, text=say(letter.facts[fact], say_, {}, facts=letter.facts, today=letter.as_of))


def test_a_word_that_no_template_is_known_to_use_is_refused(room: Newsroom) -> None:
    """So what no list foresaw is stopped too: the words of the prose are a list that is added to by hand."""
    letter = room.letter("2026-03-31")

    assert of_edition(letter, "Dragons guard the curve.") == {guard.UNLISTED}


def test_the_words_of_the_prose_are_in_order_and_each_is_used() -> None:
    """The list holds nothing that was once used and is no more."""
    words = (stationery.folder("prose") / "words.txt").read_text(encoding="utf-8").split()
    prose = " ".join(path.read_text(encoding="utf-8").lower() for path in stationery.folder("prose").glob("*.jinja"))

    assert words == sorted(set(words))
    assert [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", prose)] == []


def test_a_clause_of_reason_needs_a_fact(room: Newsroom) -> None:
    """A reason in the letter's own words is one nevertheless; a clause that holds a claim is none."""
    letter = room.letter("2026-03-31")
    moved = claim_of(letter, "size.return.small.1s", "moved")

    assert of_edition(letter, "Small caps ", moved, ", as the market sees no risk.") == {"unproven clause"}
    assert of_edition(letter, "Small caps ", moved, ", so this letter is short.") == set()
    assert of_edition(letter, "Small caps ", moved, ", while small caps ", moved, ".") == set()


def test_a_figure_stands_beside_the_name_of_its_own_fact(room: Newsroom) -> None:
    """The return of small caps is not one of large caps, before the figure or after it."""
    letter = room.letter("2026-03-31")
    moved = claim_of(letter, "size.return.small.1s", "moved")

    assert of_edition(letter, "Small caps ", moved, ".") == set()
    assert of_edition(letter, "Large caps ", moved, ".") == {"name beside small caps"}
    assert of_edition(letter, moved, " for large-cap stocks.") == {"name beside small caps"}
    assert of_edition(letter, "The beta of small caps to large caps was ", moved, ".") == set()


def test_a_name_before_a_span_is_that_of_what_follows(room: Newsroom) -> None:
    """In "the lead of small caps over five sessions is among the widest" the rank is that of the lead."""
    letter = room.letter("2026-03-31")
    over = claim_of(letter, "size.relative.5s", "over")
    gap = replace(over, say="lead_of", text="a lead of 0.7 percentage points", args=())

    assert of_edition(letter, "The tally of small caps ", over, " is ", gap, ".") == set()
    assert of_edition(letter, "The tally of large caps ", over, " is ", gap, ".") == {"name beside small caps"}
    assert of_edition(letter, "Between small and large caps ", over, " there was ", gap, ".") == set()


def test_a_typed_span_belongs_to_a_fact_of_its_sentence(room: Newsroom) -> None:
    """Volatility is over three months by its definition; a return is not."""
    letter = room.letter("2026-03-31")
    figure = claim_of(letter, "size.volatility.small", "figure")
    moved = claim_of(letter, "size.return.small.1s", "moved")

    assert of_edition(letter, "Small-cap volatility over three months is ", figure, ".") == set()
    assert of_edition(letter, "Small caps ", moved, " over three months.") == {"unproven span"}


@pytest.mark.parametrize("word", ["not", "hardly", "no longer", "far from", "about", "nearly", "at least", "up to"])
def test_a_claim_is_neither_turned_nor_blurred(word: str) -> None:
    """What stands right before a claim may not deny it, and makes no exact figure a rough one."""
    assert "turned" in kinds(f"Small caps {word} {guard.CLAIM}.")
