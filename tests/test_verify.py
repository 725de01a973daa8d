"""Verifying: what was changed by hand in a letter is found, and its fact or place is named; what was not passes."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from newsroom import TODAY, UNIVERSE

from generator import composing, facts, pipeline, verify
from generator.config import BuildSettings, Settings
from generator.edition import Claim, Sentence, digest, from_json, to_json
from generator.errors import DamagedEdition, UnknownName, Unreadable
from generator.store import Store
from generator.wording.terms import VERBS as TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsroom import Newsroom

    from generator.edition import Edition
    from generator.store import View
    from generator.verify import Difference, Verdict

DAY = "2024-09-18"  # a decision, and two gaps
CLAIM = re.compile(
    r'<data class="claim" value="(?P<value>[^"]*)" data-fact="(?P<fact>[^"]*)" data-say="(?P<say>[^"]*)"'
    r'(?: data-args="[^"]*")?>(?P<words>[^<]*)</data>'
)
VERBS = re.compile(rf"\b({'|'.join(verb for _, *sides in TABLE for side in sides for verb in side)})\b")


def places(verdict: Verdict) -> str:
    """All that a verdict names, in one text."""
    return "\n".join(f"{one.where} | {one.fact} | {one.printed} | {one.expected}" for one in verdict.differences)


# --- forms ------------------------------------------------------------------------------------------------------


@pytest.fixture
def check(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], tuple[Difference, ...]]:
    """Check a form of the letter against its edition; what the edition renders to is rendered once."""
    forms = room.forms(DAY)
    monkeypatch.setattr(verify, "render", lambda *_args, **_more: forms)
    return lambda name, content: verify.check_form(Path(name), content, room.letter(DAY)).differences


def claim_of(page: str, **wanted: str) -> re.Match[str]:
    """Find the first claim whose groups match patterns."""
    return next(
        found
        for found in CLAIM.finditer(page)
        if all(re.search(pattern, found[name]) for name, pattern in wanted.items())
    )


def reworded(page: str, found: re.Match[str], words: str) -> str:
    """Print other words in the place of a claim's."""
    return page[: found.start("words")] + words + page[found.end("words") :]


def a_digit(page: str) -> tuple[str, str]:
    """Change the last digit of a figure in a sentence."""
    found = claim_of(page, say="^range_to$", words=r"\d")
    return reworded(page, found, re.sub(r"\d(?=%$)", "7", found["words"])), found["fact"]


def a_sign(page: str) -> tuple[str, str]:
    """Turn a minus in a table into a plus."""
    found = claim_of(page, say="^signed_cell$", words="^−")
    return reworded(page, found, found["words"].replace("−", "+")), found["fact"]


def a_verb(page: str) -> tuple[str, str]:
    """Turn a rise into a fall, or a fall into a rise."""
    found = claim_of(page, say="^moved$", words=VERBS.pattern)
    verb = VERBS.search(found["words"])
    assert verb is not None
    return reworded(page, found, found["words"].replace(verb[0], "rose" if "ll" in verb[0] else "fell")), found["fact"]


def a_date(page: str) -> tuple[str, str]:
    """Move a date by a month."""
    found = claim_of(page, words=r"November")
    return reworded(page, found, found["words"].replace("November", "October")), found["fact"]


def a_fact(page: str) -> tuple[str, str]:
    """Print another true claim, with all its attributes, in the place of one."""
    cells = [found for found in CLAIM.finditer(page) if found["say"] == "signed_cell"]
    one = cells[0]
    other = next(found for found in cells if found["words"] != one["words"])
    return page[: one.start()] + other[0] + page[one.end() :], one["fact"]


def a_fact_of_the_same_words(page: str) -> tuple[str, str]:
    """Let a figure stand for another fact that happens to print the same."""
    claims = list(CLAIM.finditer(page))
    one, other = next(
        (one, other)
        for one, other in itertools.combinations(claims, 2)
        if one["words"] == other["words"] and one["fact"] != other["fact"]
    )
    return page[: one.start()] + other[0] + page[one.end() :], one["fact"]


def a_value(page: str) -> tuple[str, str]:
    """Change what a figure carries for machines and leave its words."""
    found = claim_of(page, say="^signed_cell$")
    return page[: found.start("value")] + "1.25" + page[found.end("value") :], found["fact"]


