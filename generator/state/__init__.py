"""State: what has to last between runs, kept sealed in one place, so that any machine can go on where another stopped.

That is the store of live data, the editions with their chain and corrections, the journal of runs, and the readers with
the ledger of deliveries. docs/state.md tells the form, the choice, and what follows from damage and loss.
"""

from __future__ import annotations

from generator.state.checking import Finding, check
from generator.state.published import compare
from generator.state.pulling import Pulled, pull
from generator.state.pushing import Pushed, push, reserve
from generator.state.seal import make_key

__all__ = ["Finding", "Pulled", "Pushed", "check", "compare", "make_key", "pull", "push", "reserve"]
