"""Medians of stroke-order data as strokes of the content: straight, 16 points, knots on corners.

The data is that of the npm package `hanzi-writer-data`, on a grid of 1024 with y up. Its medians
follow a brush: the short hooks where it enters and leaves are no part of the stroke's course.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fonts.content import Content
from fonts.drawing import EM_PIXELS, MARGIN
from glyphgen.strokes.laid.nearest import drawn_near
from glyphgen.strokes.laid.refine import refined
from glyphgen.strokes.laid.register import POINTS, quality, register, upsampled
from glyphgen.strokes.laid.skeleton import FINE, Skeleton, skeleton_of
from training.hands.write import GRID, GRID_TOP
from training.strokes.search import brought_to_bare, searched

Floats = NDArray[np.float64]

_TOLERANCE = 2.0                    # pixels that a polygon may leave a median by
_BLEND = 0.5                        # how far points go from the median to its polygon
_CORNER = 0.7                       # turn, radians, that is a corner
_LEAST_TURN = 0.15                  # of a hook
# first and last leg: longest hook in pixels, and as a share of the stroke; most it turns
_HOOKS = ((11.0, 0.4, 1.5), (9.0, 0.3, 1.1))
_KEPT = 0.8                         # of a hook's length, that the stroke gets straight on instead
OFF, BARE = 0.2, 0.05               # `register.quality` of what is good enough to ship
GOOD, ASTRAY = 6.0, 30.0           # pixels astray at which no other way is tried, and none is kept
_HARD = 4.0                         # of matches where strokes lie near their lines: square pixels
_REPAIRS = 2                        # strokes at most that are brought to a bare line
_BESIDE, _FAR = 3.5, 4.0            # pixels from a line: what is astray, and what counts more
_FURTHER = 3.0                      # how much more, a pixel
_STRETCH = (0.6, 1.6)               # of medians, to have the drawing's size


def on_canvas(median: NDArray[np.integer]) -> Floats:
    """A median's points (N, 2) in canvas pixels."""
    scale = EM_PIXELS / GRID
    return np.stack([MARGIN + median[:, 0] * scale, MARGIN + (GRID_TOP - median[:, 1]) * scale], 1)


def content_strokes(content: Content, codepoint: int,
                    medians: Sequence[NDArray[np.integer]]) -> NDArray[np.float32] | None:
    """A character's strokes (S, 16, 2) on the Kai content's lines; None where they don't fit."""
    skeleton = skeleton_of(content.pair(codepoint)[1])
    if skeleton is None:
        return None
    strokes = np.stack([sixteen(straightened(on_canvas(one))) for one in medians])
    best, least = None, ASTRAY
    sized = _sized(strokes, skeleton)
    for way in _ways(sized, strokes.astype(np.float32), skeleton):
        for laid in _repaired(way, sized, skeleton):
            off, bare, _ = quality(laid, skeleton)
            far = astray(laid, skeleton)
            if off < OFF and bare < BARE and far < least:
                best, least = laid, far
            if least < GOOD:
                return best
    return best


def _repaired(laid: NDArray[np.float32], sized: NDArray[np.float32],
              skeleton: Skeleton) -> Iterator[NDArray[np.float32]]:
    """Laid strokes (S, 16, 2) as they are, then with one idle stroke more on a bare line."""
    yield laid
    for _ in range(_REPAIRS):
        found = brought_to_bare(laid, sized, skeleton)
        if found is None:
            return
        laid = refined(found, skeleton)
        yield laid


def _ways(sized: NDArray[np.float32], strokes: NDArray[np.float32],
          skeleton: Skeleton) -> Iterator[NDArray[np.float32]]:
    """Strokes (S, 16, 2) laid on a drawing, from where they are and in its size: as warps of the
    plane bring them there, then each by itself, then from all places that a search finds."""
    starts = []
    for one in (strokes, sized):
        starts.append(register(one, skeleton))
        yield refined(drawn_near(starts[-1], skeleton), skeleton)
    yield from (refined(one, skeleton) for one in starts)
    for one in (starts[0], sized):
        found = drawn_near(searched(one, skeleton), skeleton)
        yield refined(found, skeleton)
        yield refined(register(found, skeleton, loosest=_HARD), skeleton)


