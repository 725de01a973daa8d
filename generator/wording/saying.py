"""A form of words: a fact, its arguments, and the letter it is said in; and the register of all forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import UnknownName, UnsupportedSaying

if TYPE_CHECKING:
    from datetime import date

    from generator.model import Context, Fact, Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A fact, the arguments of the form, the other facts of the letter, and the letter's day."""

    fact: Fact
    args: Mapping[str, str]
    facts: Mapping[str, Fact]
    today: date

    @property
    def other(self) -> Fact:
        """The second fact of a form that compares two."""
        return self.facts[self.args["with"]]

    def synonym(self, *words: str) -> str:
        """One of some words that say the same; the argument `v` says which, so that it can be said again."""
        return words[int(self.args.get("v") or 0) % len(words)]

    @property
    def context(self) -> Context:
        """The context, which the form needs."""
        if self.fact.context is None:
            raise UnsupportedSaying(self.fact.key, "context", "it has none")
        return self.fact.context

    @property
    def horizon(self) -> Horizon:
        """The horizon, which the form needs."""
        if self.fact.horizon is None:
            raise UnsupportedSaying(self.fact.key, "horizon", "it has none")
        return self.fact.horizon


Form: TypeAlias = Callable[[Saying], str]


FORMS: dict[str, Form] = {}


def form(function: Form) -> Form:
    """Enter a form under its name."""
    FORMS[function.__name__.rstrip("_")] = function
    return function


def say(fact: Fact, name: str, args: Mapping[str, str], *, facts: Mapping[str, Fact], today: date) -> str:
    """What a form prints of a fact; UnknownName for an unknown form, UnsupportedSaying if the fact cannot bear it."""
    if name not in FORMS:
        raise UnknownName("form of words", name, FORMS)
    text = FORMS[name](Saying(fact=fact, args=args, facts=facts, today=today))
    return text[:1].upper() + text[1:] if args.get("cap") else text
