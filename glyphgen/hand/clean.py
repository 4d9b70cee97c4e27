"""How clean strokes are: what an eye sees at once, and overlap does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d
from skimage.morphology import skeletonize

from exporters.outlines.contour import level_set
from exporters.strokes.curve import lengths
from fonts.drawing import CANVAS, EM_PIXELS, UNITS_PER_EM, Field, Points, distance_inside

_FINE = 3                           # pixels of the raster a canvas pixel
_UNIT = UNITS_PER_EM / (EM_PIXELS * _FINE)      # em units a pixel of it
_STEP = 4                           # em units between points of a contour
_SMOOTH, _SMOOTHER = 2, 10          # points; what lies between the two is a ripple
_SHORT = 40                         # pixels: a shorter contour says nothing


@dataclass(frozen=True)
class Cleanliness:
    """Means over drawings."""

    variation: float        # deviation over mean of the half-widths along the lines of a drawing
    ripples: float          # em units, median distance of contours smoothed a little and more
    pieces: float           # connected parts of a drawing


def cleanliness(fields: Iterable[Field]) -> Cleanliness:
    """The cleanliness of drawings, fields (128, 128)."""
    return on_average(map(measured, fields))


def on_average(each: Iterable[Cleanliness | None]) -> Cleanliness:
    """Of what was measured of each drawing; None is one without ink."""
    rows = np.array([astuple(one) for one in each if one is not None])
    return Cleanliness(*np.nanmean(rows, 0).tolist()) if len(rows) else Cleanliness(1, 1, 1)


def measured(field: Field) -> Cleanliness | None:
    """The cleanliness of a drawing (128, 128), where it has ink; ripples may be nan."""
    if not (field > 0).any():
        return None
    side = _FINE * CANVAS
    fine = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    ink = fine > 0
    inside = distance_inside(ink.astype(np.uint8))
    width = inside[skeletonize(ink)]
    pieces = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)[0] - 1
    ripples = [_ripples(chain) for chain in level_set(fine, 0.0) if len(chain) > _SHORT]
    return Cleanliness(float(width.std() / max(width.mean(), 1e-6)),
                       float(np.median(np.concatenate(ripples))) if ripples else np.nan,
                       float(pieces))


def _ripples(chain: Points) -> Points:
    """How far, in em units, points of a closed chain (N, 2) are from where they would be
    smoother."""
    contour = np.r_[chain, chain[:1]]
    along = lengths(contour)
    at = np.linspace(0, along[-1], max(4, round(along[-1] * _UNIT / _STEP)), endpoint=False)
    points = np.stack([np.interp(at, along, contour[:, k]) for k in (0, 1)], 1) * _UNIT
    little, more = (gaussian_filter1d(points, width, axis=0, mode="wrap")
                    for width in (_SMOOTH, _SMOOTHER))
    return np.hypot(*(little - more).T)
