"""How glyphs look in the font, for pages that show fields: accented letters as composed."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from exporters.outlines.outline import Outline
from exporters.preview.draft import draft
from fonts.drawing import CANVAS, EM_PIXELS, EM_TOP, UNITS_PER_EM, Field, from_coverage
from glyphgen.export.accents import accented
from glyphgen.export.outlines import accent_bases
from glyphgen.project.document import Project

SMALLER = 0.8           # what is composed is shown so much smaller, or it would not fit the canvas
_SIDE = 4 * CANVAS
_FINER, _SHIFT = 2, 4   # times that, where outlines are filled; bits of a pixel's part there


def as_in_font(project: Project, fields: Mapping[int, Field]) -> dict[int, Field]:
    """Fields of a project's glyphs by codepoint, those that exports compose as (512, 512)."""
    on, out = accent_bases(project, [*fields]), dict(fields)
    letters = {drawn.codepoint: drawn.field for drawn in project.drawings(set(on.values()))}
    letters |= {s.codepoint: s.field for s in project.samples() if s.codepoint in on.values()}
    for codepoint, letter in on.items():
        outline = accented(codepoint, draft(letters[letter], letter), draft)
        if outline is not None:
            out[codepoint] = on_canvas(outline)
    return out


def on_canvas(outline: Outline) -> Field:
    """An outline in em units as a field (512, 512), `SMALLER` about the em square's middle."""
    side = _FINER * _SIDE
    pixels = side / CANVAS * EM_PIXELS / UNITS_PER_EM * SMALLER
    middle = UNITS_PER_EM / 2
    rings = [np.rint((side / 2 + (contour.flattened() - (middle, EM_TOP - middle)) * (1, -1)
                      * pixels) * (1 << _SHIFT)).astype(np.int32) for contour in outline.contours]
    ink = np.zeros((side, side), np.uint8)
    cv2.fillPoly(ink, rings, 255, cv2.LINE_AA, _SHIFT)
    return from_coverage(ink.astype(np.float32) / 255, _SIDE)
