"""The forms of a letter: the same figures in all, the same bytes each time, and each fit for its medium."""

from __future__ import annotations

import email
import email.policy
import html as markup
import io
import re
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import letters
import pytest

from generator.edition import Claim, Edition, digest
from generator.errors import RenderError
from generator.model import Gap
from generator.render import render

if TYPE_CHECKING:
    from email.message import EmailMessage

VOID = {"meta", "br", "img", "link", "hr", "input"}
UNSHOWN = {"style", "title", "svg", "head"}


class Reader(HTMLParser):
    """Reads a page: its shown text, its elements, and whether every one that opens is closed in order."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.shown: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.faults += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that holds nothing."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note an end that fits no start."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Note words that a reader sees."""
        if not UNSHOWN & set(self.open):
            self.shown.append(data)

    @property
    def text(self) -> str:
        """The shown text with single blanks."""
        return " ".join("".join(self.shown).split())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """List the attributes of each element of a name."""
        return [found for name, found in self.elements if name == tag]


@cache
def files() -> dict[str, bytes]:
    """Render the letter once for all tests of this module."""
    return render(letters.edition(), ["web", "mail", "text", "pdf", "json"], papers=("a4", "letter"))


@cache
def message() -> EmailMessage:
    """Parse the mail as a client does."""
    return email.message_from_bytes(files()["letter.eml"], policy=email.policy.default)  # type: ignore[return-value]


def mail_html() -> str:
    """Take the HTML part of the mail."""
    part = message().get_body(("html",))
    assert part is not None
    return str(part.get_content())


@cache
def paper_text(paper: str) -> str:
    """Read the words of a PDF."""
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(files()[f"letter-{paper}.pdf"])).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def prose(edition: Edition) -> list[str]:
    """List all sentences as they are read."""
    return [" ".join(sentence.text.split()) for _, _, sentence in edition.sentences()]


def figures(edition: Edition) -> list[str]:
    """List what every claim prints."""
    return [claim.text for where, claim in edition.claims() if where != "preheader"]


def shown(form: str) -> str:
    """Read a form as a reader does, charts' drawings left out, with single blanks."""
    match form:
        case "web":
            return Reader(files()["index.html"].decode()).text
        case "mail":
            page = Reader(mail_html())
            return page.text + " ".join(found["alt"] or "" for found in page.attributes("img"))
        case "mail's text":
            part = message().get_body(("plain",))
            assert part is not None
            return " ".join(part.get_content().split())
        case "text":
            return " ".join(files()["letter.txt"].decode().split())
        case _:
            return paper_text(form)


@pytest.mark.parametrize("form", ["web", "mail", "mail's text", "text"])
def test_a_form_says_every_sentence_word_for_word(form: str) -> None:
    """Headline, prose, findings of the charts, their alternatives and the method stand in it unchanged."""
    text = shown(form)

    assert [sentence for sentence in prose(letters.edition()) if sentence not in text] == []


@pytest.mark.parametrize("form", ["web", "mail", "mail's text", "text", "a4", "letter"])
def test_a_form_prints_every_figure_of_prose_and_tables(form: str) -> None:
    """No form leaves out a figure that another prints."""
    text = shown(form)

    assert [figure for figure in figures(letters.edition()) if figure not in text] == []


@pytest.mark.parametrize("form", ["web", "mail", "mail's text", "text", "a4", "letter"])
def test_a_form_names_what_is_missing_and_why(form: str) -> None:
    """Each gap stands in the letter with its reason; its cell reads "n/a"."""
    text = shown(form)

    assert "n/a" in text
    for gap in letters.edition().gaps:
        assert gap.label in text
        assert gap.reason in text


@pytest.mark.parametrize("form", ["web", "mail", "mail's text", "text", "a4", "letter"])
def test_a_form_carries_notice_disclaimer_sources_and_the_edition(form: str) -> None:
    """A reader of any form learns that it is sample data, that it is no advice, and which edition it is."""
    text = shown(form)
    edition = letters.edition()

    for words in (*edition.notices, edition.masthead.disclaimer, edition.sources[0].publisher, edition.id):
        assert words in text
    assert digest(edition)[:12] in text


