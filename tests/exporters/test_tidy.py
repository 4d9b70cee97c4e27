"""Overlaps are merged, and no ink is lost over it."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.outline import CUBIC, LINE, Contour, Outline
from exporters.outlines.tidy import covered, without_overlaps

BLOT = np.array([
    (876, 332), (833, 272), (633, 123), (585, 100), (538, 77), (598, 205), (590, 193), (582, 181),
    (564, 43), (539, 27), (514, 12), (457, 1), (439, 100), (422, 199), (402, 515), (435, 622),
    (467, 729), (600, 738), (633, 742), (665, 746), (594, 694), (629, 646), (664, 598), (802, 508),
    (843, 456), (884, 404), (918, 391)], float)
STEPS = np.array([
    (0, 1), (-1, 0), (-1, 0), (1, 0), (0, -1), (0, -1), (-1, 0), (0, 0), (1, 1), (0, -1), (0, 1),
    (0, -1), (0, 1), (0, -1), (0, 0), (0, 0), (1, 0), (1, 0), (-1, 0), (-1, 0), (-1, 1), (-1, 1),
    (-1, 0), (1, 1), (0, 1), (0, 0), (0, 0)], float)


def box(left: float, bottom: float, right: float, top: float) -> Contour:
    return Contour(np.array([(left, bottom), (left, top), (right, top), (right, bottom)], float),
                   (LINE,) * 4)


def test_two_crossing_bars_become_one_contour() -> None:
    cross = without_overlaps(Outline((box(0, 400, 900, 500), box(400, 0, 500, 900))))
    assert len(cross.contours) == 1 and cross.area == 900 * 100 * 2 - 100 * 100


def test_ink_is_measured_by_winding() -> None:
    ring = (box(0, 0, 500, 500), box(100, 100, 400, 400).reversed())
    assert covered(ring) == pytest.approx(500 * 500 - 300 * 300, rel=0.02)
    assert covered((box(0, 0, 500, 500), box(0, 0, 500, 500))) == pytest.approx(250_000, rel=0.02)
    assert covered(()) == 0


def test_nearly_equal_contours_keep_their_ink() -> None:
    """skia-pathops 0.9.2 leaves a twentieth of these two and raises nothing."""
    pair = tuple(Contour(points, (CUBIC,) * 9) for points in (BLOT, BLOT + STEPS))
    assert covered(without_overlaps(Outline(pair)).contours) >= 0.95 * covered(pair)
