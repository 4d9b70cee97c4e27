"""Ways in which a drawing can fail to be its character: what the legibility gate must catch.

Each takes a genuine field (128, 128) and returns a spoilt one, or None where the glyph has nothing
of the kind to spoil.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from fonts.drawing import CANVAS, SPREAD, Field, coverage

Damage = Callable[[Field, Field, np.random.Generator], Field | None]

_STROKE = 16              # pixels of skeleton between two joints that make a stroke
_SQUARE = np.ones((5, 5), np.uint8)
_Y, _X = np.mgrid[:CANVAS, :CANVAS]


def _box(field: Field) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the ink."""
    ys, xs = np.nonzero(field > 0)
    return int(ys.min()), int(ys.max()) + 1, int(xs.min()), int(xs.max()) + 1


def _half_width(field: Field) -> Field:
    return cv2.distanceTransform((field > 0).astype(np.uint8), cv2.DIST_L2, 5)


def without_part(field: Field, other: Field, rng: np.random.Generator) -> Field | None:
    """A connected part of 8 to 60 % of the ink is missing."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((field > 0).astype(np.uint8))
    share = stats[:, cv2.CC_STAT_AREA] / max(1, stats[1:, cv2.CC_STAT_AREA].sum())
    parts = [i for i in range(1, count) if 0.08 <= share[i] <= 0.6]
    if not parts:
        return None
    part = labels == rng.choice(parts)
    around = cv2.dilate(part.astype(np.uint8), _SQUARE) > 0
    return np.where(around & (part | (labels == 0)), np.float32(-SPREAD), field)


def without_stroke(field: Field, other: Field, rng: np.random.Generator) -> Field | None:
    """The ink along one piece of skeleton between two joints is missing."""
    skeleton = skeletonize(field > 0)
    line = skeleton.astype(np.uint8)
    near = cv2.filter2D(line, -1, np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT)
    joints = cv2.dilate((skeleton & (near >= 4)).astype(np.uint8), np.ones((3, 3), np.uint8))
    pieces = (skeleton & (joints == 0)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pieces)
    strokes = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= _STROKE]
    if not strokes:
        return None
    owner = cv2.distanceTransformWithLabels(1 - line, cv2.DIST_L2, 5,
                                            labelType=cv2.DIST_LABEL_PIXEL)[1]
    piece = np.zeros(owner.max() + 1, np.int64)
    piece[owner[skeleton]] = labels[skeleton]
    return np.where(piece[owner] == rng.choice(strokes), np.float32(-SPREAD), field)


def without_box(field: Field, other: Field, rng: np.random.Generator) -> Field | None:
    """A box of 30 to 40 % of the glyph's own, with 10 to 60 % of its ink, is empty."""
    top, bottom, left, right = _box(field)
    for _ in range(20):
        area, ratio = rng.uniform(0.3, 0.4), np.exp(rng.uniform(-0.5, 0.5))
        tall = min(1.0, float(np.sqrt(area * ratio)))
        height, width = int(tall * (bottom - top)), int(min(1, area / tall) * (right - left))
        y, x = rng.integers(top, bottom - height + 1), rng.integers(left, right - width + 1)
        box = np.s_[y : y + height, x : x + width]
        if 0.1 <= (field[box] > 0).sum() / (field > 0).sum() <= 0.6:
            out = field.copy()
            out[box] = -SPREAD
            return out
    return None


def with_other_half(field: Field, other: Field, rng: np.random.Generator) -> Field | None:
    """One half, left, right, upper or lower, is that of another character."""
    top, bottom, left, right = _box(field)
    x, y = (left + right) // 2, (top + bottom) // 2
    sides = (np.s_[:, x:], np.s_[:, :x], np.s_[y:, :], np.s_[:y, :])
    side = sides[rng.choice(4, p=(0.3, 0.3, 0.2, 0.2))]
    if not 0.2 <= (field[side] > 0).sum() / (field > 0).sum() <= 0.8:
        return None
    out = field.copy()
    out[side] = other[side]
    return out


def blank(field: Field, other: Field, rng: np.random.Generator) -> Field:
    """Nothing."""
    return np.full_like(field, -SPREAD)


def blob(field: Field, other: Field, rng: np.random.Generator) -> Field:
    """Heavily blurred and cut at a level that leaves a tenth more ink."""
    soft = cv2.GaussianBlur(coverage(field), (0, 0), rng.uniform(5, 7))
    soft -= np.quantile(soft, 1 - (field > 0).mean() * 1.1)
    steepest = np.hypot(*np.gradient(soft)).max()
    return np.clip(soft / max(steepest, 1e-6), -SPREAD, SPREAD).astype(np.float32)


def _points(skeleton: NDArray[np.bool_], count: int, rng: np.random.Generator) -> NDArray:
    points = np.argwhere(skeleton)
    return points[rng.choice(len(points), min(count, len(points)), replace=False)]


def broken(field: Field, other: Field, rng: np.random.Generator) -> Field:
    """Strokes cut through in a place every 40 pixels of skeleton, at least three."""
    skeleton, width = skeletonize(field > 0), _half_width(field)
    out = field.copy()
    for y, x in _points(skeleton, max(3, int(skeleton.sum()) // 40), rng):
        out[np.hypot(_Y - y, _X - x) <= width[y, x] + 1.5] = -SPREAD
    return out


def faded(field: Field, other: Field, rng: np.random.Generator) -> Field:
    """Strokes thinned unevenly until some vanish, as drawings averaged over doubts do."""
    noise = cv2.GaussianBlur(rng.standard_normal(field.shape).astype(np.float32), (0, 0), 3)
    usual = np.median(_half_width(field)[skeletonize(field > 0)])
    depth = usual * (0.45 + 0.35 * noise / noise.std())
    return np.clip(field - np.maximum(depth, 0), -SPREAD, SPREAD).astype(np.float32)


DAMAGES: Mapping[str, Damage] = {
    "missing part": without_part, "missing stroke": without_stroke, "missing box": without_box,
    "other half": with_other_half, "blank": blank, "blob": blob, "broken": broken, "faded": faded,
}
