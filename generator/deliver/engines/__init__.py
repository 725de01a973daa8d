"""Engines: an edition handed over to what sends it for us, so that doing it again does nothing twice.

`issue` is the edition as an engine gets it, `api` asks over HTTP, `listmonk` and `buttondown` speak with the two that
have readers of their own, `campaign` is what they share; `ses` carries one message for each reader of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.config import Settings

CAMPAIGNS = ("listmonk", "buttondown")  # they have readers of their own and get an edition once
LEAVES = {
    "listmonk": "{{ UnsubscribeURL }}",
    "buttondown": "{{ unsubscribe_url }}",
    "ses": "{{amazonSESUnsubscribeUrl}}",
}


def way_out(settings: Settings) -> str:
    """The words an engine replaces by each reader's own link to leave; "" where readers leave through us."""
    engine = settings.mail.engine
    if engine == "smtp" or (engine == "ses" and not settings.ses.contact_list):
        return ""
    return LEAVES[engine]
