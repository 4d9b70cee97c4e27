"""How a hand turns its corners, seen in a drawing: sharply, or in a curve, and how wide a one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import corners, curve
from fonts.drawing import CANVAS, Field, coverage
from glyphgen.strokes.corners.corner import CUTS, apex, corners_of, turned
from glyphgen.strokes.ink import ink_lines
from glyphgen.strokes.laid.edges import Edges

Floats = NDArray[np.float32]

_AROUND = 6.0           # pixels and a half-width around a corner that are looked at
_ENOUGH = 3             # corners that say how a hand turns


def turnings(content: Floats, edges: Edges) -> Floats:
    """Of each corner of strokes that lie on a drawing: which way it turns, 1 or -1, and how much
    ink, pixels, is wrong around it with each of the curves: (K, 1 + CUTS).

    content: where the content has the strokes (S, 16, 2).
    """
    truth = coverage(edges.field)
    rows = [row for i in range(len(content)) for row in _of_stroke(content[i], edges, i, truth)]
    return np.array(rows, np.float32).reshape(-1, 1 + len(CUTS))


def cuts_of(seen: Floats) -> Floats:
    """Where a hand begins to turn, pixels before a corner, clockwise and the other way, (2,): the
    curves with which the least ink is wrong at all corners (K, 1 + CUTS) of its samples."""
    out = np.zeros(2, np.float32)
    for i, way in enumerate((1, -1)):
        own = seen[seen[:, 0] == way] if (seen[:, 0] == way).sum() >= _ENOUGH else seen
        if len(own) >= _ENOUGH:
            out[i] = CUTS[int(own[:, 1:].sum(0).argmin())]
    return out


def _of_stroke(content: Floats, edges: Edges, i: int, truth: Field) -> list[list[float]]:
    """The corners of stroke i, of which the content has this one (16, 2); truth (128, 128): the
    drawing's ink."""
    stroke, wide = edges.strokes[i], edges.half_width[i]
    met = [(corner.way, at) for corner in corners_of(content)
           if (at := apex(stroke, corner)) is not None]
    if not met:
        return []
    windows = [_window(at, float(wide.max()) + _AROUND) for _, at in met]
    fields = [np.maximum(_inked(*turned(stroke, wide, content, np.array([cut, cut]))),
                         edges.others[i]) for cut in CUTS]
    wrong = [np.abs(coverage(field) - truth) for field in fields]
    return [[way, *(float(each[window].sum()) for each in wrong)]
            for (way, _), window in zip(met, windows)]


def _window(at: Floats, reach: float) -> tuple[slice, slice]:
    """The rows and columns of a square around a point."""
    low, high = np.clip([at - reach, at + reach], 0, CANVAS).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def _inked(stroke: Floats, wide: Floats) -> Field:
    return ink_lines([curve(stroke, wide, corners(stroke))])
