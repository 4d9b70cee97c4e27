"""The sides of each corner of a chain, and where they meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.corners import CORNER_GAP, CORNER_PIXELS, narrowly, turned
from exporters.outlines.kernel import compiled, norm
from exporters.outlines.vertex import vertex
from fonts.drawing import Points

Ints = NDArray[np.int64]
Sides = tuple[Points, Points, Points]

SIDE_SAMPLES = 10      # samples that a side is followed over to where it meets the other
SIDE_OFFSET = 0.12     # steps that the samples of a side may lie off its parabola
# weights of a side: of a curved or short one, of a straight one
CURVED_SIDE_WEIGHT, STRAIGHT_SIDE_WEIGHT = 0.15, 40.0
# pixels that must know of a corner, and their share of those asked
PLACING_PIXELS, PLACING_SHARE = 2.0, 0.3
CUT_OFF_DEPTH = 0.85   # samples that a field takes off a right-angled corner
NO_CORNER_DEPTH = 2.5  # times more than that off a corner, and it was never one
CAPPED_TURN = 1.9      # radians of turn from which a corner may be two, the ends of a short edge
PARALLEL_TURN = 2.85   # radians from which the sides are as good as parallel


@compiled
def _side(chain: Points, start: int, step: int, count: int) -> Points:
    """A side as a parabola of arc length: rows are point, direction and bend (3, 2).

    Fitted to `count` samples from `start` on, walking by `step`; the origin is the first sample.
    """
    n = len(chain)
    order = 3 if count >= 6 else min(count, 2)
    m = np.zeros((3, 5))                 # normal equations, then the right hand sides
    for k in range(count):
        at = (start + step * k) % n
        power = 1.0
        for a in range(3):
            m[a, 0] += power
            m[a, 1] += power * k
            m[a, 2] += power * k * k
            m[a, 3] += power * chain[at, 0]
            m[a, 4] += power * chain[at, 1]
            power *= k
    for a in range(order):               # Gauss and Jordan; the matrix is positive definite
        for b in range(order):
            if b != a:
                share = m[b, a] / m[a, a]
                for d in range(5):
                    m[b, d] -= share * m[a, d]
    out = np.zeros((3, 2))
    for a in range(order):
        out[a, 0], out[a, 1] = m[a, 3] / m[a, a], m[a, 4] / m[a, a]
    return out


@compiled
def _near_side(chain: Points, start: int, step: int, count: int) -> Points:
    """The side over as many samples, up to `count`, as lie on one parabola."""
    n = len(chain)
    reach = norm(chain[(start + 1) % n] - chain[start % n])
    while True:
        side = _side(chain, start, step, count)
        worst = 0.0
        for k in range(count):
            p = side[0] + k * (side[1] + k * side[2]) - chain[(start + step * k) % n]
            worst = max(worst, norm(p))
        if worst < SIDE_OFFSET * reach or count <= 5:
            return side
        count -= 1


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
    u = v = -float(CORNER_GAP)
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
def _distance(chain: Points, at: int, place: Points) -> tuple[float, Points]:
    """Distance of `place` from the chain near sample `at`, and the nearest point there."""
    n = len(chain)
    nearest = chain[at % n].copy()
    least = norm(place - nearest)
    for k in range(at - 4, at + 4):
        a, b = chain[k % n], chain[(k + 1) % n]
        way = b - a
        t = np.sum((place - a) * way) / max(np.sum(way * way), 1e-12)
        foot = a + min(max(t, 0.0), 1.0) * way
        distance = norm(place - foot)
        if distance < least:
            least, nearest = distance, foot
    return least, nearest


@compiled
def sides(chain: Points, corners: Ints, tolerance: float, level: float) -> Sides:
    """The sides that leave and that reach each corner (K,), walking from it: (K, 3, 2) each.

    Last their weights (K, 2) against a pixel of the field, the one that reaches it first.
    """
    n, count = len(chain), len(corners)
    ahead = np.zeros((count, 3, 2))
    behind = np.zeros((count, 3, 2))
    trust = np.full((count, 2), CURVED_SIDE_WEIGHT)
    for k in range(count):
        here = corners[k]
        other = (k + 1) % count
        length = (corners[other] - here - 1) % n + 1
        gap = min(CORNER_GAP, max((length - 2) // 2, 0))
        first, size = here + gap, length - 2 * gap + 1
        straight, line = straight_side(chain, first, size, tolerance, level)
        if straight and size >= 2:
            step = norm(chain[(first + 1) % n] - chain[first % n])
            along = np.sum((chain[first % n] - line[0]) * line[1])
            ahead[k, 0] = line[0] + along * line[1]
            ahead[k, 1] = line[1] * step
            along = np.sum((chain[(first + size - 1) % n] - line[0]) * line[1])
            behind[other, 0] = line[0] + along * line[1]
            behind[other, 1] = -line[1] * step
            weight = STRAIGHT_SIDE_WEIGHT if size >= 8 else CURVED_SIDE_WEIGHT
            trust[k, 1] = trust[other, 0] = weight
        else:
            ahead[k] = _near_side(chain, first, 1, min(SIDE_SAMPLES, size))
            behind[other] = _near_side(chain, first + size - 1, -1, min(SIDE_SAMPLES, size))
    return ahead, behind, trust


@compiled
def _cap(chain: Points, foot: Points, at: int, ahead: Points, behind: Points) -> Points:
    """Where the short edge through `foot`, along the chain there, meets both sides (2, 2)."""
    n = len(chain)
    edge = np.zeros((3, 2))
    edge[0] = foot
    nearest = at
    for k in range(at - 3, at + 4):
        if norm(chain[k % n] - foot) < norm(chain[nearest % n] - foot):
            nearest = k
    edge[1] = chain[(nearest + 1) % n] - chain[(nearest - 1) % n]
    out = np.empty((2, 2))
    for k in range(2):
        side = ahead if k else behind
        det = side[1, 0] * edge[1, 1] - side[1, 1] * edge[1, 0]
        dx, dy = foot[0] - side[0, 0], foot[1] - side[0, 1]
        u = (dx * edge[1, 1] - dy * edge[1, 0]) / det if abs(det) > 1e-9 else 0.0
        out[k] = side[0] + u * side[1]
    return out


@compiled
def _allowed(distance: float, place: Points, foot: Points, most: float) -> Points:
    """`place`, or the point towards it that lies `most` from its foot on the chain."""
    return foot + (place - foot) * (most / distance) if distance > most else place


@compiled
def corner_places(chain: Points, corners: Ints, beside: Sides, sharpen: bool, field: Points,
                  frame: Points) -> tuple[Ints, Points]:
    """The corners that are real, and where the two sides of each meet, (K,) and (K, 2).

    Where a `field` of distances knows of the corner, it says where it is. Else it lies no farther
    from the chain than a field of this sharpness would have cut off; a sharp one that does is the
    two ends of a short edge. Without `sharpen` it lies on the chain.
    """
    ahead, behind, trust = beside
    n, count = len(chain), len(corners)
    kept = np.empty(2 * count, np.int64)
    places = np.empty((2 * count, 2))
    size = 0
    for k in range(count):
        at = corners[k]
        if not sharpen:
            kept[size], places[size] = at, chain[at]
            size += 1
            continue
        reach = norm(chain[(at + 1) % n] - chain[at])
        good, place = _meet(ahead[k], behind[k])
        a, b = -behind[k, 1], ahead[k, 1]
        turn = abs(turned(a[0], a[1], b[0], b[1]))
        most = CUT_OFF_DEPTH * reach * np.tan(min(turn / 2, 1.4))
        distance, foot = _distance(chain, at, place) if good else (0.0, chain[at].copy())
        if len(field) and (turn > CAPPED_TURN or not good or min(trust[k]) < STRAIGHT_SIDE_WEIGHT):
            agreed, share, spot = vertex(field, frame, _allowed(distance, place, foot, 1.2 * most)
                                         if good else foot, a / norm(a), b / norm(b), trust[k])
            if agreed < PLACING_PIXELS or share < PLACING_SHARE:
                agreed, share, spot = narrowly(chain, at, foot, field, frame)
                if agreed < CORNER_PIXELS or norm(spot - foot) >= 2 * frame[2]:
                    agreed = 0.0
            if agreed >= PLACING_PIXELS and share >= PLACING_SHARE:
                kept[size], places[size] = at, spot
                size += 1
                continue
        if turn > CAPPED_TURN and (not good or turn > PARALLEL_TURN or distance > 1.5 * most):
            ends = _cap(chain, foot, at, ahead[k], behind[k])
            if 3 * reach < norm(ends[1] - ends[0]) < 8 * reach:
                kept[size], kept[size + 1] = at, (at + 1) % n
                places[size:size + 2] = ends
                size += 2
                continue
        if distance > NO_CORNER_DEPTH * most + reach:
            continue
        kept[size] = at
        places[size] = _allowed(distance, place, foot, 1.2 * most) if good else foot
        size += 1
    return kept[:size].copy(), places[:size].copy()
