"""Cubics to quadratic splines, as TrueType draws them: few control points, joints left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.contour import after
from exporters.outlines.joints import angle
from exporters.outlines.kernel import compiled, norm
from exporters.outlines.outline import CUBIC, LINE, QUADRATIC, Contour, Outline
from exporters.outlines.rounding import elevated, snapped
from fonts.drawing import Points

Ints = NDArray[np.int64]

CUBIC_PARTS = 6      # of a cubic; a quadratic may end after each
SPANNED_PARTS = 30   # parts that one quadratic may span
SMOOTH_TURN = 0.2    # radians, the largest turn of a smooth joint
UPRIGHT_SINE = 0.01  # sine of a tangent's angle to the axis that it is laid on
LARGEST_BEND = 1.9   # radians, the largest turn of one quadratic
UNBENT_TURN = 0.02   # radians that a quadratic without a bend may leave its tangents by
CURVED, CORNER, JOINT = 0, 1, 2  # a control point, a node that stays, one that may be implied


@compiled
def _unit(v: Points) -> Points:
    return v / max(norm(v), 1e-9)


@compiled
def _sampled(cubics: Points) -> tuple[Points, Points]:
    """Positions and unit tangents along cubics (M, 4, 2), CUBIC_PARTS each and the end."""
    m = len(cubics)
    place = np.empty((m * CUBIC_PARTS + 1, 2))
    way = np.empty((m * CUBIC_PARTS + 1, 2))
    for k in range(m * CUBIC_PARTS + 1):
        c = cubics[min(k // CUBIC_PARTS, m - 1)]
        t = 1.0 if k == m * CUBIC_PARTS else (k % CUBIC_PARTS) / CUBIC_PARTS
        s = 1 - t
        place[k] = s * s * s * c[0] + 3 * s * s * t * c[1] + 3 * s * t * t * c[2] + t * t * t * c[3]
        d = s * s * (c[1] - c[0]) + 2 * s * t * (c[2] - c[1]) + t * t * (c[3] - c[2])
        if norm(d) < 1e-6:
            d = c[2] - c[0] if t < 0.5 else c[3] - c[1]
        way[k] = _unit(d)
    return place, way


@compiled
def _error(place: Points, i: int, j: int, x: float, y: float) -> float:
    """Largest distance of the samples between i and j from the quadratic with control (x, y).

    Each is held against the curve's point above the same place of the chord.
    """
    ax, ay = place[i]
    dx, dy = place[j, 0] - ax, place[j, 1] - ay
    length = np.sqrt(dx * dx + dy * dy)
    if length < 1e-6:
        return 1e9
    ux, uy = dx / length, dy / length
    qx, qy = (x - ax) * ux + (y - ay) * uy, (y - ay) * ux - (x - ax) * uy
    curve = length - 2 * qx                     # along the chord: 2 qx t + curve t^2
    worst = 0.0
    for k in range(i + 1, j):
        dx, dy = place[k, 0] - ax, place[k, 1] - ay
        px, py = dx * ux + dy * uy, dy * ux - dx * uy
        root = qx * qx + curve * px
        if root < 0:
            return 1e9
        below = qx + np.sqrt(root)
        t = min(max(px / below if below > 1e-9 else 0.5, 0.0), 1.0)
        slope = 2 * qy * (1 - 2 * t) / max(abs(2 * qx + 2 * curve * t), 1e-9)
        worst = max(worst, abs(2 * t * (1 - t) * qy - py) / np.sqrt(1 + slope * slope))
    return worst


@compiled
def _control(place: Points, way: Points, i: int, j: int, loose: Ints,
             tries: Points) -> tuple[int, float]:
    """Which of `tries` (4, 2), filled here, is the best control point of a quadratic from sample
    i to j, and its error; a loose end chooses its own tangent.
    """
    a, b = place[i], place[j]
    chord = b - a
    middle = place[(i + j) // 2] + place[(i + j + 1) // 2] - (a + b) / 2
    count = 0
    cross = way[i, 0] * way[j, 1] - way[i, 1] * way[j, 0]
    if abs(cross) > 1e-3 and angle(way[i], way[j]) < LARGEST_BEND:
        u = (chord[0] * way[j, 1] - chord[1] * way[j, 0]) / cross
        if u > 0 and (way[i, 0] * chord[1] - way[i, 1] * chord[0]) / cross > 0:
            tries[count] = a + u * way[i]
            count += 1
    elif angle(way[i], chord) < UNBENT_TURN and angle(chord, way[j]) < UNBENT_TURN:
        tries[count] = (a + b) / 2
        count += 1
    u, v = np.sum((middle - a) * way[i]), np.sum((b - middle) * way[j])
    if loose[0] and v > 0:
        tries[count] = b - v * way[j]
        count += 1
    if loose[1] and u > 0:
        tries[count] = a + u * way[i]
        count += 1
    if loose[0] and loose[1]:
        tries[count] = middle
        count += 1
    best, least = 0, 1e9
    for k in range(count):
        worst = _error(place, i, j, tries[k, 0], tries[k, 1])
        if worst < least:
            best, least = k, worst
    return best, least


@compiled
def _chain(cubics: Points, tangents: Points, loose: Ints, tolerance: float) -> Points:
    """Control point and end (2, 2) of each of the fewest quadratics near a smooth chain of cubics.
    """
    place, way = _sampled(cubics)
    last = len(place) - 1
    way[0] = way[0] if loose[0] else tangents[0]
    way[last] = way[last] if loose[1] else tangents[1]
    cost = np.full(last + 1, 1e18)
    parent = np.zeros(last + 1, np.int64)
    control = np.empty((last + 1, 2))
    cost[0] = 0.0
    free = np.empty(2, np.int64)
    tries = np.empty((4, 2))
    for i in range(last):
        failures = 0
        for j in range(i + 1, min(i + SPANNED_PARTS, last) + 1):
            free[0], free[1] = loose[0] if i == 0 else 0, loose[1] if j == last else 0
            which, worst = _control(place, way, i, j, free, tries)
            failures = failures + 1 if worst > tolerance else 0
            if failures > CUBIC_PARTS:
                break
            if worst > tolerance:
                if j > i + 1:
                    continue
                which, worst = 0, 4 * tolerance         # so that there is a way
                tries[0] = (place[i] + place[j]) / 2
            price = cost[i] + 1.0 + 0.3 * (worst / tolerance) ** 2
            if price < cost[j]:
                cost[j], parent[j] = price, i
                control[j] = tries[which]
    out = np.empty((last, 2, 2))
    size, node = 0, last
    while node > 0:
        out[size, 0], out[size, 1] = control[node], place[node]
        size += 1
        node = parent[node]
    return out[:size][::-1].copy()


@compiled
def _joints(points: Points, kinds: Ints, starts: Ints) -> tuple[Points, Ints]:
    """The tangent at each segment's start; what it is: 0 a corner, 1 a node to keep, 2 neither."""
    count = len(kinds)
    tangent = np.zeros((count, 2))
    state = np.zeros(count, np.int64)
    for k in range(count):
        at = starts[k]
        into, out = points[at] - points[at - 1], points[(at + 1) % len(points)] - points[at]
        if min(norm(into), norm(out)) < 1e-6 or angle(into, out) > SMOOTH_TURN:
            continue
        along = _unit(into) + _unit(out)
        along = out if kinds[k] == LINE else into if kinds[k - 1] == LINE else along
        tangent[k] = _unit(along)
        state[k] = 1 if kinds[k] == LINE or kinds[k - 1] == LINE else 2
        for axis in range(2):
            if abs(tangent[k, axis]) < UPRIGHT_SINE:
                tangent[k, axis] = 0.0
                tangent[k] = _unit(tangent[k])
                state[k] = 1
    return tangent, state


