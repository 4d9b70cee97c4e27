"""The edges of strokes to the edge of all their ink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyclipper

from exporters.strokes.ribbon import Edge, Flags

Point = tuple[int, int]
Way = tuple[float, float]

FINE = 64               # parts of a unit: the union is made in whole numbers
ALIKE = 0.99            # cosine between tangents that are one


def union(edges: Sequence[Edge]) -> list[Edge]:
    """Closed chains of points (N, 2), unit tangents (N, 2), and which points have one.

    Clockwise around ink, counter-clockwise around white. Where two edges cross no tangent is
    known.
    """
    clipper = pyclipper.Pyclipper()
    known: dict[Point, Way] = {}
    for points, ways, there in edges:
        path = [*map(tuple, np.rint(points * FINE).astype(np.int64).tolist())]
        for point, (x, y), is_known in zip(path, ways.tolist(), there.tolist()):
            u, v = known.get(point, (x, y))         # of an edge that has been there before
            known[point] = (x, y) if is_known and x * u + y * v > ALIKE else (0.0, 0.0)
        clipper.AddPath(path, pyclipper.PT_SUBJECT, True)
    found = clipper.Execute(pyclipper.CT_UNION, pyclipper.PFT_NONZERO, pyclipper.PFT_NONZERO)
    return [_chain(path[::-1], known) for path in found]       # they run the other way


def _chain(path: list[list[int]], known: dict[Point, Way]) -> Edge:
    ways = np.array([known.get((x, y), (0.0, 0.0)) for x, y in path])
    there: Flags = np.asarray(ways.any(1))
    return np.array(path) / FINE, ways, there
