"""The desk: it runs a prose template over the facts and turns the text into sentences of plain words and claims.

In a template `f("size.relative.1s") | beat` prints a claim: a sign in the text, looked up again when the text is cut
into sentences. So a claim can never be confused with words that a template typed.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jinja2

from generator import guard, stationery
from generator.commentary import variety
from generator.edition import Claim, Sentence
from generator.errors import RenderError, UnsupportedSaying
from generator.model import Fact, Gap
from generator.units import DIGITS, rounded
from generator.wording import FORMS, moves_of, say, superlative
from generator.wording.terms import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from types import CodeType

    from jinja2.bccache import Bucket

# Forms with synonyms, which take turns
VARIED = frozenset({"moved", "beat", "beating", "exceeded", "who", "any_further", "some_further", "often_further"})
OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")


class Compiled(jinja2.BytecodeCache):
    """Compiled templates by name and content: the letters of a process share them, each desk with its own filters.

    Between processes they are kept beside the templates, where that is allowed.
    """

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}
        self.disk = stationery.compiled(stationery.folder("prose"))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template, if it was compiled before."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))
        if bucket.code is None and self.disk:
            self.disk.load_bytecode(bucket)
            if bucket.code is not None:
                self.codes[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code
            if self.disk:
                self.disk.dump_bytecode(bucket)


COMPILED = Compiled()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Writes for one letter: its facts, gaps and day. Claims made so far are kept until the text is cut."""

    facts: Mapping[str, Fact]
    gaps: Mapping[str, Gap]
    today: date
    given: Mapping[str, Any]  # what templates may ask besides facts: kind, span, ...
    used: variety.Used = field(default_factory=variety.Used)  # what the letters before, and this one, have said
    claims: list[Claim] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)  # of one_of blocks around the place that is being written
    environments: list[jinja2.Environment] = field(default_factory=list)  # made on first use, with this desk's filters

    def find(self, *parts: str) -> Fact | Gap:
        """The fact or gap of a key; a key that is neither is a mistake of the template."""
        key = ".".join(parts)
        if key in self.facts:
            return self.facts[key]
        if key in self.gaps:
            return self.gaps[key]
        return Gap(key=key, label=key, reason="not computed for this letter")

    def has(self, *keys: str) -> bool:
        """Whether all of the keys are facts."""
        return all(key in self.facts for key in keys)

    def claim(self, name: str, fact: Fact | Gap, other: Fact | None = None, **args: object) -> str:
        """Say a form of a fact: the filter behind every form in wording.py."""
        if not isinstance(fact, Fact):
            raise UnsupportedSaying(getattr(fact, "key", repr(fact)), name, "it is no fact")
        texts = {key: "" if value is False else str(value) for key, value in args.items()}
        if other is not None:
            texts["with"] = other.key
        if name in VARIED and "short" not in texts:
            texts["v"] = str((self.today.toordinal() + 5 * len(self.claims)) % 12)
        text = say(fact, name, texts, facts=self.facts, today=self.today)
        self.claims.append(Claim(fact=fact.key, say=name, text=text, args=tuple(sorted(texts.items()))))
        return f"{OPEN}{len(self.claims) - 1}{CLOSE}"

    def one_of(self, caller: Callable[[], str]) -> str:
        """Of the phrasings inside a `call` block, the one used least recently (see variety.py)."""
        self.depth.append(1)
        offered = variety.combinations(caller())
        self.depth.pop()
        chosen = offered[variety.choose([self.text(one) for one in offered], self.used, turn=self.today.toordinal())]
        if not self.depth:  # one inside another has not been said yet
            variety.remember([self.text(chosen)], self.used)
        return chosen

    def write(self, template: str, macro: str, **values: object) -> str:
        """Run a macro of templates/prose/<template>.jinja; RenderError names the template that fails."""
        try:
            module = self._environment().get_template(f"{template}.jinja").make_module({**self.given, **values})
            if not hasattr(module, macro):
                return ""
            return str(getattr(module, macro)())
        except jinja2.TemplateError as problem:
            where = f"templates/prose/{template}.jinja, {macro}"
            raise RenderError(f"{where}: {problem}", hint="mend the template (docs/prose.md)") from problem

    def sentences(self, text: str, *, where: str) -> tuple[Sentence, ...]:
        """Cut written text into sentences and have the guard read them: raises UnprovenText."""
        found = tuple(self._sentence(one) for one in variety.END.split(_squeezed(text)) if one)
        guard.check(found, where=where)
        return found

    def line(self, text: str, *, where: str) -> Sentence:
        """A headline or title: one sentence, whatever stops it holds."""
        found = self._sentence(_squeezed(text))
        guard.check((found,), where=where)
        return found

    def paragraphs(self, text: str, *, where: str) -> tuple[tuple[Sentence, ...], ...]:
        """Paragraphs are separated by a pilcrow."""
        parts = (self.sentences(part, where=where) for part in text.split("¶"))
        return tuple(part for part in parts if part)

    def text(self, marked: str) -> str:
        """Written text as it will be read."""
        return _squeezed(MARK.sub(lambda match: self.claims[int(match[1])].text, marked))

    def _sentence(self, marked: str) -> Sentence:
        pieces: list[str | Claim] = []
        for position, part in enumerate(MARK.split(marked)):
            if position % 2:
                pieces.append(self.claims[int(part)])
            elif part:
                pieces.append(part)
        return Sentence(pieces=tuple(pieces))

    def _environment(self) -> jinja2.Environment:
        if not self.environments:
            environment = _environment()
            environment.filters["capital"] = _capital
            environment.filters |= {name: functools.partial(self.claim, name) for name in FORMS}
            environment.globals |= {"f": self.find, "has": self.has, "one_of": self.one_of}
            self.environments.append(environment)
        return self.environments[0]


def _capital(words: str) -> str:
    """The words with their first letter large, and only that."""
    return words[:1].upper() + words[1:]


def _squeezed(text: str) -> str:
    """One space between words, none before a stop."""
    return re.sub(r"\s+(?=[.,;:)])", "", " ".join(text.split()))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(stationery.folder("prose")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 -- plain text; every form escapes it
        bytecode_cache=COMPILED,
    )
    environment.tests |= {
        "fact": lambda found: isinstance(found, Fact),
        "gap": lambda found: isinstance(found, Gap),
        "superlative": lambda fact: fact.context is not None and superlative(fact.context),
        "still": lambda fact: moves_of(fact) == "still",
        "up": lambda fact: moves_of(fact) == "up",
        "down": lambda fact: moves_of(fact) == "down",
        "above_zero": lambda fact: fact.value > 0,
        "below_zero": lambda fact: fact.value < 0,
        "run": lambda fact, least=2: fact.context is not None and abs(fact.context.streak) >= least,
        "run_ended": lambda fact, least=3: fact.context is not None and fact.context.streak_before >= least,
        "high": lambda fact: fact.context is not None and fact.context.percentile >= 50,  # noqa: PLR2004 -- median
        "undoing": lambda fact, before: before.value * fact.value < 0 and abs(fact.value) > abs(before.value) / 2,
        "large_move": lambda fact: fact.context is not None and fact.context.size_percentile >= VERBS[1][0],
        "at_high": lambda fact: fact.mark("high") == fact.as_of,
        "small": lambda fact: fact.context is not None and fact.context.size_percentile < VERBS[0][0],
        "level": lambda fact: rounded(fact.value, DIGITS[fact.unit]) == 0,
        "same_sign_as": lambda fact, other: fact.value * other.value > 0,
    }
    return environment
