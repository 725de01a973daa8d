"""Tables of what only some sources list: sectors, and other markets. An edition without their facts has neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.edition import Claim, Row, Table
from generator.model import Fact, Gap

if TYPE_CHECKING:
    from generator.commentary.desk import Desk

SECTORS = (
    ("technology", "Technology"), ("financials", "Financials"), ("health", "Health care"),
    ("industrials", "Industrials"), ("discretionary", "Consumer discretionary"), ("staples", "Consumer staples"),
    ("energy", "Energy"), ("materials", "Materials"), ("utilities", "Utilities"), ("property", "Real estate"),
    ("communication", "Communication services"), ("whole", "All sectors"),
)  # fmt: skip
SPANS = {"1s": "1 session", "5s": "5 sessions", "63s": "63 sessions"}
WEEKDAYS, EVERY_DAY = ("1s", "5s", "21s", "63s", "ytd"), ("1s", "7s", "30s", "90s", "ytd")
MARKETS = (  # key of the level, of its changes, label, spans
    ("asset.btc", "asset.btc", "Bitcoin", EVERY_DAY),
    ("asset.eth", "asset.eth", "Ether", EVERY_DAY),
    ("asset.gold", "asset.gold", "Gold, an ounce", WEEKDAYS),
    ("asset.oil", "asset.oil", "Crude oil, a barrel", WEEKDAYS),
    ("fx.dxy", "fx.dxy", "Dollar index, ICE", WEEKDAYS),
    ("fx.broad", "fx.broad", "Broad dollar index", WEEKDAYS),
    ("vix.level", "vix.change", "VIX", WEEKDAYS),
    ("credit.hy", "credit.hy", "High-yield spread", WEEKDAYS),
    ("credit.ig", "credit.ig", "Investment-grade spread", WEEKDAYS),
    ("credit.baa", "credit.baa", "Baa spread", WEEKDAYS),
    ("rates.real.5y", "rates.real.5y", "5-year real yield", WEEKDAYS),
    ("rates.real.10y", "rates.real.10y", "10-year real yield", WEEKDAYS),
    ("rates.breakeven.5y", "rates.breakeven.5y", "5-year breakeven inflation", WEEKDAYS),
    ("rates.breakeven.10y", "rates.breakeven.10y", "10-year breakeven inflation", WEEKDAYS),
)


def cell(desk: Desk, key: str, form: str, **args: object) -> Claim | Gap | None:
    """A claim of a fact, its gap, or None where the letter knows nothing of the key."""
    found = desk.find(key)
    if isinstance(found, Gap):
        return found if key in desk.gaps else None
    desk.claim(form, found, None, **args)
    return desk.claims[-1]


def sectors(desk: Desk) -> Table:
    """Total returns of the funds of each sector, large and small, over the letter's span and since the first change."""
    span = str(desk.given["h"])
    columns = [(size, reach) for size in ("large", "small") for reach in (span, "since_first")]
    rows = [
        Row(label=words, cells=tuple(_return(desk, f"sectors.{size}.{key}", reach) for size, reach in columns))
        for key, words in SECTORS
    ]
    banks = (None, None, *(_return(desk, "sectors.banks", reach) for reach in (span, "since_first")))
    rows.append(Row(label="Regional banks", cells=banks))
    since = (key for key in desk.facts if key.startswith("sectors.") and key.endswith("since_first"))
    began = next((desk.facts[key] for key in since), None)
    cycle = began.horizon.adjective if began and began.horizon else "since the first change of the cycle"
    return Table(
        id="sectors",
        title=f"Sector funds, total return over {SPANS[span]} and {cycle}, percent",
        stub="Sector",
        columns=("Large caps", "Large, cycle", "Small caps", "Small, cycle"),
        rows=tuple(row for row in rows if any(isinstance(one, Claim) for one in row.cells)),
        note="Large caps: Select Sector SPDR funds and SPY; small caps: S&P SmallCap funds of Invesco, IJR and, for "
        "regional banks, KRE. Since the close of the session of the first change of the cycle.",
    )


def _return(desk: Desk, key: str, reach: str) -> Claim | Gap | None:
    """The return of a fund; where the fund itself is missing, that gap."""
    if key in desk.gaps:
        return desk.gaps[key]
    return cell(desk, f"{key}.{reach}", "signed_cell")


def others(desk: Desk) -> Table:
    """Coins, gold, oil, the dollar, VIX, spreads, and the two parts of yields: level and changes."""
    rows = []
    for key, changes, words, spans in MARKETS:
        found = desk.find(key)
        if isinstance(found, Fact):
            moves = (cell(desk, f"{changes}.{span}", "signed", brief=1) for span in spans)
            rows.append(Row(label=words, cells=(cell(desk, key, "figure"), *moves)))
        elif key in desk.gaps:
            rows.append(Row(label=words, cells=(found, None, None, None, None, None)))
    return Table(
        id="markets",
        title="Other markets",
        stub="Market",
        columns=("Newest", "1 day", "1 week", "1 month", "3 months", "Year"),
        rows=tuple(rows),
        note="Changes: percent of prices, points of VIX, basis points of spreads and yields. A week has 5 published "
        "days, of coins 7; a month 21, of coins 30; three months 63, of coins 90.",
    )
