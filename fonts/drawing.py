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
Points = NDArray[np.float64]        # (N, 2), x first
Mask = NDArray[np.bool_]            # (128, 128), true where something is meant

CANVAS = 128          # pixels, the model's raster
EM_PIXELS = 112       # pixels of the em square inside the canvas
MARGIN = (CANVAS - EM_PIXELS) / 2
SPREAD = 4.0          # clamp of the field, in canvas pixels
UNITS_PER_EM = 1000
EM_TOP = 880          # y of the em square's top edge, font units
LATIN_RAISE = 90      # units that what has descenders is raised by, so that they fit

_NEAR = 15            # pixels whose squares fit a byte
_LESS_HALF = np.maximum(np.sqrt(np.arange(256, dtype=np.float32)) - np.float32(0.5), 0)
_DEEP = frozenset(map(ord, "ｇｊｐｑｙ㎎㎏㏒￨"))     # descenders at one em's width
_HIGH = frozenset(map(ord, "`´¹²³"))        # of an alphabet, too high to be raised
_ALPHABETS = ((0, 0x2B0), (0x370, 0x530), (0x1E00, 0x2000))     # Latin, Greek, Cyrillic


@dataclass(frozen=True, eq=False)
class Strokes:
    """What a field was inked from: lines (S, 16, 2) and half-widths (S, 16), canvas pixels.

    ends (S, 2, 13): how far first and last ends reach, in half-widths, from one side to the other;
    round ones unless given. sides (S, 2, 46): how far the edges left and right of a line that goes
    down the page lie from it, in half-widths, at its points and twice between any two; 1 unless
    given. They hold for that field alone; whoever changes it drops them.
    """

    lines: Field
    half_width: Field
    ends: Field | None = None
    sides: Field | None = None


@dataclass(frozen=True)
class Drawing:
    """One raster glyph: `codepoint` and its field (S, S), S a multiple of 128 or 128 itself.

    `strokes` are there where the field was inked from them.
    """

    codepoint: int
    field: Field
    strokes: Strokes | None = None


def raise_of(codepoint: int) -> int:
    """Units that the glyph of `codepoint` is moved up by inside the canvas."""
    deep = codepoint in _DEEP or is_proportional(codepoint) and codepoint not in _HIGH
    return LATIN_RAISE if deep else 0


def is_proportional(codepoint: int) -> bool:
    """Whether the advance comes from the drawing (of an alphabet) instead of being one em."""
    return any(first <= codepoint < end for first, end in _ALPHABETS)


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
    distance = np.full((height, height), -SPREAD, np.float32)
    if inside.any():
        reach = int(np.ceil(SPREAD * height / CANVAS))
        near = _around(inside, reach + 2)
        distance[near] = _signed(coverage[near], inside[near], reach) * (CANVAS / height)
        np.clip(distance, -SPREAD, SPREAD, out=distance)
    if height == size:
        return distance
    return cv2.resize(distance, (size, size), interpolation=cv2.INTER_AREA)


def _around(mask: NDArray[np.uint8], margin: int) -> tuple[slice, slice]:
    """Rows and columns of the ink of a mask and of `margin` pixels around it."""
    inked = [np.flatnonzero(mask.any(axis)) for axis in (1, 0)]
    rows, columns = (slice(max(at[0] - margin, 0), at[-1] + 1 + margin) for at in inked)
    return rows, columns


def _signed(coverage: NDArray[np.floating], inside: NDArray[np.uint8], reach: int) -> Field:
    """Distance in pixels, right up to `reach`, to where coverage is one half; positive inside."""
    apart = _distance_near if reach <= _NEAR else _distance
    distance = apart(inside, reach) - apart(1 - inside, reach)
    edge = np.flatnonzero(np.abs(distance) == np.float32(0.5))
    known = coverage.reshape(-1)[edge]      # the pixel on the edge knows where the edge is
    distance.reshape(-1)[edge] = np.clip(known, 0, 1) - 0.5
    return distance


def _distance_near(mask: NDArray[np.uint8], reach: int) -> Field:
    """`_distance` up to `reach`, at most `_NEAR`: the least of all sums of two squares of steps.

    Saturating bytes: a sum that does not fit is too far anyway.
    """
    least = mask * np.uint8(255)
    height, width = mask.shape
    step = np.empty_like(mask)
    for down, across in ((reach, 0), (0, reach)):
        wide = cv2.copyMakeBorder(least, down, down, across, across, cv2.BORDER_CONSTANT,
                                  value=255)
        for k in range(1, reach + 1):
            y, x = min(k, down), min(k, across)
            before = wide[down - y :, across - x :][:height, :width]
            after = wide[down + y :, across + x :][:height, :width]
            cv2.add(cv2.min(before, after, step), k * k, step)
            cv2.min(least, step, least)
    return cv2.LUT(least, _LESS_HALF)


def _distance(mask: NDArray[np.uint8], _: int) -> Field:
    """Distance of every pixel of a mask (H, W) to the edge of the nearest 0, which have 0."""
    return np.maximum(distance_inside(mask) - np.float32(0.5), 0)


def distance_inside(mask: NDArray[np.uint8]) -> Field:
    """Distance of every pixel of a mask (H, W) to the middle of the nearest 0.

    The same bits every time: OpenCV's last bit depends on where its memory lies, but squares of
    distances are integers.
    """
    squared = np.square(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    return np.sqrt(np.rint(squared, dtype=np.float32))


def reduced(field: Field) -> Field:
    """A field (S, S) at the model's size (128, 128)."""
    if field.shape[0] == CANVAS:
        return field
    return cv2.resize(field, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)


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
