"""A stroke between its points: the line that is inked, and how wide it is there."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.strokes import PLACES, POINTS

Floats = NDArray[np.float32]
Reals = TypeVar("Reals", NDArray[np.float32], NDArray[np.float64])

SMOOTH = (PLACES - 1) // (POINTS - 1)       # pieces that each step of a stroke is drawn in
CORNER = 0.7            # turn, radians, that stays a corner
ANGLES = np.linspace(-np.pi / 2, np.pi / 2, 13, dtype=np.float32)   # of an end, from straight on
_ROUND = 0.06           # of a half-width that an end may differ from a round one and count as such
_BEHIND = 1.0           # half-widths that an end's shape goes back into its stroke, there
_NARROWER = 0.9         # as wide as this share of it
_BACK = 3               # points that an end's heading is taken over


def round_unless(ends: Floats | None, count: int) -> Floats:
    """The ends of `count` strokes (S, 2, 13), half-widths; round ones where none are given."""
    return np.ones((count, 2, len(ANGLES)), np.float32) if ends is None else ends


def even_unless(sides: Floats | None, count: int) -> Floats:
    """The sides of `count` strokes (S, 2, 46), half-widths; even ones where none are given."""
    return np.ones((count, 2, PLACES), np.float32) if sides is None else sides


def shaped(ends: Floats) -> NDArray[np.bool_]:
    """Which ends (S, 2) are not about round; ends: (S, 2, 13), half-widths."""
    return np.asarray(np.abs(ends - 1).max(-1) > _ROUND)


def headings(strokes: Floats) -> Floats:
    """Directions (S, 2), radians, in which strokes (S, 16, 2) go out at their first and last
    point."""
    step = np.stack([strokes[:, 0] - strokes[:, _BACK], strokes[:, -1] - strokes[:, -1 - _BACK]], 1)
    return np.arctan2(step[..., 1], step[..., 0])


def tangents(lines: Reals) -> Reals:
    """Unit vectors (..., N, 2) along lines (..., N, 2)."""
    along = np.gradient(lines, axis=-2)
    along /= np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-6)[..., None]
    return np.asarray(along, lines.dtype)


def normals(lines: Reals) -> Reals:
    """Unit vectors (..., N, 2) across lines (..., N, 2): to the left of what goes down the page."""
    along = tangents(lines)
    return np.stack([-along[..., 1], along[..., 0]], -1)


def cap(heading: float, reach: Floats) -> Floats:
    """The polygon (15, 2) of an end that reaches this far (13,), around the stroke's last point."""
    turn = heading + ANGLES
    around = np.stack([np.cos(turn), np.sin(turn)], -1)
    back = -_BEHIND * np.array([np.cos(heading), np.sin(heading)], np.float32)
    sides = back + _NARROWER * around[[-1, 0]]
    return np.concatenate([reach[:, None] * around, sides]).astype(np.float32)


def corners(strokes: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which points (..., 16) of strokes (..., 16, 2) are corners."""
    out = np.zeros(strokes.shape[:-1], np.bool_)
    out[..., 1:-1] = turns(strokes) > CORNER
    return out


def turns(lines: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far lines (..., N, 2) turn at their inner points (..., N - 2), radians, either way."""
    return np.abs(bearings(lines))


def bearings(lines: NDArray[np.floating]) -> NDArray[np.floating]:
    """The same with its sign: from x to y is positive."""
    step = np.diff(lines, axis=-2)
    heading = np.arctan2(step[..., 1], step[..., 0])
    return (np.diff(heading) + np.pi) % (2 * np.pi) - np.pi


def lengths(line: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far along a line (N, 2) each of its points lies, (N,)."""
    return np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]


@compiled
def curve(p: Reals, w: Reals, corner: NDArray[np.bool_]) -> tuple[Reals, Reals]:
    """A stroke (16, 2) and its widths (16,), finer: centripetal cubics that keep its corners (16,).
    """
    n = len(p)
    count = (n - 1) * SMOOTH + 1
    line, wide = np.empty((count, 2), p.dtype), np.empty(count, p.dtype)
    for i in range(n - 1):
        for k in range(2):
            ahead = p[i + 1, k] - p[i, k]
            m0 = ahead if i == 0 or corner[i] else (p[i + 1, k] - p[i - 1, k]) / 2
            m1 = ahead if i == n - 2 or corner[i + 1] else (p[i + 2, k] - p[i, k]) / 2
            for j in range(SMOOTH):
                t = j / SMOOTH
                line[i * SMOOTH + j, k] = (
                    (2 * t**3 - 3 * t**2 + 1) * p[i, k] + (t**3 - 2 * t**2 + t) * m0
                    + (3 * t**2 - 2 * t**3) * p[i + 1, k] + (t**3 - t**2) * m1)
        for j in range(SMOOTH):
            t = j / SMOOTH
            wide[i * SMOOTH + j] = w[i] + t * (w[i + 1] - w[i])
    line[count - 1, 0], line[count - 1, 1] = p[n - 1, 0], p[n - 1, 1]
    wide[count - 1] = w[n - 1]
    return line, wide
