"""A closed chain into segments."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.assemble import contour_segments
from tests.exporters.test_corners import NOTHING, SQUARE


def test_a_square_is_four_lines() -> None:
    points, kinds = contour_segments(10 * SQUARE, 1.35, np.radians(28), np.radians(0.5), 3.0, True,
                                     *NOTHING)
    assert kinds.tolist() == [1, 1, 1, 1]
    assert sorted(map(tuple, np.rint(points).tolist())) == [(0, 0), (0, 100), (100, 0), (100, 100)]


def test_a_circle_has_points_at_its_extrema() -> None:
    turn = np.arange(120) * (2 * np.pi / 120)
    circle = 200 * np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    points, kinds = contour_segments(circle, 1.35, np.radians(28), np.radians(0.5), 3.0, True,
                                     *NOTHING)
    assert set(kinds.tolist()) == {3}
    for extremum in ((200, 0), (0, 200), (-200, 0), (0, -200)):
        assert np.hypot(*(points - extremum).T).min() == pytest.approx(0, abs=1)
