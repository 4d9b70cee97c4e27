"""Typed text as a picture: PNG, SVG, PDF, or a page that carries the font with it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import freetype
import numpy as np
import uharfbuzz
from fontTools.pens.basePen import BasePen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image

from exporters.checks.check import reading
from exporters.fontfile.info import ExportError
from exporters.preview.specimen import specimen_html
from exporters.preview.typeset import Box, Page, set_text
from fonts.charset import composed
from fonts.files import write_atomic

if TYPE_CHECKING:
    from fpdf.drawing import PaintedPath

_DOT = 0.045            # dot of a missing character's box, of the size
_DOTS = 10              # along each side
_PIXELS = 40_000_000    # of a picture
_POINTS = 0.75          # of a pixel
FontSource = bytes | str | Path


def render(font: FontSource, text: str, *, vertical: bool = False, size: float = 64,
           width: int = 1000) -> Image.Image:
    """Greyscale picture of `text`, dark on white, in lines (vertical: columns) of `width` pixels.

    Characters that the font lacks are dotted boxes. Raises ExportError for an unreadable font.
    """
    with reading(_name(font)):
        data, text = _read(font), composed(text)
        return _rasterise(data, _typeset(data, text, vertical, size, width))


def write_preview(font_path: FontSource, text: str | None, out_path: str | Path, *,
                  vertical: bool = False, size: float = 64, width: int = 1000,
                  count: int | None = None) -> list[int]:
    """Write `text` set in a font as .png, .svg or .pdf, or a specimen page as .html.

    The page has a poem and a letter where `text` is None, pictures need one; `count` is how many
    characters the font has that this one is a part of. Returns the codepoints of the text that the
    font lacks. Raises UserError.
    """
    path = Path(out_path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(f"{path}: cannot preview as {path.suffix or 'a file without suffix'}: "
                          f"use one of {' '.join(SUFFIXES)}")
    with reading(_name(font_path)):
        data = _read(font_path)
        if suffix == ".html":
            html, missing = specimen_html(data, text, vertical=vertical, count=count)
            made = html.encode()
        else:
            page = _typeset(data, composed(text or ""), vertical, size, width)
            made, missing = _WRITERS[suffix](data, page), page.missing
    write_atomic(path, made)
    return missing


def _read(font: FontSource) -> bytes:
    """Plain TTF or OTF bytes of a font file or of its bytes, WOFF2 unpacked."""
    data = font if isinstance(font, bytes) else Path(font).read_bytes()
    if data[:4] in (b"wOFF", b"wOF2"):
        unpacked = TTFont(io.BytesIO(data))
        unpacked.flavor = None
        stream = io.BytesIO()
        unpacked.save(stream)
        data = stream.getvalue()
    freetype.Face(io.BytesIO(data))
    return data


def _name(font: FontSource) -> str:
    return "the font" if isinstance(font, bytes) else str(font)


def _typeset(data: bytes, text: str, vertical: bool, size: float, width: int) -> Page:
    if not text.strip():
        raise ExportError("there is no text to preview: give some characters")
    if width < 3 * size:
        raise ExportError(f"{width} pixels are too few for text at {size:g}: "
                          f"give at least {3 * size:g}")
    return set_text(uharfbuzz.Font(uharfbuzz.Face(data)), text, vertical=vertical, size=size,
                    length=width)


def _rasterise(data: bytes, page: Page) -> Image.Image:
    """Antialiased by FreeType, glyphs at fractions of a pixel."""
    if page.width * page.height > _PIXELS:
        raise ExportError(f"a picture of {page.width} x {page.height} pixels is too large: "
                          "give less text or a smaller size")
    ink = np.zeros((page.height, page.width), np.uint8)
    face = freetype.Face(io.BytesIO(data))
    face.set_char_size(round(page.size * 64), 0, 72, 72)
    straight = freetype.Matrix(0x10000, 0, 0, 0x10000)
    sideways = freetype.Matrix(0, 0x10000, -0x10000, 0)
    for glyph in page.glyphs:
        left, top = int(np.floor(glyph.x)), int(np.floor(glyph.y))
        shift = freetype.Vector(round((glyph.x - left) * 64), round((top - glyph.y) * 64))
        face.set_transform(sideways if glyph.turned else straight, shift)
        face.load_glyph(glyph.glyph, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
        try:
            face.glyph.render(freetype.FT_RENDER_MODE_NORMAL)
        except freetype.FT_Exception as error:      # long flat curves, from 900 pixels
            raise ExportError(f"FreeType cannot draw text at {page.size:g} pixels: give a smaller "
                              "size, or write .svg") from error
        bitmap = face.glyph.bitmap
        if bitmap.rows:
            rows = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)
            _blend(ink, rows[:, :bitmap.width], left + face.glyph.bitmap_left,
                   top - face.glyph.bitmap_top)
    for x, y, side in (dot for box in page.boxes for dot in _dots(box, page.size)):
        square = np.full((max(round(side), 1),) * 2, 160, np.uint8)
        _blend(ink, square, round(x), round(y))
    return Image.fromarray(255 - ink)


def _blend(ink: np.ndarray, patch: np.ndarray, x: int, y: int) -> None:
    """Add a patch of ink, cut off at the edges of the picture."""
    height, width = ink.shape
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + patch.shape[1], width), min(y + patch.shape[0], height)
    if left < right and top < bottom:
        part = patch[top - y:bottom - y, left - x:right - x].astype(np.uint16)
        there = ink[top:bottom, left:right]
        there[:] = np.minimum(there + part, 255)


def _dots(box: Box, size: float) -> list[tuple[float, float, float]]:
    """Squares (x, y, side) along the edges of a missing character's place."""
    side, inset = _DOT * size, 0.1 * size
    reach = box.width - 2 * inset - side
    steps = [inset + reach * i / (_DOTS - 1) for i in range(_DOTS)]
    spots = {(a, b) for step in steps for edge in (steps[0], steps[-1])
             for a, b in ((step, edge), (edge, step))}
    return [(box.x + a, box.y + b, side) for a, b in sorted(spots)]