def a_cell(page: str) -> tuple[str, str]:
    """Swap two cells of a row."""
    first, second, *_ = re.findall(r"<td>(?:(?!</td>).)*</td>", page)
    return page.replace(first + second, second + first, 1), "table 'Total returns', 1 session"


def a_headline(page: str) -> tuple[str, str]:
    """Say something else in the headline."""
    return re.sub(r"(<h1>.*?>)(The Fed|Small caps)", r"\1The market", page, count=1), "sentence 1"


def a_title_of_the_window(page: str) -> tuple[str, str]:
    """Say something else in the tab of the browser."""
    return re.sub(r"<title>[^<]*", "<title>Small caps soar", page, count=1), "head"


def a_label(page: str) -> tuple[str, str]:
    """Change a label inside a drawing."""
    labels = re.finditer(r"<text[^>]*>([^<]*\d[^<]*)</text>", page)
    chosen = next(found for found in labels if "role-axis" not in page[max(0, found.start() - 300) : found.start()])
    return page[: chosen.start(1)] + "99.9%" + page[chosen.end(1) :], "chart"


def a_line(page: str) -> tuple[str, str]:
    """Draw a line of a chart another way."""
    svg = page.index("<svg")
    start = page.index(' d="M', svg)
    return page[:start] + ' d="M0,0L9,9' + page[start + 5 :], "chart"


def a_gap(page: str) -> tuple[str, str]:
    """Take a gap out of the list of what is missing."""
    return re.sub(r'<li id="gap-a">.*?</li>', "", page, count=1, flags=re.DOTALL), "gap"


def a_word(page: str) -> tuple[str, str]:
    """Put a word between two claims."""
    return page.replace(" and ", " and, happily, ", 1), ""


def a_sentence(page: str) -> tuple[str, str]:
    """Add a sentence of one's own."""
    return page.replace("</p>\n</section>", " Buy now.</p>\n</section>", 1), ""


def a_source(page: str) -> tuple[str, str]:
    """Let the observations reach further than they did."""
    start = page.index('id="sources"')
    return page[:start] + page[start:].replace("to 17 September 2024", "to 18 September 2024", 1), "sources"


PAGE_CHANGES = (
    a_digit, a_sign, a_verb, a_date, a_fact, a_fact_of_the_same_words, a_value, a_cell, a_headline,
    a_title_of_the_window, a_label, a_line, a_gap, a_word, a_sentence, a_source,
)  # fmt: skip


@pytest.mark.parametrize("change", PAGE_CHANGES, ids=[change.__name__ for change in PAGE_CHANGES])
def test_a_change_of_the_page_is_found_and_named(
    room: Newsroom, check: Callable[[str, bytes], tuple[Difference, ...]], change: Callable[[str], tuple[str, str]]
) -> None:
    """One change by hand: at least one difference, and the fact or the place is in it."""
    page = room.forms(DAY)["index.html"].decode()
    changed, named = change(page)
    assert changed != page

    found = check("index.html", changed.encode())

    assert found
    assert any(named in f"{one.where} {one.fact}" for one in found)
    assert len(found) <= 4  # and not half the letter


MAIL_CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a digit": (lambda mail: mail.replace(b"50 bp to", b"75 bp to"), "policy."),
    "the subject": (lambda mail: mail.replace(b"Subject: ", b"Subject: Wow: ", 1), "subject"),
    "a verb": (lambda mail: re.sub(rb"\b(rose|fell|slid|climbed|slipped)\b", b"plunged", mail), "text part, line"),
    "a picture": (lambda mail: re.sub(rb"(iVBORw0KGgo[^\n]{20})[A-Za-z0-9]", rb"\1+", mail, count=1), "chart"),
    "a word": (lambda mail: mail.replace(b"large caps", b"huge caps", 1), "text part, line"),
    "its edition": (
        lambda mail: mail.replace(b"X-Capline-Edition: 2024", b"X-Capline-Edition: 2023"),
        "capline:edition",
    ),
}


