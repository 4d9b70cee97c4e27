"""Least-squares lines and cubics through evenly spaced points, by dynamic programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.joints import angle, joint, stations
from exporters.outlines.kernel import compiled, norm
from fonts.drawing import Points

Ints = NDArray[np.int64]

COUNTED_TOLERANCE = 0.5    # units, the tolerance that a cubic's cost in quadratics is counted at
LARGEST_KINK = 0.1         # radians that a line may differ from a smooth joint's tangent
LINE_TOLERANCE = 0.8       # of the tolerance, for lines
SAMPLES_TRIED = 14         # that a segment is tried on
POINTS_PER_MISS = 0.27     # points that a sample a unit off is worth, at a tolerance of a unit
SINGLE_SEGMENT_MISS = 1.3  # points that a span of one segment may be off by


@compiled
def _handles(data: Points, t: Points, curve: Points, tangents: Points, free: Ints) -> None:
    """Lay the handles of `curve` (4, 2) by least squares; a `free` end chooses its own tangent."""
    x0, y0, x3, y3 = curve[0, 0], curve[0, 1], curve[3, 0], curve[3, 1]
    c11 = c12 = c22 = r1x = r1y = r2x = r2y = 0.0
    for k in range(len(data)):
        u = t[k]
        v = 1 - u
        b1 = 3 * u * v * v
        b2 = 3 * u * u * v
        s0 = v * v * v + b1
        s3 = u * u * u + b2
        c11 += b1 * b1
        c12 += b1 * b2
        c22 += b2 * b2
        x = data[k, 0] - s0 * x0 - s3 * x3
        y = data[k, 1] - s0 * y0 - s3 * y3
        r1x += b1 * x
        r1y += b1 * y
        r2x += b2 * x
        r2y += b2 * y
    dx, dy = x3 - x0, y3 - y0
    least = 0.02 * np.sqrt(dx * dx + dy * dy)
    slack = 1e-3 * (c11 + c22) + 1e-9          # a little pull to handles of a third of the chord
    c11 += slack
    c22 += slack
    r1x += slack * dx / 3
    r1y += slack * dy / 3
    r2x -= slack * dx / 3
    r2y -= slack * dy / 3
    tx, ty, sx, sy = tangents[0, 0], tangents[0, 1], tangents[1, 0], tangents[1, 1]
    if free[0] and free[1]:
        det = c11 * c22 - c12 * c12
        ax, ay = (c22 * r1x - c12 * r2x) / det, (c22 * r1y - c12 * r2y) / det
        bx, by = (c11 * r2x - c12 * r1x) / det, (c11 * r2y - c12 * r1y) / det
    elif free[0]:
        share = c12 / c11
        w = (sx * (r2x - share * r1x) + sy * (r2y - share * r1y)) / (c22 - share * c12)
        w = min(w, -least)
        bx, by = w * sx, w * sy
        ax, ay = (r1x - c12 * bx) / c11, (r1y - c12 * by) / c11
    elif free[1]:
        share = c12 / c22
        w = (tx * (r1x - share * r2x) + ty * (r1y - share * r2y)) / (c11 - share * c12)
        w = max(w, least)
        ax, ay = w * tx, w * ty
        bx, by = (r2x - c12 * ax) / c22, (r2y - c12 * ay) / c22
    else:
        cross = (tx * sx + ty * sy) * c12
        p, q = tx * r1x + ty * r1y, sx * r2x + sy * r2y
        det = c11 * c22 - cross * cross
        w = max((p * c22 - cross * q) / det, least)
        ax, ay = w * tx, w * ty
        w = min((c11 * q - cross * p) / det, -least)
        bx, by = w * sx, w * sy
    curve[1, 0], curve[1, 1] = x0 + ax, y0 + ay
    curve[2, 0], curve[2, 1] = x3 + bx, y3 + by


@compiled
def _project(curve: Points, data: Points, t: Points) -> tuple[float, float]:
    """Move each parameter a Newton step to the nearest point; largest and squared error."""
    px, py = curve[0]
    ax, ay = 3 * (curve[1, 0] - px), 3 * (curve[1, 1] - py)
    bx = 3 * (curve[2, 0] - 2 * curve[1, 0] + px)
    by = 3 * (curve[2, 1] - 2 * curve[1, 1] + py)
    cx, cy = curve[3, 0] - px - ax - bx, curve[3, 1] - py - ay - by
    worst = total = 0.0
    for k in range(len(data)):
        u = t[k]
        ex = px + u * (ax + u * (bx + u * cx)) - data[k, 0]
        ey = py + u * (ay + u * (by + u * cy)) - data[k, 1]
        dx, dy = ax + u * (2 * bx + 3 * u * cx), ay + u * (2 * by + 3 * u * cy)
        dot = ex * dx + ey * dy
        speed = dx * dx + dy * dy
        bend = speed + ex * (2 * bx + 6 * u * cx) + ey * (2 * by + 6 * u * cy)
        error = ex * ex + ey * ey
        if speed > 1e-12:
            error = max(error - dot * dot / speed, 0.0)
        if bend > 1e-9:
            t[k] = min(max(u - dot / bend, 0.0), 1.0)
        worst = max(worst, error)
        total += error
    return np.sqrt(worst), total


@compiled
def cubic(data: Points, ends: Points, tangents: Points, free: Ints,
          rounds: int, limit: float) -> tuple[Points, float, float]:
    """A cubic from ends[0] to ends[1] near `data` (M, 2): curve, largest and squared error.

    Least squares and nearest parameters in turn, `rounds` times while the error is below `limit`.
    """
    m = len(data)
    t = np.empty(m)
    at = 0.0
    x, y = ends[0]
    for k in range(m):
        dx, dy = data[k, 0] - x, data[k, 1] - y
        at += np.sqrt(dx * dx + dy * dy)
        t[k] = at
        x, y = data[k]
    at += np.hypot(ends[1, 0] - x, ends[1, 1] - y)
    for k in range(m):
        t[k] /= max(at, 1e-9)
    curve = np.empty((4, 2))
    curve[0] = ends[0]
    curve[3] = ends[1]
    _handles(data, t, curve, tangents, free)
    worst, total = _project(curve, data, t)
    for _ in range(rounds):
        if worst > limit:
            break
        _handles(data, t, curve, tangents, free)
        worst, total = _project(curve, data, t)
    for d in range(2):          # a handle that is longer than the arc or points back is none
        handle = curve[d + 1] - ends[d]
        ahead = data[m - 1 if d else 0] - ends[d] if m else ends[1 - d] - ends[d]
        if norm(handle) > 1.1 * at or np.sum(handle * ahead) < 0:
            worst = 1e9
    return curve, worst, total


@compiled
def quadratics(curve: Points) -> int:
    """How many quadratics a cubic takes within COUNTED_TOLERANCE units."""
    x = curve[3, 0] - 3 * curve[2, 0] + 3 * curve[1, 0] - curve[0, 0]
    y = curve[3, 1] - 3 * curve[2, 1] + 3 * curve[1, 1] - curve[0, 1]
    error = np.hypot(x, y) * 0.0481125 / COUNTED_TOLERANCE
    return int(max(np.ceil(error ** (1 / 3)), 1))


@compiled
def line_error(data: Points, a: Points, b: Points) -> tuple[float, float]:
    """Largest and summed squared distance of `data` from the line a-b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    span = np.hypot(dx, dy)
    worst = total = 0.0
    for k in range(len(data)):
        x, y = data[k, 0] - a[0], data[k, 1] - a[1]
        e = (x * dy - y * dx) / span if span > 1e-6 else np.hypot(x, y)
        worst = max(worst, abs(e))
        total += e * e
    return worst, total


