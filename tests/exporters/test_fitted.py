"""What a chain of edge points becomes: corners found, curves held against it, joints moved."""

from __future__ import annotations

import numpy as np

from exporters.outlines.spline import CORNER, CURVED, JOINT
from exporters.strokes.chain import cleaned
from exporters.strokes.ease import eased
from exporters.strokes.fit import fitted
from exporters.strokes.miss import missed

SQUARE = np.array([(0, 0), (100, 0), (100, 100), (0, 100)], float)
UNKNOWN = np.zeros(4, np.bool_)


def test_a_square_has_four_corners_and_points_on_its_sides() -> None:
    points, ways, corner = cleaned(SQUARE, np.zeros((4, 2)), UNKNOWN, 1.0)
    assert np.flatnonzero(corner).tolist() == [0, 3, 6, 9] and len(points) == 12
    np.testing.assert_array_equal(points[corner], SQUARE)
    np.testing.assert_allclose(points[1], (100 / 3, 0))
    np.testing.assert_array_equal(ways[1], (1, 0))


def test_two_corners_a_little_apart_are_one_halfway() -> None:
    cut = np.array([(0, 0), (98, 0), (100, 2), (100, 100), (0, 100)], float)
    points, _, corner = cleaned(cut, np.zeros((5, 2)), np.zeros(5, np.bool_), 4.0)
    assert [99, 1] in points[corner].tolist() and int(corner.sum()) == 4


def test_a_point_beside_a_curve_counts_by_the_length_that_it_stands_for() -> None:
    place, weigh = np.array([(0, 0), (5, 1), (10, 0)], float), np.array([0.0, 3.0, 0.0])
    assert missed(place, weigh, 0, 2, 0, 0, 5, 0, 10, 0) == (1, 3)
    assert missed(place, weigh, 0, 2, 0, 0, 5, 2, 10, 0) == (0, 0)      # the curve through it
    assert missed(place, weigh, 0, 2, 0, 0, -1, 0, 10, 0) == (1e9, 1e9)     # behind its start


def test_straight_sides_are_lines_between_corners() -> None:
    points, kinds = fitted(*cleaned(SQUARE, np.zeros((4, 2)), UNKNOWN, 1.0), 1.0, 0.1, 10.0)
    assert kinds.tolist() == [CORNER] * 4
    np.testing.assert_array_equal(points, SQUARE)


def test_a_joint_goes_halfway_between_its_controls_where_it_costs_nothing() -> None:
    x = np.linspace(0, 40, 41)
    place, weigh = np.stack([x, x * (40 - x) / 40], 1), np.ones(41)
    out = np.array([(10, 10), (18, 10), (30, 10), (40, 0)], float)
    eased(place, weigh, out, np.array([CURVED, JOINT, CURVED, JOINT]), np.array([-1, 20, -1, 40]),
          1.0)
    np.testing.assert_allclose(out, [(10, 10), (20, 10), (30, 10), (40, 0)])
