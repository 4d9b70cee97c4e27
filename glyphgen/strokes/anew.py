"""A drawing by pixels written anew: strokes laid on its lines, and inked with a steadier pen.

What pixels say of where lines run is kept; their ragged edges, ends and joins are not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from glyphgen.strokes.ink import Inked, inked, log_width
from glyphgen.strokes.laid.lay import BARE, OFF, weighed
from glyphgen.strokes.laid.refine import refined, widths_along
from glyphgen.strokes.laid.register import quality
from glyphgen.strokes.laid.skeleton import skeleton_of
from glyphgen.strokes.room import with_room

Floats = NDArray[np.float32]

_STEADY = 0.5           # share of what log widths differ by in a drawing that its strokes keep
_RING = 1.5             # pixels between the ends of a stroke that is a ring
_NEAR = np.array([0.5, 0.3, 0.1], np.float32)       # of the gap that points near its ends close


def inked_anew(strokes: Floats, field: Field) -> Inked | None:
    """A drawing (128, 128) inked anew by strokes (S, 16, 2) that lie about where its lines are.

    None where they don't fit it.
    """
    lines = skeleton_of(field)
    if lines is None:
        return None
    laid = closed(refined(strokes, lines), strokes)
    off, bare, _ = quality(laid, lines)
    if off > OFF or bare > BARE:
        return None
    half_width = weighed(laid, steadier(laid, widths_along(laid, lines)), field)
    return inked(laid, with_room(laid, half_width))


def closed(strokes: Floats, before: Floats) -> Floats:
    """Strokes (S, 16, 2) that meet themselves where they did before."""
    out = strokes.copy()
    for line, ends in zip(out, before[:, [0, -1]]):
        if np.hypot(*(ends[1] - ends[0])) < _RING:
            gap = line[-1] - line[0]
            line[:len(_NEAR)] += _NEAR[:, None] * gap
            line[-len(_NEAR):] -= _NEAR[::-1, None] * gap
    return out


def steadier(strokes: Floats, half_width: Floats) -> Floats:
    """Half-widths (S, 16) nearer to their mean along strokes (S, 16, 2)."""
    logs = log_width(half_width)
    along = np.gradient(strokes, axis=1)
    mean = np.average(logs, weights=np.hypot(along[..., 0], along[..., 1]) + np.float32(1e-3))
    return np.exp(mean + _STEADY * (logs - mean)).astype(np.float32)
