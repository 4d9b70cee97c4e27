"""How strokes end: round, flat, pressed or cut aslant, as a person's own strokes do.

An end is the ink beyond a stroke's last point: how far it reaches from that point at ANGLES, from
one side of the stroke over straight on to the other side, in half-widths there. A round end is 1
all over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import ANGLES, headings
from glyphgen.strokes.laid.edges import Edges

Floats = NDArray[np.float32]

_FARTHEST = 2.6         # half-widths, and a pixel, that an end may reach
_THIN = 0.4             # pixels: a finer end is a point, whose shape can't be measured
_APART = 0.7            # pixels that another stroke stays away where an end can be seen
_MOVED = 2.0            # pixels that an end is moved by at most
_BESIDE = 1.5           # half-widths that ink reaches beside an end at most: more is not its own


def ends_of(strokes: Floats, half_width: Floats, edges: Edges) -> Floats:
    """How strokes (S, 16, 2) with half-widths (S, 16) end in the drawing that they lie in.

    (S, 2, 13), first and last ends; nan where another stroke or too fine a point hides the end.
    """
    out = np.full((len(strokes), 2, len(ANGLES)), np.nan, np.float32)
    heading = headings(strokes)
    for i, end in np.ndindex(out.shape[:2]):
        width = float(half_width[i, -end])
        if width >= _THIN:
            turn = heading[i, end] + ANGLES
            around = np.stack([np.cos(turn), np.sin(turn)], -1)
            starts = np.repeat(strokes[i, -end][None], len(ANGLES), 0)
            reach = edges.reach(starts, around, _FARTHEST * width + 1, i, _APART) / width
            if np.isfinite(reach).all() and max(reach[0], reach[-1]) <= _BESIDE:
                out[i, end] = reach
    return out


def to_ends(strokes: Floats, half_width: Floats, edges: Edges) -> Floats:
    """Strokes (S, 16, 2) lengthened or shortened until the ink ends a half-width beyond them."""
    heading, wide = headings(strokes), half_width[:, [0, -1]]
    ways = np.stack([np.cos(heading), np.sin(heading)], -1)
    behind = strokes[:, [0, -1]] - wide[..., None] * ways       # in ink where the end is beyond it
    reach = np.stack([edges.reach(behind[i], ways[i], float(_FARTHEST * wide[i].max() + 1), i,
                                  _APART) for i in range(len(strokes))])
    move = np.nan_to_num(reach - 2 * wide).clip(-_MOVED, _MOVED)
    move = (move[..., None] * ways)[:, :, None]
    near = np.linspace(0, 1, strokes.shape[1], dtype=np.float32)[:, None]**2
    return strokes + near[::-1] * move[:, 0] + near * move[:, 1]
