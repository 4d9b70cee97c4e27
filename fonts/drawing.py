"""The raster glyph every stage shares: a signed distance field in em-faithful framing.

A drawing is a square float32 field, positive inside the ink, in pixels of the 128-pixel canvas
whatever its own size, clamped to +-SPREAD. The em square is the canvas less a margin of one
sixteenth on each side: 112 of 128 pixels. Nothing is re-centred on its ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

CANVAS = 128          # pixels, the model's raster
EM_PIXELS = 112       # pixels of the em square inside the canvas
MARGIN = (CANVAS - EM_PIXELS) / 2
SPREAD = 4.0          # clamp of the field, in canvas pixels
UNITS_PER_EM = 1000
EM_TOP = 880          # y of the em square's top edge, font units
LATIN_RAISE = 90      # units that proportional scripts are raised by, so that descenders fit

_PROPORTIONAL_END = 0x250     # Basic Latin to Latin Extended-B


@dataclass(frozen=True)
class Drawing:
    """One raster glyph: `codepoint` and its field (S, S), S a multiple of 128 or 128 itself."""

    codepoint: int
    field: Field


def raise_of(codepoint: int) -> int:
    """Units that the glyph of `codepoint` is moved up by inside the canvas."""
    return LATIN_RAISE if codepoint < _PROPORTIONAL_END else 0


def is_proportional(codepoint: int) -> bool:
    """Whether the advance comes from the drawing (Latin) instead of being one em."""
    return codepoint < _PROPORTIONAL_END


def to_em(points: NDArray[np.floating], codepoint: int, size: int = CANVAS) -> NDArray[np.float64]:
    """Canvas coordinates (N, 2), pixel edges at integers, y down, to em units, y up.

    The horizontal origin of the result is the left edge of the em square.
    """
    scale = UNITS_PER_EM / EM_PIXELS * (CANVAS / size)
    margin = MARGIN * UNITS_PER_EM / EM_PIXELS
    out = np.empty((len(points), 2))
    out[:, 0] = points[:, 0] * scale - margin
    out[:, 1] = EM_TOP + margin - points[:, 1] * scale - raise_of(codepoint)
    return out


def from_coverage(coverage: NDArray[np.floating], size: int = CANVAS) -> Field:
    """Field (size, size) of an ink coverage image (H, H) in 0..1, H a multiple of `size`.

    The zero level runs where coverage is one half; exact Euclidean distance at H, then area
    average down to `size`.
    """
    height = coverage.shape[0]
    if coverage.shape != (height, height) or height % size:
        raise ValueError(f"coverage must be square and a multiple of {size}, not {coverage.shape}")
    inside = (coverage >= 0.5).astype(np.uint8)
    if not inside.any():
        return np.full((size, size), -SPREAD, np.float32)
    within, without = _distance(inside), _distance(1 - inside)
    distance = np.where(inside > 0, within - 0.5, 0.5 - without)
    edge = np.abs(distance) <= 0.75      # the pixel on the edge knows where the edge is
    distance = np.where(edge, np.clip(coverage, 0, 1) - 0.5, distance)
    distance = np.clip(distance * (CANVAS / height), -SPREAD, SPREAD).astype(np.float32)
    if height == size:
        return distance
    return cv2.resize(distance, (size, size), interpolation=cv2.INTER_AREA)


def _distance(mask: NDArray[np.uint8]) -> Field:
    """Distance of every pixel of a mask (H, H) to the nearest 0, the same bits every time.

    OpenCV's last bit depends on where its memory lies; squares of distances are integers.
    """
    squared = np.square(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    return np.sqrt(np.rint(squared, dtype=np.float32))


def coverage(field: Field, size: int = CANVAS, level: float = 0.0) -> Field:
    """Antialiased ink (size, size) in 0..1 of a field; `level` > 0 makes strokes thinner."""
    if field.shape[0] != size:
        field = cv2.resize(field, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip((field - level) * (size / CANVAS) + 0.5, 0, 1).astype(np.float32)


def pack(field: Field) -> NDArray[np.int8]:
    """Field to int8, SPREAD at 127."""
    return np.rint(np.clip(field, -SPREAD, SPREAD) * (127 / SPREAD)).astype(np.int8)


def unpack(packed: NDArray[np.int8]) -> Field:
    """The inverse of `pack`."""
    return packed.astype(np.float32) * np.float32(SPREAD / 127)