@pytest.mark.parametrize("change", sorted(MAIL_CHANGES))
def test_a_change_of_the_mail_is_found_and_named(
    room: Newsroom, check: Callable[[str, bytes], tuple[Difference, ...]], change: str
) -> None:
    """In the subject, in either part, in a picture or in what it says of itself."""
    mail = room.forms(DAY)["letter.eml"]
    make, named = MAIL_CHANGES[change]
    assert make(mail) != mail

    assert any(named in f"{one.where} {one.fact}" for one in check("letter.eml", make(mail)))


TEXT_CHANGES: dict[str, Callable[[str], str]] = {
    "a digit": lambda text: re.sub(r"5\.00%", "5.25%", text, count=1),
    "a sign": lambda text: re.sub(r"\+(?=\d)", "−", text, count=1),
    "a verb": lambda text: VERBS.sub("plunged", text, count=1),
    "a date": lambda text: re.sub(r"November", "October", text, count=1),
    "a gap": lambda text: re.sub(r"(?m)^a +.*\n", "", text, count=1),
    "two lines": lambda text: re.sub(r"(?m)^(5 sessions.*\n)(21 sessions.*\n)", r"\2\1", text, count=1),
}


@pytest.mark.parametrize("change", sorted(TEXT_CHANGES))
def test_a_change_of_the_text_is_found_with_its_line(
    room: Newsroom, check: Callable[[str, bytes], tuple[Difference, ...]], change: str
) -> None:
    """The number of the line, what it says and what it must say."""
    text = room.forms(DAY)["letter.txt"].decode()
    changed = TEXT_CHANGES[change](text)
    assert changed != text

    found = check("letter.txt", changed.encode())

    assert found
    assert all(re.match(r"line \d+$", one.where) for one in found)


def test_a_change_of_the_evidence_behind_the_page_is_found(
    room: Newsroom, check: Callable[[str, bytes], tuple[Difference, ...]]
) -> None:
    """An unrounded value on the page that the figures lead to, under any name of the file."""
    page = room.forms(DAY)["evidence.html"].decode()
    value = re.search(r'<span class="value">(\S+) percent', page)
    assert value is not None

    found = check("copy.html", (page[: value.start(1)] + "7.77" + page[value.end(1) :]).encode())

    assert len(found) == 1
    assert found[0].printed.startswith("7.77 percent")


@pytest.mark.parametrize("name", ["index.html", "evidence.html", "letter.eml", "letter.txt"])
def test_a_form_as_it_was_rendered_has_no_difference(
    room: Newsroom, check: Callable[[str, bytes], tuple[Difference, ...]], name: str
) -> None:
    """Page, mail and text."""
    assert check(name, room.forms(DAY)[name]) == ()


def test_other_markup_around_the_same_words_is_told_but_is_no_difference(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that came through a server that adds a header, a page with another style."""
    forms = room.forms(DAY)
    monkeypatch.setattr(verify, "render", lambda *_args, **_more: forms)
    page = forms["index.html"].replace(b"<style>", b"<style>p{color:red}", 1)

    verdict = verify.check_form(Path("index.html"), page, room.letter(DAY))

    assert verdict.differences == ()
    assert "markup" in verdict.notes[0]


def test_a_pdf_is_compared_byte_for_byte(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte is a difference."""
    forms = room.forms(DAY)
    monkeypatch.setattr(verify, "render", lambda *_args, **_more: forms)
    pdf = forms["letter-a4.pdf"]
    flipped = pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:]

    same, other = (verify.check_form(Path("letter-a4.pdf"), one, room.letter(DAY)) for one in (pdf, flipped))

    assert (same.differences, same.notes) == ((), ("byte for byte as its edition prints",))
    assert other.differences[0].where == "letter-a4.pdf"


# --- the edition against the store ------------------------------------------------------------------------------


def against_store(room: Newsroom, letter: Edition) -> Verdict:
    """Check an edition."""
    return verify.check_edition(letter, room.store.view(letter.moment), UNIVERSE)


def claim_where(letter: Edition, test: Callable[[Claim], bool]) -> Claim:
    """Find a claim of an edition."""
    return next(claim for _, claim in letter.claims() if test(claim))


def edited(letter: Edition, edit: Callable[[str], str]) -> Edition:
    """Edit edition.json by hand."""
    text = to_json(letter).decode()
    changed = edit(text)
    assert changed != text
    return from_json(changed.encode(), path=Path("edition.json"))