def test_the_same_edition_gives_the_same_bytes_in_every_form() -> None:
    """A second rendering, in another press, is identical to the last byte."""
    again = render(letters.edition(), ["pdf", "json", "text", "mail", "web"], papers=("a4", "letter"))

    assert {path for path, found in files().items() if again[path] != found} == set()
    assert set(again) == set(files())


@pytest.mark.parametrize("page", ["index.html", "evidence.html", "mail"])
def test_markup_is_closed_in_order(page: str) -> None:
    """Every element that opens is closed where it should be."""
    text = mail_html() if page == "mail" else files()[page].decode()

    assert Reader(text).faults == []


@pytest.mark.parametrize("page", ["web", "mail"])
def test_words_of_the_letter_cannot_become_markup(page: str) -> None:
    """A tag in a sentence is shown as its characters."""
    text = files()["index.html"].decode() if page == "web" else mail_html()

    assert "<b>tag</b>" not in text
    assert "A <b>tag</b> & an ampersand" in Reader(text).text


def test_the_page_needs_no_other_host_and_no_script() -> None:
    """The policy of both pages allows their own folder alone; every link stays inside it."""
    for name in ("index.html", "evidence.html"):
        page = Reader(files()[name].decode())
        policy = next(m["content"] for m in page.attributes("meta") if m.get("http-equiv") == "Content-Security-Policy")
        linked = {(link["href"] or "").partition("#")[0] or name for link in page.attributes("a")}

        assert policy == "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'"
        assert page.attributes("script") == []
        assert linked | set(re.findall(r"url\(([^)]+)\)", files()[name].decode())) <= set(files())


def test_a_figure_on_the_page_leads_to_its_evidence() -> None:
    """Each claim carries its value, fact and form, and its link ends at the fact's row, which is there once."""
    page, evidence = (Reader(files()[name].decode()) for name in ("index.html", "evidence.html"))
    claims = [found for found in page.attributes("data") if found.get("class") == "claim"]
    ids = [found["id"] for _, found in page.elements if found.get("id")]
    rows = [f"evidence.html#{found['id']}" for _, found in evidence.elements if found.get("id")]
    links = {link["href"] or "" for link in page.attributes("a")}

    assert len(claims) == len(figures(letters.edition()))
    assert claims[0]["value"] == "2.3007550444"
    assert claims[0]["data-fact"] == "size.relative.5s"
    assert claims[0]["data-say"] == "brief"
    assert '{"signed": "no"}' in [found.get("data-args") for found in claims]
    assert links <= {*rows, *(f"#{id_}" for id_ in ids), "evidence.html"}
    assert {link for link in links if "#fact-" in link} == {
        f"evidence.html#fact-{found['data-fact']}" for found in claims
    }
    assert (len(ids), len(rows)) == (len(set(ids)), len(set(rows)))


def test_the_evidence_gives_formula_value_standing_window_and_digest() -> None:
    """A formula stands over its facts; a fact has its unrounded value and leads to the slices it was computed from."""
    text = Reader(files()["evidence.html"].decode()).text

    assert text.count("close over close, less 1") == 1
    assert (
        "1.9436121873546 percent over five sessions, from 24 March 2026, as of 31 March 2026; percentile 61.3" in text
    )
    assert (
        "of 9,128 values since 2 January 1990, by size 40.5; rank 3,500 from the top; streak 2; last as far on" in text
    )
    assert "What was known by 31 March 2026, 22:00 UTC:" in text
    assert f"24 March 2026 to 31 March 2026, 6 values {'ab' * 32}" in text


def test_a_mark_in_the_evidence_leads_to_its_observations() -> None:
    """S1 after a fact is the slice of that fact's series, which stands in the list once."""
    page = files()["evidence.html"].decode()
    marks = [str(link["href"]) for link in Reader(page).attributes("a") if (link["href"] or "").startswith("#S")]

    assert marks
    assert {page.count(f'id="{mark[1:]}"') for mark in marks} == {1}


