"""Medians of stroke-order data: in place, without the brush's hooks, knots on corners."""

from __future__ import annotations

import numpy as np
import pytest

from training.strokes.medians import on_canvas, sixteen, straightened


def test_the_grid_lies_on_the_em_square() -> None:
    corners = on_canvas(np.array([(0, 900), (1024, -124)]))
    np.testing.assert_allclose(corners, [(8, 8), (120, 120)])


def test_a_little_hook_at_the_start_is_no_part_of_the_stroke() -> None:
    hooked = np.array([(30.0, 36), (36, 40), (60, 40), (100, 40)])
    line = straightened(hooked)
    assert line[-1].tolist() == [100, 40] and np.ptp(line[:, 1]) == pytest.approx(0)
    assert 28 < line[0, 0] < 32           # four fifths of the hook's length straight on
    plain = np.array([(30.0, 40), (100, 40)])
    assert np.array_equal(straightened(plain), plain)


def test_a_knot_lies_on_the_corner() -> None:
    points = sixteen(np.array([(20.0, 20), (80, 20), (80, 90)]))
    assert points.shape == (16, 2) and (np.abs(points - (80, 20)).sum(1) < 1e-9).sum() == 1
    np.testing.assert_allclose(points[[0, -1]], [(20, 20), (80, 90)])
