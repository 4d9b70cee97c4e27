"""Corners from the distances around them: beyond a corner a field measures how far it is away."""

from __future__ import annotations

import numpy as np

from exporters.outlines.kernel import compiled, norm
from fonts.drawing import Points

DISTANCES_REACH = 30.0  # units from a corner that the field is read over, short of its clamp
BLUNT_PIXELS = 0.5      # pixels from it that the field is blunt over
NEWTON_STEPS = 6        # Gauss-Newton steps
# units of disagreement that halve a pixel's weight, first and last
FIRST_DOUBT, LAST_DOUBT = 6.0, 0.6


@compiled
def vertex(field: Points, frame: Points, place: Points, into: Points, out: Points,
           trust: Points) -> tuple[float, float, Points]:
    """Where a corner near `place` is, by the pixels that it is the nearest ink or paper to.

    field: (S, S) distances in em units, ink positive. frame: x and y of its first pixel's middle,
    and its pixels' size. into, out: unit directions of the sides, as they are walked. Returns
    how many pixels agree, what share of those it is, and the corner.
    """
    sign = 1.0 if into[0] * out[1] - into[1] * out[0] > 0 else -1.0
    size, pixel = len(field), frame[2]
    x, y = place
    agreed = asked = 0.0
    for step in range(NEWTON_STEPS):
        spread = FIRST_DOUBT * (LAST_DOUBT / FIRST_DOUBT) ** (step / (NEWTON_STEPS - 1))
        px, py = place[0] - x, place[1] - y
        # the sides, where they met
        nx, ny, mx, my = -into[1], into[0], -out[1], out[0]
        tn, tm = trust
        xx, xy = tn * nx * nx + tm * mx * mx, tn * nx * ny + tm * mx * my
        yy = tn * ny * ny + tm * my * my
        rx = xx * px + xy * py
        ry = xy * px + yy * py
        agreed = asked = 0.0
        left = max(int((x - DISTANCES_REACH - frame[0]) / pixel) + 1, 0)
        right = min(int((x + DISTANCES_REACH - frame[0]) / pixel), size - 1)
        top = max(int((frame[1] - y - DISTANCES_REACH) / pixel) + 1, 0)
        bottom = min(int((frame[1] - y + DISTANCES_REACH) / pixel), size - 1)
        for i in range(top, bottom + 1):
            vy = frame[1] - i * pixel - y
            for j in range(left, right + 1):
                vx = frame[0] + j * pixel - x
                if vx * into[0] + vy * into[1] < 0 or vx * out[0] + vy * out[1] > 0:
                    continue
                r = np.sqrt(vx * vx + vy * vy)
                d = sign * field[i, j]
                if r > DISTANCES_REACH or r < BLUNT_PIXELS * pixel or d <= 0:
                    continue
                e = r - d
                w = spread * spread / (spread * spread + e * e)
                w *= w
                agreed += w
                asked += 1
                ux, uy = vx / r, vy / r
                xx += w * ux * ux
                xy += w * ux * uy
                yy += w * uy * uy
                rx += w * ux * e
                ry += w * uy * e
        det = xx * yy - xy * xy
        if det < 1e-6:
            return 0.0, 0.0, place
        x += (yy * rx - xy * ry) / det
        y += (xx * ry - xy * rx) / det
    found = np.array([x, y])
    if norm(found - place) > DISTANCES_REACH:
        return 0.0, 0.0, place
    return agreed, agreed / max(asked, 1.0), found
