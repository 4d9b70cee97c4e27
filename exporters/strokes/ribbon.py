"""One stroke's edge: both sides of its line, round caps, and corners as a round pen leaves them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.drawing import Points

Flags = NDArray[np.bool_]
Edge = tuple[Points, Points, Flags]
Three = tuple[float, float, float]

TELLING = 0.12          # units that a line or its width may be off where a point is left out
ARC = 0.35              # radians between points of a cap
STEEPEST = 0.9          # sine at which a stroke widens: steeper, and one end hides the other
ALONG = 0.05            # of a step that a side goes on by, at least, or the stroke bends sharply
BACK = -0.3             # cosine of a turn that is a corner whatever it was called
EVEN = 0.02             # of a half-width that the other may differ by where an edge's way is known
BLUNT = 0.3             # radians that a side may bend inwards by without going through the middle


@compiled
def ribbon(line: Points, wide: Points, corner: Flags, cut: Flags) -> Edge:
    """The clockwise edge of a line (N, 2), y up, with half-widths on its left and on its right
    (2, N), and which points turn.

    cut (2,): ends, first and last, that are straight. Returns points (M, 2), unit tangents (M, 2),
    and which points have one. No two points of the line in a row are the same. Where it turns more
    sharply than it is wide, the inner side goes through the middle of the stroke, so that whatever
    a round pen covers is wound around at least once, and nothing backwards.
    """
    step, rise, length = _steps(line, (wide[0] + wide[1]) / 2)
    corner = corner.copy()
    for i in range(1, len(step)):
        corner[i] |= step[i - 1, 0] * step[i, 0] + step[i - 1, 1] * step[i, 1] < BACK
    normals = _normals(step, rise, length, corner)
    breaks = _sharp(line, wide, step, length, normals, corner)
    normals = _normals(step, rise, length, breaks)
    n = len(line)
    most = 6 * n + int(2 * np.pi / ARC + 3) * (np.sum(breaks) + 2)
    points, ways, known = np.empty((most, 2)), np.zeros((most, 2)), np.zeros(most, np.bool_)
    edge = points, ways, known
    size = 0
    for side in range(2):
        for k in range(n):
            i = k if side == 0 else n - 1 - k
            into, out = normals[i, side, side], normals[i, 1 - side, side]
            even, here = _even(wide, side, i), _around(wide, side, i, 0 < k < n - 1 and breaks[i])
            if k > 0:
                size = _put(edge, size, line[i], here[0], into, even)
            if k == n - 1:
                if not cut[1 - side]:
                    size = _arc(edge, size, line[i], here, into, normals[i, side, 1 - side], even)
                break
            if k > 0 and breaks[i]:
                cross = step[i - 1, 0] * step[i, 1] - step[i - 1, 1] * step[i, 0]
                outer = (cross < 0) == (side == 0)
                size = _turn(edge, size, line[i], here, into, out, outer, even)
            if k == 0 or breaks[i]:
                size = _put(edge, size, line[i], here[2], out, even)
    return points[:size].copy(), ways[:size].copy(), known[:size].copy()


@compiled
def thinned(line: Points, wide: Points, corner: Flags) -> Flags:
    """Which points of a line (N, 2) tell of its course or of its half-widths (2, N)."""
    n = len(line)
    keep, last = np.ones(n, np.bool_), 0
    for i in range(1, n - 1):
        far, rise = 0.0, 0.0
        for k in range(last + 1, i + 1):
            x, y = line[i + 1, 0] - line[last, 0], line[i + 1, 1] - line[last, 1]
            u, v = line[k, 0] - line[last, 0], line[k, 1] - line[last, 1]
            whole = max(x * x + y * y, 1e-12)
            part = min(max((u * x + v * y) / whole, 0.0), 1.0)      # it may go back on itself
            u, v = u - part * x, v - part * y
            far = max(far, np.sqrt(u * u + v * v))
            for own in wide:
                rise = max(rise, abs(own[k] - own[last] - part * (own[i + 1] - own[last])))
        if corner[i] or max(far, rise) > TELLING:
            last = i
        else:
            keep[i] = False
    return keep


@compiled
def _steps(line: Points, wide: Points) -> tuple[Points, Points, Points]:
    """Of each step its direction (N - 1, 2), how much wider it gets by its length, its length."""
    n = len(line) - 1
    step, rise, length = np.empty((n, 2)), np.empty(n), np.empty(n)
    for i in range(n):
        dx, dy = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
        length[i] = np.sqrt(dx * dx + dy * dy)
        step[i, 0], step[i, 1] = dx / length[i], dy / length[i]
        rise[i] = min(max((wide[i + 1] - wide[i]) / length[i], -STEEPEST), STEEPEST)
    return step, rise, length


@compiled
def _sharp(line: Points, wide: Points, step: Points, length: Points, normals: Points,
           corner: Flags) -> Flags:
    """The corners, and ends of those steps that a side would go back on."""
    breaks = corner.copy()
    for i in range(len(step)):
        for side in range(2):
            gone = 0.0
            for k in range(2):
                gone += step[i, k] * (line[i + 1, k] - line[i, k]
                                      + wide[side, i + 1] * normals[i + 1, 0, side, k]
                                      - wide[side, i] * normals[i, 1, side, k])
            if gone < ALONG * length[i]:
                breaks[i] = breaks[i + 1] = True
    return breaks


@compiled
def _normals(step: Points, rise: Points, length: Points, breaks: Flags) -> Points:
    """From the middle to where the pen touches the edge: (N, before or after, left or right, 2)."""
    n = len(step) + 1
    out = np.empty((n, 2, 2, 2))
    for i in range(n):
        for after in range(2):
            own = min(max(i - 1 + after, 0), n - 2)
            tx, ty, slope = step[own, 0], step[own, 1], rise[own]
            if 0 < i < n - 1 and not breaks[i]:
                share = length[i - 1] / (length[i - 1] + length[i])
                tx = step[i - 1, 0] * (1 - share) + step[i, 0] * share
                ty = step[i - 1, 1] * (1 - share) + step[i, 1] * share
                whole = max(np.sqrt(tx * tx + ty * ty), 1e-9)
                tx, ty = tx / whole, ty / whole
                slope = rise[i - 1] * (1 - share) + rise[i] * share
            across = np.sqrt(1 - slope * slope)
            for side in range(2):
                sign = 1.0 - 2.0 * side
                out[i, after, side, 0] = -slope * tx - sign * across * ty
                out[i, after, side, 1] = -slope * ty + sign * across * tx
    return out


@compiled
def _even(wide: Points, side: int, i: int) -> bool:
    """Whether a side of a line with half-widths (2, N) is as far from it there as the other."""
    for k in range(max(i - 1, 0), min(i + 2, wide.shape[1])):
        if abs(wide[0, k] - wide[1, k]) > EVEN * wide[side, i]:
            return False
    return True


@compiled
def _around(wide: Points, side: int, i: int, turns: bool) -> Three:
    """How far a side of a line with half-widths (2, N) is from it before, at and behind a point, on
    the way along that side; where it `turns` there, as far as on either arm."""
    here = wide[side, i]
    if not turns:
        return here, here, here
    return wide[side, i - 1 + 2 * side], here, wide[side, i + 1 - 2 * side]


@compiled
def _put(edge: Edge, size: int, middle: Points, wide: float, normal: Points, even: bool) -> int:
    points, ways, known = edge
    for k in range(2):
        points[size, k] = middle[k] + wide * normal[k]
    ways[size, 0], ways[size, 1] = normal[1], -normal[0]
    known[size] = even
    return size + 1


@compiled
def _arc(edge: Edge, size: int, middle: Points, wide: Three, into: Points, out: Points,
         even: bool) -> int:
    """What lies between two normals, clockwise; half-widths at the first, halfway and at the
    other."""
    first = np.arctan2(into[1], into[0])
    turn = (first - np.arctan2(out[1], out[0])) % (2 * np.pi)
    count = 2 * int(np.ceil(turn / ARC / 2))
    normal = np.empty(2)
    for k in range(1, count):
        at = first - turn * k / count
        normal[0], normal[1] = np.cos(at), np.sin(at)
        share = 2 * k / count - 1
        other = wide[2] if share > 0 else wide[0]
        here = wide[1] + abs(share) * (other - wide[1])
        size = _put(edge, size, middle, here, normal, even)
    return size


@compiled
def _turn(edge: Edge, size: int, middle: Points, wide: Three, into: Points, out: Points,
          outer: bool, even: bool) -> int:
    """From one normal to the next at a corner: around it, or through the middle of the stroke."""
    bend = np.arctan2(into[0] * out[1] - into[1] * out[0], into[0] * out[0] + into[1] * out[1])
    if outer and (bend < 0 or bend > BLUNT):
        return _arc(edge, size, middle, wide, into, out, even)
    if abs(bend) < BLUNT:
        return size
    points, ways, known = edge
    points[size, 0], points[size, 1] = middle[0], middle[1]
    return size + 1
