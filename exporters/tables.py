"""The OpenType tables that TrueType and CFF fonts have in common."""

from __future__ import annotations

import os

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder, buildCmapSubTable
from fontTools.misc.timeTools import epoch_diff
from fontTools.otlLib.maxContextCalc import maxCtxFont
from fontTools.ttLib import newTable
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables.O_S_2f_2 import Panose

from exporters.glyphs import GlyphSet
from exporters.info import FontInfo
from exporters.metrics import Metrics
from exporters.outline import Bounds
from fonts.charset import named
from fonts.drawing import UNITS_PER_EM

_EPOCH = 1_767_225_600          # 2026-01-01, so that the same drawings give the same bytes
_ENGLISH = 0x409
_BOLD, _REGULAR, _TYPO_METRICS = 1 << 5, 1 << 6, 1 << 7
_LATIN_PAGES = 1 << 0
_SHARE = 0.9            # of a national set's first level makes the font one of that code page
_PAGES = {              # OS/2 code page bit and the set that stands for it, by region
    "jp": (17, "jis1"), "cn": (18, "gb2312-1"), "kr": (19, "ksx1001"), "tw": (20, "big5"),
    "hk": (20, "big5"),
}


def build_tables(builder: FontBuilder, source: GlyphSet, bounds: dict[str, Bounds]) -> None:
    """Everything but outlines and their maxp: `bounds` are the boxes of the glyphs with ink."""
    info, metrics = source.info, source.metrics
    mapping = {c: glyph.name for glyph in source.glyphs for c in glyph.codepoints}
    _map_characters(builder, mapping)
    advances = {glyph.name: glyph.advance for glyph in source.glyphs}
    builder.setupHorizontalMetrics({name: (width, round(bounds[name][0]) if name in bounds else 0)
                                    for name, width in advances.items()})
    top = source.vertical_origin
    builder.setupVerticalMetrics({
        name: (source.vertical_advance, top - round(bounds[name][3]) if name in bounds else 0)
        for name in advances})
    _set_lines(builder, source, bounds)
    builder.setupVerticalHeader(ascent=UNITS_PER_EM // 2, descent=-UNITS_PER_EM // 2, lineGap=0)
    _set_names(builder, info)
    builder.setupPost(keepGlyphNames=False, underlinePosition=metrics.em_bottom // 2 - 40,
                      underlineThickness=50, isFixedPitch=int(_is_fixed(source)))
    addOpenTypeFeaturesFromString(builder.font, source.features)
    builder.font["OS/2"].usMaxContext = maxCtxFont(builder.font)
    if "GDEF" not in builder.font:      # the feature compiler drops what it did not make
        _classify(builder, source)


def start(source: GlyphSet, *, truetype: bool) -> FontBuilder:
    """A builder with `head` and the glyph order."""
    builder = FontBuilder(UNITS_PER_EM, isTTF=truetype)
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder([glyph.name for glyph in source.glyphs])
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", _EPOCH)) - epoch_diff
    builder.updateHead(created=seconds, modified=seconds, fontRevision=float(source.info.revision),
                       macStyle=int(source.info.weight == 700), lowestRecPPEM=8, flags=0b1011)
    return builder


def _map_characters(builder: FontBuilder, mapping: dict[int, str]) -> None:
    """Format 4 for Windows and Unicode, and format 12 where there is more than the BMP."""
    builder.setupCharacterMap(mapping)
    if max(mapping) > 0xFFFF:
        builder.font["cmap"].tables.append(buildCmapSubTable(mapping, 12, 0, 4))


def _set_lines(builder: FontBuilder, source: GlyphSet, bounds: dict[str, Bounds]) -> None:
    """`hhea` and `OS/2`: line metrics by the scheme, style bits, code pages, letter heights."""
    info, metrics = source.info, source.metrics
    upright = [box for name, box in bounds.items() if not name.endswith(".vert")]
    win_top = round(max(box[3] for box in upright))
    win_bottom = -round(min(box[1] for box in upright))
    typo = _typo_lines(info, metrics)
    hhea = (win_top, -win_bottom) if info.metrics == "legacy" else typo
    builder.setupHorizontalHeader(ascent=hhea[0], descent=hhea[1], lineGap=0)
    selection = _BOLD if info.weight == 700 else _REGULAR
    if info.metrics == "google":
        selection |= _TYPO_METRICS
    builder.setupOS2(
        version=4, usWeightClass=info.weight, fsType=0, fsSelection=selection,
        achVendID=info.vendor.ljust(4), sTypoAscender=typo[0], sTypoDescender=typo[1],
        sTypoLineGap=0, usWinAscent=max(win_top, 0), usWinDescent=max(win_bottom, 0),
        sxHeight=_height(bounds, "x"), sCapHeight=_height(bounds, "H"), panose=_panose(source),
        usDefaultChar=0, usBreakChar=0x20,
        ulCodePageRange1=code_pages(source.charset | _mapped(source), info.region),
        ulCodePageRange2=0)


def _is_fixed(source: GlyphSet) -> bool:
    """Whether the font counts as fixed in width: full width and perhaps half, nothing else."""
    widths = {glyph.advance for glyph in source.glyphs if glyph.codepoints and glyph.advance}
    return len(widths) <= 2


def _panose(source: GlyphSet) -> Panose:
    return Panose(bFamilyType=2, bProportion=9) if _is_fixed(source) else Panose()


def _typo_lines(info: FontInfo, metrics: Metrics) -> tuple[int, int]:
    if info.metrics == "legacy":
        return metrics.em_top, metrics.em_bottom
    return metrics.ascender, metrics.descender


def _mapped(source: GlyphSet) -> frozenset[int]:
    return frozenset(c for glyph in source.glyphs for c in glyph.codepoints)


def _height(bounds: dict[str, Bounds], letter: str) -> int:
    return round(bounds[letter][3]) if letter in bounds else 0


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
    localised = _family_names(info, info.localised_family) if info.localised_family else {}
    for language, names in ((_ENGLISH, english | _family_names(info, info.family)),
                            (info.language, localised)):
        for identifier, text in sorted(names.items()):
            if text:
                table.setName(text, identifier, 3, 1, language)


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
