"""Which engine with readers of its own the settings name, opened with its key."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator import config
from generator.deliver.engines.buttondown import Buttondown
from generator.deliver.engines.listmonk import Listmonk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.config import Settings
    from generator.deliver.engines.campaign import Engine


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The engine, with its key from the environment or a private file; BadSetting for what cannot be."""
    if settings.mail.engine == "listmonk":
        token = config.secret("CAPLINE_LISTMONK_TOKEN", settings.listmonk.token_file)
        with Listmonk(settings.listmonk, token) as listmonk:
            yield listmonk
    else:
        key = config.secret("CAPLINE_BUTTONDOWN_KEY", settings.buttondown.key_file)
        with Buttondown(settings.buttondown, key) as buttondown:
            yield buttondown
