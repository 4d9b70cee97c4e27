"""White between strokes: where two run side by side, both get finer rather than flow together.

A brush gets finer at the place itself. A pen of one width can't: the whole character gets a little
finer instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from exporters.strokes.curve import tangents

Floats = NDArray[np.float32]

WHITE = 1.2             # pixels that stay white between strokes side by side
_LEAST = 0.45           # of a width that is kept; strokes that need less lie on one another
_PARALLEL = 0.85        # cosine of the angle from which strokes run side by side
_BESIDE = 3.0           # pixels that a point may lie before or behind, to be beside
_RARE = 0.02            # of a character's points, that may be finer than its pen usually gets


def with_room(strokes: Floats, half_width: Floats) -> Floats:
    """Half-widths (S, 16), pixels, of strokes (S, 16, 2), less where white would close."""
    share = _shares(strokes.astype(np.float32), tangents(strokes).astype(np.float32),
                    half_width.astype(np.float32))
    low = share.copy()                      # a narrow place narrows its neighbours, smoothly
    low[:, 1:] = np.minimum(low[:, 1:], share[:, :-1])
    low[:, :-1] = np.minimum(low[:, :-1], share[:, 1:])
    ends = np.concatenate([low[:, :1], low, low[:, -1:]], 1)
    wanted = (ends[:, :-2] + ends[:, 1:-1] + ends[:, 2:]) / 3
    here = np.maximum(wanted, _finest(half_width))
    everywhere = np.exp(np.log(wanted / here).mean())
    return (half_width * here * everywhere).astype(np.float32)


def _finest(half_width: Floats) -> float:
    """The share of a stroke's usual width that a pen goes down to within strokes (S, 16)."""
    share = half_width / np.median(half_width, 1, keepdims=True)
    return min(float(np.quantile(share, _RARE)), 1.0)


@compiled
def _shares(strokes: Floats, along: Floats, width: Floats) -> Floats:
    """The share (S, 16) of each half-width that leaves white to the next stroke beside it."""
    count, points = width.shape
    share = np.ones((count, points), np.float32)
    for s in range(count):
        for i in range(points):
            for t in range(count):
                if t == s:
                    continue
                for j in range(points):
                    dx = strokes[t, j, 0] - strokes[s, i, 0]
                    dy = strokes[t, j, 1] - strokes[s, i, 1]
                    both = width[s, i] + width[t, j]
                    reach = both + WHITE + _BESIDE
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    ax, ay = along[s, i, 0], along[s, i, 1]
                    if abs(ax * along[t, j, 0] + ay * along[t, j, 1]) < _PARALLEL \
                            or abs(dx * ax + dy * ay) > _BESIDE:
                        continue
                    fits = (abs(dx * ay - dy * ax) - WHITE) / both
                    if _LEAST < fits < share[s, i]:
                        share[s, i] = fits
    return share
