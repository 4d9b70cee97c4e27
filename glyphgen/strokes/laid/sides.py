"""How the edges of a stroke run beside its line: pressed, notched, with a shoulder or a heel.

A side is how far off an edge lies from place to place along the line, over the half-width there. A
round pen's sides are 1 all over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from exporters.strokes.curve import bearings, corners, curve, even_unless, lengths, normals
from fonts.strokes import PLACES
from glyphgen.strokes.ink import THIN
from glyphgen.strokes.laid.edges import Edges

Floats = NDArray[np.float32]

_FARTHEST = 2.2         # half-widths, and half a pixel, from a line to an edge at most
_SHARES = (0.4, 1.7)    # of the half-width, least and most: what is beyond was seen wrong
_BLENDED = np.ones(3)   # places that another stroke hides, and beside them, where both inks meet
_SEEN = 0.4             # of a side's places that must be seen, or it counts as even
_AROUND, _BENT = 1.5, 0.6       # half-widths around, and radians that a line turns by towards a
                                # side there, whose edge is then of another part of the stroke
_FADES = 5              # places from one that is seen to one that counts as even
_SMOOTH = 0.6           # places, the deviation of a Gaussian


def sides_of(strokes: Floats, half_width: Floats, edges: Edges) -> Floats:
    """The sides (S, 2, 46) of strokes (S, 16, 2) with half-widths (S, 16) that lie in a drawing."""
    out = even_unless(None, len(strokes))
    at = np.arange(PLACES)
    for i, (stroke, width, corner) in enumerate(zip(strokes, half_width, corners(strokes))):
        line, wide = curve(stroke, width, corner)
        most, across, turn = _FARTHEST * wide + 0.5, normals(line), _turn(line, wide)
        for side, (way, inwards) in enumerate(((across, turn), (-across, -turn))):
            reach = edges.reach(line, way, float(most.max()), i)
            hidden = ~(reach <= most) | (inwards > _BENT)
            seen = np.convolve(hidden, _BLENDED, "same") < 0.5
            if seen.mean() > _SEEN:
                share = (reach[seen] / np.maximum(wide[seen], THIN)).clip(*_SHARES)
                near = np.abs(at[:, None] - at[seen]).min(1) / _FADES
                out[i, side] += (1 - near).clip(0) * (np.interp(at, at[seen], share) - 1)
    return gaussian_filter1d(out, _SMOOTH, axis=-1, mode="nearest")


def _turn(line: Floats, wide: Floats) -> Floats:
    """How far (46,), radians, a line (46, 2) turns within a few half-widths (46,) around each of
    its points; from x to y is positive."""
    at, turned = lengths(line), np.cumsum(np.r_[0, bearings(line), 0])
    ahead, behind = (np.interp(at + way * _AROUND * wide, at, turned) for way in (1, -1))
    return ahead - behind
