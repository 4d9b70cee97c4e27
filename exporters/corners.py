"""Corners of a closed chain, and where the sides of each one meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.contour import compiled, norm

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

GAP = 2            # samples on each side of a corner that the picture has rounded off
REACH = 3          # samples that a direction beside a corner is measured over
SIDE = 10          # samples that a side is followed over to where it meets the other
CONTRAST = 1.8     # how much sharper than the quieter of its sides a corner bends


@compiled
def _direction(chain: Points, start: int, reach: int) -> tuple[float, float]:
    """Least-squares direction of the samples start .. start + reach (cyclic)."""
    n = len(chain)
    x = y = 0.0
    for k in range(reach + 1):
        p = chain[(start + k) % n]
        w = k - reach / 2
        x += w * p[0]
        y += w * p[1]
    return x, y


@compiled
def _turn(ax: float, ay: float, bx: float, by: float) -> float:
    return np.arctan2(ax * by - ay * bx, ax * bx + ay * by)


@compiled
def find_corners(chain: Points, sharp: float) -> Ints:
    """Indices of the samples (N, 2) where the chain turns by more than `sharp` radians at once."""
    n = len(chain)
    turn = np.zeros(n)
    contrast = np.zeros(n)
    inner = 2 * GAP + REACH
    for i in range(n):
        fx, fy = _direction(chain, i + GAP, REACH)
        bx, by = _direction(chain, i - GAP - REACH, REACH)
        gx, gy = _direction(chain, i + GAP + REACH, REACH)
        ax, ay = _direction(chain, i - GAP - 2 * REACH, REACH)
        turn[i] = _turn(bx, by, fx, fy)
        side = min(abs(_turn(fx, fy, gx, gy)), abs(_turn(ax, ay, bx, by))) / REACH
        contrast[i] = abs(turn[i]) / inner / max(side, 1e-3)
    found = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        size = abs(turn[i])
        if size < sharp or contrast[i] < CONTRAST:
            continue
        best = True
        for d in range(1, GAP + 1):
            if abs(turn[i - d]) >= size or abs(turn[(i + d) % n]) > size:
                best = False
        if best:
            found[count] = i
            count += 1
    return found[:count]


@compiled
def _side(chain: Points, start: int, step: int, count: int) -> Points:
    """A side as a parabola of arc length: rows are point, direction and bend (3, 2).

    Fitted to `count` samples from `start` on, walking by `step`; the origin is the first sample.
    """
    n = len(chain)
    m = np.zeros((3, 3))
    r = np.zeros((3, 2))
    for k in range(count):
        p = chain[(start + step * k) % n]
        basis = (1.0, float(k), float(k * k))
        for a in range(3):
            for b in range(3):
                m[a, b] += basis[a] * basis[b]
            for d in range(2):
                r[a, d] += basis[a] * p[d]
    out = np.zeros((3, 2))
    if count >= 6:
        out[:] = np.linalg.solve(m, r)
    elif count >= 2:
        out[:2] = np.linalg.solve(m[:2, :2].copy(), r[:2].copy())
    else:
        out[0] = chain[start % n]
    return out


@compiled
def straight_side(chain: Points, start: int, count: int, tolerance: float,
                  level: float) -> tuple[bool, Points]:
    """Whether `count` samples from `start` lie on a line; it as (2, 2): middle and direction.

    A line within `level` radians of the horizontal or vertical, or that leaves it by less than
    `tolerance`, is laid on it.
    """
    n = len(chain)
    middle = np.zeros(2)
    for k in range(count):
        middle += chain[(start + k) % n]
    middle /= count
    xx = xy = yy = 0.0
    for k in range(count):
        x, y = chain[(start + k) % n] - middle
        xx += x * x
        xy += x * y
        yy += y * y
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    way = np.array([np.cos(angle), np.sin(angle)])
    ends = chain[(start + count - 1) % n] - chain[start % n]
    if np.sum(ends * way) < 0:
        way = -way
    lean = min(abs(way[0]), abs(way[1]))
    if lean < level or lean * norm(ends) < tolerance:
        if abs(way[0]) > abs(way[1]):
            way = np.array([np.sign(way[0]), 0.0])
        else:
            way = np.array([0.0, np.sign(way[1])])
    worst = 0.0
    for k in range(count):
        p = chain[(start + k) % n] - middle
        worst = max(worst, abs(p[0] * way[1] - p[1] * way[0]))
    out = np.empty((2, 2))
    out[0] = middle
    out[1] = way
    return worst <= tolerance, out


@compiled
def _meet(a: Points, b: Points) -> tuple[bool, Points]:
    """Where two parabolas meet before their first samples, from Newton's method."""
    u = v = -float(GAP)
    for _ in range(8):
        ex = a[0, 0] + u * (a[1, 0] + u * a[2, 0]) - b[0, 0] - v * (b[1, 0] + v * b[2, 0])
        ey = a[0, 1] + u * (a[1, 1] + u * a[2, 1]) - b[0, 1] - v * (b[1, 1] + v * b[2, 1])
        ax, ay = a[1, 0] + 2 * u * a[2, 0], a[1, 1] + 2 * u * a[2, 1]
        bx, by = b[1, 0] + 2 * v * b[2, 0], b[1, 1] + 2 * v * b[2, 1]
        det = bx * ay - ax * by
        if abs(det) < 1e-9:
            return False, a[0]
        u += (ex * by - ey * bx) / det
        v += (ex * ay - ey * ax) / det
    good = -12 < u < 1 and -12 < v < 1
    return good, a[0] + u * (a[1] + u * a[2])


@compiled
def corner_places(chain: Points, corners: Ints, tolerance: float, level: float) -> Points:
    """Where the two sides of each corner (K,) meet, (K, 2)."""
    n, count = len(chain), len(corners)
    ahead = np.zeros((count, 3, 2))      # the side that leaves each corner
    behind = np.zeros((count, 3, 2))     # the side that reaches it, walked backwards
    for k in range(count):
        here = corners[k]
        there = corners[(k + 1) % count]
        length = (there - here - 1) % n + 1
        gap = min(GAP, max((length - 2) // 2, 0))
        first, size = here + gap, length - 2 * gap + 1
        straight, line = straight_side(chain, first, size, tolerance, level)
        other = (k + 1) % count
        if straight and size >= 2:
            step = norm(chain[(first + 1) % n] - chain[first % n])
            along = np.sum((chain[first % n] - line[0]) * line[1])
            ahead[k, 0] = line[0] + along * line[1]
            ahead[k, 1] = line[1] * step
            along = np.sum((chain[(first + size - 1) % n] - line[0]) * line[1])
            behind[other, 0] = line[0] + along * line[1]
            behind[other, 1] = -line[1] * step
        else:
            ahead[k] = _side(chain, first, 1, min(SIDE, size))
            behind[other] = _side(chain, first + size - 1, -1, min(SIDE, size))
    out = np.empty((count, 2))
    for k in range(count):
        good, place = _meet(ahead[k], behind[k])
        here = chain[corners[k]]
        reach = norm(chain[(corners[k] + 1) % n] - here)
        if not good or norm(place - here) > 6 * reach:
            place = here
        out[k] = place
    return out
