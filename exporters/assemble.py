"""One closed chain to segments: its corners and extrema, and a fit of every span between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.contour import compiled
from exporters.corners import GAP, corner_places, find_corners
from exporters.fit import local, span

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

SMOOTH = 4          # samples each way that a smooth joint is fitted to


@compiled
def _extrema(part: Points, depth: float, near: int, closed: bool) -> tuple[Ints, Ints]:
    """Samples of an open chain where x (axis 0) or y (1) turns back by `depth` on both sides.

    Returns indices and axes, in order; the middle of a flat top; never within `near` samples of
    an end.
    """
    m = len(part)
    index = np.empty(2 * m, np.int64)
    axes = np.empty(2 * m, np.int64)
    count = 0
    for axis in range(2):
        low = high = part[0, axis]
        sign = 0                     # of the way the coordinate is going
        for k in range(1, m):
            value = part[k, axis]
            low, high = min(low, value), max(high, value)
            if sign == 0:
                if value - low >= depth:
                    sign, high = 1, value
                elif high - value >= depth:
                    sign, low = -1, value
                continue
            top = high if sign > 0 else low
            if sign * (top - value) < depth:
                continue
            first = last = -1
            for q in range(k, -1, -1):          # the flat top, back from here
                if sign * (top - part[q, axis]) <= 0.15 * depth:
                    last = q if last < 0 else last
                    first = q
                elif last >= 0:
                    break
            middle = (first + last) // 2
            if near <= middle < m - near:
                index[count], axes[count] = middle, axis
                count += 1
            sign = -sign
            low = high = value
    order = np.argsort(index[:count])
    return index[:count][order], axes[:count][order]


@compiled
def _pick(samples: Points, corners: Ints, places: Points, depth: float,
          ) -> tuple[Ints, Points, Points, Ints]:
    """Nodes of a closed chain in order: sample, position, tangent, and whether it is smooth."""
    n = len(samples)
    most = len(corners) + 2 * n
    index = np.empty(most, np.int64)
    position = np.empty((most, 2))
    tangent = np.zeros((most, 2))
    smooth = np.zeros(most, np.int64)
    count = 0
    sections = max(len(corners), 1)
    for s in range(sections):
        if len(corners):
            start = corners[s]
            length = (corners[(s + 1) % len(corners)] - start - 1) % n + 1
            index[count], position[count] = start, places[s]
            count += 1
        else:
            start, length = np.argmax(samples[:, 0]), n
        part = np.empty((length + 1, 2))
        for k in range(length + 1):
            part[k] = samples[(start + k) % n]
        if not len(corners):
            index[count] = start
            position[count] = samples[start]
            tangent[count, 1] = 1.0 if samples[(start + 2) % n, 1] > samples[start - 2, 1] else -1.0
            smooth[count] = 1
            count += 1
        found, axes = _extrema(part, depth, 4, not len(corners))
        before = -9
        for k in range(len(found)):
            at = found[k]
            if at - before < 4:
                continue
            before = at
            place, way = local(part, at, SMOOTH)
            axis = 1 - axes[k]
            index[count] = (start + at) % n
            position[count] = place
            tangent[count, axis] = 1.0 if way[axis] > 0 else -1.0
            smooth[count] = 1
            count += 1
    return index[:count], position[:count], tangent[:count], smooth[:count]


@compiled
def contour_segments(samples: Points, step: float, tolerance: float, sharp: float, level: float,
                     depth: float) -> tuple[Points, Ints]:
    """Points (N, 2) and segment kinds of a closed chain of even samples (M, 2)."""
    n = len(samples)
    corners = find_corners(samples, sharp)
    places = corner_places(samples, corners, tolerance, level)
    index, position, tangent, smooth = _pick(samples, corners, places, depth)
    count = len(index)
    points = np.empty((4 * n + 8, 2))
    kinds = np.empty(2 * n + 4, np.int64)
    filled = size = 0
    ends = np.empty((2, 2))
    free = np.empty(2, np.int64)
    for k in range(count):
        other = (k + 1) % count
        length = (index[other] - index[k] - 1) % n + 1
        first, last = 1, length - 1
        gap = min(GAP, max((length - 2) // 2, 1))
        if not smooth[k]:
            first = gap
        if not smooth[other]:
            last = length - gap
        inner = max(last - first + 1, 0)
        data = np.empty((inner + 2, 2))
        data[0], data[inner + 1] = position[k], position[other]
        for q in range(inner):
            data[q + 1] = samples[(index[k] + first + q) % n]
        ends[0], ends[1] = tangent[k], tangent[other]
        free[0], free[1] = 1 - smooth[k], 1 - smooth[other]
        added, added_kinds = span(data, ends, free, tolerance, SMOOTH)
        points[filled] = position[k]          # the start; what follows leaves its own end out
        points[filled + 1:filled + len(added)] = added[:-1]
        filled += len(added)
        kinds[size:size + len(added_kinds)] = added_kinds
        size += len(added_kinds)
    return points[:filled].copy(), kinds[:size].copy()
