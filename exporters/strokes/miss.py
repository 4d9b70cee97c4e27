"""How far a quadratic is from the points that it stands for."""

from __future__ import annotations

import numpy as np

from exporters.outlines.kernel import compiled
from fonts.drawing import Points

LEAST = 0.02            # of a chord, that a control lies before its end and behind its start


@compiled
def missed(place: Points, weigh: Points, i: int, j: int, ax: float, ay: float, x: float, y: float,
           bx: float, by: float) -> tuple[float, float]:
    """Largest distance of the points between i and j from a quadratic, and the area between.

    The curve goes from a to b with control (x, y). A point is held against the curve above the
    same place of the chord; `weigh` is the length (N,) that each stands for.
    """
    dx, dy = bx - ax, by - ay
    length = np.sqrt(dx * dx + dy * dy)
    if length < 1e-6:
        return 1e9, 1e9
    ux, uy = dx / length, dy / length
    qx, qy = (x - ax) * ux + (y - ay) * uy, (y - ay) * ux - (x - ax) * uy
    if min(qx, length - qx) < LEAST * length:   # it would go back on itself
        return 1e9, 1e9
    curve = length - 2 * qx                     # along the chord: 2 qx t + curve t^2
    if j == i + 1:                              # nothing says that it bends
        return abs(qy) / 2, abs(qy) * length / 3
    worst, area = 0.0, 0.0
    for k in range(i + 1, j):
        dx, dy = place[k, 0] - ax, place[k, 1] - ay
        px, py = dx * ux + dy * uy, dy * ux - dx * uy
        root = qx * qx + curve * px
        if root < 0:
            return 1e9, 1e9
        below = qx + np.sqrt(root)
        t = min(max(px / below if below > 1e-9 else 0.5, 0.0), 1.0)
        slope = 2 * qy * (1 - 2 * t) / max(abs(2 * qx + 2 * curve * t), 1e-9)
        off = abs(2 * t * (1 - t) * qy - py) / np.sqrt(1 + slope * slope)
        worst = max(worst, off)
        area += off * weigh[k]
    return worst, area
