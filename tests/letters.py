"""A small letter made by hand, for the tests of the forms: every kind of content once or twice, nothing computed."""

from __future__ import annotations

from datetime import UTC, date, datetime

from generator.edition import (
    Chart,
    Claim,
    Edition,
    Event,
    Masthead,
    Provenance,
    Row,
    Score,
    Section,
    Sentence,
    SourceNote,
    Study,
    Table,
)
from generator.model import Context, Evidence, Fact, Gap, Horizon
from generator.units import Unit

AS_OF = date(2026, 3, 31)
MOMENT = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
SCORE = Score(surprise=3.0, state_change=0.0, relevance=1.0, freshness=1.0, evidence=1.0, novelty=1.0)
NO_GOLD = Gap(key="gold.change.5s", label="Gold, five sessions", reason="no source in use publishes the price of gold")
NO_CPI = Gap(key="cpi.core.3m", label="Core CPI, three months", reason="October 2025 was never published")


def fact(key: str, value: float, unit: Unit, label: str, formula: str) -> Fact:
    """Make a fact over one slice of the store."""
    slice_ = Evidence(
        series_id=key.rsplit(".", 1)[0], first=date(2026, 3, 24), last=AS_OF, known_by=MOMENT, count=6, digest="ab" * 32
    )
    context = Context(
        first=date(1990, 1, 2),
        count=9128,
        percentile=61.25,
        size_percentile=40.5,
        below=61.25,
        above=38.75,
        size_above=59.5,
        earlier=0.4,
        streak=2,
        streak_before=0,
        high=True,
        rank=3500,
        beyond=date(2026, 3, 11),
        beyond_value=value,
        beyond_count=14,
        median=0.05,
    )
    horizon = Horizon(words="over five sessions", adjective="five-session", sessions=5, start=date(2026, 3, 24))
    return Fact(
        key=key,
        value=value,
        unit=unit,
        as_of=AS_OF,
        label=label,
        formula=formula,
        known_at=MOMENT,
        evidence=(slice_,),
        subject="small caps",
        context=context,
        horizon=horizon,
        derived="French's daily returns are dated to the session's close",
    )


FACTS = {
    found.key: found
    for found in (
        fact("size.small.5s", 1.9436121873546, Unit.PERCENT, "Small caps, five sessions", "close over close, less 1"),
        fact("size.large.5s", -0.3571428571, Unit.PERCENT, "Large caps, five sessions", "close over close, less 1"),
        fact("size.relative.5s", 2.3007550444, Unit.POINTS, "Small less large, five sessions", "small less large"),
        fact("rates.DGS10.change.5s", -14.0, Unit.BASIS_POINTS, "10-year yield, five sessions", "last less first"),
        fact("rates.DGS10", 4.31, Unit.YIELD, "10-year Treasury yield", "the last observation"),
    )
}


def say(text: str, key: str, how: str = "change", **args: str) -> Claim:
    """Make a claim of a fact."""
    return Claim(fact=key, say=how, text=text, args=tuple(sorted(args.items())))


def sentence(*pieces: str | Claim) -> Sentence:
    """Make a sentence of plain words and claims."""
    return Sentence(pieces=pieces)


def chart(id_: str, title: Sentence, alt: Sentence) -> Chart:
    """Make a chart of three points in the letter's size."""
    spec = {
        "width": 476,
        "height": 278,
        "padding": {"left": 46, "right": 118, "top": 14, "bottom": 28},
        "autosize": {"type": "none"},
        "background": None,
        "config": {"aria": False, "font": "Inter"},
        "data": {"values": "x,y\n2024-01-02,-1\n2025-01-02,2\n2026-03-31,1", "format": {"type": "csv"}},
        "mark": {"type": "line", "color": "#12599b"},
        "encoding": {
            "x": {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "axis": {"title": None}},
            "y": {
                "field": "y",
                "type": "quantitative",
                "axis": {"title": None, "labelExpr": "format(datum.value, '+')"},
            },
        },
    }
    return Chart(
        id=id_,
        title=title,
        subtitle="Small over large caps, percent",
        alt=alt,
        footer="Source: sample, to 31 March 2026",
        spec=spec,
    )


