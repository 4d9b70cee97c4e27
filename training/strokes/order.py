"""The order in which strokes are written: from the left, from the top, bars before uprights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TOUCH = 1.5            # pixels that two parts may overlap by and still stand side by side
_LEFT = 0.35            # how much a step to the right counts, as against one down


def in_order(strokes: Floats) -> Floats:
    """Strokes (S, 16, 2) as they are written: part after part, and by place within a part."""
    return strokes[_ordered(strokes, list(range(len(strokes))))]


def _ordered(strokes: Floats, chosen: list[int]) -> list[int]:
    if len(chosen) < 2:
        return chosen
    cuts = [cut for axis in (1, 0) if (cut := _cut(strokes, chosen, axis)) is not None]
    if not cuts:
        return sorted(chosen, key=lambda i: (_rank(strokes[i]), i))
    _, first, second = max(cuts, key=lambda cut: cut[0])
    return _ordered(strokes, first) + _ordered(strokes, second)


def _cut(strokes: Floats, chosen: list[int],
         axis: int) -> tuple[float, list[int], list[int]] | None:
    """The widest gap between strokes along an axis, those before it, and those after it."""
    low, high = strokes[:, :, axis].min(1), strokes[:, :, axis].max(1)
    by = sorted(chosen, key=lambda i: (float(low[i] + high[i]), i))
    gaps = [(float(low[by[k:]].min() - high[by[:k]].max()), -k) for k in range(1, len(by))]
    gap, k = max(gaps)
    return None if gap < -_TOUCH else (gap, by[:-k], by[-k:])


def _rank(stroke: Floats) -> float:
    """Early for what is high and left."""
    x, y = stroke.mean(0)
    return round(float(y + _LEFT * x), 2)
