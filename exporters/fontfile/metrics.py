"""Vertical metrics measured from the drawings, and the BASE table that states them.

Typographic and hhea lines are the em box and a little on each side, within what Google Fonts asks
of CJK, and at most 1.142 em together: Word sets a line of an East Asian font 1.3 times as high,
which at 10.5 points must stay under the 15.6 points of its document grid, or every line takes two.
Em box and character face are in BASE. `legacy` is an older rule: typographic lines on the em box,
hhea as Windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from exporters.outlines.contour import level_set
from exporters.outlines.outline import LINE, Bounds, Contour, Outline
from fonts.drawing import EM_TOP, UNITS_PER_EM, Field, to_em

_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))
_SYLLABLES = ((0xAC00, 0xD7B0), (0x3040, 0x3100))
_OVER, _UNDER = 65, 75  # units over and under the em box
_FACE_INSET = 40        # of a font without CJK characters
_CJK_SCRIPTS = ("DFLT", "hang", "hani", "kana")
_ROMAN_SCRIPTS = ("latn",)


@dataclass(frozen=True)
class Metrics:
    """Em box and average character face, em units; `left`, `right` belong to vertical lines."""

    em_top: int
    em_bottom: int
    face_top: int
    face_bottom: int
    left: int
    right: int

    @property
    def ascender(self) -> int:
        """Typographic ascender."""
        return self.em_top + _OVER

    @property
    def descender(self) -> int:
        """Typographic descender, negative."""
        return self.em_bottom - _UNDER

    @property
    def centre(self) -> float:
        """y of the em box's centre."""
        return (self.em_top + self.em_bottom) / 2


def box_of(outline: Outline) -> Bounds:
    """(left, bottom, right, top) of the control points of an outline that has ink."""
    points = np.concatenate([contour.points for contour in outline.contours])
    (left, bottom), (right, top) = points.min(0).tolist(), points.max(0).tolist()
    return left, bottom, right, top


def ink_box(field: Field, codepoint: int, level: float = 0.0) -> Outline:
    """The rectangle around the ink of a field (S, S), em units; empty where there is none."""
    chains = [to_em(chain, codepoint, len(field)) for chain in level_set(field, level)]
    if not chains:
        return Outline()
    points = np.concatenate(chains)
    (left, bottom), (right, top) = points.min(0), points.max(0)
    corners = np.array([(left, bottom), (left, top), (right, top), (right, bottom)])
    return Outline((Contour(corners, (LINE,) * 4),))


def measure(bounds: Mapping[int, Bounds]) -> Metrics:
    """Metrics from the bounding boxes of ideographs, else of Hangul and kana, by codepoint.

    The em box is the drawings' em square, wherever in it a hand writes: only the face is measured.
    """
    boxes = _within(bounds, _HAN) or _within(bounds, _SYLLABLES)
    em_bottom = EM_TOP - UNITS_PER_EM
    if not boxes:
        return Metrics(EM_TOP, em_bottom, EM_TOP - _FACE_INSET, em_bottom + _FACE_INSET,
                       _FACE_INSET, UNITS_PER_EM - _FACE_INSET)
    left, bottom, right, top = (round(value) for value in np.mean(boxes, axis=0))
    return Metrics(EM_TOP, em_bottom, top, bottom, left, right)


def _within(bounds: Mapping[int, Bounds],
            ranges: Iterable[tuple[int, int]]) -> list[Bounds]:
    return [box for start, stop in ranges
            for codepoint, box in bounds.items() if start <= codepoint < stop]


def base_feature(metrics: Metrics) -> str:
    """The BASE table in feature-file syntax, both axes, every script that the font may carry."""
    values = {
        "Horiz": (metrics.face_bottom, metrics.face_top, metrics.em_bottom, metrics.em_top, 0),
        "Vert": (metrics.left, metrics.right, 0, UNITS_PER_EM, -metrics.em_bottom),
    }
    lines = []
    for axis, coordinates in values.items():
        numbers = " ".join(map(str, coordinates))
        rows = [f"{script} ideo {numbers}" for script in _CJK_SCRIPTS]
        rows += [f"{script} romn {numbers}" for script in _ROMAN_SCRIPTS]
        lines += [f"  {axis}Axis.BaseTagList icfb icft ideo idtp romn;",
                  f"  {axis}Axis.BaseScriptList {', '.join(rows)};"]
    return "\n".join(["table BASE {", *lines, "} BASE;", ""])
