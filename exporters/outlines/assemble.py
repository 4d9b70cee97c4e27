"""One closed chain to segments: its corners and extrema, and a fit of every span between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.corners import CORNER_GAP, find_corners
from exporters.outlines.joints import STRAIGHT_SIDE_SAMPLES, local, straight
from exporters.outlines.kernel import compiled
from exporters.outlines.segments import span
from exporters.outlines.sides import corner_places, sides
from fonts.drawing import Points

Ints = NDArray[np.int64]

JOINT_SAMPLES = 4          # samples each way that a smooth joint is fitted to
LEAST_BETWEEN_NODES = 4    # samples that lie at least between two nodes
FLAT_TOP_UNEVENNESS = 0.5  # units that a flat top may be uneven by
FLAT_TOP_SAMPLES = 7       # samples of the shortest flat top
# samples from an extremum that a straight side may start at, to stand for it
BESIDE_EXTREMUM = 2
ROUND_TOP_WIDENING = 1.6   # a round top is wider than this times as wide, four times as deep


@compiled
def _top(values: Points, at: int, depth: float) -> tuple[int, int]:
    """First and last of the samples around `at` that lie within `depth` below it."""
    first = last = at
    while first > 0 and values[first - 1] >= values[at] - depth:
        first -= 1
    while last < len(values) - 1 and values[last + 1] >= values[at] - depth:
        last += 1
    return first, last


@compiled
def _leaves(part: Points, at: int) -> bool:
    """Whether a straight side starts right beside sample `at`, so that its end is the extremum."""
    for step in (-1, 1):
        start = at + BESIDE_EXTREMUM * step
        last = start + (STRAIGHT_SIDE_SAMPLES - 1) * step
        if 0 <= last < len(part) and straight(part, start, step, STRAIGHT_SIDE_SAMPLES)[0]:
            return True
    return False


@compiled
def _extrema(part: Points, depth: float, closed: bool) -> tuple[Ints, Points, Ints]:
    """Samples of an open chain where x (axis 0) or y (1) turns back by `depth` on both sides.

    Returns indices in order, positions and axes: of a round top the middle, of a flat one the ends.
    One right beside a straight side is left out unless the chain is `closed`: that side ends there.
    """
    m = len(part)
    index = np.empty(2 * m, np.int64)
    axes = np.empty(2 * m, np.int64)
    places = np.empty((2 * m, 2))
    count = 0
    for axis in range(2):
        low = high = 0               # samples where the coordinate was least and most
        sign = 0                     # of the way it is going
        values = part[:, axis].copy()
        for k in range(1, m):
            low = k if values[k] < values[low] else low
            high = k if values[k] > values[high] else high
            if sign == 0:
                sign = 1 if values[k] - values[low] >= depth else sign
                sign = -1 if values[high] - values[k] >= depth else sign
                if sign:
                    low = high = k
                continue
            top = high if sign > 0 else low
            if sign * (values[top] - values[k]) < depth:
                continue
            first, last = _top(sign * values, top, FLAT_TOP_UNEVENNESS)
            wide_first, wide_last = _top(sign * values, top, 4 * FLAT_TOP_UNEVENNESS)
            size = last - first
            middle = (first + last) // 2
            flat = size >= FLAT_TOP_SAMPLES and wide_last - wide_first < ROUND_TOP_WIDENING * size
            level = 0.0
            for q in range(first, last + 1):
                level += values[q] / (size + 1)
            for end in range(2 if flat else 0 if not closed and _leaves(part, middle) else 1):
                at = middle if not flat else (last if end else first)
                index[count], axes[count] = at, axis
                places[count], _ = local(part, at, JOINT_SAMPLES)
                if flat:
                    places[count, axis] = level
                for q in range(count, 0, -1):         # keep them in order
                    if index[q - 1] <= index[q]:
                        break
                    index[q - 1], index[q] = index[q], index[q - 1]
                    axes[q - 1], axes[q] = axes[q], axes[q - 1]
                    for d in range(2):
                        places[q - 1, d], places[q, d] = places[q, d], places[q - 1, d]
                count += 1
            sign = -sign
            low = high = k
    return index[:count].copy(), places[:count].copy(), axes[:count].copy()


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
            start, length = 0, n
            for k in range(n):
                start = k if samples[k, 0] > samples[start, 0] else start
        gap = min(CORNER_GAP, length // 2) if len(corners) else 0
        part = np.empty((length + 1 - 2 * gap, 2))
        for k in range(len(part)):
            part[k] = samples[(start + gap + k) % n]
        if gap:
            part[0], part[-1] = places[s], places[(s + 1) % sections]
        if not len(corners):
            index[count] = start
            position[count] = samples[start]
            tangent[count, 1] = 1.0 if samples[(start + 2) % n, 1] > samples[start - 2, 1] else -1.0
            smooth[count] = 1
            count += 1
        found, spots, axes = _extrema(part, depth, sections < 2)
        before = 0
        for k in range(len(found)):
            at = found[k]
            if at - before < LEAST_BETWEEN_NODES or at > len(part) - LEAST_BETWEEN_NODES:
                continue
            before = at
            _, way = local(part, at, JOINT_SAMPLES)
            axis = 1 - axes[k]
            index[count], position[count] = (start + gap + at) % n, spots[k]
            tangent[count, axis] = 1.0 if way[axis] > 0 else -1.0
            smooth[count] = 1
            count += 1
    return index[:count], position[:count], tangent[:count], smooth[:count]


def contour_segments(samples: Points, tolerance: float, sharp: float, level: float,
                     depth: float, sharpen: bool, field: Points, frame: Points,
                     ) -> tuple[Points, Ints]:
    """Points (N, 2) and segment kinds of a closed chain of even samples (M, 2)."""
    corners = find_corners(samples, sharp, field, frame)
    beside = sides(samples, corners, tolerance, level)
    corners, places = corner_places(samples, corners, beside, sharpen, field, frame)
    index, position, tangent, smooth = _pick(samples, corners, places, depth)
    return _fitted(samples, index, position, tangent, smooth, tolerance)


@compiled
def _fitted(samples: Points, index: Ints, position: Points, tangent: Points, smooth: Ints,
            tolerance: float) -> tuple[Points, Ints]:
    """The spans between nodes, fitted."""
    n, count = len(samples), len(index)
    points = np.empty((4 * n + 8, 2))
    kinds = np.empty(2 * n + 4, np.int64)
    filled = size = 0
    ends = np.empty((2, 2))
    free = np.empty(2, np.int64)
    for k in range(count):
        other = (k + 1) % count
        length = (index[other] - index[k] - 1) % n + 1
        first, last = 1, length - 1
        gap = min(CORNER_GAP, max((length - 2) // 2, 1))
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
        added, added_kinds = span(data, ends, free, tolerance, JOINT_SAMPLES)
        points[filled] = position[k]          # the start; what follows leaves its own end out
        points[filled + 1:filled + len(added)] = added[:-1]
        filled += len(added)
        kinds[size:size + len(added_kinds)] = added_kinds
        size += len(added_kinds)
    return points[:filled].copy(), kinds[:size].copy()
