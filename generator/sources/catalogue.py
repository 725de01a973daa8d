"""Every series that Capline follows live: what it is, who offers it and in which order, and on what terms.

What a source calls a series stands in its `Offer`; values are in the unit of the `SeriesSpec` whoever gives them. The
series that the sample has too bear the same names here and may start from it (`base`). The tables are in `listing`;
docs/sources.md tells the same to people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from generator.errors import BadSetting, UnknownName
from generator.model import SeriesSpec
from generator.sources import listing
from generator.sources.releases import RULES
from generator.sources.sample import TABLES
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

NEEDS_KEY = frozenset({"fred"})
NO_SHARE = ("^", "=", "-USD", ".NYB")  # in symbols of Yahoo: indices, currencies, futures and coins pay no dividends


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A source that has a series, and what it calls it."""

    source: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A series that is followed: what it is, and who offers it, the preferred one first."""

    spec: SeriesSpec
    offers: tuple[Offer, ...]
    shown: Literal["yes", "with licence"] = "yes"  # whether its terms let the letter print figures of it
    vintages: bool = False  # its past is revised: FRED's archive is asked for each vintage
    base: Literal["", "sample", "always"] = ""  # starts from the rows in the package: if the settings say so, or always
    beside: str = ""  # the series in whose answer it comes: a fund's dividends come with its closes


def _yahoo() -> list[Followed]:
    found = []
    for name, (symbol, label, unit, frequency, release, publisher) in listing.CLOSES.items():
        spec = _spec(f"price.{name}", label, unit, frequency, publisher, release)
        found.append(Followed(spec=spec, offers=(Offer(source="yahoo", code=symbol),)))
    for name, label in listing.FUNDS.items():
        found += fund(name, symbol=name, label=label)
    return found


def fund(name: str, *, symbol: str, label: str) -> list[Followed]:
    """Closes, dividends and splits of a fund or share of Yahoo, as they were on their day."""
    closes = _spec(f"price.{name}", f"{label}: close", "US dollars a share", "session", listing.YAHOO, "equity-close")
    parts = (
        (f"dividend.{name}", f"{label}: dividends, by ex-dividend day", Unit.SHARE, "dividends"),
        (f"split.{name}", f"{label}: splits, new shares for one", Unit.RATIO, "splits"),
    )
    return [
        Followed(spec=closes, offers=(Offer(source="yahoo", code=symbol),)),
        *(
            Followed(
                spec=replace(closes, id=series_id, label=words, unit=unit, frequency="event"),
                offers=(Offer(source="yahoo", code=f"{symbol}:{part}"),),
                beside=closes.id,
            )
            for series_id, words, unit, part in parts
        ),
    ]


def _of_sample() -> list[Followed]:
    """The series of the sample, from those who publish them."""
    found = []
    for table in TABLES:
        for column, spec in table.columns.items():
            kind = spec.id.partition(".")[0]
            if kind == "rates":
                live = replace(spec, publisher=listing.TREASURY, release="treasury")
                offers = (Offer(source="treasury", code=listing.NOMINAL[column]), *_fred(column))
                found.append(Followed(spec=live, offers=offers, base="sample"))
            elif kind == "prices":
                offers = (Offer(source="bls", code=listing.PRICES[column]), *_fred(column))
                found.append(Followed(spec=spec, offers=offers, vintages=True, base="sample"))
            elif kind == "fx":
                code = column.removesuffix("_per_eur").upper()
                found.append(Followed(spec=spec, offers=(Offer(source="ecb", code=code),), base="sample"))
            elif kind == "size":
                found.append(Followed(spec=spec, offers=(Offer(source="french", code=column),), base="sample"))
            elif kind == "policy":
                daily = {"lower": "DFEDTARL", "upper": "DFEDTARU"}[column]
                offers = (Offer(source="nyfed", code=f"target_{column}"), *_fred(daily))
                found.append(Followed(spec=spec, offers=offers, base="always"))
            else:
                found.append(Followed(spec=spec, offers=(), base="always"))
    return found


def _others() -> list[Followed]:
    found = []
    for name, (code, years) in listing.REAL.items():
        spec = _spec(
            f"rates.{name}", f"{years} Treasury real yield", "yield", "business day", listing.TREASURY, "treasury"
        )
        found.append(Followed(spec=spec, offers=(Offer(source="treasury", code=code), *_fred(name))))
    for name, (series_id, label, unit, frequency, release, publisher, first) in listing.OTHERS.items():
        offers = ((Offer(source=first[0], code=first[1]),) if first else ()) + _fred(name)
        found.append(
            Followed(
                spec=_spec(series_id, label, unit, frequency, publisher, release, source=offers[0].source),
                offers=offers,
                shown="with licence" if name in listing.LICENSED else "yes",
                vintages=name in listing.VINTAGES,
            )
        )
    return found


def _fred(name: str) -> tuple[Offer, ...]:
    return (Offer(source="fred", code=name), Offer(source="fredcsv", code=name))


def _spec(  # noqa: PLR0913, PLR0917 -- a series has that many columns
    series_id: str, label: str, unit: str, frequency: str, publisher: str, release: str, *, source: str = "yahoo"
) -> SeriesSpec:
    if publisher == listing.TREASURY:
        source = "treasury"
    return SeriesSpec(
        id=series_id,
        label=label,
        unit=Unit(unit),
        frequency=frequency,
        publisher=publisher,
        release=release,
        terms=listing.TERMS[source],
    )


@cache
def followed() -> dict[str, Followed]:
    """Every series that is followed without being asked for, by id."""
    return {one.spec.id: one for one in (*_yahoo(), *_of_sample(), *_others())}


def own(tables: Iterable[Mapping[str, str]]) -> dict[str, Followed]:
    """A user's own series: each of a file, of a symbol of Yahoo or of a name of FRED.

    Raises BadSetting for a table that names none of the three or more than one, or a name that is taken; UnknownName
    for a unit or a release rule that is none.
    """
    found: dict[str, Followed] = {}
    for table in tables:
        for one in _own(table):
            if one.spec.id in followed() or one.spec.id in found:
                raise BadSetting("[[series]]", f"there is a series {one.spec.id} already", hint="give yours another id")
            found[one.spec.id] = one
    return found


def _own(table: Mapping[str, str]) -> list[Followed]:
    kinds = [kind for kind in ("file", "yahoo", "fred") if table.get(kind)]
    if len(kinds) != 1:
        raise BadSetting(
            f"[[series]] {table['id']}",
            f"names {' and '.join(kinds) or 'no source'}",
            hint="give it one of `file`, `yahoo` and `fred`",
        )
    kind = kinds[0]
    if table["release"] not in RULES:
        raise UnknownName("release rule", table["release"], RULES)
    if table["unit"] not in {unit.value for unit in Unit}:
        raise UnknownName("unit", table["unit"], [unit.value for unit in Unit])
    label, name = table["label"] or table["id"], table[kind]
    if kind == "yahoo" and table["id"].startswith("price.") and not any(mark in name for mark in NO_SHARE):
        return fund(table["id"].removeprefix("price."), symbol=name, label=label)
    publisher = {"file": f"the file {name}", "yahoo": listing.YAHOO, "fred": "FRED"}[kind]
    spec = _spec(
        table["id"], label, table["unit"], table["frequency"], publisher, table["release"],
        source="csv" if kind == "file" else kind,
    )  # fmt: skip
    if kind == "file":
        code = "::".join((name, table["date"], table["value"], table["known_at"]))
        return [Followed(spec=spec, offers=(Offer(source="csv", code=code),))]
    return [Followed(spec=spec, offers=_fred(name) if kind == "fred" else (Offer(source="yahoo", code=name),))]


def usable(one: Followed, *, order: Sequence[str], keys: Collection[str]) -> tuple[Offer, ...]:
    """The offers of a series that may be asked: of a source in `order`, which ranks them, and with its key at hand.

    `keys` names the sources that have theirs. A series with vintages is asked of FRED first, where there is a key.
    A file of the user's own is always asked.
    """
    rank = {source: place for place, source in enumerate(("csv", *order))}
    found = [
        offer
        for offer in one.offers
        if offer.source in rank and (offer.source not in NEEDS_KEY or offer.source in keys)
    ]
    return tuple(sorted(found, key=lambda offer: -1 if one.vintages and offer.source == "fred" else rank[offer.source]))


def hidden(series: Iterable[Followed], licensed: Collection[str]) -> frozenset[str]:
    """Those whose terms forbid printing figures of them, as the user has no licence ("licensed" names series)."""
    return frozenset(one.spec.id for one in series if one.shown == "with licence" and one.spec.id not in licensed)
