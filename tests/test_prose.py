"""The prose: every branch of every template is written and passes the guard; letters have the length of their kind."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import jinja2
import livedesk
import pytest
from jinja2 import nodes

from generator import guard, stationery
from generator.commentary import Desk, variety
from generator.commentary import desk as of_desk
from generator.errors import NoDecision
from generator.stories import CONTRARY, STORIES
from generator.stories import quiet as is_quiet
from generator.units import Unit
from generator.wording import FORMS
from generator.wording.terms import RARE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from newsroom import Newsroom

    from generator.facts import Findings
    from generator.model import Fact, Gap

FIXED = {
    "since": ("size.relative.since_first", "size.return.small.since_first", "size.return.large.since_first",
              "policy.sessions_since_first", "policy.sessions_since_change", "policy.phase", "policy.target.upper",
              "policy.target.lower", "policy.cycle_moves"),
    "view": ("size.relative.1s",),
    "watch": (),
    "letter": ("size.return.small.1s",),
    "quiet": ("day.larger.quarter", "day.measures"),
    "rare": ("day.larger.all", "day.measures"),
}  # fmt: skip
SPANS = {
    "daily": ("1s", "sessions"),
    "weekly": ("5s", "such spans"),
    "decision": ("63s", "such spans"),
}
NEWEST = "2026-03-31"
PROSE = sorted(
    path.stem for path in stationery.folder("prose").glob("[!_]*.jinja") if path.stem not in livedesk.STORIES
)  # the others are told of live data: test_prose_live.py
MACROS = (
    *("title", "headline", "quarterly", "extreme", "standfirst", "told"),
    *("lede", "body", "aside", "preheader", "method"),
)


def needs(story: str, kind: str) -> set[str]:
    """Without which facts a story is not told."""
    span = SPANS[kind][0]
    keys = next((one.needs for one in STORIES if one.name == story), FIXED.get(story, ()))
    return {key.replace("{h}", span).replace("{r}", span) for key in keys}


# --- every branch -----------------------------------------------------------------------------------------------


class Watched(jinja2.Environment):
    """Notes which branches of which templates were written."""

    written: set[str]
    known: set[str]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for found in list(tree.find_all(nodes.If)):
            sides = [("if", found), *(("elif", one) for one in found.elif_)]
            for word, side in sides:
                self._note(side.body, f"{name}:{side.lineno} {word} {_source(side.test)}")
            if found.else_:
                self._note(found.else_, f"{name}:{found.lineno} else of {_source(found.test)}")
        return tree

    def _note(self, body: list[nodes.Node], branch: str) -> None:
        self.known.add(branch)
        call = nodes.Call(nodes.Name("written", "load"), [nodes.Const(branch)], [], None, None)
        body.insert(0, nodes.Output([nodes.Filter(call, "string", [], [], None, None)]).set_environment(self))


def _source(test: nodes.Node) -> str:
    """Name a condition by the names and constants in it."""
    names = [str(getattr(one, "name", getattr(one, "value", ""))) for one in (test, *test.find_all(nodes.Node))]
    return " ".join(name for name in names if name)[:60]


def flipped(one: Fact) -> Fact:
    """Turn a move round: the other sign, the other end."""
    if one.unit not in (Unit.PERCENT, Unit.POINTS, Unit.BASIS_POINTS) or one.key.startswith(("precedent", "day.")):
        return one
    context = one.context and replace(one.context, high=not one.context.high, streak=-one.context.streak)
    return replace(one, value=-one.value, base=one.end, end=one.base, context=context)


def still(one: Fact) -> Fact:
    """Let nothing have moved."""
    if one.unit not in (Unit.PERCENT, Unit.POINTS, Unit.BASIS_POINTS) or one.key.startswith(("precedent", "day.")):
        return one
    context = one.context and replace(one.context, size_percentile=0.1, streak=0)
    curve = {"state": "little changed"} if one.key.startswith("rates.curve") else {}
    return replace(one, value=0.0, base=one.end, context=context, **curve)


def standing(**changed: object) -> Callable[[Fact], Fact]:
    """Put every fact that has a history elsewhere in it."""
    return lambda one: replace(one, context=replace(one.context, **changed)) if one.context else one


VARIANTS: dict[str, Callable[[Fact], Fact]] = {
    "as it was": lambda one: one,
    "the other way": flipped,
    "nothing moved": still,
    "a record": standing(beyond=None, beyond_count=25_000, count=25_000),
    "a run": standing(streak=6),
    "a run against it": standing(streak=-6),
    "a run that ended": standing(streak=1, streak_before=9),
    "a wide day after a wider one": lambda one: (
        replace(one, value=-10 * one.value) if one.key.endswith(".before")
        else standing(streak=1, streak_before=9, rank=40, size_percentile=92.0)(one)
    ),
    "a day after one ten times as wide": lambda one: (
        replace(one, value=10 * one.value) if one.key.endswith(".before")
        else standing(streak=1, streak_before=9)(one)
    ),
    "a record gap": lambda one: (
        standing(beyond=None, beyond_count=25_000, size_percentile=99.0)(one) if one.key == "size.relative.1s" else one
    ),
    "a tiny move": standing(size_percentile=2.0),
    "low": standing(percentile=3.0, high=False),
    "a short history": standing(count=30),
    "at its high": lambda one: replace(one, value=0.0, marks=(("high", one.as_of),)) if "drawdown" in one.key else one,
    "large caps at their high": lambda one: (
        replace(one, value=0.0, marks=(("high", one.as_of),)) if one.key == "size.drawdown.large" else one
    ),
    "a meeting soon": lambda one: replace(one, value=2.0) if one.key == "calendar.fomc" else one,
    "a change long ago": lambda one: replace(one, value=160.0) if one.key == "policy.days_since_change" else one,
    "a month that began the year": lambda one: (
        replace(one, horizon=replace(one.horizon, start=date(2025, 12, 31)))
        if one.horizon and re.fullmatch(r"size\.relative\.(mtd|ytd|21s)", one.key) else one
    ),
    "the small one up, the large one down": lambda one: (
        replace(one, value=abs(one.value)) if "return.small" in one.key
        else replace(one, value=-abs(one.value)) if "return.large" in one.key else one
    ),
    "the ten years still": lambda one: still(one) if "10y" in one.key else one,
    "a first move": lambda one: replace(one, value=1.0) if one.key == "policy.cycle_moves" else one,
    "level with each other": lambda one: (
        replace(one, value=0.0) if one.key.startswith("size.relative") else one
    ),
    "a quiet day": lambda one: replace(one, value=80.0) if one.key == "day.larger.quarter" else one,
    "the euro and sterling apart": lambda one: (
        replace(one, value=abs(one.value)) if one.key.startswith("fx.eurusd.")
        else replace(one, value=-abs(one.value)) if one.key.startswith("fx.gbpusd.") else one
    ),
    "a slope that comes back": lambda one: replace(one, value=4.0) if one.key == "rates.slope.2s10s.1s.before" else one,
    "an increase last": lambda one: (
        replace(one, value=25.0, state="increase") if one.key == "policy.last_change" else one
    ),
    "few cases": lambda one: replace(one, value=3.0) if one.key == "precedent.first_cuts.63s.n" else one,
}  # fmt: skip
DAYS = ("2026-03-06", "2024-09-18", "1991-12-20", "1960-05-02", "1995-01-11", "1995-02-15", "2022-08-29")


def tellings(facts: Mapping[str, Fact], gaps: Mapping[str, Gap], today: date) -> Iterator[tuple[str, Desk]]:
    """Every story that can be told of some facts, in every kind; as the lead and not, decided and not, if it asks."""
    for kind, (span, rows) in SPANS.items():
        if f"size.return.small.{span}" not in facts:
            continue  # no letter of that kind is written
        for story in PROSE:
            source = (stationery.folder("prose") / f"{story}.jinja").read_text(encoding="utf-8")
            if not needs(story, kind) <= facts.keys() or not calls_for(story, facts):
                continue
            if story == "contrary":
                yield from ((story, desk) for desk in against(facts, gaps, today, kind))
                continue
            for decided in (False, True) if "decided" in source else (False,):
                for lead in ("gap" if story == "letter" else story, "other") if "lead" in source else (story,):
                    given = {"kind": kind, "h": span, "rows": rows, "decided": decided, "lead": lead}
                    for due in (False, True) if "prices_due" in source else (False,):
                        yield story, Desk(facts=facts, gaps=gaps, today=today, given={**given, "prices_due": due})


def calls_for(story: str, facts: Mapping[str, Fact]) -> bool:
    """Whether the day is one of those that a template is for: a quiet one, a rare one."""
    if story == "quiet":
        return facts["day.larger.quarter"].value >= 50
    return story != "rare" or facts["day.larger.all"].value <= RARE


def against(facts: Mapping[str, Fact], gaps: Mapping[str, Gap], today: date, kind: str) -> Iterator[Desk]:
    """A desk for each lead and each fact that may speak against it."""
    for lead, keys in CONTRARY.items():
        for key in keys:
            if key in facts:
                yield Desk(facts=facts, gaps=gaps, today=today, given={"kind": kind, "lead": lead, "against": key})


def every_phrasing(desk: Desk, caller: Callable[[], str]) -> str:
    """Have the guard read every alternative of a block, not only the one whose turn it is; take the first."""
    parts = [[one for one in part.split(variety.ALTERNATIVE) if one.strip()] or [""]
             for part in caller().split(variety.PART)]  # fmt: skip
    phrasings = [" ".join(part[at % len(part)] for part in parts) for at in range(max(map(len, parts)))]
    for one in phrasings:
        desk.sentences(one, where="a phrasing")
    return phrasings[0]


def write_all(desk: Desk, story: str) -> None:
    """Write all macros of a template, and have the guard read them, every phrasing of a headline or aside too."""
    if story == "charts":
        return
    for macro in MACROS:
        text = desk.write(story, macro, lead=desk.given["lead"])
        parts = (
            variety.combinations(text)
            if macro in {"headline", "quarterly", "extreme", "aside"}
            else re.split("[¶‖]", text)
        )
        for part in parts:
            desk.sentences(part, where=f"{story}, {macro}")


def write_everything(
    found: Watched, facts: Mapping[str, Fact], today: date, gaps: Mapping[str, Gap] | None = None
) -> None:
    """Write every story that some facts can bear, in one environment."""
    for story, desk in tellings(facts, gaps or {}, today):
        found.filters |= {name: functools.partial(desk.claim, name) for name in FORMS}
        found.filters["capital"] = of_desk._capital  # noqa: SLF001
        found.globals |= {"f": desk.find, "has": desk.has, "one_of": functools.partial(every_phrasing, desk)}
        desk.environments.append(found)
        write_all(desk, story)


READ = guard.read


@functools.cache
def read_once(text: str) -> tuple[guard.Finding, ...]:
    """Have the guard read plain words, once for all places where they stand."""
    return tuple(READ(text, where="prose"))


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """Give the desk's environment, watched; plain words that come again are read by the guard once."""
    found = Watched(loader=jinja2.FileSystemLoader(stationery.folder("prose")), undefined=jinja2.StrictUndefined)
    found.written, found.known = set(), set()
    found.tests |= of_desk._environment().tests  # noqa: SLF001 -- what templates may ask stands there alone
    found.globals["written"] = lambda branch: found.written.add(branch) or ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "read", lambda text, where: read_once(text) if where else ())
        yield found


