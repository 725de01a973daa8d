"""What later values do to what was printed: claims of an edition said again as of its day, and what that changes.

An edition is read as its JSON, not as a value: thousands are looked at, and few have anything to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator import facts as of_facts
from generator.edition import Claim, Reprint
from generator.errors import CaplineError
from generator.sources import open_source
from generator.wording import long_date, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from generator.model import Fact, Universe
    from generator.store import Later, Restated

MOST = 5  # restated figures that a letter names; of more, the count
# What facts rest on beside their evidence: the days since which a return is counted come from the target's history
IMPLIED = {"policy.": (".since_change", ".since_first")}
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
# Figures that carry meaning: dates, years after "since", fractions of sessions, places in a row
TELLING = re.compile(
    rf"\d{{1,2}} {MONTH}(?: \d{{4}})?|{MONTH} \d{{4}}|\b(?:since|in|start in) \d+\b|\b\d+ [a-z][a-z -]* in \d+|"
    r"\b\d[\d,]*(?:st|nd|rd|th)\b"
)
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
MEANING, DIGIT = "meaning", "digit"
NOTICE = re.compile(r"Restated since the letter of .*|[\d,]+ more figures? of that letter changed in the same way\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A claim that reads otherwise with later values."""

    claim: Claim  # as printed
    now: str | None  # as later values give it; None: it can no longer be said
    why: str  # why it cannot
    fact: Fact | None  # the fact now
    kind: str  # DIGIT or MEANING


def day_of(plain: Mapping[str, Any]) -> date:
    """The day of an edition."""
    return date.fromisoformat(str(plain["id"])[:10])


def moment_of(plain: Mapping[str, Any]) -> datetime:
    """The moment of an edition."""
    return datetime.fromisoformat(str(plain["moment"]))


def claims_of(value: object) -> Iterator[Claim]:
    """Every claim in an edition's JSON, in the order in which it stands there; the same one as often as it is made."""
    if isinstance(value, dict):
        if "say" in value and "fact" in value:
            args = tuple((str(name), str(one)) for name, one in value.get("args", ()))
            yield Claim(fact=value["fact"], say=value["say"], text=value["text"], args=args)
        else:
            for name, inner in value.items():
                if name not in {"facts", "slices", "spec", "provenance"}:
                    yield from claims_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from claims_of(inner)


def resting(plain: Mapping[str, Any], slices: Iterable[int]) -> frozenset[str]:
    """The keys of the facts of an edition that rest on some of its slices, by their places."""
    touched = set(slices)
    series = {plain["slices"][place]["series_id"] for place in touched}
    ends = tuple(end for start, ends in IMPLIED.items() if any(one.startswith(start) for one in series) for end in ends)
    return frozenset(
        key for key, fact in plain["facts"].items() if touched & set(fact["evidence"]) or (ends and key.endswith(ends))
    )


def revised(plain: Mapping[str, Any], view: Restated) -> tuple[int, ...]:
    """The places of the slices of an edition that hold a restated date."""
    series = {one["series_id"] for one in plain["slices"]}
    days = {name: [one.date.isoformat() for one in found] for name in series if (found := view.restatements(name))}
    return tuple(
        place
        for place, one in enumerate(plain["slices"])
        if any(one["first"] <= day <= one["last"] for day in days.get(one["series_id"], ()))
    )


def changed(
    plain: Mapping[str, Any],
    places: Sequence[int],
    later: Later,
    universe: Universe,
    stored: Callable[[], Mapping[str, Fact]],
) -> tuple[Changed, ...]:
    """The claims of an edition that rest on some slices and read otherwise with later values, each once.

    `stored` gives its facts. What the values of its own day say in the words of this Capline, if the store holds them,
    is what counts as said then: so other words or formulas of another version are no restatement. Else what was printed
    counts.
    """
    keys, known = resting(plain, places), plain["facts"].keys()
    claims = [
        claim
        for claim in dict.fromkeys(claims_of(plain))
        if claim.fact in keys or any(value in keys for _, value in claim.args)
    ]
    wanted = _facts_of(claims) & known
    if not wanted:
        return ()
    moment, day = moment_of(plain), day_of(plain)
    now = computed(plain, later.as_of(moment, day), universe, wanted)
    found = [one for claim in claims if (one := _compared(claim, now, day))]
    if not found:
        return ()
    facts, own = stored(), plain["provenance"]["version"] == __version__
    other = [one for one in found if not own or said(one.claim, facts, day)[0] != one.claim.text]
    if not other:
        return tuple(found)
    original = later.original(moment, day)
    if not all(_held(plain["slices"][place], original) for place in places):
        return tuple(found)
    then = computed(plain, original, universe, _facts_of([one.claim for one in other]) & known)
    same = {one.claim for one in other if said(one.claim, then, day)[0] == one.now}
    return tuple(one for one in found if one.claim not in same)


def _facts_of(claims: Sequence[Claim]) -> set[str]:
    """The facts that claims are said of, and, among other words, those they compare with."""
    return {claim.fact for claim in claims} | {value for claim in claims for _, value in claim.args}


