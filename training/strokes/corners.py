"""A line's corners: where they are, where its sides would meet, and the pieces between them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.strokes.graph import Floats, lengths

STEP = 0.5              # canvas pixels between points of a line

_SMOOTH = 1.0           # deviation, pixels, of the smoothing along a line
_CORNER = 0.8           # radians that a line turns at a corner, nearly all of it
_SUDDEN = 0.72          # within this share of the turn around it


@dataclass(frozen=True)
class Line:
    """A line between two ends or corners."""

    points: Floats          # (N, 2) canvas pixels
    wide: Floats            # (N,) half-width of the ink

    def turned(self) -> Line:
        """The same line from its other end."""
        return Line(self.points[::-1], self.wide[::-1])

    @property
    def length(self) -> float:
        """Canvas pixels along the line."""
        return float(lengths(self.points)[-1])


def even(line: Floats, wide: Floats) -> Line:
    """A line at even steps."""
    along = lengths(line)
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP) + 1))
    points = np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], 1)
    return Line(points.astype(np.float32), np.interp(at, along, wide).astype(np.float32))


def smoothed(points: Floats, ring: bool) -> Floats:
    """A line (N, 2) without the steps of the raster; open ends stay where they are."""
    reach = round(3 * _SMOOTH / STEP)
    kernel = cv2.getGaussianKernel(2 * reach + 1, _SMOOTH / STEP)[:, 0]
    if ring:
        around = np.take(points[:-1], np.arange(-reach, len(points) + reach), axis=0, mode="wrap")
    else:
        reach = min(reach, len(points) - 1)
        kernel = kernel[3 * round(_SMOOTH / STEP) - reach:][:2 * reach + 1]
        around = np.concatenate([2 * points[0] - points[reach:0:-1], points,
                                 2 * points[-1] - points[-2:-reach - 2:-1]])
    kernel = kernel / kernel.sum()
    return np.stack([np.convolve(around[:, k], kernel, "valid") for k in (0, 1)],
                    1).astype(np.float32)


def _turns(line: Line) -> tuple[Floats, Floats]:
    """How far (N,) a line turns close to each point, and how much it bends in twice that reach."""
    way, bends, reach = _headings(line.points), bends_of(line.points), _reach(line.wide)
    here, last = np.arange(len(way)), len(way) - 1
    near = np.abs(way[np.minimum(here + reach, last)] - way[np.maximum(here - reach, 0)])
    far = bends[np.minimum(here + 2 * reach, last)] - bends[np.maximum(here - 2 * reach, 0)]
    return near, far


def _headings(points: Floats) -> NDArray[np.float64]:
    """The direction (N,) of a line at each point, radians, without jumps."""
    x, y = np.gradient(points, axis=0).astype(np.float64).T
    return np.unwrap(np.arctan2(y, x))


def bends_of(points: Floats) -> NDArray[np.float64]:
    """How much (N,) a line has bent up to each point, either way."""
    way = cv2.blur(_headings(points)[:, None], (1, 5), borderType=cv2.BORDER_REPLICATE)[:, 0]
    return np.r_[0, np.cumsum(np.abs(np.diff(way)))]


def _reach(wide: Floats) -> NDArray[np.int64]:
    """Steps on both sides of a corner in which thinning rounds it off."""
    return np.ceil((0.9 * wide + 1) / STEP).astype(np.int64)


def corners_of(line: Line) -> list[int]:
    """Points of a line where it turns sharply."""
    near, far = _turns(line)
    reach, last = _reach(line.wide), len(near) - 1
    found: list[int] = []
    sharp = np.flatnonzero((near > _CORNER) & (near > _SUDDEN * far))
    for i in sorted(sharp.tolist(), key=lambda i: (-round(float(near[i]), 2), i)):
        if reach[i] <= i <= last - reach[i] and all(abs(i - j) > 1.5 * reach[i] for j in found):
            found.append(i)
    return sorted(found)


def opened(line: Line) -> Line:
    """A ring from its top left corner on, or counter-clockwise from its top."""
    points, wide, count = line.points[:-1], line.wide[:-1], len(line.points) - 1
    thrice = Line(np.tile(points, (3, 1)), np.tile(wide, 3))
    corners = corners_of(thrice)
    inner = [k for k, i in enumerate(corners) if count <= i < 2 * count]
    if inner:
        best = min(inner, key=lambda k: float(points[corners[k] % count].sum()))
        return _cut_at(thrice, corners, best)
    high = np.flatnonzero(points[:, 1] < points[:, 1].min() + STEP)
    first = int(high[np.argsort(points[high, 0], kind="stable")[len(high) // 2]])
    at = (np.arange(count + 1) + first) % count
    x, y = points[at].astype(np.float64).T
    if (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0:     # clockwise, y being down
        at = at[::-1]
    return Line(points[at], wide[at])


def _cut_at(thrice: Line, corners: list[int], best: int) -> Line:
    """A ring, given three times over, from one of its corners back to it."""
    count, reach = len(thrice.points) // 3, _reach(thrice.wide)
    before, here, after = ((i, int(reach[i])) for i in (
        (corners * 3)[len(corners) + best + k] for k in (-1, 0, 1)))
    before = (before[0] if before[0] < here[0] else 0, before[1])
    after = (after[0] if after[0] > here[0] else 3 * count - 1, after[1])
    place = _sharp(thrice.points, before, here, after)[None]
    inner = slice(here[0] + here[1], here[0] + count - here[1] + 1)
    points = np.concatenate([place, thrice.points[inner], place]).astype(np.float32)
    return even(points, np.r_[thrice.wide[here[0]], thrice.wide[inner], thrice.wide[here[0]]])


def parted(line: Line, corners: list[int]) -> list[Line]:
    """The pieces of a line between its corners, which are made sharp."""
    reach = _reach(line.wide)
    ends = [(0, 0), *((i, int(reach[i])) for i in corners), (len(line.points) - 1, 0)]
    places = [line.points[0], *(_sharp(line.points, *ends[k - 1:k + 2])
                                for k in range(1, len(ends) - 1)), line.points[-1]]
    pieces = []
    for k, ((i, before), (j, after)) in enumerate(zip(ends, ends[1:])):
        inner = slice(i + max(before, 1), max(j - max(after, 1) + 1, i + 1))
        pieces.append(Line(
            np.concatenate([places[k][None], line.points[inner], places[k + 1][None]]),
            np.r_[line.wide[i], line.wide[inner], line.wide[j]]))
    return pieces


def _sharp(points: Floats, before: tuple[int, int], here: tuple[int, int],
           after: tuple[int, int]) -> Floats:
    """Where the two sides of a corner would meet, if that is near."""
    i, reach = here
    a, b = points[max(i - 3 * reach, sum(before))], points[i - reach]
    d, c = points[min(i + 3 * reach, after[0] - after[1])], points[i + reach]
    u, v = b - a, c - d
    cross = float(u[0] * v[1] - u[1] * v[0])
    if min(np.hypot(*u), np.hypot(*v)) < 1 or abs(cross) < 0.4 * np.hypot(*u) * np.hypot(*v):
        return points[i]
    w = c - b
    met = b + u * float(w[0] * v[1] - w[1] * v[0]) / cross
    return met if np.hypot(*(met - points[i])) < 1.5 * reach * STEP else points[i]
