"""Across forms: page, mail, text, PDF and JSON of one edition print the same figures, counted."""

from __future__ import annotations

import email
import email.policy
import html
import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pypdf
import pytest

from generator import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsroom import Newsroom

DAY = "2024-09-18"
FIGURE = re.compile(r"(?<![\w.])[+−]?\d+(?:[.,]\d+)*(?!\w)")  # no piece of a name or a digest
CLAIM = re.compile(r'<data [^>]*?data-fact="([^"]*)"[^>]*>([^<]*)</data>')


# --- what the edition says, read from its JSON without our code -------------------------------------------------


@pytest.fixture(scope="module")
def plain(room: Newsroom) -> dict[str, Any]:
    """Load edition.json as anyone would."""
    return json.loads(room.forms(DAY)["edition.json"])


def sentence(found: dict[str, Any]) -> str:
    """Join the pieces of a sentence."""
    return "".join(piece if isinstance(piece, str) else piece["text"] for piece in found["pieces"])


def told(plain: dict[str, Any]) -> list[dict[str, Any]]:
    """All sentences of the prose and the charts, titles too."""
    sections = [
        one
        for section in plain["sections"]
        for one in (section["title"], *(said for paragraph in section["paragraphs"] for said in paragraph))
    ]
    charts = [one for chart in plain["charts"] for one in (chart["title"], chart["alt"])]
    return [plain["headline"], plain["standfirst"], *sections, *charts, *plain["method"]]


def cells(plain: dict[str, Any], leave_out: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """All cells with a figure, of all tables but some."""
    return [
        cell
        for table in plain["tables"]
        if table["title"] not in leave_out
        for row in table["rows"]
        for cell in row["cells"]
        if cell and "text" in cell
    ]


def claims(sentences: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All claims of some sentences."""
    for found in sentences:
        yield from (piece for piece in found["pieces"] if not isinstance(piece, str))


def counted(claimed: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count claims by fact and words."""
    return Counter((one["fact"], one["text"]) for one in claimed)


def figures(*texts: str) -> Counter[str]:
    """Count figures."""
    return Counter(figure for text in texts for figure in FIGURE.findall(text))


# --- and what each form prints ----------------------------------------------------------------------------------


def printed(page: str) -> Counter[tuple[str, str]]:
    """Count the claims of a page by fact and words."""
    return Counter((fact, html.unescape(words)) for fact, words in CLAIM.findall(page))


def part(room: Newsroom, kind: str) -> str:
    """Take a part of the mail."""
    message = email.message_from_bytes(room.forms(DAY)["letter.eml"], policy=email.policy.default)
    body = message.get_body((kind,))  # type: ignore[attr-defined]
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_page_prints_every_claim_as_often_as_the_edition(room: Newsroom, plain: dict[str, Any]) -> None:
    """No more and no fewer, each with its fact."""
    page = room.forms(DAY)["index.html"].decode()

    assert printed(page) == counted([*claims(told(plain)), *cells(plain)])


def test_the_mail_prints_every_claim_but_of_tables_it_says_it_leaves_to_the_page(
    room: Newsroom, plain: dict[str, Any]
) -> None:
    """Beside them the preheader; alternatives of charts stand in attributes, in full."""
    mail = part(room, "html")
    left = re.search(r"Left to the web page for want of room: ([^<]*)\.", mail)
    leave_out = tuple(html.unescape(left[1]).split("; ")) if left else ()
    alternatives = [chart["alt"] for chart in plain["charts"]]
    said = [one for one in told(plain) if one not in alternatives]

    assert printed(mail) == counted([*claims([*said, plain["preheader"]]), *cells(plain, leave_out)])
    for alternative in alternatives:
        assert sentence(alternative) in html.unescape(mail)


@pytest.mark.parametrize("where", ["letter.txt", "the mail's text part"])
def test_the_text_prints_the_same_figures_in_its_prose(room: Newsroom, plain: dict[str, Any], where: str) -> None:
    """From the headline to the first table: the figures of the edition's sentences and captions, counted."""
    text = room.forms(DAY)["letter.txt"].decode() if where == "letter.txt" else part(room, "plain")
    prose = text[text.index(sentence(plain["headline"])) : text.index(f"\n{plain['tables'][0]['title']}\n---")]
    method = {json.dumps(one) for one in plain["method"]}
    said = [sentence(one) for one in told(plain) if json.dumps(one) not in method]
    captions = [chart[name] for chart in plain["charts"] for name in ("subtitle", "footer")]

    assert figures(prose) == figures(*said, *captions, *plain["notices"])


@pytest.mark.parametrize("where", ["letter.txt", "the mail's text part"])
def test_the_text_prints_the_same_figures_in_its_tables(room: Newsroom, plain: dict[str, Any], where: str) -> None:
    """Row by row: after the label stand the cells, in order, and nothing else."""
    text = room.forms(DAY)["letter.txt"].decode() if where == "letter.txt" else part(room, "plain")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for table in plain["tables"]:
        for row in table["rows"]:
            words = [cell["text"] for cell in row["cells"] if cell and "text" in cell]
            label = row["label"].split()[-1]
            found = [line for line in lines if line.startswith(row["label"]) or label in line.split()]
            assert all(any(word in line for line in found) for word in words), row["label"]


def test_the_pdf_prints_the_same_figures(room: Newsroom, plain: dict[str, Any]) -> None:
    """Every figure of prose and tables as often as the edition, and no figure that the edition did not supply."""
    pages = pypdf.PdfReader(io.BytesIO(room.forms(DAY)["letter-a4.pdf"])).pages
    paper = figures(*(page.extract_text() for page in pages))
    alternatives = [chart["alt"] for chart in plain["charts"]]
    said = [sentence(one) for one in told(plain) if one not in alternatives]
    expected = figures(*said, *(cell["text"] for cell in cells(plain)))
    supplied = guard.supplied(room.letter(DAY)) | {str(number) for number in range(1, len(pages) + 1)}

    assert expected - paper == Counter()
    assert {figure.strip("+−") for figure in paper} - {
        part for one in supplied for part in (one, *one.split("-"))
    } == set()


def test_the_pdf_says_every_sentence(room: Newsroom, plain: dict[str, Any]) -> None:
    """Word for word, wherever its lines and pages break."""
    pages = pypdf.PdfReader(io.BytesIO(room.forms(DAY)["letter-a4.pdf"])).pages
    paper = re.sub(r"[\s\u00ad]", "", "".join(page.extract_text() for page in pages))
    whole = [said for said in map(sentence, told(plain)) if re.sub(r"\s", "", said) in paper]
    alternatives = {sentence(chart["alt"]) for chart in plain["charts"]}

    assert len({*map(sentence, told(plain))} - alternatives - {*whole}) <= len(pages)  # those that a page's foot parts
