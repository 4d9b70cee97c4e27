"""Where a font's lines are: heights, underline, strikeout."""

from __future__ import annotations

import numpy as np

from exporters.fontfile.glyphs import arrange
from exporters.fontfile.info import FontInfo
from exporters.fontfile.lines import lines_of
from exporters.fontfile.metrics import box_of
from exporters.outlines.outline import LINE, Contour, Outline


def bar(left: float, bottom: float, right: float, top: float) -> Outline:
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return Outline((Contour(np.array(corners, float), (LINE,) * 4),))


OUTLINES = {ord("一"): bar(100, 340, 900, 400), ord("x"): bar(0, 0, 400, 60),
            ord("H"): bar(0, 690, 600, 750)}


def test_lines_come_from_the_hand() -> None:
    glyphs = arrange(OUTLINES, FontInfo(), [*OUTLINES])
    boxes = {glyph.name: box_of(glyph.outline) for glyph in glyphs.glyphs
             if not glyph.outline.is_empty}
    lines = lines_of(glyphs, boxes)
    assert (lines.ascender, lines.descender) == (945, -195)
    assert (lines.x_height, lines.cap_height) == (60, 750)
    # twice the ink over its edge: 2 * 60 w / (2 (60 + w)), the middle one of 800, 600, 400 wide
    assert lines.stroke == round(60 * 600 / 660)
    assert lines.win_ascent == max(round(box[3]) for box in boxes.values())
    assert lines.win_descent == max(0, -min(round(box[1]) for box in boxes.values()))
    assert lines.strikeout == round((glyphs.metrics.face_top + glyphs.metrics.face_bottom
                                     + lines.stroke) / 2)
