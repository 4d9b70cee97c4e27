"""The edge of ink as few lines and quadratics: what a point costs against what it saves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.joints import angle
from exporters.outlines.kernel import compiled
from exporters.outlines.spline import CORNER, CURVED, JOINT
from exporters.strokes.chain import apart
from exporters.strokes.ease import eased
from exporters.strokes.miss import missed
from exporters.strokes.ribbon import Flags
from fonts.drawing import Points

Ints = NDArray[np.int64]
Curve = tuple[float, float, float, float]       # largest distance, area, control point

LINE_TURN = 0.06        # sine of the angle that a line may leave a smooth joint's tangent by
LARGEST_BEND = -0.42    # cosine of the largest turn of one quadratic
SPANNED = 60            # points that one segment may span
MISSES = 6              # segments that are too far off, one after the other, before none is tried
JOINT_COST = 0.4        # of a point, that a node between two curves costs: many are left out
_NO_WAY = 1e17


@compiled
def fitted(points: Points, ways: Points, corner: Flags, tolerance: float, price: float,
           bend: float) -> tuple[Points, Ints]:
    """Nodes and controls (M, 2) of a closed chain (N, 2), and what they are, as `spline` has it.

    price: points that a square unit between chain and curve is worth; where the chain turns by a
    radian it counts as `bend` units longer. tolerance: units that no curve is further off than.
    """
    n = len(points)
    out, kinds = np.empty((2 * n + 4, 2)), np.empty(2 * n + 4, np.int64)
    size, i = 0, 0
    while i < n:
        length = 1
        while i + length < n and not corner[i + length]:
            length += 1
        end = (i + length) % n
        place, way = np.empty((length + 1, 2)), np.empty((length + 1, 2))
        for k in range(length + 1):
            for d in range(2):
                place[k, d], way[k, d] = points[(i + k) % n, d], ways[(i + k) % n, d]
        for k, sharp in ((0, corner[i]), (length, corner[end])):
            low = min(k, length - 1)
            step = max(apart(place, low, low + 1), 1e-9)
            for d in range(2):
                if sharp:
                    way[k, d] = (place[low + 1, d] - place[low, d]) / step
        weigh = np.zeros(length + 1)
        for k in range(1, length):
            turn = angle(way[k - 1], way[k]) + angle(way[k], way[k + 1])
            weigh[k] = (apart(place, k - 1, k) + apart(place, k, k + 1) + bend * turn) / 2
        found, what, at = _run(place, way, weigh, corner[i], corner[end], tolerance, price)
        eased(place, weigh, found, what, at, price)
        for k in range(len(found)):             # the start; its end is the next one's
            for d in range(2):
                out[size, d] = found[k - 1, d] if k else points[i, d]
            kinds[size] = what[k - 1] if k else CORNER if corner[i] else JOINT
            size += 1
        i += length
    return out[:size].copy(), kinds[:size].copy()


@compiled
def _run(place: Points, way: Points, weigh: Points, loose_first: bool, loose_last: bool,
         tolerance: float, price: float) -> tuple[Points, Ints, Ints]:
    """The cheapest segments along points (N, 2); a loose end chooses its own tangent.

    Returns nodes and controls but the first node, what they are, and which point each node is.
    """
    last = len(place) - 1
    cost = np.full((last + 1, 2), 10 * _NO_WAY)      # of ways that end with a line, with a curve
    parent, before = np.zeros((last + 1, 2), np.int64), np.zeros((last + 1, 2), np.int64)
    control = np.empty((last + 1, 2))
    cost[0, 0] = cost[0, 1] = 0.0
    for i in range(last):
        if min(cost[i, 0], cost[i, 1]) > _NO_WAY:
            continue
        fails = 0
        for j in range(i + 1, min(i + SPANNED, last) + 1):
            loose = loose_first and i == 0, loose_last and j == last
            fails += 1
            for kind in range(2):
                far, area, x, y = (_line(place, way, weigh, i, j, loose) if kind == 0
                                   else _quadratic(place, way, weigh, i, j, loose))
                if kind == 1 and far > tolerance and j == i + 1:    # so that there is a way
                    far, area = tolerance, 2 / price
                    x, y = (place[i, 0] + place[j, 0]) / 2, (place[i, 1] + place[j, 1]) / 2
                if far > tolerance:
                    continue
                fails = 0
                for one in range(2):
                    node = 0.0 if i == 0 else JOINT_COST if one and kind else 1.0
                    now = cost[i, one] + node + kind + price * area
                    if now < cost[j, kind]:
                        cost[j, kind], parent[j, kind], before[j, kind] = now, i, one
                        if kind == 1:
                            control[j, 0], control[j, 1] = x, y
            if fails > MISSES:
                break
    return _walked(place, cost, parent, before, control)


@compiled
def _walked(place: Points, cost: Points, parent: Ints, before: Ints,
            control: Points) -> tuple[Points, Ints, Ints]:
    """The nodes and controls of the cheapest way, from its end back."""
    node = len(place) - 1
    out, kinds = np.empty((2 * node, 2)), np.empty(2 * node, np.int64)
    at = np.full(2 * node, -1)
    size, kind = 2 * node, 0 if cost[node, 0] <= cost[node, 1] else 1
    while node > 0:
        size -= 1
        out[size, 0], out[size, 1] = place[node, 0], place[node, 1]
        kinds[size], at[size] = JOINT, node
        if kind == 1:
            size -= 1
            out[size, 0], out[size, 1] = control[node, 0], control[node, 1]
            kinds[size] = CURVED
        node, kind = parent[node, kind], before[node, kind]
    return out[size:].copy(), kinds[size:].copy(), at[size:].copy()


@compiled
def _line(place: Points, way: Points, weigh: Points, i: int, j: int,
          loose: tuple[bool, bool]) -> Curve:
    """How well a line from point i to j does."""
    ax, ay, bx, by = place[i, 0], place[i, 1], place[j, 0], place[j, 1]
    cx, cy = bx - ax, by - ay
    most = LINE_TURN * np.sqrt(cx * cx + cy * cy)
    if not loose[0] and abs(way[i, 0] * cy - way[i, 1] * cx) > most:
        return 1e9, 1e9, 0.0, 0.0
    if not loose[1] and abs(way[j, 0] * cy - way[j, 1] * cx) > most:
        return 1e9, 1e9, 0.0, 0.0
    x, y = (ax + bx) / 2, (ay + by) / 2
    far, area = missed(place, weigh, i, j, ax, ay, x, y, bx, by)
    return far, area, x, y


@compiled
def _quadratic(place: Points, way: Points, weigh: Points, i: int, j: int,
               loose: tuple[bool, bool]) -> Curve:
    """How well the best quadratic from point i to j does, and its control point."""
    ax, ay, bx, by = place[i, 0], place[i, 1], place[j, 0], place[j, 1]
    low, high = (i + j) // 2, (i + j + 1) // 2
    mx = place[low, 0] + place[high, 0] - (ax + bx) / 2
    my = place[low, 1] + place[high, 1] - (ay + by) / 2
    wx, wy, vx, vy = way[i, 0], way[i, 1], way[j, 0], way[j, 1]
    cross = wx * vy - wy * vx
    best = (1e9, 1e9, 0.0, 0.0)
    for option in range(4):
        x, y = mx, my                           # of a curve through the middle
        if option == 0:
            if abs(cross) < 1e-3 or wx * vx + wy * vy < LARGEST_BEND:
                continue
            u = ((bx - ax) * vy - (by - ay) * vx) / cross
            if u <= 0 or (wx * (by - ay) - wy * (bx - ax)) / cross <= 0:
                continue
            x, y = ax + u * wx, ay + u * wy
        elif option == 1:
            v = (bx - mx) * vx + (by - my) * vy
            if not loose[0] or v <= 0:
                continue
            x, y = bx - v * vx, by - v * vy
        elif option == 2:
            u = (mx - ax) * wx + (my - ay) * wy
            if not loose[1] or u <= 0:
                continue
            x, y = ax + u * wx, ay + u * wy
        elif not (loose[0] and loose[1]):
            continue
        far, area = missed(place, weigh, i, j, ax, ay, x, y, bx, by)
        if area < best[1]:
            best = (far, area, x, y)
    return best
