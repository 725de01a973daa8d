"""Headlines of others: chosen, quoted in every form as plain words, and never a source of the letter's own figures."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import letters
import pytest
from livedesk import told

from generator import guard, pipeline, reading, scrapbook, verify
from generator.commentary.clippings import EACH, ROOM, chosen
from generator.edition import from_json, to_json
from generator.errors import DamagedEdition, UnprovenText, Unreadable
from generator.model import Headline
from generator.render import render
from generator.sources.news import Feed, gather
from generator.sources.quoting import identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from livedesk import LiveDesk

    from generator.edition import Edition

DAY = "2026-11-24"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = 'Fed <holds> at 4.25% & says "7,031" on {{ x }}'
FORMS = ("web", "mail", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A way to sources on which every question has the same answer."""

    now: datetime
    body: bytes

    def ask(self, _question: object, read: Callable[[bytes], list[Headline]]) -> list[Headline]:
        """Read the answer."""
        return read(self.body)


def headline(number: int, title: str = "", *, publisher: str = "", tags: tuple[str, ...] = ("stocks",)) -> Headline:
    """A headline of so many minutes after noon."""
    link = f"https://news.example.org/2026/{number}/story?id={number}&x=1"
    return Headline(
        key=f"news.{identity(link)}",
        title=title or f"Story {number}",
        link=link,
        publisher=publisher or f"Paper {number}",
        published=NOON + timedelta(minutes=number),
        feed="A feed",
        tags=tags,
    )


def quoting(*titles: str) -> Edition:
    """The letter made by hand, with headlines."""
    found = tuple(headline(number, title) for number, title in enumerate(titles, start=1))
    return replace(letters.edition(), headlines=found)


# --- which ------------------------------------------------------------------------------------------------------


def test_the_newest_since_the_letter_before_are_quoted() -> None:
    """As many as there is room for, newest first; none of the future, none twice."""
    read = [headline(number) for number in range(20)]
    found = chosen([*read, *read], kind="daily", since=NOON, until=NOON + timedelta(minutes=15))

    assert [one.title for one in found] == [f"Story {number}" for number in (15, 14, 13, 12, 11)]
    assert chosen(read[:1], kind="daily", since=NOON, until=NOON) == ()


def test_no_publisher_and_no_coin_has_all_the_room() -> None:
    """Two of one publisher; of headlines about coins alone two in a daily letter."""
    papers = [headline(number, publisher="The Wire") for number in range(5)]
    coins = [headline(number, tags=("crypto",)) for number in range(5, 10)]
    both = [headline(number, tags=("stocks", "crypto")) for number in range(10, 12)]
    hour = timedelta(hours=1)
    found = chosen([*papers, *coins, *both], kind="daily", since=NOON - hour, until=NOON + hour)

    assert sum(one.publisher == "The Wire" for one in found) <= EACH
    assert sum(one.tags == ("crypto",) for one in found) == ROOM["daily"].crypto
    assert [one for one in found if one in both] == both[::-1]


@pytest.mark.parametrize("kind", ROOM)
def test_what_is_chosen_from_is_chosen_again(kind: str) -> None:
    """So an edition, which keeps only these, can be composed again."""
    read = [headline(n, publisher=f"P{n % 4}", tags=("crypto",) if n % 3 else ("stocks",)) for n in range(40)]
    span = {"since": NOON - timedelta(days=1), "until": NOON + timedelta(days=1)}
    once = chosen(read, kind=kind, **span)

    assert chosen(once, kind=kind, **span) == once


@pytest.mark.parametrize(
    "changed",
    [{"link": "javascript:alert(1)"}, {"title": "two\nlines"}, {"title": ""}, {"publisher": "a\u202eb"},
     {"published": datetime(2026, 11, 24, 12)}],  # noqa: DTZ001 -- no zone, as is to be refused
)  # fmt: skip
def test_what_cannot_be_quoted_is_no_headline(changed: dict[str, object]) -> None:
    """A link that is no page, control characters, no words, a moment without a zone."""
    with pytest.raises(ValueError, match=r"news\."):
        replace(headline(1), **changed)  # type: ignore[arg-type]


# --- kept -------------------------------------------------------------------------------------------------------