@compiled
def _nodes(data: Points, tangents: Points, free: Ints,
           reach: int) -> tuple[Ints, Points, Points]:
    """Where a span may break: samples, positions and tangents, its ends included."""
    index = stations(data)
    count = len(index)
    place = np.empty((count, 2))
    along = np.empty((count, 2))
    for k in range(count):
        place[k], along[k] = joint(data, index[k], reach)
    place[0], place[count - 1] = data[0], data[-1]
    if not free[0]:
        along[0] = tangents[0]
    if not free[1]:
        along[count - 1] = tangents[1]
    return index, place, along


@compiled
def _worth(tolerance: float) -> float:
    """Points that a unit off, squared, is worth at one sample; a loose tolerance cares less."""
    return POINTS_PER_MISS / tolerance ** 3


@compiled
def _prices(part: Points, ends: Points, tangents: Points, free: Ints, tolerance: float,
            share: int, needed: bool) -> tuple[float, float, float]:
    """Price in points of a line and of a cubic, 1e18 where it is none; the cubic's largest error.

    Each sample of `part` stands for `share` of the span. Where one is `needed` it may be bad.
    """
    worth = _worth(tolerance) * share
    line = bent = 1e18
    worst, total = line_error(part, ends[0], ends[1])
    chord = ends[1] - ends[0]
    near = (worst <= LINE_TOLERANCE * tolerance
            and (free[0] or angle(chord, tangents[0]) < LARGEST_KINK)
            and (free[1] or angle(chord, tangents[1]) < LARGEST_KINK))
    if near or needed:
        line = 1.0 + worth * total + (0.0 if near else 2.0 + worst / tolerance)
    curve, worst, total = cubic(part, ends, tangents, free, 1, 3 * tolerance)
    near = worst <= tolerance
    if len(part) > 1 and (near or (needed and worst < 1e8)):
        bent = 1.0 + quadratics(curve) + worth * total
        bent += 0.0 if near else 2.0 + worst / tolerance
    return line, bent, worst


@compiled
def _walked(parent: Ints, before: Ints, kind: int) -> tuple[Ints, Ints]:
    """Nodes of the cheapest way to the last one, and the kinds of the segments between them."""
    nodes = np.empty(len(parent), np.int64)
    kinds = np.empty(len(parent), np.int64)
    node = len(parent) - 1
    size = 0
    while node > 0:
        nodes[size], kinds[size] = node, kind
        size += 1
        node, kind = parent[node, kind], before[node, kind]
    nodes[size] = 0
    return nodes[:size + 1][::-1].copy(), kinds[:size][::-1].copy()