def _sized(strokes: NDArray[np.floating], skeleton: Skeleton) -> NDArray[np.float32]:
    """Strokes in the drawing's place and size, by the box of all but a few points of either."""
    low, high = np.quantile(strokes.reshape(-1, 2), (0.02, 0.98), axis=0)
    left, right = np.quantile(skeleton.points, (0.02, 0.98), axis=0)
    scale = np.clip((right - left) / np.maximum(high - low, 5), *_STRETCH)
    return ((strokes - low) * scale + left).astype(np.float32)


def astray(strokes: NDArray[np.float32], skeleton: Skeleton) -> float:
    """Pixels of a drawing's lines that no stroke (S, 16, 2) lies on, and points of strokes that lie
    on no line; more where one lies far off."""
    def apart(points: NDArray[np.floating], others: NDArray[np.floating]) -> Floats:
        found: Floats = cKDTree(others).query(points)[0]
        return found

    beside = apart(strokes.reshape(-1, 2), skeleton.points)
    bare = apart(skeleton.points, upsampled(strokes).reshape(-1, 2))
    return float((bare > _BESIDE).sum() / FINE + (beside > _BESIDE).sum()
                 + _FURTHER * max(0.0, beside.max() - _FAR))


def straightened(line: Floats) -> Floats:
    """A median (N, 2) without the hooks of the brush at its ends."""
    if len(line) < 2:
        return np.concatenate([line, line + 1])
    for hook in _HOOKS:
        line = _without_hook(line, *hook)[::-1]
    return line


def _without_hook(line: Floats, longest: float, share: float, most: float) -> Floats:
    for _ in range(2):
        corners = _polygon(line)
        if len(corners) < 3:
            break
        first, second = corners[1] - corners[0], corners[2] - corners[1]
        size, turn = float(np.hypot(*first)), _turn(first, second)
        small = size < min(longest, share * _lengths(line)[-1]) and size < np.hypot(*second)
        if not (small and _LEAST_TURN < turn < most):
            break
        start = corners[1] - second / np.hypot(*second) * size * _KEPT
        line = np.concatenate([start[None], line[np.abs(line - corners[1]).sum(1).argmin():]])
    return line


def sixteen(line: Floats) -> Floats:
    """Points (16, 2) along a line (N, 2), evenly but for those moved onto its corners."""
    along, corners = _lengths(line), _polygon(line)
    at = along[[int(np.abs(line - corner).sum(1).argmin()) for corner in corners]]
    place = np.linspace(0, along[-1], POINTS)
    for i in range(1, len(corners) - 1):
        if _turn(corners[i] - corners[i - 1], corners[i + 1] - corners[i]) > _CORNER:
            nearest = int(np.abs(place - at[i]).argmin())
            if 0 < nearest < POINTS - 1:
                place[nearest] = at[i]
    order = np.argsort(at)
    curved, straight = (np.stack([np.interp(place, s, p[:, k]) for k in (0, 1)], 1)
                        for s, p in ((along, line), (at[order], corners[order])))
    return curved + _BLEND * (straight - curved)


def _polygon(line: Floats) -> Floats:
    points = np.ascontiguousarray(line, np.float32)[:, None]
    return cv2.approxPolyDP(points, _TOLERANCE, False)[:, 0].astype(np.float64)


def _lengths(line: Floats) -> Floats:
    return np.r_[0, np.cumsum(np.maximum(np.hypot(*np.diff(line, axis=0).T), 1e-6))]


def _turn(a: Floats, b: Floats) -> float:
    return float(abs((np.arctan2(b[1], b[0]) - np.arctan2(a[1], a[0]) + np.pi) % (2 * np.pi)
                     - np.pi))
