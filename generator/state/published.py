"""The published site as a witness: a state that lacks a letter which the site shows is older than the site.

An empty clone has seen no number; but every letter is pushed before it is published, so the chain of the site can never
be ahead of the state.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from generator import chain
from generator.deliver.looking import look
from generator.errors import DamagedEdition, StateMoved

if TYPE_CHECKING:
    from generator.config import Settings

NOT_YET = "answers 404"


def compare(settings: Settings, site: str) -> str:
    """What there is to say of the chain at a site beside the one here; StateMoved if the one here is older."""
    address = f"{site.rstrip('/')}/{chain.FILE}"
    seen = look(address)
    if seen.problem:
        return f"{address} {seen.problem}; " + (
            "nothing is published yet" if seen.problem == NOT_YET else "whether this state is the newest is not known"
        )
    with TemporaryDirectory() as folder:
        (Path(folder) / chain.FILE).write_bytes(seen.content)
        try:
            shown = chain.read(Path(folder))
        except DamagedEdition as problem:
            return f"{address} is no chain ({problem}); whether this state is the newest is not known"
    editions = settings.build.output / "editions"
    here = {one.id: {one.sha256, *one.was} for one in (chain.read(editions) if editions.is_dir() else ())}
    if ahead := [one.id for one in shown if one.sha256 not in here.get(one.id, ())]:
        raise StateMoved(
            settings.state.remote, f"{address} has {ahead[-1]}, which this state does not know: it is an old one",
            hint="who pushed it? Bring the newest back from a machine that has it: what was sent would be sent again",
        )  # fmt: skip
    return f"{address}: {len(shown):,} letters, none that is not here"