def in_headline(letter: Edition, claim: Claim) -> Edition:
    """Print a claim in the headline, in the place of its first."""
    pieces = list(letter.headline.pieces)
    place = next(place for place, piece in enumerate(pieces) if isinstance(piece, Claim))
    pieces[place] = claim
    return replace(letter, headline=Sentence(pieces=tuple(pieces)))


def value_and_words(letter: Edition) -> tuple[Edition, str]:
    """Change a fact and everything that is printed of it, consistently."""
    key = "rates.yield.10y"
    text = to_json(replace(letter, facts={**letter.facts, key: replace(letter.facts[key], value=3.95)})).decode()
    return from_json(text.replace('"3.65%"', '"3.95%"').replace('"3.65"', '"3.95"').encode(), path=Path("x")), key


def a_cell_swapped(letter: Edition) -> tuple[Edition, str]:
    """Put one true claim in the place of another, with all that belongs to it."""
    table = letter.tables[0]
    first, *rest = table.rows
    row = replace(first, cells=(first.cells[1], first.cells[0], *first.cells[2:]))
    return replace(letter, tables=(replace(table, rows=(row, *rest)), *letter.tables[1:])), "size.return.small.1s"


EDITION_CHANGES: dict[str, Callable[[Edition], tuple[Edition, str]]] = {
    "the words of a claim": lambda it: (
        in_headline(it, replace(it.headline.claims[0], text="raised its target 50 bp to")), it.headline.claims[0].fact
    ),
    "a value": lambda it: (
        replace(it, facts={**it.facts, "size.beta": replace(it.facts["size.beta"], value=2.0)}), "size.beta"
    ),
    "a value and its words": value_and_words,
    "a true claim in the place of another": lambda it: (
        in_headline(it, claim_where(it, lambda one: one.say == "signed_cell")), "sentence 1"
    ),
    "two cells": a_cell_swapped,
    "a plain word": lambda it: (replace(it, standfirst=Sentence(pieces=("All is well.",))), "sentence 2"),
    "a forbidden word": lambda it: (replace(it, standfirst=Sentence(pieces=("They soared.",))), "soared"),
    "a gap removed": lambda it: (replace(it, gaps=it.gaps[1:]), it.gaps[0].key),
    "the reason of a gap": lambda it: (
        replace(it, gaps=(replace(it.gaps[0], reason="never mind"), *it.gaps[1:])), it.gaps[0].key
    ),
    "a fact removed": lambda it: (
        replace(it, facts={key: one for key, one in it.facts.items() if key != "size.share"}), "size.share"
    ),
    "the digest of its evidence": lambda it: (
        edited(it, lambda text: text.replace(it.facts["size.beta"].evidence[0].digest, "0" * 64)), "size.beta"
    ),
    "a point of a chart": lambda it: (
        replace(it, charts=(replace(it.charts[0], spec={**it.charts[0].spec, "width": 1}), *it.charts[1:])),
        f"chart {it.charts[0].id}",
    ),
    "a case of a study": lambda it: (
        replace(it, studies=(replace(it.studies[0], events=it.studies[0].events[1:]), *it.studies[1:])), "studies"
    ),
    "the head of a column": lambda it: (
        replace(it, tables=(replace(it.tables[0], title="Total losses"), *it.tables[1:])), f"table {it.tables[0].id}"
    ),
    "the score of a story": lambda it: (
        replace(it, considered={**it.considered, "gap": replace(it.considered["gap"], surprise=9.0)}), "considered, gap"
    ),
    "a notice": lambda it: (replace(it, notices=()), "notices"),
    "its session": lambda it: (replace(it, as_of=date(2024, 9, 15)), "as_of"),
    "its moment": lambda it: (replace(it, moment=it.moment + timedelta(days=1)), "moment"),
    "its name": lambda it: (replace(it, id="letter"), "id"),
    "its kind": lambda it: (replace(it, kind="hourly"), "kind"),
}  # fmt: skip


