"""UFO 3 sources: cubic outlines and feature text, for font editors and fontmake."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from fontTools.ufoLib import UFOWriter

from exporters.fontfile.glyphs import Glyph, GlyphSet
from exporters.fontfile.lines import SCRIPT_SIZE, SUBSCRIPT_DROP, SUPERSCRIPT_RISE, lines_of
from exporters.fontfile.tables import HEAD_FLAGS, LOWEST_PPEM, created, localised_names, pages_of
from exporters.fontfile.ttf import DROPOUT, boxes_of
from exporters.outlines.outline import quadratic
from exporters.outlines.spline import cubic
from fonts.drawing import UNITS_PER_EM


def write_ufo(source: GlyphSet, folder: Path) -> None:
    """Write `source` as a UFO 3 folder, which must not exist yet."""
    writer = UFOWriter(folder, fileCreator="org.glyphgen")
    writer.writeInfo(SimpleNamespace(**_info(source)))
    writer.writeFeatures(source.features)
    names = [glyph.name for glyph in source.glyphs]
    writer.writeLib({
        "public.glyphOrder": names, "public.openTypeCategories": dict.fromkeys(names, "base"),
        "public.truetype.instructions": {"formatVersion": "1", "controlValueProgram": DROPOUT},
        "com.github.googlei18n.ufo2ft.keepGlyphNames": False})
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
    """fontinfo.plist: what the binary formats state, so that a compiler need not guess."""
    info, metrics = source.info, source.metrics
    major, minor = info.revision.split(".")
    pages = pages_of(source)
    linked, style = info.linked_style(info.family)
    values: dict[str, object] = {
        "familyName": info.family, "styleName": info.style, "unitsPerEm": UNITS_PER_EM,
        "ascender": metrics.em_top, "descender": metrics.em_bottom,
        "versionMajor": int(major), "versionMinor": int(minor),
        "styleMapFamilyName": linked, "styleMapStyleName": style.lower(),
        "postscriptFontName": info.postscript_name,
        "openTypeOS2WeightClass": info.weight, "openTypeOS2VendorID": info.vendor.ljust(4),
        "openTypeOS2Type": [], "openTypeOS2Panose": [0] * 10,
        "openTypeOS2Selection": [7] if info.metrics == "google" else [],
        "openTypeOS2CodePageRanges": [bit for bit in range(32) if pages >> bit & 1],
        "openTypeHeadCreated": created().strftime("%Y/%m/%d %H:%M:%S"),
        "openTypeHeadLowestRecPPEM": LOWEST_PPEM,
        "openTypeHeadFlags": [bit for bit in range(16) if HEAD_FLAGS >> bit & 1],
        "openTypeGaspRangeRecords": [{"rangeMaxPPEM": 0xFFFF, "rangeGaspBehavior": [0, 1, 2, 3]}],
        "openTypeVheaVertTypoAscender": UNITS_PER_EM // 2,
        "openTypeVheaVertTypoDescender": -UNITS_PER_EM // 2, "openTypeVheaVertTypoLineGap": 0,
        "openTypeNameRecords": [
            {"nameID": identifier, "platformID": 3, "encodingID": 1, "languageID": info.language,
             "string": text} for identifier, text in localised_names(info).items()],
    }
    texts = {"copyright": info.copyright, "openTypeNameDesigner": info.designer,
             "openTypeNameLicense": info.licence, "openTypeNameLicenseURL": info.licence_url}
    return values | _lines(source) | {key: text for key, text in texts.items() if text}


def _lines(source: GlyphSet) -> dict[str, int]:
    """The lines of the TrueType font, whose boxes hold the control points of quadratics."""
    glyphs = {glyph.name: quadratic(glyph.outline) for glyph in source.glyphs}
    lines = lines_of(source, boxes_of(glyphs))
    values = {"openTypeOS2TypoLineGap": 0, "openTypeHheaLineGap": 0,
              "xHeight": lines.x_height, "capHeight": lines.cap_height,
              "openTypeOS2TypoAscender": lines.ascender,
              "openTypeOS2TypoDescender": lines.descender,
              "openTypeHheaAscender": lines.hhea_ascender,
              "openTypeHheaDescender": lines.hhea_descender,
              "openTypeOS2WinAscent": lines.win_ascent,
              "openTypeOS2WinDescent": lines.win_descent,
              "openTypeOS2StrikeoutSize": lines.stroke,
              "openTypeOS2StrikeoutPosition": lines.strikeout,
              "postscriptUnderlineThickness": lines.stroke,
              "postscriptUnderlinePosition": lines.underline}
    (width, height), sides = SCRIPT_SIZE, {"Sub": SUBSCRIPT_DROP, "Super": SUPERSCRIPT_RISE}
    for side, offset in sides.items():
        name = f"openTypeOS2{side}script"
        values |= {f"{name}XSize": width, f"{name}YSize": height, f"{name}XOffset": 0,
                   f"{name}YOffset": offset}
    return values
