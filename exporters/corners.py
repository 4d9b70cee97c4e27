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
UNEVEN = 0.12      # steps that the samples of a side may lie off its parabola
APART = 1.5        # times that a corner must out-turn the samples four away
DEPTH = 0.85       # samples that a field takes off a right-angled corner
BLUNT = 2.5        # times more than that off a corner, and it was never one
CAPPED = 1.9       # radians of turn from which a corner may be two, the ends of a short edge
ENDED = 2.85       # radians from which the sides are as good as parallel


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
def _turns(chain: Points, gap: int, reach: int) -> tuple[Points, Points]:
    """How far the chain turns at each sample, between directions `gap` to `gap + reach` away.

    The second array is how far it turns on in the quieter of the two directions' next `reach`.
    """
    n = len(chain)
    turn = np.empty(n)
    side = np.empty(n)
    for i in range(n):
        fx, fy = _direction(chain, i + gap, reach)
        bx, by = _direction(chain, i - gap - reach, reach)
        gx, gy = _direction(chain, i + gap + reach, reach)
        ax, ay = _direction(chain, i - gap - 2 * reach, reach)
        turn[i] = _turn(bx, by, fx, fy)
        side[i] = min(abs(_turn(fx, fy, gx, gy)), abs(_turn(ax, ay, bx, by)))
    return turn, side


@compiled
def _peak(turn: Points, i: int) -> bool:
    """Whether the turn is greatest at sample i among its GAP neighbours each way."""
    for d in range(1, GAP + 1):
        if abs(turn[i - d]) >= abs(turn[i]) or abs(turn[(i + d) % len(turn)]) > abs(turn[i]):
            return False
    return True


@compiled
def find_corners(chain: Points, sharp: float) -> Ints:
    """Indices of the samples (N, 2) where the chain turns by more than `sharp` radians at once.

    First where a narrow window peaks between quieter samples, so that the two ends of a short edge
    are told from a round one; then where a wide window does.
    """
    n = len(chain)
    fine, _ = _turns(chain, 1, 2)
    turn, side = _turns(chain, GAP, REACH)
    marked = np.zeros(n, np.bool_)
    for i in range(n):
        around = max(fine[i - 4] * fine[i], fine[(i + 4) % n] * fine[i], 0.0)
        if abs(fine[i]) >= 1.4 * sharp and fine[i] * fine[i] > APART * around and _peak(fine, i):
            marked[i] = True
    first = marked.copy()
    for i in range(n):
        contrast = abs(turn[i]) * REACH / (2 * GAP + REACH) / max(side[i], 1e-3)
        if abs(turn[i]) < sharp or contrast < CONTRAST or not _peak(turn, i):
            continue
        alone = True
        for d in range(-4, 5):
            alone = alone and not first[(i + d) % n]
        marked[i] = marked[i] or alone
    found = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if marked[i]:
            found[count] = i
            count += 1
    return found[:count].copy()


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
        if worst < UNEVEN * reach or count <= 5:
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
def sides(chain: Points, corners: Ints, tolerance: float, level: float) -> tuple[Points, Points]:
    """The sides that leave and that reach each corner (K,), walking from it: (K, 3, 2) each."""
    n, count = len(chain), len(corners)
    ahead = np.zeros((count, 3, 2))
    behind = np.zeros((count, 3, 2))
    for k in range(count):
        here = corners[k]
        other = (k + 1) % count
        length = (corners[other] - here - 1) % n + 1
        gap = min(GAP, max((length - 2) // 2, 0))
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
        else:
            ahead[k] = _near_side(chain, first, 1, min(SIDE, size))
            behind[other] = _near_side(chain, first + size - 1, -1, min(SIDE, size))
    return ahead, behind


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
def corner_places(chain: Points, corners: Ints, ahead: Points, behind: Points,
                  sharpen: bool) -> tuple[Ints, Points]:
    """The corners that are real, and where the two `sides` of each meet, (K,) and (K, 2).

    A corner lies no farther from the chain than a field of this sharpness would have cut off;
    a sharp one that does is the two ends of a short edge. Without `sharpen` it lies on the chain.
    """
    n, count = len(chain), len(corners)
    kept = np.empty(2 * count, np.int64)
    places = np.empty((2 * count, 2))
    size = 0
    for k in range(count):
        at = corners[k]
        reach = norm(chain[(at + 1) % n] - chain[at])
        good, place = _meet(ahead[k], behind[k])
        a, b = -behind[k, 1], ahead[k, 1]
        turn = abs(_turn(a[0], a[1], b[0], b[1]))
        if not sharpen:
            kept[size], places[size] = at, chain[at]
            size += 1
            continue
        allowed = DEPTH * reach * np.tan(min(turn / 2, 1.4))
        distance, foot = _distance(chain, at, place)
        if turn > CAPPED and (not good or turn > ENDED or distance > 1.5 * allowed):
            foot = foot if good else chain[at].copy()
            ends = _cap(chain, foot, at, ahead[k], behind[k])
            width = norm(ends[1] - ends[0])
            if 3 * reach < width < 8 * reach:
                kept[size], kept[size + 1] = at, (at + 1) % n
                places[size:size + 2] = ends
                size += 2
                continue
        if not good:
            place, distance = chain[at].copy(), 0.0
        if distance > BLUNT * allowed + reach:
            continue
        if distance > 1.2 * allowed:
            place = foot + (place - foot) * (1.2 * allowed / distance)
        kept[size], places[size] = at, place
        size += 1
    return kept[:size].copy(), places[:size].copy()
