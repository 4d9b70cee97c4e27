"""Heads of strokes: many of the content set in aside, as a brush does, and many a pen doesn't.

A stroke follows the sample's stroke most like it, which may have no such head to be without. What a
hand does with heads it does throughout.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import lengths

Floats = NDArray[np.float32]

_HEAD, _BEHIND = 6.0, 14.0          # pixels from a stroke's start that its head and the next part
                                    # end at, at most
_OF_STROKE = (0.35, 0.8)            # of a stroke's length, the same
_BENT = (0.4, 1.2)                  # radians that a head is bent by; what turns more is a corner
_ENOUGH = 5                         # bent heads that say what a hand does with them
_USUAL = 0.75                       # of written heads, those that are bent no more than drawn ones
                                    # may be


def bent(stroke: Floats) -> float:
    """How far, radians, a stroke (16, 2) turns from its head into what follows; from x to y is
    positive."""
    head, ahead = np.diff(_ends_of_parts(stroke), axis=0)
    return float(np.arctan2(head[0] * ahead[1] - head[1] * ahead[0], head @ ahead))


def most_bent(content: Sequence[Floats], written: Sequence[Floats]) -> float:
    """How far heads of a hand are bent at most, radians, where the content's are: samples' strokes
    in the content and as written (S, 16, 2). No limit where they have few such heads."""
    turns = [np.sign(own) * bent(stroke) for lines, strokes in zip(content, written)
             for line, stroke in zip(lines, strokes) if _is_bent(own := bent(line))]
    return float(np.quantile(turns, _USUAL)) if len(turns) >= _ENOUGH else np.inf


def with_heads(strokes: Floats, content: Floats, most: float) -> Floats:
    """Strokes (S, 16, 2) whose heads are bent no more than `most` where the content's (S, 16, 2)
    are."""
    out = strokes.copy()
    for i, line in enumerate(content):
        own = bent(line)
        turn = np.sign(own) * bent(strokes[i])
        if _is_bent(own) and turn > max(most, 0):
            out[i] = _straightened(strokes[i], 1 - max(most, 0) / turn)
    return out


def _is_bent(turn: float) -> bool:
    return _BENT[0] < abs(turn) < _BENT[1]


def _ends_of_parts(stroke: Floats) -> Floats:
    """Where a stroke (16, 2) starts, where its head ends, and the next part (3, 2)."""
    at = lengths(stroke)
    ends = np.r_[0, np.minimum((_HEAD, _BEHIND), np.multiply(_OF_STROKE, at[-1]))]
    return np.stack([np.interp(ends, at, stroke[:, k]) for k in (0, 1)], 1)


def _straightened(stroke: Floats, share: float) -> Floats:
    """A stroke (16, 2) whose head is so much nearer to where what follows comes from."""
    _, neck, ahead = _ends_of_parts(stroke)
    way = (ahead - neck) / max(float(np.hypot(*(ahead - neck))), 1e-6)
    at = lengths(stroke)
    before = np.maximum(min(_HEAD, _OF_STROKE[0] * at[-1]) - at, 0)[:, None]
    straight = neck - before * way
    return np.where(before > 0, stroke + share * (straight - stroke), stroke).astype(np.float32)
