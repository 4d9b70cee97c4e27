"""Draw laid strokes to the lines nearest to them, each stroke alone.

`register` moves all strokes by one matching of equal masses and by smooth warps, so a dot can be
dragged along with a long stroke beside it, and a line be left bare. Here every point goes to the
nearest line of its direction and every line to the nearest stroke (iterative closest points, both
ways), as far as a bend of each stroke allows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glyphgen.strokes.laid.register import LEGENDRE, POINTS, tangents
from glyphgen.strokes.laid.skeleton import Skeleton

Floats = NDArray[np.float32]

_ROUNDS = 10
_TURN = 20.0                        # cost of a right angle between directions: square pixels
_REACH = (3.5, 1.5)                 # pixels off at which a point's pull is halved, first and last
_FURTHER = 4.0                      # how much further lines reach for strokes
_MOST = 2.0                         # of all lines' pull on one point; its own is 1
_STIFF = np.diag([0.02, 0.1, 0.4, 1.0]).astype(np.float32)


def drawn_near(strokes: Floats, target: Skeleton) -> Floats:
    """Strokes (S, 16, 2) brought nearer to a drawing's lines, canvas pixels."""
    lines, placed = target.points, strokes
    clear, size = np.hypot(*target.direction.T), (lines**2).sum(1)
    rows, columns = np.arange(strokes.shape[0] * POINTS), np.arange(len(lines))
    for turn in range(_ROUNDS):
        reach = _REACH[0] + (_REACH[1] - _REACH[0]) * turn / (_ROUNDS - 1)
        points = placed.reshape(-1, 2)
        cost = (points**2).sum(1)[:, None] + size - 2 * points @ lines.T
        cost += _TURN * (clear - tangents(points) @ target.direction.T)
        to_line, to_stroke = cost.argmin(1), cost.argmin(0)
        pull = _pull(cost[rows, to_line], reach)
        back = _pull(cost[to_stroke, columns], _FURTHER * reach)
        drawn = np.bincount(to_stroke, back, len(points))[to_stroke]
        back *= (_MOST / np.maximum(drawn, _MOST)).astype(np.float32)
        weight = pull + np.bincount(to_stroke, back, len(points))
        wanted = np.stack([pull * lines[to_line, k]
                           + np.bincount(to_stroke, back * lines[:, k], len(points))
                           for k in (0, 1)], 1) / weight[:, None]
        placed = strokes + _bends(wanted.reshape(strokes.shape) - strokes,
                                  weight.reshape(-1, POINTS, 1))
    return placed


def _pull(cost: Floats, reach: float) -> Floats:
    return np.asarray(1 / (1 + np.maximum(cost, 0) / reach**2), np.float32)


def _bends(moves: NDArray[np.floating], weight: NDArray[np.floating]) -> Floats:
    """Moves (S, 16, 2) as a curve of four terms a stroke."""
    weighted = LEGENDRE * weight
    terms = np.linalg.solve(LEGENDRE.T @ weighted + _STIFF, np.swapaxes(weighted, 1, 2) @ moves)
    return (LEGENDRE @ terms).astype(np.float32)