def feed_of(*items: Headline) -> bytes:
    """Write a feed in RSS."""
    rows = "".join(
        f"<item><title>{one.title}</title><link>{one.link.replace('&', '&amp;')}</link>"
        f"<pubDate>{one.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for one in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>P</title>{rows}</channel></rss>'.encode()


def test_what_was_read_is_kept_beside_the_store_each_once(tmp_path: Path) -> None:
    """Read twice, with one that is new; what is older than 45 days goes; without a scrapbook there is nothing."""
    store = tmp_path / "live.duckdb"
    feeds = [Feed(name="F", address="https://news.example.org/rss", tags=("stocks",), publisher="P")]
    assert scrapbook.opened(store).headlines == ()
    for days, items in ((0, (1, 2)), (1, (2, 3))):
        access = Answering(now=NOON + timedelta(days=days, hours=1), body=feed_of(*map(headline, items)))
        scrapbook.keep(store, gather(feeds, access), now=access.now)  # type: ignore[arg-type]

    assert [one.title for one in scrapbook.opened(store).headlines] == ["Story 3", "Story 2", "Story 1"]
    newest = replace(headline(4), published=NOON + timedelta(days=49))
    later = Answering(now=NOON + timedelta(days=50), body=feed_of(newest))
    found = scrapbook.keep(store, gather(feeds, later), now=later.now)  # type: ignore[arg-type]
    assert [one.title for one in found.headlines] == ["Story 4"]
    assert scrapbook.opened(store) == found


def test_a_feed_that_could_not_be_read_is_missing_from_the_letters_of_that_day_alone(tmp_path: Path) -> None:
    """Named as the settings name it; a letter of another day knows nothing of it."""
    store = tmp_path / "live.duckdb"
    feeds = [Feed(name="The 7 o'clock", address="https://news.example.org/rss", tags=("stocks",))]
    broken = gather(feeds, Answering(now=NOON, body=b"<html>no feed</html>"))  # type: ignore[arg-type]
    scrapbook.keep(store, broken, now=NOON)
    book = scrapbook.opened(store)

    assert book.missing(NOON + timedelta(minutes=1)) == ("The 7 o'clock",)
    assert book.missing(NOON - timedelta(minutes=1)) == book.missing(NOON + timedelta(days=1)) == ()


def test_every_form_names_the_feeds_that_could_not_be_read() -> None:
    """A figure in such a name is quoted like those of headlines; without headlines it stands alone."""
    edition = replace(letters.edition(), unread=("The 7,031 o'clock", "CoinDesk"))
    made = render(edition, FORMS)
    pipeline.check_forms(made, guard.supplied(edition), guard.quoted(edition))

    for name in ("index.html", "letter.eml", "letter.txt"):
        found = reading.form(name, made[name])
        assert found is not None
        said = " ".join(piece.text for piece in found.pieces if piece.quoted)
        assert "Could not be read: The 7,031 o'clock; CoinDesk." in said.replace("> ", ""), name
    assert from_json(to_json(edition), path=Path("edition.json")) == edition


def test_a_scrapbook_that_is_none_is_named(tmp_path: Path) -> None:
    """With what to do."""
    store = tmp_path / "live.duckdb"
    scrapbook.place(store).write_text('[{"title": "x"}]', encoding="utf-8")

    with pytest.raises(Unreadable, match="no scrapbook"):
        scrapbook.opened(store)


# --- in the forms -----------------------------------------------------------------------------------------------


def test_an_edition_with_headlines_reads_back_the_same() -> None:
    """And one without says nothing of them."""
    edition = quoting(HOSTILE)

    assert from_json(to_json(edition), path=Path("edition.json")) == edition
    assert "headlines" not in json.loads(to_json(letters.edition()))


def test_an_edition_with_a_link_that_is_no_page_is_damaged() -> None:
    """Whatever wrote it."""
    text = to_json(quoting("x")).replace(b"https://news", b"javascript:")

    with pytest.raises(DamagedEdition, match="no page of the web"):
        from_json(text, path=Path("edition.json"))


def test_words_from_outside_are_never_markup() -> None:
    """Page and mail escape them; each leads to its page and names its publisher and moment."""
    edition = quoting(HOSTILE)
    made = render(edition, FORMS)
    message = email.message_from_bytes(made["letter.eml"], policy=email.policy.default)
    body = message.get_body(("html",))
    assert body is not None
    for page in (made["index.html"].decode(), body.get_content()):
        assert "Fed &lt;holds&gt; at 4.25% &amp; says" in page
        assert "<holds>" not in page
        assert 'href="https://news.example.org/2026/1/story?id=1&amp;x=1"' in page
        assert "Paper 1, " in page
    quoted = '> “Fed <holds> at 4.25% & says "7,031" on {{ x }}”\n> Paper 1, 24 November 2026, 12:01 UTC\n'
    assert quoted in made["letter.txt"].decode()


def test_a_long_headline_stays_quoted_in_every_line_of_the_text() -> None:
    """Broken at blanks, each line with its mark."""
    made = render(quoting("lorem " * 30 + "7,031"), ("text",))["letter.txt"].decode()
    lines = [line for line in made.splitlines() if "lorem" in line]

    assert len(lines) > 1
    assert all(line.startswith("> ") and len(line) <= 78 for line in lines)


def test_figures_of_headlines_are_known_where_they_are_quoted_and_nowhere_else() -> None:
    """4.25% stands in the headline; in a sentence of the letter it stops the build."""
    edition = quoting(HOSTILE)
    made = render(edition, FORMS)
    supplied, quoted = guard.supplied(edition), guard.quoted(edition)
    pipeline.check_forms(made, supplied, quoted)

    assert "7,031" in quoted - supplied
    with pytest.raises(UnprovenText, match="7,031"):
        pipeline.check_forms(made, supplied)
    for name, before in (("index.html", b"</h1>"), ("letter.txt", b"\n\n")):
        forged = made | {name: made[name].replace(before, b" 7,031 " + before, 1)}
        with pytest.raises(UnprovenText, match="7,031"):
            pipeline.check_forms(forged, supplied, quoted)


def test_what_is_quoted_is_marked_in_the_reading_of_a_form() -> None:
    """In page, mail and text; the letter's own words are not."""
    made = render(quoting(HOSTILE), FORMS)
    for name in ("index.html", "letter.eml", "letter.txt"):
        found = reading.form(name, made[name])
        assert found is not None
        assert any("holds" in piece.text for piece in found.pieces if piece.quoted), name
        assert not any("holds" in piece.text for piece in found.pieces if not piece.quoted), name
        assert not any(piece.quoted for piece in found.pieces if piece.fact), name


# --- in a letter ------------------------------------------------------------------------------------------------


def test_a_letter_quotes_what_was_published_since_the_one_before(live_desk: LiveDesk) -> None:
    """Not what came before, not what came later; a one-off report quotes nothing. Its words count none of them."""
    early = replace(headline(1), published=NOON - timedelta(days=2), key="news.early")
    late = replace(headline(2), published=NOON + timedelta(days=1), key="news.late")
    read = (early, headline(3), late)
    letter = live_desk.letter(DAY, headlines=read)

    assert letter.headlines == (headline(3),)
    assert letter.words == live_desk.letter(DAY).words
    assert live_desk.letter(DAY, only=("gap",), headlines=read).headlines == ()


def test_verify_accepts_what_is_quoted_and_says_that_the_store_does_not_hold_it(live_desk: LiveDesk) -> None:
    """The rest of the letter is checked as ever."""
    letter = live_desk.letter(DAY, headlines=(headline(3, 'Fed holds at 4.25%, "7,031" says'),))
    verdict = verify.check_edition(letter, live_desk.store.view(letter.moment), told())

    assert verdict.differences == ()
    assert any("headlines" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"title": "Fed <b>holds</b>"}, "Fed holds"),
        ({"link": "https://news.example.org/other"}, "news."),
        ({"published": NOON + timedelta(days=3)}, "by 2026-11-24"),
    ],
)
def test_verify_finds_a_headline_that_is_not_as_feeds_are_read(
    live_desk: LiveDesk, changed: dict[str, object], expected: str
) -> None:
    """Markup in it, a link that is not its own, a moment after the letter's."""
    letter = live_desk.letter(DAY, headlines=(headline(3),))
    forged = replace(letter, headlines=(replace(letter.headlines[0], **changed),))  # type: ignore[arg-type]
    verdict = verify.check_edition(forged, live_desk.store.view(letter.moment), told())

    assert any(expected in one.expected for one in verdict.differences)


def test_verify_finds_a_headline_changed_on_the_page(live_desk: LiveDesk) -> None:
    """The page is compared with the edition."""
    letter = live_desk.letter(DAY, headlines=(headline(3, "Fed holds"),))
    page = render(letter, ("web",))["index.html"].replace(b"Fed holds", b"Fed folds")
    verdict = verify.check_form(Path("index.html"), page, letter)

    assert [one.printed for one in verdict.differences] == ["“Fed folds”"]
