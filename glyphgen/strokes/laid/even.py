"""Widths of samples without what was measured wrong.

Where ink of two strokes lies together, or a stroke of the content has a hook that the hand has not,
a width is read that the pen never had. Brought over, one such place swells or starves strokes of
many characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glyphgen.strokes.ink import log_width
from glyphgen.strokes.laid.lay import Laid

Floats = NDArray[np.float32]

_RARE = 0.01            # of all points, at either side, that differ most from their stroke's width


def evened(laid: Sequence[Laid]) -> list[Laid]:
    """Samples of one hand whose strokes nowhere differ more from their own usual width, in ratio,
    than 98 of 100 points of all its strokes do."""
    logs = [log_width(one.half_width) for one in laid]
    usual = [np.median(each, 1, keepdims=True) for each in logs]
    off = [each - middle for each, middle in zip(logs, usual)]
    least, most = np.quantile(np.concatenate([each.ravel() for each in off]), (_RARE, 1 - _RARE))
    return [replace(one, half_width=np.exp(middle + each.clip(least, most)).astype(np.float32))
            for one, middle, each in zip(laid, usual, off)]


def pen_of(laid: Sequence[Laid], rare: float = 0.0) -> Floats:
    """The least and the most, (2,), that the usual log half-width of a character is in samples,
    but for a share of `rare` of them at either side."""
    usual = [float(np.median(log_width(one.half_width))) for one in laid]
    return np.quantile(usual, [rare, 1 - rare]).astype(np.float32)


def by_pen(half_width: Floats, pen: Floats) -> Floats:
    """Half-widths (S, 16) of a character that is on the whole no finer and no bolder than any of
    the samples: a pen of one width is one from character to character, and a brush is not."""
    usual = float(np.median(log_width(half_width)))
    return np.asarray(half_width * np.exp(np.clip(usual, *pen) - usual), np.float32)
