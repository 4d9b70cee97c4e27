"""Strokes settled among one another: ends that meet in the content meet, or stay as far off as this
hand leaves them; others keep apart.

Each stroke is placed for itself, so that corners gape or overshoot and neighbours run together. A
few steps of least squares move and turn whole strokes, as little as will do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from glyphgen.strokes.laid.joints import TOUCH, Beside, ahead, nearest

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_STEPS = 4
_DAMP = 0.8             # of a step that is taken: what touches changes under way
_APART, _REACH = 4.0, 24.0      # pixels in the content between which strokes keep apart
_WHITE = 2.0            # pixels of white that they keep, where the content has as much
_MEET, _KEEP = 1.0, 0.07        # weights of the two
_ALONG = 4.0            # points along a stroke that it may be met elsewhere than in the content
_ROUNDS = 24            # of conjugate gradients; the matrix is near a diagonal one


def settled(strokes: Floats, beside: Beside, half_width: Floats,
            away: Floats | None = None) -> Floats:
    """Strokes (S, 16, 2) with half-widths (S, 16), canvas pixels, that lie so `beside` one another
    in the content.

    away (S, 2, 2): how far from where they would meet first and last ends stay, `joints.offsets`.
    """
    start = strokes.astype(np.float64)
    wide, moves = half_width.astype(np.float64), np.zeros(4 * len(start))
    stays: Doubles = np.zeros((len(start), 2, 2)) if away is None else away.astype(np.float64)
    points = start
    for _ in range(_STEPS):
        matrix, wanted = _system(points, *beside, wide, stays)
        moves = moves + _DAMP * _solved(matrix, wanted - moves)
        points = start + _moved(moves, start.shape[1])
    return points.astype(np.float32)


def _moved(moves: Doubles, points: int) -> Doubles:
    """What shifts and turns (4 S) move points by, (S, 16, 2)."""
    each = moves.reshape(-1, 1, 4)
    return each[..., :2] + np.linspace(-1, 1, points)[:, None] * each[..., 2:]


@compiled
def _wish(matrix: Doubles, wanted: Doubles, s: int, i: int, t: int, j: float, x: float,
          y: float, by: float, weight: float, last: float) -> None:
    """Asks that point i of stroke s go `by` along (x, y) from point j of stroke t."""
    u, v = 2 * i / last - 1, 2 * j / last - 1
    row = (x, y, u * x, u * y, -x, -y, -v * x, -v * y)
    for a in range(8):
        at = 4 * s + a if a < 4 else 4 * t + a - 4
        wanted[at] += weight * row[a] * by
        for b in range(8):
            matrix[at, 4 * s + b if b < 4 else 4 * t + b - 4] += weight * row[a] * row[b]


@compiled
def _system(points: Doubles, far: Doubles, way: Doubles, along: Doubles,
            wide: Doubles, stays: Doubles) -> tuple[Doubles, Doubles]:
    """Normal equations (4 S, 4 S), (4 S,) of shifts and turns: what meets, what keeps apart."""
    count, most = points.shape[0], points.shape[1]
    matrix, wanted = np.eye(4 * count), np.zeros(4 * count)
    for s in range(count):
        for i in range(most):
            for t in range(count):
                if _APART <= far[s, i, t] < _REACH:
                    _keep_apart(matrix, wanted, points, s, i, t, far[s, i, t], way[s, i, t],
                                along[s, i, t], wide)
            met = far[s, i].argmin()
            if far[s, i, met] < TOUCH and (i == 0 or i == most - 1):
                _meet(matrix, wanted, points, s, i, met, far[s, i, met], along[s, i, met],
                      stays[s, min(i, 1)])
    return matrix, wanted


@compiled
def _keep_apart(matrix: Doubles, wanted: Doubles, points: Doubles, s: int, i: int, t: int,
                far: float, way: Doubles, along: float, wide: Doubles) -> None:
    """Asks point i of stroke s to leave white to stroke t, on the side where the content has it."""
    gap, x, y, j = nearest(points[s, i, 0], points[s, i, 1], points[t])
    dx, dy = points[s, i, 0] - x, points[s, i, 1] - y
    if dx * way[0] + dy * way[1] < 0:
        gap = -gap
    need = min(far, wide[s, i] + wide[t, int(j + 0.5)] + _WHITE)
    if gap < need and abs(j - along) < _ALONG + 1:
        ahead = (dx / gap, dy / gap) if gap > 0.5 else (way[0], way[1])
        _wish(matrix, wanted, s, i, t, j, ahead[0], ahead[1], need - gap, _KEEP,
              points.shape[1] - 1.0)


@compiled
def _meet(matrix: Doubles, wanted: Doubles, points: Doubles, s: int, i: int, t: int, far: float,
          along: float, stays: Doubles) -> None:
    """Asks end i of stroke s to meet stroke t, about where the content has it, or to stay away (2,)
    from there."""
    gap, x, y, j = nearest(points[s, i, 0], points[s, i, 1], points[t])
    if abs(j - along) > _ALONG:
        j, low = along, min(int(along), points.shape[1] - 2)
        x = points[t, low, 0] + (j - low) * (points[t, low + 1, 0] - points[t, low, 0])
        y = points[t, low, 1] + (j - low) * (points[t, low + 1, 1] - points[t, low, 1])
        gap = np.sqrt((x - points[s, i, 0])**2 + (y - points[s, i, 1])**2)
    least = far
    if stays[0] != 0 or stays[1] != 0:
        ahead_x, ahead_y = ahead(points[s], i)
        x += stays[0] * ahead_x - stays[1] * ahead_y
        y += stays[0] * ahead_y + stays[1] * ahead_x
        gap, least = np.sqrt((x - points[s, i, 0])**2 + (y - points[s, i, 1])**2), 0.0
    if gap > 1e-3:
        _wish(matrix, wanted, s, i, t, j, (x - points[s, i, 0]) / gap,
              (y - points[s, i, 1]) / gap, max(gap - least, 0.0), _MEET, points.shape[1] - 1.0)


@compiled
def _solved(matrix: Doubles, wanted: Doubles) -> Doubles:
    """The solution (N,) of symmetric equations, by conjugate gradients: alike on all cores."""
    x, left = np.zeros_like(wanted), wanted.copy()
    way, size = left.copy(), (left * left).sum()
    for _ in range(_ROUNDS):
        if size < 1e-6:
            break
        along = np.zeros_like(way)
        for a in range(len(way)):
            for b in range(len(way)):
                along[a] += matrix[a, b] * way[b]
        step = size / (way * along).sum()
        x += step * way
        left -= step * along
        after = (left * left).sum()
        way = left + after / size * way
        size = after
    return x
