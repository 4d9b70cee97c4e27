"""Strokes inked: the signed distance field of lines drawn with a pen of changing width."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from exporters.strokes.curve import (
    cap,
    corners,
    curve,
    headings,
    normals,
    round_unless,
    shaped,
)
from fonts.drawing import CANVAS, SPREAD, Field, Strokes

Floats = NDArray[np.float32]

THIN = 0.3              # pixels: the least half-width that is told apart


class Inked(NamedTuple):
    """A drawing (128, 128), and the strokes that it was inked from and from nothing else."""

    field: Field
    strokes: Strokes | None = None


def inked(strokes: Floats, half_width: Floats, ends: Floats | None = None,
          sides: Floats | None = None) -> Inked:
    """Strokes (S, 16, 2) with half-widths (S, 16), canvas pixels, ends and sides as a drawing."""
    return Inked(ink(strokes, half_width, ends, sides=sides),
                 Strokes(strokes, half_width, ends, sides))


def ink(strokes: Floats, half_width: Floats, ends: Floats | None = None,
        size: int = CANVAS, sides: Floats | None = None) -> Field:
    """Field (size, size) of strokes (S, 16, 2) with half-widths (S, 16), canvas pixels.

    ends (S, 2, 13): how far first and last ends reach, in half-widths, at `curve.ANGLES`; round
    ones unless given; sides (S, 2, 46): as `Strokes` has them. The distance is to the union of
    round cones and ends, exact outside and near the edge.
    """
    reach = round_unless(ends, len(strokes))
    cut = shaped(reach)
    strokes = strokes.astype(np.float32)
    lines = [*map(curve, strokes, half_width.astype(np.float32), corners(strokes))]
    if sides is not None:
        lines = [_between(*one, own) for one, own in zip(lines, sides)]
    field = ink_lines(lines, size, cut)
    heading = headings(strokes)
    for i, end in np.argwhere(cut):
        shape = strokes[i, -end] + half_width[i, -end] * cap(heading[i, end], reach[i, end])
        _fill(field, shape.astype(np.float32), size / CANVAS)
    return np.minimum(field, np.float32(SPREAD))


def _between(line: Floats, wide: Floats, sides: Floats) -> tuple[Floats, Floats]:
    """A line (46, 2) with half-widths (46,) in the middle between its sides (2, 46)."""
    one, other = wide * sides
    aside = (one - other) / 2
    return line + aside[:, None] * normals(line), (one + other) / 2


def ink_lines(lines: Iterable[tuple[Floats, Floats]], size: int = CANVAS,
              cut: NDArray[np.bool_] | None = None) -> Field:
    """Field (size, size) of lines (N, 2) of two points or more with half-widths (N,).

    cut (L, 2): first and last ends beyond which nothing is drawn; the others are round.
    """
    field = np.full((size, size), -SPREAD, np.float32)
    for i, (line, wide) in enumerate(lines):
        _draw(field, line, wide, size / CANVAS, np.zeros(2, np.bool_) if cut is None else cut[i])
    return np.minimum(field, np.float32(SPREAD))


def log_width(half_width: Floats) -> Floats:
    """Logarithms of half-widths in pixels."""
    return np.log(np.maximum(half_width, THIN))


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
