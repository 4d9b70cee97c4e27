"""The level set of a field as chains."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.contour import level_set, resampled, sharpened, signed_area
from exporters.outlines.kernel import norm

SQUARE = np.array([(0, 0), (0, 4), (4, 4), (4, 0)], float)


def test_an_area_is_positive_clockwise() -> None:
    assert signed_area(SQUARE) == 16 == -signed_area(SQUARE[::-1])


def test_samples_are_even() -> None:
    even = resampled(SQUARE, 1.0, 4)
    assert len(even) == 16 and even[:5].tolist() == [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4]]
    assert len(resampled(SQUARE, 100.0, 8)) == 8
    assert norm(np.array([3.0, 4.0])) == 5


def test_the_edge_of_a_ramp_lies_where_it_is_zero() -> None:
    columns = np.tile(np.arange(16, dtype=np.float32) - 7.25, (16, 1))
    [chain] = level_set(columns, 0.0)
    assert chain[:, 0].min() == pytest.approx(7.75)     # the middle of pixel 7 is 7.5
    assert (sharpened(columns)[4:12, 4:12] == pytest.approx(columns[4:12, 4:12]))
