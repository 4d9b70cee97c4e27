"""CFF fonts: cubic outlines as they are drawn, shared pieces as subroutines."""

from __future__ import annotations

from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

from exporters.fontfile.glyphs import GlyphSet
from exporters.fontfile.metrics import box_of
from exporters.fontfile.tables import build_tables, start
from exporters.outlines.outline import Outline
from exporters.outlines.spline import cubic
from fonts.drawing import UNITS_PER_EM


def build_otf(source: GlyphSet) -> TTFont:
    """CFF font of arranged glyphs."""
    import cffsubr  # type: ignore[import-untyped]      # only this format needs it

    info = source.info
    builder = start(source, truetype=False)
    shapes = {glyph.name: cubic(glyph.outline) for glyph in source.glyphs}
    names = {"FullName": f"{info.postscript_family} {info.style}",
             "FamilyName": info.postscript_family, "Weight": info.style,
             "version": info.revision}
    builder.setupCFF(info.postscript_name, names,
                     {glyph.name: _charstring(shapes[glyph.name], glyph.advance)
                      for glyph in source.glyphs},
                     {"defaultWidthX": UNITS_PER_EM, "nominalWidthX": UNITS_PER_EM // 2})
    # Chromium places upright glyphs by bearing and box of control points, not by VORG
    bounds = {name: box_of(shape) for name, shape in shapes.items() if not shape.is_empty}
    build_tables(builder, source, bounds)
    builder.setupVerticalOrigins({glyph.name: source.vertical_origin for glyph in source.glyphs})
    builder.setupMaxp()
    return cffsubr.subroutinize(builder.font, keep_glyph_names=False)


def _charstring(shape: Outline, advance: int) -> object:
    """Type 2 charstring, outer contours counter-clockwise, width against nominalWidthX."""
    width = None if advance == UNITS_PER_EM else advance - UNITS_PER_EM // 2
    pen = T2CharStringPen(width, None)
    shape.reversed().draw(pen)
    return pen.getCharString()
