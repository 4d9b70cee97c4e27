"""Heads of strokes: many of the content set in aside, as a brush does, and many a pen doesn't.

A stroke follows the sample's stroke most like it, which may have no such head to be without. What a
hand does with heads it does throughout.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import lengths
from glyphgen.strokes.laid.hooks import taken

Floats = NDArray[np.float32]

_HEAD, _BEHIND = 6.0, 14.0          # pixels from a stroke's start that its head and the next part
                                    # end at, at most
_OF_STROKE = (0.35, 0.8)            # of a stroke's length, the same
_BENT = (0.4, 1.2)                  # radians that a head is bent by; what turns more is a corner
_ENOUGH = 5                         # bent heads that say what a hand does with them
_USUAL = 0.75                       # of written heads, those that are bent no more than drawn ones
                                    # may be


def bent(strokes: Floats) -> Floats:
    """How far (S,), radians, strokes (S, 16, 2) turn from their heads into what follows; from x to
    y is positive."""
    head, ahead = np.moveaxis(np.diff(_parts(strokes), axis=1), 1, 0)
    across = head[:, 0] * ahead[:, 1] - head[:, 1] * ahead[:, 0]
    return np.arctan2(across, (head * ahead).sum(1))


def most_bent(content: Sequence[Floats], written: Sequence[Floats]) -> float:
    """How far heads of a hand are bent at most, radians, where the content's are: samples' strokes
    in the content and as written (S, 16, 2). No limit where they have few such heads."""
    own, turns = (bent(np.concatenate(lines)) for lines in (content, written))
    found = (np.sign(own) * turns)[_are_bent(own)]
    return float(np.quantile(found, _USUAL)) if len(found) >= _ENOUGH else np.inf


def with_heads(strokes: Floats, content: Floats, most: float) -> Floats:
    """Strokes (S, 16, 2) whose heads are bent no more than `most` where the content's (S, 16, 2)
    are."""
    out, own, most = strokes.copy(), bent(content), max(most, 0.0)
    turns = np.sign(own) * bent(strokes)
    for i in np.flatnonzero(_are_bent(own) & (turns > most)):
        out[i] = _straightened(strokes[i], 1 - most / float(turns[i]))
    return out


def _are_bent(turns: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.abs(turns) > _BENT[0]) & (np.abs(turns) < _BENT[1]))


def _parts(strokes: Floats) -> Floats:
    """Where strokes (S, 16, 2) start, where their heads end, and the next parts (S, 3, 2)."""
    step = np.diff(strokes, axis=1)
    at = np.cumsum(np.hypot(step[..., 0], step[..., 1]), 1)             # (S, 15), of the next point
    ends = np.minimum([0, _HEAD, _BEHIND], at[:, -1:] * [0, *_OF_STROKE])
    low = (at[:, None, :-1] <= ends[..., None]).sum(-1)
    rows = np.arange(len(at))[:, None]
    before = np.where(low > 0, at[rows, low - 1], 0)
    share = (ends - before) / np.maximum(at[rows, low] - before, 1e-6)
    return taken(strokes, (low + share).astype(np.float32))


def _straightened(stroke: Floats, share: float) -> Floats:
    """A stroke (16, 2) whose head is so much nearer to where what follows comes from."""
    _, neck, ahead = _parts(stroke[None])[0]
    way = (ahead - neck) / max(float(np.hypot(*(ahead - neck))), 1e-6)
    at = lengths(stroke)
    before = np.maximum(min(_HEAD, _OF_STROKE[0] * at[-1]) - at, 0)[:, None]
    straight = neck - before * way
    return np.where(before > 0, stroke + share * (straight - stroke), stroke).astype(np.float32)