@compiled
def _step(points: Points, at: int) -> float:
    return np.abs(points[at] - points[at - 1]).sum()


@compiled
def _fitted(points: Points, kinds: Ints, tolerance: float) -> tuple[Points, Ints]:
    """Nodes and control points (N, 2) of a closed contour as quadratics, and which are which."""
    n, count = len(points), len(kinds)
    starts = np.zeros(count, np.int64)
    starts[1:] = np.cumsum(kinds)[:-1]
    tangent, state = _joints(points, kinds, starts)
    first, done, size = 0, 0, 0
    for k in range(count):                      # the step to a contour's start takes no bytes
        longer = _step(points, starts[k]) > _step(points, starts[first])
        if state[k] < state[first] or (state[k] == state[first] and longer):
            first = k
    out = np.empty((2 * n * CUBIC_PARTS, 2))
    flags = np.empty(2 * n * CUBIC_PARTS, np.int64)
    while done < count:
        k = (first + done) % count
        out[size], flags[size] = points[starts[k]], CORNER if state[k] == 0 else JOINT
        size += 1
        length = 1
        while (kinds[k] == CUBIC and done + length < count
               and kinds[(k + length) % count] == CUBIC and state[(k + length) % count] == 2):
            length += 1
        done += length
        if kinds[k] == LINE:
            continue
        cubics = np.empty((length, 4, 2))
        for c in range(length):
            for d in range(4):
                cubics[c, d] = points[(starts[(k + c) % count] + d) % n]
        end = (k + length) % count
        ways = np.empty((2, 2))
        ways[0], ways[1] = tangent[k], tangent[end]
        found = _chain(cubics, ways, np.array([state[k] == 0, state[end] == 0]).astype(np.int64),
                       tolerance)
        for q in range(len(found)):
            out[size:size + 2] = found[q]
            flags[size], flags[size + 1] = CURVED, JOINT
            size += 2
        size -= 1                               # its end is the start of what follows
    return out[:size], flags[:size]


