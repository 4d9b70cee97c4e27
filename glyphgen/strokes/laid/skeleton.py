"""The centre lines of a drawing: points, directions, and the half-width of the ink there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.drawing import CANVAS, Field, distance_inside
from glyphgen.strokes.ink import THIN

Floats = NDArray[np.float32]

FINE = 2                # pixels of the skeleton's raster a canvas pixel
_CAP_FALL = 0.6         # of the half-width a pixel along a line, from which that is its round end
_CAP_LEAST = 0.5        # pixels less than elsewhere, below which it may be chance
_WINDOW = 4.0           # deviation, fine pixels, of the window that directions are measured in


@dataclass(frozen=True)
class Skeleton:
    """Points of a drawing's centre lines, canvas pixels."""

    points: Floats          # (M, 2), x first
    direction: Floats       # (M, 2): cos and sin of twice the angle, shorter where it is unclear
    half_width: Floats      # (M,)

    def some(self, most: int) -> Skeleton:
        """The same by at most this many of its points, evenly from all of its lines.

        Points are in the order of rows: every second one would be one of two stems side by side.
        """
        if len(self.points) <= most:
            return self
        kept = np.sort(np.random.default_rng(0).permutation(len(self.points))[:most])
        return Skeleton(self.points[kept], self.direction[kept], self.half_width[kept])

    def without_caps(self) -> Skeleton:
        """The same without what lies in round ends, where thinning runs on towards the edge."""
        kept = ~_in_caps(self.points, self.half_width)
        return Skeleton(self.points[kept], self.direction[kept], self.half_width[kept])


def skeleton_of(field: Field) -> Skeleton | None:
    """The centre lines of a field (128, 128); None where there is next to no ink."""
    line, half_width = thinned(field)
    rows, columns = np.nonzero(line)
    if len(rows) < 2 * FINE:
        return None
    points = np.stack([columns + 0.5, rows + 0.5], 1) / FINE
    return Skeleton(points.astype(np.float32), _directions(line)[rows, columns],
                    half_width[rows, columns])


def thinned(field: Field) -> tuple[NDArray[np.bool_], Floats]:
    """Centre lines of a field (128, 128), and half-widths in canvas pixels all over it, both on
    the finer raster (256, 256)."""
    from skimage.morphology import skeletonize  # slow to load; a preview has no use for it

    side = FINE * CANVAS
    ink = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC) > 0
    inside = distance_inside(ink.astype(np.uint8))
    return skeletonize(ink), np.maximum((inside - 0.5) / FINE, THIN).astype(np.float32)


@compiled
def _in_caps(points: Floats, half_width: Floats) -> NDArray[np.bool_]:
    """Which points (M,) lie in the round end of a line rather than on it.

    There the way to the edge falls nearly as fast as one goes; where strokes taper it falls slowly.
    """
    inside = np.zeros(len(points), np.bool_)
    for i in range(len(points)):
        for j in range(len(points)):
            more = half_width[j] - half_width[i]
            if more > _CAP_LEAST:
                dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
                if more * more > _CAP_FALL * _CAP_FALL * (dx * dx + dy * dy):
                    inside[i] = True
                    break
    return inside


def _directions(line: NDArray[np.bool_]) -> Floats:
    """Doubled-angle directions (H, W, 2) of lines: second moments of the points in a window."""
    side = len(line)
    x = np.arange(side, dtype=np.float32)[None] - side / 2
    y = x.T
    on = line.astype(np.float32)
    mass, mx, my, mxx, myy, mxy = (
        cv2.GaussianBlur(on * part, (0, 0), _WINDOW)
        for part in (1.0 + 0 * x * y, x + 0 * y, y + 0 * x, x * x + 0 * y, y * y + 0 * x, x * y))
    mass = np.maximum(mass, 1e-6)
    mx, my = mx / mass, my / mass
    xx, yy, xy = mxx / mass - mx * mx, myy / mass - my * my, mxy / mass - mx * my
    return np.stack([xx - yy, 2 * xy], -1) / (xx + yy + 1e-3)[..., None]