def _held(slice_: Mapping[str, Any], view: Restated) -> bool:
    """Whether a view has what a slice of an edition had."""
    first, last = (date.fromisoformat(slice_[name]) for name in ("first", "last"))
    return view.digest(str(slice_["series_id"]), first, last) == str(slice_["digest"])


def universe_of(plain: Mapping[str, Any], universes: Iterable[tuple[str, Universe]]) -> Universe:
    """The universe of an edition, without what the gates held back from it; `universes` are those of live sources."""
    provenance = plain["provenance"]
    name = str(provenance["source"])
    found = dict(universes).get(name) or open_source(name).universe
    withheld = tuple((series_id, reason) for series_id, reason in provenance.get("withheld", ()))
    return replace(found, withheld=withheld) if withheld else found


def computed(
    plain: Mapping[str, Any], view: Restated, universe: Universe, wanted: Iterable[str]
) -> Mapping[str, Fact] | CaplineError:
    """Some facts of an edition's session from a view of its moment, or why there are none."""
    session = date.fromisoformat(str(plain["as_of"]))
    try:
        return of_facts.gather(view, session=session, today=day_of(plain), universe=universe, wanted=wanted).facts
    except CaplineError as problem:
        return problem


def said(claim: Claim, facts: Mapping[str, Fact] | CaplineError, day: date) -> tuple[str | None, str]:
    """A claim said again; if it cannot be, None and why."""
    if isinstance(facts, CaplineError):
        return None, f"{facts}"
    if claim.fact not in facts:
        return None, f"{claim.fact} can no longer be computed"
    try:
        return say(facts[claim.fact], claim.say, dict(claim.args), facts=facts, today=day), ""
    except CaplineError as problem:
        return None, f"{problem}"
    except LookupError as problem:
        return None, f"{problem} is not there"


def _compared(claim: Claim, facts: Mapping[str, Fact] | CaplineError, day: date) -> Changed | None:
    text, why = said(claim, facts, day)
    if text == claim.text:
        return None
    fact = None if isinstance(facts, CaplineError) else facts.get(claim.fact)
    return Changed(claim=claim, now=text, why=why, fact=fact, kind=kind_of(claim.text, text))


def kind_of(printed: str, now: str | None) -> str:
    """Whether only a digit changes, or the meaning: sign, verb, rank, "since", verdict, or that it can be said at all.

    >>> kind_of("rose 1.9%", "rose 2.0%"), kind_of("rose 1.9%", "climbed 2.9%"), kind_of("+0.1", "−0.1")
    ('digit', 'meaning', 'meaning')
    """
    return DIGIT if now is not None and _bones(printed) == _bones(now) else MEANING


def _bones(text: str) -> tuple[str, tuple[str, ...]]:
    """What of a text is no mere digit: the words and signs around its figures, and the figures that carry meaning."""
    return FIGURE.sub("#", TELLING.sub("@", text)), tuple(TELLING.findall(text))


def reprints(
    plain: Mapping[str, Any], later: Later, universe: Universe, stored: Callable[[], Mapping[str, Fact]]
) -> tuple[Reprint, ...]:
    """The figures of an edition that were restated by a later moment: the first claim of each fact that changed."""
    moment, day = moment_of(plain), day_of(plain)
    places = revised(plain, later.as_of(moment, day))
    if not places:
        return ()
    found: dict[str, Reprint] = {}
    prose_first = sorted(
        changed(plain, places, later, universe, stored), key=lambda one: one.claim.say.endswith("cell")
    )
    for one in prose_first:
        if one.now is not None and FIGURE.search(one.claim.text):
            as_of = date.fromisoformat(str(plain["as_of"]))
            found.setdefault(
                one.claim.fact, Reprint(edition=str(plain["id"]), as_of=as_of, moment=moment, claim=one.claim)
            )
    return tuple(found.values())


def notices(restated: Sequence[Reprint], later: Later, universe: Universe) -> tuple[str, ...]:
    """What a letter says of figures that the one before printed and that were restated since.

    Each is said from the store, then and now; one that does not read as it was printed, or did not change, is left out,
    so that nobody can add one by hand.
    """
    told = []
    for id_ in dict.fromkeys(one.edition for one in restated):
        those = [one for one in restated if one.edition == id_]
        day, moment = date.fromisoformat(id_[:10]), those[0].moment
        plain = {"id": id_, "as_of": those[0].as_of.isoformat()}
        wanted = _facts_of([one.claim for one in those])
        then = computed(plain, later.original(moment, day), universe, wanted)
        now = computed(plain, later.as_of(moment, day), universe, wanted)
        if isinstance(now, CaplineError):
            continue
        for one in those:
            text, printed = said(one.claim, now, day)[0], said(one.claim, then, day)[0]
            if text is not None and printed == one.claim.text != text:
                told.append(
                    f"Restated since the letter of {long_date(day)}: {now[one.claim.fact].label}, "
                    f"“{printed}” there, reads “{text}” with what is known now."
                )
    more = len(told) - MOST
    if more <= 0:
        return tuple(told)
    return (*told[:MOST], f"{more} more figure{'' if more == 1 else 's'} of that letter changed in the same way.")
