"""Strokes inked: the signed distance field of lines drawn with a pen of changing width."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.drawing import CANVAS, SPREAD, Field

Floats = NDArray[np.float32]

SMOOTH = 3              # pieces that each step of a stroke is drawn in
CORNER = 0.7            # turn, radians, that stays a corner
THIN = 0.3              # pixels: the least half-width that is told apart


def ink(strokes: Floats, half_width: Floats, size: int = CANVAS) -> Field:
    """Field (size, size) of strokes (S, 16, 2) with half-widths (S, 16), canvas pixels."""
    return ink_lines(map(curve, strokes, half_width), size)


def ink_lines(lines: Iterable[tuple[Floats, Floats]], size: int = CANVAS) -> Field:
    """Field (size, size) of lines (N, 2) of two points or more with half-widths (N,).

    The distance is to the union of round cones, exact outside and near the edge.
    """
    field = np.full((size, size), -SPREAD, np.float32)
    for line, wide in lines:
        _draw(field, line, wide, size / CANVAS)
    return np.minimum(field, np.float32(SPREAD))


def curve(stroke: Floats, width: Floats) -> tuple[Floats, Floats]:
    """A stroke (N, 2) and its widths (N,), finer: centripetal cubics that keep sharp corners."""
    corner = np.zeros(len(stroke), np.bool_)
    corner[1:-1] = turns(stroke) > CORNER
    return _cubics(stroke.astype(np.float32), width.astype(np.float32), corner)


def turns(lines: Floats) -> Floats:
    """How far lines (..., N, 2) turn at their inner points (..., N - 2), radians, either way."""
    step = np.diff(lines, axis=-2)
    heading = np.arctan2(step[..., 1], step[..., 0])
    return np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)


def log_width(half_width: Floats) -> Floats:
    """Logarithms of half-widths in pixels."""
    return np.log(np.maximum(half_width, THIN))


@compiled
def _cubics(p: Floats, w: Floats, corner: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    n = len(p)
    count = (n - 1) * SMOOTH + 1
    line, wide = np.empty((count, 2), np.float32), np.empty(count, np.float32)
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
    line[count - 1] = p[n - 1]
    wide[count - 1] = w[n - 1]
    return line, wide


@compiled
def _draw(field: Field, line: Floats, wide: Floats, scale: float) -> None:
    """The greater of the field and the distance inside each round cone of a line."""
    size = field.shape[0]
    for i in range(len(line) - 1):
        ax, ay, bx, by = line[i, 0], line[i, 1], line[i + 1, 0], line[i + 1, 1]
        ra, rb = wide[i], wide[i + 1]
        reach = max(ra, rb) + SPREAD
        x0, x1 = int((min(ax, bx) - reach) * scale), int((max(ax, bx) + reach) * scale) + 1
        y0, y1 = int((min(ay, by) - reach) * scale), int((max(ay, by) + reach) * scale) + 1
        dx, dy = bx - ax, by - ay
        squared = dx * dx + dy * dy + 1e-9
        for y in range(max(0, y0), min(size, y1 + 1)):
            py = (y + 0.5) / scale - ay
            for x in range(max(0, x0), min(size, x1 + 1)):
                px = (x + 0.5) / scale - ax
                t = min(1.0, max(0.0, (px * dx + py * dy) / squared))
                qx, qy = px - t * dx, py - t * dy
                value = ra + t * (rb - ra) - np.sqrt(qx * qx + qy * qy)
                if value > field[y, x]:
                    field[y, x] = value
