"""Fill the gaps of a font that the person already has; what is there stays as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import buildCmapSubTable
from fontTools.ttLib import TTFont

from exporters.checks.check import reading
from exporters.fontfile.glyphs import Glyph, Outlines, arrange
from exporters.fontfile.info import ExportError, FontInfo, check_count
from exporters.fontfile.tables import code_pages
from exporters.outlines.outline import Outline, quadratic
from fonts.drawing import EM_TOP, UNITS_PER_EM
from fonts.render import em_top

_PER_GLYPH = ("hdmx", "LTSH", "VDMX", "DSIG")       # void once there are more glyphs
_SINGLE, _EXTENSION = 1, 7
_VERTICAL = ("vert", "vrt2")


def fill(base: str | Path | bytes, outlines: Outlines, info: FontInfo,
         charset: Iterable[int]) -> tuple[TTFont, list[int]]:
    """Font `base` with a glyph for each codepoint of `outlines` that it lacks.

    Returns the font and the codepoints added, in order. Glyphs, metrics and names of the base
    stay; new glyphs take its scale and em square; only the region of `info` is used. Raises
    ExportError for a base that is unreadable, damaged, variable, or has no TrueType outlines.
    """
    with reading("the base font" if isinstance(base, bytes) else base):
        return _filled(_open(base), outlines, info, charset)


def _filled(font: TTFont, outlines: Outlines, info: FontInfo,
            charset: Iterable[int]) -> tuple[TTFont, list[int]]:
    there = set(font.getBestCmap() or {})
    asked = frozenset(charset)
    gaps = {codepoint: o for codepoint, o in outlines.items()
            if codepoint not in there and not o.is_empty}
    if not gaps:
        return font, []
    source = arrange(gaps, replace(info, tracking=0), asked - there)
    fresh = [glyph for glyph in source.glyphs
             if there.isdisjoint(glyph.codepoints) and glyph.name != ".notdef"]
    check_count(len(font.getGlyphOrder()) + len(fresh), gaps)
    names = _append(font, fresh)
    added = {c: names[glyph.name] for glyph in fresh for c in glyph.codepoints}
    _map(font, added)
    vertical = {names[glyph.name.removesuffix(".vert")]: names[glyph.name] for glyph in fresh
                if glyph.name.endswith(".vert")}
    for mapping in _vertical_lookups(font):
        mapping.update(vertical)
    font["OS/2"].ulCodePageRange1 |= code_pages(frozenset(there | added.keys()), info.region)
    font["OS/2"].recalcUnicodeRanges(font)
    return font, sorted(added)


def _open(base: str | Path | bytes) -> TTFont:
    name = "the base font" if isinstance(base, bytes) else str(base)
    data = base if isinstance(base, bytes) else Path(base).read_bytes()
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    font.getGlyphOrder()
    if "glyf" not in font or "fvar" in font:
        kind = "is a variable font" if "fvar" in font else "has no TrueType outlines"
        raise ExportError(f"{name}: {kind}: give a static .ttf as base")
    return font


def _append(font: TTFont, glyphs: Iterable[Glyph]) -> dict[str, str]:
    """Add glyphs in the base's units; map their names to names that are free in the base."""
    scale = font["head"].unitsPerEm / UNITS_PER_EM
    top = em_top(font) * font["head"].unitsPerEm
    taken, names = set(font.getGlyphOrder()), {}
    for glyph in glyphs:
        name = glyph.name
        while name in taken:
            name += ".new"
        taken.add(name)
        names[glyph.name] = name
        moved: Outline = glyph.outline.transformed((scale, 0, 0, scale, 0, top - EM_TOP * scale))
        shape = quadratic(moved.rounded())
        font["glyf"][name] = shape
        font["hmtx"][name] = round(glyph.advance * scale), getattr(shape, "xMin", 0)
        if "vmtx" in font:
            font["vmtx"][name] = (round(UNITS_PER_EM * scale),
                                  round(top) - getattr(shape, "yMax", round(top)))
    for tag in _PER_GLYPH:
        if tag in font:
            del font[tag]
    return names


def _map(font: TTFont, added: dict[int, str]) -> None:
    """Add characters to every Unicode subtable, and a format 12 one where it becomes needed."""
    table = font["cmap"]
    for subtable in table.tables:
        if subtable.isUnicode() and subtable.format in (4, 12):
            subtable.cmap.update({c: name for c, name in added.items()
                                  if subtable.format == 12 or c < 0x10000})
    if max(added) > 0xFFFF and not any(t.format == 12 for t in table.tables):
        table.tables.append(buildCmapSubTable(font.getBestCmap() | added, 12, 3, 10))


def _vertical_lookups(font: TTFont) -> Iterator[dict[str, str]]:
    """The mapping of the first single substitution of each vertical feature's lookups."""
    table: Any = font["GSUB"].table if "GSUB" in font else None
    if table is None or not table.FeatureList or not table.LookupList:
        return
    indices = {index for record in table.FeatureList.FeatureRecord
               if record.FeatureTag in _VERTICAL for index in record.Feature.LookupListIndex}
    for index in sorted(indices):
        for subtable in table.LookupList.Lookup[index].SubTable:
            if subtable.LookupType == _EXTENSION:
                subtable = subtable.ExtSubTable
            if subtable.LookupType == _SINGLE:
                yield subtable.mapping
                break