@pytest.mark.parametrize("change", sorted(EDITION_CHANGES))
@pytest.mark.usefixtures("quick")
def test_a_change_of_the_edition_is_found_by_the_store(room: Newsroom, change: str) -> None:
    """However consistent the change is in itself: the store says what must stand there."""
    letter, named = EDITION_CHANGES[change](room.letter(DAY))

    verdict = against_store(room, letter)

    assert named in places(verdict)
    assert len(verdict.differences) <= 12


@pytest.mark.parametrize(("day", "kind"), [(DAY, "daily"), ("2020-03-15", "decision"), ("1960-05-02", "weekly")])
def test_an_untouched_edition_has_no_difference(room: Newsroom, day: str, kind: str) -> None:
    """A decision, a Sunday, a letter with many gaps."""
    verdict = against_store(room, room.letter(day, kind))

    assert verdict.differences == ()
    assert verdict.facts == len(room.letter(day, kind).facts)


def test_a_report_on_some_stories_has_no_difference(room: Newsroom) -> None:
    """What was asked for stands in the edition."""
    assert against_store(room, room.letter("2026-03-31", "weekly", "slope", "gap")).differences == ()


@pytest.mark.usefixtures("quick")
def test_a_letter_of_other_prose_is_checked_by_its_claims(room: Newsroom) -> None:
    """Written by an earlier Capline: facts and claims are said again, and the verdict says what was not checked."""
    letter = room.letter(DAY)
    older = replace(letter, provenance=replace(letter.provenance, prose="0" * 64), standfirst=Sentence(pieces=("So.",)))
    changed = in_headline(older, replace(letter.headline.claims[0], text="raised its target 50 bp to"))

    assert against_store(room, older).differences == ()
    assert "other prose" in against_store(room, older).notes[0]
    assert against_store(room, changed).differences[0].fact == letter.headline.claims[0].fact


def test_a_store_that_knows_something_else_is_told(room: Newsroom, tmp_path: Path) -> None:
    """A revised yield in the store: every fact made from it differs, and no other."""
    copy = tmp_path / "store.duckdb"
    shutil.copy(room.store.path, copy)
    letter = room.letter(DAY)

    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "UPDATE observations SET value = 3.66 WHERE series_id = 'rates.DGS10' AND date = '2024-09-17'"
        )
    with Store.open(copy) as store:
        verdict = verify.check_edition(letter, store.view(letter.moment), UNIVERSE)

    facts = {one.fact for one in verdict.differences if one.where.startswith("facts")}
    assert "rates.yield.10y" in facts
    assert not any(key.startswith(("size.", "fx.", "inflation.")) for key in facts)


# --- finding the edition of a form ------------------------------------------------------------------------------


@pytest.fixture
def quick(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let facts be gathered and letters composed once for the same moment and order: they are the same each time."""
    kept: dict[tuple[object, ...], object] = room.kept
    gather, compose = facts.gather, composing.compose

    def gathered(view: View, **asked: object) -> object:
        key = (view.moment, *asked.values())
        kept.setdefault(key, None)
        kept[key] = kept[key] or gather(view, **asked)  # type: ignore[arg-type]
        return kept[key]

    def composed(view: View, order: composing.Order, **more: Any) -> object:  # noqa: ANN401 -- what compose takes
        kept.setdefault((view.moment, order), None)
        kept[view.moment, order] = kept[view.moment, order] or compose(view, order, **more)
        return kept[view.moment, order]

    monkeypatch.setattr(facts, "gather", gathered)
    monkeypatch.setattr(composing, "compose", composed)


@pytest.fixture
def office(room: Newsroom, tmp_path: Path) -> Callable[[str], tuple[Verdict, str]]:
    """Verify a file of `tmp_path`, with `tmp_path/out` as the output folder."""
    settings = Settings(build=BuildSettings(store=room.store.path, output=tmp_path / "out"))
    return lambda name: pipeline.verified(settings, tmp_path / name, edition_file=None, today=TODAY)


def put(folder: Path, **files: bytes) -> None:
    """Write files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)


@pytest.mark.usefixtures("quick")
def test_a_copy_is_checked_against_the_edition_in_the_output_folder(
    room: Newsroom, tmp_path: Path, office: Callable[[str], tuple[Verdict, str]]
) -> None:
    """A page in another folder, with no edition.json beside it."""
    put(tmp_path, page_html=room.forms(DAY)["index.html"])
    put(tmp_path / "out" / "editions" / f"{DAY}-daily", edition_json=room.forms(DAY)["edition.json"])

    verdict, against = office("page.html")

    assert verdict.differences == ()
    assert f"{DAY}-daily/edition.json" in against