def test_the_cases_of_a_study_stand_once_with_all_windows() -> None:
    """A day, and what followed it after each number of sessions; a window that has not closed is open."""
    event = replace(letters.edition().studies[0].events[0], announced=date(2025, 9, 17), outcome=2.5)
    study = replace(letters.edition().studies[0], sessions=21, events=(*letters.edition().studies[0].events, event))
    both = replace(letters.edition(), studies=(study, *letters.edition().studies), charts=())
    text = Reader(render(both, ["web"])["evidence.html"].decode()).text

    assert (
        "in percentage points, 21, 63 sessions on 18 September 2024: −1.4, −1.4; 17 September 2025: +2.5, open." in text
    )


def test_a_shortened_digest_never_looks_like_a_figure() -> None:
    """A digest that opens with twelve decimal digits is shown to its first letter, or the guard would stop it."""
    store = "479788196807" + "1f" * 26
    page = render(replace(letters.edition(), provenance=replace(letters.edition().provenance, store=store), charts=()),
                  ["web"])["index.html"].decode()  # fmt: skip

    assert ">4797881968071f<" in page


def test_a_sentence_can_be_found_by_its_number() -> None:
    """`s-N` is the place of sentence N of the edition; charts point to theirs for who cannot see them."""
    page = files()["index.html"].decode()
    found = {int(n): " ".join(markup.unescape(re.sub(r"<[^>]+>", "", words)).split())
             for n, words in re.findall(r'<span class="s" id="s-(\d+)">(.*?)</span>', page)}  # fmt: skip

    assert found == {number: sentence.text for number, _, sentence in letters.edition().sentences()}
    for svg in Reader(page).attributes("svg"):
        assert svg["role"] == "img"
        assert int((svg["aria-labelledby"] or "")[2:]) + 1 == int((svg["aria-describedby"] or "")[2:])


def test_page_and_mail_name_their_edition_and_its_digest() -> None:
    """What `verify` needs stands in the head: the edition, the digest of its JSON, the source."""
    page = {
        found.get("name"): found.get("content") for found in Reader(files()["index.html"].decode()).attributes("meta")
    }

    assert page["capline:edition"] == message()["X-Capline-Edition"] == "2026-03-31-daily"
    assert page["capline:digest"] == message()["X-Capline-Digest"] == digest(letters.edition())
    assert page["capline:source"] == "sample"
    assert page["description"] == letters.edition().preheader.text


def test_the_mail_is_complete_and_without_defects() -> None:
    """It has text, HTML and a PNG for each chart that the HTML shows, dated to the moment of the edition."""
    parts = list(message().walk())
    pictures = {part["Content-ID"][1:-1] for part in parts if part.get_content_type() == "image/png"}
    images = Reader(mail_html()).attributes("img")

    assert [part.defects for part in parts] == [[]] * len(parts)
    assert [part.get_content_type() for part in parts if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        *["image/png"] * 2,
    ]
    assert {f"cid:{picture}" for picture in pictures} == {found["src"] for found in images}
    assert message()["Subject"] == letters.edition().headline.text
    assert message()["Date"].datetime == letters.MOMENT
    assert message()["Message-ID"].startswith("<2026-03-31-daily.")
    assert message()["Auto-Submitted"] == "auto-generated"


def test_the_mail_goes_through_every_server() -> None:
    """Lines end in CRLF and none is longer than 998 octets."""
    lines = files()["letter.eml"].split(b"\r\n")

    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_headline_with_a_true_minus_is_encoded_as_the_standard_asks() -> None:
    """No encoded word is longer than 75 characters, and a client reads the headline back."""
    words = letters.sentence("Small caps −1.2% " + "and large caps −3.4% " * 6 + "since March")
    raw = render(replace(letters.edition(), headline=words, charts=()), ["mail"])["letter.eml"]

    assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == words.text
    assert max(map(len, re.findall(rb"=\?utf-8\?[^ \r\n]+\?=", raw))) <= 75


@pytest.mark.parametrize("headline", ["Up\r\nBcc: x@y.example", "=?UTF-8?Q?=0A?=Bcc: x"])
def test_a_headline_cannot_add_a_header(headline: str) -> None:
    """Line breaks, plain or encoded, are refused before the message is written."""
    with pytest.raises(RenderError, match="header Subject"):
        render(replace(letters.edition(), headline=letters.sentence(headline), charts=()), ["mail"])


