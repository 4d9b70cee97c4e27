"""Lines of a font: its height, where it is struck out and underlined, the tops of its letters.

One source for what `hhea`, `OS/2`, `post` and a UFO's fontinfo state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from exporters.fontfile.glyphs import GlyphSet
from exporters.outlines.outline import Bounds, Outline

SCRIPT_SIZE = (650, 600)        # width and height of sub- and superscripts, units
SUBSCRIPT_DROP, SUPERSCRIPT_RISE = 75, 350
_USUAL_STROKE = 50
_STROKE = (20, 120)             # limits of the lines' thickness, units
_MEASURED = 64                  # glyphs that the stroke is measured on


@dataclass(frozen=True)
class Lines:
    """Units from the baseline, y up, `win_descent` alone positive downwards.

    `underline` and `strikeout` are the tops of lines of the hand's own `stroke`; the heights of
    letters are 0 in a font without them.
    """

    ascender: int
    descender: int
    hhea_ascender: int
    hhea_descender: int
    win_ascent: int
    win_descent: int
    x_height: int
    cap_height: int
    stroke: int
    underline: int
    strikeout: int


def lines_of(source: GlyphSet, bounds: Mapping[str, Bounds]) -> Lines:
    """The lines of arranged glyphs; `bounds` are the boxes of those with ink, by name."""
    metrics, legacy = source.metrics, source.info.metrics == "legacy"
    win = round(max(box[3] for box in bounds.values())), round(min(b[1] for b in bounds.values()))
    typo = ((metrics.em_top, metrics.em_bottom) if legacy
            else (metrics.ascender, metrics.descender))
    hhea = win if legacy else typo
    stroke = _stroke(glyph.outline for glyph in source.glyphs if glyph.codepoints)
    middle = (metrics.face_top + metrics.face_bottom) / 2
    underline = max(min(metrics.face_bottom - stroke // 2, metrics.em_bottom // 2),
                    metrics.descender + stroke)
    return Lines(*typo, *hhea, max(win[0], 0), max(-win[1], 0), _top(source, "x"),
                 _top(source, "H"), stroke, underline, round(middle + stroke / 2))


def _stroke(outlines: Iterable[Outline]) -> int:
    """Median thickness of the hand's strokes: twice the ink over the length of its edge."""
    inked = [outline for outline in outlines if not outline.is_empty]
    some = inked[:: -(-len(inked) // _MEASURED)] if inked else []
    widths = [2 * outline.area / edge for outline in some if (edge := _edge(outline))]
    return round(min(max(median(widths or [_USUAL_STROKE]), _STROKE[0]), _STROKE[1]))


def _edge(outline: Outline) -> float:
    """Length of all contours, units."""
    chains = [contour.flattened() for contour in outline.contours]
    return float(sum(np.hypot(*(chain - np.roll(chain, 1, axis=0)).T).sum() for chain in chains))


def _top(source: GlyphSet, letter: str) -> int:
    """Highest ink of a letter, on the curve itself; 0 where the font lacks it."""
    outlines = [glyph.outline for glyph in source.glyphs if ord(letter) in glyph.codepoints]
    bounds = outlines[0].bounds if outlines else None
    return round(bounds[3]) if bounds else 0
