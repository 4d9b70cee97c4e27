"""The OpenType tables that TrueType and CFF fonts have in common."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder, buildCmapSubTable
from fontTools.misc.timeTools import epoch_diff
from fontTools.otlLib.maxContextCalc import maxCtxFont
from fontTools.ttLib import newTable
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables.O_S_2f_2 import Panose

from exporters.fontfile.glyphs import GlyphSet
from exporters.fontfile.info import FontInfo
from exporters.fontfile.lines import SCRIPT_SIZE, SUBSCRIPT_DROP, SUPERSCRIPT_RISE, Lines, lines_of
from exporters.outlines.outline import Bounds
from fonts.charset import named
from fonts.drawing import UNITS_PER_EM

_EPOCH = 1_767_225_600          # 2026-01-01, so that the same drawings give the same bytes
_ENGLISH = 0x409
_BOLD, _REGULAR, _TYPO_METRICS = 1 << 5, 1 << 6, 1 << 7
HEAD_FLAGS, LOWEST_PPEM = 0b1011, 8     # baseline at 0, bearing at xMin, whole pixels an em
_LATIN_PAGES = 1 << 0
_SHARE = 0.9            # of a national set's first level makes the font one of that code page
_PAGES = {              # OS/2 code page bit and the set that stands for it, by region
    "jp": (17, "jis1"), "cn": (18, "gb2312-1"), "kr": (19, "ksx1001"), "tw": (20, "big5"),
    "hk": (20, "big5"),
}


def build_tables(builder: FontBuilder, source: GlyphSet, bounds: dict[str, Bounds]) -> None:
    """Everything but outlines and their maxp: `bounds` are the boxes of the glyphs with ink."""
    mapping = {c: glyph.name for glyph in source.glyphs for c in glyph.codepoints}
    _map_characters(builder, mapping)
    advances = {glyph.name: glyph.advance for glyph in source.glyphs}
    builder.setupHorizontalMetrics({name: (width, round(bounds[name][0]) if name in bounds else 0)
                                    for name, width in advances.items()})
    top = source.vertical_origin
    builder.setupVerticalMetrics({
        name: (source.vertical_advance, top - round(bounds[name][3]) if name in bounds else 0)
        for name in advances})
    lines = lines_of(source, bounds)
    _set_lines(builder, source, lines)
    builder.setupVerticalHeader(tableVersion=0x11000, ascent=UNITS_PER_EM // 2,
                                descent=-UNITS_PER_EM // 2, lineGap=0, caretSlopeRun=1)
    _set_names(builder, source.info)
    builder.setupPost(keepGlyphNames=False, underlinePosition=lines.underline,
                      underlineThickness=lines.stroke)
    addOpenTypeFeaturesFromString(builder.font, source.features)
    builder.font["OS/2"].usMaxContext = maxCtxFont(builder.font)
    if "GDEF" not in builder.font:      # the feature compiler drops what it did not make
        _classify(builder, source)


def created() -> datetime:
    """When the font says that it was made."""
    return datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", _EPOCH)), UTC)


def start(source: GlyphSet, *, truetype: bool) -> FontBuilder:
    """A builder with `head` and the glyph order."""
    builder = FontBuilder(UNITS_PER_EM, isTTF=truetype)
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder([glyph.name for glyph in source.glyphs])
    seconds = int(created().timestamp()) - epoch_diff
    builder.updateHead(created=seconds, modified=seconds, fontRevision=float(source.info.revision),
                       macStyle=int(source.info.weight == 700), lowestRecPPEM=LOWEST_PPEM,
                       flags=HEAD_FLAGS)
    return builder


def _map_characters(builder: FontBuilder, mapping: dict[int, str]) -> None:
    """Format 4 for Windows and Unicode, and format 12 where there is more than the BMP."""
    builder.setupCharacterMap(mapping)
    if max(mapping) > 0xFFFF:
        builder.font["cmap"].tables.append(buildCmapSubTable(mapping, 12, 0, 4))


def _set_lines(builder: FontBuilder, source: GlyphSet, lines: Lines) -> None:
    """`hhea` and `OS/2`: lines, style bits, code pages.

    PANOSE stays "any": of a font that is called monospaced, Windows GDI spaces ideographs twice the
    average advance apart, which is wrong as soon as there is a word space.
    """
    info = source.info
    builder.setupHorizontalHeader(ascent=lines.hhea_ascender, descent=lines.hhea_descender,
                                  lineGap=0)
    selection = _BOLD if info.weight == 700 else _REGULAR
    if info.metrics == "google":
        selection |= _TYPO_METRICS
    width, height = SCRIPT_SIZE
    scripts: dict[str, int] = {}
    for name, offset in (("Subscript", SUBSCRIPT_DROP), ("Superscript", SUPERSCRIPT_RISE)):
        scripts |= {f"y{name}XSize": width, f"y{name}YSize": height, f"y{name}XOffset": 0,
                    f"y{name}YOffset": offset}
    builder.setupOS2(
        version=4, usWeightClass=info.weight, fsType=0, fsSelection=selection,
        achVendID=info.vendor.ljust(4), sTypoAscender=lines.ascender,
        sTypoDescender=lines.descender, sTypoLineGap=0, usWinAscent=lines.win_ascent,
        usWinDescent=lines.win_descent, sxHeight=lines.x_height, sCapHeight=lines.cap_height,
        yStrikeoutSize=lines.stroke, yStrikeoutPosition=lines.strikeout, **scripts,
        panose=Panose(), usDefaultChar=0, usBreakChar=0x20,
        ulCodePageRange1=pages_of(source), ulCodePageRange2=0)


def pages_of(source: GlyphSet) -> int:
    """OS/2.ulCodePageRange1 of arranged glyphs."""
    mapped = frozenset(c for glyph in source.glyphs for c in glyph.codepoints)
    return code_pages(source.charset | mapped, source.info.region)


def code_pages(codepoints: frozenset[int], region: str) -> int:
    """OS/2.ulCodePageRange1: the region's page, and every other whose national set is covered.

    fontTools guesses from one sentinel character each, which is wrong for partial fonts.
    """
    bits = 1 << _PAGES[region][0]
    if all(c in codepoints for c in range(0x41, 0x5B)):
        bits |= _LATIN_PAGES
    for bit, name in _PAGES.values():
        standard = named(name).codepoints
        if len(codepoints.intersection(standard)) >= _SHARE * len(standard):
            bits |= 1 << bit
    return bits


def _set_names(builder: FontBuilder, info: FontInfo) -> None:
    """Windows records in English and, where given, the region's language."""
    table = builder.font["name"] = newTable("name")
    table.names = []
    english = {
        0: info.copyright, 3: f"{info.revision};{info.vendor.strip()};{info.postscript_name}",
        5: f"Version {info.revision}", 6: info.postscript_name, 9: info.designer,
        13: info.licence, 14: info.licence_url,
    }
    for language, names in ((_ENGLISH, english | _family_names(info, info.family)),
                            (info.language, localised_names(info))):
        for identifier, text in sorted(names.items()):
            if text:
                table.setName(text, identifier, 3, 1, language)


def localised_names(info: FontInfo) -> dict[int, str]:
    """Name IDs in the region's language; none where the family has no name in it."""
    return _family_names(info, info.localised_family) if info.localised_family else {}


def _family_names(info: FontInfo, family: str) -> dict[int, str]:
    """IDs 1, 2 and 4, with 16 and 17 where the weight is not one of the linked pair."""
    linked, style = info.linked_style(family)
    names = {1: linked, 2: style, 4: f"{family} {info.style}"}
    return names if linked == family else names | {16: family, 17: info.style}


def _classify(builder: FontBuilder, source: GlyphSet) -> None:
    """GDEF: every glyph is a base glyph."""
    table = builder.font["GDEF"] = newTable("GDEF")
    table.table = otTables.GDEF()
    table.table.Version = 0x00010000
    classes = table.table.GlyphClassDef = otTables.GlyphClassDef()
    classes.classDefs = {glyph.name: 1 for glyph in source.glyphs}
    for part in ("AttachList", "LigCaretList", "MarkAttachClassDef"):
        setattr(table.table, part, None)
