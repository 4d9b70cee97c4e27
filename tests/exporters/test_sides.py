"""The sides beside corners, and where they meet."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.sides import corner_places, sides, straight_side
from tests.exporters.test_corners import NOTHING, SQUARE


def test_a_nearly_level_side_is_laid_level() -> None:
    rising = np.array([(x, 0.004 * x) for x in range(20)])
    found, line = straight_side(rising, 0, 10, 0.5, np.radians(0.5))
    assert found and line.tolist() == [[4.5, pytest.approx(0.018)], [1, 0]]
    steep = np.array([(x, 0.5 * x) for x in range(20)])
    found, line = straight_side(steep, 0, 10, 0.5, np.radians(0.5))
    assert found and line[1] == pytest.approx(np.array([2, 1]) / np.sqrt(5))


def test_the_sides_of_a_square_meet_at_its_corners() -> None:
    corners = np.array([0, 10, 20, 30])
    ahead, behind, trust = beside = sides(SQUARE, corners, 0.5, np.radians(0.5))
    assert ahead[0, 1] == pytest.approx([1, 0]) and behind[0, 1] == pytest.approx([0, 1])
    kept, places = corner_places(SQUARE, corners, beside, True, *NOTHING)
    assert kept.tolist() == [0, 10, 20, 30]
    assert places == pytest.approx(np.array([(0, 0), (10, 0), (10, 10), (0, 10)]))
