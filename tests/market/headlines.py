"""Headlines for feeds and news: told from the truth of the days, some of them in several papers, some with traps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import pandas as pd

from market.calendars import sessions
from market.policy import decisions
from market.truth import market

if TYPE_CHECKING:
    from collections.abc import Iterator

Topic = Literal["markets", "crypto", "fed"]
PAPERS = {"markets": ("Loopback Wire", "The Market Courier", "Example Business"),
          "crypto": ("Coin Ledger", "Chain Courier"),
          "fed": ("Federal Reserve",)}  # fmt: skip
HOMES = {"Loopback Wire": "wire.example.com", "The Market Courier": "courier.example.com",
         "Example Business": "business.example.com", "Coin Ledger": "coinledger.example.com",
         "Chain Courier": "chain.example.com", "Federal Reserve": "www.federalreserve.gov"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A story: its key, title, link, moment (UTC), paper and one sentence."""

    key: str
    title: str
    link: str
    published: datetime
    publisher: str
    summary: str


def headlines(now: datetime, topic: Topic, about: str = "", *, days: int = 14) -> list[Headline]:
    """Stories of the last days, newest first, none later than now."""
    now = now.astimezone(UTC)
    told = {"markets": _markets, "crypto": _crypto, "fed": _fed}[topic]
    found = [story for story in told(now - timedelta(days=days), now) if story.published <= now]
    if about == "^RUT":
        found = [story for story in found if "mall" in story.title] or found
    return sorted(found, key=lambda story: story.published, reverse=True)


def _story(title: str, summary: str, published: datetime, publisher: str, slug: str) -> Headline:
    key = sha256(f"{publisher} {title} {published}".encode()).hexdigest()[:32]
    return Headline(
        key=f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}", title=title,
        link=f"https://{HOMES[publisher]}/{published:%Y/%m/%d}/{slug}-{key[:6]}", published=published,
        publisher=publisher, summary=summary,
    )  # fmt: skip


def _move(percent: float, ending: str = "") -> str:
    return f"{'rise' if percent > 0 else 'fall'}{ending} {abs(percent):.1f}%"


def _markets(first: datetime, last: datetime) -> Iterator[Headline]:
    table = sessions()
    small, large = market().series["^RUT"].pct_change() * 100, market().series["^GSPC"].pct_change() * 100
    for day in table.index[(table.index >= first.date().isoformat()) & (table.index <= last.date().isoformat())]:
        close = table.loc[day, "close"].to_pydatetime()
        title = f"Small caps {_move(small[day])} as the S&P 500 {_move(large[day], 's')}"
        for minutes, paper in enumerate(PAPERS["markets"][:2], start=4):  # one story, two papers
            said = "The Russell 2000 closed at {:,.2f}.".format(market().series["^RUT"][day])
            yield _story(title, said, close + timedelta(minutes=7 * minutes), paper, "small-caps")
        noon = close - timedelta(hours=4)
        yield _story(
            f"Traders weigh Fed path <b>&amp;</b> bank earnings, {day:%A}",
            "Markup in a title is text.",
            noon,
            "Example Business",
            "fed-path",
        )
        if day.day_of_week == 0:
            yield _story(
                "<script>alert(1)</script> AT&T “leads” — 5 stocks to watch",
                "A trap.",
                noon,
                "Example Business",
                "trap",
            )


def _crypto(first: datetime, last: datetime) -> Iterator[Headline]:
    for symbol, name in (("BTC-USD", "Bitcoin"), ("ETH-USD", "Ether")):
        moves = market().series[symbol].pct_change() * 100
        for day in pd.date_range(first.date(), last.date()):
            if day in moves.index and abs(moves[day]) > 1.5:
                told = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
                verb = "climbs" if moves[day] > 0 else "slips"
                title = f"{name} {verb} {abs(moves[day]):.1f}%"
                yield _story(title, f"{name} {verb}.", told, PAPERS["crypto"][day.day % 2], name.lower())


def _fed(first: datetime, last: datetime) -> Iterator[Headline]:
    for day in decisions().index:
        said = pd.Timestamp(day.date()) + pd.Timedelta(hours=14)
        moment = said.tz_localize("America/New_York").tz_convert("UTC").to_pydatetime()
        if first - timedelta(days=400) <= moment <= last:
            yield _story(
                "Federal Reserve issues FOMC statement",
                "Federal Reserve issues FOMC statement",
                moment,
                "Federal Reserve",
                "monetary",
            )
