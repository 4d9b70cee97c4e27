"""Strokes settled among one another: ends that meet in the content meet, others keep apart.

Each stroke is placed for itself, so that corners gape or overshoot and neighbours run together. A
few steps of least squares move and turn whole strokes, as little as will do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_STEPS = 4
_DAMP = 0.8             # of a step that is taken: what touches changes under way
_TOUCH = 3.0            # pixels in the content at which an end meets a stroke
_APART, _REACH = 4.0, 24.0      # pixels in the content between which strokes keep apart
_WHITE = 2.0            # pixels of white that they keep, where the content has as much
_MEET, _KEEP = 1.0, 0.07        # weights of the two
_ALONG = 4.0            # points along a stroke that it may be met elsewhere than in the content
_ROUNDS = 24            # of conjugate gradients; the matrix is near a diagonal one


def settled(strokes: Floats, content: Floats, half_width: Floats) -> Floats:
    """Strokes (S, 16, 2) with half-widths (S, 16), of a character with these strokes in the
    content (S, 16, 2); canvas pixels."""
    start = strokes.astype(np.float64)
    beside = _beside(laid_over(content.astype(np.float64), start))
    wide, moves = half_width.astype(np.float64), np.zeros(4 * len(start))
    points = start
    for _ in range(_STEPS):
        matrix, wanted = _system(points, *beside, wide)
        moves = moves + _DAMP * _solved(matrix, wanted - moves)
        points = start + _moved(moves, start.shape[1])
    return points.astype(np.float32)


def _moved(moves: Doubles, points: int) -> Doubles:
    """What shifts and turns (4 S) move points by, (S, 16, 2)."""
    each = moves.reshape(-1, 1, 4)
    return each[..., :2] + np.linspace(-1, 1, points)[:, None] * each[..., 2:]


def laid_over(content: Doubles, strokes: Doubles) -> Doubles:
    """The content (S, 16, 2) under the affine that brings it nearest to the strokes."""
    x, y = content.reshape(-1, 2), strokes.reshape(-1, 2)
    around = x - x.mean(0)
    spread = np.einsum("ni,nj->ij", around, around) + 16 * np.eye(2)
    follows = np.einsum("ni,nj->ij", around, y - y.mean(0)) + 16 * np.eye(2)
    return (around @ np.linalg.inv(spread) @ follows + y.mean(0)).reshape(content.shape)


@compiled
def _nearest(x: float, y: float, line: Doubles) -> tuple[float, float, float, float]:
    """Distance to a line (16, 2), the nearest point on it, and where along it in points."""
    best, at_x, at_y, at = 1e18, 0.0, 0.0, 0.0
    for j in range(len(line) - 1):
        dx, dy = line[j + 1, 0] - line[j, 0], line[j + 1, 1] - line[j, 1]
        t = ((x - line[j, 0]) * dx + (y - line[j, 1]) * dy) / (dx * dx + dy * dy + 1e-9)
        t = min(1.0, max(0.0, t))
        px, py = line[j, 0] + t * dx, line[j, 1] + t * dy
        far = (x - px)**2 + (y - py)**2
        if far < best:
            best, at_x, at_y, at = far, px, py, j + t
    return np.sqrt(best), at_x, at_y, at


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
def _beside(content: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """From each point of each stroke to each stroke, in the content: how far (S, 16, S), the way
    away from it (S, 16, S, 2), and where along it that is, in points (S, 16, S)."""
    count, most = content.shape[0], content.shape[1]
    far = np.full((count, most, count), 1e9)
    way, along = np.zeros((count, most, count, 2)), np.zeros((count, most, count))
    for s in range(count):
        for i in range(most):
            for t in range(count):
                if t != s:
                    gap, x, y, at = _nearest(content[s, i, 0], content[s, i, 1], content[t])
                    far[s, i, t], along[s, i, t] = gap, at
                    way[s, i, t, 0] = (content[s, i, 0] - x) / max(gap, 1e-9)
                    way[s, i, t, 1] = (content[s, i, 1] - y) / max(gap, 1e-9)
    return far, way, along


@compiled
def _system(points: Doubles, far: Doubles, way: Doubles, along: Doubles,
            wide: Doubles) -> tuple[Doubles, Doubles]:
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
            if far[s, i, met] < _TOUCH and (i == 0 or i == most - 1):
                _meet(matrix, wanted, points, s, i, met, far[s, i, met], along[s, i, met])
    return matrix, wanted


@compiled
def _keep_apart(matrix: Doubles, wanted: Doubles, points: Doubles, s: int, i: int, t: int,
                far: float, way: Doubles, along: float, wide: Doubles) -> None:
    """Asks point i of stroke s to leave white to stroke t, on the side where the content has it."""
    gap, x, y, j = _nearest(points[s, i, 0], points[s, i, 1], points[t])
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
          along: float) -> None:
    """Asks end i of stroke s to meet stroke t, about where the content has it."""
    gap, x, y, j = _nearest(points[s, i, 0], points[s, i, 1], points[t])
    if abs(j - along) > _ALONG:
        j, low = along, min(int(along), points.shape[1] - 2)
        x = points[t, low, 0] + (j - low) * (points[t, low + 1, 0] - points[t, low, 0])
        y = points[t, low, 1] + (j - low) * (points[t, low + 1, 1] - points[t, low, 1])
        gap = np.sqrt((x - points[s, i, 0])**2 + (y - points[s, i, 1])**2)
    if gap > 1e-3:
        _wish(matrix, wanted, s, i, t, j, (x - points[s, i, 0]) / gap,
              (y - points[s, i, 1]) / gap, max(gap - far, 0.0), _MEET, points.shape[1] - 1.0)


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
