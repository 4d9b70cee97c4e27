"""Where a span of even samples may break, and how it runs there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled, norm
from fonts.drawing import Points

Ints = NDArray[np.int64]

MOST_BREAKS = 24      # most places where one span may break
# of them a sample: where it is straight, times the root of its bend
BREAKS_WHERE_STRAIGHT, BREAKS_BY_BEND = 0.05, 1.2
DENSEST_BREAKS = 0.6  # at most as many a sample
FIELD_BEND = 0.01     # radians a sample that are the field's unevenness
# samples of a straight side, and units that they may lie off it
STRAIGHT_SIDE_SAMPLES, STRAIGHT_SIDE_OFFSET = 6, 0.3


@compiled
def angle(a: Points, b: Points) -> float:
    """Between two vectors, radians, without sign."""
    return abs(np.arctan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]))


@compiled
def straight(data: Points, at: int, step: int, count: int) -> tuple[bool, Points, Points]:
    """Whether `count` samples from `at` on, walking by `step`, are a line; its point there and way.

    The way is a unit vector in the order of the samples.
    """
    middle, way = np.zeros(2), np.zeros(2)
    for k in range(count):
        middle += data[at + step * k]
        way += (step * (k - (count - 1) / 2)) * data[at + step * k]
    middle /= count
    way /= max(norm(way), 1e-9)
    worst = 0.0
    for k in range(count):
        p = data[at + step * k] - middle
        worst = max(worst, abs(p[0] * way[1] - p[1] * way[0]))
    return worst < STRAIGHT_SIDE_OFFSET, middle + np.sum((data[at] - middle) * way) * way, way


@compiled
def local(data: Points, at: int, reach: int) -> tuple[Points, Points]:
    """Position and unit tangent at data[at] of the parabola fitted to `reach` points each way."""
    reach = min(reach, at, len(data) - 1 - at)
    if reach < 1:
        low, high = max(at - 1, 0), min(at + 1, len(data) - 1)
        tangent = data[high] - data[low]
        return data[at].copy(), tangent / max(np.hypot(tangent[0], tangent[1]), 1e-9)
    n = 2 * reach + 1
    s2 = s4 = 0.0
    y0 = np.zeros(2)
    y1 = np.zeros(2)
    y2 = np.zeros(2)
    for k in range(-reach, reach + 1):
        p = data[at + k]
        s2 += k * k
        s4 += k * k * k * k
        y0 += p
        y1 += k * p
        y2 += (k * k) * p
    tangent = y1 / s2
    tangent = tangent / max(np.hypot(tangent[0], tangent[1]), 1e-9)
    if reach < 2:
        return data[at].copy(), tangent
    return (y0 * s4 - y2 * s2) / (n * s4 - s2 * s2), tangent


@compiled
def joint(data: Points, at: int, reach: int) -> tuple[Points, Points]:
    """Position and unit tangent at data[at]; those of the straight side where only one is."""
    place, way = local(data, at, reach)
    before = after = False
    if at >= STRAIGHT_SIDE_SAMPLES - 1:
        before, point, tangent = straight(data, at, -1, STRAIGHT_SIDE_SAMPLES)
    if at + STRAIGHT_SIDE_SAMPLES <= len(data):
        after, spot, heading = straight(data, at, 1, STRAIGHT_SIDE_SAMPLES)
    if before and not after:
        return point, tangent
    if after and not before:
        return spot, heading
    return place, way


@compiled
def stations(data: Points) -> Ints:
    """Samples where a span may break: close together where it bends, far apart elsewhere."""
    last = len(data) - 1
    reach = min(3, last // 2)
    along = np.zeros(last + 1)
    for k in range(last):
        at = min(max(k, reach), last - reach)
        a, b = data[at] - data[at - reach], data[at + reach] - data[at]
        bend = max(angle(a, b) / reach - FIELD_BEND, 0.0)
        breaks = BREAKS_WHERE_STRAIGHT + BREAKS_BY_BEND * np.sqrt(bend)
        along[k + 1] = along[k] + min(breaks, DENSEST_BREAKS)
    count = min(MOST_BREAKS, max(3, int(along[last]) + 2))
    out = np.empty(count, np.int64)
    size = 0
    at = 0
    for k in range(count):
        want = along[last] * k / (count - 1)
        while at < last and along[at] + along[at + 1] < 2 * want:
            at += 1
        if k == count - 1:
            at = last
        if size and at - out[size - 1] < 2:
            if at < last:
                continue
            size -= 1 if size > 1 else 0
        out[size] = at
        size += 1
    return out[:size].copy()