def _png(data: bytes, page: Page) -> bytes:
    stream = io.BytesIO()
    _rasterise(data, page).save(stream, "PNG")
    return stream.getvalue()


def _svg(data: bytes, page: Page) -> bytes:
    """Each glyph's path once, used wherever it stands."""
    font = TTFont(io.BytesIO(data), lazy=True)
    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    scale = page.size / font["head"].unitsPerEm
    paths = []
    for index in sorted({glyph.glyph for glyph in page.glyphs}):
        pen = SVGPathPen(shapes)
        shapes[order[index]].draw(pen)
        paths.append(f'<path id="g{index}" d="{pen.getCommands()}"/>')
    uses = [f'<use href="#g{glyph.glyph}" transform="translate({glyph.x:.2f} {glyph.y:.2f})'
            f'{" rotate(90)" if glyph.turned else ""} scale({scale:.5f} {-scale:.5f})"/>'
            for glyph in page.glyphs]
    dots = [f'<rect x="{x:.2f}" y="{y:.2f}" width="{side:.2f}" height="{side:.2f}" fill="#999"/>'
            for box in page.boxes for x, y, side in _dots(box, page.size)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width}" height="{page.height}" '
        f'viewBox="0 0 {page.width} {page.height}">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        "<defs>", *paths, "</defs>", *uses, *dots, "</svg>", ""]).encode()


class _PathPen(BasePen):  # type: ignore[misc]
    """Segment pen onto a path of fpdf2."""

    def __init__(self, glyphs: Any, path: PaintedPath) -> None:
        super().__init__(glyphs)
        self.path = path

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self.path.move_to(*pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:
        self.path.line_to(*pt)

    def _curveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float],
                    pt3: tuple[float, float]) -> None:
        self.path.curve_to(*pt1, *pt2, *pt3)

    def _closePath(self) -> None:
        self.path.close()


def _pdf(data: bytes, page: Page) -> bytes:
    """One page of filled paths, a pixel being three quarters of a point."""
    from fpdf import FPDF  # slow to load; only for this
    from fpdf.drawing import PaintedPath

    font = TTFont(io.BytesIO(data), lazy=True)
    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    pdf = FPDF(unit="pt", format=(page.width * _POINTS, page.height * _POINTS))
    pdf.set_creation_date(datetime.fromtimestamp(0, UTC))
    pdf.add_page()
    scale = page.size / font["head"].unitsPerEm * _POINTS
    with pdf.drawing_context() as context:
        for glyph in page.glyphs:
            path = PaintedPath()
            path.style.fill_color, path.style.stroke_color = "#000000", None
            path.style.intersection_rule = "nonzero"
            turn = (0, scale, scale, 0) if glyph.turned else (scale, 0, 0, -scale)
            place = (*turn, glyph.x * _POINTS, glyph.y * _POINTS)
            shapes[order[glyph.glyph]].draw(TransformPen(_PathPen(shapes, path), place))
            context.add_item(path)
    pdf.set_fill_color(153)
    for box in page.boxes:
        for x, y, side in _dots(box, page.size):
            pdf.rect(x * _POINTS, y * _POINTS, side * _POINTS, side * _POINTS, style="F")
    return bytes(pdf.output())


_WRITERS: dict[str, Callable[[bytes, Page], bytes]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
SUFFIXES = (*_WRITERS, ".html")
