"""Stroke weight: give drawings the stroke widths that the person's pen has.

A drawing's half-widths are the values of its field along the skeleton. Their mean is brought to the
samples' mean, and where they vary more than the samples' do, they are evened out: a fineliner stays
a fineliner, a brush stays a brush.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from fonts.drawing import CANVAS, SPREAD, Field, from_coverage

_FINE = 2 * CANVAS
_STEEP = 2.0            # slope correction of hesitant fields at their edge
_ALONG = 2.0            # pixels that widths are averaged over along a stroke
_CHANGE = 2.0           # pixels a half-width may change by
_GAP = 3.0              # half of the widest white that counts as between strokes
_WHITE = 0.4            # half of the white that stays between strokes
_FEW = 12               # pixels of such white below which there is room anyway


@dataclass(frozen=True)
class Pen:
    """Half-widths in canvas pixels: their mean, their deviation, and that of the glyphs' means."""

    mean: float
    deviation: float
    between: float


def redistanced(field: Field) -> Field:
    """The exact distance field (128, 128) of a drawn field's zero level.

    What a network draws has the right sign but, where it hesitates, too gentle a slope.
    """
    fine = cv2.resize(field, (_FINE, _FINE), interpolation=cv2.INTER_CUBIC)
    return from_coverage(np.clip(fine * (_FINE / CANVAS) * _STEEP + 0.5, 0, 1))


def _averaged(skeleton: NDArray[np.bool_], values: Field) -> Field:
    """Values on the skeleton, each averaged with its neighbours along it."""
    mask = skeleton.astype(np.float32)
    total = cv2.GaussianBlur(values * mask, (0, 0), _ALONG)
    return total / np.maximum(cv2.GaussianBlur(mask, (0, 0), _ALONG), 1e-6)


def half_widths(field: Field) -> Field:
    """The half-widths (K,) along the skeleton of a field (128, 128)."""
    skeleton = skeletonize(field > 0)
    return _averaged(skeleton, field)[skeleton]


def pen_of(fields: Iterable[Field]) -> Pen | None:
    """The pen of some drawings; None where there is no stroke."""
    drawn = [widths for field in fields if len(widths := half_widths(field))]
    if not drawn:
        return None
    widths = np.concatenate(drawn)
    means = np.array([one.mean() for one in drawn])
    return Pen(float(widths.mean()), float(widths.std()), float(means.std()))


def _room(field: Field) -> float:
    """How much wider all strokes can get before a tenth of the white between them closes."""
    between = skeletonize(field < 0) & (field > -_GAP)
    gaps = -field[between]
    return float(np.quantile(gaps, 0.1)) - _WHITE if len(gaps) > _FEW else SPREAD


def rewrite(field: Field, drawn: Pen, wanted: Pen) -> Field:
    """A field (128, 128) drawn with the pen `drawn`, as the pen `wanted` would have left it.

    A glyph keeps its own mean against the others' as far as the samples' means differ: with many
    pens crowded characters are written finer, with a fineliner they are not.
    """
    skeleton = skeletonize(field > 0)
    if not skeleton.any():
        return field
    widths = _averaged(skeleton, field)
    even = 1 - min(1.0, wanted.deviation / max(drawn.deviation, 1e-3))
    alike = 1 - min(1.0, wanted.between / max(drawn.between, 1e-3))
    own = widths[skeleton].mean()
    wider = wanted.mean - drawn.mean + alike * (drawn.mean - own)
    change = wider + even * (own - widths)
    if wider > 0:
        change = np.minimum(change, max(0.0, _room(field)))
    _, nearest = cv2.distanceTransformWithLabels(
        (~skeleton).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5,
        labelType=cv2.DIST_LABEL_PIXEL)
    table = np.zeros(nearest.max() + 1, np.float32)
    table[nearest[skeleton]] = change[skeleton]
    change = cv2.GaussianBlur(table[nearest], (0, 0), _ALONG / 2)
    change = np.clip(change, -_CHANGE, _CHANGE)
    return np.clip(field + change, -SPREAD, SPREAD).astype(np.float32)
