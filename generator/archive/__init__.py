"""The archive: a static site of all editions, built from their folders and from nothing else.

`publish` makes what changed, beside the site that is being read, and then puts it in its place in one step. Same
editions, same bytes, however many builds it took. docs/archive.md says what stands where.
"""

from __future__ import annotations

from generator.archive.building import publish
from generator.archive.office import built
from generator.archive.recorded import recorded
from generator.archive.values import Correction, Published, Site

__all__ = ["Correction", "Published", "Site", "built", "publish", "recorded"]