def without(findings: Findings, missing: str) -> dict[str, Fact]:
    """Take away the facts that a day may lack."""
    return {key: one for key, one in findings.facts.items() if not re.match(MISSING[missing], key)}


def test_every_branch_of_every_template_is_written_and_guarded(room: Newsroom, watched: Watched) -> None:
    """With both signs, zero, records, runs, short histories, few cases, gaps; in every kind, as lead and not."""
    findings = room.findings(NEWEST)
    today = findings.pair.index[-1].date()
    for variant in VARIANTS.values():
        write_everything(watched, {key: variant(one) for key, one in findings.facts.items()}, today)
    for missing in ("three months of returns", "all that can be missing", "core prices", "yields", "policy",
                    "the year so far"):  # fmt: skip
        write_everything(watched, without(findings, missing), today)
    for day in DAYS:
        found = room.findings(day)
        write_everything(watched, found.facts, found.pair.index[-1].date(), found.gaps)

    live = "defined live"  # what letters on live data alone say: tests/test_prose_live.py
    assert sorted(one for one in watched.known - watched.written if not one.endswith(live)) == []


MISSING = {  # facts come and go together: what a day may lack
    "policy": r"policy\.|precedent\.|size\..*\.since_|rates\.hint",
    "a session since the change": r"size\..*\.since_|policy\.sessions_since_",
    "closed windows": r"precedent\.",
    "closed windows of a year": r"precedent\..*\.252s",
    "hikes": r"precedent\.hikes",
    "an interval": r"precedent\..*\.(low|high)$",
    "yields": r"rates\.",
    "the 2-year yield": r"rates\.(yield|change)\.2y|rates\..*2s10s|rates\.curve|rates\.hint",
    "the 3-month yield": r"rates\.(yield|change)\.3m|rates\..*3m10y",
    "the 30-year yield": r"rates\.(yield|change)\.30y",
    "currencies": r"fx\.",
    "sterling": r"fx\.gbpusd",
    "prices": r"inflation\.|policy\.real_rate",
    "core prices": r"inflation\.core",
    "three months of prices": r"inflation\..*\.3m",
    "a schedule": r"calendar\.",
    "three months of returns": r"size\.(return\..*|relative)\.63s",
    "the year so far": r"size\.(return\..*|relative)\.ytd",
    "a year of returns": r"size\.(return\..*|relative)\.252s",
    "ten years": r"size\.trend",
    "sizes": r"size\.(share|ratio)$",
    "all that can be missing": r"(?!size\.(return|relative)\..*(\ds|td)$|size\.(strength|drawdown))",
}


