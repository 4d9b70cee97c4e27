"""Which of the characters asked for each written one looks like.

Both are brought to one place and spread, and compared by where their edges run in which direction
(directional features: Kimura et al. 1987). Hands that are far from print are far from all of it
alike, so a character is held against what is usual on its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS, Field, coverage

_SIDE = 64              # pixels that a character is compared at
_SPREAD = 0.21          # of it: the standard deviation of the ink, across and down
_THIN = 6.0             # canvas pixels: a smaller deviation is not stretched further
_GRID = 8
_SAME = 0.999           # alike: one character, asked for again
_NEARER = 1.25          # times nearer to another character than to its own
_UNUSUAL = 1.6          # times what is usual on the page


def swapped_cells(written: Sequence[Field | None],
                  asked: Sequence[Field | None]) -> list[int | None]:
    """For each written field the place of the asked one that it looks like; None for its own.

    Both are (128, 128) and in the same order; None where there is nothing to compare.
    """
    prints = {place: _directions(field) for place, field in enumerate(asked) if _inked(field)}
    ratio, nearest = np.full(len(written), np.nan), np.zeros(len(written), int)
    places, known = np.array(list(prints)), np.array(list(prints.values()))
    for place, field in enumerate(written):
        if not _inked(field) or place not in prints:
            continue
        others = known @ prints[place] < _SAME
        if others.any():
            mark = _directions(field)
            far = 1 - known[others] @ mark
            nearest[place] = places[others][np.argmin(far)]
            ratio[place] = (1 - prints[place] @ mark) / max(float(far.min()), 1e-6)
    usual = 0.0 if np.isnan(ratio).all() else float(np.nanmedian(ratio))
    odd = ratio > max(_NEARER, _UNUSUAL * usual)
    return [int(nearest[place]) if odd[place] else None for place in range(len(written))]


def _inked(field: Field | None) -> TypeGuard[Field]:
    return field is not None and bool((field > 0).any())


def by_direction(image: Field) -> Field:
    """Edge strength (H, W, 4) of a picture (H, W): across, along, and on both diagonals."""
    x, y = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    length = np.sqrt(x * x + y * y) + 1e-6
    straight, diagonal = (x * x - y * y) / length, 2 * x * y / length
    return cv2.merge([np.maximum(edge, 0) for edge in
                      (straight, -straight, diagonal, -diagonal)])


def _directions(field: Field) -> NDArray[np.float32]:
    """Unit vector of edge strength by place and by direction of an upright character."""
    image = cv2.GaussianBlur(_upright(field), (0, 0), 1.0)
    grid = cv2.resize(cv2.GaussianBlur(by_direction(image), (0, 0), 3.0), (_GRID, _GRID),
                      interpolation=cv2.INTER_AREA)
    marks = np.sqrt(grid).ravel()
    return np.asarray(marks / np.linalg.norm(marks), np.float32)


def _upright(field: Field) -> Field:
    """Ink (_SIDE, _SIDE) of a field with its mean in the middle and one spread each way."""
    ink = coverage(field)
    at = np.arange(CANVAS) + 0.5
    profile = np.stack([ink.sum(0), ink.sum(1)]).astype(np.float64)
    profile /= profile.sum(1, keepdims=True)
    mean = profile @ at
    deviation = np.sqrt(np.maximum(profile @ at ** 2 - mean ** 2, _THIN ** 2))
    scale = deviation / (_SPREAD * _SIDE)
    soft = cv2.GaussianBlur(ink, (0, 0), max(0.5 * float(scale[0]), 0.5))
    matrix = np.column_stack([np.diag(scale), mean - scale * (_SIDE - 1) / 2 - 0.5])
    return np.asarray(cv2.warpAffine(soft, matrix, (_SIDE, _SIDE),
                                     flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                     borderMode=cv2.BORDER_CONSTANT, borderValue=(0,)))
