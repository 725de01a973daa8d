"""The archive as the settings have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.archive.building import publish
from generator.archive.recorded import recorded
from generator.archive.values import Site

if TYPE_CHECKING:
    from generator.archive.values import Published
    from generator.config import Settings


def built(settings: Settings, *, full: bool = False) -> Published:
    """Bring the site of the settings up to date with their editions and corrections; raises what `publish` does."""
    site = Site(
        url=settings.site.url,
        title=settings.site.title or settings.letter.name,
        publisher=settings.letter.publisher,
        disclaimer=settings.letter.disclaimer,
        tag=settings.site.tag,
        comments=settings.site.comments,
        searched=settings.site.search,
    )
    editions = settings.build.output / "editions"
    return publish(editions, settings.site.folder, site, corrections=recorded(editions), full=full)
