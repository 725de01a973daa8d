"""What the commands print: plain text that reads in a terminal of 100 columns and in a log."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from generator.errors import UnknownName
from generator.sources.listing import TERMS
from generator.sources.releases import RULES
from generator.units import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from generator import quality
    from generator.changes import Changes
    from generator.corrections import Found
    from generator.differences import Difference
    from generator.edition import Edition
    from generator.fetching import Report
    from generator.model import Fact
    from generator.pipeline import Built
    from generator.survey import Surveyed
    from generator.verify import Verdict

NAMES = {
    "index.html": "web page",
    "letter.eml": "mail",
    "letter.txt": "text",
    "letter-a4.pdf": "PDF, A4",
    "letter-letter.pdf": "PDF, letter paper",
    "edition.json": "edition",
}
LATEST = 10  # values of a history that are printed


def _columns(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{indent}{line.rstrip()}\n" for line in lines)


def built(made: Built) -> str:
    """The headline and where each form lies."""
    rows = [(NAMES[path.name], os.path.relpath(path)) for path in made.files if path.name in NAMES]
    letter = made.edition
    notices = "".join(f"  note: {notice}\n" for notice in letter.notices)
    notices += "".join(f"  note: {note}\n" for note in made.notes)
    gaps = f"  gaps: {len(letter.gaps)}, each listed in the letter with its reason\n" if letter.gaps else ""
    return f"{letter.id}: {letter.headline.text}\n{notices}{gaps}{_columns(rows)}"


def verdict(path: Path, found: Verdict, against: str) -> str:
    """What was checked, and a table of what differs."""
    notes = "".join(f"  note: {note}\n" for note in found.notes)
    if not found.differences:
        return f"{path}: verified against {against}: {found.facts} facts, {found.claims} claims, no difference\n{notes}"
    head = ("WHERE", "FACT", "PRINTED", "EXPECTED")
    rows = [head, *((one.where, one.fact or "-", one.printed, one.expected) for one in found.differences)]
    count = f"{len(found.differences)} difference{'' if len(found.differences) == 1 else 's'}"
    return f"{path}: {count}, checked against {against}\n{_columns(rows)}{notes}"


def chain(folder: Path, found: Sequence[Difference], count: int) -> str:
    """Whether the editions of a folder are the chain that they make, and a table of where they are not."""
    links = f"{folder}: a chain of {count} edition{'' if count == 1 else 's'}"
    if not found:
        return f"{links}, each as the next one holds it\n"
    rows = [("WHERE", "FOUND", "EXPECTED"), *((one.where, one.printed, one.expected) for one in found)]
    places = f"{len(found)} place{'' if len(found) == 1 else 's'}"
    return f"{links}, broken at {places}\n{_columns(rows)}"


def corrections(found: Found, *, recorded: bool) -> str:
    """Every place that would read otherwise now, the new ones marked, and their notices."""
    places = f"{len(found.standing)} place{'' if len(found.standing) == 1 else 's'}"
    news = {(one.edition, one.place) for those in found.news.values() for one in those}
    state = "recorded now" if recorded else "not recorded yet (`capline corrections --write`)"
    text = (
        f"{found.editions} editions, {found.touched} with other values behind them, "
        f"{places} that would read otherwise, {len(news)} {state}\n"
    )
    back = [one for those in found.news.values() for one in those if one.kind == "withdrawn"]
    for one in (*found.standing, *back):
        mark = "new" if (one.edition, one.place) in news else "known"
        text += f"{one.edition}, {one.place} ({one.kind}, {mark})\n  {one.notice}\n"
    return text


def changes(found: Changes) -> str:
    """What changed between two editions, by its four kinds."""
    new = [(one.series_id, f"{one.first}", f"{one.last}", f"{one.count:,}") for one in found.new]
    restated = [
        (one.series_id, f"{one.date}", "none" if one.was is None else f"{one.was!r}", f"{one.value!r}",
         f"{one.known_at:%Y-%m-%d %H:%M}")
        for one in found.restated
    ]  # fmt: skip
    figures = [(one.fact, one.printed, one.now or "cannot be said", one.kind) for one in found.figures]
    parts: list[tuple[str, tuple[str, ...], Sequence[tuple[str, ...]]]] = [
        ("New data", ("SERIES", "FROM", "TO", "VALUES"), new),
        ("Restated data", ("SERIES", "DATE", "WAS", "IS", "KNOWN (UTC)"), restated),
        (f"Figures of {found.first} that this changes", ("FACT", "PRINTED", "NOW", "CHANGES"), figures),
        ("Method", ("WHAT", "WAS", "IS"), [(one.what, one.first, one.second) for one in found.method]),
        ("Configuration", ("WHAT", "WAS", "IS"), [(one.what, one.first, one.second) for one in found.configuration]),
    ]
    text = f"From {found.first} to {found.second}\n"
    for title, head, rows in parts:
        text += f"{title}\n{_columns([head, *rows])}" if rows else f"{title}: none\n"
    return text + "".join(f"  note: {note}\n" for note in found.notes)


def surveyed(found: Sequence[Surveyed], reach: date) -> str:
    """One line for each series; below it the rules by which values become known, and the terms."""
    rows = [("SERIES", "SOURCE", "FALL-BACK", "THROUGH", "BEHIND", "LATE", "KNOWN", "RULE", "PUBLISHER")]
    for one in found:
        source = f"{one.source} (not {one.instead_of})" if one.instead_of else one.source
        place = (one.spec.id, source, ", ".join(one.fallbacks) or "-")
        words = (one.spec.release, one.spec.publisher + ("" if one.shown else " (needs a licence to be printed)"))
        if one.held is None:
            rows.append((*place, "nothing", "-", "-", "-", *words))
            continue
        behind = max((reach - one.held.last).days, 0)
        late = f"{one.late} d" if one.late else "-"
        rows.append((*place, f"{one.held.last}", f"{behind} d", late, f"{one.held.known_at:%Y-%m-%d %H:%M}Z", *words))
    rules = [(name, RULES[name].sentence) for name in dict.fromkeys(one.spec.release for one in found)]
    terms: dict[str, str] = {}
    for one in found:
        terms.setdefault(one.source if one.terms == TERMS.get(one.source) else one.spec.publisher, one.terms)
    return (
        f"As of {reach}; times are UTC. LATE counts from the moment the next value was due.\n{_columns(rows)}\n"
        f"When a value becomes known, by rule:\n{_legend(rules)}\nTerms of use:\n{_legend(terms.items())}"
    )


def _legend(items: Iterable[tuple[str, str]]) -> str:
    """Names, each with its words below it."""
    return "".join(
        f"  {name}\n{textwrap.fill(words, 96, initial_indent='    ', subsequent_indent='    ')}\n"
        for name, words in items
    )


def fetched(found: Report) -> str:
    """What a fetch brought, by source; what failed, and why; what was not asked for."""
    counts: dict[str, Counter[str]] = {}
    for one in found.outcomes:
        mine = counts.setdefault(one.source or "none", Counter())
        mine.update(series=1, new=one.new, revised=one.revised, unchanged=one.unchanged, failed=not one.source)
    heads = ("series", "new", "revised", "unchanged", "failed")
    rows = [("SOURCE", *map(str.upper, heads))]
    rows += [(name, *(f"{mine[head]:,}" for head in heads)) for name, mine in sorted(counts.items())]
    text = _columns(rows) if found.outcomes else ""
    text += "".join(f"  revised: {one.series_id}, {one.revised:,}\n" for one in found.outcomes if one.revised)
    for one in found.outcomes:
        for problem in one.failures:
            outcome = f"read from {one.source} instead" if one.source else "not read"
            text += f"  {one.series_id}: {outcome}; {problem}\n" + ("" if one.source else f"    hint: {problem.hint}\n")
    text += "".join(f"  second opinion not had: {one}\n" for one in found.second.failures)
    if found.headlines is not None:
        text += f"  headlines: {found.headlines} kept\n"
    text += "".join(f"  headlines: a feed was not read; {one}\n    hint: {one.hint}\n" for one in found.unread)
    if found.not_due:
        text += f"  nothing due: {len(found.not_due)} series, read earlier today\n"
    if found.left_out:
        text += (
            f"  left out: {', '.join(found.left_out)}\n"
            "    hint: their only source is FRED; set FRED_API_KEY, or name fredcsv in sources.order\n"
        )
    return text or "nothing to fetch\n"


def doubted(verdicts: Iterable[quality.Verdict]) -> str:
    """What the gates found fault with, and what may be done."""
    return "".join(
        f"  doubted: {one.series_id} ({one.rule}): {one.reason}\n    hint: {one.remedy}\n" for one in verdicts
    )


def fact(found: Fact, history: pd.Series[float] | None) -> str:
    """Definition, formula, evidence, context and the latest values."""
    lines = [
        f"{found.key}: {found.label}",
        f"  value     {quantity(found.value, found.unit, signed=False)} ({found.value!r} {found.unit.value})"
        + (f", {found.state}" if found.state else ""),
        f"  as of     {found.as_of}, known at {found.known_at:%Y-%m-%d %H:%M} UTC",
        f"  formula   {found.formula}",
    ]
    if found.horizon:
        lines.append(f"  span      {found.horizon.words}, from {found.horizon.start}")
    lines += [f"  {name:9} {day}" for name, day in found.marks]
    if found.context:
        context = found.context
        beyond = f"last beyond it on {context.beyond} ({context.beyond_value!r})" if context.beyond else "a record"
        lines += [
            f"  history   {context.count:,} values since {context.first}, median {context.median!r}",
            f"  standing  percentile {context.percentile:.1f}, by size {context.size_percentile:.1f}; {beyond}",
            f"  run       {context.streak}, with its sign",
        ]
    lines.append("  evidence")
    text = "\n".join(lines) + "\n" + _evidence([found])
    if found.derived:
        text += f"  note      {found.derived}\n"
    if history is not None:
        newest = history.tail(LATEST)
        rows = [(f"{day:%Y-%m-%d}", f"{value:.6g}") for day, value in zip(newest.index, newest.tolist(), strict=True)]
        text += f"  latest values of its history ({found.unit.value})\n{_columns(rows, indent='    ')}"
    return text


def _evidence(facts: Sequence[Fact]) -> str:
    rows = [("SERIES", "FROM", "TO", "VALUES", "KNOWN BY (UTC)", "SHA-256")]
    slices = dict.fromkeys(one for found in facts for one in found.evidence)
    rows += [
        (one.series_id, f"{one.first}", f"{one.last}", f"{one.count:,}", f"{one.known_by:%Y-%m-%d %H:%M}", one.digest)
        for one in slices
    ]
    return _columns(rows, indent="    ")


def of_edition(letter: Edition, key: str | None, number: int | None) -> str:
    """A fact of an edition, one of its sentences, or how newsworthy its stories were."""
    if number is not None:
        return sentence(letter, number)
    if key is None:
        return scores(letter)
    if key not in letter.facts:
        raise UnknownName(f"fact in {letter.id}", key, letter.facts)
    return fact(letter.facts[key], None)


def sentence(letter: Edition, number: int) -> str:
    """A sentence and everything it rests on."""
    for found, where, one in letter.sentences():
        if found == number:
            used = [letter.facts[key] for key in dict.fromkeys(claim.fact for claim in one.claims)]
            said = "".join(f"    {claim.text!r} says {claim.say!r} of {claim.fact}\n" for claim in one.claims)
            parts = "\n".join(fact(each, None) for each in used)
            return f"{letter.id}, sentence {number} ({where}):\n  {one.text}\n  its claims\n{said}\n{parts}"
    known = [str(found) for found, _, _ in letter.sentences()]
    raise UnknownName("sentence", str(number), known)


def scores(letter: Edition) -> str:
    """How newsworthy each story was, part by part."""
    rows: list[tuple[str, ...]] = [
        ("STORY", "SCORE", "SURPRISE", "CHANGE", "RELEVANCE", "FRESH", "EVIDENCE", "NOVELTY", "TOLD")
    ]
    told = {section.story: section.place for section in letter.sections}
    for name, score in sorted(letter.considered.items(), key=lambda item: (-item[1].total, item[0])):
        parts = (score.total, score.surprise, score.state_change, score.relevance, score.freshness, score.evidence,
                 score.novelty)  # fmt: skip
        rows.append((name, *(f"{part:.2f}" for part in parts), told.get(name, "-")))
    return f"{letter.id}: score = relevance x freshness x evidence x novelty x (surprise + change)\n{_columns(rows)}"
