"""TrueType fonts: quadratic outlines, `gasp` and `prep` for smooth rendering without hints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

from exporters.fontfile.glyphs import Alternates, GlyphSet, Outlines, arrange
from exporters.fontfile.info import FontInfo
from exporters.fontfile.metrics import Metrics
from exporters.fontfile.tables import build_tables, start
from exporters.outlines.outline import Bounds, quadratic

_SMOOTH = {0xFFFF: 0x0F}        # grid-fit and smooth at all sizes
DROPOUT = "PUSHW[ ] 511\nSCANCTRL[ ]\nPUSHB[ ] 4\nSCANTYPE[ ]"


def pack(outlines: Outlines, info: FontInfo, charset: Iterable[int],
         alternates: Alternates | None = None, metrics: Metrics | None = None) -> TTFont:
    """TrueType font of `outlines` (codepoint to outline, origin at the em square's left edge).

    `charset` is what was asked for: it sets the code pages and which blanks go in. Raises
    ExportError when nothing is drawn or when there are more glyphs than a font holds.
    """
    return build_ttf(arrange(outlines, info, charset, alternates, metrics))


def build_ttf(source: GlyphSet) -> TTFont:
    """TrueType font of arranged glyphs."""
    builder = start(source, truetype=True)
    glyphs = {glyph.name: quadratic(glyph.outline) for glyph in source.glyphs}
    builder.setupGlyf(glyphs)
    build_tables(builder, source, boxes_of(glyphs))
    builder.setupMaxp()
    font = builder.font
    font["gasp"] = newTable("gasp")
    font["gasp"].version, font["gasp"].gaspRange = 1, _SMOOTH
    font["prep"] = newTable("prep")
    font["prep"].program = Program()
    font["prep"].program.fromAssembly(DROPOUT)
    return font


def boxes_of(glyphs: Mapping[str, Any]) -> dict[str, Bounds]:
    """(left, bottom, right, top) of the TrueType glyphs that have ink, by name."""
    return {name: (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax)
            for name, glyph in glyphs.items() if glyph.numberOfContours}
