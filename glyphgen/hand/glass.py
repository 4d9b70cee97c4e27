"""Strokes written on glass as lines, and inked: the sample that a person saw on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.reading.samples import SIZE
from glyphgen.project.strokes import UNITS, Stroke
from glyphgen.strokes.ink import ink_lines

_LIGHT, _HARD = 1.0, 3.0        # half-widths in canvas pixels, as static/glass.js has them
_APART = 0.25                   # canvas pixels: points nearer to each other say nothing more
_PIECES = np.linspace(0, 1, 5, dtype=np.float32)[:-1, None]     # of the bend around a point

Floats = NDArray[np.float32]


def glass_field(strokes: Sequence[Stroke]) -> Field:
    """Field (512, 512) of strokes; the canvas is the em square with its margin."""
    return ink_lines(map(line_of, strokes), SIZE)


def line_of(stroke: Stroke) -> tuple[Floats, Floats]:
    """A line (N, 2) of two points or more and its half-widths (N,), canvas pixels.

    As on the screen it bends around each point, from halfway to it to halfway to the next.
    """
    pressed = stroke[:, 2:3] / 1000
    points = np.hstack([stroke[:, :2] / UNITS, _LIGHT + (_HARD - _LIGHT) * pressed])
    points = points[_told_apart(points[:, :2])].astype(np.float32)
    half = (points[1:] + points[:-1]) / 2
    before, at, after = half[:-1, None], points[1:-1, None], half[1:, None]
    bends = (1 - _PIECES)**2 * before + 2 * _PIECES * (1 - _PIECES) * at + _PIECES**2 * after
    smooth = np.vstack([points[:1], bends.reshape(-1, 3), half[-1:], points[-1:]])
    return np.ascontiguousarray(smooth[:, :2]), np.ascontiguousarray(smooth[:, 2])


def _told_apart(points: NDArray[np.float64]) -> list[int]:
    """Those points (N, 2) that are not too near to the last one; always the first and the last."""
    kept = [0]
    for place in range(1, len(points) - 1):
        if np.hypot(*(points[place] - points[kept[-1]])) >= _APART:
            kept.append(place)
    return [*kept, len(points) - 1]