@pytest.mark.parametrize("missing", sorted(MISSING))
def test_every_story_copes_with_what_a_day_may_lack(room: Newsroom, watched: Watched, missing: str) -> None:
    """A story that does not need it is told without it, in every kind."""
    findings = room.findings(NEWEST)
    facts = without(findings, missing)

    assert len(facts) < len(findings.facts)
    write_everything(watched, facts, findings.pair.index[-1].date())


# --- letters ----------------------------------------------------------------------------------------------------

DECISION = "2024-09-18"
WORDS = {"daily": (250, 450), "quiet": (120, 220), "weekly": (500, 800), "decision": (700, 1_100)}
# Before 1977 there is no curve to tell of, before July 1990 no target and no precedent, and of the first cut no earlier
# one: a letter is not stretched, but it is longer than one of a quiet day must be.
THIN = {"daily": 150, "weekly": 300, "decision": 650}
LETTERS = (
    *((day, kind) for day in ("1928-06-01", "1962-05-28") for kind in ("daily", "weekly")),
    *((day, "daily") for day in ("1941-12-08", "1980-04-21", "1987-10-19", "1999-12-31", "2011-08-08", "2020-03-16",
                                 "2024-12-24", "2026-01-02")),
    *((day, "weekly") for day in ("1974-10-04", "1998-10-15", "2008-10-10", "2018-12-24", NEWEST)),
    *((day, "decision") for day in ("1990-07-13", "1995-07-06", "2001-01-03", "2008-12-16", "2015-12-16", NEWEST)),
    *((DECISION, kind) for kind in SPANS),
)  # fmt: skip


