"""Where a chain of even samples turns at once."""

from __future__ import annotations

import numpy as np

from exporters.outlines.corners import direction, find_corners, turned

SQUARE = np.array([(x, 0) for x in range(10)] + [(10, y) for y in range(10)]
                  + [(10 - x, 10) for x in range(10)] + [(0, 10 - y) for y in range(10)], float)
SQUARE[::10] += [(0.3, 0.3), (-0.3, 0.3), (-0.3, -0.3), (0.3, -0.3)]    # as a picture rounds it off
NOTHING = np.empty((0, 0)), np.array([0.0, 0.0, 1.0])


def test_a_square_has_its_four_corners() -> None:
    assert find_corners(SQUARE, np.radians(28), *NOTHING).tolist() == [0, 10, 20, 30]


def test_a_circle_has_none() -> None:
    turn = np.arange(40) * (2 * np.pi / 40)
    circle = 10 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    assert find_corners(circle, np.radians(28), *NOTHING).tolist() == []


def test_directions_and_the_turn_between_them() -> None:
    assert direction(SQUARE, 2, 3) == (5.0, 0.0) and direction(SQUARE, 12, 3) == (0.0, 5.0)
    assert turned(5.0, 0.0, 0.0, 5.0) == np.pi / 2 == -turned(0.0, 5.0, 5.0, 0.0)
