"""The pages of an edition in the archive: its web form and its evidence, with what an archive adds to them.

The words of a letter are those of its folder, untouched. What changes: the style sheet lies beside (so that the policy
needs no exception for inline styles), the head says where the page lives, and the way to its neighbours is added.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cache as kept
from pathlib import Path
from typing import TYPE_CHECKING

from generator.archive import press
from generator.archive.values import Content, Unit
from generator.errors import RenderError
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.archive.values import Correction, Edition, Head, Site

STYLE = ("<style>\n", "</style>\n")
HEAD_END = "</head>\n"
MASTHEAD_END = "</header>\n"
LETTER_END = "</main>\n"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="[^"]*">')
NAME = re.compile(r'<p class="name">([^<]*)</p>')
SOCIAL = re.compile(r'<meta property="og:[^>]*>\n|<meta name="description"[^>]*>\n')
PLAIN = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'"
GISCUS = "https://giscus.app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The neighbours of an edition: of all, and of its kind."""

    before: Head | None
    after: Head | None
    before_of_kind: Head | None
    after_of_kind: Head | None


def policy(site: Site, *, comments: bool = False) -> str:
    """The Content-Security-Policy of a page; giscus only where it is asked for."""
    if comments and site.comments:
        open_ = PLAIN.replace("style-src 'self'", f"style-src 'self' {GISCUS}")
        return f"{open_}; script-src {GISCUS}; frame-src {GISCUS}"
    return PLAIN


def around(shelf: Sequence[Edition]) -> list[Around]:
    """The neighbours of each, in the order of the shelf."""
    heads = [one.head for one in shelf]
    before: dict[str, Head] = {}
    earlier = []
    for head in heads:
        earlier.append(before.get(head.kind))
        before[head.kind] = head
    later: list[Head | None] = []
    after: dict[str, Head] = {}
    for head in reversed(heads):
        later.append(after.get(head.kind))
        after[head.kind] = head
    later.reverse()
    pairs = zip([None, *heads], [*heads[1:], None], earlier, later, strict=False)
    return [Around(before=a, after=b, before_of_kind=c, after_of_kind=d) for a, b, c, d in pairs]


def unit(edition: Edition, beside: Around, corrections: tuple[Correction, ...], site: Site, salt: str) -> Unit:
    """The folder of an edition."""
    near = (beside.before, beside.after, beside.before_of_kind, beside.after_of_kind)
    said = [f"{one.id}{one.headline}" if one else "" for one in near]
    recipe = hashlib.sha256("\0".join([salt, edition.marks, *said, repr(corrections)]).encode()).hexdigest()
    return Unit(name=edition.head.path, recipe=recipe, make=_Make(edition, beside, corrections, site))


@dataclass(frozen=True, slots=True)
class _Make:
    edition: Edition
    beside: Around
    corrections: tuple[Correction, ...]
    site: Site

    def __call__(self) -> Mapping[str, Content]:
        head = self.edition.head
        page = Path(self.edition.page).read_bytes().decode()  # not read_text, which looks for line ends
        made: dict[str, Content] = {f"{head.path}index.html": self._page(page).encode()}
        made[f"{head.path}evidence.html"] = self.edition.evidence
        made[f"{head.path}card.png"] = self.edition.card
        return made | {f"{head.path}{os.path.basename(path)}": path for path in self.edition.files}  # noqa: PTH119

    def _page(self, page: str) -> str:
        parts = press.fragment(
            "site/edition.html",
            head=self.edition.head, beside=self.beside, site=self.site, root="../../../", corrections=self.corrections,
            mark="\x1e", files=[Path(path).name for path in self.edition.files],
            data=structured(self.edition.head, self.site), policy=policy(self.site, comments=True),
        ).split("\x1e\n")  # fmt: skip
        return spliced(page, root="../../../", policy_=policy(self.site, comments=True), parts=parts)


def spliced(page: str, *, root: str, policy_: str, parts: Sequence[str]) -> str:
    """A page of a letter with other things in its head, after its masthead and after its words.

    RenderError if it is not built as Capline builds it.
    """
    try:
        head, rest = page.split(STYLE[0], 1)
        style, rest = rest.split(STYLE[1], 1)
        _, rest = rest.split(HEAD_END, 1)
        masthead, rest = rest.split(MASTHEAD_END, 1)
        letter, foot = rest.split(LETTER_END, 1)
    except ValueError:
        raise RenderError("a page is not built as Capline builds it", hint="build its letter again") from None
    head = POLICY.sub(lambda _: f'<meta http-equiv="Content-Security-Policy" content="{policy_}">', head, count=1)
    link = f'<link rel="stylesheet" href="{root}styles/{style_name(style)}">\n'
    masthead = NAME.sub(lambda name: f'<p class="name"><a href="{root}">{name[1]}</a></p>', masthead, count=1)
    return "".join(
        [SOCIAL.sub("", head), link, parts[0], HEAD_END, masthead, MASTHEAD_END, parts[1], letter, parts[2],
         LETTER_END, foot]
    )  # fmt: skip


def style_name(style: str) -> str:
    """The name under which a style sheet of letters is published."""
    return f"letter-{hashlib.sha256(style.encode()).hexdigest()[:12]}.css"


def style_of(page: str) -> tuple[str, bytes]:
    """The style sheet of a page, by name, fit to lie in `styles/`."""
    style = page.split(STYLE[0], 1)[1].split(STYLE[1], 1)[0]
    return style_name(style), style.replace("url(fonts/", "url(../fonts/").encode()


def evidence(page: str, head: Head, site: Site) -> str:
    """The evidence of an edition as the archive shows it; it does not depend on any other edition."""
    parts = press.fragment("site/evidence.html", head=head, site=site, root="../../../", mark="\x1e").split("\x1e\n")
    return spliced(page, root="../../../", policy_=PLAIN, parts=parts)


def evidence_in(head: Head, site: Site) -> str:
    """The name under which that is kept."""
    return f"{head.digest}-{_way(site)}.html"


@kept
def _way(site: Site) -> str:
    templates = folder("site")
    parts = [Path(__file__), *(templates / name for name in ("evidence.html", "ways.html"))]
    way = b"\0".join(path.read_bytes() for path in parts)
    return hashlib.sha256(way + site.url.encode()).hexdigest()[:12]


def structured(head: Head, site: Site) -> str:
    """What search engines are told of an edition, as JSON-LD that may stand in a page."""
    here = site.url + head.path
    publisher = {"@type": "Organization", "name": site.publisher}
    said = {
        "@context": "https://schema.org", "@type": "Report", "@id": here, "url": here, "headline": head.headline,
        "description": head.preheader, "datePublished": head.moment, "dateModified": head.moment,
        "inLanguage": site.language, "image": f"{here}card.png", "author": publisher, "publisher": publisher,
        "isPartOf": {"@type": "Periodical", "name": site.title, "url": site.url},
        "subjectOf": {
            "@type": "Dataset", "name": f"The facts of {head.id}", "description": head.standfirst,
            "identifier": f"sha256:{head.digest}", "creator": publisher,
            "distribution": {
                "@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": f"{here}edition.json",
            },
        },
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