@pytest.mark.parametrize(("day", "kind"), LETTERS)
def test_a_letter_has_the_length_of_its_kind(room: Newsroom, day: str, kind: str) -> None:
    """And a headline of 5 to 11 words that fits a subject line; the guard has read all of it."""
    letter = room.letter(day, kind)
    quiet = kind == "daily" and is_quiet(letter.facts, letter.considered.values())
    least, most = WORDS["quiet" if quiet else kind]

    assert (THIN[kind] if not quiet and day <= "1990-07-13" else least) <= letter.words <= most
    assert 5 <= len(letter.headline.text.split()) <= 11
    assert len(letter.headline.text) <= 64


@pytest.mark.parametrize(("day", "kind"), [(NEWEST, "decision"), ("2024-09-18", "daily"), ("1928-06-01", "weekly")])
def test_no_sentence_is_said_twice(room: Newsroom, day: str, kind: str) -> None:
    """Within the prose of one letter."""
    letter = room.letter(day, kind)
    told = [one.text for section in letter.sections for paragraph in section.paragraphs for one in paragraph]

    assert len(told) == len(set(told))


@pytest.mark.parametrize(("day", "kind"), [(NEWEST, "weekly"), (NEWEST, "decision"), ("2008-10-10", "weekly")])
def test_sentences_are_sentences(room: Newsroom, day: str, kind: str) -> None:
    """A capital first, one stop last, no blank before it, no doubled stop or word."""
    for _, where, one in room.letter(day, kind).sentences():
        if where == "headline" or (where.startswith("chart") and "alternative" not in where):
            continue
        assert re.match(r"[A-Z].*[.]$", one.text), one.text
        assert not re.search(r" [.,;:]|[.,;:]{2}|\b(\w+) \1\b", one.text), one.text


def test_a_decision_letter_needs_a_decision(room: Newsroom) -> None:
    """Before July 1990 no change of the target is known."""
    with pytest.raises(NoDecision):
        room.letter("1987-10-19", "decision")


# --- keys -------------------------------------------------------------------------------------------------------


def keys_named() -> Iterator[tuple[str, str]]:
    """Each key that a template names whole, with the template: `f("a.b")`, `has("a.b", "c.d")`."""
    reader = jinja2.Environment(loader=jinja2.FileSystemLoader(stationery.folder("prose")), autoescape=False)  # noqa: S701 -- parsed only
    for path in sorted(stationery.folder("prose").glob("*.jinja")):
        if path.stem in livedesk.STORIES:  # of live data
            continue
        for call in reader.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            named = call.node.name if isinstance(call.node, nodes.Name) else ""
            constants = [one.value for one in call.args if isinstance(one, nodes.Const)]
            if named not in {"f", "has"} or len(constants) < len(call.args):
                continue
            yield from ((path.name, key) for key in ([".".join(constants)] if named == "f" else constants))


def test_a_misspelt_key_is_found(room: Newsroom) -> None:
    """The desk takes a key that it does not know for a fact that the day lacks; no key named here is only that."""
    known = {key for day in (NEWEST, *DAYS) for key in (room.findings(day).facts | room.findings(day).gaps)}
    named = set(keys_named())

    assert len(named) > 50
    assert sorted(f"{name}: {key}" for name, key in named if key not in known) == []