@pytest.mark.usefixtures("quick")
def test_an_edition_beside_the_form_that_is_another_is_passed_over(
    room: Newsroom, tmp_path: Path, office: Callable[[str], tuple[Verdict, str]]
) -> None:
    """A form names the digest of its edition; the one of that digest is taken, or made again."""
    put(tmp_path, letter_txt=room.forms(DAY)["letter.txt"], edition_json=to_json(room.letter("2026-03-31")))

    verdict, against = office("letter.txt")

    assert verdict.differences == ()
    assert "made again" in against


@pytest.mark.usefixtures("quick")
def test_a_text_says_which_edition_it_is(
    room: Newsroom, tmp_path: Path, office: Callable[[str], tuple[Verdict, str]]
) -> None:
    """In its last lines; without any edition.json it is made again."""
    put(tmp_path, letter_txt=room.forms(DAY)["letter.txt"])

    verdict, against = office("letter.txt")

    assert verdict.differences == ()
    assert "made again" in against


@pytest.mark.usefixtures("quick")
def test_an_edited_edition_beside_a_page_harms_the_page_no_more_than_its_own_check(
    room: Newsroom, tmp_path: Path, office: Callable[[str], tuple[Verdict, str]]
) -> None:
    """The page is as its edition was; the edition.json itself is found."""
    letter = room.letter(DAY)
    wrong = replace(letter, facts={**letter.facts, "size.beta": replace(letter.facts["size.beta"], value=2.0)})
    put(tmp_path, letter_txt=room.forms(DAY)["letter.txt"], edition_json=to_json(wrong))

    assert office("letter.txt")[0].differences == ()
    assert "size.beta" in {one.fact for one in office("edition.json")[0].differences}


@pytest.mark.usefixtures("quick")
def test_an_edition_that_is_named_is_taken_and_its_other_digest_told(room: Newsroom, tmp_path: Path) -> None:
    """With `--edition`, whatever the form says."""
    other = room.letter("2026-03-31")
    put(tmp_path, letter_txt=room.forms(DAY)["letter.txt"], other_json=to_json(other))
    settings = Settings(build=BuildSettings(store=room.store.path, output=tmp_path / "out"))

    verdict, _ = pipeline.verified(settings, tmp_path / "letter.txt", edition_file=tmp_path / "other.json", today=TODAY)

    assert verdict.differences
    assert digest(other)[:12] in verdict.notes[0]


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("page.html", b"<p>Hello.</p>", (DamagedEdition, "does not say which edition")),
        ("page.html", b'<meta name="capline:edition" content="2024-19-99-daily">', (DamagedEdition, "no day")),
        ("page.html", b'<meta name="capline:edition" content="../../etc/passwd">', (DamagedEdition, "does not say")),
        ("page.html", b'<meta name="capline:edition" content="2024-09-18-hourly">', (UnknownName, "hourly")),
        ("letter.pdf", b"%PDF-1.7", (DamagedEdition, "does not say which edition")),
        ("letter.doc", b"", (UnknownName, ".doc")),
        ("edition.json", b"{", (DamagedEdition, "not JSON")),
        ("edition.json", b'{"schema": "capline-edition/9"}', (DamagedEdition, "capline-edition/9")),
        (
            "edition.json",
            json.dumps({"schema": "capline-edition/1", "id": 7}).encode(),
            (DamagedEdition, "edition.json"),
        ),
    ],
)
def test_what_cannot_be_verified_is_said_plainly(
    tmp_path: Path, office: Callable[[str], tuple[Verdict, str]], name: str, content: bytes, answer: tuple[type, str]
) -> None:  # fmt: skip
    """A file that is no letter, of no known kind, or of another schema."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(answer[0], match=re.escape(answer[1])):
        office(name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, office: Callable[[str], tuple[Verdict, str]]) -> None:
    """Wrong use, not a difference."""
    with pytest.raises(Unreadable, match=r"gone\.html"):
        office("gone.html")
    assert not list(tmp_path.iterdir())
