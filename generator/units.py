"""Units, and the one place where a number becomes text.

Rounding is done once, from the unrounded value, half away from zero in decimal. The minus is U+2212 everywhere.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

MINUS = "−"


class Unit(StrEnum):
    """What a value counts. The value of each member is what edition.json carries."""

    PERCENT = "percent"  # returns, drawdowns, inflation, shares
    YIELD = "yield"  # interest rates, in percent, two decimals
    POINTS = "percentage points"  # gaps between returns
    BASIS_POINTS = "basis points"  # changes of and gaps between yields
    RATIO = "ratio"
    SESSIONS = "sessions"
    DAYS = "days"
    COUNT = "count"
    DOLLARS = "US dollars"  # one unit of a currency in dollars
    MILLION_DOLLARS = "million US dollars"
    SHARE = "US dollars a share"  # closes of funds and stocks, dividends
    OUNCE = "US dollars an ounce"
    BARREL = "US dollars a barrel"
    COIN = "US dollars a coin"
    INDEX = "index"
    INDEX_POINTS = "index points"  # closes of a share index, of VIX, of the dollar index
    VOLATILITY = "volatility points"  # changes of VIX
    PERSONS = "persons"
    THOUSANDS = "thousand persons"
    STATE = "state"  # a coded state; `Fact.state` holds its word


DIGITS: dict[Unit, int] = {
    Unit.PERCENT: 1,
    Unit.YIELD: 2,
    Unit.POINTS: 1,
    Unit.BASIS_POINTS: 0,
    Unit.RATIO: 2,
    Unit.SESSIONS: 0,
    Unit.DAYS: 0,
    Unit.COUNT: 0,
    Unit.DOLLARS: 4,
    Unit.MILLION_DOLLARS: 0,
    Unit.SHARE: 2,
    Unit.OUNCE: 0,
    Unit.BARREL: 2,
    Unit.COIN: 0,
    Unit.INDEX: 1,
    Unit.INDEX_POINTS: 2,
    Unit.VOLATILITY: 2,
    Unit.PERSONS: 0,
    Unit.THOUSANDS: 0,
    Unit.STATE: 0,
}


def rounded(value: float, digits: int) -> Decimal:
    """The value at a number of decimals, half away from zero, never a negative zero.

    >>> rounded(-0.04, 1), rounded(2.5, 0)
    (Decimal('0.0'), Decimal('3'))
    """
    found = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(found) if found == 0 else found


def number(value: float, digits: int, *, signed: bool = False) -> str:
    """Digits with thousands separated, a true minus, and a plus where asked.

    >>> number(-1234.5, 1), number(0.26, 1, signed=True)
    ('−1,234.5', '+0.3')
    """
    found = rounded(value, digits)
    sign = MINUS if found < 0 else "+" if signed and found > 0 else ""
    return f"{sign}{abs(found):,.{digits}f}"


def quantity(  # noqa: PLR0911 -- one return for each way to print a unit
    value: float, unit: Unit, *, signed: bool = False, digits: int | None = None, brief: bool = False
) -> str:
    """A number with its unit as the letter prints it; `brief` is the form for table cells.

    >>> quantity(-14.2, Unit.BASIS_POINTS), quantity(1.94, Unit.PERCENT, signed=True)
    ('−14 basis points', '+1.9%')
    """
    places = DIGITS[unit] if digits is None else digits
    text = number(value, places, signed=signed)
    one = abs(rounded(value, places)) == 1
    match unit:
        case Unit.PERCENT | Unit.YIELD:
            return f"{text}%"
        case Unit.POINTS:
            return text if brief else f"{text} percentage point{'' if one else 's'}"
        case Unit.BASIS_POINTS:
            return text if brief else f"{text} basis point{'' if one else 's'}"
        case Unit.VOLATILITY:
            return text if brief else f"{text} point{'' if one else 's'}"
        case Unit.SESSIONS | Unit.DAYS:
            return text if brief else f"{text} {unit.value.removesuffix('s') if one else unit.value}"
        case Unit.DOLLARS | Unit.SHARE | Unit.OUNCE | Unit.BARREL | Unit.COIN:
            return f"{MINUS}${text.removeprefix(MINUS)}" if text.startswith(MINUS) else f"${text}"
        case Unit.THOUSANDS:
            return text if brief else f"{text} thousand"
        case Unit.MILLION_DOLLARS:
            return text if brief else f"${text} million"
        case _:
            return text
