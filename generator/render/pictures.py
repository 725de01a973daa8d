"""Charts drawn: a Vega-Lite specification to SVG, and SVG to PNG. The fonts are those of templates/fonts.

The engine (V8 inside vl-convert) takes about half a second to start and then some 40 ms a chart, and holds Python's
lock meanwhile: the workshop runs it in a child process (easel.py).
"""

from __future__ import annotations

import re
import struct
import threading
import zlib
from html import escape
from typing import TYPE_CHECKING, Any

from generator.errors import RenderError
from generator.stationery import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

PAPER = "#fffdf8"  # what lies behind a chart in mail, where a client may turn the page dark but not the picture
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
VEGA_LITE = "6.4"  # of the versions inside vl-convert; pinned, so that an update of it cannot move a chart

_NOISE = re.compile(
    r' (?:aria-[a-z]+|role|pointer-events|xmlns:xlink)="[^"]*"|<path class="(?:back|fore)ground" [^>]*/>'
)
_SHAPE = re.compile(r'(?<= d=")[^"]*')
_FINE = re.compile(r"(\.\d)\d+")  # a tenth of a pixel is finer than any screen shows; the rest is a third of the bytes
_HEAD = re.compile(r'<svg xmlns="http://www.w3.org/2000/svg"[^>]* width="(\d+)" height="(\d+)"[^>]*>')
_loading = threading.Lock()
_engine: list[ModuleType] = []


def warm() -> None:
    """Start the engine, with what a chart needs of it, before the first chart is there."""
    line: dict[str, Any] = {"data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}, "mark": "line"}
    line["encoding"] = {axis: {"field": axis, "type": "quantitative"} for axis in "xy"}
    to_svg({"layer": [line, line | {"mark": {"type": "text", "text": "warm", "font": "Inter"}}]})


def to_svg(spec: Mapping[str, Any]) -> str:
    """Draw a specification, without a background and without words of the engine's own; same spec, same text.

    RenderError if the engine refuses the specification.
    """
    try:
        svg = str(_vl_convert().vegalite_to_svg(dict(spec), vl_version=VEGA_LITE, allowed_base_urls=[]))
    except ValueError as problem:
        raise RenderError(
            f"a chart cannot be drawn: {problem}", hint="see `spec` of the chart in edition.json"
        ) from None
    return _SHAPE.sub(lambda shape: _FINE.sub(r"\1", shape.group()), _NOISE.sub("", svg))


def to_png(svg: str, *, scale: float = 2, background: str = PAPER) -> bytes:
    """Turn an SVG of `to_svg` into an opaque PNG, `scale` pixels to each of its own."""
    start = svg.index(">") + 1
    filled = f'{svg[:start]}<rect width="100%" height="100%" fill="{background}"/>{svg[start:]}'
    return _packed(_vl_convert().svg_to_png(filled, scale=scale))


def inline(svg: str, *, labelled_by: str = "", described_by: str = "", title: str = "") -> str:
    """Make an SVG of `to_svg` fit to stand inside a page: it scales, and it has a role and its words."""
    head = _HEAD.match(svg)
    if head is None:
        raise RenderError("a chart is not the SVG its engine used to draw", hint="install the pinned vl-convert-python")
    width, height = head.groups()
    said = f' aria-labelledby="{escape(labelled_by)}"' if labelled_by else ""
    said += f' aria-describedby="{escape(described_by)}"' if described_by else ""
    name = f"<title>{escape(title, quote=False)}</title>" if title else ""
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" role="img"{said} viewBox="0 0 {width} {height}">'
    return opening + name + svg[head.end() :]


def _vl_convert() -> ModuleType:
    """Load the engine with the letter's fonts, once for each process."""
    with _loading:
        if not _engine:
            import vl_convert  # noqa: PLC0415 -- only who draws pays for it

            vl_convert.register_font_directory(str(folder("fonts")))
            _engine.append(vl_convert)
    return _engine[0]


def _packed(png: bytes) -> bytes:
    """Write the same pixels in a third of the bytes: the engine writes PNG with its fastest compression."""
    chunks = list(_chunks(png))
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    head = [(kind, body) for kind, body in chunks if kind == b"IHDR"]
    packed = [*head, (b"IDAT", zlib.compress(pixels, 6)), (b"IEND", b"")]
    return PNG_MAGIC + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in packed
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_MAGIC)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        yield kind, png[place + 8 : place + 8 + length]
        place += 12 + length
