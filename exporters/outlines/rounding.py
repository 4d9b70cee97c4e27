"""Coordinates rounded so that the curve, rather than each point, stays where it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled, norm
from fonts.drawing import Points

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHIFT_PLACES = (1 / 6, 1 / 2, 5 / 6)  # of a segment, where its shift across itself is measured
SNAP_ROUNDS = 3
PLACES_OF_A_POINT = 24     # places that one point has a say in
SMOOTH_TANGENT_SUM = 1.99  # length of two unit tangents' sum, at least, at a smooth joint
HANDLE_SHIFT = 2.0         # units that a cubic's handle may move along it
TURN_COST = 100.0          # how dear a turn there is: a radian, in units of shift


@compiled
def _places(points: Points, on: Flags) -> tuple[Ints, Points, Points]:
    """Along a spline, the three points that each place depends on, their shares, its normal."""
    n = len(points)
    which = np.empty((4 * n, 3), np.int64)
    share = np.empty((4 * n, 3))
    normal = np.empty((4 * n, 2))
    size = 0
    for i in range(n):
        a, b = (i - 1) % n, (i + 1) % n
        if on[i]:
            into, out = points[i] - points[a], points[b] - points[i]
            before, after = max(norm(into), 1e-9), max(norm(out), 1e-9)
            way = into / before + out / after
            if norm(way) > SMOOTH_TANGENT_SUM:                    # the turn of a smooth joint
                which[size] = a, i, b
                share[size] = 1 / before, -1 / before - 1 / after, 1 / after
                normal[size, 0], normal[size, 1] = -way[1] * TURN_COST / 2, way[0] * TURN_COST / 2
                size += 1
        if on[i] and not on[b]:
            continue
        for t in SHIFT_PLACES:
            s = 1 - t
            if on[i]:                               # a line
                start, middle, end = points[i], (points[i] + points[b]) / 2, points[b]
                share[size] = 0.0, s, t
            else:
                start = points[a] if on[a] else (points[a] + points[i]) / 2
                middle = points[i]
                end = points[b] if on[b] else (points[b] + points[i]) / 2
                first = s * s if on[a] else s * s / 2
                last = t * t if on[b] else t * t / 2
                share[size] = first, 1 - first - last, last
            which[size] = a, i, b
            way = s * (middle - start) + t * (end - middle)
            weight = np.sqrt(norm(middle - start) + norm(end - middle)) / max(norm(way), 1e-9)
            normal[size, 0], normal[size, 1] = -way[1] * weight, way[0] * weight
            size += 1
    return which[:size], share[:size], normal[:size]


@compiled
def _users(which: Ints, share: Points, count: int) -> Ints:
    """For each point the entries of `which` (flat) where it has a share; the rest -1."""
    users = np.full((count, PLACES_OF_A_POINT), -1, np.int64)
    used = np.zeros(count, np.int64)
    for s in range(len(which)):
        for d in range(3):
            i = which[s, d]
            if share[s, d] != 0 and used[i] < PLACES_OF_A_POINT:
                users[i, used[i]] = 3 * s + d
                used[i] += 1
    return users


@compiled
def _best(i: int, points: Points, out: Points, fixed: Flags, grid: float, users: Ints,
          share: Points, normal: Points, away: Points) -> tuple[float, float]:
    """The step of point i on the grid that lessens the summed squares of the shifts most."""
    n = len(points)
    before, after = i - 1, (i + 1) % n
    least, best_x, best_y = -1e-9, 0.0, 0.0
    for gx in (-grid, 0.0, grid):
        for gy in (-grid, 0.0, grid):
            x, y = out[i, 0] + gx, out[i, 1] + gy
            if ((gx != 0 and fixed[i, 0]) or (gy != 0 and fixed[i, 1])
                    or abs(x - points[i, 0]) > grid or abs(y - points[i, 1]) > grid
                    or (x == out[before, 0] and y == out[before, 1])
                    or (x == out[after, 0] and y == out[after, 1])):
                continue
            change = 0.0
            for k in users[i]:
                if k < 0:
                    break
                s = k // 3
                step = share[s, k % 3] * (normal[s, 0] * gx + normal[s, 1] * gy)
                change += step * (step + 2 * away[s])
            if change < least:
                least, best_x, best_y = change, gx, gy
    return best_x, best_y


@compiled
def snapped(points: Points, on: Flags, grid: float) -> Points:
    """Points (N, 2) of a closed spline, `on` the curve or controls, as multiples of `grid`.

    Each goes to one of the nearest places, the one that shifts the curve least across itself and
    turns it least at its joints, given the others. A coordinate that a point shares with a
    neighbour stays shared.
    """
    n = len(points)
    which, share, normal = _places(points, on)
    users = _users(which, share, n)
    out = np.floor(points / grid + 0.5) * grid
    fixed = np.zeros((n, 2), np.bool_)
    for i in range(n):
        for axis in range(2):
            if abs(points[i, axis] - points[i - 1, axis]) < 1e-6:
                fixed[i, axis] = fixed[i - 1, axis] = True
    away = np.zeros(len(which))             # how far the curve has gone across itself
    for s in range(len(which)):
        for d in range(3):
            i = which[s, d]
            away[s] += share[s, d] * (normal[s, 0] * (out[i, 0] - points[i, 0])
                                      + normal[s, 1] * (out[i, 1] - points[i, 1]))
    for _ in range(SNAP_ROUNDS):
        for i in range(n):
            x, y = _best(i, points, out, fixed, grid, users, share, normal, away)
            if x == 0 and y == 0:
                continue
            out[i, 0] += x
            out[i, 1] += y
            for k in users[i]:
                if k < 0:
                    break
                s = k // 3
                away[s] += share[s, k % 3] * (normal[s, 0] * x + normal[s, 1] * y)
    return out


@compiled
def _across(ax: float, ay: float, bx: float, by: float, place: int,
            last: int) -> tuple[float, float]:
    """How far, in x and y, a step of the first or last handle moves a cubic across itself there.

    a and b are the two sides of the quadratic that the cubic stands for.
    """
    t = SHIFT_PLACES[place]
    x, y = (1 - t) * ax + t * bx, (1 - t) * ay + t * by
    part = 3 * t * (1 - t) * (t if last else 1 - t) / max(np.sqrt(x * x + y * y), 1e-9)
    return part * y, -part * x


@compiled
def _handles(a: Points, q: Points, b: Points, out: Points) -> None:
    """Lay integer handles `out` (2, 2) of the cubic that is nearest to the quadratic a, q, b."""
    ax, ay, bx, by = q[0] - a[0], q[1] - a[1], b[0] - q[0], b[1] - q[1]
    away = np.zeros(len(SHIFT_PLACES))
    for last in range(2):
        sx, sy = (bx, by) if last else (ax, ay)
        length = max(np.sqrt(sx * sx + sy * sy), 1e-9)
        exact_x = (2 * q[0] + (b[0] if last else a[0])) / 3
        exact_y = (2 * q[1] + (b[1] if last else a[1])) / 3
        reach = min(HANDLE_SHIFT, length / 8)
        least = 1e18
        low_x, low_y = np.ceil(exact_x - reach - 0.5), np.ceil(exact_y - reach - 0.5)
        for x in range(int(low_x), int(np.floor(exact_x + reach + 0.5)) + 1):
            for y in range(int(low_y), int(np.floor(exact_y + reach + 0.5)) + 1):
                dx, dy = x - exact_x, y - exact_y
                turn = TURN_COST * (dx * sy - dy * sx) / (length * length)
                cost = 0.01 * (dx * dx + dy * dy) + turn * turn / length
                for k in range(len(SHIFT_PLACES)):
                    px, py = _across(ax, ay, bx, by, k, last)
                    cost += (away[k] + px * dx + py * dy) ** 2
                if cost < least:
                    least, out[last, 0], out[last, 1] = cost, x, y
        for k in range(len(SHIFT_PLACES)):
            px, py = _across(ax, ay, bx, by, k, last)
            away[k] += px * (out[last, 0] - exact_x) + py * (out[last, 1] - exact_y)


@compiled
def elevated(points: Points, kinds: Ints) -> tuple[Points, Ints]:
    """A contour's points and kinds with integer cubics in place of quadratics."""
    out = np.empty((len(points) + np.sum(kinds == 2), 2))
    at = size = 0
    for kind in kinds:
        out[size] = points[at]
        if kind == 2:
            _handles(points[at], points[at + 1], points[(at + 2) % len(points)],
                     out[size + 1:size + 3])
        elif kind == 3:
            out[size + 1:size + 3] = points[at + 1:at + 3]
        at += kind
        size += kind if kind != 2 else 3
    return out, np.where(kinds == 2, 3, kinds)