@compiled
def _breaks(data: Points, tangents: Points, free: Ints, tolerance: float,
            reach: int) -> tuple[Ints, Ints, Points, Points]:
    """Where to break a span: data indices, segment kinds, positions and tangents at the breaks."""
    index, place, along = _nodes(data, tangents, free, reach)
    count = len(index)
    cost = np.full((count, 2), 1e18)        # by what the last segment is: a line, a cubic
    parent = np.zeros((count, 2), np.int64)
    before = np.zeros((count, 2), np.int64)
    cost[0] = 0.0
    ends = np.empty((2, 2))
    sides = np.empty((2, 2))
    loose = np.empty(2, np.int64)
    for i in range(count - 1):
        failures = 0
        for j in range(i + 1, count):
            ends[0], ends[1] = place[i], place[j]
            sides[0], sides[1] = along[i], along[j]
            loose[0] = free[0] if i == 0 else 0
            loose[1] = free[1] if j == count - 1 else 0
            step = max((index[j] - index[i] - 2) // SAMPLES_TRIED + 1, 1)
            first = index[i] + 1 + (index[j] - index[i] - 2) % step // 2
            part = data[first:index[j]:step].copy()     # rows together: the loops compile once
            line, bent, worst = _prices(part, ends, sides, loose, tolerance, step, j == i + 1)
            kind = 0 if cost[i, 0] < cost[i, 1] else 1
            if (cost[i, 1] if i else 0.0) + line < cost[j, 0]:      # a line follows no line
                cost[j, 0] = (cost[i, 1] if i else 0.0) + line
                parent[j, 0], before[j, 0] = i, 1
            if cost[i, kind] + bent < cost[j, 1]:
                cost[j, 1] = cost[i, kind] + bent
                parent[j, 1], before[j, 1] = i, kind
            failures = 0 if min(line, bent) < 1e18 else failures + 1
            if failures >= 3 and worst > 3 * tolerance:
                break
    order, kinds = _walked(parent, before, 0 if cost[-1, 0] < cost[-1, 1] else 1)
    return index[order], kinds, place[order], along[order]


@compiled
def span(data: Points, tangents: Points, free: Ints, tolerance: float,
         reach: int) -> tuple[Points, Ints]:
    """Segments through `data` (M, 2) from its first to its last point.

    tangents (2, 2) hold at the ends that are not `free`. Returns the points that each segment
    adds (its start left out) and the segments' kinds, 1 for a line and 3 for a cubic.
    """
    last = len(data) - 1
    inner = data[1:last]
    ends = np.empty((2, 2))
    ends[0], ends[1] = data[0], data[last]
    chord = data[last] - data[0]
    worst, total = line_error(inner, data[0], data[last])
    one = np.ones(1, np.int64)
    worth = _worth(tolerance)
    if (worst <= LINE_TOLERANCE * tolerance and total * worth < SINGLE_SEGMENT_MISS) or last < 3:
        if ((free[0] or angle(chord, tangents[0]) < LARGEST_KINK)
                and (free[1] or angle(chord, tangents[1]) < LARGEST_KINK)):
            return data[last:].copy(), one
    curve, worst, total = cubic(inner, ends, tangents, free, 4, 12 * tolerance)
    if worst <= tolerance and total * worth < SINGLE_SEGMENT_MISS:
        return curve[1:].copy(), 3 * one
    if last < 5:
        return (curve[1:].copy(), 3 * one) if worst < 1e9 else (data[last:].copy(), one)
    index, kinds, place, along = _breaks(data, tangents, free, tolerance, reach)
    size = len(kinds)
    own = along.copy()
    for k in range(size):                     # a line says how its neighbours leave it
        if kinds[k] == 0:
            way = place[k + 1] - place[k]
            way = way / max(np.hypot(way[0], way[1]), 1e-9)
            if k > 0:
                along[k] = way
            if k < size - 1:
                along[k + 1] = way
    out = np.empty((3 * size, 2))
    filled = 0
    loose = np.empty(2, np.int64)
    for k in range(size):
        if kinds[k] == 0:
            out[filled] = place[k + 1]
            filled += 1
            continue
        loose[0] = free[0] if k == 0 else 0
        loose[1] = free[1] if k == size - 1 else 0
        curve, worst, _ = cubic(data[index[k] + 1:index[k + 1]], place[k:k + 2].copy(),
                                along[k:k + 2].copy(), loose, 4, 1e9)
        if worst > 1.5 * tolerance:           # a short line may say it badly
            curve, _, _ = cubic(data[index[k] + 1:index[k + 1]], place[k:k + 2].copy(),
                                own[k:k + 2].copy(), loose, 4, 1e9)
        out[filled:filled + 3] = curve[1:]
        filled += 3
    return out[:filled].copy(), 1 + 2 * kinds
