"""How a span of even samples runs where it may break."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.joints import angle, joint, local, stations, straight

LINE = np.array([(x, 0.0) for x in range(12)])
BENT = np.array([(x, 0.0) for x in range(8)] + [(7.0, y) for y in range(1, 8)])     # at sample 7
PARABOLA = np.array([(x, x * x) for x in range(-5, 6)], float)


def test_a_line_is_straight_and_runs_through_its_point() -> None:
    is_straight, place, way = straight(LINE, 3, 1, 6)
    assert is_straight and place.tolist() == [3, 0] and way.tolist() == [1, 0]
    assert not straight(BENT, 4, 1, 6)[0]


def test_a_joint_at_the_end_of_a_straight_side_runs_as_the_side_does() -> None:
    curve = np.concatenate([LINE, [(12 + np.sin(t), 1 - np.cos(t)) for t in (0.5, 1.0, 1.5)]])
    place, way = joint(curve, 11, 3)
    assert place == pytest.approx([11, 0]) and way == pytest.approx([1, 0])


def test_a_parabola_is_fitted_as_it_is() -> None:
    place, way = local(PARABOLA, 5, 3)
    assert place.tolist() == [0, 0] and way.tolist() == [1, 0]
    assert angle(np.array([1.0, 0.0]), np.array([0.0, -2.0])) == np.pi / 2


def test_a_line_may_break_in_its_middle_alone() -> None:
    assert stations(LINE).tolist() == [0, 5, 11]
