"""A chain of points made ready to be fitted: what is a corner, and what says nothing new."""

from __future__ import annotations

import numpy as np

from exporters.outlines.joints import angle
from exporters.outlines.kernel import compiled
from exporters.strokes.ribbon import Edge, Flags
from fonts.drawing import Points

SAME = 0.02             # units between two points that are one
SMOOTH_TURN = 0.45      # radians that an edge may turn by where it is crossed, and be smooth
SHARP_TURN = 1.2        # and where it is not
ALIKE = 0.9             # cosine between a known tangent and its chain, at least
EVEN_TURN = 0.1         # radians that what is between two points may turn by and say nothing new
EVEN_STEP = 40.0        # units between any two at most
NEAR = 2.0              # units from a corner that nothing else is


@compiled
def apart(points: Points, i: int, j: int) -> float:
    """Distance between two of some points."""
    x, y = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
    return np.sqrt(x * x + y * y)


@compiled
def cleaned(points: Points, ways: Points, known: Flags, shortest: float) -> Edge:
    """A closed chain (N, 2) without crumbs: points, unit tangents, and which points are corners.

    Corners nearer to each other along it than `shortest` are one. It begins with a corner or,
    without any, with its longest step.
    """
    n, size = len(points), 0
    out, way, corner = np.empty((n, 2)), np.empty((n, 2)), np.zeros(n, np.bool_)
    for i in range(n):
        if apart(points, i - 1, i) < SAME:
            continue
        before, after = apart(points, i - 1, i), max(apart(points, i, (i + 1) % n), 1e-9)
        ax, ay = points[i, 0] - points[i - 1, 0], points[i, 1] - points[i - 1, 1]
        bx, by = points[(i + 1) % n, 0] - points[i, 0], points[(i + 1) % n, 1] - points[i, 1]
        x, y = ax / before + bx / after, ay / before + by / after
        whole = max(np.sqrt(x * x + y * y), 1e-9)
        x, y = x / whole, y / whole
        if known[i] and ways[i, 0] * x + ways[i, 1] * y > ALIKE:
            x, y = ways[i, 0], ways[i, 1]
        turn = abs(np.arctan2(ax * by - ay * bx, ax * bx + ay * by))
        out[size, 0], out[size, 1], way[size, 0], way[size, 1] = points[i, 0], points[i, 1], x, y
        corner[size] = turn > (SHARP_TURN if known[i] else SMOOTH_TURN)
        size += 1
    size = _merged(out, way, corner, size, shortest)
    size = _kept(out, way, corner, size, _telling(out, way, corner, size))
    return _filled(out, way, corner, size, _start(out, corner, size))


@compiled
def _kept(points: Points, ways: Points, corner: Flags, size: int, keep: Flags) -> int:
    """Bring the points that are kept to the front of the first `size`; how many they are."""
    count = 0
    for i in range(size):
        if keep[i]:
            for d in range(2):
                points[count, d], ways[count, d] = points[i, d], ways[i, d]
            corner[count] = corner[i]
            count += 1
    return count


@compiled
def _merged(points: Points, ways: Points, corner: Flags, size: int, shortest: float) -> int:
    """Two corners a little apart become one, halfway; how many points are left."""
    keep = np.ones(size, np.bool_)
    while size > 3:
        first, last = -1, -1
        for i in range(size):
            walked, j = 0.0, i
            while corner[i] and walked < shortest:
                walked += apart(points, j, (j + 1) % size)
                j = (j + 1) % size
                if corner[j]:
                    break
            if j != i and corner[j] and walked < shortest:
                first, last = i, j
                break
        if first < 0:
            break
        for d in range(2):
            points[last, d] = (points[first, d] + points[last, d]) / 2
        for i in range(size):
            keep[i] = not (first <= i < last or last < first and (i >= first or i < last))
        size = _kept(points, ways, corner, size, keep)
    return size


@compiled
def _telling(points: Points, ways: Points, corner: Flags, size: int) -> Flags:
    """Which points are more than a smooth curve between their neighbours would say."""
    n = size
    keep, last = np.ones(n, np.bool_), 0
    for i in range(n):
        before, after = (i - 1) % n, (i + 1) % n
        if corner[i]:
            last = i
        elif (corner[before] and apart(points, before, i) < NEAR
              or corner[after] and apart(points, i, after) < NEAR):
            keep[i] = False
        elif 0 < i < n - 1 and not corner[before] and not corner[after] and (
                angle(ways[last], ways[after]) < EVEN_TURN
                and apart(points, last, after) < EVEN_STEP):
            keep[i] = False
        else:
            last = i
    return keep


@compiled
def _start(points: Points, corner: Flags, size: int) -> int:
    """A corner, or where the longest step begins."""
    first, longest = 0, -1.0
    for i in range(size):
        if corner[i]:
            return i
        step = apart(points, i, (i + 1) % size)
        if step > longest:
            first, longest = i, step
    return first


@compiled
def _filled(points: Points, ways: Points, corner: Flags, size: int, first: int) -> Edge:
    """With points on long steps, which are straight, so that no curve may leave them unseen."""
    count = 0
    for i in range(size):
        count += max(1, int(np.ceil(apart(points, i, (i + 1) % size) / EVEN_STEP)))
    out, way, sharp = np.empty((count, 2)), np.empty((count, 2)), np.zeros(count, np.bool_)
    at = 0
    for i in range(size):
        a, b = (first + i) % size, (first + i + 1) % size
        length = max(apart(points, a, b), 1e-9)
        parts = max(1, int(np.ceil(apart(points, a, b) / EVEN_STEP)))
        for k in range(parts):
            for d in range(2):
                step = points[b, d] - points[a, d]
                out[at, d] = points[a, d] + step * (k / parts)
                way[at, d] = step / length if k else ways[a, d]
            sharp[at] = corner[a] and k == 0
            at += 1
    return out, way, sharp
