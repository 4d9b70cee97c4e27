"""The order in which strokes that were split off a drawing are written."""

from __future__ import annotations

import numpy as np

from training.strokes.order import in_order


def stroke(x: float, y: float, u: float, v: float) -> np.ndarray:
    return np.linspace((x, y), (u, v), 16).astype(np.float32)


def test_what_stands_left_comes_first_then_what_stands_above() -> None:
    left, high, low = stroke(10, 60, 30, 60), stroke(70, 50, 110, 50), stroke(70, 70, 110, 70)
    assert np.array_equal(in_order(np.stack([low, high, left])), np.stack([left, high, low]))


def test_a_bar_comes_before_the_upright_that_crosses_it() -> None:
    bar, upright = stroke(20, 50, 108, 50), stroke(64, 20, 64, 108)
    assert np.array_equal(in_order(np.stack([upright, bar])), np.stack([bar, upright]))
