"""What may be said of a fact: each form prints verb, sign, size, rank or date out of the fact itself.

A template never writes "rose": it writes `{{ fact | moved }}`, and this package decides. The same function says a claim
again when an edition is verified.
"""

from __future__ import annotations

from generator.wording import days, figures, gaps, markets, moves, pairs, rates, standing
from generator.wording.moves import moves_of
from generator.wording.saying import FORMS, Saying, say
from generator.wording.standing import superlative
from generator.wording.terms import SINCE, long_date

FORM_MODULES = (days, figures, gaps, markets, moves, pairs, rates, standing)  # loading them enters their forms

__all__ = ["FORMS", "FORM_MODULES", "SINCE", "Saying", "long_date", "moves_of", "say", "superlative"]
