"""Fill the gaps of a font that the person already has; what is there stays as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fontTools.fontBuilder import buildCmapSubTable
from fontTools.ttLib import TTCollection, TTFont

from exporters.checks.check import reading
from exporters.fontfile.glyphs import Glyph, Outlines, arrange
from exporters.fontfile.info import ExportError, FontInfo, check_count
from exporters.fontfile.layout.vertical import substitute
from exporters.fontfile.tables import code_pages
from exporters.outlines.outline import Outline, quadratic
from fonts.drawing import EM_TOP, UNITS_PER_EM
from fonts.render import em_top

_PER_GLYPH = ("hdmx", "LTSH", "VDMX", "DSIG")       # void once there are more glyphs
_COLLECTION = b"ttcf"
_BELOW = ".vert"
_LATIN_TEXT, _MONOSPACED, _HAND_SPACED = 2, 9, 3    # PANOSE family, proportion, hand's spacing


class Filled(NamedTuple):
    """The font, the codepoints added in order, and a line for each thing to be said of it."""

    font: TTFont
    added: list[int]
    notes: tuple[str, ...] = ()


def fill(base: str | Path | bytes, outlines: Outlines, info: FontInfo,
         charset: Iterable[int]) -> Filled:
    """Font `base` with a glyph for each codepoint of `outlines` that it lacks.

    Glyphs, line metrics and names of the base stay, but Windows' lines hold the new ink; of a
    collection the first face is taken; new glyphs take its scale and em square; only the region of
    `info` is used. Raises ExportError for a base that is unreadable, damaged, variable, or has no
    TrueType outlines.
    """
    with reading("the base font" if isinstance(base, bytes) else base):
        font, note = _open(base)
        filled = _filled(font, outlines, info, charset)
        return filled._replace(notes=note + filled.notes)


def _filled(font: TTFont, outlines: Outlines, info: FontInfo,
            charset: Iterable[int]) -> Filled:
    there = set(font.getBestCmap() or {})
    asked = frozenset(charset)
    gaps = {codepoint: o for codepoint, o in outlines.items()
            if codepoint not in there and not o.is_empty}
    if not gaps:
        return Filled(font, [])
    source = arrange(gaps, replace(info, tracking=0), asked - there)
    mapped = {g.name for g in source.glyphs if g.codepoints and there.isdisjoint(g.codepoints)}
    fresh = [glyph for glyph in source.glyphs       # no form that only a feature could bring
             if glyph.name in mapped or glyph.name.removesuffix(_BELOW) in mapped]
    check_count(len(font.getGlyphOrder()) + len(fresh), gaps)
    names = _append(font, fresh)
    added = {c: names[glyph.name] for glyph in fresh for c in glyph.codepoints}
    _map(font, added)
    vertical = {names[glyph.name.removesuffix(_BELOW)]: names[glyph.name] for glyph in fresh
                if glyph.name.endswith(_BELOW)}
    substitute(font, vertical)
    _set_pitch(font, names.values())
    font["OS/2"].ulCodePageRange1 |= code_pages(frozenset(there | added.keys()), info.region)
    font["OS/2"].recalcUnicodeRanges(font)
    return Filled(font, sorted(added), _hold_ink(font, names.values()))


def _open(base: str | Path | bytes) -> tuple[TTFont, tuple[str, ...]]:
    """The font, and what is to be said of its choice."""
    name = "the base font" if isinstance(base, bytes) else str(base)
    data = base if isinstance(base, bytes) else Path(base).read_bytes()
    several = data[:4] == _COLLECTION
    font = TTFont(io.BytesIO(data), recalcTimestamp=False, fontNumber=0 if several else -1)
    font.getGlyphOrder()
    if "glyf" not in font or "fvar" in font:
        raise ExportError("is a variable font: give a static .ttf as base" if "fvar" in font else
                          "has no TrueType outlines: give a static .ttf as base", name)
    if not several:
        return font, ()
    count = len(TTCollection(io.BytesIO(data), lazy=True).fonts)
    return font, (f"{name}: holds {count} fonts; the first, {font['name'].getBestFullName()}, "
                  "is filled",)


def _hold_ink(font: TTFont, names: Iterable[str]) -> tuple[str, ...]:
    """Raise Windows' lines over new glyphs, which it would cut off; say so."""
    table, shapes = font["OS/2"], [font["glyf"][name] for name in names]
    inked = [shape for shape in shapes if shape.numberOfContours]
    wanted = {"usWinAscent": max((shape.yMax for shape in inked), default=0),
              "usWinDescent": max((-shape.yMin for shape in inked), default=0)}
    notes = []
    for field, needed in wanted.items():
        there = getattr(table, field)
        if there < needed:
            setattr(table, field, needed)
            notes.append(f"the base font's {field} is raised from {there} to {needed}, or Windows "
                         "would cut new glyphs off")
    return tuple(notes)


def _set_pitch(font: TTFont, names: Iterable[str]) -> None:
    """Call the font monospaced no longer where the new glyphs make it wrong.

    Windows GDI spaces ideographs of a monospaced font two average advances apart: that is right
    where each new glyph is as wide as the old ones or twice as wide, the average being theirs.
    """
    table, panose = font["OS/2"], font["OS/2"].panose
    usual = _MONOSPACED if panose.bFamilyType in (0, _LATIN_TEXT) else _HAND_SPACED
    fixed = bool(font["post"].isFixedPitch) or panose.bProportion == usual
    fresh = {font["hmtx"][name][0] for name in names} - {0}
    if fixed and fresh <= {table.xAvgCharWidth, 2 * table.xAvgCharWidth}:
        return
    table.recalcAvgCharWidth(font)
    if fixed:
        font["post"].isFixedPitch, panose.bProportion = 0, 0


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
