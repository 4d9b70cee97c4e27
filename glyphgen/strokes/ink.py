"""Strokes inked: the signed distance field of lines drawn with a pen of changing width."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.drawing import CANVAS, SPREAD, Field

Floats = NDArray[np.float32]

ANGLES = np.linspace(-np.pi / 2, np.pi / 2, 13, dtype=np.float32)   # of an end, from straight on
SMOOTH = 3              # pieces that each step of a stroke is drawn in
CORNER = 0.7            # turn, radians, that stays a corner
THIN = 0.3              # pixels: the least half-width that is told apart
_ROUND = 0.06           # of a half-width that an end may differ from a round one and count as such
_BEHIND = 1.0           # half-widths that an end's shape goes back into its stroke, there
_NARROWER = 0.9         # as wide as this share of it
_BACK = 3               # points that an end's heading is taken over


def ink(strokes: Floats, half_width: Floats, ends: Floats | None = None,
        size: int = CANVAS) -> Field:
    """Field (size, size) of strokes (S, 16, 2) with half-widths (S, 16), canvas pixels.

    ends (S, 2, 13): how far first and last ends reach, in half-widths, at ANGLES; round ones unless
    given. The distance is to the union of round cones and ends, exact outside and near the edge.
    """
    reach = np.ones((len(strokes), 2, len(ANGLES)), np.float32) if ends is None else ends
    shaped = np.abs(reach - 1).max(-1) > _ROUND
    field = ink_lines(map(curve, strokes, half_width), size, shaped)
    heading = headings(strokes)
    for i, end in np.argwhere(shaped):
        cap = strokes[i, -end] + half_width[i, -end] * _cap(heading[i, end], reach[i, end])
        _fill(field, cap.astype(np.float32), size / CANVAS)
    return np.minimum(field, np.float32(SPREAD))


def ink_lines(lines: Iterable[tuple[Floats, Floats]], size: int = CANVAS,
              cut: NDArray[np.bool_] | None = None) -> Field:
    """Field (size, size) of lines (N, 2) of two points or more with half-widths (N,).

    cut (L, 2): first and last ends beyond which nothing is drawn; the others are round.
    """
    field = np.full((size, size), -SPREAD, np.float32)
    for i, (line, wide) in enumerate(lines):
        _draw(field, line, wide, size / CANVAS, np.zeros(2, np.bool_) if cut is None else cut[i])
    return np.minimum(field, np.float32(SPREAD))


def headings(strokes: Floats) -> Floats:
    """Directions (S, 2), radians, in which strokes (S, 16, 2) go out at their first and last
    point."""
    step = np.stack([strokes[:, 0] - strokes[:, _BACK], strokes[:, -1] - strokes[:, -1 - _BACK]], 1)
    return np.arctan2(step[..., 1], step[..., 0])


def _cap(heading: float, reach: Floats) -> Floats:
    """The polygon (15, 2) of an end that reaches this far (13,), around the stroke's last point."""
    turn = heading + ANGLES
    around = np.stack([np.cos(turn), np.sin(turn)], -1)
    back = -_BEHIND * np.array([np.cos(heading), np.sin(heading)], np.float32)
    sides = back + _NARROWER * around[[-1, 0]]
    return np.concatenate([reach[:, None] * around, sides]).astype(np.float32)


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
def _draw(field: Field, line: Floats, wide: Floats, scale: float,
          cut: NDArray[np.bool_]) -> None:
    """The greater of the field and the distance inside each round cone of a line.

    cut (2,): whether nothing is drawn beyond its first and last point.
    """
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
                ahead = (px * dx + py * dy) / squared
                t = min(1.0, max(0.0, ahead))
                qx, qy = px - t * dx, py - t * dy
                value = ra + t * (rb - ra) - np.sqrt(qx * qx + qy * qy)
                if cut[0] and i == 0:
                    value = min(value, ahead * np.sqrt(squared))
                if cut[1] and i == len(line) - 2:
                    value = min(value, (1 - ahead) * np.sqrt(squared))
                if value > field[y, x]:
                    field[y, x] = value


@compiled
def _fill(field: Field, polygon: Floats, scale: float) -> None:
    """The greater of the field and the distance inside a polygon (N, 2), canvas pixels."""
    size, count = field.shape[0], len(polygon)
    x0, x1 = polygon[:, 0].min() - SPREAD, polygon[:, 0].max() + SPREAD
    y0, y1 = polygon[:, 1].min() - SPREAD, polygon[:, 1].max() + SPREAD
    for y in range(max(0, int(y0 * scale)), min(size, int(y1 * scale) + 2)):
        py = (y + 0.5) / scale
        for x in range(max(0, int(x0 * scale)), min(size, int(x1 * scale) + 2)):
            px = (x + 0.5) / scale
            nearest, inside = 1e9, False
            for i in range(count):
                ax, ay = polygon[i - 1, 0], polygon[i - 1, 1]
                dx, dy = polygon[i, 0] - ax, polygon[i, 1] - ay
                t = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy + 1e-9)
                t = min(1.0, max(0.0, t))
                qx, qy = px - ax - t * dx, py - ay - t * dy
                nearest = min(nearest, qx * qx + qy * qy)
                if (ay > py) != (polygon[i, 1] > py) and px < dx * (py - ay) / dy + ax:
                    inside = not inside
            value = np.sqrt(nearest) if inside else -np.sqrt(nearest)
            if value > field[y, x]:
                field[y, x] = value
