"""The synthetic pen: paths at even steps, smoothed, inked."""

from __future__ import annotations

import numpy as np
import pytest

from training.hands.pen import ink, resample, smooth


def test_paths_get_points_at_even_steps_and_keep_their_ends() -> None:
    points = np.array([(0, 0), (1, 0), (5, 5), (5, 5.5)], float)
    marks = np.array([[0, 0, 0, 1, 7, 0], [1, 0, 1, 1, 7, 0], [0, 0, 0, 1, 3, 1],
                      [0.5, 0, 1, 1, 3, 1]], float)
    out, labels, starts = resample(points, marks, np.array([0, 2, 4]), 0.25)
    assert starts.tolist() == [0, 5, 8]
    assert out[:5, 0].tolist() == [0, 0.25, 0.5, 0.75, 1] and out[5:, 1].tolist() == [5, 5.25, 5.5]
    assert labels[:5, 2].tolist() == [0, 0.25, 0.5, 0.75, 1] and set(labels[:5, 4]) == {7}


def test_smoothing_leaves_straight_paths_and_ends() -> None:
    line = np.linspace((0, 0), (10, 5), 41)
    np.testing.assert_allclose(smooth(line, np.array([0, 41]), 3.0), line)
    bent = line.copy()
    bent[20, 1] += 1
    after = smooth(bent, np.array([0, 41]), 3.0)
    assert np.array_equal(after[[0, -1]], bent[[0, -1]]) and after[20, 1] < bent[20, 1] - 0.5
    assert np.array_equal(smooth(bent, np.array([0, 41]), 0.2), bent)


@pytest.mark.parametrize("square, area", [(0.0, 20 * 60 + 100 * np.pi),
                                          (1.0, 20 * 60 + 2 * 20 * 6.5)])
def test_a_stroke_covers_its_length_and_its_ends(square: float, area: float) -> None:
    """60 pixels long, 20 thick; round ends are a disc, square ones reach 0.65 radii further."""
    cover = ink(np.array([(34.0, 64), (94, 64)]), np.full(2, 10.0), np.array([0, 2]), 128,
                square=square)
    assert cover.sum() == pytest.approx(area, rel=0.02)
    assert cover[64, 64] == 1 and cover[50, 64] == 0
