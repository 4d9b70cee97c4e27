"""Joints between two curves, moved to where both miss less, and left out where they may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from exporters.outlines.spline import CURVED, JOINT
from exporters.strokes.miss import missed
from fonts.drawing import Points

Ints = NDArray[np.int64]

SHIFTS = (0.0, -0.2, 0.2, -0.45, 0.45, -0.9, 0.9)       # units across the curve
ROUNDS = 3
_STEEP = 1.0            # units that a control's way leads across the joint's tangent, at least


@compiled
def eased(place: Points, weigh: Points, out: Points, kinds: Ints, at: Ints, price: float) -> None:
    """Move joints of a smooth run in place; those halfway between their controls cost no point.

    place (N, 2): the points that the run stands for; out: its nodes and controls but the first
    node, `at`: the point that each node is. A joint's tangent keeps its direction.
    """
    nodes = np.empty((3, 2))
    for _ in range(ROUNDS):
        for k in range(1, len(out) - 2):
            if kinds[k] != JOINT or kinds[k - 1] != CURVED or kinds[k + 1] != CURVED:
                continue
            before = out[k - 2] if k > 1 else place[0]
            first, here, last = at[k - 2] if k > 1 else 0, at[k], at[k + 2]
            wx, wy = out[k + 1, 0] - out[k - 1, 0], out[k + 1, 1] - out[k - 1, 1]
            size = max(np.sqrt(wx * wx + wy * wy), 1e-9)
            nx, ny = -wy / size, wx / size
            least, best = 1e18, 0
            for s in range(2 * len(SHIFTS)):
                if not _shifted(s, before, out, k, nx, ny, nodes):
                    continue
                ux, uy, mx, my, vx, vy = (nodes[0, 0], nodes[0, 1], nodes[1, 0], nodes[1, 1],
                                          nodes[2, 0], nodes[2, 1])
                one = missed(place, weigh, first, here, before[0], before[1], ux, uy, mx, my)[1]
                two = missed(place, weigh, here, last, mx, my, vx, vy, out[k + 2, 0],
                             out[k + 2, 1])[1]
                off = abs((place[here, 0] - mx) * nx + (place[here, 1] - my) * ny) * weigh[here]
                total = price * (one + two + off) + (1.0 if s < len(SHIFTS) else 0.0)
                if total < least:
                    least, best = total, s
            if _shifted(best, before, out, k, nx, ny, nodes):
                for d in range(3):
                    out[k - 1 + d, 0], out[k - 1 + d, 1] = nodes[d, 0], nodes[d, 1]


@compiled
def _shifted(which: int, before: Points, out: Points, k: int, nx: float, ny: float,
             nodes: Points) -> bool:
    """Lay the controls and the joint k of one of the tries; whether there is such a one.

    The tangent at the joint, whose normal is (nx, ny), goes across itself and the controls go
    along their other tangents. In the second half of the tries the joint is halfway.
    """
    shift = SHIFTS[which % len(SHIFTS)]
    ex, ey = out[k - 1, 0] - before[0], out[k - 1, 1] - before[1]
    fx, fy = out[k + 1, 0] - out[k + 2, 0], out[k + 1, 1] - out[k + 2, 1]
    e, f = ex * nx + ey * ny, fx * nx + fy * ny
    if shift != 0 and min(abs(e), abs(f)) < _STEEP:
        return False
    wx, wy = out[k + 1, 0] - out[k - 1, 0], out[k + 1, 1] - out[k - 1, 1]
    part = ((out[k, 0] - out[k - 1, 0]) * wx + (out[k, 1] - out[k - 1, 1]) * wy) / max(
        wx * wx + wy * wy, 1e-9)
    part = 0.5 if which >= len(SHIFTS) else min(max(part, 0.0), 1.0)
    for d in range(3):
        nodes[d, 0], nodes[d, 1] = out[k - 1 + d, 0], out[k - 1 + d, 1]
    if shift != 0:
        nodes[0, 0] += ex * shift / e
        nodes[0, 1] += ey * shift / e
        nodes[2, 0] += fx * shift / f
        nodes[2, 1] += fy * shift / f
    for d in range(2):
        nodes[1, d] = nodes[0, d] + part * (nodes[2, d] - nodes[0, d])
    return True
