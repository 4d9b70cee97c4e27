"""Outlines at once, for a preview while the tracer is still being compiled: polygons."""

from __future__ import annotations

import cv2
import numpy as np

from exporters.outlines.outline import LINE, Contour, Outline
from fonts.drawing import CANVAS, Field, to_em

_SIZE = 1024            # pixels of the grid that polygons run on: 1.1 units each
_TOLERANCE = 0.5        # of those pixels
_LEAST = 40.0           # square units; less is a speck


def draft(field: Field, codepoint: int, level: float = 0.0) -> Outline:
    """Polygons about a unit off the level set of a field (S, S), integer em units.

    Nothing here is compiled: what a machine sees first is no later for it.
    """
    fine = cv2.resize(field, (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC)
    inside = (fine > level - 0.5 * CANVAS / _SIZE).astype(np.uint8)     # to the pixels' edges
    chains, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    contours = []
    for chain in chains:
        simple = cv2.approxPolyDP(chain, _TOLERANCE, closed=True)[:, 0]
        points = np.floor(to_em(simple + 0.5, codepoint, _SIZE) + 0.5)
        contour = Contour(points, (LINE,) * len(points)).reversed()     # y was down
        if len(points) > 2 and abs(contour.area) >= _LEAST:
            contours.append(contour)
    return Outline(tuple(contours))