@compiled
def _bent(far: Points, control: Points, joint: Points, shift: Points) -> float:
    """How far a quadratic far, control, joint leaves itself when its end moves by `shift`."""
    worst = 0.0
    for t in (0.4, 0.6, 0.7, 0.8, 0.9, 1.0):
        way = (1 - t) * (control - far) + t * (joint - control)
        across = abs(shift[0] * way[1] - shift[1] * way[0])
        worst = max(worst, t * t * across / max(norm(way), 1e-9))
    return worst


@compiled
def _implied(points: Points, flags: Ints, tolerance: float) -> tuple[Points, Ints]:
    """Without the joints that may as well lie halfway between their control points."""
    points, flags = points.copy(), flags.copy()
    while len(points) > 3:
        n = len(points)
        drop, least = -1, tolerance
        for i in range(1, n):
            after, beyond = (i + 1) % n, (i + 2) % n
            if flags[i] != JOINT or flags[i - 1] != CURVED or flags[after] != CURVED:
                continue
            a, b = points[i - 1], points[after]
            left = points[i - 2] if flags[i - 2] != CURVED else (points[i - 2] + a) / 2
            right = points[beyond] if flags[beyond] != CURVED else (points[beyond] + b) / 2
            shift = (a + b) / 2 - points[i]
            off = max(_bent(left, a, points[i], shift), _bent(right, b, points[i], shift))
            if off < least:
                drop, least = i, off
        if drop < 0:
            break
        keep = np.ones(n, np.bool_)
        keep[drop] = False
        points, flags = points[keep], flags[keep]
    return points, flags


def splined(contour: Contour, tolerance: float, grid: float) -> Contour:
    """The contour as lines and quadratics about `tolerance` from its cubics."""
    return laid(*_fitted(contour.points, np.array(contour.kinds), tolerance), tolerance, grid)


def laid(points: Points, flags: Ints, tolerance: float, grid: float) -> Contour:
    """Nodes and control points (N, 2), told apart by flags, as a contour of lines and quadratics.

    They become multiples of `grid` units; joints that may as well lie halfway between their
    control points, within `tolerance`, do so and are not rounded.
    """
    points, flags = _implied(points, flags, tolerance)
    on = flags != CURVED
    points = snapped(points, on, grid)
    between = (points + after(points)) / 2
    out: list[Points] = []
    kinds: list[int] = []
    for k in range(len(points)):
        then = (k + 1) % len(points)
        out.append(points[k])
        if not on[k]:
            kinds.append(QUADRATIC)
            if not on[then]:
                out.append(between[k])
        elif on[then]:
            kinds.append(LINE)
    return Contour(np.array(out), tuple(kinds))


def cubic(outline: Outline) -> Outline:
    """The outline with cubics of integer coordinates in place of quadratics."""
    contours = []
    for contour in outline.contours:
        if QUADRATIC in contour.kinds:
            points, kinds = elevated(contour.points, np.array(contour.kinds))
            contour = Contour(points, tuple(kinds.tolist()))
        contours.append(contour)
    return Outline(tuple(contours))