def sections() -> tuple[Section, ...]:
    """Tell a lead on size and a body section on rates."""
    lead = (
        (
            sentence(
                "Small caps ",
                say("rose 1.9%", "size.small.5s"),
                " over five sessions; large caps ",
                say("fell 0.4%", "size.large.5s"),
                ".",
            ),
            sentence("The gap was ", say("2.3 percentage points", "size.relative.5s", "quantity", signed="no"), "."),
        ),
        (sentence("A <b>tag</b> & an ampersand in plain words stay words."),),
    )
    rates = (
        (
            sentence(
                "The 10-year yield ",
                say("fell 14 basis points", "rates.DGS10.change.5s"),
                " to ",
                say("4.31%", "rates.DGS10", "level"),
                ".",
            ),
        ),
    )
    return (
        Section(
            story="gap",
            title=sentence("Small caps lead"),
            place="lead",
            score=SCORE,
            state="up",
            paragraphs=lead,
        ),
        Section(
            story="yields",
            title=sentence("Yields ", say("fell", "rates.DGS10.change.5s", "verb")),
            place="body",
            score=SCORE,
            state="down",
            paragraphs=rates,
        ),
    )


def tables() -> tuple[Table, ...]:
    """Set returns and yields; one gap, one cell that does not apply."""
    returns = Table(
        id="returns",
        title="Total return, percent",
        stub="",
        columns=("5 sessions", "Gold"),
        rows=(
            Row(label="Small caps", cells=(say("+1.9", "size.small.5s", "cell"), None)),
            Row(label="Large caps", cells=(say("−0.4", "size.large.5s", "cell"), NO_GOLD)),
        ),
        note="Quintiles of US stocks by market value.",
    )
    yields = Table(
        id="yields",
        title="Treasury yields, percent",
        stub="Maturity",
        columns=("Level", "Change, bp"),
        rows=(
            Row(
                label="10 years",
                cells=(say("4.31", "rates.DGS10", "cell"), say("−14", "rates.DGS10.change.5s", "cell")),
            ),
        ),
        note="",
    )
    return returns, yields


def edition() -> Edition:
    """Put the letter together."""
    note = SourceNote(
        series_id="rates.DGS10",
        label="10-year Treasury yield",
        publisher="Board of Governors, H.15",
        terms="public domain",
        release="next business day, 16:15 New York",
        first=date(1962, 1, 2),
        last=AS_OF,
        count=16000,
    )
    event = Event(announced=date(2024, 9, 18), base=date(2024, 9, 18), end=date(2024, 12, 18), outcome=-1.4)
    return Edition(
        id="2026-03-31-daily",
        kind="daily",
        as_of=AS_OF,
        moment=MOMENT,
        masthead=Masthead(
            name="Capline",
            publisher="Capline Press",
            sender="Capline <letter@capline.example>",
            address="1 Example Street",
            disclaimer="Not advice. “Past” figures say nothing of the future.",
        ),
        notices=("Made from sample data.",),
        headline=sentence("Small caps beat large by ", say("2.3 points", "size.relative.5s", "brief")),
        standfirst=sentence(
            "The lead came as the 10-year yield ", say("fell 14 basis points", "rates.DGS10.change.5s"), "."
        ),
        preheader=sentence("Small caps ", say("+1.9%", "size.small.5s", "signed"), " over five sessions"),
        sections=sections(),
        tables=tables(),
        charts=(
            chart(
                "relative_strength",
                sentence("Small caps stand ", say("2.3 points", "size.relative.5s", "brief"), " ahead"),
                sentence(
                    "A line that ends higher: small caps lead by ", say("2.3 points", "size.relative.5s", "brief"), "."
                ),
            ),
            chart("curve", sentence("Yields are lower"), sentence("The curve lies lower than a month ago.")),
        ),
        studies=(Study(kind="first_cut", sessions=63, events=(event,)),),
        gaps=(NO_GOLD, NO_CPI),
        method=(sentence("Every figure was computed from observations known by the moment of the letter."),),
        sources=(note,),
        facts=FACTS,
        provenance=Provenance(source="sample", version="0.1.0", prose="cd" * 32, settings="ef" * 32, store="0a" * 32),
        considered={"gap": SCORE},
    )
