"""UFO 3 sources: cubic outlines and feature text, for font editors and fontmake."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from fontTools.ufoLib import UFOWriter

from exporters.glyphs import Glyph, GlyphSet
from exporters.spline import cubic
from fonts.drawing import UNITS_PER_EM


def write_ufo(source: GlyphSet, folder: Path) -> None:
    """Write `source` as a UFO 3 folder, which must not exist yet."""
    writer = UFOWriter(folder, fileCreator="org.glyphgen")
    writer.writeInfo(SimpleNamespace(**_info(source)))
    writer.writeFeatures(source.features)
    writer.writeLib({"public.glyphOrder": [glyph.name for glyph in source.glyphs]})
    layer = writer.getGlyphSet()
    for glyph in source.glyphs:
        record = SimpleNamespace(width=glyph.advance, height=source.vertical_advance,
                                 unicodes=list(glyph.codepoints),
                                 lib={"public.verticalOrigin": source.vertical_origin})
        layer.writeGlyph(glyph.name, record, lambda pen, glyph=glyph: _draw(glyph, pen))
    layer.writeContents()
    writer.writeLayerContents(["public.default"])
    writer.close()


def _draw(glyph: Glyph, point_pen: object) -> None:
    """Contours in PostScript direction, as editors expect of cubic sources."""
    from fontTools.pens.pointPen import SegmentToPointPen
    cubic(glyph.outline).reversed().draw(SegmentToPointPen(point_pen))


def _info(source: GlyphSet) -> dict[str, object]:
    """fontinfo.plist."""
    info, metrics = source.info, source.metrics
    major, minor = info.revision.split(".")
    linked, style = info.linked_style(info.family)
    values: dict[str, object] = {
        "familyName": info.family, "styleName": info.style, "unitsPerEm": UNITS_PER_EM,
        "ascender": metrics.em_top, "descender": metrics.em_bottom,
        "versionMajor": int(major), "versionMinor": int(minor),
        "styleMapFamilyName": linked, "styleMapStyleName": style.lower(),
        "postscriptFontName": info.postscript_name,
        "openTypeOS2WeightClass": info.weight, "openTypeOS2VendorID": info.vendor.ljust(4),
        "openTypeOS2Type": [], "openTypeOS2Selection": [7],
        "openTypeOS2TypoAscender": metrics.ascender, "openTypeHheaAscender": metrics.ascender,
        "openTypeOS2TypoDescender": metrics.descender, "openTypeHheaDescender": metrics.descender,
        "openTypeOS2TypoLineGap": 0, "openTypeHheaLineGap": 0,
        "openTypeVheaVertTypoAscender": UNITS_PER_EM // 2,
        "openTypeVheaVertTypoDescender": -UNITS_PER_EM // 2, "openTypeVheaVertTypoLineGap": 0,
    }
    texts = {"copyright": info.copyright, "openTypeNameDesigner": info.designer,
             "openTypeNameLicense": info.licence, "openTypeNameLicenseURL": info.licence_url}
    return values | {key: text for key, text in texts.items() if text}