def test_a_mail_that_would_be_cut_is_refused_and_names_its_biggest_section() -> None:
    """A section of 120 kB passes Gmail's limit: the error says which it is."""
    edition = letters.edition()
    long = replace(edition.sections[1], paragraphs=tuple((letters.sentence("word " * 400),) for _ in range(60)))

    with pytest.raises(RenderError) as refused:
        render(replace(edition, sections=(edition.sections[0], long), charts=()), ["mail"])
    assert "yields" in refused.value.hint


def test_a_mail_near_its_limit_leaves_tables_to_the_page_and_says_so() -> None:
    """Between the soft and the hard limit the last tables go; their titles are named."""
    edition = letters.edition()
    long = replace(edition.sections[1], paragraphs=tuple((letters.sentence("word " * 400),) for _ in range(38)))
    raw = render(replace(edition, sections=(edition.sections[0], long), charts=()), ["mail"])["letter.eml"]
    part = email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",))  # type: ignore[attr-defined]

    assert "Left to the web page for want of room: " in Reader(part.get_content()).text


def test_text_stays_within_78_columns() -> None:
    """No line of the text is wider, long labels and wide tables included."""
    edition = letters.edition()
    wide = replace(
        edition.tables[0],
        columns=tuple(f"{n} sessions" for n in range(1, 10)),
        rows=tuple(
            replace(row, label=row.label + " " + "of the United States " * 3, cells=row.cells[:1] * 9)
            for row in edition.tables[0].rows
        ),
    )
    text = render(replace(edition, tables=(wide,)), ["text"])["letter.txt"].decode()

    assert max(map(len, text.splitlines())) <= 78
    assert text.count("+1.9") == files()["letter.txt"].decode().count("+1.9") + 8


def test_text_sets_figures_under_their_columns() -> None:
    """Labels stand left, figures right, a gap with the letter of its note."""
    expected = """\
            5 sessions     Gold
-------------------------------
Small caps        +1.9
Large caps        −0.4  n/a (a)
"""

    assert expected in files()["letter.txt"].decode()


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_a_pdf_is_tagged_titled_and_of_its_size(paper: str, size: tuple[int, int]) -> None:
    """It declares PDF/UA-1 and has a language, bookmarks, the headline as title and the edition's moment as date."""
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(files()[f"letter-{paper}.pdf"]))
    box = reader.pages[0].mediabox

    assert (round(box.width), round(box.height)) == size
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert reader.metadata.title == letters.edition().headline.text
    assert reader.metadata.creation_date == letters.MOMENT
    assert reader.outline


def test_a_pdf_has_its_fonts_inside_and_no_others() -> None:
    """Text and charts are set in the letter's two families, embedded."""
    pypdf = pytest.importorskip("pypdf")
    fonts = {
        found["/BaseFont"]: found["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in pypdf.PdfReader(io.BytesIO(files()["letter-a4.pdf"])).pages
        for found in (font.get_object() for font in page["/Resources"]["/Font"].values())
    }

    assert {re.sub(r"^/[A-Z]{6}\+", "", name).split("-")[0] for name in fonts} == {"Inter", "Newsreader"}
    assert all("/FontFile2" in descriptor for descriptor in fonts.values())


def test_the_hand_made_letter_has_a_cell_of_every_kind() -> None:
    """The tests above speak of claims, gaps and empty cells: the letter they use has all three."""
    cells = {type(cell) for table in letters.edition().tables for row in table.rows for cell in row.cells}

    assert cells == {Claim, Gap, type(None)}


def luminance(colour: str) -> float:
    """Give the relative luminance of an sRGB colour (WCAG 2.2, 1.4.3)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "muted", "small", "large"])
def test_words_and_lines_stand_out_by_day_and_by_night(scheme: int, ink: str) -> None:
    """Text, and the blue and the rust of the charts, keep a contrast of 4.5 to 1 against the page in both schemes."""
    colours = dict(
        re.findall(r"--(\w+): (#\w{6})", re.findall(r":root \{([^}]*)\}", files()["index.html"].decode())[scheme])
    )
    high, low = sorted((luminance(colours["paper"]), luminance(colours[ink])), reverse=True)

    assert (high + 0.05) / (low + 0.05) >= 4.5
