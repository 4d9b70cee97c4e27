"""Strokes that were written on glass, paired with the content's: nothing has to be found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from fonts.drawing import Field, reduced
from glyphgen.strokes.laid.edges import Edges
from glyphgen.strokes.laid.hooks import gone_straight
from glyphgen.strokes.laid.lay import Laid, in_frame, weighed
from glyphgen.strokes.laid.register import POINTS

Floats = NDArray[np.float32]

_ASTRAY = 20.0          # canvas pixels, a mean, that a stroke may lie from the content's
_FINE = 8 * POINTS      # points that a written line is looked at in


def lay_written(content: Floats, lines: Sequence[tuple[Floats, Floats]],
                field: Field) -> Laid | None:
    """Content strokes (S, 16, 2) paired with the lines that were written on glass.

    lines: points (N, 2) and half-widths (N,), canvas pixels, in any order and direction. None where
    there are not as many as strokes, or one lies elsewhere: some were joined or left out then.
    """
    if len(lines) != len(content):
        return None
    fine = np.stack([_evenly(*line) for line in lines])         # (S, _FINE, 3)
    points = fine[:, ::_FINE // POINTS, :2]
    here = in_frame(content, points.reshape(-1, 2))[:, :points.shape[1]]
    ways = np.stack([np.linalg.norm(here[:, None] - way, axis=-1).mean(-1)
                     for way in (points, points[:, ::-1])])         # (2, S of content, S written)
    rows, pairs = linear_sum_assignment(ways.min(0))
    if (ways.min(0)[rows, pairs] > _ASTRAY).any():
        return None
    back = ways.argmin(0)[rows, pairs]
    laid = np.stack([_paced(one, fine[pair, ::-1] if turned else fine[pair])
                     for one, pair, turned in zip(content, pairs, back)])
    coarse = reduced(field)
    strokes, half_width = laid[..., :2], weighed(laid[..., :2], laid[..., 2], coarse)
    return Laid.seen(content, gone_straight(content, strokes),
                     Edges(coarse, strokes, half_width, field))


def _evenly(line: Floats, wide: Floats) -> Floats:
    """Points evenly along a line (N, 2) and the half-widths (N,) there: (_FINE, 3)."""
    along = np.r_[0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()]
    at = np.linspace(0, along[-1], _FINE)
    return np.stack([np.interp(at, along, part) for part in (*line.T, wide)], 1).astype(np.float32)


def _paced(stroke: Floats, line: Floats) -> Floats:
    """Those points of a line (_FINE, 3) that a content stroke (16, 2) has: corners on corners.

    The way through it with the least squared distance, of points and of steps between them.
    """
    even = _evenly(stroke, stroke[:, 0])[:, :2]     # the points on corners would weigh too much
    here = in_frame(stroke, line[:, :2], even)
    apart = ((here[:, None] - line[None, :, :2])**2).sum(-1)        # (16, _FINE)
    step = np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum() / (_FINE - 1)
    paces = np.linalg.norm(np.diff(stroke, axis=0), axis=1)
    paces *= step * (_FINE - 1) / max(float(paces.sum()), 1e-6)
    ahead = np.subtract.outer(np.arange(_FINE), np.arange(_FINE)).T     # from row to column
    cost, ways = np.full(_FINE, np.inf), []
    cost[0] = 0.0
    for place, pace in enumerate(paces, 1):
        whole = cost[:, None] + np.where(ahead > 0, (ahead * step - pace)**2, np.inf)
        ways.append(whole.argmin(0))
        cost = whole.min(0) + apart[place]
    at = [_FINE - 1]
    for way in reversed(ways):
        at.append(int(way[at[-1]]))
    return line[at[::-1]]
